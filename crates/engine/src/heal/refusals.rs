//! Refused writes go on by themselves when the ledger says that what they were refused for is gone.
//!
//! A reconciler: every few minutes the ledger is asked once for each cause that it can be asked about ([`Hindrance`]), however many
//! records that stops. When it no longer stands in the way, everything under the card goes again as on a person's word, a page at a
//! time: what looks before it sends looks first, and its lane keeps its order.
//!
//! Not here: a refusal whose cause nobody can be asked about, and a write that may have landed. Both wait for a person's word
//! ([`crate::answer`]).

use std::collections::BTreeMap;

use tallyman_core::effect::State;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::hindrance::{CODES, Hindrance};
use tallyman_core::role::ReadError;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::refusals::{self, ToAsk};
use tallyman_store::tables::{effects, exceptions, words};
use tallyman_store::{Tx, Unit, UnitError, keys};

use super::{Members, Records};
use crate::answer::{goes_again, is_answered_for, may_have_landed};
use crate::intake::{Of, RoundError};
use crate::vault::{About, Entry};
use crate::wire::Wire;

/// Cards of one code asked about in one round: each costs a call or two, and together they must stay far below a minute's limit.
const ASKED_MAX: i64 = 20;
/// Who did it, in the journal.
const ACTOR: &str = "tallyman";

/// One round: the cards that were asked about the longest time ago.
pub async fn round((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    let now = parts.clock.now();
    let due = Due {
        company: merchant.company.to_string(),
        before: now.minus(parts.pace.refusals_every / 2),
    };
    let wire = Wire::new(parts, &worker.sessions, &*merchant.ledger, None);
    let mut asked = BTreeMap::new();
    for card in parts.store.read(due).await? {
        if let Some(hindrance) = Hindrance::of(card.code, &card.cause, merchant.ledger.connection()) {
            let hinders = match asked.get(&hindrance) {
                Some(known) => *known,
                None => match merchant.ledger.hinders(&wire, &hindrance).await {
                    Ok(hinders) => hinders,
                    // About this one only: it stands, as far as anybody knows.
                    Err(error @ (ReadError::Refused(_) | ReadError::Unreadable(_))) => {
                        tracing::warn!(code = %card.code, cause = %card.cause, error = %error, "whether {} still stands cannot be told: {error}", card.code);
                        true
                    }
                    Err(error) => return Err(error.into()),
                },
            };
            if !hinders {
                tracing::info!(code = %card.code, cause = %card.cause, "{hindrance}: what {} stops goes again", card.code);
                go_on((worker, merchant), &card, &hindrance).await?;
            }
            asked.insert(hindrance, hinders);
        }
        parts.store.write(Asked { card: card.card, now }).await?;
    }
    Ok(())
}

/// Everything under a card goes again; where a first record tries the fix in earnest, the others follow when that one has proved it.
async fn go_on((worker, merchant): Of<'_>, card: &ToAsk, hindrance: &Hindrance) -> Result<(), UnitError> {
    let parts = &*worker.parts;
    let mut only = None;
    if !card.first.is_empty() {
        let records = Records {
            card: card.card.clone(),
            journey: card.first.clone(),
        };
        let stands = parts.store.read(records).await?;
        let stands = |name: &str| stands.iter().any(|(_, stand)| stand == name);
        if stands("stopped") {
            only = Some(card.first.as_str());
        } else if stands("proving") {
            return Ok(());
        } else {
            parts.store.write(Followed { card: card.card.clone() }).await?;
        }
    }
    let (mut journey, mut effect) = (String::new(), String::new());
    loop {
        let page = Members {
            card: card.card.clone(),
            after: (journey, effect),
        };
        let page = parts.store.read(page).await?;
        let Some(last) = page.last().cloned() else {
            return Ok(());
        };
        let mut members = page;
        members.retain(|(journey, effect)| !effect.is_empty() && only.is_none_or(|only| only == journey));
        again((worker, merchant), members, hindrance).await?;
        (journey, effect) = last;
    }
}

/// One page, in one transaction.
async fn again((worker, merchant): Of<'_>, members: Vec<(String, String)>, hindrance: &Hindrance) -> Result<(), UnitError> {
    let parts = &*worker.parts;
    let company = merchant.company.as_str();
    let refused = Refused {
        company: company.to_owned(),
        members,
    };
    let now = parts.clock.now();
    let mut page = Vec::new();
    for (effect, wrapped) in parts.store.read(refused).await? {
        let key = parts.vault.unwrap(company, &effect.journey, &wrapped)?;
        let about = About {
            company,
            subject: &effect.journey,
            key: &key,
            at: now,
            actor: ACTOR,
        };
        let sentence = format!("{} goes again: {hindrance}.", effect.name);
        let entry = parts.vault.entry(&about, "effect.freed", &sentence);
        page.push((effect, entry));
    }
    if page.is_empty() {
        return Ok(());
    }
    parts.store.write(Free { page, now }).await?;
    for connector in merchant.connectors() {
        parts.bells.ring(connector.connection());
    }
    Ok(())
}

struct Due {
    company: String,
    before: Timestamp,
}

impl Unit for Due {
    type Output = Vec<ToAsk>;
    const NAME: &'static str = "refusals_to_ask_about";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut due = Vec::new();
        for code in CODES {
            due.extend(refusals::to_ask(tx, &self.company, code, self.before, ASKED_MAX).await?);
        }
        Ok(due)
    }
}

struct Asked {
    card: String,
    now: Timestamp,
}

impl Unit for Asked {
    type Output = ();
    const NAME: &'static str = "refusal_was_asked_about";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        refusals::asked(tx, &self.card, self.now).await
    }
}

/// The first record has proved that it went on.
struct Followed {
    card: String,
}

impl Unit for Followed {
    type Output = ();
    const NAME: &'static str = "first_refusal_was_followed";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        exceptions::set_first(tx, &self.card, "").await.map(drop)
    }
}

/// Which of these writes stand still and were refused, with their keys. One that may have landed under another card is not among them.
struct Refused {
    company: String,
    members: Vec<(String, String)>,
}

impl Unit for Refused {
    type Output = Vec<(effects::Stored, Wrapped)>;
    const NAME: &'static str = "refused_writes";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut refused = Vec::new();
        for (journey, effect) in &self.members {
            let Ok(id) = Fingerprint::parse(effect) else { continue };
            let Some(stored) = effects::load(tx, &id).await?.filter(|stored| stored.state == State::Parked) else {
                continue;
            };
            let under = exceptions::cards_of(tx, journey, effect).await?;
            let is_refused = |code: &str| is_answered_for(code) && Code::named(code).is_some_and(|code| !may_have_landed(code));
            if !under.iter().all(|(_, code)| is_refused(code)) {
                continue;
            }
            if let keys::KeyState::Held(key) = keys::load(tx, &self.company, journey).await? {
                refused.push((stored, key));
            }
        }
        Ok(refused)
    }
}

/// What somebody has moved meanwhile is left to them.
struct Free {
    page: Vec<(effects::Stored, Entry)>,
    now: Timestamp,
}

impl Unit for Free {
    type Output = ();
    const NAME: &'static str = "free_refused_writes";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for (seen, entry) in &self.page {
            let stands = effects::load(tx, &seen.id)
                .await?
                .is_some_and(|stored| stored.state == State::Parked && stored.updated_at == seen.updated_at);
            if stands {
                words::forget(tx, &seen.id).await?;
                goes_again(tx, seen, self.now).await?;
                entry.write(tx).await?;
            }
        }
        Ok(())
    }
}
