//! The day that a twin of its own process goes through: all that another process must know to agree with it on the time.

use std::fmt;

use anyhow::Context;
use tallyman_core::time::Timestamp;

use crate::clocks::PacedClock;

/// A clock that read `origin` when the computer's read `since`, and has run `pace` times as fast from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub origin: Timestamp,
    pub since: Timestamp,
    pub pace: u32,
}

impl Day {
    pub fn clock(self) -> PacedClock {
        PacedClock::scaled(self.origin, self.since, self.pace)
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let word = |flag: &str| {
            let mut words = text.split_whitespace().skip_while(|word| *word != flag);
            words.nth(1).with_context(|| format!("`{text}` has no {flag}"))
        };
        Ok(Self {
            origin: instant(word("--origin")?).map_err(anyhow::Error::msg)?,
            since: instant(word("--since")?).map_err(anyhow::Error::msg)?,
            pace: word("--pace")?.parse()?,
        })
    }
}

/// As the options of the commands that take it.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--origin {} --since {} --pace {}", self.origin, self.since, self.pace)
    }
}

/// An instant on the command line.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_it_is_written() {
        let day = Day {
            origin: Timestamp::from_micros(crate::scene::MORNING),
            since: Timestamp::from_micros(1_795_340_000_123_456),
            pace: 60,
        };
        assert_eq!(Day::parse(&format!("its day: {day}")).unwrap(), day);
        assert!(Day::parse("its day: --origin 2026-11-02T08:00:00Z --pace 60").is_err());
    }
}
