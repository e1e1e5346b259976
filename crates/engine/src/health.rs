//! Whether a worker's work comes round, and whether the systems it talks to answer.
//!
//! A round that fails is due again soon, so a vendor's outage makes nothing late; what is late has nobody who works at it. What is worked
//! at and finishes nothing is silent: that has a card ([`crate::heartbeat`]), and no restart helps, so it does not make us unwell.

use std::time::Duration;

use serde::Serialize;
use tallyman_core::heartbeat::Beat;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::{connections, feeds};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::parts::{Merchant, Parts};
use crate::worker;

/// Later than this, work that comes round has been left lying. Longer than the longest lease of a worker that died.
const LATE_SECONDS: u64 = 900;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Nothing has been left lying.
    pub well: bool,
    pub feeds: Vec<Feed>,
    pub connections: Vec<Connection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feed {
    pub name: String,
    /// How long nobody has worked at it although it was due.
    pub late_seconds: u64,
    /// How long ago it last finished a round, and what is to be thought of that.
    pub quiet_seconds: u64,
    pub beat: Beat,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Connection {
    pub name: String,
    /// Nothing is sent for so long, because the other side asked for it or could not be reached.
    pub paused_seconds: u64,
    /// Pauses since it last answered well.
    pub failures: u32,
}

struct AskHealth {
    feeds: Vec<(String, Duration)>,
    connections: Vec<String>,
    now: Timestamp,
}

impl Unit for AskHealth {
    type Output = Health;
    const NAME: &'static str = "health";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Health, UnitError> {
        let mut health = Health {
            well: true,
            feeds: Vec::new(),
            connections: Vec::new(),
        };
        for (name, every) in &self.feeds {
            let due = feeds::due(tx, name).await?;
            let late_seconds = due.map_or(0, |due| self.now.since(due).as_secs());
            health.well &= late_seconds < LATE_SECONDS;
            let quiet = feeds::done_at(tx, name)
                .await?
                .map_or(Duration::ZERO, |done| self.now.since(done));
            health.feeds.push(Feed {
                name: name.clone(),
                late_seconds,
                quiet_seconds: quiet.as_secs(),
                beat: Beat::of(*every, quiet),
            });
        }
        for name in &self.connections {
            if let Some(standing) = connections::standing(tx, name).await? {
                health.connections.push(Connection {
                    name: name.clone(),
                    paused_seconds: standing.paused_until.since(self.now).as_secs(),
                    failures: standing.failures,
                });
            }
        }
        Ok(health)
    }
}

/// Healing comes round every few seconds, and whoever is at it holds it for less than this.
const LEFT_AFTER: Duration = Duration::from_secs(120);

/// Whether some worker, of whatever process, has lately looked at what is to be healed. One that was killed in the middle of a round is
/// only missed when its lease has ended.
pub async fn is_worked_at(store: &Store, now: Timestamp) -> Result<bool, UnitError> {
    Ok(store.read(NextHealing).await?.is_some_and(|due| now.since(due) < LEFT_AFTER))
}

struct NextHealing;

impl Unit for NextHealing {
    type Output = Option<Timestamp>;
    const NAME: &'static str = "next_healing";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        feeds::latest_due(tx, worker::HEALING).await
    }
}

/// How everything that this process works for stands.
pub async fn ask(parts: &Parts) -> Result<Health, UnitError> {
    ask_of(parts, |_| true).await
}

/// How it stands with some of the merchants.
pub async fn ask_of(parts: &Parts, wanted: impl Fn(&Merchant) -> bool) -> Result<Health, UnitError> {
    let merchants = || parts.merchants.iter().filter(|merchant| wanted(merchant));
    parts
        .store
        .read(AskHealth {
            feeds: merchants()
                .flat_map(|merchant| worker::Feed::ALL.map(|feed| (feed.name(merchant), feed.every(parts))))
                .collect(),
            connections: merchants()
                .flat_map(|merchant| merchant.everything().map(|connector| connector.connection().to_string()))
                .collect(),
            now: parts.clock.now(),
        })
        .await
}
