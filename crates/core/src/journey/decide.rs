//! What an order, a receipt and a shipment mean for a journey. Pure: the same inputs give the same decision.

use super::{Decision, Journey, LedgerOrderKey, Line, Route, ShipmentState, Stage};
use crate::cause::{Cause, RecordKind};
use crate::check::{CheckedOrder, CheckedShipment};
use crate::document::{LineRef, Order, Shipment};
use crate::effect::{
    Confirmation, Despatch, DespatchedLine, DraftThenConfirm, Effect, LineKey, Person, Planned, Receipt, RefusedTwice,
    TaggedAppend,
};
use crate::finding::{Code, Finding};
use crate::fingerprint::Fingerprint;
use crate::mapping::{Cell, Table};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::sku::Sku;

fn journey(order: &Order, route: &Route, stage: Stage, lines: Vec<Line>) -> Journey {
    Journey {
        id: order.journey(),
        company: order.company.clone(),
        route: route.clone(),
        source_key: order.source_key.clone(),
        reference: order.reference.as_str().to_owned(),
        stage,
        lines,
        draft_id: None,
        ledger_order: None,
        release_id: None,
        shipments: Vec::new(),
        net: worth(order),
        due_by: order.lines.iter().filter_map(|line| line.promised).min(),
    }
}

/// What the retailer says that the order is worth; what does not add up is found by the guardrails.
fn worth(order: &Order) -> Money {
    let lines = Money::sum(order.lines.iter().filter_map(|line| line.net));
    order.net.or(lines.ok()).unwrap_or(Money::ZERO)
}

/// An order that passed its guardrails: it is drafted and confirmed in the ledger, then acknowledged to the retailer and released
/// to the warehouse.
pub fn on_order(order: &Order, checked: &CheckedOrder, route: &Route) -> Decision {
    let lines = order
        .lines
        .iter()
        .zip(&checked.lines)
        .map(|(line, checked)| Line {
            line: line.line.clone(),
            part_number: line.part_number.clone(),
            sku: checked.sku.clone(),
            unit: checked.unit,
            ordered: checked.quantity,
            shipped: Quantity::ZERO,
            despatched: Quantity::ZERO,
            confirmed: Quantity::ZERO,
        })
        .collect();
    let journey = journey(order, route, Stage::Open, lines);
    let (draft, confirm) = (journey.step("draft"), journey.step("confirm"));
    let plan = |step: &str, connection, after, effect| Planned {
        id: journey.step(step),
        lane: journey.lane(connection),
        after,
        effect,
        parked: None,
        supersedes: None,
    };
    let acknowledge = RefusedTwice::Acknowledge {
        source_key: order.source_key.clone(),
        lines: order.lines.iter().map(LineKey::of).collect(),
    };
    let effects = vec![
        plan(
            "draft",
            &route.ledger,
            vec![],
            Effect::DraftThenConfirm(DraftThenConfirm::Draft(checked.ledger.clone())),
        ),
        plan(
            "confirm",
            &route.ledger,
            vec![draft],
            Effect::DraftThenConfirm(DraftThenConfirm::Confirm),
        ),
        plan(
            "acknowledge",
            &route.channel,
            vec![confirm],
            Effect::RefusedTwice(acknowledge),
        ),
        plan(
            "release",
            &route.warehouse,
            vec![confirm],
            Effect::RefusedTwice(RefusedTwice::Release(checked.release.clone())),
        ),
    ];
    let mut decision = Decision::about(journey);
    decision.effects = effects;
    decision.note(
        "order.accepted",
        format!(
            "Order {} passed its checks with {} lines.",
            order.reference.as_str(),
            order.lines.len()
        ),
    );
    decision
}

/// An order that its guardrails stop: nothing is written anywhere until its findings are cleared.
pub fn on_stopped(order: &Order, findings: Vec<Finding>, route: &Route) -> Decision {
    let mut decision = Decision::about(journey(order, route, Stage::Stopped, Vec::new()));
    for finding in &findings {
        decision.note("order.stopped", finding.sentence.clone());
    }
    decision.findings = findings;
    decision
}

/// An order that is not ours to carry out.
pub fn on_declined(order: &Order, reason: &str, route: &Route) -> Decision {
    let mut decision = Decision::about(journey(order, route, Stage::Declined, Vec::new()));
    decision.note(
        "order.declined",
        format!("Order {} was declined: {reason}.", order.reference.as_str()),
    );
    decision
}

impl LineKey {
    fn of(line: &crate::document::OrderLine) -> Self {
        Self {
            line: line.line.clone(),
            part_number: line.part_number.clone(),
            quantity: line.quantity,
        }
    }
}

/// What a finished effect means.
pub fn on_receipt(journey: &Journey, effect: &Effect, receipt: &Receipt) -> Decision {
    let mut next = journey.clone();
    match (effect, receipt) {
        (_, Receipt::Draft { id }) => next.draft_id = Some(*id),
        (_, Receipt::Order { id, number, lines }) => {
            next.ledger_order = Some(LedgerOrderKey {
                id: *id,
                number: number.clone(),
                lines: lines.clone(),
            });
        }
        (_, Receipt::Release { id }) => next.release_id = Some(*id),
        (Effect::TaggedAppend(TaggedAppend::Despatch(despatch)), Receipt::Despatch) => {
            for posted in &despatch.lines {
                add(&mut next, &posted.line, |line| &mut line.despatched, posted.quantity);
            }
        }
        (Effect::RefusedTwice(RefusedTwice::Confirm(sent)) | Effect::Person(Person::ConfirmPart(sent)), Receipt::Confirmed) => {
            for confirmed in &sent.lines {
                let unit = next
                    .lines
                    .iter()
                    .find(|line| line.line == confirmed.line)
                    .map(|line| line.unit);
                // Exact: the retailer is told of what is a whole number in both units, or of the whole line.
                if let Some(Ok(quantity)) = unit.map(|unit| unit.apply(confirmed.quantity)) {
                    add(&mut next, &confirmed.line, |line| &mut line.confirmed, quantity);
                }
            }
        }
        (_, Receipt::Despatch | Receipt::Confirmed | Receipt::Acknowledged | Receipt::Deleted | Receipt::Told) => {}
    }
    let finished = next.stage == Stage::Open && next.is_complete();
    if finished {
        next.stage = Stage::Complete;
    }
    let mut decision = Decision::about(next);
    decision.note("effect.done", format!("{} is done: {}.", effect.kind().name(), receipt));
    if finished {
        let reference = decision.journey.reference.clone();
        decision.note(
            "journey.complete",
            format!("Order {reference} is confirmed at the retailer and despatched in the ledger."),
        );
    }
    decision
}

fn add(journey: &mut Journey, line: &LineRef, field: fn(&mut Line) -> &mut Quantity, quantity: Quantity) {
    if let Some(line) = journey.lines.iter_mut().find(|l| l.line == *line) {
        let field = field(line);
        // A sum of quantities that were once one quantity: it cannot overflow.
        *field = field.checked_add(quantity).unwrap_or(*field);
    }
}

/// What a shipment means: one despatch in the ledger for all of it, and a confirmation for each line that it completes.
///
/// A line that left in several parts is confirmed once, with the part that completed it: the retailer's order does not show how
/// much of a line has gone, so a part confirmation without an answer could never be asked about. `confirm_parts` sends parts all
/// the same, as effects that a person answers for: as much of them as is a whole number of the retailer's unit.
pub fn on_shipment(journey: &Journey, shipment: &Shipment, checked: &CheckedShipment, confirm_parts: bool) -> Decision {
    let mut next = journey.clone();
    let mut findings = Vec::new();
    let mut parts: Vec<(LineRef, Quantity)> = Vec::new();
    for shipped in &shipment.lines {
        let Ok(sku) = Sku::parse(&shipped.sku) else {
            findings.push(strange(shipment, &shipped.sku));
            continue;
        };
        let key = sku.key_under(checked.collation);
        let is_it = |line: &Line| line.sku.key_under(checked.collation) == key;
        if !next.lines.iter().any(is_it) {
            findings.push(strange(shipment, &shipped.sku));
            continue;
        }
        // Warehouses ship SKUs: where one stands twice in the order, its lines are filled in their sequence.
        let mut left = shipped.quantity;
        for line in next.lines.iter_mut().filter(|line| is_it(line)) {
            let taken = left.min(line.outstanding());
            if taken.is_positive() {
                line.shipped = line.shipped.checked_add(taken).unwrap_or(line.shipped);
                left = left.above(taken).unwrap_or(Quantity::ZERO);
                push(&mut parts, &line.line, taken);
            }
        }
        if left.is_positive() {
            let sentence = format!(
                "The warehouse shipped {left} of {} more than order {} has outstanding. Ask the warehouse what left, and book the excess by hand.",
                shipped.sku, journey.reference
            );
            findings.push(Finding::new(
                Code::OverShipped,
                Cause::record(RecordKind::Shipment, format!("{}/{}", shipment.key, shipped.sku)),
                sentence,
            ));
        }
    }
    let mut effects = Vec::new();
    if !parts.is_empty() {
        effects.push(despatch(&next, shipment, checked, &parts));
        let confirmation = confirmations(&next, shipment, checked, &parts, confirm_parts);
        // What stops a confirmation stops nothing while a line's first part has none.
        findings.extend(confirmation.iter().filter_map(|planned| planned.parked.clone()));
        effects.extend(confirmation);
    }
    next.shipments.push(ShipmentState {
        key: shipment.key.clone(),
        lines: parts,
    });
    findings.extend(short(&next, shipment));
    let mut decision = Decision::about(next);
    decision.effects = effects;
    decision.note(
        "shipment.accepted",
        format!("Shipment {} of order {} left the warehouse.", shipment.key, journey.reference),
    );
    for finding in &findings {
        decision.note("shipment.found", finding.sentence.clone());
    }
    decision.findings = findings;
    decision
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
        Finding::new(Code::ShortShipped, Cause::order(&journey.reference), sentence)
    })
}

fn strange(shipment: &Shipment, sku: &str) -> Finding {
    let sentence = format!(
        "Shipment {} of order {} holds {sku}, which is not on the order. Ask the warehouse; if it has renamed an item, map its code.",
        shipment.key, shipment.order_number
    );
    let cell = Cell::new(Table::Sku, shipment.warehouse.as_str(), sku);
    Finding::new(Code::WarehouseSkuUnknown, Cause::Cell(cell), sentence)
}

fn despatch(journey: &Journey, shipment: &Shipment, checked: &CheckedShipment, parts: &[(LineRef, Quantity)]) -> Planned {
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
        id: journey.step(&format!("despatch/{}", shipment.key)),
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
    parts: &[(LineRef, Quantity)],
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
        id: journey.step(&format!("confirm/{}", shipment.key)),
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
