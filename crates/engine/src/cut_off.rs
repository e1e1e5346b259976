//! Orders that stand still while the warehouse's cut-off comes nearer: one card for a warehouse and day.
//!
//! It comes round with the heartbeats and asks nobody outside. An order is on the card from an hour before the cut-off until it is
//! released; what the cut-off finds there is missed, until it has left.

use std::collections::BTreeMap;
use std::time::Duration;

use tallyman_core::finding::Code;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::{Journey, Stage};
use tallyman_core::promise::{self, CutOff, NEAR};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::{exceptions, journeys};
use tallyman_store::{Tx, Unit, UnitError};

use crate::cards::{self, Card, journey_id};
use crate::intake::Of;

/// Orders looked at in one round; more than these in the next, when these are on the card.
const ORDERS_MAX: i64 = 1_000;

const CODES: [Code; 2] = [Code::CutOffNear, Code::CutOffMissed];

pub async fn round((worker, merchant): Of<'_>) -> Result<(), UnitError> {
    let parts = &*worker.parts;
    let Some(cut_off) = &merchant.promises.cut_off else {
        return Ok(());
    };
    let now = parts.clock.now();
    let look = Look {
        company: merchant.company.to_string(),
        cut_off: cut_off.clone(),
        now,
    };
    let warehouse = merchant.warehouse.connection();
    for Stands { journey, at, on_card } in parts.store.read(look).await? {
        let finding = promise::cut_off(warehouse, cut_off, &journey, at, now).filter(|_| journey.stage != Stage::Declined);
        let wanted = finding.as_ref().map(|finding| finding.code);
        if wanted == on_card {
            continue;
        }
        let card = |finding| Card {
            journey: &journey.id,
            record: record(at),
            finding,
            gone: "It is released, has left, or is not carried out.",
        };
        if on_card.is_some() {
            cards::settle((worker, merchant), card(None), true).await?;
        }
        cards::settle((worker, merchant), card(finding), false).await?;
    }
    Ok(())
}

const RECORD: &str = "cut-off at ";

/// What an order goes by on the card: the cut-off's own instant, which a later change of the configuration leaves as it is.
fn record(at: Timestamp) -> String {
    format!("{RECORD}{}", at.micros())
}

/// An order that stands still or is on a card, the cut-off in question, and the card.
struct Stands {
    journey: Journey,
    at: Timestamp,
    on_card: Option<Code>,
}

struct Look {
    company: String,
    cut_off: CutOff,
    now: Timestamp,
}

impl Unit for Look {
    type Output = Vec<Stands>;
    const NAME: &'static str = "look_at_cut_offs";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Stands>, UnitError> {
        let mut found: BTreeMap<(JourneyId, Timestamp), Option<Code>> = BTreeMap::new();
        for code in CODES {
            for (journey, record) in exceptions::members_under(tx, &self.company, code, ORDERS_MAX).await? {
                let at = record.strip_prefix(RECORD).and_then(|at| at.parse().ok());
                if let Some(at) = at.map(Timestamp::from_micros) {
                    found.insert((journey_id(&journey)?, at), Some(code));
                }
            }
        }
        // From an hour before it, and for an hour after it for whoever was not at work then.
        let last = self.cut_off.last_before(self.now).filter(|at| self.now.since(*at) <= NEAR);
        let next = self.cut_off.first_after(self.now).filter(|at| at.since(self.now) <= NEAR);
        for at in [last, next].into_iter().flatten() {
            // Since the cut-off before the one before: what came in time for that one and was decided after it is on no card of it.
            let before = |at: Timestamp| self.cut_off.last_before(at.minus(Duration::from_micros(1)));
            let received = before(at).and_then(before).unwrap_or(Timestamp::ZERO)..at;
            for journey in journeys::standing_still(tx, &self.company, (&received, &record(at)), ORDERS_MAX).await? {
                found.entry((journey_id(&journey)?, at)).or_insert(None);
            }
        }
        let mut stands = Vec::new();
        for ((id, at), on_card) in found {
            let Some(stored) = journeys::load(tx, &id).await? else {
                continue;
            };
            // Released in time is out of the question, whatever stops it now.
            if on_card.is_some() || stored.journey.release_id.is_none() {
                stands.push(Stands {
                    journey: stored.journey,
                    at,
                    on_card,
                });
            }
        }
        Ok(stands)
    }
}
