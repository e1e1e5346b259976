//! Chores that run the release build of the program: the figures of speed and the long simulation.
//!
//! What is measured, and how, is the program's affair (its hidden subcommand `bench`): it owns the store, the twin and the floor.
//! This file builds it the way it is shipped and hands the arguments on, so that the figures are those of the shipped binary.

use std::path::Path;

use anyhow::Result;

use crate::run;

/// Runs `tallyman bench NAME` from a release build; the table goes to standard output, the figures to `json`.
pub fn run(name: &str, json: Option<&Path>) -> Result<()> {
    let mut program = run::cargo(&["run", "--release", "--package", "tallyman", "--", "bench", name]);
    if let Some(json) = json {
        program.arg("--json").arg(json);
    }
    run::step(&format!("bench {name} (release build)"), program)
}

/// Runs the simulation over many seeds from a release build.
pub fn soak(seeds: &str) -> Result<()> {
    let program = run::cargo(&[
        "run",
        "--release",
        "--package",
        "tallyman",
        "--",
        "simulate",
        "--seeds",
        seeds,
    ]);
    run::step(&format!("soak: seeds {seeds} (release build)"), program)
}
