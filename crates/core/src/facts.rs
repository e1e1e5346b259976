//! What the ledger says about its own reference data: facts that a decision needs and must not ask for.
//!
//! Read by the engine, kept with the number of their version, handed to `check` and `decide`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::document::Item;
use crate::mapping::{Cell, Table};
use crate::sku::{Collation, Sku};

/// The right to give a line another price than the price book's, by the name that the ledger gives it.
pub const PRICES: &str = "override_prices_discounts";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// By the normal form of the SKU.
    pub items: BTreeMap<String, Item>,
    /// Items that the ledger holds beside each other although it calls their codes equal, by that code. None of them is among `items`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alike: BTreeMap<String, Vec<Item>>,
    /// Barcode to the keys in `items` of those that have it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub barcodes: BTreeMap<String, Vec<String>>,
    /// Customer account reference to id.
    pub customers: BTreeMap<String, i64>,
    /// References of accounts that take no orders.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub on_hold: BTreeSet<String>,
    /// Permissions that our user does not have, by the ledger's names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub forbidden: BTreeSet<String>,
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

    /// Items whose codes stand next to this one, half of them before it and half behind: who mistypes a code or adds to one stays near it.
    pub fn near(&self, sku: &Sku, most: usize) -> impl Iterator<Item = &Item> {
        let key = sku.key_under(self.collation).as_str().to_owned();
        let before = self.items.range(..key.clone()).rev().take(most / 2);
        let behind = self.items.range(key..).take(most / 2);
        before.chain(behind).map(|(_, item)| item)
    }

    /// Items that answer to one code; empty where at most one does.
    pub fn alike(&self, sku: &Sku) -> &[Item] {
        let alike = self.alike.get(sku.key_under(self.collation).as_str());
        alike.map_or(&[], Vec::as_slice)
    }

    /// The keys of the items with this barcode.
    pub fn by_barcode(&self, barcode: &str) -> &[String] {
        self.barcodes.get(barcode.trim()).map_or(&[], Vec::as_slice)
    }

    /// Whether the ledger would not know what a word is said to mean. What a word of this table means is not always something of its.
    pub fn lacks(&self, cell: &Cell, ours: &str) -> bool {
        match cell.table {
            Table::Sku => Sku::parse(ours).is_ok_and(|sku| self.item(&sku).is_none() && self.alike(&sku).is_empty()),
            Table::Customer => !self.customers.contains_key(ours),
            Table::Tax => !self.tax_codes.contains_key(ours),
            // A warehouse's word may be for a site of the 3PL's; without a courier of the ledger's a despatch is posted all the same.
            Table::Warehouse | Table::CarrierLedger | Table::Unit | Table::CarrierOut | Table::CarrierIn => false,
        }
    }

    /// Takes in the ledger's items with their barcodes, whatever they are called.
    pub fn take_items(&mut self, items: impl IntoIterator<Item = (Item, Option<String>)>) {
        for (item, barcode) in items {
            let key = item.sku.key_under(self.collation).as_str().to_owned();
            if let Some(barcode) = barcode
                .map(|barcode| barcode.trim().to_owned())
                .filter(|barcode| !barcode.is_empty())
            {
                self.barcodes.entry(barcode).or_default().push(key.clone());
            }
            if let Some(alike) = self.alike.get_mut(&key) {
                alike.push(item);
            } else if let Some(other) = self.items.remove(&key) {
                self.alike.insert(key, vec![other, item]);
            } else {
                self.items.insert(key, item);
            }
        }
    }
}
