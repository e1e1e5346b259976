//! The doorman of a house that knows its people: they sign in with a password, and a code where they have one.
//!
//! Not here: who they are and what they may (`engine::people`), and what a browser is given ([`crate::guard`]).

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use tallyman_core::access::{Actor, Level};
use tallyman_engine::parts::Parts;
use tallyman_engine::people::invitations::{self, Said, SignsInAs};
use tallyman_engine::people::password::{self, Argon};
use tallyman_engine::people::sign_in::{self, Refused, Tried};
use tallyman_engine::people::{self, Reception, session};
use tallyman_store::UnitError;

use crate::Running;
use crate::guard::{Credentials, Doorman};
use crate::safety::Reached;

/// Whoever sets everything up connects the systems first.
const FIRST: &[Level] = &[Level::Integrator];

pub struct House {
    running: Arc<Running>,
    passwords: Argon,
    reached: Reached,
    proxies: Vec<IpAddr>,
}

impl House {
    pub fn new(running: Arc<Running>, reached: Reached) -> Self {
        Self {
            running,
            passwords: Argon::default(),
            reached,
            proxies: Vec::new(),
        }
    }

    /// Believes these proxies when they say for whom they ask.
    pub fn behind(self, proxies: Vec<IpAddr>) -> Self {
        Self { proxies, ..self }
    }

    fn parts(&self) -> Result<Arc<Parts>, String> {
        self.running
            .parts()
            .ok_or_else(|| "The program is starting. Try again in some seconds.".into())
    }

    fn reception<'a>(&'a self, parts: &'a Parts) -> Reception<'a> {
        Reception {
            store: &parts.store,
            vault: &parts.vault,
            passwords: &self.passwords,
        }
    }
}

/// What is said of it to somebody whom nobody knows yet: what a database said is for the log.
fn said(error: &UnitError) -> String {
    match error {
        UnitError::Refused(sentence) => sentence.clone(),
        other => {
            tracing::error!(error = %other, "somebody could not sign in: {other}");
            "That could not be looked up just now. Try again in some seconds.".into()
        }
    }
}

#[async_trait]
impl Doorman for House {
    async fn whose(&self, cookie: &str) -> Option<Arc<Actor>> {
        let parts = self.running.parts()?;
        match session::whose(&parts.store, cookie, parts.clock.now()).await {
            Ok(signed) => signed.map(|signed| Arc::new(signed.actor)),
            Err(error) => {
                tracing::error!(error = %error, "a session could not be looked up: {error}");
                None
            }
        }
    }

    async fn sign_in(&self, given: &Credentials) -> Result<String, String> {
        let parts = self.parts()?;
        let tried = Tried {
            sign_in: &given.name,
            password: &given.password,
            code: given.code.as_deref(),
            from: given.from,
        };
        match sign_in::sign_in(self.reception(&parts), &tried, parts.clock.now()).await {
            Ok(signed) => Ok(signed.token.to_string()),
            Err(Refused::Store(error)) => Err(said(&error)),
            Err(refused @ (Refused::Wrong | Refused::WantsCode | Refused::Wait { .. })) => Err(refused.to_string()),
        }
    }

    async fn set_up(&self, link: &str, given: &Credentials) -> Result<String, String> {
        let parts = self.parts()?;
        let first = SignsInAs::read(&given.name, None)?;
        let wanted = Said {
            password: &given.password,
            first: Some((first, FIRST.to_vec())),
        };
        invitations::set_up(self.reception(&parts), link, wanted, parts.clock.now())
            .await
            .map_err(|error| said(&error))?;
        self.sign_in(given)
            .await
            .map_err(|_| "Your password is set. Sign in with it.".into())
    }

    async fn session(&self, cookie: &str) -> Option<String> {
        let parts = self.running.parts()?;
        let signed = session::whose(&parts.store, cookie, parts.clock.now()).await.ok()?;
        signed.map(|signed| signed.session)
    }

    async fn change_password(&self, cookie: &str, old: &Credentials, new: &str) -> Result<(), String> {
        let parts = self.parts()?;
        let now = parts.clock.now();
        let signed = session::whose(&parts.store, cookie, now)
            .await
            .map_err(|error| said(&error))?;
        let signed = signed.ok_or("Your session is over. Sign in again.")?;
        let person = people::one_by_id(&parts.store, &signed.actor.id)
            .await
            .map_err(|error| said(&error))?;
        let sign_in = person.map(|person| person.sign_in).unwrap_or_default();
        let tried = Tried {
            sign_in: &sign_in,
            password: &old.password,
            code: old.code.as_deref(),
            from: None,
        };
        let by = (&signed.actor, signed.session.as_str());
        match password::change(self.reception(&parts), by, (tried, new), now).await {
            Ok(()) => Ok(()),
            Err(Refused::Store(error)) => Err(said(&error)),
            Err(refused @ (Refused::Wrong | Refused::WantsCode | Refused::Wait { .. })) => Err(refused.to_string()),
        }
    }

    async fn sign_out(&self, cookie: &str) {
        let Some(parts) = self.running.parts() else { return };
        if let Err(error) = session::sign_out(&parts.store, cookie, parts.clock.now()).await {
            tracing::error!(error = %error, "a session could not be ended: {error}");
        }
    }

    fn reached(&self) -> Reached {
        self.reached
    }

    fn proxies(&self) -> &[IpAddr] {
        &self.proxies
    }
}
