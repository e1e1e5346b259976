//! The commands, one module each.

pub mod bench;
pub mod demo;
pub mod simulate;

use clap::{Parser, Subcommand};

/// Moves orders, despatches and stock between Sage 200, 3PL warehouses and sales channels; nothing is lost, nothing happens twice.
#[derive(Parser)]
#[command(name = "tallyman", version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Figures of speed.
    #[command(hide = true)]
    Bench(bench::Bench),
    /// Real orders travel on the twin, so that you can watch them.
    Demo(demo::Demo),
    /// Worlds from seeds, at virtual time: what can go wrong does.
    Simulate(simulate::Simulate),
}

impl Cli {
    pub fn run(self) -> anyhow::Result<std::process::ExitCode> {
        match self.command {
            Command::Bench(bench) => bench.run(),
            Command::Demo(demo) => demo.run(),
            Command::Simulate(simulate) => simulate.run(),
        }
    }
}
