//! How many had come by each hour of a day, beside what is usual. Drawn from figures, without a script.

use maud::{Markup, html};

use super::money::grouped;

/// A day, as it is drawn.
pub struct Day<'a> {
    /// What had come by each full hour, from 0 at the beginning of the day; the last is what has come by now.
    pub today: &'a [u64],
    /// Thousandths of an hour since the day began: where the last of `today` stands.
    pub now: u64,
    /// Lowest, middle and highest of usual days by each full hour.
    pub usual: Option<[&'a [u64]; 3]>,
    /// What each full hour is called, the end of the day too.
    pub hours: &'a [String],
    /// All of it in a sentence, for whoever cannot see it.
    pub label: &'a str,
}

const LEFT: u64 = 68;
const RIGHT: u64 = 664;
const BOTTOM: u64 = 176;
const TOP: u64 = 16;
/// Lines above the lowest.
const LINES: u64 = 4;
/// Hours between two names.
const NAMED_EVERY: usize = 3;

/// The first of 4, 8, 20, 40, 80, 200, … that nothing is above: its quarters are whole.
fn ceiling(most: u64) -> u64 {
    let mut tens = 1_u64;
    loop {
        for times in [1, 2, 5] {
            let ceiling = LINES.saturating_mul(times).saturating_mul(tens);
            if ceiling >= most || ceiling == u64::MAX {
                return ceiling;
            }
        }
        tens = tens.saturating_mul(10);
    }
}

/// Where a figure and an hour stand in the picture.
struct Scale {
    hours: u64,
    ceiling: u64,
}

impl Scale {
    fn x(&self, thousandths: u64) -> u64 {
        LEFT + (RIGHT - LEFT) * thousandths.min(self.hours * 1_000) / (self.hours * 1_000)
    }

    fn y(&self, figure: u64) -> u64 {
        let height = u128::from(BOTTOM - TOP) * u128::from(figure.min(self.ceiling)) / u128::from(self.ceiling);
        BOTTOM - u64::try_from(height).unwrap_or(0)
    }

    /// A line through what stood at each full hour.
    fn line(&self, figures: &[u64], last: Option<u64>) -> String {
        let end = figures.len().saturating_sub(1);
        let mut path = String::new();
        for (hour, figure) in figures.iter().enumerate() {
            let at = last.filter(|_| hour == end).unwrap_or(hour as u64 * 1_000);
            path += &format!("{}{} {}", if hour == 0 { "M" } else { " L" }, self.x(at), self.y(*figure));
        }
        path
    }

    fn band(&self, low: &[u64], high: &[u64]) -> String {
        let point = |(hour, figure): (usize, &u64)| format!("{},{}", self.x(hour as u64 * 1_000), self.y(*figure));
        let back = low.iter().enumerate().rev().map(point);
        let points: Vec<String> = high.iter().enumerate().map(point).chain(back).collect();
        points.join(" ")
    }
}

/// The picture of a day.
pub fn through(day: &Day<'_>) -> Markup {
    let so_far = day.today.last().copied().unwrap_or_default();
    let usually = day.usual.and_then(|[_, _, high]| high.last().copied());
    let scale = Scale {
        hours: (day.hours.len() as u64).saturating_sub(1).max(1),
        ceiling: ceiling(so_far.max(usually.unwrap_or_default())),
    };
    let (x, y) = (scale.x(day.now), scale.y(so_far));
    // Late in the day the figure has its place before the point.
    let late = x > RIGHT - 64;
    html! {
        figure.chart {
            svg viewBox="0 0 680 208" role="img" aria-label=(day.label) {
                @for line in 0..=LINES {
                    @let figure = scale.ceiling / LINES * line;
                    path.axis d={ "M" (LEFT) " " (scale.y(figure)) "H" (RIGHT) } {}
                    text.q.half[line % 2 == 1] x=(LEFT - 8) y=(scale.y(figure) + 4) text-anchor="end" { (grouped(&figure.to_string())) }
                }
                @for (hour, name) in day.hours.iter().enumerate().step_by(NAMED_EVERY) {
                    text.q.half[hour % (2 * NAMED_EVERY) != 0] x=(scale.x(hour as u64 * 1_000)) y=(BOTTOM + 22) text-anchor="middle" { (name) }
                }
                @if let Some([low, middle, high]) = day.usual {
                    polygon.usual points=(scale.band(low, high)) {}
                    path.mid d=(scale.line(middle, None)) {}
                }
                path.today d=(scale.line(day.today, Some(day.now))) {}
                circle.now cx=(x) cy=(y) r="5" {}
                text x=(if late { x - 12 } else { x + 12 }) y=(y.max(TOP + 12) - 4) text-anchor=[late.then_some("end")] font-weight="600" {
                    (grouped(&so_far.to_string()))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_line_is_a_round_number_that_nothing_is_above() {
        for (most, line) in [
            (0, 4),
            (4, 4),
            (5, 8),
            (9, 20),
            (21, 40),
            (1_284, 2_000),
            (2_001, 4_000),
            (u64::MAX, u64::MAX),
        ] {
            assert_eq!(ceiling(most), line, "{most}");
        }
    }

    #[test]
    fn a_day_is_drawn_up_to_now() {
        let scale = Scale { hours: 24, ceiling: 8 };
        assert_eq!(scale.line(&[0, 4, 8], Some(1_500)), "M68 176 L92 96 L105 16");
        assert_eq!(scale.band(&[0, 1], &[0, 2]), "68,176 92,136 92,156 68,176");
        let hours: Vec<String> = (0..=24).map(|hour| format!("{hour:02}:00")).collect();
        let shown = through(&Day {
            today: &[0],
            now: 0,
            usual: None,
            hours: &hours,
            label: "nothing yet",
        })
        .into_string();
        assert!(shown.contains("21:00") && !shown.contains("polygon"), "{shown}");
    }
}
