//! The twin's time: instants in microseconds since 1970, UTC, at the pace of the program that runs it.
//!
//! On tokio's paused clock it is virtual time; with a pace of 60 an hour of the twin passes in a minute.

use std::time::Duration;

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Instant = i64;

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;

#[derive(Debug, Clone)]
pub struct Clock {
    origin: Instant,
    started: tokio::time::Instant,
    pace: u32,
}

impl Clock {
    /// A clock that reads `origin` now, and then runs `pace` times as fast as tokio's.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn starting_at(origin: Instant, pace: u32) -> Self {
        Self {
            origin,
            started: tokio::time::Instant::now(),
            pace: pace.max(1),
        }
    }

    pub fn now(&self) -> Instant {
        let elapsed = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.origin.saturating_add(elapsed.saturating_mul(i64::from(self.pace)))
    }

    /// Waits for this many microseconds of the twin's time.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub async fn sleep(&self, micros: i64) {
        let micros = u64::try_from(micros).unwrap_or(0) / u64::from(self.pace);
        tokio::time::sleep(Duration::from_micros(micros)).await;
    }
}
