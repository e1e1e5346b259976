//! Do our requests and the twin's answers keep to what the vendors themselves describe?
//!
//! A short scenario of the program is recorded as exchanges ([`exchange`]). Each exchange with Sage is held against Sage's OpenAPI files
//! ([`description`], [`schema`], [`query`]): the path and verb, the options of the query, the request's body, the answer's status and
//! body. Where practice differs from the description, the difference is listed with the place in the reference that says so
//! ([`deviations`]). A difference that is not listed fails, and so does one that is listed but did not occur, so that the list
//! stays true.
//!
//! Not here: whether an answer makes sense. That is the auditors' and the tests' affair.

mod description;
mod deviations;
mod exchange;
mod query;
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use self::description::Description;
use self::deviations::Deviations;
use self::exchange::Exchange;
use crate::run::{self, Stop, Stopwatch};

/// The vendor whose description we can read; what the others have (a Postman collection, tables) is compared later.
const SAGE: &str = "sage200";

/// The scenario is short; one that takes longer hangs.
const RECORDING_LIMIT: Duration = Duration::from_secs(300);

/// So many examples of one unlisted difference are printed.
const EXAMPLES: usize = 2;

/// One difference between an exchange and the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `POST /sop_orders`: the verb and the path as it is described, or as it was called if it is not described.
    pub operation: String,
    /// `path`, `query`, `request` or `response`.
    pub side: &'static str,
    /// What is wrong, in the words of JSON schema where it has one: `maxLength`, `type`, `unknown`, `readOnly`, `status` ….
    pub kind: String,
    /// The property, `lines[].code`; empty for the whole.
    pub property: String,
    /// The value at fault, where it is a text.
    pub value: String,
    /// What a person needs to see it.
    pub detail: String,
}

/// What was looked at, for one vendor.
#[derive(Default)]
struct Counts {
    exchanges: usize,
    operations: BTreeSet<String>,
    checks: usize,
}

pub fn run(vendors: &Path, exchanges: Option<&Path>) -> Result<()> {
    let watch = Stopwatch::start();
    let folder = sage_folder(vendors)?;
    println!("── conform: reading {}", folder.display());
    let description = Description::load(&folder)?;
    let text = match exchanges {
        Some(path) if path == Path::new("-") => {
            std::io::read_to_string(std::io::stdin()).context("standard input could not be read")?
        }
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("{} could not be read", path.display()))?,
        None => record()?,
    };
    let exchanges = exchange::read(&text)?;
    let deviations = Deviations::load()?;
    compare(&description, &deviations, &exchanges)?;
    println!("   done in {watch}");
    Ok(())
}

/// Runs the program's own short scenario; it prints one exchange a line.
fn record() -> Result<String> {
    let program = run::program("tallyman")?;
    println!("   recording a scenario: tallyman exchanges");
    let mut recorded = tempfile::tempfile().context("no temporary file could be made")?;
    let mut command = Command::new(program);
    command
        .arg("exchanges")
        .current_dir(run::root()?)
        .stdin(Stdio::null())
        .stdout(recorded.try_clone()?);
    let mut child = command.spawn().context("tallyman could not be started")?;
    let status = run::wait(&mut child, "tallyman exchanges", &Stop::on_request()?, RECORDING_LIMIT)?;
    if !status.success() {
        bail!("the scenario could not be recorded: tallyman exchanges ({status})");
    }
    let mut text = String::new();
    recorded.rewind()?;
    recorded.read_to_string(&mut text).context("what was recorded is no text")?;
    Ok(text)
}

/// The one folder of Sage's OpenAPI 3 files; its name ends with the commit it was taken from.
fn sage_folder(vendors: &Path) -> Result<PathBuf> {
    let sage = vendors.join(SAGE);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&sage).with_context(|| format!("Sage's descriptions are missing: {}", sage.display()))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("openapi3-") {
            found.push(entry.path());
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!("{} holds no folder openapi3-*", sage.display()),
        _ => bail!("{} holds more than one folder openapi3-*", sage.display()),
    }
}

fn compare(description: &Description, deviations: &Deviations, exchanges: &[Exchange]) -> Result<()> {
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut used: BTreeMap<usize, usize> = BTreeMap::new();
    let mut unlisted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let count = counts.entry(exchange.vendor.as_str()).or_default();
        count.exchanges += 1;
        if exchange.vendor != SAGE {
            continue;
        }
        let compared = description.compare(exchange)?;
        count.checks += compared.checks;
        count.operations.insert(compared.operation);
        for finding in compared.findings {
            match deviations.covering(&finding) {
                Some(deviation) => *used.entry(deviation).or_default() += 1,
                None => {
                    let what = format!(
                        "{} {}: {} {}",
                        finding.operation, finding.side, finding.kind, finding.property
                    );
                    unlisted
                        .entry(what)
                        .or_default()
                        .push(format!("exchange {}: {}", index + 1, finding.detail));
                }
            }
        }
    }
    report(&counts, description, deviations, &used);
    for (what, examples) in &unlisted {
        println!("   not listed: {what} ({} times)", examples.len());
        for example in examples.iter().take(EXAMPLES) {
            println!("      {example}");
        }
    }
    let unused: Vec<String> = deviations.unused(&used).collect();
    for sentence in &unused {
        println!("   listed but did not occur: {sentence}");
    }
    if counts.get(SAGE).is_none_or(|count| count.exchanges == 0) {
        bail!("no exchange with {SAGE} was recorded: nothing was compared");
    }
    if !unlisted.is_empty() || !unused.is_empty() {
        bail!(
            "{} difference(s) are not listed, {} listed one(s) did not occur",
            unlisted.len(),
            unused.len()
        );
    }
    Ok(())
}

fn report(counts: &BTreeMap<&str, Counts>, description: &Description, deviations: &Deviations, used: &BTreeMap<usize, usize>) {
    for (vendor, count) in counts {
        if *vendor == SAGE {
            println!(
                "   {vendor}: {} exchanges, {} of {} described operations, {} checks, {} differences listed",
                count.exchanges,
                count.operations.len(),
                description.len(),
                count.checks,
                used.len()
            );
        } else {
            println!(
                "   {vendor}: {} exchanges, not compared: there is no OpenAPI description of it",
                count.exchanges
            );
        }
    }
    for (index, times) in used {
        println!("      {times} × {}", deviations.sentence(*index));
    }
}

#[cfg(test)]
mod tests;
