//! What a record that stands still is decided again from, as the store has it.

use std::collections::BTreeSet;

use tallyman_core::amendment::{self, Amendment};
use tallyman_core::document::Order;
use tallyman_core::effect::State;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::{Journey, Stage};
use tallyman_store::seal::{SubjectKey, Wrapped};
use tallyman_store::tables::{amendments, effects, exceptions, journeys, messages};
use tallyman_store::{Tx, Unit, UnitError, keys};

use crate::amend;
use crate::vault::{Vault, place};

/// More shipments of one order than this are not looked through.
const SHIPMENTS_MAX: i64 = 200;

/// An order as it came and sealed, however far it is, with what people have amended of it.
pub(crate) struct Came {
    pub(crate) journey: Journey,
    pub(super) version: i64,
    document: Vec<u8>,
    amendments: Vec<amendments::Stored>,
    key: Wrapped,
}

/// The order of a journey; none where it was erased, or was never read.
pub(crate) async fn came(tx: &mut Tx<'_>, journey: &str) -> Result<Option<Came>, UnitError> {
    let Some((stored, key)) = load(tx, journey).await? else {
        return Ok(None);
    };
    let Some(document) = journeys::document(tx, &stored.journey.id).await? else {
        return Ok(None);
    };
    Ok(Some(Came {
        journey: stored.journey,
        version: stored.version,
        document,
        amendments: amendments::of_journey(tx, journey).await?,
        key,
    }))
}

impl Came {
    /// Whether nothing was written for it.
    pub(crate) fn is_stopped(&self) -> bool {
        self.journey.stage == Stage::Stopped
    }

    /// The order as its source sent it.
    pub(crate) fn original(self, vault: &Vault, key: &SubjectKey) -> Result<Order, UnitError> {
        let journey = self.journey.id.as_str();
        let document = vault.open(key, place("journey", journey), self.document)?;
        serde_json::from_slice(&document)
            .map_err(|error| UnitError::Refused(format!("the order of journey {journey} cannot be read: {error}")))
    }

    /// The order as people have amended it, and with what is only tried put over it; and its key. It opens for its own company.
    pub(crate) fn open(self, vault: &Vault, company: &str, tried: &[Amendment]) -> Result<(Order, SubjectKey), UnitError> {
        let journey = self.journey.id.as_str();
        let key = vault.unwrap(company, journey, &self.key)?;
        let amendments = amend::opened(vault, &key, journey, ("", self.amendments.clone()), tried)?;
        let order = self.original(vault, &key)?;
        Ok((amendment::order(&order, &amendments), key))
    }
}

/// An order however far it is.
pub(crate) struct AsItCame {
    pub(crate) journey: String,
}

impl Unit for AsItCame {
    type Output = Option<Came>;
    const NAME: &'static str = "order_as_it_came";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        came(tx, &self.journey).await
    }
}

/// One that nothing was written for, with the cards that it stands under.
pub(super) struct Stopped {
    pub(super) journey: String,
}

pub(super) struct StoppedOrder {
    pub(super) came: Came,
    pub(super) cards: BTreeSet<String>,
    /// Of what is said of it on them.
    pub(super) marks: BTreeSet<String>,
}

impl Unit for Stopped {
    type Output = Option<StoppedOrder>;
    const NAME: &'static str = "stopped_order";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some(came) = came(tx, &self.journey).await?.filter(Came::is_stopped) else {
            return Ok(None);
        };
        let cards = exceptions::cards_of(tx, &self.journey, "").await?;
        Ok(Some(StoppedOrder {
            came,
            cards: cards.into_iter().map(|(id, _)| id).collect(),
            marks: exceptions::marks_of(tx, &self.journey, "").await?.into_iter().collect(),
        }))
    }
}

/// A journey with what the warehouse has said about it, newest first, sealed.
pub(super) struct Shipped {
    pub(super) journey: String,
}

pub(super) struct ShippedOrder {
    pub(super) journey: Journey,
    pub(super) version: i64,
    pub(super) key: Wrapped,
    pub(super) messages: Vec<messages::Undecided>,
    pub(super) amendments: Vec<amendments::Stored>,
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
            version: stored.version,
            key,
            messages: messages::of_journey(tx, &self.journey, "shipment", SHIPMENTS_MAX).await?,
            amendments: amendments::of_journey(tx, &self.journey).await?,
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
pub(super) struct Parked {
    pub(super) journey: String,
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
