//! Who stands in for whom, and until when.

use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;

use crate::{Row, Tx, UnitError, params};

/// For whom somebody stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum For {
    /// A person, by id: whatever they may.
    Person(String),
    /// A team, at a company, or at all where it is empty: its cards.
    Team(Owner, String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deputy {
    pub id: String,
    /// Who stands in, by id.
    pub person: String,
    pub stands_for: For,
    pub from_at: Timestamp,
    pub until_at: Timestamp,
    pub given_by: String,
    pub given_at: Timestamp,
    /// Since when somebody has ended it, before its time.
    pub ended_at: Option<Timestamp>,
}

const ADD: &str = "insert into deputy (id, person, stands_for, team, company, from_at, until_at, given_by, given_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const NOW: &str = "select id, person, stands_for, team, company, from_at, until_at, given_by, given_at, ended_at from deputy \
     where person = $1 and until_at > $2 and from_at <= $2 and ended_at is null order by id limit 200";
const LIST: &str = "select id, person, stands_for, team, company, from_at, until_at, given_by, given_at, ended_at from deputy \
     where until_at > $1 order by until_at, id limit $2";
const LOAD: &str =
    "select id, person, stands_for, team, company, from_at, until_at, given_by, given_at, ended_at from deputy where id = $1";
const END: &str = "update deputy set ended_at = $2 where id = $1 and ended_at is null and until_at > $2";

pub async fn add(tx: &mut Tx<'_>, deputy: &Deputy) -> Result<(), UnitError> {
    let (stands_for, team, company) = match &deputy.stands_for {
        For::Person(id) => (id.as_str(), "", ""),
        For::Team(team, company) => ("", team.name(), company.as_str()),
    };
    let Deputy {
        id,
        person,
        from_at,
        until_at,
        given_by,
        given_at,
        ..
    } = deputy;
    let values = params![id, person, stands_for, team, company, from_at, until_at, given_by, given_at];
    tx.execute(ADD, values).await.map(drop)
}

/// For whom a person stands in at this moment.
pub async fn of(tx: &mut Tx<'_>, person: &str, now: Timestamp) -> Result<Vec<Deputy>, UnitError> {
    tx.query(NOW, params![person, now]).await?.iter().map(read).collect()
}

/// Whoever stands in after this instant, those whom somebody has ended before their time included; the first to end first.
pub async fn after(tx: &mut Tx<'_>, instant: Timestamp, limit: i64) -> Result<Vec<Deputy>, UnitError> {
    tx.query(LIST, params![instant, limit]).await?.iter().map(read).collect()
}

pub async fn load(tx: &mut Tx<'_>, id: &str) -> Result<Option<Deputy>, UnitError> {
    tx.query_opt(LOAD, params![id]).await?.as_ref().map(read).transpose()
}

/// False if it is over already.
pub async fn end(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<bool, UnitError> {
    Ok(tx.execute(END, params![id, now]).await? == 1)
}

fn read(row: &Row) -> Result<Deputy, UnitError> {
    let (stands_for, team): (String, &str) = (row.get(2)?, row.get(3)?);
    let stands_for = match Owner::named(team) {
        Some(team) => For::Team(team, row.get(4)?),
        None if team.is_empty() => For::Person(stands_for),
        None => {
            return Err(UnitError::Refused(format!(
                "somebody stands in for {team}, which this program does not know"
            )));
        }
    };
    Ok(Deputy {
        id: row.get(0)?,
        person: row.get(1)?,
        stands_for,
        from_at: row.get(5)?,
        until_at: row.get(6)?,
        given_by: row.get(7)?,
        given_at: row.get(8)?,
        ended_at: row.get(9)?,
    })
}
