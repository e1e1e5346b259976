//! Deputies: somebody stands in for a person or a team from one day to another. It begins and ends by itself, and the journal keeps who said so.
//!
//! Whoever has signed in names who stands in for themselves; for others, and for a team, it takes the right to change people.

use std::time::Duration;

use tallyman_core::access::{Actor, Kind, Right};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::tables::deputies::{self, Deputy, For};
use tallyman_store::tables::people::{self, Granted, Person};
use tallyman_store::{Store, Tx, Unit, UnitError};

use super::{Act, PAGE_MAX, for_themselves_or_over, new_id, reaches_further, refused, there, written};
use crate::vault::Vault;

/// Nobody stands in for longer: whoever does is given the level.
pub const DAYS_MAX: u64 = 92;
/// Rows that are listed.
const LISTED_MAX: i64 = 200;
/// Of more colleagues than this the first are named; beyond them an administrator names somebody.
const COLLEAGUES_MAX: usize = 1_000;
/// Those that are over are listed for so long.
const SHOWN_FOR: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Who is to stand in for whom, and from when until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// By id.
    pub person: String,
    pub stands_for: For,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// Leave to change who stands in for somebody: as much as they reach, since it is given to somebody else for a time. Gives who says so, as the
/// journal keeps them.
async fn leave(tx: &mut Tx<'_>, actor: &Actor, stands_for: &For) -> Result<String, UnitError> {
    match stands_for {
        For::Person(id) => for_themselves_or_over(tx, actor, id).await,
        For::Team(_, company) => Ok(actor.may(Right::People, company, None)?.actor().to_owned()),
    }
}

/// Has somebody stand in, and gives the id by which that is ended.
pub async fn name(store: &Store, vault: &Vault, actor: &Actor, wanted: Wanted, now: Timestamp) -> Result<String, UnitError> {
    let (from, until) = (wanted.from, wanted.until);
    if until <= from || until <= now {
        return Err(refused("Say from which day until which, and let the last not be over."));
    }
    if until.since(from) > Duration::from_secs(DAYS_MAX * 24 * 3_600) {
        return Err(refused(format!(
            "Somebody stands in for at most {DAYS_MAX} days. For longer, give them the level."
        )));
    }
    let id = new_id(vault);
    let unit = Name {
        actor: actor.clone(),
        id: id.clone(),
        wanted,
        now,
    };
    written(store, unit, now).await?;
    Ok(id)
}

struct Name {
    actor: Actor,
    id: String,
    wanted: Wanted,
    now: Timestamp,
}

impl Unit for Name {
    type Output = ();
    const NAME: &'static str = "name_deputy";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let Wanted {
            person,
            stands_for,
            from,
            until,
        } = &self.wanted;
        let by = leave(tx, &self.actor, stands_for).await?;
        let deputy = there(tx, person).await?;
        match stands_for {
            For::Person(other) => {
                let other = there(tx, other).await?;
                if other.id == deputy.id {
                    return Err(refused("Nobody stands in for themselves. Choose two people."));
                }
            }
            For::Team(team, company) => {
                let acts = |granted: &Granted| {
                    let grant = granted.grant();
                    grant.has(Right::Act) && (company.is_empty() || grant.at.covers(company))
                };
                if !people::grants(tx, person).await?.iter().any(acts) {
                    return Err(refused(format!(
                        "{} does not act on cards there, so they cannot stand in for {team}. Give them a level that does first.",
                        deputy.name
                    )));
                }
            }
        }
        let row = Deputy {
            id: self.id.clone(),
            person: person.clone(),
            stands_for: stands_for.clone(),
            from_at: *from,
            until_at: *until,
            given_by: by.clone(),
            given_at: self.now,
            ended_at: None,
        };
        deputies::add(tx, &row).await?;
        reaches_further(tx, person).await?;
        let span = span(&row);
        let act = Act {
            at: self.now,
            actor: &by,
            kind: "deputy.named",
            person,
            what: &format!("stands in for {} {span}", written_for(stands_for)),
            change: Change::made(&span),
        };
        act.write(tx).await
    }
}

/// From when until when, as the journal says it.
fn span(deputy: &Deputy) -> String {
    format!("from {} until {}", deputy.from_at.to_rfc3339(), deputy.until_at.to_rfc3339())
}

fn written_for(stands_for: &For) -> String {
    match stands_for {
        For::Person(id) => tallyman_core::access::person(id),
        For::Team(team, company) if company.is_empty() => format!("{team} at every company"),
        For::Team(team, company) => format!("{team} at {company}"),
    }
}

/// Whoever stands in, will, or did within a month: all of them for whoever may change people, and for others those that concern them.
pub async fn list(store: &Store, actor: &Actor, now: Timestamp) -> Result<Vec<Deputy>, UnitError> {
    let mut all = store.read(List { now }).await?;
    if !actor.has(Right::People) {
        let own = |deputy: &Deputy| {
            let stood_for = match &deputy.stands_for {
                For::Person(id) => Some(id.as_str()),
                For::Team(..) => None,
            };
            let who = actor.whose();
            who.is_some() && (who == Some(&deputy.person) || who == stood_for)
        };
        all.retain(own);
    }
    Ok(all)
}

struct List {
    now: Timestamp,
}

impl Unit for List {
    type Output = Vec<Deputy>;
    const NAME: &'static str = "list_deputies";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Deputy>, UnitError> {
        deputies::after(tx, self.now.minus(SHOWN_FOR), LISTED_MAX).await
    }
}

/// Whom somebody who has signed in may name to stand in for themselves: everybody else who is there, by id and name. Nobody for a token, which
/// names none.
pub async fn colleagues(store: &Store, actor: &Actor) -> Result<Vec<Person>, UnitError> {
    let mut all: Vec<Person> = Vec::new();
    if actor.kind != Kind::Person {
        return Ok(all);
    }
    let mut after = Some((String::new(), String::new()));
    while let Some(last) = after.take().filter(|_| all.len() < COLLEAGUES_MAX) {
        let page = store.read(Colleagues { after: last }).await?;
        let full = page.len() as i64 == PAGE_MAX;
        after = page
            .last()
            .filter(|_| full)
            .map(|last| (last.sign_in.clone(), last.id.clone()));
        all.extend(
            page.into_iter()
                .filter(|person| person.ended_at.is_none() && person.id != actor.id),
        );
    }
    Ok(all)
}

struct Colleagues {
    after: (String, String),
}

impl Unit for Colleagues {
    type Output = Vec<Person>;
    const NAME: &'static str = "colleagues";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Person>, UnitError> {
        people::list(tx, (&self.after.0, &self.after.1), PAGE_MAX).await
    }
}

/// Ends it before its time.
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
    const NAME: &'static str = "end_deputy";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let over = || refused("Nobody stands in under this number any more.");
        let deputy = deputies::load(tx, &self.id).await?.ok_or_else(over)?;
        let by = leave(tx, &self.actor, &deputy.stands_for).await?;
        if !deputies::end(tx, &self.id, self.now).await? {
            return Err(over());
        }
        let span = span(&deputy);
        let act = Act {
            at: self.now,
            actor: &by,
            kind: "deputy.ended",
            person: &deputy.person,
            what: &format!("does not stand in for {} any more", written_for(&deputy.stands_for)),
            change: Change::gone(&span),
        };
        act.write(tx).await
    }
}
