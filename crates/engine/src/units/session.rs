//! A connection's sign-in, shared by all workers: taken by one, kept before it is used.

use tallyman_core::time::Timestamp;
use tallyman_store::seal::{Sealed, Wrapped};
use tallyman_store::tables::connections::{self, Session};
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::{Tx, Unit, UnitError, keys};

use super::feed::session_subject;

pub struct LoadSession {
    pub connection: String,
    pub company: String,
}

impl Unit for LoadSession {
    type Output = Option<(Session, Wrapped)>;
    const NAME: &'static str = "load_session";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let session = connections::session(tx, &self.connection).await?;
        let key = keys::load(tx, &self.company, &session_subject(&self.connection)).await?;
        Ok(match (session, key) {
            (Some(session), keys::KeyState::Held(key)) => Some((session, key)),
            _ => None,
        })
    }
}

pub struct TakeSession {
    pub connection: String,
    pub seen: i64,
    pub now: Timestamp,
    pub until: Timestamp,
}

impl Unit for TakeSession {
    type Output = Option<i64>;
    const NAME: &'static str = "take_session";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<i64>, UnitError> {
        connections::take_session(tx, &self.connection, self.seen, self.now, self.until).await
    }
}

/// What a sign-in goes by on its card.
pub fn record(connection: &str) -> String {
    format!("sign-in of {connection}")
}

/// Keeps a sign-in; the card that it was lost is closed by it.
#[derive(Clone)]
pub struct PutSession {
    pub connection: String,
    pub token: i64,
    pub sealed: Sealed,
    pub now: Timestamp,
}

impl Unit for PutSession {
    type Output = bool;
    const NAME: &'static str = "put_session";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let kept = connections::put_session(tx, &self.connection, self.token, self.sealed.as_bytes()).await?;
        if kept {
            exceptions::go_on(tx, "", &record(&self.connection), GoesOn::Proven("signed in"), self.now).await?;
        }
        Ok(kept)
    }
}

/// Gives the right to sign in back unused. A refusal for good raises its card, once.
pub struct DropSession {
    pub connection: String,
    pub company: String,
    pub token: i64,
    pub lost: Option<Kept>,
    pub now: Timestamp,
}

impl Unit for DropSession {
    type Output = ();
    const NAME: &'static str = "drop_session";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let ours = connections::drop_session(tx, &self.connection, self.token).await?;
        // Another worker may have signed in since: then its word counts.
        if let Some(finding) = self.lost.as_ref().filter(|_| ours) {
            exceptions::join(
                tx,
                &self.company,
                ("", &record(&self.connection)),
                finding,
                exceptions::SEEN_ALL,
                self.now,
            )
            .await?;
        }
        Ok(())
    }
}
