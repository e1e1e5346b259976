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

/// An instant: microseconds since 1970-01-01 in UTC, between the years −9999 and 9999.
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

/// The longest text with an instant in it, with nine decimals and an offset, has 35 characters.
const TIME_CHARS_MAX: usize = 40;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const ZERO: Timestamp = Timestamp(0);

    /// The latest instant that has a date in every zone.
    pub const MAX: Timestamp = Timestamp(253_402_207_200_999_999);

    /// The earliest instant that has a date in every zone.
    pub const MIN: Timestamp = Timestamp(-377_705_023_201_000_000);

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
        // The library also reads zones in brackets and week dates, which nobody here sends on purpose.
        let plain =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b':' | b'.' | b'T' | b't' | b'Z' | b'z' | b' ');
        if text.len() > TIME_CHARS_MAX || !text.bytes().all(plain) {
            return Err(unreadable());
        }
        text.parse::<jiff::Timestamp>()
            .map(Timestamp::from_jiff)
            .map_err(|_| unreadable())
    }

    /// Reads a local time without an offset, `2026-11-22T09:30:00` with up to nine decimals, as a time in the zone.
    ///
    /// When the clocks go forward, a time that never was is moved forward by what was skipped (01:30 becomes 02:30). When
    /// they go back, a time that was twice is the first of the two: the earlier reading makes us ask again from a little
    /// too far back, which is harmless, where the later one would leave an hour out.
    pub fn parse_naive(text: &str, zone: &Zone) -> Result<Timestamp, TimeError> {
        let unreadable = || TimeError::Naive { text: shown(text) };
        if !is_naive(text) {
            return Err(unreadable());
        }
        let local: civil::DateTime = text.parse().map_err(|_| unreadable())?;
        zone.tz
            .to_ambiguous_timestamp(local)
            .compatible()
            .map(Timestamp::from_jiff)
            .map_err(|_| unreadable())
    }

    /// The date on the calendar of the zone at this instant.
    pub fn date_in(self, zone: &Zone) -> Date {
        Date(zone.tz.to_datetime(self.to_jiff()).date())
    }

    /// The local time of the zone at this instant, to the second, for people: `2026-11-22 09:30:00`.
    pub fn local_in(self, zone: &Zone) -> String {
        zone.tz.to_datetime(self.to_jiff()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    fn from_jiff(instant: jiff::Timestamp) -> Timestamp {
        // Floors: a nanosecond before the epoch is in the microsecond before it. The range is the library's own.
        Timestamp(i64::try_from(instant.as_nanosecond().div_euclid(1_000)).expect("the library's range fits in microseconds"))
    }

    fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).expect("every Timestamp is within the library's range")
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.f]`, with one to nine decimals.
fn is_naive(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let Some((head, fraction)) = bytes.split_at_checked(SHAPE.len()) else {
        return false;
    };
    let shaped = head.iter().zip(SHAPE).all(|(byte, wanted)| {
        if *wanted == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == wanted
        }
    });
    let decimals = match fraction {
        [] => true,
        [b'.', decimals @ ..] => (1..=9).contains(&decimals.len()) && decimals.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    shaped && decimals
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

/// A civil date, without a zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// The date of this year, month (1 to 12) and day, if the calendar has it.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Date> {
        civil::Date::new(year, month, day).ok().map(Date)
    }

    /// Reads `YYYY-MM-DD` and nothing else.
    pub fn parse(text: &str) -> Result<Date, TimeError> {
        let unreadable = || TimeError::Date { text: shown(text) };
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(i, byte)| {
                if i == 4 || i == 7 {
                    byte == b'-'
                } else {
                    byte.is_ascii_digit()
                }
            });
        if !shaped {
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

    /// So many days later, or earlier when negative; at the ends of the calendar, the end.
    pub fn plus_days(self, days: i32) -> Date {
        Date(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// The days from an earlier date to this one; negative when that is later.
    pub fn days_since(self, earlier: Date) -> i32 {
        self.0
            .duration_since(earlier.0)
            .as_hours()
            .div_euclid(24)
            .try_into()
            .expect("the calendar has under four million days each way")
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
        match zone.tz.to_ambiguous_timestamp(local).compatible() {
            Ok(instant) => Timestamp::from_jiff(instant),
            // Only the first and the last day of the calendar reach beyond the range of instants.
            Err(_) if self.0.year() > 0 => Timestamp::MAX,
            Err(_) => Timestamp::MIN,
        }
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
