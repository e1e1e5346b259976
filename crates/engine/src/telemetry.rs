//! How everything stands, for whoever collects it every few seconds: cards, queues, feeds, and whether what is due is done.
//!
//! It reads what is kept (cards, feeds, connections, the tally of the day) and an index of the writes that are open, and scans nothing that
//! grows for ever. Whoever asks keeps the answer for some seconds.

use serde::Serialize;
use tallyman_core::time::{Date, Timestamp};
use tallyman_store::tables::board::{self, Open};
use tallyman_store::tables::effects;
use tallyman_store::{Tx, Unit, UnitError};

use crate::health::{self, Health};
use crate::parts::Parts;
use crate::tally::{self, Source};

/// One company.
#[derive(Debug, Clone)]
pub struct Company {
    pub name: String,
    /// Open cards by code and team.
    pub cards: Vec<Open>,
    /// Writes that are not done, by how they stand.
    pub queues: Vec<(String, u64)>,
}

/// All of it, as it stood at an instant.
#[derive(Debug, Clone)]
pub struct Standing {
    pub at: Timestamp,
    pub companies: Vec<Company>,
    pub health: Health,
}

struct Ask(Vec<String>);

impl Unit for Ask {
    type Output = Vec<Company>;
    const NAME: &'static str = "telemetry";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut companies = Vec::new();
        for name in &self.0 {
            companies.push(Company {
                name: name.clone(),
                cards: board::open(tx, name).await?,
                queues: effects::queues(tx, name).await?,
            });
        }
        Ok(companies)
    }
}

/// How everything that this process works for stands now.
pub async fn ask(parts: &Parts) -> Result<Standing, UnitError> {
    let companies = parts.merchants.iter().map(|merchant| merchant.company.to_string()).collect();
    Ok(Standing {
        at: parts.clock.now(),
        companies: parts.store.read(Ask(companies)).await?,
        health: health::ask(parts).await?,
    })
}

/// Whether what came from a source on a day is done: posted against what was to be posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Business {
    pub company: String,
    pub source: String,
    /// `order` or `shipment`.
    pub kind: String,
    pub day: Date,
    /// What came, less what is not to be carried out.
    pub due: u64,
    pub posted: u64,
    /// What is under way, or stands still.
    pub open: u64,
    pub declined: u64,
    /// Keys that the source lists and that never arrived.
    pub gaps: u64,
    /// Nothing is missing: all that came stands somewhere, and no gap stands.
    pub whole: bool,
}

/// Today, for every source.
pub async fn business(parts: &Parts) -> Result<Vec<Business>, UnitError> {
    let now = parts.clock.now();
    let mut all = Vec::new();
    for merchant in &parts.merchants {
        for source in Source::of(merchant) {
            let page = tally::ask(&parts.store, &source, now.date_in(&merchant.zone), now).await?;
            all.push(Business {
                company: page.company.clone(),
                source: page.source.to_string(),
                kind: page.kind.name().to_owned(),
                day: page.day,
                due: page.tally.received.saturating_sub(page.tally.declined),
                posted: page.tally.posted,
                open: page.tally.open,
                declined: page.tally.declined,
                gaps: page.gaps.iter().filter(|gap| gap.cleared_at.is_none()).count() as u64,
                whole: page.is_whole(),
            });
        }
    }
    Ok(all)
}
