//! What was said in each attempt at an order's writes: sent and answered, with secrets and persons masked, and the difference to the
//! attempt before.
//!
//! Masks come off for a person who says why, for ten minutes, and only after the journal has their line: whoever looks leaves a trace
//! before there is anything to see. For somebody who may not know whom an order is for ([`Sight`]) they never come off. Secrets are shown to
//! nobody: they are not kept in the first place, and masked if a body repeats one.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use tallyman_core::access::{Actor, Permit, Right};
use tallyman_core::diff::{self, Mark};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::redact::{Instead, Redactor};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Change, Seek};
use tallyman_store::tables::captures::{self, Exchange};
use tallyman_store::tables::{attempts, effects, journeys};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::leave;
use crate::sight::{Persons, Sight, knowing_parcels};
use crate::story::{parcels, phrase};
use crate::vault::{About, Entry, Vault, place};

/// Attempts of one order that are shown: the last.
const SHOWN_MAX: usize = 100;
/// For how long one's own word lets one see what is masked.
pub const UNMASKED_FOR: Duration = Duration::from_secs(600);
/// The longest reason.
pub const REASON_CHARS_MAX: usize = 500;
/// What the journal calls it.
const UNMASKED: &str = "exchange.unmasked";
/// Rows deleted in one unit.
const FORGOTTEN_AT_ONCE: i64 = 500;

/// One attempt, and what was said in it.
#[derive(Debug, Clone)]
pub struct Attempted {
    pub effect: String,
    /// For people: `despatch in the ledger`.
    pub what: &'static str,
    pub connection: String,
    /// `look`, `send` or `probe`.
    pub by: String,
    pub outcome: String,
    pub at: Timestamp,
    /// None where nothing was kept.
    pub calls: Vec<Said>,
    /// Against the attempt at the same write before it, line by line; none for the first.
    pub difference: Option<Vec<(Mark, String)>>,
}

/// One call and its answer.
#[derive(Debug, Clone)]
pub struct Said {
    pub at: Timestamp,
    /// Method and path.
    pub request: String,
    pub body: String,
    /// None: no answer came.
    pub status: Option<u16>,
    pub answer: String,
}

impl Said {
    fn text(&self) -> String {
        let status = self
            .status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        format!("{}\n{}\n{status}\n{}", self.request, self.body, self.answer)
    }
}

/// As the wire keeps it.
#[derive(Deserialize)]
struct Evidence {
    at: i64,
    request: String,
    body: String,
    status: Option<u16>,
    answer: String,
}

/// What somebody is shown.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The newest first.
    pub attempts: Vec<Attempted>,
    /// Until when they see it unmasked; none while it is masked.
    pub unmasked_until: Option<Timestamp>,
}

struct Load {
    journey: String,
    actor: Actor,
}

struct Loaded {
    company: String,
    sight: Sight,
    persons: Persons,
    effects: Vec<effects::Stored>,
    exchanges: Vec<Exchange>,
    key: keys::KeyState,
}

impl Unit for Load {
    type Output = Option<Loaded>;
    const NAME: &'static str = "load_exchanges";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Loaded>, UnitError> {
        let id = Fingerprint::parse(&self.journey).map_err(|error| UnitError::Refused(error.to_string()))?;
        let id = JourneyId::from_fingerprint(id);
        let Some(stored) = journeys::load(tx, &id).await? else {
            return Ok(None);
        };
        let company = stored.journey.company.to_string();
        let Ok(sight) = Sight::of(&self.actor, &company) else {
            return Ok(None);
        };
        let most = i64::try_from(SHOWN_MAX).unwrap_or(i64::MAX);
        let mut exchanges = attempts::exchanges(tx, &self.journey, 10 * most).await?;
        exchanges.extend(captures::of_journey(tx, &self.journey, most).await?);
        exchanges.sort_by(|a, b| a.at.cmp(&b.at).then(a.effect.cmp(&b.effect)));
        // An attempt that found it done has a row of its own, and what was said beside it.
        exchanges.dedup_by(|later, earlier| {
            let same = later.at == earlier.at && later.effect == earlier.effect && earlier.sealed.is_none();
            if same {
                earlier.sealed = later.sealed.take();
            }
            same
        });
        Ok(Some(Loaded {
            sight,
            persons: Persons::load(tx, &id).await?,
            effects: effects::of_journey(tx, &self.journey).await?,
            exchanges,
            key: keys::load(tx, &company, &self.journey).await?,
            company,
        }))
    }
}

/// What was said in each attempt at an order, as far as this actor may see it; none where there is no such order for them. Of an erased one
/// nothing was left.
pub async fn of(store: &Store, vault: &Vault, actor: &Actor, journey: &str, now: Timestamp) -> Result<Option<Shown>, UnitError> {
    let journey = journey.to_owned();
    let load = Load {
        journey: journey.clone(),
        actor: actor.clone(),
    };
    let Some(loaded) = store.read(load).await? else {
        return Ok(None);
    };
    let company = loaded.company.as_str();
    let unmasked_until = match (loaded.sight, actor.may(Right::Unmask, company, None)) {
        (Sight::Open, Ok(permit)) => unmasked_until(store, (company, permit.actor()), &journey, now).await?,
        (Sight::Open | Sight::Masked, _) => None,
    };
    let keys::KeyState::Held(wrapped) = &loaded.key else {
        return Ok(Some(Shown::default()));
    };
    let key = vault.unwrap(company, &journey, wrapped)?;
    let instead = unmasked_until.map_or(Instead::Mask, |_| Instead::Nothing);
    let mut redactor = loaded.persons.redactor((vault, &key), &journey, instead)?;
    if loaded.sight == Sight::Masked {
        redactor = knowing_parcels(redactor, &parcels(vault, &key, &loaded.effects)?);
    }
    let names: BTreeMap<&str, (&'static str, &str)> = loaded
        .effects
        .iter()
        .map(|effect| (effect.id.as_str(), (phrase(&effect.name), effect.connection.as_str())))
        .collect();
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    for exchange in loaded.exchanges {
        let calls = match exchange.sealed {
            Some(sealed) => said(&redactor, &vault.open(&key, place("attempt", &exchange.effect), sealed)?),
            None => Vec::new(),
        };
        let text: Vec<String> = calls.iter().map(Said::text).collect();
        let text = text.join("\n");
        let earlier = if text.is_empty() {
            None
        } else {
            before.insert(exchange.effect.clone(), text.clone())
        };
        let difference = earlier.map(|earlier| {
            let lines = diff::lines(&earlier, &text);
            lines.into_iter().map(|(mark, line)| (mark, line.to_owned())).collect()
        });
        let (what, connection) = names.get(exchange.effect.as_str()).copied().unwrap_or(("effect", ""));
        found.push(Attempted {
            what,
            connection: connection.to_owned(),
            effect: exchange.effect,
            by: exchange.what,
            outcome: exchange.outcome,
            at: exchange.at,
            calls,
            difference,
        });
    }
    found.reverse();
    found.truncate(SHOWN_MAX);
    Ok(Some(Shown {
        attempts: found,
        unmasked_until,
    }))
}

fn said(redactor: &Redactor, evidence: &[u8]) -> Vec<Said> {
    let kept: Vec<Evidence> = serde_json::from_slice(evidence).unwrap_or_default();
    kept.into_iter()
        .map(|kept| Said {
            at: Timestamp::from_micros(kept.at),
            request: redactor.text(&kept.request),
            body: redactor.body(&kept.body),
            status: kept.status,
            answer: redactor.body(&kept.answer),
        })
        .collect()
}

/// Why it stays masked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("Say why you need to see it: the journal keeps that with your name.")]
    NoReason,
    #[error("The reason is too long: {REASON_CHARS_MAX} characters are the most.")]
    LongReason,
    #[error("Nothing was kept of this order here, or it was erased: there is nothing to unmask.")]
    Nothing,
    #[error(transparent)]
    Store(#[from] UnitError),
}

/// Writes down that somebody looks, and why: under the order's own key, since a reason may name whom it is about. From then on they may, for
/// [`UNMASKED_FOR`].
pub async fn unmask(
    (store, vault): (&Store, &Vault),
    permit: &Permit,
    journey: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), Refused> {
    let company = permit.company();
    leave::is_for(permit, Right::Unmask, company)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refused::NoReason);
    }
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(Refused::LongReason);
    }
    let load = LoadKey {
        company: company.to_owned(),
        journey: journey.to_owned(),
    };
    let keys::KeyState::Held(wrapped) = store.read(load).await? else {
        return Err(Refused::Nothing);
    };
    let key = vault.unwrap(company, journey, &wrapped)?;
    let about = About {
        company,
        subject: journey,
        key: &key,
        at: now,
        actor: permit.actor(),
    };
    let sentence = format!("Looked at what was sent and answered, unmasked. {reason}");
    let after = format!("unmasked for them until {}", now.plus(UNMASKED_FOR));
    let entry = vault.act(&about, UNMASKED, &sentence, Change::to("masked", &after));
    Ok(store.write(Unmask { entry }).await?)
}

struct LoadKey {
    company: String,
    journey: String,
}

impl Unit for LoadKey {
    type Output = keys::KeyState;
    const NAME: &'static str = "key_to_unmask";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<keys::KeyState, UnitError> {
        keys::load(tx, &self.company, &self.journey).await
    }
}

struct Unmask {
    entry: Entry,
}

impl Unit for Unmask {
    type Output = ();
    const NAME: &'static str = "unmask_exchanges";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        self.entry.write(tx).await
    }
}

/// Until when this person sees it unmasked; none where they have not said why, or too long ago.
async fn unmasked_until(
    store: &Store,
    (company, actor): (&str, &str),
    journey: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, UnitError> {
    let unit = LastWord {
        company: company.to_owned(),
        actor: actor.to_owned(),
        journey: journey.to_owned(),
    };
    let until = store.read(unit).await?.map(|at| at.plus(UNMASKED_FOR));
    Ok(until.filter(|until| *until > now))
}

struct LastWord {
    company: String,
    actor: String,
    journey: String,
}

impl Unit for LastWord {
    type Output = Option<Timestamp>;
    const NAME: &'static str = "last_word_about_unmasking";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Timestamp>, UnitError> {
        const LINES: i64 = 200;
        let all = Timestamp::ZERO..Timestamp::MAX;
        let lines = journal::page(tx, &self.company, &Seek::Subject(self.journey.clone()), &all, None, LINES).await?;
        let own = lines
            .into_iter()
            .find(|line| line.kind == UNMASKED && line.actor == self.actor);
        Ok(own.map(|line| line.at))
    }
}

/// Deletes what was kept of writes that succeeded longer ago than that, in bounded units.
pub async fn forget(store: &Store, company: &str, before: Timestamp) -> Result<(), UnitError> {
    loop {
        let unit = Forget {
            company: company.to_owned(),
            before,
        };
        if !store.write(unit).await? {
            return Ok(());
        }
    }
}

struct Forget {
    company: String,
    before: Timestamp,
}

impl Unit for Forget {
    type Output = bool;
    const NAME: &'static str = "forget_exchanges";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let gone = captures::forget(tx, &self.company, self.before, FORGOTTEN_AT_ONCE).await?;
        Ok(i64::try_from(gone).is_ok_and(|gone| gone >= FORGOTTEN_AT_ONCE))
    }
}
