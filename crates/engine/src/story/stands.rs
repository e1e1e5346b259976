//! How an order stands, in words: what is open, and what there is to do.

use tallyman_core::effect::State;
use tallyman_core::finding::Code;
use tallyman_core::journey::Stage;
use tallyman_core::standing;
use tallyman_core::time::{Timestamp, Zone};

use super::{Open, Story};

impl Story {
    /// How far it is, in a few words.
    pub fn standing(&self) -> &'static str {
        match self.journey.stage {
            Stage::Complete => "complete",
            Stage::Declined => "declined",
            Stage::Stopped => "stopped before anything was written",
            Stage::Open if !self.stopped_by.is_empty() => "stopped on its way",
            Stage::Open if self.is_decided() => "stopped, and decided about by people",
            Stage::Open => "under way",
        }
    }

    /// Whether it needs a person before it goes on. That time is short, or was, holds up nothing.
    pub fn stands_still(&self) -> bool {
        let holds_up = |code: &Code| !matches!(code, Code::CutOffNear | Code::CutOffMissed);
        self.codes.iter().any(holds_up)
    }

    /// Whether people have settled what kept it from leaving, so that nothing is awaited any more: it may have been cancelled, or sent by others.
    pub fn is_decided(&self) -> bool {
        let kept = |code: &Code| *code == Code::Oversold || standing::CODES.contains(code);
        self.journey.stage == Stage::Open && !self.has_left() && !self.stands_still() && self.settled.iter().any(kept)
    }

    /// Whether anything of it has left.
    pub fn has_left(&self) -> bool {
        self.journey.lines.iter().any(|line| line.shipped.is_positive())
    }

    /// What a person is to do about it; a sentence that says so where that is nothing.
    pub fn to_do(&self) -> Vec<String> {
        let journey = &self.journey;
        if self.erased && journey.stage != Stage::Complete {
            return vec!["Nothing can be done by the program any more: the personal data of this order was erased.".into()];
        }
        match journey.stage {
            Stage::Complete => {
                vec!["Nothing to do: every line is despatched in the ledger and confirmed to the retailer.".into()]
            }
            Stage::Declined => vec!["Nothing to do: the reason stands above.".into()],
            Stage::Stopped | Stage::Open if !self.stopped_by.is_empty() => self.stopped_by.clone(),
            Stage::Stopped => vec!["Nothing stops it any more; it is checked again by itself.".into()],
            Stage::Open if self.is_decided() => {
                vec!["Nothing to do: people have decided what becomes of it, and why stands below.".into()]
            }
            Stage::Open if !self.open.is_empty() => vec!["Nothing to do: it goes on by itself.".into()],
            Stage::Open if journey.release_id.is_some() => {
                vec!["Nothing, unless it takes too long: the warehouse has it, and its shipment is waited for.".into()]
            }
            Stage::Open => vec!["Nothing to do: it goes on by itself.".into()],
        }
    }
}

impl Open {
    /// How an effect stands, as a sentence with times local to the zone.
    pub fn waits(&self, zone: &Zone) -> Option<String> {
        let (what, at) = (self.what, &self.connection);
        let time = |due: Timestamp| due.local_in(zone);
        Some(match &self.state {
            State::Waiting => format!("The {what} waits for what comes before it."),
            State::Ready { due, tries } if tries.pauses > 0 || tries.sends > 0 => format!(
                "The {what} is tried again at {} ({at}; {} sent, {} put off so far).",
                time(*due),
                times(tries.sends),
                times(tries.pauses)
            ),
            State::Ready { .. } => format!("The {what} is next ({at})."),
            State::Sending { .. } => format!("The {what} is being sent ({at})."),
            State::Unknown { due, .. } => format!(
                "No answer says whether the {what} arrived. {at} is asked at {}; nothing is sent before that.",
                time(*due)
            ),
            State::Probing { .. } => format!("{at} is being asked whether the {what} arrived."),
            State::Parked => format!("The {what} is stopped (effect {}).", self.id),
            State::Done | State::Superseded { .. } | State::Withdrawn { .. } => return None,
        })
    }
}

/// What a line of the journal told of, where its words are erased.
pub(super) fn without_words(kind: &str) -> &'static str {
    match kind {
        "order.accepted" => "The order was taken in",
        "order.changed" => "The retailer changed the order",
        "order.stopped" => "The order was stopped",
        "order.unreadable" => "The order could not be read",
        "order.declined" => "The order was declined",
        "order.posted" => "The order was recorded in the ledger",
        "order.retried" => "The order was tried again",
        "shipment.accepted" | "shipment.again" => "A shipment was taken in",
        "shipment.found" => "Something was found about a shipment",
        "shipment.unreadable" => "A shipment could not be read",
        "effect.done" => "A write was carried out",
        "effect.stopped" => "A write was stopped",
        "effect.superseded" => "A write was replaced by another",
        "effect.answered" | "effect.first_word" => "Somebody said what became of a write",
        "card.decided" | "card.first_word" => "Somebody decided about a card",
        "journey.complete" => "The order was complete",
        _ => "Something was written down",
    }
}

fn times(count: u32) -> String {
    match count {
        1 => "once".into(),
        count => format!("{count} times"),
    }
}
