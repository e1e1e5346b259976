//! People who sign in, what they were given, and how they prove who they are.

use std::collections::BTreeSet;

use tallyman_core::access::{Grant, Level, Where};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::{Row, Tx, UnitError, params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    /// What others call them; not theirs alone.
    pub name: String,
    /// What they sign in with.
    pub sign_in: String,
    pub added_at: Timestamp,
    /// Since when they may not come in any more. They stay, so that what they did keeps its name.
    pub ended_at: Option<Timestamp>,
}

/// A level that a person was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    pub level: Level,
    /// Empty for every company.
    pub company: String,
    /// As they were named; none for those of the level.
    pub teams: BTreeSet<Owner>,
}

impl Granted {
    pub fn grant(&self) -> Grant {
        let at = if self.company.is_empty() {
            Where::Everywhere
        } else {
            Where::company(&self.company)
        };
        Grant::level(self.level, at, self.teams.clone())
    }
}

/// How a person proves who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// As the hash is written down.
    pub password: String,
    pub code: Option<Code>,
}

/// The secret of a person's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub sealed: Vec<u8>,
    /// Whether a code was shown to fit; before that none is asked for.
    pub confirmed: bool,
    /// The last step of which a code was used.
    pub step: i64,
}

const ADD: &str = "insert into person (id, name, sign_in, added_at) values ($1, $2, $3, $4) on conflict do nothing";
const LOAD: &str = "select id, name, sign_in, added_at, ended_at from person where id = $1";
const NAMED: &str = "select id, name, sign_in, added_at, ended_at from person where sign_in = $1 and ended_at is null";
const LIST: &str =
    "select id, name, sign_in, added_at, ended_at from person where (sign_in, id) > ($1, $2) order by sign_in, id limit $3";
const ANYBODY: &str = "select id from person where ended_at is null limit 1";
const END: &str = "update person set ended_at = $2 where id = $1 and ended_at is null";

/// False if somebody who is there signs in with this name, or has this id.
pub async fn add(tx: &mut Tx<'_>, person: &Person) -> Result<bool, UnitError> {
    let Person {
        id,
        name,
        sign_in,
        added_at,
        ..
    } = person;
    tx.touched(Topic::of(Kind::Person));
    Ok(tx.execute(ADD, params![id, name, sign_in, added_at]).await? == 1)
}

pub async fn load(tx: &mut Tx<'_>, id: &str) -> Result<Option<Person>, UnitError> {
    tx.query_opt(LOAD, params![id]).await?.as_ref().map(person).transpose()
}

/// Whoever signs in with this name, if they are still there.
pub async fn named(tx: &mut Tx<'_>, sign_in: &str) -> Result<Option<Person>, UnitError> {
    tx.query_opt(NAMED, params![sign_in]).await?.as_ref().map(person).transpose()
}

/// A page of people, by what they sign in with and by id.
pub async fn list(tx: &mut Tx<'_>, (sign_in, id): (&str, &str), limit: i64) -> Result<Vec<Person>, UnitError> {
    let rows = tx.query(LIST, params![sign_in, id, limit]).await?;
    rows.iter().map(person).collect()
}

/// Whether anybody is there.
pub async fn anybody(tx: &mut Tx<'_>) -> Result<bool, UnitError> {
    Ok(tx.query_opt(ANYBODY, params![]).await?.is_some())
}

/// They may not come in any more. False if that is so already.
pub async fn end(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<bool, UnitError> {
    tx.touched(Topic::of(Kind::Person));
    Ok(tx.execute(END, params![id, now]).await? == 1)
}

fn person(row: &Row) -> Result<Person, UnitError> {
    Ok(Person {
        id: row.get(0)?,
        name: row.get(1)?,
        sign_in: row.get(2)?,
        added_at: row.get(3)?,
        ended_at: row.get(4)?,
    })
}

const GRANT: &str = "insert into person_grant (person, level, company, teams, given_by, given_at) values ($1, $2, $3, $4, $5, $6) \
     on conflict (person, level, company) do update set teams = excluded.teams, given_by = excluded.given_by, given_at = excluded.given_at";
const REVOKE: &str = "delete from person_grant where person = $1 and level = $2 and company = $3";
const GRANTS: &str = "select level, company, teams from person_grant where person = $1 order by level, company limit 1000";

/// Gives a level, or other teams with one that was given before.
pub async fn grant(tx: &mut Tx<'_>, person: &str, granted: &Granted, by: &str, now: Timestamp) -> Result<(), UnitError> {
    let teams: Vec<&str> = granted.teams.iter().map(|team| team.name()).collect();
    let teams = teams.join(",");
    tx.touched(Topic::of(Kind::Person));
    tx.execute(GRANT, params![person, granted.level.name(), granted.company, teams, by, now])
        .await
        .map(drop)
}

/// False if they did not have it.
pub async fn revoke(tx: &mut Tx<'_>, person: &str, level: Level, company: &str) -> Result<bool, UnitError> {
    tx.touched(Topic::of(Kind::Person));
    Ok(tx.execute(REVOKE, params![person, level.name(), company]).await? == 1)
}

pub async fn grants(tx: &mut Tx<'_>, person: &str) -> Result<Vec<Granted>, UnitError> {
    tx.query(GRANTS, params![person]).await?.iter().map(granted).collect()
}

fn granted(row: &Row) -> Result<Granted, UnitError> {
    let (level, teams): (&str, &str) = (row.get(0)?, row.get(2)?);
    // What a later build has written is not guessed at: less than was given would be as wrong as more.
    let unknown = |what: &str| UnitError::Refused(format!("somebody was given {what}, which this program does not know"));
    let teams = teams.split(',').filter(|team| !team.is_empty());
    Ok(Granted {
        level: Level::named(level).ok_or_else(|| unknown(level))?,
        company: row.get(1)?,
        teams: teams
            .map(|team| Owner::named(team).ok_or_else(|| unknown(team)))
            .collect::<Result<_, _>>()?,
    })
}

const CREDENTIAL: &str = "select password, code, code_confirmed, code_step from credential where person = $1";
const SET_PASSWORD: &str = "insert into credential (person, password, password_at) values ($1, $2, $3) on conflict (person) do update \
     set password = excluded.password, password_at = excluded.password_at";
const SET_CODE: &str =
    "update credential set code = $2, code_confirmed = 0, code_step = 0 where person = $1 and code_confirmed = 0";
const USE_STEP: &str =
    "update credential set code_step = $2, code_confirmed = 1 where person = $1 and code is not null and code_step < $2";
const DROP_CODE: &str =
    "update credential set code = null, code_confirmed = 0, code_step = 0 where person = $1 and code is not null";
const DROP_CREDENTIAL: &str = "delete from credential where person = $1";

/// None before the person has chosen a password.
pub async fn credential(tx: &mut Tx<'_>, person: &str) -> Result<Option<Credential>, UnitError> {
    let Some(row) = tx.query_opt(CREDENTIAL, params![person]).await? else {
        return Ok(None);
    };
    let sealed: Option<Vec<u8>> = row.get(1)?;
    let (confirmed, step) = (row.get(2)?, row.get(3)?);
    Ok(Some(Credential {
        password: row.get(0)?,
        code: sealed.map(|sealed| Code { sealed, confirmed, step }),
    }))
}

pub async fn set_password(tx: &mut Tx<'_>, person: &str, hash: &str, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(SET_PASSWORD, params![person, hash, now]).await.map(drop)
}

/// Keeps a secret that is not asked for before a code of it was shown. False if one is asked for already, or there is no password.
pub async fn set_code(tx: &mut Tx<'_>, person: &str, sealed: &[u8]) -> Result<bool, UnitError> {
    Ok(tx.execute(SET_CODE, params![person, sealed]).await? == 1)
}

/// A code of this step is used, and from now on codes are asked for. False if one of it, or of a later one, was used before.
pub async fn use_step(tx: &mut Tx<'_>, person: &str, step: i64) -> Result<bool, UnitError> {
    Ok(tx.execute(USE_STEP, params![person, step]).await? == 1)
}

/// Codes are not asked for any more. False if none were.
pub async fn drop_code(tx: &mut Tx<'_>, person: &str) -> Result<bool, UnitError> {
    Ok(tx.execute(DROP_CODE, params![person]).await? == 1)
}

pub async fn drop_credential(tx: &mut Tx<'_>, person: &str) -> Result<(), UnitError> {
    tx.execute(DROP_CREDENTIAL, params![person]).await.map(drop)
}
