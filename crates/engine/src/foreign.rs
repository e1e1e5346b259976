//! The other half of the duplicate sweep: orders of ours of which more is despatched in the ledger than has left the warehouse.
//!
//! One list gives all that was despatched since the last sweep; only what stands on a card is asked about by itself. What the ledger
//! says is read before our journeys are, so that a shipment that comes in between cannot look like somebody else's despatch.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use tallyman_core::finding::Code;
use tallyman_core::foreign::{Gone, compare};
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::journey::Journey;
use tallyman_core::reference::Reference;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::journeys;
use tallyman_store::{Tx, Unit, UnitError};

use crate::cards::{self, Card, journey_id};
use crate::intake::{Of, RoundError, references};
use crate::wire::Wire;
use crate::worker::LoadJourney;

/// Orders whose journeys are read in one transaction.
const READ_AT_ONCE: usize = 200;

/// Looks at what was despatched in the ledger since then, and again at what stands on a card.
pub async fn look((worker, merchant): Of<'_>, wire: &Wire<'_>, since: Timestamp) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    let ledger = merchant.ledger.connection();
    let standing = cards::standing((worker, merchant), Code::LedgerForeignDespatch, &record(ledger, "")).await?;
    let standing: BTreeSet<(JourneyId, i64)> = standing.into_iter().collect();

    let mut gone: BTreeMap<i64, Vec<Gone>> = BTreeMap::new();
    for row in merchant.ledger.gone_since(wire, since).await? {
        gone.entry(row.order).or_default().push(row);
    }
    let orders: Vec<(i64, String)> = gone
        .iter()
        .filter_map(|(order, rows)| Some((*order, rows.first()?.number.clone())))
        .collect();
    for orders in orders.chunks(READ_AT_ONCE) {
        let ours = Ours {
            company: merchant.company.to_string(),
            ledger: ledger.clone(),
            orders: orders.to_vec(),
        };
        for (order, journey) in parts.store.read(ours).await? {
            let on_card = standing.contains(&(journey.id.clone(), order));
            // What stands on a card is judged below, by all that has gone of it.
            if !on_card {
                let rows = gone.get(&order).map_or(&[][..], Vec::as_slice);
                settle((worker, merchant), &journey, order, rows, on_card).await?;
            }
        }
    }
    for (id, order) in &standing {
        let rows = merchant.ledger.gone_of(wire, *order).await?;
        if let Some(seen) = parts.store.read(LoadJourney { id: id.clone() }).await? {
            settle((worker, merchant), &seen.journey, *order, &rows, true).await?;
        }
    }
    Ok(())
}

/// What an order goes by on a card.
fn record(ledger: &Connection, order: impl Display) -> String {
    format!("{ledger} despatches of {order}")
}

async fn settle(
    (worker, merchant): Of<'_>,
    journey: &Journey,
    order: i64,
    rows: &[Gone],
    on_card: bool,
) -> Result<(), UnitError> {
    let card = Card {
        journey: &journey.id,
        record: record(merchant.ledger.connection(), order),
        finding: compare(journey, rows),
        gone: "What is despatched in the ledger has left the warehouse.",
    };
    cards::settle((worker, merchant), card, on_card).await
}

/// The journeys whose orders these are, by the ledger's number and id.
pub struct Ours {
    pub company: String,
    pub ledger: Connection,
    pub orders: Vec<(i64, String)>,
}

impl Unit for Ours {
    type Output = Vec<(i64, Journey)>;
    const NAME: &'static str = "journeys_of_ledger_orders";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut ours = Vec::new();
        for (order, number) in &self.orders {
            let Ok(number) = Reference::parse(number) else { continue };
            for id in journeys::known_as(tx, &self.company, references::LEDGER_ORDER, &number.normalised()).await? {
                let Some(stored) = journeys::load(tx, &journey_id(&id)?).await? else {
                    continue;
                };
                let is_it = stored.journey.ledger_order.as_ref().is_some_and(|key| key.id == *order);
                if is_it && stored.journey.route.ledger == self.ledger {
                    ours.push((*order, stored.journey));
                }
            }
        }
        Ok(ours)
    }
}
