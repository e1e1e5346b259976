//! Shipments from a warehouse: polled, kept, matched to their journey by the tag our release carried, decided.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::check;
use tallyman_core::document::Shipment;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::{Decision, decide};
use tallyman_core::role::Received;
use tallyman_core::seam::Point;
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;
use tallyman_store::UnitError;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::messages::Undecided;

use super::{Decided, Of, RoundError, checked, decided, receive, references, standing, undecided, write};
use crate::heal::Desk;
use crate::known::Reference;
use crate::parts::Merchant;
use crate::units::{Home, LookUpRelease, Origin, RaiseStrangers, StandingStrangers, Stranger};
use crate::vault::place;
use crate::wire::Wire;
use crate::worker::LoadJourney;

/// One round from this watermark; gives the next.
pub async fn round((worker, merchant): Of<'_>, watermark: Timestamp) -> Result<Timestamp, RoundError> {
    let parts = &*worker.parts;
    decide_all((worker, merchant)).await?;
    let asked_at = parts.clock.now();
    let since = watermark.minus(parts.pace.overlap);
    let wire = Wire::new(parts, &worker.sessions, &*merchant.warehouse, None);
    let changed = merchant.warehouse.shipments(&wire, since).await?;
    parts.hooks.at(Point::AfterPoll).await;
    take_in((worker, merchant), changed.left).await?;
    standing::settle((worker, merchant), &changed.orders).await?;
    Ok(asked_at)
}

/// Keeps what is new of these shipments and ours, and decides it.
pub async fn take_in((worker, merchant): Of<'_>, records: Vec<Received<Shipment>>) -> Result<(), RoundError> {
    let (known, strangers) = ours(worker, merchant, records).await?;
    raise(worker, merchant, &strangers, &known).await?;
    let (records, subjects): (Vec<_>, Vec<_>) = known.into_iter().unzip();
    let source = (merchant.warehouse.connection(), Kind::Shipment);
    if receive(worker, merchant, source, (&records, &subjects), |shipment| {
        shipment.shipped_at
    })
    .await?
        > 0
    {
        worker.parts.hooks.at(Point::AfterReceive).await;
        decide_all((worker, merchant)).await?;
    }
    Ok(())
}

/// A record and the journey it belongs to.
type Owned = (Received<Shipment>, String);

/// Those of our own releases, each with its journey, and the others.
async fn ours(
    worker: &crate::worker::Worker,
    merchant: &Merchant,
    records: Vec<Received<Shipment>>,
) -> Result<(Vec<Owned>, Vec<Received<Shipment>>), UnitError> {
    let releases = records
        .iter()
        .map(|record| {
            record
                .reading
                .as_ref()
                .map(|shipment| shipment.release.clone())
                .unwrap_or_default()
        })
        .collect();
    let look_up = LookUpRelease {
        company: merchant.company.to_string(),
        releases,
    };
    let journeys = worker.parts.store.read(look_up).await?;
    let mut known = Vec::new();
    let mut strangers = Vec::new();
    for (record, journey) in records.into_iter().zip(journeys) {
        match journey {
            Some(journey) => known.push((record, journey)),
            None => strangers.push(record),
        }
    }
    Ok((known, strangers))
}

/// What left the warehouse and cannot be told whose it is: a card, if it can be ours. Goods that left and nobody posts are lost. The card
/// goes when the warehouse shows it with our tag.
async fn raise(
    worker: &crate::worker::Worker,
    merchant: &Merchant,
    strangers: &[Received<Shipment>],
    known: &[Owned],
) -> Result<(), UnitError> {
    let warehouse = merchant.warehouse.connection();
    let record = |key: &str| format!("{warehouse} shipment {key}");
    let standing = StandingStrangers(merchant.company.to_string());
    let standing = worker.parts.store.read(standing).await?;
    let told: Vec<String> = known
        .iter()
        .map(|(shipment, _)| record(&shipment.key))
        .filter(|record| standing.contains(record))
        .collect();
    let cards = strangers
        .iter()
        .map(|stranger| match &stranger.reading {
            Err(unreadable) => Stranger {
                record: record(&stranger.key),
                numbers: Vec::new(),
                code: Code::Unreadable,
                cause: Cause::field(warehouse.as_str(), &unreadable.field),
            },
            Ok(shipment) => Stranger {
                record: record(&stranger.key),
                // The warehouse calls merged orders by all their numbers.
                numbers: shipment
                    .order_number
                    .split('+')
                    .map(|number| number.trim().to_uppercase())
                    .collect(),
                code: Code::ShipmentUnknown,
                cause: Cause::record(
                    RecordKind::Shipment,
                    format!("{} under {}", stranger.key, shipment.order_number),
                ),
            },
        })
        .collect();
    let raise = RaiseStrangers {
        company: merchant.company.to_string(),
        strangers: cards,
        told,
        now: worker.parts.clock.now(),
    };
    if raise.strangers.is_empty() && raise.told.is_empty() {
        Ok(())
    } else {
        worker.parts.store.write(raise).await
    }
}

async fn decide_all((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    loop {
        let reference = worker.references.current(&parts.store, &merchant.company).await?;
        let messages = undecided(worker, merchant, merchant.warehouse.connection()).await?;
        if messages.is_empty() {
            return Ok(());
        }
        // Those of one order one after the other: two parts of it must not be decided on the same version of it.
        let mut orders: BTreeMap<String, Vec<(Undecided, Wrapped)>> = BTreeMap::new();
        for (message, key) in messages {
            orders.entry(message.journey.clone()).or_default().push((message, key));
        }
        let reference = &reference;
        let decisions = orders.into_values().map(|messages| async move {
            let mut decided = 0;
            for (message, key) in messages {
                decided += u32::from(decide_one((worker, merchant), reference, message, key).await?);
            }
            Ok::<u32, UnitError>(decided)
        });
        let decided = decided(join_all(decisions).await);
        parts.bells.ring(merchant.ledger.connection());
        parts.bells.ring(merchant.channel.connection());
        parts.hooks.at(Point::AfterDecide).await;
        if decided == 0 {
            return Ok(());
        }
    }
}

async fn decide_one(
    (worker, merchant): Of<'_>,
    reference: &Reference,
    message: Undecided,
    wrapped: Wrapped,
) -> Result<bool, UnitError> {
    let parts = &*worker.parts;
    let company = merchant.company.as_str();
    let key = parts.vault.unwrap(company, &message.journey, &wrapped)?;
    let body = parts
        .vault
        .open(&key, place("message", &message.record), message.body.clone())?;
    let id = Fingerprint::parse(&message.journey)
        .map(JourneyId::from_fingerprint)
        .map_err(|error| UnitError::Refused(error.to_string()))?;
    let Some(seen) = parts.store.read(LoadJourney { id: id.clone() }).await? else {
        return Err(UnitError::Refused(format!(
            "journey {id} of shipment {} is not there",
            message.record
        )));
    };
    let (decision, home, found) = match merchant.warehouse.read_shipment(&body) {
        Ok(shipment) if seen.journey.shipments.iter().any(|known| known.key == shipment.key) => {
            // The same shipment with another time stamp or status is no news, unless it brings what its confirmation waits for, or
            // puts right what stands on a card.
            let checked = checked(merchant, reference, |known| check::shipment(&shipment, known));
            let corrected = decide::on_shipment_again(&seen.journey, &shipment, &checked, merchant.confirm_parts);
            let confirmed = Desk::of(worker, merchant, reference)
                .confirmation(&seen.journey, &key, &shipment)
                .await?;
            let confirmed = confirmed.filter(|decision| !decision.effects.is_empty());
            let (decision, home) = match (corrected, confirmed) {
                (None, None) => (Decision::about(seen.journey), Home::Untouched),
                (None, Some(confirmed)) => (confirmed, Home::Untouched),
                (Some(mut corrected), confirmed) => {
                    if let Some(confirmed) = confirmed {
                        corrected.effects.extend(confirmed.effects);
                        corrected.lines.extend(confirmed.lines);
                    }
                    (corrected, Home::Seen { version: seen.version })
                }
            };
            (decision, home, references::of_shipment(&shipment))
        }
        Ok(shipment) => {
            let checked = checked(merchant, reference, |known| check::shipment(&shipment, known));
            let decision = decide::on_shipment(&seen.journey, &shipment, &checked, merchant.confirm_parts);
            (
                decision,
                Home::Seen { version: seen.version },
                references::of_shipment(&shipment),
            )
        }
        Err(unreadable) => {
            let sentence = format!("A shipment could not be read: {unreadable}. Ask the warehouse.");
            let cause = Cause::field(merchant.warehouse.connection().as_str(), &unreadable.field);
            let finding = Finding::new(Code::Unreadable, cause, sentence.clone());
            let decision = Decision {
                findings: vec![finding],
                lines: vec![("shipment.unreadable", sentence)],
                ..Decision::about(seen.journey)
            };
            (decision, Home::Untouched, Vec::new())
        }
    };
    let decided = Decided {
        decision,
        home,
        message: Some(Origin::of(merchant.warehouse.connection(), message)),
        references: found,
    };
    match write((worker, merchant), reference, &key, decided).await {
        Err(UnitError::Conflict(_)) => Ok(false),
        other => other,
    }
}
