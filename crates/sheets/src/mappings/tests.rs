use super::*;
use std::collections::BTreeMap;

use proptest::prelude::*;
use tallyman_core::mapping::plan::{self, Known};
use tallyman_core::mapping::{Cell, Mappings, Table};

const AT: Timestamp = Timestamp::from_micros(1_793_606_400_000_000);

fn version(seq: u64, table: Table, theirs: &str, ours: Option<&str>) -> Version {
    Version {
        cell: Cell::new(table, "vs-acme", theirs),
        ours: ours.map(str::to_owned),
        seq,
        at: AT,
        actor: "=ada".into(),
        reason: "new, \"contract\"".into(),
    }
}

fn read_ok(bytes: &[u8]) -> Vec<Line> {
    let (lines, problems) = read(bytes).unwrap();
    assert!(problems.is_empty(), "{problems}");
    lines
}

fn troubles(text: &str) -> Vec<String> {
    let (_, problems) = read(text.as_bytes()).unwrap();
    problems.shown.iter().map(Problem::to_string).collect()
}

#[test]
fn the_first_row_names_the_columns_in_any_order() {
    let text = " Ours ;theirs;Connection;TABLE;company;since\n1;A;vs-acme;sku;acme;2026\n;;;;;2027\n";
    let lines = read_ok(text.as_bytes());
    let values = ["acme", "sku", "vs-acme", "A", "1"].map(|text| Value::Text(text.to_owned()));
    assert_eq!(lines, [Line { row: 2, values }]);
}

#[test]
fn what_is_wrong_with_the_columns_is_said_at_once() {
    assert_eq!(
        troubles("company,table,their,ours,ours,,connection\n"),
        [
            "row 1, column C, text `their`: a file of mappings has no such column. It has company, table, connection, theirs, ours and \
             may have since, by and reason; delete this one.",
            "row 1, column E, text `ours`: two columns have this name; delete one.",
            "row 1, column theirs, nothing: no column has this name. The first row names company, table, connection, theirs, ours; \
             add it.",
        ]
    );
    assert_eq!(
        troubles("company,table,connection,theirs,ours\na,b,c,d,e,f\n"),
        [
            "row 2, column F, text `f`: it stands outside the columns that the first row names; delete it, or quote the cell that \
             holds the separator."
        ]
    );
    assert_eq!(troubles("").len(), 5);
}

#[test]
fn columns_are_named_as_spreadsheets_name_them() {
    assert_eq!([0, 25, 26, 63, 16_383].map(letters), ["A", "Z", "AA", "BL", "XFD"]);
}

/// Both formats, opened by their own readers and compared cell by cell with what was exported.
#[test]
fn an_export_holds_every_version_cell_by_cell() {
    let versions = [
        version(1, Table::Sku, "00042", Some("=SUM(A1)")),
        version(2, Table::Sku, "5012345678900", Some("1-2")),
        version(3, Table::CarrierOut, "  Zürich £ ", Some("-5")),
        version(4, Table::CarrierOut, "gone", None),
        version(5, Table::Tax, "20|GB", Some("'tis")),
    ];
    let all = || versions.iter().map(|version| ("acme", version));
    let since = AT.to_rfc3339();
    let expected: Vec<Vec<String>> = std::iter::once(HEADER.map(str::to_owned).to_vec())
        .chain(versions.iter().filter_map(|version| {
            let cell = [
                version.cell.table.code(),
                "vs-acme",
                &version.cell.theirs,
                version.ours.as_deref()?,
            ];
            let row = ["acme"].into_iter().chain(cell).chain([&*since, "=ada", "new, \"contract\""]);
            Some(row.map(str::to_owned).collect())
        }))
        .collect();

    let bytes = write(Format::Csv, all(), AT).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap());
    let guarded = |cell: &String| {
        if cell.starts_with(['=', '-']) {
            format!("'{cell}")
        } else {
            cell.clone()
        }
    };
    let found: Vec<Vec<String>> = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(
        found,
        expected
            .iter()
            .map(|row| row.iter().map(guarded).collect())
            .collect::<Vec<Vec<_>>>()
    );

    let bytes = write(Format::Xlsx, all(), AT).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, SHEET).unwrap();
    let found: Vec<Vec<String>> = sheet
        .rows()
        .map(|row| {
            let text = |cell: &calamine::Data| match cell {
                calamine::Data::String(text) => text.clone(),
                other => panic!("{other:?} is no text"),
            };
            row.iter().map(text).collect()
        })
        .collect();
    assert_eq!(found, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever people call things, a file that was exported is taken in again without a problem and without a change; and into an
    /// empty store it brings the same words.
    #[test]
    fn an_export_is_taken_in_again(
        words in proptest::collection::vec(("[ '=+@\\-\",;_x0-9A-F\\PC]{0,6}[a-z]", "[ '=+@\\-\",;_x0-9A-F\\PC]{0,6}[a-z]"), 0..6),
        xlsx: bool,
    ) {
        let rows = words.iter().zip(1..).map(|((theirs, ours), seq)| version(seq, Table::Tax, theirs, Some(ours)));
        let stored = Mappings::from_rows(rows);
        let current: Vec<Version> = stored.current(Table::Tax, "vs-acme").cloned().collect();
        let format = if xlsx { Format::Xlsx } else { Format::Csv };
        let lines = read_ok(&write(format, current.iter().map(|version| ("acme", version)), AT).unwrap());
        let planned = |mappings: Mappings| {
            let known = Known { connections: vec!["vs-acme".into()], mappings: mappings.into() };
            plan::plan(&lines, &BTreeMap::from([("acme".to_owned(), known)]), true, Problems::default()).expect("a plan")
        };
        let again = planned(stored.clone());
        prop_assert_eq!((again.changes.len(), again.stays), (0, current.len() as u64));
        let fresh = planned(Mappings::default());
        let words = |cell: &Cell, ours: &Option<String>| (cell.theirs.trim().to_owned(), ours.as_deref().map(|ours| ours.trim().to_owned()));
        let brought: Vec<_> = fresh.changes.iter().map(|change| words(&change.cell, &change.after)).collect();
        let had: Vec<_> = current.iter().map(|version| words(&version.cell, &version.ours)).collect();
        prop_assert_eq!(brought, had);
    }
}
