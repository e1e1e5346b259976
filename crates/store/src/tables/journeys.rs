//! Journeys, and the references by which people find them.

use serde::Deserialize;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::Journey;
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use super::messages;
use crate::{Row, Tx, UnitError, params};

/// A journey as it is stored, with the number that moves on with every change.
#[derive(Debug, Clone)]
pub struct Stored {
    pub journey: Journey,
    pub version: i64,
}

const COLUMNS_NOTE: &str = "a journey's state was written by this program";

const INSERT: &str = "insert into journey (id, company, channel, source_key, reference, stage, version, state, document, received_at, updated_at, \
     net, due_by) values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $12, $10, $11) on conflict (id) do nothing";
const LOAD: &str = "select state, version from journey where id = $1";
const UPDATE: &str =
    "update journey set stage = $3, state = $4, version = version + 1, updated_at = $5 where id = $1 and version = $2";
const DOCUMENT: &str = "select document from journey where id = $1";
const ADD_REFERENCE: &str =
    "insert into journey_reference (company, reference, kind, journey) values ($1, $2, $3, $4) on conflict do nothing";
// The companies come first, as a cross join tells SQLite: the key of a reference begins with them, and without them every one is read.
const FIND: &str = "select distinct j.id, j.company, j.received_at from (select distinct company from connection) c \
     cross join journey_reference r join journey j on j.id = r.journey where r.company = c.company and r.reference = $1 \
     order by j.company, j.received_at, j.id limit 50";
const STAGES: &str = "select company, stage, count(*) from journey group by company, stage order by company, stage";

/// Reads the state column; a build that cannot read it says so instead of guessing.
pub fn parse(state: &str) -> Result<Journey, UnitError> {
    read(state)
}

fn read<'a, T: Deserialize<'a>>(state: &'a str) -> Result<T, UnitError> {
    serde_json::from_str(state).map_err(|error| UnitError::Refused(format!("{COLUMNS_NOTE}, but cannot be read: {error}")))
}

/// The number and id that the ledger knows it by, out of the state column and nothing else of that.
pub(super) fn ledger_order(state: &str) -> Result<Option<(String, i64)>, UnitError> {
    #[derive(Deserialize)]
    struct Key {
        id: i64,
        number: String,
    }
    #[derive(Deserialize)]
    struct Known {
        ledger_order: Option<Key>,
    }
    let known: Known = read(state)?;
    Ok(known.ledger_order.map(|key| (key.number, key.id)))
}

fn text(journey: &Journey) -> Result<String, UnitError> {
    serde_json::to_string(journey).map_err(|error| UnitError::Refused(format!("a journey cannot be written: {error}")))
}

/// Adds a journey; false if it is there already. It came when its message did, however long that waited to be decided.
pub async fn insert(
    tx: &mut Tx<'_>,
    journey: &Journey,
    document: Option<&[u8]>,
    (received_at, now): (Timestamp, Timestamp),
) -> Result<bool, UnitError> {
    let state = text(journey)?;
    let added = tx
        .execute(
            INSERT,
            params![
                journey.id.as_str(),
                journey.company.as_str(),
                journey.route.channel.as_str(),
                journey.source_key,
                journey.reference,
                journey.stage.name(),
                state,
                document,
                received_at.micros(),
                journey.net.hundred_thousandths,
                journey.due_by.map_or(i64::MAX, Timestamp::micros),
                now.micros()
            ],
        )
        .await?;
    tx.touched(topic(journey));
    Ok(added == 1)
}

pub async fn load(tx: &mut Tx<'_>, id: &JourneyId) -> Result<Option<Stored>, UnitError> {
    let Some(row) = tx.query_opt(LOAD, params![id.as_str()]).await? else {
        return Ok(None);
    };
    Ok(Some(Stored {
        journey: parse(row.get(0)?)?,
        version: row.get(1)?,
    }))
}

/// Writes a journey that was decided on `seen`; a conflict if it has moved since.
pub async fn update(tx: &mut Tx<'_>, journey: &Journey, seen: i64, now: Timestamp) -> Result<(), UnitError> {
    let state = text(journey)?;
    match tx
        .execute(
            UPDATE,
            params![journey.id.as_str(), seen, journey.stage.name(), state, now.micros()],
        )
        .await?
    {
        1 => {
            tx.touched(topic(journey));
            messages::may_stand_otherwise(tx, journey.id.as_str()).await
        }
        _ => Err(UnitError::Conflict(format!("journey {}", journey.id))),
    }
}

fn topic(journey: &Journey) -> Topic {
    Topic::one(Kind::Journey, journey.company.as_str(), journey.id.as_str())
}

/// The order itself, sealed.
pub async fn document(tx: &mut Tx<'_>, id: &JourneyId) -> Result<Option<Vec<u8>>, UnitError> {
    tx.query_opt(DOCUMENT, params![id.as_str()])
        .await?
        .map_or(Ok(None), |row| row.get(0))
}

/// `reference` as [`tallyman_core::reference::Reference::normalised`] writes it.
pub async fn add_reference(tx: &mut Tx<'_>, journey: &Journey, kind: &'static str, reference: &str) -> Result<(), UnitError> {
    tx.execute(
        ADD_REFERENCE,
        params![journey.company.as_str(), reference, kind, journey.id.as_str()],
    )
    .await
    .map(drop)
}

/// The journeys known by this reference, over all companies: whose each is, and its id.
pub async fn find(tx: &mut Tx<'_>, reference: &str) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(FIND, params![reference]).await?;
    rows.iter().map(|row| Ok((row.get(1)?, row.get(0)?))).collect()
}

/// How many journeys stand at each stage, by company.
pub async fn stages(tx: &mut Tx<'_>) -> Result<Vec<(String, String, i64)>, UnitError> {
    let rows = tx.query(STAGES, params![]).await?;
    rows.iter()
        .map(|row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

/// An order, sealed, and whose it is.
#[derive(Debug, Clone)]
pub struct Sealed {
    pub id: String,
    pub company: String,
    pub reference: String,
    pub document: Vec<u8>,
}

const DOCUMENTS: &str =
    "select id, company, reference, document from journey where id > $1 and document is not null order by id limit $2";
const FORGET: &str = "update journey set document = null, version = version + 1 where id = $1";
const FORGET_MESSAGES: &str = "update message set body = null where journey = $1";
const FORGET_BODIES: &str = "update effect set body = null where journey = $1";
const FORGET_ATTEMPTS: &str =
    "update attempt set exchange = null, words = null where effect in (select id from effect where journey = $1)";
const FORGET_MEMBERS: &str = "update exception_member set sentence = null where journey = $1";
const FORGET_AMENDMENTS: &str = "update amendment set body = null where journey = $1";
const FORGET_WORDS: &str = "update word set reason = null where effect in (select id from effect where journey = $1)";
const FORGET_RULINGS: &str = "update ruling set reason = null where journey = $1";
const FORGET_CONTENT: &str = "update journal_line set content = null where company = $2 and subject = $1 and kind <> 'erased'";

/// A page of orders by id.
pub async fn documents(tx: &mut Tx<'_>, after: &str, limit: i64) -> Result<Vec<Sealed>, UnitError> {
    let rows = tx.query(DOCUMENTS, params![after, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Sealed {
                id: row.get(0)?,
                company: row.get(1)?,
                reference: row.get(2)?,
                document: row.get(3)?,
            })
        })
        .collect()
}

/// Drops all that was sealed for a journey. Its key is gone already; this gives the space back, and leaves nothing to attack.
pub async fn forget(tx: &mut Tx<'_>, id: &JourneyId, company: &str) -> Result<(), UnitError> {
    for statement in [
        FORGET,
        FORGET_MESSAGES,
        FORGET_BODIES,
        FORGET_ATTEMPTS,
        FORGET_MEMBERS,
        FORGET_AMENDMENTS,
        FORGET_WORDS,
        FORGET_RULINGS,
    ] {
        tx.execute(statement, params![id.as_str()]).await?;
    }
    tx.touched(Topic::one(Kind::Journey, company, id.as_str()));
    messages::may_stand_otherwise(tx, id.as_str()).await?;
    tx.execute(FORGET_CONTENT, params![id.as_str(), company]).await.map(drop)
}

const IS_KNOWN: &str = "select journey from journey_reference where company = $1 and reference = $2 and kind = $3 limit 1";
const REPLACE: &str = "update journey set document = $3 where id = $1 and version = $2";

/// Whether a journey of this company goes by this reference, normalised.
pub async fn is_known(tx: &mut Tx<'_>, company: &str, kind: &'static str, reference: &str) -> Result<bool, UnitError> {
    Ok(tx.query_opt(IS_KNOWN, params![company, reference, kind]).await?.is_some())
}

/// Puts another order, sealed, in the place of the one a journey was stopped with; a conflict if it has moved since.
pub async fn replace_document(tx: &mut Tx<'_>, id: &JourneyId, seen: i64, document: &[u8]) -> Result<(), UnitError> {
    match tx.execute(REPLACE, params![id.as_str(), seen, document]).await? {
        1 => Ok(()),
        _ => Err(UnitError::Conflict(format!("journey {id}"))),
    }
}

const KNOWN_AS: &str =
    "select journey from journey_reference where company = $1 and reference = $2 and kind = $3 order by journey limit 50";

/// The journeys of this company that go by this reference, normalised.
pub async fn known_as(tx: &mut Tx<'_>, company: &str, kind: &'static str, reference: &str) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(KNOWN_AS, params![company, reference, kind]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

const STANDING_STILL: &str = "select distinct m.journey, j.received_at from exception_member m \
     join exception e on e.id = m.exception join journey j on j.id = m.journey \
     where e.company = $1 and e.code not in ('cut_off_near', 'cut_off_missed') and m.stand = 'stopped' \
     and j.stage in ('open', 'stopped') and j.received_at >= $2 and j.received_at < $3 \
     and not exists (select 1 from exception_member c join exception x on x.id = c.exception where c.journey = m.journey \
     and x.code in ('cut_off_near', 'cut_off_missed') and (c.stand = 'stopped' or c.effect <> $4)) \
     order by j.received_at, m.journey limit $5";

/// Journeys of a company that were received then and stand under a card, the oldest first: without those on a card of this cut-off, and those
/// that were ever on one of another. That their cut-off is near stops none.
pub async fn standing_still(
    tx: &mut Tx<'_>,
    company: &str,
    (received, cut_off): (&std::ops::Range<Timestamp>, &str),
    limit: i64,
) -> Result<Vec<String>, UnitError> {
    let rows = tx
        .query(STANDING_STILL, params![company, received.start, received.end, cut_off, limit])
        .await?;
    rows.iter().map(|row| Ok(row.get::<&str>(0)?.to_owned())).collect()
}
