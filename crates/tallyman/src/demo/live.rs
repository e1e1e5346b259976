//! What the demo says while it runs: every step of a few orders as it happens, and every few seconds how all of them stand.
//!
//! Plain lines, at a terminal or not: they can be scrolled back to, kept and searched.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::effect::Kind;
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::story;
use tallyman_engine::vault::Vault;
use tallyman_store::tables::{effects, journeys};
use tallyman_store::{Store, Tx, Unit, UnitError};

use super::Moment;
use crate::say;

/// So many orders are followed step by step.
const FOLLOWED: usize = 3;
/// One line about all of them in so many looks.
const LOOKS_PER_LINE: u32 = 5;
/// References looked through for orders to follow.
const REFERENCES_MAX: i64 = 50;

pub struct Live {
    zone: Zone,
    /// Each followed reference with how many lines of its story have been told.
    followed: BTreeMap<String, usize>,
    looks: u32,
}

/// How many effects of each kind are done.
struct AskSteps;

impl Unit for AskSteps {
    type Output = BTreeMap<String, i64>;
    const NAME: &'static str = "demo_steps";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut steps = BTreeMap::new();
        for (name, state, count) in effects::counts(tx).await? {
            if state == "done" {
                *steps.entry(name).or_default() += count;
            }
        }
        Ok(steps)
    }
}

/// Some references of orders that are there.
struct AskReferences;

impl Unit for AskReferences {
    type Output = BTreeSet<String>;
    const NAME: &'static str = "demo_references";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let documents = journeys::documents(tx, "", REFERENCES_MAX).await?;
        Ok(documents.into_iter().map(|document| document.reference).collect())
    }
}

impl Live {
    pub fn new() -> Self {
        Self {
            zone: Zone::named("Europe/London").unwrap_or_else(|_| Zone::utc()),
            followed: BTreeMap::new(),
            looks: 0,
        }
    }

    /// Says what is new. What cannot be read now is said at the next look.
    pub async fn look(&mut self, moment: &Moment<'_>) {
        let parts = moment.parts;
        if let Ok(lines) = self.news(&parts.store, &parts.vault).await {
            for (at, line) in lines {
                self.say(&format!("{}  {line}", self.clock(at)));
            }
        }
        if self.looks.is_multiple_of(LOOKS_PER_LINE)
            && let Ok(steps) = parts.store.read(AskSteps).await
        {
            self.say(&self.line(moment, &steps));
        }
        self.looks += 1;
    }

    /// What has happened to the orders that are followed.
    async fn news(&mut self, store: &Store, vault: &Vault) -> Result<Vec<(Timestamp, String)>, UnitError> {
        if self.followed.len() < FOLLOWED {
            for reference in store.read(AskReferences).await? {
                if self.followed.len() < FOLLOWED {
                    self.followed.entry(reference).or_default();
                }
            }
        }
        let mut news = Vec::new();
        for (reference, told) in &mut self.followed {
            let stories = story::tell(store, vault, &crate::commands::at_the_machine(), reference).await?;
            let lines: Vec<&story::Line> = stories.iter().flat_map(|story| &story.lines).collect();
            news.extend(
                lines
                    .iter()
                    .skip(*told)
                    .map(|line| (line.at, format!("{reference}: {}", line.what))),
            );
            *told = lines.len().max(*told);
        }
        // By their time alone: within one order they are told as they were written.
        news.sort_by_key(|(at, _)| *at);
        Ok(news)
    }

    fn line(&self, moment: &Moment<'_>, steps: &BTreeMap<String, i64>) -> String {
        let done = |kind: Kind| steps.get(kind.name()).copied().unwrap_or(0);
        let status = moment.status;
        let journeys: i64 = status.journeys.values().sum();
        let complete = status.journeys.get("complete").copied().unwrap_or(0);
        let stopped: i64 = status.exceptions.values().sum();
        let unknown = status.effects.get("unknown").copied().unwrap_or(0) + status.effects.get("probing").copied().unwrap_or(0);
        let mut line = format!(
            "{}  orders {journeys}: in Sage {}, acknowledged {}, at the warehouse {}; parcels: despatched in Sage {}, confirmed {}; complete {complete}",
            self.clock(moment.now),
            done(Kind::ConfirmDraft),
            done(Kind::Acknowledge),
            done(Kind::Release),
            done(Kind::Despatch),
            done(Kind::Confirm),
        );
        if unknown > 0 {
            line += &format!("; {unknown} without an answer, being asked about");
        }
        if stopped > 0 {
            let why: Vec<String> = status
                .exceptions
                .iter()
                .map(|(code, count)| format!("{code} {count}"))
                .collect();
            line += &format!("; stopped {stopped} ({})", why.join(", "));
        }
        if let (true, Some(waits)) = (moment.at_rest, moment.waits) {
            line += &format!("; all else is at rest, and {waits}");
        } else if moment.at_rest {
            line += "; all at rest, waiting for what may still come late";
        }
        line
    }

    fn clock(&self, at: Timestamp) -> String {
        // Of `2026-11-02 09:30:00` the time of day: the demo's orders arrive within one.
        at.local_in(&self.zone).split_off(11)
    }

    pub fn say(&self, line: &str) {
        say!("{line}");
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}
