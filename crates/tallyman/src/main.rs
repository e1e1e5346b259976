//! The program's entry: reads the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use tallyman::commands::Cli;

/// Bodies of a hundred kilobytes go from thread to thread here all day. The system's allocator spent a quarter of the processor's
/// time on that; SQLite's allocations come here too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
