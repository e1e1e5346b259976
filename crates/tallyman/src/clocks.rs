//! The three clocks.
//!
//! All of them are one: an origin, and tokio's clock since then, times a pace. At pace 1 from the computer's time it is the
//! system clock. On tokio's paused clock it is virtual time, which jumps to the next moment at which anybody wants to wake. At a
//! pace of 60 an hour of leases, limits, tokens and quiet times passes in a minute.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;

/// What sleeps are cut into, so that a far moment cannot overflow a timer.
const SLEEP_MAX: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Clone)]
pub struct PacedClock {
    origin: Timestamp,
    started: tokio::time::Instant,
    pace: u32,
}

impl PacedClock {
    /// Reads `origin` now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
    pub fn starting_at(origin: Timestamp, pace: u32) -> Self {
        Self {
            origin,
            started: tokio::time::Instant::now(),
            pace: pace.max(1),
        }
    }

    /// The computer's own time.
    pub fn system() -> Self {
        Self::starting_at(system_now(), 1)
    }

    /// A clock that read `origin` when the computer's read `since`, and has run `pace` times as fast from then on. Two processes
    /// that are given the same three agree on the time.
    pub fn scaled(origin: Timestamp, since: Timestamp, pace: u32) -> Self {
        let elapsed = system_now().since(since);
        Self::starting_at(origin.plus(elapsed * pace.max(1)), pace)
    }

    pub fn pace(&self) -> u32 {
        self.pace
    }
}

/// The computer's time.
#[expect(
    clippy::disallowed_methods,
    reason = "only the binary asks the computer what time it is, and only here"
)]
pub fn system_now() -> Timestamp {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

#[async_trait]
impl Clock for PacedClock {
    fn now(&self) -> Timestamp {
        self.origin.plus(self.started.elapsed() * self.pace)
    }

    #[expect(clippy::disallowed_methods, reason = "this is how everybody else waits")]
    async fn sleep_until(&self, until: Timestamp) {
        loop {
            let left = until.since(self.now());
            if left.is_zero() {
                return;
            }
            // A microsecond more than the division says, so that a sleep never ends before its moment.
            tokio::time::sleep((left / self.pace + Duration::from_micros(1)).min(SLEEP_MAX)).await;
        }
    }
}
