//! The bench `console`: how long each screen takes to make, with a year of orders in a file of SQLite.
//!
//! The store is filled at once ([`load`]), and not by the twin: a million orders of three lines with their references, messages and writes,
//! and 50,000 of them standing still under 500 cards. Then each screen ([`screens`]) is asked for at a steady rate, whether or not the last
//! answer has come, by administrators who have signed in ([`person`]); the page is made whole and read to its end. What is measured is
//! the server's own time, without a socket. *Cold* is the first seconds after the store was opened for this screen, in which each card and
//! order is opened for the first time; each company was looked at once by then, as the program does when it starts. *Warm* is what was opened
//! a moment ago: some rounds through all screens on a store that stays open, in which each card and order is asked for once, unmeasured,
//! before it counts. A screen's figure is the middle one of its rounds, since what else the machine does strikes for some seconds, and seldom
//! twice.
//!
//! Not here: what a browser makes of the pages (`tests/tests/browser/first_load.rs`, which `cargo xtask bench console` runs after this).

mod live;
mod load;
mod order;
mod person;
mod screens;

use std::cmp::Ordering;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use axum::body::Body;
use http::{Request, header};
use serde::Serialize;
use serde_json::json;
use tallyman_engine::parts::Parts;
use tallyman_engine::worker;
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::wire::Twin;
use tower::ServiceExt;

use super::card::{millis, percentile, since};
use super::{machine, scenery};
use crate::clocks::system_now;
use crate::scene;
use crate::wires::ToTwin;
use crate::{remark, say};
use person::Visit;
use screens::{SCREENS, Screen, Targets};

/// Requests a second, for one screen at a time.
const A_SECOND: u32 = 50;
/// For so long after the store was opened it counts as cold.
const COLD: Duration = Duration::from_secs(5);
/// Rounds through all screens after that.
const ROUNDS: u32 = 3;
/// The 99th percentile that a screen may take, cold and warm.
const COLD_MS_MAX: f64 = 20.0;
const WARM_MS_MAX: f64 = 5.0;
const PAGE_BYTES_MAX: usize = 4_000_000;
/// Nothing is called.
const ADDRESS: &str = "http://twin";

#[derive(Clone)]
pub struct Bench {
    pub orders: u64,
    pub open: u64,
    pub cards: u64,
    /// How long each screen is asked for, cold and warm together.
    pub each: Duration,
    pub folder: PathBuf,
    /// Leave the filled store there, and take it the next time.
    pub keep: bool,
    /// Only screens whose path has this in it.
    pub only: String,
}

/// What one screen took.
#[derive(Debug, Serialize)]
struct Measured {
    path: &'static str,
    /// Of all requests.
    p99_ms: f64,
    cold_p99_ms: f64,
    /// The middle one of the rounds.
    warm_p99_ms: f64,
    warm_rounds_p99_ms: Vec<f64>,
    warm_median_ms: f64,
    kb: f64,
    requests: usize,
}

/// Runs it, prints its table, and gives the figures with the marks that were missed.
pub fn run(bench: &Bench) -> Result<(serde_json::Value, Vec<String>)> {
    std::fs::create_dir_all(&bench.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    // What asks runs where a server's connections run, and not on a thread of its own that would have to wake the server's.
    let asks = bench.clone();
    let outcome = runtime.block_on(async { tokio::spawn(async move { measure(&asks).await }).await? });
    if !bench.keep {
        std::fs::remove_dir_all(&bench.folder)?;
    }
    let (figures, measured) = outcome?;
    say!("{}", machine::in_words(system_now()));
    say!(
        "{:<34} {:>9} {:>9} {:>9} {:>8}  met",
        "screen",
        "cold p99",
        "warm p99",
        "median",
        "KB"
    );
    let mut complaints = Vec::new();
    for screen in &measured {
        let met = screen.cold_p99_ms < COLD_MS_MAX && screen.warm_p99_ms < WARM_MS_MAX;
        say!(
            "{:<34} {:>9.2} {:>9.2} {:>9.2} {:>8.1}  {}",
            screen.path,
            screen.cold_p99_ms,
            screen.warm_p99_ms,
            screen.warm_median_ms,
            screen.kb,
            if met { "yes" } else { "NO" }
        );
        if !met {
            complaints.push(format!(
                "{} takes {:.1} ms cold and {:.1} ms warm, its marks are {COLD_MS_MAX} and {WARM_MS_MAX}",
                screen.path, screen.cold_p99_ms, screen.warm_p99_ms
            ));
        }
    }
    Ok((figures, complaints))
}

/// The parts of a program that works with the bench's store. The clock is the system's; nothing is ever called.
async fn parts(bench: &Bench) -> Result<Arc<Parts>> {
    let store = scenery::store(&bench.folder.join("console.db")).await?;
    let twin = Twin::new(scenery::twin(1, 0), TwinClock::starting_at(system_now().micros(), 1));
    scenery::parts(store, ADDRESS, Arc::new(ToTwin(twin)), 8)
}

async fn measure(bench: &Bench) -> Result<(serde_json::Value, Vec<Measured>)> {
    let filling = system_now();
    let parts_to_fill = parts(bench).await?;
    if load::stored(&parts_to_fill.store).await? == 0 {
        scene::set_the_table(&parts_to_fill.store, &parts_to_fill.merchants, parts_to_fill.clock.now()).await?;
        worker::set_up(&parts_to_fill).await?;
        person::set_up(&parts_to_fill).await?;
        load::fill(&parts_to_fill, bench).await?;
    }
    load::settle(&parts_to_fill).await?;
    let filled = since(filling);
    let targets = load::targets(&parts_to_fill.store).await?;
    drop(parts_to_fill);

    let mut timed = Vec::new();
    for screen in SCREENS.iter().filter(|screen| screen.path.contains(&bench.only)) {
        remark!("   cold: {}", screen.path);
        let visit = Visit::begin(&parts(bench).await?).await?;
        timed.push(Timed {
            screen,
            cold: ask(&visit, screen, &targets, COLD).await?,
            warm: Vec::new(),
        });
    }
    let stays_open = parts(bench).await?;
    let visit = Visit::begin(&stays_open).await?;
    let warm = bench.each.saturating_sub(COLD) / ROUNDS;
    for round in 1..=ROUNDS {
        for timed in &mut timed {
            remark!("   warm, round {round} of {ROUNDS}: {}", timed.screen.path);
            if timed.screen.is_of_many() {
                // Rounds are minutes apart, and a system may have taken what lies in files out of memory meanwhile.
                ask(&visit, timed.screen, &targets, warm).await?;
            }
            timed.warm.push(ask(&visit, timed.screen, &targets, warm).await?);
        }
    }
    let measured: Vec<Measured> = timed.into_iter().map(Timed::measured).collect();
    let live_kb = live::kb_per_client(visit).await?;
    let database = std::fs::metadata(bench.folder.join("console.db"))?.len();
    let figures = json!({
        "orders": bench.orders,
        "open_records": bench.open,
        "cards": bench.cards,
        "requests_per_s": A_SECOND,
        "filled_s": filled.as_secs_f64(),
        "database_mb": database / 1_000_000,
        "live_kb_per_client": live_kb,
        "screens": measured,
    });
    Ok((figures, measured))
}

/// What was asked for of one screen.
struct Timed {
    screen: &'static Screen,
    cold: Answers,
    /// By rounds.
    warm: Vec<Answers>,
}

struct Answers {
    took: Vec<Duration>,
    /// The longest page.
    bytes: usize,
}

impl Timed {
    fn measured(self) -> Measured {
        let all = || self.warm.iter().chain([&self.cold]);
        let p99 = |answers: &Answers| millis(percentile(answers.took.clone()));
        let rounds: Vec<f64> = self.warm.iter().map(p99).collect();
        let took: Vec<Duration> = all().flat_map(|answers| answers.took.clone()).collect();
        Measured {
            path: self.screen.path,
            requests: took.len(),
            p99_ms: millis(percentile(took)),
            cold_p99_ms: p99(&self.cold),
            warm_p99_ms: middle(rounds.clone(), f64::total_cmp),
            warm_rounds_p99_ms: rounds,
            warm_median_ms: millis(middle(
                self.warm.iter().flat_map(|answers| answers.took.clone()).collect(),
                Ord::cmp,
            )),
            kb: all().map(|answers| answers.bytes).max().unwrap_or_default() as f64 / 1_000.0,
        }
    }
}

fn middle<T: Default + Copy>(mut of: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> T {
    of.sort_unstable_by(order);
    of.get(of.len() / 2).copied().unwrap_or_default()
}

/// One screen for so long, at the bench's rate.
async fn ask(visit: &Visit, screen: &Screen, targets: &Targets, long: Duration) -> Result<Answers> {
    let (began, interval) = (system_now(), Duration::from_secs(1) / A_SECOND);
    let mut under_way = Vec::new();
    let requests = long.as_millis() / interval.as_millis();
    ensure!(
        requests > 0,
        "each screen was to be asked for too short a time: give --seconds 6 or more"
    );
    for number in 0..u32::try_from(requests)? {
        visit.clock.sleep_until(began.plus(interval * number)).await;
        let (who, router) = (visit.who(number.into()), visit.router.clone());
        let path = targets.path(screen, number.into(), &who.id);
        // From here on it waits for the server, for a place too; when it is asked is the bench's own doing.
        let asked = system_now();
        under_way.push(tokio::spawn(async move {
            let request = Request::get(&path).header(header::COOKIE, &who.cookie);
            let answer = router.oneshot(request.body(Body::empty())?).await?;
            let status = answer.status();
            let page = axum::body::to_bytes(answer.into_body(), PAGE_BYTES_MAX).await?;
            let fine = status.is_success() || status.is_redirection();
            ensure!(fine, "{path} answers {status}: {}", String::from_utf8_lossy(&page));
            anyhow::Ok((since(asked), page.len()))
        }));
    }
    let (mut took, mut bytes) = (Vec::new(), 0);
    for asked in under_way {
        let (its, length) = asked.await??;
        took.push(its);
        bytes = bytes.max(length);
    }
    Ok(Answers { took, bytes })
}
