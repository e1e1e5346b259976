//! Effects: intended writes to an outside system, grouped by what makes them safe to write once.
//!
//! The class is in the type: an effect cannot be built without saying how it is kept from happening twice, and the rules of a
//! class (looks, probes, quiet time) stand in one place, [`rule`]. What an effect's state means and how it moves is [`state`].
//!
//! Not here: how to write it (a connector's `calls.rs`) and when (the engine's pump).

pub mod body;
pub mod rule;
pub mod state;

use serde::{Deserialize, Serialize};

use crate::alert::Message;
use crate::finding::Finding;
use crate::fingerprint::Fingerprint;
use crate::ident::Connection;

pub use body::{
    Agreed, AgreedLine, Confirmation, Despatch, DespatchedLine, LedgerLine, LedgerOrder, LineKey, Release, ReleasedItem,
};
pub use rule::{Class, Rule};
pub use state::{Baseline, Doubt, Obstacle, Probe, Receipt, State, Verdict};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    Set(Set),
    RefusedTwice(RefusedTwice),
    DraftThenConfirm(DraftThenConfirm),
    TaggedAppend(TaggedAppend),
    Person(Person),
}

/// An absolute value: sending it again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Set {
    /// A draft of ours that was answered into the void, and is not the one we recorded.
    DeleteDraft { id: i64 },
    /// Our order in the ledger as its owner wants it, after somebody else has changed it there.
    AmendOrder(Agreed),
    /// Something to be said to people, whole.
    Alert(Box<Message>),
}

/// The other side refuses it a second time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusedTwice {
    Acknowledge { source_key: String, lines: Vec<LineKey> },
    Release(Release),
    Confirm(Confirmation),
}

/// A first step that is harmless when lost, a second on a recorded id.
#[expect(
    clippy::large_enum_variant,
    reason = "one of each is alive at a time, and only on its way to or from its sealed body"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DraftThenConfirm {
    Draft(LedgerOrder),
    Confirm,
}

/// Each one adds: asked about by our tag, or by a baseline stored before the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaggedAppend {
    Despatch(Despatch),
}

/// Cannot be asked about: after a lost answer a person decides, always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Person {
    /// Part of a line's quantity; the retailer's order does not show how much of a line has gone.
    ConfirmPart(Confirmation),
}

/// What kind of write an effect is. Stored by its name, which is also what people are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    DeleteDraft,
    AmendOrder,
    Alert,
    Acknowledge,
    Release,
    Confirm,
    Draft,
    ConfirmDraft,
    Despatch,
    ConfirmPart,
}

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::DeleteDraft,
        Self::AmendOrder,
        Self::Alert,
        Self::Acknowledge,
        Self::Release,
        Self::Confirm,
        Self::Draft,
        Self::ConfirmDraft,
        Self::Despatch,
        Self::ConfirmPart,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::DeleteDraft => "ledger.delete_draft",
            Self::AmendOrder => "ledger.amend_order",
            Self::Alert => "alert.send",
            Self::Acknowledge => "channel.acknowledge",
            Self::Release => "warehouse.release",
            Self::Confirm => "channel.confirm",
            Self::Draft => "ledger.draft",
            Self::ConfirmDraft => "ledger.confirm",
            Self::Despatch => "ledger.despatch",
            Self::ConfirmPart => "channel.confirm_part",
        }
    }

    /// The kind of this name; `None` for one that a later build has written.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Effect {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Set(Set::DeleteDraft { .. }) => Kind::DeleteDraft,
            Self::Set(Set::AmendOrder(_)) => Kind::AmendOrder,
            Self::Set(Set::Alert(_)) => Kind::Alert,
            Self::RefusedTwice(RefusedTwice::Acknowledge { .. }) => Kind::Acknowledge,
            Self::RefusedTwice(RefusedTwice::Release(_)) => Kind::Release,
            Self::RefusedTwice(RefusedTwice::Confirm(_)) => Kind::Confirm,
            Self::DraftThenConfirm(DraftThenConfirm::Draft(_)) => Kind::Draft,
            Self::DraftThenConfirm(DraftThenConfirm::Confirm) => Kind::ConfirmDraft,
            Self::TaggedAppend(TaggedAppend::Despatch(_)) => Kind::Despatch,
            Self::Person(Person::ConfirmPart(_)) => Kind::ConfirmPart,
        }
    }
}

/// Effects of one lane keep their order; lanes are independent of each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lane {
    pub connection: Connection,
    /// What must keep its order: a journey, a draft.
    pub subject: String,
}

/// An effect as a decision plans it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Derived from company, source key and step; also the tag it carries outside.
    pub id: Fingerprint,
    pub lane: Lane,
    /// Effects of other lanes that must be done first. Within a lane order goes by itself.
    pub after: Vec<Fingerprint>,
    pub effect: Effect,
    /// Planned, but stopped at once: what a guardrail found.
    pub parked: Option<Finding>,
    /// The parked effect whose place it takes, in its lane and before what waits for that.
    pub supersedes: Option<Fingerprint>,
}
