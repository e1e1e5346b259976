//! Heartbeats: when each flow last did something, and which connections pause.

use serde::Serialize;
use tallyman_core::heartbeat::Beat;
use tallyman_engine::health::{self, Health};
use tallyman_engine::parts::Merchant;
use utoipa::ToSchema;

use super::examples;
use super::inside::Inside;
use super::problem::Problem;

/// Work that comes round.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Feed {
    pub name: String,
    /// `well`, `late` or `silent`.
    pub beat: &'static str,
    /// How long ago it last finished a round.
    pub quiet_seconds: u64,
    /// How long nobody has worked at it although it was due.
    pub late_seconds: u64,
}

/// One connection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Connection {
    pub name: String,
    /// Nothing is sent for so long.
    pub paused_seconds: u64,
    /// Pauses since it last answered well.
    pub failures: u32,
}

/// How the flows stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Heartbeats {
    /// Nothing has been left lying.
    pub well: bool,
    pub feeds: Vec<Feed>,
    pub connections: Vec<Connection>,
}

impl Heartbeats {
    pub fn of(health: Health) -> Self {
        let feed = |feed: health::Feed| Feed {
            name: feed.name,
            beat: match feed.beat {
                Beat::Well => "well",
                Beat::Late => "late",
                Beat::Silent => "silent",
            },
            quiet_seconds: feed.quiet_seconds,
            late_seconds: feed.late_seconds,
        };
        let connection = |connection: health::Connection| Connection {
            name: connection.name,
            paused_seconds: connection.paused_seconds,
            failures: connection.failures,
        };
        Self {
            well: health.well,
            feeds: health.feeds.into_iter().map(feed).collect(),
            connections: health.connections.into_iter().map(connection).collect(),
        }
    }
}

/// Shows when each flow last did something
///
/// Of the caller's companies. A flow that finishes nothing has a card, too. There are as many flows and connections as the configuration
/// names, so they come on one page.
#[utoipa::path(get, path = "/heartbeats", operation_id = "get_heartbeats", tag = "tally",
    responses((status = 200, description = "The flows and connections", body = Heartbeats, example = json!(examples::heartbeats()))))]
pub async fn get(inside: Inside) -> Result<axum::Json<Heartbeats>, Problem> {
    let companies = inside.companies(None)?;
    let wanted = |merchant: &Merchant| companies.iter().any(|name| name == merchant.company.as_str());
    let health = health::ask_of(&inside.parts, wanted).await?;
    Ok(axum::Json(Heartbeats::of(health)))
}
