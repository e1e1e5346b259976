//! The duplicate sweep: orders in the ledger that stand beside one of ours get a card.
//!
//! It compares what should be with what is: what was written in the ledger since the last sweep, and what stands on its open cards,
//! is held against our journeys. Whatever is suspected is read by its id, ours and the other, and judged as both stand now; so a
//! card goes by itself once one of them is gone or cancelled. Nothing is ever cancelled or deleted here.
//!
//! Not here: despatches that somebody else posted to an order of ours ([`crate::foreign`]), and what somebody changed in one
//! ([`crate::lineage`]); both come round with this.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt::Display;
use std::time::Duration;

use tallyman_core::duplicate::{Booked, Standing, Suspicion, compare, suspect};
use tallyman_core::finding::Code;
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::planted::Bug;
use tallyman_core::reference::Reference;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::{effects, journeys};
use tallyman_store::{Tx, Unit, UnitError};

use crate::cards::{self, Card, journey_id};
use crate::intake::{Of, RoundError, references};
use crate::wire::Wire;
use crate::worker::LoadJourney;
use crate::{foreign, lineage};

/// Orders of the ledger that are held against ours in one transaction.
const HELD_AGAINST_AT_ONCE: usize = 200;
/// How long the sweep begins again at the same place for an order of ours that is not confirmed. Whatever keeps it so long has a
/// card of its own.
const BEGIN_AGAIN_MAX: Duration = Duration::from_secs(7 * 86_400);

/// One round from this watermark; gives the next.
pub async fn round((worker, merchant): Of<'_>, watermark: Timestamp) -> Result<Timestamp, RoundError> {
    let parts = &*worker.parts;
    let connection = merchant.ledger.connection();
    let asked_at = parts.clock.now();
    let wire = Wire::new(parts, &worker.sessions, &*merchant.ledger, None);
    let since = watermark.minus(parts.pace.overlap);
    let mut written = merchant.ledger.booked_since(&wire, since).await?;
    lineage::look((worker, merchant), &wire, &written).await?;
    written.retain(|booked| booked.standing == Standing::Order && !parts.planted.is(Bug::DuplicatesUnseen));

    let on_cards = cards::standing((worker, merchant), Code::LedgerDuplicate, &record(connection, "")).await?;
    let on_cards: BTreeSet<Pair> = on_cards.into_iter().map(|(journey, other)| Pair { journey, other }).collect();
    let mut suspects: BTreeSet<Pair> = BTreeSet::new();
    let mut may_come = false;
    for booked in written.chunks(HELD_AGAINST_AT_ONCE) {
        let unit = HoldAgainst {
            company: merchant.company.to_string(),
            ledger: connection.clone(),
            booked: booked.to_vec(),
        };
        let found = parts.store.read(unit).await?;
        suspects.extend(found.pairs);
        may_come |= found.may_come;
    }
    let mut ours: BTreeMap<i64, Option<Booked>> = BTreeMap::new();
    // What is new comes first: a round that is broken off goes on behind it.
    for pair in suspects.difference(&on_cards).chain(&on_cards) {
        judge((worker, merchant), &wire, pair, on_cards.contains(pair), &mut ours).await?;
    }
    foreign::look((worker, merchant), &wire, since).await?;
    let begins_again = may_come && asked_at.since(watermark) < BEGIN_AGAIN_MAX;
    Ok(if begins_again { watermark } else { asked_at })
}

/// One of our journeys, and an order of the ledger that may be its double.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    journey: JourneyId,
    other: i64,
}

/// What the other order goes by on a card.
fn record(ledger: &Connection, id: impl Display) -> String {
    format!("{ledger} order {id}")
}

async fn judge(
    (worker, merchant): Of<'_>,
    wire: &Wire<'_>,
    pair: &Pair,
    on_card: bool,
    read: &mut BTreeMap<i64, Option<Booked>>,
) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    let Some(seen) = parts
        .store
        .read(LoadJourney {
            id: pair.journey.clone(),
        })
        .await?
    else {
        return Ok(());
    };
    let finding = match &seen.journey.ledger_order {
        Some(order) => {
            let ours = match read.entry(order.id) {
                Entry::Vacant(place) => place.insert(merchant.ledger.booked(wire, order.id).await?),
                Entry::Occupied(known) => known.into_mut(),
            };
            let ours = ours.as_ref();
            let other = merchant.ledger.booked(wire, pair.other).await?;
            compare(&seen.journey, ours, other.as_ref())
        }
        None => None,
    };
    let card = Card {
        journey: &pair.journey,
        record: record(merchant.ledger.connection(), pair.other),
        finding,
        gone: "Its double in the ledger is gone.",
    };
    cards::settle((worker, merchant), card, on_card).await?;
    Ok(())
}

/// Finds whose these orders may be doubles of, by tag and by reference.
struct HoldAgainst {
    company: String,
    ledger: Connection,
    booked: Vec<Booked>,
}

struct Suspected {
    pairs: Vec<Pair>,
    may_come: bool,
}

impl Unit for HoldAgainst {
    type Output = Suspected;
    const NAME: &'static str = "hold_against_journeys";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Suspected, UnitError> {
        let mut suspected = Suspected {
            pairs: Vec::new(),
            may_come: false,
        };
        for booked in &self.booked {
            for id in self.journeys_of(tx, booked).await? {
                let Some(journey) = journeys::load(tx, &id).await?.map(|stored| stored.journey) else {
                    continue;
                };
                if journey.route.ledger != self.ledger {
                    continue;
                }
                match suspect(booked, &journey) {
                    Suspicion::None => {}
                    Suspicion::Later => suspected.may_come = true,
                    Suspicion::Another => suspected.pairs.push(Pair {
                        journey: id,
                        other: booked.id,
                    }),
                }
            }
        }
        Ok(suspected)
    }
}

impl HoldAgainst {
    async fn journeys_of(&self, tx: &mut Tx<'_>, booked: &Booked) -> Result<BTreeSet<JourneyId>, UnitError> {
        let mut ids = BTreeSet::new();
        if let Some(tag) = &booked.tag {
            // Tags of other installations, and of other companies, are not ours to judge.
            let journey = effects::journey(tx, &self.company, tag).await?;
            ids.extend(journey.map(|id| journey_id(&id)).transpose()?);
        }
        if let Ok(reference) = Reference::parse(&booked.reference) {
            let known = journeys::known_as(tx, &self.company, references::RETAILER_ORDER, &reference.normalised()).await?;
            for id in known {
                ids.insert(journey_id(&id)?);
            }
        }
        Ok(ids)
    }
}
