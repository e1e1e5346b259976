//! Schemathesis, which reads the API's own description and asks the API whatever that allows: a Python program, from its package index.
//!
//! It is under the MIT licence and a tool of the tests: it stays in the cache, in an environment of its own, and never comes into the house.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::run::{self, Stopwatch};
use crate::{apt, smtp};

/// Where tests find the program; set by hand, it is used as it is.
pub const VARIABLE: &str = "TALLYMAN_TEST_SCHEMATHESIS";

/// Pinned: a new version asks new questions, and those are met in a commit of their own.
const VERSION: &str = "4.32.5";

/// The program, which is fetched if it is not in the cache.
pub fn provide() -> Result<PathBuf> {
    if let Some(given) = run::given(VARIABLE) {
        return Ok(given.into());
    }
    let folder = run::cache(&format!("schemathesis-{VERSION}"))?;
    let program = folder.join("bin/schemathesis");
    // Asked and not only seen: the Python that it was made with may be gone.
    if works(&program) {
        return Ok(program);
    }
    let watch = Stopwatch::start();
    println!(
        "── schemathesis {VERSION} is missing: fetching it with pip into {}",
        folder.display()
    );
    // An environment knows the folder that it was made in, so it is made in its place, and half of one is made anew.
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("{} could not be emptied", folder.display()))?;
    }
    environment(&folder)?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("schemathesis=={VERSION}"))
        .stdin(Stdio::null());
    run::output(pip)
        .with_context(|| format!("schemathesis {VERSION} could not be fetched; its program may be named in {VARIABLE}"))?;
    if !works(&program) {
        bail!(
            "schemathesis {VERSION} was fetched, but {} does not answer",
            program.display()
        );
    }
    println!("   done in {watch}");
    Ok(program)
}

fn works(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.arg("--version");
    run::answers(command)
}

/// An environment for what pip fetches, which takes a Python that can make one.
fn environment(folder: &Path) -> Result<()> {
    if made(folder) {
        return Ok(());
    }
    if !apt::is_here() || !run::is_root()? {
        bail!(
            "schemathesis {VERSION} is missing, and no Python here can make an environment for it (`python3 -m venv`). Install one (on Debian: \
             the package `python3-venv`), or name the program in {VARIABLE}"
        );
    }
    println!("── a Python with venv is missing: installing it with apt-get");
    apt::install("python3-venv")?;
    if !made(folder) {
        bail!("the package `python3-venv` was installed, but no Python here can make an environment");
    }
    Ok(())
}

fn made(folder: &Path) -> bool {
    smtp::PYTHONS.into_iter().any(|python| {
        let mut command = Command::new(python);
        command.args(["-m", "venv", "--clear"]).arg(folder);
        run::answers(command)
    })
}
