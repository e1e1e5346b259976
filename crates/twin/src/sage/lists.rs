//! Reading: one document by its id as the books have it, lists and views as readers get to see them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::books::Order;
use super::odata::{Query, Row, folded};
use super::reference::Company;
use super::{Refusal, Sage, read_id, render};
use crate::call::{Request, Response};
use crate::clock::Instant;
use crate::faults::{Counts, Kind};

impl Sage {
    /// Answers a GET.
    pub(super) fn read(&mut self, number: u32, path: &[&str], request: &Request, now: Instant) -> Result<Response, Refusal> {
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
            if let Some(order) = seen.order(shown.filter(ours), current.filter(ours), is_hidden) {
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

    /// The order as it is shown, if it is wanted.
    fn order<'r>(&mut self, shown: Option<&'r Order>, current: Option<&Order>, is_hidden: bool) -> Option<&'r Order> {
        let matching = shown.filter(|shown| self.wants(shown));
        if is_hidden && (matching.is_some() || current.is_some_and(|current| self.wants(current))) {
            self.hides = true;
        }
        matching
    }

    fn wants(&self, order: &Order) -> bool {
        let value_of = |name: &str| render::header_field(order, name).map(Cow::Owned);
        self.query.filter.as_ref().is_none_or(|filter| filter.holds_of(&value_of))
    }

    fn report(self, counts: &Counts) {
        if self.hides {
            counts.add(Kind::StaleView);
        }
    }
}
