//! A company at a glance: whether everything is where it should be, what flows, who is needed, what will miss its cut-off, how the day
//! goes, how old everything is.
//!
//! It is a snapshot, made in one read, and kept by [`Glances`] for as long as somebody looks: pages show it with its age. Making it
//! writes nothing and asks nobody; what grows is read as a range of an index or as a kept counter.
//!
//! A file a part. Not here: the words and pictures (`web`), and what a card is (`board`).

mod cut_off;
mod day;
mod feeds;
mod flow;
mod kept;
mod needs;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tallyman_core::access::{Actor, Right, same_person};
use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_core::time::{Timestamp, Zone};
use tallyman_store::tables::proposals;
use tallyman_store::tables::writes::Write;
use tallyman_store::{Tx, Unit, UnitError};

pub use cut_off::{AtStop, CutOff};
pub use day::Day;
pub use feeds::Feed;
pub use flow::{Arrow, Map, RATE_SPAN, Stuck, System};
pub use kept::Glances;
pub use needs::{Need, Needs};
pub use tally::Source;

use crate::parts::{Merchant, Parts};

/// How one company stands, as it was at an instant.
#[derive(Debug, Clone)]
pub struct Glance {
    pub company: String,
    pub zone: Zone,
    pub made_at: Timestamp,
    /// Orders from the channel, then shipments from the warehouse.
    pub sources: Vec<Source>,
    pub needs: Needs,
    pub map: Map,
    /// None where the merchant has said nothing of one.
    pub cut_off: Option<CutOff>,
    pub day: Day,
    pub feeds: Vec<Feed>,
    /// Who made each proposal that waits for a second person, as the journal names them.
    pub proposed_by: Vec<String>,
    kept: Kept,
}

/// Proposals that are counted at most.
const PROPOSALS_MAX: i64 = 200;

/// What does not change from one glance to the next, and is not asked again.
#[derive(Debug, Clone, Default)]
struct Kept {
    usual: Option<day::Kept>,
    /// The code of a write that stands under each card.
    kinds: BTreeMap<String, Option<tallyman_core::effect::Kind>>,
    /// What the writes are called by that cards blame.
    writes: BTreeMap<String, Write>,
}

/// Makes the glance of a company. What one that was made before has, and cannot have changed, is taken from there.
pub async fn make(parts: &Parts, merchant: &Arc<Merchant>, before: Option<&Glance>) -> Result<Glance, UnitError> {
    let look = Look {
        parts: Asked::of(parts, merchant),
        merchant: merchant.clone(),
        kept: before.map(|before| before.kept.clone()).unwrap_or_default(),
    };
    parts.store.read(look).await
}

/// What of the program's parts a glance needs.
#[derive(Clone)]
struct Asked {
    now: Timestamp,
    /// Each feed with its name and how often it comes round.
    feeds: Vec<(crate::worker::Feed, String, Duration)>,
    hours: BTreeMap<Owner, tallyman_core::calendar::Calendar>,
}

impl Asked {
    fn of(parts: &Parts, merchant: &Merchant) -> Self {
        let hours = |team| (team, crate::board::hours(parts, merchant.company.as_str(), team).clone());
        Self {
            now: parts.clock.now(),
            feeds: crate::worker::Feed::ALL
                .map(|feed| (feed, feed.name(merchant), feed.every(parts)))
                .to_vec(),
            hours: Owner::ALL.into_iter().map(hours).collect(),
        }
    }
}

struct Look {
    parts: Asked,
    merchant: Arc<Merchant>,
    kept: Kept,
}

impl Unit for Look {
    type Output = Glance;
    const NAME: &'static str = "glance";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Glance, UnitError> {
        let (merchant, asked) = (&*self.merchant, &self.parts);
        let mut kept = self.kept.clone();
        let feeds = feeds::look(tx, asked).await?;
        let needs = needs::look(tx, merchant, asked, &mut kept.writes).await?;
        let stuck = flow::stuck(tx, &needs, &mut kept.kinds).await?;
        let sources = tally::look(tx, merchant, asked).await?;
        let map = flow::look(tx, merchant, asked.now, (&feeds, &sources), (&needs, &stuck)).await?;
        let cut_off = cut_off::look(tx, merchant, asked.now, (&needs, &stuck), &map).await?;
        let day = day::look(tx, merchant, asked.now, &mut kept.usual).await?;
        let proposed = proposals::of(tx, merchant.company.as_str(), true, (None, PROPOSALS_MAX)).await?;
        Ok(Glance {
            proposed_by: proposed.into_iter().map(|proposal| proposal.made_by).collect(),
            company: merchant.company.to_string(),
            zone: merchant.zone.clone(),
            made_at: asked.now,
            sources,
            needs,
            map,
            cut_off,
            day,
            feeds: feeds.into_iter().map(|(_, feed)| feed).collect(),
            kept,
        })
    }
}

impl Glance {
    /// The tally of the orders of today.
    pub fn orders(&self) -> Option<&Source> {
        self.sources
            .iter()
            .find(|source| source.kind == tallyman_core::tally::Kind::Order)
    }

    /// Cards that wait for this person: those that they were given, and those of their teams that were given to nobody.
    pub fn mine<'a>(&'a self, actor: &'a Actor) -> impl Iterator<Item = &'a Need> {
        let acts_for = |team: &Owner| actor.may(Right::Act, &self.company, Some(*team)).is_ok();
        // Asked once a team: there may be a thousand cards, and every page counts them.
        let teams: Vec<Owner> = Owner::ALL.into_iter().filter(acts_for).collect();
        let is_theirs = move |need: &&Need| need.is_given_to(&actor.name) || need.is_free_for(&teams);
        self.needs.waiting().filter(is_theirs)
    }

    /// Proposals that this person may approve: those of others, for whoever may approve at all.
    pub fn to_approve(&self, actor: &Actor) -> u64 {
        if actor.may(Right::Approve, &self.company, None).is_err() {
            return 0;
        }
        let others = |by: &&String| !same_person(by, &actor.journalled());
        self.proposed_by.iter().filter(others).count() as u64
    }

    /// Writes of which nobody can tell whether they were carried out, those that wait for a person's word among them.
    pub fn unknown_outcomes(&self) -> u64 {
        let unclear = |need: &&Need| need.code() == Code::OutcomeUnclear;
        let parked: u64 = self.needs.cards.iter().filter(unclear).map(|need| need.stopped()).sum();
        parked + self.map.unknown
    }
}
