//! When to try again and how fast to call, as pure functions.
//!
//! Several workers share a vendor's limit and any of them may die, so neither a retry nor a limit can live in a process.
//! Both come down to one stored number: a due time for an effect, a theoretical arrival time for a limit. What is here
//! computes the next value of that number from the last; the store keeps it and hands it out under a lock.
//!
//! Spreading is derived from the effect's fingerprint instead of drawn, so a replay waits exactly as long.
//!
//! Not here: which answers are worth another try (`effect`), and what a vendor's own "retry after" says, which goes first.

use crate::fingerprint::Fingerprint;
use crate::time::{Timestamp, micros_of};
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

/// A rate limit as one number, the generic cell rate algorithm: a permit every `interval`, and up to `burst` saved up.
///
/// The number is the theoretical arrival time, the instant at which every permit handed out so far has been earned. It
/// starts at [`Timestamp::ZERO`] and only this function moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gcra {
    /// The time one permit takes to be earned. Zero means no limit.
    #[serde(rename = "interval_ms", with = "as_millis")]
    pub interval: Duration,
    /// How many can be taken at once after a rest. Zero counts as one, or nothing would ever go.
    pub burst: u32,
}

impl Gcra {
    /// Takes up to `wanted` permits at `now`. Answers with how many were granted, the new theoretical arrival time to
    /// store, and the earliest instant at which another permit can be had.
    pub fn reserve(&self, tat: Timestamp, now: Timestamp, wanted: u32) -> (u32, Timestamp, Timestamp) {
        let interval = i128::from(micros_of(self.interval));
        if interval == 0 {
            return (wanted, tat, now);
        }
        let now_micros = i128::from(now.micros());
        let start = i128::from(tat.micros()).max(now_micros);
        let tolerance = interval * i128::from(self.burst.max(1));
        let room = ((now_micros + tolerance - start) / interval).max(0);
        let granted = u32::try_from(room).unwrap_or(u32::MAX).min(wanted);
        let new_tat = if granted == 0 {
            i128::from(tat.micros())
        } else {
            start + interval * i128::from(granted)
        };
        let next = (new_tat + interval - tolerance).max(now_micros);
        (granted, instant(new_tat), instant(next))
    }
}

fn instant(micros: i128) -> Timestamp {
    i64::try_from(micros).map_or(Timestamp::MAX, Timestamp::from_micros)
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
