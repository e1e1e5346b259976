//! `tallyman key`: makes a master key, and puts a new one in an old one's place.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use tallyman_core::seam::{Clock, Rng};
use tallyman_engine::rotate;
use tallyman_store::Store;

use crate::config::Config;
use crate::config::secret::written_master_key;
use crate::progress::Progress;
use crate::say;
use crate::{assemble, chance, logs};

/// Makes a master key and prints it, once. Keep it where the configuration names it, and a copy in a safe place: without it nothing
/// sealed can be read again.
#[derive(Args)]
pub struct Key {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Wraps the key of every order again under the newest master key, so that the older ones are no longer needed.
    ///
    /// First make a key with `tallyman key`, add it to the configuration as a [[master_key]] with the next number, and leave the old
    /// one there. On SQLite the worker is stopped for this; on PostgreSQL every worker must have been started with the new key. It may
    /// be broken off and run again.
    Rotate {
        /// Who rotates, for the journal: an id, not a name that would have to be erased itself one day.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// The configuration; tallyman.sample.toml explains it.
        #[arg(long, default_value = "tallyman.toml")]
        config: PathBuf,
    },
}

impl Key {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            None => make(),
            Some(What::Rotate { by, config }) => {
                ensure!(!by.trim().is_empty(), "say who rotates with --by NAME: the journal keeps it");
                let config = Config::load(&config)?;
                logs::begin(&config.log, "warn")?;
                let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
                runtime.block_on(change(&config, by.trim()))
            }
        }
    }
}

fn make() -> anyhow::Result<ExitCode> {
    let mut key = [0; 32];
    chance::system().context("the system gives no randomness")?.fill(&mut key);
    say!("{}", written_master_key(&key));
    Ok(ExitCode::SUCCESS)
}

async fn change(config: &Config, by: &str) -> anyhow::Result<ExitCode> {
    let vault = assemble::vault(config)?;
    let store = Store::open(&assemble::location(config)?).await.map_err(assemble::opened)?;
    let clock = assemble::clock(config);
    let mut progress = Progress::new();
    let said = |far: rotate::Rotated| progress.say(|| format!("{} keys looked at, {} wrapped again", far.seen, far.rewrapped));
    let rotated = rotate::rotate(&store, &vault, by, || clock.now(), said).await?;
    say!(
        "{} keys are wrapped under master key {}; {} of them were wrapped again just now.",
        rotated.seen,
        vault.master(),
        rotated.rewrapped
    );
    match &config.master_keys[..] {
        [only] => say!(
            "There is no other. To change it, make one with `tallyman key` and add it to the configuration as [[master_key]] {}.",
            only.number.saturating_add(1)
        ),
        _ => say!("The older ones may leave the configuration. Backups made before today still need them."),
    }
    Ok(ExitCode::SUCCESS)
}
