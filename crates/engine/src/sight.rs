//! How much of an order somebody is shown. It is decided here, and once: whatever tells of an order asks this, so the page of an order and the
//! API are one for those who may know whom it is for and those who may not.
//!
//! Masked, nothing is said that a person wrote or that was sealed because it may name one: what it was about is said in our own words. What
//! other systems said is shown, and what is known to be somebody's is masked in it wherever it stands ([`tallyman_core::redact`]): name and
//! address as they came and as they were amended, numbers of parcels and where these can be followed.

use tallyman_core::access::{Actor, Denied, Right};
use tallyman_core::amendment;
use tallyman_core::document::Order;
use tallyman_core::ident::JourneyId;
use tallyman_core::redact::{Instead, Redactor};
use tallyman_store::seal::SubjectKey;
use tallyman_store::tables::amendments::{self, Stored};
use tallyman_store::tables::journeys;
use tallyman_store::{Tx, UnitError};

use crate::amend;
use crate::story::Parcel;
use crate::vault::{Vault, place};

/// How much somebody is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All but whom it is about.
    Masked,
    /// What is kept sealed, too.
    Open,
}

impl Sight {
    /// What somebody is shown at a company, or why that is nothing.
    pub fn of(actor: &Actor, company: &str) -> Result<Self, Denied> {
        match actor.may(Right::Open, company, None) {
            Ok(_) => Ok(Self::Open),
            Err(_) => actor.may(Right::Follow, company, None).map(|_| Self::Masked),
        }
    }
}

/// What an order says of persons, sealed as it is stored.
pub(crate) struct Persons {
    document: Option<Vec<u8>>,
    amended: Vec<Stored>,
}

impl Persons {
    pub(crate) async fn load(tx: &mut Tx<'_>, journey: &JourneyId) -> Result<Self, UnitError> {
        Ok(Self {
            document: journeys::document(tx, journey).await?,
            amended: amendments::of_journey(tx, journey.as_str()).await?,
        })
    }

    /// Takes out of texts whom the order is about, as it came and as it was amended.
    pub(crate) fn redactor(
        self,
        (vault, key): (&Vault, &SubjectKey),
        journey: &str,
        instead: Instead,
    ) -> Result<Redactor, UnitError> {
        let redactor = Redactor::new(instead);
        let Some(document) = self.document.filter(|document| !document.is_empty()) else {
            return Ok(redactor);
        };
        let document = vault.open(key, place("journey", journey), document)?;
        let Ok(order) = serde_json::from_slice::<Order>(&document) else {
            return Ok(redactor);
        };
        // One by one: what was put in the place of another amendment is somebody's as well.
        let amended = amend::opened(vault, key, journey, ("", self.amended), &[])?;
        let redactor = (1..=amended.len()).fold(redactor.knowing(&order.address), |redactor, count| {
            redactor.knowing(&amendment::order(&order, &amended[..count]).address)
        });
        Ok(redactor)
    }
}

/// Where parcels can be followed is where a name and a doorstep are shown.
pub(crate) fn knowing_parcels(redactor: Redactor, parcels: &[Parcel]) -> Redactor {
    let texts = parcels
        .iter()
        .flat_map(|parcel| [parcel.tracking.clone(), parcel.tracking_url.clone()]);
    redactor.knowing_texts(texts.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tallyman_core::access::{Grant, Level, Where};

    #[test]
    fn who_may_not_know_whom_an_order_is_for_sees_it_masked_or_not_at_all() {
        let sight = |level| {
            let grant = Grant::level(level, Where::company("acme"), BTreeSet::new());
            let actor = Actor::person("P1", "Anna", vec![grant]);
            assert!(Sight::of(&actor, "beta").is_err());
            Sight::of(&actor, "acme").ok()
        };
        assert_eq!(
            Level::ALL.map(sight),
            [
                None,
                Some(Sight::Open),
                Some(Sight::Open),
                Some(Sight::Open),
                Some(Sight::Masked),
                None
            ]
        );
    }
}
