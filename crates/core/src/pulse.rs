//! Whether a system answers at all: what a worker has heard of a connection, and when that is a finding.
//!
//! One call that is lost is daily life. A system of which nothing was heard but failures for some minutes is down: one card says so, what
//! follows from it has none of its own, and the next good answer takes it off. A refusal is an answer, and so is a limit.
//!
//! Not here: how often it is tried again (`pace`), and the cards (`engine::pulse`).

use std::time::Duration;

use crate::cause::Cause;
use crate::finding::{Code, Finding};
use crate::ident::Connection;
use crate::seam::{Lost, Reply};
use crate::time::Timestamp;

/// Another worker may have put up the card, so whoever hears an answer looks for one this often.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What one call says of the system that was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Answers,
    /// No connection, no answer, or a failure of its own (5xx).
    Fails,
}

impl Sign {
    /// None where nothing was sent, which says nothing of the other side.
    pub fn of(outcome: &Result<Reply, Lost>) -> Option<Self> {
        match outcome {
            Ok(reply) if reply.status >= 500 => Some(Self::Fails),
            Ok(_) | Err(Lost::TooLarge { .. }) => Some(Self::Answers),
            Err(Lost::NotConnected(_) | Lost::NoAnswer(_)) => Some(Self::Fails),
            Err(Lost::LeaseShort | Lost::NotSignedIn { .. }) => None,
        }
    }
}

/// What one worker has heard of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulse {
    failing_since: Option<Timestamp>,
    /// The card has been put up for this silence.
    told: bool,
    looked_at: Option<Timestamp>,
}

/// What is to be done about the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Nothing,
    Raise {
        since: Timestamp,
    },
    /// It answers: the card goes, if there is one.
    TakeOff,
}

impl Pulse {
    /// Takes in a sign. `down_after` is how long nothing but failures may be heard.
    pub fn hear(&mut self, sign: Sign, now: Timestamp, down_after: Duration) -> Act {
        match sign {
            Sign::Fails => {
                let since = *self.failing_since.get_or_insert(now);
                if self.told || now.since(since) < down_after {
                    return Act::Nothing;
                }
                self.told = true;
                Act::Raise { since }
            }
            Sign::Answers => {
                let recovered = self.failing_since.take().is_some();
                self.told = false;
                let due = self.looked_at.is_none_or(|at| now.since(at) >= LOOK_EVERY);
                if !recovered && !due {
                    return Act::Nothing;
                }
                self.looked_at = Some(now);
                Act::TakeOff
            }
        }
    }

    /// The card could not be put up: the next failure tries again.
    pub fn not_told(&mut self) {
        self.told = false;
    }
}

/// What the card says.
pub fn finding(connection: &Connection, since: Timestamp) -> Finding {
    let sentence = format!("Nothing but failures was heard of {connection} since {since}. It is tried again and again.");
    Finding::new(Code::VendorDown, Cause::Connection(connection.clone()), sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Duration = Duration::from_secs(120);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn two_minutes_of_failures_are_one_card_until_the_next_answer() {
        let mut pulse = Pulse::default();
        assert_eq!(pulse.hear(Sign::Fails, at(0), AFTER), Act::Nothing);
        assert_eq!(pulse.hear(Sign::Fails, at(119), AFTER), Act::Nothing);
        assert_eq!(pulse.hear(Sign::Fails, at(120), AFTER), Act::Raise { since: at(0) });
        assert_eq!(pulse.hear(Sign::Fails, at(4_000), AFTER), Act::Nothing, "once");
        assert_eq!(pulse.hear(Sign::Answers, at(4_001), AFTER), Act::TakeOff);
        assert_eq!(
            pulse.hear(Sign::Fails, at(4_002), AFTER),
            Act::Nothing,
            "its time begins anew"
        );
        assert_eq!(
            pulse.hear(Sign::Fails, at(4_122), AFTER),
            Act::Raise { since: at(4_002) },
            "and so does its card"
        );
    }

    #[test]
    fn one_good_answer_in_between_is_enough() {
        let mut pulse = Pulse::default();
        for minute in 0..60 {
            assert_eq!(pulse.hear(Sign::Fails, at(minute * 60), AFTER), Act::Nothing);
            pulse.hear(Sign::Answers, at(minute * 60 + 30), AFTER);
        }
    }

    #[test]
    fn another_workers_card_is_looked_for_now_and_then() {
        let mut pulse = Pulse::default();
        assert_eq!(pulse.hear(Sign::Answers, at(0), AFTER), Act::TakeOff, "when it begins");
        assert_eq!(pulse.hear(Sign::Answers, at(59), AFTER), Act::Nothing);
        assert_eq!(pulse.hear(Sign::Answers, at(60), AFTER), Act::TakeOff);
    }

    #[test]
    fn what_was_not_sent_says_nothing() {
        let reply = |status| {
            Ok(Reply {
                status,
                headers: Vec::new(),
                body: Default::default(),
            })
        };
        assert_eq!(Sign::of(&Err(Lost::LeaseShort)), None);
        assert_eq!(Sign::of(&Err(Lost::NotConnected("no".into()))), Some(Sign::Fails));
        assert_eq!(
            (Sign::of(&reply(503)), Sign::of(&reply(429))),
            (Some(Sign::Fails), Some(Sign::Answers))
        );
    }
}
