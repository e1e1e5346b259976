//! The permits of one limit, shared by the kinds of work that want them.
//!
//! The generic cell rate algorithm keeps a limit as one instant: when every permit handed out so far has been earned. Here are
//! four of them: one for the whole limit, and one for each kind of work at its own share of the rate. What a kind has earned at
//! its share is kept for it, up to one piece of work; all else that the whole has saved is for whoever comes first. So a kind may
//! take *the whole less what is kept for the others*, and that is the only rule:
//!
//! - The limit holds whatever the kinds do, because nothing is granted that the whole has not saved.
//! - A kind always gets its share, because the whole has never saved less than what is kept for all of them together: both
//!   are spent alike, the shares come to one, and so do the kept pieces to no more than the burst.
//! - An unused share is not lost: what is kept for an idle kind stops growing, and the rest of the rate is free.
//!
//! Each share divides the whole, so the arithmetic is exact.
//!
//! Not here: what a piece of work really costs. It is taken to be two calls.

use super::Gcra;
use crate::time::{Timestamp, micros_of};

/// What one piece of work is taken to cost: a look and a send, or the two questions of a poll. So much is kept for each kind.
pub const PERMITS_PER_PIECE: u32 = 2;

/// The least burst: one piece of work for each kind.
pub const BURST_MIN: u32 = PERMITS_PER_PIECE * 3;

/// What a permit is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Effects: an order in, a release, a despatch, a confirmation.
    Urgent,
    /// Asking for what is new.
    Poll,
    /// Reference data and sweeps: nobody waits for them.
    Background,
}

/// The theoretical arrival times: instants at which what was handed out has been earned. All begin at [`Timestamp::ZERO`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    pub whole: Timestamp,
    pub urgent: Timestamp,
    pub poll: Timestamp,
    pub background: Timestamp,
}

/// What a kind of work may take now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub permits: u32,
    /// From when a piece of work may be taken, if nobody takes anything until then; now, if one may be taken already.
    pub next: Timestamp,
}

/// What the shares are parts of.
const PARTS: i128 = 6;

impl Work {
    pub const ALL: [Work; 3] = [Work::Urgent, Work::Poll, Work::Background];

    /// Its share of the rate: a half, a third, a sixth. Each number divides [`PARTS`], and they come to it.
    const fn parts(self) -> i128 {
        match self {
            Work::Urgent => 3,
            Work::Poll => 2,
            Work::Background => 1,
        }
    }
}

impl Default for Marks {
    fn default() -> Marks {
        Marks {
            whole: Timestamp::ZERO,
            urgent: Timestamp::ZERO,
            poll: Timestamp::ZERO,
            background: Timestamp::ZERO,
        }
    }
}

impl Marks {
    fn of(&self, work: Work) -> Timestamp {
        match work {
            Work::Urgent => self.urgent,
            Work::Poll => self.poll,
            Work::Background => self.background,
        }
    }
}

impl Gcra {
    /// What this kind of work may take at `now`.
    pub fn room(&self, marks: &Marks, work: Work, now: Timestamp) -> Room {
        let interval = self.interval();
        if interval == 0 {
            return Room {
                permits: u32::MAX,
                next: now,
            };
        }
        let permits_at = |instant| self.free(marks, work, instant) / (PARTS * interval);
        let now_micros = i128::from(now.micros());
        let permits = u32::try_from(permits_at(now_micros)).unwrap_or(u32::MAX);
        if permits >= PERMITS_PER_PIECE {
            return Room { permits, next: now };
        }
        // Once there is enough it stays so while nobody takes anything: what is kept for the others can only grow to its limit,
        // and beside that a full burst has room for one piece more. So the first such instant is found by halving.
        let enough = |wait: i128| permits_at(now_micros + wait) >= i128::from(PERMITS_PER_PIECE);
        let mut too_late = interval;
        while !enough(too_late) {
            too_late *= 2;
        }
        let mut too_soon = 0;
        while too_late - too_soon > 1 {
            let between = too_soon + (too_late - too_soon) / 2;
            if enough(between) {
                too_late = between;
            } else {
                too_soon = between;
            }
        }
        Room {
            permits,
            next: instant(now_micros + too_late),
        }
    }

    /// The marks after this kind of work has taken so many permits, which [`Gcra::room`] must have granted.
    pub fn spend(&self, marks: &Marks, work: Work, now: Timestamp, permits: u32) -> Marks {
        let interval = self.interval();
        if interval == 0 || permits == 0 {
            return *marks;
        }
        let (taken, now) = (i128::from(permits), i128::from(now.micros()));
        let whole = i128::from(marks.whole.micros()).max(now) + interval * taken;
        // What is taken beyond its own is borrowed from nobody: it is no debt.
        let (own, own_interval) = (i128::from(marks.of(work).micros()), interval * PARTS / work.parts());
        let spent = (own.max(now) + own_interval * taken).min(now + own_interval * i128::from(PERMITS_PER_PIECE));
        let own = instant(spent.max(own));
        let marks = Marks {
            whole: instant(whole),
            ..*marks
        };
        match work {
            Work::Urgent => Marks { urgent: own, ..marks },
            Work::Poll => Marks { poll: own, ..marks },
            Work::Background => Marks {
                background: own,
                ..marks
            },
        }
    }

    /// Permits that the whole has saved, whoever may take them.
    pub fn saved(&self, marks: &Marks, now: Timestamp) -> u32 {
        let interval = self.interval();
        let most = interval * i128::from(self.burst.max(BURST_MIN));
        let saved = (i128::from(now.micros()) + most - i128::from(marks.whole.micros())).clamp(0, most);
        saved
            .checked_div(interval)
            .map_or(u32::MAX, |permits| u32::try_from(permits).unwrap_or(u32::MAX))
    }

    /// What the whole has saved less what is kept for the other kinds, in parts of a microsecond.
    fn free(&self, marks: &Marks, work: Work, now: i128) -> i128 {
        let saved = |mark: Timestamp, interval: i128, most: u32| {
            let most = interval * i128::from(most);
            (now + most - i128::from(mark.micros())).clamp(0, most)
        };
        let interval = self.interval();
        let whole = PARTS * saved(marks.whole, interval, self.burst.max(BURST_MIN));
        let kept: i128 = Work::ALL
            .into_iter()
            .filter(|other| *other != work)
            .map(|other| other.parts() * saved(marks.of(other), interval * PARTS / other.parts(), PERMITS_PER_PIECE))
            .sum();
        (whole - kept).max(0)
    }

    fn interval(&self) -> i128 {
        i128::from(micros_of(self.interval))
    }
}

fn instant(micros: i128) -> Timestamp {
    i64::try_from(micros).map_or(Timestamp::MAX, Timestamp::from_micros)
}

#[cfg(test)]
mod tests;
