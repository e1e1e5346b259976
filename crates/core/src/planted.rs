//! Eleven known faults that the simulation must catch, so that we know that it would catch a twelfth.
//!
//! They exist only with the feature `planted`, which the shipped binary never has: without it [`Planted::is`] is a constant.

/// Which law a planted fault breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    NoProbe,
    QuietTimeZero,
    OneProbeOnly,
    LeaseIgnored,
    OtherContentIsAbsent,
    EveryDraftConfirmed,
    BaselineNotStored,
    PutRefusalBelieved,
    NoAnswerIsFailure,
    AnyReadyEffect,
    DuplicatesUnseen,
}

impl Bug {
    pub const ALL: [Self; 11] = [
        Self::NoProbe,
        Self::QuietTimeZero,
        Self::OneProbeOnly,
        Self::LeaseIgnored,
        Self::OtherContentIsAbsent,
        Self::EveryDraftConfirmed,
        Self::BaselineNotStored,
        Self::PutRefusalBelieved,
        Self::NoAnswerIsFailure,
        Self::AnyReadyEffect,
        Self::DuplicatesUnseen,
    ];
}

/// The fault planted in this run, if any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planted {
    #[cfg(feature = "planted")]
    bug: Option<Bug>,
}

impl Planted {
    #[cfg(feature = "planted")]
    pub fn with(bug: Bug) -> Self {
        Self { bug: Some(bug) }
    }

    #[cfg(feature = "planted")]
    pub fn is(self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    #[cfg(not(feature = "planted"))]
    pub const fn is(self, _bug: Bug) -> bool {
        false
    }
}
