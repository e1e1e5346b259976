//! What Virtualstock has written down: the retailers' orders and what the suppliers said about each line. Auditors read these rows.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::clock::Instant;
use crate::mishap::Mishap;

#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// By order id. One counter gives the ids of all accounts.
    pub orders: BTreeMap<i64, Order>,
}

/// Where a line stands. Returns are not part of this twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Order,
    Backorder,
    OrderAck,
    Dispatch,
    Cancel,
    CancelAck,
}

impl Status {
    pub fn key(self) -> &'static str {
        match self {
            Self::Order => "ORDER",
            Self::Backorder => "BACKORDER",
            Self::OrderAck => "ORDER_ACK",
            Self::Dispatch => "DISPATCH",
            Self::Cancel => "CANCEL",
            Self::CancelAck => "CANCEL_ACK",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Order {
    pub id: i64,
    /// Number of the company whose supplier account this is.
    pub company: u32,
    pub order_reference: String,
    pub placed: Instant,
    pub purchase_order_reference: String,
    pub end_user_purchase_order_reference: String,
    pub address: Address,
    pub delivery_service_code: Option<String>,
    pub lines: Vec<Line>,
    /// While this holds, lists show the lines' statuses as they were.
    pub stale: Option<Stale>,
    /// What becomes of it in lists. The one that is polled goes by a status and no retailer.
    pub mishap: Option<Mishap>,
    /// Slips of the retailer's own making: what stands at these places (JSON pointers) of the order as it is shown, whatever the
    /// platform would show there.
    pub slips: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub until: Instant,
    /// One for each line.
    pub statuses: Vec<Status>,
}

#[derive(Debug, Clone, Default)]
pub struct Address {
    pub full_name: String,
    pub line_1: String,
    pub line_2: Option<String>,
    pub city: String,
    pub state: Option<String>,
    pub postal_code: String,
    /// ISO 3166, two letters.
    pub country: String,
    pub phone: String,
    pub email: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub id: i64,
    /// Unique within the order.
    pub line_reference: String,
    pub part_number: String,
    pub supplier_sku_reference: String,
    /// The supplier's item that is meant, whatever the retailer calls it. Shown to nobody.
    pub item: String,
    pub name: String,
    pub quantity: u32,
    pub unit_cost_pennies: i64,
    /// Per cent, whole.
    pub tax_rate: u32,
    pub promised: Instant,
    pub status: Status,
    /// Sum of `dispatches`.
    pub dispatched: u32,
    pub dispatches: Vec<Dispatch>,
}

/// One dispatch entry of one line, as the supplier sent it.
#[derive(Debug, Clone)]
pub struct Dispatch {
    pub quantity: u32,
    pub carrier: String,
    pub tracking_number: String,
    /// `YYYY-MM-DD`, as sent.
    pub date: String,
    pub when: Instant,
}

impl Line {
    pub fn subtotal_pennies(&self) -> i64 {
        self.unit_cost_pennies * i64::from(self.quantity)
    }

    /// Per line, rounded half up to pennies.
    pub fn tax_pennies(&self) -> i64 {
        (self.subtotal_pennies() * i64::from(self.tax_rate) + 50) / 100
    }
}

impl Order {
    pub fn subtotal_pennies(&self) -> i64 {
        self.lines.iter().map(Line::subtotal_pennies).sum()
    }

    pub fn tax_pennies(&self) -> i64 {
        self.lines.iter().map(Line::tax_pennies).sum()
    }

    pub fn statuses(&self) -> Vec<Status> {
        self.lines.iter().map(|line| line.status).collect()
    }

    /// The lines' statuses as a list shows them at this instant: `Some` where it is behind.
    pub fn behind(&self, now: Instant) -> Option<&[Status]> {
        let stale = self.stale.as_ref().filter(|stale| now < stale.until)?;
        let moved = self
            .lines
            .iter()
            .zip(&stale.statuses)
            .any(|(line, shown)| line.status != *shown);
        moved.then_some(&stale.statuses[..])
    }
}

/// The status of a whole order: a line that waits for an answer to a cancellation first, then the least advanced line that is not
/// cancelled. The real rule is unknown; a client should look at lines only.
pub fn order_status(lines: impl Iterator<Item = Status>) -> Status {
    let mut least = Status::CancelAck;
    for status in lines {
        match status {
            Status::Cancel => return Status::Cancel,
            Status::CancelAck => {}
            Status::Order | Status::Backorder | Status::OrderAck | Status::Dispatch => least = least.min(status),
        }
    }
    least
}
