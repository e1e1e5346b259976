use super::*;
use crate::mapping::Row;
use crate::time::Timestamp;
use proptest::prelude::*;

fn text(text: &str) -> Value {
    match text {
        "" => Value::Nothing,
        text => Value::Text(text.to_owned()),
    }
}

fn line(row: u64, values: [&str; 5]) -> Line {
    Line {
        row,
        values: values.map(text),
    }
}

fn sku(row: u64, theirs: &str, ours: &str) -> Line {
    line(row, ["acme", "sku", "vs-acme", theirs, ours])
}

fn stored(seq: u64, cell: Cell, ours: Option<&str>) -> Row {
    Row {
        cell,
        ours: ours.map(str::to_owned),
        seq,
        at: Timestamp::from_micros(1),
        actor: "ada".into(),
        reason: "set-up".into(),
    }
}

/// acme has A → 1, B → 2, a withdrawn C, and a carrier; globex has nothing yet.
fn known() -> BTreeMap<String, Known> {
    let sku = |theirs: &str| Cell::new(Table::Sku, "vs-acme", theirs);
    let rows = [
        stored(1, sku("A"), Some("1")),
        stored(2, sku("B"), Some("2")),
        stored(3, sku("C"), Some("3")),
        stored(4, sku("C"), None),
        stored(5, Cell::new(Table::CarrierOut, "vs-acme", "next-day"), Some("12")),
        stored(6, Cell::new(Table::Sku, "vs-gone", "5.01234E+12"), Some(" old ")),
    ];
    let company = |connections: &[&str], rows: &[Row]| Known {
        connections: connections.iter().map(|name| (*name).to_owned()).collect(),
        mappings: Mappings::from_rows(rows.iter().cloned()).into(),
    };
    BTreeMap::from([
        ("acme".to_owned(), company(&["vs-acme", "sage-acme"], &rows)),
        ("globex".to_owned(), company(&["vs-globex"], &[])),
    ])
}

fn planned(lines: &[Line], withdraw_missing: bool) -> Plan {
    plan(lines, &known(), withdraw_missing, Problems::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(lines: &[Line]) -> Vec<String> {
    let problems = plan(lines, &known(), false, Problems::default()).expect_err("it is refused");
    problems.shown.iter().map(Problem::to_string).collect()
}

fn shown(plan: &Plan) -> Vec<String> {
    let ours = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".into());
    plan.changes
        .iter()
        .map(|change| {
            let (before, after) = (ours(&change.before), ours(&change.after));
            format!("{:?} {} {before} {after} @{}", change.does(), change.cell.theirs, change.seen)
        })
        .collect()
}

#[test]
fn a_plan_says_what_is_added_changed_and_left() {
    let lines = [sku(2, "a", "1"), sku(3, "B", "22"), sku(4, "C", "3"), sku(5, " D ", " 4 ")];
    let plan = planned(&lines, false);
    assert_eq!(shown(&plan), ["Change B 2 22 @2", "Add C - 3 @4", "Add D - 4 @0"]);
    assert_eq!((plan.stays, plan.count(Does::Add), plan.count(Does::Withdraw)), (1, 2, 0));
}

#[test]
fn what_is_missing_is_withdrawn_on_demand_and_only_where_the_file_speaks() {
    assert_eq!(shown(&planned(&[sku(2, "A", "1")], false)), [""; 0]);
    assert_eq!(shown(&planned(&[sku(2, "A", "1")], true)), ["Withdraw B 2 - @2"]);
    assert_eq!(shown(&planned(&[], true)), [""; 0]);
}

#[test]
fn a_plan_that_was_carried_out_changes_nothing_again() {
    let lines = [sku(2, "a", "7"), sku(3, "D", "4")];
    let mut known = known();
    let first = plan(&lines, &known, true, Problems::default()).unwrap();
    let acme = known.get_mut("acme").unwrap();
    for (seq, change) in (7..).zip(&first.changes) {
        acme.mappings = acme
            .mappings
            .with(stored(seq, change.cell.clone(), change.after.as_deref()))
            .into();
    }
    let again = plan(&lines, &known, true, Problems::default()).unwrap();
    assert_eq!((again.changes, again.stays), (vec![], 2));
}

#[test]
fn what_stands_already_is_not_asked_about_again() {
    let lines = [line(2, ["acme", "SKU", "vs-gone", "5.01234e+12", "old"])];
    assert_eq!(planned(&lines, false).stays, 1);
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_row_column_kind_and_remedy() {
    let long = "x".repeat(WORD_CHARS_MAX + 1);
    let mut date = sku(9, "E", "");
    date.values[4] = Value::Other(Kind::Date);
    let lines = [
        line(2, ["initech", "colour", "vs-acme", "", "1"]),
        line(3, ["acme", "sku", "vs-globex", "A\tB", "1"]),
        sku(4, "D", ""),
        line(5, ["acme", "unit", "vs-acme", &long, "1"]),
        sku(6, "5,01234E+12", "1"),
        sku(7, "d ", "1"),
        sku(8, "F", &"y".repeat(61)),
        date,
    ];
    let x = "x".repeat(40);
    assert_eq!(
        refused(&lines),
        [
            "row 2, column company, text `initech`: there is no such company in the configuration. There are: acme, globex.".to_owned(),
            "row 2, column table, text `colour`: there is no such table. There are: sku, unit, warehouse, carrier-out, carrier-in, \
             carrier-ledger, customer, tax."
                .to_owned(),
            "row 2, column theirs, nothing: the word is missing. Fill it in, or delete the row.".to_owned(),
            "row 3, column connection, text `vs-globex`: acme has no such connection. It has: vs-acme, sage-acme.".to_owned(),
            "row 3, column theirs, text `A\\tB`: character 2 is a tab, a line end or the like. Delete it.".to_owned(),
            "row 4, column ours, nothing: our word is missing. Fill it in, or delete the row; `tallyman map withdraw` takes back what \
             a word means, and `--withdraw-missing` all that the file leaves out."
                .to_owned(),
            format!(
                "row 5, column theirs, text `{x}…`: it has 201 characters, and a word has at most 200. Shorten it, or look whether a \
                 quotation mark is not closed."
            ),
            "row 6, column theirs, text `5,01234E+12`: a spreadsheet has shortened a long number. Format the column as text and type \
             the number again."
                .to_owned(),
            "row 7, column theirs, text `d`: row 4 says already what this word means. Delete one of the two.".to_owned(),
            format!(
                "row 8, column ours, text `{}…`: this cannot be an item of the ledger: a stock code has at most 60 characters, this \
                 one has 61.",
                "y".repeat(40)
            ),
            "row 9, column ours, a date or time: this is not text. Format the column as text and type the value again.".to_owned(),
        ]
    );
}

#[test]
fn problems_beyond_what_is_shown_are_counted() {
    let lines: Vec<Line> = (0..PROBLEMS_MAX as u64 + 5)
        .map(|row| sku(row, &format!("N{row}"), ""))
        .collect();
    let problems = plan(&lines, &known(), false, Problems::default()).unwrap_err();
    assert_eq!((problems.shown.len(), problems.all), (PROBLEMS_MAX, PROBLEMS_MAX as u64 + 5));
    assert!(problems.to_string().ends_with("and 5 more\n"));
}

#[test]
fn codes_that_only_look_like_a_shortened_number_are_words() {
    for word in ["1E10", "E+10", "12E+10", "A.1E+10", "1.E+10", "1E+1", "1.5E+1x"] {
        assert!(!is_shortened(word), "{word}");
    }
    for word in ["1E+10", "5.01234E+12", "4,9E+13"] {
        assert!(is_shortened(word), "{word}");
    }
}

#[test]
fn a_unit_means_a_ratio_above_zero() {
    let unit = |row, ours| line(row, ["acme", "unit", "vs-acme", "SIX", ours]);
    for ours in ["6", "1/6", "0.5"] {
        assert_eq!(planned(&[unit(2, ours)], false).count(Does::Add), 1, "{ours}");
    }
    for ours in ["a dozen", "0", "-1"] {
        let said = refused(&[unit(2, ours)]);
        assert!(
            said.len() == 1 && said[0].contains("column ours") && said[0].contains("1/6"),
            "{said:?}"
        );
    }
}

proptest! {
    /// Whatever stands in the store, a file that says the same changes nothing and is never refused.
    #[test]
    fn what_is_stored_is_taken_in_without_a_change(
        words in proptest::collection::vec(("\\PC{0,8}", "\\PC{1,8}"), 0..8),
    ) {
        let cell = |theirs: &str| Cell::new(Table::Tax, "vs-acme", theirs);
        let rows = words.iter().zip(1..).map(|((theirs, ours), seq)| stored(seq, cell(theirs), Some(ours)));
        let mut known = known();
        known.get_mut("acme").expect("acme").mappings = Mappings::from_rows(rows).into();
        let lines: Vec<Line> = known["acme"]
            .mappings
            .current(Table::Tax, "vs-acme")
            .zip(2..)
            .map(|(row, number)| line(number, ["acme", "tax", "vs-acme", &row.cell.theirs, row.ours.as_deref().unwrap_or_default()]))
            .collect();
        let plan = plan(&lines, &known, true, Problems::default()).expect("a plan");
        prop_assert_eq!(plan.changes, vec![]);
        prop_assert_eq!(plan.stays, lines.len() as u64);
    }

    /// The meaning of each cell afterwards is what the file says.
    #[test]
    fn what_a_plan_does_is_what_the_file_says(
        before in proptest::collection::vec(("[a-eA-E]", proptest::option::of("[0-3]")), 0..10),
        after in proptest::collection::btree_map("[a-e]", "[0-3]", 0..5),
        withdraw_missing: bool,
    ) {
        let cell = |theirs: &str| Cell::new(Table::Tax, "vs-acme", theirs);
        let rows = before.iter().zip(1..).map(|((theirs, ours), seq)| stored(seq, cell(theirs), ours.as_deref()));
        let mut known = known();
        let was = Mappings::from_rows(rows);
        known.get_mut("acme").expect("acme").mappings = was.clone().into();
        let lines: Vec<Line> =
            after.iter().zip(2..).map(|((theirs, ours), row)| line(row, ["acme", "tax", "vs-acme", theirs, ours])).collect();
        let plan = plan(&lines, &known, withdraw_missing, Problems::default()).expect("a plan");
        let mut is = was.clone();
        for (change, seq) in plan.changes.iter().zip(100..) {
            prop_assert_ne!(&change.before, &change.after);
            is = is.with(stored(seq, change.cell.clone(), change.after.as_deref()));
        }
        for word in ["a", "b", "c", "d", "e"] {
            let left = if withdraw_missing && !after.is_empty() { None } else { was.lookup(&cell(word)) };
            prop_assert_eq!(is.lookup(&cell(word)), after.get(word).map(String::as_str).or(left));
        }
    }
}
