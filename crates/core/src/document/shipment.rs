//! Goods that have left a warehouse: one parcel run of one order, or a part of it.

use serde::{Deserialize, Serialize};

use crate::ident::{Company, Connection};
use crate::quantity::Quantity;
use crate::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    pub company: Company,
    pub warehouse: Connection,
    /// The warehouse's own key of this shipment or part. Shipments are added, never replaced.
    pub key: String,
    /// The tag our release carried.
    pub release: String,
    /// The order number it was released under.
    pub order_number: String,
    pub carrier: String,
    pub tracking: Option<String>,
    pub tracking_url: Option<String>,
    /// When the goods left, by the warehouse's clock.
    pub shipped_at: Timestamp,
    pub lines: Vec<ShippedLine>,
    /// How many parts the warehouse has made of the order, this one included.
    pub parts: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippedLine {
    /// As the warehouse writes it.
    pub sku: String,
    pub quantity: Quantity,
}
