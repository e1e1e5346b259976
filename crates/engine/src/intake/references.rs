//! The references a journey is found by, normalised, with the kind of each.

use tallyman_core::document::{Order, Shipment};
use tallyman_core::effect::Receipt;
use tallyman_core::reference::Reference;

/// The kind of the order numbers that retailers give.
pub const RETAILER_ORDER: &str = "retailer order";

/// The kind of the numbers that the ledger gives our orders.
pub const LEDGER_ORDER: &str = "ledger order";

/// The kind of the ids by which the ledger's own pages and reports name our orders.
const LEDGER_ID: &str = "ledger id";

pub type Found = Vec<(&'static str, String)>;

fn normal(kind: &'static str, text: &str) -> Option<(&'static str, String)> {
    Reference::parse(text).ok().map(|reference| (kind, reference.normalised()))
}

pub fn of_order(order: &Order) -> Found {
    vec![(RETAILER_ORDER, order.reference.normalised())]
}

pub fn of_receipt(receipt: &Receipt) -> Found {
    match receipt {
        Receipt::Order { number, id, .. } => {
            let id = normal(LEDGER_ID, &id.to_string());
            normal(LEDGER_ORDER, number).into_iter().chain(id).collect()
        }
        Receipt::Release { id } => normal("warehouse order", &id.to_string()).into_iter().collect(),
        Receipt::Draft { .. }
        | Receipt::Despatch
        | Receipt::Acknowledged
        | Receipt::Confirmed
        | Receipt::Deleted
        | Receipt::Amended { .. }
        | Receipt::Told => Vec::new(),
    }
}

pub fn of_shipment(shipment: &Shipment) -> Found {
    shipment
        .tracking
        .as_deref()
        .and_then(|tracking| normal("tracking", tracking))
        .into_iter()
        .collect()
}
