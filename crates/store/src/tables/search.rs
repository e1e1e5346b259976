//! Orders as people look for them: by the beginning of a number, by its figures, or among the newest. By a whole number they are found in
//! `journeys`.

use tallyman_core::ident::JourneyId;
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
const NEWEST: &str = "select j.id, j.channel, j.reference, j.stage, j.received_at, j.net, case when j.stage = 'stopped' then 1 \
     when j.stage = 'open' and exists (select 1 from exception_member m where m.journey = j.id and m.stand = 'stopped') then 1 else 0 end \
     from journey j where j.company = $1 and (j.received_at, j.id) < ($2, $3) order by j.received_at desc, j.id desc limit $4";
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
    /// The name of its stage.
    pub stage: String,
    pub received_at: Timestamp,
    pub net: Money,
    /// Whether it, or anything of it, stands under a card.
    pub stands_still: bool,
}

/// Orders of a company, the last received first, from before this instant and id.
pub async fn newest(
    tx: &mut Tx<'_>,
    company: &str,
    (before, id): (Timestamp, &str),
    limit: i64,
) -> Result<Vec<Listed>, UnitError> {
    let rows = tx.query(NEWEST, params![company, before.micros(), id, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Listed {
                id: row.get(0)?,
                company: company.to_owned(),
                channel: row.get(1)?,
                reference: row.get(2)?,
                stage: row.get(3)?,
                received_at: Timestamp::from_micros(row.get(4)?),
                net: Money::from_hundred_thousandths(row.get(5)?),
                stands_still: row.get::<i64>(6)? == 1,
            })
        })
        .collect()
}

/// Every connection, and whose it is; as many as the configuration has had.
pub async fn accounts(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(ACCOUNTS, params![]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
