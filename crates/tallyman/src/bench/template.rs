//! Real orders in any number: one of the twin's, under other numbers.

use anyhow::{Context, Result};
use bytes::Bytes;
use tallyman_core::document::Order;
use tallyman_core::role::Received;
use tallyman_engine::parts::{Merchant, Parts};
use tallyman_engine::wire::Wire;
use tallyman_engine::worker::Worker;
use tallyman_twin::wire::Twin;

/// An order of the twin's as the channel shows it.
pub struct Template {
    body: String,
    key: String,
    reference: String,
    pub item: String,
}

impl Template {
    pub async fn of(parts: &Parts, worker: &Worker, merchant: &Merchant, twin: &Twin) -> Result<Self> {
        let (key, reference, item) = {
            let books = twin.books();
            let order = books.virtualstock.books.orders.values().find(|order| order.company == 1);
            let order = order.context("the twin has an order")?;
            (
                order.id.to_string(),
                order.order_reference.clone(),
                order.lines[0].item.clone(),
            )
        };
        let wire = Wire::new(parts, &worker.sessions, &*merchant.channel, None);
        let order = merchant
            .channel
            .order(&wire, &key)
            .await
            .context("the order")?
            .context("an order")?;
        Ok(Self {
            body: String::from_utf8(order.body.to_vec())?,
            key,
            reference,
            item,
        })
    }

    /// The same order under other numbers.
    pub fn number(&self, number: u64, merchant: &Merchant) -> Received<Order> {
        self.with_item(number, &self.item, merchant)
    }

    /// The same order under other numbers, for another item.
    pub fn with_item(&self, number: u64, item: &str, merchant: &Merchant) -> Received<Order> {
        let key = format!("{}", 900_000_000 + number);
        let body = self
            .body
            .replace(&self.reference, &format!("BENCH-{number}"))
            .replace(&self.key, &key)
            .replace(&self.item, item);
        let body = Bytes::from(body);
        Received {
            reading: merchant.channel.read_order(&body),
            key,
            body,
            shown: 1,
        }
    }
}
