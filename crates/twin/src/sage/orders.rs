//! Writing orders: create, amend, confirm, allocate, delete.

use rust_decimal::Decimal;

use super::books::{OpenBy, Order};
use super::lines::{keep_numbered, keep_text, save_line};
use super::odata::Row;
use super::reference::Company;
use super::values::{Body, day};
use super::{Refusal, Sage};
use crate::chance::Chance;
use crate::clock::Instant;
use crate::faults::Kind;

/// Header fields that are kept as given, with their longest text.
const HEADER_TEXTS: &[(&str, usize)] = &[("document_created_by", 30), ("order_priority", 1)];
const HEADER_DATES: &[&str] = &["document_date", "requested_delivery_date", "promised_delivery_date"];
const ADDRESS_TEXTS: &[(&str, usize)] = &[
    ("postal_name", 60),
    ("address_1", 60),
    ("address_2", 60),
    ("address_3", 60),
    ("address_4", 60),
    ("city", 60),
    ("county", 60),
    ("country", 60),
    ("postcode", 10),
    ("contact", 235),
    ("telephone_number", 30),
    ("fax_number", 30),
    ("email_address", 255),
    ("tax_number", 30),
];
const LINES_MAX: usize = 2_000;
/// Users of the desktop program who look into orders.
const USERS: &[&str] = &["JANE", "TOM", "PRIYA", "OWEN"];

impl Sage {
    /// `POST /sop_orders`: all or nothing. A draft stays one until it is confirmed.
    pub(super) fn create_order(&mut self, number: u32, body: &Row, now: Instant) -> Result<i64, Refusal> {
        let company = self.companies.get_mut(&number).ok_or(Refusal::NotFound)?;
        let fields = Body(body);
        let customer = fields.needed_id("customer_id")?;
        check_customer(company, customer)?;
        let lines = fields.objects("lines")?;
        if lines.len() > LINES_MAX {
            return Err(Refusal::Bad(format!("An order may have at most {LINES_MAX} lines.")));
        }
        let mut order = Order {
            id: self.ids.next(),
            company: number,
            document_no: "TBA".into(),
            is_draft: true,
            customer_id: customer,
            customer_document_no: String::new(),
            lines: Vec::new(),
            spare_text_1: String::new(),
            fields: Row::new(),
            delivery_address: Row::new(),
            by_hand: false,
            created: now,
            updated: now,
            open_by: None,
        };
        for date in HEADER_DATES {
            order.fields.insert((*date).into(), day(now).into());
        }
        set_header(&mut order, body)?;
        for line in lines {
            if line.contains_key("id") {
                return Err(Refusal::Bad("A new order cannot change an existing line.".into()));
            }
            save_line(&mut order, line, company, &mut self.ids)?;
        }
        if fields.flag("is_editing")? != Some(true) {
            self.confirm(&mut order, now)?;
        }
        let id = order.id;
        self.store(order, now);
        Ok(id)
    }

    /// `PUT /sop_orders/{id}`: what is given changes, line by line; what was saved before a bad line stays saved. Without
    /// `is_editing: true` a draft is confirmed at the end.
    pub(super) fn amend_order(&mut self, number: u32, id: i64, body: &Row, now: Instant) -> Result<(), Refusal> {
        self.check_not_open(number, id, now)?;
        let mut order = self.order(number, id).ok_or(Refusal::NotFound)?.clone();
        let company = self.companies.get_mut(&number).ok_or(Refusal::NotFound)?;
        let fields = Body(body);
        if let Some(customer) = fields.id("customer_id")? {
            check_customer(company, customer)?;
            if customer != order.customer_id {
                return Err(Refusal::Bad("The customer of an order cannot be changed.".into()));
            }
        }
        let keeps_draft = fields.flag("is_editing")? == Some(true);
        let lines = fields.objects("lines")?;
        set_header(&mut order, body)?;
        let saved = lines
            .into_iter()
            .try_for_each(|line| save_line(&mut order, line, company, &mut self.ids));
        let outcome = match saved {
            Ok(()) if order.is_draft && !keeps_draft => self.confirm(&mut order, now),
            Ok(()) => {
                self.allocate(&mut order);
                Ok(())
            }
            Err(refusal) => Err(refusal),
        };
        order.updated = now;
        self.store(order, now);
        outcome
    }

    /// `DELETE /sop_orders/{id}`: drafts only.
    pub(super) fn delete_order(&mut self, number: u32, id: i64, now: Instant) -> Result<(), Refusal> {
        let keeps = self.companies.get(&number).is_some_and(|company| company.keeps_drafts);
        if keeps {
            return Err(Refusal::Bad("The order could not be deleted.".into()));
        }
        if !self.order(number, id).ok_or(Refusal::NotFound)?.is_draft {
            return Err(Refusal::Bad(
                "The order cannot be deleted because it has been confirmed.".into(),
            ));
        }
        let before = self.books.orders.remove(&id);
        self.books.deleted_drafts.push(id);
        let lag = self.lag();
        self.hidden_orders.draw(id, before, now, lag);
        Ok(())
    }

    /// Someone keys an order of their own content in the desktop program, under this customer reference: the same customer, but
    /// one piece of some product and no tag. Gives the order's id.
    pub fn key_by_hand(&mut self, company: u32, customer_document_no: &str, now: Instant) -> Option<i64> {
        let setup = self.companies.get(&company)?;
        let customer = setup.customers.iter().find(|customer| customer.reference == "VSRETAIL")?.id;
        let mut chance = Chance::new(self.seed, &format!("sage by hand {company} {customer_document_no}"));
        let products: Vec<i64> = setup.products.keys().copied().collect();
        let product = *chance.pick(&products);
        let body = serde_json::json!({
            "customer_id": customer,
            "customer_document_no": customer_document_no.chars().take(30).collect::<String>(),
            "lines": [{"line_type": "EnumLineTypeStandard", "product_id": product, "warehouse_id": setup.warehouse, "line_quantity": 1,
                       "selling_unit_price": 1}],
        });
        let id = self.create_order(company, body.as_object()?, now).ok()?;
        let order = self.books.orders.get_mut(&id)?;
        order.by_hand = true;
        order.open_by = None;
        Some(id)
    }

    /// Refuses to write an order that a user keeps open.
    pub(super) fn check_not_open(&self, number: u32, id: i64, now: Instant) -> Result<(), Refusal> {
        let Some(order) = self.order(number, id) else {
            return Err(Refusal::NotFound);
        };
        match &order.open_by {
            Some(open) if (open.from..open.until).contains(&now) => {
                self.counts.add(Kind::SageLock);
                Err(Refusal::Open(self.switches.lock_message(&order.document_no, &open.user)))
            }
            _ => Ok(()),
        }
    }

    /// A draft becomes an order: it gets its number, its stock, and perhaps a user who will look into it.
    fn confirm(&mut self, order: &mut Order, now: Instant) -> Result<(), Refusal> {
        if order.lines.is_empty() {
            return Err(Refusal::Bad("The order must have at least one line.".into()));
        }
        let company = self.companies.get_mut(&order.company).ok_or(Refusal::NotFound)?;
        check_customer(company, order.customer_id)?;
        company.order_no += 1;
        order.document_no = format!("{:010}", company.order_no);
        order.is_draft = false;
        self.allocate(order);
        let mut chance = Chance::new(self.seed, &format!("sage users {} {}", order.company, order.document_no));
        if chance.per_mille(self.faults.sage_lock) {
            let from = now + self.faults.sage_lock_after.draw(&mut chance);
            let until = from + self.faults.sage_lock_for.draw(&mut chance);
            order.open_by = Some(OpenBy {
                user: (*chance.pick(USERS)).into(),
                from,
                until,
            });
        }
        Ok(())
    }

    /// Reserves stock for what was asked, or for all where the setting says so.
    fn allocate(&mut self, order: &mut Order) {
        let Some(company) = self.companies.get_mut(&order.company).filter(|_| !order.is_draft) else {
            return;
        };
        for line in &mut order.lines {
            let Some(product) = company.products.get_mut(&line.product_id) else {
                continue;
            };
            let outstanding = line.quantity - line.despatched - line.allocated;
            let wanted = if company.allocates_on_entry {
                outstanding
            } else {
                line.to_allocate.min(outstanding)
            };
            let taken = wanted.min(product.in_stock - product.allocated).max(Decimal::ZERO);
            line.allocated += taken;
            product.allocated += taken;
            line.to_allocate = Decimal::ZERO;
        }
    }

    /// Writes an order into the books; lists may come to know of it later.
    fn store(&mut self, order: Order, now: Instant) {
        self.remember(&order);
        let id = order.id;
        let before = self.books.orders.insert(id, order);
        let lag = self.lag();
        self.hidden_orders.draw(id, before, now, lag);
    }
}

fn check_customer(company: &Company, id: i64) -> Result<(), Refusal> {
    match company.customer(id) {
        None => Err(Refusal::Bad(format!("The customer with id {id} does not exist."))),
        Some(customer) if customer.on_hold => Err(Refusal::Bad(format!("Account {} is on hold.", customer.reference))),
        Some(_) => Ok(()),
    }
}

fn set_header(order: &mut Order, body: &Row) -> Result<(), Refusal> {
    let fields = Body(body);
    // First everything is read, so that a bad header changes nothing.
    let customer_document_no = fields.text("customer_document_no", 30)?;
    let spare_text_1 = fields.text("spare_text_1", 100)?;
    let mut given = Row::new();
    for &(name, max) in HEADER_TEXTS {
        keep_text(&mut given, &fields, name, max)?;
    }
    for &name in HEADER_DATES {
        if let Some(date) = fields.date(name)? {
            given.insert(name.into(), date.into());
        }
    }
    if let Some(flag) = fields.flag("use_invoice_address")? {
        given.insert("use_invoice_address".into(), flag.into());
    }
    keep_numbered(&mut given, &fields)?;
    given.remove("spare_text_1");
    let address = match fields.value("delivery_address") {
        Some(value) => {
            let address = value
                .as_object()
                .ok_or_else(|| Refusal::Bad("The value of field delivery_address is invalid.".into()))?;
            let mut kept = Row::new();
            for &(name, max) in ADDRESS_TEXTS {
                keep_text(&mut kept, &Body(address), name, max)?;
            }
            kept
        }
        None => Row::new(),
    };
    if let Some(text) = customer_document_no {
        order.customer_document_no = text.into();
    }
    if let Some(text) = spare_text_1 {
        order.spare_text_1 = text.into();
    }
    order.fields.extend(given);
    order.delivery_address.extend(address);
    Ok(())
}
