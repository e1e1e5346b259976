//! Lineage: what we wrote in an order of the ledger, held against what stands there now.
//!
//! Once it is written, an order is the ledger's, and people may change it there. Then goods and books go two ways: the warehouse was
//! told what we wrote. So what differs is named, with what was and what is, and nothing is overwritten. Its owner says what is agreed:
//! theirs, ours again, or something else, which is then what it is compared with.
//!
//! Not here: a second order beside ours ([`crate::duplicate`]), and despatches ([`crate::foreign`]).

use crate::cause::{Cause, RecordKind};
use crate::duplicate::{Booked, Standing};
use crate::effect::Agreed;
use crate::finding::{Code, Finding};
use crate::journey::{Journey, LedgerOrderKey};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::sku::upper;

/// What somebody else has changed of our order, if anything. What was not shown is not judged.
pub fn compare(journey: &Journey, agreed: &Agreed, now: &Booked) -> Option<Finding> {
    let key = journey.ledger_order.as_ref().filter(|key| key.id == now.id)?;
    let changed = match now.standing {
        Standing::Draft => return None,
        Standing::Cancelled => vec!["it was cancelled".to_owned()],
        Standing::Order => changes(journey, key, agreed, now),
    };
    if changed.is_empty() {
        return None;
    }
    let sentence = format!(
        "Order {} is not in the ledger as Tallyman wrote it, as {}: {}. The warehouse was told what Tallyman wrote. Ask who changed it and \
         why, and decide: `restore` it, `keep` it so and have the warehouse and the retailer told, or `amend` it.",
        journey.reference,
        key.number,
        changed.join("; ")
    );
    Some(finding(key, sentence))
}

fn finding(key: &LedgerOrderKey, sentence: String) -> Finding {
    let cause = Cause::record(RecordKind::LedgerOrder, &key.number);
    Finding::new(Code::ForeignWrite, cause, sentence)
}

fn changes(journey: &Journey, key: &LedgerOrderKey, agreed: &Agreed, now: &Booked) -> Vec<String> {
    let mut changed = Vec::new();
    if upper(agreed.reference.trim()) != upper(now.reference.trim()) {
        changed.push(format!(
            "its customer's number was {} and is {}",
            agreed.reference, now.reference
        ));
    }
    if agreed.customer_id != now.customer_id && now.customer_id != 0 {
        changed.push("it is another customer's".into());
    }
    let Some(lines) = &now.lines else { return changed };
    for ours in &agreed.lines {
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

/// What has to be written for an order to stand as agreed. What is not in it stands so already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gap {
    pub reference: Option<String>,
    pub lines: Vec<LineGap>,
}

/// Of one line, by the ledger's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineGap {
    pub id: i64,
    pub quantity: Option<Quantity>,
    pub unit_price: Option<Money>,
    /// How much of it is still to go then.
    pub outstanding: Quantity,
}

impl Gap {
    pub fn is_empty(&self) -> bool {
        self.reference.is_none() && self.lines.is_empty()
    }
}

/// What amending can bring back of an order, as it stands now; none where there is none any more. What would need more than other values
/// of our own lines is refused, with what is to be done in the ledger.
pub fn gap(key: &LedgerOrderKey, agreed: &Agreed, now: Option<&Booked>) -> Result<Gap, Finding> {
    let mut beyond = Vec::new();
    let mut gap = Gap::default();
    match now {
        Some(now) if now.standing == Standing::Order => between(key, agreed, now, &mut gap, &mut beyond),
        Some(now) if now.standing == Standing::Cancelled => beyond.push("it was cancelled: enter it anew".to_owned()),
        Some(_) | None => beyond.push("it is no order there any more: enter it anew".to_owned()),
    }
    if beyond.is_empty() {
        return Ok(gap);
    }
    Err(refused(key, &beyond.join("; ")))
}

/// What is said of an order that could not be brought back, and why.
pub fn refused(key: &LedgerOrderKey, why: &str) -> Finding {
    let sentence = format!(
        "Order {} was to be put in the ledger as it was agreed, and Tallyman does not write it: {why}. Do that there by hand, or `keep` it as \
         it stands; once it stands as agreed, the card goes by itself.",
        key.number
    );
    finding(key, sentence)
}

fn between(key: &LedgerOrderKey, agreed: &Agreed, now: &Booked, gap: &mut Gap, beyond: &mut Vec<String>) {
    if now.customer_id != 0 && now.customer_id != agreed.customer_id {
        beyond.push("it is another customer's order now: enter it anew for the right one".into());
    }
    if upper(agreed.reference.trim()) != upper(now.reference.trim()) {
        gap.reference = Some(agreed.reference.clone());
    }
    let Some(lines) = &now.lines else {
        beyond.push("its lines cannot be read: look at them".into());
        return;
    };
    for ours in &agreed.lines {
        let (name, code) = (&ours.line, &ours.code);
        let id = key.lines.iter().find(|(line, _)| line == name).map(|(_, id)| *id);
        let Some(theirs) = lines.iter().find(|line| Some(line.id) == id) else {
            beyond.push(format!(
                "line {name} ({code}) was taken off: add {} of it at {}",
                ours.quantity, ours.unit_price
            ));
            continue;
        };
        if theirs.product_id != ours.product_id {
            beyond.push(format!("line {name} was {code} and is another item: put {code} there"));
            continue;
        }
        let quantity = (theirs.quantity != ours.quantity).then_some(ours.quantity);
        let unit_price = (theirs.unit_price != ours.unit_price).then_some(ours.unit_price);
        if quantity.is_none() && unit_price.is_none() {
            continue;
        }
        if theirs.despatched > ours.quantity || (unit_price.is_some() && theirs.despatched.is_positive()) {
            beyond.push(format!(
                "of line {name} ({code}) {} is despatched already: reverse that despatch first, or have it credited",
                theirs.despatched
            ));
            continue;
        }
        gap.lines.push(LineGap {
            id: theirs.id,
            quantity,
            unit_price,
            outstanding: ours.quantity.above(theirs.despatched).unwrap_or(Quantity::ZERO),
        });
    }
    let added = lines
        .iter()
        .filter(|line| key.lines.iter().all(|(_, ours)| *ours != line.id))
        .count();
    if added > 0 {
        beyond.push(format!("{added} more lines stand there: take them off"));
    }
}

#[cfg(test)]
mod tests;
