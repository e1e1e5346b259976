//! Mappings: what their word means in ours, as versioned rows.
//!
//! A row is never changed. A new row for the same cell takes its place from its sequence number on, and a row without our
//! word withdraws the cell. So any past decision can be made again with exactly the rows it saw: [`Mappings::as_of`].
//!
//! A cell is also what gets the blame. When a look-up finds nothing, the finding names the [`Cell`], every record that
//! wants the same cell joins one card, and one new row heals them all. For that reason a look-up asks one cell and no
//! other: a quiet fall-back to some general row would hide which one to fix.
//!
//! Not here: whether our word exists in the ledger. That is a guardrail, because it can change without the mapping.

pub mod plan;

use crate::sku::upper;
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a row translates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Table {
    /// Their item code to the ledger's stock code.
    Sku,
    /// Their item code to the number of the ledger's stock unit that one of theirs is: `6`, `1/6`. Without a row it is one.
    Unit,
    /// Their warehouse to the ledger's.
    Warehouse,
    /// The retailer's delivery service to the warehouse's courier service id.
    CarrierOut,
    /// The warehouse's courier service name to the retailer's word for the carrier.
    CarrierIn,
    /// The warehouse's courier name to the ledger's courier id.
    CarrierLedger,
    /// The channel's retailer to the ledger's customer account.
    Customer,
    /// A tax rate in percent, `20`, to the ledger's tax code.
    Tax,
}

impl Table {
    /// Every table, in the order in which people are shown them.
    pub const ALL: [Table; 8] = [
        Table::Sku,
        Table::Unit,
        Table::Warehouse,
        Table::CarrierOut,
        Table::CarrierIn,
        Table::CarrierLedger,
        Table::Customer,
        Table::Tax,
    ];

    /// The code it is stored under.
    pub const fn code(self) -> &'static str {
        match self {
            Table::Sku => "sku",
            Table::Unit => "unit",
            Table::Warehouse => "warehouse",
            Table::CarrierOut => "carrier-out",
            Table::CarrierIn => "carrier-in",
            Table::CarrierLedger => "carrier-ledger",
            Table::Customer => "customer",
            Table::Tax => "tax",
        }
    }

    /// The table stored under this code.
    pub fn parse(code: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.code() == code)
    }

    /// What their word is, for people.
    pub const fn noun(self) -> &'static str {
        match self {
            Table::Sku => "item code",
            Table::Unit => "unit of item",
            Table::Warehouse => "warehouse",
            Table::CarrierOut => "carrier service",
            Table::CarrierIn => "despatched courier service",
            Table::CarrierLedger => "courier in the ledger",
            Table::Customer => "customer",
            Table::Tax => "tax rate",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.noun())
    }
}

/// One place in a mapping: this word of theirs, in this table, at this connection. Their word is compared without regard
/// to case and to blanks around it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cell {
    pub table: Table,
    /// The connection whose word it is; empty where the table is the company's.
    pub scope: String,
    pub theirs: String,
}

impl Cell {
    /// The cell of this word.
    pub fn new(table: Table, scope: impl Into<String>, theirs: impl Into<String>) -> Cell {
        Cell {
            table,
            scope: scope.into(),
            theirs: theirs.into(),
        }
    }

    /// Their word as it is compared and indexed.
    pub fn normal(&self) -> String {
        upper(self.theirs.trim())
    }

    /// What a finding blames: the same for every spelling of their word.
    pub fn cause(&self) -> String {
        Self::new(self.table, self.scope.clone(), self.normal()).to_string()
    }

    fn key(&self) -> (Table, &str, String) {
        (self.table, &self.scope, self.normal())
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Cell {}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Cell {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// For people: ``carrier service `next-day` of `vs-acme` ``.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.table, self.theirs.trim())?;
        if self.scope.is_empty() {
            Ok(())
        } else {
            write!(f, " of `{}`", self.scope)
        }
    }
}

/// One version of a cell: who said what it means, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    pub cell: Cell,
    /// Our word; none when the mapping was withdrawn.
    pub ours: Option<String>,
    /// The as-of sequence number from which it counts.
    pub seq: u64,
    pub at: Timestamp,
    pub actor: String,
    pub reason: String,
}

/// All versions of all cells, seen as of one sequence number. Cheap to clone and to view at another number.
#[derive(Clone, Default)]
pub struct Mappings {
    rows: Arc<Rows>,
    /// Rows after this number are not seen; none sees them all.
    as_of: Option<u64>,
}

#[derive(Clone, Default)]
struct Rows {
    /// The versions of each cell, oldest first. Keyed by the cell's normal form, which is made once here and not at each
    /// comparison.
    cells: BTreeMap<(Table, String, String), Vec<Row>>,
    seqs: BTreeSet<u64>,
}

impl Mappings {
    /// The mappings of these rows, in any order. Of two rows of a cell with one sequence number the later in the input wins.
    pub fn from_rows(rows: impl IntoIterator<Item = Row>) -> Mappings {
        let mut all = Rows::default();
        for row in rows {
            all.insert(row);
        }
        Mappings {
            rows: Arc::new(all),
            as_of: None,
        }
    }

    /// Our word for the cell, from its newest row; none when there is none or it was withdrawn.
    pub fn lookup(&self, cell: &Cell) -> Option<&str> {
        self.row(cell)?.ours.as_deref()
    }

    /// The newest row of the cell, withdrawn or not.
    pub fn row(&self, cell: &Cell) -> Option<&Row> {
        self.history(cell).last()
    }

    /// Every version of the cell that is seen, oldest first.
    pub fn history(&self, cell: &Cell) -> &[Row] {
        let key = (cell.table, cell.scope.clone(), cell.normal());
        self.rows.cells.get(&key).map_or(&[], |rows| self.seen(rows))
    }

    /// The newest row of every cell of a table at a connection, withdrawn ones included, in the order of their words.
    pub fn current<'a>(&'a self, table: Table, scope: &'a str) -> impl Iterator<Item = &'a Row> {
        let first = (table, scope.to_owned(), String::new());
        self.rows
            .cells
            .range(first..)
            .take_while(move |((its_table, its_scope, _), _)| *its_table == table && its_scope == scope)
            .filter_map(|(_, rows)| self.seen(rows).last())
    }

    /// The same mappings as they were at this sequence number, never more than is seen already.
    pub fn as_of(&self, seq: u64) -> Mappings {
        let as_of = self.as_of.map_or(seq, |now| now.min(seq));
        Mappings {
            rows: Arc::clone(&self.rows),
            as_of: Some(as_of),
        }
    }

    /// The sequence number of the newest row that is seen; 0 when there is none.
    pub fn latest_seq(&self) -> u64 {
        let newest = match self.as_of {
            Some(seq) => self.rows.seqs.range(..=seq).next_back(),
            None => self.rows.seqs.last(),
        };
        newest.copied().unwrap_or(0)
    }

    /// These mappings with one more row, for trying a fix before it is kept. A row after the number they are seen at stays
    /// unseen.
    pub fn with(&self, row: Row) -> Mappings {
        let mut tried = self.clone();
        Arc::make_mut(&mut tried.rows).insert(row);
        tried
    }

    fn seen<'a>(&self, rows: &'a [Row]) -> &'a [Row] {
        match self.as_of {
            Some(seq) => &rows[..rows.partition_point(|row| row.seq <= seq)],
            None => rows,
        }
    }

    /// Every row that is seen, by cell and then oldest first.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.cells.values().flat_map(|rows| self.seen(rows))
    }
}

impl Rows {
    fn insert(&mut self, row: Row) {
        self.seqs.insert(row.seq);
        let key = (row.cell.table, row.cell.scope.clone(), row.cell.normal());
        let versions = self.cells.entry(key).or_default();
        let place = versions.partition_point(|earlier| earlier.seq <= row.seq);
        versions.insert(place, row);
    }
}

impl PartialEq for Mappings {
    fn eq(&self, other: &Self) -> bool {
        self.rows().eq(other.rows())
    }
}

impl Eq for Mappings {}

impl fmt::Debug for Mappings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rows()).finish()
    }
}

impl Serialize for Mappings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows())
    }
}

impl<'de> Deserialize<'de> for Mappings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Row>::deserialize(deserializer).map(Mappings::from_rows)
    }
}

#[cfg(test)]
mod tests;
