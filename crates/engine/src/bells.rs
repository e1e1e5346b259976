//! Bells: how one part of a process tells another that a connection has something due, without asking the store.
//!
//! A bell only saves time. Whoever sleeps on it also wakes by the clock, and another process's work is heard through the store.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tokio::sync::Notify;

#[derive(Default)]
pub struct Bells {
    bells: Mutex<BTreeMap<Connection, std::sync::Arc<Bell>>>,
    closing: AtomicBool,
    close: Notify,
    hurry: Notify,
}

/// One connection's bell: rung with the moment at which something is due.
#[derive(Default)]
pub struct Bell {
    notify: Notify,
}

impl Bells {
    pub fn bell(&self, connection: &Connection) -> std::sync::Arc<Bell> {
        let mut bells = self.bells.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        bells.entry(connection.clone()).or_default().clone()
    }

    pub fn ring(&self, connection: &Connection) {
        self.bell(connection).notify.notify_waiters();
    }

    /// Something happened that we know nothing more about.
    pub fn ring_all(&self) {
        let bells = self.bells.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        bells.values().for_each(|bell| bell.notify.notify_waiters());
    }

    /// Somebody has asked for a round of a feed: each looks whether it is its own.
    pub fn hurry(&self) {
        self.hurry.notify_waiters();
    }

    /// Ready once somebody asks for a round.
    pub async fn hurried(&self) {
        self.hurry.notified().await;
    }

    /// Closing time: what is under way is finished, nothing new is begun, and workers come to their end.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.close.notify_waiters();
        self.ring_all();
    }

    pub fn closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Ready at closing time.
    pub async fn closed(&self) {
        // Listening begins before looking, so that closing in between is heard.
        let notified = self.close.notified();
        if !self.closing() {
            notified.await;
        }
    }
}

impl Bell {
    /// Ready once the bell rings after this was called.
    pub fn listen(&self) -> tokio::sync::futures::Notified<'_> {
        self.notify.notified()
    }
}

/// The earlier of two moments, where either may not be known.
pub fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
