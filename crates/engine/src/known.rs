//! What decisions look things up in, read once and kept while it stands: a company's mappings and the ledger's facts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tallyman_core::facts::Facts;
use tallyman_core::ident::Company;
use tallyman_core::mapping::Mappings;
use tallyman_store::tables::mappings;
use tallyman_store::{Store, Tx, Unit, UnitError};

/// Mappings and facts of one company, under the numbers they had.
#[derive(Clone)]
pub struct Reference {
    pub numbers: (i64, i64),
    pub mappings: Arc<Mappings>,
    /// `None` until the ledger has been read once: nothing can be checked before.
    pub facts: Option<Arc<Facts>>,
}

#[derive(Default)]
pub struct References {
    read: Mutex<BTreeMap<Company, Reference>>,
}

struct Latest {
    company: Company,
}

impl Unit for Latest {
    type Output = (i64, i64);
    const NAME: &'static str = "latest_reference";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(i64, i64), UnitError> {
        mappings::latest(tx, self.company.as_str()).await
    }
}

struct Load {
    company: Company,
}

impl Unit for Load {
    type Output = Reference;
    const NAME: &'static str = "load_reference";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Reference, UnitError> {
        let company = self.company.as_str();
        Ok(Reference {
            numbers: mappings::latest(tx, company).await?,
            mappings: Arc::new(Mappings::from_rows(mappings::load(tx, company).await?)),
            facts: mappings::facts(tx, company).await?.map(Arc::new),
        })
    }
}

impl References {
    /// The current ones: asked for their numbers, read again only if those have moved.
    pub async fn current(&self, store: &Store, company: &Company) -> Result<Reference, UnitError> {
        let numbers = store
            .read(Latest {
                company: company.clone(),
            })
            .await?;
        let known = self
            .read
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .get(company)
            .cloned();
        if let Some(known) = known.filter(|known| known.numbers == numbers) {
            return Ok(known);
        }
        let read = store
            .read(Load {
                company: company.clone(),
            })
            .await?;
        self.read
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(company.clone(), read.clone());
        Ok(read)
    }
}
