//! Holds: what people keep from being sent for a while, with a reason and an end.
//!
//! A hold stops writes before they are sent, and nothing else: what comes in is received, checked and decided, and a write that may have
//! been sent already is asked about as ever. What is held stays ready and is not claimed. A stopped connection is the exception: nothing
//! at all is asked of it.
//!
//! Every hold ends by itself. One without an end would be forgotten, and an order that waits for nothing is lost.
//!
//! Not here: how lanes are passed over (the engine's claim), and who may hold (`access`).

use std::time::Duration;

use crate::fingerprint::Fingerprint;
use crate::journey::Journey;
use crate::time::Timestamp;

/// The longest that anything is held; whoever needs more says so again.
pub const LASTS_MAX: Duration = Duration::from_secs(31 * 86_400);
/// The longest reason.
pub const REASON_CHARS_MAX: usize = 500;

/// What is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A connection is stopped: it is neither written to nor asked.
    Connection(String),
    /// All writes to a connection: to the ledger, to one warehouse's site.
    Writes(String),
    /// All writes, to whatever system, for orders that come from this channel.
    Retailer(String),
    /// All writes, to whatever system, for orders with this item of the ledger.
    Item(String),
}

impl Scope {
    /// Their names, as they are written.
    pub const KINDS: [&'static str; 4] = ["connection", "writes", "retailer", "item"];

    /// As it was written.
    pub fn read(kind: &str, what: &str) -> Option<Self> {
        let what = what.to_owned();
        Some(match kind {
            "connection" => Self::Connection(what),
            "writes" => Self::Writes(what),
            "retailer" => Self::Retailer(what),
            "item" => Self::Item(what),
            _ => return None,
        })
    }

    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Connection(_) => "connection",
            Self::Writes(_) => "writes",
            Self::Retailer(_) => "retailer",
            Self::Item(_) => "item",
        }
    }

    /// The connection's name, or the item's code.
    pub fn what(&self) -> &str {
        match self {
            Self::Connection(what) | Self::Writes(what) | Self::Retailer(what) | Self::Item(what) => what,
        }
    }

    /// For people: what waits.
    pub fn said(&self) -> String {
        match self {
            Self::Connection(name) => format!("{name} is stopped: it is neither written to nor asked"),
            Self::Writes(name) => format!("all writes to {name} are held"),
            Self::Retailer(name) => format!("orders from {name} are held"),
            Self::Item(code) => format!("orders with item {code} are held"),
        }
    }

    /// Whether a write waits for it: one to this connection, for this order if it is for one.
    pub fn covers(&self, connection: &str, journey: Option<&Journey>) -> bool {
        match self {
            Self::Connection(name) | Self::Writes(name) => name == connection,
            Self::Retailer(name) => journey.is_some_and(|journey| journey.route.channel.as_str() == name),
            // Codes of the ledger are the same whatever their case (`sku`).
            Self::Item(code) => {
                journey.is_some_and(|journey| journey.lines.iter().any(|line| line.sku.as_str().eq_ignore_ascii_case(code)))
            }
        }
    }
}

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub id: Fingerprint,
    pub company: String,
    pub scope: Scope,
    pub reason: String,
    /// Who placed it, as the journal names them.
    pub by: String,
    pub from: Timestamp,
    /// It ends by itself then.
    pub until: Timestamp,
    /// When somebody ended it, or it ended by itself and what it held was let go.
    pub ended_at: Option<Timestamp>,
    /// Who ended it; nobody, where it ended by itself.
    pub ended_by: Option<String>,
}

impl Hold {
    pub fn stands(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.until > now
    }
}

/// Why a hold was not placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("Say why it is held: whoever meets an order that waits reads it.")]
    NoReason,
    #[error("The reason is too long: {REASON_CHARS_MAX} characters are the most.")]
    LongReason,
    #[error("A hold ends by itself, so its end lies in the future.")]
    Over,
    #[error("A hold lasts 31 days at the most; place it again when it has ended.")]
    TooLong,
    #[error("Say which connection or item.")]
    Nothing,
}

impl Wrong {
    /// The field of a form that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoReason | Self::LongReason => "reason",
            Self::Over | Self::TooLong => "until",
            Self::Nothing => "what",
        }
    }
}

/// A hold as it would be placed, its id derived from what it is and when it was placed.
pub fn place(company: &str, scope: Scope, reason: &str, by: &str, now: Timestamp, until: Timestamp) -> Result<Hold, Wrong> {
    let reason = reason.trim();
    if scope.what().trim().is_empty() {
        return Err(Wrong::Nothing);
    }
    if reason.is_empty() {
        return Err(Wrong::NoReason);
    }
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(Wrong::LongReason);
    }
    if until <= now {
        return Err(Wrong::Over);
    }
    if until > now.plus(LASTS_MAX) {
        return Err(Wrong::TooLong);
    }
    let key = format!("{} {}", scope.kind(), scope.what());
    Ok(Hold {
        id: Fingerprint::derive(company, &key, &format!("hold {}", now.micros())),
        company: company.to_owned(),
        scope,
        reason: reason.to_owned(),
        by: by.to_owned(),
        from: now,
        until,
        ended_at: None,
        ended_by: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_hold_has_a_reason_and_an_end_that_is_not_far() {
        let placed = |reason: &str, until| place("acme", Scope::Item("ABC-1".into()), reason, "person/1", at(1_000), until);
        let hold = placed(" Recall ", at(2_000)).unwrap();
        assert_eq!(hold.reason, "Recall");
        assert!(hold.stands(at(1_999)) && !hold.stands(at(2_000)));
        for (reason, until, wrong) in [
            ("  ", at(2_000), Wrong::NoReason),
            ("Recall", at(1_000), Wrong::Over),
            (
                "Recall",
                at(1_000).plus(LASTS_MAX).plus(Duration::from_secs(1)),
                Wrong::TooLong,
            ),
        ] {
            assert_eq!(placed(reason, until), Err(wrong));
        }
        assert_eq!(placed(&"x".repeat(501), at(2_000)), Err(Wrong::LongReason));
        let nothing = place("acme", Scope::Item(" ".into()), "Recall", "person/1", at(0), at(1));
        assert_eq!(nothing, Err(Wrong::Nothing));
    }

    #[test]
    fn every_scope_is_read_as_it_is_written() {
        for kind in Scope::KINDS {
            let scope = Scope::read(kind, "x").unwrap();
            assert_eq!((scope.kind(), scope.what()), (kind, "x"));
        }
        assert_eq!(Scope::read("everything", "x"), None);
    }

    #[test]
    fn writes_of_one_system_are_held_whatever_they_are_for_and_those_of_an_item_only_with_an_order() {
        let writes = Scope::Writes("sage-1".into());
        assert!(writes.covers("sage-1", None) && !writes.covers("vs-1", None));
        assert!(!Scope::Item("ABC".into()).covers("sage-1", None));
        assert!(!Scope::Retailer("vs-1".into()).covers("vs-1", None));
    }
}
