//! `POST /sop_confirm_despatch`: goods leave. There is no key against doing it twice and no call that undoes it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::books::{Despatch, Item};
use super::odata::Row;
use super::values::{Body, day};
use super::{Refusal, Sage};
use crate::clock::Instant;
use crate::faults::Kind;

const ITEMS_MAX: usize = 2_000;

impl Sage {
    /// Despatches all items of the request or none. Gives the despatch's id, which the API's own answer does not.
    pub(super) fn confirm_despatch(&mut self, number: u32, body: &Row, now: Instant) -> Result<i64, Refusal> {
        let fields = Body(body);
        let order_id = fields.needed_id("sop_order_return_id")?;
        if fields
            .text("confirmation_intent_type", 50)?
            .is_some_and(|kind| kind != "ConfirmOnDespatch")
        {
            return Err(Refusal::Bad("There are no items to confirm on this order.".into()));
        }
        let date = fields.date("despatch_receipt_date")?.unwrap_or_else(|| day(now));
        let unknown = || Refusal::Bad(format!("The order with id {order_id} does not exist."));
        if self.order(number, order_id).ok_or_else(unknown)?.is_draft {
            return Err(Refusal::Bad("The order is a draft and cannot be despatched.".into()));
        }
        self.check_not_open(number, order_id, now)?;
        if self.companies.get(&number).is_some_and(|company| company.is_closed(&date)) {
            return Err(Refusal::Bad("The despatch could not be posted.".into()));
        }
        let items = self.items(number, order_id, &fields)?;
        let (courier_id, consignment_no, notes) = self.tracking(number, order_id, &fields)?;
        let order = self.order(number, order_id).ok_or(Refusal::NotFound)?;

        let before = order.clone();
        let mut order = before.clone();
        let id = self.ids.next();
        let items: Vec<Item> = items
            .into_iter()
            .map(|(line_id, quantity)| Item {
                id: self.ids.next(),
                line_id,
                quantity,
            })
            .collect();
        let company = self.companies.get_mut(&number).ok_or(Refusal::NotFound)?;
        for item in &items {
            let Some(line) = order.lines.iter_mut().find(|line| line.id == item.line_id) else {
                continue;
            };
            let allocated = item.quantity.min(line.allocated);
            line.allocated -= allocated;
            line.despatched += item.quantity;
            if let Some(product) = company.products.get_mut(&line.product_id) {
                product.allocated -= allocated;
                product.in_stock -= item.quantity;
            }
        }
        company.despatch_no += 1;
        let document_no = format!("{:010}", company.despatch_no);
        let tracked = company.records_tracking;
        if !tracked {
            self.counts.add(Kind::UntrackedDespatch);
        }
        let despatch = Despatch {
            id,
            company: number,
            document_no,
            order_id,
            date,
            items,
            courier_id: if tracked { courier_id } else { 0 },
            consignment_no: if tracked { consignment_no } else { String::new() },
            notes: if tracked { notes } else { String::new() },
            when: now,
        };
        order.updated = now;
        self.books.orders.insert(order_id, order);
        self.books.despatches.insert(id, despatch);
        self.despatches_of.entry(order_id).or_default().push(id);
        let lag = self.lag();
        self.hidden_orders.draw(order_id, Some(before), now, lag);
        self.hidden_despatches.draw(id, None, now, lag);
        Ok(id)
    }

    /// Someone despatches in the desktop program all that is allocated to an order. Gives the despatch's id.
    pub fn despatch_by_hand(&mut self, company: u32, order_id: i64, now: Instant) -> Option<i64> {
        let lines = self.order(company, order_id)?.lines.iter();
        let items: Vec<_> = lines
            .map(|line| serde_json::json!({"id": line.id, "quantity": line.allocated.to_string().parse::<serde_json::Number>().ok()}))
            .collect();
        let body = serde_json::json!({"sop_order_return_id": order_id, "items": items});
        self.confirm_despatch(company, body.as_object()?, now).ok()
    }

    /// Quantities by order line, each allocated and outstanding.
    fn items(&self, number: u32, order_id: i64, fields: &Body<'_>) -> Result<BTreeMap<i64, Decimal>, Refusal> {
        let order = self.order(number, order_id).ok_or(Refusal::NotFound)?;
        let given = fields.objects("items")?;
        if given.is_empty() || given.len() > ITEMS_MAX {
            return Err(Refusal::Bad("The items field is required.".into()));
        }
        let mut items: BTreeMap<i64, Decimal> = BTreeMap::new();
        for item in given {
            let item = Body(item);
            let line_id = item.needed_id("id")?;
            let quantity = item.decimal("quantity")?.filter(|quantity| *quantity > Decimal::ZERO);
            let quantity = quantity.ok_or_else(|| Refusal::Bad("The quantity to despatch must be greater than zero.".into()))?;
            let line = order.lines.iter().find(|line| line.id == line_id);
            let line =
                line.ok_or_else(|| Refusal::Bad(format!("The order line with id {line_id} does not exist on this order.")))?;
            let sum = items.entry(line_id).or_default();
            *sum += quantity;
            let outstanding = line.quantity - line.despatched;
            if *sum > line.allocated.min(outstanding) && !self.faults.sage_over_despatch {
                let message = format!(
                    "The quantity to despatch for item {} exceeds the quantity allocated ({}).",
                    line.code,
                    line.allocated.normalize()
                );
                return Err(Refusal::Bad(message));
            }
        }
        Ok(items)
    }

    /// Courier, consignment number and notes of the first tracking item; checked even where they will not be kept.
    fn tracking(&self, number: u32, order_id: i64, fields: &Body<'_>) -> Result<(i64, String, String), Refusal> {
        let company = self.companies.get(&number).ok_or(Refusal::NotFound)?;
        let Some(tracking) = fields.objects("tracking_items")?.into_iter().next() else {
            return Ok((0, String::new(), String::new()));
        };
        let tracking = Body(tracking);
        if tracking.id("sop_order_return_id")?.is_some_and(|id| id != order_id) {
            return Err(Refusal::Bad("The tracking items belong to another order.".into()));
        }
        let courier = tracking.id("courier_id")?.unwrap_or(0);
        if courier != 0 && company.courier(courier).is_none() {
            return Err(Refusal::Bad(format!("The courier with id {courier} does not exist.")));
        }
        let text = |name, max| Ok::<_, Refusal>(tracking.text(name, max)?.unwrap_or_default().to_owned());
        Ok((courier, text("consignment_no", 60)?, text("notes", 256)?))
    }
}
