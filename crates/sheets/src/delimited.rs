//! Text with separators: CSV as spreadsheets of any country write it.
//!
//! Commas, semicolons and tabs; UTF-8 with or without its mark, UTF-16 with one, and otherwise Windows-1252, which is what British
//! spreadsheets write. What we write is UTF-8 with commas, each cell under its [`guard`].

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};
use tallyman_core::mapping::plan::Value;

use crate::{COLUMNS_MAX, Error, Row, Take, guard};

/// Without it a spreadsheet takes UTF-8 for Windows-1252.
pub(crate) const MARK: &[u8] = b"\xEF\xBB\xBF";

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// What is looked at to tell which separator it is.
const HEAD_BYTES: usize = 64_000;

pub(crate) fn read(bytes: &[u8], take: Take<'_>) -> Result<(), Error> {
    let text = decoded(bytes)?;
    if text.contains('\0') {
        return Err(Error::NotASheet("it has zero bytes in it"));
    }
    // Lines are counted right if they all end alike.
    let text = match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => text,
    };
    let (text, separator, skipped) = separated(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.map_err(|_| Error::NotASheet("it cannot be read as text"))?;
        let number = record.position().map_or(0, |position| begins(text, position)) + skipped;
        let used = record.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()).last();
        let used = used.map_or(0, |(index, _)| index + 1);
        if used > COLUMNS_MAX {
            let column = used as u64;
            return Err(Error::TooManyColumns { row: number, column });
        }
        if used > 0 {
            let cells = record.iter().take(used).map(value).collect();
            take(Row { number, cells })?;
        }
    }
    Ok(())
}

/// The line of a record: the reader stands before the empty lines that it leaves out.
fn begins(text: &str, position: &csv::Position) -> u64 {
    let left = usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at..));
    let empty = left.unwrap_or_default().iter().take_while(|byte| **byte == b'\n').count();
    position.line() + empty as u64
}

fn value(cell: &str) -> Value {
    if cell.trim().is_empty() {
        return Value::Nothing;
    }
    Value::Text(guard::taken_off(cell).to_owned())
}

/// The text in whatever encoding it has come. Where its mark says which, a letter that is not in it is damage.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        let (text, damaged) = encoding.decode_with_bom_removal(bytes);
        return match damaged {
            true => Err(Error::NotASheet("its letters are damaged")),
            false => Ok(text),
        };
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    })
}

/// The text without a line that only names its separator, the separator, and how many lines were left out.
fn separated(text: &str) -> (&str, u8, u64) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    // Excel writes and reads `sep=;` in its first line.
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] = first.as_bytes()
        && SEPARATORS.contains(separator)
    {
        return (rest, *separator, 1);
    }
    // The names of the columns are within the first lines.
    let head = &text[..text.floor_char_boundary(HEAD_BYTES)];
    let cells = |separator: &u8| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(*separator)
            .from_reader(head.as_bytes());
        let first = reader.records().next();
        first.and_then(Result::ok).map_or(0, |record| record.len())
    };
    // Of equals the comma, which stands first here.
    let most = SEPARATORS.iter().rev().max_by_key(|separator| cells(separator));
    (text, most.copied().unwrap_or(b','), 0)
}

pub(crate) fn write<R: IntoIterator<Item = String>>(header: &[&str], rows: impl Iterator<Item = R>) -> Result<Vec<u8>, Error> {
    let failed = |error: csv::Error| Error::Write(error.to_string());
    let mut out = csv::Writer::from_writer(MARK.to_vec());
    out.write_record(header).map_err(failed)?;
    for row in rows {
        out.write_record(row.into_iter().map(guard::in_csv)).map_err(failed)?;
    }
    out.into_inner().map_err(|error| Error::Write(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut rows = Vec::new();
        let text = |value: Value| match value {
            Value::Text(text) => text,
            Value::Nothing => String::new(),
            Value::Other(kind) => panic!("{kind:?} in a text file"),
        };
        read(bytes, &mut |row| {
            rows.push((row.number, row.cells.into_iter().map(text).collect()));
            Ok(())
        })
        .unwrap();
        rows
    }

    fn row(number: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn separators_of_any_country_are_recognised() {
        let expected = [row(1, &["theirs", "ours"]), row(2, &["a,b", "1;2"])];
        assert_eq!(rows(b"theirs,ours\n\"a,b\",1;2\n"), expected);
        assert_eq!(rows(b"theirs;ours\r\na,b;\"1;2\"\r\n"), expected);
        assert_eq!(rows(b"theirs\tours\ra,b\t1;2\r"), expected);
        let named = [row(2, &["theirs", "ours"]), row(3, &["a,b", "1;2"])];
        assert_eq!(rows(b"sep=;\r\ntheirs;ours\r\na,b;\"1;2\"\r\n"), named);
        assert_eq!(rows(b"one column\n"), [row(1, &["one column"])]);
    }

    #[test]
    fn encodings_of_any_spreadsheet_are_recognised() {
        let expected = [row(1, &["Café", "£5 – “ß”"])];
        let text = "Café,£5 – “ß”\n";
        assert_eq!(rows(text.as_bytes()), expected);
        assert_eq!(rows(&[b"\xEF\xBB\xBF", text.as_bytes()].concat()), expected);
        assert_eq!(rows(b"Caf\xE9,\xA35 \x96 \x93\xDF\x94\n"), expected);
        let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect() };
        assert_eq!(rows(&wide(u16::to_le_bytes)), expected);
        assert_eq!(rows(&wide(u16::to_be_bytes)), expected);
    }

    #[test]
    fn rows_keep_the_line_they_begin_at_and_empty_ones_are_left_out() {
        assert_eq!(rows(b"\r\n\r\na\r\n\r\nb\r\n"), [row(3, &["a"]), row(5, &["b"])]);
        let text = b"a,b\n\n , \n\"two\nlines\",2\n3,4,,\n";
        assert_eq!(
            rows(text),
            [row(1, &["a", "b"]), row(4, &["two\nlines", "2"]), row(6, &["3", "4"])]
        );
    }

    #[test]
    fn what_is_no_text_or_too_wide_is_refused() {
        let refused = |bytes: &[u8]| read(bytes, &mut |_| Ok(())).unwrap_err();
        assert_eq!(refused(b"a,b\0\n"), Error::NotASheet("it has zero bytes in it"));
        assert_eq!(refused(b"\xEF\xBB\xBFCaf\xE9\n"), Error::NotASheet("its letters are damaged"));
        let wide = format!("a\n{}x\n", ",".repeat(COLUMNS_MAX));
        assert_eq!(refused(wide.as_bytes()), Error::TooManyColumns { row: 2, column: 65 });
        let blank = format!("a\nb{}\n", ",".repeat(COLUMNS_MAX));
        assert_eq!(rows(blank.as_bytes()).len(), 2);
    }

    #[test]
    fn no_cell_is_written_that_a_spreadsheet_would_run() {
        for cell in ["=1+1", "+44", "-5", "@a", "\t=1", " =1", "＝1", "'=1", "''=1"] {
            let bytes = write(&["a"], [[cell.to_owned()]].into_iter()).unwrap();
            let text = String::from_utf8(bytes.clone()).unwrap();
            let written = text.strip_prefix("\u{feff}a\n").unwrap().trim_start_matches('"');
            assert!(written.starts_with('\''), "{cell}: {written}");
            assert_eq!(rows(&bytes)[1].1, [cell]);
        }
        let plain = write(
            &["a"],
            [["'tis".to_owned()], ["007".to_owned()], ["1-2".to_owned()]].into_iter(),
        )
        .unwrap();
        assert_eq!(plain, b"\xEF\xBB\xBFa\n'tis\n007\n1-2\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(cells in proptest::collection::vec("[ '=+@\\-\",;\\PC]{0,6}x", 1..6)) {
            let bytes = write(&["a", "b"], cells.iter().map(|cell| [cell.clone(), "-".to_owned()])).unwrap();
            let read: Vec<String> = rows(&bytes).into_iter().skip(1).map(|(_, cells)| cells[0].clone()).collect();
            prop_assert_eq!(read, cells);
        }

        #[test]
        fn noise_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes, &mut |_| Ok(()));
        }
    }
}
