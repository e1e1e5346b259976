//! What is served over HTTP: whether the program is well, for whoever restarts it and whoever is called at night, the JSON API ([`api`]),
//! and the console ([`pages`]).
//!
//! `GET /health` answers 200 when the store can be read and work comes round, and 503 otherwise, also while the program starts: the
//! listener opens before anything else does. It needs no token; all else does, or the cookie of somebody who has signed in.
//!
//! Not here: rules, SQL, and the worker itself.

pub mod api;
mod assets;
mod form;
pub mod guard;
pub mod house;
mod limits;
mod live;
mod names;
mod pages;
mod place;
pub mod safety;
mod telemetry;
mod traces;
mod view;

use std::convert::Infallible;
use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use api::access::Access;
use api::inside::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use guard::Doorman;
use safety::Reached;
use serde::Serialize;
use tallyman_engine::drill::Drill;
use tallyman_engine::glance::Glances;
use tallyman_engine::health::{self, Health};
use tallyman_engine::parts::Parts;
use tokio::net::TcpListener;

/// How long the store may take to answer for it.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// Each company is looked at so often, although nobody asks.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// And so often it is asked whether the program has begun.
const BEGUN_EVERY: Duration = Duration::from_millis(100);

/// What is known of the program while it starts and runs.
#[derive(Default)]
pub struct Running {
    parts: OnceLock<Arc<Parts>>,
    drill: OnceLock<Arc<Drill>>,
    provider: OnceLock<Provider>,
    address: OnceLock<String>,
    entrants: OnceLock<Vec<String>>,
    /// How companies stood a moment ago.
    glances: Arc<Glances>,
}

/// Whoever else vouches for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// What people call it.
    pub called: String,
    /// How its tokens name it: an address.
    pub issuer: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    status: &'a str,
    version: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    health: Option<Health>,
}

impl Running {
    /// The store is open and a worker begins; a second time nothing changes.
    pub fn begun(&self, parts: Arc<Parts>) {
        if self.parts.set(parts).is_err() {
            tracing::debug!("the worker had begun already");
        }
    }

    /// It was started for a drill; a second time nothing changes.
    pub fn drills(&self, drill: Drill) {
        if self.drill.set(Arc::new(drill)).is_err() {
            tracing::debug!("the drill had begun already");
        }
    }

    /// Somebody else vouches for people, too; a second time nothing changes.
    pub fn vouched_by(&self, provider: Provider) {
        if self.provider.set(provider).is_err() {
            tracing::debug!("somebody vouched for people already");
        }
    }

    /// People's browsers reach its pages behind this; a second time nothing changes.
    pub fn stands_at(&self, address: String) {
        if self.address.set(address).is_err() {
            tracing::debug!("the address was known already");
        }
    }

    /// Nobody has a password here: these people come in by links that were printed. A second time nothing changes.
    pub fn entered_by_links(&self, names: Vec<String>) {
        if self.entrants.set(names).is_err() {
            tracing::debug!("who comes in was known already");
        }
    }

    /// Looks at each company once it has begun, so that whoever comes first does not wait for what lies on the disk.
    pub async fn look(&self) {
        if let Some(parts) = self.parts() {
            self.glances.look(&parts, parts.merchants.iter()).await;
        }
    }

    fn entrants(&self) -> Option<&[String]> {
        self.entrants.get().map(Vec::as_slice)
    }

    fn address(&self) -> Option<&str> {
        self.address.get().map(String::as_str)
    }

    fn provider(&self) -> Option<Provider> {
        self.provider.get().cloned()
    }

    fn drill(&self) -> Option<Arc<Drill>> {
        self.drill.get().cloned()
    }

    /// What runs, once it does.
    fn parts(&self) -> Option<Arc<Parts>> {
        self.parts.get().cloned()
    }

    /// The status in one word, and what it rests on.
    async fn health(&self) -> (&'static str, Option<Health>) {
        let Some(parts) = self.parts.get() else {
            return ("starting", None);
        };
        if parts.bells.closing() {
            return ("stopping", None);
        }
        match within(ANSWER_MAX, health::ask(parts)).await {
            Some(Ok(health)) if health.well => ("ok", Some(health)),
            Some(Ok(health)) => ("late", Some(health)),
            Some(Err(error)) => {
                tracing::error!(error = %error, "the store does not answer: {error}");
                ("store failing", None)
            }
            None => ("store slow", None),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "time-outs on our own database are in real time, and whoever asks waits in it too"
)]
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}

/// What programs ask: a value, which may be called without a socket.
pub fn router(running: Arc<Running>, access: Arc<Access>) -> Router {
    strict(for_programs(Shared::of(running), access), Reached::Plain)
}

/// The paths of all pages for whoever has signed in: so that a test misses none.
pub fn page_paths() -> Vec<&'static str> {
    pages::paths()
}

/// The addresses of forms, each with the page that has it.
pub fn form_paths() -> Vec<(&'static str, &'static str)> {
    pages::forms()
}

/// All that is served, to programs and to people.
pub fn with_pages(running: Arc<Running>, access: Arc<Access>, doorman: Arc<dyn Doorman>) -> Router {
    let shared = Shared::of(running);
    let reached = doorman.reached();
    let pages = pages::router(shared.clone(), doorman);
    strict(for_programs(shared, access).merge(assets::router()).merge(pages), reached)
}

fn for_programs(shared: Shared, access: Arc<Access>) -> Router {
    let health = Router::new().route("/health", get(answer)).merge(telemetry::open());
    let health = health.with_state(shared.running.clone());
    health.merge(api::router(shared, access))
}

fn strict(router: Router, reached: Reached) -> Router {
    router
        .layer(axum::middleware::from_fn_with_state(reached, safety::strict))
        .layer(axum::middleware::from_fn(traces::traced))
}

async fn answer(State(running): State<Arc<Running>>) -> Response {
    let (status, health) = running.health().await;
    let code = if status == "ok" {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let version = env!("CARGO_PKG_VERSION");
    (code, Json(Answer { status, version, health })).into_response()
}

/// Serves until `shutdown` is done and open exchanges have ended.
pub async fn serve(
    listener: TcpListener,
    running: Arc<Running>,
    access: Arc<Access>,
    doorman: Arc<dyn Doorman>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let looks = look_now_and_then(running.clone());
    let router = with_pages(running, access, doorman);
    let served =
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(shutdown);
    tokio::select! {
        biased;
        served = served.into_future() => served,
        never = looks => match never {},
    }
}

/// What a system has taken out of memory since nobody asked for it comes back before somebody does.
#[expect(clippy::disallowed_methods, reason = "memory is taken in real time")]
async fn look_now_and_then(running: Arc<Running>) -> Infallible {
    loop {
        running.look().await;
        let pause = if running.parts().is_some() { LOOK_EVERY } else { BEGUN_EVERY };
        tokio::time::sleep(pause).await;
    }
}
