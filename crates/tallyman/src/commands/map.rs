//! `tallyman mappings`: what their words mean in ours, as a table that any spreadsheet opens.
//!
//! A row is never changed: an import adds a version for each cell that differs, under the name of who did it and with the reason. A
//! cell that a file does not name stays as it is; an empty word of ours withdraws it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use tallyman_core::ident::Company;
use tallyman_core::mapping::{Cell, Mappings, Row, Table};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_engine::known::References;
use tallyman_store::tables::mappings;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::config::Config;
use crate::progress::Progress;
use crate::{assemble, logs};

/// Files with more rows are not a merchant's mappings.
const ROWS_MAX: usize = 100_000;
const HEADER: [&str; 5] = ["company", "table", "connection", "theirs", "ours"];

/// What their words mean in ours: out to a table, and in again.
#[derive(Args)]
pub struct MappingsOf {
    #[command(subcommand)]
    what: What,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Prints every mapping as CSV with the columns company, table, connection, theirs, ours.
    ///
    /// Tables are sku, unit, warehouse, carrier-out, carrier-in, carrier-ledger, customer and tax.
    Export,
    /// Says what one word of theirs means. What it had stopped goes on by itself within seconds.
    Set {
        /// sku, unit, warehouse, carrier-out, carrier-in, carrier-ledger, customer or tax.
        table: String,
        /// The connection whose word it is, as a card names it.
        connection: String,
        theirs: String,
        /// Our word; without one the mapping is withdrawn.
        ours: Option<String>,
        /// Who says so, for the record.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why, for the record.
        #[arg(long, default_value = "set")]
        reason: String,
    },
    /// Takes in such a file: all of it or, if a row is wrong, nothing.
    Import {
        /// The file.
        file: PathBuf,
        /// Who imports, for the record.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why, for the record.
        #[arg(long, default_value = "import")]
        reason: String,
    },
}

impl MappingsOf {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.what {
                What::Export => export(&config).await,
                What::Import { file, by, reason } => {
                    let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
                    let rows = read(&text, &config).with_context(|| format!("{} was not taken in", file.display()))?;
                    import(&config, rows, &by, &reason).await
                }
                What::Set {
                    table,
                    connection,
                    theirs,
                    ours,
                    by,
                    reason,
                } => {
                    let row = one(&config, &table, &connection, &theirs, ours)?;
                    import(&config, vec![row], &by, &reason).await
                }
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A row of the file: whose it is, the cell, our word.
type Read = (String, Cell, Option<String>);

fn read(text: &str, config: &Config) -> anyhow::Result<Vec<Read>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header: Vec<&str> = reader.headers()?.iter().collect();
    ensure!(
        header == HEADER,
        "the first line is {}, it should be {}",
        header.join(","),
        HEADER.join(",")
    );
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        ensure!(index < ROWS_MAX, "there are more than {ROWS_MAX} rows");
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let [company, table, connection, theirs, ours] = [0, 1, 2, 3, 4].map(|column| record.get(column).unwrap_or_default());
        let Some(known) = config.companies.iter().find(|known| known.name.as_str() == company) else {
            bail!("line {line}: there is no company {company} in the configuration");
        };
        let Some(table) = Table::parse(table) else {
            bail!(
                "line {line}: there is no table {table}; there are {}",
                Table::ALL.map(Table::code).join(", ")
            );
        };
        if !known.connections().iter().any(|known| known == connection) {
            bail!(
                "line {line}: {company} has no connection {connection}; it has {}",
                known.connections().join(", ")
            );
        }
        let ours = Some(ours.to_owned()).filter(|ours| !ours.is_empty());
        rows.push((company.to_owned(), Cell::new(table, connection, theirs), ours));
    }
    Ok(rows)
}

/// One row, of the company that has this connection.
fn one(config: &Config, table: &str, connection: &str, theirs: &str, ours: Option<String>) -> anyhow::Result<Read> {
    let Some(known) = Table::parse(table) else {
        bail!(
            "there is no table {table}; there are {}",
            Table::ALL.map(Table::code).join(", ")
        );
    };
    let of = |company: &&crate::config::Company| company.connections().iter().any(|known| known == connection);
    let Some(company) = config.companies.iter().find(of) else {
        let all: Vec<String> = config
            .companies
            .iter()
            .flat_map(|company| company.connections())
            .map(|name| name.to_string())
            .collect();
        bail!(
            "there is no connection {connection} in the configuration; there are {}",
            all.join(", ")
        );
    };
    ensure!(!theirs.trim().is_empty(), "say which word of theirs");
    let ours = ours.filter(|ours| !ours.trim().is_empty());
    Ok((company.name.as_str().to_owned(), Cell::new(known, connection, theirs), ours))
}

async fn export(config: &Config) -> anyhow::Result<()> {
    let store = Store::open_to_read(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)?;
    let mut out = csv::Writer::from_writer(std::io::stdout());
    out.write_record(HEADER)?;
    for company in &config.companies {
        for (cell, ours) in current(&store, company.name.as_str()).await?.1 {
            out.write_record([company.name.as_str(), cell.table.code(), &cell.scope, &cell.theirs, &ours])?;
        }
    }
    out.flush()?;
    Ok(())
}

/// A company's mappings, and those of their cells that mean something.
async fn current(store: &Store, company: &str) -> anyhow::Result<(Mappings, Vec<(Cell, String)>)> {
    let mappings = References::default().current(store, &Company::new(company)).await?.mappings;
    let cells: std::collections::BTreeSet<Cell> = mappings.rows().map(|row| row.cell.clone()).collect();
    let meant = |cell: Cell| mappings.lookup(&cell).map(str::to_owned).map(|ours| (cell, ours));
    let cells = cells.into_iter().filter_map(meant).collect();
    Ok((Mappings::clone(&mappings), cells))
}

struct Put {
    rows: Vec<(String, Row)>,
    /// Only says how far it is; a unit that runs again counts from the beginning.
    progress: Mutex<Progress>,
}

impl Unit for Put {
    type Output = ();
    const NAME: &'static str = "import_mappings";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let all = self.rows.len();
        for (done, (company, row)) in self.rows.iter().enumerate() {
            mappings::insert(tx, company, row).await?;
            let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
            progress.say(|| format!("{done} of {all} mappings written; they count once all are"));
        }
        Ok(())
    }
}

async fn import(config: &Config, read: Vec<Read>, by: &str, reason: &str) -> anyhow::Result<()> {
    ensure!(!by.trim().is_empty(), "say who imports with --by NAME");
    let store = Store::open_beside(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)?;
    let at: Timestamp = assemble::clock(config).now();
    let (all, mut rows) = (read.len(), Vec::new());
    for company in &config.companies {
        let name = company.name.as_str();
        let (mappings, _) = current(&store, name).await?;
        for (_, cell, ours) in read.iter().filter(|(of, ..)| of == name) {
            if mappings.lookup(cell) != ours.as_deref() {
                let row = Row {
                    cell: cell.clone(),
                    ours: ours.clone(),
                    seq: 0,
                    at,
                    actor: by.trim().to_owned(),
                    reason: reason.to_owned(),
                };
                rows.push((name.to_owned(), row));
            }
        }
    }
    let changed = rows.len();
    let progress = Mutex::new(Progress::new());
    store.write(Put { rows, progress }).await?;
    println!("{changed} of {all} mappings were new or different and were taken in.");
    Ok(())
}
