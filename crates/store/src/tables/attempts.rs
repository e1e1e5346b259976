//! Attempts that did not simply succeed: what was tried, what came of it, and the exchange as evidence, sealed.
//!
//! A send that succeeded at once leaves its receipt and its journal line; it needs no row here.

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;

use crate::{Tx, UnitError, params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// `look`, `send` or `probe`.
    pub what: &'static str,
    pub outcome: &'static str,
    /// The other side's words or ours; no personal data.
    pub words: String,
    pub exchange: Option<Vec<u8>>,
}

/// What is told of an attempt in a journey's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub effect: String,
    pub at: Timestamp,
    pub what: String,
    pub outcome: String,
    pub words: String,
}

const INSERT: &str =
    "insert into attempt (effect, at, what, outcome, words, exchange) values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
const OF_JOURNEY: &str = "select a.effect, a.at, a.what, a.outcome, a.words from attempt a join effect e on e.id = a.effect \
     where e.journey = $1 order by a.at, a.effect limit 10000";
const COUNTS: &str = "select what, outcome, count(*) from attempt group by what, outcome order by what, outcome";

/// Sentences longer than this are cut: they are other systems' words, and evidence is in the exchange.
const WORDS_CHARS_MAX: usize = 500;

pub async fn insert(tx: &mut Tx<'_>, effect: &Fingerprint, attempt: &Attempt) -> Result<(), UnitError> {
    let words: String = attempt.words.chars().filter(|c| *c != '\0').take(WORDS_CHARS_MAX).collect();
    tx.execute(
        INSERT,
        params![
            effect.as_str(),
            attempt.at.micros(),
            attempt.what,
            attempt.outcome,
            words,
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

/// What was tried and what came of it, how often.
pub async fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, String, i64)>, UnitError> {
    tx.query(COUNTS, params![])
        .await?
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}
