//! Pictures of every page for README and manual, in `docs/screens`.
//!
//! They are what a test sees that opens every page in the browser anyhow (`crates/tests/tests/browser/screens.rs`); here the test is run
//! with a folder to leave its pictures in. They are put in their place only if no page has a fault, and what is no longer a page goes.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::run::{self, Stop, Stopwatch};
use crate::test;

/// Where tests leave pictures, if they are to leave any.
const PICTURES: &str = "TALLYMAN_TEST_PICTURES";
const TEST: &str = "every_page_is_sound_in_every_view";
const FOLDER: &str = "docs/screens";

pub fn run() -> Result<()> {
    let watch = Stopwatch::start();
    let stop = Stop::on_request()?;
    let mut needs = test::browser()?;
    let taken = tempfile::tempdir().context("no temporary folder could be made")?;
    needs.push((PICTURES, taken.path().into()));
    let root = run::root()?;
    // The whole workspace and one of its tests: named alone, the crate would be built anew with the features that it alone asks for.
    let runner: &[&str] = if test::has_nextest() { &["nextest", "run"] } else { &["test"] };
    let mut command = run::cargo(runner);
    command.args(["--workspace", "--test", "browser", TEST]);
    test::runner("every page in the browser", command, &needs, &root, &stop)?;
    let count = put(taken.path(), &root.join(FOLDER))?;
    println!("   {count} pictures in {FOLDER}, in {watch}");
    Ok(())
}

/// Replaces the pictures of a folder by those of another; says how many there are now.
fn put(taken: &Path, folder: &Path) -> Result<usize> {
    let fresh = pictures(taken)?;
    if fresh.is_empty() {
        bail!("the test {TEST} left no picture");
    }
    std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
    for name in pictures(folder)? {
        std::fs::remove_file(folder.join(&name)).with_context(|| format!("{name} could not be removed"))?;
    }
    for name in &fresh {
        std::fs::copy(taken.join(name), folder.join(name)).with_context(|| format!("{name} could not be written"))?;
    }
    Ok(fresh.len())
}

fn pictures(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} could not be listed", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".png") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_pictures_take_the_place_of_all_old_ones() {
        let (taken, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(put(taken.path(), folder.path()).is_err(), "none were taken");
        std::fs::write(folder.path().join("gone.png"), "old").unwrap();
        std::fs::write(folder.path().join("README.md"), "words").unwrap();
        std::fs::write(taken.path().join("overview.png"), "new").unwrap();
        assert_eq!(put(taken.path(), folder.path()).unwrap(), 1);
        assert_eq!(pictures(folder.path()).unwrap(), ["overview.png"]);
        assert!(folder.path().join("README.md").is_file());
    }
}
