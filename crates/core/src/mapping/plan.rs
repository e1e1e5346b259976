//! Many rows at once: what taking in a file of mappings would change, decided before anything is written.
//!
//! A file says what cells mean; [`plan`] compares it with what they mean now and answers with the changes, or with everything that is
//! wrong with the file. A cell that the file does not name stays, unless what is missing is to be withdrawn: then only in the tables
//! and connections that the file speaks of, so that half a file does not empty the other half.
//!
//! What stands already is not looked at again. So a file that was exported can always be taken in, also where a connection is gone
//! from the configuration or a word is older than a rule about words.
//!
//! Not here: files and their formats (`sheets`), and writing the changes (`engine::mappings`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::mapping::{Cell, Mappings, Table};
use crate::quantity::{Ratio, RatioError};
use crate::sku::{Sku, SkuError};

/// Characters of a word of theirs or of ours.
pub const WORD_CHARS_MAX: usize = 200;

/// Problems that are kept to be shown; those beyond are counted.
pub const PROBLEMS_MAX: usize = 1_000;

/// Characters of a wrong value that are shown.
const SHOWN_CHARS_MAX: usize = 40;

/// What stands in one cell of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Nothing,
    Text(String),
    /// Something that a spreadsheet does not keep as text, so that what was meant cannot be known.
    Other(Kind),
}

/// Kinds of cell that are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not whole, too long to be exact, or shown otherwise than it is kept.
    Number,
    Date,
    Truth,
    /// What a formula leaves that has failed.
    Fault,
}

impl Kind {
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Number => "a number that is not kept as it is shown",
            Self::Date => "a date or time",
            Self::Truth => "true or false",
            Self::Fault => "an error of the spreadsheet",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Other(kind) => f.write_str(kind.noun()),
            Self::Text(text) => {
                let shown: String = text.trim().chars().take(SHOWN_CHARS_MAX).collect();
                let more = if shown.len() < text.trim().len() { "…" } else { "" };
                write!(f, "text `{}{more}`", shown.escape_debug())
            }
        }
    }
}

/// A column of a file of mappings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Company,
    Table,
    Connection,
    Theirs,
    Ours,
}

impl Column {
    pub const ALL: [Column; 5] = [
        Column::Company,
        Column::Table,
        Column::Connection,
        Column::Theirs,
        Column::Ours,
    ];

    /// As the first row of a file names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Table => "table",
            Self::Connection => "connection",
            Self::Theirs => "theirs",
            Self::Ours => "ours",
        }
    }
}

/// One row of a file, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As people count: the first row of a sheet is 1.
    pub row: u64,
    /// In the order of [`Column::ALL`].
    pub values: [Value; 5],
}

/// One cell of a file that cannot be taken in, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub row: u64,
    pub column: String,
    /// What stands there, of what kind it is.
    pub value: Value,
    pub trouble: Trouble,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row,
            column,
            value,
            trouble,
        } = self;
        write!(f, "row {row}, column {column}, {value}: {trouble}")
    }
}

/// What is wrong with a cell, as a sentence with the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("no column has this name. The first row names {}; add it.", columns())]
    ColumnMissing,
    #[error(
        "a file of mappings has no such column. It has {} and may have since, by and reason; delete this one.",
        columns()
    )]
    ColumnUnknown,
    #[error("two columns have this name; delete one.")]
    ColumnTwice,
    #[error("it stands outside the columns that the first row names; delete it, or quote the cell that holds the separator.")]
    OutsideColumns,
    #[error("this is not text. Format the column as text and type the value again.")]
    NotText,
    #[error("the word is missing. Fill it in, or delete the row.")]
    Empty,
    #[error(
        "our word is missing. Fill it in, or delete the row; `tallyman map withdraw` takes back what a word means, and \
         `--withdraw-missing` all that the file leaves out."
    )]
    OursEmpty,
    #[error(
        "it has {chars} characters, and a word has at most {max}. Shorten it, or look whether a quotation mark is not closed."
    )]
    TooLong { chars: usize, max: usize },
    #[error("character {place} is a tab, a line end or the like. Delete it.")]
    Control { place: usize },
    #[error("a spreadsheet has shortened a long number. Format the column as text and type the number again.")]
    Shortened,
    #[error("this cannot be an item of the ledger: {0}.")]
    NotAnItem(SkuError),
    #[error("a unit is mapped to how many of the ledger's stock unit one of theirs is, such as 6 or 1/6: {0}.")]
    NotARatio(RatioError),
    #[error("there is no such company in the configuration. There are: {known}.")]
    CompanyUnknown { known: String },
    #[error("there is no such table. There are: {}.", Table::ALL.map(Table::code).join(", "))]
    TableUnknown,
    #[error("{company} has no such connection. It has: {known}.")]
    ConnectionUnknown { company: String, known: String },
    #[error("row {first} says already what this word means. Delete one of the two.")]
    Twice { first: u64 },
}

fn columns() -> String {
    Column::ALL.map(Column::name).join(", ")
}

/// All that is wrong with a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    /// The first [`PROBLEMS_MAX`] of them.
    pub shown: Vec<Problem>,
    pub all: u64,
}

impl Problems {
    pub fn add(&mut self, problem: Problem) {
        self.all += 1;
        if self.shown.len() < PROBLEMS_MAX {
            self.shown.push(problem);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.all == 0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.shown {
            writeln!(f, "{problem}")?;
        }
        match self.all - self.shown.len() as u64 {
            0 => Ok(()),
            more => writeln!(f, "and {more} more"),
        }
    }
}

/// What is known of one company.
pub struct Known {
    pub connections: Vec<String>,
    /// Shared: whoever looks at one word does not copy thousands.
    pub mappings: Arc<Mappings>,
}

/// A new version of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub company: String,
    pub cell: Cell,
    pub before: Option<String>,
    /// None when it is withdrawn.
    pub after: Option<String>,
    /// The newest row of the cell when this was decided; 0 when there was none.
    pub seen: u64,
}

/// What a change does, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Does {
    Add,
    Change,
    Withdraw,
}

impl Change {
    pub fn does(&self) -> Does {
        match (&self.before, &self.after) {
            (_, None) => Does::Withdraw,
            (None, Some(_)) => Does::Add,
            (Some(_), Some(_)) => Does::Change,
        }
    }
}

/// What taking in the file will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of the file; withdrawals of what is missing come last.
    pub changes: Vec<Change>,
    /// Rows that say what stands already.
    pub stays: u64,
}

impl Plan {
    pub fn count(&self, does: Does) -> usize {
        self.changes.iter().filter(|change| change.does() == does).count()
    }
}

/// Where a word stands, whatever its spelling.
type Place = (Table, String, String);

/// What these lines change. `found` is what was wrong with the file before its lines could be read.
pub fn plan(lines: &[Line], known: &BTreeMap<String, Known>, withdraw_missing: bool, found: Problems) -> Result<Plan, Problems> {
    let mut problems = found;
    let mut plan = Plan::default();
    let mut named: BTreeMap<(&str, Place), u64> = BTreeMap::new();
    for line in lines {
        let read = read(line, known);
        // A word that stands twice is said once, whatever else is wrong with it.
        if let Some((company, cell)) = read.place {
            let place = (cell.table, cell.scope.clone(), cell.normal());
            if let Some(first) = named.get(&(company, place.clone())) {
                let trouble = Trouble::Twice { first: *first };
                problems.add(problem(line, Column::Theirs, trouble));
                continue;
            }
            named.insert((company, place), line.row);
        }
        match read.says {
            Says::TheSame => plan.stays += 1,
            Says::Other(change) => plan.changes.push(change),
            Says::Wrong(found) => found.into_iter().for_each(|problem| problems.add(problem)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if withdraw_missing {
        plan.changes.extend(missing(&named, known));
    }
    Ok(plan)
}

/// Every cell that means something and that the file leaves out, of the tables and connections it speaks of.
fn missing(named: &BTreeMap<(&str, Place), u64>, known: &BTreeMap<String, Known>) -> Vec<Change> {
    let spoken_of: BTreeSet<(&str, Table, &str)> = named
        .keys()
        .map(|(company, (table, scope, _))| (*company, *table, scope.as_str()))
        .collect();
    let mut changes = Vec::new();
    for (company, table, scope) in spoken_of {
        let Some(known) = known.get(company) else { continue };
        for row in known.mappings.current(table, scope).filter(|row| row.ours.is_some()) {
            let place = (table, scope.to_owned(), row.cell.normal());
            if !named.contains_key(&(company, place)) {
                changes.push(Change {
                    company: company.to_owned(),
                    cell: row.cell.clone(),
                    before: row.ours.clone(),
                    after: None,
                    seen: row.seq,
                });
            }
        }
    }
    changes
}

enum Says {
    TheSame,
    Other(Change),
    Wrong(Vec<Problem>),
}

struct Read<'a> {
    /// The cell it is about, if that can be read.
    place: Option<(&'a str, Cell)>,
    says: Says,
}

fn read<'a>(line: &'a Line, known: &BTreeMap<String, Known>) -> Read<'a> {
    let [company, table, connection, theirs, ours] = &line.values;
    let cell = Table::parse(&lower(table)).zip(text(connection)).zip(text(theirs));
    let cell = cell.map(|((table, connection), theirs)| Cell::new(table, connection, theirs));
    let place = text(company).filter(|company| known.contains_key(*company)).zip(cell);
    let now = place
        .as_ref()
        .and_then(|(company, cell)| known.get(*company)?.mappings.row(cell));
    let before = now.and_then(|row| row.ours.as_deref());
    if before.is_some_and(|before| text(ours) == Some(before.trim())) {
        return Read {
            place,
            says: Says::TheSame,
        };
    }
    let mut wrong = Vec::new();
    let mut found = |column, trouble: Option<Trouble>| wrong.extend(trouble.map(|trouble| problem(line, column, trouble)));
    found(Column::Company, company_trouble(company, known));
    found(Column::Table, table_trouble(table));
    found(Column::Connection, connection_trouble(connection, text(company), known));
    found(Column::Theirs, word_trouble(theirs));
    found(Column::Ours, ours_trouble(ours, &lower(table)));
    let says = match (&place, text(ours)) {
        (Some((company, cell)), Some(ours)) if wrong.is_empty() => Says::Other(Change {
            company: (*company).to_owned(),
            cell: cell.clone(),
            before: before.map(str::to_owned),
            after: Some(ours.to_owned()),
            seen: now.map_or(0, |row| row.seq),
        }),
        _ => Says::Wrong(wrong),
    };
    Read { place, says }
}

fn problem(line: &Line, column: Column, trouble: Trouble) -> Problem {
    Problem {
        row: line.row,
        column: column.name().to_owned(),
        value: line.values[column as usize].clone(),
        trouble,
    }
}

/// The words of a value without the blanks around them; a cell with nothing in it holds no word.
fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Nothing => Some(""),
        Value::Text(text) => Some(text.trim()),
        Value::Other(_) => None,
    }
}

/// The code of a table, however it was capitalised.
fn lower(table: &Value) -> String {
    text(table).unwrap_or_default().to_lowercase()
}

fn missing_trouble(value: &Value) -> Option<Trouble> {
    match text(value) {
        None => Some(Trouble::NotText),
        Some("") => Some(Trouble::Empty),
        Some(_) => None,
    }
}

fn company_trouble(company: &Value, known: &BTreeMap<String, Known>) -> Option<Trouble> {
    let unknown = || Trouble::CompanyUnknown {
        known: known.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    };
    let is_known = text(company).is_some_and(|company| known.contains_key(company));
    missing_trouble(company).or_else(|| (!is_known).then(unknown))
}

fn table_trouble(table: &Value) -> Option<Trouble> {
    let unknown = || Table::parse(&lower(table)).is_none().then_some(Trouble::TableUnknown);
    missing_trouble(table).or_else(unknown)
}

fn connection_trouble(connection: &Value, company: Option<&str>, known: &BTreeMap<String, Known>) -> Option<Trouble> {
    if let Some(trouble) = missing_trouble(connection) {
        return Some(trouble);
    }
    // Of a company that is not known, nothing can be said about its connections.
    let company = company?;
    let connections = &known.get(company)?.connections;
    let is_known = connections.iter().any(|known| Some(known.as_str()) == text(connection));
    (!is_known).then(|| Trouble::ConnectionUnknown {
        company: company.to_owned(),
        known: connections.join(", "),
    })
}

fn ours_trouble(ours: &Value, table: &str) -> Option<Trouble> {
    match word_trouble(ours) {
        Some(Trouble::Empty) => Some(Trouble::OursEmpty),
        None if table == Table::Sku.code() => Sku::parse(text(ours)?).err().map(Trouble::NotAnItem),
        // Whether the ledger has it is not known here; a ratio is known to be none.
        None if table == Table::Unit.code() => Ratio::parse(text(ours)?).err().map(Trouble::NotARatio),
        trouble => trouble,
    }
}

/// What is wrong with a word of theirs or ours.
fn word_trouble(value: &Value) -> Option<Trouble> {
    if let Some(trouble) = missing_trouble(value) {
        return Some(trouble);
    }
    let word = text(value)?;
    let chars = word.chars().count();
    if chars > WORD_CHARS_MAX {
        return Some(Trouble::TooLong {
            chars,
            max: WORD_CHARS_MAX,
        });
    }
    if let Some(index) = word.chars().position(char::is_control) {
        return Some(Trouble::Control { place: index + 1 });
    }
    is_shortened(word).then_some(Trouble::Shortened)
}

/// Whether this is how spreadsheets write a number that is too long for its column: `5.01234E+12`.
fn is_shortened(word: &str) -> bool {
    let Some((mantissa, exponent)) = word.split_once("E+") else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    // A German or French spreadsheet writes the comma.
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(fraction) && exponent.len() == 2 && digits(exponent)
}

#[cfg(test)]
mod tests;
