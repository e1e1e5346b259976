//! Where an effect stands, and how it moves. Pure: the pump and the store carry out what is said here.
//!
//! No answer is never failure and never success: it is [`State::Unknown`], and only a probe, or the rule of its class, leads on.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::rule::{AfterUnknown, CALL_TIMEOUT, LEASE_MARGIN, Rule};
use crate::cause::Cause;
use crate::document::LineRef;
use crate::finding::{Code, Finding};
use crate::fingerprint::Fingerprint;
use crate::pace::Backoff;
use crate::quantity::Quantity;
use crate::time::Timestamp;

/// How many sends, and how many absences since the last of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    pub sends: u32,
    pub absents: u32,
    /// Attempts that were put off (a lock, a limit, an outage) since the last send; they only make the pause grow.
    pub pauses: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Something that it comes after is not done.
    Waiting,
    Ready {
        due: Timestamp,
        tries: Tries,
    },
    /// A worker holds its lane and may be sending.
    Sending {
        tries: Tries,
    },
    /// It may have landed; `began` is the last instant at which sending may have begun.
    Unknown {
        due: Timestamp,
        began: Timestamp,
        tries: Tries,
    },
    /// A worker holds its lane and is asking.
    Probing {
        began: Timestamp,
        tries: Tries,
    },
    /// Stopped by an exception.
    Parked,
    Done,
    Superseded {
        by: Fingerprint,
    },
    Withdrawn {
        by: String,
    },
}

impl State {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready { .. } => "ready",
            Self::Sending { .. } => "sending",
            Self::Unknown { .. } => "unknown",
            Self::Probing { .. } => "probing",
            Self::Parked => "parked",
            Self::Done => "done",
            Self::Superseded { .. } => "superseded",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Finished: its lane may go on.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Done | Self::Superseded { .. } | Self::Withdrawn { .. })
    }

    /// When its lane should next be looked at; `None` when only something else can move it.
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Ready { due, .. } | Self::Unknown { due, .. } => Some(*due),
            Self::Waiting
            | Self::Sending { .. }
            | Self::Probing { .. }
            | Self::Parked
            | Self::Done
            | Self::Superseded { .. }
            | Self::Withdrawn { .. } => None,
        }
    }

    /// What was sent can no longer be taken back: an effect that has not been sent may be withdrawn or superseded.
    pub fn may_have_been_sent(&self) -> bool {
        match self {
            Self::Sending { .. } | Self::Unknown { .. } | Self::Probing { .. } | Self::Done => true,
            Self::Waiting | Self::Ready { .. } | Self::Parked | Self::Superseded { .. } | Self::Withdrawn { .. } => false,
        }
    }
}

/// What the other side says to a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Done(Receipt),
    /// A refusal of a call that is atomic: it was not carried out.
    Refused(Finding),
    /// It may have been carried out.
    Unknown(Doubt),
    /// It was certainly not carried out, and may be tried again.
    NotDone {
        why: String,
        retry_after: Option<Duration>,
        obstacle: Obstacle,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    NoAnswer(String),
    /// An answer that proves nothing: a server's error, a body we cannot read.
    Unreadable(String),
    /// A refusal of a call that is not atomic.
    NotAtomic(String),
    /// A refusal that is believed once it has been asked about and nothing is there: to send it again would be to be refused again.
    Refused(Finding),
}

impl Doubt {
    pub fn words(&self) -> &str {
        match self {
            Self::NoAnswer(words) | Self::Unreadable(words) | Self::NotAtomic(words) => words,
            Self::Refused(finding) => &finding.sentence,
        }
    }
}

/// What kept a write from being carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The record is open at someone's desk; only this effect waits.
    Locked,
    /// The vendor's limit: its whole connection pauses.
    Throttled,
    /// No connection was made: its whole connection pauses.
    Down,
    /// Nobody is let in, with the status that said so: its whole connection pauses.
    SignedOut(Option<u16>),
    /// Ours: the lease ran out before it was sent.
    Lease,
    /// A look or a read that could not be made, or is older than what we know.
    Read,
}

impl fmt::Display for Obstacle {
    /// What is kept of a connection's pause.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked => f.write_str("locked"),
            Self::Throttled => f.write_str("limit"),
            Self::Down => f.write_str("outage"),
            Self::SignedOut(Some(status)) => write!(f, "no sign-in {status}"),
            Self::SignedOut(None) => f.write_str("no sign-in"),
            Self::Lease => f.write_str("lease"),
            Self::Read => f.write_str("not read"),
        }
    }
}

/// What the other side says when asked whether a write landed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    Landed(Receipt),
    /// Not there; what was there instead, where that is the baseline for the next question.
    Absent(Option<Baseline>),
    /// Something is there that is not ours, or not as we sent it.
    Unclear(Finding),
    /// The question itself got no answer.
    NotAsked {
        why: String,
        retry_after: Option<Duration>,
        obstacle: Obstacle,
    },
}

/// What a finished effect leaves: ids of the other side, no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receipt {
    Draft {
        id: i64,
    },
    Order {
        id: i64,
        number: String,
        lines: Vec<(LineRef, i64)>,
    },
    Release {
        id: i64,
    },
    Despatch,
    Acknowledged,
    Confirmed,
    Deleted,
    /// The order of this number stands as it was agreed.
    Amended {
        number: String,
    },
    /// Whoever carries it has taken it.
    Told,
}

/// What it proves, with the other side's number: also the proof on a card.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draft { id } => write!(f, "draft {id}"),
            Self::Order { id, number, .. } => write!(f, "order {number}, id {id}"),
            Self::Release { id } => write!(f, "warehouse order {id}"),
            Self::Despatch => f.write_str("despatch posted"),
            Self::Acknowledged => f.write_str("acknowledged"),
            Self::Confirmed => f.write_str("confirmed"),
            Self::Deleted => f.write_str("deleted"),
            Self::Amended { number } => write!(f, "order {number} stands as agreed"),
            Self::Told => f.write_str("told"),
        }
    }
}

/// What had been despatched of each of the ledger's lines before an attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    pub despatched: Vec<(i64, Quantity)>,
}

/// Growing pauses for what was put off, spread so that many do not come back at once.
const PAUSE: Backoff = Backoff {
    first: Duration::from_secs(15),
    factor_tenths: 20,
    max: Duration::from_secs(300),
};

/// Sends without an answer, or with one that was never found to be true, after which a person is asked: more would be the same again.
pub const SENDS_MAX: u32 = 12;

/// What counts as sends of an effect that was refused: none is left, it is only asked about.
const REFUSED: u32 = SENDS_MAX + 1;

/// Pauses after which a person is told what is in the way: with the pauses above, about two hours. It goes on by itself.
pub const PAUSES_MAX: u32 = 27;

/// The longest that a vendor's word puts anything off. A time that is further away is a mistake, ours or theirs.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(15 * 60);

/// What a worker is to do with a lane's head that it has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    Send,
    Probe,
    /// Nothing now: a worker was lost while it may have been sending.
    Wait,
}

/// Takes the head of a lane whose lease is over. `lease_until` is when the last lease on it ended, if one was broken off.
pub fn claim(state: &State, rule: Rule, lease_until: Timestamp, now: Timestamp) -> Option<(State, Task)> {
    match *state {
        State::Ready { tries, .. } => Some((State::Sending { tries }, Task::Send)),
        State::Unknown { began, tries, .. } => Some((State::Probing { began, tries }, Task::Probe)),
        // Its worker was lost while asking: nothing was changed by that.
        State::Probing { began, tries } => Some((State::Probing { began, tries }, Task::Probe)),
        // Its worker was lost while it may have been sending. It would not have begun with less than this left of its lease.
        State::Sending { tries } => {
            let began = lease_until.minus(CALL_TIMEOUT).minus(LEASE_MARGIN).min(now);
            Some((unknown(rule, began, tries, now), Task::Wait))
        }
        State::Waiting | State::Parked | State::Done | State::Superseded { .. } | State::Withdrawn { .. } => None,
    }
}

fn unknown(rule: Rule, began: Timestamp, tries: Tries, now: Timestamp) -> State {
    let tries = Tries {
        sends: tries.sends + 1,
        absents: 0,
        pauses: 0,
    };
    match rule.after_unknown {
        AfterUnknown::Probe { quiet, .. } => State::Unknown {
            due: began.plus(quiet).max(now),
            began,
            tries,
        },
        AfterUnknown::Resend { sends_max, .. } if tries.sends >= sends_max => State::Parked,
        AfterUnknown::Resend { pause, .. } => State::Ready {
            due: now.plus(pause),
            tries,
        },
        AfterUnknown::Person => State::Parked,
    }
}

/// The next state, and the finding that stops it if it is [`State::Parked`].
pub type Next = (State, Option<Finding>);

/// Moves an effect that was being sent. `began` is when the send itself began.
pub fn after_send(id: &Fingerprint, rule: Rule, tries: Tries, verdict: &Verdict, began: Timestamp, now: Timestamp) -> Next {
    match verdict {
        Verdict::Done(_) => (State::Done, None),
        Verdict::Refused(finding) => (State::Parked, Some(finding.clone())),
        Verdict::Unknown(doubt) => {
            // It may have begun later than it was meant to: after an earlier call of the same send, or after this process stood
            // still with the request in its hands. Not much later than a time-out before its loss was noticed, though.
            let began = began.max(now.minus(CALL_TIMEOUT));
            match (doubt, unknown(rule, began, tries, now)) {
                // The card is there at once, and goes if it turns out to have been carried out.
                (Doubt::Refused(finding), State::Unknown { due, began, mut tries }) => {
                    tries.sends = REFUSED;
                    (State::Unknown { due, began, tries }, Some(finding.clone()))
                }
                (_, State::Parked) => (State::Parked, Some(ask_a_person(id, doubt.words()))),
                (_, state) => (state, None),
            }
        }
        Verdict::NotDone {
            why,
            retry_after,
            obstacle,
        } => {
            let due = put_off(id, tries, *retry_after, *obstacle, now);
            let tries = paused(tries);
            (State::Ready { due, tries }, put_off_too_long(id, tries, *obstacle, why))
        }
    }
}

/// What a person is asked when nothing else can tell.
fn ask_a_person(id: &Fingerprint, words: &str) -> Finding {
    let sentence = format!(
        "Nothing says whether this was carried out ({words}), and it will not be sent again by itself. Look in the other system and say whether it is there."
    );
    Finding::new(Code::PersonNeeded, Cause::Effect(*id), sentence)
}

/// What a person is told when something has been in the way for too long. It is tried on all the same.
fn put_off_too_long(id: &Fingerprint, tries: Tries, obstacle: Obstacle, why: &str) -> Option<Finding> {
    if tries.pauses < PAUSES_MAX {
        return None;
    }
    let (code, remedy) = match obstacle {
        Obstacle::Lease => return None,
        Obstacle::Locked => (Code::LockedTooLong, "Ask whoever has it open to close it"),
        Obstacle::Throttled | Obstacle::Down | Obstacle::SignedOut(_) | Obstacle::Read => {
            (Code::PutOffTooLong, "See whether the other system works and what it says")
        }
    };
    let sentence = format!("This has been put off for two hours: {why} {remedy}; it goes on by itself.");
    Some(Finding::new(code, Cause::Effect(*id), sentence))
}

/// Whether an effect that is now done may stand on a card that it then leaves.
pub fn may_have_a_card(tries: Tries) -> bool {
    tries != Tries::default()
}

/// Moves an effect that was looked for before its send; nothing if it is absent, and may be sent.
pub fn after_look(id: &Fingerprint, tries: Tries, look: &Probe, now: Timestamp) -> Option<Next> {
    match look {
        Probe::Absent(_) => None,
        Probe::Landed(_) => Some((State::Done, None)),
        Probe::Unclear(finding) => Some((State::Parked, Some(finding.clone()))),
        Probe::NotAsked {
            why,
            retry_after,
            obstacle,
        } => {
            let due = put_off(id, tries, *retry_after, *obstacle, now);
            let tries = paused(tries);
            Some((State::Ready { due, tries }, put_off_too_long(id, tries, *obstacle, why)))
        }
    }
}

/// Moves an effect that was being asked about.
pub fn after_probe(id: &Fingerprint, rule: Rule, began: Timestamp, tries: Tries, probe: &Probe, now: Timestamp) -> Next {
    match probe {
        Probe::Landed(_) => (State::Done, None),
        Probe::Unclear(finding) => (State::Parked, Some(finding.clone())),
        Probe::NotAsked {
            why,
            retry_after,
            obstacle,
        } => {
            let due = put_off(id, tries, *retry_after, *obstacle, now);
            let tries = paused(tries);
            let finding = put_off_too_long(id, tries, *obstacle, why);
            (State::Unknown { due, began, tries }, finding)
        }
        Probe::Absent(_) => {
            let tries = Tries {
                absents: tries.absents + 1,
                pauses: 0,
                ..tries
            };
            match rule.after_unknown {
                AfterUnknown::Probe { absents, spacing, .. } if tries.absents < absents => (
                    State::Unknown {
                        due: now.plus(spacing),
                        began,
                        tries,
                    },
                    None,
                ),
                // Its card has been there since it was refused.
                _ if tries.sends == REFUSED => (State::Parked, None),
                _ if tries.sends >= SENDS_MAX => {
                    let words = format!("it was sent {} times and never found", tries.sends);
                    (State::Parked, Some(ask_a_person(id, &words)))
                }
                // The first time at once; after that the other side is given time to come round.
                _ if tries.sends <= 1 => (State::Ready { due: now, tries }, None),
                _ => {
                    let due = now.plus(PAUSE.pause(tries.sends, id));
                    (State::Ready { due, tries }, None)
                }
            }
        }
    }
}

fn paused(tries: Tries) -> Tries {
    Tries {
        pauses: tries.pauses.saturating_add(1),
        ..tries
    }
}

fn put_off(id: &Fingerprint, tries: Tries, retry_after: Option<Duration>, obstacle: Obstacle, now: Timestamp) -> Timestamp {
    match obstacle {
        Obstacle::Lease => now,
        Obstacle::Locked | Obstacle::Throttled | Obstacle::Down | Obstacle::SignedOut(_) | Obstacle::Read => now.plus(
            retry_after
                .unwrap_or_default()
                .min(RETRY_AFTER_MAX)
                .max(PAUSE.pause(tries.pauses + 1, id)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::Kind;
    use crate::effect::rule::QUIET;
    use crate::planted::Planted;

    #[test]
    fn quiet_time_counts_from_the_last_instant_at_which_sending_may_have_begun() {
        let id = Fingerprint::derive("trader", "channel/1", "despatch");
        let rule = Kind::Despatch.rule(Planted::default());
        let began = Timestamp::from_micros(0);
        let due_when_lost_after = |seconds: u64| {
            let now = began.plus(Duration::from_secs(seconds));
            let verdict = Verdict::Unknown(Doubt::NoAnswer("none".into()));
            after_send(&id, rule, Tries::default(), &verdict, began, now).0.due()
        };
        assert_eq!(
            due_when_lost_after(3),
            Some(began.plus(QUIET)),
            "the answer broke off at once"
        );
        assert_eq!(due_when_lost_after(60), Some(began.plus(QUIET)), "none came in time");
        let stood_still = began.plus(Duration::from_secs(240));
        assert_eq!(
            due_when_lost_after(300),
            Some(stood_still.plus(QUIET)),
            "this process stood still"
        );
    }

    fn id() -> Fingerprint {
        Fingerprint::derive("trader", "channel/1", "despatch")
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::ZERO.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_refusal_that_proves_nothing_has_a_card_at_once_and_stands_still_only_when_nothing_is_there() {
        let rule = Kind::Release.rule(Planted::default());
        let finding = Finding::new(Code::Refused, Cause::Effect(id()), "mintsoft refused the release: no.");
        let refused = Verdict::Unknown(Doubt::Refused(finding.clone()));
        let (state, told) = after_send(&id(), rule, Tries::default(), &refused, at(0), at(1));
        assert_eq!(told.as_ref(), Some(&finding));
        assert_eq!(state.due(), Some(at(0).plus(QUIET)), "it is asked about like any other");
        let probed = |state: &State, probe: &Probe, now| {
            let Some((State::Probing { began, tries }, Task::Probe)) = claim(state, rule, at(0), now) else {
                panic!("it is asked about: {state:?}");
            };
            assert!(may_have_a_card(tries), "what is found leaves its card");
            after_probe(&id(), rule, began, tries, probe, now)
        };
        let landed = Probe::Landed(Receipt::Release { id: 7 });
        assert_eq!(probed(&state, &landed, at(300)), (State::Done, None));
        let (once, told) = probed(&state, &Probe::Absent(None), at(300));
        assert!(
            matches!(once, State::Unknown { .. }) && told.is_none(),
            "once may be too early"
        );
        assert_eq!(
            probed(&once, &Probe::Absent(None), at(420)),
            (State::Parked, None),
            "it is not sent again"
        );
    }

    #[test]
    fn a_lost_answer_is_asked_about_twice_before_it_is_sent_again() {
        let rule = Kind::Despatch.rule(Planted::default());
        let lost = Verdict::Unknown(Doubt::NoAnswer("none".into()));
        let (unknown, _) = after_send(&id(), rule, Tries::default(), &lost, at(0), at(60));
        let Some((State::Probing { began, tries }, Task::Probe)) = claim(&unknown, rule, at(0), at(300)) else {
            panic!("an unknown effect is asked about: {unknown:?}");
        };
        let (once, _) = after_probe(&id(), rule, began, tries, &Probe::Absent(None), at(300));
        let State::Unknown { due, tries, .. } = once else {
            panic!("one absence is not enough: {once:?}")
        };
        assert_eq!(due, at(300).plus(crate::effect::rule::PROBE_SPACING));
        let (twice, _) = after_probe(&id(), rule, began, tries, &Probe::Absent(None), due);
        assert!(
            matches!(
                twice,
                State::Ready {
                    tries: Tries { sends: 1, .. },
                    ..
                }
            ),
            "{twice:?}"
        );
    }

    #[test]
    fn a_worker_lost_while_sending_leaves_a_question_and_for_a_person_a_card() {
        let sending = State::Sending { tries: Tries::default() };
        let rule = Kind::Despatch.rule(Planted::default());
        let Some((State::Unknown { began, due, .. }, Task::Wait)) = claim(&sending, rule, at(240), at(240)) else {
            panic!("it may have been sent");
        };
        assert_eq!(
            (began, due),
            (at(165), at(165).plus(QUIET)),
            "it would not have begun with less of its lease left"
        );
        let by_person = Kind::ConfirmPart.rule(Planted::default());
        assert_eq!(
            claim(&sending, by_person, at(240), at(240)),
            Some((State::Parked, Task::Wait))
        );
    }

    #[test]
    fn what_is_never_found_is_not_sent_for_ever() {
        let rule = Kind::Acknowledge.rule(Planted::default());
        let tries = Tries {
            sends: SENDS_MAX,
            absents: 1,
            pauses: 0,
        };
        let (state, finding) = after_probe(&id(), rule, at(0), tries, &Probe::Absent(None), at(900));
        assert_eq!(state, State::Parked);
        assert_eq!(finding.map(|finding| finding.code), Some(Code::PersonNeeded));
    }

    #[test]
    fn a_lock_is_waited_for_with_growing_pauses_and_told_of() {
        let rule = Kind::Despatch.rule(Planted::default());
        let locked = Verdict::NotDone {
            why: "Order 1 is in use by JANE.".into(),
            retry_after: None,
            obstacle: Obstacle::Locked,
        };
        let (mut tries, mut now, mut told) = (Tries::default(), at(0), Vec::new());
        for _ in 0..60 {
            let (state, finding) = after_send(&id(), rule, tries, &locked, now, now);
            let State::Ready { due, tries: next } = state else {
                panic!("a lock is not a failure: {state:?}")
            };
            assert!(due > now);
            told.extend(finding.map(|finding| (now.since(at(0)), finding)));
            (tries, now) = (next, due);
        }
        let (waited, finding) = told.first().expect("somebody is told");
        assert!((5_000..9_000).contains(&waited.as_secs()), "after {waited:?}");
        assert!(finding.sentence.contains("JANE") && may_have_a_card(tries));
    }

    #[test]
    fn what_is_finished_or_waits_for_something_else_is_never_claimed() {
        let rule = Kind::Draft.rule(Planted::default());
        for state in [
            State::Waiting,
            State::Parked,
            State::Done,
            State::Superseded { by: id() },
            State::Withdrawn { by: "a person".into() },
        ] {
            assert_eq!(claim(&state, rule, at(0), at(1)), None, "{state:?}");
        }
    }
}
