//! Debian's packages: put on this machine as root, or fetched into a folder, which needs nobody's leave and changes nothing here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::run;

/// Installs a package; only root may.
pub fn install(package: &str) -> Result<()> {
    for arguments in [&["update"][..], &["install", "-y", "--no-install-recommends", package][..]] {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null());
        run::step(&format!("apt-get {}", arguments.join(" ")), command)?;
    }
    Ok(())
}

/// Whether packages can be fetched and unpacked here at all.
pub fn is_here() -> bool {
    let there = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version");
        run::answers(command)
    };
    there("apt-get") && there("dpkg-deb")
}

/// Fetches packages and unpacks them into a folder: the named ones, and of what the first of them needs whatever this machine lacks.
///
/// The lists of packages are fetched anew, into the folder: an old list names versions that the archive has no longer.
pub fn unpack(packages: &[&str], work: &Path, root: &Path) -> Result<()> {
    let (lists, archives) = (work.join("lists"), work.join("archives"));
    for folder in [&lists.join("partial"), &archives.join("partial"), &root.to_path_buf()] {
        std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
    }
    apt(&["update"], work, &archives)?;
    let mut download = vec!["download"];
    download.extend(packages);
    apt(&download, work, &archives)?;
    if let Some(first) = packages.first() {
        let install = ["install", "-y", "--no-install-recommends", "--download-only", first];
        apt(&install, work, &archives)?;
    }
    for entry in std::fs::read_dir(&archives).context("what was fetched could not be listed")? {
        let file: PathBuf = entry?.path();
        if file.extension().is_some_and(|ending| ending == "deb") {
            let mut command = Command::new("dpkg-deb");
            command.arg("--extract").arg(&file).arg(root);
            run::output(command).with_context(|| format!("{} could not be unpacked", file.display()))?;
        }
    }
    Ok(())
}

/// One call of apt-get that keeps to the folder: its lists, its archives, no lock of the machine's.
fn apt(arguments: &[&str], work: &Path, archives: &Path) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.arg("--quiet=2");
    for (setting, value) in [
        ("Dir::State::Lists", work.join("lists")),
        ("Dir::Cache", work.to_path_buf()),
        ("Dir::Cache::archives", archives.to_path_buf()),
        ("Debug::NoLocking", "1".into()),
        // As root it would fetch as another user, who may not write here.
        ("APT::Sandbox::User", "root".into()),
    ] {
        command.arg("-o").arg(format!("{setting}={}", value.display()));
    }
    command.args(arguments).current_dir(archives).stdin(Stdio::null());
    command.env("DEBIAN_FRONTEND", "noninteractive");
    let words = arguments.join(" ");
    let output = command
        .output()
        .with_context(|| format!("apt-get {words} could not be started"))?;
    if !output.status.success() {
        bail!("apt-get {words}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
