//! What a shipment means: when it comes, and again when a word of it that was not understood is.
//!
//! A warehouse may call an item otherwise than the order does. What is not known to be on the order is posted nowhere and kept with the
//! shipment; once its code is mapped, or the warehouse has corrected it, just that part is taken in, as a despatch of its own.

use std::collections::BTreeSet;

use crate::cause::{Cause, RecordKind};
use crate::check::{CheckedShipment, Meaning};
use crate::document::{LineRef, Shipment};
use crate::effect::{Confirmation, Despatch, DespatchedLine, Effect, LineKey, Person, Planned, RefusedTwice, TaggedAppend};
use crate::finding::{Code, Finding};
use crate::fingerprint::Fingerprint;
use crate::journey::{Decision, Journey, Line, Proof, Settled, ShipmentState};
use crate::mapping::{Cell, Table};
use crate::quantity::Quantity;
use crate::sku::{Sku, upper};

/// What goes by the rest of an order that no shipment holds.
const OUTSTANDING: &str = "what is outstanding";

/// What a shipment means: one despatch in the ledger for all of it, and a confirmation for each line that it completes.
///
/// A line that left in several parts is confirmed once, with the part that completed it: the retailer's order does not show how
/// much of a line has gone, so a part confirmation without an answer could never be asked about. `confirm_parts` sends parts all
/// the same, as effects that a person answers for: as much of them as is a whole number of the retailer's unit.
pub fn on_shipment(journey: &Journey, shipment: &Shipment, checked: &CheckedShipment, confirm_parts: bool) -> Decision {
    let mut decision = Decision::about(journey.clone());
    decision.journey.shipments.push(ShipmentState {
        key: shipment.key.clone(),
        ..ShipmentState::default()
    });
    decision.note(
        "shipment.accepted",
        format!("Shipment {} of order {} left the warehouse.", shipment.key, journey.reference),
    );
    let wanted = shipment
        .lines
        .iter()
        .map(|line| Wanted::of(&line.sku, line.quantity))
        .collect();
    take_in(&mut decision, (shipment, checked), (&shipment.key, wanted), confirm_parts);
    decision
}

/// What a shipment that is known means now, where something of it stands on a card; nothing if that is as it was.
///
/// Never more is taken in than was strange of it, so that what was posted once is not posted again.
pub fn on_shipment_again(
    journey: &Journey,
    shipment: &Shipment,
    checked: &CheckedShipment,
    confirm_parts: bool,
) -> Option<Decision> {
    let state = journey.shipments.iter().find(|known| known.key == shipment.key)?;
    if state.stands.is_empty() {
        return None;
    }
    let mut taken = state.lines.clone();
    let mut budget = state
        .strange
        .iter()
        .fold(Quantity::ZERO, |sum, (_, quantity)| plus(sum, *quantity));
    let mut wanted = Vec::new();
    for line in &shipment.lines {
        let mut left = line.quantity;
        if let Some(sku) = meant(journey, &line.sku, checked) {
            for (_, quantity) in taken.iter_mut().filter(|(part, _)| is_line(journey, part, &sku, checked)) {
                let had = left.min(*quantity);
                (left, *quantity) = (minus(left, had), minus(*quantity, had));
            }
            // What was posted whole already has no claim on what was strange.
            let key = sku.key_under(checked.collation);
            let lines = journey
                .lines
                .iter()
                .filter(|line| line.sku.key_under(checked.collation) == key);
            let room = lines.fold(Quantity::ZERO, |sum, line| plus(sum, line.outstanding()));
            let more = left.min(budget).min(room);
            budget = minus(budget, more);
            wanted.push(Wanted {
                code: line.sku.clone(),
                quantity: more,
                beyond: minus(left, more),
            });
        } else {
            wanted.push(Wanted::of(&line.sku, left));
        }
    }
    let before = state.clone();
    let mut decision = Decision::about(journey.clone());
    // What has been taken in so far grows with each time, so each has a step of its own.
    let so_far = before
        .lines
        .iter()
        .fold(Quantity::ZERO, |sum, (_, quantity)| plus(sum, *quantity));
    let step = format!("{}/after {so_far}", shipment.key);
    take_in(&mut decision, (shipment, checked), (&step, wanted), confirm_parts);
    let now = decision.journey.shipments.iter().find(|known| known.key == shipment.key)?;
    if *now == before {
        return None;
    }
    decision.note(
        "shipment.again",
        format!(
            "Shipment {} of order {} was looked at again.",
            shipment.key, journey.reference
        ),
    );
    Some(decision)
}

/// A quantity under one of the warehouse's codes that is to be taken in, and how much of the code is excess whatever is outstanding.
struct Wanted {
    code: String,
    quantity: Quantity,
    beyond: Quantity,
}

impl Wanted {
    fn of(code: &str, quantity: Quantity) -> Self {
        Self {
            code: code.to_owned(),
            quantity,
            beyond: Quantity::ZERO,
        }
    }
}

/// Fills the order's lines with what is wanted. What was found of this shipment before and is no more goes off its card.
fn take_in(
    decision: &mut Decision,
    (shipment, checked): (&Shipment, &CheckedShipment),
    (step, wanted): (&str, Vec<Wanted>),
    confirm_parts: bool,
) {
    let next = &mut decision.journey;
    let mut findings = Vec::new();
    let mut parts: Vec<(LineRef, Quantity)> = Vec::new();
    let mut strange: Vec<(String, Quantity)> = Vec::new();
    let mut more: Vec<(String, Quantity)> = Vec::new();
    for Wanted { code, quantity, beyond } in wanted {
        let Some(sku) = meant(next, &code, checked) else {
            if quantity.is_positive() {
                strange.push((code, quantity));
            }
            continue;
        };
        // Warehouses ship SKUs: where one stands twice in the order, its lines are filled in their sequence.
        let key = sku.key_under(checked.collation);
        let mut left = quantity;
        for line in next
            .lines
            .iter_mut()
            .filter(|line| line.sku.key_under(checked.collation) == key)
        {
            let taken = left.min(line.outstanding());
            if taken.is_positive() {
                line.shipped = plus(line.shipped, taken);
                left = minus(left, taken);
                push(&mut parts, &line.line, taken);
            }
        }
        let excess = plus(left, beyond);
        if excess.is_positive() {
            findings.push(over(next, shipment, &code, excess));
            more.push((code, excess));
        }
    }
    let missing = next.lines.iter().any(|line| line.outstanding().is_positive());
    findings.extend(
        strange
            .iter()
            .map(|(code, quantity)| of_strange(next, shipment, checked, (code, *quantity), missing)),
    );
    let mut effects = Vec::new();
    if !parts.is_empty() {
        effects.push(despatch(next, shipment, checked, (step, &parts)));
        let confirmation = confirmations(next, shipment, checked, (step, &parts), confirm_parts);
        // What stops a confirmation stops nothing while a line's first part has none.
        findings.extend(confirmation.iter().filter_map(|planned| planned.parked.clone()));
        effects.extend(confirmation);
    }
    let despatched = effects.first().map(|planned| planned.id);
    let was_short = next
        .shipments
        .iter()
        .any(|known| known.stands.iter().any(|of| of == OUTSTANDING));
    let mut stood = Vec::new();
    let strangers_elsewhere = next
        .shipments
        .iter()
        .any(|known| known.key != shipment.key && !known.strange.is_empty());
    if let Some(state) = next.shipments.iter_mut().find(|known| known.key == shipment.key) {
        for (line, quantity) in &parts {
            push(&mut state.lines, line, *quantity);
        }
        stood = std::mem::take(&mut state.stands);
        stood.retain(|of| of != OUTSTANDING);
        state.stands = findings
            .iter()
            .map(|found| found.of.clone())
            .filter(|of| !of.is_empty())
            .collect();
        state.strange = strange.clone();
        state.over = more;
    }
    // What is missing under its own name may have left under another: while that is not known, nothing is short.
    let short = if strange.is_empty() && !strangers_elsewhere {
        short(next, shipment)
    } else {
        None
    };
    for known in &mut next.shipments {
        known.stands.retain(|of| of != OUTSTANDING);
    }
    if let Some(finding) = short {
        if let Some(state) = next.shipments.iter_mut().find(|known| known.key == shipment.key) {
            state.stands.push(OUTSTANDING.into());
        }
        findings.push(finding);
    } else if was_short {
        decision.settles.push(Settled {
            of: OUTSTANDING.into(),
            proof: despatched.map_or(Proof::Seen("nothing is outstanding any more"), Proof::By),
        });
    }
    let still: BTreeSet<&str> = findings.iter().map(|found| found.of.as_str()).collect();
    decision
        .settles
        .extend(stood.into_iter().filter(|of| !still.contains(of.as_str())).map(|of| Settled {
            of,
            proof: despatched.map_or(Proof::Seen("the warehouse has corrected it"), Proof::By),
        }));
    decision.effects = effects;
    for finding in &findings {
        decision.lines.push(("shipment.found", finding.sentence.clone()));
    }
    decision.findings = findings;
}

/// The item of the order that a code of the warehouse means: one that the order has under this very code, else what it is mapped to.
fn meant(journey: &Journey, code: &str, checked: &CheckedShipment) -> Option<Sku> {
    let on_order = |sku: &Sku| {
        let key = sku.key_under(checked.collation);
        journey.lines.iter().any(|line| line.sku.key_under(checked.collation) == key)
    };
    let itself = Sku::parse(code).ok().filter(on_order);
    itself.or_else(|| meaning(checked, code).mapped.filter(on_order))
}

fn meaning(checked: &CheckedShipment, code: &str) -> Meaning {
    checked.meanings.get(&upper(code.trim())).cloned().unwrap_or_default()
}

fn is_line(journey: &Journey, part: &LineRef, sku: &Sku, checked: &CheckedShipment) -> bool {
    let line = journey.lines.iter().find(|line| line.line == *part);
    line.is_some_and(|line: &Line| line.sku.key_under(checked.collation) == sku.key_under(checked.collation))
}

/// Sums of quantities that were once one quantity: they cannot overflow.
fn plus(one: Quantity, other: Quantity) -> Quantity {
    one.checked_add(other).unwrap_or(one)
}

fn minus(one: Quantity, other: Quantity) -> Quantity {
    one.above(other).unwrap_or(Quantity::ZERO)
}

/// A shipment may name a SKU more than once; the ledger's call may name a line only once.
fn push(parts: &mut Vec<(LineRef, Quantity)>, line: &LineRef, taken: Quantity) {
    match parts.iter_mut().find(|(part, _)| part == line) {
        Some((_, quantity)) => *quantity = quantity.checked_add(taken).unwrap_or(*quantity),
        None => parts.push((line.clone(), taken)),
    }
}

/// All parts have left, and something has not.
fn short(journey: &Journey, shipment: &Shipment) -> Option<Finding> {
    let parts = u32::try_from(journey.shipments.len()).unwrap_or(u32::MAX);
    let line = journey.lines.iter().find(|line| !line.outstanding().is_zero())?;
    (parts >= shipment.parts).then(|| {
        let sentence = format!(
            "All {parts} parts of order {} have left the warehouse, and {} of {} is still outstanding. Ask the warehouse whether more follows, \
             and agree with the retailer what becomes of the rest.",
            journey.reference,
            line.outstanding(),
            line.sku
        );
        Finding::new(Code::ShortShipped, Cause::order(&journey.reference), sentence).of(OUTSTANDING)
    })
}

/// What one code of a shipment goes by.
fn part_of(shipment: &Shipment, code: &str) -> String {
    format!("shipment {} {}", shipment.key, upper(code.trim()))
}

fn over(journey: &Journey, shipment: &Shipment, code: &str, excess: Quantity) -> Finding {
    let sentence = format!(
        "The warehouse shipped {excess} of {code} more than order {} has outstanding. Ask the warehouse what left, and book the excess by hand.",
        journey.reference
    );
    let cause = Cause::record(RecordKind::Shipment, format!("{}/{code}", shipment.key));
    Finding::new(Code::OverShipped, cause, sentence).of(part_of(shipment, code))
}

/// A code that is not on the order. One that nobody knows may be a new name; a known item is another item, in place of what is missing
/// or beside what was ordered.
fn of_strange(
    journey: &Journey,
    shipment: &Shipment,
    checked: &CheckedShipment,
    (code, quantity): (&str, Quantity),
    missing: bool,
) -> Finding {
    let record = Cause::record(RecordKind::Shipment, format!("{}/{code}", shipment.key));
    let (code_of_card, cause, sentence) = if !meaning(checked, code).is_item {
        let cell = Cell::new(Table::Sku, shipment.warehouse.as_str(), code);
        let sentence = format!(
            "Shipment {} of order {} holds {quantity} of {code}, which is not on the order. Ask the warehouse; if it has renamed an item, \
             map its code to ours.",
            shipment.key, shipment.order_number
        );
        (Code::WarehouseSkuUnknown, Cause::Cell(cell), sentence)
    } else if missing {
        let sentence = format!(
            "Shipment {} of order {} holds {quantity} of {code}, which is another item, and something that was ordered has not left. Decide \
             with the retailer whether the customer keeps it. If the warehouse only calls the item so, map its code to the ordered one.",
            shipment.key, journey.reference
        );
        (Code::Substituted, record, sentence)
    } else {
        let sentence = format!(
            "Shipment {} of order {} holds {quantity} of {code} beside all that was ordered. Ask the warehouse what left, and book the excess \
             by hand.",
            shipment.key, journey.reference
        );
        (Code::OverShipped, record, sentence)
    };
    Finding::new(code_of_card, cause, sentence).of(part_of(shipment, code))
}

fn despatch(
    journey: &Journey,
    shipment: &Shipment,
    checked: &CheckedShipment,
    (step, parts): (&str, &[(LineRef, Quantity)]),
) -> Planned {
    let effect = Despatch {
        shipment: shipment.key.clone(),
        despatched_on: checked.despatched_on,
        courier_id: checked.courier_id,
        tracking: shipment.tracking.clone(),
        lines: parts
            .iter()
            .map(|(line, quantity)| DespatchedLine {
                line: line.clone(),
                quantity: *quantity,
            })
            .collect(),
        tagged: checked.records_tracking,
    };
    Planned {
        id: journey.step(&format!("despatch/{step}")),
        lane: journey.lane(&journey.route.ledger),
        after: vec![],
        effect: Effect::TaggedAppend(TaggedAppend::Despatch(effect)),
        parked: None,
        supersedes: None,
    }
}

fn confirmations(
    journey: &Journey,
    shipment: &Shipment,
    checked: &CheckedShipment,
    (step, parts): (&str, &[(LineRef, Quantity)]),
    confirm_parts: bool,
) -> Option<Planned> {
    let mut whole = true;
    let mut lines = Vec::new();
    for (part, quantity) in parts {
        let Some(line) = journey.lines.iter().find(|line| line.line == *part) else {
            continue;
        };
        let told = if confirm_parts {
            let before = line.shipped.above(*quantity).unwrap_or(Quantity::ZERO);
            line.tellable(line.shipped).above(line.tellable(before))
        } else {
            line.outstanding().is_zero().then_some(line.ordered)
        };
        // Exact, as what was ordered was made of their figure.
        if let Some(told) = told
            && let Ok(quantity) = line.in_theirs(told)
        {
            whole &= told == line.ordered;
            lines.push(LineKey {
                line: line.line.clone(),
                part_number: line.part_number.clone(),
                quantity,
            });
        }
    }
    if lines.is_empty() {
        return None;
    }
    let confirmation = Confirmation {
        source_key: journey.source_key.clone(),
        shipment: shipment.key.clone(),
        carrier: checked.carrier.clone().unwrap_or_default(),
        tracking: shipment.tracking.clone().unwrap_or_default(),
        tracking_url: shipment.tracking_url.clone(),
        shipped_at: shipment.shipped_at,
        lines,
    };
    Some(Planned {
        id: journey.step(&format!("confirm/{step}")),
        lane: journey.lane(&journey.route.channel),
        after: vec![],
        effect: if whole {
            Effect::RefusedTwice(RefusedTwice::Confirm(confirmation))
        } else {
            Effect::Person(Person::ConfirmPart(confirmation))
        },
        parked: checked.confirmation_stopped.clone(),
        supersedes: None,
    })
}

/// A confirmation that its guardrails stopped, decided again: with what is missing no more it takes the parked one's place.
pub fn on_confirmation_again(
    journey: &Journey,
    (parked, confirmation): (&Fingerprint, Confirmation),
    shipment: &Shipment,
    checked: &CheckedShipment,
    by_person: bool,
) -> Decision {
    let mut decision = Decision::about(journey.clone());
    if let Some(finding) = &checked.confirmation_stopped {
        decision.findings.push(finding.clone());
        return decision;
    }
    let confirmation = Confirmation {
        carrier: checked.carrier.clone().unwrap_or_default(),
        tracking: shipment.tracking.clone().unwrap_or_default(),
        tracking_url: shipment.tracking_url.clone(),
        ..confirmation
    };
    decision.note(
        "effect.superseded",
        format!("The confirmation of shipment {} is complete now and goes on.", shipment.key),
    );
    decision.effects.push(Planned {
        id: Fingerprint::derive(journey.company.as_str(), parked.as_str(), "again"),
        lane: journey.lane(&journey.route.channel),
        after: vec![],
        effect: if by_person {
            Effect::Person(Person::ConfirmPart(confirmation))
        } else {
            Effect::RefusedTwice(RefusedTwice::Confirm(confirmation))
        },
        parked: None,
        supersedes: Some(*parked),
    });
    decision
}
