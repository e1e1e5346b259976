//! The doorman of a house that knows its people: they sign in with a password, and a code where they have one.
//!
//! Not here: who they are and what they may (`engine::people`), and what a browser is given ([`crate::guard`]).

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use subtle::ConstantTimeEq;
use tallyman_core::access::single::{NotVouched, Vouches, Way};
use tallyman_core::access::{Actor, Level};
use tallyman_engine::parts::Parts;
use tallyman_engine::people::invitations::{self, For, Said, SignsInAs};
use tallyman_engine::people::password::{self, Argon};
use tallyman_engine::people::session::Signed;
use tallyman_engine::people::sign_in::{self, Refused, Tried};
use tallyman_engine::people::{self, Reception, session, single};
use tallyman_store::UnitError;
use tokio::sync::Semaphore;

use crate::guard::{Back, Credentials, Doorman, Invited};
use crate::safety::Reached;
use crate::{Provider, Running, within};

/// Whoever sets everything up connects the systems first.
const FIRST: &[Level] = &[Level::Integrator];
const RETURNING_MAX: usize = 4;
/// How long somebody else may take to vouch for one person.
const VOUCHED_BY: Duration = Duration::from_secs(15);

pub struct House {
    running: Arc<Running>,
    passwords: Argon,
    reached: Reached,
    vouches: Option<Arc<dyn Vouches>>,
    /// People who are on their way back at once: each is a call to somebody else.
    returning: Semaphore,
    proxies: Vec<IpAddr>,
}

impl House {
    pub fn new(running: Arc<Running>, reached: Reached) -> Self {
        Self {
            running,
            passwords: Argon::default(),
            reached,
            vouches: None,
            proxies: Vec::new(),
            returning: Semaphore::new(RETURNING_MAX),
        }
    }

    /// The same, where somebody else vouches for people, too.
    pub fn vouched_by(self, vouches: Option<Arc<dyn Vouches>>) -> Self {
        if let Some(vouches) = &vouches {
            self.running.vouched_by(Provider {
                called: vouches.called().to_owned(),
                issuer: vouches.issuer().to_owned(),
            });
        }
        Self { vouches, ..self }
    }

    fn vouches(&self) -> Result<&Arc<dyn Vouches>, String> {
        self.vouches
            .as_ref()
            .ok_or_else(|| "Here people sign in with a name and a password only.".into())
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

const BUSY: &str = "Too many people are signing in at this moment. Try again in some seconds.";

async fn in_time<T>(asked: impl Future<Output = Result<T, NotVouched>>) -> Result<T, NotVouched> {
    within(VOUCHED_BY, asked).await.unwrap_or(Err(NotVouched::Silent))
}

fn not_vouched(called: &str, why: &NotVouched) -> String {
    tracing::warn!("nobody was vouched for by {called}: {why}");
    match why {
        NotVouched::Silent => format!("{called} does not answer. Try again in a minute, or sign in with your password."),
        NotVouched::Refused(_) | NotVouched::Unreadable => {
            format!("{called} did not vouch for you. Start again from here; if it happens twice, tell an administrator.")
        }
        NotVouched::Untrusted(_) => {
            format!(
                "What {called} sent cannot be trusted, so you were not signed in. Tell an administrator: the log says what was wrong."
            )
        }
    }
}

/// What is said of it to somebody whom nobody knows yet: what a database said is for the log.
fn said_of(error: &UnitError) -> String {
    match error {
        UnitError::Refused(sentence) => sentence.clone(),
        other => {
            tracing::error!(error = %other, "somebody could not sign in: {other}");
            "That could not be looked up just now. Try again in some seconds.".into()
        }
    }
}

fn actor(signed: Result<Option<Signed>, UnitError>) -> Option<Arc<Actor>> {
    match signed {
        Ok(signed) => signed.map(|signed| Arc::new(signed.actor)),
        Err(error) => {
            tracing::error!(error = %error, "a session could not be looked up: {error}");
            None
        }
    }
}

#[async_trait]
impl Doorman for House {
    async fn whose(&self, cookie: &str) -> Option<Arc<Actor>> {
        let parts = self.running.parts()?;
        actor(session::whose(&parts.store, cookie, parts.clock.now()).await)
    }

    async fn look(&self, cookie: &str) -> Option<Arc<Actor>> {
        let parts = self.running.parts()?;
        actor(session::look(&parts.store, cookie, parts.clock.now()).await)
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
            Err(Refused::Store(error)) => Err(said_of(&error)),
            Err(refused @ (Refused::Wrong | Refused::WantsCode | Refused::Wait { .. })) => Err(refused.to_string()),
        }
    }

    async fn invited(&self, link: &str) -> Option<Invited> {
        let parts = self.running.parts()?;
        match invitations::look(&parts.store, link, parts.clock.now()).await {
            Ok(found) => found.map(|found| match found {
                For::Everything => Invited::First,
                For::Person(person) => Invited::Person {
                    name: person.name,
                    sign_in: person.sign_in,
                },
            }),
            Err(error) => {
                tracing::error!(error = %error, "a link could not be looked up: {error}");
                None
            }
        }
    }

    async fn set_up(&self, link: &str, given: &Credentials) -> Result<Option<String>, String> {
        let parts = self.parts()?;
        let first = match self.invited(link).await {
            Some(Invited::First) => Some((SignsInAs::read(&given.name, None)?, FIRST.to_vec())),
            Some(Invited::Person { .. }) | None => None,
        };
        let wanted = Said {
            password: &given.password,
            first,
        };
        let id = invitations::set_up(self.reception(&parts), link, wanted, parts.clock.now())
            .await
            .map_err(|error| said_of(&error))?;
        // They sign in by what they were invited with, or what was made of their name: not by what somebody may have typed.
        let person = people::one_by_id(&parts.store, &id).await.map_err(|error| said_of(&error))?;
        let own = Credentials {
            name: person.map(|person| person.sign_in).unwrap_or_default(),
            password: given.password.clone(),
            code: given.code.clone(),
            from: given.from,
        };
        Ok(self.sign_in(&own).await.ok())
    }

    fn vouched_by(&self) -> Option<String> {
        self.vouches.as_ref().map(|vouches| vouches.called().to_owned())
    }

    async fn leave(&self) -> Result<(String, String), String> {
        let (parts, vouches) = (self.parts()?, self.vouches()?);
        let _place = self.returning.try_acquire().map_err(|_| String::from(BUSY))?;
        let secret = single::secret(&parts.vault);
        let way = Way::read(&secret).ok_or("The way could not be drawn. Try again.")?;
        let place = in_time(vouches.leads_to(&way, parts.clock.now())).await;
        let place = place.map_err(|why| not_vouched(vouches.called(), &why))?;
        Ok((place, secret.to_string()))
    }

    async fn come_back(&self, secret: &str, said: &Back<'_>) -> Result<String, String> {
        let (parts, vouches) = (self.parts()?, self.vouches()?);
        let way = Way::read(secret).filter(|way| bool::from(way.state().as_bytes().ct_eq(said.state.as_bytes())));
        let way = way.ok_or("This is not the way that this browser left by, or it took too long. Start again from here.")?;
        let _place = self.returning.try_acquire().map_err(|_| String::from(BUSY))?;
        let identity = in_time(vouches.vouches(&way, said.code, parts.clock.now())).await;
        let identity = identity.map_err(|why| not_vouched(vouches.called(), &why))?;
        let signed = single::sign_in(&parts.store, &parts.vault, identity, said.link, parts.clock.now()).await;
        signed.map(|signed| signed.token.to_string()).map_err(|error| said_of(&error))
    }

    async fn session(&self, cookie: &str) -> Option<String> {
        let parts = self.running.parts()?;
        let signed = session::look(&parts.store, cookie, parts.clock.now()).await.ok()?;
        signed.map(|signed| signed.session)
    }

    async fn change_password(&self, cookie: &str, old: &Credentials, new: &str) -> Result<(), String> {
        let parts = self.parts()?;
        let now = parts.clock.now();
        let signed = session::whose(&parts.store, cookie, now)
            .await
            .map_err(|error| said_of(&error))?;
        let signed = signed.ok_or("Your session is over. Sign in again.")?;
        let person = people::one_by_id(&parts.store, &signed.actor.id)
            .await
            .map_err(|error| said_of(&error))?;
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
            Err(Refused::Store(error)) => Err(said_of(&error)),
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
