//! The orders that came last, for whoever looks before they know a number.
//!
//! Each company's are a range of an index. What comes meanwhile stands before the first page and moves no other. What came before and waited
//! to be decided takes its place among the others: whoever is past it by then finds it by going through them again.

use std::cmp::Reverse;

use tallyman_core::time::Timestamp;
use tallyman_store::tables::search::{self, Listed};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::board::{LIMIT_MAX, Page};

/// Where a page ends: when its last order came, and that order's id.
pub type Key = (Timestamp, String);

/// A page of the orders of these companies, the last received first.
pub async fn page(store: &Store, companies: &[String], after: Option<Key>, limit: usize) -> Result<Page<Listed, Key>, UnitError> {
    let unit = Newest {
        companies: companies.to_vec(),
        before: after.unwrap_or((Timestamp::MAX, String::new())),
        limit: limit.clamp(1, LIMIT_MAX),
    };
    store.read(unit).await
}

struct Newest {
    companies: Vec<String>,
    before: Key,
    limit: usize,
}

impl Unit for Newest {
    type Output = Page<Listed, Key>;
    const NAME: &'static str = "newest_orders";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let (at, id) = (self.before.0, self.before.1.as_str());
        // One more than is shown says whether there is more.
        let most = i64::try_from(self.limit + 1).unwrap_or(i64::MAX);
        let mut orders = Vec::new();
        for company in &self.companies {
            orders.extend(search::newest(tx, company, (at, id), most).await?);
        }
        orders.sort_by_cached_key(|order| Reverse((order.received_at, order.id.clone())));
        let more = orders.len() > self.limit;
        orders.truncate(self.limit);
        let last = orders.last().map(|last| (last.received_at, last.id.clone()));
        Ok(Page {
            rows: orders,
            next: last.filter(|_| more),
        })
    }
}
