//! What pages read in place of counting a day: records by where they stand, and those that may stand otherwise by now; what came
//! again, late, or after an instant.

use std::collections::BTreeMap;
use std::ops::Range;

use tallyman_core::ident::Connection;
use tallyman_core::tally::{Kind, Received};
use tallyman_core::time::Timestamp;

use super::records::received;
use crate::{Tx, UnitError, params};

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

const BEHIND: &str = "select 1 from message where connection = $1 and kind = $2 and stale = 1 and version = 1 limit 1 offset $3";

/// Whether more records than this may stand otherwise than they are counted, of whatever day.
pub async fn is_behind(tx: &mut Tx<'_>, (connection, kind): (&Connection, Kind), than: i64) -> Result<bool, UnitError> {
    let beyond = tx.query_opt(BEHIND, params![connection.as_str(), kind.name(), than]).await?;
    Ok(beyond.is_some())
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
