//! Exceptions: one open row per cause, with the records it stops.

use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;

use crate::{Tx, UnitError, params};

const OPEN: &str = "insert into exception (id, company, code, cause, sentence, opened_at) values ($1, $2, $3, $4, $5, $6) on conflict (id) do update set closed_at = null, sentence = excluded.sentence where exception.closed_at is not null";
const JOIN: &str =
    "insert into exception_member (exception, journey, effect, sentence, at) values ($1, $2, $3, $4, $5) on conflict do nothing";
const COUNTS: &str = "select e.company, e.code, count(distinct e.id), count(distinct m.journey) from exception e \
     join exception_member m on m.exception = e.id where e.closed_at is null group by e.company, e.code order by e.company, e.code";
const STOPPED: &str = "select count(distinct j.id) from journey j join exception_member m on m.journey = j.id \
     join exception e on e.id = m.exception where e.closed_at is null and j.stage in ('open', 'stopped')";
const OF_JOURNEY: &str = "select e.code, m.sentence, m.at from exception_member m join exception e on e.id = m.exception \
     where m.journey = $1 order by m.at, e.code limit 1000";

/// Puts a record under the card of its cause. The same cause is the same card, known by its derived id.
pub async fn join(
    tx: &mut Tx<'_>,
    company: &str,
    journey: &str,
    effect: &str,
    finding: &Finding,
    now: Timestamp,
) -> Result<(), UnitError> {
    let id = Fingerprint::derive(company, &finding.cause, finding.code.name());
    tx.execute(
        OPEN,
        params![
            id.as_str(),
            company,
            finding.code.name(),
            finding.cause,
            finding.sentence,
            now.micros()
        ],
    )
    .await?;
    tx.execute(JOIN, params![id.as_str(), journey, effect, finding.sentence, now.micros()])
        .await
        .map(drop)
}

/// Open cards: company, code, how many, how many journeys they stop.
pub async fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, String, i64, i64)>, UnitError> {
    let rows = tx.query(COUNTS, params![]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .collect()
}

/// Journeys that are not complete and stand under an open card.
pub async fn stopped(tx: &mut Tx<'_>) -> Result<i64, UnitError> {
    tx.query_one(STOPPED, params![]).await?.get(0)
}

/// What stops a journey: code, sentence, since when.
pub async fn of_journey(tx: &mut Tx<'_>, journey: &str) -> Result<Vec<(String, String, Timestamp)>, UnitError> {
    let rows = tx.query(OF_JOURNEY, params![journey]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, Timestamp::from_micros(row.get(2)?))))
        .collect()
}

const LEAVE: &str = "delete from exception_member where effect = $1";
const CLOSE_EMPTY: &str = "update exception set closed_at = $1 where closed_at is null and not exists \
     (select 1 from exception_member m where m.exception = exception.id)";

/// Takes an effect off the cards that it stood on, because it is done; a card without members is closed.
pub async fn leave(tx: &mut Tx<'_>, effect: &str, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(LEAVE, params![effect]).await?;
    tx.execute(CLOSE_EMPTY, params![now.micros()]).await.map(drop)
}

const LEAVE_WHOLE: &str = "delete from exception_member where journey = $1 and effect = ''";

/// Takes a journey off the cards that stopped all of it, because it is decided anew.
pub async fn leave_whole(tx: &mut Tx<'_>, journey: &str, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(LEAVE_WHOLE, params![journey]).await?;
    tx.execute(CLOSE_EMPTY, params![now.micros()]).await.map(drop)
}

const LEAVE_ONE: &str = "delete from exception_member where journey = $1 and effect = $2";

/// Takes one record of a journey off its cards; a card without members is closed.
pub async fn leave_one(tx: &mut Tx<'_>, journey: &str, record: &str, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(LEAVE_ONE, params![journey, record]).await?;
    tx.execute(CLOSE_EMPTY, params![now.micros()]).await.map(drop)
}

const MEMBERS: &str = "select m.journey, m.effect from exception_member m join exception e on e.id = m.exception \
     where e.company = $1 and e.code = $2 and e.closed_at is null order by m.at, m.journey, m.effect limit $3";
const CARDS: &str =
    "select company, cause, sentence from exception where code = $1 and closed_at is null order by company, cause limit 1000";

/// What stands on a company's open cards of one code, the oldest first: journey and record of each.
pub async fn members(tx: &mut Tx<'_>, company: &str, code: Code, limit: i64) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(MEMBERS, params![company, code.name(), limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A card, without what stands on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub company: String,
    pub cause: String,
    pub sentence: String,
}

/// The open cards of one code.
pub async fn cards(tx: &mut Tx<'_>, code: Code) -> Result<Vec<Card>, UnitError> {
    let rows = tx.query(CARDS, params![code.name()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Card {
                company: row.get(0)?,
                cause: row.get(1)?,
                sentence: row.get(2)?,
            })
        })
        .collect()
}
