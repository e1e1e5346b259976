//! Attempts that did not simply succeed: what was tried, what came of it, and the exchange as evidence, sealed.
//!
//! A send that succeeded at once leaves its receipt and its journal line; it needs no row here.

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;

use crate::seal::Sealed;
use crate::{Tx, UnitError, params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// `look`, `send` or `probe`.
    pub what: &'static str,
    pub outcome: &'static str,
    /// What the other side said, or what we say of it: under the journey's key, since nobody knows whom it names.
    pub words: Option<Sealed>,
    pub exchange: Option<Sealed>,
}

/// What is told of an attempt in a journey's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub effect: String,
    pub at: Timestamp,
    pub what: String,
    pub outcome: String,
    pub words: Option<Vec<u8>>,
}

const INSERT: &str =
    "insert into attempt (effect, at, what, outcome, words, exchange) values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
const OF_JOURNEY: &str = "select a.effect, a.at, a.what, a.outcome, a.words from attempt a join effect e on e.id = a.effect \
     where e.journey = $1 order by a.at, a.effect limit 10000";
const EXCHANGES: &str = "select a.effect, a.at, a.what, a.outcome, a.exchange from attempt a join effect e on e.id = a.effect \
     where e.journey = $1 order by a.at, a.effect limit $2";
const COUNTS: &str = "select what, outcome, count(*) from attempt group by what, outcome order by what, outcome";

pub async fn insert(tx: &mut Tx<'_>, effect: &Fingerprint, attempt: &Attempt) -> Result<(), UnitError> {
    tx.execute(
        INSERT,
        params![
            effect.as_str(),
            attempt.at.micros(),
            attempt.what,
            attempt.outcome,
            attempt.words,
            attempt.exchange
        ],
    )
    .await
    .map(drop)
}

pub async fn of_journey(tx: &mut Tx<'_>, journey: &str) -> Result<Vec<Told>, UnitError> {
    let rows = tx.query(OF_JOURNEY, params![journey]).await?;
    rows.iter()
        .map(|row| {
            Ok(Told {
                effect: row.get(0)?,
                at: Timestamp::from_micros(row.get(1)?),
                what: row.get(2)?,
                outcome: row.get(3)?,
                words: row.get(4)?,
            })
        })
        .collect()
}

/// The attempts of an order with what was said in each.
pub async fn exchanges(tx: &mut Tx<'_>, journey: &str, limit: i64) -> Result<Vec<super::captures::Exchange>, UnitError> {
    let rows = tx.query(EXCHANGES, params![journey, limit]).await?;
    rows.iter().map(super::captures::read).collect()
}

/// What was tried and what came of it, how often.
pub async fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, String, i64)>, UnitError> {
    tx.query(COUNTS, params![])
        .await?
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}
