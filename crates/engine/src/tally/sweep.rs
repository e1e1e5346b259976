//! The second sweep: a source's own list of keys is held against what was received.
//!
//! It shares nothing with intake but the wire: its own feed, its own watermark, its own question. A key that the source lists and we
//! never received goes on the card of its source and day, and is fetched by its key; intake takes it in as if it had come by itself. A
//! key that we have and the source does not list is asked about by itself. A card goes when nothing on it stands any more. While
//! something else explains that nothing comes from there, no card is put up; the tally says what it is.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::document::{Order, Shipment};
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::journey::Stage;
use tallyman_core::role::{Listed, Question, ReadError, Received};
use tallyman_core::seam::Refusal;
use tallyman_core::tally::{Kind, Problem, Window};
use tallyman_core::time::{Date, Timestamp};
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::tally::{self, Gap, Had, Swept};
use tallyman_store::{Tx, Unit, UnitError};

use super::Source;
use crate::heartbeat::explained;
use crate::intake::{self, Of, RoundError};
use crate::units::LookUpRelease;
use crate::wire::Wire;

/// How far off a warehouse's times may be: whose zone they are in, and which of two equal hours in autumn, its list does not say.
const ZONE_SLACK: Duration = Duration::from_secs(2 * 3600);
/// A day is compared again for so long: what a source dates back shows late.
const LOOK_BACK_DAYS: i32 = 7;
/// Keys looked up in one transaction.
const LOOKED_UP_AT_ONCE: usize = 200;
/// Records of ours that are held against the list in one round, in pages.
const PAGES_MAX: usize = 40;
const PAGE: i64 = 500;
/// Records that are asked for by their keys in one round, for each of two reasons: each costs a call, and all of them together must
/// stay below a minute's limit. The next round goes on.
const ASKED_MAX: usize = 40;
/// Differences that are looked at again in one round, the oldest first.
const STANDING_MAX: i64 = 400;

/// What a round has come to.
pub struct Outcome {
    pub watermark: Timestamp,
    /// Something stands, and is worth looking at again soon.
    pub stands: bool,
}

/// One round from this watermark.
pub async fn round((worker, merchant): Of<'_>, kind: Kind, watermark: Timestamp) -> Result<Outcome, RoundError> {
    let parts = &*worker.parts;
    let source = Source::of(merchant).into_iter().find(|source| source.kind == kind);
    let Some(source) = source.filter(|source| matches!(source.question, Question::Asked { .. })) else {
        return Ok(Outcome {
            watermark,
            stands: false,
        });
    };
    let now = parts.clock.now();
    let sweep = Sweep {
        of: (worker, merchant),
        source: &source,
        wire: match kind {
            Kind::Order => Wire::new(parts, &worker.sessions, &*merchant.channel, None),
            Kind::Shipment => Wire::new(parts, &worker.sessions, &*merchant.warehouse, None),
        },
        window: Window {
            from: match kind {
                // What an order is older than is not ours.
                Kind::Order => watermark,
                // A shipment carries our tag, however old it seems; and its times may be read an hour off.
                Kind::Shipment => watermark.minus(ZONE_SLACK),
            },
            // Intake has had its time by then, and no list lags longer.
            settled: now.minus(parts.pace.overlap),
            zone: &merchant.zone,
        },
    };
    let listed = sweep.list().await?;
    let all: BTreeSet<String> = listed.iter().map(|one| one.key.clone()).collect();
    let compared = sweep.compare(&listed, now).await?;
    // What is missing is brought in before anything else is asked: it may be goods that have left.
    let stands = sweep.settle(&all).await?;
    let cut_off = sweep.doubt(&all).await?;

    let last = now.date_in(&merchant.zone).plus_days(-LOOK_BACK_DAYS);
    Ok(Outcome {
        watermark: watermark.max(last.starts_in(&merchant.zone)),
        stands: stands || cut_off || !compared,
    })
}

/// What a difference goes by on its card. It belongs to no journey of ours, so all that is said of it is in plain: source, kind and key.
fn record(connection: &Connection, kind: Kind, key: &str, problem: Problem) -> String {
    let said = match problem {
        Problem::Missing => "",
        Problem::UnknownThere => ", not known there",
    };
    format!("{connection} {} {key}{said}", kind.name())
}

fn finding(connection: &Connection, day: Date) -> Kept {
    let cause = Cause::Day {
        source: connection.clone(),
        day,
    };
    Kept::without_sentence(Code::TallyGap, cause)
}

struct Sweep<'a> {
    of: Of<'a>,
    source: &'a Source,
    wire: Wire<'a>,
    window: Window<'a>,
}

/// A record that was asked for by its key.
enum Fetched {
    Order(Box<Received<Order>>),
    Shipment(Box<Received<Shipment>>),
}

impl Sweep<'_> {
    /// The source's own list. Of a warehouse, what carries a tag of ours: the rest is other people's.
    async fn list(&self) -> Result<Vec<Listed>, RoundError> {
        let (worker, merchant) = self.of;
        match self.source.kind {
            Kind::Order => Ok(merchant.channel.order_keys(&self.wire, self.window.from).await?),
            Kind::Shipment => {
                let listed = merchant.warehouse.shipment_keys(&self.wire, self.window.from).await?;
                let mut ours = Vec::new();
                for listed in listed.chunks(LOOKED_UP_AT_ONCE) {
                    let look_up = LookUpRelease {
                        company: merchant.company.to_string(),
                        releases: listed.iter().map(|one| one.release.clone().unwrap_or_default()).collect(),
                    };
                    let journeys = worker.parts.store.read(look_up).await?;
                    let known = listed.iter().zip(journeys).filter(|(_, journey)| journey.is_some());
                    ours.extend(known.map(|(one, _)| one.clone()));
                }
                Ok(ours)
            }
        }
    }

    /// Finds what was never received, puts it on its card, and writes down that each day was compared; false if something explains that
    /// nothing comes from there.
    async fn compare(&self, listed: &[Listed], asked: Timestamp) -> Result<bool, RoundError> {
        let store = &self.of.0.parts.store;
        let mut by_day = self.window.by_day(listed);
        let mut compared = true;
        for day in self.window.days() {
            let keys: Vec<String> = by_day.remove(&day).unwrap_or_default().into_iter().collect();
            let count = i64::try_from(keys.len()).unwrap_or(i64::MAX);
            // A day without a key is written down, too: nothing is missing of it.
            let mut rest = &keys[..];
            loop {
                let (now_asked, later) = rest.split_at(rest.len().min(LOOKED_UP_AT_ONCE));
                let unit = Compare {
                    source: self.source.clone(),
                    day,
                    keys: now_asked.to_vec(),
                    listed: count,
                    asked,
                    now: self.of.0.parts.clock.now(),
                };
                compared &= store.write(unit).await?;
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
        }
        Ok(compared)
    }

    /// Asks for what we have and the source does not list; true if there was more than one round asks about.
    async fn doubt(&self, listed: &BTreeSet<String>) -> Result<bool, RoundError> {
        let store = &self.of.0.parts.store;
        let mut asked = 0;
        let mut after = None;
        for _ in 0..PAGES_MAX {
            let unit = PageOfHad {
                source: self.source.clone(),
                span: self.window.from..self.window.settled,
                after: after.take(),
            };
            let page = store.read(unit).await?;
            for had in page.iter().filter(|had| !listed.contains(&had.key) && self.is_doubtful(had)) {
                if asked == ASKED_MAX {
                    return Ok(true);
                }
                asked += 1;
                if self.fetch(&had.key).await?.is_none() {
                    let unit = Doubted {
                        source: self.source.clone(),
                        key: had.key.clone(),
                        day: had.received_at.date_in(self.window.zone),
                        now: self.of.0.parts.clock.now(),
                    };
                    store.write(unit).await?;
                }
            }
            match page.last() {
                Some(last) if page.len() as i64 == PAGE => after = Some(last.clone()),
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Whether the source's list ought to hold it, or ought to be asked why not.
    fn is_doubtful(&self, had: &Had) -> bool {
        // By the same times as the list was asked for.
        let in_window = had
            .made_at
            .is_some_and(|made| self.window.from <= made && made <= self.window.settled);
        let known_there = match self.source.kind {
            // What was confirmed to the channel was known there when it was.
            Kind::Order => [Stage::Complete, Stage::Declined]
                .iter()
                .any(|over| had.stage.as_deref() == Some(over.name())),
            Kind::Shipment => false,
        };
        in_window && !known_there && !had.erased
    }

    /// Looks at every difference that stands, whatever its day; true if any still does.
    async fn settle(&self, listed: &BTreeSet<String>) -> Result<bool, RoundError> {
        let store = &self.of.0.parts.store;
        let standing = store
            .read(Standing {
                source: self.source.clone(),
            })
            .await?;
        let mut stands = standing.len() > ASKED_MAX;
        for gap in standing.iter().take(ASKED_MAX) {
            let said = match gap.problem {
                Problem::Missing => self.bring(&gap.record, listed).await?,
                Problem::UnknownThere => match self.fetch(&gap.record).await? {
                    Some(_) => Said::Gone("the source knows it".into()),
                    None => Said::Stands("the source says that there is no such record".into()),
                },
            };
            stands |= matches!(said, Said::Stands(_));
            let unit = Say {
                source: self.source.clone(),
                gap: gap.clone(),
                said,
                now: self.of.0.parts.clock.now(),
            };
            store.write(unit).await?;
        }
        Ok(stands)
    }

    /// Brings in what is missing, and says what came of it.
    async fn bring(&self, key: &str, listed: &BTreeSet<String>) -> Result<Said, RoundError> {
        if self.is_here(key).await? {
            return Ok(Said::Gone("it arrived by itself".into()));
        }
        match self.fetch(key).await {
            Ok(Some(Fetched::Order(order))) => intake::orders::take_in(self.of, &[*order]).await?,
            Ok(Some(Fetched::Shipment(shipment))) => intake::shipments::take_in(self.of, vec![*shipment]).await?,
            Ok(None) if listed.contains(key) => {
                return Ok(Said::Stands(
                    "the source lists it, and has no such record when it is asked for".into(),
                ));
            }
            Ok(None) => return Ok(Said::Gone("the source has no such record any more".into())),
            // About this one record; the others may be had all the same. Their words may name people: a status says enough.
            Err(ReadError::Refused(Refusal { status, .. })) => {
                return Ok(Said::Stands(format!("the source answers {status} when it is asked for")));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(if self.is_here(key).await? {
            Said::Gone("it was fetched by its key".into())
        } else {
            Said::Stands("it was fetched by its key, and is not ours".into())
        })
    }

    async fn is_here(&self, key: &str) -> Result<bool, UnitError> {
        let unit = IsHere {
            connection: self.source.connection.clone(),
            key: key.to_owned(),
        };
        self.of.0.parts.store.read(unit).await
    }

    async fn fetch(&self, key: &str) -> Result<Option<Fetched>, ReadError> {
        let merchant = self.of.1;
        Ok(match self.source.kind {
            Kind::Order => {
                let order = merchant.channel.order(&self.wire, key).await?;
                order.map(|order| Fetched::Order(Box::new(order)))
            }
            Kind::Shipment => {
                let shipment = merchant.warehouse.shipment(&self.wire, key).await?;
                shipment.map(|shipment| Fetched::Shipment(Box::new(shipment)))
            }
        })
    }
}

/// What came of a difference that stood.
enum Said {
    Gone(String),
    Stands(String),
}

/// Holds some keys of a day against what was received.
struct Compare {
    source: Source,
    day: Date,
    keys: Vec<String>,
    /// Keys that the source lists for the whole day.
    listed: i64,
    /// When the list was asked for: what was made later need not be on it.
    asked: Timestamp,
    now: Timestamp,
}

impl Unit for Compare {
    /// Whether it was compared.
    type Output = bool;
    const NAME: &'static str = "compare_keys";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let Source {
            company,
            connection,
            kind,
            ..
        } = &self.source;
        let mut missing = Vec::new();
        for key in &self.keys {
            if !tally::is_received(tx, connection, key).await? {
                missing.push(key);
            }
        }
        let why = explained(tx, company, connection, self.asked).await?.unwrap_or_default();
        let compared = why.is_empty();
        if compared {
            for key in missing {
                open(tx, &self.source, (key, Problem::Missing), self.day, self.now).await?;
            }
        }
        let swept = Swept {
            at: self.asked,
            listed: self.listed,
            why,
        };
        tally::put_swept(tx, (connection, *kind), self.day, &swept).await?;
        Ok(compared)
    }
}

async fn open(
    tx: &mut Tx<'_>,
    source: &Source,
    (key, problem): (&str, Problem),
    day: Date,
    now: Timestamp,
) -> Result<(), UnitError> {
    let Source {
        company,
        connection,
        kind,
        ..
    } = source;
    tally::open(tx, (connection, *kind), (key, problem), day, now).await?;
    let record = record(connection, *kind, key, problem);
    let finding = finding(connection, day);
    exceptions::join(tx, company, ("", &record), &finding, exceptions::SEEN_ALL, now).await
}

/// A page of what was received, the oldest first.
struct PageOfHad {
    source: Source,
    span: std::ops::Range<Timestamp>,
    after: Option<Had>,
}

impl Unit for PageOfHad {
    type Output = Vec<Had>;
    const NAME: &'static str = "had_keys";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let source = (&self.source.connection, self.source.kind);
        tally::had(tx, source, &self.span, self.after.as_ref(), PAGE).await
    }
}

/// The source does not know what we have from it.
struct Doubted {
    source: Source,
    key: String,
    day: Date,
    now: Timestamp,
}

impl Unit for Doubted {
    type Output = ();
    const NAME: &'static str = "doubt_key";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        open(tx, &self.source, (&self.key, Problem::UnknownThere), self.day, self.now).await
    }
}

struct Standing {
    source: Source,
}

impl Unit for Standing {
    type Output = Vec<Gap>;
    const NAME: &'static str = "standing_gaps";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Gap>, UnitError> {
        tally::standing(tx, (&self.source.connection, self.source.kind), STANDING_MAX).await
    }
}

struct IsHere {
    connection: Connection,
    key: String,
}

impl Unit for IsHere {
    type Output = bool;
    const NAME: &'static str = "is_received";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        tally::is_received(tx, &self.connection, &self.key).await
    }
}

/// Writes down what came of a difference, and takes it off its card if it stands no more.
struct Say {
    source: Source,
    gap: Gap,
    said: Said,
    now: Timestamp,
}

impl Unit for Say {
    type Output = ();
    const NAME: &'static str = "say_of_gap";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let source = (&self.source.connection, self.source.kind);
        let gap = (self.gap.record.as_str(), self.gap.problem);
        match &self.said {
            Said::Stands(why) if *why == self.gap.why => Ok(()),
            Said::Stands(why) => tally::say(tx, source, gap, why).await,
            Said::Gone(why) => {
                tally::clear(tx, source, gap, why, self.now).await?;
                let record = record(source.0, source.1, gap.0, gap.1);
                exceptions::go_on(tx, "", &record, GoesOn::Proven(why), self.now).await
            }
        }
    }
}
