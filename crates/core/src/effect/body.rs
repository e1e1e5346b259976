//! What each effect writes, fully resolved: ids of the other side, no mapping left to apply.

use serde::{Deserialize, Serialize};

use crate::address::{Address, SageAddress};
use crate::document::LineRef;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;
use crate::sku::Sku;
use crate::time::{Date, Timestamp};

/// A sales order for the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerOrder {
    pub customer_id: i64,
    /// The customer's order number: with the customer, the key it is looked up by.
    pub reference: String,
    pub ordered_on: Date,
    pub promised_on: Option<Date>,
    pub address: SageAddress,
    pub lines: Vec<LedgerLine>,
    /// What the document's net total must come to, to the penny.
    pub net: Money,
}

/// An order of the ledger as it is to stand there: what it is compared with, and what is put back. Without the address, which nobody
/// compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    pub customer_id: i64,
    pub reference: String,
    pub lines: Vec<AgreedLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedLine {
    pub line: LineRef,
    pub product_id: i64,
    pub code: String,
    pub quantity: Quantity,
    pub unit_price: Money,
}

impl Agreed {
    /// As Tallyman wrote it.
    pub fn of(wrote: &LedgerOrder) -> Self {
        let line = |line: &LedgerLine| AgreedLine {
            line: line.line.clone(),
            product_id: line.product_id,
            code: line.code.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
        };
        Self {
            customer_id: wrote.customer_id,
            reference: wrote.reference.clone(),
            lines: wrote.lines.iter().map(line).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    pub line: LineRef,
    pub product_id: i64,
    pub code: String,
    pub warehouse_id: i64,
    /// In the ledger's stock unit, and so is the price.
    pub quantity: Quantity,
    pub unit_price: Money,
    pub tax_code_id: i64,
}

/// An order for the warehouse. Its number is the ledger's, known once the ledger's order is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    pub service_id: i64,
    pub warehouse_id: i64,
    pub address: Address,
    pub currency: Currency,
    /// One item for each SKU: warehouses pick SKUs, and tell us nothing of our lines.
    pub items: Vec<ReleasedItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedItem {
    pub sku: Sku,
    /// Whole units: warehouses hold no fractions.
    pub units: i64,
}

/// One posting of a shipment to the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Despatch {
    pub shipment: String,
    pub despatched_on: Date,
    pub courier_id: Option<i64>,
    pub tracking: Option<String>,
    pub lines: Vec<DespatchedLine>,
    /// Whether the ledger keeps our tag with a despatch; else it is probed by baseline.
    pub tagged: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DespatchedLine {
    pub line: LineRef,
    pub quantity: Quantity,
}

/// What the channel's actions address a line by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineKey {
    pub line: LineRef,
    pub part_number: String,
    /// In the channel's unit of sale.
    pub quantity: Quantity,
}

/// A confirmation to the retailer that lines have gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    pub source_key: String,
    pub shipment: String,
    pub carrier: String,
    pub tracking: String,
    pub tracking_url: Option<String>,
    pub shipped_at: Timestamp,
    pub lines: Vec<LineKey>,
}
