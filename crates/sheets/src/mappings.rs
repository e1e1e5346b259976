//! The columns of a file of mappings: `company, table, connection, theirs, ours`, and for those who read it `since, by, reason`.
//!
//! The first row names the columns, in any order. Only the first five are read. What is exported says what it said when it is taken in
//! again.

use tallyman_core::mapping::Row as Version;
use tallyman_core::mapping::plan::{Column, Line, Problem, Problems, Trouble, Value};
use tallyman_core::time::Timestamp;

use crate::{Error, Format, Row};

/// The sheet of a workbook.
const SHEET: &str = "mappings";

/// What an export has, in this order. The last three are for people.
pub const HEADER: [&str; 8] = ["company", "table", "connection", "theirs", "ours", "since", "by", "reason"];

/// The rows of a file, and what is wrong with its columns. Where one of the five is missing no row is read.
pub fn read(bytes: &[u8]) -> Result<(Vec<Line>, Problems), Error> {
    let mut lines = Vec::new();
    let mut problems = Problems::default();
    let mut places: Option<Option<[usize; 5]>> = None;
    let mut names = Vec::new();
    crate::read(bytes, |row| match &places {
        None => {
            places = Some(places_in(&row, &mut problems));
            names = row.cells;
        }
        Some(None) => {}
        Some(Some(places)) => lines.extend(line(row, places, &names, &mut problems)),
    })?;
    if places.is_none() {
        let empty = Row {
            number: 1,
            cells: Vec::new(),
        };
        places_in(&empty, &mut problems);
    }
    Ok((lines, problems))
}

/// Where the five columns are, by the row that names them.
fn places_in(row: &Row, problems: &mut Problems) -> Option<[usize; 5]> {
    let names: Vec<String> = row.cells.iter().map(name).collect();
    let mut problem = |column: &str, value: &Value, trouble| {
        problems.add(Problem {
            row: row.number,
            column: column.to_owned(),
            value: value.clone(),
            trouble,
        });
    };
    for (index, (name, cell)) in names.iter().zip(&row.cells).enumerate() {
        if name.is_empty() {
            continue;
        }
        if !HEADER.contains(&name.as_str()) {
            problem(&letters(index), cell, Trouble::ColumnUnknown);
        } else if names[..index].contains(name) {
            problem(&letters(index), cell, Trouble::ColumnTwice);
        }
    }
    let places = Column::ALL.map(|column| names.iter().position(|name| name == column.name()));
    for (column, _) in Column::ALL.iter().zip(places).filter(|(_, place)| place.is_none()) {
        problem(column.name(), &Value::Nothing, Trouble::ColumnMissing);
    }
    let [Some(company), Some(table), Some(connection), Some(theirs), Some(ours)] = places else {
        return None;
    };
    Some([company, table, connection, theirs, ours])
}

/// A column's name; what is no text is named by what it is, so that it is not taken for nothing.
fn name(cell: &Value) -> String {
    match cell {
        Value::Nothing => String::new(),
        Value::Text(text) => text.trim().to_lowercase(),
        Value::Other(kind) => kind.noun().to_owned(),
    }
}

/// One row of the file, unless it has nothing in the columns that are read.
fn line(row: Row, places: &[usize; 5], names: &[Value], problems: &mut Problems) -> Option<Line> {
    for (index, cell) in row.cells.iter().enumerate() {
        let has_name = names.get(index).is_some_and(|name| *name != Value::Nothing);
        if *cell != Value::Nothing && !has_name {
            problems.add(Problem {
                row: row.number,
                column: letters(index),
                value: cell.clone(),
                trouble: Trouble::OutsideColumns,
            });
        }
    }
    let values = places.map(|place| row.cells.get(place).cloned().unwrap_or(Value::Nothing));
    let has_something = values.iter().any(|value| *value != Value::Nothing);
    has_something.then_some(Line { row: row.number, values })
}

/// What a spreadsheet calls a column: A, B, …, Z, AA, …
fn letters(index: usize) -> String {
    let mut left = index + 1;
    let mut letters = String::new();
    while left > 0 {
        left -= 1;
        // Within 26, so within a byte.
        letters.insert(0, char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    letters
}

/// A file of these versions, each with the company whose it is. What was withdrawn is left out.
pub fn write<'a>(
    format: Format,
    versions: impl Iterator<Item = (&'a str, &'a Version)>,
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    let rows = versions.filter_map(|(company, version)| {
        let cell = &version.cell;
        Some([
            company.to_owned(),
            cell.table.code().to_owned(),
            cell.scope.clone(),
            cell.theirs.clone(),
            version.ours.clone()?,
            version.at.to_rfc3339(),
            version.actor.clone(),
            version.reason.clone(),
        ])
    });
    crate::write(format, SHEET, HEADER, rows, at)
}

#[cfg(test)]
mod tests;
