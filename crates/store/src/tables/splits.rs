//! Cards that people put together and take apart.
//!
//! Put together, a card is shown under another one and keeps its records; taken apart, some of its records stand under a card of their
//! own with the same code and cause. Both can be undone. What a record stands under is looked up when it joins, so a record that was
//! split off stays with its part whatever comes of it.

use tallyman_core::time::Timestamp;
use tallyman_core::topic::Kind;

use crate::{Tx, UnitError, params};

const CARD_OF: &str = "select part from split where card = $1 and journey = $2";
const UNDER: &str = "update exception set under = $2 where id = $1 returning company, id";
const SHOWN_UNDER: &str = "select id from exception where under = $1 order by opened_at, id limit $2";
const ROOM: &str = "select under, split_of from exception where id = $1";
const PARTS: &str = "select count(*) from exception where split_of = $1";
const OPEN_PARTS: &str = "select id from exception where split_of = $1 and closed_at is null order by opened_at, id limit $2";
const OPEN_PART: &str = "insert into exception (id, company, code, cause, opened_at, mappings_seen, facts_seen, split_of) \
     select $2, company, code, cause, $3, mappings_seen, facts_seen, id from exception where id = $1";
const SPLIT: &str = "insert into split (card, journey, part) select $1, $2, $3 where exists \
     (select 1 from exception_member where exception = $1 and journey = $2) on conflict (card, journey) do nothing";
const JOIN_PART: &str = "insert into exception_member (exception, journey, effect, reference, sentence, mark, at, stand, due_by, rank, proof_of, proof, ended_at, again) \
     select $3, journey, effect, reference, sentence, mark, at, stand, due_by, rank, proof_of, proof, ended_at, again from exception_member \
     where exception = $1 and journey = $2 on conflict (exception, journey, effect) do update set stand = excluded.stand, \
     sentence = excluded.sentence, mark = excluded.mark, proof_of = excluded.proof_of, proof = excluded.proof, ended_at = excluded.ended_at";
const LEAVE: &str = "update exception_member set stand = 'left', proof_of = '', proof = '' where exception = $1 and journey = $2";
const OF_PART: &str = "select journey from split where part = $1 order by journey limit $2";
const UNSPLIT: &str = "delete from split where card = $1 and journey = $2";

/// The part that a record of this card was split off to.
pub async fn card_of(tx: &mut Tx<'_>, card: &str, journey: &str) -> Result<Option<String>, UnitError> {
    tx.query_opt(CARD_OF, params![card, journey])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

/// Where a card is shown, and what it was split off: each empty for nothing.
pub async fn room(tx: &mut Tx<'_>, card: &str) -> Result<Option<(String, String)>, UnitError> {
    tx.query_opt(ROOM, params![card])
        .await?
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .transpose()
}

/// Shows a card under another one, or by itself again (empty).
pub async fn put_under(tx: &mut Tx<'_>, card: &str, other: &str) -> Result<(), UnitError> {
    tx.change(Kind::Card, UNDER, params![card, other]).await.map(drop)
}

/// Cards that are shown under this one.
pub async fn shown_under(tx: &mut Tx<'_>, card: &str, limit: i64) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(SHOWN_UNDER, params![card, limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// How many parts were split off a card so far.
pub async fn parts(tx: &mut Tx<'_>, card: &str) -> Result<i64, UnitError> {
    tx.query_one(PARTS, params![card]).await?.get(0)
}

/// Parts of a card that are open, the oldest first.
pub async fn open_parts(tx: &mut Tx<'_>, card: &str, limit: i64) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(OPEN_PARTS, params![card, limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Opens a part of a card, without records.
pub async fn open_part(tx: &mut Tx<'_>, card: &str, part: &str, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(OPEN_PART, params![card, part, now.micros()]).await.map(drop)
}

/// Takes a record of a card to one of its parts; false if the card does not have it, or it was split off before.
pub async fn split(tx: &mut Tx<'_>, card: &str, journey: &str, part: &str) -> Result<bool, UnitError> {
    if tx.execute(SPLIT, params![card, journey, part]).await? != 1 {
        return Ok(false);
    }
    go(tx, card, journey, part).await?;
    Ok(true)
}

/// Takes a record of a part back to the card that it was split off.
pub async fn take_back(tx: &mut Tx<'_>, card: &str, journey: &str, part: &str) -> Result<(), UnitError> {
    tx.execute(UNSPLIT, params![card, journey]).await?;
    go(tx, part, journey, card).await
}

/// What a record is and what it has proved goes with it; where it was, it counts no more.
async fn go(tx: &mut Tx<'_>, from: &str, journey: &str, to: &str) -> Result<(), UnitError> {
    tx.execute(JOIN_PART, params![from, journey, to]).await?;
    tx.execute(LEAVE, params![from, journey]).await.map(drop)
}

/// Records that were split off to this part.
pub async fn of_part(tx: &mut Tx<'_>, part: &str, limit: i64) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(OF_PART, params![part, limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
