//! The chores of the house: the gate's checks, the tests and what they need, the comparison with Sage's description, the figures.
//!
//! Every chore runs other programs and prints what it does, how long it took and what is missing. Nothing is skipped silently:
//! what could not be done fails, or is named together with what was done in its place.
//!
//! Not here: anything of the product. This crate uses none of ours, so that a chore cannot share a fault with what it checks.

mod apt;
mod axe;
mod bench;
mod browser;
mod check;
mod conform;
mod layers;
mod licences;
mod metadata;
mod npm;
mod openid;
mod postgres;
mod run;
mod schemathesis;
mod screens;
mod smtp;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of Tallyman")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Format, lints, the tidy rules, the order of the crates and the licences
    Check,
    /// Every test, with a private PostgreSQL that is started for them and stopped again
    Test {
        /// Handed to the test runner as they are: names to filter by, or its own options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measure the release build: prints a table, and writes the same figures to a file
    Bench {
        /// What to measure, for example `journey`
        name: String,
        /// Where the figures go as JSON
        #[arg(long)]
        json: Option<PathBuf>,
        /// More for the program's own `bench`, after `--`: for one `--folder DIR --keep`, so that a store that takes long to fill is kept
        #[arg(last = true)]
        more: Vec<String>,
    },
    /// Compare the connectors' requests and the twin's answers with the vendors' own descriptions
    Conform {
        /// The folder that holds `sage200/openapi3-*/`
        vendors: PathBuf,
        /// Exchanges as JSON lines, `-` for standard input; without it a short scenario of the program itself is recorded
        #[arg(long)]
        exchanges: Option<PathBuf>,
    },
    /// Pictures of every page, in light and in dark, wide and narrow, into docs/screens; pages that have a fault are named
    Screens,
    /// The long simulation: ten thousand seeds, release build
    Soak {
        /// Which seeds, as FROM..TO
        #[arg(long, default_value = "0..10000")]
        seeds: String,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Check => check::run(),
        Chore::Test { arguments } => test::run(&arguments),
        Chore::Bench { name, json, more } => bench::run(&name, json.as_deref(), &more),
        Chore::Conform { vendors, exchanges } => conform::run(&vendors, exchanges.as_deref()),
        Chore::Screens => screens::run(),
        Chore::Soak { seeds } => bench::soak(&seeds),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nfailed: {error:#}");
            run::exit_code(&error)
        }
    }
}
