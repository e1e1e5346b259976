//! Instants, civil dates and zones. The one place that knows the calendar library.
//!
//! An instant is a number of microseconds since 1970 in UTC and is what is stored, compared and passed about as `now`. A
//! date is what a ledger posts under, and only a zone turns one into the other: an order placed at 23:30 UTC on 31 March
//! belongs to April in London. Lengths of time are [`std::time::Duration`].
//!
//! Zone rules come from the data compiled into the program, never from the machine, so that two machines and a replay next
//! year agree.
//!
//! Not here: what time it is. `now` is always an argument.

use crate::quantity::decimal::shown;
use jiff::civil;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;
use std::time::Duration;

/// An instant: microseconds since 1970-01-01 in UTC, within the years 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text is not the time or zone it was read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not an instant with its offset.
    #[error("`{text}` is not an instant: it is written such as 2026-11-22T09:30:00Z")]
    Instant { text: String },
    /// Not a local time without an offset.
    #[error("`{text}` is not a local time: it is written such as 2026-11-22T09:30:00, without an offset")]
    Naive { text: String },
    /// Not a civil date.
    #[error("`{text}` is not a date: it is written such as 2026-11-22")]
    Date { text: String },
    /// A zone that is not in the data.
    #[error("`{name}` is not a known time zone: it is written such as Europe/London")]
    Zone { name: String },
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const ZERO: Timestamp = Timestamp(0);

    /// The latest instant that has a date in every zone.
    pub const MAX: Timestamp = Timestamp(253_402_207_200_000_000);

    /// The earliest instant that has a date of four digits in every zone.
    pub const MIN: Timestamp = Timestamp(-62_167_046_400_000_000);

    /// The instant so many microseconds after 1970; beyond the range it is the end of the range.
    pub const fn from_micros(micros: i64) -> Timestamp {
        if micros > Timestamp::MAX.0 {
            return Timestamp::MAX;
        }
        if micros < Timestamp::MIN.0 {
            return Timestamp::MIN;
        }
        Timestamp(micros)
    }

    /// Microseconds since 1970, as they are stored.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// So much later, in whole microseconds, at most [`Timestamp::MAX`].
    pub fn plus(self, duration: Duration) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_add(micros_of(duration)))
    }

    /// So much earlier, in whole microseconds, at least [`Timestamp::MIN`].
    pub fn minus(self, duration: Duration) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_sub(micros_of(duration)))
    }

    /// The time passed since an earlier instant; zero when it is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        // Both ends of the range are well inside i64, so the difference fits.
        Duration::from_micros(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// The instant in UTC, such as `2026-11-22T09:30:00.25Z`.
    pub fn to_rfc3339(self) -> String {
        self.to_string()
    }

    /// Reads an instant with its offset. What is finer than a microsecond is dropped, towards the past.
    pub fn parse_rfc3339(text: &str) -> Result<Timestamp, TimeError> {
        let unreadable = || TimeError::Instant { text: shown(text) };
        // The library alone would also read zones in brackets, missing seconds and week dates.
        let (local, offset) = match text.find(['Z', 'z', '+']).or_else(|| text.rfind('-')) {
            Some(place) => text.split_at(place),
            None => return Err(unreadable()),
        };
        let shaped_offset = matches!(offset, "Z" | "z") || has_shape(&offset.as_bytes()[1..], b"00:00");
        if !is_local(local, b"Tt ") || !shaped_offset {
            return Err(unreadable());
        }
        text.parse().ok().and_then(Timestamp::from_jiff).ok_or_else(unreadable)
    }

    /// Reads a local time without an offset, `2026-11-22T09:30:00` with up to nine decimals, as a time in the zone.
    ///
    /// When the clocks go forward, a time that never was is moved forward by what was skipped (01:30 becomes 02:30). When
    /// they go back, a time that was twice is the first of the two: the earlier reading makes us ask again from a little
    /// too far back, which is harmless, where the later one would leave an hour out.
    pub fn parse_naive(text: &str, zone: &Zone) -> Result<Timestamp, TimeError> {
        let unreadable = || TimeError::Naive { text: shown(text) };
        if !is_local(text, b"T") {
            return Err(unreadable());
        }
        let local: civil::DateTime = text.parse().map_err(|_| unreadable())?;
        instant_of(local, zone).ok_or_else(unreadable)
    }

    /// The date on the calendar of the zone at this instant.
    pub fn date_in(self, zone: &Zone) -> Date {
        Date(zone.tz.to_datetime(self.to_jiff()).date())
    }

    /// The local time of the zone at this instant, to the second, for people: `2026-11-22 09:30:00`.
    pub fn local_in(self, zone: &Zone) -> String {
        let at = zone.tz.to_datetime(self.to_jiff());
        format!("{} {:02}:{:02}:{:02}", at.date(), at.hour(), at.minute(), at.second())
    }

    /// None before [`Timestamp::MIN`]. Floors: a nanosecond before the epoch is in the microsecond before it.
    fn from_jiff(instant: jiff::Timestamp) -> Option<Timestamp> {
        let micros = i64::try_from(instant.as_nanosecond().div_euclid(1_000)).ok()?;
        let timestamp = Timestamp::from_micros(micros);
        (timestamp.0 == micros).then_some(timestamp)
    }

    fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).expect("every Timestamp is within the library's range")
    }
}

/// The instant of a local time, by the rule of [`Timestamp::parse_naive`]; none outside the range.
fn instant_of(local: civil::DateTime, zone: &Zone) -> Option<Timestamp> {
    zone.tz
        .to_ambiguous_timestamp(local)
        .compatible()
        .ok()
        .and_then(Timestamp::from_jiff)
}

/// Whether the text is `YYYY-MM-DDTHH:MM:SS[.f]` with one to nine decimals, and one of `separators` for the `T`.
fn is_local(text: &str, separators: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let Some((date, [separator, time @ ..])) = bytes.split_at_checked(10) else {
        return false;
    };
    let Some((time, fraction)) = time.split_at_checked(8) else {
        return false;
    };
    let decimals = match fraction {
        [] => true,
        [b'.', decimals @ ..] => (1..=9).contains(&decimals.len()) && decimals.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    has_shape(date, b"0000-00-00") && separators.contains(separator) && has_shape(time, b"00:00:00") && decimals
}

/// Whether the text has a digit for every `0` of the shape and otherwise its characters.
fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    let fits = |(byte, wanted): (&u8, &u8)| {
        if *wanted == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == wanted
        }
    };
    text.len() == shape.len() && text.iter().zip(shape).all(fits)
}

/// In whole microseconds; more than 292,000 years are as many as fit.
pub(crate) fn micros_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_jiff(), f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_micros)
    }
}

/// A civil date of the years 0 to 9999, without a zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// The date of this year, month (1 to 12) and day, if the calendar has it.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Date> {
        civil::Date::new(year, month, day)
            .ok()
            .filter(|date| date.year() >= 0)
            .map(Date)
    }

    /// Reads `YYYY-MM-DD` and nothing else.
    pub fn parse(text: &str) -> Result<Date, TimeError> {
        let unreadable = || TimeError::Date { text: shown(text) };
        if !has_shape(text.as_bytes(), b"0000-00-00") {
            return Err(unreadable());
        }
        text.parse().map(Date).map_err(|_| unreadable())
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// The day of the week, 1 for Monday to 7 for Sunday.
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }

    /// As it is said to somebody, without the year: `7 November`.
    pub fn in_words(self) -> String {
        self.0.strftime("%-d %B").to_string()
    }

    /// So many days later, or earlier when negative; at the ends of the calendar, the end.
    pub fn plus_days(self, days: i32) -> Date {
        let moved = self.0.saturating_add(jiff::SignedDuration::from_hours(24 * i64::from(days)));
        Date(moved.max(civil::Date::constant(0, 1, 1)))
    }

    /// The days from an earlier date to this one; negative when that is later.
    pub fn days_since(self, earlier: Date) -> i32 {
        let days = self.0.duration_since(earlier.0).as_hours() / 24;
        i32::try_from(days).expect("the calendar has under four million days")
    }

    /// The first instant of the date in UTC.
    pub fn at_midnight_utc(self) -> Timestamp {
        self.at(0, 0, &Zone::utc())
    }

    /// The first instant of the date in the zone, which is not midnight where the clocks go forward at midnight.
    pub fn starts_in(self, zone: &Zone) -> Timestamp {
        self.at(0, 0, zone)
    }

    /// The instant of a time of day in the zone, with skipped and repeated times read as [`Timestamp::parse_naive`] does.
    /// Hours over 23 are 23 and minutes over 59 are 59.
    pub fn at(self, hour: u8, minute: u8, zone: &Zone) -> Timestamp {
        let time = |value: u8, max: u8| i8::try_from(value.min(max)).expect("below sixty");
        let local = self.0.at(time(hour, 23), time(minute, 59), 0, 0);
        // Only the first and the last days of the calendar reach beyond the range of instants.
        let end = if self.0.year() == 0 { Timestamp::MIN } else { Timestamp::MAX };
        instant_of(local, zone).unwrap_or(end)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::str::FromStr for Date {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Date::parse(text)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Date::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A named zone, with the rules of the data compiled in. Two zones are equal when their names are.
#[derive(Clone)]
pub struct Zone {
    name: String,
    tz: TimeZone,
}

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

impl Zone {
    /// UTC.
    pub fn utc() -> Zone {
        Zone {
            name: "UTC".to_owned(),
            tz: TimeZone::UTC,
        }
    }

    /// The zone of this IANA name, such as `Europe/London`, in either case.
    pub fn named(name: &str) -> Result<Zone, TimeError> {
        let tz = ZONES.get(name).map_err(|_| TimeError::Zone { name: shown(name) })?;
        let name = tz.iana_name().unwrap_or(name).to_owned();
        Ok(Zone { name, tz })
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Zone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Zone::named(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
