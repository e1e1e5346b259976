//! How everything stands, in numbers: for the terminal, the report, and whoever asks.

use std::collections::BTreeMap;

use serde::Serialize;
use tallyman_core::catalogue::Remedy;
use tallyman_core::finding::Code;
use tallyman_store::tables::exceptions::Card;
use tallyman_store::tables::{attempts, effects, exceptions, journeys, lanes, messages};
use tallyman_store::{Tx, Unit, UnitError};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Journeys by stage.
    pub journeys: BTreeMap<String, i64>,
    /// Journeys neither complete nor declined nor stopped by an exception.
    pub open: i64,
    /// Journeys stopped by each code.
    pub exceptions: BTreeMap<String, i64>,
    /// Effects by state.
    pub effects: BTreeMap<String, i64>,
    /// Attempts that ended without an answer that proves anything.
    pub unknown_outcomes: i64,
    pub probes: i64,
    /// Writes put off because a record was open at someone's desk.
    pub locks: i64,
    pub undecided: i64,
    /// Lanes in which something is still to happen by itself.
    pub moving: i64,
    /// Open cards that go by themselves: a flow that is late, a gap that is being filled.
    pub passing: i64,
}

impl Status {
    /// Nothing of ours is on its way: not in the lanes, not in the inbox.
    pub fn at_rest(&self) -> bool {
        self.moving == 0 && self.undecided == 0 && self.open == 0
    }
}

pub struct AskStatus;

impl Unit for AskStatus {
    type Output = Status;
    const NAME: &'static str = "status";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Status, UnitError> {
        let mut status = Status::default();
        for (_, stage, count) in journeys::stages(tx).await? {
            *status.journeys.entry(stage).or_default() += count;
        }
        for (_, code, cards, stopped) in exceptions::counts(tx).await? {
            let passes = |code: Code| code.entry().remedies.contains(&Remedy::Wait);
            status.passing += if Code::named(&code).is_some_and(passes) { cards } else { 0 };
            *status.exceptions.entry(code).or_default() += stopped;
        }
        for (_, state, count) in effects::counts(tx).await? {
            *status.effects.entry(state).or_default() += count;
        }
        for (what, outcome, count) in attempts::counts(tx).await? {
            if what == "probe" {
                status.probes += count;
            }
            match outcome.as_str() {
                "unknown" | "lost" => status.unknown_outcomes += count,
                "locked" => status.locks += count,
                _ => {}
            }
        }
        let stage = |name: &str| status.journeys.get(name).copied().unwrap_or(0);
        status.open = stage("open") + stage("stopped") - exceptions::stopped(tx).await?;
        status.undecided = messages::undecided_count(tx).await?;
        status.moving = lanes::moving(tx).await?;
        Ok(status)
    }
}

/// The open cards of one code, for whoever must know what they say.
pub struct AskCards {
    pub code: Code,
}

impl Unit for AskCards {
    type Output = Vec<Card>;
    const NAME: &'static str = "cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Card>, UnitError> {
        exceptions::open(tx, Some(self.code), 1_000).await
    }
}
