//! The bench `alert`: from the arrival of a bad record to the arrival of the message about it at who listens, in the system's time.
//!
//! The records are handed to the intake as a push would; each asks for another item that nobody knows, so each has a card and a message
//! of its own. Nothing else is done in haste: a whole worker runs beside it on a file, polls, seals and weighs at the ordinary pace, and
//! the message leaves as a signed webhook over a real socket.

use std::collections::BTreeMap;
use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_engine::intake::orders;
use tallyman_engine::parts::Merchant;
use tallyman_engine::wire::Wire;
use tallyman_engine::worker::{self, Worker};
use tallyman_store::tables::exceptions;
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::server;
use tallyman_twin::wire::Twin;
use tokio::net::TcpListener;

use super::card::{millis, percentile};
use super::figures::{self, Figure};
use super::journey::Measured;
use super::part::PutFacts;
use super::template::Template;
use super::{machine, scenery};
use crate::clocks::system_now;
use crate::progress::Progress;
use crate::say;
use crate::scene;
use crate::wires::Http;

/// Between two bad records.
const EVERY: Duration = Duration::from_millis(50);
/// What has not been told by then is lost.
const TOLD_WITHIN: Duration = Duration::from_secs(30);

pub struct Bench {
    pub alerts: u32,
    pub folder: PathBuf,
}

/// Runs it and prints its table.
pub fn run(bench: &Bench) -> Result<Measured> {
    std::fs::create_dir_all(&bench.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(measure(bench));
    runtime.shutdown_timeout(TOLD_WITHIN);
    std::fs::remove_dir_all(&bench.folder)?;
    let figures = outcome?;
    say!("{}", machine::in_words(system_now()));
    figures::print(&figures);
    let complaints = figures::missed(&figures);
    Ok(Measured { figures, complaints })
}

async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let store = scenery::store(&bench.folder.join("alert.db")).await?;
    let twin = Twin::new(scenery::twin(1, 0), TwinClock::starting_at(system_now().micros(), 1));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(server::serve(twin.clone(), listener, pending()));

    let mut merchants = scenery::merchants(&address);
    for merchant in &mut merchants {
        let merchant = Arc::get_mut(merchant).context("nobody else has it yet")?;
        merchant.alerts = Some(scene::told_by_webhook(&address, &merchant.company)?);
    }
    let parts = scenery::parts_of(store.clone(), merchants, Arc::new(Http::new()?), 8)?;
    scene::set_the_table(&store, &parts.merchants, parts.clock.now()).await?;
    worker::set_up(&parts).await?;
    let worker = Arc::new(Worker::new("bench", parts.clone()));
    let merchant = &parts.merchants[0];
    let wire = Wire::new(&parts, &worker.sessions, &*merchant.ledger, None);
    let facts = merchant.ledger.facts(&wire).await.context("the ledger's facts")?;
    let (company, now) = (merchant.company.to_string(), parts.clock.now());
    store.write(PutFacts { company, facts, now }).await?;
    let template = Template::of(&parts, &worker, merchant, &twin).await?;

    let at_work = worker.clone();
    let running = tokio::spawn(async move { at_work.run().await });
    let mut arrived = BTreeMap::new();
    let mut progress = Progress::new();
    for number in 0..bench.alerts {
        let item = format!("NOBODY-KNOWS-{number}");
        let record = template.with_item(u64::from(number), &item, merchant);
        let at = system_now();
        orders::take_in((&*worker, merchant), &[record]).await?;
        arrived.insert(card_of(merchant, &item), at);
        parts.clock.sleep_until(at.plus(EVERY)).await;
        progress.say(|| format!("{number} of {} bad records have arrived", bench.alerts));
    }
    let waits = told(&twin, &arrived, &*parts.clock).await?;
    ensure!(!running.is_finished(), "the worker stopped");
    running.abort();
    Ok(vec![
        Figure::new(
            "alerts",
            waits.len() as f64,
            "bad records, each with a card and a message of its own",
        ),
        Figure::new(
            "alert_ms_p50",
            millis(waits[waits.len() / 2]),
            "from the arrival of a record to that of its message",
        ),
        Figure::new(
            "alert_ms_p99",
            millis(percentile(waits.clone())),
            "the same, the 99th percentile",
        )
        .at_most(1000.0),
        Figure::new("alert_ms_max", millis(waits[waits.len() - 1]), "the same, the longest"),
    ])
}

fn card_of(merchant: &Merchant, item: &str) -> String {
    let cell = Cell::new(Table::Sku, merchant.channel.connection().as_str(), item);
    exceptions::card(merchant.company.as_str(), Code::SkuUnknown, &Cause::Cell(cell)).to_string()
}

/// How long each card's message took, the shortest first; fails if one has not come in time.
async fn told(twin: &Twin, arrived: &BTreeMap<String, Timestamp>, clock: &dyn Clock) -> Result<Vec<Duration>> {
    let until = clock.now().plus(TOLD_WITHIN);
    loop {
        let mut waits = Vec::new();
        for told in twin.told().iter().filter(|told| told.kind == "exception.opened") {
            let at = told.card.as_ref().and_then(|card| arrived.get(card));
            waits.extend(at.map(|at| Timestamp::from_micros(told.at).since(*at)));
        }
        ensure!(waits.len() <= arrived.len(), "a card was told of twice");
        if waits.len() == arrived.len() && !waits.is_empty() {
            waits.sort_unstable();
            return Ok(waits);
        }
        ensure!(clock.now() < until, "{} of {} cards were told of", waits.len(), arrived.len());
        clock.sleep_until(clock.now().plus(EVERY)).await;
    }
}
