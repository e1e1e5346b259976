//! Mappings and the ledger's facts: versions of what decisions look things up in.

use tallyman_core::facts::Facts;
use tallyman_core::mapping::{Cell, Row as Version, Table};
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::{Row, Tx, UnitError, params};

const INSERT: &str = "insert into mapping (company, sequence, kind, scope, theirs, ours, at, actor, reason) \
     select $1, coalesce(max(sequence), 0) + 1, $2, $3, $4, $5, $6, $7, $8 from mapping where company = $1";
const ADD: &str = "insert into mapping (company, sequence, kind, scope, theirs, ours, at, actor, reason) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const LOAD: &str = "select sequence, kind, scope, theirs, ours, at, actor, reason from mapping \
     where company = $1 and sequence > $2 order by sequence limit $3";
const LATEST: &str = "select coalesce(max(sequence), 0) from mapping where company = $1";
const FACTS: &str = "select sequence, body from fact where company = $1 order by sequence desc limit 1";
const FACTS_SEQUENCE: &str = "select coalesce(max(sequence), 0) from fact where company = $1";
const ADD_FACTS: &str = "insert into fact (company, sequence, at, body) values ($1, $2, $3, $4)";

/// Versions read at a time.
const PAGE: i64 = 5_000;

/// Adds a version of a cell; its number is the next of its company. `row.seq` is not looked at.
pub async fn insert(tx: &mut Tx<'_>, company: &str, row: &Version) -> Result<(), UnitError> {
    tx.touched(Topic::one(Kind::Mapping, company, ""));
    tx.execute(
        INSERT,
        params![
            company,
            row.cell.table.code(),
            row.cell.scope,
            row.cell.theirs,
            row.ours,
            row.at.micros(),
            row.actor,
            row.reason
        ],
    )
    .await
    .map(drop)
}

/// Adds versions after `newest`, the newest number when they were decided on. A conflict if another was added since: what the cells mean
/// may have changed.
pub async fn add(tx: &mut Tx<'_>, company: &str, newest: i64, rows: &[Version]) -> Result<(), UnitError> {
    if tx.query_one(LATEST, params![company]).await?.get::<i64>(0)? != newest {
        return Err(UnitError::Conflict(format!("what words mean at {company}")));
    }
    tx.touched(Topic::one(Kind::Mapping, company, ""));
    for (sequence, row) in (newest + 1..).zip(rows) {
        tx.execute(
            ADD,
            params![
                company,
                sequence,
                row.cell.table.code(),
                row.cell.scope,
                row.cell.theirs,
                row.ours,
                row.at.micros(),
                row.actor,
                row.reason
            ],
        )
        .await?;
    }
    Ok(())
}

/// Every version of every cell of a company, in the order of their numbers. They are read in pages, since there may be more than one
/// answer holds.
pub async fn load(tx: &mut Tx<'_>, company: &str) -> Result<Vec<Version>, UnitError> {
    let mut versions = Vec::new();
    let mut after = 0;
    loop {
        let page = tx.query(LOAD, params![company, after, PAGE]).await?;
        for row in &page {
            after = row.get(0)?;
            versions.push(version(row)?);
        }
        if (page.len() as i64) < PAGE {
            return Ok(versions);
        }
    }
}

fn version(row: &Row) -> Result<Version, UnitError> {
    let kind: &str = row.get(1)?;
    let table =
        Table::parse(kind).ok_or_else(|| UnitError::Refused(format!("mapping table {kind} is not known to this program")))?;
    Ok(Version {
        cell: Cell {
            table,
            scope: row.get(2)?,
            theirs: row.get(3)?,
        },
        ours: row.get(4)?,
        seq: row.get(0)?,
        at: Timestamp::from_micros(row.get(5)?),
        actor: row.get(6)?,
        reason: row.get(7)?,
    })
}

/// The newest numbers of mappings and facts: what was read is current while they stand.
pub async fn latest(tx: &mut Tx<'_>, company: &str) -> Result<(i64, i64), UnitError> {
    let mappings = tx.query_one(LATEST, params![company]).await?.get(0)?;
    let facts = tx.query_one(FACTS_SEQUENCE, params![company]).await?.get(0)?;
    Ok((mappings, facts))
}

pub async fn facts(tx: &mut Tx<'_>, company: &str) -> Result<Option<Facts>, UnitError> {
    let Some(row) = tx.query_opt(FACTS, params![company]).await? else {
        return Ok(None);
    };
    let facts =
        serde_json::from_str(row.get(1)?).map_err(|error| UnitError::Refused(format!("facts cannot be read: {error}")))?;
    Ok(Some(facts))
}

/// Keeps facts as a new version, unless they are what is known.
pub async fn put_facts(tx: &mut Tx<'_>, company: &str, facts: &Facts, now: Timestamp) -> Result<bool, UnitError> {
    let body = serde_json::to_string(facts).map_err(|error| UnitError::Refused(format!("facts cannot be written: {error}")))?;
    let newest = tx.query_opt(FACTS, params![company]).await?;
    let sequence = match &newest {
        Some(row) if row.get::<&str>(1)? == body => return Ok(false),
        Some(row) => row.get::<i64>(0)? + 1,
        None => 1,
    };
    tx.execute(ADD_FACTS, params![company, sequence, now.micros(), body]).await?;
    Ok(true)
}
