//! What a test of pages counted or measured, for whoever wants the figures: `cargo xtask bench console` prints them.

use std::path::PathBuf;

use serde_json::Value;

/// Names the file that they go into; a test run by itself has it to itself.
const FIGURES: &str = "TALLYMAN_TEST_FIGURES";

/// Keeps the figures of a test, if they are wanted.
pub fn keep(figures: &Value) {
    if let Some(file) = std::env::var_os(FIGURES).map(PathBuf::from) {
        std::fs::write(&file, figures.to_string()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}
