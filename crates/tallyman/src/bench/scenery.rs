//! What every part of the bench is set up with: the twin's settings, the worker's parts.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tallyman_core::planted::Planted;
use tallyman_core::seam::{NoHooks, Transport};
use tallyman_engine::bells::Bells;
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Merchant, Pace, Parts, Unseen};
use tallyman_engine::vault::Vault;
use tallyman_store::seal::MasterKeys;
use tallyman_store::{Location, Store};
use tallyman_twin::faults::Faults;
use tallyman_twin::settings::{Orders, Settings};

use crate::clocks::{self, PacedClock};
use crate::{chance, scene};

/// What the twin draws from.
const SEED: u64 = 7;

/// The orders of the data in their sequence, all arrived at once; a twin without limits, latency or faults, whose warehouse
/// despatches at once and whole.
pub fn twin(orders: u32, skip: u32) -> Settings {
    Settings {
        seed: SEED,
        origin: clocks::system_now().micros(),
        companies: scene::companies(),
        faults: Faults {
            latency: false,
            split_shipment: 0,
            picking_time: 0,
            ..Faults::none()
        },
        orders: Orders {
            count: orders,
            skip_invoices: skip,
            within: 0,
            same_for_all: false,
            planted_per_mille: 0,
            mended: false,
            relisted: 0,
            foreign_per_mille: 0,
            keyed_late_per_mille: 0,
            lines_max: 0,
            named_items_only: false,
        },
        limits: false,
        virtualstock: tallyman_twin::virtualstock::Switches::default(),
        mintsoft: tallyman_twin::mintsoft::Switches::default(),
        sage: tallyman_twin::sage::Switches::default(),
        plant: None,
        plant_only: Vec::new(),
    }
}

/// The merchants of the twin that listens there.
pub fn merchants(address: &str) -> Vec<Arc<Merchant>> {
    scene::merchants(address, &scene::companies())
}

pub async fn store(path: &Path) -> Result<Store> {
    Ok(Store::open(&Location::File(path.to_owned())).await?)
}

/// A worker's parts, without a governor. Shipments are asked for every half second, since nobody wants to measure waiting, and only as
/// far back as this twin's lists lag, which is not at all. Orders are asked for at the ordinary pace: they have all arrived.
pub fn parts(store: Store, address: &str, transport: Arc<dyn Transport>, slots: u32) -> Result<Arc<Parts>> {
    parts_of(store, merchants(address), transport, slots)
}

/// The same for merchants who are set up otherwise.
pub fn parts_of(store: Store, merchants: Vec<Arc<Merchant>>, transport: Arc<dyn Transport>, slots: u32) -> Result<Arc<Parts>> {
    // The system's: a store may be opened again, and what is drawn for it must not be drawn twice.
    let chance = chance::system().context("the system gives no randomness for keys")?;
    Ok(Arc::new(Parts {
        store,
        clock: Arc::new(PacedClock::system()),
        transport,
        hooks: Arc::new(NoHooks),
        machine: Arc::new(Unseen),
        vault: Vault::new(MasterKeys::new(1, [7; 32]), Box::new(chance)),
        merchants,
        pace: Pace {
            slots,
            governor: None,
            shipments_every: Some(Duration::from_millis(500)),
            overlap: Duration::from_secs(1),
            ..Pace::default()
        },
        bells: Arc::new(Bells::default()),
        planted: Planted::default(),
        meters: Meters::default(),
    }))
}
