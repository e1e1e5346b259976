//! `tallyman simulate`.

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::Args;
use tallyman_core::planted::Planted;

use crate::progress::Progress;
use crate::simulate::{Outcome, run, run_seed};
use crate::{remark, say};

/// Runs the engine against the twin at virtual time, a world from each seed: lost answers, late commits, locks, crashes.
#[derive(Args)]
pub struct Simulate {
    /// The seeds, from A up to but not including B.
    #[arg(long, value_name = "A..B", value_parser = range)]
    seeds: std::ops::Range<u64>,
    /// Go on after a seed that failed.
    #[arg(long)]
    all: bool,
    /// Run the first seed twice and compare the journals.
    #[arg(long)]
    twice: bool,
}

fn range(text: &str) -> Result<std::ops::Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("write it as A..B, such as 0..100")?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text} is not a number"));
    let range = number(from)?..number(to)?;
    if range.is_empty() {
        Err("the range holds no seed".into())
    } else {
        Ok(range)
    }
}

impl Simulate {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let total = self.seeds.end - self.seeds.start;
        // Seeds run and those that failed.
        let so_far = Mutex::new((0_u64, 0_u64, Progress::new()));
        let seen = |seed: u64, outcome: &Outcome| {
            for complaint in &outcome.complaints {
                remark!("seed {seed}: {complaint}");
            }
            let mut so_far = so_far.lock().unwrap_or_else(PoisonError::into_inner);
            let (done, failed, progress) = &mut *so_far;
            *done += 1;
            *failed += u64::from(!outcome.complaints.is_empty());
            progress.say(|| format!("{done} of {total} seeds, {failed} failed"));
        };
        if self.twice {
            let seed = self.seeds.start;
            let (first, second) = (run_seed(seed, Planted::default()), run_seed(seed, Planted::default()));
            anyhow::ensure!(
                first.digest == second.digest,
                "seed {seed} gave two journals:\n{}\n{}",
                first.digest,
                second.digest
            );
            say!("seed {seed} twice: {}", first.digest);
        }
        let summary = run(self.seeds.clone(), Planted::default(), !self.all, &seen);
        say!("{}", serde_json::to_string_pretty(&summary)?);
        // A handful of seeds cannot meet everything; a range that is meant to prove something must.
        let unmet = if total >= 200 { summary.unmet() } else { Vec::new() };
        for name in &unmet {
            remark!("no seed met {name}");
        }
        Ok(if summary.failures.is_empty() && unmet.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
