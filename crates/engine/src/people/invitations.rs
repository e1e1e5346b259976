//! Invitations: a link that makes an account usable, once and within an hour.
//!
//! Nobody is ever given a password that somebody else knows. Whoever is invited, or has forgotten theirs, is given a link, and chooses one.
//! Where nobody is there yet, a link is for whoever sets everything up: it makes the first administrator.

use tallyman_core::access::credentials::{SignIn, display_name, password_will_do};
use tallyman_core::access::{Actor, HOUSE, INVITATION_MAX, Level, Right};
use tallyman_core::fingerprint::ContentHash;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::tables::people::{self, Granted, Person};
use tallyman_store::tables::sign_ins::{self, Hash};
use tallyman_store::{Store, Tx, Unit, UnitError};
use zeroize::Zeroizing;

use super::{Act, Reception, given, new_id, over, over_all, refused, there, written};
use crate::vault::Vault;

/// For whom the first link is: it has no person yet.
const NOBODY: &str = "";

/// What is given out. It is kept nowhere.
pub struct Link {
    /// The end of the link's path.
    pub token: String,
    pub ends_at: Timestamp,
}

/// Somebody who is to sign in.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub name: SignsInAs,
    pub grants: Vec<Granted>,
}

/// What somebody is called, and signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignsInAs {
    name: String,
    sign_in: SignIn,
}

impl SignsInAs {
    /// Without a name to sign in with, one is made of what they are called.
    pub fn read(name: &str, sign_in: Option<&str>) -> Result<Self, String> {
        let name = display_name(name)?;
        let sign_in = match sign_in {
            Some(text) => SignIn::parse(text)?,
            None => SignIn::from_name(&name).map_err(|_| format!("Say what {name} signs in with, like anna.smith."))?,
        };
        Ok(Self { name, sign_in })
    }

    pub fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    fn person(&self, id: String, now: Timestamp) -> Person {
        Person {
            id,
            name: self.name.clone(),
            sign_in: self.sign_in.to_string(),
            added_at: now,
            ended_at: None,
        }
    }
}

fn draw(vault: &Vault, now: Timestamp) -> (Link, Hash) {
    let token = data_encoding::BASE64URL_NOPAD.encode(&vault.random::<32>());
    let hash = hash_of(&token);
    let ends_at = now.plus(INVITATION_MAX);
    (Link { token, ends_at }, hash)
}

fn hash_of(token: &str) -> Hash {
    *ContentHash::of(token.as_bytes()).as_bytes()
}

/// Adds a person, and gives the link with which they choose a password, and their id.
pub async fn invite(
    store: &Store,
    vault: &Vault,
    actor: &Actor,
    wanted: Wanted,
    now: Timestamp,
) -> Result<(String, Link), UnitError> {
    if wanted.grants.is_empty() {
        return Err(refused("Say which level they have: without one they could do nothing."));
    }
    let (link, hash) = draw(vault, now);
    let id = new_id(vault);
    let invite = Invite {
        actor: actor.clone(),
        person: wanted.name.person(id.clone(), now),
        grants: wanted.grants,
        invitation: (hash, link.ends_at),
        now,
    };
    written(store, invite, now).await?;
    Ok((id, link))
}

struct Invite {
    actor: Actor,
    person: Person,
    grants: Vec<Granted>,
    invitation: (Hash, Timestamp),
    now: Timestamp,
}

impl Unit for Invite {
    type Output = ();
    const NAME: &'static str = "invite_person";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let permit = over(&self.actor, &self.grants)?;
        add(tx, &self.person, permit.actor()).await?;
        for granted in &self.grants {
            given(tx, &permit, &self.person.id, granted, self.now).await?;
        }
        let (hash, ends_at) = &self.invitation;
        sign_ins::invite(tx, hash, &self.person.id, (self.now, *ends_at)).await
    }
}

/// Adds a person, and the line that says so.
async fn add(tx: &mut Tx<'_>, person: &Person, by: &str) -> Result<(), UnitError> {
    if !people::add(tx, person).await? {
        return Err(refused(format!(
            "Somebody signs in as {} already. Choose another name to sign in with for {}.",
            person.sign_in, person.name
        )));
    }
    let act = Act {
        at: person.added_at,
        actor: by,
        kind: "person.added",
        person: &person.id,
        what: "added",
        change: Change::made("no password"),
    };
    act.write(tx).await
}

/// Another link for somebody who is there: the first was not used in time, or the password is forgotten. Until it is used, all stays.
pub async fn again(store: &Store, vault: &Vault, actor: &Actor, id: &str, now: Timestamp) -> Result<Link, UnitError> {
    let (link, hash) = draw(vault, now);
    let again = Again {
        actor: actor.clone(),
        person: id.to_owned(),
        invitation: (hash, link.ends_at),
        now,
    };
    written(store, again, now).await?;
    Ok(link)
}

struct Again {
    actor: Actor,
    person: String,
    invitation: (Hash, Timestamp),
    now: Timestamp,
}

impl Unit for Again {
    type Output = ();
    const NAME: &'static str = "invite_again";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        there(tx, &self.person).await?;
        let permit = over_all(tx, &self.actor, &self.person, self.now).await?;
        let (hash, ends_at) = &self.invitation;
        sign_ins::invite(tx, hash, &self.person, (self.now, *ends_at)).await?;
        let link = format!("a link until {}", ends_at.to_rfc3339());
        let act = Act {
            at: self.now,
            actor: permit.actor(),
            kind: "person.invited_again",
            person: &self.person,
            what: "another link was given out",
            change: Change::made(&link),
        };
        act.write(tx).await
    }
}

/// The link with which everything is set up; none where somebody is there already. It takes the place of one that was given out before.
pub async fn first(store: &Store, vault: &Vault, now: Timestamp) -> Result<Option<Link>, UnitError> {
    let (link, hash) = draw(vault, now);
    let first = First {
        hash,
        ends_at: link.ends_at,
        now,
    };
    Ok(written(store, first, now).await?.then_some(link))
}

struct First {
    hash: Hash,
    ends_at: Timestamp,
    now: Timestamp,
}

impl Unit for First {
    type Output = bool;
    const NAME: &'static str = "first_invitation";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        if people::anybody(tx).await? {
            return Ok(false);
        }
        sign_ins::invite(tx, &self.hash, NOBODY, (self.now, self.ends_at)).await?;
        Ok(true)
    }
}

/// Whom a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum For {
    /// Whoever sets everything up: they say who they are.
    Everything,
    Person(Person),
}

/// Whom a link is for, while it stands: for the page that asks for a password.
pub async fn look(store: &Store, token: &str, now: Timestamp) -> Result<Option<For>, UnitError> {
    let hash = hash_of(token);
    store.read(Look { hash, now }).await
}

struct Look {
    hash: Hash,
    now: Timestamp,
}

impl Unit for Look {
    type Output = Option<For>;
    const NAME: &'static str = "look_at_invitation";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<For>, UnitError> {
        let Some(person) = sign_ins::invited(tx, &self.hash, self.now).await? else {
            return Ok(None);
        };
        if person == NOBODY {
            return Ok((!people::anybody(tx).await?).then_some(For::Everything));
        }
        let person = people::load(tx, &person).await?;
        Ok(person.filter(|person| person.ended_at.is_none()).map(For::Person))
    }
}

/// What whoever follows a link says.
pub struct Said<'a> {
    pub password: &'a str,
    /// Who they are, and which levels they want beside the administrator's: of the first link only.
    pub first: Option<(SignsInAs, Vec<Level>)>,
}

/// Uses a link up: the password is set, and what was signed in with the old one is not any more. Gives the person's id.
pub async fn set_up(office: Reception<'_>, token: &str, said: Said<'_>, now: Timestamp) -> Result<String, UnitError> {
    let gone = || {
        refused(
            "This link does not count any more: it works once, and for an hour. Ask an administrator for another; where there is none yet, \
             start `tallyman serve` again.",
        )
    };
    // Before anything that costs: whoever has no link is not worth a hash.
    let found = look(office.store, token, now).await?.ok_or_else(gone)?;
    let (sign_in, new) = match (&found, said.first) {
        (For::Person(person), _) => (SignIn::parse(&person.sign_in).map_err(refused)?, None),
        (For::Everything, Some((name, levels))) => (name.sign_in.clone(), Some((name, levels))),
        (For::Everything, None) => return Err(refused("Say who you are: your name, and what you sign in with.")),
    };
    password_will_do(said.password, &sign_in).map_err(refused)?;
    let password = Zeroizing::new(said.password.to_owned());
    let hash = office.passwords.hash(password, office.vault.random()).await?;
    let new = new.map(|(name, mut levels)| {
        levels.push(Level::Administrator);
        (name.person(new_id(office.vault), now), levels)
    });
    let unit = SetUp {
        token: hash_of(token),
        new,
        hash,
        now,
    };
    written(office.store, unit, now).await?.ok_or_else(gone)
}

struct SetUp {
    token: Hash,
    /// The first person of all, with their levels.
    new: Option<(Person, Vec<Level>)>,
    hash: String,
    now: Timestamp,
}

impl Unit for SetUp {
    type Output = Option<String>;
    const NAME: &'static str = "set_up_person";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>, UnitError> {
        let Some(person) = sign_ins::redeem(tx, &self.token, self.now).await? else {
            return Ok(None);
        };
        let id = match (&self.new, person.as_str()) {
            (Some((new, levels)), NOBODY) => {
                if people::anybody(tx).await? {
                    return Ok(None);
                }
                self.first(tx, new, levels).await?;
                new.id.clone()
            }
            // The link was another's when it was looked at.
            (None, NOBODY) | (Some(_), _) => return Ok(None),
            (None, _) => there(tx, &person).await?.id,
        };
        let before = match people::credential(tx, &id).await? {
            Some(_) => "a password",
            None => "no password",
        };
        people::set_password(tx, &id, &self.hash, self.now).await?;
        sign_ins::end_others(tx, &id, "").await?;
        let act = Act {
            at: self.now,
            actor: &tallyman_core::access::person(&id),
            kind: "person.set_up",
            person: &id,
            what: "a password was chosen by a link",
            change: Change::to(before, "the password that was chosen"),
        };
        act.write(tx).await?;
        Ok(Some(id))
    }
}

impl SetUp {
    async fn first(&self, tx: &mut Tx<'_>, new: &Person, levels: &[Level]) -> Result<(), UnitError> {
        // Whoever has the first link has the machine's log, and so the machine.
        let terminal = Actor::terminal("set-up");
        let permit = terminal.may(Right::People, HOUSE, None).map_err(refused)?;
        add(tx, new, permit.actor()).await?;
        for level in levels {
            let granted = Granted {
                level: *level,
                company: HOUSE.to_owned(),
                teams: Default::default(),
            };
            given(tx, &permit, &new.id, &granted, self.now).await?;
        }
        Ok(())
    }
}
