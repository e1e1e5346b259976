//! What goes wrong, how often, and a count of what did.
//!
//! Chances are per mille of the calls, writes or orders named; durations are the twin's microseconds. The two bounds at the top are
//! the twin's promise to whoever has to wait things out: nothing is carried out, and nothing becomes visible, later than they say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::clock::{HOUR, MINUTE, SECOND};
use crate::mintsoft::RefusedThoughMade;
use crate::settings::Settings;

/// A request is carried out at the latest this long after it was sent, whatever became of its answer.
pub const PROCESSING_MAX: i64 = 230 * SECOND;

/// A list, view or filtered read shows what was carried out at the latest this long afterwards.
pub const VIEW_LAG_MAX: i64 = 110 * SECOND;

/// A span of time to draw from, both ends included, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub low: i64,
    pub high: i64,
}

impl Span {
    pub const fn new(low: i64, high: i64) -> Self {
        Self { low, high }
    }

    pub fn draw(self, chance: &mut Chance) -> i64 {
        chance.between(self.low, self.high)
    }
}

/// The knobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    /// Whether calls take time at all. Off only for a bench that says so.
    pub latency: bool,
    /// Of calls: an answer that takes `slow_by` longer.
    pub slow_answer: u32,
    pub slow_by: Span,
    /// Of calls: the connection breaks before the vendor has done anything.
    pub lost_before_commit: u32,
    /// Of calls: the vendor did it, the answer never arrives.
    pub lost_after_commit: u32,
    /// Of calls: the connection hangs and the vendor does it `late_by` after the request.
    pub late_commit: u32,
    /// At most [`PROCESSING_MAX`].
    pub late_by: Span,
    /// Of calls: 500, 502 or 503, nothing done.
    pub server_error_before_commit: u32,
    /// Of calls: 500, 502 or 503, although it was done.
    pub server_error_after_commit: u32,
    /// Of calls to a vendor: 429 without having looked.
    pub throttled_sage: u32,
    pub throttled_virtualstock: u32,
    pub throttled_mintsoft: u32,
    /// Outages of each vendor, at drawn instants within `outages_within` of the origin.
    pub outages: u32,
    pub outages_within: i64,
    pub outage_for: Span,
    /// Of calls with a valid access token (Sage, Virtualstock): the vendor forgets that token, now.
    pub expired_token: u32,
    /// Of Sage order PUTs: a 400 although it was carried out.
    pub refused_after_commit: u32,
    /// Of writes: lists and views show the effect only after `view_lag`.
    pub stale_view: u32,
    /// At most [`VIEW_LAG_MAX`].
    pub view_lag: Span,
    /// Of list reads with rows: one row comes twice.
    pub duplicate_listing: u32,
    /// Of list reads that ask for no order: the rows come in another order.
    pub reordered_listing: u32,
    /// Of retailers' orders and of parcels that have left: the list that is polled never shows it. Lists that are asked in another way do.
    #[serde(default)]
    pub dropped: u32,
    /// Of these: every list shows it twice.
    #[serde(default)]
    pub doubled: u32,
    /// Of these: the list that is polled shows it only `delayed_by` later.
    #[serde(default)]
    pub delayed: u32,
    #[serde(default = "hours")]
    pub delayed_by: Span,
    /// Of confirmed Sage orders: a user keeps it open for a while.
    pub sage_lock: u32,
    /// How long after its confirmation the user opens it, and for how long.
    pub sage_lock_after: Span,
    pub sage_lock_for: Span,
    /// Of warehouse orders: despatched in two parts.
    pub split_shipment: u32,
    /// How much of the time that picking and packing ordinarily takes it takes here, in a thousand. Nought (an order leaves as soon
    /// as it is created) only for a bench that says so.
    pub picking_time: u32,
    /// Life of a Sage access token in microseconds.
    pub sage_token_life: i64,
    /// How long a Sage refresh token that was exchanged still works. At nought the old one is dead at once, and a caller that
    /// loses the answer (or dies before it has stored it) needs a person's new consent; then the wire spares these calls the
    /// faults that lose an answer after the fact.
    pub sage_refresh_grace: i64,
    /// Whether Sage lets more of a line be despatched than is allocated and outstanding. What it really does is not known; where it
    /// does, nothing but Tallyman's own care keeps a despatch from being posted twice.
    #[serde(default)]
    pub sage_over_despatch: bool,
}

fn hours() -> Span {
    Span::new(3 * HOUR, 6 * HOUR)
}

impl Faults {
    /// Everything works. Calls still take time, and some orders are still shipped in two parts, which is no fault.
    pub fn none() -> Self {
        Self {
            latency: true,
            slow_answer: 0,
            slow_by: Span::new(5 * SECOND, 40 * SECOND),
            lost_before_commit: 0,
            lost_after_commit: 0,
            late_commit: 0,
            late_by: Span::new(60 * SECOND, PROCESSING_MAX),
            server_error_before_commit: 0,
            server_error_after_commit: 0,
            throttled_sage: 0,
            throttled_virtualstock: 0,
            throttled_mintsoft: 0,
            outages: 0,
            outages_within: 2 * HOUR,
            outage_for: Span::new(3 * MINUTE, 10 * MINUTE),
            expired_token: 0,
            refused_after_commit: 0,
            stale_view: 0,
            view_lag: Span::new(5 * SECOND, VIEW_LAG_MAX),
            duplicate_listing: 0,
            reordered_listing: 0,
            dropped: 0,
            doubled: 0,
            delayed: 0,
            delayed_by: hours(),
            sage_lock: 0,
            sage_lock_after: Span::new(0, 60 * MINUTE),
            sage_lock_for: Span::new(2 * MINUTE, 30 * MINUTE),
            split_shipment: 100,
            picking_time: 1000,
            sage_token_life: 8 * HOUR,
            sage_refresh_grace: 0,
            sage_over_despatch: false,
        }
    }

    /// The set of this name: `none`, `usual`, `harsh` or `simulation`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::none(),
            "usual" => Self::usual(),
            "harsh" => Self::harsh(),
            "simulation" => Self::simulation(),
            _ => return None,
        })
    }

    /// An ordinary bad day.
    pub fn usual() -> Self {
        Self {
            slow_answer: 10,
            lost_before_commit: 5,
            lost_after_commit: 7,
            late_commit: 4,
            server_error_before_commit: 5,
            server_error_after_commit: 3,
            throttled_sage: 3,
            throttled_virtualstock: 3,
            throttled_mintsoft: 3,
            outages: 1,
            expired_token: 2,
            refused_after_commit: 5,
            stale_view: 50,
            duplicate_listing: 10,
            reordered_listing: 10,
            sage_lock: 20,
            sage_refresh_grace: 24 * HOUR,
            ..Self::none()
        }
    }

    /// About five times as bad.
    pub fn harsh() -> Self {
        Self {
            slow_answer: 40,
            lost_before_commit: 25,
            lost_after_commit: 35,
            late_commit: 20,
            server_error_before_commit: 25,
            server_error_after_commit: 15,
            throttled_sage: 15,
            throttled_virtualstock: 15,
            throttled_mintsoft: 15,
            outages: 3,
            expired_token: 15,
            refused_after_commit: 25,
            stale_view: 150,
            duplicate_listing: 50,
            reordered_listing: 50,
            sage_lock: 60,
            sage_refresh_grace: 24 * HOUR,
            ..Self::none()
        }
    }

    /// Worse still, since a simulation has few calls and every kind should meet it.
    pub fn simulation() -> Self {
        Self {
            slow_answer: 40,
            lost_before_commit: 40,
            lost_after_commit: 50,
            late_commit: 50,
            server_error_before_commit: 30,
            server_error_after_commit: 30,
            throttled_sage: 15,
            throttled_virtualstock: 15,
            throttled_mintsoft: 15,
            outages: 1,
            expired_token: 20,
            refused_after_commit: 50,
            stale_view: 300,
            duplicate_listing: 80,
            reordered_listing: 80,
            dropped: 20,
            doubled: 20,
            delayed: 20,
            // Late and lagging enough that the first question is often too early.
            late_by: Span::new(100 * SECOND, PROCESSING_MAX),
            view_lag: Span::new(40 * SECOND, VIEW_LAG_MAX),
            // Parcels leave while an acknowledgement may still be in doubt.
            picking_time: 250,
            sage_lock: 200,
            sage_lock_after: Span::new(0, 20 * MINUTE),
            sage_lock_for: Span::new(2 * MINUTE, 20 * MINUTE),
            sage_refresh_grace: 24 * HOUR,
            split_shipment: 250,
            ..Self::none()
        }
    }
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    SlowAnswer,
    LostBeforeCommit,
    LostAfterCommit,
    LateCommit,
    ConnectRefused,
    ServerErrorBeforeCommit,
    ServerErrorAfterCommit,
    RefusedAfterCommit,
    RefusedThoughMade,
    ThrottledSage,
    ThrottledVirtualstock,
    ThrottledMintsoft,
    ExpiredToken,
    StaleView,
    DuplicateListing,
    ReorderedListing,
    DroppedMessage,
    DoubledMessage,
    DelayedMessage,
    SageLock,
    SplitShipment,
    UntrackedDespatch,
}

impl Kind {
    pub const ALL: [Self; 22] = [
        Self::SlowAnswer,
        Self::LostBeforeCommit,
        Self::LostAfterCommit,
        Self::LateCommit,
        Self::ConnectRefused,
        Self::ServerErrorBeforeCommit,
        Self::ServerErrorAfterCommit,
        Self::RefusedAfterCommit,
        Self::RefusedThoughMade,
        Self::ThrottledSage,
        Self::ThrottledVirtualstock,
        Self::ThrottledMintsoft,
        Self::ExpiredToken,
        Self::StaleView,
        Self::DuplicateListing,
        Self::ReorderedListing,
        Self::DroppedMessage,
        Self::DoubledMessage,
        Self::DelayedMessage,
        Self::SageLock,
        Self::SplitShipment,
        Self::UntrackedDespatch,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::SlowAnswer => "slow_answer",
            Self::LostBeforeCommit => "lost_before_commit",
            Self::LostAfterCommit => "lost_after_commit",
            Self::LateCommit => "late_commit",
            Self::ConnectRefused => "connect_refused",
            Self::ServerErrorBeforeCommit => "server_error_before_commit",
            Self::ServerErrorAfterCommit => "server_error_after_commit",
            Self::RefusedAfterCommit => "refused_after_commit",
            Self::RefusedThoughMade => "refused_though_made",
            Self::ThrottledSage => "throttled_sage",
            Self::ThrottledVirtualstock => "throttled_virtualstock",
            Self::ThrottledMintsoft => "throttled_mintsoft",
            Self::ExpiredToken => "expired_token",
            Self::StaleView => "stale_view",
            Self::DuplicateListing => "duplicate_listing",
            Self::ReorderedListing => "reordered_listing",
            Self::DroppedMessage => "dropped_message",
            Self::DoubledMessage => "doubled_message",
            Self::DelayedMessage => "delayed_message",
            Self::SageLock => "sage_lock",
            Self::SplitShipment => "split_shipment",
            Self::UntrackedDespatch => "untracked_despatch",
        }
    }

    /// Whether these settings can ever produce it, so that a nought in the counts means "could have been".
    pub fn possible(self, settings: &Settings) -> bool {
        let faults = &settings.faults;
        match self {
            Self::SlowAnswer => faults.slow_answer > 0,
            Self::LostBeforeCommit => faults.lost_before_commit > 0,
            Self::LostAfterCommit => faults.lost_after_commit > 0,
            Self::LateCommit => faults.late_commit > 0,
            Self::ConnectRefused => faults.outages > 0,
            Self::ServerErrorBeforeCommit => faults.server_error_before_commit > 0,
            Self::ServerErrorAfterCommit => faults.server_error_after_commit > 0,
            Self::RefusedAfterCommit => faults.refused_after_commit > 0,
            Self::RefusedThoughMade => settings.mintsoft.refused_though_made != RefusedThoughMade::Never,
            Self::ThrottledSage => faults.throttled_sage > 0,
            Self::ThrottledVirtualstock => settings.limits || faults.throttled_virtualstock > 0,
            Self::ThrottledMintsoft => settings.limits || faults.throttled_mintsoft > 0,
            Self::ExpiredToken => faults.expired_token > 0 || faults.sage_token_life < 8 * HOUR,
            Self::StaleView => faults.stale_view > 0,
            Self::DuplicateListing => faults.duplicate_listing > 0,
            Self::ReorderedListing => faults.reordered_listing > 0,
            Self::DroppedMessage => faults.dropped > 0,
            Self::DoubledMessage => faults.doubled > 0,
            Self::DelayedMessage => faults.delayed > 0,
            Self::SageLock => faults.sage_lock > 0,
            Self::SplitShipment => faults.split_shipment > 0,
            Self::UntrackedDespatch => settings.companies.iter().any(|company| !company.records_tracking),
        }
    }
}

/// How often each kind happened. Shared: the wire and the vendors hold clones of one handle.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<Mutex<BTreeMap<&'static str, u64>>>);

impl Counts {
    /// Every kind that these settings can produce, at nought.
    pub fn new(settings: &Settings) -> Self {
        let possible = Kind::ALL.into_iter().filter(|kind| kind.possible(settings));
        Self(Arc::new(Mutex::new(possible.map(|kind| (kind.name(), 0)).collect())))
    }

    pub fn add(&self, kind: Kind) {
        *self
            .0
            .lock()
            .expect("no one panics while counting")
            .entry(kind.name())
            .or_default() += 1;
    }

    /// The counts now, by the kinds' names.
    pub fn read(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().expect("no one panics while counting").clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_set_breaks_the_twins_promises() {
        for name in ["none", "usual", "harsh", "simulation"] {
            let faults = Faults::named(name).unwrap();
            assert!(
                faults.late_by.high <= PROCESSING_MAX && faults.slow_by.high <= PROCESSING_MAX,
                "{name}"
            );
            assert!(faults.view_lag.high <= VIEW_LAG_MAX, "{name}");
            // While a refresh may be carried out late, the token it was made with must still work.
            assert!(
                faults.late_commit == 0 || faults.sage_refresh_grace > PROCESSING_MAX,
                "{name}"
            );
            let of_calls = [
                faults.lost_before_commit,
                faults.lost_after_commit,
                faults.late_commit,
                faults.server_error_before_commit,
                faults.server_error_after_commit,
            ];
            assert!(of_calls.iter().sum::<u32>() <= 1000, "{name}");
        }
    }
}
