//! What the handbook has said, version by version, and who has read which.

use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;

use super::cards::{self, Stored};
use crate::{Row, Tx, UnitError, params};

const LATEST: &str = "select version, hash, says, at from handbook where company = $1 order by version desc limit 1";
const ONE: &str = "select version, hash, says, at from handbook where company = $1 and version = $2";
const ADD: &str = "insert into handbook (company, version, hash, says, at) values ($1, $2, $3, $4, $5)";
const READ: &str = "insert into handbook_read (company, version, actor, at) values ($1, $2, $3, $4) \
     on conflict (company, version, actor) do nothing";
const READERS: &str = "select actor, at from handbook_read where company = $1 and version = $2 order by at, actor limit $3";
const NEWEST: &str = "select id from exception where company = $1 and code = $2 order by opened_at desc limit 1";

/// What it said from one day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub number: u64,
    pub hash: String,
    /// A line each.
    pub says: Vec<String>,
    pub at: Timestamp,
}

fn version(row: &Row) -> Result<Version, UnitError> {
    let says: String = row.get(2)?;
    Ok(Version {
        number: row.get(0)?,
        hash: row.get(1)?,
        says: says.lines().map(str::to_owned).collect(),
        at: Timestamp::from_micros(row.get(3)?),
    })
}

pub async fn latest(tx: &mut Tx<'_>, company: &str) -> Result<Option<Version>, UnitError> {
    tx.query_opt(LATEST, params![company])
        .await?
        .as_ref()
        .map(version)
        .transpose()
}

pub async fn one(tx: &mut Tx<'_>, company: &str, number: u64) -> Result<Option<Version>, UnitError> {
    let found = tx.query_opt(ONE, params![company, number as i64]).await?;
    found.as_ref().map(version).transpose()
}

/// The next version; refused by the key where somebody else has added it.
pub async fn add(tx: &mut Tx<'_>, company: &str, version: &Version) -> Result<(), UnitError> {
    let (number, at) = (version.number as i64, version.at.micros());
    let says = version.says.join("\n");
    tx.execute(ADD, params![company, number, version.hash, says, at]).await?;
    Ok(())
}

/// Somebody has read it; saying so twice is saying it once. Whether it was the first time.
pub async fn read(tx: &mut Tx<'_>, company: &str, number: u64, actor: &str, at: Timestamp) -> Result<bool, UnitError> {
    let count = tx.execute(READ, params![company, number as i64, actor, at.micros()]).await?;
    Ok(count == 1)
}

/// Who has read a version, and when; the first first.
pub async fn readers(tx: &mut Tx<'_>, company: &str, number: u64, limit: i64) -> Result<Vec<(String, Timestamp)>, UnitError> {
    let rows = tx.query(READERS, params![company, number as i64, limit]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, Timestamp::from_micros(row.get(1)?))))
        .collect()
}

/// The newest card of a code, open or closed.
pub async fn newest(tx: &mut Tx<'_>, company: &str, code: Code) -> Result<Option<Stored>, UnitError> {
    let Some(row) = tx.query_opt(NEWEST, params![company, code.name()]).await? else {
        return Ok(None);
    };
    let id: String = row.get(0)?;
    cards::load(tx, &id).await
}
