//! Orders from a channel: polled, kept, read, checked, decided.

use futures_util::future::join_all;
use tallyman_core::cause::Cause;
use tallyman_core::check;
use tallyman_core::document::Order;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::{Decision, Journey, Stage, decide};
use tallyman_core::money::Money;
use tallyman_core::role::{Misread, Received, Unreadable};
use tallyman_core::seam::Point;
use tallyman_core::tally::Kind;
use tallyman_store::UnitError;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::messages::Undecided;

use super::{Decided, Of, RoundError, checked, decided, numbers, receive, references, undecided, write};
use crate::amend;
use crate::known::Reference;
use crate::units::{Home, Origin};
use crate::vault::place;
use crate::wire::Wire;
use crate::worker::LoadJourney;

/// One round: decides what is left over, asks the channel what waits, keeps it, decides it.
pub async fn round((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    decide_all((worker, merchant)).await?;
    let wire = Wire::new(parts, &worker.sessions, &*merchant.channel, None);
    let records = merchant.channel.new_orders(&wire).await?;
    parts.hooks.at(Point::AfterPoll).await;
    take_in((worker, merchant), &records).await
}

/// Keeps what is new of these orders, and decides it.
pub async fn take_in((worker, merchant): Of<'_>, records: &[Received<Order>]) -> Result<(), RoundError> {
    let connection = merchant.channel.connection();
    let subjects: Vec<String> = records
        .iter()
        .map(|record| JourneyId::derive(&merchant.company, connection, &record.key).to_string())
        .collect();
    let source = (connection, Kind::Order);
    if receive(worker, merchant, source, (records, &subjects), |order| order.ordered_at).await? > 0 {
        worker.parts.hooks.at(Point::AfterReceive).await;
        decide_all((worker, merchant)).await?;
    }
    Ok(())
}

/// Decides what is kept and not decided yet; nothing before the ledger has been read once.
pub async fn decide_all((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    loop {
        let reference = worker.references.current(&parts.store, &merchant.company).await?;
        if reference.facts.is_none() {
            // Nothing can be checked before the ledger has been read once; the messages wait.
            return Ok(());
        }
        let messages = undecided(worker, merchant, merchant.channel.connection()).await?;
        if messages.is_empty() {
            return Ok(());
        }
        let decisions = messages
            .into_iter()
            .map(|(message, key)| decide_one((worker, merchant), &reference, message, key));
        let decided = decided(join_all(decisions).await.into_iter().map(|outcome| outcome.map(u32::from)));
        for connector in merchant.connectors() {
            parts.bells.ring(connector.connection());
        }
        parts.hooks.at(Point::AfterDecide).await;
        if decided == 0 {
            return Ok(());
        }
    }
}

async fn decide_one(
    (worker, merchant): Of<'_>,
    reference: &Reference,
    message: Undecided,
    wrapped: Wrapped,
) -> Result<bool, UnitError> {
    let parts = &*worker.parts;
    let company = merchant.company.as_str();
    let key = parts.vault.unwrap(company, &message.journey, &wrapped)?;
    let body = parts
        .vault
        .open(&key, place("message", &message.record), message.body.clone())?;
    let connection = merchant.channel.connection().clone();
    let id = JourneyId::derive(&merchant.company, &connection, &message.record);
    let seen = parts.store.read(LoadJourney { id: id.clone() }).await?;
    let (decision, home, order) = match (merchant.channel.read_order(&body), seen) {
        (Ok(order), Some(seen)) if seen.journey.stage != Stage::Stopped => {
            (sent_again(&order, &seen.journey), Home::Untouched, Some(order))
        }
        (Ok(mut order), seen) => {
            numbers::note((worker, merchant), &mut order).await?;
            let amended = match &seen {
                Some(_) => amend::over((&parts.store, &parts.vault), &key, &order).await?,
                None => order.clone(),
            };
            let decision = decide_order(merchant, reference, &amended);
            let document = serde_json::to_vec(&order).map_err(|error| UnitError::Refused(error.to_string()))?;
            let document = parts.vault.seal(&key, place("journey", id.as_str()), &document);
            // Nothing was written for an order that was stopped: what the retailer has corrected is decided as if it were new.
            let home = match seen {
                None => Home::New { document },
                Some(seen) => Home::Again {
                    version: seen.version,
                    document: Some(document),
                },
            };
            (decision, home, Some(order))
        }
        (Err(unreadable), seen) => (
            unreadable_order(merchant, &message, &unreadable, seen.map(|seen| seen.journey)),
            Home::Untouched,
            None,
        ),
    };
    let decided = Decided {
        decision,
        home,
        message: Some(Origin::of(&connection, message)),
        references: order.as_ref().map(references::of_order).unwrap_or_default(),
    };
    match write((worker, merchant), reference, &key, decided).await {
        // Decided by another worker meanwhile, or to be decided again on what it wrote.
        Err(UnitError::Conflict(_)) => Ok(false),
        other => other,
    }
}

pub(crate) fn decide_order(merchant: &crate::parts::Merchant, reference: &Reference, order: &Order) -> Decision {
    let route = merchant.route();
    if order.test {
        return decide::on_declined(order, "it is marked as a test", &route);
    }
    let mut decision = match checked(merchant, reference, |known| check::order(order, known)) {
        Ok(checked) => decide::on_order(order, &checked, &route),
        Err(findings) => decide::on_stopped(order, findings, &route),
    };
    decision.journey.due_by = merchant.promises.due_by(order);
    decision
}

/// The channel has shown an order again. The same content is no news; other content under the same key is a person's matter.
fn sent_again(order: &Order, journey: &Journey) -> Decision {
    let same = journey.lines.is_empty()
        || (journey.reference == order.reference.as_str()
            && journey.lines.len() == order.lines.len()
            && journey
                .lines
                .iter()
                .zip(&order.lines)
                .all(|(ours, theirs)| ours.line == theirs.line && ours.in_theirs(ours.ordered) == Ok(theirs.quantity)));
    let mut decision = Decision::about(journey.clone());
    if !same {
        let sentence = format!(
            "Order {} came again with other content: {}. Ask the retailer which is right; nothing was changed.",
            journey.reference,
            differences(order, journey).join("; ")
        );
        decision.lines.push(("order.changed", sentence.clone()));
        decision.findings.push(Finding::new(
            Code::ReferenceReused,
            Cause::order(&journey.reference),
            sentence,
        ));
    }
    decision
}

/// What is not as it first came. A person decides about just that: what comes next with something else is another matter.
fn differences(order: &Order, journey: &Journey) -> Vec<String> {
    let mut found = Vec::new();
    if journey.reference != order.reference.as_str() {
        found.push(format!(
            "its number was {} and is {}",
            journey.reference,
            order.reference.as_str()
        ));
    }
    for ours in &journey.lines {
        let (line, was) = (&ours.line, ours.in_theirs(ours.ordered));
        match order.lines.iter().find(|theirs| theirs.line == *line) {
            None => found.push(format!("line {line} ({}) is gone", ours.sku)),
            Some(theirs) if was != Ok(theirs.quantity) => {
                let was = was.map_or_else(|_| ours.ordered.to_string(), |was| was.to_string());
                found.push(format!("line {line} ({}) was {was} and is {}", ours.sku, theirs.quantity));
            }
            Some(_) => {}
        }
    }
    for theirs in &order.lines {
        if journey.lines.iter().all(|ours| ours.line != theirs.line) {
            found.push(format!(
                "line {} ({}) is new, {} of it",
                theirs.line, theirs.sku, theirs.quantity
            ));
        }
    }
    if found.is_empty() {
        found.push("its lines stand in another order".into());
    }
    found
}

fn unreadable_order(
    merchant: &crate::parts::Merchant,
    message: &Undecided,
    unreadable: &Unreadable,
    journey: Option<Journey>,
) -> Decision {
    let id = JourneyId::derive(&merchant.company, merchant.channel.connection(), &message.record);
    let journey = journey.unwrap_or_else(|| Journey {
        id,
        company: merchant.company.clone(),
        route: merchant.route(),
        source_key: message.record.clone(),
        reference: message.record.clone(),
        stage: Stage::Stopped,
        lines: Vec::new(),
        draft_id: None,
        ledger_order: None,
        release_id: None,
        shipments: Vec::new(),
        net: Money::ZERO,
        due_by: None,
    });
    let sentence = format!("An order could not be read: {unreadable}. Ask the retailer to correct it.");
    let code = match unreadable.what {
        Misread::Shape => Code::Unreadable,
        Misread::Date => Code::DateInexpressible,
    };
    Decision {
        journey,
        effects: Vec::new(),
        findings: vec![Finding::new(
            code,
            Cause::field(merchant.channel.connection().as_str(), on_any_line(&unreadable.field)),
            sentence.clone(),
        )],
        settles: Vec::new(),
        lines: vec![("order.unreadable", sentence)],
    }
}

/// The same field on whichever line it stands: `items[3].quantity` is `items[].quantity`.
fn on_any_line(field: &str) -> String {
    let mut outside = true;
    let kept = field.chars().filter(|c| match c {
        '[' => std::mem::replace(&mut outside, false),
        ']' => {
            outside = true;
            true
        }
        _ => outside,
    });
    kept.collect()
}
