//! Sage's orders beside the retailer's, line by line: products, quantities, prices, tax; and parcel numbers at every end.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::Report;
use super::index::Index;
use crate::sage::books as sage;
use crate::virtualstock::books::Order;

/// Quantity, unit price in pounds, tax rate per cent: the lines of one SKU are compared in this order.
type Terms = (Decimal, Decimal, Decimal);

/// Each Sage order under the retailer's reference, even if there are two: what is doubled may be wrong as well.
pub(super) fn money_and_units(order: &Order, index: &Index<'_>, report: &mut Report) {
    let theirs = by_sku(order.lines.iter().map(|line| {
        let terms = (
            line.quantity.into(),
            Decimal::new(line.unit_cost_pennies, 2),
            line.tax_rate.into(),
        );
        (line.item.as_str(), terms)
    }));
    for sage_order in index.sage_orders(order) {
        let ours = by_sku(
            sage_order
                .lines
                .iter()
                .map(|line| (line.code.as_str(), (line.quantity, line.unit_price, line.tax_rate))),
        );
        let name = format!(
            "company {}, {}, Sage order {}",
            order.company, order.order_reference, sage_order.document_no
        );
        let skus: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
        for sku in skus {
            let (theirs, ours) = (
                theirs.get(sku).map_or(&[][..], Vec::as_slice),
                ours.get(sku).map_or(&[][..], Vec::as_slice),
            );
            let nothing: Terms = Default::default();
            for place in 0..theirs.len().max(ours.len()) {
                let their = theirs.get(place).copied().unwrap_or(nothing);
                let our = ours.get(place).copied().unwrap_or(nothing);
                if their.0 != our.0 {
                    report.moved_units += whole(our.0.saturating_sub(their.0));
                    report.units.push(format!(
                        "{name}: {} of {sku} ordered, {} in Sage",
                        their.0.normalize(),
                        our.0.normalize()
                    ));
                } else if their.1 != our.1 {
                    let moved = our
                        .1
                        .saturating_sub(their.1)
                        .saturating_mul(our.0)
                        .saturating_mul(Decimal::ONE_HUNDRED);
                    report.moved_pennies += whole(moved);
                    report.money.push(format!(
                        "{name}: {sku} costs {} at the retailer, {} in Sage",
                        their.1.normalize(),
                        our.1.normalize()
                    ));
                } else if their.2 != our.2 {
                    report.money.push(format!(
                        "{name}: {sku} bears {} % tax at the retailer, {} % in Sage",
                        their.2.normalize(),
                        our.2.normalize()
                    ));
                }
            }
        }
        let (net, total) = (Decimal::new(order.subtotal_pennies(), 2), net(sage_order));
        if net != total {
            report
                .money
                .push(format!("{name}: net {net} at the retailer, {total} in Sage"));
        }
    }
}

/// How much it is, up or down, rounded up.
fn whole(moved: Decimal) -> u64 {
    moved.abs().ceil().to_u64().unwrap_or(u64::MAX)
}

fn by_sku<'a>(lines: impl Iterator<Item = (&'a str, Terms)>) -> BTreeMap<String, Vec<Terms>> {
    let mut by_sku: BTreeMap<String, Vec<Terms>> = BTreeMap::new();
    for (sku, terms) in lines {
        by_sku.entry(sku.to_ascii_uppercase()).or_default().push(terms);
    }
    for terms in by_sku.values_mut() {
        terms.sort();
    }
    by_sku
}

/// As Sage computes it: each line to the penny, half away from nought.
fn net(order: &sage::Order) -> Decimal {
    let line = |line: &sage::Line| {
        line.quantity
            .saturating_mul(line.unit_price)
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
    };
    order.lines.iter().map(line).fold(Decimal::ZERO, Decimal::saturating_add)
}

/// Parcel numbers must be the warehouse's own, in Sage (where it records them) and at the retailer.
pub(super) fn tracking(order: &Order, index: &Index<'_>, records_tracking: bool, found: &mut Vec<String>) {
    let sage_orders = index.sage_orders(order);
    let parcels: BTreeSet<&str> = sage_orders
        .iter()
        .flat_map(|order| index.warehouse_orders(order))
        .filter(|part| part.status.is_shipped())
        .map(|part| part.tracking_number.as_str())
        .collect();
    let name = format!("company {}, {}", order.company, order.order_reference);
    if records_tracking {
        for despatch in sage_orders.iter().flat_map(|order| index.despatches(order)) {
            let (number, consignment) = (&despatch.document_no, &despatch.consignment_no);
            if consignment.is_empty() {
                found.push(format!("{name}: Sage despatch {number} has no consignment number"));
            } else if !parcels.contains(consignment.as_str()) {
                found.push(format!(
                    "{name}: Sage despatch {number} names parcel {consignment}, which the warehouse never sent"
                ));
            }
        }
    }
    for line in &order.lines {
        for dispatch in line
            .dispatches
            .iter()
            .filter(|dispatch| !parcels.contains(dispatch.tracking_number.as_str()))
        {
            let (reference, number) = (&line.line_reference, &dispatch.tracking_number);
            found.push(format!(
                "{name}, line {reference}: the retailer was told of parcel {number}, which the warehouse never sent"
            ));
        }
    }
}
