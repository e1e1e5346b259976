//! Instants as people read them: the time of day if it is today, else the day; the whole instant behind it.

use maud::{Markup, html};
use tallyman_core::time::{Date, Timestamp, Zone};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Now, at a company.
#[derive(Clone)]
pub struct Local {
    pub now: Timestamp,
    pub zone: Zone,
    /// A page of records has a hundred instants, and each is told by whether it is of today.
    today: Date,
}

impl Local {
    pub fn new(now: Timestamp, zone: Zone) -> Self {
        let today = now.date_in(&zone);
        Self { now, zone, today }
    }

    /// `14:02`, or `26 Oct 14:02`.
    pub fn at(&self, at: Timestamp) -> Markup {
        self.written(at, 5)
    }

    /// The same to the second.
    pub fn exactly(&self, at: Timestamp) -> Markup {
        self.written(at, 8)
    }

    fn written(&self, at: Timestamp, chars: usize) -> Markup {
        let whole = at.local_in(&self.zone);
        // `2026-11-02 09:30:00`
        let clock = whole.get(11..).and_then(|clock| clock.get(..chars)).unwrap_or(&whole);
        let (day, today) = (at.date_in(&self.zone), self.today);
        html! {
            time datetime=(at.to_rfc3339()) title={ (whole) " (" (self.zone.name()) ")" } {
                @if day != today { (self.day(day)) " " }
                (clock)
            }
        }
    }

    /// How long ago: `2 h 11 min`.
    pub fn age(&self, at: Timestamp) -> Markup {
        html! { time datetime=(at.to_rfc3339()) title=(at.local_in(&self.zone)) data-age { (lasting(self.now.since(at).as_secs())) } }
    }

    /// How long until then, or that it is over: `in 28 min`, `2 h ago`.
    pub fn until(&self, at: Timestamp) -> String {
        if at > self.now {
            format!("in {}", lasting(at.since(self.now).as_secs()))
        } else {
            format!("{} ago", lasting(self.now.since(at).as_secs()))
        }
    }

    /// When work that comes round is next: what is due and waits for its turn has not been done.
    pub fn next(&self, at: Timestamp) -> String {
        if at > self.now {
            return self.until(at);
        }
        match self.now.since(at).as_secs() {
            0 => "due now".to_owned(),
            late => format!("due now, {} late", lasting(late)),
        }
    }

    /// A day: `6 Nov`, or `6 Nov 2027` of another year.
    pub fn day(&self, day: Date) -> String {
        if day.year() == self.today.year() {
            format!("{} {}", day.day(), month(day))
        } else {
            whole_day(day)
        }
    }

    /// A sentence with its instants as they are there: whoever wrote it knew of no company's clock.
    pub fn told(&self, sentence: &str) -> Markup {
        html! {
            @for (index, word) in sentence.split(' ').enumerate() {
                @let bare = word.trim_end_matches(['.', ',', ';', ')']);
                @if index > 0 { " " }
                @match Timestamp::parse_rfc3339(bare) {
                    Ok(at) => { (self.at(at)) (word.strip_prefix(bare).unwrap_or_default()) },
                    Err(_) => (word),
                }
            }
        }
    }

    /// As a field for an instant takes it, in the company's zone: `2026-11-02T09:30`.
    pub fn for_field(&self, at: Timestamp) -> String {
        let mut text = at.local_in(&self.zone).replacen(' ', "T", 1);
        text.truncate(16);
        text
    }

    /// What somebody has put into such a field, if it is an instant.
    pub fn of_field(&self, given: &str) -> Option<Timestamp> {
        // A browser leaves the seconds out where there are none.
        let seconds = if given.len() == 16 { ":00" } else { "" };
        Timestamp::parse_naive(&format!("{given}{seconds}"), &self.zone).ok()
    }
}

fn month(day: Date) -> &'static str {
    let month = MONTHS.get((day.month() - 1).unsigned_abs() as usize);
    month.copied().unwrap_or_default()
}

/// A day with its year, for lists that reach into the next one: `25 Dec 2026`.
pub fn whole_day(day: Date) -> String {
    format!("{} {} {}", day.day(), month(day), day.year())
}

/// A length of time in its two largest units.
pub fn lasting(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / DAY, seconds % DAY / HOUR, seconds % HOUR / MINUTE);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, 0) => format!("{hours} h"),
        (0, ..) => format!("{hours} h {minutes} min"),
        (1, ..) => "1 day".into(),
        (..) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_in_its_largest_units() {
        for (seconds, told) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_600, "1 h"),
            (7_860, "2 h 11 min"),
            (86_400, "1 day"),
            (200_000, "2 days"),
        ] {
            assert_eq!(lasting(seconds), told);
        }
    }

    #[test]
    fn today_is_a_time_of_day_and_another_day_is_named() {
        let zone = Zone::named("Europe/London").unwrap();
        let instant = |text| Timestamp::parse_rfc3339(text).unwrap();
        let local = Local::new(instant("2026-07-01T12:00:00Z"), zone);
        let shown = |text| local.at(instant(text)).into_string();
        assert!(shown("2026-07-01T09:30:59Z").contains(">10:30<"));
        assert!(shown("2026-06-30T09:30:00Z").contains(">30 Jun 10:30<"));
        assert!(shown("2025-12-24T09:30:00Z").contains(">24 Dec 2025 09:30<"));
        let told = local
            .told("sage-1 is stopped until 2026-07-02T08:41:34.669204Z.")
            .into_string();
        assert!(
            told.starts_with("sage-1 is stopped until <time") && told.ends_with(">2 Jul 09:41</time>."),
            "{told}"
        );
        assert_eq!(local.until(instant("2026-07-01T12:28:00Z")), "in 28 min");
        assert_eq!(local.until(instant("2026-07-01T11:59:47Z")), "13 s ago");
        assert_eq!(local.next(instant("2026-07-01T11:59:47Z")), "due now, 13 s late");
        assert_eq!(local.next(instant("2026-07-01T12:00:00Z")), "due now");
        assert_eq!(local.next(instant("2026-07-01T12:00:20Z")), "in 20 s");
        let day = |text| Date::parse(text).unwrap();
        assert_eq!(local.day(day("2026-11-06")), "6 Nov");
        assert_eq!(local.day(day("2027-01-01")), "1 Jan 2027");
        assert_eq!(whole_day(day("2026-12-25")), "25 Dec 2026");
        assert_eq!(local.for_field(instant("2026-07-01T09:30:59Z")), "2026-07-01T10:30");
    }
}
