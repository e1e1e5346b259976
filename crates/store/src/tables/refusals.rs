//! Cards of refused writes whose cause the ledger can be asked about, and when it last was.
//!
//! The question belongs to the card, however many records it stops, so the time is the card's, too.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;

use super::exceptions::from_text;
use crate::{Tx, UnitError, params};

/// Only what stands for a write: an order that was stopped before anything was sent is decided again by itself.
const TO_ASK: &str = "select e.id, e.cause, e.first_of from exception e where e.company = $1 and e.code = $2 and e.closed_at is null \
     and e.asked_at <= $3 and exists (select 1 from exception_member m where m.exception = e.id and m.stand = 'stopped' and m.effect <> '') \
     order by e.asked_at, e.id limit $4";
const ASKED: &str = "update exception set asked_at = $2 where id = $1";

/// A card under which writes stand still that were refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToAsk {
    pub card: String,
    pub code: Code,
    pub cause: Cause,
    /// The record with which a fix is tried in earnest before the others follow; empty for all at once.
    pub first: String,
}

/// Open cards of this code that were not asked about since then, the longest ago first.
pub async fn to_ask(tx: &mut Tx<'_>, company: &str, code: Code, before: Timestamp, limit: i64) -> Result<Vec<ToAsk>, UnitError> {
    let rows = tx
        .query(TO_ASK, params![company, code.name(), before.micros(), limit])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ToAsk {
                card: row.get(0)?,
                code,
                cause: from_text(row.get(1)?),
                first: row.get(2)?,
            })
        })
        .collect()
}

pub async fn asked(tx: &mut Tx<'_>, card: &str, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(ASKED, params![card, now.micros()]).await.map(drop)
}
