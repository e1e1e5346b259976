//! A journey: all that belongs to one order, and how far each of its lines has come.
//!
//! It holds no personal data: the order itself, with its address, is stored beside it under the journey's key.
//! What happens to a journey is decided in [`decide`].

pub mod decide;

use serde::{Deserialize, Serialize};

use crate::document::LineRef;
use crate::effect::{Lane, Planned};
use crate::finding::Finding;
use crate::fingerprint::Fingerprint;
use crate::ident::{Company, Connection, JourneyId};
use crate::money::Money;
use crate::quantity::{NotExact, Quantity, Ratio};
use crate::sku::Sku;
use crate::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Stopped by its guardrails before anything was written.
    Stopped,
    /// Under way.
    Open,
    /// Every line confirmed at the retailer and despatched in the ledger.
    Complete,
    /// Not ours to carry out, with a reason.
    Declined,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Declined => "declined",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    pub id: JourneyId,
    pub company: Company,
    pub route: Route,
    /// The channel's own key of the order.
    pub source_key: String,
    pub reference: String,
    pub stage: Stage,
    pub lines: Vec<Line>,
    pub draft_id: Option<i64>,
    pub ledger_order: Option<LedgerOrderKey>,
    pub release_id: Option<i64>,
    pub shipments: Vec<ShipmentState>,
    /// What the order is worth, net, as the retailer says: what is at stake while it stands still.
    #[serde(default)]
    pub net: Money,
    /// The earliest that anything about it was promised for.
    #[serde(default)]
    pub due_by: Option<Timestamp>,
}

/// The three connections that an order travels between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub channel: Connection,
    pub ledger: Connection,
    pub warehouse: Connection,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerOrderKey {
    pub id: i64,
    pub number: String,
    /// Our line to theirs, in the order's own sequence.
    pub lines: Vec<(LineRef, i64)>,
}

/// One line of an order. It counts in the ledger's stock unit, as the warehouse does; the retailer is told in its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub line: LineRef,
    pub part_number: String,
    pub sku: Sku,
    /// How many of the ledger's unit one of the retailer's is, as it was mapped when the order was taken.
    #[serde(default)]
    pub unit: Ratio,
    pub ordered: Quantity,
    pub shipped: Quantity,
    /// Posted in the ledger, as its answers and probes say.
    pub despatched: Quantity,
    /// Confirmed at the retailer, as its answers and probes say.
    pub confirmed: Quantity,
}

impl Line {
    pub fn outstanding(&self) -> Quantity {
        self.ordered.above(self.shipped).unwrap_or(Quantity::ZERO)
    }

    /// So much of this line in the retailer's unit.
    pub fn in_theirs(&self, ours: Quantity) -> Result<Quantity, NotExact> {
        self.unit.inverse().apply(ours)
    }

    /// How much of it the retailer can be told of once so much has left: the whole line, or what is whole in both units. The rest of
    /// a part waits for the next one.
    fn tellable(&self, left: Quantity) -> Quantity {
        if left >= self.ordered {
            self.ordered
        } else {
            self.unit.whole_in_both(left)
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentState {
    pub key: String,
    pub lines: Vec<(LineRef, Quantity)>,
    /// What it holds that is not known to be on the order, by the warehouse's code: it is posted nowhere until that is known.
    #[serde(default)]
    pub strange: Vec<(String, Quantity)>,
    /// What it holds beyond what was outstanding, by the warehouse's code: what changes of it is found anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<(String, Quantity)>,
    /// What of it stands on a card, by the names that its findings gave it.
    #[serde(default)]
    pub stands: Vec<String>,
}

impl Journey {
    /// The name of one of this journey's steps: also the tag it carries outside.
    pub fn step(&self, step: &str) -> Fingerprint {
        Fingerprint::derive(
            self.company.as_str(),
            &format!("{}/{}", self.route.channel, self.source_key),
            step,
        )
    }

    fn lane(&self, connection: &Connection) -> Lane {
        Lane {
            connection: connection.clone(),
            subject: self.id.to_string(),
        }
    }

    /// The ledger's id of one of our lines.
    pub fn ledger_line(&self, line: &LineRef) -> Option<i64> {
        let order = self.ledger_order.as_ref()?;
        order.lines.iter().find(|(ours, _)| ours == line).map(|(_, theirs)| *theirs)
    }

    /// What we know to be despatched of each of the ledger's lines.
    pub fn despatched_lines(&self) -> Vec<(i64, Quantity)> {
        self.lines
            .iter()
            .filter(|line| line.despatched.is_positive())
            .filter_map(|line| Some((self.ledger_line(&line.line)?, line.despatched)))
            .collect()
    }

    fn is_complete(&self) -> bool {
        self.lines
            .iter()
            .all(|line| line.confirmed == line.ordered && line.despatched == line.ordered)
    }
}

/// What should change, and why. Nothing has been done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub journey: Journey,
    pub effects: Vec<Planned>,
    pub findings: Vec<Finding>,
    /// What of the order stands still no more, under whichever card it stood.
    pub settles: Vec<Settled>,
    /// What the journal keeps of it: a kind, and a sentence without personal data.
    pub lines: Vec<(&'static str, String)>,
}

/// A part of an order that goes off its card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// As its finding named it.
    pub of: String,
    pub proof: Proof,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It is proven when this effect has its receipt.
    By(Fingerprint),
    /// These words say what has been seen.
    Seen(&'static str),
}

impl Decision {
    /// Nothing changes.
    pub fn about(journey: Journey) -> Self {
        Self {
            journey,
            effects: Vec::new(),
            findings: Vec::new(),
            settles: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn note(&mut self, kind: &'static str, sentence: String) {
        self.lines.push((kind, sentence));
    }
}
