//! `tallyman alerts test`: says something by each route, now, and what came of it.
//!
//! What is said, and how, is the engine's (`tell`). Nothing is kept of it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::ensure;
use clap::{Args, Subcommand};
use tallyman_core::access::Right;
use tallyman_engine::tell;
use tallyman_store::Store;

use crate::config::Config;
use crate::say;
use crate::wires::Http;
use crate::{assemble, logs};

/// Whether people can be told of exceptions.
#[derive(Args)]
pub struct Alerts {
    #[command(subcommand)]
    what: What,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Sends a test by each route, and says what happened.
    Test {
        /// This route only, by its name in the configuration.
        #[arg(long)]
        route: Option<String>,
    },
}

impl Alerts {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let What::Test { route } = self.what;
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "error")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(test(&config, route.as_deref()))
    }
}

async fn test(config: &Config, wanted: Option<&str>) -> anyhow::Result<ExitCode> {
    // A store of its own: a worker may be using the other, and a test is not for keeping.
    let (vault, merchants) = (assemble::vault(config)?, assemble::merchants(config)?);
    let parts = assemble::around(config, Store::memory()?, vault, merchants, Arc::new(Http::new()?));
    let (mut tested, mut failed) = (0, 0);
    for merchant in &parts.merchants {
        let Some(alerts) = &merchant.alerts else { continue };
        for route in alerts.settings.routes.iter().map(|route| &route.connection) {
            let name = tell::name_of(route);
            if wanted.is_some_and(|wanted| wanted != name) {
                continue;
            }
            tested += 1;
            let permit = super::at_the_machine().may(Right::Act, merchant.company.as_str(), None)?;
            match tell::test(&parts, &permit, merchant, route).await {
                Ok(()) => say!("ok    {route}: taken"),
                Err(why) => {
                    failed += 1;
                    say!("FAIL  {route}: {why}");
                }
            }
        }
    }
    match wanted {
        Some(wanted) => ensure!(tested > 0, "there is no alert route {wanted}"),
        None => ensure!(tested > 0, "no alert route is configured: describe [alerts] and its routes"),
    }
    say!("\nWhether a message has reached people, only they can say: ask whoever is behind each route.");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
