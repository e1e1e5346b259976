//! How old everything is: when each feed last finished a round.

use std::time::Duration;

use tallyman_core::heartbeat::Beat;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::feeds;
use tallyman_store::{Tx, UnitError};

use super::Asked;
use crate::worker;

#[derive(Debug, Clone)]
pub struct Feed {
    pub name: String,
    pub every: Duration,
    /// None before the first round of all.
    pub done_at: Option<Timestamp>,
    pub beat: Beat,
}

pub(super) async fn look(tx: &mut Tx<'_>, asked: &Asked) -> Result<Vec<(worker::Feed, Feed)>, UnitError> {
    let mut found = Vec::with_capacity(asked.feeds.len());
    for (feed, name, every) in &asked.feeds {
        let done_at = feeds::done_at(tx, name).await?;
        let quiet = done_at.map_or(Duration::ZERO, |done_at| asked.now.since(done_at));
        let shown = Feed {
            name: name.clone(),
            every: *every,
            done_at,
            beat: Beat::of(*every, quiet),
        };
        found.push((*feed, shown));
    }
    Ok(found)
}
