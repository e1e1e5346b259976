//! The story of a journey: what happened, in the order in which it happened, for a person who asks about one order. How much of it they are
//! told is their [`Sight`]'s.

mod stands;
pub mod way;

use std::collections::BTreeMap;

use tallyman_core::access::Actor;
use tallyman_core::document::{Order, OrderLine};
use tallyman_core::effect::{Effect, Kind, Person, RefusedTwice, State, TaggedAppend};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::Journey;
use tallyman_core::redact::{Instead, Redactor};
use tallyman_core::reference::Reference;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Kept, Told as Said};
use tallyman_store::seal::SubjectKey;
use tallyman_store::tables::{attempts, effects, exceptions, holds, journeys, rulings, search};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::named;
use crate::sight::{Persons, Sight, knowing_parcels};
use crate::vault::{Vault, place};

/// One line of the story.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub at: Timestamp,
    pub what: String,
}

pub struct Story {
    pub journey: Journey,
    /// How much of it is told here.
    pub sight: Sight,
    /// When the retailer's order came.
    pub received_at: Timestamp,
    /// What its orders in the ledger and in the warehouse carry there of ours.
    pub tags: Vec<(Kind, Fingerprint)>,
    pub lines: Vec<Line>,
    /// The lines as the retailer sent them, of an order that has none of its own yet: whoever judges why it was stopped looks at them.
    pub asked: Vec<OrderLine>,
    /// What has left the warehouse, as the ledger and the retailer are told.
    pub parcels: Vec<Parcel>,
    /// What shows that its writes have landed.
    pub proofs: Vec<Proof>,
    /// Effects that are not done, and how they stand.
    pub open: Vec<Open>,
    /// What stops it and what to do, each once.
    pub stopped_by: Vec<String>,
    /// The cards that it stands under.
    pub cards: Vec<String>,
    /// Their codes; one that a newer program has written is not among them.
    pub codes: Vec<Code>,
    /// What stopped it once, and was settled by people.
    pub settled: Vec<Code>,
    /// Writes that wait because somebody holds them.
    pub held: Vec<holds::Waiting>,
    /// Its personal data is gone, and with it what was said about it.
    pub erased: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parcel {
    pub shipment: String,
    pub carrier: Option<String>,
    pub tracking: Option<String>,
    pub tracking_url: Option<String>,
    /// When it left the warehouse, as the retailer is told.
    pub left_at: Option<Timestamp>,
}

/// What a system has said of a write that landed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub kind: Kind,
    pub connection: String,
    /// `order 0000012345, id 236991`
    pub receipt: String,
    pub at: Timestamp,
}

/// An effect that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub id: Fingerprint,
    /// Its kind, as programs name it.
    pub name: String,
    /// For people: `despatch in the ledger`.
    pub what: &'static str,
    pub connection: String,
    pub state: State,
}

struct Tell {
    reference: Reference,
    actor: Actor,
}

struct Told {
    journey: journeys::Stored,
    received_at: Timestamp,
    document: Option<Vec<u8>>,
    sight: Sight,
    persons: Persons,
    effects: Vec<effects::Stored>,
    attempts: Vec<attempts::Told>,
    stopped: Vec<exceptions::Stop>,
    settled: Vec<Code>,
    held: Vec<holds::Waiting>,
    journal: Vec<journal::Written>,
    key: keys::KeyState,
}

impl Unit for Tell {
    type Output = Vec<Told>;
    const NAME: &'static str = "tell_story";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Told>, UnitError> {
        let mut told = Vec::new();
        for order in named::known(tx, &self.reference).await? {
            told.extend(load(tx, &order.journey, &self.actor).await?);
        }
        Ok(told)
    }
}

/// What is known of it; none where there is no such order, or none for this actor.
async fn load(tx: &mut Tx<'_>, id: &str, actor: &Actor) -> Result<Option<Told>, UnitError> {
    let fingerprint = Fingerprint::parse(id).map_err(|error| UnitError::Refused(error.to_string()))?;
    let id_of = JourneyId::from_fingerprint(fingerprint);
    let (Some(journey), Some(glimpse)) = (journeys::load(tx, &id_of).await?, search::glimpse(tx, &id_of).await?) else {
        return Ok(None);
    };
    let document = match journey.journey.lines.is_empty() {
        true => journeys::document(tx, &id_of).await?,
        false => None,
    };
    let company = journey.journey.company.as_str();
    let Ok(sight) = Sight::of(actor, company) else {
        return Ok(None);
    };
    Ok(Some(Told {
        sight,
        persons: Persons::load(tx, &journey.journey.id).await?,
        effects: effects::of_journey(tx, id).await?,
        attempts: attempts::of_journey(tx, id).await?,
        stopped: exceptions::of_journey(tx, id).await?,
        settled: rulings::settled(tx, id).await?,
        held: holds::of_journey(tx, id).await?,
        journal: journal::of_subject(tx, company, id).await?,
        key: keys::load(tx, company, id).await?,
        received_at: glimpse.received_at,
        document,
        journey,
    }))
}

struct TellOne {
    journey: String,
    actor: Actor,
}

impl Unit for TellOne {
    type Output = Option<Told>;
    const NAME: &'static str = "tell_one_story";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Told>, UnitError> {
        load(tx, &self.journey, &self.actor).await
    }
}

/// The journey of our own id with its story, as far as this actor may see it.
pub async fn of(store: &Store, vault: &Vault, actor: &Actor, journey: &str) -> Result<Option<Story>, UnitError> {
    let (journey, actor) = (journey.to_owned(), actor.clone());
    let told = store.read(TellOne { journey, actor }).await?;
    told.map(|told| story(vault, told)).transpose()
}

/// Every journey known by this reference at companies where this actor may see one, each with its story.
pub async fn tell(store: &Store, vault: &Vault, actor: &Actor, reference: &str) -> Result<Vec<Story>, UnitError> {
    let reference = Reference::parse(reference).map_err(|error| UnitError::Refused(error.to_string()))?;
    let actor = actor.clone();
    let told = store.read(Tell { reference, actor }).await?;
    told.into_iter().map(|told| story(vault, told)).collect()
}

fn story(vault: &Vault, told: Told) -> Result<Story, UnitError> {
    let journey = told.journey.journey;
    let key = match &told.key {
        keys::KeyState::Held(wrapped) => Some(vault.unwrap(journey.company.as_str(), journey.id.as_str(), wrapped)?),
        keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => None,
    };
    let masked = told.sight == Sight::Masked;
    let mut parcels = match &key {
        Some(key) => parcels(vault, key, &told.effects)?,
        None => Vec::new(),
    };
    // Of other systems' words the masked are shown; of our people's, none.
    let redactor = match &key {
        Some(key) if masked => {
            let redactor = told.persons.redactor((vault, key), journey.id.as_str(), Instead::Mask)?;
            knowing_parcels(redactor, &parcels)
        }
        Some(_) | None => Redactor::new(Instead::Nothing),
    };
    if masked {
        for parcel in &mut parcels {
            parcel.tracking = parcel.tracking.take().map(|number| redactor.instead_of(&number));
            parcel.tracking_url = None;
        }
    }
    let asked = match (&key, told.document) {
        (Some(key), Some(document)) => {
            let opened = vault.open(key, place("journey", journey.id.as_str()), document);
            opened.map(|document| asked(&document)).unwrap_or_else(|error| {
                tracing::warn!(journey = %journey.id, %error, "an order as it came does not open: its page is without it");
                Vec::new()
            })
        }
        (Some(_) | None, _) => Vec::new(),
    };
    // Its coming is in no journal: nobody had decided anything yet.
    let mut lines = vec![Line {
        at: told.received_at,
        what: format!("The retailer’s order was received from {}.", journey.route.channel),
    }];
    for entry in &told.journal {
        let what = match (&entry.content, &key) {
            (Some(Kept::Open(text)), _) => text.clone(),
            (Some(Kept::Sealed(_)), Some(_)) if masked => format!("{}.", stands::without_words(&entry.kind)),
            (Some(Kept::Sealed(sealed)), Some(key)) => match key.open(journal::content_place(journey.id.as_str()), sealed) {
                Ok(text) => String::from_utf8_lossy(&text).into_owned(),
                Err(error) => format!("{} ({error})", entry.kind),
            },
            (Some(Kept::Sealed(_)) | None, _) => format!("{} (details erased)", stands::without_words(&entry.kind)),
        };
        lines.push(Line {
            at: Timestamp::from_micros(entry.at),
            what: spoken(&Said::read(&what).in_words()),
        });
    }
    let names: BTreeMap<&str, &str> = told
        .effects
        .iter()
        .map(|effect| (effect.id.as_str(), phrase(&effect.name)))
        .collect();
    for attempt in told.attempts {
        let words = match (attempt.words.clone(), &key) {
            (Some(sealed), Some(key)) => redactor.text(&vault.words(key, &attempt.effect, sealed)?),
            _ => String::new(),
        };
        let name = names.get(attempt.effect.as_str()).copied().unwrap_or("effect");
        lines.push(Line {
            at: attempt.at,
            what: said(name, &attempt, &words),
        });
    }
    // By time alone: what was written together keeps the order in which it was written.
    lines.sort_by_key(|line| line.at);
    let tags = told.effects.iter().filter_map(tag).collect();
    let proofs = told.effects.iter().filter_map(proof).collect();
    let open = told
        .effects
        .iter()
        .filter(|effect| !effect.state.is_final())
        .map(|effect| Open {
            id: effect.id,
            name: effect.name.clone(),
            what: phrase(&effect.name),
            connection: effect.connection.clone(),
            state: effect.state.clone(),
        })
        .collect();
    // A hold that is over lets go within seconds; a write that has gone on since waits for nothing.
    let waits = |waiting: &holds::Waiting| {
        let mut ready = told
            .effects
            .iter()
            .filter(|effect| matches!(effect.state, State::Ready { .. }));
        waiting.hold.ended_at.is_none() && ready.any(|effect| effect.id.as_str() == waiting.effect)
    };
    let held = told.held.iter().filter(|waiting| waits(waiting)).cloned().collect();
    let mut stopped_by = Vec::new();
    let mut cards = Vec::new();
    let mut codes = Vec::new();
    for stop in told.stopped {
        codes.extend(Code::named(&stop.code));
        if !cards.contains(&stop.card) {
            cards.push(stop.card.clone());
        }
        let sentence = match (stop.sentence, &key) {
            (Some(sealed), Some(key)) if !masked => vault.sentence(key, &stop.card, sealed)?,
            _ => exceptions::told(&stop.code, &stop.cause),
        };
        if !stopped_by.contains(&sentence) {
            stopped_by.push(sentence);
        }
    }
    Ok(Story {
        journey,
        sight: told.sight,
        received_at: told.received_at,
        tags,
        lines,
        asked,
        parcels,
        proofs,
        open,
        stopped_by,
        cards,
        codes,
        settled: told.settled,
        held,
        erased: key.is_none(),
    })
}

/// The lines of an order as it came. What another program wrote otherwise is not shown: the story is told without it.
fn asked(document: &[u8]) -> Vec<OrderLine> {
    serde_json::from_slice::<Order>(document).map_or_else(|_| Vec::new(), |order| order.lines)
}

/// The tag that an order outside carries, or will when it is written. What is not written any more stands nowhere.
fn tag(effect: &effects::Stored) -> Option<(Kind, Fingerprint)> {
    let kind = Kind::named(&effect.name).filter(|kind| matches!(kind, Kind::Draft | Kind::Release))?;
    match effect.state {
        State::Waiting | State::Superseded { .. } | State::Withdrawn { .. } => None,
        State::Ready { .. }
        | State::Sending { .. }
        | State::Unknown { .. }
        | State::Probing { .. }
        | State::Parked
        | State::Done => Some((kind, effect.id)),
    }
}

fn proof(effect: &effects::Stored) -> Option<Proof> {
    let receipt = effect.receipt.as_ref().filter(|_| effect.state == State::Done)?;
    Some(Proof {
        kind: Kind::named(&effect.name)?,
        connection: effect.connection.clone(),
        receipt: receipt.to_string(),
        at: effect.updated_at,
    })
}

/// The parcels, out of what the ledger and the retailer were told of each shipment.
pub(crate) fn parcels(vault: &Vault, key: &SubjectKey, effects: &[effects::Stored]) -> Result<Vec<Parcel>, UnitError> {
    let mut parcels: BTreeMap<String, Parcel> = BTreeMap::new();
    for stored in effects {
        if stored.body.is_empty() || matches!(stored.state, State::Superseded { .. }) {
            continue;
        }
        let body = vault.open(key, place("effect", stored.id.as_str()), stored.body.clone())?;
        let Ok(effect) = serde_json::from_slice::<Effect>(&body) else {
            continue;
        };
        match effect {
            Effect::TaggedAppend(TaggedAppend::Despatch(despatch)) => {
                let parcel = parcels.entry(despatch.shipment).or_default();
                parcel.tracking = parcel.tracking.take().or(despatch.tracking);
            }
            Effect::RefusedTwice(RefusedTwice::Confirm(sent)) | Effect::Person(Person::ConfirmPart(sent)) => {
                let filled = |text: String| Some(text).filter(|text| !text.is_empty());
                let parcel = parcels.entry(sent.shipment).or_default();
                parcel.carrier = filled(sent.carrier);
                parcel.tracking = filled(sent.tracking).or(parcel.tracking.take());
                parcel.tracking_url = sent.tracking_url;
                parcel.left_at = Some(sent.shipped_at);
            }
            Effect::RefusedTwice(RefusedTwice::Acknowledge { .. } | RefusedTwice::Release(_))
            | Effect::Set(_)
            | Effect::DraftThenConfirm(_) => {}
        }
    }
    let named = |(shipment, parcel)| Parcel { shipment, ..parcel };
    Ok(parcels.into_iter().map(named).collect())
}

/// A journal's sentence that begins with an effect's code, with the words for it instead.
pub fn spoken(sentence: &str) -> String {
    match sentence.split_once(' ') {
        Some((code, rest)) if Kind::named(code).is_some() => format!("The {} {rest}", phrase(code)),
        _ => sentence.to_owned(),
    }
}

/// What an effect is, for people.
pub fn phrase(name: &str) -> &'static str {
    match Kind::named(name) {
        Some(Kind::Draft) => "draft in the ledger",
        Some(Kind::ConfirmDraft) => "order in the ledger",
        Some(Kind::AmendOrder) => "order in the ledger as agreed",
        Some(Kind::DeleteDraft) => "removal of a spare draft in the ledger",
        Some(Kind::Alert) => "alert to people",
        Some(Kind::Acknowledge) => "acknowledgement to the retailer",
        Some(Kind::Release) => "release to the warehouse",
        Some(Kind::Despatch) => "despatch in the ledger",
        Some(Kind::Confirm) => "confirmation to the retailer",
        Some(Kind::ConfirmPart) => "confirmation of a part to the retailer",
        None => "a step of a newer program",
    }
}

/// What came of an attempt, after the name of what was attempted.
pub fn came_of(what: &str, outcome: &str) -> &'static str {
    match (what, outcome) {
        ("send", "unknown") => "was sent, and no answer says whether it arrived",
        ("send", "lost") => "was taken up by a worker that was lost, and may have been sent",
        ("send" | "look", "locked") => "was put off: somebody has the record open",
        ("send" | "look", "throttled") => "was put off: too many calls",
        ("send" | "look", "down") => "was put off: the other side could not be reached",
        ("send" | "look", "signed out") => "was put off: nobody is let in",
        (_, "put off") => "was put off: what it needs could not be read",
        ("send", "lease") => "was not sent: too little time was left",
        ("send", "refused" | "parked") => "was refused",
        ("probe", "landed" | "done") => "was asked about, and is there",
        ("probe", "absent") => "was asked about, and is not there",
        ("probe", _) => "was asked about",
        ("look", "landed") => "was looked for before it was sent, and is there",
        ("look", _) => "was looked for before it was sent",
        _ => "was attempted",
    }
}

fn said(name: &str, attempt: &attempts::Told, words: &str) -> String {
    let what = came_of(&attempt.what, &attempt.outcome);
    let words = words.trim().trim_end_matches('.');
    if words.is_empty() {
        format!("The {name} {what}.")
    } else {
        format!("The {name} {what} ({words}).")
    }
}
