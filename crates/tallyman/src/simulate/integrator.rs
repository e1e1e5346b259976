//! The merchant's integrator, who looks at the open cards now and then, maps what they blame and answers what only he can.
//!
//! He goes by the cards alone: what they do not name is never mapped, and the seed never comes to rest. He knows his Sage: what it
//! says when somebody has an order open, in words that Tallyman takes for a refusal, he has sent again. Other refusals he leaves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tallyman_core::access::{Actor, Right};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::seam::Clock;
use tallyman_engine::answer::{self, Answer, Said};
use tallyman_engine::bells::Bells;
use tallyman_engine::parts::Merchant;
use tallyman_engine::told::{self, Told};
use tallyman_engine::vault::Vault;
use tallyman_store::tables::exceptions::{self, Card};
use tallyman_store::tables::mappings;
use tallyman_store::{Store, Tx, Unit, UnitError};
use tallyman_twin::sage::UNSAID;
use tallyman_twin::world::RENAMED;

use crate::chance::Seeded;
use crate::clocks::PacedClock;

/// A retailer's own name for an item was mapped: stopped orders go on.
pub const MENDED_ITEM: &str = "mended_item";
/// A delivery service was mapped: the same.
pub const MENDED_SERVICE: &str = "mended_service";
/// A warehouse's carrier was mapped: a confirmation that was stopped is superseded.
pub const MENDED_CARRIER: &str = "mended_carrier";
/// A refusal in words that nobody had told us was sent again on his word.
pub const ANSWERED: &str = "answered_refusal";

/// The carrier that is not mapped at first, and the retailer's word for it.
const CARRIER: (&str, &str) = ("DPD Next Day", "dpd");
/// The delivery service that nobody has mapped, and the warehouse's service that will do.
const SERVICE: (&str, &str) = ("pigeon", "12");

pub struct Integrator {
    seed: u64,
    store: Store,
    clock: Arc<PacedClock>,
    vault: Vault,
    bells: Arc<Bells>,
    met: Mutex<BTreeMap<String, u64>>,
}

impl Integrator {
    pub fn new(seed: u64, store: Store, clock: Arc<PacedClock>, vault: Vault, bells: Arc<Bells>) -> Self {
        Self {
            seed,
            store,
            clock,
            vault,
            bells,
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
                    self.count(met);
                }
                self.answer(&card).await?;
            }
        }
    }

    fn count(&self, met: &str) {
        let mut all = self.met.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *all.entry(met.to_owned()).or_default() += 1;
    }

    /// Has sent again what was refused under a card because it was open at somebody's desk.
    async fn answer(&self, card: &Card) -> Result<(), UnitError> {
        let members = open_at_a_desk(&self.store, &self.vault, card).await?;
        if members.is_empty() {
            return Ok(());
        }
        let permit = Actor::terminal("integrator").may(Right::Answer, &card.company, None)?;
        let said = Said {
            permit: &permit,
            reason: "nobody has it open any more",
        };
        for member in members {
            let again = answer::answer(&self.store, &self.vault, &*self.clock, &member.record, Answer::Again, &said);
            match again.await {
                Ok(_) => self.count(ANSWERED),
                // It has moved since he looked.
                Err(UnitError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        // A command's commit would be heard through the store, which here has no neighbours.
        self.bells.ring_all();
        Ok(())
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

/// Whether a card is open that a mapping would clear, or his word.
pub async fn has_work(store: &Store, vault: &Vault) -> Result<bool, UnitError> {
    for card in store.read(Open).await? {
        if mended(&card).is_some() || !open_at_a_desk(store, vault, &card).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What was refused under a card and was only open at somebody's desk, as the words on the record say.
async fn open_at_a_desk(store: &Store, vault: &Vault, card: &Card) -> Result<Vec<Told>, UnitError> {
    if card.code != Code::Refused.name() {
        return Ok(Vec::new());
    }
    let unsaid = UNSAID.trim_end_matches('.');
    let mut members = told::members(store, vault, card, 1_000).await?;
    members.retain(|member| member.sentence.as_ref().is_some_and(|words| words.contains(unsaid)));
    Ok(members)
}

/// What the card blames, and what it should say.
fn mended(card: &Card) -> Option<(&'static str, Cell, String)> {
    let Cause::Cell(cell) = &card.cause else {
        return None;
    };
    let theirs = cell.normal();
    let (met, ours) = match (card.code.as_str(), cell.table) {
        ("sku_unknown", Table::Sku) => (MENDED_ITEM, theirs.strip_suffix(RENAMED)?.to_owned()),
        ("carrier_unmapped", Table::CarrierOut) if theirs.eq_ignore_ascii_case(SERVICE.0) => {
            (MENDED_SERVICE, SERVICE.1.to_owned())
        }
        ("carrier_unmapped", Table::CarrierIn) if theirs.eq_ignore_ascii_case(CARRIER.0) => {
            (MENDED_CARRIER, CARRIER.1.to_owned())
        }
        _ => return None,
    };
    Some((met, cell.clone(), ours))
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
