//! What one person may ask for at a time: so many searches a second, and two exports at once. Whoever asks for more is told to come again; what
//! others ask for is not held up.
//!
//! Kept in memory, by who asks. Wrong passwords are limited elsewhere (`engine::people`), and are counted in the store.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use futures_util::stream;
use tallyman_core::time::Timestamp;

use crate::api::problem::{Kind, Problem};

/// Searches a second, and as many may be saved up.
const SEARCHES_A_SECOND: u32 = 20;
const EXPORTS_AT_ONCE: u32 = 2;
/// More people than this at once have asked nothing lately, for the most part: those are forgotten.
const KNOWN_MAX: usize = 10_000;

/// Until when each has used up what they may search for, and how many exports each has under way.
#[derive(Debug, Default)]
pub struct Limits {
    searched: Mutex<BTreeMap<String, Timestamp>>,
    exporting: Arc<Mutex<BTreeMap<String, u32>>>,
}

/// A place among the exports; it is free again when this is dropped.
#[derive(Debug)]
#[must_use = "the place is free again when this is dropped"]
pub struct Place {
    who: String,
    exporting: Arc<Mutex<BTreeMap<String, u32>>>,
}

fn within<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn busy(detail: &str) -> Problem {
    Problem::new(Kind::TooMany, detail, "Ask again in some seconds.")
}

impl Limits {
    /// Somebody searches, once.
    pub fn searches(&self, who: &str, now: Timestamp) -> Result<(), Problem> {
        let each = Duration::from_secs(1) / SEARCHES_A_SECOND;
        let mut searched = within(&self.searched);
        if searched.len() >= KNOWN_MAX {
            searched.retain(|_, until| *until > now);
        }
        let until = searched.get(who).copied().unwrap_or(now).max(now);
        if until.since(now) + each > each * SEARCHES_A_SECOND {
            return Err(busy("You are searching faster than anybody reads."));
        }
        searched.insert(who.to_owned(), until.plus(each));
        Ok(())
    }

    /// Somebody exports, until the place is dropped.
    pub fn exports(&self, who: &str) -> Result<Place, Problem> {
        let mut exporting = within(&self.exporting);
        let under_way = exporting.entry(who.to_owned()).or_default();
        if *under_way >= EXPORTS_AT_ONCE {
            return Err(busy("Two exports of yours are under way."));
        }
        *under_way += 1;
        Ok(Place {
            who: who.to_owned(),
            exporting: self.exporting.clone(),
        })
    }
}

impl Place {
    /// What was exported, as a body that keeps the place until it has been taken or nobody wants it any more.
    pub fn holds(self, bytes: Vec<u8>) -> Body {
        Body::from_stream(stream::once(async move {
            let _place = self;
            Ok::<_, Infallible>(bytes)
        }))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut exporting = within(&self.exporting);
        match exporting.get_mut(&self.who) {
            Some(under_way) if *under_way > 1 => *under_way -= 1,
            Some(_) | None => drop(exporting.remove(&self.who)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_searches_so_often_a_second_and_others_are_not_held_up() {
        let limits = Limits::default();
        let at = |ms: i64| Timestamp::from_micros(1_000_000_000 + ms * 1_000);
        for _ in 0..SEARCHES_A_SECOND {
            limits.searches("jo", at(0)).unwrap();
        }
        assert!(limits.searches("jo", at(0)).is_err());
        limits.searches("sam", at(0)).unwrap();
        limits.searches("jo", at(50)).unwrap();
        assert!(limits.searches("jo", at(50)).is_err());
        for _ in 0..SEARCHES_A_SECOND {
            limits.searches("jo", at(5_000)).unwrap();
        }
    }

    #[test]
    fn two_exports_of_a_person_are_under_way_at_most() {
        let limits = Limits::default();
        let (one, _two) = (limits.exports("jo").unwrap(), limits.exports("jo").unwrap());
        assert!(limits.exports("jo").is_err());
        let _other = limits.exports("sam").unwrap();
        drop(one);
        let _again = limits.exports("jo").unwrap();
        assert!(limits.exports("jo").is_err());
    }
}
