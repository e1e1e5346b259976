//! Who may do what: rights, the levels that people are given, and the permits that come of asking.
//!
//! A person has grants: a level, at one company or at all, perhaps for some teams only. A token has rights instead of a level; it is given
//! out for one purpose. Both are an [`Actor`], and so is whoever types a command. Only [`Actor::may`] makes a [`Permit`], so a unit that
//! wants one cannot be built by whoever forgot to ask.
//!
//! [`credentials`] says which names and passwords will do, [`tries`] when somebody who was wrong may try again.
//!
//! Not here: how somebody proves who they are, and where any of it is kept.

mod actor;
pub mod credentials;
mod right;
pub mod single;
pub mod tries;

pub use actor::{Actor, Denied, Given, Grant, HOUSE, Kind, Nobodys, Permit, Where, Why, person, person_in, same_person};
pub use right::{Level, Right};

use std::time::Duration;

use crate::time::Timestamp;

/// A session ends so long after it began, whatever is done in it.
pub const SESSION_MAX: Duration = Duration::from_secs(12 * 3_600);
/// It ends before, if nothing is done in it for so long.
pub const IDLE_MAX: Duration = Duration::from_secs(3_600);
/// A link that makes an account usable does so for this long, and once.
pub const INVITATION_MAX: Duration = Duration::from_secs(3_600);

/// When a session ends in which nothing more is done from now on.
pub fn session_ends(begun: Timestamp, now: Timestamp) -> Timestamp {
    begun.plus(SESSION_MAX).min(now.plus(IDLE_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_puts_the_end_off_but_not_for_ever() {
        let begun = Timestamp::from_micros(0);
        let at = |hours: u64| begun.plus(Duration::from_secs(hours * 3_600));
        assert_eq!(session_ends(begun, begun), at(1));
        assert_eq!(session_ends(begun, at(5)), at(6));
        assert_eq!(session_ends(begun, at(12)), at(12));
    }
}
