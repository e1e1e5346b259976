//! Theirs and ours, for orders. Pure. What a probe makes of the rows it was shown stands here, where it can be tried by hand.

use tallyman_core::cause::Cause;
use tallyman_core::document::LineRef;
use tallyman_core::duplicate::{Booked, BookedLine, Standing};
use tallyman_core::effect::state::Doubt;
use tallyman_core::effect::{LedgerOrder, Probe, Receipt, Verdict};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::money::Money;
use tallyman_core::quantity::Quantity;
use tallyman_core::role::{TaggedDraft, Unreadable};
use tallyman_core::time::{Date, Timestamp};

use super::wire;
use crate::read::{number, parsed, unreadable, wanted};

/// Sage refuses a bare date on documents; dates go out as the midnight that begins them.
pub fn stamp(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

pub fn new_order<'a>(tag: &'a Fingerprint, order: &'a LedgerOrder) -> wire::NewOrder<'a> {
    let address = &order.address;
    wire::NewOrder {
        customer_id: order.customer_id,
        is_editing: true,
        customer_document_no: &order.reference,
        spare_text_1: tag.as_str(),
        document_date: stamp(order.ordered_on),
        requested_delivery_date: order.promised_on.map(stamp),
        promised_delivery_date: order.promised_on.map(stamp),
        use_invoice_address: false,
        delivery_address: wire::DeliveryAddress {
            postal_name: &address.postal_name,
            address_1: address.address_1.as_deref(),
            address_2: address.address_2.as_deref(),
            address_3: address.address_3.as_deref(),
            address_4: address.address_4.as_deref(),
            city: address.city.as_deref(),
            county: address.county.as_deref(),
            country: &address.country,
            postcode: address.postcode.as_deref(),
            contact: address.contact.as_deref(),
            telephone_number: address.telephone.as_deref(),
            email_address: address.email.as_deref(),
        },
        lines: order
            .lines
            .iter()
            .map(|line| wire::NewLine {
                line_type: wire::STANDARD_LINE,
                product_id: line.product_id,
                warehouse_id: line.warehouse_id,
                code: &line.code,
                line_quantity: number(line.quantity),
                to_allocate_quantity: number(line.quantity),
                selling_unit_price: number(line.unit_price),
                tax_code_id: line.tax_code_id,
                spare_text_1: &line.line.0,
            })
            .collect(),
    }
}

/// What the reply to a new draft says. A draft whose total differs is left to the sweep: it is never confirmed.
pub fn drafted(order: &LedgerOrder, reply: &wire::Order) -> Result<Verdict, Unreadable> {
    let record = format!("the draft of {}", order.reference);
    let id = wanted(&record, "id", reply.id)?;
    Ok(match totals_disagree(order, reply, &record)? {
        Some(finding) => Verdict::Refused(finding),
        None => Verdict::Done(Receipt::Draft { id }),
    })
}

fn totals_disagree(order: &LedgerOrder, row: &wire::Order, record: &str) -> Result<Option<Finding>, Unreadable> {
    let net = parsed(record, "total_net_value", row.total_net_value.as_ref(), Money::parse)?;
    Ok((net != order.net).then(|| {
        let sentence = format!(
            "Sage makes {net} net of order {}, and it should be {}. Nothing was confirmed. \
             Look whether this customer has a discount in Sage, or prices there include tax, then try again.",
            order.reference, order.net
        );
        Finding::new(Code::TotalsDisagree, Cause::order(&order.reference), sentence)
    }))
}

/// What stands in Sage under the reference of an order.
pub fn found(tag: &Fingerprint, order: &LedgerOrder, rows: &[wire::Order]) -> Result<Probe, Unreadable> {
    let named = |row: &&wire::Order| {
        row.customer_id == Some(order.customer_id)
            && row
                .customer_document_no
                .as_deref()
                .is_some_and(|number| same_reference(number, &order.reference))
    };
    let (ours, others): (Vec<_>, Vec<_>) = rows.iter().filter(named).partition(|row| tag_of(row) == Some(*tag));
    // Someone's unfinished draft is not an order; it may never become one.
    if let Some(other) = others.into_iter().find(|row| !is_draft(row)) {
        let number = other.document_no.as_deref().unwrap_or("without a number");
        return Ok(taken(
            order,
            format!(
                "it holds order {number} of the same customer, which we did not write. \
                 If that is this order, withdraw ours; if not, change the customer's order number there and try again"
            ),
        ));
    }
    if let Some(other) = ours.iter().find(|row| content(row).as_ref() != Some(&content_of(order))) {
        let id = other.id.unwrap_or_default();
        return Ok(taken(
            order,
            format!(
                "it holds our order with id {id}, but its lines were changed there. Put them right, or delete it and try again"
            ),
        ));
    }
    let (drafts, confirmed): (Vec<_>, Vec<_>) = ours.into_iter().partition(|row| is_draft(row));
    if confirmed.len() > 1 {
        let numbers: Vec<_> = confirmed.iter().filter_map(|row| row.document_no.as_deref()).collect();
        return Ok(taken(
            order,
            format!(
                "it holds our order more than once, as {}. Delete all but one and try again",
                numbers.join(" and ")
            ),
        ));
    }
    // An order that someone has confirmed by hand comes before a draft that was lost: confirming that one too would double it.
    let Some(row) = confirmed
        .first()
        .copied()
        .or_else(|| drafts.into_iter().min_by_key(|row| row.id))
    else {
        return Ok(Probe::Absent(None));
    };
    let record = format!("the order under {}", order.reference);
    if let Some(finding) = totals_disagree(order, row, &record)? {
        return Ok(Probe::Unclear(finding));
    }
    Ok(Probe::Landed(Receipt::Draft {
        id: wanted(&record, "id", row.id)?,
    }))
}

fn taken(order: &LedgerOrder, what: String) -> Probe {
    let sentence = format!("Reference {} is taken in Sage: {what}.", order.reference);
    Probe::Unclear(Finding::new(Code::ReferenceTaken, Cause::order(&order.reference), sentence))
}

/// Sage's database compares without case and without blanks at the end.
fn same_reference(one: &str, other: &str) -> bool {
    one.trim_end().to_uppercase() == other.trim_end().to_uppercase()
}

pub fn tag_of(row: &wire::Order) -> Option<Fingerprint> {
    Fingerprint::parse(row.spare_text_1.as_deref()?.trim()).ok()
}

pub fn is_draft(row: &wire::Order) -> bool {
    row.is_draft.unwrap_or(row.document_no.as_deref() == Some(wire::NO_NUMBER))
}

type Content = Vec<(i64, Quantity, Money)>;

/// What Sage cannot rewrite: products, quantities, prices, in no order. None where a line has no figures to compare.
fn content(row: &wire::Order) -> Option<Content> {
    let line = |line: &wire::Line| {
        let quantity = Quantity::parse(line.line_quantity.as_deref()?).ok()?;
        Some((
            line.product_id?,
            quantity,
            Money::parse(line.selling_unit_price.as_deref()?).ok()?,
        ))
    };
    let mut content: Content = row.lines.as_deref()?.iter().map(line).collect::<Option<_>>()?;
    content.sort();
    Some(content)
}

fn content_of(order: &LedgerOrder) -> Content {
    let mut content: Content = order
        .lines
        .iter()
        .map(|line| (line.product_id, line.quantity, line.unit_price))
        .collect();
    content.sort();
    content
}

/// The receipt of a confirmed order; none while it is a draft.
pub fn order_receipt(id: i64, row: &wire::Order) -> Result<Option<Receipt>, Unreadable> {
    let record = format!("order with id {id}");
    if row.id.is_some_and(|said| said != id) {
        return Err(unreadable(&record, "id", "it is another order's"));
    }
    if is_draft(row) {
        return Ok(None);
    }
    let number = wanted(&record, "document_no", row.document_no.clone())?;
    // A line that someone added there is not of ours and has no reference.
    let rows = row.lines.as_ref().filter(|lines| !lines.is_empty());
    let lines = wanted(&record, "lines", rows)?
        .iter()
        .filter_map(|line| Some((LineRef(line.spare_text_1.clone()?), line.id)))
        .map(|(reference, line_id)| Ok((reference, wanted(&record, "lines.id", line_id)?)))
        .collect::<Result<Vec<_>, Unreadable>>()?;
    Ok(Some(Receipt::Order { id, number, lines }))
}

/// What the reply to a confirmation says.
pub fn confirmation(id: i64, reply: &wire::Order) -> Result<Verdict, Unreadable> {
    Ok(match order_receipt(id, reply)? {
        Some(receipt) => Verdict::Done(receipt),
        None => Verdict::Unknown(Doubt::NotAtomic(format!("order with id {id} is still a draft"))),
    })
}

pub fn tagged_draft(row: &wire::Order) -> Option<TaggedDraft> {
    let tag = tag_of(row).filter(|_| is_draft(row))?;
    Some(TaggedDraft { id: row.id?, tag })
}

/// An instant as filters take it. Whole seconds, towards the past: how fine Sage reads them is not described.
pub fn moment(at: Timestamp) -> String {
    let micros = at.micros();
    Timestamp::from_micros(micros - micros.rem_euclid(1_000_000)).to_rfc3339()
}

/// An order as a search for duplicates sees it.
pub fn booked(row: &wire::Order) -> Option<Booked> {
    let standing = if is_draft(row) {
        Standing::Draft
    } else if row.document_status.as_deref() == Some(wire::CANCELLED) {
        Standing::Cancelled
    } else {
        Standing::Order
    };
    Some(Booked {
        id: row.id?,
        number: row.document_no.clone().unwrap_or_default(),
        customer_id: row.customer_id.unwrap_or_default(),
        reference: row.customer_document_no.clone().unwrap_or_default(),
        tag: tag_of(row),
        standing,
        lines: booked_lines(row),
    })
}

/// None where a line has no figures to compare.
fn booked_lines(row: &wire::Order) -> Option<Vec<BookedLine>> {
    let line = |line: &wire::Line| {
        Some(BookedLine {
            id: line.id?,
            product_id: line.product_id?,
            quantity: Quantity::parse(line.line_quantity.as_deref()?).ok()?,
            unit_price: Money::parse(line.selling_unit_price.as_deref()?).ok()?,
            // Nulls and noughts are left out of replies.
            despatched: match line.despatch_receipt_quantity.as_deref() {
                Some(despatched) => Quantity::parse(despatched).ok()?,
                None => Quantity::ZERO,
            },
        })
    };
    row.lines.as_deref()?.iter().map(line).collect()
}
