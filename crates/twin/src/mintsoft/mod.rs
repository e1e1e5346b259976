//! Mintsoft's API as a merchant's own user sees it: reference lists, create an order, read orders with their parcels and parts.
//!
//! One warehouse, one client for each company, each with a key that never expires (until someone logs in, which makes a new key and
//! kills the old one). Verbs are unusual (PUT creates), and nearly every refusal is HTTP 200 with `Success: false`. SKUs come back in
//! capitals; times have no offset. In front stands a guard against bursts that answers in HTML. What nobody says is a switch
//! ([`Switches`]).
//!
//! Not here: products, stock, returns, inbound notices, changes of an order, webhooks. Who picks and despatches stands in `floor`.

pub mod books;
mod create;
mod floor;
mod reference;
mod show;
mod switches;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};
use sha2::Digest;

use crate::call::{Request, Response, Vendor};
use crate::chance::Chance;
use crate::clock::{HOUR, Instant, SECOND};
use crate::faults::{Counts, Kind};
use crate::settings::Settings;
use books::{Item, Order, Rows, Status};
use create::Refusal;
pub use switches::{Listing, RefusedThoughMade, Repeated, Switches, Times};

/// A key from a log-in lives this long.
const KEY_LIFE: i64 = 24 * HOUR;
/// More calls than this with one key within [`BURST_WITHIN`] are answered by the guard.
const BURST_CALLS: usize = 20;
const BURST_WITHIN: i64 = 2 * SECOND;
/// Of orders in a thousand: made and refused all the same, where the switch says that this happens.
const REFUSED_THOUGH_MADE: u32 = 150;

struct User {
    client: u32,
    name: String,
    password: String,
    key: String,
    /// None for a key that never expires.
    key_until: Option<Instant>,
}

pub struct Mintsoft {
    pub books: Rows,
    pub switches: Switches,
    users: Vec<User>,
    seed: u64,
    keys_made: u64,
    /// Order numbers and external references in use, by client.
    numbers: BTreeSet<(u32, String)>,
    references: BTreeSet<(u32, String)>,
    floor: floor::Floor,
    misleading: show::Misleading,
    limits: bool,
    /// Of calls in a thousand that the guard stops for no reason.
    throttled: u32,
    guard: Chance,
    /// By key: when its last calls were.
    calls: BTreeMap<String, VecDeque<Instant>>,
    counts: Counts,
}

impl Mintsoft {
    pub fn new(settings: &Settings, counts: Counts) -> Self {
        let user = |company: &crate::settings::Company| User {
            client: company.number,
            name: format!("client-{}", company.number),
            password: format!("password-{}", company.number),
            key: company.mintsoft_api_key.clone(),
            key_until: None,
        };
        Self {
            books: Rows::default(),
            switches: settings.mintsoft.clone(),
            users: settings.companies.iter().map(user).collect(),
            seed: settings.seed,
            keys_made: 0,
            numbers: BTreeSet::new(),
            references: BTreeSet::new(),
            floor: floor::Floor::new(settings.seed, &settings.faults, counts.clone()),
            misleading: show::Misleading {
                duplicate: settings.faults.duplicate_listing,
                reordered: settings.faults.reordered_listing,
                seed: settings.seed,
                chance: Chance::new(settings.seed, "mintsoft-lists"),
                counts: counts.clone(),
            },
            limits: settings.limits,
            throttled: settings.faults.throttled_mintsoft,
            guard: Chance::new(settings.seed, "mintsoft-guard"),
            calls: BTreeMap::new(),
            counts,
        }
    }

    /// The warehouse gives an item of a client's another code. Orders still come under the old one, and leave under the new.
    pub fn rename(&mut self, client: u32, sku: &str, renamed: &str) {
        let key = (client, sku.to_uppercase());
        self.books.renamed.insert(key, renamed.to_uppercase());
    }

    /// Somebody in the warehouse gives an order this status: one that holds it, or one with which it goes on.
    pub fn set_status(&mut self, order: i64, status: Status, now: Instant) {
        if let Some(order) = self.books.orders.get_mut(&order) {
            order.status = status;
            order.updated = now;
        }
    }

    /// Lets the floor do everything that is due.
    pub fn advance(&mut self, now: Instant) {
        self.floor.advance(&mut self.books, now);
    }

    /// Steps of the floor that are due before every order is despatched.
    pub fn waiting(&self) -> u64 {
        self.floor.waiting()
    }

    fn shown(&mut self, client: u32, now: Instant) -> show::Shown<'_> {
        show::Shown {
            rows: &self.books,
            switches: &self.switches,
            client,
            now,
            misleading: &mut self.misleading,
        }
    }

    /// The guard in front: it counts before it knows who asks.
    fn stops(&mut self, key: &str, now: Instant) -> bool {
        if self.guard.per_mille(self.throttled) {
            self.counts.add(Kind::ThrottledMintsoft);
            return true;
        }
        if !self.limits {
            return false;
        }
        let calls = self.calls.entry(key.to_owned()).or_default();
        while calls.front().is_some_and(|call| now - call >= BURST_WITHIN) {
            calls.pop_front();
        }
        if calls.len() >= BURST_CALLS {
            self.counts.add(Kind::ThrottledMintsoft);
            return true;
        }
        calls.push_back(now);
        false
    }

    fn log_in(&mut self, request: &Request, now: Instant) -> Response {
        let Ok(Value::Object(body)) = serde_json::from_slice(&request.body) else {
            return Response::json(400, &json!({"Message": "The request is invalid."}));
        };
        let (name, password) = (create::text(&body, "Username"), create::text(&body, "Password"));
        let Some(user) = self
            .users
            .iter_mut()
            .find(|user| user.name == name && user.password == password)
        else {
            return Response::empty(401);
        };
        self.keys_made += 1;
        let digest = sha2::Sha256::digest(format!("{} key {}", self.seed, self.keys_made));
        user.key = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        user.key_until = Some(now + KEY_LIFE);
        Response::json(200, &user.key)
    }

    fn create(&mut self, client: u32, request: &Request, now: Instant) -> Response {
        let body: Map<String, Value> = match serde_json::from_slice(&request.body) {
            Ok(Value::Object(body)) => body,
            _ => return Refusal::Unreadable("order").response(""),
        };
        let order_number = create::text(&body, "OrderNumber");
        let draft = match create::read(client, &body) {
            Ok(draft) => draft,
            Err(refusal) => return refusal.response(&order_number),
        };
        let reference = (client, draft.external_order_reference.clone());
        if self.numbers.contains(&(client, draft.order_number.clone())) || self.references.contains(&reference) {
            match self.switches.repeated {
                Repeated::Refused => return Refusal::No("Order already exists".into()).response(&order_number),
                Repeated::RefusedInOtherWords => {
                    return Refusal::No("Duplicate value for a unique field".into()).response(&order_number);
                }
                Repeated::OldId => return self.answer_old(client, &draft),
                Repeated::MadeTwice => {}
            }
        }
        let id = self.floor.next_order_id();
        let order_number = if draft.order_number.is_empty() {
            format!("MS{id}")
        } else {
            draft.order_number
        };
        self.numbers.insert((client, order_number.clone()));
        if !reference.1.is_empty() {
            self.references.insert(reference);
        }
        let item = |(sku, product_id, quantity)| Item {
            id: self.floor.next_item_id(),
            product_id,
            sku,
            quantity,
        };
        let order = Order {
            id,
            client,
            order_number,
            external_order_reference: draft.external_order_reference,
            status: Status::New,
            part: 1,
            number_of_parts: 1,
            warehouse_id: draft.warehouse_id,
            courier_service_id: draft.courier_service_id,
            tracking_number: String::new(),
            despatched: None,
            items: draft.items.into_iter().map(item).collect(),
            fields: body.into_iter().filter(|(name, _)| name != "OrderItems").collect(),
            country_id: draft.country_id,
            created: now,
            updated: now,
            lag: None,
            mishap: None,
        };
        let answer = self.made(&order);
        self.floor.receive(&mut self.books, order, now);
        answer
    }

    /// What a create says that has made this order.
    fn made(&self, order: &Order) -> Response {
        let mut chance = Chance::new(
            self.seed,
            &format!("mintsoft refusals {} {}", order.client, order.order_number),
        );
        let refused = self.switches.refused_though_made;
        if refused != RefusedThoughMade::Never && chance.per_mille(REFUSED_THOUGH_MADE) {
            self.counts.add(Kind::RefusedThoughMade);
            return match refused {
                RefusedThoughMade::BadRequest => Response::json(400, &json!({"Message": "The request is invalid."})),
                _ => Refusal::No("Unable to allocate the order".into()).response(&order.order_number),
            };
        }
        self.outcome(order)
    }

    fn answer_old(&self, client: u32, draft: &create::Draft) -> Response {
        let is_it = |order: &&Order| {
            let reference = &draft.external_order_reference;
            order.client == client
                && (order.order_number == draft.order_number
                    || (!reference.is_empty() && order.external_order_reference == *reference))
        };
        match self.books.orders.values().find(is_it) {
            Some(order) => self.outcome(order),
            None => Response::empty(404),
        }
    }

    fn outcome(&self, order: &Order) -> Response {
        let items: Vec<Value> = order
            .items
            .iter()
            .map(|item| json!({"SKU": item.sku, "ID": item.id}))
            .collect();
        let outcome = json!({
            "OrderId": order.id, "DropShipOrderId": 0, "OrderNumber": order.order_number, "Success": true,
            "OrderStatusId": order.status.id(), "OrderStatus": reference::status_name(order.status), "Message": null,
            "OrderItems": items,
        });
        if self.switches.single_outcome {
            Response::json(200, &outcome)
        } else {
            Response::json(200, &[outcome])
        }
    }
}

impl Vendor for Mintsoft {
    /// The machine's own words when it fails itself, a gateway's page otherwise.
    fn failure(&self, status: u16) -> Response {
        if status == 500 {
            return Response::json(status, &json!({"Message": "An error has occurred."}));
        }
        let page = format!("<html><body><h1>{status} Bad Gateway</h1><hr>cloudflare</body></html>");
        Response::text(status, "text/html; charset=UTF-8", &page)
    }

    fn handle(&mut self, request: &Request, now: Instant) -> Response {
        let query = pairs(&request.query);
        let in_query = query
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("APIKey"))
            .map(|(_, key)| key.clone());
        let in_header = request
            .headers
            .get("ms-apikey")
            .and_then(|key| key.to_str().ok())
            .map(str::to_owned);
        let key = in_header.or(in_query).unwrap_or_default();
        if self.stops(&key, now) {
            return too_many();
        }
        let path = request.path.to_ascii_lowercase();
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        if segments == ["api", "auth"] {
            return if request.method == "POST" {
                self.log_in(request, now)
            } else {
                not_supported(request)
            };
        }
        let is_live = |user: &&User| user.key == key && user.key_until.is_none_or(|until| now < until);
        let Some(client) = self.users.iter().find(is_live).map(|user| user.client) else {
            return Response::empty(401);
        };
        let own = |rows: &Rows, id: &str| {
            id.parse()
                .ok()
                .and_then(|id| rows.orders.get(&id).filter(|order| order.client == client).cloned())
        };
        let is_get = request.method == "GET";
        match segments[..] {
            ["api", "order"] if request.method == "PUT" => self.create(client, request, now),
            ["api", "order"] => not_supported(request),
            ["api", ..] if !is_get => not_supported(request),
            ["api", "warehouse"] => Response::json(200, &reference::warehouses()),
            ["api", "courier", "services"] => Response::json(200, &reference::couriers()),
            ["api", "refdata", "countries"] => Response::json(200, &reference::countries()),
            ["api", "order", "statuses"] => Response::json(200, &reference::statuses()),
            ["api", "order", "search"] => self.shown(client, now).search(&query),
            ["api", "order", "list"] => self.shown(client, now).list(&query),
            ["api", "order", id] => match own(&self.books, id) {
                Some(order) => Response::json(200, &show::render(&order, true, self.switches.times)),
                None => Response::empty(404),
            },
            ["api", "order", id, "shipments"] => {
                own(&self.books, id).map_or(Response::empty(404), |order| show::shipments(&order, self.switches.times))
            }
            ["api", "order", id, "splits"] => own(&self.books, id).map_or(Response::empty(404), |order| {
                show::splits(&self.books, &order, &self.switches)
            }),
            _ => Response::json(
                404,
                &json!({"Message": format!("No HTTP resource was found that matches the request URI '{}'.", request.path)}),
            ),
        }
    }
}

fn not_supported(request: &Request) -> Response {
    let message = format!("The requested resource does not support http method '{}'.", request.method);
    Response::json(405, &json!({"Message": message}))
}

/// The guard's page. Its `Retry-After` is of no use, as on the real one.
fn too_many() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Access denied | error 1015</title></head><body><h1>Error 1015</h1>\
        <p>You are being rate limited</p></body></html>";
    let mut response = Response::text(429, "text/html; charset=UTF-8", page);
    response.headers.push(("retry-after", "0".into()));
    response
}

/// The query as decoded pairs, in their order; one that cannot be decoded is read as none.
fn pairs(query: &str) -> Vec<(String, String)> {
    let uri = format!("/?{query}").parse().unwrap_or_default();
    axum::extract::Query::try_from_uri(&uri).map_or_else(|_| Vec::new(), |axum::extract::Query(pairs)| pairs)
}
