//! Healing: what mappings or the ledger's reference data stop is decided again when those have changed.
//!
//! A reconciler. Each open card knows with which mappings and facts all that it stops was last checked; a card that is behind, and that
//! the change may concern, has its members decided again in the order of their names. What passes goes on and leaves its cards, what
//! does not stays where it is. What becomes of the card then follows from its records ([`crate::weigh`]).

use std::collections::BTreeSet;

use tallyman_core::cause::Cause;
use tallyman_core::check;
use tallyman_core::document::{Order, Shipment};
use tallyman_core::effect::{Effect, Person, RefusedTwice, State};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::{Decision, Journey, Stage, decide};
use tallyman_core::mapping::Table;
use tallyman_store::seal::{SubjectKey, Wrapped};
use tallyman_store::tables::exceptions::{self, Behind, Seen};
use tallyman_store::tables::{effects, journeys, messages};
use tallyman_store::{Tx, Unit, UnitError, keys};

use crate::intake::orders::decide_order;
use crate::intake::{Decided, Of, RoundError, checked, write};
use crate::known::Reference;
use crate::units::Home;
use crate::vault::place;

/// Cards looked at in one go, and members of one decided between two looks at the clock of the feed.
const CARDS_AT_ONCE: i64 = 100;
const MEMBERS_AT_ONCE: i64 = 100;
/// More shipments of one order than this are not looked through.
const SHIPMENTS_MAX: i64 = 200;

/// One round: every card that is behind is brought up to date.
pub async fn round((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let store = &worker.parts.store;
    loop {
        let reference = worker.references.current(store, &merchant.company).await?;
        if reference.facts.is_none() {
            return Ok(());
        }
        let behind = Find {
            company: merchant.company.to_string(),
            numbers: reference.numbers,
        };
        let behind = store.read(behind).await?;
        if behind.is_empty() {
            return Ok(());
        }
        for card in behind {
            if may_concern(&card, &reference) {
                tracing::info!(code = %card.code, cause = %card.cause, "what {} stops is decided again", card.code);
                members((worker, merchant), &reference, &card.id).await?;
            }
            let seen = reference.numbers;
            store.write(SetSeen { id: card.id, seen }).await?;
        }
    }
}

/// Whether what has changed since may let anything under this card pass.
fn may_concern(card: &Behind, reference: &Reference) -> bool {
    let Some(code) = Code::named(&card.code).filter(|code| code.rests_on_reference()) else {
        return false;
    };
    let mapped = |cell: &tallyman_core::mapping::Cell| match code {
        // It blames the item: another item may stand in its place.
        Code::ItemInactive | Code::ItemNotHeld => cell.table == Table::Sku,
        _ => matches!(&card.cause, Cause::Cell(blamed) if blamed == cell),
    };
    let newer = |seq: u64| i64::try_from(seq).is_ok_and(|seq| seq > card.mappings_seen);
    card.facts_seen < reference.numbers.1 || reference.mappings.rows().any(|row| newer(row.seq) && mapped(&row.cell))
}

async fn members((worker, merchant): Of<'_>, reference: &Reference, card: &str) -> Result<(), UnitError> {
    let (mut journey, mut effect) = (String::new(), String::new());
    loop {
        let page = Members {
            card: card.to_owned(),
            after: (journey, effect),
        };
        let page = worker.parts.store.read(page).await?;
        let Some(last) = page.last().cloned() else {
            return Ok(());
        };
        for (journey, effect) in &page {
            let healed = match effect.as_str() {
                "" => order((worker, merchant), reference, journey).await,
                _ => confirmation((worker, merchant), reference, journey).await,
            };
            match healed {
                Ok(()) => {}
                // Moved by somebody else meanwhile: the card stays behind, and the next round looks at it again.
                Err(conflict @ UnitError::Conflict(_)) => return Err(conflict),
                Err(error) => tracing::error!(%journey, error = %error, "journey {journey} could not be decided again: {error}"),
            }
        }
        for connector in merchant.connectors() {
            worker.parts.bells.ring(connector.connection());
        }
        (journey, effect) = last;
    }
}

/// An order that was stopped as a whole.
async fn order((worker, merchant): Of<'_>, reference: &Reference, journey: &str) -> Result<(), UnitError> {
    let parts = &*worker.parts;
    let Some(stopped) = parts
        .store
        .read(Stopped {
            journey: journey.to_owned(),
        })
        .await?
    else {
        return Ok(());
    };
    let company = merchant.company.as_str();
    let key = parts.vault.unwrap(company, journey, &stopped.key)?;
    let document = parts.vault.open(&key, place("journey", journey), stopped.document)?;
    let order: Order = serde_json::from_slice(&document)
        .map_err(|error| UnitError::Refused(format!("the order of journey {journey} cannot be read: {error}")))?;
    let decision = decide_order(merchant, reference, &order);
    let found: BTreeSet<String> = decision
        .findings
        .iter()
        .map(|finding| exceptions::card(company, finding.code, &finding.cause).to_string())
        .collect();
    if !found.is_empty() && found == stopped.cards {
        return Ok(());
    }
    let version = stopped.version;
    let decided = again(decision, Home::Again { version, document: None });
    write((worker, merchant), reference, &key, decided).await.map(drop)
}

/// The confirmations of a journey that wait for a carrier's name or a parcel number.
async fn confirmation((worker, merchant): Of<'_>, reference: &Reference, journey: &str) -> Result<(), UnitError> {
    let parts = &*worker.parts;
    let Some(shipped) = parts
        .store
        .read(Shipped {
            journey: journey.to_owned(),
        })
        .await?
    else {
        return Ok(());
    };
    let key = parts.vault.unwrap(merchant.company.as_str(), journey, &shipped.key)?;
    let mut seen = BTreeSet::new();
    for message in shipped.messages {
        let body = parts.vault.open(&key, place("message", &message.record), message.body)?;
        let Ok(shipment) = merchant.warehouse.read_shipment(&body) else {
            continue;
        };
        // The newest word about each shipment counts.
        if seen.insert(shipment.key.clone())
            && let Some(decision) = shipment_again((worker, merchant), reference, &shipped.journey, &key, &shipment).await?
            && !decision.effects.is_empty()
        {
            write((worker, merchant), reference, &key, again(decision, Home::Untouched)).await?;
        }
    }
    Ok(())
}

/// What a shipment that is known means for its confirmation, if that was stopped by a guardrail.
pub(crate) async fn shipment_again(
    (worker, merchant): Of<'_>,
    reference: &Reference,
    journey: &Journey,
    key: &SubjectKey,
    shipment: &Shipment,
) -> Result<Option<Decision>, UnitError> {
    let parts = &*worker.parts;
    let parked = Parked {
        journey: journey.id.to_string(),
    };
    for effect in parts.store.read(parked).await? {
        let body = parts.vault.open(key, place("effect", effect.id.as_str()), effect.body)?;
        let (confirmation, by_person) = match serde_json::from_slice(&body) {
            Ok(Effect::RefusedTwice(RefusedTwice::Confirm(confirmation))) => (confirmation, false),
            Ok(Effect::Person(Person::ConfirmPart(confirmation))) => (confirmation, true),
            Ok(_) => continue,
            Err(error) => return Err(UnitError::Refused(format!("effect {} cannot be read: {error}", effect.id))),
        };
        if confirmation.shipment == shipment.key {
            let checked = checked(merchant, reference, |known| check::shipment(shipment, known));
            let stopped = (&effect.id, confirmation);
            return Ok(Some(decide::on_confirmation_again(
                journey, stopped, shipment, &checked, by_person,
            )));
        }
    }
    Ok(None)
}

/// No message and no new number: what was decided before is decided again.
fn again(decision: Decision, home: Home) -> Decided {
    Decided {
        decision,
        home,
        message: None,
        references: Vec::new(),
    }
}

struct Find {
    company: String,
    numbers: Seen,
}

impl Unit for Find {
    type Output = Vec<Behind>;
    const NAME: &'static str = "cards_behind";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Behind>, UnitError> {
        exceptions::behind(tx, &self.company, self.numbers.0, self.numbers.1, CARDS_AT_ONCE).await
    }
}

struct SetSeen {
    id: String,
    seen: Seen,
}

impl Unit for SetSeen {
    type Output = ();
    const NAME: &'static str = "card_seen";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        exceptions::set_seen(tx, &self.id, self.seen.0, self.seen.1).await
    }
}

struct Members {
    card: String,
    after: (String, String),
}

impl Unit for Members {
    type Output = Vec<(String, String)>;
    const NAME: &'static str = "card_members";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        exceptions::members(tx, &self.card, (&self.after.0, &self.after.1), MEMBERS_AT_ONCE).await
    }
}

/// An order that nothing was written for, sealed, with the cards it stands under.
struct Stopped {
    journey: String,
}

struct StoppedOrder {
    version: i64,
    document: Vec<u8>,
    key: Wrapped,
    cards: BTreeSet<String>,
}

impl Unit for Stopped {
    type Output = Option<StoppedOrder>;
    const NAME: &'static str = "stopped_order";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some((stored, key)) = load(tx, &self.journey).await? else {
            return Ok(None);
        };
        let document = journeys::document(tx, &stored.journey.id).await?;
        let Some(document) = document.filter(|_| stored.journey.stage == Stage::Stopped) else {
            return Ok(None);
        };
        let cards = exceptions::cards_of(tx, &self.journey, "").await?;
        Ok(Some(StoppedOrder {
            version: stored.version,
            document,
            key,
            cards: cards.into_iter().map(|(id, _)| id).collect(),
        }))
    }
}

/// A journey with what the warehouse has said about it, newest first, sealed.
struct Shipped {
    journey: String,
}

struct ShippedOrder {
    journey: Journey,
    key: Wrapped,
    messages: Vec<messages::Undecided>,
}

impl Unit for Shipped {
    type Output = Option<ShippedOrder>;
    const NAME: &'static str = "shipped_order";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some((stored, key)) = load(tx, &self.journey).await? else {
            return Ok(None);
        };
        Ok(Some(ShippedOrder {
            journey: stored.journey,
            key,
            messages: messages::of_journey(tx, &self.journey, "shipment", SHIPMENTS_MAX).await?,
        }))
    }
}

async fn load(tx: &mut Tx<'_>, journey: &str) -> Result<Option<(journeys::Stored, Wrapped)>, UnitError> {
    let id = Fingerprint::parse(journey).map_err(|error| UnitError::Refused(error.to_string()))?;
    let Some(stored) = journeys::load(tx, &JourneyId::from_fingerprint(id)).await? else {
        return Ok(None);
    };
    match keys::load(tx, stored.journey.company.as_str(), journey).await? {
        keys::KeyState::Held(key) => Ok(Some((stored, key))),
        keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => Ok(None),
    }
}

/// Effects of a journey that a guardrail stopped before anything was sent. One that a vendor refused, or whose outcome nobody knows, is
/// not among them: that takes a person's word.
struct Parked {
    journey: String,
}

impl Unit for Parked {
    type Output = Vec<effects::Stored>;
    const NAME: &'static str = "parked_by_guardrails";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut found = Vec::new();
        for effect in effects::of_journey(tx, &self.journey).await? {
            if effect.state != State::Parked {
                continue;
            }
            let cards = exceptions::cards_of(tx, &self.journey, effect.id.as_str()).await?;
            let stopped_before = |code: &str| {
                [Code::CarrierUnmapped, Code::TrackingMissing]
                    .iter()
                    .any(|c| c.name() == code)
            };
            if !cards.is_empty() && cards.iter().all(|(_, code)| stopped_before(code)) {
                found.push(effect);
            }
        }
        Ok(found)
    }
}
