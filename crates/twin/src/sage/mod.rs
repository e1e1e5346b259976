//! Sage 200, as far as orders and despatches need it: one site, its companies, its Sage ID.
//!
//! Here: which request goes where. Orders are written in [`orders`], despatches in [`despatch`], both are read in [`lists`]; what is
//! written stands in [`books`]. Lists and views may lag behind the books ([`Veil`]); reading one document by its id never does.
//!
//! Not here, since nobody asks for it: quotes, returns, purchase orders, stocktakes, ledger postings, invoices.

mod auth;
pub mod books;
mod despatch;
mod filter;
mod lines;
mod lists;
mod odata;
mod orders;
mod people;
mod reference;
mod render;
mod switches;
mod values;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

pub use auth::SITE;
use books::{Despatch, Order};
use odata::{Row, folded};
use reference::Company;
pub use switches::{LockStatus, LockWords, Switches, UNSAID};

use crate::call::{Request, Response, Vendor};
use crate::chance::Chance;
use crate::clock::Instant;
use crate::faults::{Counts, Faults, Kind};
use crate::settings::Settings;
use crate::veil::Veil;

/// Where every API path begins.
pub const BASE: &str = "/uk/sage200extra/accounts/v1/";

pub struct Sage {
    pub books: books::Rows,
    pub switches: Switches,
    seed: u64,
    faults: Faults,
    counts: Counts,
    gate: auth::Gate,
    companies: BTreeMap<u32, Company>,
    ids: Ids,
    hidden_orders: Veil<i64, Order>,
    hidden_despatches: Veil<i64, Despatch>,
    /// Orders that have, or once had, this customer's number (folded), by company.
    by_reference: BTreeMap<(u32, String), BTreeSet<i64>>,
    despatches_of: BTreeMap<i64, Vec<i64>>,
    /// Dice for every call, and for every write.
    calls: Chance,
    writes: Chance,
}

/// The one counter that gives every id.
struct Ids(i64);

impl Ids {
    fn next(&mut self) -> i64 {
        self.0 += 1;
        self.0
    }
}

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Refusal {
    /// 400 with this message.
    Bad(String),
    /// The user may not do this: 401 without a word.
    Denied,
    /// Somebody has the document open: this message, with the status that [`Switches`] says.
    Open(String),
    NotFound,
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self::Bad(message)
    }
}

impl Sage {
    pub fn new(settings: &Settings, counts: Counts) -> Self {
        let mut ids = Ids(40_000);
        let items = crate::world::items(settings);
        let found = |company: &crate::settings::Company| {
            (
                company.number,
                Company::found(company, &items, settings.origin, || ids.next()),
            )
        };
        let companies = settings.companies.iter().map(found).collect();
        Self {
            books: books::Rows::default(),
            switches: settings.sage,
            seed: settings.seed,
            faults: settings.faults.clone(),
            counts,
            gate: auth::Gate::new(settings),
            companies,
            ids,
            hidden_orders: Veil::default(),
            hidden_despatches: Veil::default(),
            by_reference: BTreeMap::new(),
            despatches_of: BTreeMap::new(),
            calls: Chance::new(settings.seed, "sage calls"),
            writes: Chance::new(settings.seed, "sage writes"),
        }
    }

    /// An order of this company, as it stands in the books.
    fn order(&self, company: u32, id: i64) -> Option<&Order> {
        self.books.orders.get(&id).filter(|order| order.company == company)
    }

    fn remember(&mut self, order: &Order) {
        let key = (order.company, folded(&order.customer_document_no));
        self.by_reference.entry(key).or_default().insert(order.id);
    }

    /// How long lists will not show the write that is being made.
    fn lag(&mut self) -> i64 {
        if self.writes.per_mille(self.faults.stale_view) {
            self.faults.view_lag.draw(&mut self.writes)
        } else {
            0
        }
    }

    fn api(&mut self, path: &str, request: &Request, now: Instant) -> Response {
        if self.calls.per_mille(self.faults.throttled_sage) {
            self.counts.add(Kind::ThrottledSage);
            return message(429, "Rate limit is exceeded. Try again later.").with("retry-after", "10");
        }
        if self.gate.user(&request.headers, now).is_some() && self.calls.per_mille(self.faults.expired_token) {
            self.counts.add(Kind::ExpiredToken);
            self.gate.forget(&request.headers);
        }
        if path == "sites" {
            return self.sites(request, now);
        }
        let Some(company) = self.gate.company(&request.headers, now) else {
            return Response::empty(401);
        };
        let segments: Vec<&str> = path.split('/').collect();
        let outcome = if request.method == Method::GET {
            self.read(company, &segments, request, now)
        } else {
            self.write(company, &segments, request, now)
        };
        match outcome {
            Ok(answer) => answer,
            Err(Refusal::Bad(text)) => message(400, &text),
            Err(Refusal::Denied) => Response::empty(401),
            Err(Refusal::Open(text)) => message(self.switches.status_of_a_lock(), &text),
            Err(Refusal::NotFound) => message(
                404,
                &format!("No HTTP resource was found that matches the request URI '{BASE}{path}'."),
            ),
        }
    }

    fn sites(&self, request: &Request, now: Instant) -> Response {
        let Some(company) = self
            .gate
            .user(&request.headers, now)
            .and_then(|number| self.companies.get(&number))
        else {
            return Response::empty(401);
        };
        let site = json!({"company_id": company.number, "company_name": company.name, "site_id": SITE, "site_name": "Twin", "site_short_name": ""});
        Response::json(200, &[site])
    }

    fn write(&mut self, number: u32, path: &[&str], request: &Request, now: Instant) -> Result<Response, Refusal> {
        self.hidden_orders.clear(now);
        self.hidden_despatches.clear(now);
        match (&request.method, path) {
            (&Method::POST, ["sop_orders"]) => {
                let id = self.create_order(number, &body(request)?, now)?;
                let mut document = self.document(number, id)?;
                // Sage leaves the stamps out of the answer to a create.
                document.retain(|name, _| !name.starts_with("date_time_"));
                Ok(Response::json(200, &document))
            }
            (&Method::PUT, ["sop_orders", id]) => {
                let id = read_id(id)?;
                self.amend_order(number, id, &body(request)?, now)?;
                if self.writes.per_mille(self.faults.refused_after_commit) {
                    self.counts.add(Kind::RefusedAfterCommit);
                    return Err(Refusal::Bad(
                        "An error occurred while saving the order. Sage.Common.Data.SageSaveException.".into(),
                    ));
                }
                Ok(Response::json(200, &self.document(number, id)?))
            }
            (&Method::DELETE, ["sop_orders", id]) => {
                self.delete_order(number, read_id(id)?, now)?;
                Ok(Response::empty(200))
            }
            (&Method::POST, ["sop_confirm_despatch"]) => {
                let body = body(request)?;
                self.confirm_despatch(number, &body, now)?;
                Ok(Response::json(200, &body))
            }
            (&Method::POST, ["transaction_date_validation"]) => self.validate_date(number, &body(request)?),
            _ => Err(Refusal::NotFound),
        }
    }

    /// `POST /transaction_date_validation`: whether this ledger takes a date. Every ledger of this Sage has the same periods.
    fn validate_date(&self, number: u32, body: &Row) -> Result<Response, Refusal> {
        let company = self.companies.get(&number).ok_or(Refusal::NotFound)?;
        let fields = values::Body(body);
        let date = fields
            .date("date")?
            .ok_or_else(|| Refusal::Bad("The date field is required.".into()))?;
        if fields.text("ledger_type", 30)?.is_none() {
            return Err(Refusal::Bad("The ledger_type field is required.".into()));
        }
        let answer = if company.is_closed(&date) {
            json!({"classification": "Unacceptable", "message": "The transaction date is not in an open period."})
        } else {
            json!({"classification": "Normal", "message": ""})
        };
        Ok(Response::json(200, &answer))
    }

    fn document(&self, number: u32, id: i64) -> Result<Row, Refusal> {
        let company = self.companies.get(&number).ok_or(Refusal::NotFound)?;
        Ok(render::document(self.order(number, id).ok_or(Refusal::NotFound)?, company))
    }
}

impl Vendor for Sage {
    fn handle(&mut self, request: &Request, now: Instant) -> Response {
        if request.path == "/oauth/token" {
            return if request.method == Method::POST {
                self.gate.token(request, now)
            } else {
                Response::empty(404)
            };
        }
        match request.path.strip_prefix(BASE) {
            Some(path) => self.api(path.trim_end_matches('/'), request, now),
            None => Response::empty(404),
        }
    }
}

fn message(status: u16, text: &str) -> Response {
    Response::json(status, &json!({"Message": text}))
}

fn read_id(segment: &str) -> Result<i64, Refusal> {
    segment.parse().map_err(|_| Refusal::NotFound)
}

/// The request's JSON object.
fn body(request: &Request) -> Result<Row, Refusal> {
    let invalid = |_| Refusal::Bad("The request is invalid.".into());
    match serde_json::from_slice(&request.body).map_err(invalid)? {
        Value::Object(body) => Ok(body),
        _ => Err(Refusal::Bad("The request is invalid.".into())),
    }
}
