//! `tallyman map`: what their words mean in ours, one by one or as a sheet that people fill in.
//!
//! A row is never changed: each command adds versions, under the name of who says so and with the reason, and `history` shows them all.
//! What a file would do is said before it is done ([`import`]).

mod fix;
mod import;
mod proposals;
mod show;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use clap::{Args, Subcommand};
use tallyman_core::access::Actor;
use tallyman_core::ident::Company;
use tallyman_core::mapping::Cell;
use tallyman_core::mapping::plan::{Known, Plan};
use tallyman_core::seam::Clock;
use tallyman_engine::mappings;
use tallyman_engine::words::{self, Refused, Said, TakenIn};
use tallyman_store::Store;

use super::promise;
use crate::config::Config;
use crate::progress::Progress;
use crate::say;
use crate::{assemble, logs};

/// What their words mean in ours.
#[derive(Args)]
pub struct Map {
    #[command(subcommand)]
    what: What,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Says what one word of theirs means. What it had stopped goes on by itself within seconds.
    Set {
        #[command(flatten)]
        word: Word,
        /// Our word. Of a unit: how many of the ledger's stock unit one of theirs is, such as 6 or 1/6.
        ours: String,
        #[command(flatten)]
        by: By,
        /// Why, for the record.
        #[arg(long, default_value = "set")]
        reason: String,
        /// Only say what it would heal.
        #[arg(long = "try", conflicts_with = "one_first")]
        only_try: bool,
        /// Let one order go on first; the others follow when the ledger has it.
        #[arg(long)]
        one_first: bool,
    },
    /// Takes back what one word of theirs means.
    Withdraw {
        #[command(flatten)]
        word: Word,
        #[command(flatten)]
        by: By,
        /// Why, for the record.
        #[arg(long)]
        reason: String,
    },
    /// Shows what words mean today.
    List(show::List),
    /// Shows every version of one word: what it meant, since when, who said so and why.
    History {
        #[command(flatten)]
        word: Word,
    },
    /// Writes all that words mean today to a sheet with the columns company, table, connection, theirs, ours, since, by and reason.
    Export {
        /// A new file, .csv or .xlsx; without one CSV is printed. Spreadsheets change codes in CSV as they open it, and leave .xlsx as it is.
        file: Option<PathBuf>,
    },
    /// Says what a sheet changes, and takes it in: all of it or, if anything is wrong with it, nothing.
    Import(import::Import),
    /// Lists what customers and tax rates are proposed to mean: it counts when a second person has approved it.
    Proposals {
        /// Also those that were decided.
        #[arg(long)]
        all: bool,
    },
    /// Lets a proposal count. Whoever proposed it cannot.
    Approve(proposals::Word),
    /// Rejects a proposal; whoever proposed it takes it back so.
    Reject(proposals::Word),
}

/// One word of theirs.
#[derive(Args)]
struct Word {
    /// sku, unit, warehouse, carrier-out, carrier-in, carrier-ledger, customer or tax.
    table: String,
    /// The connection whose word it is, as a card names it.
    connection: String,
    /// Their word.
    theirs: String,
}

#[derive(Args)]
struct By {
    /// Who says so, for the record.
    #[arg(long, value_name = "NAME")]
    by: String,
}

impl Map {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.what {
                What::Set {
                    word,
                    ours,
                    only_try: true,
                    ..
                } => fix::try_it(&config, &word, &ours).await,
                What::Set {
                    word,
                    ours,
                    by,
                    reason,
                    one_first,
                    ..
                } => set(&config, (&word, &ours), &by.by, &reason, one_first).await,
                What::Withdraw { word, by, reason } => withdraw(&config, &word, &by.by, &reason).await,
                What::List(list) => list.show(&config).await,
                What::History { word } => show::history(&config, &word).await,
                What::Export { file } => show::export(&config, file).await,
                What::Import(import) => import.run(&config).await,
                What::Proposals { all } => proposals::list(&config, all).await,
                What::Approve(word) => proposals::approve(&config, &word).await,
                What::Reject(word) => proposals::reject(&config, &word).await,
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The store to look at, beside whoever works with it.
async fn to_read(config: &Config) -> anyhow::Result<Store> {
    Store::open_to_read(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)
}

/// The store to write to, beside whoever works with it.
async fn to_write(config: &Config) -> anyhow::Result<Store> {
    Store::open_beside(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)
}

/// What is known of every company of the configuration.
pub(super) async fn known(config: &Config, store: &Store) -> anyhow::Result<BTreeMap<String, Known>> {
    let companies: Vec<(Company, Vec<String>)> = config
        .companies
        .iter()
        .map(|company| (Company::new(company.name.as_str()), company.connections().to_vec()))
        .collect();
    Ok(mappings::known(store, &companies).await?)
}

impl Word {
    fn cell(&self) -> Result<Cell, Refused> {
        words::cell(&self.table, &self.connection, &self.theirs)
    }
}

/// Who says so, why and now.
fn said<'a>(config: &Config, by: &'a Actor, reason: &'a str) -> anyhow::Result<Said<'a>> {
    ensure!(!by.name.is_empty(), "say who says so with --by NAME: the record keeps it");
    ensure!(!reason.trim().is_empty(), "say why with --reason: the record keeps it");
    Ok(Said {
        by,
        reason: reason.trim(),
        at: assemble::clock(config).now(),
    })
}

async fn set(config: &Config, (word, ours): (&Word, &str), by: &str, reason: &str, one_first: bool) -> anyhow::Result<()> {
    let store = to_write(config).await?;
    let known = known(config, &store).await?;
    let by = Actor::terminal(by.trim());
    let (cell, said) = (word.cell()?, said(config, &by, reason)?);
    let done = if one_first {
        let (done, firsts) = words::set_one_first(&store, &known, &cell, ours, &said).await?;
        for (card, order) in firsts {
            say!("Of card {card} order {order} goes on first; the others follow when it has proved that it did.");
        }
        done
    } else {
        words::set(&store, &known, &cell, ours, &said).await?
    };
    let (cell, ours) = (&done.cell, done.after.as_deref().unwrap_or_default());
    if let Some(proposal) = &done.proposed {
        say!("It is proposed that {cell} means {ours}. {}", proposals::waits(proposal));
    } else if done.has_changed() {
        let when = promise::when(config, &store).await?;
        say!("{cell} means {ours} from now on. What it had stopped goes on by itself {when}.");
    } else {
        say!("{cell} means {ours} already.");
    }
    Ok(())
}

async fn withdraw(config: &Config, word: &Word, by: &str, reason: &str) -> anyhow::Result<()> {
    let store = to_write(config).await?;
    let known = known(config, &store).await?;
    let by = Actor::terminal(by.trim());
    let done = words::withdraw(&store, &known, &word.cell()?, &said(config, &by, reason)?).await?;
    let (cell, was) = (&done.cell, done.before.as_deref().unwrap_or_default());
    if let Some(proposal) = &done.proposed {
        say!(
            "It is proposed that {cell} means nothing any more. {}",
            proposals::waits(proposal)
        );
        return Ok(());
    }
    say!("{cell} meant {was}, and means nothing from now on. Orders that need it will stop and say so.");
    Ok(())
}

/// Writes a plan, and says how far it is to whoever waits.
async fn carry_out(
    config: &Config,
    store: &Store,
    known: &BTreeMap<String, Known>,
    plan: &Plan,
    by: &str,
    reason: &str,
) -> anyhow::Result<TakenIn> {
    let by = Actor::terminal(by.trim());
    let said = said(config, &by, reason)?;
    let (all, mut progress) = (plan.changes.len(), Progress::new());
    let tell = |done: usize| progress.say(|| format!("{done} of {all} changes written"));
    Ok(words::take_in(store, known, &plan.changes, &said, tell).await?)
}
