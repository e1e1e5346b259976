//! What flows: how many writes wait, how many were carried out lately, what came by the hour, and what stands still before a deadline.
//!
//! Every statement is a range of an index, and none reads a record: an overview asks all of this every few seconds.

use std::ops::Range;

use tallyman_core::ident::Connection;
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;

use crate::{Tx, UnitError, params};

const QUEUES: &str = "select name, state, count(*) from effect where company = $1 and state in ('ready', 'sending', 'unknown', 'probing', 'parked') \
     and state not in ('done', 'superseded', 'withdrawn') group by name, state order by name, state";
const DONE: &str = "select name, count(*) from effect where company = $1 and state = 'done' and updated_at > $2 and updated_at <= $3 \
     group by name order by name";
// In the order of the index that holds only these: without it, SQLite reads all messages of the connection.
const UNDECIDED: &str = "select count(*) from (select 1 from message where connection = $1 and decided_at is null \
     order by received_at, record limit $2) as undecided";

/// Writes of a kind in a state that is not over: the name of the kind, that of the state, how many. What waits for another write is not
/// in a queue yet.
pub async fn queues(tx: &mut Tx<'_>, company: &str) -> Result<Vec<(String, String, u64)>, UnitError> {
    let rows = tx.query(QUEUES, params![company]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

// A range of the index of what goes again, from now on; one row more for each.
const PUT_OFF: &str = "select name, due from effect where company = $1 and state = 'ready' and sends + absents + pauses > 0 and due > $2 \
     order by due, id limit $3";

/// The first writes that were put off to after this instant: the name of the kind of each, and when it goes again.
pub async fn put_off(tx: &mut Tx<'_>, company: &str, now: Timestamp, limit: i64) -> Result<Vec<(String, Timestamp)>, UnitError> {
    let rows = tx.query(PUT_OFF, params![company, now.micros(), limit]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, Timestamp::from_micros(row.get(1)?))))
        .collect()
}

/// Writes that were carried out in this span of time, by the name of their kind.
pub async fn done(tx: &mut Tx<'_>, company: &str, span: &Range<Timestamp>) -> Result<Vec<(String, u64)>, UnitError> {
    let rows = tx.query(DONE, params![company, span.start, span.end]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Messages that nothing was decided about yet, up to so many.
pub async fn undecided(tx: &mut Tx<'_>, connection: &Connection, limit: i64) -> Result<u64, UnitError> {
    tx.query_one(UNDECIDED, params![connection.as_str(), limit]).await?.get(0)
}

const BY_SPAN: &str = "select (received_at - $3) / $5, count(*) from message \
     where connection = $1 and kind = $2 and received_at >= $3 and received_at < $4 and version = 1 group by 1 order by 1";

/// How many records first came in each of so many microseconds of a span of time: which of them, and how many.
pub async fn arrivals(
    tx: &mut Tx<'_>,
    (connection, kind): (&Connection, Kind),
    span: &Range<Timestamp>,
    each_micros: i64,
) -> Result<Vec<(u64, u64)>, UnitError> {
    let (connection, kind) = (connection.as_str(), kind.name());
    let rows = tx
        .query(BY_SPAN, params![connection, kind, span.start, span.end, each_micros])
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

const NAME_OF_ONE: &str = "select coalesce((select name from effect where id = m.effect), '') from exception_member m \
     where m.exception = $1 and m.stand = 'stopped' order by m.due_by limit 1";
const STANDING: &str = "select journey from exception_member where exception = $1 and stand = 'stopped' and due_by > $2 and due_by <= $3 \
     order by due_by limit $4";

// Only asked where few orders stand still: each is one row of its card and one of its order, and records of no order are passed over in the
// index. Of a card's records those that stand still are found by what they are due by, and those without a deadline have the last there is.
const STANDING_SINCE: &str = "select count(*) from (select distinct m.journey as id from exception e join exception_member m on m.exception = e.id \
     where e.company = $1 and e.closed_at is null and m.stand = 'stopped' and m.due_by > 0 and m.journey <> '') as standing \
     join journey j on j.id = standing.id where j.received_at >= $2 and j.stage in ('open', 'stopped')";

/// Open orders that stand still, each once over all cards, and were received since this instant. For a company in which few do.
pub async fn standing_since(tx: &mut Tx<'_>, company: &str, since: Timestamp) -> Result<u64, UnitError> {
    tx.query_one(STANDING_SINCE, params![company, since]).await?.get(0)
}

/// The name of a write that stands still under this card; empty where what stands still is no write.
pub async fn name_of_one(tx: &mut Tx<'_>, card: &str) -> Result<String, UnitError> {
    let row = tx.query_opt(NAME_OF_ONE, params![card]).await?;
    row.map_or(Ok(String::new()), |row| row.get(0))
}

/// Orders that stand still under a card and are due in this span of time, the earliest first; one may come twice.
pub async fn standing(tx: &mut Tx<'_>, card: &str, due: &Range<Timestamp>, limit: i64) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(STANDING, params![card, due.start, due.end, limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
