//! Parameters and cells mean the same on every store.

use std::borrow::Cow;

use tallyman_store::{Tx, Unit, UnitError, Value, params};

use crate::kit::{Ask, Bench, Do, put};
use crate::on_every_store;

on_every_store! {
    parameters_are_taken_by_number_not_by_place,
    text_sorts_by_code_point,
    values_come_back_as_they_were_given,
    what_one_database_refuses_is_refused_by_all,
    sums_are_whole_numbers,
}

async fn parameters_are_taken_by_number_not_by_place(bench: Bench) {
    bench.store.write(put(1, "one")).await.unwrap();
    let sql = "select id from word where word = $2 and id = $1 and '$1' <> $2";
    let found = bench.store.read(Ask(sql, vec![Value::Int(1), text("one")])).await.unwrap();
    assert_eq!(found.len(), 1);
}

async fn text_sorts_by_code_point(bench: Bench) {
    let sorted = ["1", "B", "Z", "_", "a", "a b", "a-b", "ab", "b", "é", "Ω", "ﬁ", "😀"];
    for (place, word) in sorted.iter().enumerate() {
        // Put in another order than the one that is expected.
        bench.store.write(put((place as i64 * 5) % 13, word)).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = Ask(
            "select word from word where word > $1 order by word limit 3",
            vec![Value::Text(Cow::Owned(after))],
        );
        let page = bench.store.read(page).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.get(0).unwrap();
        seen.extend(page.iter().map(|row| row.get::<String>(0).unwrap()));
    }
    assert_eq!(seen, sorted);
}

const FILL: &str = "insert into word (id, word, note, bytes) values ($1, $2, $3, $4)";

async fn values_come_back_as_they_were_given(bench: Bench) {
    let given = [
        vec![
            Value::Int(i64::MAX),
            text("größer ≥ 😀"),
            Value::Null,
            Value::Blob(Cow::Owned(vec![0, 255])),
        ],
        vec![Value::Int(i64::MIN), text(""), text("note"), Value::Null],
    ];
    for row in &given {
        assert_eq!(bench.store.write(Do(FILL, row.clone())).await.unwrap(), 1);
    }
    let rows = bench
        .store
        .read(Ask("select id, word, note, bytes from word order by id desc", vec![]))
        .await
        .unwrap();
    assert_eq!(rows.iter().map(|row| row.values().to_vec()).collect::<Vec<_>>(), given);
    let found = bench
        .store
        .read(Ask("select id from word where note is null and bytes is not null", vec![]))
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
}

async fn what_one_database_refuses_is_refused_by_all(bench: Bench) {
    let whole = vec![Value::Int(1), text("word"), Value::Null, Value::Null];
    for (place, value) in [
        (0, text("one")),       // text is not a number
        (1, Value::Null),       // not null
        (1, text("a\0b")),      // PostgreSQL has no zero character
        (3, text("not bytes")), // text is not bytes
    ] {
        let mut row = whole.clone();
        row[place] = value.clone();
        let answer = bench.store.write(Do(FILL, row)).await;
        assert!(answer.is_err(), "{value:?} was taken in column {place}");
    }
    let half = "insert into half (id, side) values ($1, 'left')";
    bench.store.write(Do(half, vec![Value::Null])).await.unwrap_err();
    bench.store.write(Do(FILL, whole[..3].to_vec())).await.unwrap_err();
    bench.store.write(Do(FILL, whole)).await.unwrap();
}

/// Adds up without a cast, as a statement might by mistake, and with one.
struct Sum {
    cast: bool,
}

impl Unit for Sum {
    type Output = i64;
    const NAME: &'static str = "add up";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        let sql = match self.cast {
            true => "select cast(sum(id) as bigint) from word",
            false => "select avg(id) from word",
        };
        tx.query_one(sql, params![]).await?.get(0)
    }
}

async fn sums_are_whole_numbers(bench: Bench) {
    bench.store.write(put(2, "two")).await.unwrap();
    bench.store.write(put(3, "three")).await.unwrap();
    assert_eq!(bench.store.read(Sum { cast: true }).await.unwrap(), 5);
    let error = bench.store.read(Sum { cast: false }).await.unwrap_err();
    assert!(matches!(error, UnitError::Column { .. }), "{error}");
}

fn text(text: &'static str) -> Value<'static> {
    Value::Text(Cow::Borrowed(text))
}
