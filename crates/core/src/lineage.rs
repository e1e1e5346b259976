//! Lineage: what we wrote in an order of the ledger, held against what stands there now.
//!
//! Once it is written, an order is the ledger's, and people may change it there. Then goods and books go two ways: the warehouse was
//! told what we wrote. So what differs is named, with what was and what is, and nothing is overwritten.
//!
//! Not here: a second order beside ours ([`crate::duplicate`]), and despatches ([`crate::foreign`]).

use crate::cause::{Cause, RecordKind};
use crate::duplicate::{Booked, Standing};
use crate::effect::LedgerOrder;
use crate::finding::{Code, Finding};
use crate::journey::{Journey, LedgerOrderKey};
use crate::sku::upper;

/// What somebody else has changed of our order, if anything. What was not shown is not judged.
pub fn compare(journey: &Journey, wrote: &LedgerOrder, now: &Booked) -> Option<Finding> {
    let key = journey.ledger_order.as_ref().filter(|key| key.id == now.id)?;
    let changed = match now.standing {
        Standing::Draft => return None,
        Standing::Cancelled => vec!["it was cancelled".to_owned()],
        Standing::Order => changes(journey, key, wrote, now),
    };
    if changed.is_empty() {
        return None;
    }
    let sentence = format!(
        "Order {} is not in the ledger as Tallyman wrote it, as {}: {}. The warehouse was told what Tallyman wrote. Ask who changed it and \
         why: put it back as it was, or have the warehouse and the retailer told.",
        journey.reference,
        key.number,
        changed.join("; ")
    );
    let cause = Cause::record(RecordKind::LedgerOrder, &key.number);
    Some(Finding::new(Code::ForeignWrite, cause, sentence))
}

fn changes(journey: &Journey, key: &LedgerOrderKey, wrote: &LedgerOrder, now: &Booked) -> Vec<String> {
    let mut changed = Vec::new();
    if upper(wrote.reference.trim()) != upper(now.reference.trim()) {
        changed.push(format!(
            "its customer's number was {} and is {}",
            wrote.reference, now.reference
        ));
    }
    if wrote.customer_id != now.customer_id && now.customer_id != 0 {
        changed.push("it is another customer's".into());
    }
    let Some(lines) = &now.lines else { return changed };
    for ours in &wrote.lines {
        let id = journey.ledger_line(&ours.line);
        let Some(theirs) = lines.iter().find(|line| Some(line.id) == id) else {
            changed.push(format!("line {} ({}) was taken off", ours.line, ours.code));
            continue;
        };
        if theirs.product_id != ours.product_id {
            changed.push(format!("line {} was {} and is another item", ours.line, ours.code));
        }
        if theirs.quantity != ours.quantity {
            changed.push(format!(
                "line {} ({}) was {} and is {}",
                ours.line, ours.code, ours.quantity, theirs.quantity
            ));
        }
        if theirs.unit_price != ours.unit_price {
            changed.push(format!(
                "the price of line {} ({}) was {} and is {}",
                ours.line, ours.code, ours.unit_price, theirs.unit_price
            ));
        }
    }
    let added = lines
        .iter()
        .filter(|line| key.lines.iter().all(|(_, ours)| *ours != line.id))
        .count();
    if added > 0 {
        changed.push(format!("{added} more lines stand there"));
    }
    changed
}
