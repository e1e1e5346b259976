//! The program's entry: reads the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use tallyman::commands::Cli;
use tallyman::{out, remark};

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => match out::lost() {
            None => code,
            Some(why) => {
                remark!("not all of what there is to say could be written: {why}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            remark!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
