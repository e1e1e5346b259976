//! What a shipment must have before anybody is told of it.

use std::collections::BTreeMap;

use super::{Known, unmapped};
use crate::cause::{Cause, RecordKind};
use crate::document::Shipment;
use crate::finding::{Code, Finding};
use crate::mapping::{Cell, Table};
use crate::sku::{Collation, Sku};
use crate::time::Date;

/// A shipment as the ledger and the retailer will be told of it. What stops only the confirmation does not stop the despatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedShipment {
    pub despatched_on: Date,
    pub courier_id: Option<i64>,
    /// The retailer's slug of the carrier.
    pub carrier: Option<String>,
    pub records_tracking: bool,
    /// How the ledger's database tells codes apart.
    pub collation: Collation,
    /// What the warehouse's codes mean, by their normal form.
    pub meanings: BTreeMap<String, Meaning>,
    pub confirmation_stopped: Option<Finding>,
}

/// What a code of the warehouse means, where the order does not have it under this very code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Our item, if it is mapped.
    pub mapped: Option<Sku>,
    /// The ledger has such an item, mapped or under the code itself.
    pub is_item: bool,
}

/// Checks a shipment against mappings; what it holds is compared with the order when it is decided.
pub fn shipment(shipment: &Shipment, known: &Known<'_>) -> CheckedShipment {
    let slug = known.lookup(Table::CarrierIn, &shipment.carrier);
    let tracking = shipment.tracking.as_deref().unwrap_or("");
    let confirmation_stopped = match slug {
        Err(ref cell) => Some(unmapped(
            Code::CarrierUnmapped,
            format_args!("Shipment {} of order {}", shipment.key, shipment.order_number),
            cell,
            "Map the warehouse's carrier to the retailer's; the confirmation waits until then.",
        )),
        Ok(_) if tracking.is_empty() => Some(Finding::new(
            Code::TrackingMissing,
            Cause::record(RecordKind::Shipment, &shipment.key),
            format!(
                "Shipment {} of order {} came without a tracking number. Ask the warehouse for it.",
                shipment.key, shipment.order_number
            ),
        )),
        Ok(_) => None,
    };
    let courier_id = known
        .lookup(Table::CarrierLedger, &shipment.carrier)
        .ok()
        .and_then(|name| known.facts.couriers.get(name))
        .copied();
    CheckedShipment {
        despatched_on: shipment.shipped_at.date_in(known.zone),
        courier_id,
        carrier: slug.ok().map(str::to_owned),
        records_tracking: known.facts.records_tracking,
        collation: known.facts.collation,
        meanings: shipment.lines.iter().map(|line| meaning(&line.sku, known)).collect(),
        confirmation_stopped,
    }
}

/// A code of the warehouse in the warehouse's own scope: it may call an item otherwise than the ledger and the retailer do.
fn meaning(code: &str, known: &Known<'_>) -> (String, Meaning) {
    let cell = Cell::new(Table::Sku, known.route.warehouse.as_str(), code);
    let mapped = known.mappings.lookup(&cell).and_then(|ours| Sku::parse(ours).ok());
    let itself = Sku::parse(code).ok();
    let is_item = mapped
        .as_ref()
        .or(itself.as_ref())
        .is_some_and(|sku| known.facts.item(sku).is_some());
    (cell.normal(), Meaning { mapped, is_item })
}
