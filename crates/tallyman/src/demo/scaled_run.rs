//! The demo at scaled time: the engine in this process, the twin in another, real sockets and a real database between them.
//!
//! Leases, limits, tokens, quiet times and the twin's clock all run at one pace, from one start. Only the time-outs on our own
//! database are real. Whatever is stopped here, at any line, goes on when it is started again over the same database.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use tallyman_core::planted::Planted;
use tallyman_core::seam::{Clock, NoHooks};
use tallyman_core::time::Timestamp;
use tallyman_engine::bells::Bells;
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Pace, Parts, Unseen};
use tallyman_engine::status::{AskStatus, Status};
use tallyman_engine::vault::Vault;
use tallyman_engine::worker::{self, Worker};
use tallyman_store::seal::MasterKeys;
use tallyman_store::{Location, Store};

use super::far::Far;
use super::{Day, Report};
use crate::clocks::PacedClock;
use crate::wires::Http;
use crate::{chance, scene};

/// How often it is looked how everything stands, in real time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Once everything has come to rest, on the twin's clock: as long as at virtual time.
const SETTLE: Duration = Duration::from_secs(30 * 60);
/// A run that has not come to rest so long after all orders have arrived has failed; on the twin's clock.
const QUIET_BY: Duration = Duration::from_secs(48 * 3600);

/// What the demo's merchants seal with: their people are the twin's, and the key is no secret.
pub const MASTER_KEY: [u8; 32] = [7; 32];

/// One moment of a run, for whoever watches.
pub struct Moment<'a> {
    pub now: Timestamp,
    pub parts: &'a Parts,
    pub status: &'a Status,
    /// Nothing is on its way, as far as can be seen; what may still come late is waited for.
    pub at_rest: bool,
    /// What else is waited for, however long it takes somebody.
    pub waits: Option<&'static str>,
}

/// An engine at work on a twin.
pub struct ScaledRun {
    far: Far,
    day: Day,
    clock: PacedClock,
    parts: Arc<Parts>,
}

impl ScaledRun {
    /// Opens the store and sets the table, unless that has been done.
    pub async fn new(twin: &str, day: Day, location: &Location) -> anyhow::Result<Self> {
        let far = Far::at(twin)?;
        far.state().await?;
        let clock = day.clock();
        let store = Store::open(location).await.map_err(crate::assemble::opened)?;
        let merchants = scene::merchants(&far.address, &scene::companies());
        scene::set_the_table(&store, &merchants, clock.now()).await?;
        // The system's, never the seed's: a second run over this database must not draw the first one's nonces again.
        let chance = chance::system().map_err(|error| anyhow::anyhow!("the system gives no randomness for keys: {error}"))?;
        let parts = Arc::new(Parts {
            store,
            clock: Arc::new(clock.clone()),
            transport: Arc::new(Http::new()?),
            hooks: Arc::new(NoHooks),
            machine: Arc::new(Unseen),
            vault: Vault::new(MasterKeys::new(1, MASTER_KEY), Box::new(chance)),
            merchants,
            pace: pace(day),
            bells: Arc::new(Bells::default()),
            planted: Planted::default(),
            meters: Meters::default(),
        });
        worker::set_up(&parts).await?;
        Ok(Self { far, day, clock, parts })
    }

    /// What it works with.
    pub fn parts(&self) -> Arc<Parts> {
        self.parts.clone()
    }

    pub fn far(&self) -> &Far {
        &self.far
    }

    /// Whether the store has seen orders before.
    pub async fn has_begun(&self) -> anyhow::Result<bool> {
        let status = self.parts.store.read(AskStatus).await?;
        Ok(!status.journeys.is_empty() || status.undecided > 0)
    }

    /// Works until everything has come to rest, and gives the report. It goes on while it `waits` for somebody.
    pub async fn until_quiet(
        &self,
        waits: impl Fn(&Status) -> Option<&'static str>,
        mut watch: impl AsyncFnMut(Moment<'_>),
    ) -> anyhow::Result<Report> {
        let real = PacedClock::system();
        let (began, wall) = (self.clock.now(), real.now());
        let worker = Worker::new(format!("demo-{}", std::process::id()), self.parts.clone());
        let running = tokio::spawn(async move { worker.run().await });
        let mut quiet_since: Option<Timestamp> = None;
        let quiet = loop {
            real.sleep_until(real.now().plus(LOOK_EVERY)).await;
            ensure!(!running.is_finished(), "the worker stopped");
            let (at_rest, status) = self.far.at_rest(&self.parts.store).await?;
            let (now, waits) = (self.clock.now(), waits(&status));
            watch(Moment {
                now,
                parts: &self.parts,
                status: &status,
                at_rest,
                waits,
            })
            .await;
            if !at_rest || waits.is_some() {
                quiet_since = None;
            } else if now.since(*quiet_since.get_or_insert(now)) >= SETTLE {
                break true;
            }
            if now.since(began) > QUIET_BY && waits.is_none() {
                break false;
            }
        };
        running.abort();
        let status = self.parts.store.read(AskStatus).await?;
        let twin = self.far.report().await?;
        let clock = format!("scaled x{}", self.day.pace);
        let seconds = real.now().since(wall).as_secs_f64();
        Ok(Report::new(clock, seconds, &status, &twin, quiet))
    }
}

fn pace(day: Day) -> Pace {
    let usual = Pace::default();
    Pace {
        seal_every: Duration::from_secs(60),
        // In real time: it is our own database that is looked at.
        look_every: usual.look_every * day.pace,
        ..usual
    }
}
