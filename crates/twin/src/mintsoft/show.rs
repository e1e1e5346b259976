//! Orders as the warehouse shows them: one by its id, searched by number, listed, with its parcels and its parts.

use serde_json::{Map, Value, json};

use super::books::{Item, Order, Rows};
use super::{Listing, Switches, Times, reference};
use crate::call::Response;
use crate::chance::Chance;
use crate::clock::Instant;
use crate::faults::{Counts, Kind};
use crate::mishap;

/// How a list may mislead: per mille of reads.
pub(super) struct Misleading {
    pub(super) duplicate: u32,
    pub(super) reordered: u32,
    pub(super) seed: u64,
    pub(super) chance: Chance,
    pub(super) counts: Counts,
}

/// What one client is shown at one instant.
pub(super) struct Shown<'a> {
    pub(super) rows: &'a Rows,
    pub(super) switches: &'a Switches,
    pub(super) client: u32,
    pub(super) now: Instant,
    pub(super) misleading: &'a mut Misleading,
}

impl<'a> Shown<'a> {
    /// `GET /api/Order/Search?OrderNumber=`: every order of this number, or whose number holds the text.
    pub(super) fn search(mut self, query: &[(String, String)]) -> Response {
        let wanted = value(query, "OrderNumber").unwrap_or_default();
        if wanted.is_empty() {
            return self.rendered(Vec::new(), true, false);
        }
        let exact = self.switches.search_is_exact;
        let found = self.orders(|order| order.order_number == wanted || (!exact && order.order_number.contains(wanted)));
        let with_items = self.switches.search_shows_items;
        self.rendered(found, false, with_items)
    }

    /// `GET /api/Order/List`. Unknown names in the query are ignored, and so is a value that cannot be read.
    pub(super) fn list(mut self, query: &[(String, String)]) -> Response {
        let number = |name: &str| value(query, name).and_then(|text| text.parse::<usize>().ok());
        let flag = |name: &str| value(query, name).is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let rows_max = self.switches.page_rows.max(1);
        let limit = number("Limit").filter(|limit| *limit > 0).unwrap_or(rows_max).min(rows_max);
        let mut page = number("PageNo").unwrap_or(1).max(1);
        let times = self.switches.times;
        let since = value(query, "SinceLastUpdated").and_then(|text| times.asked(text));
        let left_since = value(query, "SinceDespatchDate").and_then(|text| times.asked(text));
        let status = number("OrderStatusId");
        let oldest_first = flag("SortOldestFirst");
        let found = self.orders(|order| {
            since.is_none_or(|since| times.local(order.updated) >= since)
                && left_since.is_none_or(|since| order.despatched.is_some_and(|left| times.local(left) >= since))
                && status.is_none_or(|status| order.status.id() == status as i64)
        });
        let (polled, now) = (since.is_some(), self.now);
        let mut found: Vec<&Order> = found
            .into_iter()
            .flat_map(|order| std::iter::repeat_n(order, mishap::times(order.mishap, polled, now)))
            .collect();
        match self.switches.listing {
            Listing::ById => {}
            Listing::ByChange | Listing::NewestFirst => found.sort_by_key(|order| (order.updated, order.id)),
            Listing::Unsorted => {
                let seed = self.misleading.seed;
                found.sort_by_cached_key(|order| Chance::new(seed, &format!("place of {}", order.id)).between(0, i64::MAX - 1));
            }
        }
        if !oldest_first || self.switches.listing == Listing::NewestFirst {
            found.reverse();
        }
        if self.switches.last_page_again {
            page = page.min(found.len().div_ceil(limit).max(1));
        }
        let found = found.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
        self.rendered(found, oldest_first, flag("IncludeOrderItems"))
    }

    /// The client's orders that match as they show now, by id.
    fn orders(&mut self, wanted: impl Fn(&Order) -> bool) -> Vec<&'a Order> {
        let (rows, client, now) = (self.rows, self.client, self.now);
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
            self.misleading.counts.add(Kind::StaleView);
        }
        found
    }

    fn rendered(self, mut found: Vec<&Order>, ordered: bool, with_items: bool) -> Response {
        let misleading = self.misleading;
        if !found.is_empty() && misleading.chance.per_mille(misleading.duplicate) {
            let row = misleading.chance.between(0, found.len() as i64 - 1) as usize;
            found.insert(row, found[row]);
            misleading.counts.add(Kind::DuplicateListing);
        }
        if !ordered && found.len() > 1 && misleading.chance.per_mille(misleading.reordered) {
            found.reverse();
            misleading.counts.add(Kind::ReorderedListing);
        }
        let times = self.switches.times;
        wrapped(
            found.into_iter().map(|order| render(order, with_items, times)).collect(),
            self.switches,
        )
    }
}

fn wrapped(rows: Vec<Value>, switches: &Switches) -> Response {
    if switches.wrapped {
        Response::json(200, &json!({ "data": rows }))
    } else {
        Response::json(200, &rows)
    }
}

/// `GET /api/Order/{id}/Shipments`: a parcel once the order is despatched.
pub(super) fn shipments(order: &Order, times: Times) -> Response {
    let parcel = order.despatched.map(|despatched| {
        json!({
            "ID": order.id + 500_000, "CourierType": reference::courier_name(order.courier_service_id), "Number": order.tracking_number,
            "ShipmentDate": times.stamp(Some(despatched)), "LabelURL": null, "Manifested": true,
        })
    });
    Response::json(200, &parcel.into_iter().collect::<Vec<_>>())
}

/// `GET /api/Order/{id}/Splits`: the parts of the order, with or without this one; empty when it was never split.
pub(super) fn splits(rows: &Rows, order: &Order, switches: &Switches) -> Response {
    let is_part = |other: &&Order| {
        other.client == order.client
            && other.order_number == order.order_number
            && other.number_of_parts > 1
            && !(switches.splits_leave_one_out && other.id == order.id)
    };
    let parts = rows.orders.values().filter(is_part);
    wrapped(parts.map(|part| render(part, true, switches.times)).collect(), switches)
}

pub(super) fn render(order: &Order, with_items: bool, times: Times) -> Value {
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
        "OrderDate": times.stamp(Some(order.created)),
        "DespatchDate": times.stamp(order.despatched),
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
        "LastUpdated": times.stamp(Some(order.updated)),
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
