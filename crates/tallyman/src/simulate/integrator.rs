//! The merchant's integrator, who looks at the open cards now and then and maps what they blame.
//!
//! He goes by the cards alone: what they do not name is never mapped, and the seed never comes to rest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::seam::Clock;
use tallyman_engine::parts::Merchant;
use tallyman_store::tables::exceptions::{self, Card};
use tallyman_store::tables::mappings;
use tallyman_store::{Store, Tx, Unit, UnitError};
use tallyman_twin::world::RENAMED;

use crate::chance::Seeded;
use crate::clocks::PacedClock;

/// A retailer's own name for an item was mapped: stopped orders go on.
pub const MENDED_ITEM: &str = "mended_item";
/// A delivery service was mapped: the same.
pub const MENDED_SERVICE: &str = "mended_service";
/// A warehouse's carrier was mapped: a confirmation that was stopped is superseded.
pub const MENDED_CARRIER: &str = "mended_carrier";

/// The carrier that is not mapped at first, and the retailer's word for it.
const CARRIER: (&str, &str) = ("DPD Next Day", "dpd");
/// The delivery service that nobody has mapped, and the warehouse's service that will do.
const SERVICE: (&str, &str) = ("pigeon", "12");

pub struct Integrator {
    seed: u64,
    store: Store,
    clock: Arc<PacedClock>,
    met: Mutex<BTreeMap<String, u64>>,
}

impl Integrator {
    pub fn new(seed: u64, store: Store, clock: Arc<PacedClock>) -> Self {
        Self {
            seed,
            store,
            clock,
            met: Mutex::default(),
        }
    }

    pub fn met(&self) -> BTreeMap<String, u64> {
        self.met.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// One carrier that the warehouse uses has no name at the retailers when the day begins.
    pub async fn forget_a_carrier(&self, merchants: &[Arc<Merchant>]) -> Result<(), UnitError> {
        for merchant in merchants {
            let cell = Cell::new(Table::CarrierIn, merchant.channel.connection().as_str(), CARRIER.0);
            self.map(merchant.company.as_str(), cell, None).await?;
        }
        Ok(())
    }

    /// Works until it is dropped.
    pub async fn work(&self) -> anyhow::Result<bool> {
        let mut chance = Seeded::new(self.seed, "integrator");
        loop {
            let pause = Duration::from_secs(chance.between(600, 3_000));
            self.clock.sleep_until(self.clock.now().plus(pause)).await;
            for card in self.store.read(Open).await? {
                if let Some((met, cell, ours)) = mended(&card) {
                    self.map(&card.company, cell, Some(ours)).await?;
                    let mut all = self.met.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    *all.entry(met.to_owned()).or_default() += 1;
                }
            }
        }
    }

    async fn map(&self, company: &str, cell: Cell, ours: Option<String>) -> Result<(), UnitError> {
        let row = Row {
            cell,
            ours,
            seq: 0,
            at: self.clock.now(),
            actor: "integrator".into(),
            reason: "a card named it".into(),
        };
        let company = company.to_owned();
        self.store.write(Map { company, row }).await
    }
}

/// Whether a card is open that a mapping would clear.
pub async fn has_work(store: &Store) -> Result<bool, UnitError> {
    Ok(store.read(Open).await?.iter().any(|card| mended(card).is_some()))
}

/// What the card blames, and what it should say. A cause names the cell: table, word and connection.
fn mended(card: &Card) -> Option<(&'static str, Cell, String)> {
    let mut words = card.cause.split('`').skip(1).step_by(2);
    let (theirs, scope) = (words.next()?, words.next()?);
    let cell = |table| Cell::new(table, scope, theirs);
    match card.code.as_str() {
        "sku_unknown" => Some((MENDED_ITEM, cell(Table::Sku), theirs.strip_suffix(RENAMED)?.to_owned())),
        "carrier_unmapped" if theirs.eq_ignore_ascii_case(SERVICE.0) => {
            Some((MENDED_SERVICE, cell(Table::CarrierOut), SERVICE.1.to_owned()))
        }
        "carrier_unmapped" if theirs.eq_ignore_ascii_case(CARRIER.0) => {
            Some((MENDED_CARRIER, cell(Table::CarrierIn), CARRIER.1.to_owned()))
        }
        _ => None,
    }
}

struct Open;

impl Unit for Open {
    type Output = Vec<Card>;
    const NAME: &'static str = "integrator_looks";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Card>, UnitError> {
        exceptions::open(tx, None, 1_000).await
    }
}

struct Map {
    company: String,
    row: Row,
}

impl Unit for Map {
    type Output = ();
    const NAME: &'static str = "integrator_maps";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        mappings::insert(tx, &self.company, &self.row).await
    }
}
