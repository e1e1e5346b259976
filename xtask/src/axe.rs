//! axe-core, by which tests find what a page keeps from people who cannot see it or use no mouse: one file of script, from npm.
//!
//! It is under the MPL and a tool of the tests: it stays in the cache and never comes into the house.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::run::{self, Stopwatch};

/// Where tests find `axe.min.js`; set by hand, it is used as it is.
pub const VARIABLE: &str = "TALLYMAN_TEST_AXE";

/// Pinned: a new version knows new rules, and those are met in a commit of their own.
const VERSION: &str = "4.14.1";

/// The script, which is fetched if it is not in the cache.
pub fn provide() -> Result<PathBuf> {
    if let Some(given) = run::given(VARIABLE) {
        return Ok(given.into());
    }
    let folder = run::cache(&format!("axe-core-{VERSION}"))?;
    let script = folder.join("axe.min.js");
    if script.is_file() {
        return Ok(script);
    }
    if run::on_search_path("npm").is_none() {
        if !apt::is_here() || !run::is_root()? {
            bail!(
                "axe-core {VERSION} is missing, and there is no npm to fetch it with. Install npm (on Debian: the package `npm`), or name its \
                 file `axe.min.js` in {VARIABLE}"
            );
        }
        println!("── npm is missing: installing it with apt-get");
        apt::install("npm")?;
    }
    let watch = Stopwatch::start();
    println!(
        "── axe-core {VERSION} is missing: fetching it with npm into {}",
        folder.display()
    );
    let caches = folder.parent().context("the cache lies in a folder")?;
    std::fs::create_dir_all(caches).with_context(|| format!("{} could not be made", caches.display()))?;
    let work = run::folder_in(caches)?;
    let mut npm = Command::new("npm");
    npm.args([
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--prefix",
    ])
    .arg(work.path())
    .arg(format!("axe-core@{VERSION}"))
    .current_dir(work.path())
    .stdin(Stdio::null());
    run::output(npm)
        .with_context(|| format!("axe-core {VERSION} could not be fetched; its file `axe.min.js` may be named in {VARIABLE}"))?;
    // Moved when it is whole; if somebody else was faster, theirs is the same.
    let moved = std::fs::rename(work.path().join("node_modules/axe-core"), &folder);
    if !script.is_file() {
        moved.with_context(|| format!("{} could not be put in its place", folder.display()))?;
        bail!("npm's package axe-core {VERSION} holds no axe.min.js");
    }
    println!("   done in {watch}");
    Ok(script)
}
