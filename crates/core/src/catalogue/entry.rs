//! What a row of the catalogue holds.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::mapping::Table;
use crate::ruling::Ruling;

/// What is true of every card of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The team that must clear it.
    pub owner: Owner,
    pub severity: Severity,
    pub deadline: Deadline,
    /// What happened, as the heading of a card.
    pub what: &'static str,
    /// What it means for the business while it stands.
    pub means: &'static str,
    /// What to do, in the words of the person who does it.
    pub remedy: &'static str,
    /// Which verbs help, the usual one first; never empty.
    pub remedies: &'static [Remedy],
    /// Which decisions of its owner it takes; empty where [`Remedy::Decide`] does not help.
    pub rulings: &'static [Ruling],
    pub again: Again,
}

/// The teams that own exceptions. Who belongs to one is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Warehouse and e-commerce: goods, carriers, retailers.
    Operations,
    /// Figures, VAT, customers, periods.
    Finance,
    /// Who sets Tallyman up: connections, mappings between systems, machines.
    Integration,
}

impl Owner {
    pub const ALL: [Self; 3] = [Self::Operations, Self::Finance, Self::Integration];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Operations => "operations",
            Self::Finance => "finance",
            Self::Integration => "integration",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|owner| owner.name() == name)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How bad it is that it stands. Ordered: the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing waits for it; somebody should know.
    Notice,
    /// Something will stop, or is less than it should be.
    Warning,
    /// Records stand still until it is cleared.
    Stopped,
    /// Goods, money or many records are at stake now.
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Notice, Self::Warning, Self::Stopped, Self::Critical];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Stopped => "stopped",
            Self::Critical => "critical",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// By when a card should be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// The earliest that any of its records has: the retailer's time to acknowledge, the promised date, the warehouse's cut-off.
    OfRecords,
    /// So many working hours of its team after it opened.
    WorkingHours(u16),
    /// So many hours after it opened, day and night.
    Hours(u16),
}

/// Whose system a correction is made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    Ledger,
    Warehouse,
    Channel,
}

/// What a person can do about a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Say what their word means.
    Map(Table),
    /// Correct it where it came from; the record is read again.
    Correct(Party),
    /// Replace a field of one record, or of a list, here.
    Amend,
    /// Say what became of a write that nobody can tell about.
    Answer,
    /// Decide what becomes of it: [`Entry::rulings`] says what may be decided.
    Decide,
    /// Sign in again.
    SignIn,
    /// Change what Tallyman is told about this merchant.
    Configure,
    /// Nothing here: it goes on by itself when the other side is ready.
    Wait,
}

/// What runs again when it is cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The order is checked and decided again.
    Order,
    /// The shipment is checked and decided again.
    Shipment,
    /// The effect that stands still is asked about, or sent.
    Effect,
    /// The connection or flow goes on where it was.
    Flow,
    /// The sweep looks again, and takes the card off when it finds nothing more.
    Sweep,
}

impl Again {
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Order => "The orders on the card are checked and decided again by themselves.",
            Self::Shipment => "The shipments on the card are checked and decided again by themselves.",
            Self::Effect => "What stands still is asked about or sent again, and its lane goes on.",
            Self::Flow => "The flow goes on where it was; nothing was lost meanwhile.",
            Self::Sweep => "The next sweep looks again, and closes the card when it finds nothing more.",
        }
    }
}
