//! What each process of the bench does, and what it says when it is done.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tallyman_core::facts::Facts;
use tallyman_core::seam::Transport;
use tallyman_core::time::Timestamp;
use tallyman_engine::parts::Parts;
use tallyman_engine::session::Sessions;
use tallyman_engine::status::AskStatus;
use tallyman_engine::wire::Wire;
use tallyman_engine::worker::{self, Worker};
use tallyman_store::tables::mappings;
use tallyman_store::{Store, Tx, Unit, UnitError, params};
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::wire::Twin;

use super::floor::Floor;
use super::record::{self, Recorder};
use super::{process, scenery, stored};
use crate::clocks::system_now;
use crate::say;
use crate::scene;
use crate::wires::Http;

/// The store's file in the bench's folder.
const STORE: &str = "tallyman.db";

/// How often it is looked whether all journeys are complete.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// So many journeys are named that made other calls than they should.
const DEVIATIONS_MAX: usize = 20;
/// A run that takes longer has failed.
const RUN_MAX: Duration = Duration::from_secs(900);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Part {
    /// A twin on a port of its own; says its address.
    Twin { orders: u32, skip: u32 },
    /// Journeys through the twin at `address`, then the floor against the one at `fresh`; says a [`Run`].
    Run {
        address: String,
        fresh: String,
        folder: PathBuf,
        orders: u32,
        slots: u32,
    },
    /// Copies the journeys of the folder's store until it holds so many; says how many it holds.
    Fill { folder: PathBuf, journeys: u32 },
    /// A worker on the filled store, with new journeys to take through the twin; says a [`Grown`].
    Grown {
        address: String,
        folder: PathBuf,
        orders: u32,
        slots: u32,
        /// When the process was started, by the computer's clock.
        started: i64,
    },
}

/// What a run came to.
#[derive(Debug, Serialize, Deserialize)]
pub struct Run {
    /// From the first look at the channel to the last confirmation.
    pub seconds: f64,
    pub cpu_seconds: f64,
    pub peak_mb: f64,
    pub complete: u64,
    /// Calls and bytes of each step, by its name.
    pub calls: BTreeMap<String, (u64, u64)>,
    pub journey_calls: u64,
    /// Journeys whose calls were exactly the steps, each once.
    pub exact: u64,
    /// Those that made others, with their calls; the first few of them.
    pub deviations: Vec<String>,
    pub records: u64,
    pub commits: u64,
    pub stored_bytes: u64,
    pub floor_seconds: f64,
}

/// What a worker on a filled store came to.
#[derive(Debug, Serialize, Deserialize)]
pub struct Grown {
    pub complete: u64,
    pub peak_mb: f64,
    /// From the start of the process until its store and its wires are open and it can work.
    pub start_ms: f64,
}

fn say(value: &impl Serialize) -> Result<()> {
    say!("{}", serde_json::to_string(value)?);
    Ok(())
}

impl Part {
    pub fn run(self) -> Result<()> {
        match self {
            Self::Twin { orders, skip } => twin(orders, skip),
            Self::Run {
                address,
                fresh,
                folder,
                orders,
                slots,
            } => runtime()?.block_on(run(&address, &fresh, &folder, orders, slots)),
            Self::Fill { folder, journeys } => runtime()?.block_on(async {
                let store = scenery::store(&folder.join(STORE)).await?;
                say(&stored::fill(&store, journeys).await?)
            }),
            Self::Grown {
                address,
                folder,
                orders,
                slots,
                started,
            } => runtime()?.block_on(grown(&address, &folder, orders, slots, started)),
        }
    }
}

/// One thread: the engine's work is one task, and the writer and the readers have threads of their own.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn twin(orders: u32, skip: u32) -> Result<()> {
    std::thread::spawn(|| {
        process::until_input_ends();
        // Whoever wanted this twin has gone; nothing of it is kept.
        std::process::abort();
    });
    runtime()?.block_on(async {
        let settings = scenery::twin(orders, skip);
        let twin = Twin::new(settings.clone(), TwinClock::starting_at(settings.origin, 1));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        twin.state();
        say(&format!("http://{}", listener.local_addr()?))?;
        tallyman_twin::server::serve(twin, listener, std::future::pending()).await;
        Ok(())
    })
}

async fn prepared(store: &Store, address: &str, transport: Arc<dyn Transport>, slots: u32) -> Result<Arc<Parts>> {
    let parts = scenery::parts(store.clone(), address, transport, slots)?;
    scene::set_the_table(store, &parts.merchants, parts.clock.now()).await?;
    worker::set_up(&parts).await?;
    for merchant in &parts.merchants {
        let sessions = Sessions::default();
        let wire = Wire::new(&parts, &sessions, &*merchant.ledger, None);
        let put = PutFacts {
            company: merchant.company.to_string(),
            facts: merchant.ledger.facts(&wire).await?,
            now: parts.clock.now(),
        };
        store.write(put).await?;
    }
    Ok(parts)
}

/// What the ledger's own reference data are: read before the clock starts, since an order cannot be checked before.
pub(super) struct PutFacts {
    pub(super) company: String,
    pub(super) facts: Facts,
    pub(super) now: Timestamp,
}

impl Unit for PutFacts {
    type Output = bool;
    const NAME: &'static str = "bench_facts";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        mappings::put_facts(tx, &self.company, &self.facts, self.now).await
    }
}

/// Runs a worker until so many journeys are complete.
async fn until_complete(parts: &Arc<Parts>, complete: u64) -> Result<u64> {
    let began = parts.clock.now();
    let worker = Worker::new("bench", parts.clone());
    let running = tokio::spawn(async move { worker.run().await });
    let found = loop {
        parts.clock.sleep_until(parts.clock.now().plus(LOOK_EVERY)).await;
        let found = parts.store.read(CountComplete { since: began }).await?;
        anyhow::ensure!(!running.is_finished(), "the worker stopped");
        if found >= complete {
            break found;
        }
        if parts.clock.now().since(began) > RUN_MAX {
            let status = parts.store.read(AskStatus).await?;
            anyhow::bail!("only {found} of {complete} journeys were complete in time: {status:?}");
        }
    };
    running.abort();
    let _ = running.await;
    Ok(found)
}

async fn run(address: &str, fresh: &str, folder: &Path, orders: u32, slots: u32) -> Result<()> {
    let path = folder.join(STORE);
    let store = scenery::store(&path).await?;
    let recorder = Arc::new(Recorder::new()?);
    let parts = prepared(&store, address, recorder.clone(), slots).await?;
    let before = (store.transactions(), process::cpu()?, parts.clock.now());
    let complete = until_complete(&parts, u64::from(orders)).await?;
    let seconds = parts.clock.now().since(before.2).as_secs_f64();
    let cpu_seconds = (process::cpu()? - before.1).as_secs_f64();
    let commits = store.transactions() - before.0;
    let peak_mb = process::peak_mb()?;
    let records = store.read(CountRecords).await?;
    drop(parts);
    drop(store);
    let stored_bytes = stored_bytes(&path)?;
    let sorted = record::sort(recorder.take(), address);
    let calls = sorted
        .counts
        .iter()
        .map(|(step, counts)| (step.name().to_owned(), *counts))
        .collect();
    let journey_calls = sorted.journeys.iter().map(|calls| calls.len() as u64).sum();
    let exact = sorted.exact();
    let mut deviations = sorted.deviations();
    let more = deviations.len().saturating_sub(DEVIATIONS_MAX);
    deviations.truncate(DEVIATIONS_MAX);
    if more > 0 {
        deviations.push(format!("and {more} more"));
    }
    let floor_seconds = Floor::prepare(sorted)
        .run(
            recorder.wire(),
            (address, fresh),
            (slots * 6) as usize,
            (usize::try_from(records)?, stored_bytes),
            folder,
        )
        .await
        .context("the floor")?;
    say(&Run {
        seconds,
        cpu_seconds,
        peak_mb,
        complete,
        calls,
        journey_calls,
        exact,
        deviations,
        records,
        commits,
        stored_bytes,
        floor_seconds,
    })
}

async fn grown(address: &str, folder: &Path, orders: u32, slots: u32, started: i64) -> Result<()> {
    let store = scenery::store(&folder.join(STORE)).await?;
    let transport = Arc::new(Http::new()?);
    let start_ms = system_now().since(Timestamp::from_micros(started)).as_secs_f64() * 1e3;
    let parts = prepared(&store, address, transport, slots).await?;
    let complete = until_complete(&parts, u64::from(orders)).await?;
    say(&Grown {
        complete,
        peak_mb: process::peak_mb()?,
        start_ms,
    })
}

/// The database; its log has been folded back into it.
fn stored_bytes(path: &Path) -> Result<u64> {
    Ok(std::fs::metadata(path)?.len())
}

/// Counts the complete journeys that began since.
struct CountComplete {
    since: Timestamp,
}

impl Unit for CountComplete {
    type Output = u64;
    const NAME: &'static str = "bench_complete";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        const COMPLETE: &str =
            "select count(*) from journey where company in ('trader-1', 'trader-2') and stage = 'complete' and received_at >= $1";
        tx.query_one(COMPLETE, params![self.since]).await?.get(0)
    }
}

/// Durable records: each message kept, each message decided, each claim, outcome and baseline of an effect.
struct CountRecords;

impl Unit for CountRecords {
    type Output = u64;
    const NAME: &'static str = "bench_records";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        const RECORDS: &str = "select (select count(*) + count(decided_at) from message) \
             + (select 2 * count(*) + count(baseline) from effect)";
        tx.query_one(RECORDS, params![]).await?.get(0)
    }
}
