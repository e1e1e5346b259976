//! Which role's function writes an effect, and which asks about it.

use tallyman_core::cause::Cause;
use tallyman_core::effect::{
    Baseline, DraftThenConfirm, Effect, Obstacle, Person, Probe, RefusedTwice, Set, TaggedAppend, Verdict,
};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::journey::{Journey, LedgerOrderKey};
use tallyman_core::seam::Io;

use crate::parts::Merchant;

/// Says it to the other system.
pub async fn send(merchant: &Merchant, io: &dyn Io, id: &Fingerprint, effect: &Effect, journey: &Journey) -> Verdict {
    match effect {
        Effect::Set(Set::DeleteDraft { id }) => merchant.ledger.delete_draft(io, *id).await,
        Effect::Set(Set::AmendOrder(agreed)) => match ledger_order(journey) {
            Ok(order) => merchant.ledger.amend_order(io, order, agreed).await,
            Err(why) => too_early(why),
        },
        Effect::Set(Set::Alert(_)) => too_early("it belongs to no order, and is said by `tell`"),
        Effect::RefusedTwice(RefusedTwice::Acknowledge { source_key, lines }) => {
            merchant.channel.acknowledge(io, source_key, lines).await
        }
        Effect::RefusedTwice(RefusedTwice::Release(release)) => match ledger_order(journey) {
            Ok(order) => merchant.warehouse.release(io, id, &order.number, release).await,
            Err(why) => too_early(why),
        },
        Effect::RefusedTwice(RefusedTwice::Confirm(confirmation)) | Effect::Person(Person::ConfirmPart(confirmation)) => {
            merchant.channel.confirm(io, confirmation).await
        }
        Effect::DraftThenConfirm(DraftThenConfirm::Draft(order)) => merchant.ledger.draft(io, id, order).await,
        Effect::DraftThenConfirm(DraftThenConfirm::Confirm) => match journey.draft_id {
            Some(draft) => merchant.ledger.confirm(io, draft).await,
            None => too_early("its draft is not known yet"),
        },
        Effect::TaggedAppend(TaggedAppend::Despatch(despatch)) => match ledger_order(journey) {
            Ok(order) => merchant.ledger.despatch(io, id, order, despatch).await,
            Err(why) => too_early(why),
        },
    }
}

/// Asks whether it is there. Before a send this is the look, with no baseline.
pub async fn ask(
    merchant: &Merchant,
    io: &dyn Io,
    id: &Fingerprint,
    effect: &Effect,
    journey: &Journey,
    before: Option<&Baseline>,
) -> Probe {
    match effect {
        Effect::RefusedTwice(RefusedTwice::Acknowledge { source_key, lines }) => {
            merchant.channel.acknowledged(io, source_key, lines).await
        }
        Effect::RefusedTwice(RefusedTwice::Release(release)) => match ledger_order(journey) {
            Ok(order) => merchant.warehouse.released(io, id, &order.number, release).await,
            Err(why) => not_asked(why),
        },
        Effect::RefusedTwice(RefusedTwice::Confirm(confirmation)) => merchant.channel.confirmed(io, confirmation).await,
        Effect::DraftThenConfirm(DraftThenConfirm::Draft(order)) => merchant.ledger.find_draft(io, id, order).await,
        Effect::DraftThenConfirm(DraftThenConfirm::Confirm) => match journey.draft_id {
            Some(draft) => merchant.ledger.confirmed(io, draft).await,
            None => not_asked("its draft is not known yet"),
        },
        Effect::TaggedAppend(TaggedAppend::Despatch(despatch)) => match ledger_order(journey) {
            Ok(order) => merchant.ledger.despatched(io, id, order, despatch, before).await,
            Err(why) => not_asked(why),
        },
        Effect::Set(Set::AmendOrder(agreed)) => match ledger_order(journey) {
            Ok(order) => merchant.ledger.order_amended(io, order, agreed).await,
            Err(why) => not_asked(why),
        },
        Effect::Set(Set::DeleteDraft { .. } | Set::Alert(_)) | Effect::Person(_) => Probe::Unclear(Finding::new(
            Code::PersonNeeded,
            Cause::Effect(*id),
            "This cannot be asked about. Look in the other system and say whether it is there.",
        )),
    }
}

fn ledger_order(journey: &Journey) -> Result<&LedgerOrderKey, &'static str> {
    journey.ledger_order.as_ref().ok_or("the ledger's order is not known yet")
}

fn too_early(why: &str) -> Verdict {
    Verdict::NotDone {
        why: why.to_owned(),
        retry_after: None,
        obstacle: Obstacle::Read,
    }
}

fn not_asked(why: &str) -> Probe {
    Probe::NotAsked {
        why: why.to_owned(),
        retry_after: None,
        obstacle: Obstacle::Read,
    }
}
