//! What a decision comes to for one record. Nothing is written here.

use tallyman_core::effect::{Agreed, Effect, Kind, Lane, Planned, Set, State};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::Company;
use tallyman_core::journey::{Journey, Stage};
use tallyman_core::money::Money;
use tallyman_core::ruling::{self, Ruling, Word};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::seal::SubjectKey;
use tallyman_store::tables::cards::Stored;
use tallyman_store::tables::rulings;
use tallyman_store::{Store, UnitError};

use super::Decide;
use super::look::Found;
use crate::cards::journey_id;
use crate::lineage;
use crate::units::PlanEffect;
use crate::vault::{About, Entry, Vault, place};

/// A record as it was seen, and what becomes of it.
pub(super) struct Prepared {
    pub(super) journey: String,
    pub(super) reference: String,
    pub(super) record: String,
    pub(super) since: Timestamp,
    pub(super) ruling: rulings::Stored,
    pub(super) does: Does,
    pub(super) entries: Vec<Entry>,
}

impl Prepared {
    pub(super) fn is_keyless(&self) -> bool {
        self.ruling.reason.is_none()
    }
}

pub(super) enum Does {
    /// A first person has said it.
    Waits,
    /// It goes off its card: this is the proof.
    Leaves { proof: String },
    /// The same, and what stands still is not sent.
    Withdraws { effect: Fingerprint, proof: String },
    /// The order ends, with all that was planned of it. Without a version it begins with that, since it could never be read.
    Declines {
        journey: Box<Journey>,
        version: Option<i64>,
        withdraw: Vec<Fingerprint>,
        proof: String,
    },
    /// It goes off its card when the ledger has this.
    Amends { journey: Box<Journey>, plan: Box<PlanEffect> },
}

fn refused<T>(why: String) -> Result<T, UnitError> {
    Err(UnitError::Refused(why))
}

pub(super) async fn prepare(
    (store, vault): (&Store, &Vault),
    wanted: &Decide<'_>,
    card: &Stored,
    found: &Found,
) -> Result<Prepared, UnitError> {
    let (said, company) = (wanted.said, card.company.as_str());
    let key = found
        .key
        .as_ref()
        .map(|key| vault.unwrap(company, &found.journey, key))
        .transpose()?;
    let (first, counts) = witnessed(wanted, card, found)?;
    let second = if first.is_some() { wanted.permit.actor() } else { "" };
    let people = first
        .clone()
        .map_or_else(|| wanted.permit.actor().to_owned(), |first| format!("{first} and {second}"));
    let document = said.document();
    let named = if document.is_empty() {
        String::new()
    } else {
        format!(", document {document}")
    };
    let proof = format!("{} by {people}{named}", said.ruling.done());
    let does = if counts {
        does((store, vault), wanted, (card, found), key.as_ref(), proof).await?
    } else {
        // Whether it may be is said to the first person, and not to the second.
        does((store, vault), wanted, (card, found), key.as_ref(), proof).await?;
        Does::Waits
    };
    let name = format!("{}/{}", found.journey, found.record);
    let stored = rulings::Stored {
        mark: found.mark.clone(),
        ruling: said.ruling.name().to_owned(),
        document,
        first_by: first.unwrap_or_else(|| wanted.permit.actor().to_owned()),
        second_by: second.to_owned(),
        // That an order is declined, its own stage says: decided anew, it may stop for the same reason.
        counts: counts && said.ruling != Ruling::Declined,
        effect: match &does {
            Does::Amends { plan, .. } => plan.planned.id.to_string(),
            Does::Waits | Does::Leaves { .. } | Does::Withdraws { .. } | Does::Declines { .. } => String::new(),
        },
        at: wanted.now,
        reason: key.as_ref().map(|key| {
            vault
                .seal(key, place("ruling", &name), said.reason.as_bytes())
                .as_bytes()
                .to_vec()
        }),
    };
    let entries = key.as_ref().map(|key| {
        let about = About {
            company,
            subject: &found.journey,
            key,
            at: wanted.now,
            actor: wanted.permit.actor(),
        };
        let (kind, sentence) = told(wanted, card, found, (&people, &named, &does));
        let (before, after) = (found.before.as_ref().map(in_words), in_words(&stored));
        let change = Change {
            before: before.as_deref(),
            after: Some(&after),
        };
        vault.act(&about, kind, &sentence, change)
    });
    Ok(Prepared {
        journey: found.journey.clone(),
        reference: found.reference.clone(),
        record: found.record.clone(),
        since: found.at,
        ruling: stored,
        does,
        entries: entries.into_iter().collect(),
    })
}

/// What was decided about a record, as the journal has it before and after.
fn in_words(decided: &rulings::Stored) -> String {
    let document = match decided.document.as_str() {
        "" => String::new(),
        document => format!(", document {document}"),
    };
    let is_first_word = !decided.counts && decided.ruling == Ruling::Settled.name();
    let alone = if is_first_word { ", said by one" } else { "" };
    format!("{}{document}{alone}", decided.ruling)
}

/// Who has said the same before, where two people must; and whether it counts now.
fn witnessed(wanted: &Decide<'_>, card: &Stored, found: &Found) -> Result<(Option<String>, bool), UnitError> {
    let said = wanted.said;
    if said.ruling != Ruling::Settled || !card.card.code.is_witnessed() {
        return Ok((None, true));
    }
    let same = |before: &&rulings::Stored| {
        !before.counts && before.ruling == said.ruling.name() && before.mark == found.mark && before.document == said.document()
    };
    let first = found.before.as_ref().filter(same).map(|before| before.first_by.clone());
    match ruling::word(first.as_deref(), wanted.permit).map_err(|error| UnitError::Refused(error.to_string()))? {
        Word::First => Ok((None, false)),
        Word::Second => Ok((first, true)),
    }
}

async fn does(
    of: (&Store, &Vault),
    wanted: &Decide<'_>,
    (card, found): (&Stored, &Found),
    key: Option<&SubjectKey>,
    proof: String,
) -> Result<Does, UnitError> {
    match wanted.said.ruling {
        Ruling::Settled => settles(found, proof),
        Ruling::Keep => Ok(Does::Leaves { proof }),
        Ruling::Declined => declines(wanted, card, found, proof),
        Ruling::Restore | Ruling::Amend => amends(of, wanted, (card, found), key).await,
    }
}

fn settles(found: &Found, proof: String) -> Result<Does, UnitError> {
    if found.record.is_empty() && found.home.as_ref().is_none_or(|home| home.journey.stage == Stage::Stopped) {
        return refused(format!(
            "Order {} stands still as a whole: nothing of it is written anywhere. Put right what stops it, or say `declined`.",
            found.reference
        ));
    }
    let Some(effect) = found.effects.first() else {
        return Ok(Does::Leaves { proof });
    };
    match Kind::named(&effect.name) {
        // Nothing comes after these: what they would have said was said otherwise, or need not be.
        Some(Kind::Acknowledge | Kind::Confirm | Kind::ConfirmPart | Kind::DeleteDraft) if effect.state == State::Parked => {
            Ok(Does::Withdraws {
                effect: effect.id,
                proof,
            })
        }
        _ => refused(format!(
            "{} of order {} is a write that others wait for: answer for it, with `landed` or `again`.",
            effect.name, found.reference
        )),
    }
}

fn declines(wanted: &Decide<'_>, card: &Stored, found: &Found, proof: String) -> Result<Does, UnitError> {
    let Some(home) = &found.home else {
        let journey = Box::new(never_read(wanted, card, found)?);
        return Ok(Does::Declines {
            journey,
            version: None,
            withdraw: Vec::new(),
            proof,
        });
    };
    let before = &home.journey;
    let open: Vec<_> = found.effects.iter().filter(|effect| !effect.state.is_final()).collect();
    let unsent = |state: &State| matches!(state, State::Parked | State::Waiting);
    let written = found.effects.iter().any(|effect| effect.state == State::Done) || before.draft_id.is_some();
    let may_be = found.unclear || !open.iter().all(|effect| unsent(&effect.state));
    match before.stage {
        Stage::Stopped | Stage::Open if !written && !may_be => {}
        Stage::Stopped | Stage::Open => {
            return refused(format!(
                "Order {} cannot be declined: something of it was written, or may have been. Cancel it in the systems that have it, and \
                 answer for what stands still.",
                before.reference
            ));
        }
        Stage::Complete | Stage::Declined => {
            return refused(format!("Order {} is {} already.", before.reference, before.stage.name()));
        }
    }
    Ok(Does::Declines {
        journey: Box::new(Journey {
            stage: Stage::Declined,
            ..before.clone()
        }),
        version: Some(home.version),
        withdraw: open.iter().map(|effect| effect.id).collect(),
        proof,
    })
}

/// An order that could never be read: nothing is known of it but its key.
fn never_read(wanted: &Decide<'_>, card: &Stored, found: &Found) -> Result<Journey, UnitError> {
    let (Some(route), Some(key)) = (wanted.routes.get(&card.company), &found.source_key) else {
        return refused("This belongs to no order of ours: there is nothing to decline.".into());
    };
    Ok(Journey {
        id: journey_id(&found.journey)?,
        company: Company::new(card.company.as_str()),
        route: route.clone(),
        source_key: key.clone(),
        reference: key.clone(),
        stage: Stage::Declined,
        lines: Vec::new(),
        draft_id: None,
        ledger_order: None,
        release_id: None,
        shipments: Vec::new(),
        net: Money::ZERO,
        due_by: None,
    })
}

async fn amends(
    (store, vault): (&Store, &Vault),
    wanted: &Decide<'_>,
    (card, found): (&Stored, &Found),
    key: Option<&SubjectKey>,
) -> Result<Does, UnitError> {
    let unknown = || UnitError::Refused("This order was erased: nothing of it can be written again.".into());
    let (home, key) = found.home.as_ref().zip(key).ok_or_else(unknown)?;
    let journey = &home.journey;
    let agreed = lineage::agreed((store, vault), &card.company, journey)
        .await?
        .ok_or_else(unknown)?;
    let agreed: Agreed = match &wanted.said.change {
        Some(change) => change
            .over(&agreed, journey)
            .map_err(|error| UnitError::Refused(error.to_string()))?,
        None => agreed,
    };
    let step = format!("agreed at {}", wanted.now.micros());
    let planned = Planned {
        id: Fingerprint::derive(&card.company, &format!("{}/{}", found.journey, found.record), &step),
        lane: Lane {
            connection: journey.route.ledger.clone(),
            subject: journey.id.to_string(),
        },
        after: Vec::new(),
        effect: Effect::Set(Set::AmendOrder(agreed)),
        parked: None,
        supersedes: None,
    };
    let body = serde_json::to_vec(&planned.effect).map_err(|error| UnitError::Refused(error.to_string()))?;
    let body = vault.seal(key, place("effect", planned.id.as_str()), &body);
    Ok(Does::Amends {
        journey: Box::new(journey.clone()),
        plan: Box::new(PlanEffect { planned, body }),
    })
}

/// What the journal keeps.
fn told(wanted: &Decide<'_>, card: &Stored, found: &Found, (people, named, does): (&str, &str, &Does)) -> (&'static str, String) {
    let (said, code) = (wanted.said, card.card.code);
    let (by, reason) = (wanted.permit.actor(), said.reason.trim());
    match does {
        Does::Waits => (
            "card.first_word",
            format!(
                "{by} says that {code} is {}{named}, and a second person must say the same: {reason}",
                said.ruling.done()
            ),
        ),
        Does::Declines { journey, .. } => (
            "order.declined",
            format!(
                "{by} declines order {}: {reason}. Nothing of it was written; the retailer has to be told there.",
                journey.reference
            ),
        ),
        Does::Leaves { .. } | Does::Withdraws { .. } => (
            "card.decided",
            format!(
                "{code} of order {} is {} by {people}{named}: {reason}",
                found.reference,
                said.ruling.done()
            ),
        ),
        Does::Amends { .. } => {
            let change = said.change.as_ref().map_or_else(String::new, |change| format!(", {change}"));
            (
                "card.decided",
                format!(
                    "Order {} is to be {} in the ledger by {people}{change}: {reason}",
                    found.reference,
                    said.ruling.done()
                ),
            )
        }
    }
}
