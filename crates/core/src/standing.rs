//! How one of our orders stands in the warehouse before it leaves, and when that needs a person.
//!
//! What is picked needs nobody. What the warehouse holds, asks about, cannot allocate or will not pick has a card, which goes by itself
//! when the warehouse goes on with it.

use crate::cause::{Cause, RecordKind};
use crate::finding::{Code, Finding};
use crate::ident::Connection;

/// One order in the warehouse, as its list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarehouseOrder {
    pub key: String,
    /// The number that it goes by there.
    pub number: String,
    /// The tag that it carries, if any; what carries none of ours is not ours.
    pub release: String,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is picked, packed or has left.
    Underway,
    /// Not all of it is in stock.
    Short,
    /// It waits for something else than stock.
    Held,
    /// Somebody there has asked a question.
    Asks,
    /// It failed there.
    Failed,
    Cancelled,
}

/// The codes of what is found here.
pub const CODES: [Code; 4] = [
    Code::StockShort,
    Code::WarehouseHold,
    Code::WarehouseQuery,
    Code::WarehouseRefused,
];

/// What a person must know of it.
pub fn finding(warehouse: &Connection, order: &WarehouseOrder) -> Option<Finding> {
    let (code, what) = match order.state {
        State::Underway => return None,
        State::Short => (
            Code::StockShort,
            "has not all of it in stock. Find stock, or agree with the retailer what is cancelled",
        ),
        State::Held => (Code::WarehouseHold, "holds it. Ask why, and release the hold there"),
        State::Asks => (
            Code::WarehouseQuery,
            "has a question about it. Answer it in the warehouse's portal",
        ),
        State::Failed => (
            Code::WarehouseRefused,
            "failed to take it in. Ask the warehouse to take it in again",
        ),
        State::Cancelled => (
            Code::WarehouseRefused,
            "has cancelled it. Ask why; have it released again there, or agree with the retailer to cancel",
        ),
    };
    let number = &order.number;
    let cause = Cause::record(RecordKind::WarehouseOrder, number);
    Some(Finding::new(code, cause, format!("Order {number}: {warehouse} {what}.")))
}

/// What one of its orders goes by on a card.
pub fn record(warehouse: &Connection, key: &str) -> String {
    format!("{warehouse} order {key}")
}
