//! Writes by what people call them: what is written, for which order, at which connection.
//!
//! A card may blame a write, and keeps the number that it goes by; nobody knows it by that.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Tx, UnitError, Value};

/// What a write is called by. None of it changes once the write is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The name of its kind.
    pub name: String,
    pub connection: String,
    /// Its order's own number; empty for what belongs to no order of ours.
    pub reference: String,
}

/// What is asked for by id in one statement: as many as a page of cards has rows, and one more.
pub(super) const AT_ONCE: usize = 31;
const NAMED: &str = "select e.id, e.name, e.connection, coalesce(j.reference, '') from effect e left join journey j on j.id = e.journey \
     where e.id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, \
     $26, $27, $28, $29, $30, $31)";

/// These writes by their ids, some with each statement; one that is not there is not among them.
pub async fn named(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = String>) -> Result<BTreeMap<String, Write>, UnitError> {
    let ids: Vec<String> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        for row in tx.query(NAMED, &padded(some, AT_ONCE)).await? {
            let write = Write {
                name: row.get(1)?,
                connection: row.get(2)?,
                reference: row.get(3)?,
            };
            found.insert(row.get(0)?, write);
        }
    }
    Ok(found)
}

/// These texts, and the last of them once more for each place that is left over: so it stays one statement.
pub(super) fn padded(some: &[String], places: usize) -> Vec<Value<'_>> {
    let last = some.last().map(String::as_str).unwrap_or_default();
    let all = some.iter().map(String::as_str).chain(std::iter::repeat(last)).take(places);
    all.map(|text| Value::Text(text.into())).collect()
}
