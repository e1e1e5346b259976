//! One merchant with routes, and cards that are opened and resolved by hand: what a worker makes of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tallyman::chance::Seeded;
use tallyman::clocks::PacedClock;
use tallyman_connectors::ByMail;
use tallyman_core::alert::{Escalation, Quiet, Route, Settings};
use tallyman_core::calendar::{Calendar, TimeOfDay};
use tallyman_core::catalogue::{Owner, Severity};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::planted::Planted;
use tallyman_core::role::Notifier;
use tallyman_core::seam::{Clock, Exchange, Lost, Mail, MailSecurity, MailServer, NoHooks, Posted, Reply, Transport};
use tallyman_core::time::Timestamp;
use tallyman_engine::bells::Bells;
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Alerts, Merchant, Pace, Parts, Unseen};
use tallyman_engine::vault::Vault;
use tallyman_engine::worker::{self, Worker};
use tallyman_engine::{alerts, pump};
use tallyman_store::seal::MasterKeys;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::{Store, Tx, Unit, UnitError};

pub const COMPANY: &str = "trader-1";

pub struct Scene {
    pub store: Store,
    pub clock: Arc<PacedClock>,
    pub transport: Arc<dyn Transport>,
    pub settings: Settings,
    pub notifiers: Vec<Arc<dyn Notifier>>,
    /// When each sign-in's consent ends.
    pub consents: Vec<(Connection, Timestamp)>,
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("an instant")
}

pub fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).expect("a time of day")
}

pub fn route(name: &str, team: Owner) -> Route {
    Route {
        connection: Connection::new(name),
        team,
        deputy: None,
    }
}

pub fn settings(routes: Vec<Route>) -> Settings {
    Settings {
        public_url: "https://tallyman.example.com".into(),
        routes,
        rules: Vec::new(),
        calendars: Default::default(),
        calendar: Calendar::usual(),
        quiet: Some(Quiet {
            from: time("19:00"),
            to: time("07:00"),
        }),
        digest_every: Duration::from_secs(3600),
        opened_max: 1_000,
        escalation: Some(Escalation {
            after: Duration::from_secs(3600),
            severity: Severity::Stopped,
        }),
        test_at: time("08:30"),
    }
}

/// A route by mail to a server on this machine.
pub fn by_mail(name: &str, port: u16) -> Arc<dyn Notifier> {
    let server = MailServer {
        host: "127.0.0.1".into(),
        port,
        security: MailSecurity::None,
        sign_in: None,
        certificate: None,
    };
    let from = "Tallyman <tallyman@example.com>";
    let to = vec![format!("{name}@example.com")];
    Arc::new(ByMail::new(Connection::new(name), Company::new(COMPANY), server, from, to))
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
    /// A day at virtual time, with a letterbox in place of mail servers.
    pub fn at(begin: &str, routes: Vec<Route>) -> (Self, Arc<Letterbox>) {
        let clock = Arc::new(PacedClock::starting_at(at(begin), 1));
        let letterbox = Arc::new(Letterbox {
            clock: clock.clone(),
            letters: Mutex::default(),
            fate: Mutex::new(Box::new(|_, _| Fate::Taken)),
        });
        let notifiers = routes.iter().map(|route| by_mail(route.connection.as_str(), 25)).collect();
        let scene = Self {
            store: Store::memory().expect("a store"),
            clock,
            transport: letterbox.clone(),
            settings: settings(routes),
            notifiers,
            consents: Vec::new(),
        };
        (scene, letterbox)
    }

    fn merchant(&self) -> Arc<Merchant> {
        let twin = tallyman::scene::demo_settings(11, 1, "none").expect("there is such a day");
        let mut merchants = tallyman::scene::merchants("http://twin", &twin.companies[..1]);
        let mut merchant = Arc::into_inner(merchants.remove(0)).expect("nobody else has it");
        assert_eq!(merchant.company.as_str(), COMPANY);
        merchant.alerts = Some(Alerts {
            settings: self.settings.clone(),
            notifiers: self.notifiers.clone(),
        });
        merchant.promises.consents = self.consents.clone();
        Arc::new(merchant)
    }

    /// One more worker on the same store: its alerts and its routes.
    pub async fn work(&self, name: &str) {
        let merchant = self.merchant();
        let parts = Arc::new(Parts {
            store: self.store.clone(),
            clock: self.clock.clone(),
            transport: self.transport.clone(),
            hooks: Arc::new(NoHooks),
            machine: Arc::new(Unseen),
            vault: Vault::new(MasterKeys::new(1, [7; 32]), Box::new(Seeded::new(11, name))),
            merchants: vec![merchant.clone()],
            pace: Pace::default(),
            bells: Arc::new(Bells::default()),
            planted: Planted::default(),
            meters: Meters::default(),
        });
        worker::set_up(&parts).await.expect("set up");
        let worker = Worker::new(name, parts);
        let routes: Vec<Connection> = self.settings.routes.iter().map(|route| route.connection.clone()).collect();
        let pumps = routes.iter().map(|route| pump::run(&worker, &merchant, route));
        futures_util::future::join(alerts::run(&worker, &merchant), futures_util::future::join_all(pumps)).await;
    }

    /// Lets one worker work for so long.
    pub async fn work_for(&self, duration: Duration) {
        self.work_until(self.clock.now().plus(duration)).await;
    }

    pub async fn work_until(&self, until: Timestamp) {
        tokio::select! {
            biased;
            () = self.clock.sleep_until(until) => {}
            () = self.work("worker") => panic!("the worker stopped"),
        }
    }

    pub async fn open(&self, code: Code, cause: &str, record: &str) {
        self.open_about(code, Cause::Machine(cause.to_owned()), record).await;
    }

    pub async fn open_about(&self, code: Code, cause: Cause, record: &str) {
        let stand = Stand {
            finding: Some(Kept::without_sentence(code, cause)),
            record: record.to_owned(),
            now: self.clock.now(),
        };
        self.store.write(stand).await.expect("a card");
    }

    pub async fn resolve(&self, record: &str) {
        let stand = Stand {
            finding: None,
            record: record.to_owned(),
            now: self.clock.now(),
        };
        self.store.write(stand).await.expect("a card less");
    }

    /// Codes of the cards that stand, with their causes.
    pub async fn cards(&self) -> Vec<(String, String)> {
        self.store.read(Cards).await.expect("cards")
    }
}

/// A record stands on the card of its cause, or leaves it.
struct Stand {
    finding: Option<Kept>,
    record: String,
    now: Timestamp,
}

impl Unit for Stand {
    type Output = ();
    const NAME: &'static str = "stand";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        match &self.finding {
            Some(finding) => {
                let record = ("", self.record.as_str());
                exceptions::join(tx, COMPANY, record, finding, exceptions::SEEN_ALL, self.now).await
            }
            None => exceptions::go_on(tx, "", &self.record, GoesOn::Proven("it went on"), self.now).await,
        }
    }
}

struct Cards;

impl Unit for Cards {
    type Output = Vec<(String, String)>;
    const NAME: &'static str = "cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let cards = exceptions::open(tx, None, 1_000).await?;
        Ok(cards.into_iter().map(|card| (card.code, card.cause.to_string())).collect())
    }
}

/// What becomes of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Taken,
    /// It arrives, and nobody says so.
    Unsaid,
    NotConnected,
    Answered(u16),
}

type Decides = Box<dyn FnMut(&str, Timestamp) -> Fate + Send>;

/// Takes mail at virtual time, and keeps what has arrived.
pub struct Letterbox {
    clock: Arc<PacedClock>,
    letters: Mutex<Vec<Letter>>,
    fate: Mutex<Decides>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub at: Timestamp,
    pub route: String,
    pub id: String,
    pub subject: String,
    /// Its first line.
    pub says: String,
}

impl Letterbox {
    /// From now on, by route and time.
    pub fn decide(&self, fate: impl FnMut(&str, Timestamp) -> Fate + Send + 'static) {
        *self.fate.lock().unwrap() = Box::new(fate);
    }

    /// What has arrived since this was last asked: route and first line.
    pub fn empty(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().unwrap())
    }
}

#[async_trait]
impl Transport for Letterbox {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost> {
        panic!("{exchange:?} was not expected");
    }

    async fn deliver(&self, mail: Mail) -> Result<Posted, Lost> {
        let route = mail.to[0].split('@').next().unwrap_or_default().to_owned();
        let now = self.clock.now();
        let fate = (self.fate.lock().unwrap())(&route, now);
        if matches!(fate, Fate::Taken | Fate::Unsaid) {
            self.letters.lock().unwrap().push(Letter {
                at: now,
                route,
                id: mail.message_id,
                subject: mail.subject,
                says: mail.text.lines().next().unwrap_or_default().to_owned(),
            });
        }
        let posted = |code| Posted {
            code,
            words: "so it says".into(),
        };
        match fate {
            Fate::Taken => Ok(posted(250)),
            Fate::Unsaid => Err(Lost::NoAnswer("the connection broke".into())),
            Fate::NotConnected => Err(Lost::NotConnected("refused".into())),
            Fate::Answered(code) => Ok(posted(code)),
        }
    }
}
