//! The demo at virtual time: one process, one thread, no sockets, SQLite in memory.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tallyman_core::planted::Planted;
use tallyman_core::seam::{Clock, NoHooks, Transport};
use tallyman_core::time::Timestamp;
use tallyman_engine::bells::Bells;
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Pace, Parts, Unseen};
use tallyman_engine::status::{AskStatus, Status};
use tallyman_engine::vault::Vault;
use tallyman_engine::worker::{self, Worker};
use tallyman_store::Store;
use tallyman_store::seal::MasterKeys;
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::settings::Settings;
use tallyman_twin::wire::Twin;

use super::Report;
use crate::chance::Seeded;
use crate::clocks::PacedClock;
use crate::scene;
use crate::wires::ToTwin;

/// The twin's address in this process. Nothing listens there.
pub const ADDRESS: &str = "http://twin";

/// How often it is looked whether everything has come to rest.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// After that, long enough for the latest of late commits to show and for the draft sweep to have come round twice.
const SETTLE: Duration = Duration::from_secs(30 * 60);
/// A run that has not come to rest by then has failed.
const QUIET_BY: Duration = Duration::from_secs(24 * 3600);

/// Runs until everything has come to rest.
pub fn run_virtual(settings: Settings, progress: impl FnMut(Timestamp, &Status)) -> anyhow::Result<Report> {
    run_virtual_over(settings, |wire| wire, progress)
}

/// The same over another wire, made from the one to the twin: one that listens, say.
pub fn run_virtual_over(
    settings: Settings,
    wire: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>,
    progress: impl FnMut(Timestamp, &Status),
) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(run(settings, wire, progress))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the wall's seconds are reported, nothing depends on them"
)]
async fn run(
    settings: Settings,
    wire: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>,
    mut progress: impl FnMut(Timestamp, &Status),
) -> anyhow::Result<Report> {
    let wall = std::time::Instant::now();
    let origin = Timestamp::from_micros(settings.origin);
    let clock = Arc::new(PacedClock::starting_at(origin, 1));
    let twin = Twin::new(settings.clone(), TwinClock::starting_at(settings.origin, 1));
    let store = Store::memory()?;
    let merchants = scene::merchants(ADDRESS, &settings.companies);
    scene::set_the_table(&store, &merchants, origin).await?;
    let parts = Arc::new(Parts {
        store: store.clone(),
        clock: clock.clone(),
        transport: wire(Arc::new(ToTwin(twin.clone()))),
        hooks: Arc::new(NoHooks),
        machine: Arc::new(Unseen),
        vault: Vault::new(MasterKeys::new(1, [7; 32]), Box::new(Seeded::new(settings.seed, "vault"))),
        merchants,
        pace: Pace {
            seal_every: Duration::from_secs(60),
            ..Pace::default()
        },
        bells: Arc::new(Bells::default()),
        planted: Planted::default(),
        meters: Meters::default(),
    });
    worker::set_up(&parts).await?;
    let worker = Worker::new("demo", parts);
    let running = tokio::spawn(async move { worker.run().await });
    let mut quiet_since: Option<Timestamp> = None;
    let quiet = loop {
        let now = clock.now();
        clock.sleep_until(now.plus(LOOK_EVERY)).await;
        anyhow::ensure!(!running.is_finished(), "the worker stopped");
        let now = clock.now();
        // Asked at every look, whoever listens: what is asked of the store must not depend on real time.
        let status = store.read(AskStatus).await?;
        progress(now, &status);
        if vendors_at_rest(&twin) && status.at_rest() {
            if now.since(*quiet_since.get_or_insert(now)) >= SETTLE {
                break true;
            }
        } else {
            quiet_since = None;
        }
        if now.since(origin) > QUIET_BY {
            break false;
        }
    };
    running.abort();
    let status = store.read(AskStatus).await?;
    let twin = serde_json::to_value(twin.report()).context("the twin's report")?;
    Ok(Report::new(
        "virtual".into(),
        wall.elapsed().as_secs_f64(),
        &status,
        &twin,
        quiet,
    ))
}

/// Nothing is on its way: not at the twin, not in our lanes, not in our inbox.
pub async fn at_rest(twin: &Twin, store: &Store) -> anyhow::Result<bool> {
    // Nothing is awaited either that comes by itself. At scaled time something always may be: there a busy machine makes feeds late.
    let status = store.read(AskStatus).await?;
    Ok(vendors_at_rest(twin) && status.at_rest() && status.passing == 0)
}

fn vendors_at_rest(twin: &Twin) -> bool {
    let state = twin.state();
    // Late commits are always about while anybody polls; the time to settle is longer than the latest of them.
    state.all_arrived && state.waiting <= state.late
}
