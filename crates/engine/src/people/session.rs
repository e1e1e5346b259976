//! Sessions: whose a cookie is, and its end.
//!
//! A session is looked up at each request, with what its person may at that moment: what was taken away, or ended, counts at once. It ends by
//! itself twelve hours after it began, or one after something was last done in it. What an open page asks by itself is nothing done.

use std::time::Duration;

use tallyman_core::access::{Actor, Kind, person, session_ends};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::tables::people;
use tallyman_store::tables::sign_ins::{self, Hash, Session};
use tallyman_store::{Store, Tx, Unit, UnitError};

use super::sign_in::hash_of;
use super::{Act, over, reach, refused, written};

/// That something was done is written down at most so often: a page is no reason to write each time.
const SEEN_EVERY: Duration = Duration::from_secs(60);
/// A longer cookie is none of ours.
const TOKEN_BYTES_MAX: usize = 100;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Signed {
    pub actor: Actor,
    /// What the session is ended by; it opens nothing.
    pub session: String,
    pub ends_at: Timestamp,
}

/// Whose session a cookie opens, if it is not over. Something is done in it by this.
pub async fn whose(store: &Store, token: &str, now: Timestamp) -> Result<Option<Signed>, UnitError> {
    let Some((hash, session, actor)) = open(store, token, now).await? else {
        return Ok(None);
    };
    let mut ends_at = session.ends_at;
    if now.since(session.seen_at) >= SEEN_EVERY {
        ends_at = session_ends(session.begun_at, now);
        store.write(Seen { hash, now, ends_at }).await?;
    }
    Ok(Some(Signed {
        actor,
        session: session.id,
        ends_at,
    }))
}

/// The same, and nothing is done in it: for what an open page asks by itself, which must not keep alive what nobody uses.
pub async fn look(store: &Store, token: &str, now: Timestamp) -> Result<Option<Signed>, UnitError> {
    let found = open(store, token, now).await?;
    Ok(found.map(|(_, session, actor)| Signed {
        actor,
        session: session.id,
        ends_at: session.ends_at,
    }))
}

async fn open(store: &Store, token: &str, now: Timestamp) -> Result<Option<(Hash, Session, Actor)>, UnitError> {
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX {
        return Ok(None);
    }
    let hash = hash_of(token);
    let found = store.read(Open { hash, now }).await?;
    Ok(found.map(|(session, actor)| (hash, session, actor)))
}

struct Open {
    hash: Hash,
    now: Timestamp,
}

impl Unit for Open {
    type Output = Option<(Session, Actor)>;
    const NAME: &'static str = "open_session";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some(session) = sign_ins::session(tx, &self.hash, self.now).await? else {
            return Ok(None);
        };
        let found = people::load(tx, &session.person).await?;
        let Some(found) = found.filter(|person| person.ended_at.is_none()) else {
            return Ok(None);
        };
        Ok(Some((session, reach::actor(tx, found, self.now).await?)))
    }
}

struct Seen {
    hash: Hash,
    now: Timestamp,
    ends_at: Timestamp,
}

impl Unit for Seen {
    type Output = ();
    const NAME: &'static str = "session_seen";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        sign_ins::seen(tx, &self.hash, self.now, self.ends_at).await
    }
}

/// Signs out: the session that this cookie opens ends. One that is over is no error.
pub async fn sign_out(store: &Store, token: &str, now: Timestamp) -> Result<(), UnitError> {
    let hash = hash_of(token);
    written(store, SignOut { hash, now }, now).await
}

/// What a session is in the journal, until it is over.
pub(super) const OPEN: &str = "open";

struct SignOut {
    hash: Hash,
    now: Timestamp,
}

impl Unit for SignOut {
    type Output = ();
    const NAME: &'static str = "sign_out";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let Some(session) = sign_ins::end(tx, &self.hash).await? else {
            return Ok(());
        };
        let act = Act {
            at: self.now,
            actor: &person(&session.person),
            kind: "session.ended",
            person: &session.person,
            what: &format!("session {}", session.id),
            change: Change::gone(OPEN),
        };
        act.write(tx).await
    }
}

/// A person's open sessions, the newest first. Their own, or somebody's whom the actor may change.
pub async fn of(store: &Store, actor: &Actor, id: &str, now: Timestamp) -> Result<Vec<Session>, UnitError> {
    let of = Of {
        actor: actor.clone(),
        person: id.to_owned(),
        now,
    };
    store.read(of).await
}

struct Of {
    actor: Actor,
    person: String,
    now: Timestamp,
}

impl Unit for Of {
    type Output = Vec<Session>;
    const NAME: &'static str = "sessions_of_person";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Session>, UnitError> {
        may_end(tx, &self.actor, &self.person).await?;
        sign_ins::sessions(tx, &self.person, self.now).await
    }
}

/// One's own sessions are one's own; for others' it takes leave.
async fn may_end(tx: &mut Tx<'_>, actor: &Actor, id: &str) -> Result<(), UnitError> {
    if actor.kind == Kind::Person && actor.id == id {
        return Ok(());
    }
    let grants = people::grants(tx, id).await?;
    Ok(over(actor, &grants).map(drop)?)
}

/// Ends one session of a person, by its id.
pub async fn end(store: &Store, actor: &Actor, (id, session): (&str, &str), now: Timestamp) -> Result<(), UnitError> {
    let end = End {
        actor: actor.clone(),
        person: id.to_owned(),
        session: Some(session.to_owned()),
        now,
    };
    written(store, end, now).await.map(drop)
}

/// Ends all sessions of a person, and says how many there were.
pub async fn end_all(store: &Store, actor: &Actor, id: &str, now: Timestamp) -> Result<u64, UnitError> {
    let end = End {
        actor: actor.clone(),
        person: id.to_owned(),
        session: None,
        now,
    };
    written(store, end, now).await
}

struct End {
    actor: Actor,
    person: String,
    /// All, if none is named.
    session: Option<String>,
    now: Timestamp,
}

impl Unit for End {
    type Output = u64;
    const NAME: &'static str = "end_sessions";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        may_end(tx, &self.actor, &self.person).await?;
        let (ended, what) = match &self.session {
            Some(session) => {
                if !sign_ins::end_one(tx, session, &self.person).await? {
                    return Err(refused(format!("Session {session} is over already, or is not theirs.")));
                }
                (1, format!("session {session}"))
            }
            None => {
                let ended = sign_ins::end_others(tx, &self.person, "").await?;
                (ended, format!("all {ended} sessions"))
            }
        };
        let act = Act {
            at: self.now,
            actor: &self.actor.journalled(),
            kind: "session.ended",
            person: &self.person,
            what: &what,
            change: Change::gone(OPEN),
        };
        act.write(tx).await?;
        Ok(ended)
    }
}
