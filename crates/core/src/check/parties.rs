//! Who buys, from which shelves, by which service: the parties of an order, each by a mapping.

use std::fmt;

use super::{Known, not_there, unmapped, whole};
use crate::cause::Cause;
use crate::document::Order;
use crate::finding::{Code, Finding};
use crate::mapping::{Cell, Table};

/// The ledger's account of the retailer.
pub fn customer(order: &Order, known: &Known<'_>) -> Result<i64, Finding> {
    const CODE: Code = Code::CustomerUnmapped;
    let stopped = whole(order);
    let ours = known
        .lookup(Table::Customer, &order.retailer)
        .map_err(|cell| unmapped(CODE, stopped, &cell, "Map it to a customer account of the ledger."))?;
    let cell = known.cell(Table::Customer, &order.retailer);
    let id = known.facts.customers.get(ours).copied();
    let id = id.ok_or_else(|| not_there(CODE, stopped, &cell, "customer", ours))?;
    if known.facts.on_hold.contains(ours) {
        let sentence = format!("{stopped}: customer account {ours} is on hold in the ledger. Take it off hold there.");
        return Err(Finding::new(Code::CreditHold, Cause::Account(ours.to_owned()), sentence));
    }
    Ok(id)
}

/// The ledger's warehouse that holds what this 3PL holds.
pub fn ledger_warehouse(order: &Order, known: &Known<'_>) -> Result<i64, Finding> {
    const CODE: Code = Code::WarehouseUnmapped;
    let (stopped, theirs) = (whole(order), known.route.warehouse.as_str());
    let ours = known
        .lookup(Table::Warehouse, theirs)
        .map_err(|cell| unmapped(CODE, stopped, &cell, "Map it to a warehouse of the ledger."))?;
    let cell = known.cell(Table::Warehouse, theirs);
    let id = known.facts.warehouses.get(ours).copied();
    id.ok_or_else(|| not_there(CODE, stopped, &cell, "warehouse", ours))
}

/// The 3PL's own id of its site.
pub fn site(order: &Order, known: &Known<'_>) -> Result<i64, Finding> {
    const CODE: Code = Code::WarehouseUnmapped;
    let (stopped, theirs) = (whole(order), format!("site of {}", known.route.warehouse));
    let ours = known
        .lookup(Table::Warehouse, &theirs)
        .map_err(|cell| unmapped(CODE, stopped, &cell, "Map it to the 3PL's warehouse id."))?;
    number(CODE, stopped, &known.cell(Table::Warehouse, &theirs), "site", ours)
}

/// The warehouse's own id of the delivery service.
pub fn service(order: &Order, known: &Known<'_>) -> Result<i64, Finding> {
    const CODE: Code = Code::CarrierUnmapped;
    const REMEDY: &str = "Map it to a courier service id of the warehouse; the order waits until then.";
    let (stopped, theirs) = (whole(order), order.service.as_deref().unwrap_or(""));
    let ours = known
        .lookup(Table::CarrierOut, theirs)
        .map_err(|cell| unmapped(CODE, stopped, &cell, REMEDY))?;
    number(CODE, stopped, &known.cell(Table::CarrierOut, theirs), "courier service", ours)
}

fn number(code: Code, stopped: impl fmt::Display, cell: &Cell, what: &str, ours: &str) -> Result<i64, Finding> {
    ours.parse().map_err(|_| not_there(code, stopped, cell, what, ours))
}
