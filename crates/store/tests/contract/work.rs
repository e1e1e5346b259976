//! Units: written whole or not at all, whatever becomes of them or of their callers.

use std::time::Duration;

use tallyman_store::{Location, OpenError, Store, Tx, Unit, UnitError, Value, params};

use crate::kit::{Ask, Bench, Do, Gate, TABLES, Then, ids, put};
use crate::on_every_store;

on_every_store! {
    a_unit_that_fails_leaves_nothing,
    a_unit_that_panics_leaves_nothing_and_the_store_goes_on,
    an_error_that_a_unit_swallows_still_loses_the_unit,
    callers_that_go_away_leave_nothing_half_done,
    a_unit_whose_commit_fails_is_told,
    units_that_read_and_then_write_do_not_lose_updates,
    a_read_may_not_write,
    a_read_sees_one_moment,
}

async fn a_unit_that_fails_leaves_nothing(bench: Bench) {
    let store = &bench.store;
    store.write(put(1, "one")).await.unwrap();
    let error = store.write(put(2, "two").then(Then::Refuse)).await.unwrap_err();
    assert_eq!(error.to_string(), "no");
    let error = store.write(put(1, "again")).await.unwrap_err();
    assert!(matches!(error, UnitError::Statement { .. }), "{error}");
    assert_eq!(ids(store).await, [1]);
    assert_eq!(store.commits(), 1);
}

async fn a_unit_that_panics_leaves_nothing_and_the_store_goes_on(bench: Bench) {
    let error = bench.store.write(put(1, "one").then(Then::Panic)).await.unwrap_err();
    assert_eq!(error.to_string(), "put a word panicked: the unit fell over");
    bench.store.write(put(2, "two")).await.unwrap();
    assert_eq!(ids(&bench.store).await, [2]);
}

async fn an_error_that_a_unit_swallows_still_loses_the_unit(bench: Bench) {
    let error = bench.store.write(put(1, "one").then(Then::SwallowAnError)).await.unwrap_err();
    assert!(matches!(error, UnitError::Statement { .. }), "{error}");
    assert_eq!(ids(&bench.store).await, [0; 0]);
}

/// Writes the two halves of something, with statements between them.
struct BothHalves(i64);

impl Unit for BothHalves {
    type Output = ();
    const NAME: &'static str = "write both halves";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const HALF: &str = "insert into half (id, side) values ($1, $2)";
        tx.execute(HALF, params![self.0, "left"]).await?;
        tx.query("select count(*) from half", params![]).await?;
        tx.execute(HALF, params![self.0, "right"]).await.map(drop)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "callers go away at real moments; whatever the moment, the same must hold"
)]
async fn callers_that_go_away_leave_nothing_half_done(bench: Bench) {
    let mut callers = Vec::new();
    for id in 0..200 {
        let store = bench.store.clone();
        let patience = Duration::from_micros(20 * (id as u64));
        callers.push(tokio::spawn(async move {
            tokio::time::timeout(patience, store.write(BothHalves(id))).await
        }));
    }
    let mut told = Vec::new();
    for (id, caller) in callers.into_iter().enumerate() {
        if let Ok(answer) = caller.await.unwrap() {
            answer.unwrap();
            told.push(id as i64);
        }
    }
    // Whoever is still being written is done once a later unit is, or soon after; then every id has two halves or none.
    bench.store.write(BothHalves(1_000)).await.unwrap();
    let count = "select id from half group by id having count(*) <> 2";
    assert!(bench.store.read(Ask(count, vec![])).await.unwrap().is_empty());
    let rows = bench
        .store
        .read(Ask("select distinct id from half order by id", vec![]))
        .await
        .unwrap();
    let whole: Vec<i64> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    assert!(
        told.iter().all(|id| whole.contains(id)),
        "a caller was told of something that is not there"
    );
}

/// Cuts its own connection in the middle.
struct CutOff;

impl Unit for CutOff {
    type Output = ();
    const NAME: &'static str = "cut off";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        tx.execute("insert into counter (name, value) values ('cut', 1)", params![])
            .await?;
        tx.query("select pg_terminate_backend(pg_backend_pid())", params![])
            .await
            .map(drop)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_loses_its_unit_and_no_other() {
    let Some(bench) = Bench::postgres("a_lost_connection").await else {
        return;
    };
    for id in 0..5 {
        bench.store.write(CutOff).await.unwrap_err();
        bench.store.write(put(id, "word")).await.unwrap();
    }
    assert!(
        bench
            .store
            .read(Ask("select name from counter", vec![]))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(ids(&bench.store).await, [0, 1, 2, 3, 4]);
}

/// Looks twice, and in between others write.
struct LookTwice(Gate);

impl Unit for LookTwice {
    type Output = (i64, i64);
    const NAME: &'static str = "look twice";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(i64, i64), UnitError> {
        const COUNT: &str = "select count(*) from word";
        let first = tx.query_one(COUNT, params![]).await?.get(0)?;
        self.0.pass();
        Ok((first, tx.query_one(COUNT, params![]).await?.get(0)?))
    }
}

async fn a_read_sees_one_moment(bench: Bench) {
    if matches!(bench.location, Location::Memory) {
        return; // Nothing happens between two statements there.
    }
    bench.store.write(put(1, "one")).await.unwrap();
    let gate = Gate::default();
    let (store, look) = (bench.store.clone(), LookTwice(gate.clone()));
    let looking = tokio::spawn(async move { store.read(look).await });
    gate.reached();
    bench.store.write(put(2, "two")).await.unwrap();
    gate.open();
    assert_eq!(looking.await.unwrap().unwrap(), (1, 1));
    assert_eq!(ids(&bench.store).await, [1, 2]);
}

const ORPHAN: &str = "insert into child (id, parent) values ($1, 999)";

async fn a_unit_whose_commit_fails_is_told(bench: Bench) {
    let error = bench.store.write(Do(ORPHAN, vec![Value::Int(1)])).await.unwrap_err();
    assert_eq!(error.to_string(), "the database could not commit");
    bench.store.write(put(1, "one")).await.unwrap();
    assert!(
        bench
            .store
            .read(Ask("select id from child", vec![]))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_commit_fails_every_unit_of_its_group() {
    let bench = Bench::file().await;
    let store = &bench.store;
    let orphan = Do(ORPHAN, vec![Value::Int(1)]);
    let together = futures_util::future::join3(store.write(put(2, "two")), store.write(orphan), store.write(put(3, "three")));
    let (second, orphan, third) = while_the_writer_is_held_up(store, together).await;
    for error in [second.unwrap_err(), orphan.unwrap_err(), third.unwrap_err()] {
        assert_eq!(error.to_string(), "the database could not commit");
    }
    assert_eq!(ids(store).await, [0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_wait_together_share_a_commit_and_fail_alone() {
    let bench = Bench::file().await;
    let then = |id| match id {
        7 => Then::Refuse,
        8 => Then::Panic,
        9 => Then::WaitForSomethingElse,
        _ => Then::Succeed,
    };
    let units = (1..=20).map(|id| bench.store.write(put(id, "word").then(then(id))));
    let together = futures_util::future::join_all(units);
    let answers = while_the_writer_is_held_up(&bench.store, together).await;
    let failed: Vec<usize> = (1..=20).filter(|id| answers[id - 1].is_err()).collect();
    assert_eq!(failed, [7, 8, 9]);
    assert_eq!(ids(&bench.store).await.len(), 18);
    assert_eq!((bench.store.commits(), bench.store.transactions()), (18, 2));
}

/// Lets `together` queue while a unit of its own (word 0) keeps the writer busy, so that they share the next commit.
async fn while_the_writer_is_held_up<T>(store: &Store, together: impl Future<Output = T>) -> T {
    let gate = Gate::default();
    let (first, unit) = (store.clone(), put(0, "zero").at(&gate));
    let first = tokio::spawn(async move { first.write(unit).await });
    gate.reached();
    let mut together = std::pin::pin!(together);
    // One poll puts every unit into the queue.
    assert!(futures_util::poll!(together.as_mut()).is_pending());
    gate.open();
    first.await.unwrap().unwrap();
    together.await
}

/// Reads a number and writes the next: what two at once must not both do from the same number.
struct Increment;

impl Unit for Increment {
    type Output = i64;
    const NAME: &'static str = "increment";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        let value: i64 = tx
            .query_one("select value from counter where name = 'hits'", params![])
            .await?
            .get(0)?;
        tx.execute("update counter set value = $1 where name = 'hits'", params![value + 1])
            .await?;
        Ok(value + 1)
    }
}

async fn units_that_read_and_then_write_do_not_lose_updates(bench: Bench) {
    bench
        .store
        .write(Do("insert into counter (name, value) values ('hits', 0)", vec![]))
        .await
        .unwrap();
    let mut answers = futures_util::future::try_join_all((0..24).map(|_| bench.store.write(Increment)))
        .await
        .unwrap();
    answers.sort_unstable();
    assert_eq!(answers, (1..=24).collect::<Vec<i64>>());
}

async fn a_read_may_not_write(bench: Bench) {
    bench.store.read(put(1, "one")).await.unwrap_err();
    assert_eq!(ids(&bench.store).await, [0; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_opened_by_one_store_at_a_time_and_keeps_what_it_was_told() {
    let bench = Bench::file().await;
    bench.store.write(put(1, "one")).await.unwrap();
    let error = Store::open_with(&bench.location, TABLES).await.err().unwrap();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    let Bench { store, location, .. } = &bench;
    assert!(matches!(location, Location::File(_)));
    assert_eq!(ids(store).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_can_be_looked_at_while_a_store_works_with_it() {
    let bench = Bench::file().await;
    let looking = Store::open_to_read(&bench.location).await.unwrap();
    bench.store.write(put(1, "one")).await.unwrap();
    assert_eq!(ids(&looking).await, [1]);
    assert!(matches!(looking.write(put(2, "two")).await, Err(UnitError::Closed)));
    drop(looking);
    bench.store.write(put(3, "three")).await.unwrap();
    assert_eq!(ids(&bench.store).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_can_be_opened_again_once_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(crate::kit::path_in(&folder));
    for id in 1..4 {
        let store = Store::open_with(&location, TABLES).await.unwrap();
        store.write(put(id, "word")).await.unwrap();
        assert_eq!(ids(&store).await.len() as i64, id);
    }
}
