//! Intake: what comes in is kept first, then read, checked and decided.
//!
//! A poll of a channel or a warehouse is a feed, held by one worker at a time. Whoever holds it first decides what an earlier
//! holder kept and did not decide, so a crash between the two costs time and nothing else.

mod numbers;
pub mod orders;
pub mod references;
pub mod shipments;
pub mod standing;

use std::sync::Arc;

use tallyman_core::check;
use tallyman_core::fingerprint::ContentHash;
use tallyman_core::ident::Connection;
use tallyman_core::journey::Decision;
use tallyman_core::role::{ReadError, Received};
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::{SubjectKey, Wrapped};
use tallyman_store::tables::messages::{self, Message};
use tallyman_store::{Store, UnitError};

use crate::known::Reference;
use crate::parts::Merchant;
use crate::units::{Home, Known, LookUp, Origin, PlanEffect, Receive, ShownAgain, Undecided, WriteDecision};
use crate::vault::{About, Vault, place};
use crate::worker::Worker;

/// Messages decided in one go.
const DECIDED_AT_ONCE: i64 = 200;
/// Messages kept in one transaction.
const KEPT_AT_ONCE: usize = 100;

/// Why a round of a feed was not finished. It is tried again at the next.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] UnitError),
}

/// Keeps what is new of these records, each sealed under the key of its subject. `subjects` names the journey of each, `made_at` when
/// its source made it.
async fn receive<T>(
    worker: &Worker,
    merchant: &Merchant,
    (connection, kind): (&Connection, Kind),
    (records, subjects): (&[Received<T>], &[String]),
    made_at: fn(&T) -> Timestamp,
) -> Result<u64, UnitError> {
    let parts = &*worker.parts;
    let company = merchant.company.as_str();
    let mut kept = 0;
    for (records, subjects) in records.chunks(KEPT_AT_ONCE).zip(subjects.chunks(KEPT_AT_ONCE)) {
        let named: Vec<(String, String, String)> = records
            .iter()
            .zip(subjects)
            .map(|(record, subject)| (record.key.clone(), ContentHash::of(&record.body).to_string(), subject.clone()))
            .collect();
        let known = parts
            .store
            .read(LookUp {
                connection: connection.clone(),
                company: company.to_owned(),
                records: named.clone(),
            })
            .await?;
        let mut keys = Vec::new();
        let mut messages = Vec::new();
        let mut shown_again = Vec::new();
        let mut drawn = std::collections::BTreeMap::new();
        for (((record, hash, subject), known), received) in named.into_iter().zip(known).zip(records) {
            let key = match known {
                Known::Erased => continue,
                Known::Same { shown } => {
                    if received.shown > shown {
                        shown_again.push(ShownAgain {
                            connection: connection.clone(),
                            record,
                            hash,
                            shown: received.shown,
                        });
                    }
                    continue;
                }
                Known::New(Some(wrapped)) => parts.vault.unwrap(company, &subject, &wrapped)?,
                Known::New(None) => drawn
                    .entry(subject.clone())
                    .or_insert_with(|| {
                        let (key, wrapped) = parts.vault.draw(company, &subject);
                        keys.push((subject.clone(), wrapped));
                        key
                    })
                    .clone(),
            };
            let body = parts
                .vault
                .seal(&key, place("message", &record), &received.body)
                .as_bytes()
                .to_vec();
            messages.push(Message {
                connection: connection.clone(),
                record,
                hash,
                company: merchant.company.clone(),
                kind: kind.name(),
                journey: subject,
                made_at: received.reading.as_ref().ok().map(made_at),
                shown: received.shown,
                body,
            });
        }
        if !messages.is_empty() || !shown_again.is_empty() {
            kept += parts
                .store
                .write(Receive {
                    now: parts.clock.now(),
                    company: company.to_owned(),
                    keys,
                    messages,
                    shown_again,
                })
                .await?;
        }
    }
    Ok(kept)
}

/// How many were decided. One that cannot be must hold up neither the others nor the next poll: it stays undecided, and is said so.
fn decided(outcomes: impl IntoIterator<Item = Result<u32, UnitError>>) -> u32 {
    let mut decided = 0;
    for outcome in outcomes {
        match outcome {
            Ok(count) => decided += count,
            Err(error) => tracing::error!(error = %error, "a message could not be decided: {error}"),
        }
    }
    decided
}

/// What is kept and not decided yet.
async fn undecided(
    worker: &Worker,
    merchant: &Merchant,
    connection: &Connection,
) -> Result<Vec<(messages::Undecided, Wrapped)>, UnitError> {
    let unit = Undecided {
        connection: connection.clone(),
        company: merchant.company.to_string(),
        limit: DECIDED_AT_ONCE,
    };
    worker.parts.store.read(unit).await
}

/// Checks with what is known of this merchant.
pub(crate) fn checked<T>(merchant: &Merchant, reference: &Reference, check: impl FnOnce(&check::Known<'_>) -> T) -> T {
    let facts = reference.facts.clone().unwrap_or_default();
    check(&check::Known {
        mappings: &reference.mappings,
        facts: &facts,
        route: &merchant.route(),
        zone: &merchant.zone,
        suppliers: &merchant.suppliers,
    })
}

/// A decision, and where it is to be written.
pub(crate) struct Decided {
    pub decision: Decision,
    pub home: Home,
    /// The message it was made about, if it was.
    pub message: Option<Origin>,
    /// Kind and normal form.
    pub references: Vec<(&'static str, String)>,
}

/// Who writes a decision down: a worker, or a person beside it.
pub(crate) struct Hand<'a> {
    pub store: &'a Store,
    pub vault: &'a Vault,
    pub now: Timestamp,
    pub actor: &'a str,
}

/// The end of every decision: its effects and its journal lines are sealed under the journey's key, and all is written or nothing.
/// False if another worker decided this message before.
pub(crate) async fn write(
    (worker, _): Of<'_>,
    reference: &Reference,
    key: &SubjectKey,
    mut decided: Decided,
) -> Result<bool, UnitError> {
    let effects = std::mem::take(&mut decided.decision.effects);
    decided.decision.effects = effects.into_iter().map(|planned| worker.lane_of(planned)).collect();
    let hand = Hand {
        store: &worker.parts.store,
        vault: &worker.parts.vault,
        now: worker.parts.clock.now(),
        actor: &worker.name,
    };
    write_by(&hand, reference, key, decided).await
}

pub(crate) async fn write_by(
    hand: &Hand<'_>,
    reference: &Reference,
    key: &SubjectKey,
    decided: Decided,
) -> Result<bool, UnitError> {
    let Decision {
        journey,
        effects,
        findings,
        settles,
        lines,
    } = decided.decision;
    let company = journey.company.to_string();
    let about = About {
        company: &company,
        subject: journey.id.as_str(),
        key,
        at: hand.now,
        actor: hand.actor,
    };
    let sealed = effects.into_iter().map(|planned| {
        let body = serde_json::to_vec(&planned.effect).expect("an effect is always JSON");
        let body = hand.vault.seal(key, place("effect", planned.id.as_str()), &body);
        PlanEffect { planned, body }
    });
    let write = WriteDecision {
        now: hand.now,
        message: decided.message,
        home: decided.home,
        effects: sealed.collect(),
        findings: findings
            .iter()
            .map(|found| hand.vault.kept(about.company, key, found))
            .collect(),
        settles,
        seen: reference.numbers,
        references: decided.references,
        entries: lines
            .iter()
            .map(|(kind, sentence)| hand.vault.entry(&about, kind, sentence))
            .collect(),
        journey: journey.clone(),
    };
    hand.store.write(write).await
}

/// The merchant's systems, shared by the rounds of its feeds.
pub type Of<'a> = (&'a Worker, &'a Arc<Merchant>);
