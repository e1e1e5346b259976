//! Guardrails: what must hold before anything is written anywhere.
//!
//! An order or shipment goes in with the merchant's mappings and the ledger's facts; out comes what the effects will write, fully
//! resolved, or every finding at once. Nothing is guessed: what is not mapped stops, and says which cell is missing.

mod figures;
mod item;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::cause::{Cause, RecordKind};
use crate::document::{Order, OrderLine, Shipment};
use crate::effect::{LedgerLine, LedgerOrder, Release, ReleasedItem};
use crate::facts::{Facts, TaxCode};
use crate::finding::{Code, Finding};
use crate::journey::Route;
use crate::mapping::{Cell, Mappings, Table};
use crate::money::Money;
use crate::quantity::{Quantity, Ratio};
use crate::sku::{Collation, Sku};
use crate::time::{Date, Zone};

/// Sage's customer order number holds this many characters (sage200 §5.2).
pub const LEDGER_REFERENCE_CHARS_MAX: usize = 30;

/// What the guardrails look things up in.
pub struct Known<'a> {
    pub mappings: &'a Mappings,
    pub facts: &'a Facts,
    pub route: &'a Route,
    pub zone: &'a Zone,
    /// The numbers under which the channel knows this company as a supplier; none where nobody has said so.
    pub suppliers: &'a BTreeSet<String>,
}

/// An order whose every line, party and figure is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedOrder {
    pub ledger: LedgerOrder,
    pub release: Release,
    /// What stands on each of its lines, in sequence.
    pub lines: Vec<CheckedLine>,
}

/// What a line is of, and how much of it, in the ledger's stock unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedLine {
    pub sku: Sku,
    /// How many of the ledger's unit one of theirs is.
    pub unit: Ratio,
    pub quantity: Quantity,
}

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

impl Known<'_> {
    fn cell(&self, table: Table, theirs: &str) -> Cell {
        Cell {
            table,
            scope: self.route.channel.to_string(),
            theirs: theirs.to_owned(),
        }
    }

    fn lookup(&self, table: Table, theirs: &str) -> Result<&str, Cell> {
        let cell = self.cell(table, theirs);
        self.mappings.lookup(&cell).ok_or(cell)
    }
}

/// Checks an order; every finding is collected, so that a person fixes it once.
pub fn order(order: &Order, known: &Known<'_>) -> Result<CheckedOrder, Vec<Finding>> {
    let mut findings = standing::of(order, known);
    let customer_id = keep(customer(order, known), &mut findings);
    let warehouse_id = keep(ledger_warehouse(order, known), &mut findings);
    let (site_id, service_id) = (
        keep(site(order, known), &mut findings),
        keep(service(order, known), &mut findings),
    );
    if let Err(too_long) = order
        .reference
        .fit(LEDGER_REFERENCE_CHARS_MAX, "the ledger's customer order number")
    {
        findings.push(Finding::new(
            Code::ReferenceTooLong,
            Cause::order(order.reference.as_str()),
            format!("{}: {too_long}.", whole(order)),
        ));
    }
    let address = match order.address.fit_sage() {
        Ok(address) => Some(address),
        Err(fields) => {
            findings.extend(fields.iter().map(|field| {
                Finding::new(
                    Code::AddressTooLong,
                    Cause::field(known.route.ledger.as_str(), field.field),
                    format!("Order {}: {field}", order.reference.as_str()),
                )
            }));
            None
        }
    };
    let mut lines = Vec::new();
    let mut checked_lines = Vec::new();
    let mut net = Money::ZERO;
    for line in &order.lines {
        match ledger_line(line, order, known, warehouse_id) {
            Ok((ledger, checked, line_net)) => {
                match net.checked_add(line_net) {
                    Ok(sum) => net = sum,
                    Err(overflow) => findings.push(figures::disagree(order, &overflow.to_string())),
                }
                lines.push(ledger);
                checked_lines.push(checked);
            }
            Err(found) => found.into_iter().for_each(|finding| {
                // Two lines with one thing wrong are one finding; its sentence names the first.
                let same = |other: &Finding| other.code == finding.code && other.cause == finding.cause;
                if !findings.iter().any(same) {
                    findings.push(finding);
                }
            }),
        }
    }
    if order.lines.is_empty() {
        findings.push(Finding::new(
            Code::Unreadable,
            Cause::field(order.channel.as_str(), "lines"),
            format!("Order {} has no lines. Ask the retailer.", order.reference.as_str()),
        ));
    }
    if findings.is_empty() {
        findings.extend(figures::header(order, net));
    }
    match (customer_id, warehouse_id, site_id, service_id, address) {
        (Some(customer_id), Some(_), Some(site_id), Some(service_id), Some(address)) if findings.is_empty() => {
            let items = items(order, &checked_lines, known, &mut findings);
            if !findings.is_empty() {
                return Err(findings);
            }
            Ok(CheckedOrder {
                ledger: LedgerOrder {
                    customer_id,
                    reference: order.reference.as_str().to_owned(),
                    ordered_on: order.ordered_at.date_in(known.zone),
                    promised_on: order
                        .lines
                        .iter()
                        .filter_map(|line| line.promised)
                        .min()
                        .map(|promised| promised.date_in(known.zone)),
                    address,
                    lines,
                    net,
                },
                release: Release {
                    service_id,
                    warehouse_id: site_id,
                    address: order.address.clone(),
                    currency: order.currency,
                    items,
                },
                lines: checked_lines,
            })
        }
        _ => Err(findings),
    }
}

fn keep<T>(found: Result<T, Finding>, findings: &mut Vec<Finding>) -> Option<T> {
    found.map_err(|finding| findings.push(finding)).ok()
}

/// What is stopped, for the beginning of a sentence: an order, or one of its lines. Most are written never, since most orders pass.
#[derive(Clone, Copy)]
struct Stopped<'a>(&'a Order, Option<&'a OrderLine>);

impl fmt::Display for Stopped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Order {}", self.0.reference.as_str())?;
        self.1.map_or(Ok(()), |line| write!(f, " line {}", line.line))
    }
}

fn whole(order: &Order) -> Stopped<'_> {
    Stopped(order, None)
}

fn line_of<'a>(order: &'a Order, line: &'a OrderLine) -> Stopped<'a> {
    Stopped(order, Some(line))
}

fn unmapped(code: Code, stopped: impl fmt::Display, cell: &Cell, remedy: &str) -> Finding {
    Finding::new(
        code,
        Cause::Cell(cell.clone()),
        format!("{stopped}: there is no mapping for {cell}. {remedy}"),
    )
}

fn not_there(code: Code, stopped: impl fmt::Display, cell: &Cell, what: &str, ours: &str) -> Finding {
    let sentence = format!(
        "{stopped}: the mapping for {cell} says {what} {ours}, which does not exist there. Correct the mapping, or create it."
    );
    Finding::new(code, Cause::Cell(cell.clone()), sentence)
}

fn number(code: Code, stopped: impl fmt::Display, cell: &Cell, what: &str, ours: &str) -> Result<i64, Finding> {
    ours.parse().map_err(|_| not_there(code, stopped, cell, what, ours))
}

fn customer(order: &Order, known: &Known<'_>) -> Result<i64, Finding> {
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
fn ledger_warehouse(order: &Order, known: &Known<'_>) -> Result<i64, Finding> {
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
fn site(order: &Order, known: &Known<'_>) -> Result<i64, Finding> {
    const CODE: Code = Code::WarehouseUnmapped;
    let (stopped, theirs) = (whole(order), format!("site of {}", known.route.warehouse));
    let ours = known
        .lookup(Table::Warehouse, &theirs)
        .map_err(|cell| unmapped(CODE, stopped, &cell, "Map it to the 3PL's warehouse id."))?;
    number(CODE, stopped, &known.cell(Table::Warehouse, &theirs), "site", ours)
}

fn service(order: &Order, known: &Known<'_>) -> Result<i64, Finding> {
    const CODE: Code = Code::CarrierUnmapped;
    const REMEDY: &str = "Map it to a courier service id of the warehouse; the order waits until then.";
    let (stopped, theirs) = (whole(order), order.service.as_deref().unwrap_or(""));
    let ours = known
        .lookup(Table::CarrierOut, theirs)
        .map_err(|cell| unmapped(CODE, stopped, &cell, REMEDY))?;
    number(CODE, stopped, &known.cell(Table::CarrierOut, theirs), "courier service", ours)
}

fn ledger_line(
    line: &OrderLine,
    order: &Order,
    known: &Known<'_>,
    warehouse_id: Option<i64>,
) -> Result<(LedgerLine, CheckedLine, Money), Vec<Finding>> {
    let mut findings = Vec::new();
    let item = keep(item::of(line, order, known, warehouse_id), &mut findings);
    let tax = keep(tax(line, order, known), &mut findings);
    let sold = keep(in_ledger_units(line, order, known), &mut findings);
    let net = keep(figures::line(line, order), &mut findings);
    match (item, tax, sold, net, warehouse_id) {
        (Some(item), Some(tax), Some((unit, quantity, unit_price)), Some(net), Some(warehouse_id)) if findings.is_empty() => {
            let ledger = LedgerLine {
                line: line.line.clone(),
                product_id: item.ledger_id,
                code: item.sku.as_str().to_owned(),
                warehouse_id,
                quantity,
                unit_price,
                tax_code_id: tax.id,
            };
            let sku = item.sku.clone();
            Ok((ledger, CheckedLine { sku, unit, quantity }, net))
        }
        _ => Err(findings),
    }
}

fn tax<'a>(line: &OrderLine, order: &Order, known: &'a Known<'_>) -> Result<&'a TaxCode, Finding> {
    const CODE: Code = Code::TaxUnmapped;
    let (stopped, theirs) = (
        line_of(order, line),
        line.tax_rate.map_or_else(String::new, |rate| rate.to_string()),
    );
    let ours = known
        .lookup(Table::Tax, &theirs)
        .map_err(|cell| unmapped(CODE, stopped, &cell, "Map this VAT rate to a tax code of the ledger."))?;
    let cell = known.cell(Table::Tax, &theirs);
    let code = known.facts.tax_codes.get(ours);
    let code = code.ok_or_else(|| not_there(CODE, stopped, &cell, "tax code", ours))?;
    if line.tax_rate.is_some_and(|rate| rate != code.rate) {
        let sentence = format!(
            "{stopped}: {cell} is mapped to tax code {ours}, whose rate in the ledger is {}. Map it to the code of its own rate.",
            code.rate
        );
        return Err(Finding::new(CODE, Cause::Cell(cell), sentence));
    }
    Ok(code)
}

/// What one of theirs is in the ledger's unit, and the line's quantity and price in it. Both are exact, so their product, the line's
/// net, is the retailer's to the penny; what cannot be said exactly is nobody's to round.
fn in_ledger_units(line: &OrderLine, order: &Order, known: &Known<'_>) -> Result<(Ratio, Quantity, Money), Finding> {
    let cell = known.cell(Table::Unit, &line.sku);
    let Some(ours) = known.mappings.lookup(&cell) else {
        return Ok((Ratio::ONE, line.quantity, line.unit_price));
    };
    let stopped = |sentence| Finding::new(Code::UnitUnmapped, Cause::Cell(cell.clone()), sentence);
    let unit = Ratio::parse(ours).map_err(|error| {
        stopped(format!(
            "{}: the mapping for {cell} cannot be used: {error}. Say in it how many of the ledger's stock unit one of the retailer's is.",
            line_of(order, line)
        ))
    })?;
    let inexact = |what: String| {
        stopped(format!(
            "Order {} line {}: {cell} is mapped to {unit} of the ledger's stock unit, and {what} cannot be said in that unit exactly, to \
             five decimal places. Correct the mapping; if it is right, ask the retailer for a quantity and price that can.",
            order.reference.as_str(),
            line.line
        ))
    };
    let quantity = unit
        .apply(line.quantity)
        .map_err(|_| inexact(format!("a quantity of {}", line.quantity)))?;
    let unit_price = line
        .unit_price
        .checked_div(unit)
        .map_err(|_| inexact(format!("a price of {}", line.unit_price)))?;
    Ok((unit, quantity, unit_price))
}

/// One item for each SKU, in the order in which they first stand on the order.
fn items(order: &Order, checked: &[CheckedLine], known: &Known<'_>, findings: &mut Vec<Finding>) -> Vec<ReleasedItem> {
    let mut items: Vec<ReleasedItem> = Vec::new();
    let mut at = BTreeMap::new();
    for (line, CheckedLine { sku, quantity, .. }) in order.lines.iter().zip(checked) {
        let Some(units) = quantity.as_whole() else {
            let cell = known.cell(Table::Unit, &line.sku);
            let sentence = format!(
                "Order {} line {}: a warehouse cannot pick {quantity} of {sku}. Correct the quantity at the source, or map {cell} to how \
                 many of the ledger's stock unit one of the retailer's is.",
                order.reference.as_str(),
                line.line
            );
            findings.push(Finding::new(Code::QuantityNotWhole, Cause::Cell(cell), sentence));
            continue;
        };
        let index = *at.entry(sku.key_under(known.facts.collation)).or_insert_with(|| {
            items.push(ReleasedItem {
                sku: sku.clone(),
                units: 0,
            });
            items.len() - 1
        });
        items[index].units = items[index].units.saturating_add(units);
    }
    items
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
