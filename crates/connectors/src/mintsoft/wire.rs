//! Mintsoft's words, as Mintsoft spells them.

use serde::{Deserialize, Serialize};

use crate::read::{flag, text, whole};

/// Despatched, and what its billing makes of a despatched order afterwards. Names can be changed by each warehouse, ids cannot.
pub const DESPATCHED: [i64; 3] = [4, 5, 6];

/// Not all of it is in stock: the warehouse splits it or puts it on back-order.
pub const SHORT: [i64; 2] = [7, 9];
/// It waits for a confirmation, a document, a payment or a release, or is looked at for fraud.
pub const HELD: [i64; 5] = [10, 11, 12, 14, 18];
/// Somebody has raised a query.
pub const QUERY_RAISED: i64 = 13;
pub const FAILED: i64 = 8;
pub const CANCELLED: i64 = 3;

/// How an absent date reads.
pub const NO_DATE: &str = "0001-01-01T00:00:00";

/// Lists come bare, or under one of these.
pub const WRAPPERS: [&str; 6] = ["data", "Data", "items", "Items", "results", "Results"];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewOrder<'a> {
    pub order_number: &'a str,
    pub external_order_reference: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub company_name: &'a str,
    pub address1: &'a str,
    pub address2: &'a str,
    pub address3: &'a str,
    pub town: &'a str,
    pub county: &'a str,
    pub post_code: &'a str,
    pub country: &'a str,
    pub email: &'a str,
    pub phone: &'a str,
    pub warehouse_id: i64,
    pub courier_service_id: i64,
    pub currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<i64>,
    pub order_items: Vec<NewItem<'a>>,
}

#[derive(Serialize)]
pub struct NewItem<'a> {
    #[serde(rename = "SKU")]
    pub sku: &'a str,
    #[serde(rename = "Quantity")]
    pub quantity: i64,
}

/// What became of a new order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outcome {
    #[serde(default, deserialize_with = "whole")]
    pub order_id: Option<i64>,
    #[serde(default, rename = "ID", deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "flag")]
    pub success: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Order {
    #[serde(default, rename = "ID", deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub order_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub external_order_reference: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    pub client_id: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    pub order_status_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub despatch_date: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub courier_service_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub tracking_number: Option<String>,
    #[serde(default, rename = "TrackingURL", deserialize_with = "text")]
    pub tracking_url: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    pub number_of_parts: Option<i64>,
    #[serde(default)]
    pub order_items: Option<Vec<Item>>,
}

#[derive(Debug, Deserialize)]
pub struct Item {
    #[serde(default, rename = "SKU", deserialize_with = "text")]
    pub sku: Option<String>,
    #[serde(default, rename = "Quantity", deserialize_with = "text")]
    pub quantity: Option<String>,
}

/// As much of a row as says whose it is and what it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Glance {
    #[serde(default, rename = "ID", deserialize_with = "whole")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    pub client_id: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    pub order_status_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub order_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub external_order_reference: Option<String>,
}
