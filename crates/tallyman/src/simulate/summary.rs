//! What many seeds have met, added up.

use std::collections::BTreeMap;

use serde::Serialize;
use tallyman_core::seam::Point;
use tallyman_twin::faults::Kind;

use super::Outcome;
use super::integrator::{ANSWERED, MENDED_CARRIER, MENDED_ITEM, MENDED_SERVICE};
use super::readings;

#[derive(Debug, Default, Serialize)]
pub struct Summary {
    pub seeds: u64,
    pub orders: u64,
    /// Every fault kind, crash point, stall, lock, unknown outcome; and in how many seeds each open question was answered how.
    pub met: BTreeMap<String, u64>,
    /// Seeds that failed, with what was wrong.
    pub failures: BTreeMap<u64, Vec<String>>,
}

impl Summary {
    pub fn add(&mut self, seed: u64, outcome: Outcome) {
        self.seeds += 1;
        self.orders += outcome.orders;
        for (name, count) in outcome.met {
            *self.met.entry(name).or_default() += count;
        }
        if !outcome.complaints.is_empty() {
            self.failures.insert(seed, outcome.complaints);
        }
    }

    /// What ought to be met over a range of some hundred seeds, and was not.
    pub fn unmet(&self) -> Vec<String> {
        let faults = Kind::ALL.iter().map(|kind| format!("fault_{}", kind.name()));
        let crashes = Point::ALL.iter().map(|point| format!("crash_{}", point.name()));
        let others = [
            "stall_before_send",
            "unknown_outcomes",
            "probes",
            "locks",
            "doubled_by_hand",
            MENDED_ITEM,
            MENDED_SERVICE,
            MENDED_CARRIER,
            ANSWERED,
        ]
        .map(str::to_owned);
        faults
            .chain(crashes)
            .chain(others)
            .chain(readings::all())
            .filter(|name| self.met.get(name).copied().unwrap_or(0) == 0)
            .collect()
    }
}
