//! The orders that came last, for whoever looks before they know a number.
//!
//! Each stage of a company is a range of an index, so a page is read off as many ranges and never sorted as a whole. What comes meanwhile stands
//! before the first page and moves no other.

use std::cmp::Reverse;

use tallyman_core::journey::Stage;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::search::{self, Listed};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::board::{LIMIT_MAX, Page};

/// Where a page ends: when its last order came, and that order's id.
pub type Key = (Timestamp, String);

/// An order and whether a person is needed before it goes on.
#[derive(Debug, Clone)]
pub struct Row {
    pub order: Listed,
    pub stands_still: bool,
}

/// A page of the orders of these companies, the last received first.
pub async fn page(store: &Store, companies: &[String], after: Option<Key>, limit: usize) -> Result<Page<Row, Key>, UnitError> {
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
    type Output = Page<Row, Key>;
    const NAME: &'static str = "newest_orders";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let (at, id) = (self.before.0, self.before.1.as_str());
        // One more than is shown says whether there is more.
        let most = i64::try_from(self.limit + 1).unwrap_or(i64::MAX);
        let mut orders = Vec::new();
        for company in &self.companies {
            for stage in Stage::ALL {
                orders.extend(search::newest(tx, (company, stage), (at, id), most).await?);
            }
        }
        orders.sort_by_cached_key(|order| Reverse((order.received_at, order.id.clone())));
        let more = orders.len() > self.limit;
        orders.truncate(self.limit);
        let last = orders.last().map(|last| (last.received_at, last.id.clone()));
        let mut rows = Vec::with_capacity(orders.len());
        for order in orders {
            let stands_still = match order.stage {
                Stage::Stopped => true,
                Stage::Open => search::stands_still(tx, &order.id).await?,
                Stage::Complete | Stage::Declined => false,
            };
            rows.push(Row { order, stands_still });
        }
        Ok(Page {
            rows,
            next: last.filter(|_| more),
        })
    }
}
