//! The tally of today, in numbers, and what the source's own list says beyond it.

use tallyman_core::ident::Connection;
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;
use tallyman_store::{Tx, UnitError};

use crate::parts::Merchant;
use crate::tally;

/// A source, and what was received from it today.
#[derive(Debug, Clone)]
pub struct Source {
    pub connection: Connection,
    pub kind: Kind,
    pub received: u64,
    pub posted: u64,
    pub open: u64,
    pub declined: u64,
    /// Records that stand nowhere: a fault of ours.
    pub nowhere: u64,
    /// Keys in which the source's own list and we differ, of whatever day.
    pub gaps: u64,
    /// When its own list was last compared; none if it was not yet, of today or the day before.
    pub compared_at: Option<Timestamp>,
    /// Why nothing comes from there, or why it could not be compared.
    pub why: Option<String>,
}

pub(super) async fn look(tx: &mut Tx<'_>, merchant: &Merchant, now: Timestamp) -> Result<Vec<Source>, UnitError> {
    let today = now.date_in(&merchant.zone);
    let mut found = Vec::new();
    for source in tally::Source::of(merchant) {
        let counted = tally::count(tx, &source, today).await?;
        let beside = tally::beside(tx, &source, today, now).await?;
        found.push(Source {
            connection: source.connection,
            kind: source.kind,
            received: counted.received,
            posted: counted.posted,
            open: counted.open,
            declined: counted.declined,
            nowhere: counted.nowhere.len() as u64,
            gaps: beside.gaps,
            compared_at: beside.compared_at,
            why: beside.why,
        });
    }
    Ok(found)
}
