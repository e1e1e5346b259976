//! `tallyman capsule` and `tallyman replay`: a card leaves the house without anybody's name in it, and is decided again elsewhere.
//!
//! A replay needs the file and nothing else: no configuration, no database, no wire.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Args;
use tallyman_core::capsule::{BYTES_MAX, Capsule, Replayed};
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_engine::{board, capsule};
use tallyman_store::Store;

use crate::config::Config;
use crate::{assemble, logs};
use crate::{put, remark, say};

/// Exports a card as a capsule: one file with all that decides it, and no person in it.
#[derive(Args)]
pub struct Make {
    /// As `tallyman exceptions` prints it.
    card: String,
    /// Where it is written; printed if not given.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml")]
    config: PathBuf,
}

impl Make {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let made = runtime.block_on(async {
            let (vault, merchants) = (assemble::vault(&config)?, assemble::merchants(&config)?);
            let store = Store::open_to_read(&assemble::location(&config)?)
                .await
                .map_err(assemble::opened)?;
            let id = self.card.trim().to_uppercase();
            let stored = board::card(&store, &id).await?;
            let stored = stored.with_context(|| format!("there is no card {id}; `tallyman exceptions` lists them"))?;
            let merchant = merchants.iter().find(|merchant| merchant.company.as_str() == stored.company);
            let merchant = merchant.with_context(|| format!("{} is not configured", stored.company))?;
            let now = assemble::clock(&config).now();
            anyhow::Ok(capsule::make((&store, &vault), merchant, &stored.id, (env!("CARGO_PKG_VERSION"), now)).await?)
        })?;
        let text = serde_json::to_string_pretty(&made)?;
        match &self.to {
            Some(file) => {
                std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
                remark!(
                    "{} records are in {}; {} were left out.",
                    made.records.len(),
                    file.display(),
                    made.left_out
                );
            }
            None => say!("{text}"),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Decides a capsule again, and says whether the same is found.
///
/// Ends with 1 if anything else is found than when it was made.
#[derive(Args)]
pub struct Replay {
    file: PathBuf,
    /// Try a word of theirs: table, connection (empty for the company's own), theirs and ours.
    #[arg(long, num_args = 4, value_names = ["TABLE", "CONNECTION", "THEIRS", "OURS"])]
    map: Vec<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let name = self.file.display();
        let size = std::fs::metadata(&self.file)
            .with_context(|| format!("{name} cannot be read"))?
            .len();
        ensure!(size <= BYTES_MAX as u64, "{name} has {size} bytes; {BYTES_MAX} are the most");
        let bytes = std::fs::read(&self.file).with_context(|| format!("{name} cannot be read"))?;
        let mut capsule = Capsule::read(&bytes).with_context(|| format!("{name} cannot be replayed"))?;
        match self.map.as_slice() {
            [] => {}
            [table, connection, theirs, ours] => {
                let Some(table) = Table::parse(table) else {
                    bail!(
                        "there is no table {table}; there are {}",
                        Table::ALL.map(Table::code).join(", ")
                    );
                };
                capsule = capsule.with(Cell::new(table, connection, theirs), Some(ours.clone()));
            }
            _ => bail!("--map takes four words"),
        }
        let replayed = capsule.replay()?;
        if self.json {
            let shown: Vec<_> = replayed
                .iter()
                .map(|one| serde_json::json!({"reference": one.reference, "was": one.was, "is": one.is, "same": one.is_the_same()}))
                .collect();
            say!("{}", serde_json::to_string_pretty(&shown)?);
        } else {
            put!("{}", told(&capsule, &replayed));
        }
        let same = replayed.iter().all(Replayed::is_the_same);
        Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// What came of it, for people.
pub fn told(capsule: &Capsule, replayed: &[Replayed]) -> String {
    let own = env!("CARGO_PKG_VERSION");
    let mut told = format!(
        "Card {} ({}) of {}, made by {} on {}, decided again by {own}.\n",
        capsule.card.id, capsule.card.code, capsule.company.name, capsule.version, capsule.made_at
    );
    for one in replayed {
        let verdict = match (one.is_the_same(), one.is.is_empty()) {
            (true, _) => "the same is found",
            (false, true) => "nothing is found any more",
            (false, false) => "something else is found",
        };
        told += &format!("\norder {}: {verdict}\n", one.reference);
        for sentence in &one.sentences {
            told += &format!("  {sentence}\n");
        }
    }
    let same = replayed.iter().filter(|one| one.is_the_same()).count();
    told += &format!("\n{same} of {} records as they were.", replayed.len());
    if capsule.left_out > 0 {
        told += &format!(" {} were left out of the capsule.", capsule.left_out);
    }
    told + "\n"
}
