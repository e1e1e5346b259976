//! A product as the ledger masters it.

use serde::{Deserialize, Serialize};

use crate::sku::Sku;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub sku: Sku,
    /// The ledger's own id of the product.
    pub ledger_id: i64,
    pub name: String,
    /// Whether it may be put on a sales order.
    pub may_be_sold: bool,
}
