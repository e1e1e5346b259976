//! A customer's data: found by the words a person gives, erased by destroying the keys it is sealed under.

use std::collections::BTreeMap;
use std::fmt;

use tallyman_core::access::{Actor, Right};
use tallyman_core::document::Order;
use tallyman_core::effect::{Kind, State};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::Stage;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act, Change};
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::{attempts, effects, exceptions, journeys};
use tallyman_store::{Store, Tx, Unit, UnitError, journal, keys};

use crate::vault::{Vault, place};

/// Journeys looked through at a time.
const PAGE: i64 = 500;

/// An order that matches. It names the order, not the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub company: String,
    pub journey: String,
    pub reference: String,
}

/// Whom an order is for.
#[derive(Clone, PartialEq, Eq)]
pub struct Who {
    pub name: String,
    /// Empty where the order has none.
    pub postcode: String,
}

/// Personal data: it is in no log.
impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Who(masked)")
    }
}

impl Who {
    fn of(order: &Order) -> Self {
        Self {
            name: order.address.name.clone(),
            postcode: order.address.postcode.clone().unwrap_or_default(),
        }
    }

    /// The same for one person, however they typed it: case and blanks are nobody's.
    fn key(&self) -> (String, String) {
        let words: Vec<&str> = self.name.split_whitespace().collect();
        let postcode: String = self.postcode.split_whitespace().collect();
        (words.join(" ").to_lowercase(), postcode.to_lowercase())
    }
}

/// An order that was found, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub order: Match,
    pub who: Who,
}

/// What was found, a person at a time: orders are one person's where name and postcode are the same.
pub fn by_person(found: Vec<Found>) -> Vec<(Who, Vec<Match>)> {
    let mut people: BTreeMap<(String, String), (Who, Vec<Match>)> = BTreeMap::new();
    for Found { order, who } in found {
        let (_, orders) = people.entry(who.key()).or_insert_with(|| (who, Vec::new()));
        orders.push(order);
    }
    people.into_values().collect()
}

/// Writes down, with each order, that somebody is shown whose it is, and why. Nothing may be shown before that is done.
pub struct Look {
    pub found: Vec<Found>,
    pub actor: Actor,
    pub why: String,
    pub now: Timestamp,
}

impl Unit for Look {
    type Output = ();
    const NAME: &'static str = "look_at_person";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let sentence = format!("Looked at whose order it is. {}", self.why.trim());
        for Found { order, .. } in &self.found {
            let permit = self.actor.may(Right::Unmask, &order.company, None)?;
            let act = Act {
                company: &order.company,
                at: self.now,
                actor: permit.actor(),
                kind: "person.shown",
                subject: &order.journey,
                what: &sentence,
                change: Change::NONE,
            };
            act.write(tx).await?;
        }
        Ok(())
    }
}

struct Page {
    after: String,
}

/// One journey with its sealed order.
type Row = (journeys::Sealed, Wrapped);

impl Unit for Page {
    /// The last id of the page, and its journeys whose key is there.
    type Output = (Option<String>, Vec<Row>);
    const NAME: &'static str = "person_page";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let page = journeys::documents(tx, &self.after, PAGE).await?;
        let last = page.last().map(|row| row.id.clone());
        let mut rows = Vec::new();
        for row in page {
            if let keys::KeyState::Held(key) = keys::load(tx, &row.company, &row.id).await? {
                rows.push((row, key));
            }
        }
        Ok((last, rows))
    }
}

/// Every order whose recipient's name, e-mail, telephone number or postcode contains these words, whatever their case.
///
/// There is no index of people, on purpose: it would itself be personal data. Every order is opened and read.
pub async fn find(store: &Store, vault: &Vault, words: &str, mut progress: impl FnMut(u64)) -> Result<Vec<Found>, UnitError> {
    let words = words.trim().to_lowercase();
    if words.chars().count() < 3 {
        return Err(UnitError::Refused(
            "Give at least three characters of the name, e-mail address, telephone number or postcode.".into(),
        ));
    }
    let mut found = Vec::new();
    let mut after = String::new();
    let mut seen = 0;
    loop {
        let (last, rows) = store.read(Page { after: after.clone() }).await?;
        for (row, wrapped) in &rows {
            seen += 1;
            let key = vault.unwrap(&row.company, &row.id, wrapped)?;
            let bytes = vault.open(&key, place("journey", &row.id), row.document.clone())?;
            let order: Order = serde_json::from_slice(&bytes)
                .map_err(|error| UnitError::Refused(format!("order {}: {error}", row.reference)))?;
            if matches(&order, &words) {
                let who = Who::of(&order);
                let order = Match {
                    company: row.company.clone(),
                    journey: row.id.clone(),
                    reference: row.reference.clone(),
                };
                found.push(Found { order, who });
            }
        }
        progress(seen);
        match last {
            Some(last) => after = last,
            None => return Ok(found),
        }
    }
}

fn matches(order: &Order, words: &str) -> bool {
    let address = &order.address;
    let optional = [
        &address.company,
        &address.contact,
        &address.email,
        &address.phone,
        &address.postcode,
    ];
    std::iter::once(&address.name)
        .chain(optional.into_iter().flatten())
        .any(|field| field.to_lowercase().contains(words))
}

/// Destroys the keys of these journeys, and with them all that was said about them. All of them or none.
///
/// What is still under way is refused: without its key nothing of it could be sent, asked about or received any more. An order that
/// is stopped may go, unless the warehouse may have it: its goods would leave, and nobody would post them. What it had left to do is
/// withdrawn.
pub struct Erase {
    pub journeys: Vec<Match>,
    /// Asked for leave at the company of each.
    pub actor: Actor,
    pub now: Timestamp,
}

impl Unit for Erase {
    /// How many had something to erase.
    type Output = u64;
    const NAME: &'static str = "erase_person";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        let mut erased = 0;
        for found in &self.journeys {
            let id = Fingerprint::parse(&found.journey).map_err(|error| UnitError::Refused(error.to_string()))?;
            let id = JourneyId::from_fingerprint(id);
            let permit = self.actor.may(Right::Erase, &found.company, None)?;
            let actor = permit.actor();
            let unfinished = at_rest(tx, &id, found).await?;
            if journal::erase(tx, &found.company, &found.journey, actor, self.now).await? {
                for effect in unfinished {
                    effects::withdraw(tx, &effect, actor, self.now).await?;
                }
                journeys::forget(tx, &id, &found.company).await?;
                exceptions::end(tx, id.as_str(), "erased", self.now).await?;
                erased += 1;
            }
        }
        Ok(erased)
    }
}

/// The effects that a stopped journey has left; refused while anything about it may still move.
async fn at_rest(tx: &mut Tx<'_>, id: &JourneyId, found: &Match) -> Result<Vec<Fingerprint>, UnitError> {
    let mut stopped = false;
    let mut moving = false;
    let mut released = false;
    let mut unfinished = Vec::new();
    for effect in effects::of_journey(tx, id.as_str()).await? {
        let is_release = effect.name == Kind::Release.name();
        match effect.state {
            State::Done => {
                released |= is_release;
                continue;
            }
            State::Superseded { .. } | State::Withdrawn { .. } => continue,
            State::Parked => {
                stopped = true;
                released |= is_release && !is_not_there(tx, id, &effect.id).await?;
            }
            State::Waiting => {}
            State::Ready { .. } | State::Sending { .. } | State::Unknown { .. } | State::Probing { .. } => moving = true,
        }
        unfinished.push(effect.id);
    }
    let stage = journeys::load(tx, id).await?.map(|stored| stored.journey.stage);
    let open = stage == Some(Stage::Open);
    if moving || (open && !stopped) {
        return Err(UnitError::Refused(format!(
            "Order {} is still under way. Erase it once it is confirmed, declined or stopped; nothing was erased.",
            found.reference
        )));
    }
    if open && released {
        return Err(UnitError::Refused(format!(
            "Order {} is stopped, but the warehouse has it, or may have it: what it sends could not be posted any more. \
             Put right what stops it, and erase it once it is confirmed; nothing was erased.",
            found.reference
        )));
    }
    Ok(unfinished)
}

/// Whether a write that is parked is proven not to have been carried out: at the end it was refused, or looked for and not found.
async fn is_not_there(tx: &mut Tx<'_>, id: &JourneyId, effect: &Fingerprint) -> Result<bool, UnitError> {
    let attempts = attempts::of_journey(tx, id.as_str()).await?;
    let last = attempts.iter().rfind(|attempt| attempt.effect == effect.as_str());
    Ok(last.is_some_and(|attempt| ["refused", "absent"].contains(&attempt.outcome.as_str())))
}

/// The journey with this id, if there is one.
pub struct ById {
    pub journey: String,
}

impl Unit for ById {
    type Output = Option<Match>;
    const NAME: &'static str = "person_by_id";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Match>, UnitError> {
        let Ok(id) = Fingerprint::parse(&self.journey) else {
            return Ok(None);
        };
        let stored = journeys::load(tx, &JourneyId::from_fingerprint(id)).await?;
        Ok(stored.map(|stored| Match {
            company: stored.journey.company.to_string(),
            journey: stored.journey.id.to_string(),
            reference: stored.journey.reference,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_one_name_at_one_postcode_however_it_is_typed() {
        let found = |reference: &str, name: &str, postcode: &str| Found {
            order: Match {
                company: "trader-1".into(),
                journey: reference.into(),
                reference: reference.into(),
            },
            who: Who {
                name: name.into(),
                postcode: postcode.into(),
            },
        };
        let people = by_person(vec![
            found("1", "Jane Smith", "LS1 4AP"),
            found("2", "John Smith", "LS1 4AP"),
            found("3", "jane  smith", "ls14ap"),
            found("4", "Jane Smith", "M1 1AE"),
        ]);
        let orders: Vec<Vec<&str>> = people
            .iter()
            .map(|(_, orders)| orders.iter().map(|order| order.reference.as_str()).collect())
            .collect();
        assert_eq!(orders, [vec!["1", "3"], vec!["4"], vec!["2"]]);
        assert_eq!(format!("{:?}", people[0].0), "Who(masked)");
    }
}
