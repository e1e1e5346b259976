//! Migrations: applied once, never edited, and by one process at a time.

use tallyman_store::{Migration, OpenError, Store};

use crate::kit::{Bench, TABLES, ids, put};
use crate::on_every_store;

on_every_store! { tables_are_made_once_and_an_edited_migration_is_refused }

const EDITED: &[Migration] = &[Migration {
    sql: "create table other (id {bigint});",
    ..TABLES[0]
}];
const BROKEN: &[Migration] = &[
    TABLES[0],
    Migration {
        number: 2,
        name: "fine",
        sql: "create table fine (id {bigint} not null primary key) {strict};",
    },
    Migration {
        number: 3,
        name: "broken",
        sql: "create table broken (",
    },
];
const LONGER: &[Migration] = &[
    TABLES[0],
    Migration {
        number: 2,
        name: "more",
        sql: "create table fine (id {bigint} not null primary key) {strict};",
    },
];

async fn tables_are_made_once_and_an_edited_migration_is_refused(bench: Bench) {
    if matches!(bench.location, tallyman_store::Location::Memory) {
        return; // It cannot be opened twice.
    }
    bench.store.write(put(1, "one")).await.unwrap();
    let Bench { location, store, .. } = &bench;
    // A file has to be let go before it is opened again.
    let folder = tempfile::tempdir().unwrap();
    let location = match location {
        tallyman_store::Location::File(path) => {
            let copy = folder.path().join("copy.db");
            store
                .read(crate::kit::Ask("select count(*) from word", vec![]))
                .await
                .unwrap();
            for end in ["", "-wal"] {
                let from = format!("{}{end}", path.display());
                if std::path::Path::new(&from).exists() {
                    std::fs::copy(from, format!("{}{end}", copy.display())).unwrap();
                }
            }
            tallyman_store::Location::File(copy)
        }
        other => other.clone(),
    };
    let refused = Store::open_with(&location, EDITED).await.err().unwrap();
    assert!(matches!(refused, OpenError::Migration(_)), "{refused}");
    // One that fails takes those before it along, so the next start begins where this one did.
    Store::open_with(&location, BROKEN).await.err().unwrap();
    for _ in 0..2 {
        let again = Store::open_with(&location, LONGER).await.unwrap();
        assert_eq!(ids(&again).await, [1]);
    }
    let older = Store::open_with(&location, TABLES).await.err().unwrap();
    assert!(older.to_string().contains("newer version"), "{older}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_together_make_the_tables_once() {
    let Some(server) = crate::kit::fresh_schema("processes_that_start_together").await else {
        return;
    };
    let location = tallyman_store::Location::Postgres(server);
    let starts = (0..4).map(|_| Store::open_with(&location, TABLES));
    for store in futures_util::future::join_all(starts).await {
        store.unwrap();
    }
}
