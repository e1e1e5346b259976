//! The draft sweep: drafts in the ledger that carry our tag and are not the one we recorded are deleted.
//!
//! A draft whose answer was lost is harmless, because only a recorded draft is ever confirmed; but it must not stay. The sweep
//! takes no input: it compares what is there with what is known. A draft of an effect that is still being asked about is left
//! alone, because it may yet become the recorded one. A deletion that the ledger refuses has a card (`left_behind`) until the draft is
//! gone.

use std::collections::BTreeSet;

use tallyman_core::effect::{Effect, Lane, Planned, Receipt, Set, State};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::role::TaggedDraft;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::{effects, exceptions, journeys};
use tallyman_store::{Tx, Unit, UnitError, keys};

use crate::answer::goes_again;
use crate::intake::{Of, RoundError};
use crate::units::{Home, PlanEffect, WriteDecision};
use crate::vault::{About, place};
use crate::wire::Wire;

/// Refused deletions that are looked at in one round.
const LEFT_BEHIND_MAX: i64 = 400;

/// One round: plans a deletion for each draft that was left behind.
pub async fn round((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    let connection = merchant.ledger.connection();
    let wire = Wire::new(parts, &worker.sessions, &*merchant.ledger, None);
    let drafts = merchant.ledger.tagged_drafts(&wire).await?;
    let again = GoneByHand {
        company: merchant.company.to_string(),
        there: drafts.iter().map(|draft| subject(draft.id)).collect(),
        now: parts.clock.now(),
    };
    if parts.store.write(again).await? > 0 {
        parts.bells.ring(connection);
    }
    if drafts.is_empty() {
        return Ok(());
    }
    let company = merchant.company.to_string();
    for (draft, journey, wrapped) in parts
        .store
        .read(Orphans {
            company: company.clone(),
            drafts,
        })
        .await?
    {
        let key = parts.vault.unwrap(&company, journey.journey.id.as_str(), &wrapped)?;
        let planned = Planned {
            id: Fingerprint::derive(&company, &format!("{connection}/draft/{}", draft.id), "delete"),
            lane: Lane {
                connection: connection.clone(),
                subject: subject(draft.id),
            },
            after: Vec::new(),
            effect: Effect::Set(Set::DeleteDraft { id: draft.id }),
            parked: None,
            supersedes: None,
        };
        let body = serde_json::to_vec(&planned.effect).expect("an effect is always JSON");
        let body = parts.vault.seal(&key, place("effect", planned.id.as_str()), &body);
        let now = parts.clock.now();
        let sentence = format!(
            "Draft {} was left behind by an attempt without an answer, and is deleted.",
            draft.id
        );
        let about = About {
            company: &company,
            subject: journey.journey.id.as_str(),
            key: &key,
            at: now,
            actor: &worker.name,
        };
        let entry = parts.vault.entry(&about, "draft.swept", &sentence);
        let write = WriteDecision {
            now,
            message: None,
            journey: journey.journey,
            home: Home::Untouched,
            effects: vec![PlanEffect { planned, body }],
            settles: Vec::new(),
            findings: Vec::new(),
            seen: exceptions::SEEN_ALL,
            references: Vec::new(),
            entries: vec![entry],
        };
        parts.store.write(write).await?;
    }
    parts.bells.ring(connection);
    Ok(())
}

/// Which of these drafts were left behind, with their journeys and keys.
struct Orphans {
    company: String,
    drafts: Vec<TaggedDraft>,
}

impl Unit for Orphans {
    type Output = Vec<(TaggedDraft, journeys::Stored, Wrapped)>;
    const NAME: &'static str = "orphan_drafts";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut orphans = Vec::new();
        for draft in &self.drafts {
            // Tags of other installations are not ours to judge.
            let Some(effect) = effects::load(tx, &draft.tag).await? else {
                continue;
            };
            let recorded = match (&effect.state, &effect.receipt) {
                (State::Done, Some(Receipt::Draft { id })) => Some(*id),
                // It was refused or is in dispute: whatever comes of that, it begins with a new look and a new draft. Or it was withdrawn
                // with an order that is not carried out.
                (State::Parked | State::Withdrawn { .. }, None) => None,
                _ => continue,
            };
            if recorded == Some(draft.id) {
                continue;
            }
            let planned = Fingerprint::derive(&self.company, &draft_key(&effect, draft), "delete");
            if effects::load(tx, &planned).await?.is_some() {
                continue;
            }
            let id = Fingerprint::parse(&effect.journey).map_err(|error| UnitError::Refused(error.to_string()))?;
            let journey = journeys::load(tx, &JourneyId::from_fingerprint(id)).await?;
            let key = keys::load(tx, &self.company, &effect.journey).await?;
            if let (Some(journey), keys::KeyState::Held(key)) = (journey, key) {
                orphans.push((draft.clone(), journey, key));
            }
        }
        Ok(orphans)
    }
}

/// What the lane of a deletion is named after.
fn subject(draft: i64) -> String {
    format!("draft/{draft}")
}

/// Deletions that the ledger refused, and whose drafts are not there any more: each is made once more, and finds that nothing is left to
/// do. That is its proof, and its card goes. Gives how many.
struct GoneByHand {
    company: String,
    there: BTreeSet<String>,
    now: Timestamp,
}

impl Unit for GoneByHand {
    type Output = u64;
    const NAME: &'static str = "drafts_gone_by_hand";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        let mut gone = 0;
        for (_, effect) in exceptions::members_under(tx, &self.company, Code::LeftBehind, LEFT_BEHIND_MAX).await? {
            let Ok(id) = Fingerprint::parse(&effect) else { continue };
            let parked = effects::load(tx, &id).await?.filter(|effect| effect.state == State::Parked);
            if let Some(effect) = parked.filter(|effect| !self.there.contains(&effect.subject)) {
                goes_again(tx, &effect, self.now).await?;
                gone += 1;
            }
        }
        Ok(gone)
    }
}

fn draft_key(effect: &effects::Stored, draft: &TaggedDraft) -> String {
    format!("{}/draft/{}", effect.connection, draft.id)
}
