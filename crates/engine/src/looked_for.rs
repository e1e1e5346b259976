//! Orders as somebody looks for them: by a whole number, by one that is spelled otherwise, or by the beginning of one.
//!
//! Each way is tried only where the one before found nothing, so a number that is whole never leads to others that begin with it.

use std::collections::BTreeMap;

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::reference::Reference;
use tallyman_store::tables::search::{self, Glimpse};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::named;

/// The fewest characters of a number by which it is looked for otherwise than whole.
pub const CHARS_MIN: usize = 4;
/// Orders shown at once.
pub const HITS_MAX: usize = 20;
/// References of a company that are looked through for them: several may be one order's, and not each is meant.
const LOOKED_AT: i64 = 100;

/// An order that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Our own id of it.
    pub journey: String,
    pub order: Glimpse,
    /// The number of it that is meant, where that is not the retailer's.
    pub by: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// There are more than are shown.
    pub more: bool,
}

/// Orders at these companies that may be meant.
pub async fn look_for(store: &Store, number: &str, companies: &[String]) -> Result<Found, UnitError> {
    let Ok(sought) = Reference::parse(number.trim()) else {
        return Ok(Found::default());
    };
    let companies = companies.to_vec();
    store.read(LookFor { sought, companies }).await
}

struct LookFor {
    sought: Reference,
    companies: Vec<String>,
}

impl Unit for LookFor {
    type Output = Found;
    const NAME: &'static str = "look_for_orders";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Found, UnitError> {
        let mut meant: BTreeMap<String, String> = BTreeMap::new();
        for order in named::known(tx, &self.sought).await? {
            if self.companies.contains(&order.company) {
                meant.insert(order.journey, self.sought.normalised());
            }
        }
        if meant.is_empty() && self.sought.joined().chars().count() >= CHARS_MIN {
            meant = self.alike(tx).await?;
        }
        let mut found = Found {
            more: meant.len() > HITS_MAX,
            ..Found::default()
        };
        let mut meant: Vec<_> = meant.into_iter().collect();
        meant.sort_by(|(_, a), (_, b)| a.cmp(b));
        for (journey, by) in meant.into_iter().take(HITS_MAX) {
            let Ok(id) = Fingerprint::parse(&journey).map(JourneyId::from_fingerprint) else {
                continue;
            };
            if let Some(order) = search::glimpse(tx, &id).await? {
                let by = Some(by).filter(|by| !order.reference.eq_ignore_ascii_case(by));
                found.hits.push(Hit { journey, order, by });
            }
        }
        found
            .hits
            .sort_by(|a, b| (&a.order.reference, &a.order.company).cmp(&(&b.order.reference, &b.order.company)));
        Ok(found)
    }
}

impl LookFor {
    /// References that are the sought one spelled otherwise, or else those that begin so: by journey.
    async fn alike(&self, tx: &mut Tx<'_>) -> Result<BTreeMap<String, String>, UnitError> {
        let (mut whole, mut begun) = (BTreeMap::new(), BTreeMap::new());
        let bare = self.sought.bare();
        for company in &self.companies {
            let mut pairs = search::beginning(tx, company, &self.sought.normalised(), LOOKED_AT).await?;
            // Letters alone have no figures to be found by.
            if !bare.is_empty() {
                pairs.extend(search::bare(tx, company, &bare, LOOKED_AT).await?);
            }
            for (reference, journey) in pairs {
                match self.likeness(&reference) {
                    Some(Likeness::Whole) => whole.entry(journey).or_insert(reference),
                    Some(Likeness::Begins) => begun.entry(journey).or_insert(reference),
                    None => continue,
                };
            }
        }
        Ok(if whole.is_empty() { begun } else { whole })
    }

    fn likeness(&self, reference: &str) -> Option<Likeness> {
        let sought = self.sought.joined();
        let known = Reference::parse(reference).ok()?;
        let forms = [known.joined(), known.bare()];
        if forms.contains(&sought) {
            Some(Likeness::Whole)
        } else if forms.iter().any(|form| form.starts_with(&sought)) {
            Some(Likeness::Begins)
        } else {
            None
        }
    }
}

enum Likeness {
    Whole,
    Begins,
}
