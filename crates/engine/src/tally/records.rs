//! The records of a day, key by key: what a figure of the tally is made of.

use tallyman_core::tally::{self as core, Standing};
use tallyman_core::time::{Date, Timestamp};
use tallyman_store::tables::tally::{self, Listed, Stands};
use tallyman_store::{Store, Tx, Unit, UnitError};

use super::{Source, span};
use crate::board::Page;

/// Records read in one transaction at most, and looked at for one page.
const AT_ONCE: i64 = 500;
const LOOKED_MAX: i64 = 5_000;

/// One record of a day.
#[derive(Debug, Clone)]
pub struct Record {
    pub key: String,
    pub received_at: Timestamp,
    pub made_at: Option<Timestamp>,
    /// The order that it belongs to, by our own id and by its number, if one has begun.
    pub journey: Option<String>,
    pub reference: Option<String>,
    /// None: nothing accounts for it, which is a fault of ours.
    pub standing: Option<Standing>,
    /// It stands under an open card.
    pub carded: bool,
}

/// Where a page ends.
pub type Place = (Timestamp, String);

/// A page of them, as they came; only those that stand so, if that is asked. It may be short, and still have a next.
pub async fn page(
    store: &Store,
    source: &Source,
    day: Date,
    only: Option<Standing>,
    after: Option<Place>,
    limit: usize,
) -> Result<Page<Record, Place>, UnitError> {
    let mut rows = Vec::new();
    let (mut after, mut looked) = (after, 0);
    // Where every record is shown, no more are read than are shown.
    let at_once = match only {
        Some(_) => AT_ONCE,
        None => AT_ONCE.min(i64::try_from(limit).unwrap_or(AT_ONCE)),
    };
    loop {
        let unit = Records {
            source: source.clone(),
            day,
            after: after.take(),
            at_once,
        };
        let page = store.read(unit).await?;
        let full = page.len() as i64 == at_once;
        looked += page.len() as i64;
        let last = page.last().map(|last| (last.received_at, last.key.clone()));
        for listed in page {
            let record = shown(source, listed);
            if only.is_none() || record.standing == only {
                let place = (record.received_at, record.key.clone());
                rows.push(record);
                if rows.len() == limit {
                    return Ok(Page { rows, next: Some(place) });
                }
            }
        }
        match last.filter(|_| full) {
            None => return Ok(Page { rows, next: None }),
            Some(place) if looked >= LOOKED_MAX => {
                return Ok(Page { rows, next: Some(place) });
            }
            Some(place) => after = Some(place),
        }
    }
}

fn shown(source: &Source, listed: Listed) -> Record {
    let standing = match &listed.stands {
        Stands::Counted(name) => Standing::named(name),
        Stands::Stale(record) => core::standing(source.kind, record),
    };
    let (journey, reference) = listed.journey.unzip();
    Record {
        key: listed.key,
        received_at: listed.received_at,
        made_at: listed.made_at,
        journey,
        reference,
        standing,
        carded: listed.carded,
    }
}

struct Records {
    source: Source,
    day: Date,
    after: Option<Place>,
    at_once: i64,
}

impl Unit for Records {
    type Output = Vec<Listed>;
    const NAME: &'static str = "records_of_a_day";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let source = (&self.source.connection, self.source.kind);
        let span = span(self.day, &self.source.zone);
        tally::listed(tx, source, &span, self.after.as_ref(), self.at_once).await
    }
}
