//! Chores that run the release build of the program: the figures of speed and the long simulation.
//!
//! What is measured, and how, is the program's affair (its hidden subcommand `bench`): it owns the store, the twin and the floor.
//! This file builds it the way it is shipped and hands the arguments on, so that the figures are those of the shipped binary.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::run::{self, Stop};
use crate::test;

/// Names the file for the figures of one test of what a browser makes of the pages.
const FIGURES: &str = "TALLYMAN_TEST_FIGURES";
/// The test that looks at every page and counts what axe-core finds, and the one that loads the first.
const SOUND: &str = "every_page_is_sound_in_every_view";
const FIRST_LOAD: &str = "the_first_page_is_small";

/// Runs `tallyman bench NAME` from a release build; the table goes to standard output, the figures to `json`.
pub fn run(name: &str, json: Option<&Path>, more: &[String]) -> Result<()> {
    match name {
        "console" => console(json, more),
        name => program(name, json, more),
    }
}

/// The screens from the server's side, then from the browser's; all figures are printed as one JSON. A missed mark is a failure, after that, and
/// so is a page with a fault.
fn console(json: Option<&Path>, more: &[String]) -> Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder could be made")?;
    let screens = folder.path().join("screens.json");
    let mut outcome = program("console", Some(&screens), more);
    let mut figures = read(&screens)?;
    let stop = Stop::on_request()?;
    let root = run::root()?;
    for name in [SOUND, FIRST_LOAD] {
        let mut command = run::cargo(&["test", "--workspace", "--test", "browser"]);
        command.arg(name);
        let file = folder.path().join(name);
        let mut needs = test::browser()?;
        needs.push((FIGURES, file.clone().into()));
        let ran = test::runner(&format!("{name} in the browser"), command, &needs, &root, &stop);
        // A test that fails for what it found has kept its figures before; one that found nothing out says why.
        match read(&file) {
            Ok(more) => figures.extend(more),
            Err(none) => {
                ran?;
                return Err(none);
            }
        }
        outcome = outcome.and(ran);
    }
    let text = serde_json::to_string_pretty(&figures)?;
    println!("{text}");
    if let Some(json) = json {
        std::fs::write(json, text).with_context(|| format!("{} could not be written", json.display()))?;
    }
    outcome
}

fn read(file: &Path) -> Result<Map<String, Value>> {
    let text = std::fs::read(file).with_context(|| format!("{} could not be read", file.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

fn program(name: &str, json: Option<&Path>, more: &[String]) -> Result<()> {
    let mut program = run::cargo(&["run", "--release", "--package", "tallyman", "--", "bench", name]);
    if let Some(json) = json {
        program.arg("--json").arg(json);
    }
    program.args(more);
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
