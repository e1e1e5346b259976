//! When somebody whose password was wrong may try again.
//!
//! Three numbers are kept: for a name from everywhere, and where it is known from where, for a name as it is tried from there and for the place. Whoever guesses from one
//! place is soon made to wait, and the person themselves, elsewhere, is not. The two others are wide; they stop whoever guesses from many
//! places, or many names. Nobody is locked out for ever, since that would let anybody lock out anybody.
//!
//! A try counts when it begins, and is given back when it was right: a thousand at the same instant are a thousand.

use std::net::IpAddr;
use std::time::Duration;

use crate::fingerprint::ContentHash;
use crate::pace::Gcra;
use crate::time::Timestamp;

/// How many wrong ones in a row are free, from one place.
const FREE: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// What was wrong so long ago does not count any more.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// Wrong ones that a name may have from everywhere together.
const A_NAME: Gcra = Gcra {
    interval: Duration::from_secs(60),
    burst: 60,
};
/// Wrong ones that may come from a place, which may be a whole office.
const A_PLACE: Gcra = Gcra {
    interval: Duration::from_secs(10),
    burst: 120,
};

/// What is kept of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How many in a row were wrong.
    pub wrong: u32,
    /// Of one that waits longer and longer: when the next may be made. Of a steady one: its theoretical arrival time.
    pub mark: Timestamp,
}

/// What is counted, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    NameFromPlace,
    Name,
    Place,
}

/// The subjects of one try, each with the key that it is kept under. What was typed as a name may be a password, so only a hash is kept.
pub fn subjects(name: &str, from: Option<IpAddr>) -> Vec<(Subject, String)> {
    let name = name.trim().to_lowercase();
    let place = from.and_then(place);
    let key = |text: String| ContentHash::of(text.as_bytes()).to_string();
    let mut all = vec![(Subject::Name, key(format!("name\n{name}")))];
    // Where no place is known, everybody would be at one, and a few wrong tries of anybody's would make the person wait themselves.
    if let Some(place) = place {
        all.push((Subject::NameFromPlace, key(format!("{place}\n{name}"))));
        all.push((Subject::Place, key(format!("place\n{place}"))));
    }
    all
}

/// The subject of a try at the code of somebody who is signed in already: whoever found their session open guesses as slowly.
pub fn of_code(person: &str) -> (Subject, String) {
    let key = ContentHash::of(format!("code\n{person}").as_bytes()).to_string();
    (Subject::NameFromPlace, key)
}

/// What one place is: an address, or the network of one house where addresses are plentiful. This machine is none, since whatever stands
/// before us (a reverse proxy) would be the place of everybody.
fn place(address: IpAddr) -> Option<String> {
    let address = address.to_canonical();
    match address {
        _ if address.is_loopback() || address.is_unspecified() => None,
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}:{d:x}"))
        }
    }
}

impl Subject {
    /// What is kept once one more try begins; or when it may.
    pub fn begin(self, kept: Option<Tries>, now: Timestamp) -> Result<Tries, Timestamp> {
        let fresh = Tries { wrong: 0, mark: now };
        let kept = kept.filter(|kept| now < kept.mark.plus(FORGOTTEN_AFTER)).unwrap_or(fresh);
        let wrong = kept.wrong.saturating_add(1);
        match self.limit() {
            None if now < kept.mark => Err(kept.mark),
            None => Ok(Tries {
                wrong,
                mark: now.plus(pause(wrong)),
            }),
            Some(gcra) => {
                let arrival = kept.mark.max(now);
                let saved = gcra.interval * gcra.burst.saturating_sub(1);
                if arrival.since(now) > saved {
                    return Err(arrival.minus(saved));
                }
                Ok(Tries {
                    wrong,
                    mark: arrival.plus(gcra.interval),
                })
            }
        }
    }

    /// What is kept once the try was right; nothing, where being right ends the row.
    pub fn was_right(self, kept: Tries) -> Option<Tries> {
        self.limit().map(|gcra| Tries {
            wrong: kept.wrong.saturating_sub(1),
            mark: kept.mark.minus(gcra.interval),
        })
    }

    fn limit(self) -> Option<Gcra> {
        match self {
            Self::NameFromPlace => None,
            Self::Name => Some(A_NAME),
            Self::Place => Some(A_PLACE),
        }
    }
}

/// How long to wait after so many wrong ones in a row.
fn pause(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE) {
        None => Duration::ZERO,
        // Ten doublings are far above the longest.
        Some(beyond) => (FIRST_PAUSE * (1 << beyond.min(10))).min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn five_are_free_then_each_waits_longer_up_to_a_limit_and_never_for_ever() {
        let mut now = NOW;
        let mut kept = None;
        let mut pauses = Vec::new();
        for _ in 0..14 {
            let tries = Subject::NameFromPlace.begin(kept, now).unwrap();
            let pause = tries.mark.since(now);
            if pause > Duration::ZERO {
                let early = tries.mark.minus(Duration::from_micros(1));
                assert_eq!(Subject::NameFromPlace.begin(Some(tries), early), Err(tries.mark));
            }
            pauses.push(pause.as_secs());
            now = tries.mark;
            kept = Some(tries);
        }
        assert_eq!(pauses, [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
    }

    #[test]
    fn being_right_ends_the_row_and_so_does_a_day() {
        let tries = Tries { wrong: 9, mark: NOW };
        assert_eq!(Subject::NameFromPlace.was_right(tries), None);
        let later = Subject::NameFromPlace.begin(Some(tries), NOW.plus(FORGOTTEN_AFTER)).unwrap();
        assert_eq!(later.wrong, 1);
    }

    #[test]
    fn a_thousand_at_one_instant_are_as_many_as_may_be_saved_up() {
        for (subject, burst, every) in [(Subject::Name, 60, 60), (Subject::Place, 120, 10)] {
            let mut kept = None;
            let mut taken = 0;
            let mut until = NOW;
            for _ in 0..1_000 {
                match subject.begin(kept, NOW) {
                    Ok(tries) => {
                        taken += 1;
                        kept = Some(tries);
                    }
                    Err(at) => until = at,
                }
            }
            assert_eq!(taken, burst);
            assert_eq!(until, NOW.plus(seconds(every)));
            assert!(subject.begin(kept, until).is_ok(), "one more is earned by then");
            // A right one leaves no trace.
            let before = kept.unwrap();
            let after = subject.begin(kept, until).unwrap();
            assert_eq!(subject.was_right(after).unwrap().mark, before.mark.max(until));
        }
    }

    #[test]
    fn a_place_is_an_address_or_a_network_and_never_this_machine() {
        let of = |text: &str| place(text.parse().unwrap());
        assert_eq!(of("203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(of("::ffff:203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        for here in ["127.0.0.1", "::1", "0.0.0.0"] {
            assert_eq!(of(here), None, "{here}");
        }
    }

    #[test]
    fn keys_tell_names_and_places_apart_and_hold_neither() {
        let one = subjects("Anna", Some("203.0.113.7".parse().unwrap()));
        assert_eq!(one, subjects(" anna ", Some("203.0.113.7".parse().unwrap())));
        assert_eq!(one.len(), 3);
        let elsewhere = subjects("anna", Some("203.0.113.8".parse().unwrap()));
        assert_eq!(one[0], elsewhere[0]);
        assert!(one[1] != elsewhere[1] && one[2] != elsewhere[2]);
        assert_eq!(
            subjects("anna", None),
            one[..1],
            "nobody is made to wait for what somebody elsewhere typed"
        );
        assert!(one.iter().all(|(_, key)| key.len() == 64));
    }
}
