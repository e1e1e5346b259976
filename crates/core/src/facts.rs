//! What the ledger says about its own reference data: facts that a decision needs and must not ask for.
//!
//! Read by the engine, kept with the number of their version, handed to `check` and `decide`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::Item;
use crate::sku::{Collation, Sku};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// By the normal form of the SKU.
    pub items: BTreeMap<String, Item>,
    /// Customer account reference to id.
    pub customers: BTreeMap<String, i64>,
    pub warehouses: BTreeMap<String, i64>,
    /// Tax code as people write it ("1") to id and percentage.
    pub tax_codes: BTreeMap<String, TaxCode>,
    pub couriers: BTreeMap<String, i64>,
    /// How the ledger's database tells codes apart; `items` is keyed by it.
    #[serde(default)]
    pub collation: Collation,
    /// Whether the ledger keeps consignment number and notes of a despatch. Where it does not, a despatch is probed by baseline.
    pub records_tracking: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxCode {
    pub id: i64,
    pub rate: crate::money::Rate,
}

impl Facts {
    pub fn item(&self, sku: &Sku) -> Option<&Item> {
        self.items.get(sku.key_under(self.collation).as_str())
    }
}
