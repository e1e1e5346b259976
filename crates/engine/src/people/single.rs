//! Signing in by another's word: whose an identity is, and the session that begins when it comes back.
//!
//! An identity is linked by the person themselves, with the link of an invitation, or by whoever may change them. It is never found by a
//! name or an address that a provider says: whoever can have one written there would be anybody. What somebody may is their grants' here,
//! whatever a provider says of groups. A second factor is the provider's to ask for.
//!
//! Not here: the exchange with the provider (`core::access::single`).

use tallyman_core::access::single::Identity;
use tallyman_core::access::{Actor, person, session_ends};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::tables::sign_ins::{self, Hash, Session};
use tallyman_store::tables::{identities, people};
use tallyman_store::{Store, Tx, Unit, UnitError};
use zeroize::Zeroizing;

use super::sign_in::{SignedIn, hash_of};
use super::{Act, new_id, over, over_all, refused, there, written};
use crate::vault::Vault;

/// No issuer calls anybody by a longer name (OpenID Connect Core 1.0, section 2).
const SUBJECT_CHARS_MAX: usize = 255;
const ISSUER_CHARS_MAX: usize = 500;

/// Drawn when somebody leaves for a provider.
pub fn secret(vault: &Vault) -> Zeroizing<String> {
    Zeroizing::new(data_encoding::BASE64URL_NOPAD.encode(&vault.random::<32>()))
}

/// Opens a session for whoever came back. With the link of an invitation, the identity becomes that person's first.
pub async fn sign_in(
    store: &Store,
    vault: &Vault,
    identity: Identity,
    link: Option<&str>,
    now: Timestamp,
) -> Result<SignedIn, UnitError> {
    will_do(&identity)?;
    let token = Zeroizing::new(data_encoding::BASE64URL_NOPAD.encode(&vault.random::<32>()));
    let enter = Enter {
        identity,
        link: link.map(hash_of),
        hash: hash_of(&token),
        session: new_id(vault),
        now,
    };
    let (person, ends_at) = written(store, enter, now).await?;
    Ok(SignedIn { token, person, ends_at })
}

fn will_do(identity: &Identity) -> Result<(), UnitError> {
    let fits = |text: &str, max: usize| !text.is_empty() && text.chars().count() <= max && !text.contains(char::is_control);
    if fits(&identity.subject, SUBJECT_CHARS_MAX) && fits(&identity.issuer, ISSUER_CHARS_MAX) {
        Ok(())
    } else {
        Err(refused(
            "That is no identity: an issuer is an address, and a subject has 1 to 255 characters.",
        ))
    }
}

struct Enter {
    identity: Identity,
    link: Option<Hash>,
    hash: Hash,
    session: String,
    now: Timestamp,
}

impl Unit for Enter {
    type Output = (String, Timestamp);
    const NAME: &'static str = "enter_by_identity";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let whose = match &self.link {
            Some(link) => Some(self.link(tx, link).await?),
            None => identities::whose(tx, &self.identity).await?,
        };
        let found = match whose {
            Some(id) => people::load(tx, &id).await?.filter(|person| person.ended_at.is_none()),
            None => None,
        };
        let id = found.map(|person| person.id).ok_or_else(|| {
            refused(
                "Nobody here is linked to that account. Open the link of your invitation and sign in from there, or ask an administrator \
                 to link you.",
            )
        })?;
        sign_ins::sweep(tx, self.now).await?;
        let session = Session {
            id: self.session.clone(),
            person: id.clone(),
            begun_at: self.now,
            seen_at: self.now,
            ends_at: session_ends(self.now, self.now),
        };
        sign_ins::begin(tx, &self.hash, &session).await?;
        let act = Act {
            at: self.now,
            actor: &person(&id),
            kind: "session.begun",
            person: &id,
            what: &format!("session {}, by {}", self.session, self.identity.issuer),
            change: Change::made(super::session::OPEN),
        };
        act.write(tx).await?;
        Ok((id, session.ends_at))
    }
}

impl Enter {
    /// Uses an invitation up: whoever follows it is whom it was given to.
    async fn link(&self, tx: &mut Tx<'_>, link: &Hash) -> Result<String, UnitError> {
        let invited = sign_ins::redeem(tx, link, self.now).await?.ok_or_else(|| {
            refused("This link does not count any more: it works once, and for an hour. Ask an administrator for another.")
        })?;
        if invited.is_empty() {
            return Err(refused(
                "The first person sets a name and a password. Then single sign-on can be linked.",
            ));
        }
        there(tx, &invited).await?;
        if people::credential(tx, &invited)
            .await?
            .and_then(|kept| kept.code)
            .is_some_and(|code| code.confirmed)
        {
            // Whoever found the link would have both factors at once.
            return Err(refused(
                "You are asked for a code beside your password, and a link alone does not take its place. Choose a password with the link and \
                 sign in with your code, or ask an administrator to link your account.",
            ));
        }
        linked(tx, &self.identity, &invited, &person(&invited), self.now).await?;
        Ok(invited)
    }
}

async fn linked(tx: &mut Tx<'_>, identity: &Identity, id: &str, by: &str, now: Timestamp) -> Result<(), UnitError> {
    let before = accounts(tx, id).await?;
    if !identities::link(tx, identity, id, now).await? {
        let whose = identities::whose(tx, identity).await?;
        if whose.as_deref() == Some(id) {
            return Ok(());
        }
        return Err(refused(
            "That account is linked to somebody else here. An administrator can take it from them first.",
        ));
    }
    let after = accounts(tx, id).await?;
    let act = Act {
        at: now,
        actor: by,
        kind: "person.linked",
        person: id,
        // What an issuer calls somebody may be their address, so it is not told.
        what: &format!("linked to an account of {}", identity.issuer),
        change: Change {
            before: before.as_deref(),
            after: after.as_deref(),
        },
    };
    act.write(tx).await
}

/// Whose accounts somebody signs in with, as the journal says it: by their issuers.
async fn accounts(tx: &mut Tx<'_>, id: &str) -> Result<Option<String>, UnitError> {
    let all: Vec<String> = identities::of(tx, id).await?.into_iter().map(|one| one.issuer).collect();
    Ok((!all.is_empty()).then(|| all.join("; ")))
}

/// Says whose an identity is, as somebody who may change them.
pub async fn link(store: &Store, actor: &Actor, id: &str, identity: Identity, now: Timestamp) -> Result<(), UnitError> {
    will_do(&identity)?;
    let link = Link {
        actor: actor.clone(),
        person: id.to_owned(),
        identity,
        now,
    };
    written(store, link, now).await
}

struct Link {
    actor: Actor,
    person: String,
    identity: Identity,
    now: Timestamp,
}

impl Unit for Link {
    type Output = ();
    const NAME: &'static str = "link_identity";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        there(tx, &self.person).await?;
        let permit = over_all(tx, &self.actor, &self.person, self.now).await?;
        linked(tx, &self.identity, &self.person, permit.actor(), self.now).await
    }
}

/// Takes away what an issuer calls somebody. They are signed out everywhere, since nobody can tell which session began by it.
pub async fn unlink(store: &Store, actor: &Actor, id: &str, issuer: &str, now: Timestamp) -> Result<(), UnitError> {
    let unlink = Unlink {
        actor: actor.clone(),
        person: id.to_owned(),
        issuer: issuer.to_owned(),
        now,
    };
    written(store, unlink, now).await
}

struct Unlink {
    actor: Actor,
    person: String,
    issuer: String,
    now: Timestamp,
}

impl Unit for Unlink {
    type Output = ();
    const NAME: &'static str = "unlink_identity";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        there(tx, &self.person).await?;
        let permit = over(&self.actor, &people::grants(tx, &self.person).await?)?;
        let before = accounts(tx, &self.person).await?;
        if identities::unlink(tx, &self.person, &self.issuer).await? == 0 {
            return Err(refused(format!("{} has no account of {} here.", self.person, self.issuer)));
        }
        let after = accounts(tx, &self.person).await?;
        let sessions = sign_ins::end_others(tx, &self.person, "").await?;
        let act = Act {
            at: self.now,
            actor: permit.actor(),
            kind: "person.unlinked",
            person: &self.person,
            what: &format!("an account of {} was taken away, with {sessions} open sessions", self.issuer),
            change: Change {
                before: before.as_deref(),
                after: after.as_deref(),
            },
        };
        act.write(tx).await
    }
}
