//! What the tally is made of: the records of a day as they stand, what came again, and what a source's own list says beyond that.
//!
//! A record is counted on the day on which its first content came. Days are spans of time here: whose midnight it is, the caller knows.

use std::collections::BTreeMap;
use std::ops::Range;

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::journey::Journey;
use tallyman_core::tally::{Kind, Problem, Received};
use tallyman_core::time::{Date, Timestamp};

use super::{effects, journeys};
use tallyman_core::topic::{self, Topic};

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

async fn received(tx: &mut Tx<'_>, kind: Kind, row: &Row) -> Result<Received, UnitError> {
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

const KEPT: &str = "select stand, cast(sum(records) as bigint) from tally_count where connection = $1 and kind = $2 and quarter >= $3 and quarter < $4 \
     group by stand order by stand";
const STALE: &str = "select m.record, m.received_at, m.made_at, case when m.decided_at is null then 0 else 1 end, m.journey, j.state, \
     (select count(*) from exception_member x where x.journey = m.journey and x.stand = 'stopped'), \
     (select count(*) from subject_key k where k.company = m.company and k.subject = m.journey and k.destroyed_at is not null), m.stand \
     from message m left join journey j on j.id = m.journey \
     where m.connection = $1 and m.kind = $2 and m.stale = 1 and m.version = 1 and (m.received_at, m.record) > ($3, $4) and m.received_at < $5 \
     order by m.received_at, m.record limit $6";
const COUNTED: &str =
    "update message set stale = 0, stand = $3 where connection = $1 and record = $2 and version = 1 and stale = 1";
const COUNT: &str = "insert into tally_count (connection, kind, quarter, stand, records) values ($1, $2, $3, $4, $5) \
     on conflict (connection, kind, quarter, stand) do update set records = tally_count.records + excluded.records";
const LATE: &str = "select record, made_at, received_at from message where connection = $1 and kind = $2 and version = 1 \
     and made_at < received_at - 7200000000 and received_at >= $3 and received_at < $4 order by received_at, record limit $5";
const NOWHERE: &str = "select record from message where connection = $1 and kind = $2 and version = 1 and received_at >= $3 and received_at < $4 \
     and stand = 'nowhere' and stale = 0 order by received_at, record limit $5";

/// Counters are kept for so long each. Every zone's days begin and end with one.
const QUARTER_MICROS: i64 = 900_000_000;

/// A record that may stand otherwise than it is counted.
#[derive(Debug, Clone)]
pub struct Stale {
    pub record: Received,
    /// As what it is counted; nothing yet, where it is empty.
    pub counted: String,
}

/// How many records of a span are counted as what. Those of [`stale`] may stand otherwise by now.
pub async fn kept(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
) -> Result<Vec<(String, i64)>, UnitError> {
    let rows = tx
        .query(KEPT, params![connection.as_str(), kind.name(), span.start, span.end])
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A page of the records of a span that may stand otherwise than they are counted.
pub async fn stale(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    after: Option<&Received>,
    limit: i64,
) -> Result<Vec<Stale>, UnitError> {
    let from = (span.start, String::new());
    let (at, record) = after.map_or(from, |last| (last.received_at, last.key.clone()));
    let rows = tx
        .query(STALE, params![connection.as_str(), kind.name(), at, record, span.end, limit])
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(Stale {
            record: received(tx, kind, row).await?,
            counted: row.get(8)?,
        });
    }
    Ok(found)
}

/// Counts these as what they stand for now.
pub async fn count(tx: &mut Tx<'_>, (connection, kind): (&Connection, Kind), found: &[(Stale, &str)]) -> Result<(), UnitError> {
    let mut moved: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    for (stale, stands) in found {
        let counted = tx
            .execute(COUNTED, params![connection.as_str(), stale.record.key, *stands])
            .await?;
        if counted == 1 && stale.counted != *stands {
            let quarter = stale.record.received_at.micros().div_euclid(QUARTER_MICROS) * QUARTER_MICROS;
            *moved.entry((quarter, stands)).or_default() += 1;
            if !stale.counted.is_empty() {
                *moved.entry((quarter, &stale.counted)).or_default() -= 1;
            }
        }
    }
    for ((quarter, stand), records) in moved {
        tx.execute(COUNT, params![connection.as_str(), kind.name(), quarter, stand, records])
            .await?;
    }
    Ok(())
}

/// Records of a span that came two hours or more after they were made: the key, when it was made, when it came.
pub async fn late(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    limit: i64,
) -> Result<Vec<(String, Timestamp, Timestamp)>, UnitError> {
    let rows = tx
        .query(LATE, params![connection.as_str(), kind.name(), span.start, span.end, limit])
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Records of a span that are counted as standing nowhere.
pub async fn nowhere(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    limit: i64,
) -> Result<Vec<String>, UnitError> {
    let rows = tx
        .query(
            NOWHERE,
            params![connection.as_str(), kind.name(), span.start, span.end, limit],
        )
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

const CAME: &str = "select count(*) from (select 1 from message where connection = $1 and kind = $2 and version = 1 \
     and received_at > $3 and received_at < $4 limit $5) counted";

/// How many records first came after the start of a span and before its end, counted as far as `limit`.
pub async fn came(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    limit: i64,
) -> Result<u64, UnitError> {
    let row = tx
        .query_one(CAME, params![connection.as_str(), kind.name(), span.start, span.end, limit])
        .await?;
    row.get(0)
}

const AGAIN: &str = "select record, version, shown from message where connection = $1 and kind = $2 and received_at >= $3 and received_at < $4 \
     and (version > 1 or shown > 1) order by received_at, record, version limit $5";

/// What came again in this span of time: the record, which content of it this is, and how many times one answer showed it.
pub async fn again(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    limit: i64,
) -> Result<Vec<(String, u32, u32)>, UnitError> {
    let rows = tx
        .query(AGAIN, params![connection.as_str(), kind.name(), span.start, span.end, limit])
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

const EVER: &str = "select record from message where connection = $1 and record = $2 limit 1";

/// Whether anything was ever received under this key.
pub async fn is_received(tx: &mut Tx<'_>, connection: &Connection, record: &str) -> Result<bool, UnitError> {
    Ok(tx.query_opt(EVER, params![connection.as_str(), record]).await?.is_some())
}

/// A difference between a source's list and what we have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub record: String,
    pub problem: Problem,
    pub day: Date,
    pub found_at: Timestamp,
    pub cleared_at: Option<Timestamp>,
    /// What became of it, or why it still stands.
    pub why: String,
}

const OPEN: &str = "insert into tally_gap (connection, kind, record, problem, day, found_at, why) values ($1, $2, $3, $4, $5, $6, '') \
     on conflict (connection, kind, record, problem) do update set found_at = excluded.found_at, cleared_at = null, why = '' \
     where tally_gap.cleared_at is not null";
const SAY: &str =
    "update tally_gap set why = $5 where connection = $1 and kind = $2 and record = $3 and problem = $4 and cleared_at is null";
const CLEAR: &str = "update tally_gap set why = $5, cleared_at = $6 where connection = $1 and kind = $2 and record = $3 and problem = $4 \
     and cleared_at is null";
const STANDING: &str = "select record, problem, day, found_at, cleared_at, why from tally_gap \
     where connection = $1 and kind = $2 and cleared_at is null order by found_at, record, problem limit $3";
const GAPS_OF: &str = "select record, problem, day, found_at, cleared_at, why from tally_gap \
     where connection = $1 and kind = $2 and day = $3 order by record, problem limit $4";

/// Writes down a difference that was found; one that was cleared before stands again.
pub async fn open(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    (record, problem): (&str, Problem),
    day: Date,
    now: Timestamp,
) -> Result<(), UnitError> {
    let day = day.to_string();
    tx.touched(Topic::of(topic::Kind::Tally));
    tx.execute(
        OPEN,
        params![connection.as_str(), kind.name(), record, problem.name(), day, now],
    )
    .await
    .map(drop)
}

/// Says why it still stands.
pub async fn say(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    (record, problem): (&str, Problem),
    why: &str,
) -> Result<(), UnitError> {
    tx.execute(SAY, params![connection.as_str(), kind.name(), record, problem.name(), why])
        .await
        .map(drop)
}

/// It stands no more, and why; false if it did not.
pub async fn clear(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    (record, problem): (&str, Problem),
    why: &str,
    now: Timestamp,
) -> Result<bool, UnitError> {
    tx.touched(Topic::of(topic::Kind::Tally));
    let cleared = tx
        .execute(
            CLEAR,
            params![connection.as_str(), kind.name(), record, problem.name(), why, now],
        )
        .await?;
    Ok(cleared == 1)
}

fn gap(row: &Row) -> Result<Gap, UnitError> {
    let unknown =
        |what: &str, text: &str| UnitError::Refused(format!("a gap of the tally has the {what} {text}, which cannot be read"));
    let (problem, day): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Gap {
        record: row.get(0)?,
        problem: Problem::named(&problem).ok_or_else(|| unknown("problem", &problem))?,
        day: Date::parse(&day).map_err(|_| unknown("day", &day))?,
        found_at: Timestamp::from_micros(row.get(3)?),
        cleared_at: row.get::<Option<i64>>(4)?.map(Timestamp::from_micros),
        why: row.get(5)?,
    })
}

/// The differences that stand, of every day, the oldest first.
pub async fn standing(tx: &mut Tx<'_>, (connection, kind): (&Connection, Kind), limit: i64) -> Result<Vec<Gap>, UnitError> {
    let rows = tx.query(STANDING, params![connection.as_str(), kind.name(), limit]).await?;
    rows.iter().map(gap).collect()
}

/// All differences of a day, those that were cleared too.
pub async fn gaps_of(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    day: Date,
    limit: i64,
) -> Result<Vec<Gap>, UnitError> {
    let rows = tx
        .query(GAPS_OF, params![connection.as_str(), kind.name(), day.to_string(), limit])
        .await?;
    rows.iter().map(gap).collect()
}

/// When a source's own list of a day was last compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    pub at: Timestamp,
    /// Keys that it listed for the day.
    pub listed: i64,
    /// Why it was not compared; empty if it was.
    pub why: String,
}

const PUT_SWEPT: &str = "insert into tally_sweep (connection, kind, day, swept_at, listed, why) values ($1, $2, $3, $4, $5, $6) \
     on conflict (connection, kind, day) do update set swept_at = excluded.swept_at, listed = excluded.listed, why = excluded.why";
const SWEPT: &str = "select swept_at, listed, why from tally_sweep where connection = $1 and kind = $2 and day = $3";

pub async fn put_swept(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    day: Date,
    swept: &Swept,
) -> Result<(), UnitError> {
    let day = day.to_string();
    tx.touched(Topic::of(topic::Kind::Tally));
    tx.execute(
        PUT_SWEPT,
        params![connection.as_str(), kind.name(), day, swept.at, swept.listed, swept.why],
    )
    .await
    .map(drop)
}

pub async fn swept(tx: &mut Tx<'_>, (connection, kind): (&Connection, Kind), day: Date) -> Result<Option<Swept>, UnitError> {
    let row = tx
        .query_opt(SWEPT, params![connection.as_str(), kind.name(), day.to_string()])
        .await?;
    row.map(|row| {
        Ok(Swept {
            at: Timestamp::from_micros(row.get(0)?),
            listed: row.get(1)?,
            why: row.get(2)?,
        })
    })
    .transpose()
}
