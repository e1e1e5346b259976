//! The books, found by the keys that the journey of an order uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::books::Books;
use crate::mintsoft::books as warehouse;
use crate::sage::books as sage;
use crate::virtualstock::books as retailer;

pub(super) struct Index<'a> {
    /// Confirmed Sage orders that came over the API, by company and customer document number.
    ordered: BTreeMap<(u32, &'a str), Vec<&'a sage::Order>>,
    /// Those that a person keyed, by the same.
    by_hand: BTreeMap<(u32, &'a str), Vec<&'a sage::Order>>,
    /// Warehouse orders with their parts, by client and order number. Cancelled ones are not there.
    released: BTreeMap<(u32, &'a str), Vec<&'a warehouse::Order>>,
    /// By Sage order id.
    despatched: BTreeMap<i64, Vec<&'a sage::Despatch>>,
    references: BTreeSet<(u32, &'a str)>,
    warehouse: &'a warehouse::Rows,
}

impl<'a> Index<'a> {
    pub(super) fn new(books: &'a Books) -> Self {
        let mut ordered: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut by_hand: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for order in books.sage.books.orders.values().filter(|order| !order.is_draft) {
            let orders = if order.by_hand { &mut by_hand } else { &mut ordered };
            orders
                .entry((order.company, order.customer_document_no.as_str()))
                .or_default()
                .push(order);
        }
        let mut released: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for order in books
            .mintsoft
            .books
            .orders
            .values()
            .filter(|order| order.status != warehouse::Status::Cancelled)
        {
            released
                .entry((order.client, order.order_number.as_str()))
                .or_default()
                .push(order);
        }
        let mut despatched: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for despatch in books.sage.books.despatches.values() {
            despatched.entry(despatch.order_id).or_default().push(despatch);
        }
        let placed = books.virtualstock.books.orders.values();
        let references = placed.map(|order| (order.company, order.order_reference.as_str())).collect();
        Self {
            ordered,
            by_hand,
            released,
            despatched,
            references,
            warehouse: &books.mintsoft.books,
        }
    }

    pub(super) fn sage_orders<'b>(&'b self, order: &'b retailer::Order) -> &'b [&'b sage::Order] {
        self.ordered
            .get(&(order.company, order.order_reference.as_str()))
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn keyed_by_hand<'b>(&'b self, order: &'b retailer::Order) -> &'b [&'b sage::Order] {
        self.by_hand
            .get(&(order.company, order.order_reference.as_str()))
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn warehouse_orders<'b>(&'b self, order: &'b sage::Order) -> &'b [&'b warehouse::Order] {
        self.released
            .get(&(order.company, order.document_no.as_str()))
            .map_or(&[], Vec::as_slice)
    }

    /// The code that the merchant knows an item of the warehouse by.
    pub(super) fn meant(&self, client: u32, sku: &'a str) -> &'a str {
        self.warehouse.meant(client, sku)
    }

    pub(super) fn despatches(&self, order: &sage::Order) -> &[&'a sage::Despatch] {
        self.despatched.get(&order.id).map_or(&[], Vec::as_slice)
    }

    /// Orders that nobody placed: in Sage without a retailer's order, at the warehouse without a Sage order.
    pub(super) fn strangers(&self) -> Vec<String> {
        let mut strangers = Vec::new();
        let mut numbers = BTreeSet::new();
        for ((company, reference), orders) in &self.ordered {
            numbers.extend(orders.iter().map(|order| (*company, order.document_no.as_str())));
            if !self.references.contains(&(*company, *reference)) {
                for order in orders {
                    let number = &order.document_no;
                    strangers.push(format!(
                        "company {company}: Sage order {number} ({reference}) answers to no order of the retailer"
                    ));
                }
            }
        }
        for (client, number) in self.released.keys().filter(|key| !numbers.contains(key)) {
            strangers.push(format!(
                "company {client}: warehouse order {number} answers to no order of ours in Sage"
            ));
        }
        strangers
    }
}
