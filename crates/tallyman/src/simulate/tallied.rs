//! Whether the tally of a seed adds up, and names every record that a list has swallowed, doubled or shown late.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::role::Question;
use tallyman_core::tally::Kind;
use tallyman_core::time::{Date, Timestamp};
use tallyman_engine::parts::Parts;
use tallyman_engine::tally::{self, Source};
use tallyman_store::tables::tally as tables;
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_twin::mishap::Mishap;
use tallyman_twin::wire::Twin;

/// What a source's pages name: keys that were missing, that came twice in one answer, that came late.
#[derive(Default)]
struct Named {
    missing: BTreeSet<String>,
    doubled: BTreeSet<String>,
    late: BTreeSet<String>,
}

/// What is wrong with the tallies from `origin` to `now`.
pub async fn complaints(parts: &Parts, twin: &Twin, origin: Timestamp, now: Timestamp) -> Result<Vec<String>, UnitError> {
    let mut complaints = Vec::new();
    let mut mishaps = mishaps(twin);
    for (merchant, number) in parts.merchants.iter().zip(1..) {
        for source in Source::of(merchant) {
            let named = named(parts, &source, (origin, now), &mut complaints).await?;
            for (key, mishap) in mishaps.remove(&(number, source.kind)).unwrap_or_default() {
                let (is_named, what) = match mishap {
                    Mishap::Dropped => (named.missing.contains(&key), "left out"),
                    Mishap::Doubled => (named.doubled.contains(&key), "doubled"),
                    Mishap::Delayed(_) => (named.missing.contains(&key) || named.late.contains(&key), "delayed"),
                };
                if !is_named {
                    complaints.push(format!(
                        "{} {key} of {} was {what}, and the tally does not name it",
                        source.kind.name(),
                        source.connection
                    ));
                }
            }
        }
    }
    Ok(complaints)
}

async fn named(
    parts: &Parts,
    source: &Source,
    (origin, now): (Timestamp, Timestamp),
    complaints: &mut Vec<String>,
) -> Result<Named, UnitError> {
    let mut named = Named::default();
    let (mut day, last) = (origin.date_in(&source.zone), now.date_in(&source.zone));
    while day <= last {
        let page = tally::ask(&parts.store, source, day, now).await?;
        if !page.is_whole() {
            complaints.push(format!("the tally of {day} does not come out even: {page:?}"));
        }
        named.missing.extend(page.gaps.into_iter().map(|gap| gap.key));
        let doubled = page.tally.again.into_iter().filter(|again| again.same > 0);
        named.doubled.extend(doubled.map(|again| again.key));
        named.late.extend(page.tally.late.into_iter().map(|late| late.key));
        day = day.plus_days(1);
    }
    Ok(named)
}

/// What became of which record, by company and kind.
fn mishaps(twin: &Twin) -> BTreeMap<(u32, Kind), Vec<(String, Mishap)>> {
    let books = twin.books();
    let orders = books.virtualstock.books.orders.values();
    let orders = orders.map(|order| (order.company, Kind::Order, order.id, order.mishap));
    let parcels = books.mintsoft.books.orders.values();
    let parcels = parcels.map(|parcel| (parcel.client, Kind::Shipment, parcel.id, parcel.mishap));
    let mut found: BTreeMap<(u32, Kind), Vec<(String, Mishap)>> = BTreeMap::new();
    for (company, kind, id, mishap) in orders.chain(parcels) {
        if let Some(mishap) = mishap {
            found.entry((company, kind)).or_default().push((id.to_string(), mishap));
        }
    }
    found
}

/// Whether each source's own list was compared when it had to show all that had come by then. A vendor that answers badly takes its
/// time, and what a list has swallowed is found by no other.
pub async fn compared(parts: &Parts, since: Timestamp) -> Result<bool, UnitError> {
    let settled = since.plus(parts.pace.overlap);
    for merchant in &parts.merchants {
        for source in Source::of(merchant) {
            let Question::Asked { .. } = &source.question else { continue };
            let day = settled.date_in(&merchant.zone);
            let last = parts.store.read(Compared { source, day }).await?;
            if last.is_none_or(|at| at < settled) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

struct Compared {
    source: Source,
    day: Date,
}

impl Unit for Compared {
    /// When the list of that day was last asked for and compared.
    type Output = Option<Timestamp>;
    const NAME: &'static str = "source_compared";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let swept = tables::swept(tx, (&self.source.connection, self.source.kind), self.day).await?;
        Ok(swept.filter(|swept| swept.why.is_empty()).map(|swept| swept.at))
    }
}
