//! Sign-ins: one for each connection, kept sealed in the store, renewed by one worker at a time.
//!
//! A rotated refresh token is stored before the access it came with is used: whoever dies in between leaves the next worker
//! able to go on.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::pulse::Sign;
use tallyman_core::role::{Connector, Session};
use tallyman_core::seam::{Lost, Point, Refusal};
use tallyman_core::time::Timestamp;
use tallyman_store::UnitError;
use tallyman_store::seal::SubjectKey;
use tallyman_store::tables::exceptions::Kept;

use crate::parts::Parts;
use crate::pulse::Pulses;
use crate::units::{DropSession, LoadSession, PutSession, TakeSession, session_subject};
use crate::vault::place;
use crate::wire::exchange;

/// A session is renewed when it has less than this left.
const MARGIN: Duration = Duration::from_secs(30);
/// How long one worker may take to sign in before another tries.
const LEASE: Duration = Duration::from_secs(90);
/// How often, and how many times, a worker looks whether another has signed in.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const LOOKS_MAX: u32 = 50;
/// How often a sign-in that was given is tried to be kept.
const PUTS_MAX: u32 = 5;

/// The sessions that this worker has read, with the store's number of each.
#[derive(Default)]
pub struct Sessions {
    /// What it has heard of each connection.
    pub pulses: Pulses,
    known: Mutex<BTreeMap<Connection, (i64, Session)>>,
}

impl Sessions {
    fn known(&self, connection: &Connection) -> Option<(i64, Session)> {
        self.known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .get(connection)
            .cloned()
    }

    fn keep(&self, connection: &Connection, token: i64, session: &Session) {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.insert(connection.clone(), (token, session.clone()));
    }

    /// A session that is good now. `refused` is one that the vendor has just refused: it is not given again.
    pub async fn get(&self, parts: &Parts, connector: &dyn Connector, refused: Option<&Session>) -> Result<Session, Lost> {
        if connector.sign_in(None).is_none() {
            return Ok(Session::default());
        }
        let connection = connector.connection();
        let usable = |session: &Session, now: Timestamp| {
            refused.is_none_or(|refused| refused.access != session.access)
                && session.expires_at.is_none_or(|end| end > now.plus(MARGIN))
        };
        for _ in 0..LOOKS_MAX {
            let now = parts.clock.now();
            if let Some((_, session)) = self.known(connection).filter(|(_, session)| usable(session, now)) {
                return Ok(session);
            }
            let (token, key, stored) = self.load(parts, connector).await.map_err(not_signed_in)?;
            if let Some(session) = stored.as_ref().filter(|session| usable(session, now)) {
                self.keep(connection, token, session);
                return Ok(session.clone());
            }
            let take = TakeSession {
                connection: connection.to_string(),
                seen: token,
                now,
                until: now.plus(LEASE),
            };
            if let Some(token) = parts.store.write(take).await.map_err(not_signed_in)? {
                return self.renew(parts, connector, token, &key, stored).await;
            }
            parts.clock.sleep_until(now.plus(LOOK_EVERY)).await;
        }
        Err(not_signed_in("another worker has been signing in for too long"))
    }

    /// Until when the sign-in that is kept is good; nothing where none is kept, or it does not say.
    pub async fn kept_until(&self, parts: &Parts, connector: &dyn Connector) -> Result<Option<Timestamp>, UnitError> {
        let (_, _, session) = self.load(parts, connector).await?;
        Ok(session.and_then(|session| session.expires_at))
    }

    /// Signs in anew, whatever is kept.
    pub async fn anew(&self, parts: &Parts, connector: &dyn Connector) -> Result<(), Lost> {
        let (token, key, stored) = self.load(parts, connector).await.map_err(not_signed_in)?;
        let now = parts.clock.now();
        let take = TakeSession {
            connection: connector.connection().to_string(),
            seen: token,
            now,
            until: now.plus(LEASE),
        };
        match parts.store.write(take).await.map_err(not_signed_in)? {
            Some(token) => self.renew(parts, connector, token, &key, stored).await.map(drop),
            None => Err(not_signed_in("a worker is signing in just now")),
        }
    }

    async fn load(&self, parts: &Parts, connector: &dyn Connector) -> Result<(i64, SubjectKey, Option<Session>), UnitError> {
        let (connection, company) = (connector.connection().to_string(), connector.company().to_string());
        let load = LoadSession {
            connection: connection.clone(),
            company: company.clone(),
        };
        let Some((stored, wrapped)) = parts.store.read(load).await? else {
            return Err(UnitError::Refused(format!("connection {connection} has not been set up")));
        };
        let key = parts.vault.unwrap(&company, &session_subject(&connection), &wrapped)?;
        let session = match stored.sealed {
            Some(sealed) => {
                let bytes = parts.vault.open(&key, place("connection", &connection), sealed)?;
                Some(
                    serde_json::from_slice(&bytes)
                        .map_err(|error| UnitError::Refused(format!("the sign-in of {connection} cannot be read: {error}")))?,
                )
            }
            None => None,
        };
        Ok((stored.token, key, session))
    }

    /// Signs in under the right that `token` stands for; with what is held first, and from the beginning if that is refused.
    async fn renew(
        &self,
        parts: &Parts,
        connector: &dyn Connector,
        token: i64,
        key: &SubjectKey,
        held: Option<Session>,
    ) -> Result<Session, Lost> {
        parts.hooks.at(Point::BeforeSession).await;
        let mut outcome = self.sign_in(parts, connector, held.as_ref()).await;
        // From the beginning only when what is held was refused: a first consent that has been spent, sent again, can end them all.
        if matches!(outcome, Err(NoSession::Refused(_))) && held.is_some() {
            outcome = self.sign_in(parts, connector, None).await;
        }
        let connection = connector.connection();
        let session = match outcome {
            Ok(session) => session,
            Err(no_session) => {
                let (lost, card) = match no_session {
                    NoSession::Refused(lost) => {
                        // It is tried on all the same, so a refusal that was a mistake heals by itself.
                        let card = Kept::without_sentence(Code::ConsentLost, Cause::Connection(connection.clone()));
                        (lost, Some(card))
                    }
                    NoSession::Lost(lost) => (lost, None),
                };
                let drop = DropSession {
                    connection: connection.to_string(),
                    company: connector.company().to_string(),
                    token,
                    lost: card,
                    now: parts.clock.now(),
                };
                parts.store.write(drop).await.map_err(not_signed_in)?;
                return Err(lost);
            }
        };
        let bytes = serde_json::to_vec(&session).map_err(not_signed_in)?;
        let sealed = parts.vault.seal(key, place("connection", connection.as_str()), &bytes);
        let put = PutSession {
            connection: connection.to_string(),
            token,
            sealed,
            now: parts.clock.now(),
        };
        if !self.put(parts, put).await.map_err(not_signed_in)? {
            return Err(not_signed_in("another worker took over while this one was signing in"));
        }
        parts.hooks.at(Point::AfterSession).await;
        self.keep(connection, token + 1, &session);
        Ok(session)
    }

    /// Keeps what was given. The vendor may have forgotten what was held before, so this is not given up at the first failure.
    async fn put(&self, parts: &Parts, put: PutSession) -> Result<bool, UnitError> {
        for _ in 1..PUTS_MAX {
            match parts.store.write(put.clone()).await {
                Ok(kept) => return Ok(kept),
                Err(error) => tracing::warn!(error = %error, "a sign-in could not be kept, and is tried again: {error}"),
            }
            parts.clock.sleep_until(parts.clock.now().plus(LOOK_EVERY)).await;
        }
        parts.store.write(put).await
    }

    async fn sign_in(&self, parts: &Parts, connector: &dyn Connector, held: Option<&Session>) -> Result<Session, NoSession> {
        let Some(call) = connector.sign_in(held) else {
            return Ok(Session::default());
        };
        let reply = exchange(parts, connector.connection(), call).await;
        // That somebody is let in says nothing of what is behind the door; that the door does not answer does.
        if Sign::of(&reply) == Some(Sign::Fails) {
            self.pulses.note(parts, connector, &reply).await;
        }
        let reply = reply.map_err(|lost| match lost {
            // Signing in changes nothing for the call that waits for it: that was certainly not sent.
            Lost::NoAnswer(words) => NoSession::Lost(not_signed_in(words)),
            lost => NoSession::Lost(lost),
        })?;
        let refused = matches!(reply.status, 400 | 401 | 403);
        connector.signed_in(held, &reply, parts.clock.now()).map_err(|words| {
            let status = reply.status;
            let said = Refusal { status, words };
            let lost = Lost::NotSignedIn {
                why: said.to_string(),
                said: Some(said),
            };
            if refused {
                NoSession::Refused(lost)
            } else {
                NoSession::Lost(lost)
            }
        })
    }
}

pub use crate::units::session_record as record;

/// Why there is no session.
enum NoSession {
    /// What was held is not good any more.
    Refused(Lost),
    /// It cannot be told.
    Lost(Lost),
}

/// It was we who could not.
fn not_signed_in(why: impl ToString) -> Lost {
    Lost::NotSignedIn {
        why: why.to_string(),
        said: None,
    }
}
