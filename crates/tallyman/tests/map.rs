//! `tallyman map` as a person uses it: a sheet goes in, single words are put right, and a sheet that comes out says what is stored.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tallyman_core::mapping::{Cell, Mappings, Row, Table};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::{feeds, mappings};
use tallyman_store::{Location, Store, Tx, Unit, UnitError};

const CONFIGURATION: &str = r#"
database = "tallyman.db"

[[master_key]]
number = 1
key = { env = "NO_KEY_IS_NEEDED" }

[[company]]
name = "acme"
[company.sage200]
client_id = "a"
client_secret = { env = "NO_KEY_IS_NEEDED" }
refresh_token = { env = "NO_KEY_IS_NEEDED" }
site = "00000000-0000-0000-0000-000000000000"
company_id = 1
[company.mintsoft]
api_key = { env = "NO_KEY_IS_NEEDED" }
[company.virtualstock]
username = "a"
password = { env = "NO_KEY_IS_NEEDED" }
"#;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tallyman.toml"), CONFIGURATION).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name).display().to_string()
    }

    fn run(&self, group: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
        command
            .arg(group)
            .args(arguments)
            .arg("--config")
            .arg(self.path("tallyman.toml"));
        command.output().unwrap()
    }

    /// What it says; it must succeed.
    fn map(&self, arguments: &[&str]) -> String {
        let output = self.run("map", arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says against it; it must fail.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run("map", arguments);
        assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn import(&self, file: &str, more: &[&str]) -> String {
        self.map(&[&["import", file, "--by", "ada", "--reason", "go-live"], more].concat())
    }

    /// Every version in the store.
    fn stored(&self) -> Vec<Row> {
        let location = Location::File(self.path("tallyman.db"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { Store::open_to_read(&location).await.unwrap().read(Load).await.unwrap() })
    }
}

struct Load;

impl Unit for Load {
    type Output = Vec<Row>;
    const NAME: &'static str = "load_mappings";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Row>, UnitError> {
        mappings::load(tx, "acme").await
    }
}

/// As a British spreadsheet saves it on a machine that writes lists with semicolons.
const SHEET: &[u8] = b"sep=;\r\nCompany;Table;Connection;Theirs;Ours\r\n\
    acme;sku;virtualstock-acme;00042;MUG\r\n\
    acme;sku;virtualstock-acme;5012345678900;\"MUG;RED\"\r\n\
    acme;sku;virtualstock-acme;1-2;CAF\xC9\r\n\
    acme;carrier-out;virtualstock-acme;under \xA35;-12\r\n;;;;\r\n";

#[test]
fn a_sheet_is_told_tried_and_taken_in_once() {
    let desk = Desk::new();
    let sheet = desk.file("sheet.csv", SHEET);
    let tried = desk.map(&["import", &sheet, "--dry-run"]);
    assert!(tried.starts_with("add 4: 3 sku, 1 carrier-out\n"), "{tried}");
    assert!(
        tried.contains("  acme: carrier service `under £5` of `virtualstock-acme`: -12\n"),
        "{tried}"
    );
    assert!(tried.ends_with("Nothing was written.\n"), "{tried}");
    assert_eq!(desk.stored(), []);

    desk.import(&sheet, &[]);
    let stored = desk.stored();
    let words: Vec<_> = stored
        .iter()
        .map(|row| (row.cell.theirs.as_str(), row.ours.as_deref().unwrap()))
        .collect();
    assert_eq!(
        words,
        [
            ("00042", "MUG"),
            ("5012345678900", "MUG;RED"),
            ("1-2", "CAFÉ"),
            ("under £5", "-12")
        ]
    );
    assert!(stored.iter().all(|row| row.actor == "ada" && row.reason == "go-live"));
    let again = desk.import(&sheet, &[]);
    assert_eq!(again, "Nothing changes; 4 rows say what stands already.\n");
    assert_eq!(desk.stored(), stored);
}

#[test]
fn what_a_sheet_leaves_out_is_withdrawn_only_on_demand_and_where_it_speaks() {
    let desk = Desk::new();
    desk.import(&desk.file("sheet.csv", SHEET), &[]);
    let shorter = "company,table,connection,theirs,ours\nacme,sku,virtualstock-acme,00042,CUP\n";
    let shorter = desk.file("shorter.csv", shorter);
    let told = desk.import(&shorter, &["--withdraw-missing"]);
    assert!(
        told.contains("change 1: 1 sku\n  acme: item code `00042` of `virtualstock-acme`: MUG becomes CUP\n"),
        "{told}"
    );
    assert!(told.contains("withdraw 2: 2 sku\n"), "{told}");
    let listed = desk.map(&["list"]);
    assert_eq!(
        listed,
        "acme  sku          virtualstock-acme  00042     CUP\nacme  carrier-out  virtualstock-acme  under £5  -12\n"
    );
    assert_eq!(desk.map(&["list", "cup"]).lines().count(), 1);
    assert_eq!(
        desk.map(&["list", "--table", "tax"]),
        "No word of theirs means anything here.\n"
    );
}

#[test]
fn a_sheet_with_anything_wrong_is_refused_whole_and_everything_wrong_is_named() {
    let desk = Desk::new();
    let wrong = "company,table,connection,theirs,ours\n\
        acme,sku,virtualstock-acme,A,1\n\
        acme,sku,virtualstock-acme,a,2\n\
        acme,colour,virtualstock-globex,B,\n";
    let said = desk.refused(&["import", &desk.file("wrong.csv", wrong), "--by", "ada", "--reason", "go-live"]);
    assert!(
        said.contains("4 cells cannot be read as meant; nothing was written."),
        "{said}"
    );
    for problem in [
        "row 3, column theirs, text `a`: row 2 says already what this word means.",
        "row 4, column table, text `colour`: there is no such table.",
        "row 4, column connection, text `virtualstock-globex`: acme has no such connection.",
        "row 4, column ours, nothing: our word is missing.",
    ] {
        assert!(said.contains(problem), "{said}");
    }
    assert_eq!(desk.stored(), []);
    let old = desk.file("old.xls", [0xD0, 0xCF, 0x11, 0xE0, 0, 0]);
    assert!(desk.refused(&["import", &old, "--dry-run"]).contains("save it as .xlsx"));
}

#[test]
fn one_word_is_set_withdrawn_and_keeps_its_history() {
    let desk = Desk::new();
    let word = ["carrier-out", "virtualstock-acme", "pigeon"];
    let set = |ours: &str, by: &str| desk.map(&[&["set"], &word[..], &[ours, "--by", by]].concat());
    assert!(set("12", "ada").starts_with("carrier service `pigeon` of `virtualstock-acme` means 12 from now on."));
    assert_eq!(
        set("12", "ada"),
        "carrier service `pigeon` of `virtualstock-acme` means 12 already.\n"
    );
    set("14", "grace");
    desk.map(&[&["withdraw"], &word[..], &["--by", "ada", "--reason", "no more pigeons"]].concat());
    let history = desk.map(&[&["history"], &word[..]].concat());
    let columns: Vec<Vec<&str>> = history
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().skip(2).collect())
        .collect();
    assert_eq!(
        columns,
        [
            vec!["12", "ada", "set"],
            vec!["14", "grace", "set"],
            vec!["(withdrawn)", "ada", "no", "more", "pigeons"]
        ]
    );
    let nothing = desk.refused(&[&["withdraw"], &word[..], &["--by", "ada", "--reason", "again"]].concat());
    assert!(nothing.contains("there is nothing to take back"), "{nothing}");
    let wrong = desk.refused(&["set", "sku", "virtualstock-globex", "A", "1", "--by", "ada"]);
    assert!(wrong.contains("there is no connection virtualstock-globex"), "{wrong}");
    let wrong = desk.refused(&["set", "sku", "virtualstock-acme", "A", &"x".repeat(61), "--by", "ada"]);
    assert!(wrong.contains("at most 60 characters"), "{wrong}");
    // What it was called once.
    assert!(desk.run("mappings", &["list"]).status.success());
}

/// What an export must hold: the newest version of each cell that means something.
fn expected(stored: &[Row]) -> Vec<Vec<String>> {
    let stored = Mappings::from_rows(stored.iter().cloned());
    let mut rows = vec![tallyman_sheets::mappings::HEADER.map(str::to_owned).to_vec()];
    for table in Table::ALL {
        for row in stored.current(table, "virtualstock-acme") {
            let Some(ours) = &row.ours else { continue };
            let since = row.at.to_rfc3339();
            let cells = [
                "acme",
                table.code(),
                "virtualstock-acme",
                &row.cell.theirs,
                ours,
                &since,
                &row.actor,
                &row.reason,
            ];
            rows.push(cells.map(str::to_owned).to_vec());
        }
    }
    rows
}

fn xlsx_cells(path: &Path) -> Vec<Vec<String>> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "mappings").unwrap();
    let text = |cell: &calamine::Data| match cell {
        calamine::Data::String(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

fn csv_cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let text = |cell: &str| cell.to_owned();
    reader
        .records()
        .map(|record| record.unwrap().iter().map(text).collect())
        .collect()
}

#[test]
fn exported_sheets_hold_what_is_stored_cell_by_cell_and_are_taken_in_again() {
    let desk = Desk::new();
    desk.import(&desk.file("sheet.csv", SHEET), &[]);
    desk.map(&[
        "set",
        "sku",
        "virtualstock-acme",
        "=cmd|' /C calc'!A0",
        "@SUM(A1)",
        "--by",
        "=ada",
        "--reason",
        "+44",
    ]);
    desk.map(&[
        "withdraw",
        "sku",
        "virtualstock-acme",
        "1-2",
        "--by",
        "ada",
        "--reason",
        "gone",
    ]);
    let (stored, expected) = (desk.stored(), expected(&desk.stored()));
    assert_eq!((stored.len(), expected.len()), (6, 5));

    let (xlsx, csv) = (desk.path("out.xlsx"), desk.path("out.csv"));
    for file in [&xlsx, &csv] {
        let said = desk.map(&["export", file.to_str().unwrap()]);
        assert!(said.starts_with("4 mappings are in "), "{said}");
    }
    assert_eq!(xlsx_cells(&xlsx), expected);
    // In CSV what a spreadsheet would run stands behind an apostrophe.
    let guarded = |cell: &String| match cell.starts_with(['=', '+', '-', '@']) {
        true => format!("'{cell}"),
        false => cell.clone(),
    };
    let guarded: Vec<Vec<String>> = expected.iter().map(|row| row.iter().map(guarded).collect()).collect();
    let bytes = std::fs::read(&csv).unwrap();
    let marked = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap();
    assert_eq!(csv_cells(marked), guarded);
    assert_eq!(desk.map(&["export"]).as_bytes(), marked);

    for file in [&xlsx, &csv] {
        let said = desk.import(file.to_str().unwrap(), &["--withdraw-missing"]);
        assert_eq!(said, "Nothing changes; 4 rows say what stands already.\n");
    }
    assert_eq!(desk.stored(), stored);
    assert!(
        desk.refused(&["export", csv.to_str().unwrap()])
            .contains("it is there already")
    );

    // Into an empty house they bring the same.
    for file in [&xlsx, &csv] {
        let other = Desk::new();
        other.import(file.to_str().unwrap(), &[]);
        let words = |rows: &[Row]| -> Vec<(Cell, Option<String>)> {
            rows.iter().map(|row| (row.cell.clone(), row.ours.clone())).collect()
        };
        let had = Mappings::from_rows(stored.clone());
        let had: Vec<Row> = Table::ALL
            .iter()
            .flat_map(|table| had.current(*table, "virtualstock-acme"))
            .filter(|row| row.ours.is_some())
            .cloned()
            .collect();
        assert_eq!(words(&other.stored()), words(&had));
    }
}

/// Healing of some company is due then, as the worker that was last at it has left it.
struct HealingDue(Timestamp);

impl Unit for HealingDue {
    type Output = ();
    const NAME: &'static str = "healing_due";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        feeds::add(tx, "healing of sage-acme", self.0, Timestamp::ZERO).await
    }
}

#[tokio::test]
async fn what_a_word_had_stopped_goes_on_within_seconds_only_while_a_worker_runs() {
    let at = |text| Some(Timestamp::parse_rfc3339(text).unwrap());
    let word = [
        "set",
        "sku",
        "virtualstock-acme",
        "A",
        "1",
        "--by",
        "ada",
        "--reason",
        "It is.",
    ];
    for (due, promised) in [
        (None, "goes on by itself as soon as a worker runs: none does now."),
        (
            at("2020-01-01T00:00:00Z"),
            "goes on by itself as soon as a worker runs: none does now.",
        ),
        (at("2200-01-01T00:00:00Z"), "goes on by itself within seconds."),
    ] {
        let desk = Desk::new();
        let store = Store::open(&Location::File(desk.path("tallyman.db"))).await.unwrap();
        if let Some(due) = due {
            store.write(HealingDue(due)).await.unwrap();
        }
        drop(store);
        let said = desk.map(&word);
        assert!(said.contains(promised), "{due:?}: {said}");
    }
}
