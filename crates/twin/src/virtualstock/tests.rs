//! Virtualstock as a supplier meets it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::books::{Address, Status};
use super::{NewLine, NewOrder, Virtualstock};
use crate::call::{Request, Response, Vendor};
use crate::clock::{HOUR, Instant, MINUTE, SECOND};
use crate::faults::{Counts, Faults, Kind};
use crate::settings::{Company, Orders, Settings};

const NOON: Instant = 1_767_960_000_000_000;

fn settings(faults: Faults, limits: bool) -> Settings {
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
    Settings {
        seed: 7,
        origin: NOON,
        companies: vec![Company::numbered(1, true), Company::numbered(2, true)],
        faults,
        orders,
        limits,
        virtualstock: crate::virtualstock::Switches::default(),
        mintsoft: crate::mintsoft::Switches::default(),
        sage: crate::sage::Switches::default(),
        plant: None,
        plant_only: Vec::new(),
    }
}

struct Platform {
    vendor: Virtualstock,
    counts: Counts,
    token: String,
    now: Instant,
}

impl Platform {
    fn new(faults: Faults, limits: bool) -> Self {
        let settings = settings(faults, limits);
        let counts = Counts::new(&settings);
        let mut platform = Self {
            vendor: Virtualstock::new(&settings, counts.clone()),
            counts,
            token: String::new(),
            now: NOON,
        };
        platform.log_in(1);
        platform
    }

    fn log_in(&mut self, company: u32) -> Value {
        let (user, password) = (format!("supplier-{company}"), format!("password-{company}"));
        let response = self.post("/restapi/v4/token", &json!({"username": user, "password": password}));
        assert_eq!(response.status, 200);
        let body = body(&response);
        self.token = body["access"].as_str().expect("text").to_owned();
        body
    }

    fn place(&mut self, reference: &str, lines: &[(&str, u32)]) -> i64 {
        let line = |(code, quantity): &(&str, u32)| NewLine {
            code: (*code).to_owned(),
            item: (*code).to_owned(),
            name: "Thing".into(),
            quantity: *quantity,
            unit_cost_pennies: 255,
            tax_rate: 20,
        };
        let new = NewOrder {
            company: 1,
            order_reference: reference.to_owned(),
            purchase_order_reference: format!("PO-{reference}"),
            end_user_purchase_order_reference: reference.to_owned(),
            address: Address {
                full_name: "A Customer".into(),
                country: "GB".into(),
                ..Address::default()
            },
            delivery_service_code: None,
            promised: self.now + 24 * HOUR,
            lines: lines.iter().map(line).collect(),
        };
        self.vendor.place(new, self.now)
    }

    fn call(&mut self, method: Method, path: &str, body: Bytes) -> Response {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = HeaderMap::new();
        if !self.token.is_empty() {
            headers.insert("authorization", format!("Bearer {}", self.token).parse().expect("a header"));
        }
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

    fn get(&mut self, path: &str) -> Response {
        self.call(Method::GET, path, Bytes::new())
    }

    fn post(&mut self, path: &str, body: &Value) -> Response {
        self.call(Method::POST, path, body.to_string().into())
    }

    fn acknowledge(&mut self, id: i64, items: &[(&str, &str, u32)]) -> Response {
        let item =
            |(part, line, quantity): &(&str, &str, u32)| json!({"part_number": part, "line_ref": line, "quantity": quantity});
        let items: Vec<Value> = items.iter().map(item).collect();
        self.post(&format!("/restapi/v4/orders/{id}/acknowledge/"), &json!({"items": items}))
    }

    fn dispatch(&mut self, id: i64, part: &str, line: &str, quantity: u32, carrier: &str) -> Response {
        let item = json!({
            "part_number": part, "line_ref": line, "quantity": quantity, "supplier_dispatch_date": "2026-01-09",
            "carrier": carrier, "tracking_number": "T1",
        });
        self.post(&format!("/restapi/v4/orders/{id}/dispatch/"), &json!({"items": [item]}))
    }

    fn statuses(&self, id: i64) -> Vec<Status> {
        self.vendor.books.orders[&id].statuses()
    }

    fn listed(&mut self, query: &str) -> Vec<String> {
        let listed = body(&self.get(&format!("/restapi/v4/orders/?{query}")));
        let rows = listed["results"].as_array().expect("a list");
        rows.iter()
            .map(|row| row["order_reference"].as_str().expect("text").to_owned())
            .collect()
    }
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("JSON")
}

fn text(response: &Response) -> &str {
    std::str::from_utf8(&response.body).expect("UTF-8")
}

#[test]
fn a_line_goes_from_order_over_acknowledged_to_dispatched() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6), ("71053", 2)]);
    assert_eq!(platform.acknowledge(id, &[("85123A", "1", 6), ("71053", "2", 2)]).status, 200);
    assert_eq!(platform.statuses(id), [Status::OrderAck, Status::OrderAck]);
    assert_eq!(platform.dispatch(id, "85123A", "1", 6, "dpd").status, 200);
    assert_eq!(platform.statuses(id), [Status::Dispatch, Status::OrderAck]);
    let order = body(&platform.get(&format!("/restapi/v4/orders/{id}/")));
    assert_eq!(order["status"], "ORDER_ACK", "the least advanced line speaks for the order");
}

#[test]
fn an_order_is_shown_as_documented() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 3)]);
    let order = body(&platform.get(&format!("/restapi/v4/orders/{id}/")));
    assert_eq!(order["url"], "https://www.the-edge.io/restapi/v4/orders/7000001/");
    assert_eq!(order["order_date"], "2026-01-09T12:00:00");
    assert!(
        order["channel"].is_null() && order["delivery_service_code"].is_null() && order["shipping_address"]["line_2"].is_null()
    );
    let line = &order["items"][0];
    assert_eq!(
        (&line["unit_cost_price"], &line["subtotal"]),
        (&json!("2.55"), &json!("7.65"))
    );
    assert_eq!(
        (&line["tax"], &line["tax_rate"], &line["total"]),
        (&json!("1.53"), &json!("20.00"), &json!("9.18"))
    );
    assert_eq!(line["quantity"], json!(3));
}

#[test]
fn the_queue_may_swallow_double_or_delay_an_order_that_its_retailers_list_has() {
    let queue = "status=ORDER&limit=100";
    let retailers = "status=ORDER&retailer_id=301&limit=100";
    let met = |dropped, doubled, delayed| {
        let faults = Faults {
            dropped,
            doubled,
            delayed,
            ..Faults::none()
        };
        let mut platform = Platform::new(faults, true);
        let id = platform.place("VS-1", &[("85123A", 6)]);
        (platform, id)
    };
    let (mut dropped, id) = met(1000, 0, 0);
    assert_eq!((dropped.listed(queue).len(), dropped.listed(retailers).len()), (0, 1));
    assert_eq!(dropped.get(&format!("/restapi/v4/orders/{id}/")).status, 200);
    assert_eq!(dropped.counts.read()[Kind::DroppedMessage.name()], 1);

    let (mut doubled, _) = met(0, 1000, 0);
    assert_eq!(doubled.listed(queue), ["VS-1", "VS-1"]);
    assert_eq!(doubled.counts.read()[Kind::DoubledMessage.name()], 1);

    let (mut delayed, _) = met(0, 0, 1000);
    assert_eq!((delayed.listed(queue).len(), delayed.listed(retailers).len()), (0, 1));
    delayed.now += 6 * HOUR;
    delayed.log_in(1);
    assert_eq!(delayed.listed(queue).len(), 1);
    assert_eq!(delayed.counts.read()[Kind::DelayedMessage.name()], 1);
}

#[test]
fn a_second_acknowledge_is_refused_by_name() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6)]);
    platform.acknowledge(id, &[("85123A", "1", 6)]);
    let again = platform.acknowledge(id, &[("85123A", "1", 6)]);
    assert_eq!(again.status, 400);
    assert_eq!(
        text(&again),
        "Not allowed to change state of item 1 from ORDER_ACK to ORDER_ACK"
    );
}

#[test]
fn a_request_is_carried_out_whole_or_not_at_all() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6), ("71053", 2)]);
    assert_eq!(platform.acknowledge(id, &[("85123A", "1", 6), ("71053", "2", 3)]).status, 400);
    assert_eq!(platform.statuses(id), [Status::Order, Status::Order]);
}

#[test]
fn what_was_not_acknowledged_is_not_dispatched() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6)]);
    let early = platform.dispatch(id, "85123A", "1", 6, "dpd");
    assert_eq!(
        (early.status, text(&early)),
        (400, "Not allowed to change state of item 1 from ORDER to DISPATCH")
    );
    platform.vendor.switches.dispatch_unacknowledged = true;
    assert_eq!(platform.dispatch(id, "85123A", "1", 6, "dpd").status, 200);
}

#[test]
fn a_part_dispatch_keeps_the_line_open_until_all_is_gone_and_never_more() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6)]);
    platform.acknowledge(id, &[("85123A", "1", 6)]);
    assert_eq!(platform.dispatch(id, "85123A", "1", 4, "dpd").status, 200);
    assert_eq!(platform.statuses(id), [Status::OrderAck]);
    let excess = platform.dispatch(id, "85123A", "1", 3, "dpd");
    assert_eq!(
        (excess.status, text(&excess)),
        (
            400,
            "Validation error: Dispatch quantity value 3 is bigger than allowed for item"
        )
    );
    assert_eq!(platform.dispatch(id, "85123A", "1", 2, "dpd").status, 200);
    assert_eq!(platform.statuses(id), [Status::Dispatch]);
    assert_eq!(platform.dispatch(id, "85123A", "1", 1, "dpd").status, 400);
}

#[test]
fn a_carrier_must_be_a_slug_of_the_list() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6)]);
    platform.acknowledge(id, &[("85123A", "1", 6)]);
    assert_eq!(platform.dispatch(id, "85123A", "1", 6, "Royal Mail").status, 400);
    let carriers = body(&platform.get("/restapi/v4/order-tracking-carriers/"));
    assert!(
        carriers
            .as_array()
            .expect("a bare array")
            .iter()
            .any(|carrier| carrier["slug"] == "royal-mail")
    );
    assert_eq!(platform.dispatch(id, "85123A", "1", 6, "royal-mail").status, 200);
}

#[test]
fn missing_fields_are_named_for_each_item() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6)]);
    let items = json!({"items": [{"part_number": "85123A", "line_ref": "1", "quantity": "6"}, {"line_ref": "2", "quantity": 1}]});
    let response = platform.post(&format!("/restapi/v4/orders/{id}/acknowledge/"), &items);
    assert_eq!(response.status, 400);
    assert_eq!(
        body(&response),
        json!({"items": [{}, {"part_number": ["This field is required."]}]})
    );
    let when =
        json!({"items": [{"part_number": "85123A", "line_ref": "1", "quantity": 6, "supplier_delivery_date": "2026-01-09"}]});
    assert_eq!(
        platform.post(&format!("/restapi/v4/orders/{id}/acknowledge/"), &when).status,
        400
    );
}

#[test]
fn a_cancellation_is_agreed_to_or_answered_by_a_dispatch() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6), ("71053", 2)]);
    let agree = json!({"items": [{"part_number": "85123A", "line_ref": "1", "quantity": 6}]});
    let path = format!("/restapi/v4/orders/{id}/cancel_acknowledge/");
    assert_eq!(platform.post(&path, &agree).status, 400, "no one asked");
    platform.vendor.ask_to_cancel(id);
    assert_eq!(platform.post(&path, &agree).status, 200);
    assert_eq!(platform.dispatch(id, "71053", "2", 2, "dpd").status, 200);
    assert_eq!(platform.statuses(id), [Status::CancelAck, Status::Dispatch]);
}

#[test]
fn slashes_matter() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 6)]);
    let bare = platform.post(&format!("/restapi/v4/orders/{id}/acknowledge"), &json!({}));
    assert_eq!(
        (bare.status, body(&bare)),
        (405, json!({"detail": "Method \"POST\" not allowed."}))
    );
    for nowhere in [
        "/restapi/v4/orders",
        "/restapi/v4/orders/7000001",
        "/restapi/v4/order-tracking-carriers",
        "/restapi/v4/nothing/",
    ] {
        assert_eq!(platform.get(nowhere).status, 404, "{nowhere}");
    }
    assert_eq!(platform.post("/restapi/v4/token/", &json!({})).status, 404);
    assert_eq!(platform.get("/restapi/v4/token").status, 405);
    assert_eq!(platform.get(&format!("/restapi/v4/orders/{id}/acknowledge/")).status, 405);
}

#[test]
fn lists_come_in_pages_that_name_another_host() {
    let mut platform = Platform::new(Faults::none(), true);
    for number in 0..5 {
        platform.place(&format!("VS-{number}"), &[("85123A", 1)]);
    }
    let first = body(&platform.get("/restapi/v4/orders/?status=ORDER&limit=2&format=json"));
    assert_eq!((&first["count"], &first["previous"]), (&json!(5), &json!(null)));
    assert_eq!(
        first["next"],
        "https://api.virtualstock.com/restapi/v4/orders/?format=json&limit=2&offset=2&status=ORDER"
    );
    let last = body(&platform.get("/restapi/v4/orders/?status=ORDER&limit=2&offset=4"));
    assert_eq!(
        (last["results"].as_array().map(Vec::len), &last["next"]),
        (Some(1), &json!(null))
    );
    assert_eq!(platform.listed("order_reference=VS-3"), ["VS-3"]);
    assert!(platform.listed("status=DISPATCH").is_empty());
}

#[test]
fn one_account_never_sees_anothers_orders() {
    let mut platform = Platform::new(Faults::none(), true);
    let id = platform.place("VS-1", &[("85123A", 1)]);
    platform.log_in(2);
    assert!(platform.listed("").is_empty());
    assert_eq!(platform.get(&format!("/restapi/v4/orders/{id}/")).status, 404);
    assert_eq!(platform.acknowledge(id, &[("85123A", "1", 1)]).status, 404);
}

#[test]
fn an_access_token_lives_five_minutes_and_is_renewed_for_four_hours() {
    let mut platform = Platform::new(Faults::none(), true);
    let tokens = platform.log_in(1);
    platform.now += 5 * MINUTE;
    assert_eq!(platform.get("/restapi/v4/customers/").status, 401);
    let renewed = platform.post("/restapi/v4/token/refresh", &json!({"refresh": tokens["refresh"]}));
    platform.token = body(&renewed)["access"].as_str().expect("text").to_owned();
    assert_eq!(body(&renewed).get("refresh"), None);
    assert_eq!(platform.get("/restapi/v4/customers/").status, 200);
    platform.now += 4 * HOUR;
    assert_eq!(
        platform
            .post("/restapi/v4/token/refresh", &json!({"refresh": tokens["refresh"]}))
            .status,
        401
    );
    let wrong = platform.post("/restapi/v4/token", &json!({"username": "supplier-1", "password": "no"}));
    assert_eq!(
        (wrong.status, &body(&wrong)["detail"]),
        (401, &json!("No active account found with the given credentials"))
    );
    platform.token.clear();
    assert_eq!(
        body(&platform.get("/restapi/v4/orders/"))["detail"],
        "Authentication credentials were not provided."
    );
}

#[test]
fn the_two_hundred_and_fifty_first_call_of_a_minute_is_throttled() {
    let mut platform = Platform::new(Faults::none(), true);
    for _ in 0..250 {
        assert_eq!(platform.get("/restapi/v4/customers/").status, 200);
    }
    platform.now += 18 * SECOND;
    let throttled = platform.get("/restapi/v4/customers/");
    assert_eq!(
        (throttled.status, &body(&throttled)["detail"]),
        (429, &json!("Request was throttled. Expected available in 42.0 seconds."))
    );
    platform.now += 42 * SECOND;
    assert_eq!(platform.get("/restapi/v4/customers/").status, 200);
    assert_eq!(platform.counts.read()[Kind::ThrottledVirtualstock.name()], 1);
}

#[test]
fn a_list_may_lag_but_the_order_itself_does_not() {
    let mut platform = Platform::new(
        Faults {
            stale_view: 1000,
            ..Faults::none()
        },
        true,
    );
    let id = platform.place("VS-1", &[("85123A", 1)]);
    platform.acknowledge(id, &[("85123A", "1", 1)]);
    assert_eq!(platform.listed("status=ORDER"), ["VS-1"]);
    assert!(platform.listed("status=ORDER_ACK").is_empty());
    assert_eq!(
        body(&platform.get(&format!("/restapi/v4/orders/{id}/")))["status"],
        "ORDER_ACK"
    );
    assert_eq!(platform.counts.read()[Kind::StaleView.name()], 2);
    platform.now += crate::faults::VIEW_LAG_MAX;
    assert_eq!(platform.listed("status=ORDER_ACK"), ["VS-1"]);
}

#[test]
fn a_list_may_show_a_row_twice_and_turn_its_rows_round() {
    let mut platform = Platform::new(
        Faults {
            duplicate_listing: 1000,
            reordered_listing: 1000,
            ..Faults::none()
        },
        true,
    );
    platform.place("VS-1", &[("85123A", 1)]);
    platform.place("VS-2", &[("85123A", 1)]);
    let listed = platform.listed("");
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0], "VS-2");
}

#[test]
fn nonsense_is_answered_and_changes_nothing() {
    let mut platform = Platform::new(Faults::none(), false);
    let id = platform.place("VS-1", &[("85123A", 1)]);
    let bodies = [
        "",
        "null",
        "[]",
        "{\"items\":{}}",
        "{\"items\":[]}",
        "{\"items\":[1]}",
        "{\"items\":[{\"part_number\":[],\"line_ref\":{},\"quantity\":1e99}]}",
        "{\"items\":[{\"part_number\":\"85123A\",\"line_ref\":1,\"quantity\":99999999999999999999}]}",
        "{\"items\":[{\"part_number\":\"85123A\",\"line_ref\":1,\"quantity\":-1}]}",
        "\u{0}\u{fffd}",
    ];
    for body in bodies {
        for action in ["acknowledge", "backorder", "dispatch", "cancel_acknowledge"] {
            let answer = platform.call(Method::POST, &format!("/restapi/v4/orders/{id}/{action}/"), body.into());
            assert_eq!(answer.status, 400, "{action} {body}");
        }
        assert_eq!(
            platform.call(Method::POST, "/restapi/v4/token", body.into()).status,
            400,
            "{body}"
        );
    }
    for query in [
        "limit=-1&offset=x",
        "offset=18446744073709551615&limit=18446744073709551615",
        "%%%",
        "status=%F0%9F&=&&&",
    ] {
        assert_eq!(platform.get(&format!("/restapi/v4/orders/?{query}")).status, 200, "{query}");
    }
    assert_eq!(platform.statuses(id), [Status::Order]);
}
