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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn key(n: u32) -> Fingerprint {
        Fingerprint::derive("acme", &n.to_string(), "release")
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::ZERO.plus(SECOND * u32::try_from(seconds).expect("a small number"))
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
    fn a_burst_is_spent_at_once_and_earned_back_one_by_one() {
        let limit = Gcra {
            interval: SECOND,
            burst: 3,
        };
        let (granted, tat, next) = limit.reserve(Timestamp::ZERO, at(100), 5);
        assert_eq!((granted, next), (3, at(101)));
        let (granted, same, next) = limit.reserve(tat, at(100), 1);
        assert_eq!((granted, same, next), (0, tat, at(101)));
        let (granted, tat, _) = limit.reserve(tat, at(102), 5);
        assert_eq!(granted, 2);
        let (granted, _, next) = limit.reserve(tat, at(110), 1);
        assert_eq!((granted, next), (1, at(110)), "two of the burst are left");
    }

    #[test]
    fn no_interval_is_no_limit_and_no_burst_still_lets_one_through() {
        assert_eq!(
            Gcra {
                interval: Duration::ZERO,
                burst: 1
            }
            .reserve(at(9), at(1), 500),
            (500, at(9), at(1))
        );
        assert_eq!(
            Gcra {
                interval: SECOND,
                burst: 0
            }
            .reserve(at(0), at(5), 2),
            (1, at(6), at(6))
        );
    }

    #[test]
    fn the_ends_of_the_range_do_not_overflow() {
        let limit = Gcra {
            interval: Duration::MAX,
            burst: u32::MAX,
        };
        assert_eq!(limit.reserve(Timestamp::ZERO, Timestamp::MAX, u32::MAX).0, u32::MAX);
        assert_eq!(limit.reserve(Timestamp::MAX, Timestamp::MIN, 1).0, 1);
        let backoff = Backoff {
            first: Duration::MAX,
            factor_tenths: u32::MAX,
            max: Duration::MAX,
        };
        assert!(backoff.pause(u32::MAX, &key(1)) > SECOND);
    }

    proptest! {
        /// The promise of a rate limit: however the calls come, no stretch of time sees more than its share and one burst.
        #[test]
        fn no_stretch_of_time_sees_more_than_its_share(
            interval_ms in 1_u64..2_000,
            burst in 1_u32..10,
            calls in proptest::collection::vec((0_u64..3_000, 0_u32..12), 1..40),
        ) {
            let limit = Gcra { interval: Duration::from_millis(interval_ms), burst };
            let (mut now, mut tat) = (Timestamp::ZERO, Timestamp::ZERO);
            let mut grants: Vec<(Timestamp, u64)> = Vec::new();
            for (gap_ms, wanted) in calls {
                now = now.plus(Duration::from_millis(gap_ms));
                let (granted, new_tat, next) = limit.reserve(tat, now, wanted);
                prop_assert!(granted <= wanted && new_tat >= tat && next >= now);
                if granted < wanted {
                    let just_before = next.minus(Duration::from_micros(1));
                    prop_assert_eq!(limit.reserve(new_tat, next, 1).0, 1, "what was promised is kept");
                    prop_assert_eq!(limit.reserve(new_tat, just_before, 1).0, 0, "and not a moment sooner");
                }
                tat = new_tat;
                grants.push((now, u64::from(granted)));
            }
            for (i, (start, _)) in grants.iter().enumerate() {
                let mut total = 0;
                for (end, granted) in &grants[i..] {
                    total += granted;
                    let earned = end.since(*start).as_micros() / Duration::from_millis(interval_ms).as_micros();
                    prop_assert!(u128::from(total) <= earned + u128::from(burst));
                }
            }
        }

        #[test]
        fn a_replay_waits_exactly_as_long(first_ms in 0_u64..100_000, factor_tenths in 0_u32..60, max_ms in 0_u64..1_000_000, attempt in 0_u32..200) {
            let backoff = Backoff { first: Duration::from_millis(first_ms), factor_tenths, max: Duration::from_millis(max_ms) };
            let pause = backoff.pause(attempt, &key(7));
            prop_assert_eq!(pause, backoff.pause(attempt, &key(7)));
            prop_assert!(pause <= backoff.max);
        }
    }
}
