//! Virtualstock's words, as Virtualstock spells them. Fields may be added and values of texts may be new without notice.

use serde::{Deserialize, Serialize};
use serde_json::Number;
use serde_json::value::RawValue;

use crate::read::{flag, text};

pub const ORDER: &str = "ORDER";
pub const ORDER_ACK: &str = "ORDER_ACK";
pub const BACKORDER: &str = "BACKORDER";
pub const CANCEL: &str = "CANCEL";
pub const CANCEL_ACK: &str = "CANCEL_ACK";
pub const DISPATCH: &str = "DISPATCH";
/// In which an order is not finished.
pub const UNFINISHED: [&str; 4] = [ORDER, ORDER_ACK, BACKORDER, CANCEL];
/// What becomes of a dispatched line when its goods come back; nothing else leads there.
pub const RETURNS: [&str; 7] = [
    "RMA",
    "RMA_ACK",
    "RMA_AUTHORISED",
    "RMA_REJ",
    "RMA_COLLECTION_BOOKED",
    "RMA_REC",
    "RMA_EXC",
];

#[derive(Serialize)]
pub struct Login<'a> {
    pub username: &'a str,
    pub password: &'a str,
}

#[derive(Serialize)]
pub struct Refresh<'a> {
    pub refresh: &'a str,
}

#[derive(Deserialize)]
pub struct Tokens {
    #[serde(default, deserialize_with = "text")]
    pub access: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub refresh: Option<String>,
}

/// A page of a list. `next` names another host now and then, so it says only whether there is more.
#[derive(Deserialize)]
pub struct Page {
    #[serde(default, deserialize_with = "text")]
    pub next: Option<String>,
    pub results: Vec<Box<RawValue>>,
}

/// Every status that is described.
pub fn is_known(status: &str) -> bool {
    UNFINISHED.contains(&status) || [CANCEL_ACK, DISPATCH].contains(&status) || RETURNS.contains(&status)
}

/// As much of an order as says what it is and how far it has come.
#[derive(Debug, Deserialize)]
pub struct Glance {
    /// The only place of the order's number.
    #[serde(default, deserialize_with = "text")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    #[serde(default)]
    pub items: Vec<GlanceItem>,
}

/// A page of the retailers that an account trades with.
#[derive(Deserialize)]
pub struct Customers {
    #[serde(default, deserialize_with = "text")]
    pub next: Option<String>,
    pub results: Vec<Customer>,
}

#[derive(Deserialize)]
pub struct Customer {
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
}

/// As much of an order as its place in a list of keys needs.
#[derive(Deserialize)]
pub struct Listed {
    #[serde(default, deserialize_with = "text")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub order_date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct GlanceItem {
    #[serde(default, deserialize_with = "text")]
    pub line_reference: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Order {
    #[serde(default, deserialize_with = "text")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub retailer: Option<String>,
    /// Its address, which ends in its number.
    #[serde(default, deserialize_with = "text")]
    pub supplier: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    #[serde(default)]
    pub retailer_data: Option<Retailer>,
    #[serde(default, deserialize_with = "text")]
    pub order_reference: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub order_date: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub test_flag: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub currency_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub delivery_service_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub subtotal: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub tax: Option<String>,
    #[serde(default)]
    pub shipping_address: Option<Address>,
    pub items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
pub struct Retailer {
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Address {
    #[serde(default, deserialize_with = "text")]
    pub full_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub line_1: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub line_2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub city: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub state: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub postal_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub country: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Item {
    #[serde(default, deserialize_with = "text")]
    pub line_reference: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub part_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub supplier_sku_reference: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub quantity: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub unit_cost_price: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub subtotal: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub tax: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub tax_rate: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub promised_date: Option<String>,
}

#[derive(Serialize)]
pub struct Action<T> {
    pub items: Vec<T>,
}

#[derive(Serialize)]
pub struct AcknowledgedItem<'a> {
    pub part_number: &'a str,
    pub line_ref: &'a str,
    pub quantity: Number,
}

#[derive(Serialize)]
pub struct DispatchedItem<'a> {
    pub part_number: &'a str,
    pub line_ref: &'a str,
    pub quantity: Number,
    /// A date alone; in other actions it has a time.
    pub supplier_dispatch_date: String,
    /// A slug of their list of carriers, not a name.
    pub carrier: &'a str,
    pub tracking_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_url: Option<&'a str>,
}
