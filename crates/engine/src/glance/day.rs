//! Orders through the day, by the hour, against the usual day of the week.

use std::ops::Range;

use tallyman_core::ident::Connection;
use tallyman_core::tally::Kind;
use tallyman_core::time::{Date, Timestamp, Zone};
use tallyman_core::usual::Usual;
use tallyman_store::tables::flow;
use tallyman_store::{Tx, UnitError};

use crate::parts::Merchant;

/// Weeks that a usual day is taken from.
const WEEKS: i32 = 8;
const HOUR_MICROS: i64 = 3_600_000_000;

#[derive(Debug, Clone)]
pub struct Day {
    pub date: Date,
    /// When it began, and ends.
    pub begins: Timestamp,
    pub ends: Timestamp,
    /// Orders that came in each hour, up to the one that is.
    pub by_hour: Vec<u64>,
    /// None before there are enough days to call anything usual.
    pub usual: Option<Usual>,
}

/// The usual day, and the day for which it was taken together.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    date: Date,
    usual: Option<Usual>,
}

/// The instants of a civil date.
fn span(day: Date, zone: &Zone) -> Range<Timestamp> {
    day.starts_in(zone)..day.plus_days(1).starts_in(zone)
}

fn hours(span: &Range<Timestamp>) -> usize {
    usize::try_from(span.end.since(span.start).as_secs().div_ceil(3_600)).unwrap_or(24)
}

async fn by_hour(tx: &mut Tx<'_>, channel: &Connection, span: &Range<Timestamp>) -> Result<Vec<u64>, UnitError> {
    let mut hours = vec![0; hours(span)];
    for (hour, count) in flow::arrivals(tx, (channel, Kind::Order), span, HOUR_MICROS).await? {
        if let Some(its) = usize::try_from(hour).ok().and_then(|hour| hours.get_mut(hour)) {
            *its += count;
        }
    }
    Ok(hours)
}

pub(super) async fn look(
    tx: &mut Tx<'_>,
    merchant: &Merchant,
    now: Timestamp,
    kept: &mut Option<Kept>,
) -> Result<Day, UnitError> {
    let channel = merchant.channel.connection();
    let date = now.date_in(&merchant.zone);
    let today = span(date, &merchant.zone);
    let usual = match kept {
        Some(kept) if kept.date == date => kept.usual.clone(),
        _ => {
            let mut days = Vec::new();
            for week in 1..=WEEKS {
                days.push(by_hour(tx, channel, &span(date.plus_days(-7 * week), &merchant.zone)).await?);
            }
            let usual = Usual::of(&days, hours(&today));
            *kept = Some(Kept {
                date,
                usual: usual.clone(),
            });
            usual
        }
    };
    let mut by_hour = by_hour(tx, channel, &(today.start..now.plus(std::time::Duration::from_micros(1)))).await?;
    by_hour.truncate(hours(&today));
    Ok(Day {
        date,
        begins: today.start,
        ends: today.end,
        by_hour,
        usual,
    })
}

impl Day {
    /// How many have come.
    pub fn so_far(&self) -> u64 {
        self.by_hour.iter().sum()
    }

    /// How many usually have by this time of the day.
    pub fn usually_by(&self, now: Timestamp) -> Option<u64> {
        let thousandths = u64::try_from(now.since(self.begins).as_micros() / 3_600_000).ok()?;
        self.usual.as_ref().map(|usual| usual.by(thousandths))
    }
}
