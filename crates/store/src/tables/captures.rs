//! Captures: what was said when a write succeeded. What did not simply succeed is an attempt ([`super::attempts`]).

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;

use crate::seal::Sealed;
use crate::{Tx, UnitError, params};

#[derive(Debug, Clone)]
pub struct Capture {
    pub at: Timestamp,
    /// `look`, `send` or `probe`: by which call it turned out to be done.
    pub what: &'static str,
    pub exchange: Sealed,
}

const INSERT: &str =
    "insert into capture (effect, at, what, company, exchange) values ($1, $2, $3, $4, $5) on conflict do nothing";
// A range of the index by age; what is deleted is bounded, since each row may be large.
const DELETE: &str = "delete from capture where effect in (select effect from capture where company = $1 and at < $2 \
     order by at, effect limit $3) and at < $2";
const OF_JOURNEY: &str = "select c.effect, c.at, c.what, 'done', c.exchange from effect e join capture c on c.effect = e.id \
     where e.journey = $1 order by c.at, c.effect limit $2";

pub async fn insert(tx: &mut Tx<'_>, effect: &Fingerprint, company: &str, capture: &Capture) -> Result<(), UnitError> {
    let Capture { at, what, exchange } = capture;
    tx.execute(INSERT, params![effect.as_str(), *at, *what, company, *exchange])
        .await
        .map(drop)
}

/// Deletes some of those from before then; how many.
pub async fn forget(tx: &mut Tx<'_>, company: &str, before: Timestamp, limit: i64) -> Result<u64, UnitError> {
    tx.execute(DELETE, params![company, before, limit]).await
}

/// An exchange as it is kept, of an attempt that succeeded or of one that did not.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub effect: String,
    pub at: Timestamp,
    pub what: String,
    pub outcome: String,
    pub sealed: Option<Vec<u8>>,
}

/// Those of an order's writes that succeeded.
pub async fn of_journey(tx: &mut Tx<'_>, journey: &str, limit: i64) -> Result<Vec<Exchange>, UnitError> {
    let rows = tx.query(OF_JOURNEY, params![journey, limit]).await?;
    rows.iter().map(read).collect()
}

pub(super) fn read(row: &crate::Row) -> Result<Exchange, UnitError> {
    Ok(Exchange {
        effect: row.get(0)?,
        at: Timestamp::from_micros(row.get(1)?),
        what: row.get(2)?,
        outcome: row.get(3)?,
        sealed: row.get(4)?,
    })
}
