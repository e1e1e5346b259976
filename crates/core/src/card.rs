//! A card: one exception in the hands of people, from its opening to the proof that it is over.
//!
//! ```text
//! Open ─▶ Acknowledged ─▶ Fixing ─▶ Verifying ─▶ Resolved
//!   ▲          └──────────────┴───▶ SetAside ─┐     │
//!   └──────────────── expiry ◀────────────────┘     │
//!   └──────────────── the cause returns ◀───────────┘
//! ```
//!
//! People move a card up to *fixing*; only what its records do moves it further. It is *verifying* while none of them stands still and
//! some have not proved yet that they went on, and *resolved* when the last has. So nobody can close a card by hand, and none closes
//! by age. Each act names the version that the person saw; a card that has moved since refuses it.
//!
//! Not here: who may do what (that is access), and what a fix is (a mapping, an amendment, an answer).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::access::Right;
use crate::calendar::Calendar;
use crate::catalogue::{Deadline, Owner, Severity};
use crate::cause::Cause;
use crate::finding::Code;
use crate::money::Money;
use crate::ruling::Ruling;
use crate::time::Timestamp;

/// How far a card is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    Open,
    /// Somebody has seen it, and says so.
    Acknowledged,
    /// Somebody works on it.
    Fixing,
    /// Nothing stands still any more; the proof is on its way.
    Verifying,
    /// Every record has proved that it went on.
    Resolved,
    /// It may stand until then, for this reason.
    SetAside {
        until: Timestamp,
        reason: String,
    },
}

impl Life {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Fixing => "fixing",
            Self::Verifying => "verifying",
            Self::Resolved => "resolved",
            Self::SetAside { .. } => "set_aside",
        }
    }
}

/// What its records come to. Kept beside the card, so that a card of 100,000 records opens as quickly as one of three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    /// Records that stand still.
    pub stopped: u64,
    /// Records that go on and have not proved it yet.
    pub proving: u64,
    /// Orders that stand still under it, each counted once.
    pub orders: u64,
    /// What those orders are worth, net.
    pub money: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub code: Code,
    pub cause: Cause,
    /// The team that has it now: its code's owner, unless it was handed over.
    pub team: Owner,
    pub life: Life,
    pub assignee: Option<String>,
    pub deputy: Option<String>,
    /// How often it has grown older than its team may let it without an acknowledgement.
    pub escalations: u32,
    pub opened_at: Timestamp,
    pub weight: Weight,
    /// The earliest deadline of its records.
    pub records_due: Option<Timestamp>,
    /// Moves with every change that people see.
    pub version: u64,
}

/// What a person does with a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Acknowledge,
    /// Starts to work on it.
    Fix,
    /// Gives it to somebody, with somebody else for when they are away.
    Assign {
        to: String,
        deputy: Option<String>,
    },
    Comment {
        text: String,
    },
    /// Gives it to another team, with a note that says why.
    HandOver {
        to: Owner,
        note: String,
    },
    SetAside {
        until: Timestamp,
        reason: String,
    },
    /// Takes it up again before it expires.
    TakeUp,
    /// Decides what becomes of its records, or of one of them.
    Decide {
        ruling: Ruling,
        /// The ledger's number of what shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<String>,
        /// Why, where a record has no key that could seal it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

impl Act {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Fix => "fix",
            Self::Assign { .. } => "assign",
            Self::Comment { .. } => "comment",
            Self::HandOver { .. } => "hand_over",
            Self::SetAside { .. } => "set_aside",
            Self::TakeUp => "take_up",
            Self::Decide { .. } => "decide",
        }
    }

    /// What it takes to do it.
    pub const fn right(&self) -> Right {
        match self {
            Self::Comment { .. } => Right::Comment,
            Self::Acknowledge
            | Self::Fix
            | Self::Assign { .. }
            | Self::HandOver { .. }
            | Self::SetAside { .. }
            | Self::TakeUp
            | Self::Decide { .. } => Right::Act,
        }
    }
}

/// Why an act is refused, for the person who tried it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("The card has changed since you saw it (version {seen}, now {now}). Look at it again; nothing was changed.")]
    Moved { seen: u64, now: u64 },
    #[error("The card is {life}: it cannot be {act}. Only a cause that returns opens it again.")]
    Over { life: &'static str, act: &'static str },
    #[error("The card is {life} and is not set aside.")]
    NotSetAside { life: &'static str },
    #[error("Say {what}, in 1 to {max} characters.")]
    Words { what: &'static str, max: usize },
    #[error("A card is set aside until a time that is still to come. Choose a later end: it comes back then.")]
    Past,
    #[error("A card is set aside for at most {days} days. Choose an earlier end: it comes back then.")]
    Until { days: i64 },
    #[error("The card is with {team} already.")]
    SameTeam { team: Owner },
}

/// Notes, reasons and comments.
const WORDS_MAX: usize = 2_000;
/// Names of people.
const NAME_MAX: usize = 100;
/// Whatever is set aside for longer is forgotten.
const SET_ASIDE_DAYS_MAX: i64 = 90;
const DAY_MICROS: i64 = 86_400_000_000;

impl Card {
    /// The card as the act leaves it, or why it may not be done.
    pub fn act(&self, act: &Act, seen: u64, now: Timestamp) -> Result<Self, Refused> {
        if seen != self.version {
            return Err(Refused::Moved { seen, now: self.version });
        }
        let over = matches!(self.life, Life::Resolved);
        let mut next = self.clone();
        next.version += 1;
        match act {
            Act::Comment { text } => words(text, "something", WORDS_MAX)?,
            _ if over => {
                return Err(Refused::Over {
                    life: self.life.name(),
                    act: act.name(),
                });
            }
            Act::Acknowledge => next.life = self.at_least(Life::Acknowledged),
            Act::Fix => next.life = self.at_least(Life::Fixing),
            Act::Decide { .. } => next.life = self.at_least(Life::Acknowledged),
            Act::Assign { to, deputy } => {
                words(to, "to whom", NAME_MAX)?;
                if let Some(deputy) = deputy {
                    words(deputy, "who stands in", NAME_MAX)?;
                }
                next.assignee = Some(to.clone());
                next.deputy.clone_from(deputy);
                next.life = self.at_least(Life::Acknowledged);
            }
            Act::HandOver { to, note } => {
                if *to == self.team {
                    return Err(Refused::SameTeam { team: *to });
                }
                words(note, "why it is handed over", WORDS_MAX)?;
                next.team = *to;
                next.assignee = None;
                next.deputy = None;
                next.life = match self.life {
                    Life::Verifying => Life::Verifying,
                    _ => Life::Open,
                };
            }
            Act::SetAside { until, reason } => {
                words(reason, "why it may stand", WORDS_MAX)?;
                let last = Timestamp::from_micros(now.micros().saturating_add(SET_ASIDE_DAYS_MAX * DAY_MICROS));
                if *until <= now {
                    return Err(Refused::Past);
                }
                if *until > last {
                    return Err(Refused::Until {
                        days: SET_ASIDE_DAYS_MAX,
                    });
                }
                next.life = Life::SetAside {
                    until: *until,
                    reason: reason.clone(),
                };
            }
            Act::TakeUp => match self.life {
                Life::SetAside { .. } => next.life = Life::Open,
                _ => return Err(Refused::NotSetAside { life: self.life.name() }),
            },
        }
        Ok(next)
    }

    /// A life at least as far as this one.
    fn at_least(&self, wanted: Life) -> Life {
        match (&self.life, &wanted) {
            (Life::Open | Life::SetAside { .. }, _) | (Life::Acknowledged, Life::Fixing) => wanted,
            _ => self.life.clone(),
        }
    }

    /// How far its records bring it: the one thing that resolves a card, and that opens it again.
    pub fn follow(&self) -> Life {
        let Weight { stopped, proving, .. } = self.weight;
        match &self.life {
            _ if stopped == 0 && proving == 0 => Life::Resolved,
            _ if stopped == 0 => Life::Verifying,
            // Something stands still again.
            Life::Verifying | Life::Resolved => Life::Open,
            life @ (Life::Open | Life::Acknowledged | Life::Fixing | Life::SetAside { .. }) => life.clone(),
        }
    }

    /// What was set aside comes back when its time is over.
    pub fn expired(&self, now: Timestamp) -> bool {
        matches!(self.life, Life::SetAside { until, .. } if until <= now)
    }

    /// By when it should be cleared, where hours of the clock or its records say so; working hours are the calendar's.
    pub fn due(&self) -> Option<Timestamp> {
        match self.code.entry().deadline {
            Deadline::OfRecords => self.records_due,
            Deadline::Hours(hours) => Some(Timestamp::from_micros(
                self.opened_at.micros().saturating_add(i64::from(hours) * 3_600_000_000),
            )),
            Deadline::WorkingHours(_) => None,
        }
    }

    /// By when it should be cleared, as alerts say it: its records' own deadline, else its code's rule by these hours of its team.
    pub fn due_by(&self, hours: &Calendar) -> Option<Timestamp> {
        let by_rule = match self.code.entry().deadline {
            Deadline::OfRecords => None,
            Deadline::Hours(_) => self.due(),
            Deadline::WorkingHours(count) => Some(hours.after(self.opened_at, Duration::from_secs(u64::from(count) * 3600))),
        };
        self.records_due.or(by_rule.filter(|due| *due < Timestamp::MAX))
    }

    pub fn severity(&self) -> Severity {
        self.code.entry().severity
    }
}

fn words(text: &str, what: &'static str, max: usize) -> Result<(), Refused> {
    if text.trim().is_empty() || text.chars().count() > max {
        return Err(Refused::Words { what, max });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
