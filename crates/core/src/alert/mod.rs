//! Alerts: who is told of a card, when, by which route and in which words.
//!
//! A card is told of once when it opens, then in digests as it grows, once more to somebody else when nobody has taken it up, and a last
//! time when it is resolved. All of that is decided here from what is known of cards and of what has been said about them; the engine
//! compares, and plans an effect for each message ([`crate::effect::Set::Alert`]), which the pump sends like any other.
//!
//! | module | what it decides |
//! |---|---|
//! | [`route`] | which routes a card goes to: rules first, else the team that owns its code |
//! | [`plan`] | what is to be said now: opened, held back for the night, escalated, grown, recovered |
//! | [`message`] | the words; no personal data, no addresses |
//! | [`faults`] | what is wrong with all of it, although each part could be read |
//! | [`delivery`] | what an answer, or none, means for a message that was sent: it goes again, always under the same id |
//!
//! Not here: how a route says it (a connector), and who is behind an address (the configuration).

pub mod delivery;
pub mod faults;
pub mod message;
pub mod plan;
pub mod route;

use crate::catalogue::Owner;
use crate::cause::Cause;
use crate::finding::Code;
use crate::ident::{Company, Connection};
use crate::money::Money;
use crate::time::Timestamp;

pub use message::{About, Message, What};
pub use plan::{Said, Step, Told};
pub use route::{Escalation, Quiet, Route, Rule, Settings};

/// What alerts are sealed under, and what stands in place of a journey on their effects: a company has one such subject. It holds no
/// personal data, and is never erased.
pub const SUBJECT: &str = "alerts";

/// A card as far as alerts look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: String,
    pub company: Company,
    pub code: Code,
    /// Who has it: its code's owner, unless it was handed over.
    pub team: Owner,
    /// What is to blame. Names, codes and numbers only, so it may be said outside.
    pub cause: Cause,
    pub opened_at: Timestamp,
    pub open: bool,
    /// Records that stand on it.
    pub records: u64,
    /// What is at stake, where that is known.
    pub money: Option<Money>,
    /// By when it should be cleared, where its records say so; else the catalogue's rule is taken.
    pub deadline: Option<Timestamp>,
    /// Somebody has taken it up.
    pub acknowledged: bool,
    /// When what it warns of comes about, where that is known: then it is said again as that comes near.
    pub ends: Option<Timestamp>,
}

/// What the card of a route that takes no alerts blames: such a card never goes to the route that it is about.
pub fn route_cause(route: &Connection) -> Cause {
    Cause::Connection(route.clone())
}

#[cfg(test)]
mod tests;
