//! Guardrails: what must hold before anything is written anywhere.
//!
//! An order or shipment goes in with the merchant's mappings and the ledger's facts; out comes what the effects will write, fully
//! resolved, or every finding at once. Nothing is guessed: what is not mapped stops, and says which cell is missing.

mod figures;
mod item;
mod line;
pub mod otherwise;
mod parties;
mod shipment;
mod standing;

use std::collections::BTreeSet;
use std::fmt;

pub use shipment::{CheckedShipment, Meaning, shipment};

use crate::cause::Cause;
use crate::document::{Order, OrderLine};
use crate::effect::{LedgerOrder, Release};
use crate::facts::Facts;
use crate::finding::{Code, Finding};
use crate::journey::Route;
use crate::mapping::{Cell, Mappings, Table};
use crate::money::Money;
use crate::quantity::{Quantity, Ratio};
use crate::sku::Sku;
use crate::time::Zone;

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
    let customer_id = keep(parties::customer(order, known), &mut findings);
    let warehouse_id = keep(parties::ledger_warehouse(order, known), &mut findings);
    let (site_id, service_id) = (
        keep(parties::site(order, known), &mut findings),
        keep(parties::service(order, known), &mut findings),
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
        match line::of(line, order, known, warehouse_id) {
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
            let items = line::items(order, &checked_lines, known, &mut findings);
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
