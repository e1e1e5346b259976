//! Real time, for our own databases only.
//!
//! How long a statement may take and when a lost connection is made again is between this program and its database server,
//! which knows nothing of virtual time. A store in memory uses none of this, so a simulation never meets it; everything else
//! in the program is given the time.

use std::time::{Duration, Instant};

/// A moment to measure from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "the time that a statement takes is real")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Microseconds since it was started.
    #[expect(clippy::disallowed_methods, reason = "the time that a statement takes is real")]
    pub(crate) fn micros(&self) -> u64 {
        micros(self.0.elapsed())
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "the server's time is real")]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Holds this thread, which is the store's own.
#[expect(clippy::disallowed_methods, reason = "the disk's time is real")]
pub(crate) fn pause_thread(duration: Duration) {
    std::thread::sleep(duration);
}

/// The outcome of `work`, or nothing if it takes longer than `limit`.
#[expect(clippy::disallowed_methods, reason = "the server's time is real")]
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}
