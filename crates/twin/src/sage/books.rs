//! What Sage has written down: orders, despatches, and the drafts that were thrown away. Auditors read these rows; only the
//! neighbouring modules write them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::clock::Instant;

#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// By id, over all companies: one counter gives every id of this Sage.
    pub orders: BTreeMap<i64, Order>,
    pub despatches: BTreeMap<i64, Despatch>,
    /// Ids of drafts that were deleted.
    pub deleted_drafts: Vec<i64>,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub id: i64,
    /// Number of the company.
    pub company: u32,
    /// `TBA` while a draft, then ten digits.
    pub document_no: String,
    pub is_draft: bool,
    pub customer_id: i64,
    /// The customer's own number: the order reference at the retailer.
    pub customer_document_no: String,
    pub lines: Vec<Line>,
    pub spare_text_1: String,
    /// The other header fields as they were given: dates, analysis codes, spare fields.
    pub fields: Map<String, Value>,
    /// As it was given, names checked against the reference.
    pub delivery_address: Map<String, Value>,
    /// Keyed by a person in the desktop program, not through the API.
    pub by_hand: bool,
    pub created: Instant,
    pub updated: Instant,
    /// A user keeps the order open: who, from when, until when.
    pub open_by: Option<OpenBy>,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub id: i64,
    pub product_id: i64,
    /// The product's code, in the catalogue's letter case.
    pub code: String,
    pub description: String,
    pub warehouse_id: i64,
    pub quantity: Decimal,
    pub unit_price: Decimal,
    pub tax_code_id: i64,
    /// Per cent, of the tax code.
    pub tax_rate: Decimal,
    /// What was asked to be allocated; it is when the order is no draft any more.
    pub to_allocate: Decimal,
    pub allocated: Decimal,
    pub despatched: Decimal,
    /// Analysis codes, spare fields and such, as they were given.
    pub fields: Map<String, Value>,
}

#[derive(Debug, Clone)]
pub struct OpenBy {
    pub user: String,
    pub from: Instant,
    pub until: Instant,
}

#[derive(Debug, Clone)]
pub struct Despatch {
    pub id: i64,
    pub company: u32,
    /// Ten digits.
    pub document_no: String,
    pub order_id: i64,
    /// Date of the despatch as it was given.
    pub date: String,
    pub items: Vec<Item>,
    /// Nought when none was given or the company records no tracking.
    pub courier_id: i64,
    pub consignment_no: String,
    pub notes: String,
    pub when: Instant,
}

#[derive(Debug, Clone)]
pub struct Item {
    /// Id of the despatch line.
    pub id: i64,
    /// Id of the order line.
    pub line_id: i64,
    pub quantity: Decimal,
}
