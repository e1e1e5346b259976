//! What people were told of cards: each row moves only from what it was, so that two workers never say one thing twice.

use std::sync::Mutex;

use tallyman_core::alert::{Card, Said, Told};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::{alerts, cards};
use tallyman_store::{Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    a_card_is_untold_until_it_is_told_of_and_again_when_it_returns,
    of_those_who_say_one_thing_at_once_one_has_said_it,
    an_escalation_is_counted_once_whoever_has_the_card_in_hand,
}

const COMPANY: &str = "acme";
const NOW: Timestamp = Timestamp::from_micros(1_000);

/// A step for a test: changes cards, or what is kept.
#[derive(Clone)]
enum Step {
    Open,
    Resolve,
    Keep(Option<Told>, Told),
}

impl Unit for Step {
    type Output = ();
    const NAME: &'static str = "step";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        match self {
            Self::Open => {
                let finding = Kept::without_sentence(Code::SkuUnknown, Cause::Item("ABC-1".into()));
                for order in ["1", "2", "3"] {
                    exceptions::join(tx, COMPANY, ("", order), &finding, exceptions::SEEN_ALL, NOW).await?;
                }
                Ok(())
            }
            Self::Resolve => {
                for order in ["1", "2", "3"] {
                    exceptions::go_on(tx, "", order, GoesOn::Proven("it is there"), NOW).await?;
                }
                cards::weigh(tx, COMPANY, 100, NOW).await.map(drop)
            }
            Self::Keep(before, after) => alerts::keep(tx, COMPANY, before.as_ref(), after).await,
        }
    }
}

#[derive(Debug, PartialEq)]
struct Seen {
    untold: Vec<Card>,
    resolved: Vec<Told>,
    due: Vec<Told>,
    next_due: Option<Timestamp>,
    of_route: Vec<Told>,
    said: i64,
}

/// A card as it stands for people.
struct Shown(String);

impl Unit for Shown {
    type Output = cards::Stored;
    const NAME: &'static str = "shown";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<cards::Stored, UnitError> {
        Ok(cards::load(tx, &self.0).await?.expect("it is there"))
    }
}

/// Somebody takes it up who has seen it so.
struct TakeUp(cards::Stored);

impl Unit for TakeUp {
    type Output = ();
    const NAME: &'static str = "take_up";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let cards::Stored { id, card, .. } = &self.0;
        let after = tallyman_core::card::Card {
            life: tallyman_core::card::Life::Acknowledged,
            ..card.clone()
        };
        cards::set(
            tx,
            id,
            card.version,
            &after,
            NOW,
            "ann",
            &tallyman_core::card::Act::Acknowledge,
        )
        .await
    }
}

struct Look;

impl Unit for Look {
    type Output = Seen;
    const NAME: &'static str = "look";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Seen, UnitError> {
        let mut untold = Vec::new();
        for id in alerts::untold(tx, COMPANY, 10).await? {
            untold.push(alerts::card(tx, &id).await?.expect("it is there"));
        }
        assert!(alerts::untold(tx, "other", 10).await?.is_empty());
        Ok(Seen {
            untold,
            resolved: alerts::resolved(tx, COMPANY, 10).await?,
            due: alerts::due(tx, COMPANY, NOW, 10).await?,
            next_due: alerts::next_due(tx, COMPANY).await?,
            of_route: alerts::of_route(tx, COMPANY, "ops", "", 10).await?,
            said: alerts::said_since(tx, COMPANY, "ops", Timestamp::ZERO).await?,
        })
    }
}

async fn a_card_is_untold_until_it_is_told_of_and_again_when_it_returns(bench: Bench) {
    let store = bench.program().await;
    let look = async || store.read(Look).await.unwrap();
    store.write(Step::Open).await.unwrap();
    let seen = look().await;
    let [card] = &seen.untold[..] else { panic!("{seen:?}") };
    assert_eq!(
        (card.code, &card.cause, card.records),
        (Code::SkuUnknown, &Cause::Item("ABC-1".into()), 3)
    );
    assert!(card.open && seen.due.is_empty());

    let later = Timestamp::from_micros(5_000);
    let told = Told {
        card: card.id.clone(),
        route: "ops".into(),
        episode: 1,
        said: Said::Opened,
        records: 3,
        at: NOW,
        due: later,
    };
    store.write(Step::Keep(None, told.clone())).await.unwrap();
    let seen = look().await;
    assert!(
        seen.untold.is_empty() && seen.resolved.is_empty() && seen.due.is_empty(),
        "{seen:?}"
    );
    assert_eq!(
        (seen.next_due, seen.of_route, seen.said),
        (Some(later), vec![told.clone()], 1)
    );
    let due = Told {
        due: NOW,
        ..told.clone()
    };
    store.write(Step::Keep(Some(told.clone()), due.clone())).await.unwrap();
    assert_eq!(look().await.due, std::slice::from_ref(&due));

    store.write(Step::Resolve).await.unwrap();
    assert_eq!(look().await.resolved, std::slice::from_ref(&due));
    let over = Told {
        said: Said::Recovered,
        due: Timestamp::MAX,
        ..due.clone()
    };
    store.write(Step::Keep(Some(due), over)).await.unwrap();
    let seen = look().await;
    assert!(
        seen.untold.is_empty() && seen.resolved.is_empty() && seen.of_route.is_empty(),
        "{seen:?}"
    );
    assert_eq!(seen.next_due, None);
    store.write(Step::Open).await.unwrap();
    assert_eq!(look().await.untold.len(), 1, "a cause that returns is told of again");
}

async fn an_escalation_is_counted_once_whoever_has_the_card_in_hand(bench: Bench) {
    let store = bench.program().await;
    store.write(Step::Open).await.unwrap();
    let id = store.read(Look).await.unwrap().untold.remove(0).id;
    let told = |route: &str, said, at| Told {
        card: id.clone(),
        route: route.into(),
        episode: 1,
        said,
        records: 3,
        at: Timestamp::from_micros(at),
        due: Timestamp::MAX,
    };
    let escalations = async || store.read(Shown(id.clone())).await.unwrap().card.escalations;
    store.write(Step::Keep(None, told("ops", Said::Opened, 1_000))).await.unwrap();
    assert_eq!(escalations().await, 0);
    let seen = store.read(Shown(id.clone())).await.unwrap();
    let escalated = told("chief", Said::Escalated, 2_000);
    store.write(Step::Keep(None, escalated.clone())).await.unwrap();
    assert_eq!(escalations().await, 1);
    // Said already: whoever says it at the same time does not count.
    assert!(store.write(Step::Keep(None, escalated.clone())).await.is_err());
    // A digest moves its row, and it is the same escalation.
    let grown = told("chief", Said::Escalated, 3_000);
    store.write(Step::Keep(Some(escalated), grown)).await.unwrap();
    assert_eq!(escalations().await, 1);
    // Who had the card in hand from before takes it up, and undoes nothing.
    store.write(TakeUp(seen)).await.unwrap();
    let shown = store.read(Shown(id.clone())).await.unwrap().card;
    assert_eq!((shown.escalations, shown.assignee), (1, None));
    // The cause returns, nobody takes it up, and somebody else is told again.
    let again = Told {
        episode: 2,
        ..told("chief", Said::Escalated, 4_000)
    };
    store
        .write(Step::Keep(Some(told("chief", Said::Escalated, 3_000)), again))
        .await
        .unwrap();
    assert_eq!(escalations().await, 2);
}

async fn of_those_who_say_one_thing_at_once_one_has_said_it(bench: Bench) {
    let store = bench.program().await;
    let first = Told {
        card: "CARD".into(),
        route: "ops".into(),
        episode: 1,
        said: Said::Held,
        records: 0,
        at: NOW,
        due: NOW,
    };
    let said = Mutex::new((0, 0));
    let say = async |step: Step| match store.write(step).await {
        Ok(()) => said.lock().unwrap().0 += 1,
        Err(UnitError::Conflict(_)) => said.lock().unwrap().1 += 1,
        Err(error) => panic!("{error}"),
    };
    futures_util::future::join_all((0..8).map(|_| say(Step::Keep(None, first.clone())))).await;
    assert_eq!(std::mem::take(&mut *said.lock().unwrap()), (1, 7));
    let opened = Told {
        said: Said::Opened,
        records: 9,
        due: Timestamp::MAX,
        ..first.clone()
    };
    futures_util::future::join_all((0..8).map(|_| say(Step::Keep(Some(first.clone()), opened.clone())))).await;
    assert_eq!(*said.lock().unwrap(), (1, 7));
}
