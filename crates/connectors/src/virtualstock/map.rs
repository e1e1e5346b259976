//! Theirs and ours. Pure.

use tallyman_core::address::{Address, Country};
use tallyman_core::cause::Cause;
use tallyman_core::document::{LineRef, LineState, Order, OrderLine};
use tallyman_core::effect::{Confirmation, LineKey, Probe, Receipt};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::ContentHash;
use tallyman_core::money::{Currency, Money, Rate};
use tallyman_core::quantity::Quantity;
use tallyman_core::reference::Reference;
use tallyman_core::role::{Listed, Unreadable};

use super::{Virtualstock, wire};
use crate::read::{dated, maybe_dated, moment, number, optional, parsed, read, unreadable, wanted};

/// The number at the end of an order's address. The host before it is not always the one that was called.
pub fn order_number(url: &str) -> Option<&str> {
    let number = url.trim_end_matches('/').rsplit('/').next()?;
    (!number.is_empty() && number.len() <= 20 && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

/// The key of an order and whether it waits to be acknowledged; a list shows orders that have moved on, too. One with a status that we do
/// not know waits: a person must say what it means. What cannot be read so far is kept under the hash of its bytes.
pub fn glance(body: &[u8]) -> (String, bool) {
    match read::<wire::Glance>("order", body) {
        Ok(order) => {
            let waits = |status: &str| status == wire::ORDER || !wire::is_known(status);
            let waits = order.items.is_empty()
                || order.items.iter().any(|item| item.status.as_deref().is_none_or(waits))
                || order.status.as_deref().is_some_and(|status| !wire::is_known(status));
            (
                order
                    .url
                    .as_deref()
                    .and_then(order_number)
                    .map_or_else(|| unnamed(body), str::to_owned),
                waits,
            )
        }
        Err(_) => (unnamed(body), true),
    }
}

/// A row of a list of keys; what cannot be read so far goes by the hash of its bytes, as it would be received.
pub fn listed(account: &Virtualstock, body: &[u8]) -> Listed {
    let row = read::<wire::Listed>("order", body).ok();
    let key = row
        .as_ref()
        .and_then(|row| order_number(row.url.as_deref()?).map(str::to_owned));
    Listed {
        key: key.unwrap_or_else(|| unnamed(body)),
        made_at: row.and_then(|row| moment(&row.order_date?, &account.zone).ok()),
        release: None,
    }
}

fn unnamed(body: &[u8]) -> String {
    format!("unreadable-{}", ContentHash::of(body))
}

pub fn order(account: &Virtualstock, body: &[u8]) -> Result<Order, Unreadable> {
    let (key, _) = glance(body);
    let record = format!("order {key}");
    let order: wire::Order = read(&record, body)?;
    let source_key = parsed(&record, "url", order.url.as_ref(), |url| {
        order_number(url)
            .map(str::to_owned)
            .ok_or("it does not end in the order's number")
    })?;
    let record = match &order.order_reference {
        Some(reference) => format!("order {source_key} ({reference})"),
        None => record,
    };
    let retailer = order.retailer_data.and_then(|retailer| retailer.name).or_else(|| {
        // Older accounts name the retailer only by the number in its address.
        order.retailer.as_deref().and_then(order_number).map(str::to_owned)
    });
    let lines = order
        .items
        .iter()
        .enumerate()
        .map(|(index, item)| line(account, &record, index, item))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some((at, line)) = lines
        .iter()
        .enumerate()
        .find(|(at, line)| lines[..*at].iter().any(|earlier| earlier.line == line.line))
    {
        return Err(unreadable(
            &record,
            format!("items[{at}].line_reference"),
            format!("line {} is there twice", line.line),
        ));
    }
    Ok(Order {
        company: account.company.clone(),
        channel: account.connection.clone(),
        source_key,
        reference: parsed(&record, "order_reference", order.order_reference.as_ref(), Reference::parse)?,
        retailer: wanted(&record, "retailer", retailer)?,
        supplier: order.supplier.as_deref().and_then(order_number).map(str::to_owned),
        unknown_status: order.status.filter(|status| !wire::is_known(status)),
        ordered_at: dated(&record, "order_date", order.order_date.as_ref(), &account.zone)?,
        currency: parsed(&record, "currency_code", order.currency_code.as_ref(), Currency::parse)?,
        service: order.delivery_service_code,
        test: order.test_flag == Some(true),
        address: address(&record, order.shipping_address)?,
        lines,
        net: optional(&record, "subtotal", order.subtotal.as_ref(), Money::parse)?,
        tax: optional(&record, "tax", order.tax.as_ref(), Money::parse)?,
    })
}

fn line(account: &Virtualstock, record: &str, index: usize, item: &wire::Item) -> Result<OrderLine, Unreadable> {
    let field = |name: &str| format!("items[{index}].{name}");
    let part_number = wanted(record, &field("part_number"), item.part_number.clone())?;
    let quantity = parsed(record, &field("quantity"), item.quantity.as_ref(), Quantity::parse)?;
    if !quantity.is_positive() {
        return Err(unreadable(
            record,
            field("quantity"),
            format!("{quantity} is not a quantity to order"),
        ));
    }
    Ok(OrderLine {
        line: LineRef(wanted(record, &field("line_reference"), item.line_reference.clone())?),
        sku: item.supplier_sku_reference.clone().unwrap_or_else(|| part_number.clone()),
        part_number,
        first_came_with: None,
        quantity,
        unit_price: parsed(record, &field("unit_cost_price"), item.unit_cost_price.as_ref(), Money::parse)?,
        net: optional(record, &field("subtotal"), item.subtotal.as_ref(), Money::parse)?,
        tax: optional(record, &field("tax"), item.tax.as_ref(), Money::parse)?,
        tax_rate: optional(record, &field("tax_rate"), item.tax_rate.as_ref(), Rate::parse)?,
        promised: maybe_dated(record, &field("promised_date"), item.promised_date.as_ref(), &account.zone)?,
        state: state(&wanted(record, &field("status"), item.status.clone())?),
    })
}

fn address(record: &str, address: Option<wire::Address>) -> Result<Address, Unreadable> {
    let address = wanted(record, "shipping_address", address)?;
    Ok(Address {
        name: wanted(record, "shipping_address.full_name", address.full_name)?,
        company: None,
        line_1: wanted(record, "shipping_address.line_1", address.line_1)?,
        line_2: address.line_2,
        line_3: None,
        line_4: None,
        city: address.city,
        county: address.state,
        postcode: address.postal_code,
        country: parsed(record, "shipping_address.country", address.country.as_ref(), Country::parse)?,
        phone: address.phone,
        email: address.email,
        contact: None,
    })
}

/// Keys only: their labels differ from place to place.
pub fn state(status: &str) -> LineState {
    match status {
        wire::ORDER => LineState::New,
        wire::ORDER_ACK | wire::BACKORDER => LineState::Acknowledged,
        wire::DISPATCH => LineState::Confirmed,
        wire::CANCEL => LineState::CancelRequested,
        wire::CANCEL_ACK => LineState::Cancelled,
        returned if wire::RETURNS.contains(&returned) => LineState::Returned,
        other => LineState::Other(other.to_owned()),
    }
}

pub fn acknowledgement(lines: &[LineKey]) -> wire::Action<wire::AcknowledgedItem<'_>> {
    let item = |line| {
        let LineKey {
            line,
            part_number,
            quantity,
        }: &LineKey = line;
        wire::AcknowledgedItem {
            part_number,
            line_ref: &line.0,
            quantity: number(quantity),
        }
    };
    wire::Action {
        items: lines.iter().map(item).collect(),
    }
}

pub fn dispatch<'a>(account: &Virtualstock, confirmation: &'a Confirmation) -> wire::Action<wire::DispatchedItem<'a>> {
    let date = confirmation.shipped_at.date_in(&account.zone).to_string();
    let item = |line: &'a LineKey| wire::DispatchedItem {
        part_number: &line.part_number,
        line_ref: &line.line.0,
        quantity: number(line.quantity),
        supplier_dispatch_date: date.clone(),
        carrier: &confirmation.carrier,
        tracking_number: &confirmation.tracking,
        tracking_url: confirmation.tracking_url.as_deref(),
    };
    wire::Action {
        items: confirmation.lines.iter().map(item).collect(),
    }
}

/// How far the lines of an action have come, when they have all come equally far.
enum Reached {
    Before,
    After,
}

/// Whether an acknowledgement is there: every line past new says so, even one that has gone further.
pub fn acknowledged(source_key: &str, lines: &[LineKey], order: &wire::Glance) -> Probe {
    let reached = |status: &str| match status {
        wire::ORDER => Some(Reached::Before),
        wire::ORDER_ACK | wire::BACKORDER | wire::DISPATCH => Some(Reached::After),
        status if wire::RETURNS.contains(&status) => Some(Reached::After),
        _ => None,
    };
    judge(source_key, lines, order, reached, Receipt::Acknowledged, "acknowledged")
}

/// Whether a dispatch of whole lines is there.
pub fn confirmed(source_key: &str, lines: &[LineKey], order: &wire::Glance) -> Probe {
    let reached = |status: &str| match status {
        wire::ORDER_ACK | wire::BACKORDER => Some(Reached::Before),
        wire::DISPATCH => Some(Reached::After),
        status if wire::RETURNS.contains(&status) => Some(Reached::After),
        _ => None,
    };
    judge(source_key, lines, order, reached, Receipt::Confirmed, "confirmed")
}

fn judge(
    source_key: &str,
    lines: &[LineKey],
    order: &wire::Glance,
    reached: fn(&str) -> Option<Reached>,
    receipt: Receipt,
    action: &str,
) -> Probe {
    let (mut before, mut after, mut cancelled) = (0, 0, 0);
    let mut shown = Vec::new();
    for line in lines {
        let item = order
            .items
            .iter()
            .find(|item| item.line_reference.as_deref() == Some(line.line.0.as_str()));
        let status = item.and_then(|item| item.status.as_deref()).unwrap_or("not on the order");
        cancelled += usize::from(matches!(status, wire::CANCEL | wire::CANCEL_ACK));
        match reached(status) {
            Some(Reached::Before) => before += 1,
            Some(Reached::After) => after += 1,
            None => {}
        }
        shown.push(format!("line {} is {status}", line.line));
    }
    if after == lines.len() {
        return Probe::Landed(receipt);
    }
    if before == lines.len() {
        return Probe::Absent(None);
    }
    if receipt == Receipt::Confirmed && cancelled > 0 {
        let sentence = format!(
            "Order {source_key} has left, and the retailer says: {}. Ask the carrier to bring it back, or agree with the retailer to keep the \
             order; then say whether the dispatch is there.",
            shown.join(", ")
        );
        let cause = Cause::order(source_key);
        return Probe::Unclear(Finding::new(Code::ShippedAfterCancellation, cause, sentence));
    }
    let sentence = format!(
        "Whether order {source_key} was {action} at the retailer cannot be told: {}. \
             Look at it in the retailer's portal and say whether it was.",
        shown.join(", ")
    );
    Probe::Unclear(Finding::new(Code::StatusUnexpected, Cause::order(source_key), sentence))
}
