//! `tallyman connections`: how each outside system stands, and what people do about it. With `--json` it prints what the API answers.
//!
//! All of it may happen while a worker runs: it takes up what was written. To stop a connection is a hold on it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand, ValueEnum};
use tallyman_core::access::{Actor, Permit, Right};
use tallyman_core::hold::Scope;
use tallyman_engine::connections::{self, Tested};
use tallyman_engine::holds::{self, Wish};
use tallyman_engine::parts::{Merchant, Parts};
use tallyman_store::Store;
use tallyman_web::api::shape::{Connection, Hold};

use super::promise;
use crate::config::Config;
use crate::say;
use crate::wires::Http;
use crate::{assemble, logs};

/// How the outside systems stand, and what people hold.
#[derive(Args)]
pub struct Connections {
    #[command(subcommand)]
    what: Option<What>,
    /// As JSON, in the shapes of the API.
    #[arg(long, global = true)]
    json: bool,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// What is held, and what was.
    Holds,
    /// Holds something: it is not sent until the hold ends. To hold a connection stops it.
    Hold {
        kind: Kind,
        /// The connection's name, or the item's code in the ledger.
        what: String,
        /// Whose; needed for an item where there are several companies.
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        /// For how long, at most 744: then it ends by itself.
        #[arg(long, value_name = "HOURS")]
        hours: u32,
        /// Why, for whoever meets an order that waits. It names no customer.
        #[arg(long)]
        reason: String,
        /// Who holds it, for the journal.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Ends a hold before its time.
    Release {
        /// Its id, as `holds` prints it.
        hold: String,
        /// Who ends it, for the journal.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Asks a system one small question.
    Test {
        connection: String,
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Has its work done now, by the worker that runs.
    Run {
        connection: String,
        /// This work alone, such as `orders`.
        #[arg(long, value_name = "NAME")]
        round: Option<String>,
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Signs in again, with what is held and from the configuration if that is refused.
    SignIn {
        connection: String,
        #[arg(long, value_name = "NAME")]
        by: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// A connection as a whole: it is neither written to nor asked.
    Connection,
    /// All writes to a connection.
    Writes,
    /// All writes for orders that come from a channel.
    Retailer,
    /// All writes for orders with an item.
    Item,
}

impl Connections {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let (vault, merchants) = (assemble::vault(&config)?, assemble::merchants(&config)?);
            let store = Store::open_beside(&assemble::location(&config)?)
                .await
                .map_err(assemble::opened)?;
            let parts = assemble::around(&config, store, vault, merchants, Arc::new(Http::new()?));
            match self.what {
                None => list(&parts, self.json).await,
                Some(What::Holds) => list_holds(&parts, self.json).await,
                Some(What::Hold {
                    kind,
                    what,
                    company,
                    hours,
                    reason,
                    by,
                }) => {
                    let scope = scope(kind, what);
                    let merchant = whose(&parts, &scope, company.as_deref())?;
                    let until = parts.clock.now().plus(Duration::from_secs(u64::from(hours) * 3_600));
                    let wish = Wish { scope, reason, until };
                    let hold = holds::place(&parts, merchant, &permit(merchant, &by)?, wish).await?;
                    say!(
                        "{}: {} until {}.",
                        hold.id,
                        hold.scope.said(),
                        hold.until.local_in(&merchant.zone)
                    );
                    Ok(ExitCode::SUCCESS)
                }
                Some(What::Release { hold, by }) => release(&config, &parts, &hold, &by).await,
                Some(What::Test { connection, by }) => {
                    let merchant = of(&parts, &connection)?;
                    say(connections::test(&parts, merchant, &connection, &permit(merchant, &by)?).await?)
                }
                Some(What::SignIn { connection, by }) => {
                    let merchant = of(&parts, &connection)?;
                    say(connections::sign_in(&parts, merchant, &connection, &permit(merchant, &by)?).await?)
                }
                Some(What::Run { connection, round, by }) => {
                    let merchant = of(&parts, &connection)?;
                    let permit = permit(merchant, &by)?;
                    let hurried = connections::run_now(&parts, merchant, &connection, round.as_deref(), &permit).await?;
                    let when = promise::soon(&config, &parts.store, "within a minute").await?;
                    match hurried.as_slice() {
                        [] => say!("It is under way or due already; nothing was changed."),
                        rounds => say!("{} of {connection} is done {when}.", rounds.join(", ")),
                    }
                    Ok(ExitCode::SUCCESS)
                }
            }
        })
    }
}

fn scope(kind: Kind, what: String) -> Scope {
    match kind {
        Kind::Connection => Scope::Connection(what),
        Kind::Writes => Scope::Writes(what),
        Kind::Retailer => Scope::Retailer(what),
        Kind::Item => Scope::Item(what),
    }
}

/// Whoever types here may do all of it, under the name that they give.
fn permit(merchant: &Merchant, by: &str) -> anyhow::Result<Permit> {
    ensure!(!by.trim().is_empty(), "say who does it: the journal keeps it");
    let leave = Actor::terminal(by.trim()).may(Right::Connect, merchant.company.as_str(), None);
    leave.map_err(|denied| anyhow::anyhow!("{denied}"))
}

fn of<'a>(parts: &'a Parts, connection: &str) -> anyhow::Result<&'a Merchant> {
    let has = |merchant: &&Arc<Merchant>| {
        merchant
            .everything()
            .any(|connector| connector.connection().as_str() == connection)
    };
    let found = parts.merchants.iter().find(has);
    found.map(|merchant| &**merchant).with_context(|| {
        let all = parts.merchants.iter().flat_map(|merchant| merchant.everything());
        let all: Vec<String> = all.map(|connector| connector.connection().to_string()).collect();
        format!("there is no connection {connection}; there are {}", all.join(", "))
    })
}

fn whose<'a>(parts: &'a Parts, scope: &Scope, company: Option<&str>) -> anyhow::Result<&'a Merchant> {
    match (scope, company) {
        (Scope::Connection(name) | Scope::Writes(name) | Scope::Retailer(name), None) => of(parts, name),
        (_, Some(company)) => {
            let found = parts.merchants.iter().find(|merchant| merchant.company.as_str() == company);
            found
                .map(|merchant| &**merchant)
                .with_context(|| format!("there is no company {company}"))
        }
        (Scope::Item(_), None) => match parts.merchants.as_slice() {
            [only] => Ok(only),
            _ => anyhow::bail!("say whose item it is, with --company"),
        },
    }
}

async fn list(parts: &Parts, json: bool) -> anyhow::Result<ExitCode> {
    let merchants: Vec<&Merchant> = parts.merchants.iter().map(|merchant| &**merchant).collect();
    let now = parts.clock.now();
    let found = connections::ask(parts, &merchants).await?;
    let shown: Vec<Connection> = found.iter().map(|connection| Connection::of(connection, now)).collect();
    if json {
        say!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(ExitCode::SUCCESS);
    }
    for connection in &shown {
        let last = connection
            .last_success
            .map_or_else(|| "never".to_owned(), |at| format!("{} s ago", now.since(at.0).as_secs()));
        say!(
            "{:24} {:10} {:14} waits {:5}  held {:5}  last success {last}",
            connection.name,
            connection.role,
            connection.state,
            connection.queue.saturating_sub(connection.held),
            connection.held
        );
        if let Some(days) = connection.consent_days {
            say!(
                "{:24} its consent ends in {days} days: give it again there, and start the program with what it gives",
                ""
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list_holds(parts: &Parts, json: bool) -> anyhow::Result<ExitCode> {
    let mut shown = Vec::new();
    for merchant in &parts.merchants {
        let (standing, _) = holds::of_company(&parts.store, merchant.company.as_str()).await?;
        shown.extend(standing.iter().map(|(hold, waits)| Hold::of(hold, Some(*waits))));
    }
    let shown = Hold::named(&parts.store, shown).await?;
    if json {
        say!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(ExitCode::SUCCESS);
    }
    if shown.is_empty() {
        say!("Nothing is held.");
    }
    for hold in &shown {
        say!("{}  {}: {}", hold.id, hold.company, hold.said);
        say!(
            "    {} wait, until {}; by {}: {}",
            hold.waits.unwrap_or(0),
            hold.until.0,
            hold.by_name.as_ref().unwrap_or(&hold.by),
            hold.reason
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn release(config: &Config, parts: &Parts, hold: &str, by: &str) -> anyhow::Result<ExitCode> {
    for merchant in &parts.merchants {
        match holds::end(parts, merchant.company.as_str(), hold, &permit(merchant, by)?).await {
            Ok(ended) => {
                let when = promise::when(config, &parts.store).await?;
                say!("It is over: {}. What waited goes on {when}.", ended.scope.said());
                return Ok(ExitCode::SUCCESS);
            }
            Err(holds::Refused::NotThere(_)) => {}
            Err(refused) => return Err(refused.into()),
        }
    }
    anyhow::bail!("there is no hold {hold}; `tallyman connections holds` lists those that stand")
}

fn say(tested: Tested) -> anyhow::Result<ExitCode> {
    say!("{} ({} ms)", tested.sentence, tested.took.as_millis());
    Ok(if tested.well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
