//! Tokens that people make for themselves: for a program that is to act for them, with as few of their rights as it needs.
//!
//! A token is shown once, when it is made. What it may is held against what its owner may at each use: when something is taken from them, it is
//! taken from their tokens at once. What is said with it is its owner's word.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_core::access::{Actor, Grant, Kind, Right};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::tables::people::{self, Person};
use tallyman_store::tables::sign_ins::Hash;
use tallyman_store::tables::tokens::{self, Token};
use tallyman_store::{Store, Tx, Unit, UnitError};
use zeroize::Zeroizing;

use super::sign_in::hash_of;
use super::{Act, for_themselves_or_over, new_id, over_all, reach, refused, there, written};
use crate::vault::Vault;

/// None stands for longer: whoever still needs one makes another.
pub const DAYS_MAX: u64 = 366;
const NAME_CHARS_MAX: usize = 40;
const DAY: u64 = 24 * 3_600;

/// A token that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub rights: BTreeSet<Right>,
    /// All of its owner's, if there is none.
    pub companies: BTreeSet<String>,
    pub teams: BTreeSet<Owner>,
    /// It ends by itself after so many days.
    pub days: u64,
}

/// A token that was made.
pub struct Made {
    /// Shown once, and kept nowhere.
    pub secret: Zeroizing<String>,
    pub token: Token,
}

fn read(wanted: &Wanted) -> Result<(), String> {
    let name = &wanted.name;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    if !(1..=NAME_CHARS_MAX).contains(&name.len()) || !name.chars().all(plain) {
        return Err(format!(
            "A token's name has 1 to {NAME_CHARS_MAX} of the characters a to z, 0 to 9 and - _ . , such as price-sheet."
        ));
    }
    if wanted.rights.is_empty() {
        return Err("Say what it may: a token without a right could do nothing.".into());
    }
    if let Some(beyond) = wanted.rights.iter().find(|right| !Right::OF_TOKENS.contains(right)) {
        return Err(format!(
            "No token may `{beyond}`. It may {}.",
            Right::OF_TOKENS.map(Right::name).join(", ")
        ));
    }
    if !(1..=DAYS_MAX).contains(&wanted.days) {
        return Err(format!("A token ends after 1 to {DAYS_MAX} days."));
    }
    Ok(())
}

/// What a token may of what its owner may.
fn narrowed(token: &Token, owner: &[Grant]) -> Vec<Grant> {
    let rights = Right::of_token(&token.rights);
    owner
        .iter()
        .filter_map(|grant| grant.narrowed(&rights, &token.companies, &token.teams))
        .collect()
}

/// Makes a token for oneself.
pub async fn make(store: &Store, vault: &Vault, actor: &Actor, wanted: Wanted, now: Timestamp) -> Result<Made, UnitError> {
    read(&wanted).map_err(refused)?;
    let Kind::Person = actor.kind else {
        return Err(refused(
            "A token belongs to a person: they sign in and make it under Settings, Tokens, or `tallyman people token` makes it at the machine itself.",
        ));
    };
    make_for(store, vault, (actor, &actor.id), wanted, now).await
}

/// Makes a token for a person: by themselves, or at the machine itself. Whoever else had its secret would speak as them.
pub async fn make_for(
    store: &Store,
    vault: &Vault,
    (actor, owner): (&Actor, &str),
    wanted: Wanted,
    now: Timestamp,
) -> Result<Made, UnitError> {
    read(&wanted).map_err(refused)?;
    let secret = Zeroizing::new(data_encoding::BASE64URL_NOPAD.encode(&vault.random::<32>()));
    let token = Token {
        id: new_id(vault),
        owner: owner.to_owned(),
        name: wanted.name,
        rights: wanted.rights,
        companies: wanted.companies,
        teams: wanted.teams,
        made_at: now,
        ends_at: now.plus(Duration::from_secs(wanted.days * DAY)),
        ended_at: None,
    };
    let unit = Make {
        actor: actor.clone(),
        hash: hash_of(&secret),
        token: token.clone(),
        now,
    };
    written(store, unit, now).await?;
    Ok(Made { secret, token })
}

struct Make {
    actor: Actor,
    hash: Hash,
    token: Token,
    now: Timestamp,
}

impl Unit for Make {
    type Output = ();
    const NAME: &'static str = "make_token";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let token = &self.token;
        there(tx, &token.owner).await?;
        let by = match self.actor.kind {
            Kind::Person if self.actor.id == token.owner => self.actor.journalled(),
            Kind::Terminal => over_all(tx, &self.actor, &token.owner, self.now).await?.actor().to_owned(),
            Kind::Person | Kind::Token => {
                return Err(refused(
                    "A token speaks as the person whose it is, so they make it themselves: under Settings, Tokens.",
                ));
            }
        };
        let grants = narrowed(token, &reach::grants(tx, &token.owner, self.now).await?);
        for right in &token.rights {
            if !grants.iter().any(|grant| grant.has(*right)) {
                return Err(refused(format!(
                    "A token never may more than whose it is, and `{right}` is not theirs at these companies. Leave it out, or ask an \
                     administrator for a level that has it."
                )));
            }
        }
        for company in &token.companies {
            if !grants.iter().any(|grant| grant.at.covers(company)) {
                return Err(refused(format!(
                    "There is nothing at {company} that this token could do: leave it out."
                )));
            }
        }
        if !tokens::make(tx, &self.hash, token).await? {
            return Err(refused(format!(
                "There is a token {} already: end it, or choose another name.",
                token.name
            )));
        }
        let may = may(token);
        let act = Act {
            at: self.now,
            actor: &by,
            kind: "token.made",
            person: &token.owner,
            what: &format!("token {} {may}", token.name),
            change: Change::made(&may),
        };
        act.write(tx).await
    }
}

/// What a token may and until when, as the journal says it.
fn may(token: &Token) -> String {
    let rights: Vec<&str> = token.rights.iter().map(|right| right.name()).collect();
    format!("may {} until {}", rights.join(", "), token.ends_at.to_rfc3339())
}

/// Whose token this is, as they act with it, if it stands.
pub async fn whose(store: &Store, given: &str, now: Timestamp) -> Result<Option<Actor>, UnitError> {
    let hash = hash_of(given);
    store.read(Whose { hash, now }).await
}

struct Whose {
    hash: Hash,
    now: Timestamp,
}

impl Unit for Whose {
    type Output = Option<Actor>;
    const NAME: &'static str = "whose_token";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Actor>, UnitError> {
        let Some(token) = tokens::open(tx, &self.hash).await?.filter(|token| token.stands(self.now)) else {
            return Ok(None);
        };
        let owner = people::load(tx, &token.owner).await?;
        let Some(owner) = owner.filter(|owner| owner.ended_at.is_none()) else {
            return Ok(None);
        };
        let grants = narrowed(&token, &reach::grants(tx, &owner.id, self.now).await?);
        Ok(Some(Actor::token_of(owner.id, token.name, grants)))
    }
}

/// A person's tokens with whose they are, the newest first. Their own, or somebody's whom the actor may change.
pub async fn of(store: &Store, actor: &Actor, owner: &str) -> Result<(Person, Vec<Token>), UnitError> {
    let unit = Of {
        actor: actor.clone(),
        owner: owner.to_owned(),
    };
    store.read(unit).await
}

struct Of {
    actor: Actor,
    owner: String,
}

impl Unit for Of {
    type Output = (Person, Vec<Token>);
    const NAME: &'static str = "tokens_of_person";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let owner = there(tx, &self.owner).await?;
        for_themselves_or_over(tx, &self.actor, &self.owner).await?;
        Ok((owner, tokens::of(tx, &self.owner).await?))
    }
}

/// Ends a token by its id: one's own, or that of somebody whom the actor may change.
pub async fn end(store: &Store, actor: &Actor, id: &str, now: Timestamp) -> Result<(), UnitError> {
    let unit = End {
        actor: actor.clone(),
        id: id.to_owned(),
        now,
    };
    written(store, unit, now).await
}

struct End {
    actor: Actor,
    id: String,
    now: Timestamp,
}

impl Unit for End {
    type Output = ();
    const NAME: &'static str = "end_token";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let none = || refused(format!("There is no token {} that stands.", self.id));
        let token = tokens::load(tx, &self.id).await?.ok_or_else(none)?;
        // Of others' tokens it is not told whether they are there.
        let by = for_themselves_or_over(tx, &self.actor, &token.owner)
            .await
            .map_err(|_| none())?;
        if !tokens::end(tx, &self.id, self.now).await? {
            return Err(none());
        }
        let may = may(&token);
        let act = Act {
            at: self.now,
            actor: &by,
            kind: "token.ended",
            person: &token.owner,
            what: &format!("token {} ended", token.name),
            change: Change::gone(&may),
        };
        act.write(tx).await
    }
}
