//! Working calendars: which hours a team works, and what "eight working hours after this" means.
//!
//! Pure arithmetic on instants, days and a zone. A working day begins and ends by the clock on the wall, so that the day on which the
//! clocks change is as long as it is for the people in it. Bank holidays are dated data ([`Holidays`]); years they do not have count as
//! having none, and `tallyman check` says so before they begin.
//!
//! Not here: which team has which calendar (the configuration), and what is due by it (the catalogue).

mod holidays;
mod words;

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{Date, Timestamp, Zone};

pub use holidays::Holidays;

/// More days are never looked through: a calendar that has no working day in ten years has none.
const DAYS_MAX: u32 = 3_660;

/// How long before the end of the holidays' data somebody should know.
const ENDS_SOON_DAYS: i32 = 183;

/// A time of day on the clock on the wall, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimeOfDay {
    hour: u8,
    minute: u8,
}

impl TimeOfDay {
    /// The time, if a clock shows it; 24:00 is not a time of this day.
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour < 24 && minute < 60 {
            Some(Self { hour, minute })
        } else {
            None
        }
    }

    /// Reads `HH:MM`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let digits = |text: &str| (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok());
        Self::new(digits(hour)??, digits(minute)??)
    }

    /// The instant at which the clock on the wall shows it on this day.
    pub fn on(self, date: Date, zone: &Zone) -> Timestamp {
        date.at(self.hour, self.minute, zone)
    }

    /// The next instant after this one at which the clock shows it.
    pub fn next_after(self, now: Timestamp, zone: &Zone) -> Timestamp {
        let today = now.date_in(zone);
        // Where the clocks go back over midnight, today's may lie after tomorrow's beginning; two days are always enough.
        (0..3)
            .map(|days| self.on(today.plus_days(days), zone))
            .find(|at| *at > now)
            .unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// The hours of a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub zone: Zone,
    /// Days of the week, 1 for Monday to 7 for Sunday.
    pub days: BTreeSet<i8>,
    pub opens: TimeOfDay,
    pub closes: TimeOfDay,
    pub holidays: Holidays,
    /// Days of this merchant's own on which nobody works, such as a stocktake.
    pub closed: BTreeSet<Date>,
}

impl Calendar {
    /// Monday to Friday, nine to half past five in London, without the bank holidays of England and Wales.
    pub fn usual() -> Self {
        let at = |hour, minute| TimeOfDay { hour, minute };
        Self {
            zone: Zone::named("Europe/London").unwrap_or_else(|_| Zone::utc()),
            days: (1..=5).collect(),
            opens: at(9, 0),
            closes: at(17, 30),
            holidays: Holidays::EnglandAndWales,
            closed: BTreeSet::new(),
        }
    }

    /// Whether anybody works on this day.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.days.contains(&date.weekday()) && !self.holidays.has(date) && !self.closed.contains(&date)
    }

    /// From when to when is worked on this day; none where it is not, or where it would end before it begins.
    fn hours_on(&self, date: Date) -> Option<(Timestamp, Timestamp)> {
        if !self.is_working_day(date) {
            return None;
        }
        let (opens, closes) = (self.opens.on(date, &self.zone), self.closes.on(date, &self.zone));
        (opens < closes).then_some((opens, closes))
    }

    /// The working days from the one that this instant lies in.
    fn hours_from(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let first = from.date_in(&self.zone);
        let day = move |days: u32| i32::try_from(days).ok().and_then(|days| self.hours_on(first.plus_days(days)));
        (0..DAYS_MAX).filter_map(day)
    }

    /// Whether somebody is at work.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.hours_on(now.date_in(&self.zone))
            .is_some_and(|(opens, closes)| opens <= now && now < closes)
    }

    /// This instant if somebody is at work, else the team's next morning. Never, where nobody ever works.
    pub fn next_open(&self, now: Timestamp) -> Timestamp {
        self.hours_from(now)
            .find(|(_, closes)| *closes > now)
            .map_or(Timestamp::MAX, |(opens, _)| opens.max(now))
    }

    /// The next beginning of a working day after this instant.
    pub fn next_morning(&self, now: Timestamp) -> Timestamp {
        self.hours_from(now)
            .map(|(opens, _)| opens)
            .find(|opens| *opens > now)
            .unwrap_or(Timestamp::MAX)
    }

    /// The instant by which so much time has been worked since `from`. What begins outside hours begins in the morning; what ends with the
    /// day ends then, and not with the next morning. Never, where nobody ever works.
    pub fn after(&self, from: Timestamp, working: Duration) -> Timestamp {
        let mut left = working;
        for (opens, closes) in self.hours_from(from) {
            let begins = opens.max(from);
            let day = closes.since(begins);
            if closes > begins && left <= day {
                return begins.plus(left);
            }
            left = left.saturating_sub(day);
        }
        Timestamp::MAX
    }

    /// How much time is worked between two instants.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Duration {
        self.hours_from(from)
            .take_while(|(opens, _)| *opens < to)
            .map(|(opens, closes)| closes.min(to).since(opens.max(from)))
            .sum()
    }

    /// What is wrong with the holidays' data at this instant, if something is.
    pub fn staleness(&self, now: Timestamp) -> Option<String> {
        let known_to = self.holidays.known_to()?;
        let left = known_to.days_since(now.date_in(&self.zone));
        if left < 0 {
            return Some(format!(
                "its bank holidays end with {known_to}: every weekday counts as worked. Update Tallyman, or list the days under `closed`"
            ));
        }
        (left < ENDS_SOON_DAYS).then(|| {
            format!(
                "its bank holidays are known to {known_to}, {left} days from now. Update Tallyman, or list those after it under `closed`"
            )
        })
    }
}

#[cfg(test)]
mod tests;
