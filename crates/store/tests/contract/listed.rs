//! The records of a day are read in three ways: in full, as a list names them, and as far as a source's own list is held against them.
//! What the narrow ways say is what the full one says, before a record is counted and after.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::journey::{Journey, Route, Stage};
use tallyman_core::money::Money;
use tallyman_core::tally::{Kind, NOWHERE, Received, Standing, standing};
use tallyman_core::time::Timestamp;
use tallyman_store::journal;
use tallyman_store::keys;
use tallyman_store::seal::{MasterKeys, SubjectKey};
use tallyman_store::tables::exceptions::{self, Kept};
use tallyman_store::tables::journeys;
use tallyman_store::tables::messages::{self, Message};
use tallyman_store::tables::tally::{self, Had, Listed, Stands};
use tallyman_store::{Tx, Unit, UnitError};

use crate::kit::{Bench, Counting};
use crate::on_every_store;

on_every_store! { the_narrow_ways_to_read_a_day_say_what_the_full_one_says }

const COMPANY: &str = "acme";
/// One record each: what nobody has decided, what is posted, what stands still, what was refused, and what cannot be accounted for.
const KEYS: [&str; 5] = ["new", "posted", "still", "declined", "lost"];

fn shop() -> Connection {
    Connection::new("shop")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn id(key: &str) -> JourneyId {
    JourneyId::derive(&Company::new(COMPANY), &shop(), key)
}

fn journey(key: &str, stage: Stage) -> Journey {
    Journey {
        id: id(key),
        company: Company::new(COMPANY),
        route: Route {
            channel: shop(),
            ledger: Connection::new("books"),
            warehouse: Connection::new("shed"),
        },
        source_key: key.to_owned(),
        reference: format!("W-{key}"),
        stage,
        lines: Vec::new(),
        draft_id: None,
        ledger_order: None,
        release_id: None,
        shipments: Vec::new(),
        net: Money::ZERO,
        due_by: None,
    }
}

struct Day;

impl Unit for Day {
    type Output = ();
    const NAME: &'static str = "day";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for (place, key) in (1..).zip(KEYS) {
            let message = Message {
                connection: shop(),
                record: key.to_owned(),
                hash: "a".into(),
                company: Company::new(COMPANY),
                kind: Kind::Order.name(),
                journey: id(key).to_string(),
                made_at: (key != "lost").then(|| at(place - 1)),
                shown: 1,
                body: vec![1],
            };
            assert!(messages::insert(tx, &message, at(place)).await?);
            if key != "new" {
                messages::decide(tx, &shop(), key, "a", at(place)).await?;
            }
        }
        for (key, stage) in [
            ("posted", Stage::Complete),
            ("still", Stage::Stopped),
            ("declined", Stage::Declined),
        ] {
            assert!(journeys::insert(tx, &journey(key, stage), None, (at(10), at(10))).await?);
        }
        let finding = Kept::without_sentence(Code::SkuUnknown, Cause::Item("85123A".into()));
        exceptions::join(
            tx,
            COMPANY,
            (id("still").as_str(), ""),
            &finding,
            exceptions::SEEN_ALL,
            at(10),
        )
        .await
    }
}

struct Read;

impl Unit for Read {
    type Output = (Vec<Received>, Vec<Listed>, Vec<Had>);
    const NAME: &'static str = "read";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let (shop, span) = (shop(), at(0)..at(100));
        let source = (&shop, Kind::Order);
        Ok((
            tally::of_day(tx, source, &span, None, 100).await?,
            tally::listed(tx, source, &span, None, 100).await?,
            tally::had(tx, source, &span, None, 100).await?,
        ))
    }
}

/// Counts every record as what it stands for.
struct Count;

impl Unit for Count {
    type Output = usize;
    const NAME: &'static str = "count";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<usize, UnitError> {
        let shop = shop();
        let source = (&shop, Kind::Order);
        let stale = tally::stale(tx, source, &(at(0)..at(100)), None, 100).await?;
        let stands = |record: &Received| standing(Kind::Order, record).map_or(NOWHERE, Standing::name);
        let found: Vec<_> = stale
            .into_iter()
            .map(|stale| (stands(&stale.record), stale))
            .map(|(stands, stale)| (stale, stands))
            .collect();
        tally::count(tx, source, &found).await?;
        Ok(found.len())
    }
}

async fn the_narrow_ways_to_read_a_day_say_what_the_full_one_says(bench: Bench) {
    let store = bench.program().await;
    store.write(Day).await.unwrap();
    for counted in [false, true] {
        let (full, listed, had) = store.read(Read).await.unwrap();
        assert_eq!(full.iter().map(|record| record.key.as_str()).collect::<Vec<_>>(), KEYS);
        for ((full, listed), had) in full.iter().zip(&listed).zip(&had) {
            let key = &full.key;
            let journey = full.journey.as_ref();
            assert_eq!(
                (&listed.key, listed.received_at, listed.made_at),
                (key, full.received_at, full.made_at)
            );
            assert_eq!(
                (&had.key, had.received_at, had.made_at),
                (key, full.received_at, full.made_at)
            );
            assert_eq!(
                listed.journey,
                journey.map(|journey| (journey.id.to_string(), journey.reference.clone())),
                "{key}"
            );
            assert_eq!(had.stage.as_deref(), journey.map(|journey| journey.stage.name()), "{key}");
            assert_eq!((listed.carded, had.erased), (full.carded, full.erased), "{key}");
            let told = match &listed.stands {
                Stands::Counted(name) => Standing::named(name),
                Stands::Stale(record) => standing(Kind::Order, record),
            };
            assert_eq!(matches!(listed.stands, Stands::Counted(_)), counted, "{key}");
            assert_eq!(told, standing(Kind::Order, full), "{key}");
        }
        assert_eq!((listed.len(), had.len()), (KEYS.len(), KEYS.len()));
        if !counted {
            assert_eq!(store.write(Count).await.unwrap(), KEYS.len());
        }
    }
    // One that stands elsewhere by now is told from its journey again, and so is one whose person was forgotten.
    store.write(Forget).await.unwrap();
    let (full, listed, had) = store.read(Read).await.unwrap();
    let still = full.iter().position(|record| record.key == "still").unwrap();
    let Stands::Stale(record) = &listed[still].stands else {
        panic!("it may stand otherwise: {:?}", listed[still]);
    };
    assert_eq!(standing(Kind::Order, record), Some(Standing::Declined));
    assert_eq!((full[still].erased, had[still].erased), (true, true));
}

/// Erases whose order stands still.
struct Forget;

impl Unit for Forget {
    type Output = ();
    const NAME: &'static str = "forget";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let subject = id("still");
        let mut draws = Counting(0);
        let masters = MasterKeys::new(1, [9; 32]);
        let key = masters.wrap(COMPANY, subject.as_str(), &SubjectKey::draw(&mut draws), &mut draws);
        keys::create(tx, COMPANY, subject.as_str(), &key, at(11)).await?;
        assert!(journal::erase(tx, COMPANY, subject.as_str(), "retention", at(12)).await?);
        journeys::forget(tx, &subject, COMPANY).await
    }
}
