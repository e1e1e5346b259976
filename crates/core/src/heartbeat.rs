//! Heartbeats: every feed says how often it ought to do something, and its silence is an exception.
//!
//! A feed that fails is tried again at once and again, so what is looked at is when it last *finished* a round, not whether somebody
//! works at it. A machine that was off for a weekend is no finding of the feed: what begins to work again gets its time first.
//!
//! Not here: what explains a silence (a connection that pauses, a sign-in that was lost), and the cards (`engine::heartbeat`).

use std::time::Duration;

use serde::Serialize;

use crate::cause::Cause;
use crate::finding::{Code, Finding};
use crate::time::Timestamp;

/// A feed is late after so many of its intervals, but never before [`LATE_AT_LEAST`]: an outage of some minutes is daily life.
const LATE_INTERVALS: u32 = 2;
const LATE_AT_LEAST: Duration = Duration::from_secs(15 * 60);
/// And silent after so many.
const SILENT_INTERVALS: u32 = 4;
const SILENT_AT_LEAST: Duration = Duration::from_secs(60 * 60);

/// How a feed stands. Ordered: the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Beat {
    Well,
    Late,
    Silent,
}

impl Beat {
    /// How a feed stands that comes round so often, and has done nothing for so long.
    pub fn of(every: Duration, quiet: Duration) -> Self {
        let limit = |intervals, at_least: Duration| every.saturating_mul(intervals).max(at_least);
        if quiet > limit(SILENT_INTERVALS, SILENT_AT_LEAST) {
            Self::Silent
        } else if quiet > limit(LATE_INTERVALS, LATE_AT_LEAST) {
            Self::Late
        } else {
            Self::Well
        }
    }

    /// The code of its card, if it has one.
    pub fn code(self) -> Option<Code> {
        match self {
            Self::Well => None,
            Self::Late => Some(Code::FeedLate),
            Self::Silent => Some(Code::FeedSilent),
        }
    }
}

/// Why nothing comes from a feed, where something else says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explained {
    No,
    /// The connection pauses. A limit that is met again and again pauses it for a minute at a time: that puts off a card, and takes off none.
    Paused,
    /// The connection has a card of its own, which this joins.
    Joined,
}

/// What is known of one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    pub name: String,
    pub every: Duration,
    pub done_at: Timestamp,
}

impl Feed {
    /// How it stands, whoever looks.
    pub fn beat(&self, now: Timestamp) -> Beat {
        Beat::of(self.every, now.since(self.done_at))
    }

    /// What its card should say. `since` is when whoever looks began to work, `on_card` what stands. A card goes up only for
    /// what was quiet while somebody worked, and comes off when the feed has done something or joins another card.
    pub fn card(&self, now: Timestamp, since: Timestamp, on_card: Option<Beat>, explained: Explained) -> Option<Beat> {
        let found = self.beat(now);
        let told_otherwise = match explained {
            Explained::No => false,
            Explained::Paused => on_card.is_none(),
            Explained::Joined => true,
        };
        if told_otherwise || found == Beat::Well {
            return None;
        }
        // What stands on a card was seen to be quiet, by whoever put it up.
        let seen = match on_card {
            Some(_) => found,
            None => Beat::of(self.every, now.since(self.done_at.max(since))),
        };
        Some(seen).filter(|seen| *seen != Beat::Well)
    }

    /// The finding of a feed that stands like this.
    pub fn finding(&self, code: Code, now: Timestamp) -> Finding {
        let sentence = format!(
            "Feed `{}` has finished nothing for {}; it ought to every {}. What it would have brought is not here.",
            self.name,
            in_words(now.since(self.done_at)),
            in_words(self.every)
        );
        Finding::new(code, Cause::Flow(self.name.clone()), sentence)
    }
}

/// A span of time as people say it, cut to its largest unit.
fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: u64 = 60;
    const HOUR: u64 = 3_600;
    const DAY: u64 = 86_400;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn feed(every: u64) -> Feed {
        Feed {
            name: "orders of vs".into(),
            every: seconds(every),
            done_at: Timestamp::ZERO,
        }
    }

    #[test]
    fn a_feed_is_late_and_then_silent_after_so_many_of_its_intervals() {
        for (every, quiet, expected) in [
            (MINUTE, 15 * MINUTE, Beat::Well),
            (MINUTE, 15 * MINUTE + 1, Beat::Late),
            (MINUTE, HOUR + 1, Beat::Silent),
            (HOUR, 2 * HOUR, Beat::Well),
            (HOUR, 2 * HOUR + 1, Beat::Late),
            (HOUR, 4 * HOUR + 1, Beat::Silent),
            (DAY, DAY + 6 * HOUR, Beat::Well),
            (DAY, 3 * DAY, Beat::Late),
            (DAY, 5 * DAY, Beat::Silent),
        ] {
            assert_eq!(Beat::of(seconds(every), seconds(quiet)), expected, "{every} {quiet}");
        }
    }

    #[test]
    fn whoever_begins_to_work_gives_a_feed_its_time() {
        let (feed, now) = (feed(MINUTE), Timestamp::ZERO.plus(seconds(3 * DAY)));
        assert_eq!(feed.beat(now), Beat::Silent);
        assert_eq!(feed.card(now, now.minus(seconds(MINUTE)), None, Explained::No), None);
        assert_eq!(
            feed.card(now, now.minus(seconds(20 * MINUTE)), None, Explained::No),
            Some(Beat::Late)
        );
        assert_eq!(feed.card(now, Timestamp::ZERO, None, Explained::No), Some(Beat::Silent));
        // Another worker has put up a card: one that has just begun does not take it off.
        assert_eq!(feed.card(now, now, Some(Beat::Silent), Explained::No), Some(Beat::Silent));
        assert_eq!(feed.card(now, now, Some(Beat::Late), Explained::No), Some(Beat::Silent));
    }

    #[test]
    fn a_card_comes_off_when_the_feed_has_done_something_or_joins_another() {
        let now = Timestamp::ZERO.plus(seconds(3 * DAY));
        let done = Feed {
            done_at: now.minus(seconds(MINUTE)),
            ..feed(MINUTE)
        };
        assert_eq!(done.card(now, Timestamp::ZERO, Some(Beat::Silent), Explained::No), None);
        assert_eq!(
            feed(MINUTE).card(now, Timestamp::ZERO, Some(Beat::Silent), Explained::Joined),
            None
        );
    }

    #[test]
    fn a_pause_puts_off_a_card_and_takes_off_none() {
        let now = Timestamp::ZERO.plus(seconds(3 * DAY));
        let card = |on_card| feed(MINUTE).card(now, Timestamp::ZERO, on_card, Explained::Paused);
        assert_eq!(card(None), None);
        assert_eq!(card(Some(Beat::Late)), Some(Beat::Silent));
        assert_eq!(card(Some(Beat::Silent)), Some(Beat::Silent));
    }

    #[test]
    fn a_finding_says_how_long_and_how_often() {
        let finding = feed(MINUTE).finding(Code::FeedSilent, Timestamp::ZERO.plus(seconds(3 * HOUR)));
        assert_eq!(finding.cause, Cause::Flow("orders of vs".into()));
        assert_eq!(
            finding.sentence,
            "Feed `orders of vs` has finished nothing for 3 hours; it ought to every 60 seconds. What it would have brought is not here."
        );
    }

    proptest! {
        #[test]
        fn the_longer_it_is_quiet_the_worse_it_stands(every in 1_u64..200_000, quiet in 0_u64..2_000_000, more in 0_u64..2_000_000) {
            let beat = |quiet| Beat::of(seconds(every), seconds(quiet));
            prop_assert!(beat(quiet) <= beat(quiet + more));
            prop_assert!(quiet > every || beat(quiet) == Beat::Well);
        }
    }
}
