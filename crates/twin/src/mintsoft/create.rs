//! `PUT /api/Order`: what is needed to create one, and why it may be refused. Nearly every refusal is a 200 that says no inside.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::reference;
use crate::call::Response;
use crate::retail;

/// An order that can be created.
pub(super) struct Draft {
    pub(super) order_number: String,
    pub(super) external_order_reference: String,
    pub(super) warehouse_id: i64,
    pub(super) courier_service_id: i64,
    pub(super) country_id: i64,
    /// SKU in capitals, product id, quantity.
    pub(super) items: Vec<(String, i64, u32)>,
}

/// Every client sells the same catalogue: SKUs in capitals, with the place of each.
fn products() -> &'static BTreeMap<String, i64> {
    static PRODUCTS: OnceLock<BTreeMap<String, i64>> = OnceLock::new();
    PRODUCTS.get_or_init(|| {
        retail::catalogue()
            .into_iter()
            .map(|item| item.code.to_uppercase())
            .zip(1..)
            .collect()
    })
}

/// Product ids are the client's own: no two clients share one.
fn product_id(client: u32, place: i64) -> i64 {
    i64::from(client) * 100_000 + place
}

pub(super) enum Refusal {
    /// The body cannot be read into an order at all: HTTP 400.
    Unreadable(&'static str),
    /// HTTP 200 with `Success: false`.
    No(String),
}

impl Refusal {
    pub(super) fn response(&self, order_number: &str) -> Response {
        match self {
            Self::Unreadable(path) => {
                let state: Map<String, Value> = [((*path).to_owned(), json!(["The value is not valid."]))]
                    .into_iter()
                    .collect();
                Response::json(400, &json!({"Message": "The request is invalid.", "ModelState": state}))
            }
            Self::No(message) => Response::json(
                200,
                &json!([{
                    "OrderId": 0, "DropShipOrderId": 0, "OrderNumber": order_number, "Success": false,
                    "OrderStatusId": 0, "OrderStatus": null, "Message": message, "OrderItems": [],
                }]),
            ),
        }
    }
}

/// Text of a field; a number is read as text, as their reader does.
pub(super) fn text(body: &Map<String, Value>, name: &str) -> String {
    match body.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// An id: absent and 0 both mean "not given".
fn id(body: &Map<String, Value>, name: &str) -> Option<i64> {
    text(body, name).parse().ok().filter(|id| *id != 0)
}

/// Checks everything but uniqueness. Where an id and a name are both given, the id wins.
pub(super) fn read(client: u32, body: &Map<String, Value>) -> Result<Draft, Refusal> {
    let no = |message: &str| Refusal::No(message.to_owned());
    let given = match body.get("OrderItems") {
        Some(Value::Array(items)) if !items.is_empty() => items,
        None | Some(Value::Null | Value::Array(_)) => return Err(no("Order must have at least one OrderItem")),
        Some(_) => return Err(Refusal::Unreadable("order.OrderItems")),
    };
    let warehouse_id = match id(body, "WarehouseId") {
        Some(id) => Some(id).filter(|id| *id == reference::WAREHOUSE_ID),
        None => reference::warehouse_named(&text(body, "Warehouse")),
    };
    let country_id = match id(body, "CountryId") {
        Some(id) => reference::country_by_id(id),
        None => reference::country_named(&text(body, "Country")),
    };
    let courier_service_id = match id(body, "CourierServiceId") {
        Some(id) => reference::courier_by_id(id),
        None => reference::courier_named(&text(body, "CourierService")),
    };
    let mut items = Vec::new();
    for item in given {
        let item = item.as_object().ok_or(Refusal::Unreadable("order.OrderItems"))?;
        items.push(read_item(client, item)?);
    }
    Ok(Draft {
        order_number: text(body, "OrderNumber"),
        external_order_reference: text(body, "ExternalOrderReference"),
        warehouse_id: warehouse_id.ok_or(no("Invalid Warehouse: See Warehouse for valid warehouses"))?,
        country_id: country_id.ok_or(no("Invalid Country: See RefData/Countries for valid countries"))?,
        courier_service_id: courier_service_id.ok_or(no("Invalid CourierService: See Courier/Services for valid services"))?,
        items,
    })
}

fn read_item(client: u32, item: &Map<String, Value>) -> Result<(String, i64, u32), Refusal> {
    let quantity = match item.get("Quantity") {
        Some(Value::Number(number)) => number.as_i64().ok_or(Refusal::Unreadable("order.OrderItems.Quantity"))?,
        Some(Value::String(text)) => text
            .trim()
            .parse()
            .map_err(|_| Refusal::Unreadable("order.OrderItems.Quantity"))?,
        _ => 0,
    };
    let quantity = u32::try_from(quantity).ok().filter(|quantity| *quantity > 0);
    let quantity = quantity.ok_or_else(|| Refusal::No("Quantity must be greater than 0".into()))?;
    let sku = text(item, "SKU").to_uppercase();
    let found = match id(item, "ProductId") {
        Some(id) => products().iter().find(|(_, place)| product_id(client, **place) == id),
        None => products().get_key_value(&sku),
    };
    match found {
        Some((sku, place)) => Ok((sku.clone(), product_id(client, *place), quantity)),
        None => Err(Refusal::No(format!("Unable to find product with SKU: {sku}"))),
    }
}
