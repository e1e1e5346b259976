//! What monitoring reads: `/metrics` in the OpenMetrics text that Prometheus collects, `/health/business` as JSON, and the two questions of
//! whoever restarts programs, `/health/live` and `/health/ready`.
//!
//! Metrics and business need a token with the right `read`, and are of its companies. They are kept for some seconds, so that many who collect
//! cost what one does. Labels name companies, connections, kinds and codes, and nothing of a record.

mod text;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tallyman_core::time::Timestamp;
use tallyman_engine::parts::Parts;
use tallyman_engine::telemetry::{self, Business, Standing};
use tallyman_engine::worker::Feed;
use tokio::sync::Mutex;

use self::text::{Seen, written};
use crate::Running;
use crate::api::access::Right;
use crate::api::inside::{Inside, Shared};
use crate::api::problem::{Kind, Problem};

/// How long what was read serves everybody who asks.
const STANDING_FOR: Duration = Duration::from_secs(5);
/// The tally is kept by the day; some reads a source.
const BUSINESS_FOR: Duration = Duration::from_secs(15);
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What was read last.
#[derive(Default)]
pub struct Kept {
    standing: Mutex<Option<Arc<Standing>>>,
    business: Mutex<Option<(Timestamp, Arc<Vec<Business>>)>>,
}

impl Kept {
    async fn standing(&self, parts: &Parts) -> Result<Arc<Standing>, Problem> {
        let now = parts.clock.now();
        let mut kept = self.standing.lock().await;
        if let Some(known) = kept.as_ref().filter(|known| now.since(known.at) < STANDING_FOR) {
            return Ok(known.clone());
        }
        let asked = Arc::new(telemetry::ask(parts).await?);
        *kept = Some(asked.clone());
        Ok(asked)
    }

    async fn business(&self, parts: &Parts) -> Result<(Timestamp, Arc<Vec<Business>>), Problem> {
        let now = parts.clock.now();
        let mut kept = self.business.lock().await;
        if let Some((at, known)) = kept.as_ref().filter(|(at, _)| now.since(*at) < BUSINESS_FOR) {
            return Ok((*at, known.clone()));
        }
        let asked = Arc::new(telemetry::business(parts).await?);
        *kept = Some((now, asked.clone()));
        Ok((now, asked))
    }
}

/// What is behind the door of programs.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health/business", get(business))
}

/// What anybody may ask.
pub(crate) fn open() -> Router<Arc<Running>> {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

/// The program answers. Whoever restarts programs asks this one: what is wrong elsewhere is no reason to.
async fn live() -> Response {
    (StatusCode::OK, Json(serde_json::json!({"status": "live"}))).into_response()
}

/// It can be sent work: the store answers, and it is not stopping.
async fn ready(State(running): State<Arc<Running>>) -> Response {
    let (status, _) = running.health().await;
    // What is late is somebody else's to mend, and not by sending people elsewhere.
    let (code, status) = match status {
        "ok" | "late" => (StatusCode::OK, "ready"),
        other => (StatusCode::SERVICE_UNAVAILABLE, other),
    };
    (code, Json(serde_json::json!({"status": status}))).into_response()
}

#[derive(Serialize)]
struct BusinessHealth<'a> {
    at: String,
    /// Whether everything that came today stands somewhere, and no gap stands.
    whole: bool,
    sources: Vec<&'a Business>,
}

async fn business(inside: Inside) -> Result<Response, Problem> {
    inside.merchants_with(Right::Read)?;
    let (at, business) = inside.kept().business(&inside.parts).await?;
    let sources: Vec<&Business> = business.iter().filter(|source| inside.sees(&source.company)).collect();
    let health = BusinessHealth {
        at: at.to_rfc3339(),
        whole: sources.iter().all(|source| source.whole),
        sources,
    };
    Ok(Json(health).into_response())
}

async fn metrics(inside: Inside) -> Result<Response, Problem> {
    inside.merchants_with(Right::Read)?;
    let standing = inside.kept().standing(&inside.parts).await?;
    let (_, business) = inside.kept().business(&inside.parts).await?;
    let counted = inside.parts.meters.counted();
    let sees = |company: &str| inside.sees(company);
    let connections: Vec<String> = inside
        .merchants()
        .flat_map(|merchant| {
            merchant
                .everything()
                .map(|connector| connector.connection().to_string())
                .collect::<Vec<_>>()
        })
        .collect();
    let own: Vec<String> = inside
        .merchants()
        .flat_map(|merchant| Feed::ALL.map(|feed| feed.name(merchant)))
        .collect();
    let feeds = |name: &str| own.iter().any(|known| known == name);
    let seen = Seen {
        company: &sees,
        connection: &|name| connections.iter().any(|known| known == name),
        feed: &feeds,
    };
    let text = written(&standing, &business, &counted, &seen).map_err(|_| {
        Problem::new(
            Kind::Failed,
            "The figures cannot be written.",
            "Report it: this is a fault of the program.",
        )
    })?;
    Ok(([(header::CONTENT_TYPE, TEXT)], text).into_response())
}
