//! Who is signed in, who was invited to, and who was wrong.
//!
//! What opens a session or redeems an invitation is known by its SHA-256 only: who reads this table can do neither.

use tallyman_core::access::tries::{FORGOTTEN_AFTER, Tries};
use tallyman_core::time::Timestamp;

use crate::{Row, Tx, UnitError, params};

/// The SHA-256 of 256 random bits.
pub type Hash = [u8; 32];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What it is ended by; it opens nothing.
    pub id: String,
    pub person: String,
    pub begun_at: Timestamp,
    pub seen_at: Timestamp,
    pub ends_at: Timestamp,
}

/// Rows that are over are taken away so many at a time.
const SWEPT_AT_ONCE: i64 = 100;

const BEGIN: &str = "insert into session (hash, id, person, begun_at, seen_at, ends_at) values ($1, $2, $3, $4, $5, $6)";
const SESSION: &str = "select id, person, begun_at, seen_at, ends_at from session where hash = $1 and ends_at > $2";
const SESSIONS: &str = "select id, person, begun_at, seen_at, ends_at from session where person = $1 and ends_at > $2 order by begun_at desc, id limit 200";
const SEEN: &str = "update session set seen_at = $2, ends_at = $3 where hash = $1 and seen_at < $2";
const END: &str = "delete from session where hash = $1 returning id, person, begun_at, seen_at, ends_at";
const END_ONE: &str = "delete from session where id = $1 and person = $2";
const END_OTHERS: &str = "delete from session where person = $1 and id <> $2";
const SWEEP_SESSIONS: &str =
    "delete from session where hash in (select hash from session where ends_at <= $1 order by ends_at limit $2)";

pub async fn begin(tx: &mut Tx<'_>, hash: &Hash, session: &Session) -> Result<(), UnitError> {
    let Session {
        id,
        person,
        begun_at,
        seen_at,
        ends_at,
    } = session;
    tx.execute(BEGIN, params![hash, id, person, begun_at, seen_at, ends_at])
        .await
        .map(drop)
}

/// The session, unless it is over.
pub async fn session(tx: &mut Tx<'_>, hash: &Hash, now: Timestamp) -> Result<Option<Session>, UnitError> {
    tx.query_opt(SESSION, params![hash, now])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// A person's sessions that are not over, the newest first.
pub async fn sessions(tx: &mut Tx<'_>, person: &str, now: Timestamp) -> Result<Vec<Session>, UnitError> {
    tx.query(SESSIONS, params![person, now]).await?.iter().map(read).collect()
}

/// Something was done in it, so it ends later.
pub async fn seen(tx: &mut Tx<'_>, hash: &Hash, now: Timestamp, ends_at: Timestamp) -> Result<(), UnitError> {
    tx.execute(SEEN, params![hash, now, ends_at]).await.map(drop)
}

/// Ends a session, and says whose it was.
pub async fn end(tx: &mut Tx<'_>, hash: &Hash) -> Result<Option<Session>, UnitError> {
    tx.query_opt(END, params![hash]).await?.as_ref().map(read).transpose()
}

/// Ends a session of this person by its id. False if there is none.
pub async fn end_one(tx: &mut Tx<'_>, id: &str, person: &str) -> Result<bool, UnitError> {
    Ok(tx.execute(END_ONE, params![id, person]).await? == 1)
}

/// Ends a person's sessions but this one, or all if it is empty; says how many.
pub async fn end_others(tx: &mut Tx<'_>, person: &str, but: &str) -> Result<u64, UnitError> {
    tx.execute(END_OTHERS, params![person, but]).await
}

fn read(row: &Row) -> Result<Session, UnitError> {
    Ok(Session {
        id: row.get(0)?,
        person: row.get(1)?,
        begun_at: row.get(2)?,
        seen_at: row.get(3)?,
        ends_at: row.get(4)?,
    })
}

const INVITE: &str = "insert into invitation (hash, person, made_at, ends_at) values ($1, $2, $3, $4)";
const INVITED: &str = "select person from invitation where hash = $1 and ends_at > $2";
const REDEEM: &str = "delete from invitation where hash = $1 and ends_at > $2 returning person";
const DROP_INVITATIONS: &str = "delete from invitation where person = $1";

/// In the place of any that this person has.
pub async fn invite(tx: &mut Tx<'_>, hash: &Hash, person: &str, (now, ends_at): (Timestamp, Timestamp)) -> Result<(), UnitError> {
    drop_invitations(tx, person).await?;
    tx.execute(INVITE, params![hash, person, now, ends_at]).await.map(drop)
}

/// Whom an invitation is for, while it stands; empty for whoever sets everything up.
pub async fn invited(tx: &mut Tx<'_>, hash: &Hash, now: Timestamp) -> Result<Option<String>, UnitError> {
    tx.query_opt(INVITED, params![hash, now])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

/// Uses an invitation up, and says whom it was for.
pub async fn redeem(tx: &mut Tx<'_>, hash: &Hash, now: Timestamp) -> Result<Option<String>, UnitError> {
    tx.query_opt(REDEEM, params![hash, now])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

pub async fn drop_invitations(tx: &mut Tx<'_>, person: &str) -> Result<(), UnitError> {
    tx.execute(DROP_INVITATIONS, params![person]).await.map(drop)
}

const TRIES: &str = "select wrong, mark from sign_in_try where subject = $1";
const KEEP_TRIES: &str = "insert into sign_in_try (subject, wrong, mark) values ($1, $2, $3) on conflict (subject) do update \
     set wrong = excluded.wrong, mark = excluded.mark";
const DROP_TRIES: &str = "delete from sign_in_try where subject = $1";
const SWEEP_TRIES: &str =
    "delete from sign_in_try where subject in (select subject from sign_in_try where mark <= $1 order by mark limit $2)";

pub async fn tries(tx: &mut Tx<'_>, subject: &str) -> Result<Option<Tries>, UnitError> {
    let Some(row) = tx.query_opt(TRIES, params![subject]).await? else {
        return Ok(None);
    };
    Ok(Some(Tries {
        wrong: row.get(0)?,
        mark: row.get(1)?,
    }))
}

/// Keeps what was counted; nothing takes the row away.
pub async fn keep_tries(tx: &mut Tx<'_>, subject: &str, tries: Option<Tries>) -> Result<(), UnitError> {
    match tries {
        Some(tries) => tx.execute(KEEP_TRIES, params![subject, tries.wrong, tries.mark]).await,
        None => tx.execute(DROP_TRIES, params![subject]).await,
    }
    .map(drop)
}

/// Takes away some of what is over: sessions, and wrong tries that do not count any more.
pub async fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(SWEEP_SESSIONS, params![now, SWEPT_AT_ONCE]).await?;
    let forgotten = now.minus(FORGOTTEN_AFTER);
    tx.execute(SWEEP_TRIES, params![forgotten, SWEPT_AT_ONCE]).await.map(drop)
}
