//! A drill: chosen failures, planted on a twin in this process, with a worker at work on it and a console for whoever practises.
//!
//! Nothing of it can touch a real company: it reads no configuration, its database is in memory, its wire leads to the twin and nowhere else,
//! and its keys are drawn for it. It ends with the process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tallyman_core::drill::{Planted as Failure, Response, score};
use tallyman_core::finding::Code;
use tallyman_core::planted::Planted;
use tallyman_core::seam::{NoHooks, Rng};
use tallyman_core::time::Timestamp;
use tallyman_engine::bells::Bells;
use tallyman_engine::drill::{Drill, look};
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Pace, Parts, Unseen};
use tallyman_engine::vault::Vault;
use tallyman_engine::worker::{self, Worker};
use tallyman_store::Store;
use tallyman_store::seal::MasterKeys;
use tallyman_twin::causes::{self, Cause};
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::settings::Settings;
use tallyman_twin::wire::Twin;
use tallyman_web::Running;
use tokio::task::JoinHandle;

use super::console::{self, Console};
use super::planted_run::{cells, merchants};
use crate::clocks::PacedClock;
use crate::wires::ToTwin;
use crate::{chance, scene};

const OPENS_BEFORE: Duration = Duration::from_secs(60);
/// Sweeps that come once a day come this often here.
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// A drill that runs.
pub struct DrillRun {
    pub console: Console,
    store: Store,
    drill: Drill,
    working: JoinHandle<()>,
}

impl Drop for DrillRun {
    fn drop(&mut self) {
        self.working.abort();
    }
}

/// The causes that these codes, or names of causes, stand for: of each code the first. Two of one code at one company could not be told
/// apart.
pub fn choose(wanted: &[String]) -> anyhow::Result<Vec<&'static Cause>> {
    let mut chosen: Vec<&'static Cause> = Vec::new();
    for word in wanted {
        let found = causes::ALL.iter().find(|cause| cause.name == *word || cause.code == *word);
        let cause =
            found.with_context(|| format!("nothing plants {word}; `tallyman drill --list` names everything that can be"))?;
        let same = |known: &&&Cause| known.code == cause.code && causes::company(known) == causes::company(cause);
        ensure!(
            !chosen.iter().any(|known| same(&known)),
            "{} is chosen twice: its two cards could not be told apart",
            cause.code
        );
        chosen.push(cause);
    }
    Ok(chosen)
}

impl DrillRun {
    /// Plants, and begins to work and to serve.
    pub async fn start(seed: u64, orders: u32, pace: u32, chosen: &[&'static Cause]) -> anyhow::Result<Self> {
        let mut settings = scene::planted_settings(seed, orders).context("a day without other faults")?;
        settings.plant_only = chosen.iter().map(|cause| cause.name.to_owned()).collect();
        let origin = Timestamp::from_micros(settings.origin);
        let opens = origin.minus(OPENS_BEFORE);
        let clock = Arc::new(PacedClock::starting_at(opens, pace));
        let twin = Twin::new(settings.clone(), TwinClock::starting_at(opens.micros(), pace));
        let store = Store::memory()?;
        let parts = Arc::new(Self::parts(&settings, (&store, &clock, &twin), (origin, pace), chosen).await?);
        worker::set_up(&parts).await?;
        let planted: Vec<Failure> = chosen
            .iter()
            .map(|cause| {
                let company = parts
                    .merchants
                    .iter()
                    .find(|merchant| merchant.company.as_str() == scene::company(causes::company(cause)));
                Ok(Failure {
                    name: cause.name.to_owned(),
                    code: Code::named(cause.code).with_context(|| format!("there is no code {}", cause.code))?,
                    company: company.context("each failure has its company")?.company.clone(),
                })
            })
            .collect::<anyhow::Result<_>>()?;
        let drill = |planted| Drill {
            planted,
            begun_at: origin,
            pace,
        };
        let running = Arc::new(Running::default());
        running.drills(drill(planted.clone()));
        running.begun(parts.clone());
        let worker = Worker::new("drill", parts);
        Ok(Self {
            console: console::serve_running(running).await?,
            working: tokio::spawn(async move { worker.run().await }),
            drill: drill(planted),
            store,
        })
    }

    async fn parts(
        settings: &Settings,
        (store, clock, twin): (&Store, &Arc<PacedClock>, &Twin),
        (origin, pace): (Timestamp, u32),
        chosen: &[&'static Cause],
    ) -> anyhow::Result<Parts> {
        let wanted = twin.wanted();
        let mut merchants = merchants(settings, &wanted, origin)?;
        scene::set_the_table(store, &merchants, origin).await?;
        for wanted in &wanted {
            let merchant = merchants.get(wanted.company as usize - 1).context("a company of the list")?;
            scene::change_the_table(store, merchant, cells(merchant, wanted, origin)?).await?;
        }
        // Companies in which nothing is planted are nobody's business today.
        let homes: Vec<String> = chosen.iter().map(|cause| scene::company(causes::company(cause))).collect();
        merchants.retain(|merchant| homes.iter().any(|home| home == merchant.company.as_str()));
        let mut chance = chance::system().map_err(|error| anyhow::anyhow!("the system gives no randomness for keys: {error}"))?;
        let mut key = [0; 32];
        chance.fill(&mut key);
        let usual = Pace::default();
        Ok(Parts {
            store: store.clone(),
            clock: clock.clone(),
            transport: Arc::new(ToTwin(twin.clone())),
            hooks: Arc::new(NoHooks),
            machine: Arc::new(Unseen),
            vault: Vault::new(MasterKeys::new(1, key), Box::new(chance)),
            merchants,
            pace: Pace {
                duplicates_every: TEN_MINUTES,
                keys_every: 2 * TEN_MINUTES,
                keys_again: 2 * TEN_MINUTES,
                seal_every: Duration::from_secs(60),
                // In real time: it is our own database that is looked at.
                look_every: usual.look_every * pace,
                ..usual
            },
            bells: Arc::new(Bells::default()),
            planted: Planted::default(),
            meters: Meters::default(),
        })
    }

    /// How people have responded so far.
    pub async fn look(&self) -> anyhow::Result<Vec<Response>> {
        ensure!(!self.working.is_finished(), "the worker stopped");
        Ok(look(&self.store, &self.drill).await?)
    }

    /// In words, for the end.
    pub fn told(responses: &[Response]) -> String {
        let score = score(responses);
        let minutes = |time: Option<Duration>| time.map_or_else(|| "-".to_owned(), |time| format!("{} min", time.as_secs() / 60));
        let mut text = format!(
            "{} of {} cleared; usual time {}, longest {}; wrong fixes: {}. Times are of the drill's clock.\n",
            score.cleared,
            score.planted,
            minutes(score.usual),
            minutes(score.longest),
            score.wrong_fixes
        );
        for response in responses {
            let stands = match (&response.card, &response.cleared) {
                (None, _) => "not seen".to_owned(),
                (Some(card), None) => format!("open, card {card}"),
                (Some(_), Some((_, Some(who)))) => format!("cleared by {who}"),
                (Some(_), Some((_, None))) => "cleared by itself".to_owned(),
            };
            text += &format!("  {} ({}): {stands}\n", response.planted.name, response.planted.code);
        }
        text
    }
}
