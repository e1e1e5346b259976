//! What an answer, or none, means for a message that was sent.
//!
//! An alert is an absolute thing to say: saying it again under the same id changes nothing. So it is never parked and never given up: it
//! goes again, after a pause that grows, until the route takes it. A route that will not take alerts is a card of its own.

use std::time::Duration;

use super::route_cause;
use crate::effect::state::{Next, Obstacle, RETRY_AFTER_MAX, State, Tries, Verdict};
use crate::finding::{Code, Finding};
use crate::fingerprint::Fingerprint;
use crate::ident::Connection;
use crate::pace::Backoff;
use crate::time::Timestamp;

/// Between tries of one message. Short, because it is late already; a route that is down pauses as a whole besides.
const PAUSE: Backoff = Backoff {
    first: Duration::from_secs(10),
    factor_tenths: 20,
    max: Duration::from_secs(60),
};

/// A refusal is not over in a minute: somebody must change a password, an address or a channel.
pub const REFUSED_PAUSE: Duration = Duration::from_secs(300);

/// So many failures in a row of one message are more than a hiccup. With the pauses above, the card stands within a minute or two.
pub const FAILURES_MAX: u32 = 3;

/// Moves a message that was being sent.
pub fn after_send(id: &Fingerprint, route: &Connection, tries: Tries, verdict: &Verdict, now: Timestamp) -> Next {
    let failed = Tries {
        pauses: tries.pauses.saturating_add(1),
        ..tries
    };
    let pause = PAUSE.pause(failed.pauses, id);
    let (words, pause, at_once) = match verdict {
        Verdict::Done(_) => return (State::Done, None),
        // Ours, and no word about the route.
        Verdict::NotDone {
            obstacle: Obstacle::Lease,
            ..
        } => return (State::Ready { due: now, tries }, None),
        Verdict::Refused(finding) => (finding.sentence.as_str(), REFUSED_PAUSE, true),
        Verdict::Unknown(doubt) => (doubt.words(), pause, false),
        Verdict::NotDone { why, retry_after, .. } => {
            let asked = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
            (why.as_str(), pause.max(asked), false)
        }
    };
    let state = State::Ready {
        due: now.plus(pause),
        tries: failed,
    };
    let down = at_once || failed.pauses >= FAILURES_MAX;
    (state, down.then(|| route_down(route, words)))
}

/// The card of a route that does not take alerts.
pub fn route_down(route: &Connection, words: &str) -> Finding {
    let sentence = format!(
        "Route {route} does not take alerts: {words}. Put it right, and see with `tallyman alerts test` that it works; what waits is sent \
         by itself."
    );
    Finding::new(Code::AlertRouteDown, route_cause(route), sentence)
}
