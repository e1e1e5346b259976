//! Exceptions: one open row per cause, with the records it stops.

use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;

use crate::{Tx, UnitError, params};

const OPEN: &str = "insert into exception (id, company, code, cause, sentence, opened_at, mappings_seen, facts_seen) \
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update set closed_at = null, sentence = excluded.sentence, \
     mappings_seen = excluded.mappings_seen, facts_seen = excluded.facts_seen where exception.closed_at is not null";
const JOIN: &str =
    "insert into exception_member (exception, journey, effect, sentence, at) values ($1, $2, $3, $4, $5) on conflict do nothing";
const COUNTS: &str = "select e.company, e.code, count(distinct e.id), count(distinct m.journey) from exception e \
     join exception_member m on m.exception = e.id where e.closed_at is null group by e.company, e.code order by e.company, e.code";
const STOPPED: &str = "select count(distinct j.id) from journey j join exception_member m on m.journey = j.id \
     join exception e on e.id = m.exception where e.closed_at is null and j.stage in ('open', 'stopped')";
const OF_JOURNEY: &str = "select e.code, m.sentence, m.at from exception_member m join exception e on e.id = m.exception \
     where m.journey = $1 order by m.at, e.code limit 1000";

/// The numbers of the mappings and facts that something was checked with.
pub type Seen = (i64, i64);

/// For findings that rest on neither: no later number changes them.
pub const SEEN_ALL: Seen = (i64::MAX, i64::MAX);

/// The card that a finding goes under. The same cause is the same card.
pub fn card(company: &str, finding: &Finding) -> Fingerprint {
    Fingerprint::derive(company, &finding.cause, finding.code.name())
}

/// Puts a record under the card of its cause; a cause that returns opens its card again. `seen` is what it was checked with, which is
/// what stands now: the caller has made sure.
pub async fn join(
    tx: &mut Tx<'_>,
    company: &str,
    (journey, effect): (&str, &str),
    finding: &Finding,
    seen: Seen,
    now: Timestamp,
) -> Result<(), UnitError> {
    let id = card(company, finding);
    tx.execute(
        OPEN,
        params![
            id.as_str(),
            company,
            finding.code.name(),
            finding.cause,
            finding.sentence,
            now.micros(),
            seen.0,
            seen.1
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

const CARDS_OF: &str = "select e.id, e.code from exception_member m join exception e on e.id = m.exception \
     where m.journey = $1 and m.effect = $2 order by e.id";
const LEAVE: &str = "delete from exception_member where exception = $1 and journey = $2 and effect = $3";
const CLOSE_EMPTY: &str = "update exception set closed_at = $2 where id = $1 and closed_at is null and not exists \
     (select 1 from exception_member m where m.exception = exception.id)";

/// The cards that a record stands under, each with its code: a journey with one of its effects, or with none where all of it is stopped.
pub async fn cards_of(tx: &mut Tx<'_>, journey: &str, effect: &str) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(CARDS_OF, params![journey, effect]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Takes a record off the cards that it stands under, because it is done or decided anew; a card without members is closed.
pub async fn leave(tx: &mut Tx<'_>, journey: &str, effect: &str, now: Timestamp) -> Result<(), UnitError> {
    for (card, _) in cards_of(tx, journey, effect).await? {
        tx.execute(LEAVE, params![card, journey, effect]).await?;
        tx.execute(CLOSE_EMPTY, params![card, now.micros()]).await?;
    }
    Ok(())
}

const OPEN_CARDS: &str = "select id, code, cause, mappings_seen, facts_seen from exception \
     where company = $1 and closed_at is null and (mappings_seen < $2 or facts_seen < $3) order by opened_at, id limit $4";
const SEEN: &str = "update exception set mappings_seen = $2, facts_seen = $3 where id = $1";
const MEMBERS: &str = "select journey, effect from exception_member where exception = $1 and (journey > $2 or (journey = $2 and effect > $3)) \
     order by journey, effect limit $4";

/// An open card that has not been looked at since mappings or facts have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    pub id: String,
    pub code: String,
    pub cause: String,
    pub mappings_seen: i64,
    pub facts_seen: i64,
}

/// Open cards whose members were checked with older mappings or facts than these.
pub async fn behind(tx: &mut Tx<'_>, company: &str, mappings: i64, facts: i64, limit: i64) -> Result<Vec<Behind>, UnitError> {
    let rows = tx.query(OPEN_CARDS, params![company, mappings, facts, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Behind {
                id: row.get(0)?,
                code: row.get(1)?,
                cause: row.get(2)?,
                mappings_seen: row.get(3)?,
                facts_seen: row.get(4)?,
            })
        })
        .collect()
}

/// Notes that all that a card stops was checked with these.
pub async fn set_seen(tx: &mut Tx<'_>, id: &str, mappings: i64, facts: i64) -> Result<(), UnitError> {
    tx.execute(SEEN, params![id, mappings, facts]).await.map(drop)
}

/// A page of what a card stops: journey and effect (empty where the whole order is stopped).
pub async fn members(tx: &mut Tx<'_>, id: &str, after: (&str, &str), limit: i64) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(MEMBERS, params![id, after.0, after.1, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// An open card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: String,
    pub company: String,
    pub code: String,
    pub cause: String,
    pub sentence: String,
    pub opened_at: Timestamp,
    /// Orders that it stops.
    pub journeys: i64,
}

/// One record under a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The order's own number; empty for what belongs to no order of ours.
    pub reference: String,
    /// The effect that stands still; empty where the whole order is stopped.
    pub effect: String,
    pub sentence: String,
    pub at: Timestamp,
}

const LIST: &str = "select e.id, e.company, e.code, e.cause, e.sentence, e.opened_at, \
     (select count(distinct m.journey) from exception_member m where m.exception = e.id) \
     from exception e where e.closed_at is null and ($2 = '' or e.code = $2) order by e.opened_at, e.id limit $1";
const MEMBERS_TOLD: &str = "select coalesce(j.reference, ''), m.effect, m.sentence, m.at from exception_member m \
     left join journey j on j.id = m.journey where m.exception = $1 order by m.at, m.journey, m.effect limit $2";

/// Open cards, of one code or of all, the oldest first.
pub async fn open(tx: &mut Tx<'_>, code: Option<Code>, limit: i64) -> Result<Vec<Card>, UnitError> {
    let rows = tx.query(LIST, params![limit, code.map_or("", Code::name)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Card {
                id: row.get(0)?,
                company: row.get(1)?,
                code: row.get(2)?,
                cause: row.get(3)?,
                sentence: row.get(4)?,
                opened_at: Timestamp::from_micros(row.get(5)?),
                journeys: row.get(6)?,
            })
        })
        .collect()
}

/// What a card stops, for people.
pub async fn members_told(tx: &mut Tx<'_>, id: &str, limit: i64) -> Result<Vec<Member>, UnitError> {
    let rows = tx.query(MEMBERS_TOLD, params![id, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Member {
                reference: row.get(0)?,
                effect: row.get(1)?,
                sentence: row.get(2)?,
                at: Timestamp::from_micros(row.get(3)?),
            })
        })
        .collect()
}

const MEMBERS_UNDER: &str = "select m.journey, m.effect from exception_member m join exception e on e.id = m.exception \
     where e.company = $1 and e.code = $2 and e.closed_at is null order by m.at, m.journey, m.effect limit $3";
/// What stands on a company's open cards of one code, the oldest first: journey and record of each.
pub async fn members_under(tx: &mut Tx<'_>, company: &str, code: Code, limit: i64) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(MEMBERS_UNDER, params![company, code.name(), limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

const IS_OPEN: &str = "select id from exception where id = $1 and closed_at is null";

/// Whether the card of this company, code and cause is open.
pub async fn is_open(tx: &mut Tx<'_>, company: &str, code: Code, cause: &str) -> Result<bool, UnitError> {
    let id = Fingerprint::derive(company, cause, code.name());
    Ok(tx.query_opt(IS_OPEN, params![id.as_str()]).await?.is_some())
}
