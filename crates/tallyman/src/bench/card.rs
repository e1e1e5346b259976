//! The bench `card`: one card with very many records. How it grows, opens, pages and heals, and what others notice of it.
//!
//! The records are real orders of the twin's, each with its own numbers, taken in by the intake itself: one item that nobody has mapped
//! stops them all. Nothing is sent anywhere; the pump does not run.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tallyman_core::cause::Cause;
use tallyman_core::document::Order;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::role::Received;
use tallyman_core::time::Timestamp;
use tallyman_engine::board;
use tallyman_engine::intake::orders;
use tallyman_engine::parts::Merchant;
use tallyman_engine::wire::Wire;
use tallyman_engine::worker::{self, Worker};
use tallyman_engine::{heal, weigh};
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::{exceptions, mappings};
use tallyman_store::{Store, Tx, Unit, UnitError, params};
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::wire::Twin;

use super::figures::{self, Figure};
use super::journey::Measured;
use super::part::PutFacts;
use super::template::Template;
use super::{machine, scenery};
use crate::clocks::system_now;
use crate::progress::Progress;
use crate::say;
use crate::scene;
use crate::wires::ToTwin;

const ADDRESS: &str = "http://twin";
/// Orders taken in at once, as a poll would bring them.
const AT_ONCE: u64 = 500;
/// Times that something quick is measured; the median counts.
const TIMES: usize = 21;
/// Writes of somebody else's, to see what they notice.
const OTHERS: usize = 200;
const OTHERS_EVERY: Duration = Duration::from_millis(10);

pub struct Bench {
    pub records: u64,
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
    std::fs::remove_dir_all(&bench.folder)?;
    let figures = outcome?;
    say!("{}", machine::in_words(system_now()));
    figures::print(&figures);
    let complaints = figures::missed(&figures);
    Ok(Measured { figures, complaints })
}

async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let store = scenery::store(&bench.folder.join("card.db")).await?;
    let now = system_now().micros();
    let twin = Twin::new(scenery::twin(1, 0), TwinClock::starting_at(now, 1));
    twin.state();
    let parts = scenery::parts(store.clone(), ADDRESS, Arc::new(ToTwin(twin.clone())), 8)?;
    scene::set_the_table(&store, &parts.merchants, parts.clock.now()).await?;
    worker::set_up(&parts).await?;
    let worker = Worker::new("bench", parts.clone());
    let merchant = &parts.merchants[0];

    let wire = Wire::new(&parts, &worker.sessions, &*merchant.ledger, None);
    let facts = merchant.ledger.facts(&wire).await.context("the ledger's facts")?;
    let company = merchant.company.to_string();
    let now = parts.clock.now();
    store.write(PutFacts { company, facts, now }).await?;

    let template = Template::of(&parts, &worker, merchant, &twin).await?;
    let cell = Cell::new(Table::Sku, merchant.channel.connection().as_str(), &template.item);
    map(&store, merchant, &cell, "NO-SUCH-ITEM", parts.clock.now()).await?;

    // Three records on a card of their own first, as something to compare with.
    let small = of_size(&worker, merchant, &template, 0..3).await?;
    let little = look(&store, merchant, &cell).await?;
    ensure!(
        little.card.weight.stopped == 3,
        "three orders stop, and not {}",
        little.card.weight.stopped
    );
    let (open_small, page_small) = reads(&store, &little, 3).await?;

    let (first, last) = grow(&worker, merchant, &template, 3..bench.records).await?;
    let counting = system_now();
    weigh::round(&store, merchant.company.as_str(), parts.clock.now()).await?;
    let counted = since(counting);
    let card = look(&store, merchant, &cell).await?;
    ensure!(
        card.card.weight.stopped == bench.records,
        "{} orders stop, and not {}",
        bench.records,
        card.card.weight.stopped
    );
    let (open, page) = reads(&store, &card, bench.records).await?;

    let alone = others(&store).await?;
    map(&store, merchant, &cell, &template.item, parts.clock.now()).await?;
    let (healed, beside) = heal_beside(&worker, merchant, &store).await?;
    weigh::round(&store, merchant.company.as_str(), parts.clock.now()).await?;
    let after = look(&store, merchant, &cell).await?;
    ensure!(
        after.card.weight.stopped == 0 && after.card.weight.proving == bench.records,
        "all go on: {:?}",
        after.card.weight
    );
    let per_record = |duration: Duration, records: u64| duration.as_secs_f64() * 1e6 / records as f64;
    Ok(vec![
        Figure::new("records", bench.records as f64, "on the one card"),
        Figure::new(
            "stop_us",
            per_record(last, AT_ONCE),
            "to take in an order that stops, with all others there",
        ),
        Figure::new(
            "stop_ratio",
            last.as_secs_f64() / first.as_secs_f64(),
            "that, against the first ones",
        )
        .at_most(2.0),
        Figure::new("small_stop_us", per_record(small, 3), "the very first three"),
        Figure::new(
            "count_us",
            per_record(counted, bench.records),
            "to count a record to its card",
        ),
        Figure::new("open_ms", millis(open), "to open the card"),
        Figure::new(
            "open_ratio",
            open.as_secs_f64() / open_small.as_secs_f64(),
            "that, against a card of three",
        )
        .at_most(3.0),
        Figure::new(
            "page_ms",
            millis(page),
            "a page of 200 records of it, the slowest of first, middle and last",
        )
        .at_most(100.0),
        Figure::new("small_page_ms", millis(page_small), "the only page of a card of three"),
        Figure::new(
            "heal_s",
            healed.as_secs_f64(),
            "until every order is decided again and its writes are planned",
        ),
        Figure::new(
            "heal_per_s",
            bench.records as f64 / healed.as_secs_f64(),
            "orders healed a second",
        ),
        Figure::new(
            "others_alone_ms",
            millis(alone),
            "99th percentile of somebody else's small write, nothing beside it",
        ),
        Figure::new("others_beside_ms", millis(beside), "the same while the card heals").at_most(250.0),
    ])
}

/// How long ago that was, by the system's clock.
pub(super) fn since(began: Timestamp) -> Duration {
    system_now().since(began)
}

pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Takes these in, and says how long it took.
async fn of_size(
    worker: &Worker,
    merchant: &Arc<Merchant>,
    template: &Template,
    numbers: std::ops::Range<u64>,
) -> Result<Duration> {
    let records: Vec<Received<Order>> = numbers.map(|number| template.number(number, merchant)).collect();
    let began = system_now();
    orders::take_in((worker, merchant), &records).await?;
    let took = since(began);
    weigh::round(&worker.parts.store, merchant.company.as_str(), worker.parts.clock.now()).await?;
    Ok(took)
}

/// Takes these in, some at a time: how long the first and the last took, each the median of five.
async fn grow(
    worker: &Worker,
    merchant: &Arc<Merchant>,
    template: &Template,
    numbers: std::ops::Range<u64>,
) -> Result<(Duration, Duration)> {
    let (all, mut progress) = (numbers.end, Progress::new());
    let mut took = Vec::new();
    let mut from = numbers.start;
    while from < numbers.end {
        let to = (from + AT_ONCE).min(numbers.end);
        let records: Vec<Received<Order>> = (from..to).map(|number| template.number(number, merchant)).collect();
        let began = system_now();
        orders::take_in((worker, merchant), &records).await?;
        if to - from == AT_ONCE {
            took.push(since(began));
        }
        progress.say(|| format!("{to} of {all} records stand on the card"));
        from = to;
    }
    ensure!(took.len() >= 10, "fewer records than {} show nothing", 10 * AT_ONCE);
    let (first, last) = (took[..5].to_vec(), took[took.len() - 5..].to_vec());
    Ok((median(first), median(last)))
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}

/// How long the card takes to open, and its slowest page of first, middle and last.
async fn reads(store: &Store, card: &Stored, records: u64) -> Result<(Duration, Duration)> {
    let mut opened = Vec::new();
    for _ in 0..TIMES {
        let began = system_now();
        store.read(Load(card.id.clone())).await?.context("the card")?;
        opened.push(since(began));
    }
    let mut slowest = Duration::ZERO;
    let first = board::members(store, None, card, None, 1).await?;
    let dearest = first.rows.first().map_or(0, |first| first.member.rank().0);
    for from in [None, Some("M"), Some("Z")].iter().take(if records > 3 { 3 } else { 1 }) {
        let mut paged = Vec::new();
        for _ in 0..TIMES {
            let began = system_now();
            let after = from.map(|from: &str| (dearest, from.to_owned(), String::new()));
            board::members(store, None, card, after, board::LIMIT_MAX).await?;
            paged.push(since(began));
        }
        slowest = slowest.max(median(paged));
    }
    Ok((median(opened), slowest))
}

async fn look(store: &Store, merchant: &Merchant, cell: &Cell) -> Result<Stored> {
    let id = exceptions::card(merchant.company.as_str(), Code::SkuUnknown, &Cause::Cell(cell.clone())).to_string();
    store.read(Load(id)).await?.context("there is a card")
}

/// The 99th percentile of small writes of somebody else's.
async fn others(store: &Store) -> Result<Duration> {
    let mut took = Vec::with_capacity(OTHERS);
    for number in 0..OTHERS {
        let began = system_now();
        store.write(Other(number as i64)).await?;
        took.push(since(began));
        tokio::task::yield_now().await;
    }
    Ok(percentile(took))
}

/// The 99th percentile.
pub(super) fn percentile(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// Heals the card, with somebody else writing beside it all the while.
async fn heal_beside(worker: &Worker, merchant: &Arc<Merchant>, store: &Store) -> Result<(Duration, Duration)> {
    let began = system_now();
    let healing = async { heal::round((worker, merchant)).await.map(|()| since(began)) };
    let (mut took, mut number) = (Vec::new(), 0);
    let clock = &worker.parts.clock;
    let writing = async {
        loop {
            let began = system_now();
            if store.write(Other(number)).await.is_err() {
                return;
            }
            took.push(since(began));
            number += 1;
            let next = clock.now().plus(OTHERS_EVERY);
            clock.sleep_until(next).await;
        }
    };
    let healed = tokio::select! {
        biased;
        healed = healing => healed?,
        () = writing => anyhow::bail!("somebody else could not write"),
    };
    Ok((healed, percentile(took)))
}

async fn map(store: &Store, merchant: &Merchant, cell: &Cell, ours: &str, now: Timestamp) -> Result<(), UnitError> {
    let row = Row {
        cell: cell.clone(),
        ours: Some(ours.to_owned()),
        seq: 0,
        at: now,
        actor: "bench".into(),
        reason: "bench".into(),
    };
    let company = merchant.company.to_string();
    store.write(Map { company, row }).await
}

struct Map {
    company: String,
    row: Row,
}

impl Unit for Map {
    type Output = ();
    const NAME: &'static str = "bench_map";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        mappings::insert(tx, &self.company, &self.row).await
    }
}

struct Load(String);

impl Unit for Load {
    type Output = Option<Stored>;
    const NAME: &'static str = "bench_load_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        cards::load(tx, &self.0).await
    }
}

/// What a lane's claim writes, at another connection.
struct Other(i64);

impl Unit for Other {
    type Output = ();
    const NAME: &'static str = "bench_other";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const WRITE: &str = "update feed set watermark = watermark where token = $1";
        tx.execute(WRITE, params![self.0]).await.map(drop)
    }
}
