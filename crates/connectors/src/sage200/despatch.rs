//! Theirs and ours, for despatches. Pure.
//!
//! A despatch cannot be made twice by accident only because it is recognised: by our tag in the notes of its tracking, or, where
//! the company does not keep tracking, by what had been despatched of each line before the attempt.

use std::collections::BTreeMap;

use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::effect::{Baseline, Despatch, Probe, Receipt};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::foreign::Gone;
use tallyman_core::journey::LedgerOrderKey;
use tallyman_core::quantity::Quantity;
use tallyman_core::role::Unreadable;

use super::map::stamp;
use super::wire;
use crate::read::{number, parsed, unreadable, wanted};

/// Sage's consignment number holds this many characters.
const CONSIGNMENT_CHARS_MAX: usize = 60;

/// The posting of a despatch, or why it cannot be written.
pub fn new_despatch<'a>(
    tag: &'a Fingerprint,
    order: &LedgerOrderKey,
    despatch: &'a Despatch,
) -> Result<wire::NewDespatch<'a>, Finding> {
    let consignment_no = despatch.tracking.as_deref();
    if consignment_no.is_some_and(|tracking| tracking.encode_utf16().count() > CONSIGNMENT_CHARS_MAX) {
        let sentence = format!(
            "The tracking number of shipment {} has more than the {CONSIGNMENT_CHARS_MAX} characters that Sage takes. \
             Ask the warehouse for the consignment number alone.",
            despatch.shipment
        );
        return Err(Finding::new(
            Code::ReferenceTooLong,
            Cause::record(RecordKind::Shipment, &despatch.shipment),
            sentence,
        ));
    }
    let items = ours(order, despatch)?
        .into_iter()
        .map(|(id, quantity)| wire::DespatchItem {
            id,
            quantity: number(quantity),
        })
        .collect();
    let tracking = wire::TrackingItem {
        sop_order_return_id: order.id,
        courier_id: despatch.courier_id,
        consignment_no,
        notes: tag.as_str(),
    };
    Ok(wire::NewDespatch {
        sop_order_return_id: order.id,
        despatch_receipt_date: stamp(despatch.despatched_on),
        confirmation_intent_type: wire::ON_DESPATCH,
        items,
        // A company that does not keep tracking is not sent any: it would not be there to be asked about.
        tracking_items: if despatch.tagged { vec![tracking] } else { vec![] },
    })
}

type Sums = BTreeMap<i64, Quantity>;

/// What a despatch adds to each of the ledger's lines.
fn ours(order: &LedgerOrderKey, despatch: &Despatch) -> Result<Sums, Finding> {
    let mut sums = Sums::new();
    for line in &despatch.lines {
        let Some((_, id)) = order.lines.iter().find(|(reference, _)| *reference == line.line) else {
            let sentence = format!(
                "Order {} has no line {} in Sage any more. Book shipment {} there by hand.",
                order.number, line.line, despatch.shipment
            );
            return Err(Finding::new(
                Code::StatusUnexpected,
                Cause::record(RecordKind::LedgerOrder, &order.number),
                sentence,
            ));
        };
        add(&mut sums, *id, line.quantity).map_err(|problem| {
            Finding::new(
                Code::Unreadable,
                Cause::record(RecordKind::Shipment, &despatch.shipment),
                problem,
            )
        })?;
    }
    Ok(sums)
}

fn add(sums: &mut Sums, line: i64, quantity: Quantity) -> Result<(), String> {
    let sum = sums.entry(line).or_insert(Quantity::ZERO);
    *sum = sum.checked_add(quantity).map_err(|overflow| overflow.to_string())?;
    Ok(())
}

/// Lines of which nothing has gone are left out, so that "no row" and "nothing" are one.
fn without_zeros(mut sums: Sums) -> Sums {
    sums.retain(|_, quantity| !quantity.is_zero());
    sums
}

fn despatched_so_far(record: &str, rows: &[&wire::DespatchLine]) -> Result<Sums, Unreadable> {
    let mut sums = Sums::new();
    for row in rows {
        let line = wanted(record, "sop_order_line_id", row.sop_order_line_id)?;
        let quantity = parsed(
            record,
            "sop_despatch_line_quantity",
            row.sop_despatch_line_quantity.as_ref(),
            Quantity::parse,
        )?;
        add(&mut sums, line, quantity).map_err(|problem| unreadable(record, "sop_despatch_line_quantity", problem))?;
    }
    Ok(without_zeros(sums))
}

/// How much of its order's line has gone, by a row of the despatches; at least what the row itself is of.
pub fn gone(row: &wire::DespatchLine) -> Result<Gone, Unreadable> {
    let order = wanted("a despatch", "sop_order_id", row.sop_order_id)?;
    let record = format!("despatches of the order with id {order}");
    let quantity = row
        .sop_order_line_despatch_quantity
        .as_ref()
        .or(row.sop_despatch_line_quantity.as_ref());
    Ok(Gone {
        order,
        number: row.sop_order_document_no.clone().unwrap_or_default(),
        line: wanted(&record, "sop_order_line_id", row.sop_order_line_id)?,
        quantity: parsed(&record, "sop_order_line_despatch_quantity", quantity, Quantity::parse)?,
    })
}

/// What the rows of an order's despatches say about one despatch of ours.
///
/// Without a baseline this is the look: what has gone so far is the answer, for the engine to compare and to keep.
pub fn despatched(
    tag: &Fingerprint,
    order: &LedgerOrderKey,
    despatch: &Despatch,
    before: Option<&Baseline>,
    rows: &[wire::DespatchLine],
) -> Result<Probe, Unreadable> {
    let rows: Vec<_> = rows.iter().filter(|row| row.sop_order_id == Some(order.id)).collect();
    let tagged = |row: &&wire::DespatchLine| {
        row.sop_despatch_notes
            .as_deref()
            .is_some_and(|notes| notes.to_ascii_uppercase().contains(tag.as_str()))
    };
    if rows.iter().any(tagged) {
        return Ok(Probe::Landed(Receipt::Despatch));
    }
    let record = format!("despatches of order {}", order.number);
    let now = despatched_so_far(&record, &rows)?;
    let absent = Probe::Absent(Some(Baseline {
        despatched: now.iter().map(|(line, quantity)| (*line, *quantity)).collect(),
    }));
    let Some(before) = before else { return Ok(absent) };
    let before: Sums = without_zeros(before.despatched.iter().copied().collect());
    if now == before {
        return Ok(absent);
    }
    let mut after = before;
    match ours(order, despatch) {
        Ok(ours) => {
            for (line, quantity) in ours {
                add(&mut after, line, quantity).map_err(|problem| unreadable(&record, "sop_despatch_line_quantity", problem))?;
            }
        }
        Err(finding) => return Ok(Probe::Unclear(finding)),
    }
    let exactly_ours = now == without_zeros(after);
    Ok(match (exactly_ours, despatch.tagged) {
        (true, false) => Probe::Landed(Receipt::Despatch),
        (true, true) => unclear(
            order,
            despatch,
            "exactly what it holds has been despatched since, but without our mark",
        ),
        (false, false) => unclear(order, despatch, "something else has been despatched since we tried"),
        // Where tracking is kept, the mark is the proof, whatever else was despatched.
        (false, true) => absent,
    })
}

fn unclear(order: &LedgerOrderKey, despatch: &Despatch, what: &str) -> Probe {
    let sentence = format!(
        "Whether shipment {} of order {} is in Sage cannot be told: {what}. \
             Look at the order's despatches in Sage and say whether it is there.",
        despatch.shipment, order.number
    );
    Probe::Unclear(Finding::new(
        Code::OutcomeUnclear,
        Cause::record(RecordKind::LedgerOrder, &order.number),
        sentence,
    ))
}
