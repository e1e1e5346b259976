//! axe-core, by which tests find what a page keeps from people who cannot see it or use no mouse: one file of script, from npm.
//!
//! It is under the MPL and a tool of the tests: it stays in the cache and never comes into the house.

use std::path::PathBuf;

use anyhow::Result;

use crate::npm::{Package, Provided};

/// Where tests find `axe.min.js`; set by hand, it is used as it is.
pub const VARIABLE: &str = "TALLYMAN_TEST_AXE";

/// A new version knows new rules.
const AXE: Package = Package {
    name: "axe-core",
    version: "4.14.1",
    wanted: "axe-core/axe.min.js",
    runs: false,
    variable: VARIABLE,
    named: "its file `axe.min.js`",
};

/// The script, which is fetched if it is not in the cache.
pub fn provide() -> Result<PathBuf> {
    Ok(match AXE.provide()? {
        Provided::ByHand(script) => script,
        Provided::Fetched(modules) => modules.join(AXE.wanted),
    })
}
