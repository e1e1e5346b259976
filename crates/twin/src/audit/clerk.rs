//! A clerk who takes every order by hand through all vendors, over their own APIs, and makes no mistake.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::{Report, audit};
use crate::books::Books;
use crate::call::{Request, Response, Vendor};
use crate::clock::{HOUR, Instant};
use crate::faults::{Counts, Faults};
use crate::mintsoft::books as warehouse;
use crate::sage::{self, SITE};
use crate::settings::{Company, Orders, Settings};
use crate::virtualstock::books as retailer;
use crate::world;

pub(super) const NOON: Instant = 1_767_960_000_000_000;

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

pub(super) struct Clerk {
    pub(super) books: Books,
    pub(super) now: Instant,
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
    pub(super) fn after_a_good_day(orders: Orders) -> Self {
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
            virtualstock: crate::virtualstock::Switches::default(),
            mintsoft: crate::mintsoft::Switches::default(),
            sage: crate::sage::Switches::default(),
            plant: None,
            plant_only: Vec::new(),
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

    pub(super) fn wait(&mut self, micros: i64) {
        self.now += micros;
        world::advance(&mut self.books, self.now);
    }

    /// Virtualstock's token does not last the day. Sage's does, and its refresh token works once.
    pub(super) fn sign_in(&mut self, company: u32) {
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

    pub(super) fn order_and_release(&mut self, company: u32, id: i64) {
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

    pub(super) fn audit(&self) -> Report {
        audit(&self.books, self.now)
    }

    /// A Sage order of company 1 with its warehouse and retailer's orders in the books.
    pub(super) fn some_order(&mut self) -> &mut sage::books::Order {
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
