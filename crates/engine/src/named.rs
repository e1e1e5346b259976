//! Orders by the numbers that they are known by: of any system, our own id, the tags that our writes carry outside, and the key by which the
//! retailer's records are named.
//!
//! Two companies may have orders of one number, and a number of one order may be that of another: what is done with an order is done
//! with one, so whoever names several is asked which. Whoever only looks is forgiven more: blanks, dashes, and what is left out at either
//! end.

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::reference::Reference;
use tallyman_store::tables::{effects, journeys, search};
use tallyman_store::{Store, Tx, Unit, UnitError};

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub company: String,
    /// Our own id of it.
    pub journey: String,
}

/// Why it is not known which is meant.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("{number} is no number that an order has: {why}")]
    Unreadable { number: String, why: String },
    #[error("nothing is known by {number}; it is looked for whole")]
    Nothing { number: String },
    #[error("{number} means {} orders, of {}: name the company, or a number that only one has", .of.len(), .of.join(", "))]
    Several { number: String, of: Vec<String> },
    #[error(transparent)]
    Store(#[from] UnitError),
}

/// The order of this number at one of these companies.
pub async fn order(store: &Store, number: &str, companies: &[String]) -> Result<Order, Refused> {
    let unreadable = |error: &dyn std::fmt::Display| Refused::Unreadable {
        number: number.to_owned(),
        why: error.to_string(),
    };
    let reference = Reference::parse(number.trim()).map_err(|error| unreadable(&error))?;
    let mut found = found(store, &reference, companies).await?;
    let number = number.to_owned();
    match found.pop() {
        None => Err(Refused::Nothing { number }),
        Some(one) if found.is_empty() => Ok(one),
        Some(last) => {
            found.push(last);
            let of = found.into_iter().map(|order| order.company).collect();
            Err(Refused::Several { number, of })
        }
    }
}

/// Every order of this number at these companies, none if it cannot be a number of one.
pub async fn all(store: &Store, number: &str, companies: &[String]) -> Result<Vec<Order>, UnitError> {
    let Ok(reference) = Reference::parse(number.trim()) else {
        return Ok(Vec::new());
    };
    found(store, &reference, companies).await
}

async fn found(store: &Store, reference: &Reference, companies: &[String]) -> Result<Vec<Order>, UnitError> {
    let mut found = store.read(Find(reference.clone())).await?;
    found.retain(|order| companies.contains(&order.company));
    Ok(found)
}

/// The order of our own id, if there is one.
pub async fn of_id(store: &Store, journey: &str) -> Result<Option<Order>, UnitError> {
    match Fingerprint::parse(journey) {
        Ok(id) => store.read(OfId(JourneyId::from_fingerprint(id))).await,
        Err(_) => Ok(None),
    }
}

struct OfId(JourneyId);

impl Unit for OfId {
    type Output = Option<Order>;
    const NAME: &'static str = "order_of_id";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let stored = journeys::load(tx, &self.0).await?;
        Ok(stored.map(|stored| Order {
            company: stored.journey.company.to_string(),
            journey: stored.journey.id.to_string(),
        }))
    }
}

struct Find(Reference);

impl Unit for Find {
    type Output = Vec<Order>;
    const NAME: &'static str = "order_by_number";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        known(tx, &self.0).await
    }
}

/// Every order that goes by this: a number as it stands, our own id, a tag of ours, or the retailer's key. Each once.
pub async fn known(tx: &mut Tx<'_>, reference: &Reference) -> Result<Vec<Order>, UnitError> {
    let mut found = Vec::new();
    let mut add = |company: String, journey: String| {
        let order = Order { company, journey };
        if !found.contains(&order) {
            found.push(order);
        }
    };
    for (company, journey) in journeys::find(tx, &reference.normalised()).await? {
        add(company, journey);
    }
    let text = reference.as_str().trim();
    let mut ids = Vec::new();
    if let Ok(own) = Fingerprint::parse(text) {
        ids.push(JourneyId::from_fingerprint(own));
        // People read our tag in the ledger and in the warehouse. It is the id of the write that carries it.
        let its = effects::of_tag(tx, &own).await?;
        ids.extend(
            its.and_then(|its| Fingerprint::parse(&its).ok())
                .map(JourneyId::from_fingerprint),
        );
    }
    // Our id is made of the retailer's key, so the key leads to it and need not be kept beside the numbers.
    for (account, company) in search::accounts(tx).await? {
        ids.push(JourneyId::derive(&Company::new(company), &Connection::new(account), text));
    }
    for id in ids {
        if let Some(order) = search::glimpse(tx, &id).await? {
            add(order.company, id.to_string());
        }
    }
    Ok(found)
}
