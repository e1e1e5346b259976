//! `tallyman key`: a new master key, for the environment or a file of its own.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use tallyman_core::seam::Rng;

use crate::chance;
use crate::config::secret::written_master_key;

/// Makes a master key and prints it, once. Keep a copy in a safe place: without it nothing sealed can be read again.
#[derive(Args)]
pub struct Key {}

impl Key {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let mut key = [0; 32];
        chance::system().context("the system gives no randomness")?.fill(&mut key);
        println!("{}", written_master_key(&key));
        Ok(ExitCode::SUCCESS)
    }
}
