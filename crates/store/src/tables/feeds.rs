//! Feeds: work that comes round, held by one worker at a time.

use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::{Tx, UnitError, params};

/// A feed that is ours until its lease ends.
#[derive(Debug, Clone)]
pub struct Held {
    pub token: i64,
    /// Where it goes on from.
    pub watermark: Timestamp,
}

const ADD: &str = "insert into feed (name, due, token, worker, watermark, done_at) values ($1, $2, 0, '', $3, $3) on conflict (name) do nothing";
const TAKE: &str =
    "update feed set token = token + 1, due = $3, worker = $4 where name = $1 and due <= $2 returning token, watermark";
const GIVE_BACK: &str = "update feed set due = $3, watermark = $4, worker = '' where name = $1 and token = $2";
const FINISH: &str = "update feed set due = $3, watermark = $4, worker = '', done_at = $5 where name = $1 and token = $2";
const PUT_OFF: &str = "update feed set due = $3 where name = $1 and due <= $2";
const DUE: &str = "select due from feed where name = $1";
const LATEST: &str = "select max(due) from feed where name like $1";

/// Makes sure that the feed exists; a new one is due at once, and counts as done now.
pub async fn add(tx: &mut Tx<'_>, name: &str, due: Timestamp, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(ADD, params![name, due.micros(), now.micros()]).await.map(drop)
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

/// Gives it back with its round finished: that is what its heartbeat is.
pub async fn finish(
    tx: &mut Tx<'_>,
    name: &str,
    token: i64,
    (due, watermark): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<(), UnitError> {
    tx.touched(Topic::of(Kind::Feed));
    tx.execute(FINISH, params![name, token, due, watermark, now]).await.map(drop)
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

/// When the last of the feeds whose names begin so is due.
pub async fn latest_due(tx: &mut Tx<'_>, begins: &str) -> Result<Option<Timestamp>, UnitError> {
    let row = tx.query_one(LATEST, params![format!("{begins}%")]).await?;
    Ok(row.get::<Option<i64>>(0)?.map(Timestamp::from_micros))
}

const DONE_AT: &str = "select done_at from feed where name = $1";
const HURRY: &str = "update feed set due = $2 where name = $1 and worker = '' and due > $2";

/// When it last finished a round; when it was made known, if it never has.
pub async fn done_at(tx: &mut Tx<'_>, name: &str) -> Result<Option<Timestamp>, UnitError> {
    let row = tx.query_opt(DONE_AT, params![name]).await?;
    row.map(|row| row.get(0).map(Timestamp::from_micros)).transpose()
}

/// Makes a feed that nobody holds due now; false if it is held, due already, or not there.
pub async fn hurry(tx: &mut Tx<'_>, name: &str, now: Timestamp) -> Result<bool, UnitError> {
    tx.touched(Topic::of(Kind::Feed));
    Ok(tx.execute(HURRY, params![name, now]).await? == 1)
}
