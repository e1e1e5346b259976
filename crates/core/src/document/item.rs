//! A product as the ledger masters it.

use std::collections::BTreeSet;

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
    /// The ledger's warehouses that have a holding of it; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_at: Option<BTreeSet<i64>>,
}
