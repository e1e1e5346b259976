//! Whoever waits for changes is woken by them, and by nothing else.

#![expect(
    clippy::disallowed_methods,
    reason = "a wake-up that never comes must end the test, and another process's comes in real time"
)]

use std::time::Duration;

use tallyman_core::topic::{Kind, Topic};
use tallyman_store::{Store, Told, Tx, Unit, UnitError};

use crate::kit::{Bench, Do, Then, put};
use crate::on_every_store;

on_every_store! {
    a_commit_wakes_whoever_waits,
    what_changed_nothing_wakes_nobody,
    a_commit_elsewhere_wakes_too,
    what_is_named_is_told_once_it_is_committed,
    names_from_elsewhere_are_heard_and_not_told_again,
}

const SOON: Duration = Duration::from_secs(10);

async fn a_commit_wakes_whoever_waits(bench: Bench) {
    let mut changes = bench.store.changed();
    let waiting = tokio::spawn(async move { changes.wait().await });
    bench.store.write(put(1, "one")).await.unwrap();
    tokio::time::timeout(SOON, waiting).await.unwrap().unwrap();
    let mut changes = bench.store.changed();
    bench.store.write(put(2, "two")).await.unwrap();
    bench.store.write(put(3, "three")).await.unwrap();
    // Both came before anyone waited; neither is missed, and they are one wake-up.
    tokio::time::timeout(SOON, changes.wait()).await.unwrap();
    assert!(!changes.look());
}

async fn what_changed_nothing_wakes_nobody(bench: Bench) {
    let (commits, mut changes) = (bench.store.commits(), bench.store.changed());
    bench
        .store
        .write(Do("update word set note = 'x' where id = 999", vec![]))
        .await
        .unwrap();
    bench.store.write(put(1, "one").then(Then::Refuse)).await.unwrap_err();
    assert_eq!(bench.store.commits(), commits);
    // On PostgreSQL the listener looks once when it has connected, which is not a commit.
    if bench.second().await.is_none() {
        assert!(!changes.look());
    }
}

async fn a_commit_elsewhere_wakes_too(bench: Bench) {
    let Some(other) = bench.second().await else { return };
    let mut changes = bench.store.changed();
    let mut waiting = tokio::spawn(async move {
        // The first wake-up may be the listener's own look; a second only comes from elsewhere, since nothing is written here.
        changes.wait().await;
        changes.wait().await;
    });
    for id in 0..100 {
        other.write(put(id, "word")).await.unwrap();
        if tokio::time::timeout(Duration::from_millis(20), &mut waiting).await.is_ok() {
            return;
        }
    }
    panic!("a hundred commits elsewhere woke nobody");
}

async fn what_is_named_is_told_once_it_is_committed(bench: Bench) {
    let told = bench.store.told();
    told.take();
    bench.store.write(Named(put(1, "one"), "C1")).await.unwrap();
    bench.store.write(Named(put(2, "two"), "C2")).await.unwrap();
    bench
        .store
        .write(Named(put(3, "three").then(Then::Refuse), "C3"))
        .await
        .unwrap_err();
    let names: Vec<String> = told.take().iter().map(ToString::to_string).collect();
    assert!(names == ["cards/C1", "cards/C2"], "{names:?}");
    assert!(told.take().is_empty());
}

async fn names_from_elsewhere_are_heard_and_not_told_again(bench: Bench) {
    let Some(other) = bench.second().await else { return };
    let (mut here, mut there) = (bench.store.told(), other.told());
    assert_eq!(heard(&mut here, &other, "C1").await, ["cards/C1"]);
    there.take();
    // What is written here names something else, and that is all that goes back.
    assert_eq!(heard(&mut there, &bench.store, "C2").await, ["cards/C2"]);
}

/// What is first named, by writes elsewhere; a listener that has only connected means everything, which is nothing by name.
async fn heard(told: &mut Told, elsewhere: &Store, card: &'static str) -> Vec<String> {
    let first = i64::from(card.ends_with('2')) * 100;
    for id in first..first + 100 {
        elsewhere.write(Named(put(id, "word"), card)).await.unwrap();
        if tokio::time::timeout(Duration::from_millis(20), told.wait()).await.is_ok() {
            let heard = told.take();
            if !heard.is_everything() {
                return heard.iter().map(ToString::to_string).collect();
            }
        }
    }
    panic!("a hundred commits elsewhere were not heard by name");
}

/// A unit that names a card.
struct Named<U>(U, &'static str);

impl<U: Unit> Unit for Named<U> {
    type Output = U::Output;
    const NAME: &'static str = "named";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<U::Output, UnitError> {
        tx.touched(Topic::one(Kind::Card, "northwind", self.1));
        self.0.run(tx).await
    }
}
