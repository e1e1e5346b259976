//! Amendments as rows: each lies beside the record it amends, sealed under the journey's key.

use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::{Row, Tx, UnitError, params};

/// An amendment, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Counts within its journey, from 1.
    pub place: i64,
    /// Empty for the order itself, else the shipment's key.
    pub record: String,
    pub field: String,
    pub at: Timestamp,
    pub taken_back_at: Option<Timestamp>,
    /// Sealed under the journey's key: once the order was erased it says nothing.
    pub body: Option<Vec<u8>>,
}

const OF_JOURNEY: &str =
    "select place, record, field, at, taken_back_at, body from amendment where journey = $1 order by place limit 1000";
const NEXT: &str = "select coalesce(max(place), 0) + 1 from amendment where journey = $1";
const COMPANY: &str = "select company from journey where id = $1";
const ADD: &str = "insert into amendment (journey, place, record, field, at, body) values ($1, $2, $3, $4, $5, $6)";
const TAKE_BACK: &str = "update amendment set taken_back_at = $3 where journey = $1 and place = $2 and taken_back_at = 0";

/// The place that the next amendment of a journey has.
pub async fn next(tx: &mut Tx<'_>, journey: &str) -> Result<i64, UnitError> {
    tx.query_one(NEXT, params![journey]).await?.get(0)
}

/// Adds an amendment at a place that was free when it was sealed for it; a conflict if it is not any more.
pub async fn add(tx: &mut Tx<'_>, journey: &str, new: &Stored) -> Result<(), UnitError> {
    if next(tx, journey).await? != new.place {
        return Err(UnitError::Conflict(format!("the amendments of journey {journey}")));
    }
    touched(tx, journey).await?;
    tx.execute(
        ADD,
        params![journey, new.place, new.record, new.field, new.at.micros(), new.body],
    )
    .await
    .map(drop)
}

async fn touched(tx: &mut Tx<'_>, journey: &str) -> Result<(), UnitError> {
    if let Some(row) = tx.query_opt(COMPANY, params![journey]).await? {
        tx.touched(Topic::one(Kind::Journey, row.get(0)?, journey));
    }
    Ok(())
}

/// False if there is none at this place, or it was taken back before.
pub async fn take_back(tx: &mut Tx<'_>, journey: &str, place: i64, now: Timestamp) -> Result<bool, UnitError> {
    touched(tx, journey).await?;
    Ok(tx.execute(TAKE_BACK, params![journey, place, now.micros()]).await? == 1)
}

/// Every amendment of a journey, the oldest first, also those that were taken back.
pub async fn of_journey(tx: &mut Tx<'_>, journey: &str) -> Result<Vec<Stored>, UnitError> {
    let read = |row: &Row| {
        let taken_back: i64 = row.get(4)?;
        Ok(Stored {
            place: row.get(0)?,
            record: row.get(1)?,
            field: row.get(2)?,
            at: Timestamp::from_micros(row.get(3)?),
            taken_back_at: (taken_back != 0).then(|| Timestamp::from_micros(taken_back)),
            body: row.get(5)?,
        })
    };
    tx.query(OF_JOURNEY, params![journey]).await?.iter().map(read).collect()
}
