//! What a page of a card's records is decided on, as the store has it.

use tallyman_core::effect::State;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ruling::Ruling;
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::{effects, exceptions, journeys, messages, rulings};
use tallyman_store::{Tx, Unit, UnitError, keys};

use super::{AT_ONCE, Decide, Of};
use crate::answer::may_have_landed;
use crate::cards::journey_id;

/// Parts of one order that stand on one card.
const OF_ORDER_MAX: i64 = 200;

pub(super) struct Look {
    card: String,
    of: Of,
    after: (String, String),
    whole: bool,
    now: Timestamp,
}

impl Look {
    pub(super) fn at(wanted: &Decide<'_>, after: (String, String)) -> Self {
        Self {
            card: wanted.card.to_owned(),
            of: wanted.of.clone(),
            after,
            whole: wanted.said.ruling == Ruling::Declined,
            now: wanted.now,
        }
    }
}

pub(super) struct Page {
    pub(super) card: Stored,
    pub(super) records: Vec<Found>,
}

/// A record with what belongs to it.
pub(super) struct Found {
    /// Empty for what belongs to no order of ours, as the reference is.
    pub(super) journey: String,
    pub(super) reference: String,
    pub(super) record: String,
    pub(super) mark: String,
    pub(super) at: Timestamp,
    /// None where there is none, and once the order was erased.
    pub(super) key: Option<Wrapped>,
    /// None for an order that could never be read; then this is its source's key.
    pub(super) home: Option<journeys::Stored>,
    pub(super) source_key: Option<String>,
    /// The effect that stands still; all of the order's where it is decided about as a whole.
    pub(super) effects: Vec<effects::Stored>,
    /// Of those one may have landed, as the card says that it stands under.
    pub(super) unclear: bool,
    /// What was decided about it before.
    pub(super) before: Option<rulings::Stored>,
}

impl Unit for Look {
    /// None where there is no such card.
    type Output = Option<Page>;
    const NAME: &'static str = "look_before_deciding";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some(card) = cards::load(tx, &self.card).await? else {
            return Ok(None);
        };
        let members = match &self.of {
            Of::All => rulings::of_card(tx, &self.card, self.now, (&self.after.0, &self.after.1), AT_ONCE).await?,
            Of::Order(journey) => rulings::of_order(tx, &self.card, self.now, journey, OF_ORDER_MAX).await?,
        };
        let mut records = Vec::with_capacity(members.len());
        for member in members {
            records.push(self.found(tx, &card, member).await?);
        }
        Ok(Some(Page { card, records }))
    }
}

impl Look {
    async fn found(&self, tx: &mut Tx<'_>, card: &Stored, member: rulings::Member) -> Result<Found, UnitError> {
        let rulings::Member {
            journey,
            reference,
            record,
            mark,
            at,
        } = member;
        let mut found = Found {
            before: rulings::load(tx, &card.company, (&journey, &record), card.card.code).await?,
            reference,
            record,
            mark,
            at,
            key: None,
            home: None,
            source_key: None,
            effects: Vec::new(),
            unclear: false,
            journey,
        };
        if found.journey.is_empty() {
            return Ok(found);
        }
        if let keys::KeyState::Held(key) = keys::load(tx, &card.company, &found.journey).await? {
            found.key = Some(key);
        }
        found.home = journeys::load(tx, &journey_id(&found.journey)?).await?;
        if found.home.is_none() {
            let messages = messages::of_journey(tx, &found.journey, Kind::Order.name(), 1).await?;
            found.source_key = messages.into_iter().next().map(|message| message.record);
        }
        found.effects = match Fingerprint::parse(&found.record) {
            _ if self.whole => effects::of_journey(tx, &found.journey).await?,
            Ok(effect) => effects::load(tx, &effect).await?.into_iter().collect(),
            Err(_) => Vec::new(),
        };
        for effect in found.effects.iter().filter(|effect| effect.state == State::Parked) {
            let under = exceptions::cards_of(tx, &found.journey, effect.id.as_str()).await?;
            // What has our number there may be ours.
            let may_be_there = |code| may_have_landed(code) || code == Code::ReferenceTaken;
            found.unclear |= under.iter().filter_map(|(_, code)| Code::named(code)).any(may_be_there);
        }
        Ok(found)
    }
}
