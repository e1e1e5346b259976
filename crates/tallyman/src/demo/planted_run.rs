//! The demo on a day with causes planted on purpose: at virtual time, with a receiver of alerts, judged by the twin's auditor from what the API
//! shows.
//!
//! The twin's list says what is wrong with the merchants' own table; this lays it so. Nobody puts anything right: what waits for a person goes
//! on waiting, so the run ends with the twin's day and not with quiet.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tallyman_core::calendar::{Calendar, TimeOfDay};
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::mastership::{Master, Thing};
use tallyman_core::planted::Planted;
use tallyman_core::promise::CutOff;
use tallyman_core::seam::{Clock, NoHooks};
use tallyman_core::time::Timestamp;
use tallyman_engine::bells::Bells;
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Merchant, Pace, Parts, Unseen};
use tallyman_engine::status::{AskStatus, Status};
use tallyman_engine::vault::Vault;
use tallyman_engine::worker::{self, Worker};
use tallyman_store::Store;
use tallyman_store::seal::MasterKeys;
use tallyman_twin::causes::{self, Wants};
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::settings::Settings;
use tallyman_twin::wire::{Twin, Wanted};
use tallyman_web::Running;
use tallyman_web::api::access::{Access, Hash, Right, Token};
use tower::ServiceExt;

use super::Report;
use super::virtual_run::ADDRESS;
use crate::chance::Seeded;
use crate::clocks::PacedClock;
use crate::scene;
use crate::wires::ToTwin;

const LOOK_EVERY: Duration = Duration::from_secs(60);
const OPENS_BEFORE: Duration = Duration::from_secs(60);
const A_DAY: i64 = 86_400 * 1_000_000;
const TEN_MINUTES: Duration = Duration::from_secs(600);
/// How a reader in this process names itself to the API.
const READER: &str = "auditor";
/// Pages of one list are not read beyond this.
const PAGES_MAX: usize = 10_000;

/// Runs the twin's day, and has it judged.
pub fn run_planted(settings: Settings, progress: impl FnMut(Timestamp, &Status)) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(run(settings, progress))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the wall's seconds are reported, nothing depends on them"
)]
async fn run(settings: Settings, mut progress: impl FnMut(Timestamp, &Status)) -> anyhow::Result<Report> {
    let wall = std::time::Instant::now();
    let origin = Timestamp::from_micros(settings.origin);
    // It is at work before the day begins, and knows the ledger's facts when the first order comes.
    let opens = origin.minus(OPENS_BEFORE);
    let clock = Arc::new(PacedClock::starting_at(opens, 1));
    let twin = Twin::new(settings.clone(), TwinClock::starting_at(opens.micros(), 1));
    let store = Store::memory()?;
    let wanted = twin.wanted();
    let merchants = merchants(&settings, &wanted, origin)?;
    scene::set_the_table(&store, &merchants, origin).await?;
    for wanted in &wanted {
        let merchant = merchants.get(wanted.company as usize - 1).context("a company of the list")?;
        scene::change_the_table(&store, merchant, cells(merchant, wanted, origin)?).await?;
    }
    let parts = Arc::new(Parts {
        store: store.clone(),
        clock: clock.clone(),
        transport: Arc::new(ToTwin(twin.clone())),
        hooks: Arc::new(NoHooks),
        machine: Arc::new(Unseen),
        vault: Vault::new(MasterKeys::new(1, [7; 32]), Box::new(Seeded::new(settings.seed, "vault"))),
        merchants,
        pace: Pace {
            seal_every: Duration::from_secs(600),
            // Sweeps that come once a day come often enough here to see each cause on the day on which it is planted.
            duplicates_every: TEN_MINUTES,
            keys_every: 2 * TEN_MINUTES,
            keys_again: 2 * TEN_MINUTES,
            // Nobody puts anything right, so healing seldom has anything to look at.
            heal_every: TEN_MINUTES,
            ..Pace::default()
        },
        bells: Arc::new(Bells::default()),
        planted: Planted::default(),
        meters: Meters::default(),
    });
    worker::set_up(&parts).await?;
    let worker = Worker::new("demo", parts.clone());
    let running = tokio::spawn(async move { worker.run().await });
    let until = Timestamp::from_micros(settings.origin + causes::LASTS);
    while clock.now() < until {
        clock.sleep_until(clock.now().plus(LOOK_EVERY)).await;
        ensure!(!running.is_finished(), "the worker stopped");
        progress(clock.now(), &store.read(AskStatus).await?);
    }
    running.abort();
    let status = store.read(AskStatus).await?;
    let cards = Reader::of(parts)?.cards().await?;
    let judgement = twin.judge(&cards);
    let twin = serde_json::to_value(twin.report()).context("the twin's report")?;
    let mut report = Report::new("virtual".into(), wall.elapsed().as_secs_f64(), &status, &twin, true);
    report.judgement = Some(judgement);
    Ok(report)
}

/// The merchants, each as the list wants it, and each told of its cards by webhook.
fn merchants(settings: &Settings, wanted: &[Wanted], origin: Timestamp) -> anyhow::Result<Vec<Arc<Merchant>>> {
    let mut companies = settings.companies.clone();
    for wanted in wanted.iter().filter(|wanted| wanted.wants == Wants::SpentSignIn) {
        companies[wanted.company as usize - 1].sage_refresh_token = "spent long ago".into();
    }
    let merchants = scene::merchants(ADDRESS, &companies).into_iter().zip(1..);
    let arranged = merchants.map(|(merchant, number)| {
        let mut merchant = Arc::into_inner(merchant).context("nobody else has it yet")?;
        for wanted in wanted.iter().filter(|wanted| wanted.company == number) {
            match wanted.wants {
                Wants::Cell(..) | Wants::SpentSignIn => {}
                Wants::ConsentEnds(days) => {
                    let ends = Timestamp::from_micros(origin.micros() + days * A_DAY);
                    merchant.promises.consents = vec![(merchant.ledger.connection().clone(), ends)];
                }
                Wants::CutOff(at) => {
                    merchant.promises.cut_off = Some(CutOff {
                        at: TimeOfDay::parse(at).context("a time of day")?,
                        calendar: Calendar::usual(),
                    });
                }
                Wants::LedgerMastersDespatch => {
                    merchant.masters = merchant.masters.clone().with(Thing::DespatchMoment, Master::Ledger);
                }
            }
        }
        merchant.alerts = Some(scene::told_by_webhook(ADDRESS, &merchant.company)?);
        Ok(Arc::new(merchant))
    });
    arranged.collect()
}

/// The rows in which a merchant's table is not as it should be.
fn cells(merchant: &Merchant, wanted: &Wanted, now: Timestamp) -> anyhow::Result<Vec<Row>> {
    let Wants::Cell(table, theirs, ours) = wanted.wants else {
        return Ok(Vec::new());
    };
    let table = Table::parse(table).with_context(|| format!("there is no table {table}"))?;
    let route = merchant.route();
    let words: Vec<String> = match theirs {
        "{retailer}" => vec![format!("Twin Retail {}", wanted.company)],
        "{warehouse}" => vec![route.warehouse.to_string()],
        "{services}" => vec!["standard".into(), "next-day".into()],
        "{item}" => vec![wanted.item.clone()],
        word => vec![word.into()],
    };
    let row = |word: String| Row {
        cell: Cell::new(table, route.channel.as_str(), &word),
        ours: ours.map(str::to_owned),
        seq: 0,
        at: now,
        actor: "integrator".into(),
        reason: "planted".into(),
    };
    Ok(words.into_iter().map(row).collect())
}

/// Reads the API as a program outside does, without a socket.
struct Reader {
    router: axum::Router,
}

impl Reader {
    fn of(parts: Arc<Parts>) -> anyhow::Result<Self> {
        let running = Arc::new(Running::default());
        running.begun(parts);
        let token = Token {
            name: READER.into(),
            hash: Hash::of(READER),
            may: [Right::Read].into(),
            teams: Default::default(),
            companies: Default::default(),
        };
        Ok(Self {
            router: tallyman_web::router(running, Arc::new(Access::new(vec![token]))),
        })
    }

    /// All cards, open and resolved, each with its `members`.
    async fn cards(&self) -> anyhow::Result<Vec<Value>> {
        let mut cards = self.all("/cards?limit=200", "cards").await?;
        cards.extend(self.all("/cards?life=resolved&limit=200", "cards").await?);
        for card in &mut cards {
            let id = card["id"].as_str().context("a card has an id")?;
            let members = self.all(&format!("/cards/{id}/members?limit=200"), "members").await?;
            card["members"] = members.into();
        }
        Ok(cards)
    }

    /// Every page of a list.
    async fn all(&self, path: &str, rows: &str) -> anyhow::Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let mut page = self.get(&format!("{path}{after}")).await?;
            match page[rows].take() {
                Value::Array(rows) => all.extend(rows),
                other => anyhow::bail!("{path} has no {rows}: {other}"),
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(all),
            }
        }
        anyhow::bail!("{path} has more than {PAGES_MAX} pages")
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = Request::get(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {READER}"))
            .body(Full::new(Bytes::new()))?;
        let answer = self.router.clone().oneshot(request.map(axum::body::Body::new)).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(
            status.is_success(),
            "{path} answers {status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body)?)
    }
}
