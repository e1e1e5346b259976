//! Whoever waits for changes is woken by them, and by nothing else.

#![expect(
    clippy::disallowed_methods,
    reason = "a wake-up that never comes must end the test, and another process's comes in real time"
)]

use std::time::Duration;

use crate::kit::{Bench, Do, Then, put};
use crate::on_every_store;

on_every_store! {
    a_commit_wakes_whoever_waits,
    what_changed_nothing_wakes_nobody,
    a_commit_elsewhere_wakes_too,
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
