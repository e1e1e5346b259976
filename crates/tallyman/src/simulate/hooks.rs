//! Where a simulated worker is stopped or stalled: planned from the seed, carried out at the named points of the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tallyman_core::seam::{Clock, Hooks, Point};
use tokio::sync::Notify;

use crate::chance::Seeded;

/// What happens to the nth worker that comes by a point.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// The worker is gone, in the middle of everything.
    Crash,
    /// This attempt stands still: a paused machine, a full disk, a debugger.
    Stall(Duration),
}

/// The acts of one seed, shared by its workers.
pub struct Script {
    acts: Mutex<BTreeMap<(Point, u64), Act>>,
    passed: Mutex<BTreeMap<Point, u64>>,
    met: Mutex<BTreeMap<String, u64>>,
}

/// How often a point is passed in a seed, about: acts are planned within that.
fn usual(point: Point) -> u64 {
    match point {
        Point::AfterPoll | Point::AfterReceive | Point::AfterDecide => 12,
        Point::BeforeSession | Point::AfterSession => 4,
        Point::AfterBaseline | Point::AfterProbe => 8,
        Point::AfterClaim | Point::AfterLook | Point::BeforeSend | Point::AfterAnswer | Point::AfterOutcome => 80,
    }
}

impl Script {
    pub fn draw(chance: &mut Seeded) -> Self {
        let mut acts = BTreeMap::new();
        // The first crash comes at a point that every seed passes often, and soon: no seed is without one.
        let sure = [Point::AfterClaim, Point::BeforeSend, Point::AfterAnswer, Point::AfterOutcome];
        acts.insert((sure[chance.between(0, 3) as usize], chance.between(1, 10)), Act::Crash);
        for _ in 0..chance.between(0, 3) {
            let point = Point::ALL[chance.between(0, Point::ALL.len() as u64 - 1) as usize];
            acts.entry((point, chance.between(1, usual(point)))).or_insert(Act::Crash);
        }
        for _ in 0..chance.between(1, 4) {
            // Long enough that the lease is over, another worker has asked twice, and has sent again.
            let stall = Duration::from_secs(chance.between(60, 25 * 60));
            let point =
                [Point::BeforeSend, Point::BeforeSend, Point::AfterLook, Point::AfterAnswer][chance.between(0, 3) as usize];
            acts.entry((point, chance.between(1, usual(point))))
                .or_insert(Act::Stall(stall));
        }
        Self {
            acts: Mutex::new(acts),
            passed: Mutex::default(),
            met: Mutex::default(),
        }
    }

    /// What was met: crash points and stalls, by name.
    pub fn met(&self) -> BTreeMap<String, u64> {
        self.met.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn pass(&self, point: Point) -> Option<Act> {
        let mut passed = self.passed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = passed.entry(point).or_default();
        *count += 1;
        let act = self
            .acts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .remove(&(point, *count));
        if let Some(act) = act {
            let name = match act {
                Act::Crash => format!("crash_{}", point.name()),
                Act::Stall(_) => format!("stall_{}", point.name()),
            };
            *self
                .met
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .entry(name)
                .or_default() += 1;
        }
        act
    }
}

/// One worker's hooks.
pub struct Scripted {
    pub script: Arc<Script>,
    pub clock: Arc<dyn Clock>,
    /// Told when this worker must go.
    pub crashed: Arc<Notify>,
}

#[async_trait]
impl Hooks for Scripted {
    async fn at(&self, point: Point) {
        match self.script.pass(point) {
            None => {}
            Some(Act::Stall(stall)) => self.clock.sleep_until(self.clock.now().plus(stall)).await,
            Some(Act::Crash) => {
                self.crashed.notify_one();
                std::future::pending().await
            }
        }
    }
}
