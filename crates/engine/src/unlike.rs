//! Expected against actual for the orders of a card whose goods left otherwise than they should ([`tallyman_core::unlike`]).
//!
//! Only the first orders that stand still are compared: whoever looks decides about a few at a time, and each order's own page has its own.

use tallyman_core::finding::Code;
use tallyman_core::unlike::{Item, compare};
use tallyman_store::tables::cards::Stored;
use tallyman_store::tables::{board, journeys};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::cards::journey_id;

/// Orders that are compared for one card.
pub const ORDERS_MAX: i64 = 3;

/// Whether a card of this code may be about goods that left otherwise than they should; of an order of which nothing has left there is
/// nothing to compare.
pub const fn compares(code: Code) -> bool {
    matches!(
        code,
        Code::OverShipped
            | Code::ShortShipped
            | Code::Substituted
            | Code::ShippedAfterCancellation
            | Code::LedgerForeignDespatch
            | Code::SkuUnknown
            | Code::Refused
            | Code::OutcomeUnclear
    )
}

/// An order, item by item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub journey: String,
    pub reference: String,
    pub items: Vec<Item>,
}

struct Compare(String);

impl Unit for Compare {
    type Output = Vec<Order>;
    const NAME: &'static str = "expected_against_actual";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Order>, UnitError> {
        let mut orders = Vec::new();
        for id in board::standing(tx, &self.0, ORDERS_MAX).await? {
            let Some(stored) = journeys::load(tx, &journey_id(&id)?).await? else {
                continue;
            };
            let items = compare(&stored.journey);
            if !items.is_empty() {
                orders.push(Order {
                    journey: id,
                    reference: stored.journey.reference,
                    items,
                });
            }
        }
        Ok(orders)
    }
}

/// The first orders that stand still under a card, item by item; none where its code is not about what left.
pub async fn of_card(store: &Store, card: &Stored) -> Result<Vec<Order>, UnitError> {
    if compares(card.card.code) {
        store.read(Compare(card.id.clone())).await
    } else {
        Ok(Vec::new())
    }
}
