//! What tells the rest of the program that something was written: a counter, a wake-up, and the names of what was written.
//!
//! A signal says *that* something changed, and to those who show it, what ([`Told`]). Whoever is woken looks for itself, and a timer makes up for signals that
//! were lost, so nothing depends on them for correctness.
//!
//! `tokio::sync::watch` is not used because it wakes its receivers in an order drawn at random; `Notify` wakes them in the
//! order in which they began to wait, so a simulation stays the same from run to run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tallyman_core::topic::Topics;
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
    /// What has been named since each of those who want names last asked.
    told: Mutex<Vec<Listener>>,
}

impl Signal {
    /// Counts one commit that carried `units` units that changed something, and wakes those who wait.
    pub(crate) fn committed(&self, units: u64, touched: &Topics) {
        if units == 0 {
            // A claim that found nothing changed nothing: waking for it would keep idle workers awake for ever.
            return;
        }
        self.units.fetch_add(units, Ordering::Relaxed);
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.tell(touched, Whose::Ours);
        self.moved();
    }

    /// Wakes those who wait, because another process may have written this.
    pub(crate) fn wake(&self, touched: &Topics) {
        self.tell(touched, Whose::Anybodys);
        self.moved();
    }

    /// Names them to those who want to hear of them, and forgets who has gone.
    fn tell(&self, touched: &Topics, whose: Whose) {
        if touched.is_empty() {
            return;
        }
        lock(&self.told).retain(|listener| {
            let Some(gathered) = listener.gathered.upgrade() else {
                return false;
            };
            if whose == Whose::Ours || listener.wants == Whose::Anybodys {
                lock(&gathered).join(touched);
            }
            true
        });
    }

    fn moved(&self) {
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

/// Whose commits somebody wants to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// This process's: what others have told is not told again.
    Ours,
    Anybodys,
}

#[derive(Debug)]
struct Listener {
    wants: Whose,
    gathered: Weak<Mutex<Topics>>,
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A subscription to the names of what changes. What is not asked for is gathered, within a bound.
#[derive(Debug)]
pub struct Told {
    changes: Changes,
    gathered: Arc<Mutex<Topics>>,
}

impl Told {
    pub(crate) fn new(signal: Arc<Signal>, wants: Whose) -> Told {
        let gathered = Arc::new(Mutex::new(Topics::none()));
        lock(&signal.told).push(Listener {
            wants,
            gathered: Arc::downgrade(&gathered),
        });
        Told {
            changes: Changes::new(signal),
            gathered,
        }
    }

    /// What was named since this was created or last asked. Does not wait.
    pub fn take(&self) -> Topics {
        std::mem::take(&mut *lock(&self.gathered))
    }

    /// Waits until something is named. Dropping the future loses nothing.
    pub async fn wait(&mut self) {
        while lock(&self.gathered).is_empty() {
            self.changes.wait().await;
        }
    }
}
