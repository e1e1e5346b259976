//! Tools of the tests that come from npm: fetched once, into the cache, and never into the house.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::run::{self, Stopwatch};

/// A package, at one version: another is met in a commit of its own.
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    /// What it is there for, as a path from `node_modules`.
    pub wanted: &'static str,
    /// Whether node runs it.
    pub runs: bool,
    /// What may name it by hand, and what is named there.
    pub variable: &'static str,
    pub named: &'static str,
}

impl Package {
    /// What was named by hand; else the folder `node_modules` with it and what it needs, which is fetched if it is not in the cache. Node
    /// finds what it needs beside it by this name of the folder alone.
    pub fn provide(&self) -> Result<Provided> {
        if let Some(given) = run::given(self.variable) {
            return Ok(Provided::ByHand(given.into()));
        }
        let Self {
            name, version, variable, ..
        } = self;
        let folder = run::cache(&format!("{name}-{version}"))?;
        let modules = folder.join("node_modules");
        let wanted = modules.join(self.wanted);
        if wanted.is_file() {
            return Ok(Provided::Fetched(modules));
        }
        let programs: &[&str] = if self.runs { &["node", "npm"] } else { &["npm"] };
        if programs.iter().any(|program| run::on_search_path(program).is_none()) {
            let programs = programs.join(" and ");
            if !apt::is_here() || !run::is_root()? {
                bail!(
                    "{name} {version} is missing, and so is {programs}. Install it (on Debian: the package `npm`), or name {} in {variable}",
                    self.named
                );
            }
            println!("── {programs} is missing: installing it with apt-get");
            apt::install("npm")?;
        }
        let watch = Stopwatch::start();
        println!(
            "── {name} {version} is missing: fetching it with npm into {}",
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
        .arg(format!("{name}@{version}"))
        .current_dir(work.path())
        .stdin(Stdio::null());
        run::output(npm).with_context(|| format!("{name} {version} could not be fetched; {variable} may name {}", self.named))?;
        // Moved when it is whole; if somebody else was faster, theirs is the same.
        let moved = std::fs::rename(work.path().join("node_modules"), &modules);
        if !wanted.is_file() {
            moved.with_context(|| format!("{} could not be put in its place", modules.display()))?;
            bail!("npm's package {name} {version} holds no {}", self.wanted);
        }
        println!("   done in {watch}");
        Ok(Provided::Fetched(modules))
    }
}

/// Where it is.
pub enum Provided {
    /// Whatever somebody named; it is used as it is.
    ByHand(PathBuf),
    /// The folder `node_modules`.
    Fetched(PathBuf),
}
