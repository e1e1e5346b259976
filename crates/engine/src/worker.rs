//! A worker: everything that runs, for as long as it is polled. It holds nothing: all of it may be dropped at any line.
//!
//! For each connection it pumps the lanes; for each merchant it keeps the feeds: orders, shipments, facts, the sweeps for drafts,
//! duplicates and keys, the heartbeats of them all, the journal's sealer. It sleeps until the next of these is due, or until a bell rings.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tallyman_core::alert::SUBJECT;
use tallyman_core::effect::Planned;
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::pace::{Gcra, Work};
use tallyman_core::planted::Bug;
use tallyman_core::role::ReadError;
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::SealJournal;
use tallyman_store::tables::{feeds, journeys, mappings};
use tallyman_store::{Dialect, Tx, Unit, UnitError};
use tracing::Instrument;

use crate::intake::{self, RoundError};
use crate::known::References;
use crate::parts::{Merchant, Parts};
use crate::session::Sessions;
use crate::units::{ClaimFeed, GiveBackFeed, SetUp, session_subject};
use crate::{alerts, corrections, duplicates, heal, heartbeat, machine, pump, sweep, tally, traces, weigh};

/// How long one round of a feed may take.
const ROUND: Duration = Duration::from_secs(300);
/// A round that failed is tried again after this at the latest.
const AGAIN: Duration = Duration::from_secs(20);
/// Journal lines linked in one transaction.
const SEALED_AT_ONCE: u32 = 1_000;
/// So many refusals in a row are trouble with the store.
const STORE_FAILURES: u32 = 3;
/// How soon a round begins that a person asks another process for.
const HURRIED: Duration = Duration::from_secs(30);
/// How often at most other processes' commits lead to a look, for each look that comes by itself.
const HEARD_PER_LOOK: u32 = 20;

/// How the feeds of healing begin, whosever they are.
pub(crate) const HEALING: &str = "healing";

pub struct Worker {
    pub name: String,
    /// From when on it has watched its feeds, in microseconds.
    watches_from: AtomicI64,
    /// How often in a row the store has refused a claim, and when it last had done so again and again, in microseconds.
    store_failures: AtomicU32,
    store_failed_at: AtomicI64,
    pub parts: Arc<Parts>,
    pub sessions: Sessions,
    pub references: References,
}

/// Reads one journey.
pub struct LoadJourney {
    pub id: JourneyId,
}

impl Unit for LoadJourney {
    type Output = Option<journeys::Stored>;
    const NAME: &'static str = "load_journey";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        journeys::load(tx, &self.id).await
    }
}

struct PutFacts {
    company: String,
    facts: tallyman_core::facts::Facts,
    now: Timestamp,
}

impl Unit for PutFacts {
    type Output = bool;
    const NAME: &'static str = "put_facts";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        mappings::put_facts(tx, &self.company, &self.facts, self.now).await
    }
}

/// The work that comes round for one merchant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    Facts,
    Orders,
    Shipments,
    Sweep,
    Duplicates,
    Heal,
    /// Orders whose channel may have put them right.
    Corrections,
    /// Writes that the ledger refused for a reason that it can be asked about.
    Refusals,
    /// The second sweep over a source's own list.
    Keys(Kind),
    Heartbeat,
}

impl Feed {
    pub const ALL: [Self; 11] = [
        Self::Facts,
        Self::Orders,
        Self::Shipments,
        Self::Sweep,
        Self::Duplicates,
        Self::Heal,
        Self::Corrections,
        Self::Refusals,
        Self::Keys(Kind::Order),
        Self::Keys(Kind::Shipment),
        Self::Heartbeat,
    ];

    pub fn name(self, merchant: &Merchant) -> String {
        self.named(self.connection(merchant))
    }

    /// Its name, of this connection.
    pub fn named(self, connection: &Connection) -> String {
        format!("{} of {connection}", self.kind())
    }

    /// What it does, in a word or two.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Orders => "orders",
            Self::Shipments => "shipments",
            Self::Sweep => "draft sweep",
            Self::Duplicates => "duplicate sweep",
            Self::Heal => HEALING,
            Self::Corrections => "corrections",
            Self::Refusals => "refusals",
            Self::Keys(Kind::Order) => "order keys",
            Self::Keys(Kind::Shipment) => "shipment keys",
            Self::Heartbeat => "heartbeats",
        }
    }

    /// What it talks to, or belongs to.
    pub fn connection(self, merchant: &Merchant) -> &Connection {
        match self {
            Self::Facts | Self::Sweep | Self::Duplicates | Self::Heal | Self::Refusals | Self::Heartbeat => {
                merchant.ledger.connection()
            }
            Self::Orders | Self::Corrections | Self::Keys(Kind::Order) => merchant.channel.connection(),
            Self::Shipments | Self::Keys(Kind::Shipment) => merchant.warehouse.connection(),
        }
    }

    /// Whether it asks somebody else.
    pub fn calls(self) -> bool {
        match self {
            Self::Heal | Self::Heartbeat => false,
            Self::Facts | Self::Orders | Self::Shipments | Self::Sweep | Self::Duplicates => true,
            Self::Corrections | Self::Refusals | Self::Keys(_) => true,
        }
    }

    /// What its calls are counted as.
    fn work(self) -> Work {
        match self {
            Self::Orders | Self::Shipments => Work::Poll,
            Self::Facts | Self::Sweep | Self::Duplicates | Self::Heal | Self::Heartbeat => Work::Background,
            Self::Corrections | Self::Refusals | Self::Keys(_) => Work::Background,
        }
    }

    /// How often it ought to do something.
    pub fn every(self, parts: &Parts) -> Duration {
        match self {
            Self::Facts => parts.pace.facts_every,
            Self::Orders => parts.pace.poll_every,
            Self::Shipments => parts.pace.shipments_every.unwrap_or(parts.pace.poll_every),
            Self::Sweep => parts.pace.sweep_every,
            Self::Duplicates => parts.pace.duplicates_every,
            Self::Heal => parts.pace.heal_every,
            Self::Corrections => parts.pace.corrections_every,
            Self::Refusals => parts.pace.refusals_every,
            Self::Keys(_) => parts.pace.keys_every,
            Self::Heartbeat => parts.pace.heartbeat_every,
        }
    }
}

/// What a round has come to.
struct Round {
    watermark: Timestamp,
    /// When the next is due, if not after the feed's own time.
    again: Option<Duration>,
}

impl Round {
    fn done(watermark: Timestamp) -> Self {
        Self { watermark, again: None }
    }
}

/// Makes sure that the store knows every connection and feed. Once, before workers run.
pub async fn set_up(parts: &Parts) -> Result<(), UnitError> {
    let mut connections = Vec::new();
    let mut feeds = Vec::new();
    let mut keys = Vec::new();
    for merchant in &parts.merchants {
        if merchant.alerts.is_some() {
            let company = merchant.company.to_string();
            let (_, wrapped) = parts.vault.draw(&company, SUBJECT);
            keys.push((company, SUBJECT.to_owned(), wrapped));
        }
        for connector in merchant.everything() {
            let (name, company) = (connector.connection().to_string(), merchant.company.to_string());
            let (_, wrapped) = parts.vault.draw(&company, &session_subject(&name));
            connections.push((name, company, wrapped));
        }
        feeds.extend(Feed::ALL.map(|feed| feed.name(merchant)));
    }
    parts
        .store
        .write(SetUp {
            now: parts.clock.now(),
            connections,
            keys,
            feeds,
        })
        .await
}

impl Worker {
    pub fn new(name: impl Into<String>, parts: Arc<Parts>) -> Self {
        Self {
            name: name.into(),
            watches_from: AtomicI64::new(parts.clock.now().micros()),
            store_failures: AtomicU32::new(0),
            store_failed_at: AtomicI64::new(i64::MIN),
            parts,
            sessions: Sessions::default(),
            references: References::default(),
        }
    }

    /// From when on it has watched its feeds: since it began, or since the machine went on after it had stood still.
    pub fn watches_from(&self) -> Timestamp {
        Timestamp::from_micros(self.watches_from.load(Ordering::SeqCst))
    }

    /// When the store last failed again and again; none if it never has.
    pub fn store_failed_at(&self) -> Option<Timestamp> {
        let at = self.store_failed_at.load(Ordering::SeqCst);
        (at != i64::MIN).then(|| Timestamp::from_micros(at))
    }

    /// Counts what the store refuses. Once may be anything; again and again is trouble.
    fn store_answers(&self, well: bool) {
        let failures = if well {
            self.store_failures.swap(0, Ordering::SeqCst)
        } else {
            self.store_failures.fetch_add(1, Ordering::SeqCst) + 1
        };
        if failures >= STORE_FAILURES {
            let now = self.parts.clock.now();
            self.store_failed_at.store(now.micros(), Ordering::SeqCst);
        }
    }

    /// It begins to watch anew.
    pub fn watch_from(&self, now: Timestamp) {
        self.watches_from.store(now.micros(), Ordering::SeqCst);
    }

    /// Runs until it is dropped, or until closing time ([`crate::bells::Bells::close`]) and what was under way is finished.
    pub async fn run(&self) {
        let mut loops: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = Vec::new();
        for merchant in &self.parts.merchants {
            for feed in Feed::ALL {
                loops.push(Box::pin(self.keep(merchant, feed)));
            }
            loops.push(Box::pin(self.keep_books(merchant)));
            if merchant.alerts.is_some() {
                loops.push(Box::pin(alerts::run(self, merchant)));
            }
            for connector in merchant.everything() {
                let connection = connector.connection().clone();
                loops.push(Box::pin(async move { pump::run(self, merchant, &connection).await }));
            }
        }
        for merchant in &self.parts.merchants {
            loops.push(Box::pin(self.keep_watch(merchant)));
        }
        if self.parts.store.dialect() == Dialect::Postgres {
            loops.push(Box::pin(self.hear_others()));
        }
        join_all(loops).await;
    }

    /// The lane an effect goes into. Always its own, but for a planted fault that ignores the order of lanes.
    pub fn lane_of(&self, mut planned: Planned) -> Planned {
        if self.parts.planted.is(Bug::AnyReadyEffect) {
            planned.lane.subject = format!("{}/{}", planned.lane.subject, planned.id);
        }
        planned
    }

    async fn keep(&self, merchant: &Arc<Merchant>, feed: Feed) {
        let parts = &*self.parts;
        let name = feed.name(merchant);
        loop {
            let now = parts.clock.now();
            let claim = ClaimFeed {
                name: name.clone(),
                worker: self.name.clone(),
                now,
                until: now.plus(ROUND),
                permits: self.permits(merchant, feed),
                calls: feed.calls().then(|| feed.connection(merchant).clone()),
            };
            let claimed = parts.store.write(claim).await;
            self.store_answers(claimed.is_ok());
            let next = match claimed {
                Ok((Some(held), _)) => self.round(merchant, feed, &name, held).await,
                Ok((None, due)) => due.unwrap_or(now.plus(AGAIN)).max(now.plus(Duration::from_millis(1))),
                Err(error) => {
                    tracing::error!(feed = %name, error = %error, "the feed {name} could not be claimed: {error}");
                    now.plus(AGAIN)
                }
            };
            // A person may have asked for a round meanwhile, through a process of their own.
            let looks = parts.look_every().is_some() && feed.every(parts) > 2 * HURRIED;
            let next = if looks {
                next.min(parts.clock.now().plus(HURRIED))
            } else {
                next
            };
            if self.rest_or_hurry(next).await {
                return;
            }
        }
    }

    /// Sleeps until then, or until closing time; says whether it is.
    pub(crate) async fn rest_until(&self, until: Timestamp) -> bool {
        tokio::select! {
            biased;
            () = self.parts.bells.closed() => {}
            () = self.parts.clock.sleep_until(until) => {}
        }
        self.parts.bells.closing()
    }

    /// The same, or until somebody has asked for a round.
    async fn rest_or_hurry(&self, until: Timestamp) -> bool {
        tokio::select! {
            biased;
            () = self.parts.bells.closed() => {}
            () = self.parts.bells.hurried() => {}
            () = self.parts.clock.sleep_until(until) => {}
        }
        self.parts.bells.closing()
    }

    /// Rings for what other processes have committed. Their bells are not ours, but their commits are heard through the store.
    async fn hear_others(&self) {
        let parts = &*self.parts;
        let mut changes = parts.store.changed();
        loop {
            tokio::select! {
                biased;
                () = parts.bells.closed() => return,
                () = changes.wait() => parts.bells.ring_all(),
            }
            // Many commits are one look: our own are among them, and have rung already.
            if self
                .rest_until(parts.clock.now().plus(parts.pace.look_every / HEARD_PER_LOOK))
                .await
            {
                return;
            }
        }
    }

    fn permits(&self, merchant: &Merchant, feed: Feed) -> Option<(Connection, Gcra, Work)> {
        if !feed.calls() {
            return None;
        }
        let connection = feed.connection(merchant);
        self.parts
            .pace
            .limit(merchant, connection)
            .map(|limit| (connection.clone(), *limit, feed.work()))
    }

    /// One round under a time limit; gives when the next is due.
    async fn round(&self, merchant: &Arc<Merchant>, feed: Feed, name: &str, held: feeds::Held) -> Timestamp {
        let parts = &*self.parts;
        let began = parts.clock.now();
        let span = traces::round(feed.kind(), feed.connection(merchant));
        let outcome = tokio::select! {
            biased;
            outcome = self.one_round(merchant, feed, held.watermark).instrument(span.clone()) => outcome,
            () = parts.clock.sleep_until(began.plus(ROUND)) => Err(RoundError::Read(ReadError::Lost(tallyman_core::seam::Lost::NoAnswer("the round took too long".into())))),
        };
        traces::came_to(&span, if outcome.is_ok() { "done" } else { "failed" });
        let now = parts.clock.now();
        let (watermark, pause, done) = match outcome {
            Ok(round) => (round.watermark, round.again.unwrap_or(feed.every(parts)), Some(now)),
            Err(error) => {
                tracing::warn!(feed = %name, error = %error, "a round of {name} was not finished, and is tried again: {error}");
                (held.watermark, feed.every(parts).min(retry_after(&error)), None)
            }
        };
        let due = now.plus(pause);
        if let Err(error) = parts
            .store
            .write(GiveBackFeed {
                name: name.to_owned(),
                token: held.token,
                due,
                watermark,
                done,
            })
            .await
        {
            tracing::error!(feed = %name, error = %error, "the feed {name} could not be given back: {error}");
        }
        due
    }

    async fn one_round(&self, merchant: &Arc<Merchant>, feed: Feed, watermark: Timestamp) -> Result<Round, RoundError> {
        let of = (self, merchant);
        match feed {
            Feed::Orders => intake::orders::round(of).await?,
            Feed::Shipments => return intake::shipments::round(of, watermark).await.map(Round::done),
            Feed::Sweep => sweep::round(of).await?,
            Feed::Duplicates => return duplicates::round(of, watermark).await.map(Round::done),
            Feed::Heal => heal::round(of).await?,
            Feed::Corrections => corrections::round(of).await?,
            Feed::Refusals => heal::refusals::round(of).await?,
            Feed::Heartbeat => heartbeat::round(of).await?,
            Feed::Keys(kind) => {
                let swept = tally::sweep::round(of, kind, watermark).await?;
                return Ok(Round {
                    watermark: swept.watermark,
                    again: swept.stands.then_some(self.parts.pace.keys_again),
                });
            }
            Feed::Facts => {
                let wire = crate::wire::Wire::new(&self.parts, &self.sessions, &*merchant.ledger, None);
                let facts = merchant.ledger.facts(&wire).await?;
                let put = PutFacts {
                    company: merchant.company.to_string(),
                    facts,
                    now: self.parts.clock.now(),
                };
                if self.parts.store.write(put).await? {
                    // Orders that came before the ledger had been read have waited for this, and for nothing else.
                    intake::orders::decide_all(of).await?;
                }
            }
        }
        Ok(Round::done(watermark))
    }

    /// Watches the machine that this worker runs on, and its sign-ins. It is no feed: each worker does so for itself, also when its clock
    /// is behind and nothing comes round.
    async fn keep_watch(&self, merchant: &Arc<Merchant>) {
        loop {
            if let Err(error) = machine::round((self, merchant)).await {
                tracing::error!(error = %error, "how this machine does could not be written down: {error}");
            }
            if self
                .rest_until(self.parts.clock.now().plus(self.parts.pace.heartbeat_every))
                .await
            {
                return;
            }
        }
    }

    /// Keeps the books, soon after something was written: links the journal's new lines, and counts what stands under the cards and what the
    /// tally tells of.
    async fn keep_books(&self, merchant: &Merchant) {
        let parts = &*self.parts;
        let mut changes = parts.store.changed();
        loop {
            let seal = SealJournal {
                company: merchant.company.to_string(),
                now: parts.clock.now(),
                limit: SEALED_AT_ONCE,
            };
            match parts.store.write(seal).await {
                Ok(run) if run.more => continue,
                Ok(_) => {}
                Err(error) => tracing::error!(error = %error, "the journal of {} could not be sealed: {error}", merchant.company),
            }
            // Where people are told, cards are counted before anybody is.
            if merchant.alerts.is_none()
                && let Err(error) = weigh::round(&parts.store, merchant.company.as_str(), parts.clock.now()).await
            {
                tracing::error!(error = %error, "the cards of {} could not be brought up to date: {error}", merchant.company);
            }
            if let Err(error) = tally::books::round(&parts.store, merchant).await {
                tracing::error!(error = %error, "the tally of {} could not be brought up to date: {error}", merchant.company);
            }
            changes.look();
            tokio::select! {
                biased;
                () = parts.bells.closed() => return,
                () = changes.wait() => {}
            }
            if self.rest_until(parts.clock.now().plus(parts.pace.seal_every)).await {
                // The last lines are linked by whoever comes next.
                return;
            }
        }
    }
}

fn retry_after(error: &RoundError) -> Duration {
    match error {
        RoundError::Read(ReadError::Throttled {
            retry_after: Some(after),
        }) => AGAIN.max(*after),
        RoundError::Read(_) | RoundError::Store(_) => AGAIN,
    }
}
