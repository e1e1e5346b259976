//! Sheets that people fill in: CSV and XLSX, as bytes in and bytes out, under limits.
//!
//! The outside edge for files. A sheet is read row by row; what a spreadsheet does not keep as text comes as the kind of thing that it is,
//! so that a code that was made a date or a rounded number is refused and never guessed. What is written is text only, and no cell of it
//! is ever run as a formula.
//!
//! [`mappings`] is the one column profile so far. Not here: opening and saving files, and what the rows mean (`core::mapping::plan`).

mod delimited;
mod guard;
pub mod mappings;
mod workbook;

use std::path::Path;

pub use tallyman_core::mapping::plan::{Kind, Value};
use tallyman_core::time::Timestamp;

/// The largest file that is read.
pub const FILE_BYTES_MAX: usize = 50_000_000;
/// What the parts of an XLSX file may come to when they are unpacked.
pub const UNPACKED_BYTES_MAX: u64 = 400_000_000;
/// Rows with something in them, the one with the names of the columns apart.
pub const ROWS_MAX: u64 = 200_000;
/// A cell with something in it that lies further to the right is a mistake.
pub const COLUMNS_MAX: usize = 64;

/// How a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 and commas.
    Csv,
    Xlsx,
}

impl Format {
    /// By the ending of a file's name.
    pub fn of(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        match ending.as_str() {
            "csv" => Some(Format::Csv),
            "xlsx" => Some(Format::Xlsx),
            _ => None,
        }
    }
}

/// One row that has something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As people count: of a spreadsheet the number beside it, of a text file the line at which it begins.
    pub number: u64,
    pub cells: Vec<Value>,
}

/// Why a file is not read, or a sheet not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the file has more than {FILE_BYTES_MAX} bytes; divide it")]
    TooLarge,
    #[error("the file unpacks to more than {UNPACKED_BYTES_MAX} bytes, which no such sheet does; copy its cells into a new file")]
    TooLargeUnpacked,
    #[error("there are more than {ROWS_MAX} rows; divide the file")]
    TooManyRows,
    #[error("row {row} has something in column {column}, and only {COLUMNS_MAX} columns are read; delete what lies to the right")]
    TooManyColumns { row: u64, column: u64 },
    #[error("this is the format of older spreadsheets, or the file has a password; save it as .xlsx without one, or as CSV")]
    OldFormat,
    #[error("this is an OpenDocument sheet; save it as .xlsx or CSV")]
    OpenDocument,
    #[error("this is no workbook that can be read ({0}); open it in a spreadsheet and save it as .xlsx once more")]
    NotAWorkbook(String),
    #[error("this cannot be read as CSV, {0}; save it as .xlsx, or as CSV in UTF-8")]
    NotASheet(&'static str),
    #[error("the workbook has the sheets {0}; leave one, or name the one to be read `mappings`")]
    WhichSheet(String),
    #[error("the sheet cannot be written: {0}")]
    Write(String),
}

/// Reads every row that has something in it, in the order of the file. The format is told by the bytes, not by a name.
pub fn read(bytes: &[u8], mut row: impl FnMut(Row)) -> Result<(), Error> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Error::TooLarge);
    }
    let mut rows = 0;
    let mut counted = |read: Row| {
        rows += 1;
        // One row is the names of the columns.
        if rows > ROWS_MAX + 1 {
            return Err(Error::TooManyRows);
        }
        row(read);
        Ok(())
    };
    match bytes {
        [b'P', b'K', 3, 4, ..] => workbook::read(bytes, &mut counted),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(Error::OldFormat),
        _ => delimited::read(bytes, &mut counted),
    }
}

/// What takes the rows of a sheet, and may refuse to take more.
type Take<'a> = &'a mut dyn FnMut(Row) -> Result<(), Error>;

/// The bytes of a sheet. The same rows at the same time give the same bytes.
pub fn write<const N: usize>(
    format: Format,
    name: &str,
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    table(format, name, &header, rows, at)
}

/// The same of rows whose number of cells is known only when they are made.
pub fn table<R: IntoIterator<Item = String>>(
    format: Format,
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = R>,
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    match format {
        Format::Csv => delimited::write(header, rows),
        Format::Xlsx => workbook::write(name, header, rows, at),
    }
}
