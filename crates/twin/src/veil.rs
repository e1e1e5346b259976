//! Lists that lag behind the books: what a row looked like before a write, and until when lists still show that.
//!
//! A lagging copy takes writes in their order, so a later write to a row never shows before an earlier one.

use std::collections::BTreeMap;

use crate::clock::Instant;

#[derive(Debug, Clone)]
pub struct Veil<K, T> {
    past: BTreeMap<K, Vec<Past<T>>>,
}

#[derive(Debug, Clone)]
struct Past<T> {
    until: Instant,
    /// `None`: the row did not exist.
    row: Option<T>,
}

impl<K, T> Default for Veil<K, T> {
    fn default() -> Self {
        Self { past: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, T> Veil<K, T> {
    /// The row is written now; lists show what it was `before` for `lag` more (nought: not at all, unless an earlier write is
    /// still hidden).
    pub fn draw(&mut self, key: K, before: Option<T>, now: Instant, lag: i64) {
        let past = self.past.entry(key.clone()).or_default();
        past.retain(|past| past.until > now);
        let until = past.last().map_or(now, |last| last.until).max(now.saturating_add(lag));
        if until > now {
            past.push(Past { until, row: before });
        } else {
            self.past.remove(&key);
        }
    }

    /// What lists show of a row that is now `current`.
    pub fn seen<'a>(&'a self, key: &K, current: Option<&'a T>, now: Instant) -> Option<&'a T> {
        match self.past.get(key).and_then(|past| past.iter().find(|past| past.until > now)) {
            Some(past) => past.row.as_ref(),
            None => current,
        }
    }

    /// Whether lists show something else than the books.
    pub fn is_drawn(&self, key: &K, now: Instant) -> bool {
        self.past
            .get(key)
            .is_some_and(|past| past.iter().any(|past| past.until > now))
    }

    /// Keys whose row lists show differently now; among them are rows that are gone from the books.
    pub fn keys(&self, now: Instant) -> impl Iterator<Item = &K> {
        self.past
            .iter()
            .filter(move |(_, past)| past.iter().any(|past| past.until > now))
            .map(|(key, _)| key)
    }

    /// Forgets what no list shows any more.
    pub fn clear(&mut self, now: Instant) {
        self.past.retain(|_, past| past.iter().any(|past| past.until > now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_row_is_hidden_until_its_lag_is_over() {
        let mut veil = Veil::default();
        veil.draw(1, None, 100, 50);
        assert_eq!(veil.seen(&1, Some(&"new"), 149), None);
        assert_eq!(veil.seen(&1, Some(&"new"), 150), Some(&"new"));
    }

    #[test]
    fn a_later_write_does_not_show_before_an_earlier_one() {
        let mut veil = Veil::default();
        veil.draw(1, Some("first"), 100, 50);
        veil.draw(1, Some("second"), 110, 0);
        veil.draw(1, Some("third"), 120, 80);
        assert_eq!(veil.seen(&1, Some(&"fourth"), 149), Some(&"first"));
        assert_eq!(veil.seen(&1, Some(&"fourth"), 150), Some(&"third"));
        assert_eq!(veil.seen(&1, Some(&"fourth"), 200), Some(&"fourth"));
    }
}
