//! The tally of today, in numbers, and what the source's own list says beyond it.

use tallyman_core::ident::Connection;
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;
use tallyman_store::{Tx, UnitError};

use super::Asked;
use crate::parts::Merchant;
use crate::tally;
use crate::worker::Feed;

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
    /// Records that came since; all of today's where it was not.
    pub uncompared: u64,
    /// It was not compared for longer than it is as a rule, or not yet.
    pub overdue: bool,
    /// Why nothing comes from there, or why it could not be compared.
    pub why: Option<String>,
}

pub(super) async fn look(tx: &mut Tx<'_>, merchant: &Merchant, asked: &Asked) -> Result<Vec<Source>, UnitError> {
    let now = asked.now;
    let today = now.date_in(&merchant.zone);
    let mut found = Vec::new();
    for source in tally::Source::of(merchant) {
        let counted = tally::count(tx, &source, today).await?;
        let beside = tally::beside(tx, &source, today, now).await?;
        let every = asked
            .feeds
            .iter()
            .find(|(feed, ..)| *feed == Feed::Keys(source.kind))
            .map(|(_, _, every)| *every);
        let is_overdue = |at: Timestamp| every.is_some_and(|every| now.since(at) > every);
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
            uncompared: beside.compared_at.map_or(counted.received, |_| beside.uncompared),
            overdue: beside.compared_at.is_none_or(is_overdue),
            why: beside.why,
        });
    }
    Ok(found)
}
