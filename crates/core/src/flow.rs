//! What flows between the three roles, and how long a queue needs to be cleared.
//!
//! Five ways lead from the retailer's order to its confirmation. Each write belongs to one of them or to none (what we delete, and what we
//! tell people, is no flow of goods); each card stops one of them or none.
//!
//! Not here: the counts themselves (`engine::glance`), and the picture.

use std::time::Duration;

use crate::catalogue::Again;
use crate::effect::Kind;
use crate::finding::Code;
use crate::standing;

/// A way between two roles, in the order in which an order takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the channel to the ledger.
    Orders,
    /// From the ledger back to the channel.
    Acknowledgements,
    /// From the ledger to the warehouse.
    Releases,
    /// From the warehouse to the ledger.
    Despatches,
    /// From the warehouse to the channel.
    Confirmations,
}

impl Way {
    pub const ALL: [Self; 5] = [
        Self::Orders,
        Self::Acknowledgements,
        Self::Releases,
        Self::Despatches,
        Self::Confirmations,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Acknowledgements => "acknowledgements",
            Self::Releases => "releases",
            Self::Despatches => "despatches",
            Self::Confirmations => "confirmations",
        }
    }

    /// One of what goes this way.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Orders => "order",
            Self::Acknowledgements => "acknowledgement",
            Self::Releases => "release",
            Self::Despatches => "despatch",
            Self::Confirmations => "confirmation",
        }
    }

    /// The way of a write of this kind.
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Draft | Kind::ConfirmDraft => Some(Self::Orders),
            Kind::Acknowledge => Some(Self::Acknowledgements),
            Kind::Release => Some(Self::Releases),
            Kind::Despatch => Some(Self::Despatches),
            Kind::Confirm | Kind::ConfirmPart => Some(Self::Confirmations),
            Kind::DeleteDraft | Kind::AmendOrder | Kind::Alert => None,
        }
    }

    /// Whether a write of this kind ends its way: a draft is half an order.
    pub const fn ends_with(kind: Kind) -> bool {
        match kind {
            Kind::Draft => false,
            Kind::ConfirmDraft
            | Kind::Acknowledge
            | Kind::Release
            | Kind::Despatch
            | Kind::Confirm
            | Kind::ConfirmPart
            | Kind::DeleteDraft
            | Kind::AmendOrder
            | Kind::Alert => true,
        }
    }

    /// The way that a card of this code stops; `kind` is that of a write which stands still under it, if one does.
    pub fn stopped_by(code: Code, kind: Option<Kind>) -> Option<Self> {
        match (kind, code.entry().again) {
            (Some(kind), _) => Self::of(kind),
            (None, Again::Order) => Some(Self::Orders),
            (None, Again::Shipment) => Some(Self::Despatches),
            // What the warehouse says of an order that it has: no write stands still, and the goods do.
            (None, Again::Effect) if standing::CODES.contains(&code) => Some(Self::Releases),
            (None, Again::Effect | Again::Flow | Again::Sweep) => None,
        }
    }

    /// Whether what stands still here has not left for the warehouse yet.
    pub const fn is_before_release(self) -> bool {
        match self {
            Self::Orders | Self::Releases => true,
            Self::Acknowledgements | Self::Despatches | Self::Confirmations => false,
        }
    }
}

/// How long a queue needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clear {
    /// Nothing waits.
    Nothing,
    /// At the rate at which it was worked on.
    In(Duration),
    /// Something waits, and nothing was carried out in the span that is looked at, or nothing is now: nobody can tell.
    NotKnown,
}

impl Clear {
    /// Of so many that wait, where so many were carried out in a span.
    pub fn of(waiting: u64, done: u64, span: Duration) -> Self {
        match (waiting, done) {
            (0, _) => Self::Nothing,
            (_, 0) => Self::NotKnown,
            (waiting, done) => {
                let micros = span.as_micros().saturating_mul(u128::from(waiting)) / u128::from(done);
                Self::In(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_queue_is_cleared_at_the_rate_at_which_it_was_worked_on() {
        assert_eq!(Clear::of(0, 0, HOUR), Clear::Nothing);
        assert_eq!(Clear::of(3, 180, HOUR), Clear::In(Duration::from_secs(60)));
        assert_eq!(Clear::of(3, 0, HOUR), Clear::NotKnown, "stale is not zero");
        assert_eq!(Clear::of(u64::MAX, 1, HOUR), Clear::In(Duration::from_micros(u64::MAX)));
    }

    #[test]
    fn a_card_stops_the_way_of_what_stands_under_it() {
        assert_eq!(Way::stopped_by(Code::SkuUnknown, None), Some(Way::Orders));
        assert_eq!(
            Way::stopped_by(Code::CarrierUnmapped, Some(Kind::Confirm)),
            Some(Way::Confirmations)
        );
        assert_eq!(
            Way::stopped_by(Code::OutcomeUnclear, Some(Kind::Despatch)),
            Some(Way::Despatches)
        );
        assert_eq!(Way::stopped_by(Code::WarehouseRefused, None), Some(Way::Releases));
        assert_eq!(Way::stopped_by(Code::FeedSilent, None), None);
    }
}
