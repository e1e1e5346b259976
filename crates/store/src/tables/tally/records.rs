//! The records of a day, one by one: as they stand, as a list names them, and as far as a source's own list is held against them.

use std::ops::Range;

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::journey::Journey;
use tallyman_core::tally::{Kind, Received};
use tallyman_core::time::Timestamp;

use super::super::{effects, journeys};
use crate::{Row, Tx, UnitError, params};

const OF_DAY: &str = "select m.record, m.received_at, m.made_at, case when m.decided_at is null then 0 else 1 end, m.journey, j.state, \
     (select count(*) from exception_member x where x.journey = m.journey and x.stand = 'stopped'), \
     (select count(*) from subject_key k where k.company = m.company and k.subject = m.journey and k.destroyed_at is not null) \
     from message m left join journey j on j.id = m.journey \
     where m.connection = $1 and m.kind = $2 and m.version = 1 and (m.received_at, m.record) > ($3, $4) and m.received_at < $5 \
     order by m.received_at, m.record limit $6";

/// A page of the records whose first content came in this span of time, each as it stands now. The next page begins after the last.
pub async fn of_day(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    after: Option<&Received>,
    limit: i64,
) -> Result<Vec<Received>, UnitError> {
    // Before the first record of an instant, and after every record of the one before.
    let from = (span.start, String::new());
    let (at, record) = after.map_or(from, |last| (last.received_at, last.key.clone()));
    let rows = tx
        .query(OF_DAY, params![connection.as_str(), kind.name(), at, record, span.end, limit])
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(received(tx, kind, row).await?);
    }
    Ok(found)
}

pub(super) async fn received(tx: &mut Tx<'_>, kind: Kind, row: &Row) -> Result<Received, UnitError> {
    let key: String = row.get(0)?;
    let state: Option<String> = row.get(5)?;
    let journey: Option<Journey> = state.map(|state| journeys::parse(&state)).transpose()?;
    let despatch = match (&journey, kind) {
        (Some(journey), Kind::Shipment) => {
            let stored = effects::load(tx, &journey.step(&format!("despatch/{key}"))).await?;
            stored.map(|stored| stored.state)
        }
        _ => None,
    };
    Ok(Received {
        key,
        received_at: Timestamp::from_micros(row.get(1)?),
        made_at: row.get::<Option<i64>>(2)?.map(Timestamp::from_micros),
        decided: row.get::<i64>(3)? == 1,
        subject: Fingerprint::parse(row.get(4)?).map(JourneyId::from_fingerprint).ok(),
        journey,
        despatch,
        carded: row.get::<i64>(6)? > 0,
        erased: row.get::<i64>(7)? > 0,
    })
}

/// What of a record is only looked at where it may stand otherwise than it is counted: its journey's state above all.
const LISTED: &str = "select m.record, m.received_at, m.made_at, case when m.decided_at is null then 0 else 1 end, m.journey, \
     case when m.stale = 1 then j.state end, \
     case when m.stale = 1 or m.stand = 'open' then \
     (select count(*) from exception_member x where x.journey = m.journey and x.stand = 'stopped') else 0 end, \
     case when m.stale = 1 then \
     (select count(*) from subject_key k where k.company = m.company and k.subject = m.journey and k.destroyed_at is not null) else 0 end, \
     m.stand, m.stale, j.id, j.reference \
     from message m left join journey j on j.id = m.journey \
     where m.connection = $1 and m.kind = $2 and m.version = 1 and (m.received_at, m.record) > ($3, $4) and m.received_at < $5 \
     order by m.received_at, m.record limit $6";

/// Where a record stands.
#[derive(Debug, Clone)]
pub enum Stands {
    /// Where it is counted, and nothing has happened since.
    Counted(String),
    /// Something may have: what it has to be told from.
    Stale(Box<Received>),
}

/// A record as a list of a day names it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub key: String,
    pub received_at: Timestamp,
    pub made_at: Option<Timestamp>,
    /// The journey that has begun for it, by our own id and by its number.
    pub journey: Option<(String, String)>,
    pub carded: bool,
    pub stands: Stands,
}

/// A page of the records whose first content came in this span of time, behind this place.
pub async fn listed(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    after: Option<&(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<Listed>, UnitError> {
    let (at, record) = after.cloned().unwrap_or((span.start, String::new()));
    let rows = tx
        .query(LISTED, params![connection.as_str(), kind.name(), at, record, span.end, limit])
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let stands = match row.get::<i64>(9)? {
            0 => Stands::Counted(row.get(8)?),
            _ => Stands::Stale(Box::new(received(tx, kind, row).await?)),
        };
        found.push(Listed {
            key: row.get(0)?,
            received_at: Timestamp::from_micros(row.get(1)?),
            made_at: row.get::<Option<i64>>(2)?.map(Timestamp::from_micros),
            journey: row.get::<Option<String>>(10)?.zip(row.get(11)?),
            carded: row.get::<i64>(6)? > 0,
            stands,
        });
    }
    Ok(found)
}

const HAD: &str = "select m.record, m.received_at, m.made_at, j.stage, \
     (select count(*) from subject_key k where k.company = m.company and k.subject = m.journey and k.destroyed_at is not null) \
     from message m left join journey j on j.id = m.journey \
     where m.connection = $1 and m.kind = $2 and m.version = 1 and (m.received_at, m.record) > ($3, $4) and m.received_at < $5 \
     order by m.received_at, m.record limit $6";

/// A record that we have, as far as a source's own list is held against it. There are many of them and most are long done, so their
/// journeys are not read: an order of some hundred lines has a state of 100 kB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Had {
    pub key: String,
    pub received_at: Timestamp,
    pub made_at: Option<Timestamp>,
    /// How far its journey is, by the stage's name, if it has begun.
    pub stage: Option<String>,
    pub erased: bool,
}

/// A page of the records whose first content came in this span of time, behind this one.
pub async fn had(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    after: Option<&Had>,
    limit: i64,
) -> Result<Vec<Had>, UnitError> {
    let from = (span.start, String::new());
    let (at, record) = after.map_or(from, |last| (last.received_at, last.key.clone()));
    let rows = tx
        .query(HAD, params![connection.as_str(), kind.name(), at, record, span.end, limit])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Had {
                key: row.get(0)?,
                received_at: Timestamp::from_micros(row.get(1)?),
                made_at: row.get::<Option<i64>>(2)?.map(Timestamp::from_micros),
                stage: row.get(3)?,
                erased: row.get::<i64>(4)? > 0,
            })
        })
        .collect()
}

const EVER: &str = "select record from message where connection = $1 and record = $2 limit 1";

/// Whether anything was ever received under this key.
pub async fn is_received(tx: &mut Tx<'_>, connection: &Connection, record: &str) -> Result<bool, UnitError> {
    Ok(tx.query_opt(EVER, params![connection.as_str(), record]).await?.is_some())
}
