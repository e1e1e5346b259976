//! Theirs and ours. Pure. What the search for a released order makes of the rows it was shown stands here.

use std::collections::BTreeMap;

use tallyman_core::address::MintsoftAddress;
use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::document::{Shipment, ShippedLine};
use tallyman_core::effect::state::Doubt;
use tallyman_core::effect::{Probe, Receipt, Release, Verdict};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::quantity::Quantity;
use tallyman_core::role::Unreadable;
use tallyman_core::sku::Sku;
use tallyman_core::standing::State;

use super::{Mintsoft, wire};
use crate::http::refusal;
use crate::read::{moment, parsed, read, unreadable, wanted};

/// The order as their PUT takes it. The address has been fitted to their fields.
pub fn new_order<'a>(
    site: &Mintsoft,
    tag: &'a Fingerprint,
    number: &'a str,
    release: &'a Release,
    address: &'a MintsoftAddress,
) -> wire::NewOrder<'a> {
    let or_blank = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
    wire::NewOrder {
        order_number: number,
        external_order_reference: tag.as_str(),
        first_name: &address.first_name,
        last_name: &address.last_name,
        company_name: or_blank(&address.company_name),
        address1: or_blank(&address.address_1),
        address2: or_blank(&address.address_2),
        address3: or_blank(&address.address_3),
        town: or_blank(&address.town),
        county: or_blank(&address.county),
        post_code: or_blank(&address.postcode),
        country: address.country.as_str(),
        email: or_blank(&address.email),
        phone: or_blank(&address.phone),
        warehouse_id: release.warehouse_id,
        courier_service_id: release.service_id,
        currency: release.currency.as_str(),
        client_id: site.client_id,
        order_items: release
            .items
            .iter()
            .map(|item| wire::NewItem {
                sku: item.sku.as_str().trim_end(),
                quantity: item.units,
            })
            .collect(),
    }
}

/// What the reply to a new order says. A success means one order, whichever call made it. A refusal is asked about before it is
/// believed: its words are nobody's list, and may mean that the order exists.
pub fn outcome(site: &Mintsoft, number: &str, outcomes: &[wire::Outcome]) -> Result<Verdict, Unreadable> {
    let record = format!("the release of order {number}");
    let successes: Vec<_> = outcomes.iter().filter(|outcome| outcome.success == Some(true)).collect();
    if !successes.is_empty() {
        // An order that is split as it comes in is several; the first of them is the one that was asked for.
        let ids = successes
            .iter()
            .filter_map(|outcome| outcome.order_id.or(outcome.id))
            .filter(|id| *id > 0);
        let id = wanted(&record, "OrderId", ids.min())?;
        return Ok(Verdict::Done(Receipt::Release { id }));
    }
    let first = wanted(&record, ".", outcomes.first())?;
    if first.success.is_none() {
        return Err(unreadable(&record, "Success", "it is missing"));
    }
    let words = first
        .message
        .as_deref()
        .unwrap_or("no explanation")
        .trim()
        .trim_end_matches('.');
    // Texts are not fixed: they are matched loosely.
    let lower = words.to_lowercase();
    Ok(if lower.contains("already exist") {
        Verdict::Unknown(Doubt::NotAtomic(words.to_owned()))
    } else {
        Verdict::Unknown(Doubt::Refused(refusal(&site.connection, &record, 200, words)))
    })
}

/// What stands in the warehouse under the number of an order.
pub fn released(
    site: &Mintsoft,
    tag: &Fingerprint,
    number: &str,
    release: &Release,
    rows: &[wire::Order],
) -> Result<Probe, Unreadable> {
    let record = format!("warehouse order {number}");
    // A list may show a row twice.
    let mut by_id: BTreeMap<i64, &wire::Order> = BTreeMap::new();
    for row in rows.iter().filter(|row| site.owns(row.client_id)) {
        by_id.insert(wanted(&record, "ID", row.id)?, row);
    }
    let number_of = |row: &wire::Order| row.order_number.as_deref().unwrap_or_default().trim().to_owned();
    // Orders that the warehouse has merged are called after all of them, and the single ones are gone: ours may be among them.
    if let Some(merged) = by_id
        .values()
        .map(|row| number_of(row))
        .find(|name| name.contains('+') && name.split('+').any(|part| part.trim() == number))
    {
        return Ok(taken(
            number,
            format!("it was merged into {merged} there. Say whether our order is part of it"),
        ));
    }
    by_id.retain(|_, row| number_of(row) == number);
    let Some((id, first)) = by_id.first_key_value() else {
        return Ok(Probe::Absent(None));
    };
    if let Some((id, other)) = by_id.iter().find(|(_, row)| !tagged(row, tag)) {
        let reference = other.external_order_reference.as_deref().unwrap_or("none");
        return Ok(taken(
            number,
            format!("order {id} there has this number and the external reference {reference}. Ask the warehouse whose it is"),
        ));
    }
    if by_id.len() > 1 && first.number_of_parts.unwrap_or(1) <= 1 {
        return Ok(taken(
            number,
            "it is there more than once, and not as parts of one. Ask the warehouse to cancel all but one".into(),
        ));
    }
    // The parts of a split order make it up together.
    let mut units: BTreeMap<String, Quantity> = BTreeMap::new();
    for row in by_id.values() {
        for item in wanted(&record, "OrderItems", row.order_items.as_ref())? {
            let sku = parsed(&record, "OrderItems.SKU", item.sku.as_ref(), Sku::parse)?;
            let quantity = parsed(&record, "OrderItems.Quantity", item.quantity.as_ref(), Quantity::parse)?;
            let sum = units.entry(sku.key().as_str().to_owned()).or_insert(Quantity::ZERO);
            *sum = sum
                .checked_add(quantity)
                .map_err(|overflow| unreadable(&record, "OrderItems.Quantity", overflow))?;
        }
    }
    let wanted_units: BTreeMap<String, Quantity> = release
        .items
        .iter()
        .map(|item| (item.sku.key().as_str().to_owned(), Quantity::whole(item.units)))
        .collect();
    if units != wanted_units {
        return Ok(taken(
            number,
            format!("our order {id} there holds other items than we sent. Ask the warehouse who changed it"),
        ));
    }
    Ok(Probe::Landed(Receipt::Release { id: *id }))
}

/// The order of ours that these rows tell of: the original, where it has been split.
pub fn first_of(tag: &Fingerprint, number: &str, rows: &[wire::Order]) -> Option<i64> {
    let ours = |row: &&wire::Order| tagged(row, tag) && row.order_number.as_deref().map(str::trim) == Some(number);
    rows.iter().filter(ours).filter_map(|row| row.id).min()
}

fn tagged(row: &wire::Order, tag: &Fingerprint) -> bool {
    row.external_order_reference
        .as_deref()
        .and_then(|reference| Fingerprint::parse(reference.trim()).ok())
        == Some(*tag)
}

fn taken(number: &str, what: String) -> Probe {
    let sentence = format!("Order number {number} is taken in the warehouse: {what}.");
    Probe::Unclear(Finding::new(
        Code::ReferenceTaken,
        Cause::record(RecordKind::WarehouseOrder, number),
        sentence,
    ))
}

pub fn glance(body: &[u8]) -> Result<wire::Glance, Unreadable> {
    read("warehouse order", body)
}

/// How an order stands, by the id of its status: their names can be changed.
pub fn standing(glance: &wire::Glance) -> State {
    match glance.order_status_id {
        Some(id) if wire::SHORT.contains(&id) => State::Short,
        Some(id) if wire::HELD.contains(&id) => State::Held,
        Some(wire::QUERY_RAISED) => State::Asks,
        Some(wire::FAILED) => State::Failed,
        Some(wire::CANCELLED) => State::Cancelled,
        Some(_) | None => State::Underway,
    }
}

pub fn has_left(status: Option<i64>) -> bool {
    status.is_some_and(|status| wire::DESPATCHED.contains(&status))
}

pub fn shipment(site: &Mintsoft, body: &[u8]) -> Result<Shipment, Unreadable> {
    let row: wire::Order = read("warehouse order", body)?;
    let id = wanted("warehouse order", "ID", row.id)?;
    let order_number = wanted(&format!("warehouse order {id}"), "OrderNumber", row.order_number)?;
    let record = format!("warehouse order {id} ({order_number})");
    if !has_left(row.order_status_id) {
        return Err(unreadable(&record, "OrderStatusId", "it has not left"));
    }
    let left = row.despatch_date.filter(|date| !date.starts_with(wire::NO_DATE));
    let mut lines = Vec::new();
    for (index, item) in wanted(&record, "OrderItems", row.order_items)?.iter().enumerate() {
        let quantity = parsed(
            &record,
            &format!("OrderItems[{index}].Quantity"),
            item.quantity.as_ref(),
            Quantity::parse,
        )?;
        if quantity.is_negative() {
            return Err(unreadable(
                &record,
                format!("OrderItems[{index}].Quantity"),
                format!("{quantity} cannot have left"),
            ));
        }
        if quantity.is_positive() {
            lines.push(ShippedLine {
                sku: wanted(&record, &format!("OrderItems[{index}].SKU"), item.sku.clone())?,
                quantity,
            });
        }
    }
    Ok(Shipment {
        company: site.company.clone(),
        warehouse: site.connection.clone(),
        key: id.to_string(),
        // An order that the warehouse made itself has no reference of ours, and is still something that left.
        release: row.external_order_reference.unwrap_or_default(),
        order_number,
        carrier: row.courier_service_name.unwrap_or_default(),
        tracking: row.tracking_number,
        tracking_url: row.tracking_url,
        shipped_at: parsed(&record, "DespatchDate", left.as_ref(), |text| moment(text, &site.zone))?,
        lines,
        parts: row
            .number_of_parts
            .and_then(|parts| u32::try_from(parts).ok())
            .unwrap_or(1)
            .max(1),
    })
}
