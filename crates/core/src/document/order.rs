//! A retailer's order, as it was sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::ident::{Company, Connection, JourneyId};
use crate::money::{Currency, Money, Rate};
use crate::quantity::Quantity;
use crate::reference::Reference;
use crate::time::Timestamp;

/// The retailer's key of a line, unique in its order; kept as text (old orders have leading zeros).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineRef(pub String);

impl fmt::Display for LineRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far the channel says a line is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineState {
    New,
    Acknowledged,
    /// Confirmed as despatched.
    Confirmed,
    CancelRequested,
    Cancelled,
    /// It was despatched, and its goods have come back or are to.
    Returned,
    /// A status that we do not know; kept in their words.
    Other(String),
}

/// Its address is personal data: an order is stored only under its journey's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub company: Company,
    pub channel: Connection,
    /// The channel's own key, which its actions are addressed with.
    pub source_key: String,
    /// The number the retailer and its customer know.
    pub reference: Reference,
    /// The retailer, by the name the channel gives it.
    pub retailer: String,
    /// The supplier that the channel says it is for, by the channel's number.
    #[serde(default)]
    pub supplier: Option<String>,
    /// A status of the whole order that we do not know; kept in their words. What is known is said by its lines.
    #[serde(default)]
    pub unknown_status: Option<String>,
    pub ordered_at: Timestamp,
    pub currency: Currency,
    /// The delivery service asked for, in the retailer's word.
    pub service: Option<String>,
    /// Marked as a test: never posted.
    pub test: bool,
    pub address: Address,
    pub lines: Vec<OrderLine>,
    pub net: Option<Money>,
    pub tax: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    pub line: LineRef,
    /// Echoed verbatim in every action on this line.
    pub part_number: String,
    /// Our SKU as the retailer writes it, or the part number where it holds none.
    pub sku: String,
    /// The SKU that this part number came with when it first came, where that was another. Noted when the order is taken in.
    #[serde(default)]
    pub first_came_with: Option<String>,
    pub quantity: Quantity,
    pub unit_price: Money,
    pub net: Option<Money>,
    pub tax: Option<Money>,
    pub tax_rate: Option<Rate>,
    pub promised: Option<Timestamp>,
    pub state: LineState,
}

impl Order {
    pub fn journey(&self) -> JourneyId {
        JourneyId::derive(&self.company, &self.channel, &self.source_key)
    }

    /// Whether both say the same, how far their lines are aside.
    pub fn same_content(&self, other: &Self) -> bool {
        let strip = |order: &Self| {
            let mut order = order.clone();
            order.lines.iter_mut().for_each(|line| line.state = LineState::New);
            order
        };
        strip(self) == strip(other)
    }
}
