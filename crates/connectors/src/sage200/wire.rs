//! Sage's words, as Sage spells them. Only the fields we use; null fields are left out of its replies.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::read::{flag, text, whole};

/// A standard line: a product, never a free text.
pub const STANDARD_LINE: &str = "EnumLineTypeStandard";
/// Goods are confirmed as they are despatched.
pub const ON_DESPATCH: &str = "ConfirmOnDespatch";
/// What stands for the number of an order that is still a draft.
pub const NO_NUMBER: &str = "TBA";
/// The date of a posting is refused under this classification; the other two are taken.
pub const UNACCEPTABLE: &str = "Unacceptable";
/// The status of an order that was cancelled.
pub const CANCELLED: &str = "EnumDocumentStatusCancelled";

#[derive(Deserialize)]
pub struct Token {
    #[serde(default, deserialize_with = "text")]
    pub access_token: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub refresh_token: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    pub expires_in: Option<i64>,
}

#[derive(Serialize)]
pub struct NewOrder<'a> {
    pub customer_id: i64,
    /// True keeps it a draft.
    pub is_editing: bool,
    pub customer_document_no: &'a str,
    pub spare_text_1: &'a str,
    pub document_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_delivery_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_delivery_date: Option<String>,
    pub use_invoice_address: bool,
    pub delivery_address: DeliveryAddress<'a>,
    pub lines: Vec<NewLine<'a>>,
}

#[derive(Serialize)]
pub struct DeliveryAddress<'a> {
    pub postal_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_3: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_4: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub county: Option<&'a str>,
    pub country: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<&'a str>,
}

#[derive(Serialize)]
pub struct NewLine<'a> {
    pub line_type: &'static str,
    pub product_id: i64,
    pub warehouse_id: i64,
    pub code: &'a str,
    pub line_quantity: Number,
    pub to_allocate_quantity: Number,
    pub selling_unit_price: Number,
    pub tax_code_id: i64,
    pub spare_text_1: &'a str,
}

/// The amendment that makes a draft an order. What is not in it stays as it is.
#[derive(Serialize)]
pub struct Confirmation {
    pub is_editing: bool,
}

/// The amendment of an order: only what changes.
#[derive(Serialize)]
pub struct Amendment<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_document_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<AmendedLine>,
}

#[derive(Serialize)]
pub struct AmendedLine {
    pub id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_quantity: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_allocate_quantity: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selling_unit_price: Option<Number>,
}

/// An order as it is read; lines only where they were asked for, or after a write.
#[derive(Debug, Deserialize)]
pub struct Order {
    #[serde(default, deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub document_no: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub is_draft: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub document_status: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    pub customer_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub customer_document_no: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub spare_text_1: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub total_net_value: Option<String>,
    #[serde(default)]
    pub lines: Option<Vec<Line>>,
}

#[derive(Debug, Deserialize)]
pub struct Line {
    #[serde(default, deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    pub product_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub line_quantity: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub selling_unit_price: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub despatch_receipt_quantity: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub spare_text_1: Option<String>,
}

#[derive(Serialize)]
pub struct NewDespatch<'a> {
    pub sop_order_return_id: i64,
    pub despatch_receipt_date: String,
    pub confirmation_intent_type: &'static str,
    pub items: Vec<DespatchItem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracking_items: Vec<TrackingItem<'a>>,
}

#[derive(Serialize)]
pub struct DespatchItem {
    /// The order line's id.
    pub id: i64,
    /// In stock units.
    pub quantity: Number,
}

#[derive(Serialize)]
pub struct TrackingItem<'a> {
    pub sop_order_return_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub courier_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consignment_no: Option<&'a str>,
    pub notes: &'a str,
}

/// One line of one despatch.
#[derive(Debug, Deserialize)]
pub struct DespatchLine {
    #[serde(default, deserialize_with = "whole")]
    pub sop_despatch_line_id: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    pub sop_order_id: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    pub sop_order_line_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub sop_despatch_line_quantity: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub sop_order_document_no: Option<String>,
    /// Of the order's line, over all its despatches.
    #[serde(default, deserialize_with = "text")]
    pub sop_order_line_despatch_quantity: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub sop_despatch_notes: Option<String>,
}

#[derive(Deserialize)]
pub struct Product {
    #[serde(default, deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub product_status_type: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub allow_sales_order: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub barcode: Option<String>,
}

/// That an item may be kept in a warehouse, and how much of it is there.
#[derive(Deserialize)]
pub struct Holding {
    #[serde(default, deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    pub product_id: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    pub warehouse_id: Option<i64>,
}

/// What our user may do with orders.
#[derive(Deserialize)]
pub struct Permissions {
    #[serde(default, deserialize_with = "flag")]
    pub override_prices_discounts: Option<bool>,
}

#[derive(Serialize)]
pub struct DateQuestion<'a> {
    pub date: String,
    pub ledger_type: &'a str,
}

#[derive(Deserialize)]
pub struct LedgerType {
    #[serde(default, deserialize_with = "text")]
    pub value: Option<String>,
}

#[derive(Deserialize)]
pub struct DateAnswer {
    #[serde(default, deserialize_with = "text")]
    pub classification: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Customer {
    #[serde(default, deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub reference: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub on_hold: Option<bool>,
}

/// A warehouse or a courier.
#[derive(Deserialize)]
pub struct Named {
    #[serde(default, deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
}

#[derive(Deserialize)]
pub struct TaxCode {
    #[serde(default, deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub tax_rate: Option<String>,
}

#[derive(Deserialize)]
pub struct Settings {
    #[serde(default, deserialize_with = "flag")]
    pub record_tracking_on_despatch: Option<bool>,
}
