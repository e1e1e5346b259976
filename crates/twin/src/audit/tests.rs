//! The auditors themselves: clean books are clean, and whatever is done to them is found and named.
//!
//! A clerk takes every order by hand through all vendors, over their own APIs, and makes no mistake. Then the books are tampered with.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::{Report, audit, doubled};
use crate::books::Books;
use crate::call::{Request, Response, Vendor};
use crate::clock::{HOUR, Instant};
use crate::faults::{Counts, Faults};
use crate::mintsoft::books as warehouse;
use crate::sage::{self, SITE};
use crate::settings::{Company, Orders, Settings};
use crate::virtualstock::books as retailer;
use crate::world;

const NOON: Instant = 1_767_960_000_000_000;

/// What the clerk has looked up in one company's Sage.
#[derive(Default)]
struct Desk {
    token: String,
    customer: Value,
    warehouse: Value,
    /// By rate, `20` or `0`.
    tax_codes: BTreeMap<String, Value>,
    products: BTreeMap<String, Value>,
}

struct Clerk {
    books: Books,
    now: Instant,
    desks: BTreeMap<u32, Desk>,
    virtualstock_token: String,
}

const BASE: &str = "/uk/sage200extra/accounts/v1/";

fn read(answer: &Response) -> Value {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

impl Clerk {
    /// Books at the end of a day in which both companies got and served the same orders.
    fn after_a_good_day(orders: Orders) -> Self {
        let companies = vec![Company::numbered(1, true), Company::numbered(2, false)];
        let faults = Faults {
            split_shipment: 500,
            ..Faults::none()
        };
        let settings = Settings {
            seed: 7,
            origin: NOON,
            companies,
            faults,
            orders,
            limits: false,
        };
        let books = Books::new(&settings, &Counts::new(&settings));
        let mut clerk = Self {
            books,
            now: NOON,
            desks: BTreeMap::new(),
            virtualstock_token: String::new(),
        };
        clerk.wait(2 * HOUR);
        for company in [1, 2] {
            clerk.sign_in(company);
            for id in clerk.arrived(company) {
                clerk.order_and_release(company, id);
            }
        }
        clerk.wait(3 * HOUR);
        for company in [1, 2] {
            clerk.sign_in(company);
            clerk.despatch_and_confirm(company);
        }
        clerk
    }

    fn wait(&mut self, micros: i64) {
        self.now += micros;
        world::advance(&mut self.books, self.now);
    }

    /// Virtualstock's token does not last the day. Sage's does, and its refresh token works once.
    fn sign_in(&mut self, company: u32) {
        let login = json!({"username": format!("supplier-{company}"), "password": format!("password-{company}")});
        let tokens = read(&self.virtualstock("token", &login));
        self.virtualstock_token = tokens["access"].as_str().expect("text").to_owned();
        if self.desks.contains_key(&company) {
            return;
        }
        let grant = format!(
            "grant_type=refresh_token&client_id=sage-client-{company}&client_secret=sage-secret-{company}&refresh_token=sage-refresh-{company}-0"
        );
        let tokens = read(
            &self
                .books
                .sage
                .handle(&request(Method::POST, "/oauth/token", &[], grant), self.now),
        );
        let token = tokens["access_token"].as_str().expect("text").to_owned();
        self.desks.insert(
            company,
            Desk {
                token,
                ..Desk::default()
            },
        );
        let by = |rows: Value, name: &str| -> BTreeMap<String, Value> {
            let rows = rows.as_array().expect("a list").iter();
            rows.map(|row| {
                (
                    row[name].as_str().map_or(row[name].to_string(), str::to_uppercase),
                    row["id"].clone(),
                )
            })
            .collect()
        };
        let desk = Desk {
            customer: self.sage(
                company,
                Method::GET,
                "customers?$filter=reference eq 'VSRETAIL'",
                &json!(null),
            )[0]["id"]
                .clone(),
            warehouse: self.sage(company, Method::GET, "warehouses", &json!(null))[0]["id"].clone(),
            tax_codes: by(self.sage(company, Method::GET, "tax_codes", &json!(null)), "code"),
            products: by(self.sage(company, Method::GET, "products?$top=5000", &json!(null)), "code"),
            token: self.desks[&company].token.clone(),
        };
        self.desks.insert(company, desk);
    }

    fn arrived(&self, company: u32) -> Vec<i64> {
        let orders = self
            .books
            .virtualstock
            .books
            .orders
            .values()
            .filter(|order| order.company == company);
        orders
            .filter(|order| !self.books.world.is_stopped(company, &order.order_reference))
            .map(|order| order.id)
            .collect()
    }

    fn virtualstock(&mut self, path: &str, body: &Value) -> Response {
        let headers = [("authorization", format!("Bearer {}", self.virtualstock_token))];
        self.books.virtualstock.handle(
            &request(Method::POST, &format!("/restapi/v4/{path}"), &headers, body.to_string()),
            self.now,
        )
    }

    fn sage(&mut self, company: u32, method: Method, path: &str, body: &Value) -> Value {
        let token = &self.desks[&company].token;
        let headers = [
            ("authorization", format!("Bearer {token}")),
            ("x-site", SITE.to_owned()),
            ("x-company", company.to_string()),
        ];
        let path = format!("{BASE}{}", path.replace(' ', "%20"));
        read(
            &self
                .books
                .sage
                .handle(&request(method, &path, &headers, body.to_string()), self.now),
        )
    }

    fn order_and_release(&mut self, company: u32, id: i64) {
        let order = self.books.virtualstock.books.orders[&id].clone();
        let desk = &self.desks[&company];
        let line = |line: &retailer::Line| {
            let price: serde_json::Number = Decimal::new(line.unit_cost_pennies, 2).to_string().parse().expect("a number");
            json!({
                "line_type": "EnumLineTypeStandard", "product_id": desk.products[&line.part_number.to_uppercase()],
                "warehouse_id": desk.warehouse, "line_quantity": line.quantity, "to_allocate_quantity": line.quantity,
                "selling_unit_price": price, "tax_code_id": desk.tax_codes[if line.tax_rate == 20 { "1" } else { "0" }],
            })
        };
        let lines: Vec<Value> = order.lines.iter().map(line).collect();
        let body = json!({"customer_id": desk.customer, "customer_document_no": order.order_reference, "spare_text_1": "TAG", "lines": lines});
        let entered = self.sage(company, Method::POST, "sop_orders", &body);
        let number = entered["document_no"].clone();

        let items = order
            .lines
            .iter()
            .map(|line| json!({"part_number": line.part_number, "line_ref": line.line_reference, "quantity": line.quantity}));
        let items: Vec<Value> = items.collect();
        assert_eq!(
            self.virtualstock(&format!("orders/{id}/acknowledge/"), &json!({"items": items}))
                .status,
            200
        );

        let items = order
            .lines
            .iter()
            .map(|line| json!({"SKU": line.part_number, "Quantity": line.quantity}))
            .collect::<Vec<Value>>();
        let release = json!({
            "OrderNumber": number, "ExternalOrderReference": order.order_reference, "WarehouseId": 3, "CourierServiceId": 12,
            "Country": order.address.country, "OrderItems": items,
        });
        let headers = [("ms-apikey", format!("mintsoft-key-{company}"))];
        let released = read(
            &self
                .books
                .mintsoft
                .handle(&request(Method::PUT, "/api/Order", &headers, release.to_string()), self.now),
        );
        assert_eq!(released[0]["Success"], true, "{released}");
    }

    /// Posts each part at Sage and at the retailer, filling lines of its SKUs in their order.
    fn despatch_and_confirm(&mut self, company: u32) {
        let parts: Vec<warehouse::Order> = self
            .books
            .mintsoft
            .books
            .orders
            .values()
            .filter(|part| part.client == company)
            .cloned()
            .collect();
        for part in parts {
            let sage_orders = self.books.sage.books.orders.values();
            let is_ours = |order: &&sage::books::Order| order.company == company && order.document_no == part.order_number;
            let order = sage_orders
                .into_iter()
                .find(is_ours)
                .expect("a warehouse order has its Sage order")
                .clone();
            let mut left: BTreeMap<i64, Decimal> = order
                .lines
                .iter()
                .map(|line| (line.id, line.quantity - line.despatched))
                .collect();
            let mut posted: Vec<(usize, u32)> = Vec::new();
            for item in &part.items {
                let mut quantity = Decimal::from(item.quantity);
                for (place, line) in order
                    .lines
                    .iter()
                    .enumerate()
                    .filter(|(_, line)| line.code.eq_ignore_ascii_case(&item.sku))
                {
                    let open = left.get_mut(&line.id).expect("every line is there");
                    let now = quantity.min(*open);
                    *open -= now;
                    quantity -= now;
                    if !now.is_zero() {
                        posted.push((place, now.to_u32().expect("whole")));
                    }
                }
            }
            let items: Vec<Value> = posted
                .iter()
                .map(|(place, quantity)| json!({"id": order.lines[*place].id, "quantity": quantity}))
                .collect();
            let despatch = json!({
                "sop_order_return_id": order.id, "items": items,
                "tracking_items": [{"sop_order_return_id": order.id, "consignment_no": part.tracking_number}],
            });
            self.sage(company, Method::POST, "sop_confirm_despatch", &despatch);
            let placed = self.books.virtualstock.books.orders.values();
            let is_same =
                |placed: &&retailer::Order| placed.company == company && placed.order_reference == order.customer_document_no;
            let placed = placed
                .into_iter()
                .find(is_same)
                .expect("a Sage order has its retailer's order")
                .clone();
            let item = |(place, quantity): &(usize, u32)| {
                json!({
                    "part_number": placed.lines[*place].part_number, "line_ref": placed.lines[*place].line_reference, "quantity": quantity,
                    "supplier_dispatch_date": "2026-01-09", "carrier": "royal-mail", "tracking_number": part.tracking_number,
                })
            };
            let items: Vec<Value> = posted.iter().map(item).collect();
            let confirmed = self.virtualstock(&format!("orders/{}/dispatch/", placed.id), &json!({"items": items}));
            assert_eq!(confirmed.status, 200, "{}", String::from_utf8_lossy(&confirmed.body));
        }
    }

    fn audit(&self) -> Report {
        audit(&self.books, self.now)
    }

    /// A Sage order of company 1 with its warehouse and retailer's orders in the books.
    fn some_order(&mut self) -> &mut sage::books::Order {
        self.books
            .sage
            .books
            .orders
            .values_mut()
            .find(|order| order.company == 1 && !order.by_hand)
            .expect("the day had orders")
    }
}

fn request(method: Method, path: &str, headers: &[(&'static str, String)], body: String) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().expect("a header"));
    }
    Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: map,
        body: Bytes::from(body),
    }
}

fn orders() -> Orders {
    Orders {
        count: 12,
        skip_invoices: 0,
        within: HOUR,
        same_for_all: true,
        planted_per_mille: 0,
        foreign_per_mille: 0,
        lines_max: 0,
    }
}

#[test]
fn clean_books_are_clean() {
    let clerk = Clerk::after_a_good_day(orders());
    let report = clerk.audit();
    assert!(report.is_clean(), "{report:#?}");
    assert!(report.finished);
    assert_eq!((report.orders, report.complete, report.stopped), (24, 24, 0));
    assert!(report.stages.values().all(|orders| *orders == 24), "{:?}", report.stages);
    assert!(clerk.books.mintsoft.books.orders.len() > 24, "some were split");
    assert!(doubled(&clerk.books).is_empty());
}

#[test]
fn stopped_orders_are_not_missed_but_what_was_shipped_of_them_is() {
    let mut clerk = Clerk::after_a_good_day(Orders {
        planted_per_mille: 150,
        foreign_per_mille: 150,
        ..orders()
    });
    let report = clerk.audit();
    assert!(report.is_clean(), "{report:#?}");
    assert!(report.stopped > 1 && report.complete == 24 - report.stopped);
    // One of them slips through to the warehouse, and its despatch is forgotten.
    let stopped: Vec<(u32, i64)> = clerk
        .books
        .virtualstock
        .books
        .orders
        .values()
        .filter(|order| {
            clerk.books.world.is_stopped(order.company, &order.order_reference)
                && order.lines.iter().all(|line| !line.part_number.starts_with("NOSUCH"))
        })
        .map(|order| (order.company, order.id))
        .collect();
    let (company, id) = stopped[0];
    clerk.sign_in(company);
    clerk.order_and_release(company, id);
    clerk.wait(3 * HOUR);
    let report = clerk.audit();
    assert_eq!(report.lost.len(), clerk.books.virtualstock.books.orders[&id].lines.len());
    assert!(
        report.lost[0].contains("despatched is less than was shipped"),
        "{:?}",
        report.lost
    );
}

#[test]
fn an_order_that_vanishes_is_lost_line_by_line() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let (id, reference) = (clerk.some_order().id, clerk.some_order().customer_document_no.clone());
    let lines = clerk.some_order().lines.len();
    clerk.books.sage.books.orders.remove(&id);
    let report = clerk.audit();
    assert_eq!(report.lost.len(), lines);
    assert!(
        report
            .lost
            .iter()
            .all(|lost| lost.starts_with(&format!("company 1, {reference}, line "))),
        "{:?}",
        report.lost
    );
    assert!(report.lost[0].contains("sage_ordered is less than was ordered"));
    assert!(
        report
            .doubled
            .iter()
            .any(|doubled| doubled.contains("answers to no order of ours in Sage"))
    );
}

#[test]
fn an_order_that_never_reached_the_warehouse_is_lost() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let number = clerk.some_order().document_no.clone();
    clerk
        .books
        .mintsoft
        .books
        .orders
        .retain(|_, order| order.client != 1 || order.order_number != number);
    assert!(clerk.audit().lost[0].contains("released is less than was ordered"));
}

#[test]
fn a_second_sage_order_is_doubled() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let mut twin = clerk.some_order().clone();
    (twin.id, twin.document_no) = (999_999_999, "0000009999".into());
    clerk.books.sage.books.orders.insert(twin.id, twin);
    let report = clerk.audit();
    assert!(
        report.doubled[0].contains("sage_ordered is more than was ordered"),
        "{:?}",
        report.doubled
    );
    assert_eq!(doubled(&clerk.books), report.doubled);
}

#[test]
fn a_despatch_posted_twice_is_doubled() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let order = clerk.some_order().id;
    let despatches = &mut clerk.books.sage.books.despatches;
    let mut twin = despatches
        .values()
        .find(|despatch| despatch.order_id == order)
        .expect("despatched")
        .clone();
    let items = twin.items.len();
    twin.id = 999_999_999;
    despatches.insert(twin.id, twin);
    let report = clerk.audit();
    assert_eq!(report.doubled.len(), items);
    assert!(
        report
            .doubled
            .iter()
            .all(|doubled| doubled.contains("despatched is more than was ordered"))
    );
    assert!(report.lost.is_empty());
}

#[test]
fn what_was_posted_but_not_shipped_is_named_in_the_middle_of_the_day() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let number = clerk.some_order().document_no.clone();
    for part in clerk
        .books
        .mintsoft
        .books
        .orders
        .values_mut()
        .filter(|part| part.client == 1 && part.order_number == number)
    {
        part.status = warehouse::Status::Picked;
    }
    assert!(doubled(&clerk.books)[0].contains("despatched is more than was shipped"));
}

#[test]
fn an_order_of_nobody_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    clerk.some_order().customer_document_no = "VS-0".into();
    assert!(
        clerk
            .audit()
            .doubled
            .iter()
            .any(|doubled| doubled.contains("answers to no order of the retailer"))
    );
}

#[test]
fn an_order_in_the_wrong_company_is_lost_in_one_and_doubled_in_the_other() {
    let mut clerk = Clerk::after_a_good_day(orders());
    clerk.some_order().company = 2;
    let report = clerk.audit();
    assert!(
        report.lost.iter().all(|lost| lost.starts_with("company 1, ")),
        "{:?}",
        report.lost
    );
    let in_the_other =
        |doubled: &String| doubled.starts_with("company 2, ") && doubled.contains("sage_ordered is more than was ordered");
    assert!(report.doubled.iter().any(in_the_other), "{:?}", report.doubled);
}

#[test]
fn a_moved_penny_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let line = &mut clerk.some_order().lines[0];
    line.unit_price += Decimal::new(1, 2);
    let moved = line.quantity;
    let report = clerk.audit();
    assert_eq!(Decimal::from(report.moved_pennies), moved);
    assert_eq!(report.money.len(), 2, "the price and the net total: {:?}", report.money);
    assert!(report.lost.is_empty() && report.doubled.is_empty() && report.units.is_empty());
}

#[test]
fn a_wrong_tax_rate_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    clerk.some_order().lines[0].tax_rate = Decimal::from(5);
    assert_eq!(clerk.audit().money.len(), 1);
}

#[test]
fn a_moved_unit_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    clerk.some_order().lines[0].quantity -= Decimal::ONE;
    let report = clerk.audit();
    assert_eq!((report.moved_units, report.units.len()), (1, 1));
    assert!(report.lost[0].contains("sage_ordered is less"));
}

#[test]
fn a_left_draft_is_counted() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let mut draft = clerk.some_order().clone();
    (draft.id, draft.document_no, draft.is_draft) = (999_999_999, "TBA".into(), true);
    clerk.books.sage.books.orders.insert(draft.id, draft);
    let report = clerk.audit();
    assert_eq!((report.orphan_drafts, report.is_clean()), (1, false));
    assert!(report.doubled.is_empty());
}

#[test]
fn a_parcel_number_that_is_missing_or_wrong_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let mut despatches = clerk
        .books
        .sage
        .books
        .despatches
        .values_mut()
        .filter(|despatch| despatch.company == 1);
    despatches.next().expect("one").consignment_no.clear();
    despatches.next().expect("two").consignment_no = "TT0GB".into();
    let placed = clerk.books.virtualstock.books.orders.values_mut().next().expect("one");
    placed.lines[0].dispatches[0].tracking_number = "TT1GB".into();
    assert_eq!(clerk.audit().tracking.len(), 3);
}

#[test]
fn nothing_is_lost_before_the_day_is_over() {
    let companies = vec![Company::numbered(1, true)];
    let settings = Settings {
        seed: 7,
        origin: NOON,
        companies,
        faults: Faults::none(),
        orders: orders(),
        limits: false,
    };
    let mut books = Books::new(&settings, &Counts::new(&settings));
    world::advance(&mut books, NOON + HOUR / 2);
    let report = audit(&books, NOON + HOUR / 2);
    assert!(report.is_clean() && !report.finished && report.orders > 0);
    world::advance(&mut books, NOON + HOUR);
    let report = audit(&books, NOON + HOUR);
    assert!(report.finished && !report.lost.is_empty());
}
