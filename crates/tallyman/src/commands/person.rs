//! `tallyman person`: a customer's data, found and erased.
//!
//! What is printed names orders and never the person. Finding may happen while a worker runs. Erasing writes: on SQLite the worker
//! is stopped for it, and when this ends the file has been tidied, so that no copy of a key lies in its log.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use tallyman_core::access::Actor;
use tallyman_core::seam::Clock;
use tallyman_engine::person::{self, ById, Erase, Match};
use tallyman_engine::vault::Vault;
use tallyman_store::Store;

use crate::config::Config;
use crate::progress::Progress;
use crate::say;
use crate::{assemble, logs};

/// Finds and erases a customer's data.
#[derive(Args)]
pub struct Person {
    #[command(subcommand)]
    what: What,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Lists the orders of everybody whose name, e-mail, telephone number or postcode contains these words.
    Find {
        /// At least three characters; several words are looked for as they stand, one after the other.
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Destroys the keys of orders, so that nobody can read their personal data again: not here, and not in a copy of the database.
    Erase {
        /// Orders by the id that `find` prints.
        #[arg(required_unless_present = "all_found", conflicts_with = "all_found")]
        journeys: Vec<String>,
        /// Everything that `find` would find by these words.
        #[arg(long, value_name = "WORDS")]
        all_found: Option<String>,
        /// Who erases, for the journal: an id, not a name that would have to be erased itself one day.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Do it. Without this it is only said what would be erased.
        #[arg(long)]
        yes: bool,
    },
}

impl Person {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let vault = assemble::vault(&config)?;
            match self.what {
                What::Find { words } => find(&config, &vault, &words.join(" ")).await,
                What::Erase {
                    journeys,
                    all_found,
                    by,
                    yes,
                } => {
                    ensure!(!by.trim().is_empty(), "say who erases with --by NAME: the journal keeps it");
                    erase(&config, &vault, &journeys, all_found.as_deref(), by.trim(), yes).await
                }
            }
        })
    }
}

async fn to_read(config: &Config) -> anyhow::Result<Store> {
    Store::open_to_read(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)
}

async fn find(config: &Config, vault: &Vault, words: &str) -> anyhow::Result<ExitCode> {
    let found = look(&to_read(config).await?, vault, words).await?;
    if found.is_empty() {
        say!("Nobody is found by these words. What was erased cannot be found.");
        return Ok(ExitCode::FAILURE);
    }
    list(&found);
    Ok(ExitCode::SUCCESS)
}

/// Every order is opened and read, so on a large store this takes a while and says how far it is.
async fn look(store: &Store, vault: &Vault, words: &str) -> anyhow::Result<Vec<Match>> {
    let mut progress = Progress::new();
    let found = person::find(store, vault, words, |seen| progress.say(|| format!("{seen} orders read"))).await?;
    Ok(found)
}

fn list(found: &[Match]) {
    say!("{:16}  {:20}  order", "id", "company");
    for one in found {
        say!("{:16}  {:20}  {}", one.journey, one.company, one.reference);
    }
}

async fn erase(
    config: &Config,
    vault: &Vault,
    journeys: &[String],
    all_found: Option<&str>,
    by: &str,
    yes: bool,
) -> anyhow::Result<ExitCode> {
    let store = if yes {
        Store::open(&assemble::location(config)?).await.map_err(assemble::opened)?
    } else {
        to_read(config).await?
    };
    let found = match all_found {
        Some(words) => look(&store, vault, words).await?,
        None => by_id(&store, journeys).await?,
    };
    ensure!(!found.is_empty(), "nobody is found by these words; nothing was erased");
    list(&found);
    if !yes {
        say!(
            "\nNothing was erased. With --yes the personal data of what is listed is destroyed for ever; figures and codes stay."
        );
        return Ok(ExitCode::FAILURE);
    }
    let asked = found.len();
    let erased = store
        .write(Erase {
            journeys: found,
            actor: Actor::terminal(by),
            now: assemble::clock(config).now(),
        })
        .await?;
    say!("\nErased: {erased} of {asked}. The journal says so, and still verifies.");
    if erased < asked as u64 {
        say!("The rest had been erased before.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn by_id(store: &Store, journeys: &[String]) -> anyhow::Result<Vec<Match>> {
    let mut found = Vec::new();
    for journey in journeys {
        let by_id = ById {
            journey: journey.clone(),
        };
        let one = store.read(by_id).await?;
        found.push(one.with_context(|| format!("there is no order with the id {journey}: `tallyman person find` prints ids"))?);
    }
    Ok(found)
}
