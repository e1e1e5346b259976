//! Unknown outcomes: writes of which nobody can tell yet whether they were carried out, and those that stand still until somebody says.
//!
//! What a guardrail stopped before it was sent is not here: it goes on by itself when that is put right. What a person says about one
//! is [`crate::answer`]'s.

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::board::{self, Outcome};
use tallyman_store::tables::words::{self, Word};
use tallyman_store::tables::{cards, exceptions};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::board::{LIMIT_MAX, Page};

/// How such a write stands, the one that waits for a person first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It waits for a person's word.
    Parked,
    /// It is asked about when its time has come.
    Unknown,
    /// It is being asked about.
    Probing,
}

impl Standing {
    pub const ALL: [Self; 3] = [Self::Parked, Self::Unknown, Self::Probing];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Parked => "parked",
            Self::Unknown => "unknown",
            Self::Probing => "probing",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

/// One such write, with the card that it stands under.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub company: String,
    pub standing: Standing,
    pub outcome: Outcome,
    /// The card's id and code.
    pub card: Option<(String, String)>,
    /// Until when that card is set aside, if it is.
    pub aside: Option<Timestamp>,
    /// What a first person has said of it, where a second must say the same.
    pub first: Option<Word>,
}

/// Company, standing and id.
pub type Key = (String, Standing, String);

struct InDoubt {
    companies: Vec<String>,
    only: Option<Standing>,
    after: Option<Key>,
    limit: usize,
}

impl Unit for InDoubt {
    type Output = Page<Waiting, Key>;
    const NAME: &'static str = "unknown_outcomes";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut rows = Vec::new();
        let all = self
            .companies
            .iter()
            .flat_map(|company| Standing::ALL.map(|standing| (company, standing)))
            .filter(|(_, standing)| self.only.is_none_or(|only| only == *standing));
        let mut after = self.after.as_ref();
        for (company, standing) in all {
            // A page begins where the last one ended: what lies before that is over.
            let from = match after {
                Some((its, at, id)) if its == company && *at == standing => id,
                Some(_) => continue,
                None => "",
            };
            after = None;
            let room = self.limit - rows.len();
            // One more than there is room for tells whether there is a next page.
            let found = board::in_doubt(tx, company, standing.name(), from, room as i64 + 1).await?;
            let more = found.len() > room;
            let mut last = from.to_owned();
            for outcome in found.into_iter().take(room) {
                last.clone_from(&outcome.id);
                rows.push(waiting(tx, company, standing, outcome).await?);
            }
            if more {
                let next = Some((company.clone(), standing, last));
                put_aside(tx, &mut rows).await?;
                return Ok(Page { rows, next });
            }
        }
        put_aside(tx, &mut rows).await?;
        Ok(Page { rows, next: None })
    }
}

/// Says of each whose card is set aside until when it is.
async fn put_aside(tx: &mut Tx<'_>, rows: &mut [Waiting]) -> Result<(), UnitError> {
    let ids = rows
        .iter()
        .filter_map(|row| row.card.as_ref())
        .map(|(id, _)| id.clone())
        .collect::<Vec<_>>();
    let aside = cards::set_aside(tx, ids).await?;
    for row in rows {
        let its = row.card.as_ref().and_then(|(id, _)| aside.get(id));
        row.aside = its.map(|its| its.until);
    }
    Ok(())
}

async fn waiting(tx: &mut Tx<'_>, company: &str, standing: Standing, outcome: Outcome) -> Result<Waiting, UnitError> {
    let cards = exceptions::cards_of(tx, &outcome.journey, &outcome.id).await?;
    let first = match Fingerprint::parse(&outcome.id) {
        Ok(id) => words::load(tx, &id).await?.filter(|word| word.at >= outcome.since),
        Err(_) => None,
    };
    Ok(Waiting {
        company: company.to_owned(),
        standing,
        outcome,
        card: cards.into_iter().next(),
        aside: None,
        first,
    })
}

/// A page of them, by company, by how they stand, and by id.
pub async fn page(
    store: &Store,
    companies: &[String],
    only: Option<Standing>,
    after: Option<Key>,
    limit: usize,
) -> Result<Page<Waiting, Key>, UnitError> {
    let unit = InDoubt {
        companies: companies.to_vec(),
        only,
        after,
        limit: limit.clamp(1, LIMIT_MAX),
    };
    store.read(unit).await
}

struct CompanyOf(String);

impl Unit for CompanyOf {
    type Output = Option<String>;
    const NAME: &'static str = "company_of_effect";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        board::company_of(tx, &self.0).await
    }
}

/// Whose write it is; none where there is no such write.
pub async fn company_of(store: &Store, effect: &str) -> Result<Option<String>, UnitError> {
    store.read(CompanyOf(effect.trim().to_owned())).await
}
