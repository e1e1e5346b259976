//! Orders as people look for them: by the beginning of a number, by its figures, or among the newest. By a whole number they are found in
//! `journeys`.

use tallyman_core::ident::JourneyId;
use tallyman_core::journey::Stage;
use tallyman_core::money::Money;
use tallyman_core::time::Timestamp;

use crate::{Tx, UnitError, params};

/// What tells orders apart that are found together.
#[derive(Debug, Clone)]
pub struct Glimpse {
    pub company: String,
    /// The retailer's number.
    pub reference: String,
    pub received_at: Timestamp,
    pub net: Money,
}

/// After every text that begins as another one does, in the order of code points.
const LAST: char = char::MAX;

const BEGINNING: &str = "select r.reference, r.journey from journey_reference r where r.company = $1 and r.reference >= $2 and r.reference < $3 \
     order by r.reference limit $4";
// What is compared is spelled as in its index, or neither database would use that.
const BARE: &str = "select r.reference, r.journey from journey_reference r where r.company = $1 \
     and ltrim(replace(replace(r.reference, '-', ''), ' ', ''), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') >= $2 \
     and ltrim(replace(replace(r.reference, '-', ''), ' ', ''), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') < $3 \
     order by ltrim(replace(replace(r.reference, '-', ''), ' ', ''), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') limit $4";
const GLIMPSE: &str = "select company, reference, received_at, net from journey where id = $1";
// The instant has an index and the id has not: what is sorted is orders of one instant, which are few.
const NEWEST: &str = "select id, channel, reference, received_at, net from journey where company = $1 and stage = $2 and received_at <= $3 \
     and (received_at < $3 or id < $4) order by received_at desc, id desc limit $5";
const STANDS_STILL: &str = "select 1 from exception_member where journey = $1 and stand = 'stopped' limit 1";
const ACCOUNTS: &str = "select name, company from connection order by name";

/// References of a company that begin so, normalised, each with its journey.
pub async fn beginning(tx: &mut Tx<'_>, company: &str, with: &str, limit: i64) -> Result<Vec<(String, String)>, UnitError> {
    pairs(tx, BEGINNING, company, with, limit).await
}

/// References of a company whose bare form begins so ([`tallyman_core::reference::Reference::bare`]), each with its journey.
pub async fn bare(tx: &mut Tx<'_>, company: &str, with: &str, limit: i64) -> Result<Vec<(String, String)>, UnitError> {
    pairs(tx, BARE, company, with, limit).await
}

async fn pairs(
    tx: &mut Tx<'_>,
    statement: &'static str,
    company: &str,
    with: &str,
    limit: i64,
) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx
        .query(statement, params![company, with, format!("{with}{LAST}"), limit])
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// What is shown of an order among others.
pub async fn glimpse(tx: &mut Tx<'_>, id: &JourneyId) -> Result<Option<Glimpse>, UnitError> {
    let Some(row) = tx.query_opt(GLIMPSE, params![id.as_str()]).await? else {
        return Ok(None);
    };
    Ok(Some(Glimpse {
        company: row.get(0)?,
        reference: row.get(1)?,
        received_at: Timestamp::from_micros(row.get(2)?),
        net: Money::from_hundred_thousandths(row.get(3)?),
    }))
}

/// An order in a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Our own id of it.
    pub id: String,
    pub company: String,
    /// The channel's connection.
    pub channel: String,
    pub reference: String,
    pub stage: Stage,
    pub received_at: Timestamp,
    pub net: Money,
}

/// Orders of a company at one stage, the last received first, from before this instant and id.
pub async fn newest(
    tx: &mut Tx<'_>,
    (company, stage): (&str, Stage),
    (before, id): (Timestamp, &str),
    limit: i64,
) -> Result<Vec<Listed>, UnitError> {
    let rows = tx
        .query(NEWEST, params![company, stage.name(), before.micros(), id, limit])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Listed {
                id: row.get(0)?,
                company: company.to_owned(),
                channel: row.get(1)?,
                reference: row.get(2)?,
                stage,
                received_at: Timestamp::from_micros(row.get(3)?),
                net: Money::from_hundred_thousandths(row.get(4)?),
            })
        })
        .collect()
}

/// Whether anything of an order stands under a card.
pub async fn stands_still(tx: &mut Tx<'_>, id: &str) -> Result<bool, UnitError> {
    Ok(tx.query_opt(STANDS_STILL, params![id]).await?.is_some())
}

/// Every connection, and whose it is; as many as the configuration has had.
pub async fn accounts(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(ACCOUNTS, params![]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
