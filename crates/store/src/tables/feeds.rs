//! Feeds: work that comes round, held by one worker at a time.

use tallyman_core::time::Timestamp;

use crate::{Tx, UnitError, params};

/// A feed that is ours until its lease ends.
#[derive(Debug, Clone)]
pub struct Held {
    pub token: i64,
    /// Where it goes on from.
    pub watermark: Timestamp,
}

const ADD: &str =
    "insert into feed (name, due, token, worker, watermark) values ($1, $2, 0, '', $3) on conflict (name) do nothing";
const TAKE: &str =
    "update feed set token = token + 1, due = $3, worker = $4 where name = $1 and due <= $2 returning token, watermark";
const GIVE_BACK: &str = "update feed set due = $3, watermark = $4, worker = '' where name = $1 and token = $2";
const PUT_OFF: &str = "update feed set due = $3 where name = $1 and due <= $2";
const DUE: &str = "select due from feed where name = $1";

/// Makes sure that the feed exists; it is due at once.
pub async fn add(tx: &mut Tx<'_>, name: &str, due: Timestamp, watermark: Timestamp) -> Result<(), UnitError> {
    tx.execute(ADD, params![name, due.micros(), watermark.micros()])
        .await
        .map(drop)
}

pub async fn claim(
    tx: &mut Tx<'_>,
    name: &str,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Held>, UnitError> {
    let Some(row) = tx
        .query_opt(TAKE, params![name, now.micros(), until.micros(), worker])
        .await?
    else {
        return Ok(None);
    };
    Ok(Some(Held {
        token: row.get(0)?,
        watermark: Timestamp::from_micros(row.get(1)?),
    }))
}

/// Gives it back until it is due again. Nothing happens if the lease was lost: the other worker's word counts.
pub async fn give_back(tx: &mut Tx<'_>, name: &str, token: i64, due: Timestamp, watermark: Timestamp) -> Result<(), UnitError> {
    tx.execute(GIVE_BACK, params![name, token, due.micros(), watermark.micros()])
        .await
        .map(drop)
}

/// Makes one that is due, due later. Nothing happens if somebody holds it.
pub async fn put_off(tx: &mut Tx<'_>, name: &str, now: Timestamp, until: Timestamp) -> Result<(), UnitError> {
    tx.execute(PUT_OFF, params![name, now.micros(), until.micros()])
        .await
        .map(drop)
}

pub async fn due(tx: &mut Tx<'_>, name: &str) -> Result<Option<Timestamp>, UnitError> {
    let row = tx.query_opt(DUE, params![name]).await?;
    row.map(|row| row.get(0).map(Timestamp::from_micros)).transpose()
}
