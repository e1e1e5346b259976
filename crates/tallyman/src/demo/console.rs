//! The demo's console: on this computer only, for whoever has a link that the demo prints.
//!
//! A link holds 256 random bits and signs in whoever opens it, for as long as the demo runs. There are two, each for a person of its own:
//! some things count only when a second one has approved them. Nobody else signs in; all other people of the demo are the twin's.

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

/// As the journal knows whoever watches, by the first link and by the second. Both may do everything.
const NAMES: [&str; 2] = ["Olive Marsh", "Felix Grant"];

/// Somebody who comes in by a link.
struct Entrant {
    link: Hash,
    /// What a browser keeps; drawn apart from the link, which stands in its history.
    cookie: String,
    cookie_hash: Hash,
    whoever: Arc<Actor>,
}

impl Entrant {
    fn of(name: &str, link: &str, cookie: String) -> Self {
        let cookie_hash = Hash::of(&cookie);
        let token = Token {
            name: name.into(),
            hash: cookie_hash,
            may: Right::ALL.into(),
            teams: Default::default(),
            companies: Default::default(),
        };
        Self {
            link: Hash::of(link),
            cookie,
            cookie_hash,
            whoever: Arc::new(token.actor()),
        }
    }
}

struct ByLink {
    people: Vec<Entrant>,
    /// When a browser last asked for anything; a page that is open asks every now and then.
    asked: Arc<Mutex<Option<Timestamp>>>,
}

/// Nobody has it open who has not asked for anything for so long.
const LOOKED_AT: Duration = Duration::from_secs(2 * 60);
const NO_PASSWORD: &str = "There are no passwords here: open a link that was printed at the start.";

#[async_trait]
impl Doorman for ByLink {
    async fn whose(&self, cookie: &str) -> Option<Arc<Actor>> {
        let hash = Hash::of(cookie);
        let known = self.people.iter().find(|one| one.cookie_hash == hash)?;
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(system_now());
        Some(known.whoever.clone())
    }

    async fn sign_in(&self, _: &Credentials) -> Result<String, String> {
        Err(NO_PASSWORD.into())
    }

    async fn set_up(&self, _: &str, _: &Credentials) -> Result<Option<String>, String> {
        Err(NO_PASSWORD.into())
    }

    async fn enter(&self, link: &str) -> Option<String> {
        let hash = Hash::of(link);
        let known = self.people.iter().find(|one| one.link == hash)?;
        Some(known.cookie.clone())
    }

    async fn sign_out(&self, _: &str) {}
}

/// The console while it is served; it ends with this.
pub struct Console {
    /// What to open.
    pub link: String,
    /// What to open as a second person, and who that is.
    pub second: (String, &'static str),
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
    let links = NAMES.map(|_| secret(&mut chance));
    let entrants = NAMES.iter().zip(&links);
    let asked = Arc::<Mutex<Option<Timestamp>>>::default();
    let doorman = ByLink {
        people: entrants
            .map(|(name, link)| Entrant::of(name, link, secret(&mut chance)))
            .collect(),
        asked: Arc::clone(&asked),
    };
    running.entered_by_links(NAMES.map(str::to_owned).into());
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
    let [link, second] = links.map(|link| format!("http://{address}/enter/{link}"));
    Ok(Console {
        asked,
        link,
        second: (second, NAMES[1]),
        answering,
    })
}

#[cfg(test)]
mod tests {
    use tallyman_core::access::same_person;

    use super::*;

    #[tokio::test]
    async fn each_link_signs_in_a_person_of_its_own_and_nothing_else_does() {
        let door = ByLink {
            people: vec![
                Entrant::of(NAMES[0], "link", "cookie".into()),
                Entrant::of(NAMES[1], "second", "another".into()),
            ],
            asked: Arc::default(),
        };
        assert_eq!(door.enter("link").await.as_deref(), Some("cookie"));
        assert_eq!(door.enter("second").await.as_deref(), Some("another"));
        assert_eq!(door.enter("cookie").await, None);
        assert!(door.whose("link").await.is_none());
        let (one, other) = (door.whose("cookie").await.unwrap(), door.whose("another").await.unwrap());
        assert!(
            !same_person(&one.journalled(), &other.journalled()),
            "each counts by themselves"
        );
        for whoever in [one, other] {
            assert!(whoever.may(Right::Approve, "trader-1", None).is_ok());
        }
    }
}
