//! `tallyman journal verify`: whether anybody has altered what was written down.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use tallyman_store::{Store, journal};

use crate::config::Config;
use crate::{assemble, logs};

/// The account of what was decided and done.
#[derive(Args)]
pub struct Journal {
    #[command(subcommand)]
    what: What,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Walks each company's journal from its first line and compares every link; prints the root, to be kept elsewhere.
    Verify,
}

impl Journal {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let What::Verify = self.what;
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let store = Store::open_to_read(&assemble::location(&config)?)
                .await
                .map_err(assemble::opened)?;
            let mut whole = true;
            for company in &config.companies {
                let company = company.name.as_str();
                match journal::verify(&store, company).await {
                    Ok(found) => println!(
                        "{company}: whole, {} lines, root {}",
                        found.lines,
                        HEXLOWER.encode(&found.root)
                    ),
                    Err(error) => {
                        whole = false;
                        println!("{company}: {:#}", anyhow::Error::new(error));
                    }
                }
            }
            Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
