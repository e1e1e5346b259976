//! What pages read in place of counting a day follows the records: counted by the worker, soon after something was written. It changes how
//! quickly a day is read, and nothing else.

use std::ops::Range;

use tallyman_core::time::Timestamp;
use tallyman_store::tables::tally;
use tallyman_store::{Store, Tx, Unit, UnitError};

use super::{Source, stands};
use crate::parts::Merchant;

/// Whoever reads a day tells of so many records by themselves where they stand: some tens of microseconds each, and a page has several
/// sources.
const STALE_MAX: i64 = 20;
/// Records counted in one transaction.
const COUNTED_AT_ONCE: i64 = 500;
/// Records of every day: what was open overnight goes on today.
const EVER: Range<Timestamp> = Timestamp::from_micros(i64::MIN)..Timestamp::from_micros(i64::MAX);

/// Counts what may stand otherwise than it is counted, wherever that is more than is told quickly.
pub async fn round(store: &Store, merchant: &Merchant) -> Result<(), UnitError> {
    for source in Source::of(merchant) {
        // Most of the time little has changed, and asking is cheaper than a transaction that writes.
        while store.read(IsBehind(source.clone())).await? {
            store.write(Count(source.clone())).await?;
        }
    }
    Ok(())
}

struct IsBehind(Source);

impl Unit for IsBehind {
    type Output = bool;
    const NAME: &'static str = "tally_is_behind";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        tally::is_behind(tx, (&self.0.connection, self.0.kind), STALE_MAX).await
    }
}

/// Counts so many records of a source anew.
pub struct Count(pub Source);

impl Unit for Count {
    type Output = ();
    const NAME: &'static str = "keep_tally";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let its = (&self.0.connection, self.0.kind);
        let stale = tally::stale(tx, its, &EVER, None, COUNTED_AT_ONCE).await?;
        let found: Vec<(tally::Stale, &str)> = stale
            .into_iter()
            .map(|stale| {
                let stands = stands(self.0.kind, &stale.record);
                (stale, stands)
            })
            .collect();
        tally::count(tx, its, &found).await
    }
}
