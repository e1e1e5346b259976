//! The gate's first step: what can be said about the house without running it.
//!
//! Quick checks come first, so that a slip is named in a second and not after the lints. All their complaints are printed together.

use anyhow::{Result, bail};

use crate::metadata::Metadata;
use crate::run::{self, Stopwatch};
use crate::{layers, licences, tidy};

pub fn run() -> Result<()> {
    let whole = Stopwatch::start();
    let format = run::step("format", run::cargo(&["fmt", "--all", "--check"]));
    quick()?;
    format?;
    lints()?;
    println!("check passed in {whole}");
    Ok(())
}

fn quick() -> Result<()> {
    let watch = Stopwatch::start();
    println!("── tidy, layers, licences");
    let root = run::root()?;
    let metadata = Metadata::load()?;
    let tidy = tidy::run(&root)?;
    for warning in &tidy.warnings {
        println!("   warning: {warning}");
    }
    let mut complaints = tidy.complaints;
    complaints.extend(layers::complaints(&metadata));
    let licences = licences::check(&root, &metadata)?;
    complaints.extend(licences.complaints);
    for complaint in &complaints {
        println!("   {complaint}");
    }
    if !complaints.is_empty() {
        bail!("{} complaint(s) above", complaints.len());
    }
    println!(
        "   {} files tidy, {} crates in order, licences: {}",
        tidy.files,
        metadata.ours().count(),
        licences.how
    );
    println!("   done in {watch}");
    Ok(())
}

/// The lints, as shipped and, where a crate of ours has features, once more with all of them.
fn lints() -> Result<()> {
    run::step(
        "lints",
        run::cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    )?;
    let metadata = Metadata::load()?;
    let with_features: Vec<&str> = metadata
        .ours()
        .filter(|package| package.features.keys().any(|feature| feature != "default"))
        .map(|package| package.name.as_str())
        .collect();
    if with_features.is_empty() {
        return Ok(());
    }
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    run::step(
        &format!("lints with the features of {}", with_features.join(", ")),
        run::cargo(&arguments),
    )
}
