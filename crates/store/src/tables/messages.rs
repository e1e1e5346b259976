//! Messages: raw bytes received, kept as evidence, each once.

use std::collections::BTreeSet;

use tallyman_core::ident::{Company, Connection};
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::{Row, Tx, UnitError, params};

#[derive(Debug, Clone)]
pub struct Message {
    pub connection: Connection,
    pub record: String,
    /// SHA-256 of the bytes, in hex.
    pub hash: String,
    pub company: Company,
    pub kind: &'static str,
    /// The subject under whose key the body is sealed: its journey.
    pub journey: String,
    /// When the source says that the record was made, if it could be read.
    pub made_at: Option<Timestamp>,
    /// How many times the answer that brought it showed it.
    pub shown: u32,
    pub body: Vec<u8>,
}

/// A message as it is kept.
#[derive(Debug, Clone)]
pub struct Undecided {
    pub record: String,
    pub hash: String,
    pub kind: String,
    pub journey: String,
    pub body: Vec<u8>,
    pub received_at: Timestamp,
}

const INSERT: &str = "insert into message (connection, record, hash, company, kind, journey, received_at, body, made_at, shown, version) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1 + (select count(*) from message where connection = $1 and record = $2)) \
     on conflict do nothing";
const UNDECIDED: &str = "select record, hash, kind, journey, body, received_at from message \
     where connection = $1 and decided_at is null and body is not null order by received_at, record limit $2";
const DECIDED: &str =
    "update message set decided_at = $4, stale = 1 where connection = $1 and record = $2 and hash = $3 and decided_at is null";
const KNOWN: &str = "select shown from message where connection = $1 and record = $2 and hash = $3";
const SHOWN: &str = "update message set shown = $4 where connection = $1 and record = $2 and hash = $3 and shown < $4";
const RECEIVED: &str = "select count(distinct record) from message where connection = $1 and kind = $2";

/// Keeps a message; false if it was kept before.
pub async fn insert(tx: &mut Tx<'_>, message: &Message, now: Timestamp) -> Result<bool, UnitError> {
    tx.touched(Topic::one(Kind::Tally, message.company.as_str(), ""));
    Ok(tx
        .execute(
            INSERT,
            params![
                message.connection.as_str(),
                message.record,
                message.hash,
                message.company.as_str(),
                message.kind,
                message.journey,
                now.micros(),
                message.body,
                message.made_at,
                i64::from(message.shown)
            ],
        )
        .await?
        == 1)
}

/// How many times one answer has shown these very bytes, at the most; `None` if they were never kept.
pub async fn known(tx: &mut Tx<'_>, connection: &Connection, record: &str, hash: &str) -> Result<Option<u32>, UnitError> {
    let row = tx.query_opt(KNOWN, params![connection.as_str(), record, hash]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Notes that one answer has shown these bytes more often than any before.
pub async fn shown(tx: &mut Tx<'_>, connection: &Connection, record: &str, hash: &str, times: u32) -> Result<(), UnitError> {
    tx.touched(Topic::of(Kind::Tally));
    tx.execute(SHOWN, params![connection.as_str(), record, hash, i64::from(times)])
        .await
        .map(drop)
}

pub async fn undecided(tx: &mut Tx<'_>, connection: &Connection, limit: i64) -> Result<Vec<Undecided>, UnitError> {
    let rows = tx.query(UNDECIDED, params![connection.as_str(), limit]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Undecided, UnitError> {
    Ok(Undecided {
        record: row.get(0)?,
        hash: row.get(1)?,
        kind: row.get(2)?,
        journey: row.get(3)?,
        body: row.get(4)?,
        received_at: Timestamp::from_micros(row.get(5)?),
    })
}

/// Marks a message decided; false if it was already, so that a decision made twice is written once.
pub async fn decide(
    tx: &mut Tx<'_>,
    connection: &Connection,
    record: &str,
    hash: &str,
    now: Timestamp,
) -> Result<bool, UnitError> {
    tx.touched(Topic::of(Kind::Tally));
    Ok(tx
        .execute(DECIDED, params![connection.as_str(), record, hash, now.micros()])
        .await?
        == 1)
}

/// How many different records of a kind this connection has given us.
pub async fn received(tx: &mut Tx<'_>, connection: &Connection, kind: &str) -> Result<i64, UnitError> {
    tx.query_one(RECEIVED, params![connection.as_str(), kind]).await?.get(0)
}

const STALE: &str = "update message set stale = 1 where journey = $1 and stale = 0";

/// What was received for a journey may stand otherwise in the tally by now.
pub(super) async fn may_stand_otherwise(tx: &mut Tx<'_>, journey: &str) -> Result<(), UnitError> {
    if journey.is_empty() {
        return Ok(());
    }
    tx.execute(STALE, params![journey]).await.map(drop)
}

const UNDECIDED_COUNT: &str = "select count(*) from message where decided_at is null and body is not null";

pub async fn undecided_count(tx: &mut Tx<'_>) -> Result<i64, UnitError> {
    tx.query_one(UNDECIDED_COUNT, params![]).await?.get(0)
}

const NEWEST: &str = "select journey from message where connection = $1 and kind = $2 and version = 1 \
     order by received_at desc, record desc limit $3";

/// The journeys of the records that came last, the newest first, each once.
pub async fn newest(tx: &mut Tx<'_>, connection: &Connection, kind: &str, limit: i64) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(NEWEST, params![connection.as_str(), kind, limit]).await?;
    let mut found: Vec<String> = Vec::with_capacity(rows.len());
    let mut seen = BTreeSet::new();
    for row in &rows {
        let journey: String = row.get(0)?;
        if seen.insert(journey.clone()) {
            found.push(journey);
        }
    }
    Ok(found)
}

const OF_JOURNEY: &str = "select record, hash, kind, journey, body, received_at from message \
     where journey = $1 and kind = $2 and body is not null order by received_at desc, record, hash limit $3";

/// What was received for a journey, newest first, still sealed.
pub async fn of_journey(tx: &mut Tx<'_>, journey: &str, kind: &str, limit: i64) -> Result<Vec<Undecided>, UnitError> {
    let rows = tx.query(OF_JOURNEY, params![journey, kind, limit]).await?;
    rows.iter().map(read).collect()
}
