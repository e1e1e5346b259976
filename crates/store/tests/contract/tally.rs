//! The tally's tables: a record is of the day of its first content, pages neither skip nor repeat, and a gap that returns stands again.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::tally::{Kind, Problem, Received};
use tallyman_core::time::{Date, Timestamp};
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::feeds;
use tallyman_store::tables::messages::{self, Message};
use tallyman_store::tables::tally::{self, Gap, Swept};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    a_record_is_of_the_day_of_its_first_content,
    pages_of_a_day_neither_skip_nor_repeat,
    a_gap_is_kept_when_it_is_cleared_and_stands_again_when_it_returns,
    a_feed_is_done_when_its_round_is_finished_and_not_when_it_is_given_back,
}

const SECOND: Duration = Duration::from_secs(1);

fn source() -> Connection {
    Connection::new("retailer")
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_micros(1_000_000_000).plus(SECOND * u32::try_from(second).unwrap())
}

fn day() -> Range<Timestamp> {
    at(100)..at(200)
}

fn journey(record: &str) -> JourneyId {
    JourneyId::from_fingerprint(Fingerprint::derive("acme", record, "journey"))
}

/// Receives a record with this content.
struct Receive {
    record: String,
    hash: &'static str,
    shown: u32,
    now: Timestamp,
}

fn receive(record: &str, hash: &'static str, second: u64) -> Receive {
    Receive {
        record: record.to_owned(),
        hash,
        shown: 1,
        now: at(second),
    }
}

impl Unit for Receive {
    type Output = bool;
    const NAME: &'static str = "receive";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let message = Message {
            connection: source(),
            record: self.record.clone(),
            hash: self.hash.into(),
            company: Company::new("acme"),
            kind: Kind::Order.name(),
            journey: journey(&self.record).to_string(),
            made_at: Some(self.now.minus(SECOND)),
            shown: self.shown,
            body: vec![1],
        };
        messages::insert(tx, &message, self.now).await
    }
}

/// A page of a span.
struct OfDay(Range<Timestamp>, Option<Received>, i64);

impl Unit for OfDay {
    type Output = Vec<Received>;
    const NAME: &'static str = "of day";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Received>, UnitError> {
        tally::of_day(tx, (&source(), Kind::Order), &self.0, self.1.as_ref(), self.2).await
    }
}

struct Again(Range<Timestamp>);

impl Unit for Again {
    type Output = Vec<(String, u32, u32)>;
    const NAME: &'static str = "again";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        tally::again(tx, (&source(), Kind::Order), &self.0, 100).await
    }
}

async fn keys(store: &Store, span: Range<Timestamp>) -> Vec<String> {
    let page = store.read(OfDay(span, None, 100)).await.unwrap();
    page.into_iter().map(|record| record.key).collect()
}

async fn a_record_is_of_the_day_of_its_first_content(bench: Bench) {
    let store = bench.program().await;
    for unit in [
        receive("early", "a", 99),
        receive("first", "a", 100),
        receive("last", "a", 199),
        receive("next", "a", 200),
        // Another content of the day before, and of this day; the same content again is no message.
        receive("early", "b", 150),
        receive("first", "b", 160),
        receive("first", "c", 250),
    ] {
        assert!(store.write(unit).await.unwrap());
    }
    assert!(!store.write(receive("first", "a", 170)).await.unwrap());
    assert_eq!(keys(&store, day()).await, ["first", "last"]);
    assert_eq!(keys(&store, at(0)..at(100)).await, ["early"]);

    let twice = Receive {
        shown: 2,
        ..receive("twice", "a", 180)
    };
    store.write(twice).await.unwrap();
    let again = store.read(Again(day())).await.unwrap();
    let again: Vec<_> = again
        .iter()
        .map(|(key, version, shown)| (key.as_str(), *version, *shown))
        .collect();
    assert_eq!(again, [("early", 2, 1), ("first", 2, 1), ("twice", 1, 2)]);
    assert_eq!(
        store.read(Again(at(200)..at(300))).await.unwrap(),
        [("first".to_owned(), 3, 1)]
    );

    let page = store.read(OfDay(day(), None, 1)).await.unwrap();
    assert_eq!(page[0].made_at, Some(at(99)));
    assert_eq!((page[0].decided, page[0].carded, page[0].erased), (false, false, false));
    // A card of its journey shows for as long as it is open.
    store.write(Card(journey("first"), true)).await.unwrap();
    assert!(store.read(OfDay(day(), None, 1)).await.unwrap()[0].carded);
    store.write(Card(journey("first"), false)).await.unwrap();
    assert!(!store.read(OfDay(day(), None, 1)).await.unwrap()[0].carded);
}

/// Puts up a card of a journey, or takes it off.
struct Card(JourneyId, bool);

impl Unit for Card {
    type Output = ();
    const NAME: &'static str = "card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let cause = Cause::field("retailer", "items");
        let finding = Kept::without_sentence(Code::Unreadable, cause.clone());
        if self.1 {
            exceptions::join(tx, "acme", (self.0.as_str(), ""), &finding, exceptions::SEEN_ALL, at(0)).await?;
        } else {
            exceptions::go_on(tx, self.0.as_str(), "", GoesOn::Proven("it was read"), at(0)).await?;
        }
        let open = exceptions::is_open(tx, "acme", Code::Unreadable, &cause).await?;
        assert_eq!(open, self.1);
        Ok(())
    }
}

async fn pages_of_a_day_neither_skip_nor_repeat(bench: Bench) {
    let store = bench.program().await;
    // Several in one instant, as one poll brings them.
    for number in 0..23_u64 {
        store
            .write(receive(&format!("{number}"), "a", 100 + number / 5))
            .await
            .unwrap();
    }
    for size in [1, 4, 5, 23, 24] {
        let (mut seen, mut after, mut order) = (BTreeSet::new(), None, Vec::new());
        loop {
            let page = store.read(OfDay(day(), after, size)).await.unwrap();
            for record in &page {
                assert!(seen.insert(record.key.clone()), "{} came twice", record.key);
                order.push((record.received_at, record.key.clone()));
            }
            after = page.last().cloned();
            if (page.len() as i64) < size {
                break;
            }
        }
        assert_eq!(seen.len(), 23);
        assert!(order.is_sorted());
    }
}

enum Do {
    Open(&'static str, Problem),
    Say(&'static str, &'static str),
    Clear(&'static str, &'static str),
    Swept(i64),
}

struct Change(Do, u64);

impl Unit for Change {
    type Output = ();
    const NAME: &'static str = "change gap";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let (source, day) = (source(), Date::parse("2026-11-02").unwrap());
        let (source, now) = ((&source, Kind::Order), at(self.1));
        match self.0 {
            Do::Open(key, problem) => tally::open(tx, source, (key, problem), day, now).await,
            Do::Say(key, why) => tally::say(tx, source, (key, Problem::Missing), why).await,
            Do::Clear(key, why) => tally::clear(tx, source, (key, Problem::Missing), why, now).await.map(drop),
            Do::Swept(listed) => {
                let swept = Swept {
                    at: now,
                    listed,
                    why: String::new(),
                };
                tally::put_swept(tx, source, day, &swept).await?;
                assert_eq!(tally::swept(tx, source, day).await?, Some(swept));
                assert_eq!(tally::swept(tx, source, day.plus_days(1)).await?, None);
                Ok(())
            }
        }
    }
}

/// Those that stand, and all of the day.
struct Gaps;

impl Unit for Gaps {
    type Output = (Vec<Gap>, Vec<Gap>);
    const NAME: &'static str = "gaps";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let source = source();
        let source = (&source, Kind::Order);
        let day = Date::parse("2026-11-02").unwrap();
        Ok((
            tally::standing(tx, source, 100).await?,
            tally::gaps_of(tx, source, day, 100).await?,
        ))
    }
}

async fn a_gap_is_kept_when_it_is_cleared_and_stands_again_when_it_returns(bench: Bench) {
    let store = bench.program().await;
    for (what, second) in [
        (Do::Open("7", Problem::Missing), 1),
        // Found again, it keeps its time.
        (Do::Open("7", Problem::Missing), 2),
        (Do::Open("8", Problem::UnknownThere), 3),
        (Do::Say("7", "the source answers 500"), 4),
        (Do::Swept(5), 4),
        (Do::Swept(6), 5),
    ] {
        store.write(Change(what, second)).await.unwrap();
    }
    let (standing, all) = store.read(Gaps).await.unwrap();
    let seen = |gaps: &[Gap]| -> Vec<(String, Timestamp, Option<Timestamp>, String)> {
        let one = |gap: &Gap| (gap.record.clone(), gap.found_at, gap.cleared_at, gap.why.clone());
        gaps.iter().map(one).collect()
    };
    let eight = ("8".to_owned(), at(3), None, String::new());
    assert_eq!(
        seen(&standing),
        [
            ("7".to_owned(), at(1), None, "the source answers 500".to_owned()),
            eight.clone()
        ]
    );
    assert_eq!(seen(&all), seen(&standing));

    store.write(Change(Do::Clear("7", "it was fetched"), 6)).await.unwrap();
    // What is over is not said any more about.
    store.write(Change(Do::Say("7", "late"), 7)).await.unwrap();
    let (standing, all) = store.read(Gaps).await.unwrap();
    assert_eq!(seen(&standing), std::slice::from_ref(&eight));
    assert_eq!(
        seen(&all),
        [
            ("7".to_owned(), at(1), Some(at(6)), "it was fetched".to_owned()),
            eight.clone()
        ]
    );

    store.write(Change(Do::Open("7", Problem::Missing), 8)).await.unwrap();
    let (standing, _) = store.read(Gaps).await.unwrap();
    assert_eq!(seen(&standing), [eight, ("7".to_owned(), at(8), None, String::new())]);
}

/// What happens to a feed, and when it is done and due afterwards.
enum Feed {
    Add,
    Claim,
    GiveBack(i64),
    Finish(i64),
    Hurry,
}

struct OfFeed(Feed, u64);

impl Unit for OfFeed {
    type Output = (Option<Timestamp>, Option<Timestamp>);
    const NAME: &'static str = "of feed";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let now = at(self.1);
        let due = now.plus(SECOND * 60);
        match self.0 {
            Feed::Add => feeds::add(tx, "keys", at(0), now).await?,
            Feed::Claim => {
                let _held = feeds::claim(tx, "keys", "worker", now, due).await?;
            }
            Feed::GiveBack(token) => feeds::give_back(tx, "keys", token, due, now).await?,
            Feed::Finish(token) => feeds::finish(tx, "keys", token, (due, now), now).await?,
            Feed::Hurry => {
                feeds::hurry(tx, "keys", now).await?;
            }
        }
        Ok((feeds::done_at(tx, "keys").await?, feeds::due(tx, "keys").await?))
    }
}

async fn a_feed_is_done_when_its_round_is_finished_and_not_when_it_is_given_back(bench: Bench) {
    let store = bench.program().await;
    for (what, second, done, due) in [
        (Feed::Add, 1, 1, 0),
        // It is there already.
        (Feed::Add, 2, 1, 0),
        (Feed::Claim, 3, 1, 63),
        // Somebody holds it: nobody is hurried.
        (Feed::Hurry, 4, 1, 63),
        (Feed::GiveBack(1), 5, 1, 65),
        (Feed::Hurry, 6, 1, 6),
        (Feed::Claim, 7, 1, 67),
        (Feed::Finish(1), 8, 1, 67),
        (Feed::Finish(2), 9, 9, 69),
    ] {
        let seen = store.write(OfFeed(what, second)).await.unwrap();
        assert_eq!(seen, (Some(at(done)), Some(at(due))), "at {second}");
    }
}
