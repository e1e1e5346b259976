//! People who sign in: who is there, what they were given, and their end.
//!
//! Beside this, [`invitations`] make an account usable, [`password`] and [`code`] prove who somebody is, [`sign_in`] opens a session and
//! [`session`] knows whose it is. [`single`] does without a password, by another's word. [`tokens`] are for programs that act for
//! somebody, [`deputies`] stand in for somebody.
//!
//! Each act is a unit that asks its actor for leave in the transaction in which it acts, so what was taken from them a moment ago is not
//! used any more. It writes a line of the house's journal: people belong to no company. The line names people by id and says what was done;
//! names, passwords, links and cookies are in none.
//!
//! Not here: what a right means (`core::access`), and cookies, forms and addresses (`web`).

pub mod code;
pub mod deputies;
pub mod invitations;
pub mod password;
pub(crate) mod reach;
pub mod session;
pub mod sign_in;
pub mod single;
pub mod tokens;

use std::collections::BTreeMap;

use tallyman_core::access::{self, Actor, Denied, HOUSE, Kind, Level, Permit, Right, person, person_in};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Change, SealJournal};
use tallyman_store::tables::people::{self, Granted, Person};
use tallyman_store::tables::{identities, sign_ins};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::vault::Vault;
use password::Passwords;

/// What it takes to tell whether somebody is who they say.
#[derive(Clone, Copy)]
pub struct Reception<'a> {
    pub store: &'a Store,
    pub vault: &'a Vault,
    pub passwords: &'a dyn Passwords,
}

/// Lines that are sealed in one go. One act writes a few.
const SEALED_AT_ONCE: u32 = 1_000;
/// Ids are so many random bytes.
const ID_BYTES: usize = 10;
/// People on a page at most.
pub const PAGE_MAX: i64 = 200;

/// A line of the house's journal.
struct Act<'a> {
    at: Timestamp,
    actor: &'a str,
    kind: &'static str,
    /// The id of whom it is about.
    person: &'a str,
    /// Codes and ids only.
    what: &'a str,
    /// Of an account, a level, a session, a token: what it was, and is.
    change: Change<'a>,
}

impl Act<'_> {
    async fn write(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let act = journal::Act {
            company: HOUSE,
            at: self.at,
            actor: self.actor,
            kind: self.kind,
            subject: &person(self.person),
            what: self.what,
            change: self.change,
        };
        act.write(tx).await
    }
}

/// Writes an act, and has its lines numbered and linked at once: no worker does it, since a person's command may act where none runs.
async fn written<U: Unit>(store: &Store, act: U, now: Timestamp) -> Result<U::Output, UnitError> {
    let done = store.write(act).await?;
    let seal = || SealJournal {
        company: HOUSE.to_owned(),
        now,
        limit: SEALED_AT_ONCE,
    };
    loop {
        match store.write(seal()).await {
            Ok(run) if run.more => {}
            Ok(_) => return Ok(done),
            Err(error) => {
                // It was done. The line stands, and is linked with the next.
                tracing::error!(error = %error, "the journal of people could not be sealed: {error}");
                return Ok(done);
            }
        }
    }
}

fn refused(why: impl ToString) -> UnitError {
    UnitError::Refused(why.to_string())
}

fn new_id(vault: &Vault) -> String {
    data_encoding::BASE32.encode(&vault.random::<ID_BYTES>())
}

/// Leave to change somebody with these grants: it takes as much as they reach.
fn over(actor: &Actor, grants: &[Granted]) -> Result<Permit, Denied> {
    over_each(actor, grants.iter().map(|granted| granted.company.as_str()))
}

fn over_each<'a>(actor: &Actor, companies: impl Iterator<Item = &'a str>) -> Result<Permit, Denied> {
    let mut permit = None;
    for company in companies {
        permit = Some(actor.may(Right::People, company, None)?);
    }
    permit.map_or_else(|| actor.may(Right::People, HOUSE, None), Ok)
}

/// Leave to hand out what lets somebody in: whoever has that may all that its person may at this moment, what they may because they stand in
/// for others included.
async fn over_all(tx: &mut Tx<'_>, actor: &Actor, id: &str, now: Timestamp) -> Result<Permit, UnitError> {
    let companies = reach::companies(tx, id, now).await?;
    Ok(over_each(actor, companies.iter().map(String::as_str))?)
}

/// Leave for what somebody says for themselves: theirs, where they have signed in; for others, and with a token, as much as they reach. Gives
/// who acts, as the journal keeps them.
async fn for_themselves_or_over(tx: &mut Tx<'_>, actor: &Actor, id: &str) -> Result<String, UnitError> {
    if actor.kind == Kind::Person && actor.id == id {
        return Ok(actor.journalled());
    }
    let grants = people::grants(tx, id).await?;
    Ok(over(actor, &grants)?.actor().to_owned())
}

/// Somebody who is there, or refused.
async fn there(tx: &mut Tx<'_>, id: &str) -> Result<Person, UnitError> {
    let found = people::load(tx, id).await?.filter(|person| person.ended_at.is_none());
    found.ok_or_else(|| {
        refused(format!(
            "There is nobody with the id {id}. `tallyman people list` names everybody."
        ))
    })
}

/// A person as others may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub person: Person,
    pub grants: Vec<Granted>,
    /// Whether they have chosen a password yet, or sign in by another's word.
    pub set_up: bool,
    /// Whether they are asked for a code, too.
    pub code: bool,
    /// Whose word they sign in by, where somebody vouches for them: issuers of tokens.
    pub issuers: Vec<String>,
    /// How many sessions of theirs are open.
    pub sessions: usize,
}

impl Listed {
    /// Whether this actor may change people where they were given something; of whoever has nothing, whether anywhere.
    fn concerns(&self, actor: &Actor) -> bool {
        let mut at = self.grants.iter().map(|granted| granted.company.as_str()).peekable();
        match at.peek() {
            Some(_) => at.any(|company| match company {
                // Whoever is at every company is at theirs, too.
                HOUSE => actor.has(Right::People),
                company => actor.may(Right::People, company, None).is_ok(),
            }),
            None => actor.has(Right::People),
        }
    }
}

/// A page of people, those who were ended included, after this name to sign in with and id, and where the next page begins. Whom the actor
/// has nothing to do with is left out.
pub async fn list(
    store: &Store,
    actor: &Actor,
    after: (&str, &str),
    limit: i64,
    now: Timestamp,
) -> Result<(Vec<Listed>, Option<(String, String)>), UnitError> {
    changes_people(actor)?;
    let mut listed = page(store, after, limit, now).await?;
    let full = listed.len() as i64 == limit;
    let last = listed
        .last()
        .map(|last| (last.person.sign_in.clone(), last.person.id.clone()));
    listed.retain(|one| one.concerns(actor));
    Ok((listed, last.filter(|_| full)))
}

/// Refused for whoever may change people nowhere.
fn changes_people(actor: &Actor) -> Result<(), UnitError> {
    match actor.has(Right::People) {
        true => Ok(()),
        // What is refused is said of the house, since no company was asked about.
        false => Ok(actor.may(Right::People, HOUSE, None).map(drop)?),
    }
}

/// One person, for whoever may change people where they are.
pub async fn one(store: &Store, actor: &Actor, id: &str, now: Timestamp) -> Result<Option<Listed>, UnitError> {
    changes_people(actor)?;
    let one = store.read(One { id: id.to_owned(), now }).await?;
    Ok(one.filter(|one| one.concerns(actor)))
}

struct One {
    id: String,
    now: Timestamp,
}

impl Unit for One {
    type Output = Option<Listed>;
    const NAME: &'static str = "one_person";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Listed>, UnitError> {
        match people::load(tx, &self.id).await? {
            Some(person) => Ok(Some(listed(tx, person, self.now).await?)),
            None => Ok(None),
        }
    }
}

async fn listed(tx: &mut Tx<'_>, person: Person, now: Timestamp) -> Result<Listed, UnitError> {
    let credential = people::credential(tx, &person.id).await?;
    let mut issuers: Vec<String> = identities::of(tx, &person.id)
        .await?
        .into_iter()
        .map(|one| one.issuer)
        .collect();
    issuers.dedup();
    Ok(Listed {
        grants: people::grants(tx, &person.id).await?,
        set_up: credential.is_some() || !issuers.is_empty(),
        code: credential.is_some_and(|credential| credential.code.is_some_and(|code| code.confirmed)),
        issuers,
        sessions: sign_ins::sessions(tx, &person.id, now).await?.len(),
        person,
    })
}

/// The same for whoever types commands: everybody.
pub async fn page(store: &Store, after: (&str, &str), limit: i64, now: Timestamp) -> Result<Vec<Listed>, UnitError> {
    let page = Page {
        after: (after.0.to_owned(), after.1.to_owned()),
        limit: limit.clamp(1, PAGE_MAX),
        now,
    };
    store.read(page).await
}

struct Page {
    after: (String, String),
    limit: i64,
    now: Timestamp,
}

impl Unit for Page {
    type Output = Vec<Listed>;
    const NAME: &'static str = "list_people";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Listed>, UnitError> {
        let mut all = Vec::new();
        for person in people::list(tx, (&self.after.0, &self.after.1), self.limit).await? {
            all.push(listed(tx, person, self.now).await?);
        }
        Ok(all)
    }
}

/// A person by id, whoever asks: for themselves.
pub async fn one_by_id(store: &Store, id: &str) -> Result<Option<Person>, UnitError> {
    store.read(ById { id: id.to_owned() }).await
}

struct ById {
    id: String,
}

impl Unit for ById {
    type Output = Option<Person>;
    const NAME: &'static str = "person_by_their_id";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Person>, UnitError> {
        people::load(tx, &self.id).await
    }
}

/// People who may be meant by what somebody typed, as the journal names them: whose name or name to sign in with has it in it, whatever the
/// case. Those who are gone too: what they did is still asked for.
pub async fn called(store: &Store, typed: &str) -> Result<Vec<String>, UnitError> {
    store.read(Called(typed.trim().to_lowercase())).await
}

/// People looked through for a name.
const CALLED_MAX: i64 = 1_000;

struct Called(String);

impl Unit for Called {
    type Output = Vec<String>;
    const NAME: &'static str = "people_of_a_name";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let has = |text: &str| text.to_lowercase().contains(&self.0);
        let all = people::list(tx, ("", ""), CALLED_MAX).await?.into_iter();
        let meant = all.filter(|person| has(&person.name) || has(&person.sign_in));
        Ok(meant.map(|person| access::person(&person.id)).collect())
    }
}

/// What people are called, by the way the journal names them: for pages that show who did something. Who is no person is left out.
pub async fn names(store: &Store, actors: &[String]) -> Result<BTreeMap<String, String>, UnitError> {
    let names = Names { actors: actors.to_vec() };
    store.read(names).await
}

struct Names {
    actors: Vec<String>,
}

impl Unit for Names {
    type Output = BTreeMap<String, String>;
    const NAME: &'static str = "names_of_people";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut names = BTreeMap::new();
        for actor in &self.actors {
            if let Some((id, token)) = person_in(actor)
                && let Some(found) = people::load(tx, id).await?
            {
                let name = match token {
                    Some(token) => format!("{} (token {token})", found.name),
                    None => found.name,
                };
                names.insert(actor.clone(), name);
            }
        }
        Ok(names)
    }
}

/// Gives a person a level, or other teams with one that they have.
pub async fn grant(store: &Store, actor: &Actor, id: &str, granted: Granted, now: Timestamp) -> Result<(), UnitError> {
    let unit = Give {
        actor: actor.clone(),
        person: id.to_owned(),
        granted,
        now,
    };
    written(store, unit, now).await
}

struct Give {
    actor: Actor,
    person: String,
    granted: Granted,
    now: Timestamp,
}

impl Unit for Give {
    type Output = ();
    const NAME: &'static str = "grant_level";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        there(tx, &self.person).await?;
        let permit = over(&self.actor, std::slice::from_ref(&self.granted))?;
        given(tx, &permit, &self.person, &self.granted, self.now).await
    }
}

/// A link that was given out to choose another password loses its force when its person may more: whoever has it was not meant to.
async fn reaches_further(tx: &mut Tx<'_>, id: &str) -> Result<(), UnitError> {
    // The first link of somebody who was just invited stands: what they are to have is still being said.
    if people::credential(tx, id).await?.is_some() {
        sign_ins::drop_invitations(tx, id).await?;
    }
    Ok(())
}

/// Writes a grant and its line.
async fn given(tx: &mut Tx<'_>, permit: &Permit, to: &str, granted: &Granted, now: Timestamp) -> Result<(), UnitError> {
    let before = levels(tx, to).await?;
    people::grant(tx, to, granted, permit.actor(), now).await?;
    reaches_further(tx, to).await?;
    let after = levels(tx, to).await?;
    let act = Act {
        at: now,
        actor: permit.actor(),
        kind: "person.granted",
        person: to,
        what: &written_grant(granted),
        change: Change {
            before: before.as_deref(),
            after: after.as_deref(),
        },
    };
    act.write(tx).await
}

/// What somebody has, as the journal says it.
async fn levels(tx: &mut Tx<'_>, id: &str) -> Result<Option<String>, UnitError> {
    let all: Vec<String> = people::grants(tx, id).await?.iter().map(written_grant).collect();
    Ok((!all.is_empty()).then(|| all.join("; ")))
}

fn written_grant(granted: &Granted) -> String {
    let place = if granted.company == HOUSE {
        "every company"
    } else {
        &granted.company
    };
    let teams: Vec<&str> = granted.teams.iter().map(|team| team.name()).collect();
    match &teams[..] {
        [] => format!("{} at {place}", granted.level),
        teams => format!("{} at {place} for {}", granted.level, teams.join(", ")),
    }
}

/// Takes a level away. It counts for whatever they do next.
pub async fn revoke(
    store: &Store,
    actor: &Actor,
    id: &str,
    (level, company): (Level, &str),
    now: Timestamp,
) -> Result<(), UnitError> {
    let unit = Take {
        actor: actor.clone(),
        person: id.to_owned(),
        level,
        company: company.to_owned(),
        now,
    };
    written(store, unit, now).await
}

struct Take {
    actor: Actor,
    person: String,
    level: Level,
    company: String,
    now: Timestamp,
}

impl Unit for Take {
    type Output = ();
    const NAME: &'static str = "revoke_level";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let granted = Granted {
            level: self.level,
            company: self.company.clone(),
            teams: Default::default(),
        };
        let permit = over(&self.actor, std::slice::from_ref(&granted))?;
        let (what, before) = (written_grant(&granted), levels(tx, &self.person).await?);
        if !people::revoke(tx, &self.person, self.level, &self.company).await? {
            return Err(refused(format!("{} has not got {what}.", self.person)));
        }
        let after = levels(tx, &self.person).await?;
        let act = Act {
            at: self.now,
            actor: permit.actor(),
            kind: "person.revoked",
            person: &self.person,
            what: &what,
            change: Change {
                before: before.as_deref(),
                after: after.as_deref(),
            },
        };
        act.write(tx).await
    }
}

/// Ends a person's access: their sessions, password, codes and invitations are gone at once. Their name stays, for what they did.
pub async fn end(store: &Store, actor: &Actor, id: &str, now: Timestamp) -> Result<Person, UnitError> {
    let unit = End {
        actor: actor.clone(),
        person: id.to_owned(),
        now,
    };
    written(store, unit, now).await
}

struct End {
    actor: Actor,
    person: String,
    now: Timestamp,
}

impl Unit for End {
    type Output = Person;
    const NAME: &'static str = "end_person";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Person, UnitError> {
        let id = &self.person;
        let found = there(tx, id).await?;
        let permit = over(&self.actor, &people::grants(tx, id).await?)?;
        let before = levels(tx, id).await?;
        people::end(tx, id, self.now).await?;
        people::drop_credential(tx, id).await?;
        identities::drop_all(tx, id).await?;
        sign_ins::drop_invitations(tx, id).await?;
        let sessions = sign_ins::end_others(tx, id, "").await?;
        let tokens = tallyman_store::tables::tokens::end_all(tx, id, self.now).await?;
        let act = Act {
            at: self.now,
            actor: permit.actor(),
            kind: "person.ended",
            person: id,
            what: &format!("access ended, with {sessions} open sessions and {tokens} tokens"),
            change: Change::gone(before.as_deref().unwrap_or("no level")),
        };
        act.write(tx).await?;
        Ok(found)
    }
}
