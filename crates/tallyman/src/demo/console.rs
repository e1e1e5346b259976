//! The demo's console: on this computer only, for whoever has the link that the demo prints.
//!
//! The link holds 256 random bits and signs in whoever opens it, for as long as the demo runs. There is nobody else to sign in: the
//! demo's people are the twin's.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tallyman_core::access::Actor;
use tallyman_core::seam::Rng;
use tallyman_core::time::Timestamp;
use tallyman_engine::parts::Parts;
use tallyman_web::Running;
use tallyman_web::api::access::{Access, Hash, Right, Token};
use tallyman_web::guard::{Credentials, Doorman};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::chance;
use crate::clocks::system_now;

/// As the journal knows whoever watches.
const NAME: &str = "you";

struct ByLink {
    link: Hash,
    /// What a browser keeps; drawn apart from the link, which stands in its history.
    cookie: String,
    cookie_hash: Hash,
    whoever: Arc<Actor>,
    /// When a browser last asked for anything; a page that is open asks every now and then.
    asked: Arc<Mutex<Option<Timestamp>>>,
}

/// Nobody has it open who has not asked for anything for so long.
const LOOKED_AT: Duration = Duration::from_secs(2 * 60);
const NO_PASSWORD: &str = "There are no passwords here: open the link that was printed at the start.";

#[async_trait]
impl Doorman for ByLink {
    async fn whose(&self, cookie: &str) -> Option<Arc<Actor>> {
        (Hash::of(cookie) == self.cookie_hash).then(|| {
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(system_now());
            self.whoever.clone()
        })
    }

    async fn sign_in(&self, _: &Credentials) -> Result<String, String> {
        Err(NO_PASSWORD.into())
    }

    async fn set_up(&self, _: &str, _: &Credentials) -> Result<Option<String>, String> {
        Err(NO_PASSWORD.into())
    }

    async fn enter(&self, link: &str) -> Option<String> {
        (Hash::of(link) == self.link).then(|| self.cookie.clone())
    }

    async fn sign_out(&self, _: &str) {}
}

/// The console while it is served; it ends with this.
pub struct Console {
    /// What to open.
    pub link: String,
    asked: Arc<Mutex<Option<Timestamp>>>,
    answering: JoinHandle<()>,
}

impl Console {
    /// Whether somebody has it open.
    pub fn is_looked_at(&self) -> bool {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|at| system_now().since(at) < LOOKED_AT)
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

fn secret(chance: &mut impl Rng) -> String {
    let mut bytes = [0; 32];
    chance.fill(&mut bytes);
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

/// Serves it on a port of its own.
pub async fn serve(parts: Arc<Parts>) -> anyhow::Result<Console> {
    let running = Arc::new(Running::default());
    running.begun(parts);
    serve_running(running).await
}

/// Serves what runs on a port of its own.
pub async fn serve_running(running: Arc<Running>) -> anyhow::Result<Console> {
    let mut chance = chance::system().map_err(|error| anyhow::anyhow!("the system gives no randomness for a link: {error}"))?;
    let (link, cookie) = (secret(&mut chance), secret(&mut chance));
    let asked = Arc::<Mutex<Option<Timestamp>>>::default();
    let doorman = ByLink {
        asked: Arc::clone(&asked),
        link: Hash::of(&link),
        whoever: Arc::new(
            Token {
                name: NAME.into(),
                hash: Hash::of(&cookie),
                may: Right::ALL.into(),
                teams: Default::default(),
                companies: Default::default(),
            }
            .actor(),
        ),
        cookie_hash: Hash::of(&cookie),
        cookie,
    };
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let address = listener.local_addr()?;
    let served = tallyman_web::serve(
        listener,
        running,
        Arc::new(Access::default()),
        Arc::new(doorman),
        std::future::pending(),
    );
    let answering = tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::warn!(error = %error, "the console is not served any more: {error}");
        }
    });
    Ok(Console {
        asked,
        link: format!("http://{address}/enter/{link}"),
        answering,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_link_signs_in_and_nothing_else_does() {
        let cookie = "cookie";
        let door = ByLink {
            link: Hash::of("link"),
            cookie: cookie.into(),
            cookie_hash: Hash::of(cookie),
            whoever: Arc::new(
                Token {
                    name: NAME.into(),
                    hash: Hash::of(cookie),
                    may: Default::default(),
                    teams: Default::default(),
                    companies: Default::default(),
                }
                .actor(),
            ),
            asked: Arc::default(),
        };
        assert_eq!(door.enter("link").await.as_deref(), Some(cookie));
        assert_eq!(door.enter("cookie").await, None);
        assert!(door.whose(cookie).await.is_some() && door.whose("link").await.is_none());
    }
}
