//! When to try again and how fast to call, as pure functions.
//!
//! Several workers share a vendor's limit and any of them may die, so neither a retry nor a limit can live in a process.
//! Both come down to stored numbers: a due time for an effect, theoretical arrival times for a limit. What is here computes
//! the next value of a number from the last; the store keeps it and hands it out under a lock.
//!
//! Spreading is derived from the effect's fingerprint instead of drawn, so a replay waits exactly as long.
//!
//! Not here: which answers are worth another try (`effect`), and what a vendor's own "retry after" says, which goes first.

pub mod shares;

pub use shares::{BURST_MIN, Marks, PERMITS_PER_PIECE, Room, Work};

use crate::fingerprint::Fingerprint;
use crate::time::micros_of;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Growing pauses between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Backoff {
    /// The pause after the first attempt.
    #[serde(rename = "first_ms", with = "as_millis")]
    pub first: Duration,
    /// How much longer each pause is than the one before, in tenths: 20 doubles. Below 10 counts as 10.
    pub factor_tenths: u32,
    /// No pause is longer.
    #[serde(rename = "max_ms", with = "as_millis")]
    pub max: Duration,
}

impl Backoff {
    /// How long to wait after attempt number `attempt`, counted from 1; 0 counts as 1.
    ///
    /// Up to a quarter is taken off by a number derived from the key and the attempt, so that what failed together does not
    /// come back together. The pause is never above `max`, and never below three quarters of what it would be.
    pub fn pause(&self, attempt: u32, spread_key: &Fingerprint) -> Duration {
        let max = micros_of(self.max).unsigned_abs();
        let mut pause = micros_of(self.first).unsigned_abs().min(max);
        let factor = u128::from(self.factor_tenths.max(10));
        for _ in 1..attempt {
            let longer = u64::try_from(u128::from(pause) * factor / 10).unwrap_or(u64::MAX).min(max);
            // At the limit, or not growing: no later round changes anything, however high the attempt.
            if longer == pause {
                break;
            }
            pause = longer;
        }
        Duration::from_micros(pause - spread(pause / 4, attempt.max(1), spread_key))
    }
}

/// A number from 0 to `most`, always the same for one key and attempt.
fn spread(most: u64, attempt: u32, key: &Fingerprint) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(key.as_str().as_bytes());
    hasher.update(attempt.to_be_bytes());
    let hash: [u8; 32] = hasher.finalize().into();
    let mut drawn = 0;
    for byte in &hash[..8] {
        drawn = (drawn << 8) | u64::from(*byte);
    }
    // The high half of the product: below most + 1, without the bias of a remainder.
    let scaled = (u128::from(drawn) * (u128::from(most) + 1)) >> 64;
    u64::try_from(scaled).expect("at most `most`")
}

/// A vendor's limit: a permit every `interval`, and up to `burst` saved up. [`shares`] hands its permits out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gcra {
    /// The time one permit takes to be earned. Zero means no limit.
    #[serde(rename = "interval_ms", with = "as_millis")]
    pub interval: Duration,
    /// How many can be taken at once after a rest. Less than [`BURST_MIN`] counts as that, or some kind of work would never go.
    pub burst: u32,
}

/// Durations in stored settings are whole milliseconds, and their names say so.
mod as_millis {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn key(n: u32) -> Fingerprint {
        Fingerprint::derive("acme", &n.to_string(), "release")
    }

    #[test]
    fn pauses_grow_to_the_limit_and_stay_there() {
        let backoff = Backoff {
            first: 4 * SECOND,
            factor_tenths: 20,
            max: 60 * SECOND,
        };
        let whole = [4, 8, 16, 32, 60, 60];
        for (attempt, seconds) in (1..).zip(whole) {
            let pause = backoff.pause(attempt, &key(1));
            assert!(
                pause <= seconds * SECOND && pause >= seconds * SECOND * 3 / 4,
                "attempt {attempt} waits {pause:?}"
            );
        }
        assert_eq!(backoff.pause(0, &key(1)), backoff.pause(1, &key(1)));
        assert!(backoff.pause(u32::MAX, &key(1)) <= 60 * SECOND);
    }

    #[test]
    fn what_failed_together_does_not_come_back_together() {
        let backoff = Backoff {
            first: 60 * SECOND,
            factor_tenths: 10,
            max: 60 * SECOND,
        };
        let pauses: std::collections::BTreeSet<_> = (0..100).map(|n| backoff.pause(1, &key(n))).collect();
        assert_eq!(pauses.len(), 100);
        assert!(pauses.first().expect("a hundred") < &(47 * SECOND) && pauses.last().expect("a hundred") > &(58 * SECOND));
    }

    #[test]
    fn settings_are_stored_in_milliseconds() {
        let backoff = Backoff {
            first: SECOND,
            factor_tenths: 15,
            max: 60 * SECOND,
        };
        let stored = serde_json::to_string(&backoff).expect("json");
        assert_eq!(stored, r#"{"first_ms":1000,"factor_tenths":15,"max_ms":60000}"#);
        assert_eq!(serde_json::from_str::<Backoff>(&stored).expect("json"), backoff);
    }

    #[test]
    fn the_ends_of_the_range_do_not_overflow() {
        let backoff = Backoff {
            first: Duration::MAX,
            factor_tenths: u32::MAX,
            max: Duration::MAX,
        };
        assert!(backoff.pause(u32::MAX, &key(1)) > SECOND);
    }

    proptest! {
        #[test]
        fn a_replay_waits_exactly_as_long(first_ms in 0_u64..100_000, factor_tenths in 0_u32..60, max_ms in 0_u64..1_000_000, attempt in 0_u32..200) {
            let backoff = Backoff { first: Duration::from_millis(first_ms), factor_tenths, max: Duration::from_millis(max_ms) };
            let pause = backoff.pause(attempt, &key(7));
            prop_assert_eq!(pause, backoff.pause(attempt, &key(7)));
            prop_assert!(pause <= backoff.max);
        }
    }
}
