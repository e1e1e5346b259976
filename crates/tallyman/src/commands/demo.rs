//! `tallyman demo`: watched, or until quiet at virtual or at scaled time.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::status::Status;
use tallyman_store::{Location, Server};
use tallyman_twin::world::{BEST_SELLER, RENAMED};

use crate::config::secret::is_server;
use crate::demo::{Day, Folder, Live, Report, ScaledRun, TwinProcess, Wanted, console, instant, run_planted, run_virtual};
use crate::progress::Progress;
use crate::scene;
use crate::{remark, say};

/// Orders of a demo that is watched.
const ORDERS_WATCHED: u32 = 620;
/// So many of these wait for whoever watches: a retailer's new code of an item, which one field puts right.
const RELISTED_WATCHED: u32 = 500;
const ORDERS_UNTIL_QUIET: u32 = 2000;
const ORDERS_PLANTED: u32 = 400;
/// The time on the twin's clock within which they arrive.
const WITHIN_MINUTES: u32 = 120;

/// Real orders travel on the twin, so that you can watch them.
///
/// Starts the vendors (simulators of Virtualstock, Sage 200 and Mintsoft) as a process of their own and Tallyman beside them. Stop it
/// at any moment, with ctrl-c or kill -9: the vendors stay up, and when it is started again every order goes on from where it was.
#[derive(Args)]
pub struct Demo {
    /// Run without anyone watching until everything has come to rest, audit the books, and exit.
    #[arg(long)]
    until_quiet: bool,
    /// Read invoices until this many have become orders.
    #[arg(long)]
    orders: Option<u32>,
    /// Of a demo that is watched: so many of the orders stand still until somebody says what a retailer's new code means; 500, or none with
    /// --orders.
    #[arg(long, conflicts_with = "until_quiet")]
    relisted: Option<u32>,
    /// What the twin draws its people, faults and latencies from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How much goes wrong: none, usual, harsh.
    #[arg(long, default_value = "usual", value_parser = ["none", "usual", "harsh"])]
    faults: String,
    /// Plant causes on purpose, and nothing else that goes wrong; the twin's auditor judges the cards that the API shows of them.
    #[arg(long, value_parser = ["causes"], requires = "until_quiet", conflicts_with_all = ["faults", "database"])]
    plant: Option<String>,
    /// Write the report here, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Until quiet on this database (a file, or postgres://…), at scaled time, with the twin as another process.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The PostgreSQL schema to use; it must be there.
    #[arg(long, requires = "database")]
    schema: Option<String>,
    /// How fast the clock runs: 60 is an hour a minute.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pace: u32,
    /// Work with a twin that is up already (`tallyman twin` says how to call this).
    #[arg(long, value_name = "ADDRESS", requires = "since")]
    twin: Option<String>,
    /// When that twin's day began, as it reads the clock.
    #[arg(long, value_parser = instant, requires = "twin")]
    origin: Option<Timestamp>,
    /// When that twin's day began by this computer's clock.
    #[arg(long, value_parser = instant, requires = "twin")]
    since: Option<Timestamp>,
    /// Where the watched demo keeps its database.
    #[arg(long, default_value = "demo")]
    folder: PathBuf,
    /// Begin anew although the vendors of the last demo are still up.
    #[arg(long)]
    fresh: bool,
}

impl Demo {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let report = match (&self.database, self.until_quiet) {
            (None, true) => {
                ensure!(
                    self.twin.is_none(),
                    "another process's twin has no virtual time: name a --database"
                );
                let mut progress = Progress::new();
                let progress = |now, status: &Status| progress.say(|| how_far(now, status));
                if self.plant.is_some() {
                    let settings = scene::planted_settings(self.seed, self.orders.unwrap_or(ORDERS_PLANTED));
                    let report = run_planted(settings.context("a day without other faults")?, progress)?;
                    return self.end(Some(report));
                }
                let settings = scene::demo_settings(self.seed, self.orders.unwrap_or(ORDERS_UNTIL_QUIET), &self.faults)
                    .with_context(|| format!("there is no fault set {}", self.faults))?;
                Some(run_virtual(settings, progress)?)
            }
            (Some(database), true) => Some(runtime()?.block_on(self.unwatched(database))?),
            (database, false) => {
                ensure!(
                    database.is_none(),
                    "--database goes with --until-quiet; a watched demo keeps its own in --folder"
                );
                runtime()?.block_on(self.watched())?
            }
        };
        self.end(report)
    }

    fn end(&self, report: Option<Report>) -> anyhow::Result<ExitCode> {
        let Some(report) = report else {
            return Ok(ExitCode::SUCCESS);
        };
        if let Some(path) = &self.report {
            std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
        }
        Ok(self.conclude(&report))
    }

    /// The twin that was named.
    fn named(&self) -> Option<(String, Day)> {
        let (address, since) = (self.twin.clone()?, self.since?);
        let origin = self.origin.unwrap_or(Timestamp::from_micros(scene::MORNING));
        let pace = self.pace;
        Some((address, Day { origin, since, pace }))
    }

    fn relisted(&self) -> u32 {
        match (self.relisted, self.orders, self.until_quiet) {
            (Some(relisted), ..) => relisted,
            (None, None, false) => RELISTED_WATCHED,
            _ => 0,
        }
    }

    fn start(&self, orders: u32, stays: Option<&Path>) -> anyhow::Result<TwinProcess> {
        TwinProcess::start(&Wanted {
            seed: self.seed,
            orders: self.orders.unwrap_or(orders),
            relisted: self.relisted(),
            faults: &self.faults,
            pace: self.pace,
            within_minutes: WITHIN_MINUTES,
            stays,
        })
    }

    /// Until quiet, at scaled time.
    async fn unwatched(&self, database: &str) -> anyhow::Result<Report> {
        let location = if is_server(database) {
            let mut server = Server::at(database);
            server.schema.clone_from(&self.schema);
            Location::Postgres(server)
        } else {
            Location::File(database.into())
        };
        // Ended with us: dropped at the end of this function, or by the system closing its standard input.
        let (_twin, (address, day)) = match self.named() {
            Some(named) => (None, named),
            None => {
                let twin = self.start(ORDERS_UNTIL_QUIET, None)?;
                let there = (twin.address.clone(), twin.day);
                (Some(twin), there)
            }
        };
        let run = ScaledRun::new(&address, day, &location).await?;
        ensure!(
            self.twin.is_some() || !run.has_begun().await?,
            "this database holds the orders of another twin: name an empty one, or that twin with --twin"
        );
        let mut progress = Progress::new();
        run.until_quiet(|_| None, async |moment| progress.say(|| how_far(moment.now, moment.status)))
            .await
    }

    /// With somebody watching; no report if they stop it.
    async fn watched(&self) -> anyhow::Result<Option<Report>> {
        let folder = Folder::at(&self.folder)?;
        let mut live = Live::new();
        let known = if self.fresh { None } else { folder.twin().await? };
        let (address, day) = match (self.named(), known) {
            (Some(named), _) => named,
            (None, Some(known)) => {
                live.say("The vendors are still up. Tallyman goes on from where it was.");
                known
            }
            (None, None) => {
                folder.clear().await?;
                let twin = self.start(ORDERS_WATCHED, Some(&folder.kept()))?;
                (twin.address.clone(), twin.day)
            }
        };
        folder.remember(&address, day)?;
        let run = ScaledRun::new(&address, day, &Location::File(folder.database())).await?;
        let console = console::serve(run.parts()).await?;
        self.explain(&live, &folder, &address, day);
        live.say(&format!(
            "Watch it in a browser, on this computer, while it runs: {}",
            console.link
        ));
        let (second, name) = &console.second;
        live.say(&format!("Where a second person is needed, be {name}: {second}"));
        let relisted = self.relisted();
        if relisted > 0 {
            live.say(&format!(
                "This morning a retailer lists a best seller under a new code and has told nobody. Up to {relisted} orders will stand still behind\n\
                 one card: open the console, choose the card, say that `{BEST_SELLER}{RENAMED}` means {BEST_SELLER}, and see them go on. The demo waits."
            ));
        }
        live.say("");
        let waits = |status: &Status| match status.exceptions.get("sku_unknown") {
            Some(count) if relisted > 0 && *count >= relisted.into() => Some("these wait for you in the console"),
            _ => console.is_looked_at().then_some("somebody looks at the console"),
        };
        let outcome = tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => None,
            report = run.until_quiet(waits, async |moment| live.look(&moment).await) => Some(report?),
        };
        live.say("");
        if outcome.is_some() {
            folder.over();
        } else {
            live.say(
                "Stopped. The vendors stay up for a while, with whatever was on its way. Start it again, and every order goes on from where it was.",
            );
        }
        Ok(outcome)
    }

    fn explain(&self, live: &Live, folder: &Folder, address: &str, day: Day) {
        let configuration = folder.configuration();
        for line in [
            "Real orders of a UK gift wholesaler arrive at two retailers on Virtualstock. Each becomes a Sales Order in Sage 200, is",
            "acknowledged to its retailer, released to the warehouse (Mintsoft), shipped, despatched in Sage and confirmed to the retailer.",
            "",
        ] {
            live.say(line);
        }
        live.say(&format!(
            "The vendors are simulators in a process of their own, at {address}. Things go wrong there as they do ({}): answers",
            self.faults
        ));
        live.say(&format!(
            "get lost, come late, are refused; people keep orders open. Their clock runs {} times as fast as yours.",
            day.pace
        ));
        if self.twin.is_none() {
            live.say(&format!(
                "{} orders arrive within two hours of that clock. It ends by itself, once nothing has moved for half an hour of it and nobody\n\
                 looks at its console.",
                self.orders.unwrap_or(ORDERS_WATCHED)
            ));
        }
        live.say("Pull Tallyman's plug whenever you like, with ctrl-c or kill -9, and start it again.");
        live.say(&format!(
            "The story of one order, in another terminal: {} journey VS-536365 --config {}",
            program(),
            configuration.display()
        ));
        live.say("");
    }

    /// What somebody who has watched may want to do then.
    fn what_next(&self) -> String {
        let (program, configuration) = (program(), self.folder.join("tallyman.toml"));
        let configuration = configuration.display();
        format!(
            "The books stay to be looked at:\n\
             \x20 {program} journey VS-536365 --config {configuration}       the story of one order\n\
             \x20 {program} person find smith --config {configuration}       a customer's orders\n\
             \x20 {program} journal verify --config {configuration}          whether anybody altered the account\n\
             A whole bad day in about a minute: {program} demo --until-quiet --faults harsh"
        )
    }

    fn conclude(&self, report: &Report) -> ExitCode {
        if self.until_quiet {
            say!("{}", serde_json::to_string_pretty(report).unwrap_or_default());
        } else {
            say!("{}\n\n{}", report.in_words(), self.what_next());
        }
        // Of a twin that somebody else has started, we do not know what it was told to do wrong.
        let complaints = report.complaints(
            self.until_quiet && self.twin.is_none() && self.faults != "none",
            !self.until_quiet,
        );
        for complaint in &complaints {
            remark!("not as it should be: {complaint}");
        }
        if complaints.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// A line for whoever waits until all is quiet.
fn how_far(now: Timestamp, status: &Status) -> String {
    let orders: i64 = status.journeys.values().sum();
    let complete = status.journeys.get("complete").copied().unwrap_or(0);
    let stopped: i64 = status.exceptions.values().sum();
    let at = now.local_in(&Zone::utc());
    format!("{at} at the vendors: {orders} orders arrived, {complete} complete, {stopped} stopped for a person")
}

/// This program as somebody would call it from here: `cargo demo` does not put it on the search path.
fn program() -> String {
    let Ok(program) = std::env::current_exe() else {
        return "tallyman".into();
    };
    let here = std::env::current_dir().unwrap_or_default();
    program.strip_prefix(here).unwrap_or(&program).display().to_string()
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}
