//! The tally of a day, put together from the store: what was received from each source, where it stands, and what its own list says.
//!
//! Reading it asks nobody and changes nothing. The source's own list is asked by the second sweep ([`sweep`]), which writes down what it
//! found. That it is read quickly is the worker's doing ([`books`]).

pub mod books;
pub mod records;
pub mod sweep;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use tallyman_core::ident::Connection;
use tallyman_core::role::Question;
use tallyman_core::tally::{Kind, Late, NOWHERE, Problem, Standing, Tally, standing};
use tallyman_core::time::{Date, Timestamp, Zone};
use tallyman_store::tables::feeds;
use tallyman_store::tables::tally::{self, Gap, Swept};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::connections;
use crate::heartbeat::explained;
use crate::parts::Merchant;
use crate::worker::Feed;

/// Records read in one transaction.
const PAGE: i64 = 500;
/// Names shown of what came again, of what is late, and of gaps.
const NAMED_MAX: i64 = 1_000;
/// Records that came after a comparison are counted so far.
const AFTER_MAX: i64 = 10_000;

/// Who gives records, and of what kind.
#[derive(Debug, Clone)]
pub struct Source {
    pub company: String,
    pub zone: Zone,
    pub connection: Connection,
    pub kind: Kind,
    pub question: Question,
}

impl Source {
    /// The sources of a merchant.
    pub fn of(merchant: &Merchant) -> [Self; 2] {
        Kind::ALL.map(|kind| {
            let (connection, question) = match kind {
                Kind::Order => (merchant.channel.connection(), merchant.channel.orders_question()),
                Kind::Shipment => (merchant.warehouse.connection(), merchant.warehouse.shipments_question()),
            };
            Self {
                company: merchant.company.to_string(),
                zone: merchant.zone.clone(),
                connection: connection.clone(),
                kind,
                question,
            }
        })
    }
}

/// A source's tally of one day.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    pub company: String,
    pub source: Connection,
    pub kind: Kind,
    pub day: Date,
    #[serde(flatten)]
    pub tally: Tally,
    pub repeats: u64,
    pub adds_up: bool,
    pub question: Question,
    /// When the source's own list was last compared, and how many keys of the day it held.
    pub compared_at: Option<Timestamp>,
    /// Whether the day was over by then.
    pub compared_whole: bool,
    pub listed: Option<i64>,
    /// Records of the day that came after that: its list has proved nothing of them. All of them where it was not compared.
    pub uncompared: u64,
    /// Why it was not compared, or why nothing comes from there now.
    pub why: Option<String>,
    pub gaps: Vec<Named>,
}

/// One key in which the source and we differ, or differed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    pub key: String,
    pub problem: Problem,
    pub found_at: Timestamp,
    /// `None` for one that stands.
    pub cleared_at: Option<Timestamp>,
    pub why: String,
}

impl Page {
    /// Whether everything adds up and no gap stands, as far as the source's own list was compared.
    pub fn is_whole(&self) -> bool {
        self.adds_up && self.gaps.iter().all(|gap| gap.cleared_at.is_some())
    }
}

/// The tally of a source and a day, as it stands now.
pub async fn ask(store: &Store, source: &Source, day: Date, now: Timestamp) -> Result<Page, UnitError> {
    let span = span(day, &source.zone);
    let mut tally = store
        .read(CountDay {
            source: source.clone(),
            day,
        })
        .await?;
    let beyond = store
        .read(Beyond {
            source: source.clone(),
            day,
            span: span.clone(),
            now,
        })
        .await?;
    for (key, version, shown) in &beyond.again {
        tally.count_again(key, *version, *shown);
    }
    let (swept, whole) = match beyond.swept {
        Some(swept) => (Some(swept.clone()), swept.why.is_empty() && swept.at >= span.end),
        None => (None, false),
    };
    let said = swept.as_ref().map(|swept| swept.why.clone()).filter(|why| !why.is_empty());
    let compared_at = swept.as_ref().filter(|swept| swept.why.is_empty()).map(|swept| swept.at);
    Ok(Page {
        company: source.company.clone(),
        source: source.connection.clone(),
        kind: source.kind,
        day,
        repeats: tally.repeats(),
        adds_up: tally.adds_up(),
        uncompared: compared_at.map_or(tally.received, |_| beyond.uncompared),
        tally,
        question: source.question,
        compared_at,
        compared_whole: whole,
        listed: swept.filter(|swept| swept.why.is_empty()).map(|swept| swept.listed),
        why: beyond.explained.or(said),
        gaps: beyond.gaps.into_iter().map(named).collect(),
    })
}

fn named(gap: Gap) -> Named {
    Named {
        key: gap.record,
        problem: gap.problem,
        found_at: gap.found_at,
        cleared_at: gap.cleared_at,
        why: gap.why,
    }
}

/// The instants of a civil date.
fn span(day: Date, zone: &Zone) -> Range<Timestamp> {
    day.starts_in(zone)..day.plus_days(1).starts_in(zone)
}

struct CountDay {
    source: Source,
    day: Date,
}

impl Unit for CountDay {
    type Output = Tally;
    const NAME: &'static str = "tally_of_day";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        count(tx, &self.source, self.day).await
    }
}

/// What was received on a day, and where it stands now: as it is counted, put right by what may stand otherwise.
pub(crate) async fn count(tx: &mut Tx<'_>, source: &Source, day: Date) -> Result<Tally, UnitError> {
    let span = span(day, &source.zone);
    let its = (&source.connection, source.kind);
    let mut by: BTreeMap<String, i64> = tally::kept(tx, its, &span).await?.into_iter().collect();
    let mut nowhere = match by.get(NOWHERE) {
        Some(count) if *count > 0 => tally::nowhere(tx, its, &span, NAMED_MAX).await?,
        _ => Vec::new(),
    };
    let mut after = None;
    loop {
        let page = tally::stale(tx, its, &span, after.as_ref(), PAGE).await?;
        for found in &page {
            if !found.counted.is_empty() {
                *by.entry(found.counted.clone()).or_default() -= 1;
            }
            let stands = stands(source.kind, &found.record);
            *by.entry(stands.to_owned()).or_default() += 1;
            if stands == NOWHERE {
                nowhere.push(found.record.key.clone());
            }
        }
        match page.last() {
            Some(last) if page.len() as i64 == PAGE => after = Some(last.record.clone()),
            _ => break,
        }
    }
    let of = |stand: &str| u64::try_from(by.get(stand).copied().unwrap_or_default()).unwrap_or_default();
    let late = tally::late(tx, its, &span, NAMED_MAX).await?;
    Ok(Tally {
        received: by.values().map(|count| u64::try_from(*count).unwrap_or_default()).sum(),
        posted: of(Standing::Posted.name()),
        open: of(Standing::Open.name()),
        declined: of(Standing::Declined.name()),
        nowhere,
        again: Vec::new(),
        late: late
            .into_iter()
            .map(|(key, made_at, received_at)| Late {
                key,
                made_at,
                received_at,
            })
            .collect(),
    })
}

/// As what a record is counted.
fn stands(kind: Kind, record: &tallyman_core::tally::Received) -> &'static str {
    standing(kind, record).map_or(NOWHERE, Standing::name)
}

/// What else is known of a source today.
pub(crate) struct Beside {
    pub gaps: u64,
    pub compared_at: Option<Timestamp>,
    /// Records that came since; none where it was not.
    pub uncompared: u64,
    pub why: Option<String>,
}

/// How many gaps stand, of whatever day; and when the source's own list was compared, of this day or the one before.
pub(crate) async fn beside(tx: &mut Tx<'_>, source: &Source, today: Date, now: Timestamp) -> Result<Beside, UnitError> {
    let its = (&source.connection, source.kind);
    let mut compared_at = None;
    let mut said = None;
    for day in [today, today.plus_days(-1)] {
        match tally::swept(tx, its, day).await? {
            Some(swept) if swept.why.is_empty() => compared_at = compared_at.max(Some(swept.at)),
            Some(swept) => said = said.or(Some(swept.why)),
            None => {}
        }
    }
    let uncompared = match compared_at {
        Some(at) => tally::came(tx, its, &(at..span(today, &source.zone).end), AFTER_MAX).await?,
        None => 0,
    };
    Ok(Beside {
        gaps: tally::standing(tx, its, NAMED_MAX).await?.len() as u64,
        compared_at,
        uncompared,
        why: explained(tx, &source.company, &source.connection, now).await?.or(said),
    })
}

/// What is beside the records themselves.
struct Beyond {
    source: Source,
    day: Date,
    span: Range<Timestamp>,
    now: Timestamp,
}

struct FoundBeyond {
    again: Vec<(String, u32, u32)>,
    gaps: Vec<Gap>,
    swept: Option<Swept>,
    /// Records of the day that came after that.
    uncompared: u64,
    explained: Option<String>,
}

impl Unit for Beyond {
    type Output = FoundBeyond;
    const NAME: &'static str = "tally_beyond";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<FoundBeyond, UnitError> {
        let source = (&self.source.connection, self.source.kind);
        let swept = tally::swept(tx, source, self.day).await?;
        let uncompared = match &swept {
            Some(swept) => tally::came(tx, source, &(swept.at.max(self.span.start)..self.span.end), AFTER_MAX).await?,
            None => 0,
        };
        Ok(FoundBeyond {
            again: tally::again(tx, source, &self.span, NAMED_MAX).await?,
            gaps: tally::gaps_of(tx, source, self.day, NAMED_MAX).await?,
            swept,
            uncompared,
            explained: explained(tx, &self.source.company, &self.source.connection, self.now).await?,
        })
    }
}

/// Has the source's own list compared now, by whichever worker runs; false if that is under way or due already.
pub struct Hurry {
    pub source: Source,
    /// Who asks for it, as the journal names them.
    pub by: String,
    pub now: Timestamp,
}

impl Unit for Hurry {
    type Output = bool;
    const NAME: &'static str = "hurry_sweep";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let feed = Feed::Keys(self.source.kind);
        let connection = &self.source.connection;
        let hurried = feeds::hurry(tx, &feed.named(connection), self.now).await?;
        if hurried {
            let about = (self.source.company.as_str(), connection.as_str(), self.by.as_str());
            connections::asked_for_now(tx, about, &[feed.kind()], self.now).await?;
        }
        Ok(hurried)
    }
}
