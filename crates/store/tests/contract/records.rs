//! The records of a card: the dearest order first over all pages, what one order has on it, and the proof that closed it.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::board::{self, Proof};
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::{cards, journeys};
use tallyman_store::{Tx, Unit, UnitError};

use crate::board::all_members;
use crate::cards::{journey, order};
use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    the_dearest_order_is_first_over_all_pages,
    what_one_order_has_on_a_card_is_found_without_the_others,
    the_last_proof_of_a_card_is_the_one_that_closed_it,
}

const COMPANY: &str = "acme";

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn card() -> String {
    exceptions::card(COMPANY, Code::SkuUnknown, &Cause::Item("MUG".into())).to_string()
}

/// Orders of these worths, in pennies, stand still under one card; and something that belongs to none.
struct Stop(&'static [(&'static str, i64)]);

impl Unit for Stop {
    type Output = ();
    const NAME: &'static str = "stop";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let kept = Kept::without_sentence(Code::SkuUnknown, Cause::Item("MUG".into()));
        for (number, pennies) in self.0 {
            journeys::insert(tx, &order(number, *pennies, None), None, (at(1), at(1))).await?;
            exceptions::join(tx, COMPANY, (&journey(number), ""), &kept, exceptions::SEEN_ALL, at(1)).await?;
        }
        exceptions::join(tx, COMPANY, ("", "a record"), &kept, exceptions::SEEN_ALL, at(1)).await?;
        cards::weigh(tx, COMPANY, 100, at(1)).await.map(drop)
    }
}

async fn the_dearest_order_is_first_over_all_pages(bench: Bench) {
    let store = bench.program().await;
    store
        .write(Stop(&[("A", 500), ("B", 90_000), ("C", 500), ("D", 100), ("E", 90_001)]))
        .await
        .unwrap();
    let members = all_members(&store, &card()).await;
    let worth: Vec<String> = members.iter().map(|member| member.net.to_string()).collect();
    assert_eq!(worth, ["900.01", "900.00", "5.00", "5.00", "1.00", "0.00"]);
    let mut orders: Vec<&str> = members.iter().map(|member| member.reference.as_str()).collect();
    assert_eq!((orders[0], orders[1], orders[4], orders[5]), ("E", "B", "D", ""));
    orders.sort_unstable();
    assert_eq!(orders, ["", "A", "B", "C", "D", "E"], "each once");
}

struct OfOne(&'static str);

impl Unit for OfOne {
    type Output = Vec<(String, String)>;
    const NAME: &'static str = "of_one";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let members = exceptions::members_of(tx, &card(), &journey(self.0), 10).await?;
        Ok(members.into_iter().map(|member| (member.reference, member.effect)).collect())
    }
}

async fn what_one_order_has_on_a_card_is_found_without_the_others(bench: Bench) {
    let store = bench.program().await;
    store.write(Stop(&[("A", 500), ("B", 90_000)])).await.unwrap();
    assert_eq!(store.read(OfOne("B")).await.unwrap(), [("B".to_owned(), String::new())]);
    assert_eq!(store.read(OfOne("C")).await.unwrap(), []);
    store.write(GoOn("B", 2, "it went on")).await.unwrap();
    assert_eq!(store.read(OfOne("B")).await.unwrap(), [], "it stands still no more");
}

struct GoOn(&'static str, i64, &'static str);

impl Unit for GoOn {
    type Output = Option<Proof>;
    const NAME: &'static str = "go_on";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Proof>, UnitError> {
        let GoOn(number, when, said) = *self;
        exceptions::go_on(tx, &journey(number), "", GoesOn::Proven(said), at(when)).await?;
        board::last_proof(tx, &card()).await
    }
}

async fn the_last_proof_of_a_card_is_the_one_that_closed_it(bench: Bench) {
    let store = bench.program().await;
    store.write(Stop(&[("A", 500), ("B", 90_000), ("C", 1)])).await.unwrap();
    let proof = |number: &str, said: &str| {
        Some(Proof {
            journey: journey(number),
            reference: number.to_owned(),
            said: said.to_owned(),
            ledger: None,
        })
    };
    assert_eq!(store.write(GoOn("D", 2, "nothing of it stood here")).await.unwrap(), None);
    assert_eq!(store.write(GoOn("B", 7, "the later")).await.unwrap(), proof("B", "the later"));
    assert_eq!(
        store.write(GoOn("C", 5, "the earlier")).await.unwrap(),
        proof("B", "the later")
    );
    assert_eq!(store.write(GoOn("A", 9, "the last")).await.unwrap(), proof("A", "the last"));
}
