//! The duplicate sweep: orders in the ledger that stand beside one of ours get a card.
//!
//! It compares what should be with what is: what was written in the ledger since the last sweep, and what stands on its open cards,
//! is held against our journeys. Whatever is suspected is read by its id, ours and the other, and judged as both stand now; so a
//! card goes by itself once one of them is gone or cancelled. Nothing is ever cancelled or deleted here.
//!
//! Not here: despatches that somebody else posted to an order of ours. The next despatch of that order finds them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tallyman_core::duplicate::{Booked, Standing, Suspicion, compare, suspect};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::planted::Bug;
use tallyman_core::reference::Reference;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::{effects, exceptions, journeys};
use tallyman_store::{Tx, Unit, UnitError, keys};

use crate::intake::{Of, RoundError, references};
use crate::vault::{About, Entry};
use crate::wire::Wire;
use crate::worker::LoadJourney;

/// Orders of the ledger that are held against ours in one transaction.
const HELD_AGAINST_AT_ONCE: usize = 200;
/// Cards that are looked at again in one round: each costs two calls, and a round has its time.
const LOOKED_AT_AGAIN_MAX: i64 = 400;
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
    written.retain(|booked| booked.standing == Standing::Order && !parts.planted.is(Bug::DuplicatesUnseen));

    let on_cards: BTreeSet<Pair> = parts.store.read(OnCards::of(merchant)).await?.into_iter().collect();
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
fn record(ledger: &Connection, id: i64) -> String {
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
            if !read.contains_key(&order.id) {
                read.insert(order.id, merchant.ledger.booked(wire, order.id).await?);
            }
            let ours = read.get(&order.id).and_then(Option::as_ref);
            let other = merchant.ledger.booked(wire, pair.other).await?;
            compare(&seen.journey, ours, other.as_ref())
        }
        None => None,
    };
    if finding.is_some() == on_card {
        return Ok(());
    }
    let company = merchant.company.as_str();
    let now = parts.clock.now();
    let key = parts.store.read(KeyOf::of(company, &pair.journey)).await?;
    let entry = match key {
        keys::KeyState::Held(wrapped) => {
            let key = parts.vault.unwrap(company, pair.journey.as_str(), &wrapped)?;
            let about = About {
                company,
                subject: pair.journey.as_str(),
                key: &key,
                at: now,
                actor: &worker.name,
            };
            let (kind, sentence) = match &finding {
                Some(finding) => ("order.doubled", finding.sentence.clone()),
                None => ("order.single", "Its double in the ledger is gone.".to_owned()),
            };
            Some(parts.vault.entry(&about, kind, &sentence))
        }
        // Nothing is said any more about an order that was erased; its card says what must be done.
        keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => None,
    };
    let write = SetCard {
        company: company.to_owned(),
        journey: pair.journey.clone(),
        record: record(merchant.ledger.connection(), pair.other),
        finding,
        entry,
        now,
    };
    parts.store.write(write).await?;
    Ok(())
}

/// Puts an order on its card, or takes it off.
struct SetCard {
    company: String,
    journey: JourneyId,
    record: String,
    finding: Option<Finding>,
    entry: Option<Entry>,
    now: Timestamp,
}

impl Unit for SetCard {
    type Output = ();
    const NAME: &'static str = "set_duplicate_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let journey = self.journey.as_str();
        match &self.finding {
            Some(finding) => {
                exceptions::join(
                    tx,
                    &self.company,
                    (journey, &self.record),
                    finding,
                    exceptions::SEEN_ALL,
                    self.now,
                )
                .await?
            }
            None => exceptions::leave(tx, journey, &self.record, self.now).await?,
        }
        match &self.entry {
            Some(entry) => entry.write(tx).await,
            None => Ok(()),
        }
    }
}

/// What stands on the open cards of this ledger.
struct OnCards {
    company: String,
    ledger: Connection,
}

impl OnCards {
    fn of(merchant: &crate::parts::Merchant) -> Self {
        Self {
            company: merchant.company.to_string(),
            ledger: merchant.ledger.connection().clone(),
        }
    }
}

impl Unit for OnCards {
    type Output = Vec<Pair>;
    const NAME: &'static str = "duplicates_on_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Pair>, UnitError> {
        let mut pairs = Vec::new();
        let prefix = record(&self.ledger, 0);
        let prefix = prefix.trim_end_matches('0');
        for (journey, record) in exceptions::members_under(tx, &self.company, Code::LedgerDuplicate, LOOKED_AT_AGAIN_MAX).await? {
            if let Some(other) = record.strip_prefix(prefix).and_then(|id| id.parse().ok()) {
                let journey = journey_id(&journey)?;
                pairs.push(Pair { journey, other });
            }
        }
        Ok(pairs)
    }
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

struct KeyOf {
    company: String,
    journey: JourneyId,
}

impl KeyOf {
    fn of(company: &str, journey: &JourneyId) -> Self {
        Self {
            company: company.to_owned(),
            journey: journey.clone(),
        }
    }
}

impl Unit for KeyOf {
    type Output = keys::KeyState;
    const NAME: &'static str = "key_of_journey";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<keys::KeyState, UnitError> {
        keys::load(tx, &self.company, self.journey.as_str()).await
    }
}

fn journey_id(text: &str) -> Result<JourneyId, UnitError> {
    Fingerprint::parse(text)
        .map(JourneyId::from_fingerprint)
        .map_err(|error| UnitError::Refused(error.to_string()))
}
