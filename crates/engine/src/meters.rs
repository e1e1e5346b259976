//! What this process has done since it began, counted as it is done: calls and how long their answers took, and what came of attempts.
//!
//! They are counters in memory: to read them costs nothing, whatever the store holds. Names of connections, kinds of writes and a closed list
//! of words; never anything of a record.
//!
//! Not here: how everything stands ([`crate::telemetry`]), and how it is written down for whoever collects it (`web`).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tallyman_core::ident::Connection;
use tallyman_core::seam::{Lost, Reply};

/// Upper bounds of the buckets of a timing, in milliseconds. A call is given up after a minute.
pub const BOUNDS_MS: [u64; 9] = [25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 60_000];

/// How long things took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timing {
    pub count: u64,
    pub sum: Duration,
    /// How many took at most so long, by [`BOUNDS_MS`], and the rest; each is counted in one.
    pub buckets: [u64; BOUNDS_MS.len() + 1],
}

impl Timing {
    fn add(&mut self, took: Duration) {
        self.count += 1;
        self.sum += took;
        let place = BOUNDS_MS.iter().position(|bound| took <= Duration::from_millis(*bound));
        self.buckets[place.unwrap_or(BOUNDS_MS.len())] += 1;
    }
}

/// All that was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// By connection, and by how it answered.
    pub calls: BTreeMap<(String, &'static str), Timing>,
    /// By connection, kind of write, and outcome.
    pub attempts: BTreeMap<(String, String, &'static str), u64>,
}

/// The counters of a process.
#[derive(Debug, Default)]
pub struct Meters(Mutex<Counted>);

impl Meters {
    /// A call was made, and answered or not.
    pub fn called(&self, connection: &Connection, reply: &Result<Reply, Lost>, took: Duration) {
        let answered = match reply {
            Ok(reply) => match reply.status {
                200..=299 => "well",
                429 => "throttled",
                400..=499 => "refused",
                _ => "failed",
            },
            Err(_) => "lost",
        };
        self.with(|counted| counted.calls.entry((connection.to_string(), answered)).or_default().add(took));
    }

    /// An attempt at a write came to something; its outcome is one of a closed list of words.
    pub fn attempted(&self, connection: &Connection, kind: &str, outcome: &'static str) {
        let key = (connection.to_string(), kind.to_owned(), outcome);
        self.with(|counted| *counted.attempts.entry(key).or_default() += 1);
    }

    /// As it stands now.
    pub fn counted(&self) -> Counted {
        self.with(|counted| counted.clone())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Counted) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_counted_in_one_bucket_and_by_how_it_was_answered() {
        let meters = Meters::default();
        let at = Connection::new("books");
        let reply = |status| {
            Ok(Reply {
                status,
                headers: Vec::new(),
                body: Vec::new().into(),
            })
        };
        for (status, took_ms) in [(200, 20), (201, 25), (503, 70_000), (429, 26), (404, 1)] {
            meters.called(&at, &reply(status), Duration::from_millis(took_ms));
        }
        meters.called(&at, &Err(Lost::LeaseShort), Duration::ZERO);
        meters.attempted(&at, "draft", "done");
        meters.attempted(&at, "draft", "done");
        let counted = meters.counted();
        let of = |answered| &counted.calls[&("books".to_owned(), answered)];
        assert_eq!((of("well").count, of("well").buckets[0]), (2, 2));
        assert_eq!((of("failed").count, of("failed").buckets[BOUNDS_MS.len()]), (1, 1));
        assert_eq!((of("throttled").buckets[1], of("refused").count, of("lost").count), (1, 1, 1));
        assert_eq!(counted.attempts.values().copied().collect::<Vec<_>>(), [2]);
    }
}
