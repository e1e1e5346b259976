//! Tokens that people make for themselves. What opens anything is known by its SHA-256 only.

use std::collections::BTreeSet;

use tallyman_core::access::Right;
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;

use super::sign_ins::Hash;
use crate::{Row, Tx, UnitError, params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is ended by; it opens nothing.
    pub id: String,
    /// The person whose it is, by id.
    pub owner: String,
    /// Its owner has one of this name that is not over.
    pub name: String,
    pub rights: BTreeSet<Right>,
    /// All of its owner's, if there is none.
    pub companies: BTreeSet<String>,
    /// All of its owner's, if there is none.
    pub teams: BTreeSet<Owner>,
    pub made_at: Timestamp,
    pub ends_at: Timestamp,
    /// Since when somebody has ended it.
    pub ended_at: Option<Timestamp>,
}

impl Token {
    pub fn stands(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.ends_at
    }
}

/// Tokens of one person that are listed.
const LISTED_MAX: i64 = 200;

const MAKE: &str = "insert into api_token (hash, id, owner, name, rights, companies, teams, made_at, ends_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing";
const OPEN: &str = "select id, owner, name, rights, companies, teams, made_at, ends_at, ended_at from api_token where hash = $1";
const LOAD: &str = "select id, owner, name, rights, companies, teams, made_at, ends_at, ended_at from api_token where id = $1";
const OF: &str = "select id, owner, name, rights, companies, teams, made_at, ends_at, ended_at from api_token where owner = $1 \
     order by made_at desc, id limit $2";
const END: &str = "update api_token set ended_at = $2 where id = $1 and ended_at is null";
/// One that is over by itself gives its name back when another of that name is made.
const FREE_NAME: &str =
    "update api_token set ended_at = ends_at where owner = $1 and name = $2 and ended_at is null and ends_at <= $3";
const END_ALL: &str = "update api_token set ended_at = $2 where owner = $1 and ended_at is null";

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(",")
}

/// False if its owner has one of this name that is not over.
pub async fn make(tx: &mut Tx<'_>, hash: &Hash, token: &Token) -> Result<bool, UnitError> {
    let Token {
        id,
        owner,
        name,
        made_at,
        ends_at,
        ..
    } = token;
    tx.execute(FREE_NAME, params![owner, name, made_at]).await?;
    let rights = listed(token.rights.iter().map(|right| right.name()));
    let companies = listed(token.companies.iter().map(String::as_str));
    let teams = listed(token.teams.iter().map(|team| team.name()));
    let values = params![hash, id, owner, name, rights, companies, teams, made_at, ends_at];
    Ok(tx.execute(MAKE, values).await? == 1)
}

/// The token of this hash, whether it is over or not.
pub async fn open(tx: &mut Tx<'_>, hash: &Hash) -> Result<Option<Token>, UnitError> {
    tx.query_opt(OPEN, params![hash]).await?.as_ref().map(read).transpose()
}

pub async fn load(tx: &mut Tx<'_>, id: &str) -> Result<Option<Token>, UnitError> {
    tx.query_opt(LOAD, params![id]).await?.as_ref().map(read).transpose()
}

/// A person's tokens, the newest first, those that are over included.
pub async fn of(tx: &mut Tx<'_>, owner: &str) -> Result<Vec<Token>, UnitError> {
    tx.query(OF, params![owner, LISTED_MAX]).await?.iter().map(read).collect()
}

/// False if it is over already.
pub async fn end(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<bool, UnitError> {
    Ok(tx.execute(END, params![id, now]).await? == 1)
}

/// Ends all of a person's, and says how many there were.
pub async fn end_all(tx: &mut Tx<'_>, owner: &str, now: Timestamp) -> Result<u64, UnitError> {
    tx.execute(END_ALL, params![owner, now]).await
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|word| !word.is_empty())
}

fn read(row: &Row) -> Result<Token, UnitError> {
    // What a later build has written is not guessed at: less than was given would be as wrong as more.
    let unknown = |what: &str| UnitError::Refused(format!("a token was given {what}, which this program does not know"));
    let right = |name: &str| Right::named(name).ok_or_else(|| unknown(name));
    let team = |name: &str| Owner::named(name).ok_or_else(|| unknown(name));
    Ok(Token {
        id: row.get(0)?,
        owner: row.get(1)?,
        name: row.get(2)?,
        rights: words(row.get(3)?).map(right).collect::<Result<_, _>>()?,
        companies: words(row.get(4)?).map(str::to_owned).collect(),
        teams: words(row.get(5)?).map(team).collect::<Result<_, _>>()?,
        made_at: row.get(6)?,
        ends_at: row.get(7)?,
        ended_at: row.get(8)?,
    })
}
