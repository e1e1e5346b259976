//! The simulation: the real engine, connectors and SQLite against the twin, at virtual time, from one seed.
//!
//! Each seed has two companies with equal SKUs and references, two workers on one store, and at least one crash. [`seed`] runs
//! one; [`run`] runs many and adds up what they met. A kind of fault, crash point or lock that no seed met, or an answer to an open
//! question ([`readings`]) that none was given, fails the whole: a simulation that does not meet what it is for proves nothing.

mod hooks;
mod integrator;
mod readings;
mod seed;
mod summary;
mod tallied;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tallyman_core::planted::Planted;

pub use seed::{Outcome, run_seed};
pub use summary::Summary;

/// Runs these seeds on as many threads as there are cores. `seen` is told of each.
pub fn run(
    seeds: std::ops::Range<u64>,
    planted: Planted,
    stop_at_failure: bool,
    seen: &(dyn Fn(u64, &Outcome) + Sync),
) -> Summary {
    let next = AtomicU64::new(seeds.start);
    let summary = Mutex::new(Summary::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end {
                        return;
                    }
                    let outcome = run_seed(seed, planted);
                    seen(seed, &outcome);
                    let failed = !outcome.complaints.is_empty();
                    summary
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .add(seed, outcome);
                    if failed && stop_at_failure {
                        next.store(seeds.end, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    summary.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}
