//! One attempt at an alert: said by its route, and recorded. It belongs to no order, so there is nothing to look for and nothing to move.

use std::sync::Arc;
use std::time::Duration;

use tallyman_core::alert::delivery;
use tallyman_core::effect::state::{RETRY_AFTER_MAX, Task};
use tallyman_core::effect::{Effect, Obstacle, Receipt, Set, State, Verdict};
use tallyman_core::ident::Connection;
use tallyman_core::seam::Point;
use tallyman_store::UnitError;
use tallyman_store::tables::attempts::Attempt;
use tallyman_store::tables::exceptions::Kept;

use crate::parts::Merchant;
use crate::traces;
use crate::units::{Claimed, RecordTold};
use crate::vault::place;
use crate::wire::Wire;
use crate::worker::Worker;

/// How long a route that cannot be reached is left alone.
const DOWN: Duration = Duration::from_secs(10);

/// Says it once and records what came of it.
pub async fn run(worker: &Worker, merchant: &Arc<Merchant>, connection: &Connection, claimed: &Claimed) -> Result<(), UnitError> {
    let parts = &*worker.parts;
    let (stored, company) = (&claimed.effect, merchant.company.as_str());
    let (Task::Send, State::Sending { tries }) = (&claimed.task, &stored.state) else {
        return Ok(());
    };
    let key = parts.vault.unwrap(company, &stored.journey, &claimed.key)?;
    let place = place("effect", stored.id.as_str());
    let body = parts.vault.open(&key, place, stored.body.clone())?;
    let Ok(Effect::Set(Set::Alert(message))) = serde_json::from_slice(&body) else {
        return Err(UnitError::Refused(format!(
            "effect {} is not an alert that can be read",
            stored.id
        )));
    };
    let notifier = merchant
        .notifier(connection)
        .ok_or_else(|| UnitError::Refused(format!("route {connection} is not configured")))?;
    let wire = Wire::new(parts, &worker.sessions, &**notifier, Some(claimed.lease_until)).to_a_route();
    let began = parts.clock.now();
    let verdict = notifier.tell(&wire, &stored.id, &message).await;
    parts.hooks.at(Point::AfterAnswer).await;
    let now = parts.clock.now();
    let (state, finding) = delivery::after_send(&stored.id, connection, *tries, &verdict, now);
    let (outcome, words) = match &verdict {
        Verdict::Done(_) => ("done", ""),
        Verdict::Refused(refused) => ("refused", refused.sentence.as_str()),
        Verdict::Unknown(doubt) => ("unknown", doubt.words()),
        Verdict::NotDone { why, .. } => ("put off", why.as_str()),
    };
    traces::came_to(&tracing::Span::current(), outcome);
    let attempt = (state != State::Done).then(|| Attempt {
        at: began,
        what: "send",
        outcome,
        words: Some(parts.vault.seal_words(&key, &stored.id, words)),
        exchange: wire.evidence().map(|evidence| {
            let place = crate::vault::place("attempt", stored.id.as_str());
            parts.vault.seal(&key, place, &evidence)
        }),
    });
    if let Some(finding) = &finding {
        tracing::warn!(effect.id = %stored.id, route = %connection, "route {connection} does not take alerts: {}", finding.code);
    }
    let pause = match &verdict {
        Verdict::NotDone {
            retry_after,
            obstacle: obstacle @ (Obstacle::Down | Obstacle::SignedOut(_) | Obstacle::Throttled),
            ..
        } => Some((now.plus(retry_after.unwrap_or(DOWN).min(RETRY_AFTER_MAX)), *obstacle)),
        Verdict::Done(_) | Verdict::Refused(_) | Verdict::Unknown(_) | Verdict::NotDone { .. } => None,
    };
    let record = RecordTold {
        connection: connection.to_string(),
        company: company.to_owned(),
        subject: claimed.subject.clone(),
        token: claimed.token,
        effect: stored.id,
        place: stored.place,
        receipt: (state == State::Done).then_some(Receipt::Told),
        state,
        record: format!("alerts by {connection}"),
        // The words of a mail server are sealed with the attempt; its card says what there is to do.
        finding: finding.map(|finding| Kept::without_sentence(finding.code, finding.cause)),
        attempt,
        pause,
        now,
    };
    parts.store.write(record).await?;
    parts.hooks.at(Point::AfterOutcome).await;
    Ok(())
}
