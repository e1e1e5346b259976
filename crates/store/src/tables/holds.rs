//! Holds, and the lanes that wait because of one.
//!
//! A claim never reads these where `connection.holds` is 0, so what nobody holds costs nothing.

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::hold::{Hold, Scope};
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use super::effects::parse;
use crate::{Row, Tx, UnitError, params};

const INSERT: &str = "insert into hold (company, id, kind, what, reason, placed_by, placed_at, until_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
const STANDING: &str = "select id, company, kind, what, reason, placed_by, placed_at, until_at, ended_at, ended_by from hold \
     where company = $1 and let_go_at is null order by placed_at, id limit 1000";
const OVER: &str = "select id, company, kind, what, reason, placed_by, placed_at, until_at, ended_at, ended_by from hold \
     where company = $1 and let_go_at is not null order by ended_at desc, id desc limit $2";
const LOAD: &str = "select id, company, kind, what, reason, placed_by, placed_at, until_at, ended_at, ended_by from hold \
     where company = $1 and id = $2";
const END: &str = "update hold set ended_at = $3, ended_by = $4 where company = $1 and id = $2 and ended_at is null";
const LET_GO: &str = "update hold set let_go_at = $3, ended_at = coalesce(ended_at, until_at) where company = $1 and id = $2 \
     and let_go_at is null";
// All connections of the company, so that a claim that reads its own row knows.
const COUNT: &str = "update connection set holds = (select count(*) from hold where hold.company = $1 and hold.let_go_at is null) \
     where company = $1";
const STOP: &str = "update connection set stopped_until = $2 where name = $1 returning company, name";
const HOLD_LANE: &str = "insert into held (connection, subject, effect, company, hold, journey, since, until_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (connection, subject) do update set effect = excluded.effect, \
     hold = excluded.hold, journey = excluded.journey, since = excluded.since, until_at = excluded.until_at";
const HELD_BY: &str = "select connection, subject, effect, until_at from held where company = $1 and hold = $2 \
     order by connection, subject limit $3";
const RELEASE: &str = "delete from held where connection = $1 and subject = $2";
// Only a lane that waits as it was left: what has moved meanwhile has a time of its own.
const WAKE: &str = "update lane set due = $4 where connection = $1 and subject = $2 and head = $3 and worker = '' and due = $5";
const COUNT_HELD: &str = "select count(*) from (select 1 from held where company = $1 and hold = $2 limit $3) counted";
const COUNT_AT: &str = "select count(*) from (select 1 from held where connection = $1 limit $2) counted";
const OF_JOURNEY: &str = "select h.effect, h.connection, h.since, o.id, o.company, o.kind, o.what, o.reason, o.placed_by, o.placed_at, \
     o.until_at, o.ended_at, o.ended_by from held h join hold o on o.company = h.company and o.id = h.hold \
     where h.journey = $1 order by h.since, h.connection, h.subject limit 100";

fn read(row: &Row, first: usize) -> Result<Hold, UnitError> {
    let (kind, what): (String, String) = (row.get(first + 2)?, row.get(first + 3)?);
    Ok(Hold {
        id: parse(row.get(first)?)?,
        company: row.get(first + 1)?,
        scope: Scope::read(&kind, &what)
            .ok_or_else(|| UnitError::Refused(format!("a hold is of the kind {kind}, which this program does not know")))?,
        reason: row.get(first + 4)?,
        by: row.get(first + 5)?,
        from: Timestamp::from_micros(row.get(first + 6)?),
        until: Timestamp::from_micros(row.get(first + 7)?),
        ended_at: row.get::<Option<i64>>(first + 8)?.map(Timestamp::from_micros),
        ended_by: row.get(first + 9)?,
    })
}

/// What is held at a company is shown with its connections.
fn touched(tx: &mut Tx<'_>, hold: &Hold) {
    tx.touched(Topic::one(Kind::Connection, &hold.company, ""));
}

pub async fn insert(tx: &mut Tx<'_>, hold: &Hold) -> Result<bool, UnitError> {
    let Hold {
        id,
        company,
        scope,
        reason,
        by,
        from,
        until,
        ..
    } = hold;
    touched(tx, hold);
    let (kind, what) = (scope.kind(), scope.what());
    let placed = tx
        .execute(INSERT, params![company, id.as_str(), kind, what, reason, by, *from, *until])
        .await?
        == 1;
    tx.execute(COUNT, params![company]).await?;
    Ok(placed)
}

/// Those of a company that have not let go of everything: they stand, or have only just ended.
pub async fn standing(tx: &mut Tx<'_>, company: &str) -> Result<Vec<Hold>, UnitError> {
    let rows = tx.query(STANDING, params![company]).await?;
    rows.iter().map(|row| read(row, 0)).collect()
}

/// The last that are over, the newest first.
pub async fn over(tx: &mut Tx<'_>, company: &str, limit: i64) -> Result<Vec<Hold>, UnitError> {
    let rows = tx.query(OVER, params![company, limit]).await?;
    rows.iter().map(|row| read(row, 0)).collect()
}

pub async fn load(tx: &mut Tx<'_>, company: &str, id: &str) -> Result<Option<Hold>, UnitError> {
    let row = tx.query_opt(LOAD, params![company, id]).await?;
    row.map(|row| read(&row, 0)).transpose()
}

/// Ends it now; false where it had ended.
pub async fn end(tx: &mut Tx<'_>, hold: &Hold, by: &str, now: Timestamp) -> Result<bool, UnitError> {
    touched(tx, hold);
    Ok(tx.execute(END, params![hold.company, hold.id.as_str(), now, by]).await? == 1)
}

/// Nothing waits for it any more.
pub async fn let_go(tx: &mut Tx<'_>, hold: &Hold, now: Timestamp) -> Result<bool, UnitError> {
    touched(tx, hold);
    let let_go = tx.execute(LET_GO, params![hold.company, hold.id.as_str(), now]).await? == 1;
    tx.execute(COUNT, params![hold.company]).await?;
    Ok(let_go)
}

/// A connection is stopped until then; it goes on at once where that is now.
pub async fn stop(tx: &mut Tx<'_>, connection: &str, until: Timestamp) -> Result<(), UnitError> {
    tx.change(Kind::Connection, STOP, params![connection, until]).await.map(drop)
}

/// A lane that waits because of a hold.
#[derive(Debug, Clone)]
pub struct Lane<'a> {
    pub connection: &'a str,
    pub subject: &'a str,
    pub effect: &'a Fingerprint,
    pub journey: &'a str,
}

pub async fn hold_lane(tx: &mut Tx<'_>, hold: &Hold, lane: &Lane<'_>, now: Timestamp) -> Result<(), UnitError> {
    let Lane {
        connection,
        subject,
        effect,
        journey,
    } = *lane;
    let (id, effect) = (hold.id.as_str(), effect.as_str());
    let params = params![connection, subject, effect, hold.company, id, journey, now, hold.until];
    touched(tx, hold);
    tx.execute(HOLD_LANE, params).await.map(drop)
}

/// Lets some of its lanes go; gives the connections at which something became due, once for each lane.
pub async fn release(tx: &mut Tx<'_>, hold: &Hold, now: Timestamp, limit: i64) -> Result<Vec<String>, UnitError> {
    touched(tx, hold);
    let rows = tx.query(HELD_BY, params![hold.company, hold.id.as_str(), limit]).await?;
    let mut woken = Vec::with_capacity(rows.len());
    for row in &rows {
        let (connection, subject, effect): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let until: i64 = row.get(3)?;
        tx.execute(WAKE, params![connection, subject, effect, now, until]).await?;
        tx.execute(RELEASE, params![connection, subject]).await?;
        woken.push(connection);
    }
    Ok(woken)
}

/// How many lanes wait because of it, as far as that is counted.
pub async fn count(tx: &mut Tx<'_>, hold: &Hold, limit: i64) -> Result<u64, UnitError> {
    let row = tx
        .query_one(COUNT_HELD, params![hold.company, hold.id.as_str(), limit])
        .await?;
    row.get(0)
}

/// How many lanes of a connection wait because of any, as far as that is counted.
pub async fn count_at(tx: &mut Tx<'_>, connection: &str, limit: i64) -> Result<u64, UnitError> {
    tx.query_one(COUNT_AT, params![connection, limit]).await?.get(0)
}

/// A write of an order that waits because of a hold.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub effect: String,
    pub connection: String,
    pub since: Timestamp,
    pub hold: Hold,
}

pub async fn of_journey(tx: &mut Tx<'_>, journey: &str) -> Result<Vec<Waiting>, UnitError> {
    let rows = tx.query(OF_JOURNEY, params![journey]).await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                effect: row.get(0)?,
                connection: row.get(1)?,
                since: Timestamp::from_micros(row.get(2)?),
                hold: read(row, 3)?,
            })
        })
        .collect()
}
