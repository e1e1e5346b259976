//! Retries: writes that were put off (a record that somebody has open, a limit, a system that is away), or that were looked for and are not
//! there. They go again by themselves; nobody is needed unless they do so for long, and then there is a card.
//!
//! What a person tries again, by a plan, is [`crate::retry`]'s.

use tallyman_core::time::Timestamp;
use tallyman_store::tables::board::{self, PutOff};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::board::{LIMIT_MAX, Page};
use crate::story::came_of;

/// One such write, and whose it is.
#[derive(Debug, Clone)]
pub struct Retry {
    pub company: String,
    pub write: PutOff,
}

impl Retry {
    /// What came of the last attempt, for people.
    pub fn because(&self) -> &'static str {
        match &self.write.last {
            Some((what, outcome)) => came_of(what, outcome),
            None => "has not been attempted yet",
        }
    }
}

/// Company, when it goes, and id.
pub type Key = (String, Timestamp, String);

struct GoAgain {
    companies: Vec<String>,
    after: Option<Key>,
    limit: usize,
}

impl Unit for GoAgain {
    type Output = Page<Retry, Key>;
    const NAME: &'static str = "retries";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut rows: Vec<Retry> = Vec::new();
        let mut after = self.after.as_ref();
        for company in &self.companies {
            // A page begins where the last one ended: what lies before that is over.
            let from = match after {
                Some((its, due, id)) if its == company => (*due, id.as_str()),
                Some(_) => continue,
                None => (Timestamp::from_micros(0), ""),
            };
            after = None;
            let room = self.limit - rows.len();
            // One more than there is room for tells whether there is a next page.
            let found = board::put_off(tx, company, from, room as i64 + 1).await?;
            let more = found.len() > room;
            let mut last = (company.clone(), from.0, from.1.to_owned());
            for write in found.into_iter().take(room) {
                last = (company.clone(), write.due, write.id.clone());
                rows.push(Retry {
                    company: company.clone(),
                    write,
                });
            }
            if more {
                return Ok(Page { rows, next: Some(last) });
            }
        }
        Ok(Page { rows, next: None })
    }
}

/// A page of them, by company and by when they go.
pub async fn page(store: &Store, companies: &[String], after: Option<Key>, limit: usize) -> Result<Page<Retry, Key>, UnitError> {
    let unit = GoAgain {
        companies: companies.to_vec(),
        after,
        limit: limit.clamp(1, LIMIT_MAX),
    };
    store.read(unit).await
}
