use std::io::Write;

use super::*;
use proptest::prelude::*;
use rust_xlsxwriter::Worksheet;

const AT: Timestamp = Timestamp::from_micros(1_793_606_400_000_000);

fn rows(bytes: &[u8]) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    read(bytes, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

fn book(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

fn column(bytes: &[u8]) -> Vec<Value> {
    rows(bytes)
        .unwrap()
        .into_iter()
        .map(|mut row| row.cells.swap_remove(0))
        .collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn what_is_not_kept_as_text_is_told_by_its_kind_and_never_guessed() {
    let padded = Format::new().set_num_format("00000");
    let date = Format::new().set_num_format("d-mmm");
    let plain = Format::new().set_num_format("0");
    let bytes = book(|sheet| {
        sheet.write_string(0, 0, "00042").unwrap();
        sheet.write_number(1, 0, 42).unwrap();
        sheet.write_number(2, 0, 5_012_345_678_900_f64).unwrap();
        sheet.write_number_with_format(3, 0, 5_012_345_678_900_f64, &plain).unwrap();
        sheet.write_number_with_format(4, 0, 42, &padded).unwrap();
        sheet.write_number(5, 0, 1.5).unwrap();
        sheet.write_number(6, 0, 1e15).unwrap();
        sheet.write_number_with_format(7, 0, 46_000, &date).unwrap();
        sheet.write_boolean(8, 0, true).unwrap();
        sheet
            .write_formula(9, 0, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!"))
            .unwrap();
        sheet
            .write_formula(10, 0, rust_xlsxwriter::Formula::new("=\"A\"&\"1\"").set_result("A1"))
            .unwrap();
        sheet.write_number(11, 0, -7).unwrap();
    });
    let other = Value::Other;
    assert_eq!(
        column(&bytes),
        [
            text("00042"),
            text("42"),
            text("5012345678900"),
            text("5012345678900"),
            other(Kind::Number),
            other(Kind::Number),
            other(Kind::Number),
            other(Kind::Date),
            other(Kind::Truth),
            other(Kind::Fault),
            text("A1"),
            text("-7"),
        ]
    );
}

#[test]
fn rows_keep_their_numbers_and_a_stray_cell_costs_nothing_but_a_sentence() {
    let bytes = book(|sheet| {
        sheet.write_string(2, 1, "b").unwrap();
        sheet.write_blank(4, 16_383, &Format::new().set_bold()).unwrap();
        sheet.write_string(1_048_575, 0, "last").unwrap();
    });
    let found = rows(&bytes).unwrap();
    assert_eq!(found.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 1_048_576]);
    assert_eq!(found[0].cells, [Value::Nothing, text("b")]);
    let bytes = book(|sheet| {
        sheet.write_string(0, 0, "a").unwrap();
        sheet.write_string(4, 16_383, "stray").unwrap();
    });
    assert_eq!(rows(&bytes).unwrap_err(), Error::TooManyColumns { row: 5, column: 16_384 });
}

#[test]
fn of_several_sheets_one_is_named() {
    let several = |names: &[&str]| {
        let mut book = Workbook::new();
        for name in names {
            book.add_worksheet()
                .set_name(*name)
                .unwrap()
                .write_string(0, 0, *name)
                .unwrap();
        }
        column_or_error(&book.save_to_buffer().unwrap())
    };
    fn column_or_error(bytes: &[u8]) -> Result<Value, Error> {
        rows(bytes).map(|mut rows| rows.swap_remove(0).cells.swap_remove(0))
    }
    assert_eq!(several(&["Tabelle1"]), Ok(text("Tabelle1")));
    assert_eq!(several(&["notes", "Mappings"]), Ok(text("Mappings")));
    assert_eq!(several(&["a", "b"]), Err(Error::WhichSheet("a, b".into())));
}

/// A file of one part.
fn packed(name: &str, write: impl FnOnce(&mut zip::ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    write(&mut archive);
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_file_that_unpacks_to_too_much_is_refused_before_it_is_read() {
    let bytes = packed("xl/worksheets/sheet1.xml", |part| {
        let zeros = vec![b'0'; 1_000_000];
        for _ in 0..=UNPACKED_BYTES_MAX / 1_000_000 {
            part.write_all(&zeros).unwrap();
        }
    });
    assert!(bytes.len() < 2_000_000);
    assert_eq!(rows(&bytes), Err(Error::TooLargeUnpacked));
    let texts = |text: &str| packed("xl/sharedStrings.xml", |part| part.write_all(text.as_bytes()).unwrap());
    for count in ["99999999999", "999999999999999999999999", "2000001"] {
        let announced = [
            format!("<sst uniqueCount=\"{count}\"/>"),
            format!("\u{feff}<?xml version=\"1.0\"?>\n<x:sst count=\"1\" uniqueCount = '{count}'>"),
        ];
        for text in announced {
            assert_eq!(rows(&texts(&text)), Err(Error::TooLargeUnpacked), "{text}");
        }
    }
    let hidden = format!("<!--{}--><sst uniqueCount=\"99999999999\"/>", " ".repeat(3_000));
    assert!(matches!(rows(&texts(&hidden)), Err(Error::NotAWorkbook(_))));
}

#[test]
fn what_is_no_workbook_is_said_with_a_remedy() {
    let bytes = book(|sheet| {
        sheet.write_string(0, 0, "a").unwrap();
    });
    for cut in [4, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(rows(&bytes[..cut]), Err(Error::NotAWorkbook(_))));
    }
    assert!(matches!(
        rows(&packed("word/document.xml", |_| {})),
        Err(Error::NotAWorkbook(_))
    ));
    assert_eq!(rows(&packed("content.xml", |_| {})), Err(Error::OpenDocument));
}

#[test]
fn the_same_rows_are_the_same_bytes_and_no_cell_of_them_is_a_formula() {
    let cells = [
        "=1+1",
        "+44",
        "-5",
        "@a",
        "007",
        "5012345678900",
        "1-2",
        "{=1}",
        "https://a.example/",
    ];
    let rows = || cells.iter().map(|cell| [(*cell).to_owned()]);
    let bytes = write("mappings", &["a"], rows(), AT).unwrap();
    assert_eq!(bytes, write("mappings", &["a"], rows(), AT).unwrap());
    assert_eq!(column(&bytes)[1..], cells.map(text));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&bytes)).unwrap();
    let mut found = book.worksheet_cells_reader("mappings").unwrap();
    while let Some(cell) = found.next_cell_with_formula().unwrap() {
        assert_eq!(cell.formula, None, "{:?}", cell.value);
        assert!(matches!(cell.value, DataRef::SharedString(_)), "{:?}", cell.value);
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(cells in proptest::collection::vec("[ '=_x0-9A-F&<>\"\\PC]{0,8}x", 1..6)) {
        let bytes = write("mappings", &["a"], cells.iter().map(|cell| [cell.clone()]), AT).unwrap();
        let expected: Vec<Value> = cells.iter().map(|cell| text(cell)).collect();
        prop_assert_eq!(&column(&bytes)[1..], &expected[..]);
    }

    #[test]
    fn a_workbook_that_was_damaged_is_read_or_refused(at in any::<proptest::sample::Index>(), byte: u8) {
        let mut bytes = book(|sheet| {
            sheet.write_string(0, 0, "a").unwrap();
            sheet.write_number(1, 1, 5).unwrap();
        });
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = rows(&bytes);
    }
}
