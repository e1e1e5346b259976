use super::*;
use proptest::prelude::*;

fn row(seq: u64, theirs: &str, ours: Option<&str>) -> Row {
    Row {
        cell: Cell::new(Table::CarrierOut, "vs-acme", theirs),
        ours: ours.map(str::to_owned),
        seq,
        at: Timestamp::from_micros(seq as i64),
        actor: "ada".to_owned(),
        reason: "new contract".to_owned(),
    }
}

fn next_day() -> Cell {
    Cell::new(Table::CarrierOut, "vs-acme", "next-day")
}

#[test]
fn the_newest_row_counts_and_a_withdrawn_cell_means_nothing() {
    let rows = [
        row(5, "next-day", None),
        row(1, "next-day", Some("12")),
        row(3, "Next-Day ", Some("14")),
    ];
    let mappings = Mappings::from_rows(rows);
    let meaning_at = |seq| mappings.as_of(seq).lookup(&next_day()).map(str::to_owned);
    assert_eq!(meaning_at(0), None);
    assert_eq!(meaning_at(2).as_deref(), Some("12"));
    assert_eq!(meaning_at(4).as_deref(), Some("14"));
    assert_eq!(meaning_at(5), None);
    assert_eq!(mappings.lookup(&next_day()), None);
    assert_eq!(mappings.history(&next_day()).len(), 3);
    assert_eq!(
        (
            mappings.latest_seq(),
            mappings.as_of(4).latest_seq(),
            mappings.as_of(0).latest_seq()
        ),
        (5, 3, 0)
    );
}

#[test]
fn a_view_never_shows_more_than_the_one_it_was_made_from() {
    let mappings = Mappings::from_rows([row(1, "next-day", Some("12")), row(3, "next-day", Some("14"))]);
    assert_eq!(mappings.as_of(2).as_of(9).lookup(&next_day()), Some("12"));
}

#[test]
fn their_word_is_compared_without_case_and_outer_blanks_but_the_scope_exactly() {
    let mappings = Mappings::from_rows([row(1, "Next Day é", Some("12"))]);
    let lookup = |scope, theirs| mappings.lookup(&Cell::new(Table::CarrierOut, scope, theirs));
    assert_eq!(lookup("vs-acme", "  NEXT DAY É"), Some("12"));
    assert_eq!(lookup("vs-acme", "NEXTDAY É"), None);
    assert_eq!(lookup("", "Next Day é"), None);
    assert_eq!(mappings.lookup(&Cell::new(Table::CarrierIn, "vs-acme", "Next Day é")), None);
}

#[test]
fn a_fix_can_be_tried_without_being_kept() {
    let mappings = Mappings::from_rows([row(1, "next-day", None)]);
    let tried = mappings.with(row(2, "next-day", Some("14")));
    assert_eq!(tried.lookup(&next_day()), Some("14"));
    assert_eq!(mappings.lookup(&next_day()), None);
}

#[test]
fn a_table_lists_the_newest_row_of_each_of_its_cells() {
    let mut elsewhere = row(9, "next-day", Some("77"));
    elsewhere.cell.scope = "vs-acme-2".to_owned();
    let mappings = Mappings::from_rows([
        row(1, "next-day", Some("12")),
        row(2, "economy", Some("3")),
        row(4, "NEXT-DAY", Some("14")),
        elsewhere,
    ]);
    let listed: Vec<_> = mappings
        .current(Table::CarrierOut, "vs-acme")
        .map(|row| (row.seq, row.ours.as_deref()))
        .collect();
    assert_eq!(listed, [(2, Some("3")), (4, Some("14"))]);
    let before: Vec<_> = mappings
        .as_of(1)
        .current(Table::CarrierOut, "vs-acme")
        .map(|row| row.seq)
        .collect();
    assert_eq!(before, [1]);
}

#[test]
fn a_cell_names_itself_to_people() {
    assert_eq!(next_day().to_string(), "carrier service `next-day` of `vs-acme`");
    assert_eq!(Cell::new(Table::Tax, "", "20").to_string(), "tax rate `20`");
}

#[test]
fn a_table_is_stored_under_its_code() {
    for table in Table::ALL {
        assert_eq!(serde_json::to_string(&table).expect("json"), format!("\"{}\"", table.code()));
        assert_eq!(Table::parse(table.code()), Some(table));
    }
    assert_eq!(Table::parse("colour"), None);
}

proptest! {
    #[test]
    fn the_order_of_the_rows_does_not_matter(
        words in proptest::collection::vec(("[aAbB]", proptest::option::of("[0-9]")), 0..12),
        as_of in 0_u64..14,
        turn in 0_usize..12,
    ) {
        let rows: Vec<Row> = words.iter().enumerate().map(|(i, (theirs, ours))| row(i as u64 + 1, theirs, ours.as_deref())).collect();
        let mut turned = rows.clone();
        turned.rotate_left(turn.min(rows.len()));
        let mappings = Mappings::from_rows(turned);
        prop_assert_eq!(&mappings, &Mappings::from_rows(rows.clone()));
        prop_assert_eq!(mappings.latest_seq(), rows.len() as u64);
        let stored = serde_json::to_string(&mappings).expect("json");
        prop_assert_eq!(&serde_json::from_str::<Mappings>(&stored).expect("json"), &mappings);
        let view = mappings.as_of(as_of);
        for word in ["a", "b"] {
            let cell = Cell::new(Table::CarrierOut, "vs-acme", word);
            let expected = rows.iter().rfind(|row| row.seq <= as_of && row.cell == cell).and_then(|row| row.ours.as_deref());
            prop_assert_eq!(view.lookup(&cell), expected);
        }
    }

    #[test]
    fn equal_cells_sort_and_hash_alike(a in " ?[aAéÉß]{0,3} ?", b in " ?[aAéÉß]{0,3} ?") {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let [a, b] = [a, b].map(|theirs| Cell::new(Table::Sku, "", theirs));
        let hash = |cell: &Cell| { let mut hasher = DefaultHasher::new(); cell.hash(&mut hasher); hasher.finish() };
        prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        prop_assert!(a != b || hash(&a) == hash(&b));
    }
}
