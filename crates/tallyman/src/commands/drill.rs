//! `tallyman drill`: practise on failures that are planted on purpose, apart from every real company.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tallyman_core::drill::score;
use tallyman_core::seam::Clock;
use tallyman_twin::causes;

use crate::clocks::PacedClock;
use crate::demo::{DrillRun, choose};
use crate::{put, say};

/// What a drill plants if nothing is chosen: one of each kind of trouble that a team meets.
const USUAL: [&str; 6] = [
    "sku_unknown",
    "carrier_unmapped",
    "over_shipped",
    "warehouse_query",
    "credit_hold",
    "address_too_long",
];
const ORDERS: u32 = 160;
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Practise: failures are planted on purpose, and who clears what, how fast, is scored.
///
/// Makes up companies on simulators in this process, plants what is chosen, and serves a console for it. It reads no configuration and
/// reaches no real system. It ends when everything is cleared, or with ctrl-c; nothing of it is kept.
#[derive(Args)]
pub struct Drill {
    /// What to plant, by code or by name; again for more. Six usual ones if none is given.
    #[arg(long = "failure", value_name = "CODE")]
    failures: Vec<String>,
    /// Name everything that can be planted, and end.
    #[arg(long)]
    list: bool,
    /// So many orders arrive within an hour of the drill's clock.
    #[arg(long, default_value_t = ORDERS, value_parser = clap::value_parser!(u32).range(40..=2000))]
    orders: u32,
    /// How fast its clock runs: 60 is an hour a minute.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=600))]
    pace: u32,
    /// What the orders and people are drawn from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

impl Drill {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        if self.list {
            for cause in causes::ALL {
                say!("{:28} {:12} {}", cause.code, cause.owner, cause.name);
            }
            return Ok(ExitCode::SUCCESS);
        }
        let usual = || USUAL.map(str::to_owned).to_vec();
        let chosen = choose(&if self.failures.is_empty() {
            usual()
        } else {
            self.failures.clone()
        })?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let run = DrillRun::start(self.seed, self.orders, self.pace, &chosen).await?;
            say!(
                "A drill with {} failure{}. Nothing here reaches a real system, and nothing is kept.",
                chosen.len(),
                if chosen.len() == 1 { "" } else { "s" }
            );
            say!("Open it in a browser on this computer: {}", run.console.link);
            let (second, name) = &run.console.second;
            say!("Some fixes count only when a second person has approved them. Be {name}, too: {second}");
            say!(
                "The page Drill shows how far you are. Its clock runs {} times as fast as yours; ctrl-c ends it.",
                self.pace
            );
            let real = PacedClock::system();
            let mut told = false;
            loop {
                let over = tokio::select! {
                    biased;
                    _ = tokio::signal::ctrl_c() => true,
                    () = real.sleep_until(real.now().plus(LOOK_EVERY)) => false,
                };
                let responses = run.look().await?;
                let score = score(&responses);
                let cleared = score.cleared == score.planted;
                if !told && (over || cleared) {
                    told = true;
                    put!("\n{}", DrillRun::told(&responses));
                    if !over {
                        say!("The page Drill shows it for as long as somebody has the console open.");
                    }
                }
                if over || (cleared && !run.console.is_looked_at()) {
                    return Ok(if cleared { ExitCode::SUCCESS } else { ExitCode::FAILURE });
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_usual_can_be_planted_and_what_is_unknown_is_refused() {
        assert_eq!(choose(&USUAL.map(str::to_owned)).unwrap().len(), USUAL.len());
        assert!(
            choose(&["no_such_thing".to_owned()])
                .unwrap_err()
                .to_string()
                .contains("--list")
        );
        let twice = ["one piece more".to_owned(), "over_shipped".to_owned()];
        assert!(choose(&twice).unwrap_err().to_string().contains("twice"));
    }
}
