//! How far long work has come: a plain line on standard error every few seconds, for whoever waits.
//!
//! In real time, since it is a person who waits; nothing is decided by it. What is quickly done says nothing.

use std::time::{Duration, Instant};

use crate::remark;

/// Often enough to see that it goes on, seldom enough to be read.
const EVERY: Duration = Duration::from_secs(3);

pub struct Progress {
    every: Duration,
    said: Instant,
}

impl Progress {
    /// The first line comes after a few seconds.
    pub fn new() -> Self {
        Self::every(EVERY)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a person waits in real time; nothing is decided by it"
    )]
    fn every(every: Duration) -> Self {
        Self {
            every,
            said: Instant::now(),
        }
    }

    /// Says how far it is, if nothing was said for a while.
    pub fn say(&mut self, line: impl FnOnce() -> String) {
        if self.due() {
            remark!("{}", line());
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a person waits in real time; nothing is decided by it"
    )]
    fn due(&mut self) -> bool {
        let due = self.said.elapsed() >= self.every;
        if due {
            self.said = Instant::now();
        }
        due
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quickly_done_says_nothing_and_what_takes_long_does() {
        assert!(!Progress::every(Duration::from_secs(3600)).due());
        let mut always = Progress::every(Duration::ZERO);
        assert!(always.due() && always.due());
    }
}
