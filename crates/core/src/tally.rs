//! The tally: every record received is posted, open or declined, and what a source lists beyond that is named.
//!
//! It is kept for a source (a connection and a kind of record) and a business day: the civil date in the company's zone on which the
//! first content of a record came. A record is counted once, by its own key; what came again is counted apart. How a record stands is
//! read from its journey as it is now, so the tally of an old day changes as its open records are carried out.
//!
//! The source's own list is compared key by key and not day by day: a record of one evening may arrive on the next morning, and is no
//! gap for that.
//!
//! Not here: how a source is asked (`role`, the connectors), and who fetches what is missing (`engine::tally`).

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use crate::effect::State;
use crate::ident::JourneyId;
use crate::journey::{Journey, Stage};
use crate::role::Listed;
use crate::time::{Date, Timestamp, Zone};

/// A record that came so long after the source made it is named as late. The zone of a vendor's times is a setting, and an hour wrong
/// where it is wrong: an hour late must not be late.
/// An index of the store is made for just this.
pub const LATE_AFTER: Duration = Duration::from_secs(2 * 3600);

/// What kind of record a source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Order,
    Shipment,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Order, Self::Shipment];

    /// As messages of the kind are stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Shipment => "shipment",
        }
    }
}

/// One record whose first content came on the day.
#[derive(Debug, Clone)]
pub struct Received {
    pub key: String,
    pub received_at: Timestamp,
    /// When the source says that it was made.
    pub made_at: Option<Timestamp>,
    /// Its message was decided.
    pub decided: bool,
    /// The journey that it was received for.
    pub subject: Option<JourneyId>,
    /// That journey, if it has begun.
    pub journey: Option<Journey>,
    /// Of a shipment: how its despatch in the ledger stands.
    pub despatch: Option<State>,
    /// Its journey stands under an open card.
    pub carded: bool,
    /// Its journey was erased.
    pub erased: bool,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In the ledger, and nothing of it waits for a person.
    Posted,
    /// It waits, or stands under a card.
    Open,
    /// Not to be carried out, with a reason.
    Declined,
}

impl Standing {
    /// As it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Open => "open",
            Self::Declined => "declined",
        }
    }

    /// That which is stored so; none for a record that stands nowhere.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Posted, Self::Open, Self::Declined]
            .into_iter()
            .find(|standing| standing.name() == name)
    }
}

/// As what a record that stands nowhere is stored.
pub const NOWHERE: &str = "nowhere";

/// Where this record stands; `None` if nothing accounts for it, which must not be.
pub fn standing(kind: Kind, record: &Received) -> Option<Standing> {
    if !record.decided {
        return Some(if record.erased { Standing::Declined } else { Standing::Open });
    }
    let found = match kind {
        Kind::Order => record.journey.as_ref().map(|journey| order(journey, record)),
        Kind::Shipment => shipment(record),
    };
    // A record that cannot be read has a card and nothing else.
    found.or(record.carded.then_some(Standing::Open))
}

fn order(journey: &Journey, record: &Received) -> Standing {
    let posted = journey.ledger_order.is_some();
    match journey.stage {
        Stage::Declined => Standing::Declined,
        Stage::Complete => Standing::Posted,
        Stage::Stopped | Stage::Open if record.erased => {
            if posted {
                Standing::Posted
            } else {
                Standing::Declined
            }
        }
        Stage::Open if posted && !record.carded => Standing::Posted,
        Stage::Stopped | Stage::Open => Standing::Open,
    }
}

fn shipment(record: &Received) -> Option<Standing> {
    if let Some(despatch) = &record.despatch {
        return Some(match despatch {
            State::Done => Standing::Posted,
            State::Withdrawn { .. } => Standing::Declined,
            State::Waiting
            | State::Ready { .. }
            | State::Sending { .. }
            | State::Unknown { .. }
            | State::Probing { .. }
            | State::Parked
            | State::Superseded { .. } => Standing::Open,
        });
    }
    let journey = record.journey.as_ref()?;
    let counted = journey.shipments.iter().find(|shipment| shipment.key == record.key)?;
    // Of what left, nothing was outstanding: there is nothing to post, and a person was told.
    (counted.lines.is_empty() && !record.carded).then_some(Standing::Declined)
}

/// A record that came again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Again {
    pub key: String,
    /// The most times that one answer showed it, beyond once.
    pub same: u32,
    /// Other contents that it came with.
    pub other: u32,
}

/// A record that came long after it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Late {
    pub key: String,
    pub made_at: Timestamp,
    pub received_at: Timestamp,
}

/// What was received from a source on a day, and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub received: u64,
    pub posted: u64,
    pub open: u64,
    pub declined: u64,
    /// Keys that are received and stand nowhere.
    pub nowhere: Vec<String>,
    pub again: Vec<Again>,
    pub late: Vec<Late>,
}

impl Tally {
    /// Counts a record. Each key is given once.
    pub fn count(&mut self, kind: Kind, record: &Received) {
        self.received += 1;
        match standing(kind, record) {
            Some(Standing::Posted) => self.posted += 1,
            Some(Standing::Open) => self.open += 1,
            Some(Standing::Declined) => self.declined += 1,
            None => self.nowhere.push(record.key.clone()),
        }
        if let Some(made_at) = record.made_at
            && record.received_at.since(made_at) > LATE_AFTER
        {
            self.late.push(Late {
                key: record.key.clone(),
                made_at,
                received_at: record.received_at,
            });
        }
    }

    /// Counts what came again: which content of the record it is, from 1, and how many times one answer showed it.
    pub fn count_again(&mut self, key: &str, version: u32, shown: u32) {
        let place = self.again.iter().position(|again| again.key == key).unwrap_or_else(|| {
            self.again.push(Again {
                key: key.to_owned(),
                same: 0,
                other: 0,
            });
            self.again.len() - 1
        });
        let again = &mut self.again[place];
        again.same = again.same.max(shown.saturating_sub(1));
        again.other += u32::from(version > 1);
    }

    /// Records that came again, whatever the number of times.
    pub fn repeats(&self) -> u64 {
        self.again
            .iter()
            .map(|again| u64::from(again.same) + u64::from(again.other))
            .sum()
    }

    /// received = posted + open + declined.
    pub fn adds_up(&self) -> bool {
        self.nowhere.is_empty() && self.received == self.posted + self.open + self.declined
    }
}

/// What a comparison with the source's own list may find of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The source lists it, and we have never received it.
    Missing,
    /// We have it, and the source says that there is no such record.
    UnknownThere,
}

impl Problem {
    pub const ALL: [Self; 2] = [Self::Missing, Self::UnknownThere];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::UnknownThere => "unknown there",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.name() == name)
    }
}

/// Which keys of a source's list are compared: those that it made from here on, and long enough ago for intake to have them.
#[derive(Debug, Clone)]
pub struct Window<'a> {
    /// Where it begins; what is older was never ours, or was compared often enough.
    pub from: Timestamp,
    pub settled: Timestamp,
    pub zone: &'a Zone,
}

impl Window<'_> {
    /// The keys to compare, by the business day on which the source made them; each once. One without a readable time is of the last day.
    pub fn by_day(&self, listed: &[Listed]) -> BTreeMap<Date, BTreeSet<String>> {
        let mut days: BTreeMap<Date, BTreeSet<String>> = BTreeMap::new();
        for one in listed {
            let at = one.made_at.unwrap_or(self.settled);
            if self.from <= at && at <= self.settled {
                days.entry(at.date_in(self.zone)).or_default().insert(one.key.clone());
            }
        }
        days
    }

    /// Every business day that it touches, the first first.
    pub fn days(&self) -> Vec<Date> {
        let last = self.settled.date_in(self.zone);
        let mut day = self.from.date_in(self.zone);
        let mut days = Vec::new();
        while day <= last {
            days.push(day);
            day = day.plus_days(1);
        }
        days
    }
}
