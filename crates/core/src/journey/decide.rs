//! What an order, a receipt and a shipment mean for a journey. Pure: the same inputs give the same decision.

mod shipment;

use super::{Decision, Journey, LedgerOrderKey, Line, Route, Stage};
use crate::check::CheckedOrder;
use crate::document::{LineRef, Order};
use crate::effect::{DraftThenConfirm, Effect, LineKey, Person, Planned, Receipt, RefusedTwice, TaggedAppend};
use crate::finding::Finding;
use crate::money::Money;
use crate::quantity::Quantity;

pub use shipment::{on_confirmation_again, on_shipment, on_shipment_again};

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
        (
            _,
            Receipt::Despatch
            | Receipt::Confirmed
            | Receipt::Acknowledged
            | Receipt::Deleted
            | Receipt::Amended { .. }
            | Receipt::Told,
        ) => {}
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
