//! Amendments: a named person puts a field of a record, or of every record on a list, in the place of what its source cannot correct.
//!
//! What may be amended is `core::amendment`'s to say. Here it is kept beside the record, sealed under the journey's key, and the record is
//! decided again. It is over when anything of it was written: then the other systems have it as it was.

use tallyman_core::access::{Permit, Right};
use tallyman_core::amendment::{self, Amendment, Field, Of};
use tallyman_core::document::Order;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::Stage;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change as Changed;
use tallyman_store::seal::{SubjectKey, Wrapped};
use tallyman_store::tables::amendments::{self, Stored};
use tallyman_store::tables::{exceptions, journeys};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::cards::journey_id;
use crate::heal::read::AsItCame;
use crate::leave;
use crate::vault::{About, Entry, Vault, place};

/// One field of one journey's order, or of one of its shipments.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub company: &'a str,
    pub journey: &'a str,
    /// The shipment's key; empty for the order itself.
    pub shipment: &'a str,
    /// Under the name that stands in the permit, whatever stands in it.
    pub amendment: &'a Amendment,
    /// Leave to act, at the order's company.
    pub permit: &'a Permit,
}

/// Keeps an amendment and has the record decided again.
pub async fn amend(store: &Store, vault: &Vault, wanted: Wanted<'_>) -> Result<(), UnitError> {
    let Wanted {
        company,
        journey,
        shipment,
        amendment,
        permit,
    } = wanted;
    let amendment = &Amendment {
        by: permit.actor().to_owned(),
        ..amendment.clone()
    };
    let at = amendment.at;
    leave::is_for(permit, Right::Act, company)?;
    said(&amendment.by, &amendment.reason)?;
    let look = Look {
        company: company.to_owned(),
        journey: journey_id(journey)?,
    };
    let found = store.read(look).await?;
    let key = vault.unwrap(company, journey, found.key()?)?;
    may_be_amended(&found, shipment, amendment.field)?;
    let body = serde_json::to_vec(amendment).map_err(|error| UnitError::Refused(error.to_string()))?;
    let number = number(journey, found.next);
    let new = Stored {
        place: found.next,
        record: shipment.to_owned(),
        field: amendment.field.name().to_owned(),
        at,
        taken_back_at: None,
        body: Some(vault.seal(&key, place("amendment", &number), &body).as_bytes().to_vec()),
    };
    let about = About {
        company,
        subject: journey,
        key: &key,
        at,
        actor: &amendment.by,
    };
    let (who, field, why) = (&amendment.by, amendment.field.name(), &amendment.reason);
    let before = stands((store, vault), &key, journey, (shipment, amendment.field), None).await?;
    let changed = Changed {
        before: before.as_deref(),
        after: amendment.value.as_deref(),
    };
    let entry = vault.act(&about, "amended", &format!("{who} amends {field}: {why}"), changed);
    let write = Write {
        journey: journey.to_owned(),
        change: Change::Add(new),
        entry,
    };
    store.write(write).await
}

/// Takes an amendment back: what the source says counts again.
pub async fn take_back(
    store: &Store,
    vault: &Vault,
    (company, journey): (&str, &str),
    place: i64,
    (permit, reason, at): (&Permit, &str, Timestamp),
) -> Result<(), UnitError> {
    leave::is_for(permit, Right::Act, company)?;
    let by = permit.actor();
    said(by, reason)?;
    let look = Look {
        company: company.to_owned(),
        journey: journey_id(journey)?,
    };
    let found = store.read(look).await?;
    let key = vault.unwrap(company, journey, found.key()?)?;
    let about = About {
        company,
        subject: journey,
        key: &key,
        at,
        actor: by,
    };
    let (mut before, mut after) = (None, None);
    // What is not there is refused when it is written.
    if let Some((record, field)) = kept(store, journey, place).await? {
        before = stands((store, vault), &key, journey, (&record, field), None).await?;
        after = stands((store, vault), &key, journey, (&record, field), Some(place)).await?;
    }
    let changed = Changed {
        before: before.as_deref(),
        after: after.as_deref(),
    };
    let sentence = format!("{by} takes amendment {place} back: {reason}");
    let entry = vault.act(&about, "amendment.taken_back", &sentence, changed);
    let write = Write {
        journey: journey.to_owned(),
        change: Change::TakeBack(place, at),
        entry,
    };
    store.write(write).await
}

/// Where no amendment stands, the source's own word counts: its message is kept under the same key.
const AS_IT_CAME: &str = "as it came";

/// What stands in a field: the last amendment of it that counts, but for the one that is taken back.
async fn stands(
    (store, vault): (&Store, &Vault),
    key: &SubjectKey,
    journey: &str,
    (record, field): (&str, Field),
    without: Option<i64>,
) -> Result<Option<String>, UnitError> {
    let unit = OfJourney {
        journey: journey.to_owned(),
    };
    let mut stored = store.read(unit).await?;
    stored.retain(|one| Some(one.place) != without && one.field == field.name());
    let last = opened(vault, key, journey, (record, stored), &[])?.pop();
    Ok(match last {
        Some(last) => last.value,
        None => Some(AS_IT_CAME.to_owned()),
    })
}

/// Of which record and field an amendment is, by its number.
async fn kept(store: &Store, journey: &str, number: i64) -> Result<Option<(String, Field)>, UnitError> {
    let unit = OfJourney {
        journey: journey.to_owned(),
    };
    let found = store.read(unit).await?.into_iter().find(|one| one.place == number);
    Ok(found.and_then(|one| Some((one.record, Field::named(&one.field).ok()?))))
}

fn said(by: &str, reason: &str) -> Result<(), UnitError> {
    if by.trim().is_empty() || reason.trim().is_empty() {
        return Err(UnitError::Refused("Say who says so, and why: the journal keeps it.".into()));
    }
    Ok(())
}

fn may_be_amended(found: &Found, shipment: &str, field: Field) -> Result<(), UnitError> {
    let journey = &found.journey.journey;
    let reference = &journey.reference;
    let refused = |why: String| Err(UnitError::Refused(why));
    match (field.of(), shipment) {
        (Of::Order, "") if journey.stage == Stage::Stopped => Ok(()),
        (Of::Order, "") => refused(format!(
            "Order {reference} is {}: it stands in the other systems as it came. Correct it there.",
            journey.stage.name()
        )),
        (Of::Order, _) => refused(format!("Field {} belongs to the order: name no shipment.", field.name())),
        (Of::Shipment, "") => refused(format!(
            "Field {} belongs to a shipment: say which. Order {reference} has {}.",
            field.name(),
            listed(journey.shipments.iter().map(|shipment| shipment.key.as_str()))
        )),
        (Of::Shipment, key) if journey.shipments.iter().any(|shipment| shipment.key == key) => Ok(()),
        (Of::Shipment, key) => refused(format!(
            "Order {reference} has no shipment {key}. It has {}.",
            listed(journey.shipments.iter().map(|shipment| shipment.key.as_str()))
        )),
    }
}

fn listed<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let keys: Vec<&str> = keys.collect();
    if keys.is_empty() { "none".into() } else { keys.join(", ") }
}

/// An amendment's name, which it is sealed under.
fn number(journey: &str, place: i64) -> String {
    format!("{journey}/{place}")
}

/// What counts of what is kept for one record, with what is only tried put over it.
pub(crate) fn opened(
    vault: &Vault,
    key: &SubjectKey,
    journey: &str,
    (record, stored): (&str, Vec<Stored>),
    tried: &[Amendment],
) -> Result<Vec<Amendment>, UnitError> {
    let mut amendments = Vec::new();
    for stored in stored
        .into_iter()
        .filter(|one| one.record == record && one.taken_back_at.is_none())
    {
        let Some(body) = stored.body else { continue };
        let name = number(journey, stored.place);
        let body = vault.open(key, place("amendment", &name), body)?;
        let amendment = serde_json::from_slice(&body)
            .map_err(|error| UnitError::Refused(format!("amendment {name} cannot be read: {error}")))?;
        amendments.push(amendment);
    }
    let of = if record.is_empty() { Of::Order } else { Of::Shipment };
    amendments.extend(tried.iter().filter(|tried| tried.field.of() == of).cloned());
    Ok(amendments)
}

/// An order with what people have put in the place of its own.
pub(crate) async fn over((store, vault): (&Store, &Vault), key: &SubjectKey, order: &Order) -> Result<Order, UnitError> {
    let journey = order.journey().to_string();
    let unit = OfJourney {
        journey: journey.clone(),
    };
    let stored = store.read(unit).await?;
    Ok(amendment::order(order, &opened(vault, key, &journey, ("", stored), &[])?))
}

/// An amendment, as it is told.
pub struct Told {
    pub stored: Stored,
    /// None once the order was erased.
    pub amendment: Option<Amendment>,
    /// What its source says in the place of it; none for nothing, where the order was never read, and of a field that a shipment has.
    pub came: Option<String>,
}

/// What was amended of a journey, for whoever has the key and may open it: the oldest first, with the number that takes it back. Of an order that was
/// erased it is told that something was, and not what.
pub async fn told(
    store: &Store,
    (vault, permit): (&Vault, &Permit),
    (company, journey): (&str, &str),
) -> Result<Vec<Told>, UnitError> {
    leave::is_for(permit, Right::Open, company)?;
    let unit = OfJourney {
        journey: journey.to_owned(),
    };
    let all = store.read(unit).await?;
    // Of almost every order nothing is.
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let look = Look {
        company: company.to_owned(),
        journey: journey_id(journey)?,
    };
    let found = store.read(look).await?;
    let keys::KeyState::Held(wrapped) = &found.key else {
        let untold = |stored| Told {
            stored,
            amendment: None,
            came: None,
        };
        return Ok(all.into_iter().map(untold).collect());
    };
    let key = vault.unwrap(company, journey, wrapped)?;
    let as_it_came = AsItCame {
        journey: journey.to_owned(),
    };
    let order = match store.read(as_it_came).await? {
        Some(came) => Some(came.original(vault, &key)?),
        None => None,
    };
    let mut told = Vec::new();
    for stored in all {
        let alone = Stored {
            taken_back_at: None,
            ..stored.clone()
        };
        let opened = opened(vault, &key, journey, (&stored.record, vec![alone]), &[])?;
        let amendment = opened.into_iter().next();
        let field = amendment.as_ref().map(|amendment| amendment.field);
        let came = field
            .zip(order.as_ref())
            .and_then(|(field, order)| amendment::stands(order, field));
        told.push(Told {
            came: came.map(str::to_owned),
            amendment,
            stored,
        });
    }
    Ok(told)
}

struct OfJourney {
    journey: String,
}

impl Unit for OfJourney {
    type Output = Vec<Stored>;
    const NAME: &'static str = "amendments_of_journey";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        amendments::of_journey(tx, &self.journey).await
    }
}

struct Look {
    company: String,
    journey: JourneyId,
}

struct Found {
    journey: journeys::Stored,
    key: keys::KeyState,
    next: i64,
}

impl Found {
    fn key(&self) -> Result<&Wrapped, UnitError> {
        match &self.key {
            keys::KeyState::Held(key) => Ok(key),
            keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => Err(UnitError::Refused(format!(
                "Order {} was erased: there is nothing to amend.",
                self.journey.journey.reference
            ))),
        }
    }
}

impl Unit for Look {
    type Output = Found;
    const NAME: &'static str = "look_before_amending";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Found, UnitError> {
        let id = self.journey.as_str();
        let unknown = || UnitError::Refused(format!("There is no order {id} of {}.", self.company));
        let journey = journeys::load(tx, &self.journey).await?.ok_or_else(unknown)?;
        match keys::load(tx, &self.company, id).await? {
            keys::KeyState::Absent => Err(unknown()),
            key @ (keys::KeyState::Held(_) | keys::KeyState::Destroyed { .. }) => Ok(Found {
                key,
                next: amendments::next(tx, id).await?,
                journey,
            }),
        }
    }
}

enum Change {
    Add(Stored),
    TakeBack(i64, Timestamp),
}

struct Write {
    journey: String,
    change: Change,
    entry: Entry,
}

impl Unit for Write {
    type Output = ();
    const NAME: &'static str = "amend";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        match &self.change {
            Change::Add(new) => amendments::add(tx, &self.journey, new).await?,
            Change::TakeBack(place, now) => {
                if !amendments::take_back(tx, &self.journey, *place, *now).await? {
                    return Err(UnitError::Refused(format!(
                        "There is no amendment {place} of this order that counts. Look at the list of them again."
                    )));
                }
            }
        }
        exceptions::put_right(tx, &self.journey).await?;
        self.entry.write(tx).await
    }
}
