//! What each class of effect needs before it may be sent again, and the times that this rests on, by name.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Kind;
use super::state::SENDS_MAX;
use crate::planted::{Bug, Planted};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Class {
    Set,
    RefusedTwice,
    DraftThenConfirm,
    TaggedAppend,
    Person,
}

/// How long one call may take before we stop waiting for its answer.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// What a lease must have left beside the call itself when a call begins: our own clock against the store's, and the outcome's commit.
pub const LEASE_MARGIN: Duration = Duration::from_secs(15);

/// How long a worker holds a lane: a look, a baseline and a send, each at its slowest, and the margin.
pub const LEASE: Duration = Duration::from_secs(240);

/// From the instant a call may have begun until it can no longer be carried out: call time-out (60 s), the vendor's longest
/// processing (230 s: the longest back-end wait of Sage's proxy is 180 s, sage200 §3.4), clock skew (10 s).
pub const QUIET: Duration = Duration::from_secs(300);

/// Between two probes: longer than any list or view lags behind its vendor's books, so that a second "absent" is news.
pub const PROBE_SPACING: Duration = Duration::from_secs(120);

/// What follows an attempt without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterUnknown {
    /// Ask; send again only when it was absent this often.
    Probe {
        quiet: Duration,
        absents: u32,
        spacing: Duration,
    },
    /// Send again after a pause: it changes nothing. After so many sends a person is asked.
    Resend { pause: Duration, sends_max: u32 },
    /// A person answers.
    Person,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Whether the other side is asked before each send. Every create is.
    pub looks: bool,
    pub after_unknown: AfterUnknown,
}

impl Kind {
    pub fn class(self) -> Class {
        match self {
            Self::DeleteDraft | Self::AmendOrder | Self::Alert => Class::Set,
            Self::Acknowledge | Self::Release | Self::Confirm => Class::RefusedTwice,
            Self::Draft | Self::ConfirmDraft => Class::DraftThenConfirm,
            Self::Despatch => Class::TaggedAppend,
            Self::ConfirmPart => Class::Person,
        }
    }

    pub fn rule(self, planted: Planted) -> Rule {
        let after_unknown = match self.class() {
            // It can be asked about, and what it wrote may be changed by people: one that lands late would change it back.
            Class::Set if self == Self::AmendOrder => AfterUnknown::Probe {
                quiet: QUIET,
                absents: 1,
                spacing: PROBE_SPACING,
            },
            Class::Set => AfterUnknown::Resend {
                pause: Duration::from_secs(30),
                // Whoever is alerted cannot be asked about alerts: they go again until they arrive.
                sends_max: if self == Self::Alert { u32::MAX } else { SENDS_MAX },
            },
            Class::RefusedTwice | Class::TaggedAppend => AfterUnknown::Probe {
                quiet: QUIET,
                absents: 2,
                spacing: PROBE_SPACING,
            },
            // A draft that turns up late is swept, and confirming a recorded draft twice is confirming it: one question is enough.
            Class::DraftThenConfirm => AfterUnknown::Probe {
                quiet: Duration::from_secs(5),
                absents: 1,
                spacing: PROBE_SPACING,
            },
            Class::Person => AfterUnknown::Person,
        };
        // Every create looks. The others change a state that we have seen, and create nothing. What amends an order reads it first.
        let looks = match self {
            Self::Draft | Self::Release | Self::Despatch => true,
            Self::DeleteDraft
            | Self::AmendOrder
            | Self::Alert
            | Self::Acknowledge
            | Self::Confirm
            | Self::ConfirmDraft
            | Self::ConfirmPart => false,
        };
        plant(Rule { looks, after_unknown }, planted)
    }
}

/// The faults of this file that the simulation must catch; nothing in the shipped binary.
fn plant(mut rule: Rule, planted: Planted) -> Rule {
    if let AfterUnknown::Probe { quiet, absents, spacing } = rule.after_unknown {
        if planted.is(Bug::NoProbe) {
            rule.after_unknown = AfterUnknown::Resend {
                pause: Duration::from_secs(1),
                sends_max: SENDS_MAX,
            };
        } else if planted.is(Bug::QuietTimeZero) {
            rule.after_unknown = AfterUnknown::Probe {
                quiet: Duration::ZERO,
                absents,
                spacing: spacing.min(Duration::from_secs(1)),
            };
        } else if planted.is(Bug::OneProbeOnly) {
            rule.after_unknown = AfterUnknown::Probe {
                quiet,
                absents: 1,
                spacing,
            };
        }
    }
    rule
}
