//! What the warehouse has written down: its orders, in parts where it split them. Auditors read these rows.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::clock::Instant;
use crate::mishap::Mishap;

#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// By order id, over all clients. A part of a split order is an order of its own.
    pub orders: BTreeMap<i64, Order>,
    /// Items that the warehouse calls otherwise now: by client and the code that merchants send, in capitals. What leaves from then on
    /// shows the new code.
    pub renamed: BTreeMap<(u32, String), String>,
}

impl Rows {
    /// The code that merchants know an item by.
    pub fn meant<'a>(&'a self, client: u32, sku: &'a str) -> &'a str {
        let mut renamed = self.renamed.iter();
        let is_it = renamed.find(|((owner, _), now)| *owner == client && *now == sku);
        is_it.map_or(sku, |((_, before), _)| before)
    }
}

#[derive(Debug, Clone)]
pub struct Order {
    pub id: i64,
    /// The client: the number of its company.
    pub client: u32,
    /// Equal in all parts, as is the external reference.
    pub order_number: String,
    pub external_order_reference: String,
    pub status: Status,
    /// 1 of 1 unless split.
    pub part: u32,
    pub number_of_parts: u32,
    pub warehouse_id: i64,
    pub courier_service_id: i64,
    /// Empty until despatched.
    pub tracking_number: String,
    pub despatched: Option<Instant>,
    pub items: Vec<Item>,
    /// Names, address and remarks as they were given.
    pub fields: Map<String, Value>,
    pub country_id: i64,
    pub created: Instant,
    pub updated: Instant,
    /// While this holds, lists and searches show the order as it was.
    pub lag: Option<Lag>,
    /// What becomes of it in lists once it has left. The list that is polled goes by the last change.
    pub mishap: Option<Mishap>,
}

#[derive(Debug, Clone)]
pub struct Lag {
    pub until: Instant,
    /// None where the order itself does not show yet.
    pub before: Option<Box<Order>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub id: i64,
    pub product_id: i64,
    /// In capitals, whatever was sent.
    pub sku: String,
    pub quantity: u32,
}

/// Where an order stands. Ids are fixed; names can be changed by each warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    New,
    Printed,
    Cancelled,
    Despatched,
    Invoiced,
    Holding,
    Failed,
    AwaitingConfirmation,
    QueryRaised,
    PickingStarted,
    Picked,
    Packed,
}

impl Status {
    pub fn id(self) -> i64 {
        match self {
            Self::New => 1,
            Self::Printed => 2,
            Self::Cancelled => 3,
            Self::Despatched => 4,
            Self::Invoiced => 5,
            Self::Holding => 7,
            Self::Failed => 8,
            Self::AwaitingConfirmation => 10,
            Self::QueryRaised => 13,
            Self::PickingStarted => 16,
            Self::Picked => 17,
            Self::Packed => 20,
        }
    }

    /// Whether the goods have left: an invoiced order was despatched before.
    pub fn is_shipped(self) -> bool {
        match self {
            Self::Despatched | Self::Invoiced => true,
            Self::New | Self::Printed | Self::Cancelled | Self::PickingStarted | Self::Picked | Self::Packed => false,
            Self::Holding | Self::Failed | Self::AwaitingConfirmation | Self::QueryRaised => false,
        }
    }

    /// Whether the floor leaves it alone until somebody has it go on.
    pub fn is_held(self) -> bool {
        match self {
            Self::Cancelled | Self::Holding | Self::Failed | Self::AwaitingConfirmation | Self::QueryRaised => true,
            Self::New | Self::Printed | Self::Despatched | Self::Invoiced => false,
            Self::PickingStarted | Self::Picked | Self::Packed => false,
        }
    }
}

impl Order {
    /// The order as lists and searches show it at this instant.
    pub fn shown(&self, now: Instant) -> Option<&Self> {
        match &self.lag {
            Some(lag) if now < lag.until => lag.before.as_deref(),
            _ => Some(self),
        }
    }
}
