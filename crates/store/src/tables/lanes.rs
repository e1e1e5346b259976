//! Lanes: which effect is first, when it is due, and who holds it.
//!
//! The lane's row is what is claimed, never the effect's: locking effects would hand out the second in line. A claim is one
//! guarded update, which moves the fencing token on; whoever held the lane before can then write nothing more about it.

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;

use super::effects::parse;
use crate::{Dialect, Tx, UnitError, params};

/// A lane that is now ours until the lease ends.
#[derive(Debug, Clone)]
pub struct Held {
    pub subject: String,
    pub head: Fingerprint,
    pub token: i64,
    /// When it was due: the end of the last lease, if that was broken off.
    pub was_due: Timestamp,
}

const DUE: &str = "select subject, head, token, due from lane where connection = $1 and due <= $2 order by due, subject limit $3";
// PostgreSQL only: workers that claim at the same time pass over each other's lanes instead of waiting for them.
const DUE_LOCKED: &str = "select subject, head, token, due from lane where connection = $1 and due <= $2 order by due, subject limit $3 \
     for update skip locked";
const TAKE: &str =
    "update lane set token = token + 1, due = $4, worker = $5 where connection = $1 and subject = $2 and token = $3";
const NEXT_DUE: &str = "select min(due) from lane where connection = $1";
const JOIN: &str = "insert into lane (connection, subject, head, due, token, worker) values ($1, $2, $3, $4, 0, '') \
     on conflict (connection, subject) do update set head = excluded.head, due = excluded.due where lane.head = ''";
const GIVE_BACK: &str = "update lane set head = $4, due = $5, worker = '' where connection = $1 and subject = $2 and token = $3";
const HOLDS: &str = "select token from lane where connection = $1 and subject = $2 and token = $3";
const WAKE: &str = "update lane set due = $4 where connection = $1 and subject = $2 and head = $3 and worker = ''";

/// Takes up to `limit` lanes of a connection that are due.
pub async fn claim(
    tx: &mut Tx<'_>,
    connection: &Connection,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<Held>, UnitError> {
    let due = match tx.dialect() {
        Dialect::Sqlite => DUE,
        Dialect::Postgres => DUE_LOCKED,
    };
    let mut held = Vec::new();
    for row in tx.query(due, params![connection.as_str(), now.micros(), limit]).await? {
        let lane = Held {
            subject: row.get(0)?,
            head: parse(row.get(1)?)?,
            token: row.get(2)?,
            was_due: Timestamp::from_micros(row.get(3)?),
        };
        if tx
            .execute(
                TAKE,
                params![connection.as_str(), lane.subject, lane.token, until.micros(), worker],
            )
            .await?
            == 1
        {
            held.push(Held {
                token: lane.token + 1,
                ..lane
            });
        }
    }
    Ok(held)
}

/// When the first lane of a connection is due; for a lane that is held, the end of its lease.
pub async fn next_due(tx: &mut Tx<'_>, connection: &Connection) -> Result<Option<Timestamp>, UnitError> {
    let row = tx.query_one(NEXT_DUE, params![connection.as_str()]).await?;
    Ok(row
        .get::<Option<i64>>(0)?
        .map(Timestamp::from_micros)
        .filter(|due| *due < Timestamp::MAX))
}

/// Puts an effect in its lane: it becomes the head of one that is empty, and waits behind what is there otherwise.
pub async fn join(tx: &mut Tx<'_>, connection: &str, subject: &str, head: &Fingerprint, due: Timestamp) -> Result<(), UnitError> {
    tx.execute(JOIN, params![connection, subject, head.as_str(), due.micros()])
        .await
        .map(drop)
}

/// Whether this token is still the lane's: if not, another worker has taken over and what we know may be old.
pub async fn holds(tx: &mut Tx<'_>, connection: &str, subject: &str, token: i64) -> Result<(), UnitError> {
    match tx.query_opt(HOLDS, params![connection, subject, token]).await? {
        Some(_) => Ok(()),
        None => Err(UnitError::Refused(format!(
            "the lease on {subject} at {connection} was lost to another worker"
        ))),
    }
}

/// Gives a lane back with its next head, or empty; refused if the lease was lost.
pub async fn give_back(
    tx: &mut Tx<'_>,
    connection: &str,
    subject: &str,
    token: i64,
    next: Option<(&Fingerprint, Timestamp)>,
) -> Result<(), UnitError> {
    let (head, due) = next.map_or(("", Timestamp::MAX), |(head, due)| (head.as_str(), due));
    match tx
        .execute(GIVE_BACK, params![connection, subject, token, head, due.micros()])
        .await?
    {
        1 => Ok(()),
        _ => Err(UnitError::Refused(format!(
            "the lease on {subject} at {connection} was lost to another worker"
        ))),
    }
}

/// Makes a lane due now whose head has just become ready; nothing if that effect is not first, or the lane is held.
pub async fn wake(tx: &mut Tx<'_>, connection: &str, subject: &str, head: &Fingerprint, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(WAKE, params![connection, subject, head.as_str(), now.micros()])
        .await
        .map(drop)
}

const PASS: &str =
    "update lane set head = $4, due = $5, token = token + 1 where connection = $1 and subject = $2 and head = $3 and worker = ''";

/// Gives a lane another head than the one that stood still, or the same at another time; nothing if that effect is not first, or the lane is
/// held.
pub async fn pass(
    tx: &mut Tx<'_>,
    connection: &str,
    subject: &str,
    head: &Fingerprint,
    next: Option<(&Fingerprint, Timestamp)>,
) -> Result<(), UnitError> {
    let (next, due) = next.map_or(("", Timestamp::MAX), |(head, due)| (head.as_str(), due));
    tx.execute(PASS, params![connection, subject, head.as_str(), next, due.micros()])
        .await
        .map(drop)
}

const QUEUE: &str = "select count(*) from (select 1 from lane where connection = $1 and due < $2 limit $3) counted";

/// Lanes of a connection in which something will happen by itself, counted up to a limit.
pub async fn queue(tx: &mut Tx<'_>, connection: &str, limit: i64) -> Result<u64, UnitError> {
    let row = tx
        .query_one(QUEUE, params![connection, Timestamp::MAX.micros(), limit])
        .await?;
    row.get(0)
}

const MOVING: &str = "select count(*) from lane where due < $1";

/// Lanes in which something will happen by itself, now or later.
pub async fn moving(tx: &mut Tx<'_>) -> Result<i64, UnitError> {
    tx.query_one(MOVING, params![Timestamp::MAX.micros()]).await?.get(0)
}
