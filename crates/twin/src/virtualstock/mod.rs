//! Virtualstock's order API as a supplier sees it: token, orders, acknowledge, backorder, dispatch, carriers.
//!
//! One platform with one supplier account for each company, each trading with one retailer. What the published documentation leaves
//! open is a switch ([`Switches`]), set as the likeliest reading has it. Slashes at the end of a path matter, as on the real one.
//!
//! Not here: products, stock, returns, invoices, sign-in by user name on each call (announced as to be withdrawn), and the retailer's
//! own calls: orders are placed by the world ([`Virtualstock::place`]).

mod actions;
mod auth;
pub mod books;
mod carriers;
mod orders;
mod show;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::call::{Request, Response, Vendor};
use crate::chance::Chance;
use crate::clock::Instant;
use crate::faults::{Counts, Span};
use crate::mishap::Mishaps;
use crate::settings::Settings;
use actions::Action;
use books::{Address, Line, Order, Rows, Stale, Status};

/// The older host name, which bodies carry whatever host was called.
const BODY_HOST: &str = "https://www.the-edge.io";

/// What the documentation leaves open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Switches {
    /// A second acknowledge of an acknowledged line is accepted.
    pub repeated_acknowledge: bool,
    /// A line that was never acknowledged can be put on backorder.
    pub backorder_unacknowledged: bool,
    /// A line that was never acknowledged can be dispatched.
    pub dispatch_unacknowledged: bool,
    /// A cancellation that no one asked for can be acknowledged.
    pub unasked_cancel_acknowledge: bool,
    /// Acknowledge, backorder and cancel_acknowledge take less than the whole line.
    pub partial_quantities: bool,
    /// A carrier must be a slug of the list.
    pub known_carriers_only: bool,
    /// Actions answer with a message; otherwise with an empty body.
    pub message_in_answer: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            repeated_acknowledge: false,
            backorder_unacknowledged: true,
            dispatch_unacknowledged: false,
            unasked_cancel_acknowledge: false,
            partial_quantities: false,
            known_carriers_only: true,
            message_in_answer: false,
        }
    }
}

/// An order as a retailer places it.
#[derive(Debug, Clone)]
pub struct NewOrder {
    pub company: u32,
    pub order_reference: String,
    pub purchase_order_reference: String,
    pub end_user_purchase_order_reference: String,
    pub address: Address,
    pub delivery_service_code: Option<String>,
    pub promised: Instant,
    pub lines: Vec<NewLine>,
}

#[derive(Debug, Clone)]
pub struct NewLine {
    /// Both the retailer's part number and the supplier's SKU.
    pub code: String,
    /// The supplier's item that is meant, which the auditors go by.
    pub item: String,
    pub name: String,
    pub quantity: u32,
    pub unit_cost_pennies: i64,
    /// Per cent, whole.
    pub tax_rate: u32,
}

pub struct Virtualstock {
    pub books: Rows,
    pub switches: Switches,
    auth: auth::Auth,
    misleading: orders::Misleading,
    mishaps: Mishaps,
    stale_view: u32,
    view_lag: Span,
    staleness: Chance,
    last_order: i64,
    last_item: i64,
}

impl Virtualstock {
    /// The company that a token was issued to, whether or not it still opens anything.
    pub fn owner(&self, token: &str) -> Option<u32> {
        self.auth.owner(token)
    }

    pub fn new(settings: &Settings, counts: Counts) -> Self {
        Self {
            books: Rows::default(),
            switches: settings.virtualstock.clone(),
            auth: auth::Auth::new(settings, counts.clone()),
            misleading: orders::Misleading {
                duplicate: settings.faults.duplicate_listing,
                reordered: settings.faults.reordered_listing,
                chance: Chance::new(settings.seed, "virtualstock-lists"),
                counts: counts.clone(),
            },
            mishaps: Mishaps::new(settings.seed, &settings.faults, counts),
            stale_view: settings.faults.stale_view,
            view_lag: settings.faults.view_lag,
            staleness: Chance::new(settings.seed, "virtualstock-views"),
            last_order: 7_000_000,
            last_item: 9_100_000,
        }
    }

    /// A retailer places an order; its id. Lines are referenced 1, 2, … in their order.
    pub fn place(&mut self, new: NewOrder, now: Instant) -> i64 {
        self.last_order += 1;
        let id = self.last_order;
        let lines = new.lines.into_iter().zip(1..).map(|(line, reference)| {
            self.last_item += 1;
            Line {
                id: self.last_item,
                line_reference: reference.to_string(),
                part_number: line.code.clone(),
                supplier_sku_reference: line.code,
                item: line.item,
                name: line.name,
                quantity: line.quantity,
                unit_cost_pennies: line.unit_cost_pennies,
                tax_rate: line.tax_rate,
                promised: new.promised,
                status: Status::Order,
                dispatched: 0,
                dispatches: Vec::new(),
            }
        });
        let order = Order {
            id,
            company: new.company,
            order_reference: new.order_reference,
            placed: now,
            purchase_order_reference: new.purchase_order_reference,
            end_user_purchase_order_reference: new.end_user_purchase_order_reference,
            address: new.address,
            delivery_service_code: new.delivery_service_code,
            lines: lines.collect(),
            stale: None,
            mishap: self.mishaps.draw(&format!("order {id}"), now),
            slips: std::collections::BTreeMap::new(),
        };
        self.books.orders.insert(id, order);
        id
    }

    /// A retailer asks to cancel every line that is not dispatched yet.
    pub fn ask_to_cancel(&mut self, id: i64) {
        for line in self.books.orders.get_mut(&id).into_iter().flat_map(|order| &mut order.lines) {
            if matches!(line.status, Status::Order | Status::OrderAck | Status::Backorder) {
                line.status = Status::Cancel;
            }
        }
    }

    fn act(&mut self, company: u32, id: i64, action: Action, request: &Request, now: Instant) -> Response {
        let Some(order) = self.books.orders.get_mut(&id).filter(|order| order.company == company) else {
            return not_found();
        };
        let body = match read_body(request) {
            Ok(body) => body,
            Err(response) => return response,
        };
        let lines = match actions::carry_out(action, &body, order, &self.switches, now) {
            Ok(lines) => lines,
            Err(response) => return response,
        };
        // A list that is behind already keeps its promise: it catches up with this change too when it catches up with the first.
        if order.behind(now).is_none() && self.staleness.per_mille(self.stale_view) {
            let until = now + self.view_lag.draw(&mut self.staleness);
            order.stale = Some(Stale {
                until,
                statuses: order.statuses(),
            });
        }
        order.lines = lines;
        if self.switches.message_in_answer {
            return Response::json(200, &json!({"message": "Your order is successfully saved"}));
        }
        Response::empty(200)
    }
}

impl Vendor for Virtualstock {
    fn handle(&mut self, request: &Request, now: Instant) -> Response {
        let method = request.method.as_str();
        match (method, request.path.as_str()) {
            ("POST", "/restapi/v4/token") => return with_body(request, |body| self.auth.log_in(body, now)),
            ("POST", "/restapi/v4/token/refresh") => return with_body(request, |body| self.auth.renew(body, now)),
            (_, "/restapi/v4/token" | "/restapi/v4/token/refresh") => return not_allowed(request, "POST, OPTIONS"),
            _ => {}
        }
        let Some(rest) = request.path.strip_prefix("/restapi/v4/") else {
            return not_found();
        };
        let segments: Vec<&str> = rest.split('/').collect();
        // A path that ends in a slash has an empty last segment.
        let route = match segments[..] {
            ["orders", ""] => Route::List,
            ["customers", ""] => Route::Customers,
            ["order-tracking-carriers", ""] => Route::Carriers,
            // Without its slash a write is refused as a method; a read finds nothing.
            ["orders"] | ["orders", _, _] if method == "POST" && segments.last() != Some(&"") => Route::NoSlash,
            ["orders", id, ""] => id.parse().map_or(Route::Nowhere, Route::Order),
            ["orders", id, action, ""] => match (id.parse(), Action::named(action)) {
                (Ok(id), Some(action)) => Route::Act(id, action),
                _ => Route::Nowhere,
            },
            _ => Route::Nowhere,
        };
        if matches!(route, Route::Nowhere) {
            return not_found();
        }
        let company = match self.auth.admit(request, now) {
            Ok(company) => company,
            Err(response) => return response,
        };
        match (route, method) {
            (Route::List, "GET") => orders::list(&self.books, company, &pairs(&request.query), now, &mut self.misleading),
            (Route::Order(id), "GET") => match self.books.orders.get(&id).filter(|order| order.company == company) {
                Some(order) => Response::json(200, &show::shown(order, None)),
                None => not_found(),
            },
            (Route::Act(id, action), "POST") => self.act(company, id, action, request, now),
            (Route::Carriers, "GET") => {
                let carriers: Vec<Value> = carriers::CARRIERS
                    .iter()
                    .map(|(id, slug, name)| json!({"id": id, "slug": slug, "name": name}))
                    .collect();
                Response::json(200, &carriers)
            }
            (Route::Customers, "GET") => customers(company),
            (Route::Act(..), _) => not_allowed(request, "POST, OPTIONS"),
            _ => not_allowed(request, "GET, HEAD, OPTIONS"),
        }
    }
}

enum Route {
    List,
    Order(i64),
    Act(i64, Action),
    Carriers,
    Customers,
    NoSlash,
    Nowhere,
}

fn customers(company: u32) -> Response {
    let id = show::retailer_id(company);
    let url = format!("{BODY_HOST}/restapi/v4/customers/{id}/");
    let results = json!([{"url": url, "id": id, "name": show::retailer_name(company)}]);
    Response::json(200, &json!({"count": 1, "next": null, "previous": null, "results": results}))
}

fn not_found() -> Response {
    Response::json(404, &json!({"detail": "Not found."}))
}

fn not_allowed(request: &Request, allow: &str) -> Response {
    let mut response = Response::json(405, &json!({"detail": format!("Method \"{}\" not allowed.", request.method)}));
    response.headers.push(("allow", allow.to_owned()));
    response
}

fn read_body(request: &Request) -> Result<Map<String, Value>, Response> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Response::json(
            400,
            &json!({"non_field_errors": ["Invalid data. Expected a dictionary."]}),
        )),
        Err(error) => Err(Response::json(400, &json!({"detail": format!("JSON parse error - {error}")}))),
    }
}

fn with_body(request: &Request, answer: impl FnOnce(&Map<String, Value>) -> Response) -> Response {
    read_body(request).map_or_else(|response| response, |body| answer(&body))
}

/// The query as decoded pairs, in their order; one that cannot be decoded is read as none.
fn pairs(query: &str) -> Vec<(String, String)> {
    let uri = format!("/?{query}").parse().unwrap_or_default();
    axum::extract::Query::try_from_uri(&uri).map_or_else(|_| Vec::new(), |axum::extract::Query(pairs)| pairs)
}

/// `2025-11-03T09:15:00`: to the second, UTC, without saying so.
fn naive(instant: Instant) -> String {
    let stamp = jiff::Timestamp::from_microsecond(instant).unwrap_or_default();
    stamp.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
