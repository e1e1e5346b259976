//! Sage 200, as far as orders and despatches need it: one site, its companies, its Sage ID.
//!
//! Here: which request goes where, and reading lists. Orders are written in [`orders`], despatches in [`despatch`]; what they write
//! stands in [`books`]. Lists and views may lag behind the books ([`Veil`]); reading one document by its id never does.
//!
//! Not here, since nobody asks for it: quotes, returns, purchase orders, stocktakes, ledger postings, invoices.

mod auth;
pub mod books;
mod despatch;
mod filter;
mod odata;
mod orders;
mod reference;
mod render;
mod values;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

pub use auth::SITE;
use books::{Despatch, Order};
use odata::{Query, Row, folded};
use reference::Company;

use crate::call::{Request, Response, Vendor};
use crate::chance::Chance;
use crate::clock::Instant;
use crate::faults::{Counts, Faults, Kind};
use crate::settings::Settings;
use crate::veil::Veil;

const BASE: &str = "/uk/sage200extra/accounts/v1/";

pub struct Sage {
    pub books: books::Rows,
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
        let found =
            |company: &crate::settings::Company| (company.number, Company::found(company, settings.origin, || ids.next()));
        let companies = settings.companies.iter().map(found).collect();
        Self {
            books: books::Rows::default(),
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
            _ => Err(Refusal::NotFound),
        }
    }

    fn document(&self, number: u32, id: i64) -> Result<Row, Refusal> {
        let company = self.companies.get(&number).ok_or(Refusal::NotFound)?;
        Ok(render::document(self.order(number, id).ok_or(Refusal::NotFound)?, company))
    }

    fn read(&mut self, number: u32, path: &[&str], request: &Request, now: Instant) -> Result<Response, Refusal> {
        let company = self.companies.get(&number).ok_or(Refusal::NotFound)?;
        let rows = match path {
            ["sop_orders"] => self.orders_list(number, company, request, now)?,
            ["sop_orders", id] => {
                let query = Query::read(
                    &request.query,
                    &|name| render::knows(render::ORDER_FIELDS, name),
                    render::ORDER_CHILDREN,
                )?;
                let order = self.order(number, read_id(id)?).ok_or(Refusal::NotFound)?;
                return Ok(Response::json(200, &query.cut(render::order(order, company, &query))));
            }
            ["sop_orders", id, "sop_order_lines"] => self.lines_list(number, company, read_id(id)?, request, now)?,
            ["sop_order_despatch_views"] => self.despatch_list(number, company, request, now, false)?,
            ["sop_order_despatch_line_views"] => self.despatch_list(number, company, request, now, true)?,
            [list] => {
                let rows = company.rows(list).ok_or(Refusal::NotFound)?;
                let first = rows.first().cloned().unwrap_or_default();
                let query = Query::read(&request.query, &|name| first.contains_key(name), &[])?;
                query.answer(rows.iter().filter(|row| query.wants(row)).cloned().collect())
            }
            [list, id] => {
                let id = Value::from(read_id(id)?);
                let rows = company.rows(list).ok_or(Refusal::NotFound)?;
                let row = rows.iter().find(|row| row.get("id") == Some(&id)).ok_or(Refusal::NotFound)?;
                return Ok(Response::json(200, row));
            }
            _ => return Err(Refusal::NotFound),
        };
        Ok(Response::json(200, &self.maybe_reordered(rows, request)))
    }

    fn orders_list(&self, number: u32, company: &Company, request: &Request, now: Instant) -> Result<Value, Refusal> {
        let query = Query::read(
            &request.query,
            &|name| render::knows(render::ORDER_FIELDS, name),
            render::ORDER_CHILDREN,
        )?;
        let mut seen = Seen::new(&query);
        let mut rows = Vec::new();
        for id in self.candidates(number, &query, now) {
            let current = self.books.orders.get(&id);
            let shown = self.hidden_orders.seen(&id, current, now);
            let is_hidden = self.hidden_orders.is_drawn(&id, now);
            let ours = |order: &&Order| order.company == number;
            if let Some(order) = seen.row(shown.filter(ours), current.filter(ours), is_hidden, render::header) {
                rows.push(render::order(order, company, &query));
            }
        }
        seen.report(&self.counts);
        Ok(query.answer(rows))
    }

    /// Ids of the orders that could be meant, in order: by the customer's number or the id where the query pins one, else all.
    fn candidates(&self, number: u32, query: &Query, now: Instant) -> BTreeSet<i64> {
        let pinned = |field| query.filter.as_ref().and_then(|filter| filter.must_equal(field));
        if let Some(Value::String(reference)) = pinned("customer_document_no") {
            return self
                .by_reference
                .get(&(number, folded(reference)))
                .cloned()
                .unwrap_or_default();
        }
        if let Some(id) = pinned("id").and_then(Value::as_i64) {
            return BTreeSet::from([id]);
        }
        self.books
            .orders
            .keys()
            .chain(self.hidden_orders.keys(now))
            .copied()
            .collect()
    }

    fn lines_list(&self, number: u32, company: &Company, id: i64, request: &Request, now: Instant) -> Result<Value, Refusal> {
        let query = Query::read(
            &request.query,
            &|name| render::knows(render::LINE_FIELDS, name),
            render::LINE_CHILDREN,
        )?;
        let current = self.order(number, id).ok_or(Refusal::NotFound)?;
        let shown = self.hidden_orders.seen(&id, Some(current), now);
        if self.hidden_orders.is_drawn(&id, now) {
            self.counts.add(Kind::StaleView);
        }
        let lines = |order: &Order| -> Vec<Row> {
            let lines = order.lines.iter().enumerate();
            lines
                .map(|(index, line)| render::line(order, index, line, company))
                .filter(|row| query.wants(row))
                .collect()
        };
        Ok(query.answer(shown.map(lines).unwrap_or_default()))
    }

    /// Despatches, or their lines; the newest first unless the query orders them.
    fn despatch_list(
        &self,
        number: u32,
        company: &Company,
        request: &Request,
        now: Instant,
        by_line: bool,
    ) -> Result<Value, Refusal> {
        let fields = if by_line {
            render::DESPATCH_LINE_FIELDS
        } else {
            render::DESPATCH_FIELDS
        };
        let query = Query::read(
            &request.query,
            &|name| fields.split_ascii_whitespace().any(|field| field == name),
            &[],
        )?;
        let pinned = query
            .filter
            .as_ref()
            .and_then(|filter| filter.must_equal("sop_order_id"))
            .and_then(Value::as_i64);
        let ids: Vec<i64> = match pinned {
            Some(order) => self.despatches_of.get(&order).cloned().unwrap_or_default(),
            None => self.books.despatches.keys().copied().collect(),
        };
        let mut hidden = false;
        let mut rows = Vec::new();
        for despatch in ids.iter().rev().filter_map(|id| self.books.despatches.get(id)) {
            let order = self.books.orders.get(&despatch.order_id);
            let shown = self.hidden_orders.seen(&despatch.order_id, order, now).or(order);
            let Some(order) = shown.filter(|_| despatch.company == number) else {
                continue;
            };
            let lines = despatch
                .items
                .iter()
                .filter(|_| by_line)
                .map(|item| render::despatch_line(despatch, item, order, company));
            let whole = (!by_line).then(|| render::despatch(despatch, order, company));
            let mut wanted: Vec<Row> = lines.chain(whole).filter(|row| query.wants(row)).collect();
            if self.hidden_despatches.is_drawn(&despatch.id, now) {
                hidden |= !wanted.is_empty();
            } else {
                rows.append(&mut wanted);
            }
        }
        if hidden {
            self.counts.add(Kind::StaleView);
        }
        Ok(query.answer(rows))
    }

    /// A database owes no order to a reader who asked for none.
    fn maybe_reordered(&mut self, rows: Value, request: &Request) -> Value {
        let Value::Array(mut rows) = rows else { return rows };
        if rows.len() > 1 && !request.query.contains("orderby") && self.calls.per_mille(self.faults.reordered_listing) {
            self.counts.add(Kind::ReorderedListing);
            let by = self.calls.between(1, rows.len() as i64 - 1) as usize;
            rows.rotate_left(by);
        }
        Value::Array(rows)
    }
}

/// Filters a list as readers see it, and notes whether they are shown something else than the books hold.
struct Seen<'a> {
    query: &'a Query,
    hides: bool,
}

impl<'a> Seen<'a> {
    fn new(query: &'a Query) -> Self {
        Self { query, hides: false }
    }

    fn row<'r, T>(
        &mut self,
        shown: Option<&'r T>,
        current: Option<&T>,
        is_hidden: bool,
        row: impl Fn(&T) -> Row,
    ) -> Option<&'r T> {
        let matching = shown.filter(|shown| self.query.wants(&row(shown)));
        if is_hidden && (matching.is_some() || current.is_some_and(|current| self.query.wants(&row(current)))) {
            self.hides = true;
        }
        matching
    }

    fn report(self, counts: &Counts) {
        if self.hides {
            counts.add(Kind::StaleView);
        }
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
