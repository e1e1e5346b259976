//! What a record that stands still is decided again from, as the store has it.

use std::collections::BTreeSet;

use tallyman_core::effect::State;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::{Journey, Stage};
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::{amendments, effects, exceptions, journeys, messages};
use tallyman_store::{Tx, Unit, UnitError, keys};

/// More shipments of one order than this are not looked through.
const SHIPMENTS_MAX: i64 = 200;

/// An order that nothing was written for, sealed, with the cards it stands under.
pub(super) struct Stopped {
    pub(super) journey: String,
}

pub(super) struct StoppedOrder {
    pub(super) came: CameOrder,
    pub(super) cards: BTreeSet<String>,
    /// Of what is said of it on them.
    pub(super) marks: BTreeSet<String>,
}

impl Unit for Stopped {
    type Output = Option<StoppedOrder>;
    const NAME: &'static str = "stopped_order";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let came = came(tx, &self.journey).await?;
        let Some(came) = came.filter(|came| came.journey.stage == Stage::Stopped) else {
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

/// An order as it came, sealed, however far it is.
pub(super) struct Came {
    pub(super) journey: String,
}

pub(super) struct CameOrder {
    pub(super) journey: Journey,
    pub(super) version: i64,
    pub(super) document: Vec<u8>,
    pub(super) amendments: Vec<amendments::Stored>,
    pub(super) key: Wrapped,
}

impl Unit for Came {
    type Output = Option<CameOrder>;
    const NAME: &'static str = "order_as_it_came";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        came(tx, &self.journey).await
    }
}

async fn came(tx: &mut Tx<'_>, journey: &str) -> Result<Option<CameOrder>, UnitError> {
    let Some((stored, key)) = load(tx, journey).await? else {
        return Ok(None);
    };
    let Some(document) = journeys::document(tx, &stored.journey.id).await? else {
        return Ok(None);
    };
    Ok(Some(CameOrder {
        journey: stored.journey,
        version: stored.version,
        document,
        amendments: amendments::of_journey(tx, journey).await?,
        key,
    }))
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
