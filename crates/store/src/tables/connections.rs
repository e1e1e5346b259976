//! How each connection stands: its rate, its pause, and its sign-in, shared by every worker.

use tallyman_core::effect::Obstacle;
use tallyman_core::pace::Marks;
use tallyman_core::time::Timestamp;
use tallyman_core::topic::Kind;

use crate::{Dialect, Tx, UnitError, params};

#[derive(Debug, Clone)]
pub struct Standing {
    pub paused_until: Timestamp,
    pub failures: u32,
    /// The kind of its last pause, while it pauses.
    pub why: String,
    /// Somebody has stopped it until then.
    pub stopped_until: Timestamp,
}

/// How far its permits have been handed out. Nobody else hands any out until this unit ends.
#[derive(Debug, Clone)]
pub struct Permits {
    pub marks: Marks,
    pub paused_until: Timestamp,
    /// Somebody has stopped it until then.
    pub stopped_until: Timestamp,
    /// Whether anything at all is held at its company.
    pub holds: bool,
}

/// A sign-in as it is stored, sealed, with the number that moves on with each.
#[derive(Debug, Clone)]
pub struct Session {
    pub sealed: Option<Vec<u8>>,
    pub token: i64,
}

const ADD: &str = "insert into connection (name, company, arrival, paused_until, failures, why, session_token, session_due) \
     values ($1, $2, 0, 0, 0, '', 0, 0) on conflict (name) do nothing";
const STANDING: &str = "select paused_until, failures, why, stopped_until from connection where name = $1";
const PERMITS: &str = "select arrival, arrival_urgent, arrival_poll, arrival_background, paused_until, stopped_until, holds from connection where name = $1";
// PostgreSQL only: claims are read committed, so two workers would read the same marks and both spend what is there. SQLite has
// one writer, and no word for it.
const PERMITS_LOCKED: &str = "select arrival, arrival_urgent, arrival_poll, arrival_background, paused_until, stopped_until, holds \
     from connection where name = $1 for update";
const SPEND: &str =
    "update connection set arrival = $2, arrival_urgent = $3, arrival_poll = $4, arrival_background = $5 where name = $1";
const PAUSE: &str = "update connection set paused_until = $2, failures = failures + 1, why = $3 where name = $1 and paused_until < $2 \
     returning company, name";
const WELL: &str = "update connection set failures = 0, paused_until = 0, why = '' where name = $1 and failures > 0 and paused_until <= $2 \
     returning company, name";
const SESSION: &str = "select session, session_token from connection where name = $1";
const TAKE_SESSION: &str = "update connection set session_token = session_token + 1, session_due = $4 \
     where name = $1 and session_token = $2 and session_due <= $3";
const PUT_SESSION: &str = "update connection set session = $3, session_token = session_token + 1, session_due = 0 where name = $1 and session_token = $2 \
     returning company, name";
const DROP_SESSION: &str = "update connection set session_due = 0 where name = $1 and session_token = $2";

pub async fn add(tx: &mut Tx<'_>, name: &str, company: &str) -> Result<(), UnitError> {
    tx.execute(ADD, params![name, company]).await.map(drop)
}

pub async fn standing(tx: &mut Tx<'_>, name: &str) -> Result<Option<Standing>, UnitError> {
    let Some(row) = tx.query_opt(STANDING, params![name]).await? else {
        return Ok(None);
    };
    Ok(Some(Standing {
        paused_until: Timestamp::from_micros(row.get(0)?),
        failures: row.get(1)?,
        why: row.get(2)?,
        stopped_until: Timestamp::from_micros(row.get(3)?),
    }))
}

/// Takes the connection's permits in hand, until the end of the unit.
pub async fn permits(tx: &mut Tx<'_>, name: &str) -> Result<Option<Permits>, UnitError> {
    let permits = match tx.dialect() {
        Dialect::Sqlite => PERMITS,
        Dialect::Postgres => PERMITS_LOCKED,
    };
    read_permits(tx, permits, name).await
}

/// How far they have been handed out, for whoever only looks.
pub async fn look(tx: &mut Tx<'_>, name: &str) -> Result<Option<Permits>, UnitError> {
    read_permits(tx, PERMITS, name).await
}

async fn read_permits(tx: &mut Tx<'_>, statement: &'static str, name: &str) -> Result<Option<Permits>, UnitError> {
    let Some(row) = tx.query_opt(statement, params![name]).await? else {
        return Ok(None);
    };
    Ok(Some(Permits {
        marks: Marks {
            whole: Timestamp::from_micros(row.get(0)?),
            urgent: Timestamp::from_micros(row.get(1)?),
            poll: Timestamp::from_micros(row.get(2)?),
            background: Timestamp::from_micros(row.get(3)?),
        },
        paused_until: Timestamp::from_micros(row.get(4)?),
        stopped_until: Timestamp::from_micros(row.get(5)?),
        holds: row.get::<i64>(6)? > 0,
    }))
}

/// Writes down what was handed out of the permits in hand.
pub async fn spend(tx: &mut Tx<'_>, name: &str, marks: &Marks) -> Result<(), UnitError> {
    let Marks {
        whole,
        urgent,
        poll,
        background,
    } = *marks;
    tx.execute(SPEND, params![name, whole, urgent, poll, background])
        .await
        .map(drop)
}

/// Pauses a connection for every worker; a pause is never cut short by another. Of the reason its kind is kept, and no words.
pub async fn pause(tx: &mut Tx<'_>, name: &str, until: Timestamp, why: Obstacle) -> Result<(), UnitError> {
    tx.change(Kind::Connection, PAUSE, params![name, until.micros(), why.to_string()])
        .await
        .map(drop)
}

/// It has answered well, so its pauses are counted anew; false if there were none. While it pauses nothing is changed: what is answered
/// then was asked before.
pub async fn well(tx: &mut Tx<'_>, name: &str, now: Timestamp) -> Result<bool, UnitError> {
    tx.change(Kind::Connection, WELL, params![name, now.micros()]).await
}

pub async fn session(tx: &mut Tx<'_>, name: &str) -> Result<Option<Session>, UnitError> {
    let Some(row) = tx.query_opt(SESSION, params![name]).await? else {
        return Ok(None);
    };
    Ok(Some(Session {
        sealed: row.get(0)?,
        token: row.get(1)?,
    }))
}

/// Takes the right to sign in anew, so that two workers do not spend one refresh token. Gives the token to write it with.
pub async fn take_session(
    tx: &mut Tx<'_>,
    name: &str,
    seen: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<i64>, UnitError> {
    let taken = tx
        .execute(TAKE_SESSION, params![name, seen, now.micros(), until.micros()])
        .await?;
    Ok((taken == 1).then_some(seen + 1))
}

/// Keeps a sign-in, before it is used.
pub async fn put_session(tx: &mut Tx<'_>, name: &str, token: i64, sealed: &[u8]) -> Result<bool, UnitError> {
    tx.change(Kind::Connection, PUT_SESSION, params![name, token, sealed]).await
}

/// Gives the right back unused; false if it is another worker's by now.
pub async fn drop_session(tx: &mut Tx<'_>, name: &str, token: i64) -> Result<bool, UnitError> {
    Ok(tx.execute(DROP_SESSION, params![name, token]).await? == 1)
}
