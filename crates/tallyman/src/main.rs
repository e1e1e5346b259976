//! The program's entry: reads the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use tallyman::commands::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
