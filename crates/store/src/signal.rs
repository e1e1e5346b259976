//! What tells the rest of the program that something was written: a counter and a wake-up.
//!
//! A signal only says *that* something changed. Whoever is woken looks for itself, and a timer makes up for signals that
//! were lost, so nothing depends on them for correctness.
//!
//! `tokio::sync::watch` is not used because it wakes its receivers in an order drawn at random; `Notify` wakes them in the
//! order in which they began to wait, so a simulation stays the same from run to run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Shared by a store and everyone who waits for its changes.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    /// Moves on with every change that is worth waking for.
    version: AtomicU64,
    notify: Notify,
    /// Units that were committed and changed something.
    units: AtomicU64,
    /// Commits that the database made for them.
    groups: AtomicU64,
}

impl Signal {
    /// Counts one commit that carried `units` units that changed something, and wakes those who wait.
    pub(crate) fn committed(&self, units: u64) {
        if units == 0 {
            // A claim that found nothing changed nothing: waking for it would keep idle workers awake for ever.
            return;
        }
        self.units.fetch_add(units, Ordering::Relaxed);
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.wake();
    }

    /// Wakes those who wait, because another process may have written something.
    pub(crate) fn wake(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
        self.notify.notify_waiters();
    }

    pub(crate) fn units(&self) -> u64 {
        self.units.load(Ordering::Relaxed)
    }

    pub(crate) fn groups(&self) -> u64 {
        self.groups.load(Ordering::Relaxed)
    }
}

/// A subscription to a store's changes.
#[derive(Debug, Clone)]
pub struct Changes {
    signal: Arc<Signal>,
    seen: u64,
}

impl Changes {
    pub(crate) fn new(signal: Arc<Signal>) -> Changes {
        let seen = signal.version.load(Ordering::SeqCst);
        Changes { signal, seen }
    }

    /// Waits until something was committed since this was created or last returned. Many commits may be one wake-up.
    /// Dropping the future loses nothing.
    pub async fn wait(&mut self) {
        loop {
            // Listening starts before looking, so a commit between the two is not missed.
            let signal = self.signal.clone();
            let notified = signal.notify.notified();
            if self.look() {
                return;
            }
            notified.await;
        }
    }

    /// Whether something was committed since this was created or last said so. Does not wait.
    pub fn look(&mut self) -> bool {
        let version = self.signal.version.load(Ordering::SeqCst);
        let moved = version != self.seen;
        self.seen = version;
        moved
    }
}
