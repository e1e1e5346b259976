//! Versions of mappings: added after the number they were decided with, and read in pages.

use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::mappings;
use tallyman_store::{Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

struct Add {
    newest: i64,
    rows: Vec<Row>,
}

impl Unit for Add {
    type Output = ();
    const NAME: &'static str = "add";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        mappings::add(tx, "acme", self.newest, &self.rows).await
    }
}

struct Load;

impl Unit for Load {
    type Output = Vec<Row>;
    const NAME: &'static str = "load";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Row>, UnitError> {
        mappings::load(tx, "acme").await
    }
}

fn row(seq: u64) -> Row {
    Row {
        cell: Cell::new(Table::Sku, "vs-acme", format!("T{seq}")),
        ours: seq.is_multiple_of(2).then(|| format!("O{seq}")),
        seq,
        at: Timestamp::from_micros(seq as i64),
        actor: "ada".into(),
        reason: "go-live".into(),
    }
}

async fn versions_are_added_on_what_they_were_decided_with_and_all_are_read(bench: Bench) {
    let store = bench.program().await;
    // One more than a page.
    let rows: Vec<Row> = (1..=5_001).map(row).collect();
    store
        .write(Add {
            newest: 0,
            rows: rows.clone(),
        })
        .await
        .unwrap();
    assert_eq!(store.read(Load).await.unwrap(), rows);
    let late = store
        .write(Add {
            newest: 5_000,
            rows: vec![row(5_001)],
        })
        .await;
    assert!(matches!(late, Err(UnitError::Conflict(_))), "{late:?}");
    store
        .write(Add {
            newest: 5_001,
            rows: vec![row(5_002)],
        })
        .await
        .unwrap();
    assert_eq!(store.read(Load).await.unwrap().last(), Some(&row(5_002)));
}

on_every_store!(versions_are_added_on_what_they_were_decided_with_and_all_are_read);
