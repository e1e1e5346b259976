//! The auditors: they read the vendors' books, and nothing of ours, and say what was lost, doubled or changed on the way.
//!
//! An order is followed by natural keys: the retailer's reference is the Sage order's customer document number, the Sage order's
//! document number is the warehouse's order number, and despatches belong to their Sage order. For each line of the retailer's order
//! the quantities at each stage are put side by side (`journey`). Below what was ordered is lost, above is doubled; nothing may be
//! posted or confirmed that was not shipped.
//!
//! An order with a planted defect, or with a foreign order under its reference, ought to be stopped: it is not missed where it is
//! absent, but what was shipped of it must be posted. One that somebody keyed about when it arrived is stopped if nothing was ordered
//! for it over the API; otherwise it is doubled by hand: named, and not held against anyone.
//!
//! Not here: whether anyone was told of a stopped order. That stands in our own books, which the auditors do not read.

#[cfg(test)]
mod clerk;
mod compare;
mod index;
mod journey;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::books::Books;
use crate::clock::Instant;
use crate::virtualstock::books::Status;
use index::Index;
use journey::{Journey, Stage};

/// What the auditors found. Sentences name company, order and line.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    pub at: Instant,
    /// All orders have arrived and no person has anything left to do. Only then is anything called lost.
    pub finished: bool,
    /// Retailers' orders that have arrived.
    pub orders: u64,
    /// Of these, dispatched whole at the retailer.
    pub complete: u64,
    /// Orders that ought to be stopped, by a planted defect or a foreign order.
    pub stopped: u64,
    /// Of these, dispatched whole at the retailer all the same.
    pub stopped_complete: u64,
    /// Orders that are through each stage with every line.
    pub stages: BTreeMap<&'static str, u64>,
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    /// Prices, totals and tax rates in Sage that are not the retailer's.
    pub money: Vec<String>,
    /// Between all such prices and the retailer's, rounded up.
    pub moved_pennies: u64,
    /// Sage lines whose quantity or product is not the retailer's.
    pub units: Vec<String>,
    pub moved_units: u64,
    /// Despatches and dispatches without a parcel number, or with one that the warehouse never gave.
    pub tracking: Vec<String>,
    /// Orders that a person keyed beside one that came over the API.
    pub doubled_by_hand: Vec<ByHand>,
    /// Drafts left in Sage that carry a tag.
    pub orphan_drafts: u64,
    /// Drafts that were deleted again.
    pub deleted_drafts: u64,
}

/// One order twice in Sage, the second by somebody's hand.
#[derive(Debug, Clone, Serialize)]
pub struct ByHand {
    pub company: u32,
    pub reference: String,
    /// Document numbers in Sage.
    pub ordered: Vec<String>,
    pub by_hand: Vec<String>,
}

impl Report {
    /// Nothing is wrong. An unfinished day can be clean too: nothing is lost yet.
    pub fn is_clean(&self) -> bool {
        let findings = [&self.lost, &self.doubled, &self.money, &self.units, &self.tracking];
        findings.iter().all(|findings| findings.is_empty()) && self.orphan_drafts == 0
    }
}

/// The whole audit.
pub fn audit(books: &Books, now: Instant) -> Report {
    let index = Index::new(books);
    let progress = books.world.progress();
    let drafts = books
        .sage
        .books
        .orders
        .values()
        .filter(|order| order.is_draft && !order.spare_text_1.is_empty());
    let mut report = Report {
        at: now,
        finished: progress.all_arrived && progress.events_waiting == 0,
        orders: books.virtualstock.books.orders.len() as u64,
        stages: ["acknowledged"]
            .into_iter()
            .chain(Stage::ALL.map(Stage::name))
            .map(|stage| (stage, 0))
            .collect(),
        orphan_drafts: drafts.count() as u64,
        deleted_drafts: books.sage.books.deleted_drafts.len() as u64,
        ..Report::default()
    };
    for order in books.virtualstock.books.orders.values() {
        let (company, reference) = (order.company, &order.order_reference);
        let keyed_late = books.world.is_keyed_late(company, reference);
        let stopped = books.world.is_stopped(company, reference) || (keyed_late && index.sage_orders(order).is_empty());
        if keyed_late && !stopped && !index.keyed_by_hand(order).is_empty() {
            let numbers = |orders: &[&crate::sage::books::Order]| orders.iter().map(|order| order.document_no.clone()).collect();
            report.doubled_by_hand.push(ByHand {
                company,
                reference: reference.clone(),
                ordered: numbers(index.sage_orders(order)),
                by_hand: numbers(index.keyed_by_hand(order)),
            });
        }
        let journey = Journey::of(order, &index);
        count_stages(&mut report, &journey, stopped);
        report.doubled.extend(journey.doubled());
        if report.finished {
            report.lost.extend(journey.lost(stopped));
        }
        compare::money_and_units(order, &index, &mut report);
        let records_tracking = books.world.records_tracking(order.company);
        compare::tracking(order, &index, records_tracking, &mut report.tracking);
    }
    report.doubled.extend(index.strangers());
    report
}

/// Only what is doubled: for a look in the middle of the day.
pub fn doubled(books: &Books) -> Vec<String> {
    let index = Index::new(books);
    let orders = books.virtualstock.books.orders.values();
    let mut doubled: Vec<String> = orders.flat_map(|order| Journey::of(order, &index).doubled()).collect();
    doubled.extend(index.strangers());
    doubled
}

fn count_stages(report: &mut Report, journey: &Journey, stopped: bool) {
    let mut through = |stage: &'static str, is_through: bool| *report.stages.entry(stage).or_default() += u64::from(is_through);
    through(
        "acknowledged",
        journey.order.lines.iter().all(|line| line.status != Status::Order),
    );
    for stage in Stage::ALL {
        through(stage.name(), journey.is_through(stage));
    }
    let complete = journey.is_through(Stage::Confirmed);
    report.complete += u64::from(complete);
    report.stopped += u64::from(stopped);
    report.stopped_complete += u64::from(stopped && complete);
}
