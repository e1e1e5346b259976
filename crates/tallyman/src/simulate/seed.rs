//! One seed: built, run until everything has come to rest, and judged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tallyman_core::finding::Code;
use tallyman_core::planted::Planted;
use tallyman_core::seam::Clock;
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::bells::Bells;
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Pace, Parts, Unseen};
use tallyman_engine::status::{AskCards, AskStatus, Status};
use tallyman_engine::told::{self, Told};
use tallyman_engine::vault::Vault;
use tallyman_engine::worker::{self, Worker};
use tallyman_store::seal::MasterKeys;
use tallyman_store::{Store, journal};
use tallyman_twin::audit::ByHand;
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::faults::Faults;
use tallyman_twin::settings::{Orders, Settings};
use tallyman_twin::wire::Twin;
use tokio::sync::Notify;

use super::hooks::{Script, Scripted};
use super::integrator::{self, Integrator};
use super::readings::Readings;
use super::tallied;
use crate::chance::Seeded;
use crate::clocks::PacedClock;
use crate::demo::{ADDRESS, Report, at_rest};
use crate::scene;
use crate::wires::ToTwin;

/// Orders of each company. With two companies a seed has at least 20.
const ORDERS_PER_COMPANY: u32 = 11;
/// Longer invoices cost time and show nothing new.
const LINES_MAX: u32 = 8;
/// Orders arrive within this.
const WITHIN: i64 = 40 * 60 * 1_000_000;

const LOOK_EVERY: Duration = Duration::from_secs(120);
const SETTLE: Duration = Duration::from_secs(25 * 60);
const QUIET_BY: Duration = Duration::from_secs(36 * 3600);

/// What a seed came to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub complaints: Vec<String>,
    /// Faults, crash points, locks, unknown outcomes: how often each was met.
    pub met: BTreeMap<String, u64>,
    pub orders: u64,
    /// The heads of the journals: the same seed gives the same.
    pub digest: String,
}

fn settings(seed: u64) -> (Settings, Readings) {
    let mut chance = Seeded::new(seed, "scenario");
    let skip_invoices = u32::try_from(chance.between(0, 9_000)).unwrap_or(0);
    let readings = Readings::draw(&mut chance);
    let settings = Settings {
        seed,
        origin: readings.origin(),
        companies: scene::companies(),
        // Both answers to a question that only a real tenant can settle.
        faults: Faults {
            sage_over_despatch: seed.is_multiple_of(2),
            ..Faults::simulation()
        },
        plant: None,
        plant_only: Vec::new(),
        orders: Orders {
            count: ORDERS_PER_COMPANY,
            skip_invoices,
            within: WITHIN,
            same_for_all: true,
            planted_per_mille: 40,
            mended: true,
            relisted: 0,
            foreign_per_mille: 40,
            keyed_late_per_mille: 25,
            lines_max: LINES_MAX,
            named_items_only: true,
        },
        limits: true,
        virtualstock: readings.virtualstock.clone(),
        mintsoft: readings.mintsoft.clone(),
        sage: readings.sage,
    };
    (settings, readings)
}

/// Runs one seed on this thread.
pub fn run_seed(seed: u64, planted: Planted) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(seed, planted)),
        Err(error) => Err(error.into()),
    };
    outcome.unwrap_or_else(|error: anyhow::Error| Outcome {
        complaints: vec![format!("{error:#}")],
        ..Outcome::default()
    })
}

/// What the workers of a seed share.
struct World {
    seed: u64,
    store: Store,
    clock: Arc<PacedClock>,
    twin: Twin,
    script: Arc<Script>,
    bells: Arc<Bells>,
    planted: Planted,
    /// What the warehouse's times are taken to be local to.
    zone: Zone,
}

impl World {
    fn vault(&self, name: &str) -> Vault {
        Vault::new(MasterKeys::new(1, [7; 32]), Box::new(Seeded::new(self.seed, name)))
    }

    /// What a worker is made of when it starts for the nth time: what it knew before is gone.
    fn parts(&self, name: &str, crashed: Arc<Notify>) -> Arc<Parts> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Arc::new(Parts {
            store: self.store.clone(),
            clock: clock.clone(),
            transport: Arc::new(ToTwin(self.twin.clone())),
            hooks: Arc::new(Scripted {
                script: self.script.clone(),
                clock,
                crashed,
            }),
            machine: Arc::new(Unseen),
            vault: self.vault(name),
            merchants: scene::merchants_in(ADDRESS, &scene::companies(), &self.zone),
            pace: Pace {
                seal_every: Duration::from_secs(300),
                facts_every: Duration::from_secs(12 * 3600),
                heal_every: Duration::from_secs(300),
                // Every seed is to have a sweep after its last order.
                duplicates_every: Duration::from_secs(10 * 60),
                // And what a list has swallowed is to be found before all seems at rest.
                keys_every: Duration::from_secs(5 * 60),
                keys_again: Duration::from_secs(5 * 60),
                heartbeat_every: Duration::from_secs(5 * 60),
                ..Pace::default()
            },
            bells: self.bells.clone(),
            planted: self.planted,
            meters: Meters::default(),
        })
    }

    /// Runs one worker, again and again: each crash is followed by a pause and a fresh start.
    async fn keep_running(&self, number: u64) {
        let mut pauses = Seeded::new(self.seed, &format!("pauses of worker {number}"));
        for life in 0u64.. {
            let crashed = Arc::new(Notify::new());
            let name = format!("worker-{number}.{life}");
            let worker = Worker::new(name.clone(), self.parts(&name, crashed.clone()));
            tokio::select! {
                biased;
                // Dropping the other future drops the worker at whatever it awaits.
                () = crashed.notified() => {}
                () = worker.run() => return,
            }
            drop(worker);
            self.clock
                .sleep_until(self.clock.now().plus(Duration::from_secs(pauses.between(1, 600))))
                .await;
        }
    }
}

async fn run(seed: u64, planted: Planted) -> anyhow::Result<Outcome> {
    let (settings, readings) = settings(seed);
    let origin = Timestamp::from_micros(settings.origin);
    let world = World {
        seed,
        store: Store::memory()?,
        clock: Arc::new(PacedClock::starting_at(origin, 1)),
        twin: Twin::new(settings.clone(), TwinClock::starting_at(settings.origin, 1)),
        script: Arc::new(Script::draw(&mut Seeded::new(seed, "script"))),
        bells: Arc::new(Bells::default()),
        planted,
        zone: readings.configured_zone()?,
    };
    let parts = world.parts("set-up", Arc::new(Notify::new()));
    scene::set_the_table(&world.store, &parts.merchants, origin).await?;
    worker::set_up(&parts).await?;
    let integrator = Integrator::new(
        seed,
        world.store.clone(),
        world.clock.clone(),
        world.vault("integrator"),
        world.bells.clone(),
    );
    integrator.forget_a_carrier(&parts.merchants).await?;
    let quiet = tokio::select! {
        biased;
        quiet = rest(&world, origin) => quiet?,
        _ = futures_util::future::join(world.keep_running(1), world.keep_running(2)) => anyhow::bail!("the workers stopped"),
        stopped = integrator.work() => stopped?,
    };
    let mut outcome = judge(&world, &integrator, quiet).await?;
    outcome.met.extend(readings.met(&settings)?);
    Ok(outcome)
}

/// Waits until everything has come to rest; false if it has not in time.
async fn rest(world: &World, origin: Timestamp) -> anyhow::Result<bool> {
    let mut since: Option<Timestamp> = None;
    let vault = world.vault("looks");
    loop {
        world.clock.sleep_until(world.clock.now().plus(LOOK_EVERY)).await;
        let now = world.clock.now();
        if !at_rest(&world.twin, &world.store).await? || integrator::has_work(&world.store, &vault).await? {
            since = None;
        } else {
            let since = *since.get_or_insert(now);
            if now.since(since) >= SETTLE && tallied::compared(&world.parts("looks", Arc::new(Notify::new())), since).await? {
                return Ok(true);
            }
        }
        if now.since(origin) > QUIET_BY {
            return Ok(false);
        }
    }
}

async fn judge(world: &World, integrator: &Integrator, quiet: bool) -> anyhow::Result<Outcome> {
    let status: Status = world.store.read(AskStatus).await?;
    let twin = serde_json::to_value(world.twin.report())?;
    let report = Report::new("virtual".into(), 0.0, &status, &twin, quiet);
    let mut met = world.script.met();
    met.extend(integrator.met());
    met.extend(
        report
            .faults
            .iter()
            .chain(&report.ways)
            .map(|(kind, count)| (format!("fault_{kind}"), u64::try_from(*count).unwrap_or(0))),
    );
    for (name, count) in [
        ("unknown_outcomes", status.unknown_outcomes),
        ("probes", status.probes),
        ("locks", status.locks),
    ] {
        met.insert(name.into(), u64::try_from(count).unwrap_or(0));
    }
    let mut complaints = report.complaints(false, false);
    if !quiet {
        complaints.push(format!("it stands so: {status:?}, the twin so: {:?}", world.twin.state()));
    }
    if !world.script.met().keys().any(|name| name.starts_with("crash_")) {
        complaints.push("no worker crashed".into());
    }
    let doubled = world.twin.report().audit.doubled_by_hand;
    met.insert("doubled_by_hand".into(), doubled.len() as u64);
    let cards = world
        .store
        .read(AskCards {
            code: Code::LedgerDuplicate,
        })
        .await?;
    let vault = world.vault("reader");
    let mut told = Vec::new();
    for card in cards {
        let members = told::members(&world.store, &vault, &card, 1_000).await?;
        told.extend(members.into_iter().map(|member| (card.company.clone(), member)));
    }
    complaints.extend(unnamed(&doubled, &told));
    let parts = world.parts("judge", Arc::new(Notify::new()));
    let origin = Timestamp::from_micros(world.twin.settings().origin);
    complaints.extend(tallied::complaints(&parts, &world.twin, origin, world.clock.now()).await?);
    let mut digest = String::new();
    for company in ["trader-1", "trader-2"] {
        let verified = journal::verify(&world.store, company).await;
        match verified {
            Ok(verified) => digest.push_str(&format!("{}:{} ", verified.lines, hex(&verified.root))),
            Err(error) => complaints.push(format!("the journal of {company} does not verify: {error}")),
        }
    }
    Ok(Outcome {
        complaints,
        met,
        orders: u64::try_from(report.orders).unwrap_or(0) * 2,
        digest,
    })
}

/// What a person keyed beside an order of ours, and no card names by both numbers.
fn unnamed(doubled: &[ByHand], told: &[(String, Told)]) -> Vec<String> {
    let names = |(company, told): &(String, Told), by_hand: &ByHand| {
        *company == format!("trader-{}", by_hand.company)
            && by_hand
                .ordered
                .iter()
                .chain(&by_hand.by_hand)
                .all(|number| told.sentence.as_ref().is_some_and(|sentence| sentence.contains(number)))
    };
    doubled
        .iter()
        .filter(|by_hand| !told.iter().any(|told| names(told, by_hand)))
        .map(|by_hand| format!("no card names what is in Sage twice: {by_hand:?}"))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
