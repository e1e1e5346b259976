//! What a change of what is known would make of a record: checked with the one and with the other, and compared in words.
//!
//! For whoever tries a change on what came before. What was written for a record stays as it is; this says what would have been decided.

use std::collections::BTreeMap;

use super::{CheckedOrder, CheckedShipment, Known};
use crate::document::{Order, Shipment};
use crate::finding::Finding;

/// A point in which a record would be decided otherwise, as it is and as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    pub what: String,
    pub before: String,
    pub after: String,
}

const GOES_ON: &str = "goes on";
const STOPS: &str = "stops";

impl Otherwise {
    /// Without what is said of the record, which may name a customer: that it stops is told, and not why.
    pub fn masked(self) -> Self {
        let mask = |text: String| match text.split_once(": ") {
            Some((STOPS, _)) => STOPS.to_owned(),
            _ => text,
        };
        Self {
            what: self.what,
            before: mask(self.before),
            after: mask(self.after),
        }
    }
}

/// The points in which an order would be decided otherwise.
pub fn order(order: &Order, before: &Known<'_>, after: &Known<'_>) -> Vec<Otherwise> {
    let whole = |before: String, after: String| Otherwise {
        what: "The order".into(),
        before,
        after,
    };
    match (super::order(order, before), super::order(order, after)) {
        (Ok(was), Ok(is)) => differences(points(&was, before), points(&is, after)),
        (Err(found), Ok(_)) => vec![whole(stops(&found), GOES_ON.into())],
        (Ok(_), Err(found)) => vec![whole(GOES_ON.into(), stops(&found))],
        (Err(was), Err(is)) if stops(&was) == stops(&is) => Vec::new(),
        (Err(was), Err(is)) => vec![whole(stops(&was), stops(&is))],
    }
}

/// The points in which a shipment would be told of otherwise.
pub fn shipment(shipment: &Shipment, before: &Known<'_>, after: &Known<'_>) -> Vec<Otherwise> {
    let told = |known: &Known<'_>| told(shipment, &super::shipment(shipment, known), known);
    differences(told(before), told(after))
}

fn stops(found: &[Finding]) -> String {
    let sentences: Vec<&str> = found.iter().map(|finding| finding.sentence.as_str()).collect();
    format!("{STOPS}: {}", sentences.join(" "))
}

/// Both are of one record, so they have the same points in the same order.
fn differences(before: Vec<(String, String)>, after: Vec<(String, String)>) -> Vec<Otherwise> {
    let both = before.into_iter().zip(after);
    both.filter(|((_, before), (_, after))| before != after)
        .map(|((what, before), (_, after))| Otherwise { what, before, after })
        .collect()
}

/// What people call what the ledger numbers.
fn name(names: &BTreeMap<String, i64>, id: i64) -> String {
    let found = names.iter().find(|(_, its)| **its == id);
    found.map_or_else(|| id.to_string(), |(name, _)| name.clone())
}

fn points(checked: &CheckedOrder, known: &Known<'_>) -> Vec<(String, String)> {
    let (ledger, release, facts) = (&checked.ledger, &checked.release, known.facts);
    let mut points = vec![
        ("Customer".into(), name(&facts.customers, ledger.customer_id)),
        ("Site of the warehouse".into(), release.warehouse_id.to_string()),
        ("Courier service".into(), release.service_id.to_string()),
    ];
    for line in &ledger.lines {
        let tax = facts.tax_codes.iter().find(|(_, code)| code.id == line.tax_code_id);
        let tax = tax.map_or_else(|| line.tax_code_id.to_string(), |(code, _)| code.clone());
        points.extend([
            (format!("Line {}", line.line), format!("{} of {}", line.quantity, line.code)),
            (format!("Tax code of line {}", line.line), tax),
            (
                format!("Warehouse of line {}", line.line),
                name(&facts.warehouses, line.warehouse_id),
            ),
        ]);
    }
    points
}

fn told(shipment: &Shipment, checked: &CheckedShipment, known: &Known<'_>) -> Vec<(String, String)> {
    let key = &shipment.key;
    let carrier = match &checked.confirmation_stopped {
        Some(finding) => stops(std::slice::from_ref(finding)),
        None => checked.carrier.clone().unwrap_or_default(),
    };
    let courier = checked
        .courier_id
        .map_or_else(|| "no courier".into(), |id| name(&known.facts.couriers, id));
    let mut told = vec![
        (format!("Carrier that the retailer is told, shipment {key}"), carrier),
        (format!("Courier in the ledger, shipment {key}"), courier),
    ];
    for (code, meaning) in &checked.meanings {
        let item = meaning.mapped.as_ref().map_or_else(|| code.clone(), ToString::to_string);
        let item = if meaning.is_item {
            item
        } else {
            format!("{item}, which the ledger does not have")
        };
        told.push((format!("Item {code}, shipment {key}"), item));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_it_says_that_a_record_stops_and_not_why() {
        let point = |before: &str| Otherwise {
            what: "The order".into(),
            before: before.into(),
            after: "2 of 85123A".into(),
        };
        assert_eq!(point("stops: Line 1 for Anna Smith is too long.").masked(), point(STOPS));
        assert_eq!(point(GOES_ON).masked(), point(GOES_ON));
    }
}
