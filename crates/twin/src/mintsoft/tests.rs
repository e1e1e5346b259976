//! The warehouse as a merchant meets it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{Listing, Mintsoft, RefusedThoughMade, Repeated, Switches, Times};
use crate::call::{Request, Response, Vendor};
use crate::clock::{HOUR, Instant, MINUTE};
use crate::faults::{Counts, Faults, Kind, VIEW_LAG_MAX};
use crate::settings::{Company, Orders, Settings};

const NOON: Instant = 1_767_960_000_000_000;

struct Warehouse {
    vendor: Mintsoft,
    counts: Counts,
    key: String,
    now: Instant,
}

impl Warehouse {
    fn new(faults: Faults, limits: bool) -> Self {
        Self::reading(faults, limits, Switches::default())
    }

    fn reading(faults: Faults, limits: bool, switches: Switches) -> Self {
        let companies = vec![Company::numbered(1, true), Company::numbered(2, true)];
        let orders = Orders {
            count: 0,
            skip_invoices: 0,
            within: 0,
            same_for_all: false,
            planted_per_mille: 0,
            mended: false,
            relisted: 0,
            foreign_per_mille: 0,
            keyed_late_per_mille: 0,
            lines_max: 0,
            named_items_only: false,
        };
        let settings = Settings {
            seed: 7,
            origin: NOON,
            companies,
            faults,
            orders,
            limits,
            virtualstock: crate::virtualstock::Switches::default(),
            mintsoft: switches,
            sage: crate::sage::Switches::default(),
            plant: None,
            plant_only: Vec::new(),
        };
        let counts = Counts::new(&settings);
        Self {
            vendor: Mintsoft::new(&settings, counts.clone()),
            counts,
            key: "mintsoft-key-1".into(),
            now: NOON,
        }
    }

    fn call(&mut self, method: Method, path: &str, body: Bytes) -> Response {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = HeaderMap::new();
        headers.insert("ms-apikey", self.key.parse().expect("a header"));
        self.vendor.advance(self.now);
        self.vendor.handle(
            &Request {
                method,
                path: path.to_owned(),
                query: query.to_owned(),
                headers,
                body,
            },
            self.now,
        )
    }

    fn get(&mut self, path: &str) -> Value {
        let response = self.call(Method::GET, path, Bytes::new());
        assert_eq!(response.status, 200, "{path}");
        body(&response)
    }

    fn put(&mut self, order: &Value) -> Value {
        let response = self.call(Method::PUT, "/api/Order", order.to_string().into());
        assert_eq!(response.status, 200);
        body(&response)[0].clone()
    }

    fn wait(&mut self, micros: i64) {
        self.now += micros;
        self.vendor.advance(self.now);
    }
}

fn order(number: &str, items: &[(&str, u32)]) -> Value {
    let items: Vec<Value> = items
        .iter()
        .map(|(sku, quantity)| json!({"SKU": sku, "Quantity": quantity}))
        .collect();
    json!({
        "OrderNumber": number, "ExternalOrderReference": format!("VS-{number}"), "FirstName": "Ada", "LastName": "Byrne",
        "Address1": "14 Mill Row", "Town": "Leeds", "PostCode": "LS1 4AB", "Country": "GB", "WarehouseId": 3, "CourierServiceId": 12,
        "OrderItems": items,
    })
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("JSON")
}

fn unsplit() -> Faults {
    Faults {
        split_shipment: 0,
        ..Faults::none()
    }
}

#[test]
fn an_order_is_created_once_for_its_number_and_its_reference() {
    let mut warehouse = Warehouse::new(unsplit(), true);
    let created = warehouse.put(&order("0000000001", &[("85123a", 6), ("71053", 1)]));
    assert_eq!((&created["Success"], &created["OrderStatus"]), (&json!(true), &json!("NEW")));
    assert_eq!(created["OrderItems"][0]["SKU"], "85123A", "SKUs come back in capitals");
    let again = warehouse.put(&order("0000000001", &[("85123A", 6)]));
    assert_eq!(
        (&again["Success"], &again["Message"]),
        (&json!(false), &json!("Order already exists"))
    );
    let mut other = order("0000000002", &[("85123A", 6)]);
    other["ExternalOrderReference"] = json!("VS-0000000001");
    assert_eq!(warehouse.put(&other)["Message"], "Order already exists");
    warehouse.key = "mintsoft-key-2".into();
    assert_eq!(
        warehouse.put(&order("0000000001", &[("85123A", 6)]))["Success"],
        true,
        "another client may use the number"
    );
}

#[test]
fn a_refusal_is_a_200_that_says_no() {
    let mut warehouse = Warehouse::new(unsplit(), true);
    let mut courier = order("1", &[("85123A", 1)]);
    courier["CourierServiceId"] = json!(99);
    assert!(
        warehouse.put(&courier)["Message"]
            .as_str()
            .is_some_and(|message| message.contains("CourierService"))
    );
    assert_eq!(warehouse.put(&order("1", &[("NOSUCH-1", 1)]))["Success"], false);
    assert_eq!(warehouse.put(&order("1", &[]))["Success"], false);
    assert_eq!(warehouse.put(&order("1", &[("85123A", 0)]))["Success"], false);
    let mut half = order("1", &[("85123A", 1)]);
    half["OrderItems"][0]["Quantity"] = json!(1.5);
    assert_eq!(warehouse.call(Method::PUT, "/api/Order", half.to_string().into()).status, 400);
    assert_eq!(
        warehouse.put(&order("1", &[("85123A", 1)]))["Success"],
        true,
        "none of them left anything behind"
    );
}

#[test]
fn the_same_sku_may_stand_on_two_items() {
    let mut warehouse = Warehouse::new(unsplit(), true);
    let created = warehouse.put(&order("1", &[("85123A", 1), ("85123a", 2)]));
    assert_ne!(created["OrderItems"][0]["ID"], created["OrderItems"][1]["ID"]);
}

#[test]
fn an_order_walks_to_its_despatch_within_ninety_minutes() {
    let mut warehouse = Warehouse::new(unsplit(), true);
    let id = warehouse.put(&order("1", &[("85123A", 6)]))["OrderId"].clone();
    assert_eq!(
        warehouse.get(&format!("/api/Order/{id}"))["DespatchDate"],
        "0001-01-01T00:00:00"
    );
    warehouse.wait(9 * MINUTE);
    assert!(warehouse.vendor.waiting() > 0);
    assert_eq!(warehouse.get(&format!("/api/Order/{id}/Shipments")), json!([]));
    warehouse.wait(81 * MINUTE);
    assert_eq!(warehouse.vendor.waiting(), 0);
    let despatched = warehouse.get(&format!("/api/Order/{id}"));
    assert!([json!(4), json!(5)].contains(&despatched["OrderStatusId"]));
    assert_eq!(despatched["CourierServiceName"], "Royal Mail Tracked 48");
    let parcels = warehouse.get(&format!("/api/Order/{id}/Shipments"));
    assert_eq!(parcels[0]["Number"], despatched["TrackingNumber"]);
    let stamp = despatched["DespatchDate"].as_str().expect("text");
    assert_eq!(
        (stamp.len(), stamp.ends_with('Z')),
        ("2026-09-24T11:20:22.7476691".len(), false)
    );
}

#[test]
fn a_list_by_the_last_change_may_swallow_a_parcel_that_the_list_by_despatch_has() {
    let faults = Faults {
        dropped: 1000,
        ..unsplit()
    };
    let mut warehouse = Warehouse::new(faults, true);
    let id = warehouse.put(&order("1", &[("85123A", 6)]))["OrderId"].clone();
    let shown = |warehouse: &mut Warehouse, by: &str| {
        let rows = warehouse.get(&format!("/api/Order/List?{by}=2026-01-09T12:00:00"));
        rows.as_array().expect("a list").len()
    };
    assert_eq!(shown(&mut warehouse, "SinceLastUpdated"), 1, "it has not left");
    assert_eq!(shown(&mut warehouse, "SinceDespatchDate"), 0);
    warehouse.wait(91 * MINUTE);
    assert_eq!(shown(&mut warehouse, "SinceLastUpdated"), 0);
    assert_eq!(shown(&mut warehouse, "SinceDespatchDate"), 1);
    assert_eq!(warehouse.get(&format!("/api/Order/{id}"))["ID"], id);
    let later = warehouse.get("/api/Order/List?SinceDespatchDate=2026-01-09T15:00:00");
    assert_eq!(later, json!([]));
}

#[test]
fn a_split_order_is_two_orders_that_add_up() {
    let mut warehouse = Warehouse::new(
        Faults {
            split_shipment: 1000,
            ..Faults::none()
        },
        true,
    );
    let (mut within, mut whole) = (0, 0);
    for number in 0..20 {
        let id = warehouse.put(&order(&format!("A{number}"), &[("85123A", 6), ("71053", 4)]))["OrderId"].clone();
        warehouse.wait(150 * MINUTE);
        let parts = warehouse.get(&format!("/api/Order/{id}/Splits"));
        let parts = parts.as_array().expect("a list");
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (&parts[0]["ID"], &parts[0]["Part"], &parts[1]["Part"]),
            (&id, &json!(1), &json!(2))
        );
        assert_eq!(parts[0]["OrderNumber"], parts[1]["OrderNumber"]);
        assert_eq!(parts[0]["ExternalOrderReference"], parts[1]["ExternalOrderReference"]);
        assert_ne!(parts[0]["TrackingNumber"], parts[1]["TrackingNumber"]);
        let total: u64 = parts.iter().filter_map(|part| part["TotalItems"].as_u64()).sum();
        assert_eq!(total, 10);
        assert!(parts[0]["DespatchDate"].as_str() < parts[1]["DespatchDate"].as_str());
        let items = parts
            .iter()
            .filter_map(|part| part["OrderItems"].as_array())
            .map(Vec::len)
            .sum::<usize>();
        within += usize::from(items == 3);
        whole += usize::from(items == 2);
    }
    assert!(within > 0 && whole > 0 && within + whole == 20);
    assert_eq!(warehouse.counts.read()[Kind::SplitShipment.name()], 20);
}

#[test]
fn an_order_of_one_piece_is_never_split() {
    let mut warehouse = Warehouse::new(
        Faults {
            split_shipment: 1000,
            ..Faults::none()
        },
        true,
    );
    let id = warehouse.put(&order("1", &[("85123A", 1)]))["OrderId"].clone();
    warehouse.wait(150 * MINUTE);
    assert_eq!(warehouse.get(&format!("/api/Order/{id}/Splits")), json!([]));
    assert_eq!(warehouse.get(&format!("/api/Order/{id}"))["NumberOfParts"], 1);
}

#[test]
fn lists_come_in_pages_of_a_hundred_at_most_and_ignore_unknown_names() {
    let mut warehouse = Warehouse::new(unsplit(), false);
    for number in 0..105 {
        warehouse.put(&order(&format!("{number:010}"), &[("85123A", 1)]));
    }
    let first = warehouse.get("/api/Order/List?PageNo=1&Limit=500&SortOldestFirst=true&DateFrom=2030-01-01");
    assert_eq!(first.as_array().map(Vec::len), Some(100));
    assert_eq!(
        (&first[0]["OrderNumber"], &first[0]["OrderItems"]),
        (&json!("0000000000"), &json!(null))
    );
    let second = warehouse.get("/api/Order/List?PageNo=2&Limit=500&SortOldestFirst=true&IncludeOrderItems=true");
    assert_eq!(second.as_array().map(Vec::len), Some(5));
    assert_eq!(second[0]["OrderItems"][0]["SKU"], "85123A");
    let since = warehouse.get("/api/Order/List?SinceLastUpdated=2026-01-09T12:00:01");
    assert_eq!(since, json!([]));
    assert_eq!(
        warehouse
            .get("/api/Order/List?SinceLastUpdated=2026-01-09T12:00:00")
            .as_array()
            .map(Vec::len),
        Some(100)
    );
    assert_eq!(
        warehouse.get("/api/Order/Search?OrderNumber=0000000104")[0]["OrderNumber"],
        "0000000104"
    );
}

#[test]
fn a_client_sees_only_its_own() {
    let mut warehouse = Warehouse::new(unsplit(), true);
    let id = warehouse.put(&order("1", &[("85123A", 1)]))["OrderId"].clone();
    warehouse.key = "mintsoft-key-2".into();
    assert_eq!(
        warehouse.call(Method::GET, &format!("/api/Order/{id}"), Bytes::new()).status,
        404
    );
    assert_eq!(warehouse.get("/api/Order/List"), json!([]));
    assert_eq!(warehouse.get("/api/Order/Search?OrderNumber=1"), json!([]));
}

#[test]
fn a_log_in_makes_a_new_key_and_kills_the_old() {
    let mut warehouse = Warehouse::new(unsplit(), true);
    let login = json!({"Username": "client-1", "Password": "password-1"}).to_string();
    let key = body(&warehouse.call(Method::POST, "/api/Auth", login.into()));
    let refused = warehouse.call(Method::GET, "/api/Warehouse", Bytes::new());
    assert_eq!((refused.status, refused.body.len()), (401, 0));
    warehouse.key = key.as_str().expect("a bare string").to_owned();
    assert_eq!(warehouse.get("/api/Warehouse")[0]["ID"], 3);
    warehouse.now += 24 * HOUR;
    assert_eq!(warehouse.call(Method::GET, "/api/Warehouse", Bytes::new()).status, 401);
}

#[test]
fn a_burst_is_answered_in_html() {
    let mut warehouse = Warehouse::new(unsplit(), true);
    for _ in 0..20 {
        warehouse.get("/api/Order/Statuses");
    }
    let guard = warehouse.call(Method::GET, "/api/Order/Statuses", Bytes::new());
    assert_eq!(guard.status, 429);
    assert!(guard.headers.contains(&("retry-after", "0".into())));
    assert!(guard.body.starts_with(b"<!DOCTYPE html>"));
    warehouse.now += super::BURST_WITHIN;
    warehouse.get("/api/Order/Statuses");
    assert_eq!(warehouse.counts.read()[Kind::ThrottledMintsoft.name()], 1);
}

#[test]
fn wrong_methods_and_paths_are_told_so() {
    let mut warehouse = Warehouse::new(unsplit(), true);
    let response = warehouse.call(Method::POST, "/api/Order", Bytes::new());
    let message = "The requested resource does not support http method 'POST'.";
    assert_eq!((response.status, body(&response)), (405, json!({"Message": message})));
    assert_eq!(warehouse.call(Method::GET, "/api/Nothing", Bytes::new()).status, 404);
}

#[test]
fn lists_and_searches_may_lag_but_the_order_itself_does_not() {
    let mut warehouse = Warehouse::new(
        Faults {
            stale_view: 1000,
            ..unsplit()
        },
        true,
    );
    let id = warehouse.put(&order("1", &[("85123A", 1)]))["OrderId"].clone();
    assert_eq!(warehouse.get("/api/Order/Search?OrderNumber=1"), json!([]));
    assert_eq!(warehouse.get("/api/Order/List"), json!([]));
    assert_eq!(warehouse.get(&format!("/api/Order/{id}"))["OrderNumber"], "1");
    assert_eq!(warehouse.counts.read()[Kind::StaleView.name()], 2);
    warehouse.wait(VIEW_LAG_MAX);
    assert_eq!(warehouse.get("/api/Order/Search?OrderNumber=1")[0]["ID"], id);
}

#[test]
fn the_floor_does_the_same_with_the_same_seed() {
    let run = || {
        let mut warehouse = Warehouse::new(
            Faults {
                split_shipment: 500,
                stale_view: 300,
                ..Faults::none()
            },
            false,
        );
        for number in 0..30 {
            warehouse.put(&order(&format!("{number}"), &[("85123A", 6), ("71053", 4)]));
            warehouse.wait(MINUTE);
        }
        warehouse.wait(3 * HOUR);
        warehouse.get("/api/Order/List?IncludeOrderItems=true").to_string()
    };
    assert_eq!(run(), run());
}

#[test]
fn nonsense_is_answered_and_creates_nothing() {
    let mut warehouse = Warehouse::new(unsplit(), false);
    let bodies = [
        "",
        "null",
        "[]",
        "{}",
        "{\"OrderItems\":7}",
        "{\"OrderItems\":[7]}",
        "{\"OrderItems\":[{\"SKU\":[],\"Quantity\":1e99}]}",
        "{\"OrderItems\":[{\"ProductId\":99999999999999999999,\"Quantity\":\"x\"}]}",
        "{\"WarehouseId\":3,\"Country\":\"GB\",\"CourierServiceId\":12,\"OrderItems\":[{\"SKU\":\"85123A\",\"Quantity\":99999999999}]}",
    ];
    for body in bodies {
        let answer = warehouse.call(Method::PUT, "/api/Order", body.into());
        assert!(
            answer.status == 400 || answer.body.windows(15).any(|part| part == b"\"Success\":false"),
            "{body}"
        );
    }
    for query in [
        "PageNo=-1&Limit=x",
        "PageNo=18446744073709551615",
        "%%%",
        "SinceLastUpdated=yesterday",
        "OrderStatusId=18446744073709551615",
    ] {
        warehouse.get(&format!("/api/Order/List?{query}"));
    }
    assert_eq!(
        warehouse
            .call(Method::GET, "/api/Order/99999999999999999999", Bytes::new())
            .status,
        404
    );
    assert!(warehouse.vendor.books.orders.is_empty());
}

#[test]
fn times_are_shown_and_understood_in_one_zone() {
    let switches = Switches {
        times: Times::London,
        ..Switches::default()
    };
    let mut warehouse = Warehouse::reading(unsplit(), true, switches);
    let summer: jiff::Timestamp = "2026-07-06T09:30:00Z".parse().expect("an instant");
    warehouse.now = summer.as_microsecond();
    let id = warehouse.put(&order("1", &[("85123A", 1)]))["OrderId"].clone();
    let row = warehouse.get(&format!("/api/Order/{id}"));
    assert_eq!(row["LastUpdated"], "2026-07-06T10:30:00.0000000");
    assert_eq!(row["DespatchDate"], "0001-01-01T00:00:00");
    let mut since = |text: &str| {
        let rows = warehouse.get(&format!("/api/Order/List?SinceLastUpdated={text}"));
        rows.as_array().map(Vec::len)
    };
    assert_eq!(since("2026-07-06T10:30:00"), Some(1));
    assert_eq!(since("2026-07-06T10:30:01"), Some(0));
    assert_eq!(since("2026-07-06T09:30:00Z"), Some(1), "an offset says it all");
    assert_eq!(since("2026-07-06T09:30:01Z"), Some(0));
}

#[test]
fn the_hour_that_comes_twice_cannot_be_told_apart() {
    let at = |text: &str| Times::London.local(text.parse::<jiff::Timestamp>().expect("an instant").as_microsecond());
    assert_eq!(at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
    assert!(at("2026-10-25T01:05:00Z") < at("2026-10-25T00:55:00Z"));
}

/// The order numbers of a list, page after page until one is empty, at most five.
fn listed(warehouse: &mut Warehouse) -> Vec<Vec<String>> {
    (1..=5)
        .map(|page| {
            let rows = warehouse.get(&format!("/api/Order/List?PageNo={page}&SortOldestFirst=true"));
            let rows = rows.as_array().expect("a list");
            rows.iter()
                .map(|row| row["OrderNumber"].as_str().expect("text").to_owned())
                .collect::<Vec<_>>()
        })
        .take_while(|page| !page.is_empty())
        .collect()
}

#[test]
fn a_list_is_sorted_as_the_switch_says() {
    let sorted = |listing| {
        let switches = Switches {
            listing,
            page_rows: 3,
            ..Switches::default()
        };
        let mut warehouse = Warehouse::reading(unsplit(), false, switches);
        for number in ["a", "b", "c", "d", "e", "f"] {
            warehouse.put(&order(number, &[("85123A", 1)]));
            warehouse.wait(MINUTE);
        }
        // What was made first has changed last.
        let (first, now) = (*warehouse.vendor.books.orders.keys().next().expect("an order"), warehouse.now);
        warehouse.vendor.books.orders.get_mut(&first).expect("an order").updated = now;
        listed(&mut warehouse).concat().concat()
    };
    assert_eq!(sorted(Listing::ById), "abcdef");
    assert_eq!(sorted(Listing::ByChange), "bcdefa");
    assert_eq!(sorted(Listing::NewestFirst), "afedcb");
    let unsorted = sorted(Listing::Unsorted);
    assert_eq!(unsorted, sorted(Listing::Unsorted), "in no order, and always the same");
    assert!(
        !["abcdef", "bcdefa", "afedcb", "fedcba"].contains(&unsorted.as_str()),
        "{unsorted}"
    );
}

#[test]
fn behind_the_last_page_is_nothing_or_the_last_page_again() {
    let pages = |last_page_again| {
        let switches = Switches {
            page_rows: 3,
            last_page_again,
            ..Switches::default()
        };
        let mut warehouse = Warehouse::reading(unsplit(), false, switches);
        for number in ["a", "b", "c", "d"] {
            warehouse.put(&order(number, &[("85123A", 1)]));
        }
        listed(&mut warehouse).iter().map(|page| page.concat()).collect::<Vec<_>>()
    };
    assert_eq!(pages(false), ["abc", "d"]);
    assert_eq!(pages(true), ["abc", "d", "d", "d", "d"]);
}

#[test]
fn a_number_that_is_in_use_is_answered_as_the_switch_says() {
    let again = |repeated| {
        let switches = Switches {
            repeated,
            ..Switches::default()
        };
        let mut warehouse = Warehouse::reading(unsplit(), true, switches);
        let first = warehouse.put(&order("1", &[("85123A", 6)]));
        let second = warehouse.put(&order("1", &[("85123A", 6)]));
        (first, second, warehouse.vendor.books.orders.len())
    };
    let (_, refused, orders) = again(Repeated::RefusedInOtherWords);
    assert_eq!((&refused["Success"], orders), (&json!(false), 1));
    assert!(!refused["Message"].as_str().expect("text").contains("exist"));
    let (first, old, orders) = again(Repeated::OldId);
    assert_eq!(
        (&old["Success"], &old["OrderId"], orders),
        (&json!(true), &first["OrderId"], 1)
    );
    let (first, second, orders) = again(Repeated::MadeTwice);
    assert_eq!((&second["Success"], orders), (&json!(true), 2));
    assert_ne!(first["OrderId"], second["OrderId"]);
}

#[test]
fn some_creates_are_refused_although_the_order_is_made() {
    for refused_though_made in [RefusedThoughMade::SaysNo, RefusedThoughMade::BadRequest] {
        let switches = Switches {
            refused_though_made,
            ..Switches::default()
        };
        let mut warehouse = Warehouse::reading(unsplit(), false, switches);
        let mut refused = 0;
        for number in 0..60 {
            let body = order(&format!("A{number}"), &[("85123A", 1)]).to_string();
            let answer = warehouse.call(Method::PUT, "/api/Order", body.into());
            let says_no = answer.body.windows(15).any(|part| part == b"\"Success\":false");
            refused += u64::from(answer.status == 400 || says_no);
            assert_ne!(
                (answer.status, says_no),
                if refused_though_made == RefusedThoughMade::SaysNo {
                    (400, false)
                } else {
                    (200, true)
                }
            );
        }
        assert!(refused > 0 && refused < 60, "{refused} of 60");
        assert_eq!(warehouse.counts.read()[Kind::RefusedThoughMade.name()], refused);
        assert_eq!(warehouse.vendor.books.orders.len(), 60);
    }
}

#[test]
fn a_search_shows_as_much_as_the_switches_say() {
    let searched = |search_is_exact, search_shows_items| {
        let switches = Switches {
            search_is_exact,
            search_shows_items,
            ..Switches::default()
        };
        let mut warehouse = Warehouse::reading(unsplit(), true, switches);
        warehouse.put(&order("12", &[("85123A", 1)]));
        warehouse.put(&order("2", &[("85123A", 1)]));
        let found = warehouse.get("/api/Order/Search?OrderNumber=2");
        (found.as_array().map(Vec::len), found[0]["OrderItems"].is_null())
    };
    assert_eq!(searched(false, true), (Some(2), false));
    assert_eq!(searched(true, false), (Some(1), true));
}

#[test]
fn the_shape_of_answers_is_as_the_switches_say() {
    let switches = Switches {
        wrapped: true,
        single_outcome: true,
        splits_leave_one_out: true,
        ..Switches::default()
    };
    let faults = Faults {
        split_shipment: 1000,
        ..Faults::none()
    };
    let mut warehouse = Warehouse::reading(faults, true, switches);
    let created = warehouse.call(Method::PUT, "/api/Order", order("1", &[("85123A", 6)]).to_string().into());
    let id = body(&created)["OrderId"].as_i64().expect("one outcome");
    warehouse.wait(150 * MINUTE);
    assert_eq!(warehouse.get("/api/Order/List")["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(warehouse.get("/api/Order/Search?OrderNumber=1")["data"][0]["ID"], id);
    let others = warehouse.get(&format!("/api/Order/{id}/Splits"));
    assert_eq!(others["data"].as_array().map(Vec::len), Some(1));
    assert_ne!(others["data"][0]["ID"], id);
}
