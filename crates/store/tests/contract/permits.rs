//! Permits: however many workers claim at once, each permit is handed out once.
//!
//! Claims are read committed, so only the lock on the connection's row holds this on PostgreSQL.

use std::time::Duration;

use futures_util::future::join_all;
use tallyman_core::effect::Obstacle;
use tallyman_core::pace::{Gcra, Work};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::connections;
use tallyman_store::{Isolation, Store, Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    each_permit_is_handed_out_once, what_is_kept_for_one_kind_no_other_takes,
    pauses_are_counted_anew_after_a_good_answer_and_none_is_cut_short
}

const CONNECTION: &str = "retailer";
const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);
const LIMIT: Gcra = Gcra {
    interval: Duration::from_secs(1),
    burst: 100,
};

struct Add;

impl Unit for Add {
    type Output = ();
    const NAME: &'static str = "add connection";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        connections::add(tx, CONNECTION, "acme").await
    }
}

/// Takes one permit if there is one, as claims do.
struct Take(Work, Timestamp);

impl Unit for Take {
    type Output = u32;
    const NAME: &'static str = "take a permit";
    const ISOLATION: Isolation = Isolation::ReadCommitted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u32, UnitError> {
        let permits = connections::permits(tx, CONNECTION).await?.unwrap();
        let taken = LIMIT.room(&permits.marks, self.0, self.1).permits.min(1);
        if taken > 0 {
            let marks = LIMIT.spend(&permits.marks, self.0, self.1, taken);
            connections::spend(tx, CONNECTION, &marks).await?;
        }
        Ok(taken)
    }
}

/// Eight workers, each asking as often; gives what all of them were given.
async fn taken(store: &Store, work: Work, at: Timestamp, each: usize) -> u32 {
    let worker = async || {
        let mut taken = 0;
        for _ in 0..each {
            taken += store.write(Take(work, at)).await.unwrap();
        }
        taken
    };
    join_all((0..8).map(|_| worker())).await.into_iter().sum()
}

async fn each_permit_is_handed_out_once(bench: Bench) {
    let store = bench.program().await;
    store.write(Add).await.unwrap();
    // All of the burst but the two that are kept for each of the other kinds, and a minute's sixty later.
    assert_eq!(taken(&store, Work::Urgent, NOW, 20).await, 96);
    assert_eq!(taken(&store, Work::Urgent, NOW.plus(Duration::from_secs(60)), 20).await, 60);
}

async fn what_is_kept_for_one_kind_no_other_takes(bench: Bench) {
    let store = bench.program().await;
    store.write(Add).await.unwrap();
    assert_eq!(taken(&store, Work::Background, NOW, 20).await, 96);
    let (urgent, polls, background) = tokio::join!(
        taken(&store, Work::Urgent, NOW, 1),
        taken(&store, Work::Poll, NOW, 1),
        taken(&store, Work::Background, NOW, 1)
    );
    assert_eq!((urgent, polls, background), (2, 2, 0));
}

/// Two pauses, what stands then, and what an answer at these times changes.
struct Paused;

impl Unit for Paused {
    type Output = ();
    const NAME: &'static str = "pauses and answers";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let at = |seconds: u64| NOW.plus(Duration::from_secs(seconds));
        assert!(!connections::well(tx, CONNECTION, NOW).await?, "there was no pause");
        for until in [at(10), at(60)] {
            connections::pause(tx, CONNECTION, until, Obstacle::Throttled).await?;
        }
        assert!(!connections::well(tx, CONNECTION, at(59)).await?, "it pauses");
        let standing = connections::standing(tx, CONNECTION).await?.unwrap();
        assert_eq!((standing.failures, standing.paused_until), (2, at(60)));
        assert!(connections::well(tx, CONNECTION, at(60)).await?);
        let standing = connections::standing(tx, CONNECTION).await?.unwrap();
        assert_eq!((standing.failures, standing.why.as_str()), (0, ""));
        assert!(!connections::well(tx, CONNECTION, at(61)).await?, "nothing is written twice");
        Ok(())
    }
}

async fn pauses_are_counted_anew_after_a_good_answer_and_none_is_cut_short(bench: Bench) {
    let store = bench.program().await;
    store.write(Add).await.unwrap();
    store.write(Paused).await.unwrap();
}
