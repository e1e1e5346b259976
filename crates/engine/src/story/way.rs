//! The way of an order, step by step: what has been reached, what is under way, what stands still, what nobody can tell about.
//!
//! A picture of the journey and of its open effects, for whoever asks how far it is. What happened, and when, is the story's.

use tallyman_core::effect::{Kind, State};
use tallyman_core::finding::Code;
use tallyman_core::journey::Stage;
use tallyman_core::quantity::Quantity;
use tallyman_core::standing;
use tallyman_core::time::Timestamp;

use super::{Open, Parcel, Story};

/// A step of the way, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The retailer's order has come.
    Received,
    /// It stands in the ledger.
    Ledger,
    /// The warehouse has it.
    Warehouse,
    /// Goods have left.
    Shipment,
    /// The ledger has its despatch.
    Despatch,
    /// The retailer has been told.
    Confirmation,
    /// It is charged.
    Invoice,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    Done,
    /// It is next, or on its way.
    Waiting,
    /// A person is needed.
    Stuck,
    /// Nobody can tell whether it was carried out.
    Unknown,
    NotYet,
    /// The order has come to an end without it.
    Never,
}

/// A step, how far it is, and what it is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub step: Step,
    pub reached: Reached,
    /// A number, or how much of it.
    pub said: Option<String>,
    /// What shows that it was reached: who says so, what, and when.
    pub proofs: Vec<Shown>,
}

/// What one system says of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub by: String,
    pub what: String,
    pub at: Timestamp,
}

impl Step {
    /// Whether a write of this kind is part of it.
    fn is_made_by(self, kind: Kind) -> bool {
        match kind {
            Kind::Draft | Kind::ConfirmDraft => self == Self::Ledger,
            Kind::Release => self == Self::Warehouse,
            Kind::Despatch => self == Self::Despatch,
            Kind::Confirm | Kind::ConfirmPart => self == Self::Confirmation,
            // Nothing waits for these.
            Kind::DeleteDraft | Kind::AmendOrder | Kind::Acknowledge | Kind::Alert => false,
        }
    }

    /// Whether a card of this code keeps it from being reached. What parks a write is seen by the write.
    fn is_kept_by(self, code: Code) -> bool {
        match self {
            Self::Shipment => code == Code::ShortShipped || standing::CODES.contains(&code),
            Self::Confirmation => code == Code::TrackingMissing,
            Self::Received | Self::Ledger | Self::Warehouse | Self::Despatch | Self::Invoice => false,
        }
    }
}

impl Story {
    /// The steps of its way.
    pub fn way(&self) -> Vec<Stop> {
        let journey = &self.journey;
        let all = |of: fn(&tallyman_core::journey::Line) -> Quantity| {
            let done = journey.lines.iter().filter(|line| of(line) >= line.ordered).count();
            let begun = journey.lines.iter().any(|line| of(line).is_positive());
            let said = begun.then(|| format!("{done} of {} lines", journey.lines.len()));
            (done == journey.lines.len() && begun, said)
        };
        let ledger = journey.ledger_order.as_ref().map(|order| order.number.clone());
        let warehouse = journey.release_id.map(|id| id.to_string());
        let (shipped, sent) = all(|line| line.shipped);
        let (despatched, posted) = all(|line| line.despatched);
        let (confirmed, told) = all(|line| line.confirmed);
        let stop = |step, is_done: bool, said| Stop {
            step,
            reached: self.reached(step, is_done),
            said,
            proofs: self.shown(step),
        };
        vec![
            stop(Step::Received, true, Some(journey.reference.clone())),
            stop(Step::Ledger, ledger.is_some(), ledger),
            stop(Step::Warehouse, warehouse.is_some(), warehouse),
            stop(Step::Shipment, shipped, sent),
            stop(Step::Despatch, despatched, posted),
            stop(Step::Confirmation, confirmed, told),
            stop(Step::Invoice, false, None),
        ]
    }

    fn shown(&self, step: Step) -> Vec<Shown> {
        let route = &self.journey.route;
        let shown = |by: &str, what: String, at| Shown {
            by: by.to_owned(),
            what,
            at,
        };
        match step {
            Step::Received => vec![shown(route.channel.as_str(), "received".into(), self.received_at)],
            Step::Shipment => {
                let left = self.parcels.iter().filter_map(|parcel| parcel.left_at.map(|at| (parcel, at)));
                let what = |parcel: &Parcel| format!("shipment {} has left", parcel.shipment);
                left.map(|(parcel, at)| shown(route.warehouse.as_str(), what(parcel), at))
                    .collect()
            }
            Step::Ledger | Step::Warehouse | Step::Despatch | Step::Confirmation | Step::Invoice => {
                let its = self.proofs.iter().filter(|proof| step.is_made_by(proof.kind));
                its.map(|proof| shown(&proof.connection, proof.receipt.clone(), proof.at))
                    .collect()
            }
        }
    }

    fn reached(&self, step: Step, is_done: bool) -> Reached {
        let of_step = |open: &&Open| Kind::named(&open.name).is_some_and(|kind| step.is_made_by(kind));
        let mut found = if is_done { Reached::Done } else { Reached::NotYet };
        for open in self.open.iter().filter(of_step) {
            let its = match &open.state {
                State::Parked => Reached::Stuck,
                State::Unknown { .. } | State::Probing { .. } => Reached::Unknown,
                State::Waiting | State::Ready { .. } | State::Sending { .. } => Reached::Waiting,
                State::Done | State::Superseded { .. } | State::Withdrawn { .. } => continue,
            };
            // What needs a person is said before what nobody can tell, and that before what goes on by itself.
            found = match (found, its) {
                (Reached::Stuck, _) | (_, Reached::Stuck) => Reached::Stuck,
                (Reached::Unknown, _) | (_, Reached::Unknown) => Reached::Unknown,
                (_, its) => its,
            };
        }
        if is_done {
            return found;
        }
        let over = self.erased && self.journey.stage != Stage::Complete;
        match (step, self.journey.stage) {
            (_, Stage::Declined) => Reached::Never,
            _ if over => Reached::Never,
            // Its guardrails stopped it before the ledger had it.
            (Step::Ledger, Stage::Stopped) => Reached::Stuck,
            _ if self.codes.iter().any(|code| step.is_kept_by(*code)) => Reached::Stuck,
            (Step::Shipment, Stage::Open) if self.journey.release_id.is_some() && !self.is_decided() => Reached::Waiting,
            _ => found,
        }
    }
}
