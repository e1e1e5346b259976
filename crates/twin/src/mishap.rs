//! What may become of a record on its way into the list that is polled: left out for good, shown twice, or shown hours later.
//!
//! Real lists do this: a page is counted off while rows move, a queue is drained by somebody else, an index falls behind. A list that is
//! asked in another way has the record, and so has whoever asks for it by its id.

use serde::Serialize;

use crate::chance::Chance;
use crate::clock::Instant;
use crate::faults::{Counts, Faults, Kind, Span};

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Mishap {
    Dropped,
    Doubled,
    /// Not shown before then.
    Delayed(Instant),
}

/// How many times a list shows a record that has met with this, or with nothing.
pub(crate) fn times(mishap: Option<Mishap>, polled: bool, now: Instant) -> usize {
    match mishap {
        None => 1,
        Some(Mishap::Doubled) => 2,
        Some(Mishap::Dropped) => usize::from(!polled),
        Some(Mishap::Delayed(until)) => usize::from(!polled || until <= now),
    }
}

/// Draws what becomes of each record, from its own name, so that nothing else of a seed depends on it.
#[derive(Debug, Clone)]
pub(crate) struct Mishaps {
    seed: u64,
    dropped: u32,
    doubled: u32,
    delayed: u32,
    delayed_by: Span,
    counts: Counts,
}

impl Mishaps {
    pub(crate) fn new(seed: u64, faults: &Faults, counts: Counts) -> Self {
        Self {
            seed,
            dropped: faults.dropped,
            doubled: faults.doubled,
            delayed: faults.delayed,
            delayed_by: faults.delayed_by,
            counts,
        }
    }

    pub(crate) fn draw(&self, name: &str, at: Instant) -> Option<Mishap> {
        let mut chance = Chance::new(self.seed, &format!("mishap of {name}"));
        let (mishap, kind) = if chance.per_mille(self.dropped) {
            (Mishap::Dropped, Kind::DroppedMessage)
        } else if chance.per_mille(self.doubled) {
            (Mishap::Doubled, Kind::DoubledMessage)
        } else if chance.per_mille(self.delayed) {
            (Mishap::Delayed(at + self.delayed_by.draw(&mut chance)), Kind::DelayedMessage)
        } else {
            return None;
        };
        self.counts.add(kind);
        Some(mishap)
    }
}
