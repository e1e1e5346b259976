//! The figures of a bench, and the table that people read.

use serde::Serialize;

use crate::say;

/// A figure, what it should be, and whether it is.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub key: &'static str,
    pub value: f64,
    /// What it says, for people.
    pub means: &'static str,
    #[serde(skip)]
    pub mark: Option<Mark>,
}

#[derive(Debug, Clone, Copy)]
pub enum Mark {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    pub fn new(key: &'static str, value: f64, means: &'static str) -> Self {
        Self {
            key,
            value,
            means,
            mark: None,
        }
    }

    pub fn at_least(self, mark: f64) -> Self {
        Self {
            mark: Some(Mark::AtLeast(mark)),
            ..self
        }
    }

    pub fn at_most(self, mark: f64) -> Self {
        Self {
            mark: Some(Mark::AtMost(mark)),
            ..self
        }
    }

    /// Whether the mark is met; `None` without one.
    pub fn met(&self) -> Option<bool> {
        Some(match self.mark? {
            Mark::AtLeast(mark) => self.value >= mark,
            Mark::AtMost(mark) => self.value <= mark,
        })
    }
}

impl Mark {
    fn text(self) -> String {
        match self {
            Mark::AtLeast(mark) => format!(">= {mark}"),
            Mark::AtMost(mark) => format!("<= {mark}"),
        }
    }
}

/// The marks that are missed, as sentences.
pub fn missed(figures: &[Figure]) -> Vec<String> {
    let sentence = |figure: &Figure| {
        let mark = figure.mark.filter(|_| figure.met() == Some(false))?;
        Some(format!("{} is {}, its mark {}", figure.key, short(figure.value), mark.text()))
    };
    figures.iter().filter_map(sentence).collect()
}

/// Prints the table.
pub fn print(figures: &[Figure]) {
    say!("{:<20} {:>12} {:>12}  {:<7} what it is", "figure", "value", "mark", "met");
    for figure in figures {
        let mark = figure.mark.map(Mark::text).unwrap_or_default();
        let met = match figure.met() {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        say!(
            "{:<20} {:>12} {mark:>12}  {met:<7} {}",
            figure.key,
            short(figure.value),
            figure.means
        );
    }
}

/// Three significant figures or more, never an exponent.
fn short(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.4}")
    }
}

/// The figures as one JSON object, by key.
pub fn json(figures: &[Figure]) -> serde_json::Value {
    figures
        .iter()
        .map(|figure| (figure.key.to_owned(), serde_json::json!(figure.value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_mark_is_said_and_a_met_one_is_not() {
        let figures = [
            Figure::new("slow", 0.25, "").at_least(0.5),
            Figure::new("even", 9.0, "").at_most(9.0),
            Figure::new("fat", 68.0, "").at_most(64.0),
            Figure::new("told", 1.0, ""),
            Figure::new("nothing", f64::NAN, "").at_most(1.0),
        ];
        assert_eq!(
            missed(&figures),
            [
                "slow is 0.2500, its mark >= 0.5",
                "fat is 68.00, its mark <= 64",
                "nothing is NaN, its mark <= 1"
            ]
        );
    }
}
