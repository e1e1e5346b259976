//! `tallyman map list`, `history` and `export`: what words mean, in the terminal or as a sheet.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_engine::words::{self, Sought};
use tallyman_sheets::{Format, mappings};

use super::{Word, known, to_read};
use crate::assemble;
use crate::config::Config;
use crate::{out, put, say};

/// Words that are shown in the terminal; more are for a sheet.
const SHOWN_MAX: usize = 1_000;

#[derive(Args)]
pub(super) struct List {
    /// Only words that contain this, theirs or ours.
    words: Option<String>,
    /// Only this company's.
    #[arg(long)]
    company: Option<String>,
    /// Only this table's.
    #[arg(long)]
    table: Option<String>,
    /// Only this connection's.
    #[arg(long)]
    connection: Option<String>,
}

impl List {
    pub(super) async fn show(&self, config: &Config) -> anyhow::Result<()> {
        let table = match self.table.as_deref() {
            Some(table) => Some(Table::parse(table).with_context(|| {
                let all = Table::ALL.map(Table::code).join(", ");
                format!("there is no table {table}; there are {all}")
            })?),
            None => None,
        };
        let sought = Sought {
            words: self.words.clone(),
            company: self.company.clone(),
            table,
            connection: self.connection.clone(),
        };
        let known = known(config, &to_read(config).await?).await?;
        let all = words::standing(&known);
        let wanted: Vec<_> = all.iter().filter(|(company, row)| sought.wants(company, row)).collect();
        let rows = wanted.iter().take(SHOWN_MAX).map(|(company, row)| {
            let ours = row.ours.clone().unwrap_or_default();
            [
                (*company).to_owned(),
                row.cell.table.code().to_owned(),
                row.cell.scope.clone(),
                row.cell.theirs.clone(),
                ours,
            ]
        });
        put!("{}", in_columns(&rows.collect::<Vec<_>>()));
        match wanted.len() {
            0 => say!("No word of theirs means anything here."),
            more if more > SHOWN_MAX => say!(
                "and {} more; narrow it down, or write all to a sheet with `tallyman map export FILE`",
                more - SHOWN_MAX
            ),
            _ => {}
        }
        Ok(())
    }
}

/// Lines of columns under each other.
fn in_columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

pub(super) async fn history(config: &Config, word: &Word) -> anyhow::Result<()> {
    let cell = word.cell()?;
    let known = known(config, &to_read(config).await?).await?;
    let company = words::company(&cell, &known)?;
    let versions = known.get(company).map_or(&[][..], |known| known.mappings.history(&cell));
    if versions.is_empty() {
        say!("{cell} has never meant anything.");
        return Ok(());
    }
    say!("{cell}, {company}");
    put!("{}", told(versions, &cell, |at| at.local_in(&config.zone(company))));
    Ok(())
}

/// Every version, oldest first.
fn told(versions: &[Row], asked: &Cell, time: impl Fn(Timestamp) -> String) -> String {
    let rows: Vec<[String; 4]> = versions
        .iter()
        .map(|row| {
            let ours = row.ours.clone().unwrap_or_else(|| "(withdrawn)".to_owned());
            // Their word as it was spelt then, where that differs.
            let spelt = match row.cell.theirs.trim() {
                theirs if theirs == asked.theirs.trim() => String::new(),
                theirs => format!(" (`{theirs}`)"),
            };
            [
                format!("  {}", time(row.at)),
                format!("{ours}{spelt}"),
                row.actor.clone(),
                row.reason.clone(),
            ]
        })
        .collect();
    in_columns(&rows)
}

pub(super) async fn export(config: &Config, file: Option<PathBuf>) -> anyhow::Result<()> {
    let format = match &file {
        None => Format::Csv,
        Some(path) => Format::of(path).with_context(|| format!("{} should end in .csv or .xlsx", path.display()))?,
    };
    let known = known(config, &to_read(config).await?).await?;
    let all = words::standing(&known);
    let bytes = mappings::write(format, all.iter().copied(), assemble::clock(config).now())?;
    match file {
        // A terminal or a pipe needs no mark that says which encoding it is.
        None => out::bytes(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes)),
        Some(path) => {
            new_file(&path, &bytes).with_context(|| format!("{} cannot be written", path.display()))?;
            say!("{} mappings are in {}.", all.len(), path.display());
        }
    }
    Ok(())
}

/// Nobody's work is overwritten.
fn new_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = match std::fs::File::create_new(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => bail!("it is there already; choose another name"),
        other => other?,
    };
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a sheet looks like a whole one.
        let _ = std::fs::remove_file(path);
    }
    Ok(written?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_shows_every_version_with_who_and_why() {
        let row = |seq: u64, theirs: &str, ours: Option<&str>, actor: &str| Row {
            cell: Cell::new(Table::Sku, "vs-acme", theirs),
            ours: ours.map(str::to_owned),
            seq,
            at: Timestamp::from_micros(seq as i64),
            actor: actor.to_owned(),
            reason: "because".to_owned(),
        };
        let versions = [
            row(1, "abc", Some("1"), "ada"),
            row(2, "ABC", None, "grace"),
            row(3, "ABC", Some("22"), "ada"),
        ];
        let asked = Cell::new(Table::Sku, "vs-acme", "ABC");
        assert_eq!(
            told(&versions, &asked, |at| at.micros().to_string()),
            "  1  1 (`abc`)    ada    because\n  2  (withdrawn)  grace  because\n  3  22           ada    because\n"
        );
    }
}
