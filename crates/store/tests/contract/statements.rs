//! Every statement of the store means something to both databases: each is taken from the source and prepared on both.
//!
//! What this finds is what only shows when a page is opened on the other database: a word that one of them does not know, a
//! parameter whose type PostgreSQL cannot tell, a sum that it widens to a type we do not read.

use std::path::{Path, PathBuf};

use tallyman_store::{Dialect, Location, MIGRATIONS, Store};
use tokio_postgres::types::Type;

use crate::kit::fresh_schema;

/// What a cell of an answer may be on PostgreSQL.
const READABLE: &[Type] = &[Type::INT8, Type::INT4, Type::INT2, Type::BOOL, Type::TEXT, Type::BYTEA];
/// What a parameter may be.
const BINDABLE: &[Type] = &[Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA];

#[test]
fn sqlite_understands_every_statement() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    for migration in MIGRATIONS {
        connection.execute_batch(&migration.text(Dialect::Sqlite)).unwrap();
    }
    // The runner's own table, which it makes before the first migration.
    connection
        .execute_batch("create table migration (number integer, name text, checksum text)")
        .unwrap();
    let faults: Vec<String> = statements()
        .into_iter()
        // The one thing that SQLite has no word for; such a statement has a twin beside it.
        .filter(|(_, sql)| !sql.contains(" for update"))
        .filter_map(|(place, sql)| {
            connection
                .prepare(&sql)
                .err()
                .map(|error| format!("{place}: {error}\n    {sql}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A card may have 100,000 records: a page of them is found by its keys, and neither sorted nor counted.
#[test]
fn a_page_of_a_cards_records_is_a_range_of_an_index() {
    let plan = plan_of("tables/board.rs MEMBERS", 5);
    assert!(
        plan[0].contains("SEARCH m USING INDEX exception_member_dearest")
            && plan[0].contains("exception=? AND (rank,journey,effect)>(?,?,?)"),
        "{plan:?}"
    );
    let last = plan_of("tables/board.rs LAST", 1);
    assert!(
        last.len() == 2
            && last[0].contains("USING INDEX exception_member_last (exception=?)")
            && last[1].contains("SEARCH j USING INDEX"),
        "{last:?}"
    );
    let one = plan_of("tables/exceptions.rs MEMBERS_OF", 3);
    assert!(
        one[0].contains("SEARCH m USING") && one[0].contains("journey=?") && !one.iter().any(|step| step.contains("SCAN")),
        "{one:?}"
    );
    assert!(
        !plan.iter().any(|step| step.contains("TEMP B-TREE") || step.contains("SCAN")),
        "{plan:?}"
    );
}

/// A word is tried on the records that came last: they are the end of an index, and all others are left alone.
#[test]
fn the_newest_records_are_read_from_the_end_of_an_index() {
    let plan = plan_of("tables/messages.rs NEWEST", 3);
    assert!(
        plan.iter()
            .any(|step| step.contains("USING INDEX message_received (connection=? AND kind=?)")),
        "{plan:?}"
    );
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
}

/// There may be a million orders with four numbers each.
#[test]
fn an_order_is_found_by_its_number_through_the_key() {
    let plan = plan_of("tables/journeys.rs FIND", 1);
    let found = plan
        .iter()
        .any(|step| step.contains("SEARCH r USING") && step.contains("company=? AND reference=?"));
    assert!(found && !plan.iter().any(|step| step.contains("SCAN r")), "{plan:?}");
}

/// The same of its beginning, and of its figures alone.
#[test]
fn orders_are_found_by_a_part_of_their_number_through_an_index() {
    for (statement, wanted) in [
        ("BEGINNING", "(company=? AND reference>? AND reference<?)"),
        (
            "BARE",
            "USING INDEX journey_reference_bare (company=? AND <expr>>? AND <expr><?)",
        ),
    ] {
        let plan = plan_of(&format!("tables/search.rs {statement}"), 4);
        assert!(plan.len() == 1 && plan[0].contains(wanted), "{statement}: {plan:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_finds_them_through_the_same_indexes() {
    let Some(server) = fresh_schema("search_by_index").await else {
        return;
    };
    let _made = Store::open(&Location::Postgres(server.clone())).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&server.url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    // Of tables that are empty it would rather read all.
    let path = format!(
        "set search_path = {}; set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off",
        server.schema.unwrap()
    );
    client.batch_execute(&path).await.unwrap();
    for (statement, index) in [("BEGINNING", "journey_reference_pkey"), ("BARE", "journey_reference_bare")] {
        let place = format!("tables/search.rs {statement}");
        let (_, sql) = statements().into_iter().find(|(found, _)| *found == place).unwrap();
        let asked = sql
            .replace("$1", "'c'")
            .replace("$2", "'536'")
            .replace("$3", "'537'")
            .replace("$4", "20");
        let plan = explained(&client, &asked).await;
        let ranged = |step: &String| step.contains("Index Cond") && step.contains(">= '536'") && step.contains("< '537'");
        assert!(
            plan.iter().any(|step| step.contains(index)) && plan.iter().any(ranged),
            "{statement}: {plan:#?}"
        );
        assert!(!plan.iter().any(|step| step.contains("Sort")), "{statement}: {plan:#?}");
    }

    let (_, sql) = statements()
        .into_iter()
        .find(|(found, _)| *found == "tables/board.rs PUT_OFF")
        .unwrap();
    let asked = sql
        .replace("$1", "'c'")
        .replace("$2", "0")
        .replace("$3", "''")
        .replace("$4", "20");
    let plan = explained(&client, &asked).await;
    assert!(plan.iter().any(|step| step.contains("effect_again")), "{plan:#?}");
}

/// How PostgreSQL would go about it.
async fn explained(client: &tokio_postgres::Client, asked: &str) -> Vec<String> {
    let plan = client.query(&format!("explain {asked}"), &[]).await.unwrap();
    plan.iter().map(|row| row.get(0)).collect()
}

/// A journal may have millions of lines: each way to read it is a range of an index, walked backwards and never sorted.
#[test]
fn a_page_of_the_journal_is_a_range_of_an_index() {
    for (statement, parameters, index) in [
        ("PAGE", 5, "journal_line_page"),
        ("PAGE_PEOPLE", 5, "journal_line_person"),
        ("PAGE_SUBJECT", 4, "journal_line_subject"),
    ] {
        let plan = plan_of(&format!("journal/read.rs {statement}"), parameters);
        assert!(
            plan[0].contains(&format!("SEARCH journal_line USING INDEX {index}")),
            "{plan:?}"
        );
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
    }
}

/// Lanes that wait for a hold, a queue, and what was kept of exchanges may each be many.
#[test]
fn what_is_held_queued_and_kept_is_found_by_keys() {
    for (place, parameters) in [
        ("tables/holds.rs STANDING", 1),
        ("tables/holds.rs HELD_BY", 3),
        ("tables/holds.rs COUNT_HELD", 3),
        ("tables/holds.rs COUNT_AT", 2),
        ("tables/holds.rs OF_JOURNEY", 1),
        ("tables/lanes.rs QUEUE", 3),
        ("tables/captures.rs DELETE", 3),
        ("tables/captures.rs OF_JOURNEY", 2),
    ] {
        let plan = plan_of(place, parameters);
        let scans = |step: &String| step.starts_with("SCAN") && !step.contains("counted");
        assert!(!plan.iter().any(scans), "{place}: {plan:?}");
    }
}

/// A page of proposals is read off the end of an index, too: those that wait by an index of their own.
#[test]
fn a_page_of_proposals_is_a_range_of_an_index() {
    for (statement, index) in [("OPEN", "proposal_open"), ("PAGE", "proposal_company")] {
        let plan = plan_of(&format!("tables/proposals.rs {statement}"), 4);
        let ranged = format!("USING INDEX {index} (company=? AND (made_at,id)<(?,?))");
        assert!(plan.len() == 1 && plan[0].contains(&ranged), "{plan:?}");
    }
}

/// The newest of a million orders: a range of an index, read from its end, and nothing is sorted.
#[test]
fn the_newest_orders_are_read_off_the_end_of_an_index() {
    let plan = plan_of("tables/search.rs NEWEST", 4);
    assert!(
        plan[0].contains("USING INDEX journey_newest (company=? AND (received_at,id)<(?,?))"),
        "{plan:?}"
    );
    assert!(
        plan.iter().any(|step| step.contains("exception_member_record (journey=?)")),
        "{plan:?}"
    );
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
    let settled = plan_of("tables/rulings.rs SETTLED", 1);
    assert!(settled[0].contains("ruling_journey (journey=?)"), "{settled:?}");
}

/// Whoever collects figures asks every few seconds: what is done is never walked through.
#[test]
fn what_is_queued_is_counted_in_the_index_of_what_is_open() {
    let plan = plan_of("tables/effects.rs QUEUES", 1);
    assert!(
        plan.len() == 1 && plan[0].contains("USING COVERING INDEX effect_open") && plan[0].contains("company=?"),
        "{plan:?}"
    );
    let newest = plan_of("tables/handbook.rs NEWEST", 2);
    assert!(newest.len() == 1 && newest[0].contains("exception_newest"), "{newest:?}");
}

/// There may be thousands of open cards, and hundreds of thousands that were resolved: a page of them is read off an index.
#[test]
fn a_page_of_cards_is_a_range_of_an_index_and_nothing_is_sorted() {
    for (order, index, range) in [
        ("OLDEST", "exception_oldest", "company=? AND (opened_at,id)>(?,?)"),
        ("DEAREST", "exception_dearest", "company=? AND money<?"),
        ("SOONEST", "exception_soonest", "company=? AND (records_due,id)>(?,?)"),
        ("MERGED", "exception_merged", "company=? AND (opened_at,id)>(?,?)"),
        ("RESOLVED", "exception_resolved", "company=? AND closed_at>? AND closed_at<?"),
    ] {
        let plan = plan_of(&format!("tables/board.rs {order}"), 4);
        assert!(
            plan[0].contains(&format!("USING INDEX {index} ({range})")),
            "{order}: {plan:?}"
        );
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{order}: {plan:?}");
    }
    let lives = plan_of("tables/board.rs LIVES", 1);
    assert!(
        lives
            .iter()
            .any(|step| step.contains("e USING COVERING INDEX exception_life (company=?)"))
            && !lives.iter().any(|step| step.contains("TEMP B-TREE")),
        "{lives:?}"
    );
    // What is asked for a page of them at once is found by their keys.
    for place in ["tables/writes.rs NAMED", "tables/cards.rs ASIDE"] {
        let plan = plan_of(place, 31);
        assert!(
            !plan.iter().any(|step| step.contains("SCAN") || step.contains("TEMP B-TREE")),
            "{place}: {plan:?}"
        );
    }
    let beside = plan_of("tables/board.rs BESIDE", 3);
    assert!(
        beside[0].contains("USING INDEX exception_oldest (company=?)") && !beside.iter().any(|step| step.contains("TEMP B-TREE")),
        "{beside:?}"
    );
}

#[test]
fn a_page_of_unknown_outcomes_is_a_range_of_an_index() {
    let plan = plan_of("tables/board.rs WAITING", 4);
    assert!(
        plan[0].contains("USING INDEX effect_in_doubt (company=? AND state=? AND id>?)"),
        "{plan:?}"
    );
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
}

#[test]
fn a_page_of_what_goes_again_is_a_range_of_an_index() {
    let plan = plan_of("tables/board.rs PUT_OFF", 4);
    assert!(
        plan[0].contains("USING INDEX effect_again (company=? AND (due,id)>(?,?))"),
        "{plan:?}"
    );
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
}

/// A glance is made every two seconds: none of what it asks reads a record, nor all of anything.
#[test]
fn what_flows_and_what_is_counted_is_a_range_of_an_index() {
    for (statement, parameters, wanted) in [
        (
            "tables/flow.rs QUEUES",
            1,
            "USING COVERING INDEX effect_open (company=? AND state=?)",
        ),
        (
            "tables/flow.rs DONE",
            3,
            "USING COVERING INDEX effect_done (company=? AND updated_at>? AND updated_at<?)",
        ),
        ("tables/flow.rs UNDECIDED", 2, "USING INDEX message_new (connection=?)"),
        (
            "tables/flow.rs BY_SPAN",
            5,
            "USING COVERING INDEX message_received (connection=? AND kind=? AND received_at>? AND received_at<?)",
        ),
        ("tables/flow.rs PUT_OFF", 3, "USING INDEX effect_again (company=? AND due>?)"),
        (
            "tables/flow.rs STANDING_SINCE",
            2,
            "USING COVERING INDEX exception_member_due (exception=? AND due_by>?)",
        ),
        (
            "tables/flow.rs NAME_OF_ONE",
            1,
            "USING COVERING INDEX exception_member_due (exception=?)",
        ),
        (
            "tables/flow.rs STANDING",
            4,
            "USING COVERING INDEX exception_member_due (exception=? AND due_by>? AND due_by<?)",
        ),
        ("tables/tally/counts.rs KEPT", 4, "tally_count"),
        (
            "tables/tally/counts.rs STALE",
            6,
            "USING INDEX message_stale (connection=? AND kind=?",
        ),
        (
            "tables/tally/counts.rs BEHIND",
            3,
            "USING COVERING INDEX message_stale (connection=? AND kind=?)",
        ),
        (
            "tables/tally/counts.rs LATE",
            5,
            "USING INDEX message_late (connection=? AND kind=? AND received_at>? AND received_at<?)",
        ),
        (
            "tables/tally/counts.rs AGAIN",
            5,
            "USING INDEX message_again (connection=? AND kind=? AND received_at>? AND received_at<?)",
        ),
        (
            "tables/tally/records.rs LISTED",
            6,
            "USING INDEX message_received (connection=? AND kind=? AND (received_at,record)>(?,?)",
        ),
        (
            "tables/tally/records.rs HAD",
            6,
            "USING INDEX message_received (connection=? AND kind=? AND (received_at,record)>(?,?)",
        ),
    ] {
        let plan = plan_of(statement, parameters);
        assert!(plan.iter().any(|step| step.contains(wanted)), "{statement}: {plan:?}");
        // What it has found by then is gone through.
        let found = if statement.ends_with("STANDING_SINCE") {
            "standing"
        } else {
            "undecided"
        };
        assert!(
            !plan.iter().any(|step| step.starts_with("SCAN") && !step.contains(found)),
            "{statement}: {plan:?}"
        );
    }
}

/// How SQLite would carry out a statement, step by step.
fn plan_of(place: &str, parameters: usize) -> Vec<String> {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    for migration in MIGRATIONS {
        connection.execute_batch(&migration.text(Dialect::Sqlite)).unwrap();
    }
    let (_, sql) = statements()
        .into_iter()
        .find(|(found, _)| found == place)
        .expect("it is there");
    let mut explained = connection.prepare(&format!("explain query plan {sql}")).unwrap();
    let parameters = rusqlite::params_from_iter(vec![""; parameters]);
    let rows = explained.query_map(parameters, |row| row.get::<_, String>(3)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_understands_every_statement_and_answers_with_what_we_can_read() {
    let Some(server) = fresh_schema("every_statement").await else {
        return;
    };
    let _made = Store::open(&Location::Postgres(server.clone())).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&server.url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
        .batch_execute(&format!("set search_path = {}", server.schema.unwrap()))
        .await
        .unwrap();
    let mut faults = Vec::new();
    for (place, sql) in statements() {
        match client.prepare(&sql).await {
            Err(error) => faults.push(format!("{place}: {}\n    {sql}", error.as_db_error().unwrap().message())),
            Ok(statement) => {
                for column in statement.columns().iter().filter(|column| !READABLE.contains(column.type_())) {
                    faults.push(format!(
                        "{place}: column {} is {}, cast it\n    {sql}",
                        column.name(),
                        column.type_()
                    ));
                }
                for parameter in statement.params().iter().filter(|parameter| !BINDABLE.contains(parameter)) {
                    faults.push(format!("{place}: a parameter is {parameter}, cast it\n    {sql}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every statement that is a constant of the store, with its place. Those of the drivers (`sqlite`, `postgres`) are each for one
/// database, and those in a file's tests are for none.
fn statements() -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&source, &mut files);
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let name = file.strip_prefix(&source).unwrap().display().to_string();
        found.extend(
            constants(text)
                .into_iter()
                .filter(|(_, text)| is_statement(text))
                .map(|(constant, sql)| (format!("{name} {constant}"), sql)),
        );
    }
    assert!(found.len() > 50, "the statements were not found: {found:?}");
    found
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("sqlite") && !path.ends_with("postgres") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// `const NAME: &str = "text"`, wherever it is in the file.
fn constants(text: &str) -> Vec<(String, String)> {
    let text: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut found = Vec::new();
    for part in text.split("const ").skip(1) {
        let Some((name, rest)) = part.split_once(": &str =") else {
            continue;
        };
        let (name, rest) = (name.trim(), rest.trim_start());
        if name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
            && let Some(literal) = rest.strip_prefix('"')
        {
            found.push((name.to_owned(), unquote(literal)));
        }
    }
    found
}

/// The text up to the closing quote, without the line breaks that a backslash takes away.
fn unquote(literal: &str) -> String {
    let mut out = String::new();
    let mut chars = literal.chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            '"' => break,
            '\\' => match chars.next() {
                Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                Some(escaped) => out.push(escaped),
                None => break,
            },
            other => out.push(other),
        }
    }
    out
}

fn is_statement(text: &str) -> bool {
    ["select ", "insert ", "update ", "delete ", "with "]
        .iter()
        .any(|word| text.trim_start().starts_with(word))
}
