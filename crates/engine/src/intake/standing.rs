//! How our orders stand in the warehouse: the list that is polled for shipments shows it anyway, so nothing more is asked.

use std::collections::BTreeMap;

use tallyman_core::finding::Code;
use tallyman_core::standing::{self, CODES, WarehouseOrder};
use tallyman_store::tables::exceptions;
use tallyman_store::{Tx, Unit, UnitError};

use super::Of;
use crate::cards::{self, Card, journey_id};
use crate::units::LookUpRelease;

/// Orders that stand on cards and are known in one round, the oldest first.
const STANDING_MAX: i64 = 1_000;

/// Puts up the cards of what the warehouse does not go on with, and takes off those of what it does.
pub async fn settle((worker, merchant): Of<'_>, orders: &[WarehouseOrder]) -> Result<(), UnitError> {
    let store = &worker.parts.store;
    let warehouse = merchant.warehouse.connection();
    let company = merchant.company.to_string();
    if orders.is_empty() {
        return Ok(());
    }
    let standing = store
        .read(Standing {
            company: company.clone(),
        })
        .await?;
    let record = |order: &WarehouseOrder| standing::record(warehouse, &order.key);
    let doubtful: Vec<_> = orders
        .iter()
        .map(|order| (order, standing::finding(warehouse, order)))
        .filter(|(order, found)| found.as_ref().map(|found| found.code) != standing.get(&record(order)).map(|(_, code)| *code))
        .collect();
    if doubtful.is_empty() {
        return Ok(());
    }
    let releases = doubtful.iter().map(|(order, _)| order.release.clone()).collect();
    let journeys = store.read(LookUpRelease { company, releases }).await?;
    for ((order, found), journey) in doubtful.into_iter().zip(journeys) {
        // What carries no tag of ours is somebody else's; what lost it since is still the order that it was.
        let known = standing.get(&record(order)).map(|(journey, _)| journey.clone());
        let Some(journey) = journey.or(known) else { continue };
        let journey = journey_id(&journey)?;
        let card = |finding| Card {
            journey: &journey,
            record: record(order),
            finding,
            gone: "The warehouse goes on with it.",
        };
        if standing.contains_key(&record(order)) {
            cards::settle((worker, merchant), card(None), true).await?;
        }
        cards::settle((worker, merchant), card(found), false).await?;
    }
    Ok(())
}

/// What stands on these cards: journey and code, by record.
struct Standing {
    company: String,
}

impl Unit for Standing {
    type Output = BTreeMap<String, (String, Code)>;
    const NAME: &'static str = "standing_in_warehouse";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut standing = BTreeMap::new();
        for code in CODES {
            for (journey, record) in exceptions::members_under(tx, &self.company, code, STANDING_MAX).await? {
                standing.insert(record, (journey, code));
            }
        }
        Ok(standing)
    }
}
