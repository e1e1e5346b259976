//! Cards follow their records: what they weigh, how far they are, and that nobody acts on one that has moved.

use std::sync::Mutex;

use tallyman_core::card::{Act, Card, Life, Weight};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::journey::{Journey, Route, Stage};
use tallyman_core::money::Money;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::cards::{self, Stored, Weighed};
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::journeys;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    a_card_weighs_what_stands_still_under_it_and_each_order_once,
    it_comes_to_the_same_however_little_is_counted_at_once,
    a_card_is_verifying_until_its_last_record_has_proved_that_it_went_on,
    a_cause_that_returns_opens_its_card_again,
    a_cause_that_returns_and_goes_before_anybody_counts_leaves_its_card_closed,
    an_act_on_a_card_that_has_moved_is_a_conflict,
    what_is_set_aside_comes_back_when_its_time_is_over,
    an_order_under_two_cards_is_at_stake_once,
}

const COMPANY: &str = "acme";
const NOW: Timestamp = Timestamp::from_micros(1_000);
const LATER: Timestamp = Timestamp::from_micros(9_000);
const ALL: i64 = 100;

/// What happens to an order and its records; all of a list in one unit.
#[derive(Clone, Copy)]
enum Step {
    /// An order of this number, worth so many pennies, with what was promised for then.
    Arrives(&'static str, i64, Option<i64>),
    /// It stands still under the card of this item: whole, or one of its effects.
    Stops(&'static str, &'static str, &'static str),
    GoesOnUntil(&'static str, &'static str, &'static str),
    HasGoneOn(&'static str, &'static str),
    Done(&'static str),
}

use Step::{Arrives, Done, GoesOnUntil, HasGoneOn, Stops};

struct Steps(Vec<Step>);

impl Unit for Steps {
    type Output = ();
    const NAME: &'static str = "steps";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for step in &self.0 {
            match *step {
                Arrives(number, pennies, due) => {
                    assert!(journeys::insert(tx, &order(number, pennies, due), None, (NOW, NOW)).await?);
                }
                Stops(number, effect, item) => {
                    let finding = Kept::without_sentence(Code::SkuUnknown, Cause::Item(item.into()));
                    let journey = journey(number);
                    exceptions::join(tx, COMPANY, (&journey, effect), &finding, exceptions::SEEN_ALL, NOW).await?;
                }
                GoesOnUntil(number, effect, done) => {
                    let done = named(done);
                    exceptions::go_on(tx, &journey(number), effect, GoesOn::UntilDone(&done), NOW).await?;
                }
                HasGoneOn(number, effect) => {
                    exceptions::go_on(tx, &journey(number), effect, GoesOn::Proven("seen there"), NOW).await?;
                }
                Done(effect) => exceptions::prove(tx, &named(effect), "order SO-1", NOW).await?,
            }
        }
        Ok(())
    }
}

fn named(effect: &str) -> Fingerprint {
    Fingerprint::derive(COMPANY, "effect", effect)
}

fn id(number: &str) -> JourneyId {
    JourneyId::derive(&Company::new(COMPANY), &Connection::new("shop"), number)
}

/// Nobody's, for what belongs to no order.
pub fn journey(number: &str) -> String {
    match number {
        "" => String::new(),
        number => id(number).to_string(),
    }
}

pub fn order(number: &str, pennies: i64, due: Option<i64>) -> Journey {
    Journey {
        id: id(number),
        company: Company::new(COMPANY),
        route: Route {
            channel: Connection::new("shop"),
            ledger: Connection::new("books"),
            warehouse: Connection::new("shed"),
        },
        source_key: number.to_owned(),
        reference: number.to_owned(),
        stage: Stage::Stopped,
        lines: Vec::new(),
        draft_id: None,
        ledger_order: None,
        release_id: None,
        shipments: Vec::new(),
        net: Money::from_minor(pennies),
        due_by: due.map(Timestamp::from_micros),
    }
}

struct Weigh(i64);

impl Unit for Weigh {
    type Output = (Vec<Weighed>, bool);
    const NAME: &'static str = "weigh";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        assert!(
            !cards::is_behind(tx, "other").await? && cards::weigh(tx, "other", ALL, NOW).await?.0.is_empty(),
            "another company has none"
        );
        let behind = cards::is_behind(tx, COMPANY).await?;
        let weighed = cards::weigh(tx, COMPANY, self.0, NOW).await?;
        assert_eq!(behind, !weighed.0.is_empty());
        Ok(weighed)
    }
}

struct Load(&'static str);

impl Unit for Load {
    type Output = Stored;
    const NAME: &'static str = "load";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Stored, UnitError> {
        let card = exceptions::card(COMPANY, Code::SkuUnknown, &Cause::Item(self.0.into()));
        Ok(cards::load(tx, card.as_str()).await?.expect("it is there"))
    }
}

#[derive(Clone)]
struct Set {
    id: String,
    seen: u64,
    card: Card,
    act: Act,
}

impl Unit for Set {
    type Output = ();
    const NAME: &'static str = "set";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        cards::set(tx, &self.id, self.seen, &self.card, NOW, "jo", &self.act).await
    }
}

/// An act on a card as it was seen.
fn set(seen: &Stored, act: Act) -> Set {
    Set {
        id: seen.id.clone(),
        seen: seen.card.version,
        card: seen.card.act(&act, seen.card.version, NOW).expect("it may be done"),
        act,
    }
}

struct Said(String);

impl Unit for Said {
    type Output = Vec<(u64, String, String)>;
    const NAME: &'static str = "said";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let told = cards::told(tx, &self.0, ALL).await?;
        Ok(told.into_iter().map(|told| (told.version, told.actor, told.act)).collect())
    }
}

async fn load(store: &Store, item: &'static str) -> Stored {
    store.read(Load(item)).await.unwrap()
}

/// Does the steps, counts, and gives how the card of this item stands then.
async fn after(store: &Store, item: &'static str, steps: &[Step]) -> Stored {
    store.write(Steps(steps.to_vec())).await.unwrap();
    let (_, more) = store.write(Weigh(ALL)).await.unwrap();
    assert!(!more);
    assert_eq!(
        store.write(Weigh(ALL)).await.unwrap(),
        (vec![], false),
        "what is counted is counted once"
    );
    load(store, item).await
}

const THREE: [Step; 7] = [
    Arrives("1", 1_000, Some(5_000)),
    Arrives("2", 200, Some(3_000)),
    Arrives("3", 30, None),
    Stops("1", "", "MUG"),
    Stops("2", "draft", "MUG"),
    Stops("2", "release", "MUG"),
    Stops("", "a feed", "MUG"),
];

async fn a_card_weighs_what_stands_still_under_it_and_each_order_once(bench: Bench) {
    let store = bench.program().await;
    let card = after(&store, "MUG", &THREE).await.card;
    let weight = |stopped, proving, orders, pennies| Weight {
        stopped,
        proving,
        orders,
        money: Money::from_minor(pennies),
    };
    assert_eq!(card.weight, weight(4, 0, 2, 1_200));
    assert_eq!(card.records_due, Some(Timestamp::from_micros(3_000)));
    assert_eq!(
        (card.life, card.version),
        (Life::Open, 1),
        "nothing that people see has moved"
    );

    // One record of the second order goes on, and the other still stops it.
    let card = after(&store, "MUG", &[GoesOnUntil("2", "draft", "confirm")]).await.card;
    assert_eq!(card.weight, weight(3, 1, 2, 1_200));
    let card = after(&store, "MUG", &[HasGoneOn("2", "release"), Stops("3", "", "MUG")])
        .await
        .card;
    assert_eq!(card.weight, weight(3, 1, 2, 1_030));
    assert_eq!(card.records_due, Some(Timestamp::from_micros(5_000)));
    // Stopped and gone on before anybody counted comes to nothing.
    let card = after(
        &store,
        "MUG",
        &[HasGoneOn("1", ""), Stops("1", "", "MUG"), Stops("1", "", "MUG")],
    )
    .await
    .card;
    assert_eq!(card.weight, weight(3, 1, 2, 1_030));
}

async fn it_comes_to_the_same_however_little_is_counted_at_once(bench: Bench) {
    let store = bench.program().await;
    store.write(Steps(THREE.to_vec())).await.unwrap();
    for _ in 0..4 {
        let (weighed, more) = store.write(Weigh(1)).await.unwrap();
        assert!(weighed.len() == 1 && more, "{weighed:?}");
    }
    assert_eq!(store.write(Weigh(1)).await.unwrap(), (vec![], false));
    let card = load(&store, "MUG").await.card;
    assert_eq!(
        (card.weight.stopped, card.weight.orders, card.weight.money),
        (4, 2, Money::from_minor(1_200))
    );
}

async fn a_card_is_verifying_until_its_last_record_has_proved_that_it_went_on(bench: Bench) {
    let store = bench.program().await;
    let stopped = after(
        &store,
        "MUG",
        &[
            Arrives("1", 1_000, Some(5_000)),
            Arrives("2", 200, None),
            Stops("1", "", "MUG"),
            Stops("2", "", "MUG"),
        ],
    )
    .await;
    store.write(set(&stopped, Act::Fix)).await.unwrap();
    let card = after(&store, "MUG", &[GoesOnUntil("1", "", "confirm 1")]).await;
    assert_eq!(card.card.life, Life::Fixing, "the other stands still");
    let card = after(&store, "MUG", &[GoesOnUntil("2", "", "confirm 2")]).await;
    assert_eq!((&card.card.life, card.closed_at), (&Life::Verifying, None));
    assert_eq!(
        card.card.weight,
        Weight {
            proving: 2,
            ..Weight::default()
        }
    );
    assert_eq!(card.card.records_due, None);
    let card = after(&store, "MUG", &[Done("confirm 1"), Done("something else")]).await;
    assert_eq!((&card.card.life, card.card.weight.proving), (&Life::Verifying, 1));
    let card = after(&store, "MUG", &[Done("confirm 2")]).await;
    assert_eq!((&card.card.life, card.closed_at), (&Life::Resolved, Some(NOW)));
    assert_eq!(card.card.weight, Weight::default());
    let said = |version, actor: &str, act: &str| (version, actor.to_owned(), act.to_owned());
    assert_eq!(
        store.read(Said(card.id)).await.unwrap(),
        [
            said(4, "tallyman", "\"resolved\""),
            said(3, "tallyman", "\"verifying\""),
            said(2, "jo", "\"fix\"")
        ]
    );
}

async fn a_cause_that_returns_opens_its_card_again(bench: Bench) {
    let store = bench.program().await;
    let stops = [Arrives("1", 1_000, None), Stops("1", "", "MUG")];
    let first = after(&store, "MUG", &stops).await;
    let over = after(&store, "MUG", &[HasGoneOn("1", "")]).await;
    assert_eq!((&over.card.life, over.closed_at), (&Life::Resolved, Some(NOW)));
    let again = after(&store, "MUG", &[Stops("1", "", "MUG")]).await;
    assert_eq!((&again.card.life, again.closed_at), (&Life::Open, None));
    assert_eq!((again.card.weight, &again.id), (first.card.weight, &first.id));
    assert_eq!(again.card.version, 3, "resolved, and open");
}

async fn a_cause_that_returns_and_goes_before_anybody_counts_leaves_its_card_closed(bench: Bench) {
    let store = bench.program().await;
    after(&store, "MUG", &[Arrives("1", 1_000, None), Stops("1", "", "MUG")]).await;
    after(&store, "MUG", &[HasGoneOn("1", "")]).await;
    let card = after(&store, "MUG", &[Stops("1", "", "MUG"), HasGoneOn("1", "")]).await;
    assert_eq!((&card.card.life, card.closed_at), (&Life::Resolved, Some(NOW)));
    assert_eq!((card.card.weight.stopped, card.card.weight.orders), (0, 0));
}

async fn an_act_on_a_card_that_has_moved_is_a_conflict(bench: Bench) {
    let store = bench.program().await;
    let seen = after(&store, "MUG", &[Arrives("1", 1_000, None), Stops("1", "", "MUG")]).await;
    let done = Mutex::new((0, 0));
    let act = async |set: Set| match store.write(set).await {
        Ok(()) => done.lock().unwrap().0 += 1,
        Err(UnitError::Conflict(_)) => done.lock().unwrap().1 += 1,
        Err(error) => panic!("{error}"),
    };
    futures_util::future::join_all((0..8).map(|_| act(set(&seen, Act::Acknowledge)))).await;
    assert_eq!(*done.lock().unwrap(), (1, 7));
    let card = load(&store, "MUG").await;
    assert_eq!((&card.card.life, card.card.version), (&Life::Acknowledged, 2));
    assert_eq!(
        store.read(Said(card.id)).await.unwrap().len(),
        1,
        "what was not done is not told"
    );
    // What its records do moves it, too.
    let card = load(&store, "MUG").await;
    after(&store, "MUG", &[GoesOnUntil("1", "", "confirm")]).await;
    let refused = store.write(set(&card, Act::Fix)).await.unwrap_err();
    assert!(matches!(refused, UnitError::Conflict(_)), "{refused}");
}

struct Expired(Timestamp);

impl Unit for Expired {
    type Output = Vec<Stored>;
    const NAME: &'static str = "expired";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Stored>, UnitError> {
        assert!(cards::expired(tx, "other", self.0, ALL).await?.is_empty());
        cards::expired(tx, COMPANY, self.0, ALL).await
    }
}

async fn what_is_set_aside_comes_back_when_its_time_is_over(bench: Bench) {
    let store = bench.program().await;
    let card = after(&store, "MUG", &[Arrives("1", 1_000, None), Stops("1", "", "MUG")]).await;
    let aside = Act::SetAside {
        until: LATER,
        reason: "the item is on its way".into(),
    };
    store.write(set(&card, aside)).await.unwrap();
    let before = Timestamp::from_micros(LATER.micros() - 1);
    assert_eq!(store.read(Expired(before)).await.unwrap(), []);
    let expired = store.read(Expired(LATER)).await.unwrap();
    assert_eq!(expired, [load(&store, "MUG").await]);
    assert_eq!(
        expired[0].card.life,
        Life::SetAside {
            until: LATER,
            reason: "the item is on its way".into()
        }
    );
    store.write(set(&expired[0], Act::TakeUp)).await.unwrap();
    assert_eq!(store.read(Expired(LATER)).await.unwrap(), []);
    assert_eq!(load(&store, "MUG").await.card.life, Life::Open);
}

struct AtStake;

impl Unit for AtStake {
    type Output = (Money, u64);
    const NAME: &'static str = "at_stake";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        assert_eq!(cards::at_stake(tx, "other").await?, (Money::ZERO, 0));
        cards::at_stake(tx, COMPANY).await
    }
}

async fn an_order_under_two_cards_is_at_stake_once(bench: Bench) {
    let store = bench.program().await;
    let steps = [
        Arrives("1", 1_000, None),
        Arrives("2", 200, None),
        Stops("1", "", "MUG"),
        Stops("1", "", "TEE"),
        Stops("2", "", "TEE"),
    ];
    after(&store, "MUG", &steps).await;
    assert_eq!(store.read(AtStake).await.unwrap(), (Money::from_minor(1_200), 2));
    after(&store, "MUG", &[HasGoneOn("1", "")]).await;
    assert_eq!(store.read(AtStake).await.unwrap(), (Money::from_minor(200), 1));
}
