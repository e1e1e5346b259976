//! Causes on purpose: what people, systems and goods do wrong on one day, each with what ought to be said of it.
//!
//! The list says what is planted, where, and which one card it should come to: under which code, with which team, holding which records.
//! What a vendor's books or wires can bring about, the twin brings about by itself ([`act`], [`doors`]). What is the merchant's own to leave
//! out (a mapping, a promise) it only asks for ([`Cause::wants`]): whoever sets the table sees to it.
//!
//! Trouble with single orders stands among the many orders of the first two companies. What would stop a whole company has one of its own, so
//! that causes do not hide each other.
//!
//! | module | what it holds |
//! |---|---|
//! | [`list`] | the causes |
//! | [`plan`] | which company an order goes to, and which order gets into which trouble |
//! | [`act`] | what is done to the books, and when |
//! | [`doors`] | systems that are closed to one company for a while |
//! | [`receiver`] | who is told: a program that believes a webhook only by its signature |
//! | [`judge`] | the auditor: what was planted against what the cards say |
//!
//! Off unless the settings ask for it; no other seed's chance is touched.

mod act;
mod doors;
pub mod judge;
mod list;
mod plan;
pub mod receiver;

use serde::{Deserialize, Serialize};

pub(crate) use act::Planting;
pub(crate) use doors::{Closed, closed};
pub use list::{ALL, company};
pub(crate) use plan::{deal, targets};

/// What is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plant {
    /// Every cause of the list.
    Causes,
}

/// One thing that is wrong, and the card that should tell of it.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    /// In a few words; no two are called the same.
    pub name: &'static str,
    pub code: &'static str,
    pub owner: &'static str,
    pub home: Home,
    pub does: Does,
    pub of: Of,
    pub wants: Option<Wants>,
}

/// Where it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// An order of its own among those of company 1 or 2.
    Among(u32),
    /// A company of its own with so many orders.
    Alone(u32),
    /// A company of its own with every fifth order.
    Crowd,
    /// Where the cause of this name is: it is another side of the same trouble.
    With(&'static str),
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// The retailer shows a word at this place of the order, or of every order where the card should hold them all.
    Slip(&'static str, Word),
    Service(&'static str),
    /// The first line's item is called by a code that nobody has, in every order of the company.
    NobodysItem,
    /// A number of the retailer's own comes with one item, then in the target with another.
    Reissue,
    KeyBefore,
    /// Keyed once the order is at the warehouse.
    KeyAfter,
    ChangeQuantityOnceBooked,
    OnHold,
    NoPrices,
    ClosePeriod,
    KeepDraft,
    SameBarcode,
    Inactive,
    NotHeld,
    Rename,
    /// The warehouse gives the order this status once it has it.
    Status(crate::mintsoft::books::Status),
    OneMore,
    OneLess,
    Substitute,
    CancelOnceReleased,
    ForgetReference,
    NoTracking,
    DespatchByHand,
    EditByHand,
    KeepOpen,
    Drop,
    /// A door is closed to the company: [`doors`].
    Door(Door),
    /// Only what the table is asked for, or nothing beyond what it stands with.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Text(&'static str),
    /// The order's own number with an end that makes it too long.
    LongNumber,
    /// A first line that is too long, with the order's own number, so that each stands in its own way.
    LongLine,
}

/// A system, or a part of one, that is closed to one company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// What the address holds.
    pub part: &'static str,
    /// From when to when, in minutes of the day.
    pub from: i64,
    pub to: i64,
    /// What somebody else answers there; no connection is made where nobody does.
    pub status: Option<u16>,
}

/// Which records the card should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The target, by its order reference.
    Target,
    /// The company's orders.
    Every,
    /// Those with a line of this rate.
    Rate(u32),
    /// Those with the target's first item.
    Item,
    /// A parcel of the warehouse's that names no order: its own number begins what the card's cause goes by.
    Parcel,
    /// No order: this word of the card's cause, `{}` standing for the company's number. Orders of the company may stand there too.
    Named(&'static str),
}

/// What the merchant's table leaves out or says wrongly, in this company's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// A cell: its table, their word (`{retailer}`, `{warehouse}` and `{item}` stand for the company's), and what it says, if anything.
    Cell(&'static str, &'static str, Option<&'static str>),
    /// The refresh token of the ledger was spent.
    SpentSignIn,
    /// The consent to the ledger ends in so many days.
    ConsentEnds(i64),
    /// The warehouse takes orders until this time of day.
    CutOff(&'static str),
    /// The operating model says that the ledger masters when goods have left.
    LedgerMastersDespatch,
}

/// How many companies the list needs.
pub fn companies() -> u32 {
    2 + ALL
        .iter()
        .filter(|cause| matches!(cause.home, Home::Alone(_) | Home::Crowd))
        .count() as u32
}

/// How long the day is looked at, from its beginning: what is put off for two hours has been by then, and most closed doors are open again.
pub const LASTS: i64 = 5 * crate::clock::HOUR;

#[cfg(test)]
mod tests;
