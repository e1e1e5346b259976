//! Every test, with what tests need beside Rust: a private PostgreSQL that is started for them and stopped again, and a mail server,
//! a browser, an OpenID provider and a program that asks whatever the API's description allows, which they start themselves.
//!
//! Doc tests run first, where there are any, so that the runner's own summary is the last word about tests.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::metadata::Metadata;
use crate::postgres::{self, Server};
use crate::run::{self, Stop, Stopwatch};
use crate::{axe, browser, openid, schemathesis, smtp};

/// Where tests find the database; set by hand, it is used as it is and no server is started.
pub const DATABASE_VARIABLE: &str = "TALLYMAN_TEST_POSTGRES";

/// No run of all tests takes longer, a first build included; one that does is ended.
const LIMIT: Duration = Duration::from_secs(40 * 60);

pub fn run(arguments: &[String]) -> Result<()> {
    let watch = Stopwatch::start();
    let stop = Stop::on_request()?;
    let given = run::given(DATABASE_VARIABLE);
    let server = match &given {
        Some(_) => {
            println!("── PostgreSQL: the one that {DATABASE_VARIABLE} names");
            None
        }
        None => Some(Server::start(&postgres::binaries()?, &stop)?),
    };
    let address = match (&given, &server) {
        (Some(address), _) => address.as_str(),
        (None, Some(server)) => server.address(),
        (None, None) => bail!("there is no PostgreSQL to test with"),
    };
    let mut needs = browser()?;
    needs.push((DATABASE_VARIABLE, address.into()));
    needs.push((smtp::VARIABLE, smtp::python()?.into()));
    needs.push((openid::VARIABLE, openid::provide()?.into()));
    needs.push((schemathesis::VARIABLE, schemathesis::provide()?.into()));
    let outcome = tests(&needs, arguments, &stop);
    // Stopped whatever the tests said; dropping it would do, but then nobody would hear of a server that does not stop.
    let stopped = server.map_or(Ok(()), Server::stop);
    outcome?;
    stopped?;
    println!("   tests passed in {watch}");
    Ok(())
}

/// What tests find by the environment: variables and what they say.
pub type Needs = Vec<(&'static str, OsString)>;

/// What tests in a browser need.
pub fn browser() -> Result<Needs> {
    let browser = browser::provide()?;
    Ok(vec![
        (browser::CHROMIUM, browser.chromium.into()),
        (browser::DRIVER, browser.driver.into()),
        (axe::VARIABLE, axe::provide()?.into()),
    ])
}

fn tests(needs: &Needs, arguments: &[String], stop: &Stop) -> Result<()> {
    let with_nextest = has_nextest();
    let root = run::root()?;
    // A filter names tests; doc tests are run with everything else only.
    if arguments.is_empty() && with_nextest {
        match crates_with_doc_tests(&root)? {
            crates if crates.is_empty() => println!("── doc tests: none in the house"),
            crates => {
                // The whole workspace, as the tests below: naming the crates would build their dependencies once more, with the
                // features that those few alone ask for.
                let command = run::cargo(&["test", "--quiet", "--workspace", "--doc"]);
                runner(&format!("doc tests of {}", crates.join(", ")), command, needs, &root, stop)?;
            }
        }
    }
    if with_nextest {
        let mut command = run::cargo(&["nextest", "run"]);
        command.args(scope(arguments)).args(arguments);
        runner("tests (nextest)", command, needs, &root, stop)
    } else {
        println!("── nextest is not installed: plain `cargo test` runs the same tests, one process for each crate");
        let mut command = run::cargo(&["test", "--no-fail-fast"]);
        command.args(scope(arguments)).args(arguments);
        runner("tests (cargo test)", command, needs, &root, stop)
    }
}

pub fn has_nextest() -> bool {
    run::answers(run::cargo(&["nextest", "--version"]))
}

/// Every crate, unless the arguments name some: cargo would take both to mean every crate.
fn scope(arguments: &[String]) -> &'static [&'static str] {
    let named = arguments
        .iter()
        .any(|argument| argument == "-p" || argument.starts_with("--package"));
    if named { &[] } else { &["--workspace"] }
}

pub fn runner(title: &str, mut command: Command, needs: &Needs, root: &Path, stop: &Stop) -> Result<()> {
    println!("── {title}");
    command.envs(needs.iter().cloned()).current_dir(root).stdin(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("{title} could not be started"))?;
    let status = run::wait(&mut child, title, stop, LIMIT)?;
    if !status.success() {
        bail!("{title} ({status})");
    }
    Ok(())
}

/// The crates whose libraries hold an example that rustdoc would run.
fn crates_with_doc_tests(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for package in Metadata::load()?.ours() {
        let folder = root
            .join("crates")
            .join(package.name.strip_prefix("tallyman-").unwrap_or(&package.name))
            .join("src");
        // A crate without a library has no doc tests.
        if folder.join("lib.rs").is_file() && folder_has_doc_tests(&folder)? {
            found.push(package.name.clone());
        }
    }
    Ok(found)
}

fn folder_has_doc_tests(folder: &Path) -> Result<bool> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if folder_has_doc_tests(&path)? {
                return Ok(true);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") && has_doc_tests(&std::fs::read_to_string(&path)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a comment opens a block of code that rustdoc takes for Rust.
fn has_doc_tests(text: &str) -> bool {
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim_start();
        let Some(comment) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            inside = false;
            continue;
        };
        if let Some(language) = comment.trim().strip_prefix("```") {
            if !inside && !["text", "ignore", "sql", "json", "toml", "sh", "console", "mermaid"].contains(&language) {
                return true;
            }
            inside = !inside;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_crates_are_tested_unless_one_is_named() {
        assert_eq!(scope(&["journey".to_owned()]), ["--workspace"]);
        assert_eq!(scope(&["-p".to_owned(), "xtask".to_owned()]), [""; 0]);
        assert_eq!(scope(&["--package=xtask".to_owned()]), [""; 0]);
    }

    #[test]
    fn examples_in_comments_are_seen_and_pictures_are_not() {
        assert!(has_doc_tests(
            "/// An example:\n/// ```\n/// assert!(true);\n/// ```\nfn f() {}\n"
        ));
        assert!(has_doc_tests("//! ```rust,no_run\n//! f();\n//! ```\n"));
        assert!(!has_doc_tests("//! ```text\n//! a -> b\n//! ```\nfn f() {}\n"));
        assert!(!has_doc_tests("fn f() { let fence = \"```\"; }\n"));
    }
}
