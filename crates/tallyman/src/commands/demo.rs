//! `tallyman demo`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::demo::{Report, run_virtual};
use crate::scene;

/// Real orders travel on the twin, so that you can watch them.
#[derive(Args)]
pub struct Demo {
    /// Run without anyone watching until everything has come to rest, audit the books, and exit.
    #[arg(long)]
    until_quiet: bool,
    /// Read invoices until this many have become orders.
    #[arg(long, default_value_t = 2000)]
    orders: u32,
    /// What the twin draws its people, faults and latencies from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How much goes wrong: none, usual, harsh.
    #[arg(long, default_value = "usual", value_parser = ["none", "usual", "harsh"])]
    faults: String,
    /// Write the report here, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
}

impl Demo {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(self.until_quiet, "only --until-quiet is there yet");
        let settings = scene::demo_settings(self.seed, self.orders, &self.faults)
            .ok_or_else(|| anyhow::anyhow!("there is no fault set {}", self.faults))?;
        let mut minutes = 0u64;
        let report = run_virtual(settings, |_, _| minutes += 1)?;
        if let Some(path) = &self.report {
            std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
        }
        Ok(conclude(&report, self.faults != "none"))
    }
}

fn conclude(report: &Report, faults_expected: bool) -> ExitCode {
    println!("{}", serde_json::to_string_pretty(report).unwrap_or_default());
    let complaints = report.complaints(faults_expected);
    for complaint in &complaints {
        eprintln!("not as it should be: {complaint}");
    }
    if complaints.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
