//! Orders as the warehouse shows them: one by its id, searched by number, listed, with its parcels and its parts.

use serde_json::{Map, Value, json};

use super::books::{Item, Order, Rows};
use super::{reference, stamp};
use crate::call::Response;
use crate::chance::Chance;
use crate::clock::Instant;
use crate::faults::{Counts, Kind};
use crate::mishap;

/// Rows of a page, whatever was asked for.
const LIMIT_MAX: usize = 100;

/// How a list may mislead: per mille of reads.
pub(super) struct Misleading {
    pub(super) duplicate: u32,
    pub(super) reordered: u32,
    pub(super) chance: Chance,
    pub(super) counts: Counts,
}

/// `GET /api/Order/Search?OrderNumber=`: every order whose number holds the text.
pub(super) fn search(
    rows: &Rows,
    client: u32,
    query: &[(String, String)],
    now: Instant,
    misleading: &mut Misleading,
) -> Response {
    let wanted = value(query, "OrderNumber").unwrap_or_default();
    if wanted.is_empty() {
        return Response::json(200, &json!([]));
    }
    let holds = |order: &Order| order.order_number.contains(wanted);
    let found = shown(rows, client, now, misleading, holds);
    answer(found, false, true, misleading)
}

/// `GET /api/Order/List`. Unknown names in the query are ignored, and so is a value that cannot be read.
pub(super) fn list(rows: &Rows, client: u32, query: &[(String, String)], now: Instant, misleading: &mut Misleading) -> Response {
    let number = |name: &str| value(query, name).and_then(|text| text.parse::<usize>().ok());
    let flag = |name: &str| value(query, name).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let limit = number("Limit").filter(|limit| *limit > 0).unwrap_or(LIMIT_MAX).min(LIMIT_MAX);
    let page = number("PageNo").unwrap_or(1).max(1);
    let since = value(query, "SinceLastUpdated").and_then(instant);
    let left_since = value(query, "SinceDespatchDate").and_then(instant);
    let status = number("OrderStatusId");
    let oldest_first = flag("SortOldestFirst");
    let wanted = |order: &Order| {
        since.is_none_or(|since| order.updated >= since)
            && left_since.is_none_or(|since| order.despatched.is_some_and(|left| left >= since))
            && status.is_none_or(|status| order.status.id() == status as i64)
    };
    let found = shown(rows, client, now, misleading, wanted);
    let times = |order: &Order| mishap::times(order.mishap, since.is_some(), now);
    let mut found: Vec<&Order> = found
        .into_iter()
        .flat_map(|order| std::iter::repeat_n(order, times(order)))
        .collect();
    if !oldest_first {
        found.reverse();
    }
    let found = found.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
    answer(found, oldest_first, flag("IncludeOrderItems"), misleading)
}

/// The client's orders that match as they show now, by id.
fn shown<'a>(
    rows: &'a Rows,
    client: u32,
    now: Instant,
    misleading: &Misleading,
    wanted: impl Fn(&Order) -> bool,
) -> Vec<&'a Order> {
    let mut found = Vec::new();
    let mut behind = false;
    for order in rows.orders.values().filter(|order| order.client == client) {
        let visible = order.shown(now);
        let lags = !visible.is_some_and(|visible| std::ptr::eq(visible, order));
        let visible = visible.filter(|visible| wanted(visible));
        behind |= lags && (visible.is_some() || wanted(order));
        found.extend(visible);
    }
    if behind {
        misleading.counts.add(Kind::StaleView);
    }
    found
}

fn answer(mut found: Vec<&Order>, ordered: bool, with_items: bool, misleading: &mut Misleading) -> Response {
    if !found.is_empty() && misleading.chance.per_mille(misleading.duplicate) {
        let row = misleading.chance.between(0, found.len() as i64 - 1) as usize;
        found.insert(row, found[row]);
        misleading.counts.add(Kind::DuplicateListing);
    }
    if !ordered && found.len() > 1 && misleading.chance.per_mille(misleading.reordered) {
        found.reverse();
        misleading.counts.add(Kind::ReorderedListing);
    }
    let rows: Vec<Value> = found.into_iter().map(|order| render(order, with_items)).collect();
    Response::json(200, &rows)
}

/// `GET /api/Order/{id}/Shipments`: a parcel once the order is despatched.
pub(super) fn shipments(order: &Order) -> Response {
    let parcel = order.despatched.map(|despatched| {
        json!({
            "ID": order.id + 500_000, "CourierType": reference::courier_name(order.courier_service_id), "Number": order.tracking_number,
            "ShipmentDate": stamp(Some(despatched)), "LabelURL": null, "Manifested": true,
        })
    });
    Response::json(200, &parcel.into_iter().collect::<Vec<_>>())
}

/// `GET /api/Order/{id}/Splits`: all parts of the order, this one too; empty when it was never split.
pub(super) fn splits(rows: &Rows, order: &Order) -> Response {
    let is_part =
        |other: &&Order| other.client == order.client && other.order_number == order.order_number && other.number_of_parts > 1;
    let parts: Vec<Value> = rows.orders.values().filter(is_part).map(|part| render(part, true)).collect();
    Response::json(200, &parts)
}

pub(super) fn render(order: &Order, with_items: bool) -> Value {
    let mut row = Map::new();
    for name in [
        "Title",
        "FirstName",
        "LastName",
        "CompanyName",
        "Address1",
        "Address2",
        "Address3",
        "Town",
        "County",
        "PostCode",
    ] {
        row.insert(name.into(), order.fields.get(name).cloned().unwrap_or_else(|| json!("")));
    }
    for name in [
        "Email",
        "Phone",
        "Mobile",
        "Comments",
        "DeliveryNotes",
        "VATNumber",
        "OrderValue",
        "Channel",
    ] {
        row.insert(name.into(), order.fields.get(name).cloned().unwrap_or(Value::Null));
    }
    let Value::Object(own) = json!({
        "ID": order.id,
        "ClientId": order.client,
        "OrderNumber": order.order_number,
        "ExternalOrderReference": order.external_order_reference,
        "OrderStatusId": order.status.id(),
        "OrderStatus": reference::status_name(order.status),
        "OrderDate": stamp(Some(order.created)),
        "DespatchDate": stamp(order.despatched),
        "CourierServiceId": order.courier_service_id,
        "CourierServiceName": reference::courier_name(order.courier_service_id),
        "TrackingNumber": Some(&order.tracking_number).filter(|number| !number.is_empty()),
        "TrackingURL": order.despatched.map(|_| format!("https://tracking.example/?n={}", order.tracking_number)),
        "NumberOfParcels": 1,
        "TotalItems": order.items.iter().map(|item| u64::from(item.quantity)).sum::<u64>(),
        "TotalWeight": 0.0,
        "Part": order.part,
        "NumberOfParts": order.number_of_parts,
        "WarehouseId": order.warehouse_id,
        "CountryId": order.country_id,
        "Tags": null,
        "OrderLock": false,
        "PIIRemoved": false,
        "LastUpdated": stamp(Some(order.updated)),
        "OrderItems": if with_items { order.items.iter().map(render_item).collect() } else { Value::Null },
    }) else {
        unreachable!("an object was written");
    };
    row.extend(own);
    Value::Object(row)
}

/// `Commited` is their spelling.
fn render_item(item: &Item) -> Value {
    json!({
        "ID": item.id, "SKU": item.sku, "ProductId": item.product_id, "Quantity": item.quantity,
        "Allocated": item.quantity, "Commited": 0, "OnBackOrder": 0,
    })
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// Their times have no offset and are read as UTC; one with an offset is understood too.
fn instant(text: &str) -> Option<Instant> {
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Some(stamp.as_microsecond());
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}
