use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{BASE, SITE, Sage};
use crate::call::{Request, Response, Vendor};
use crate::chance::Chance;
use crate::clock::{HOUR, Instant, MINUTE, SECOND};
use crate::faults::{Counts, Faults, Span, VIEW_LAG_MAX};
use crate::settings::{Company, Orders, Settings};

const START: Instant = 1_774_951_200_000_000;

/// A Sage, a signed-in caller of one company, and a clock in the hand.
struct Desk {
    sage: Sage,
    counts: Counts,
    company: u32,
    token: String,
    now: Instant,
}

fn settings(faults: Faults) -> Settings {
    Settings {
        seed: 7,
        origin: START,
        companies: vec![Company::numbered(1, true), Company::numbered(2, false)],
        faults,
        orders: Orders {
            count: 1,
            skip_invoices: 0,
            within: HOUR,
            same_for_all: false,
            planted_per_mille: 0,
            mended: false,
            relisted: 0,
            foreign_per_mille: 0,
            keyed_late_per_mille: 0,
            lines_max: 0,
            named_items_only: false,
        },
        limits: false,
        virtualstock: crate::virtualstock::Switches::default(),
        mintsoft: crate::mintsoft::Switches::default(),
        sage: crate::sage::Switches::default(),
        plant: None,
        plant_only: Vec::new(),
    }
}

impl Desk {
    fn new(faults: Faults, company: u32) -> Self {
        let settings = settings(faults);
        let counts = Counts::new(&settings);
        let sage = Sage::new(&settings, counts.clone());
        let mut desk = Self {
            sage,
            counts,
            company,
            token: String::new(),
            now: START,
        };
        let answer = desk.refresh(&format!("sage-refresh-{company}-0"));
        desk.token = read(&answer)["access_token"].as_str().unwrap().into();
        desk
    }

    fn refresh(&mut self, refresh_token: &str) -> Response {
        let company = self.company;
        let body = format!(
            "grant_type=refresh_token&client_id=sage-client-{company}&client_secret=sage-secret-{company}&refresh_token={refresh_token}"
        );
        let request = Request {
            method: Method::POST,
            path: "/oauth/token".into(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: body.into(),
        };
        self.sage.handle(&request, self.now)
    }

    fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Response {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = HeaderMap::new();
        let mut header = |name: &'static str, value: String| headers.insert(name, HeaderValue::from_str(&value).unwrap());
        header("authorization", format!("Bearer {}", self.token));
        header("x-site", SITE.into());
        header("x-company", self.company.to_string());
        let request = Request {
            method,
            path: format!("{BASE}{path}"),
            query: query.into(),
            headers,
            body: body.map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
        };
        self.sage.handle(&request, self.now)
    }

    fn get(&mut self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, None);
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        read(&answer)
    }

    fn post(&mut self, path: &str, body: Value) -> Response {
        self.call(Method::POST, path, Some(body))
    }

    fn put(&mut self, path: &str, body: Value) -> Response {
        self.call(Method::PUT, path, Some(body))
    }

    /// An order of two lines, three of the first product and one of the second.
    fn order(&mut self, reference: &str, is_draft: bool) -> Value {
        let customer = self.get("customers?$filter=reference eq 'vsretail'")[0]["id"].clone();
        let warehouse = self.get("warehouses")[0]["id"].clone();
        let products = self.get("products?$orderby=id&$top=2");
        let line = |index: usize, quantity: u32, price: &str| {
            json!({"line_type": "EnumLineTypeStandard", "product_id": products[index]["id"], "warehouse_id": warehouse,
                   "line_quantity": quantity, "to_allocate_quantity": quantity, "selling_unit_price": price.parse::<serde_json::Number>().unwrap()})
        };
        let body = json!({
            "customer_id": customer, "customer_document_no": reference, "is_editing": is_draft, "spare_text_1": "TAG",
            "delivery_address": {"postal_name": "A Buyer", "postcode": "LS1 1AA"},
            "lines": [line(0, 3, "2.555"), line(1, 1, "10.00")],
        });
        let answer = self.post("sop_orders", body);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        read(&answer)
    }

    fn despatch(&mut self, order: &Value, line: usize, quantity: u32) -> Response {
        self.post(
            "sop_confirm_despatch",
            json!({
                "sop_order_return_id": order["id"],
                "items": [{"id": order["lines"][line]["id"], "quantity": quantity}],
                "tracking_items": [{"sop_order_return_id": order["id"], "consignment_no": "JD1", "notes": "TAG"}],
            }),
        )
    }

    fn count(&self, kind: &str) -> u64 {
        self.counts.read().get(kind).copied().unwrap_or(0)
    }
}

fn read(answer: &Response) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

fn refused(answer: &Response) -> String {
    assert_eq!(answer.status, 400, "{}", String::from_utf8_lossy(&answer.body));
    read(answer)["Message"].as_str().unwrap().into()
}

#[test]
fn a_draft_gets_its_number_when_it_is_confirmed_and_only_once() {
    let mut desk = Desk::new(Faults::none(), 1);
    let draft = desk.order("VS-1", true);
    assert_eq!((&draft["document_no"], &draft["is_draft"]), (&json!("TBA"), &json!(true)));
    assert_eq!(draft["lines"][0]["allocated_quantity"].to_string(), "0.00000");
    let path = format!("sop_orders/{}", draft["id"]);
    let still = read(&desk.put(&path, json!({"is_editing": true, "order_priority": "B"})));
    assert_eq!(
        (&still["document_no"], &still["order_priority"]),
        (&json!("TBA"), &json!("B"))
    );
    let order = read(&desk.put(&path, json!({"is_editing": false})));
    assert_eq!(
        (&order["document_no"], &order["is_draft"]),
        (&json!("0000000001"), &json!(false))
    );
    assert_eq!(order["lines"][0]["allocated_quantity"].to_string(), "3.00000");
    let again = desk.put(&path, json!({"is_editing": false}));
    assert_eq!((again.status, &read(&again)["document_no"]), (200, &json!("0000000001")));
    assert!(refused(&desk.call(Method::DELETE, &path, None)).contains("confirmed"));
}

#[test]
fn a_deleted_draft_is_gone_and_remembered() {
    let mut desk = Desk::new(Faults::none(), 1);
    let draft = desk.order("VS-1", true);
    let path = format!("sop_orders/{}", draft["id"]);
    assert_eq!(desk.call(Method::DELETE, &path, None).status, 200);
    assert_eq!(desk.call(Method::DELETE, &path, None).status, 404);
    assert_eq!(desk.sage.books.deleted_drafts, [draft["id"].as_i64().unwrap()]);
    assert_eq!(desk.get("sop_orders?$filter=customer_document_no eq 'VS-1'"), json!([]));
}

#[test]
fn totals_are_rounded_by_line_half_away_from_nought() {
    let mut desk = Desk::new(Faults::none(), 1);
    let order = desk.order("VS-1", false);
    // 3 × 2.555 = 7.665 and 20 % of 7.67 = 1.534.
    assert_eq!(order["lines"][0]["line_total_value"].to_string(), "7.67");
    assert_eq!(order["lines"][0]["line_tax_value"].to_string(), "1.53");
    assert_eq!(order["total_net_value"].to_string(), "17.67");
    assert_eq!(order["total_gross_value"].to_string(), "21.20");
}

#[test]
fn a_plain_read_is_the_header_alone_and_creates_carry_no_stamps() {
    let mut desk = Desk::new(Faults::none(), 1);
    let order = desk.order("VS-1", false);
    assert!(order["customer"]["reference"] == "VSRETAIL" && order["lines"][0]["tax_code"]["code"] == 1);
    assert!(order.get("date_time_created").is_none());
    let path = format!("sop_orders/{}", order["id"]);
    let plain = desk.get(&path);
    assert!(plain.get("lines").is_none() && plain.get("customer").is_none() && plain["date_time_updated"].is_string());
    let cut = desk.get(&format!("{path}?$expand=lines&$select=document_no,lines.id"));
    assert_eq!(cut["lines"][1], json!({"id": order["lines"][1]["id"]}));
    assert_eq!(cut.as_object().unwrap().len(), 2);
}

#[test]
fn an_amendment_keeps_the_lines_before_the_bad_one() {
    let mut desk = Desk::new(Faults::none(), 1);
    let draft = desk.order("VS-1", true);
    let path = format!("sop_orders/{}", draft["id"]);
    let line = |index: usize, quantity: i32| json!({"id": draft["lines"][index]["id"], "line_quantity": quantity});
    let answer = desk.put(&path, json!({"is_editing": false, "lines": [line(0, 5), line(1, -1)]}));
    assert!(refused(&answer).contains("greater than zero"));
    let order = desk.get(&format!("{path}?$expand=lines"));
    assert_eq!(order["lines"][0]["line_quantity"].to_string(), "5.00000");
    assert_eq!(order["lines"][1]["line_quantity"].to_string(), "1.00000");
    assert_eq!(order["is_draft"], true);
}

#[test]
fn a_refusal_may_come_although_it_was_done() {
    let mut desk = Desk::new(
        Faults {
            refused_after_commit: 1000,
            ..Faults::none()
        },
        1,
    );
    let draft = desk.order("VS-1", true);
    let path = format!("sop_orders/{}", draft["id"]);
    refused(&desk.put(&path, json!({"is_editing": false})));
    assert_eq!(desk.get(&path)["is_draft"], false);
    assert_eq!(desk.count("refused_after_commit"), 1);
}

#[test]
fn a_repeated_despatch_despatches_again_while_quantity_remains() {
    let mut desk = Desk::new(Faults::none(), 1);
    let order = desk.order("VS-1", false);
    assert_eq!(desk.despatch(&order, 0, 1).status, 200);
    assert_eq!(desk.despatch(&order, 0, 1).status, 200);
    assert!(refused(&desk.despatch(&order, 0, 2)).contains("exceeds"));
    assert_eq!(desk.sage.books.despatches.len(), 2);
    let views = desk.get(&format!("sop_order_despatch_views?$filter=sop_order_id eq {}", order["id"]));
    assert_eq!(
        (
            &views[0]["sop_despatch_document_no"],
            &views[1]["sop_despatch_consignment_no"]
        ),
        (&json!("0000000002"), &json!("JD1"))
    );
    let lines = desk.get(&format!("sop_orders/{}/sop_order_lines", order["id"]));
    assert_eq!(lines[0]["despatch_receipt_quantity"].to_string(), "2.00000");
    assert_eq!(lines[0]["despatch_receipt_status"], "EnumLineStatusPartially");
    let lines = desk.get("sop_order_despatch_line_views");
    assert_eq!(lines[0]["sop_despatch_line_quantity"].to_string(), "1.00000");
    assert_eq!(lines[0]["sop_order_line_despatch_quantity"].to_string(), "2.00000");
}

#[test]
fn a_despatch_is_all_or_nothing_and_never_of_a_draft() {
    let mut desk = Desk::new(Faults::none(), 1);
    let draft = desk.order("VS-1", true);
    assert!(refused(&desk.despatch(&draft, 0, 1)).contains("draft"));
    let order = desk.order("VS-2", false);
    let item = |index: usize, quantity: u32| json!({"id": order["lines"][index]["id"], "quantity": quantity});
    let answer = desk.post(
        "sop_confirm_despatch",
        json!({"sop_order_return_id": order["id"], "items": [item(0, 1), item(1, 2)]}),
    );
    refused(&answer);
    assert!(desk.sage.books.despatches.is_empty());
}

#[test]
fn a_company_that_records_no_tracking_keeps_none() {
    let mut desk = Desk::new(Faults::none(), 2);
    let order = desk.order("VS-1", false);
    assert_eq!(desk.despatch(&order, 0, 1).status, 200);
    let view = desk.get("sop_order_despatch_views")[0].clone();
    assert_eq!(
        (&view["sop_despatch_consignment_no"], &view["sop_despatch_notes"]),
        (&json!(""), &json!(""))
    );
    assert_eq!(desk.count("untracked_despatch"), 1);
}

#[test]
fn what_was_not_allocated_is_not_despatched() {
    // The second company does not allocate by itself.
    let mut desk = Desk::new(Faults::none(), 2);
    let order = desk.order("VS-1", true);
    let path = format!("sop_orders/{}", order["id"]);
    let line = json!({"id": order["lines"][0]["id"], "to_allocate_quantity": 1});
    desk.put(&path, json!({"is_editing": false, "lines": [line]}));
    assert!(refused(&desk.despatch(&order, 0, 2)).contains("allocated (1)"));
    let line = json!({"id": order["lines"][0]["id"], "to_allocate_quantity": 1});
    assert_eq!(desk.put(&path, json!({"lines": [line]})).status, 200);
    assert_eq!(desk.despatch(&order, 0, 2).status, 200);
}

#[test]
fn an_order_that_a_user_has_open_is_not_written_and_the_user_is_named() {
    let faults = Faults {
        sage_lock: 1000,
        sage_lock_after: Span::new(0, 0),
        sage_lock_for: Span::new(MINUTE, MINUTE),
        ..Faults::none()
    };
    let mut desk = Desk::new(faults, 1);
    let order = desk.order("VS-1", false);
    let message = refused(&desk.despatch(&order, 0, 1));
    assert!(message.starts_with("Order 0000000001 is in use by "), "{message}");
    refused(&desk.put(&format!("sop_orders/{}", order["id"]), json!({"order_priority": "B"})));
    assert_eq!(desk.count("sage_lock"), 2);
    desk.now += MINUTE;
    assert_eq!(desk.despatch(&order, 0, 1).status, 200);
}

#[test]
fn how_an_open_order_is_refused_is_as_the_switches_say() {
    use super::{LockStatus, LockWords};
    let faults = Faults {
        sage_lock: 1000,
        sage_lock_after: Span::new(0, 0),
        sage_lock_for: Span::new(MINUTE, MINUTE),
        ..Faults::none()
    };
    let mut desk = Desk::new(faults, 1);
    let order = desk.order("VS-1", false);
    let mut refused = |lock_words, lock_status| {
        desk.sage.switches = super::Switches { lock_words, lock_status };
        let answer = desk.despatch(&order, 0, 1);
        (answer.status, read(&answer)["Message"].as_str().unwrap().to_owned())
    };
    let (status, locked) = refused(LockWords::Locked, LockStatus::Locked);
    assert!(status == 423 && locked.contains("locked"), "{status} {locked}");
    let (status, editing) = refused(LockWords::Editing, LockStatus::Conflict);
    assert!(status == 409 && editing.contains("currently editing"), "{status} {editing}");
    assert_eq!(
        refused(LockWords::Unsaid, LockStatus::BadRequest),
        (400, super::UNSAID.to_owned())
    );
}

#[test]
fn lists_lag_behind_but_reading_by_id_does_not() {
    let faults = Faults {
        stale_view: 1000,
        view_lag: Span::new(VIEW_LAG_MAX, VIEW_LAG_MAX),
        ..Faults::none()
    };
    let mut desk = Desk::new(faults, 1);
    let order = desk.order("VS-1", false);
    let by_reference = "sop_orders?$filter=customer_document_no eq 'VS-1'";
    assert_eq!(desk.get(by_reference), json!([]));
    assert_eq!(desk.count("stale_view"), 1);
    assert_eq!(desk.get(&format!("sop_orders/{}", order["id"]))["is_draft"], false);
    desk.now += VIEW_LAG_MAX;
    assert_eq!(desk.get(by_reference).as_array().unwrap().len(), 1);
    desk.despatch(&order, 0, 3);
    let lines = format!("sop_orders/{}/sop_order_lines", order["id"]);
    assert_eq!(desk.get(&lines)[0]["despatch_receipt_quantity"].to_string(), "0.00000");
    assert_eq!(desk.get("sop_order_despatch_views"), json!([]));
    assert_eq!(desk.count("stale_view"), 3);
    desk.now += VIEW_LAG_MAX;
    assert_eq!(desk.get(&lines)[0]["despatch_receipt_quantity"].to_string(), "3.00000");
    assert_eq!(desk.count("stale_view"), 3);
}

#[test]
fn a_refresh_token_works_once_unless_there_is_grace() {
    let mut desk = Desk::new(Faults::none(), 1);
    assert_eq!(desk.refresh("sage-refresh-1-0").status, 403);
    let mut desk = Desk::new(
        Faults {
            sage_refresh_grace: MINUTE,
            ..Faults::none()
        },
        1,
    );
    let answer = desk.refresh("sage-refresh-1-0");
    assert_eq!(answer.status, 200);
    let next = read(&answer)["refresh_token"].as_str().unwrap().to_owned();
    desk.now += MINUTE;
    assert_eq!(desk.refresh("sage-refresh-1-0").status, 403);
    assert_eq!(desk.refresh(&next).status, 200);
}

#[test]
fn a_token_ends_and_enters_its_own_company_only() {
    let mut desk = Desk::new(
        Faults {
            sage_token_life: 10 * SECOND,
            ..Faults::none()
        },
        1,
    );
    assert_eq!(desk.get("sites")[0]["company_id"], 1);
    desk.company = 2;
    let answer = desk.call(Method::GET, "warehouses", None);
    assert_eq!((answer.status, answer.body.len()), (401, 0));
    desk.company = 1;
    assert_eq!(desk.call(Method::GET, "warehouses", None).status, 200);
    desk.now += 10 * SECOND;
    assert_eq!(desk.call(Method::GET, "warehouses", None).status, 401);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut desk = Desk::new(Faults::none(), 1);
    let order = desk.order("VS-1", true);
    let path = format!("sop_orders/{}", order["id"]);
    let mut refuses = |body: Value| refused(&desk.put(&path, body));
    assert!(refuses(json!({"customer_document_no": "x".repeat(31)})).contains("customer_document_no"));
    assert!(refuses(json!({"delivery_address": {"address_1": "x".repeat(61)}})).contains("address_1"));
    assert!(refuses(json!({"delivery_address": {"postcode": "LS1 1AA 123"}})).contains("postcode"));
    assert!(refuses(json!({"document_date": "2026-03-31"})).contains("document_date"));
    assert!(refuses(json!({"lines": [{"line_type": "EnumLineTypeFreeText", "description": "x"}]})).contains("stock items"));
    assert!(
        refuses(
            json!({"lines": [{"line_type": "EnumLineTypeStandard", "product_id": 1, "warehouse_id": 1, "line_quantity": 1}]})
        )
        .contains("product")
    );
    let order = desk.get(&path);
    assert_eq!(
        (&order["customer_document_no"], &order["is_draft"]),
        (&json!("VS-1"), &json!(true))
    );
    assert_eq!(desk.call(Method::GET, "sop_unknown", None).status, 404);
    assert_eq!(desk.call(Method::GET, "sop_orders?$filter=colour eq 'red'", None).status, 400);
}

#[test]
fn an_order_keyed_by_hand_is_found_under_the_reference_but_is_another() {
    let mut desk = Desk::new(Faults::none(), 1);
    let id = desk.sage.key_by_hand(1, "VS-1", START).unwrap();
    let found = desk.get("sop_orders?$filter=customer_document_no eq 'VS-1' and is_draft eq false&$expand=lines");
    assert_eq!((&found[0]["id"], &found[0]["spare_text_1"]), (&json!(id), &json!("")));
    assert_eq!(desk.order("VS-2", false)["customer_id"], found[0]["customer_id"]);
    assert!(desk.sage.books.orders[&id].by_hand);
    assert_eq!(desk.sage.books.orders[&id].lines[0].quantity, Decimal::ONE);
}

#[test]
fn companies_number_their_orders_alike_and_see_only_their_own() {
    let mut one = Desk::new(Faults::none(), 1);
    let first = one.order("VS-1", false);
    let answer = {
        one.company = 2;
        let token = read(&one.refresh("sage-refresh-2-0"))["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
        one.token = token;
        one.order("VS-1", false)
    };
    assert_eq!(first["document_no"], answer["document_no"]);
    assert_ne!(first["id"], answer["id"]);
    assert_eq!(one.get("sop_orders").as_array().unwrap().len(), 1);
    assert_eq!(
        one.call(Method::GET, &format!("sop_orders/{}", first["id"]), None).status,
        404
    );
}

#[test]
fn whatever_is_tried_stock_is_conserved() {
    let faults = Faults {
        stale_view: 300,
        ..Faults::none()
    };
    for company in [1, 2] {
        let mut desk = Desk::new(faults.clone(), company);
        let mut chance = Chance::new(company.into(), "what is tried");
        let mut orders: Vec<Value> = (0..6)
            .map(|number| desk.order(&format!("VS-{number}"), number % 2 == 0))
            .collect();
        for _ in 0..600 {
            let order = chance.pick(&orders).clone();
            let index = chance.between(0, 1) as usize;
            let path = format!("sop_orders/{}", order["id"]);
            let line = &order["lines"][index]["id"];
            match chance.between(0, 5) {
                0 => drop(desk.put(&path, json!({"is_editing": chance.per_mille(500)}))),
                1 => drop(desk.put(&path, json!({"lines": [{"id": line, "line_quantity": chance.between(0, 9), "to_allocate_quantity": chance.between(0, 9)}]}))),
                2 => drop(desk.put(&path, json!({"lines": [{"id": line, "is_to_delete": chance.per_mille(200)}, {"id": 1}]}))),
                3 => drop(desk.call(Method::DELETE, &path, None)),
                _ => drop(desk.despatch(&order, index, chance.between(0, 4) as u32)),
            }
            if chance.per_mille(100) {
                let order = desk.order("VS-new", chance.per_mille(500));
                orders.push(order);
            }
        }
        let books = &desk.sage.books;
        assert!(books.despatches.len() > 10 && books.deleted_drafts.len() > 1);
        for order in books.orders.values() {
            for line in &order.lines {
                assert!(
                    !line.allocated.is_sign_negative() && line.allocated + line.despatched <= line.quantity,
                    "{line:?}"
                );
            }
        }
        for (id, product) in desk.sage.companies[&company].products.iter().take(2) {
            let lines = || {
                books
                    .orders
                    .values()
                    .flat_map(|order| &order.lines)
                    .filter(|line| line.product_id == *id)
            };
            assert_eq!(product.allocated, lines().map(|line| line.allocated).sum::<Decimal>());
            let left = Decimal::from(super::reference::STOCK) - product.in_stock;
            assert_eq!(left, lines().map(|line| line.despatched).sum::<Decimal>());
        }
        let despatched: Decimal = books
            .despatches
            .values()
            .flat_map(|despatch| &despatch.items)
            .map(|item| item.quantity)
            .sum();
        assert_eq!(
            despatched,
            books
                .orders
                .values()
                .flat_map(|order| &order.lines)
                .map(|line| line.despatched)
                .sum::<Decimal>()
        );
    }
}
