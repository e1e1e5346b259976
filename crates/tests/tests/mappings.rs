//! A plan of mappings is carried out in bounded units: it may die in the middle, and others may write beside it.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tallyman_core::access::Actor;
use tallyman_core::ident::Company;
use tallyman_core::mapping::plan::{self, Change, Known, Line, Plan, Problems, Value};
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::time::Timestamp;
use tallyman_engine::mappings::{self, CutShort, Leave, ROWS_AT_ONCE, Said, known};
use tallyman_store::tables::mappings as table;
use tallyman_store::{Store, Tx, Unit, UnitError};

/// Ada carries these out, and may.
async fn carry_out(
    store: &Store,
    known: &BTreeMap<String, Known>,
    changes: &[Change],
    progress: impl FnMut(usize),
) -> Result<(), CutShort> {
    let leave = Leave::of(&Actor::terminal("ada"), changes).expect("she may");
    let said = Said {
        leave: &leave,
        reason: "go-live",
        at: Timestamp::ZERO,
    };
    mappings::carry_out(store, known, changes, &said, progress).await
}

async fn know(store: &Store) -> BTreeMap<String, Known> {
    known(store, &[(Company::new("acme"), vec!["vs-acme".into()])]).await.unwrap()
}

fn planned(known: &BTreeMap<String, Known>, words: usize) -> Plan {
    let line = |n: usize| Line {
        row: n as u64 + 2,
        values: ["acme", "sku", "vs-acme", &format!("T{n}"), &format!("O{n}")].map(|text| Value::Text(text.to_owned())),
    };
    let lines: Vec<Line> = (0..words).map(line).collect();
    plan::plan(&lines, known, true, Problems::default()).unwrap()
}

/// Somebody else says something.
struct Aside {
    theirs: &'static str,
}

impl Unit for Aside {
    type Output = ();
    const NAME: &'static str = "aside";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let row = Row {
            cell: Cell::new(Table::Sku, "vs-acme", self.theirs),
            ours: Some("else".into()),
            seq: 0,
            at: Timestamp::ZERO,
            actor: "grace".into(),
            reason: "a card".into(),
        };
        table::insert(tx, "acme", &row).await
    }
}

#[tokio::test]
async fn a_plan_that_died_in_the_middle_is_taken_up_where_it_was() {
    let store = Store::memory().unwrap();
    let words = 2 * ROWS_AT_ONCE + 1;
    let before = know(&store).await;
    let plan = planned(&before, words);
    assert_eq!(plan.changes.len(), words);
    let dies = carry_out(&store, &before, &plan.changes, |done| {
        assert!(done < 2 * ROWS_AT_ONCE, "the plug is pulled");
    });
    assert!(AssertUnwindSafe(dies).catch_unwind().await.is_err());

    let left = know(&store).await;
    assert_eq!(left["acme"].mappings.rows().count(), 2 * ROWS_AT_ONCE);
    let plan = planned(&left, words);
    assert_eq!((plan.changes.len(), plan.stays), (1, 2 * ROWS_AT_ONCE as u64));
    carry_out(&store, &left, &plan.changes, |_| {}).await.unwrap();
    let after = know(&store).await;
    assert_eq!(after["acme"].mappings.rows().count(), words);
    assert_eq!(planned(&after, words).changes, []);
}

#[tokio::test]
async fn who_says_something_else_meanwhile_holds_nothing_up() {
    let store = Store::memory().unwrap();
    let before = know(&store).await;
    let plan = planned(&before, 3);
    store.write(Aside { theirs: "another" }).await.unwrap();
    carry_out(&store, &before, &plan.changes, |_| {}).await.unwrap();
    assert_eq!(know(&store).await["acme"].mappings.rows().count(), 4);
}

#[tokio::test]
async fn a_word_that_somebody_has_put_right_meanwhile_is_not_overwritten() {
    let store = Store::memory().unwrap();
    let before = know(&store).await;
    let plan = planned(&before, 3);
    store.write(Aside { theirs: "t1" }).await.unwrap();
    let cut = carry_out(&store, &before, &plan.changes, |_| {}).await.unwrap_err();
    assert_eq!((cut.done, cut.all), (0, 3));
    assert_eq!(
        cut.source.to_string(),
        "item code `T1` of `vs-acme` of acme was changed by grace meanwhile, because: a card"
    );
    assert_eq!(know(&store).await["acme"].mappings.rows().count(), 1);
}
