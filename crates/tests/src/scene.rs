//! Two merchants' day on the twin at virtual time, without any fault but the one that a test brings.

mod door;
mod units;

use std::sync::Arc;
use std::time::Duration;

pub use self::door::Door;
use self::door::Doorway;
pub use self::units::Members;
use self::units::{First, Latest, Map, Unproven};
use crate::leave::leave;
use tallyman::chance::Seeded;
use tallyman::clocks::PacedClock;
use tallyman::scene::{self, MORNING};
use tallyman::wires::ToTwin;
use tallyman_core::access::Right;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::ident::Company;
use tallyman_core::mapping::{Cell, Row};
use tallyman_core::mastership::Model;
use tallyman_core::planted::Planted;
use tallyman_core::promise::Promises;
use tallyman_core::seam::{Clock, NoHooks};
use tallyman_core::time::Timestamp;
use tallyman_engine::answer::{self, Answer, Said};
use tallyman_engine::bells::Bells;
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Alerts, Machine, Merchant, Pace, Parts};
use tallyman_engine::status::{AskCards, AskStatus, Status};
use tallyman_engine::told;
use tallyman_engine::units::{Home, WriteDecision};
use tallyman_engine::vault::Vault;
use tallyman_engine::worker::{self, Worker};
use tallyman_store::Store;
use tallyman_store::seal::MasterKeys;
use tallyman_store::tables::exceptions::{self, Card};
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::settings::{self as twin, Settings};
use tallyman_twin::wire::Twin;

const ADDRESS: &str = "http://twin";
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// What has not come about by then does not come about.
const COMES_BY: Duration = Duration::from_secs(24 * 3600);

pub struct Scene {
    pub store: Store,
    pub twin: Twin,
    pub clock: Arc<PacedClock>,
    pub pace: Pace,
    /// As the configuration describes them.
    pub companies: Vec<twin::Company>,
    /// Calls whose method and address (`PUT http://twin/…`) hold this are not connected before that instant.
    pub closed_until: Option<(&'static str, Timestamp)>,
    /// Which system masters what, for a worker that starts from now on.
    pub masters: Model,
    /// What becomes of those calls.
    pub door: Door,
    /// Whether parts of lines are confirmed.
    pub confirm_parts: bool,
    /// Who is told, if anybody is.
    pub alerts: Option<fn(&Company) -> Alerts>,
    /// What is particular to the merchants.
    pub promises: Promises,
    pub free_disk_bytes: Option<u64>,
}

/// One order, the same at both companies, and no fault.
pub fn settings() -> Settings {
    let mut settings = scene::demo_settings(11, 1, "none").expect("there is such a day");
    settings.orders.same_for_all = true;
    settings.orders.named_items_only = true;
    settings.orders.lines_max = 8;
    settings
}

/// Runs a test on one thread, at virtual time.
pub fn play<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(test);
}

impl Scene {
    pub fn new(settings: Settings) -> Self {
        Self {
            store: Store::memory().expect("a store"),
            clock: Arc::new(PacedClock::starting_at(Timestamp::from_micros(MORNING), 1)),
            pace: Pace {
                seal_every: Duration::from_secs(3600),
                ..Pace::default()
            },
            companies: settings.companies.clone(),
            twin: Twin::new(settings, TwinClock::starting_at(MORNING, 1)),
            closed_until: None,
            masters: Model::default(),
            door: Door::Shut,
            confirm_parts: false,
            alerts: None,
            promises: Promises::default(),
            free_disk_bytes: None,
        }
    }

    /// What a worker that starts now is made of.
    pub async fn parts(&self, name: &str) -> Arc<Parts> {
        let parts = Arc::new(Parts {
            store: self.store.clone(),
            clock: self.clock.clone(),
            transport: Arc::new(Doorway {
                twin: ToTwin(self.twin.clone()),
                clock: self.clock.clone(),
                closed_until: self.closed_until,
                door: self.door,
            }),
            hooks: Arc::new(NoHooks),
            machine: Arc::new(Disk(self.free_disk_bytes)),
            vault: vault(name),
            merchants: self.merchants(),
            pace: self.pace.clone(),
            bells: Arc::new(Bells::default()),
            planted: Planted::default(),
            meters: Meters::default(),
        });
        scene::set_the_table(&self.store, &parts.merchants, self.clock.now())
            .await
            .expect("mappings");
        worker::set_up(&parts).await.expect("set up");
        parts
    }

    fn merchants(&self) -> Vec<Arc<Merchant>> {
        let merchants = scene::merchants(ADDRESS, &self.companies).into_iter();
        let promised = merchants.map(|merchant| {
            let mut merchant = Arc::into_inner(merchant).expect("nobody else has it");
            merchant.masters = self.masters.clone();
            merchant.promises = self.promises.clone();
            merchant.confirm_parts = self.confirm_parts;
            merchant.alerts = self.alerts.map(|alerts| alerts(&merchant.company));
            Arc::new(merchant)
        });
        promised.collect()
    }

    /// Lets a worker work until this is so; the test fails if it does not come about.
    pub async fn work_until(&self, name: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) {
        let worker = Worker::new(name, self.parts(name).await);
        let began = self.clock.now();
        let watched = async {
            while !is_so(self).await {
                assert!(
                    self.clock.now().since(began) < COMES_BY,
                    "{name} waited in vain: {:?}",
                    self.status().await
                );
                self.clock.sleep_until(self.clock.now().plus(LOOK_EVERY)).await;
            }
        };
        tokio::select! {
            biased;
            () = watched => {}
            () = worker.run() => panic!("the worker stopped"),
        }
    }

    /// Lets a worker work for so long.
    pub async fn work_for(&self, name: &str, duration: Duration) {
        let until = self.clock.now().plus(duration);
        self.work_until(name, async |scene| scene.clock.now() >= until).await;
    }

    pub async fn status(&self) -> Status {
        self.store.read(AskStatus).await.expect("a status")
    }

    pub async fn cards(&self, code: Code) -> Vec<Card> {
        self.store.read(AskCards { code }).await.expect("cards")
    }

    /// Whether everything that ever stood under this code at the first company has proved that it went on.
    pub async fn is_proven(&self, code: Code) -> bool {
        self.store.read(Unproven(code)).await.expect("records") == 0
    }

    /// What a card says of its records, to somebody with the key.
    pub async fn said(&self, card: &Card) -> String {
        let members = told::members(&self.store, &vault("reader"), card, 100)
            .await
            .expect("members");
        members.into_iter().filter_map(|member| member.sentence).collect()
    }

    /// A finding about the first order of a company, raised as a decision of a flow raises it. For what no flow here raises yet.
    pub async fn inject(&self, company: &str, finding: &Finding) {
        let (journey, key) = self.store.read(First(company.to_owned())).await.expect("an order");
        let latest = self.store.read(Latest(company.to_owned())).await.expect("its numbers");
        let vault = vault("flow");
        let key = vault.unwrap(company, journey.id.as_str(), &key).expect("its key");
        let write = WriteDecision {
            now: self.clock.now(),
            message: None,
            journey,
            home: Home::Untouched,
            effects: Vec::new(),
            findings: vec![vault.kept(company, &key, finding)],
            settles: Vec::new(),
            seen: if finding.code.rests_on_reference() {
                latest
            } else {
                exceptions::SEEN_ALL
            },
            references: Vec::new(),
            entries: Vec::new(),
        };
        self.store.write(write).await.expect("raised");
    }

    /// What a person says of everything on a card that waits for their word.
    pub async fn answer(&self, card: &Card, word: Answer) {
        let reader = vault("reader");
        for member in told::members(&self.store, &reader, card, 100).await.expect("members") {
            let permit = leave("operations", Right::Answer, &card.company);
            let said = Said {
                permit: &permit,
                reason: "I have looked there",
            };
            answer::answer(&self.store, &reader, &*self.clock, &member.record, word, &said)
                .await
                .expect("it is taken");
        }
    }

    /// The instant in the twin's own time.
    pub fn twin_now(&self) -> i64 {
        self.twin.state().now
    }

    /// The integrator says what a word means to the first merchant, or withdraws it.
    pub async fn map(&self, cell: &Cell, ours: Option<&str>) {
        self.map_at("trader-1", cell, ours).await;
    }

    /// The same to any merchant.
    pub async fn map_at(&self, company: &str, cell: &Cell, ours: Option<&str>) {
        let row = Row {
            cell: cell.clone(),
            ours: ours.map(str::to_owned),
            seq: 0,
            at: self.clock.now(),
            actor: "integrator".into(),
            reason: "a test".into(),
        };
        let company = company.to_owned();
        self.store.write(Map { company, row }).await.expect("mapped");
    }

    /// Lets a worker work until so many orders have gone all their way.
    pub async fn until_complete(&self, orders: i64) {
        self.work_until("done", async |scene| scene.stands("complete").await == orders)
            .await;
    }

    pub async fn stands(&self, stage: &str) -> i64 {
        self.status().await.journeys.get(stage).copied().unwrap_or(0)
    }
}

fn vault(name: &str) -> Vault {
    Vault::new(MasterKeys::new(1, [7; 32]), Box::new(Seeded::new(11, name)))
}

struct Disk(Option<u64>);

impl Machine for Disk {
    fn name(&self) -> &str {
        "quay-1"
    }

    fn free_disk_bytes(&self) -> Option<u64> {
        self.0
    }
}
