//! Deadlines: what a retailer and a warehouse are promised, and by when an order is due.
//!
//! An order is due by the earliest of three instants: until when the retailer waits for an acknowledgement, what was promised for its
//! lines, and the warehouse's cut-off, after which what is released leaves a working day later. The first and the last are the
//! merchant's to say; where nothing is said, they bind nobody.

use std::time::Duration;

use crate::calendar::{Calendar, TimeOfDay};
use crate::cause::Cause;
use crate::document::Order;
use crate::finding::{Code, Finding};
use crate::ident::Connection;
use crate::journey::Journey;
use crate::time::{Date, Timestamp};

/// How long before a cut-off somebody should know, and how long after it what was missed is looked for.
pub const NEAR: Duration = Duration::from_secs(60 * 60);

/// More days are never looked through for a cut-off.
const DAYS_MAX: i32 = 366;

/// What one merchant has promised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promises {
    /// Until when after it was ordered the retailer wants an order acknowledged.
    pub acknowledge_within: Option<Duration>,
    pub cut_off: Option<CutOff>,
    /// Until when each sign-in was consented to, where that is known.
    pub consents: Vec<(Connection, Timestamp)>,
}

/// Until when on a working day what is released leaves the same day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    pub at: TimeOfDay,
    /// The warehouse's.
    pub calendar: Calendar,
}

impl CutOff {
    /// The first after this instant; none where nobody ever works.
    pub fn first_after(&self, from: Timestamp) -> Option<Timestamp> {
        let today = from.date_in(&self.calendar.zone);
        (0..DAYS_MAX)
            .map(|days| today.plus_days(days))
            .filter(|day| self.calendar.is_working_day(*day))
            .map(|day| self.at.on(day, &self.calendar.zone))
            .find(|at| *at > from)
    }

    /// The last at or before this instant.
    pub fn last_before(&self, to: Timestamp) -> Option<Timestamp> {
        let today = to.date_in(&self.calendar.zone);
        (0..DAYS_MAX)
            .map(|days| today.plus_days(-days))
            .filter(|day| self.calendar.is_working_day(*day))
            .map(|day| self.at.on(day, &self.calendar.zone))
            .find(|at| *at <= to)
    }

    pub fn day(&self, at: Timestamp) -> Date {
        at.date_in(&self.calendar.zone)
    }
}

impl Promises {
    /// By when an order is due. It goes by when it was ordered, so that the same order is always due by the same instant.
    pub fn due_by(&self, order: &Order) -> Option<Timestamp> {
        let promised = order.lines.iter().filter_map(|line| line.promised).min();
        let acknowledged = self.acknowledge_within.map(|within| order.ordered_at.plus(within));
        let cut_off = self
            .cut_off
            .as_ref()
            .and_then(|cut_off| cut_off.first_after(order.ordered_at));
        [promised, acknowledged, cut_off].into_iter().flatten().min()
    }
}

/// What the cut-off at `at` means for an order that stands still. Near, it is over when the order is released; missed, when it leaves.
pub fn cut_off(warehouse: &Connection, cut_off: &CutOff, journey: &Journey, at: Timestamp, now: Timestamp) -> Option<Finding> {
    let released = journey.release_id.is_some();
    let cause = Cause::Day {
        source: warehouse.clone(),
        day: cut_off.day(at),
    };
    if now < at {
        let near = !released && at.since(now) <= NEAR;
        let sentence = format!(
            "Order {} stands still, and {warehouse} takes orders for the same day until {} only. Clear what stops it.",
            journey.reference, cut_off.at
        );
        return near.then(|| Finding::new(Code::CutOffNear, cause, sentence));
    }
    let sentence = format!(
        "Order {} stood still when {warehouse} stopped taking orders for the day, at {}. Ask it to take this one still, or tell the retailer \
         the new date.",
        journey.reference, cut_off.at
    );
    let gone = !journey.shipments.is_empty();
    (!gone).then(|| Finding::new(Code::CutOffMissed, cause, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_cut_off_is_on_the_clock_of_the_warehouse_on_its_working_days() {
        let cut_off = CutOff {
            at: TimeOfDay::parse("15:00").unwrap(),
            calendar: Calendar::usual(),
        };
        // In summer London is an hour ahead; Saturday and Sunday have none.
        let first = |text| cut_off.first_after(at(text)).unwrap();
        assert_eq!(first("2026-07-03T13:59:00Z"), at("2026-07-03T14:00:00Z"));
        assert_eq!(first("2026-07-03T14:00:00Z"), at("2026-07-06T14:00:00Z"));
        let last = |text| cut_off.last_before(at(text)).unwrap();
        assert_eq!(last("2026-07-05T12:00:00Z"), at("2026-07-03T14:00:00Z"));
        assert_eq!(last("2026-07-03T14:00:00Z"), at("2026-07-03T14:00:00Z"));
    }
}
