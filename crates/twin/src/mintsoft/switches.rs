//! What Mintsoft's documentation leaves open, each as a switch, and by default as the likeliest reading has it.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use crate::clock::Instant;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    /// What its times are local to: those that it shows, and those that it is asked with.
    pub times: Times,
    /// In which order the list comes when the oldest are wanted first.
    pub listing: Listing,
    /// The most rows of a page, whatever is asked for. A hundred has been seen, and nobody says that it is so everywhere.
    pub page_rows: usize,
    /// A page behind the last one shows the last one again; otherwise nothing.
    pub last_page_again: bool,
    /// What a create answers whose order number or external reference is in use.
    pub repeated: Repeated,
    /// How some creates are refused although they have made the order.
    pub refused_though_made: RefusedThoughMade,
    /// A search shows the items of an order.
    pub search_shows_items: bool,
    /// A search finds this order number only; otherwise every number that holds the text.
    pub search_is_exact: bool,
    /// The parts of an order are listed without the one that was asked about.
    pub splits_leave_one_out: bool,
    /// Lists come in an object, under `data`.
    pub wrapped: bool,
    /// A create answers with one outcome in place of a list of one.
    pub single_outcome: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            times: Times::Utc,
            listing: Listing::ById,
            page_rows: 100,
            last_page_again: false,
            repeated: Repeated::Refused,
            refused_though_made: RefusedThoughMade::Never,
            search_shows_items: true,
            search_is_exact: false,
            splits_leave_one_out: false,
            wrapped: false,
            single_outcome: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Times {
    Utc,
    London,
}

static LONDON: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZoneDatabase::bundled()
        .get("Europe/London")
        .expect("the rules of London are compiled in")
});

impl Times {
    /// What its clock on the wall shows. Times are stored and compared so: an hour that comes twice in autumn cannot be told apart.
    pub(super) fn local(self, instant: Instant) -> DateTime {
        let zone = match self {
            Self::Utc => TimeZone::UTC,
            Self::London => LONDON.clone(),
        };
        let stamp = jiff::Timestamp::from_microsecond(instant).unwrap_or_default();
        zone.to_datetime(stamp)
    }

    /// `2026-09-24T11:20:22.7476691`: seven digits and no offset; the year 1 where there is none.
    pub(super) fn stamp(self, instant: Option<Instant>) -> String {
        match instant {
            Some(instant) => format!("{}0", self.local(instant).strftime("%Y-%m-%dT%H:%M:%S.%6f")),
            None => "0001-01-01T00:00:00".into(),
        }
    }

    /// A time as it is asked with. One with an offset is understood, too.
    pub(super) fn asked(self, text: &str) -> Option<DateTime> {
        match text.parse::<jiff::Timestamp>() {
            Ok(stamp) => Some(self.local(stamp.as_microsecond())),
            Err(_) => text.parse().ok(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Listing {
    ById,
    /// The row that has not changed for longest comes first: one that changes while pages are read moves to the end.
    ByChange,
    /// The wish is not heard: what has changed last comes first.
    NewestFirst,
    /// By something that is not shown.
    Unsorted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repeated {
    /// `Order already exists`.
    Refused,
    /// The same in words that nobody has written down.
    RefusedInOtherWords,
    /// As a success, with the id of the order that is there.
    OldId,
    /// Nothing is checked: there is a second order of that number.
    MadeTwice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusedThoughMade {
    Never,
    /// HTTP 200 with `Success: false`.
    SaysNo,
    /// HTTP 400.
    BadRequest,
}
