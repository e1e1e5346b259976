//! `/live`: which names have changed, as server-sent events, for pages that are open.
//!
//! One task hears what the store tells, gathers it for a moment and hands it to all who listen. Each is told the names that its page asked
//! for, of its person's companies only: names and nothing else. A stream ends when its session does, which it does not keep alive, and when
//! the program closes; so many are served and no more, and a page without one says that it is not live.
//!
//! Not here: what a name stands for, which the page asks in the way it always does.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::stream::unfold;
use serde::Deserialize;
use tallyman_core::access::Actor;
use tallyman_core::topic::{Kind, Topic, Topics};
use tallyman_engine::parts::Parts;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use crate::api::inside::{Inside, Shared};
use crate::api::problem::{Kind as ProblemKind, Problem};
use crate::form::Query;
use crate::guard::{self, Doorman};

/// Pages that are kept current by one process.
const CLIENTS_MAX: usize = 500;
/// What changes within this is told in one go.
const GATHER: Duration = Duration::from_millis(250);
/// Told sets that wait for a page that reads slowly; beyond them it is told that anything may have changed.
const WAITING_MAX: usize = 16;
/// How often a session is looked at again, and a quiet stream says that it is there.
const BEAT: Duration = Duration::from_secs(30);
/// Names that one page listens to.
const NAMES_MAX: usize = 24;
const NAME_BYTES_MAX: usize = 120;

/// Hears the store for all pages.
pub(crate) struct Hub {
    sender: broadcast::Sender<Arc<Topics>>,
    hears: Mutex<bool>,
    room: Arc<Semaphore>,
}

impl Hub {
    pub fn new() -> Self {
        Self::for_so_many(CLIENTS_MAX)
    }

    fn for_so_many(clients: usize) -> Self {
        Self {
            sender: broadcast::Sender::new(WAITING_MAX),
            hears: Mutex::new(false),
            room: Arc::new(Semaphore::new(clients)),
        }
    }

    /// One more who listens. The first wakes the task that hears.
    fn join(self: &Arc<Self>, parts: &Arc<Parts>) -> broadcast::Receiver<Arc<Topics>> {
        let mut hears = self.hears.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        if !*hears {
            *hears = true;
            tokio::spawn(self.clone().hear(parts.clone()));
        }
        receiver
    }

    /// Until nobody listens, or the program closes.
    async fn hear(self: Arc<Self>, parts: Arc<Parts>) {
        let mut told = parts.store.told();
        loop {
            tokio::select! {
                biased;
                () = parts.bells.closed() => break,
                () = told.wait() => {}
            }
            pause(GATHER).await;
            let mut hears = self.hears.lock().unwrap_or_else(PoisonError::into_inner);
            if self.sender.send(Arc::new(told.take())).is_err() {
                *hears = false;
                break;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "sessions of people end in real time")]
fn beats() -> tokio::time::Interval {
    tokio::time::interval(BEAT)
}

#[expect(clippy::disallowed_methods, reason = "people wait in real time")]
async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

#[derive(Clone)]
struct Live {
    hub: Arc<Hub>,
    doorman: Arc<dyn Doorman>,
}

pub(crate) fn router(shared: Shared, doorman: Arc<dyn Doorman>) -> Router {
    let hub = Arc::new(Hub::new());
    Router::new()
        .route(guard::LIVE, get(listen))
        .layer(Extension(Live { hub, doorman }))
        .with_state(shared)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Names with commas between them.
    topics: String,
}

/// What a page listens to: all of a kind, or one of it.
struct Name {
    kind: Kind,
    one: Option<String>,
    text: String,
}

impl Name {
    fn read(text: &str) -> Option<Name> {
        let (kind, one) = match text.split_once('/') {
            Some((kind, one)) => (kind, Some(one.to_owned())),
            None => (text, None),
        };
        let kind = Kind::named(kind).filter(|_| text.len() <= NAME_BYTES_MAX && !text.contains(char::is_whitespace))?;
        let text = text.to_owned();
        Some(Name { kind, one, text })
    }

    fn is_of(&self, topic: &Topic) -> bool {
        self.kind == topic.kind
            && match (&self.one, topic.name()) {
                (Some(one), Some(name)) => one == name,
                (None, _) | (_, None) => true,
            }
    }
}

fn names(text: &str) -> Result<Vec<Name>, Problem> {
    let names: Option<Vec<Name>> = text.split(',').map(Name::read).collect();
    names.filter(|names| names.len() <= NAMES_MAX).ok_or_else(|| {
        let kinds: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        Problem::unreadable(
            "topics",
            format!(
                "The topics are at most {NAMES_MAX} of {}, with commas between them.",
                kinds.join(", ")
            ),
        )
    })
}

/// Which of them have changed, of the companies that somebody may see; nothing, if none has.
fn heard(names: &[Name], topics: &Topics, actor: &Actor) -> Option<String> {
    let theirs = |topic: &&Topic| topic.company().is_none_or(|company| actor.sees(company));
    let has_changed = |name: &Name| topics.is_everything() || topics.iter().filter(theirs).any(|topic| name.is_of(topic));
    let changed: Vec<&str> = names
        .iter()
        .filter(|name| has_changed(name))
        .map(|name| &*name.text)
        .collect();
    (!changed.is_empty()).then(|| changed.join(" "))
}

/// A page that is open.
struct Client {
    told: broadcast::Receiver<Arc<Topics>>,
    names: Box<[Name]>,
    actor: Arc<Actor>,
    cookie: Box<str>,
    doorman: Arc<dyn Doorman>,
    parts: Arc<Parts>,
    beat: tokio::time::Interval,
    _place: OwnedSemaphorePermit,
}

async fn listen(
    inside: Inside,
    Extension(live): Extension<Live>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let names = names(&asked.topics)?.into_boxed_slice();
    if inside.parts.bells.closing() {
        let detail = "The program is closing.";
        return Err(Problem::new(
            ProblemKind::Unavailable,
            detail,
            "Reload the page in some seconds.",
        ));
    }
    let full = |_| {
        let detail = format!("{CLIENTS_MAX} pages are kept current already, and this one is not.");
        Problem::new(ProblemKind::Unavailable, detail, "Reload the page to see what is new.")
    };
    let place = live.hub.room.clone().try_acquire_owned().map_err(full)?;
    // The door has let it in, so there is one.
    let cookie = guard::cookie(&headers, live.doorman.reached()).unwrap_or_default().into();
    let client = Client {
        told: live.hub.join(&inside.parts),
        names,
        actor: inside.caller.0.clone(),
        cookie,
        doorman: live.doorman.clone(),
        parts: inside.parts.clone(),
        beat: beats(),
        _place: place,
    };
    let events = unfold(client, |mut client| async move {
        let event = client.next().await?;
        Some((Ok::<Event, Infallible>(event), client))
    });
    Ok(Sse::new(events).into_response())
}

impl Client {
    /// What there is to say next; nothing, when it is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let told = tokio::select! {
                biased;
                () = self.parts.bells.closed() => return None,
                _ = self.beat.tick() => {
                    // The first beat is at once, so that the browser knows that the stream is there.
                    self.actor = self.doorman.look(&self.cookie).await?;
                    return Some(Event::default().comment(""));
                }
                told = self.told.recv() => told,
            };
            let names = match told {
                Ok(topics) => heard(&self.names, &topics, &self.actor),
                Err(RecvError::Lagged(_)) => heard(&self.names, &Topics::everything(), &self.actor),
                Err(RecvError::Closed) => return None,
            };
            if let Some(names) = names {
                return Some(Event::default().event("changed").data(names));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tallyman_core::access::{Grant, Level, Where};

    use super::*;

    fn actor(company: &str) -> Actor {
        let grant = Grant::level(Level::Viewer, Where::company(company), std::collections::BTreeSet::new());
        Actor::person("p1", "Jo", vec![grant])
    }

    fn told(all: &[Topic]) -> Topics {
        let mut topics = Topics::none();
        all.iter().for_each(|topic| topics.add(topic.clone()));
        topics
    }

    #[test]
    fn a_page_hears_what_it_asked_for_of_its_companies_and_nothing_else() {
        let names = names("cards,cards/C1,journeys/J1,feeds").unwrap();
        let jo = actor("northwind");
        let one = |topic| heard(&names, &told(&[topic]), &jo);
        assert_eq!(
            one(Topic::one(Kind::Card, "northwind", "C1")).as_deref(),
            Some("cards cards/C1")
        );
        assert_eq!(one(Topic::one(Kind::Card, "northwind", "C2")).as_deref(), Some("cards"));
        assert_eq!(one(Topic::one(Kind::Card, "tradewell", "C1")), None);
        assert_eq!(one(Topic::one(Kind::Journey, "northwind", "J2")), None);
        assert_eq!(one(Topic::of(Kind::Feed)).as_deref(), Some("feeds"));
        assert_eq!(one(Topic::of(Kind::Journey)).as_deref(), Some("journeys/J1"));
        assert_eq!(one(Topic::of(Kind::Mapping)), None);
        assert!(heard(&names, &Topics::everything(), &jo).is_some_and(|all| all.split(' ').count() == 4));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert!(names("cards,ghosts").is_err());
        assert!(names("").is_err());
        assert!(names("cards/a b").is_err());
        assert!(names(&vec!["cards"; NAMES_MAX + 1].join(",")).is_err());
        assert!(names("cards/C1,outcomes").is_ok());
    }
}
