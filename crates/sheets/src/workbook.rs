//! Workbooks: XLSX as Excel, LibreOffice and the rest write it.
//!
//! Cells are streamed, since one stray cell in the last column would make a grid of the whole sheet. Before that the parts of the file
//! are unpacked once and counted: what is small as a file may be anything when it is unpacked.
//!
//! A cell counts as text when it is text, or a whole number that is shown as it is kept. A number in a format of its own is not: `00042`
//! may be the number 42 there, and a long one has lost its last digits. Dates are never turned back into the codes that they were.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Style, Xlsx};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
use tallyman_core::mapping::plan::{Kind, Value};
use tallyman_core::time::Timestamp;

use crate::{COLUMNS_MAX, Error, Row, Take, UNPACKED_BYTES_MAX, guard};

/// The sheet that is read when there are several.
const PREFERRED: &str = "mappings";

/// Parts of a workbook's file. Those of a sheet are a dozen.
const PARTS_MAX: usize = 1_000;

/// Different texts that a workbook may announce: ten in each row of the longest sheet that is read.
const TEXTS_MAX: u64 = 2_000_000;

/// Where the part with the texts says how many there are.
const HEAD_BYTES: u64 = 2_000;

/// Whole numbers beyond lose digits in a spreadsheet.
const EXACT_MAX: f64 = 1e15;

pub(crate) fn read(bytes: &[u8], take: Take<'_>) -> Result<(), Error> {
    unpacks_within_limits(bytes)?;
    let unreadable = |error: calamine::XlsxError| Error::NotAWorkbook(error.to_string());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let name = sheet(&book.sheet_names())?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(unreadable)?;
    let styles = cells.styles().to_vec();
    let mut row = Row {
        number: 0,
        cells: Vec::new(),
    };
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(unreadable)? {
        let value = value(cell.get_value(), styles.get(style));
        if value == Value::Nothing {
            continue;
        }
        let (number, column) = cell.get_position();
        let number = u64::from(number) + 1;
        if number != row.number && !row.cells.is_empty() {
            let cells = std::mem::take(&mut row.cells);
            take(Row {
                number: row.number,
                cells,
            })?;
        }
        row.number = number;
        let column = column as usize;
        if column >= COLUMNS_MAX {
            return Err(Error::TooManyColumns {
                row: number,
                column: column as u64 + 1,
            });
        }
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Value::Nothing);
        }
        row.cells[column] = value;
    }
    if row.cells.is_empty() { Ok(()) } else { take(row) }
}

fn sheet(names: &[String]) -> Result<String, Error> {
    let preferred = names.iter().find(|name| name.trim().eq_ignore_ascii_case(PREFERRED));
    match (preferred, names) {
        (Some(name), _) => Ok(name.clone()),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(Error::NotAWorkbook("it has no sheet".into())),
        (None, several) => Err(Error::WhichSheet(several.join(", "))),
    }
}

fn value(cell: &DataRef<'_>, style: Option<&Style>) -> Value {
    let text = |text: &str| match text.trim() {
        "" => Value::Nothing,
        _ => Value::Text(guard::taken_off(text).to_owned()),
    };
    match cell {
        DataRef::Empty => Value::Nothing,
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Int(number) if is_shown_as_kept(style) => Value::Text(number.to_string()),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < EXACT_MAX && is_shown_as_kept(style) => {
            Value::Text(format!("{number:.0}"))
        }
        DataRef::Int(_) | DataRef::Float(_) => Value::Other(Kind::Number),
        DataRef::Bool(_) => Value::Other(Kind::Truth),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Value::Other(Kind::Date),
        DataRef::Error(_) => Value::Other(Kind::Fault),
    }
}

/// Whether a whole number looks in the sheet as its digits are: in no format, as text, or in the plain one.
fn is_shown_as_kept(style: Option<&Style>) -> bool {
    let format = style.and_then(|style| style.number_format.as_ref());
    format.is_none_or(|format| ["", "general", "0", "@"].contains(&format.format_code.to_lowercase().as_str()))
}

/// Unpacks every part once, to nowhere. What a file says about the sizes of its parts need not be true.
fn unpacks_within_limits(bytes: &[u8]) -> Result<(), Error> {
    let unreadable = |error: zip::result::ZipError| Error::NotAWorkbook(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    if archive.len() > PARTS_MAX {
        return Err(Error::NotAWorkbook(format!("it has more than {PARTS_MAX} parts")));
    }
    if archive.index_for_name("content.xml").is_some() {
        return Err(Error::OpenDocument);
    }
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(unreadable)?;
        let broken = |error: std::io::Error| Error::NotAWorkbook(error.to_string());
        let mut head = Vec::new();
        (&mut part).take(HEAD_BYTES).read_to_end(&mut head).map_err(broken)?;
        if part.name().map_err(unreadable)?.to_lowercase().ends_with("sharedstrings.xml") {
            texts_are_not_too_many(&head)?;
        }
        left = left.saturating_sub(head.len() as u64);
        let rest = std::io::copy(&mut (&mut part).take(left + 1), &mut std::io::sink()).map_err(broken)?;
        left = left.checked_sub(rest).ok_or(Error::TooLargeUnpacked)?;
    }
    Ok(())
}

/// The reader makes room for as many texts as are announced, before it has read one of them. So the announcement stands at the head of
/// its part, where it can be looked at first.
fn texts_are_not_too_many(head: &[u8]) -> Result<(), Error> {
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let root = match head.strip_prefix("<?xml") {
        Some(declared) => declared.split_once("?>").map_or("", |(_, root)| root.trim_start()),
        None => head,
    };
    let tag = root
        .strip_prefix('<')
        .and_then(|root| root.split_once('>'))
        .map_or("", |(tag, _)| tag);
    let name = tag.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
    if name.rsplit(':').next() != Some("sst") {
        return Err(Error::NotAWorkbook("its texts are not where they belong".into()));
    }
    let tag: String = tag.split_ascii_whitespace().collect();
    let Some((_, count)) = tag.split_once("uniqueCount=") else {
        return Ok(());
    };
    let digits: String = count.chars().skip(1).take_while(char::is_ascii_digit).collect();
    match digits.parse::<u64>() {
        Ok(count) if count <= TEXTS_MAX => Ok(()),
        // No number at all makes no room.
        Err(_) if digits.is_empty() => Ok(()),
        Ok(_) | Err(_) => Err(Error::TooLargeUnpacked),
    }
}

pub(crate) fn write<R: IntoIterator<Item = String>>(
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = R>,
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    let mut book = Workbook::new();
    let failed = |error: rust_xlsxwriter::XlsxError| Error::Write(error.to_string());
    // Otherwise the computer is asked for the time.
    let made = ExcelDateTime::from_timestamp(at.micros().div_euclid(1_000_000)).map_err(failed)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = book.add_worksheet();
    sheet.set_name(name).map_err(failed)?;
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    // Whole columns are text, so that a code that somebody adds stays as it is typed.
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_bold();
    for (column, name) in (0..).zip(header) {
        sheet.set_column_format(column, &text).map_err(failed)?;
        sheet.set_column_width(column, 24).map_err(failed)?;
        sheet.write_string_with_format(0, column, *name, &bold).map_err(failed)?;
    }
    for (number, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            if !cell.is_empty() {
                let cell = guard::in_workbook(cell);
                sheet.write_string_with_format(number, column, cell, &text).map_err(failed)?;
            }
        }
    }
    book.save_to_buffer().map_err(failed)
}

#[cfg(test)]
mod tests;
