//! The OpenID provider of the tests: oidc-provider, which is certified, from npm. Tests start and stop it themselves.
//!
//! It is a tool of the tests: it stays in the cache and never comes into the house.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::run::{self, Stopwatch};

/// Where tests find the folder `node_modules` that holds it; set by hand, it is used as it is.
pub const VARIABLE: &str = "TALLYMAN_TEST_OPENID";

/// Pinned: another version is met in a commit of its own.
const VERSION: &str = "9.13.3";

/// The folder with it and what it needs, which is fetched if it is not in the cache.
pub fn provide() -> Result<PathBuf> {
    if let Some(given) = run::given(VARIABLE) {
        return Ok(given.into());
    }
    let folder = run::cache(&format!("oidc-provider-{VERSION}"))?;
    // Node finds what it needs beside it by this name of the folder alone.
    let modules = folder.join("node_modules");
    if modules.join("oidc-provider/package.json").is_file() {
        return Ok(modules);
    }
    if run::on_search_path("npm").is_none() || run::on_search_path("node").is_none() {
        if !apt::is_here() || !run::is_root()? {
            bail!(
                "oidc-provider {VERSION} is missing, and there is no node and npm to fetch it and run it with. Install them (on Debian: the \
                 package `npm`), or name the folder `node_modules` that holds it in {VARIABLE}"
            );
        }
        println!("── node or npm is missing: installing them with apt-get");
        apt::install("npm")?;
    }
    let watch = Stopwatch::start();
    println!(
        "── oidc-provider {VERSION} is missing: fetching it with npm into {}",
        folder.display()
    );
    let caches = folder.parent().context("the cache lies in a folder")?;
    std::fs::create_dir_all(&folder).with_context(|| format!("{} could not be made", folder.display()))?;
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
    .arg(format!("oidc-provider@{VERSION}"))
    .current_dir(work.path())
    .stdin(Stdio::null());
    run::output(npm)
        .with_context(|| format!("oidc-provider {VERSION} could not be fetched; {VARIABLE} may name a folder that holds it"))?;
    // Moved when it is whole; if somebody else was faster, theirs is the same.
    let moved = std::fs::rename(work.path().join("node_modules"), &modules);
    if !modules.join("oidc-provider/package.json").is_file() {
        moved.with_context(|| format!("{} could not be put in its place", modules.display()))?;
        bail!("npm has fetched no oidc-provider {VERSION}");
    }
    println!("   done in {watch}");
    Ok(modules)
}
