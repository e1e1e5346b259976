//! What a source's own list says beyond what came from it: the gaps of a day, and when it was compared.

use tallyman_core::ident::Connection;
use tallyman_core::tally::{Kind, Problem};
use tallyman_core::time::{Date, Timestamp};
use tallyman_core::topic::{self, Topic};

use crate::{Row, Tx, UnitError, params};

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
