//! `tallyman map import`: what a sheet would change is said first, and then done.

use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use tallyman_core::mapping::Table;
use tallyman_core::mapping::plan::{self, Change, Does, Plan};

use crate::commands::promise;
use crate::config::Config;
use crate::{put, say};

/// Changes of one kind that are shown one by one.
const SHOWN_MAX: usize = 20;

#[derive(Args)]
pub(super) struct Import {
    /// The file: XLSX or CSV, with the columns company, table, connection, theirs and ours.
    file: PathBuf,
    /// Who says so, for the record.
    #[arg(long, value_name = "NAME", required_unless_present = "dry_run")]
    by: Option<String>,
    /// Why, for the record.
    #[arg(long, required_unless_present = "dry_run")]
    reason: Option<String>,
    /// Only says what it would change.
    #[arg(long)]
    dry_run: bool,
    /// Withdraws what the file leaves out, in those tables and connections that it has rows of.
    #[arg(long)]
    withdraw_missing: bool,
}

impl Import {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let name = self.file.display();
        let not_taken_in = || format!("{name} was not taken in");
        let bytes = contents(&self.file).with_context(not_taken_in)?;
        let (lines, found) = tallyman_sheets::mappings::read(&bytes).with_context(not_taken_in)?;
        drop(bytes);
        // Also to try it: on the first day there is no database yet to read.
        let store = super::to_write(config).await?;
        let known = super::known(config, &store).await?;
        let plan = match plan::plan(&lines, &known, self.withdraw_missing, found) {
            Ok(plan) => plan,
            Err(problems) => {
                let cells = if problems.all == 1 { "cell" } else { "cells" };
                bail!(
                    "{name} was not taken in. {} {cells} cannot be read as meant; nothing was written.\n\n{problems}",
                    problems.all
                );
            }
        };
        drop(lines);
        put!("{}", told(&plan));
        if self.dry_run {
            say!("Nothing was written.");
        } else if !plan.changes.is_empty() {
            let (by, reason) = (self.by.unwrap_or_default(), self.reason.unwrap_or_default());
            let taken = super::carry_out(config, &store, &known, &plan, &by, &reason).await?;
            let when = promise::when(config, &store).await?;
            if taken.proposals.is_empty() {
                say!("All of it is written. What it had stopped goes on by itself {when}.");
            } else {
                say!(
                    "{} changes are written. What they had stopped goes on by itself {when}.\n{} changes of customers and tax rates are proposed:",
                    taken.written,
                    taken.proposed
                );
                for proposal in &taken.proposals {
                    say!("{}", super::proposals::waits(proposal));
                }
            }
        }
        Ok(())
    }
}

/// The bytes of a file, and no more than one byte beyond what is read.
fn contents(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path).context("the file cannot be opened")?;
    let mut bytes = Vec::new();
    let most = tallyman_sheets::FILE_BYTES_MAX as u64 + 1;
    file.take(most).read_to_end(&mut bytes).context("the file cannot be read")?;
    Ok(bytes)
}

/// What a plan does: how many of each kind, table by table, and the first of each.
fn told(plan: &Plan) -> String {
    let mut out = String::new();
    for (does, verb) in [(Does::Add, "add"), (Does::Change, "change"), (Does::Withdraw, "withdraw")] {
        let all: Vec<&Change> = plan.changes.iter().filter(|change| change.does() == does).collect();
        if all.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{verb} {}: {}", all.len(), by_table(&all));
        for change in all.iter().take(SHOWN_MAX) {
            let _ = writeln!(out, "  {}", one(change));
        }
        if all.len() > SHOWN_MAX {
            let _ = writeln!(out, "  and {} more", all.len() - SHOWN_MAX);
        }
    }
    let stays = match plan.stays {
        1 => "1 row says what stands already.".to_owned(),
        rows => format!("{rows} rows say what stands already."),
    };
    let _ = match plan.changes.len() {
        0 => writeln!(out, "Nothing changes; {stays}"),
        _ => writeln!(out, "{stays}"),
    };
    out
}

fn by_table(changes: &[&Change]) -> String {
    let count = |table: Table| changes.iter().filter(|change| change.cell.table == table).count();
    let counted = Table::ALL.map(|table| (table, count(table)));
    let shown: Vec<String> = counted
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(table, count)| format!("{count} {}", table.code()))
        .collect();
    shown.join(", ")
}

fn one(change: &Change) -> String {
    let meaning = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{before} becomes {after}"),
        (None, Some(after)) => after.clone(),
        (Some(before), None) => format!("was {before}"),
        (None, None) => String::new(),
    };
    format!("{}: {}: {meaning}", change.company, change.cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_core::mapping::Cell;

    #[test]
    fn a_plan_is_told_by_kind_and_table_with_the_first_of_each() {
        let change = |theirs: &str, before: Option<&str>, after: Option<&str>| Change {
            company: "acme".into(),
            cell: Cell::new(Table::Sku, "vs-acme", theirs),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            seen: 0,
        };
        let mut changes: Vec<Change> = (0..22).map(|n| change(&format!("N{n}"), None, Some("1"))).collect();
        changes.push(change("B", Some("1"), Some("2")));
        changes.push(change("C", Some("3"), None));
        let told = told(&Plan { changes, stays: 1 });
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[..2], ["add 22: 22 sku", "  acme: item code `N0` of `vs-acme`: 1"]);
        assert_eq!(
            lines[21..],
            [
                "  and 2 more",
                "change 1: 1 sku",
                "  acme: item code `B` of `vs-acme`: 1 becomes 2",
                "withdraw 1: 1 sku",
                "  acme: item code `C` of `vs-acme`: was 3",
                "1 row says what stands already.",
            ]
        );
        assert_eq!(
            super::told(&Plan::default()),
            "Nothing changes; 0 rows say what stands already.\n"
        );
    }
}
