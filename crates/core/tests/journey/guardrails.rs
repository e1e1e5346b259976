//! Guardrails of orders beside mappings: whose they are, which item is meant, whether their figures agree.

use std::collections::BTreeSet;

use tallyman_core::cause::Cause;
use tallyman_core::check::{self, Known};
use tallyman_core::document::{Item, LineState, Order};
use tallyman_core::facts::{Facts, PRICES};
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Mappings, Row, Table};
use tallyman_core::money::Money;
use tallyman_core::sku::{Sku, is_barcode};
use tallyman_core::time::{Timestamp, Zone};

use super::{facts, line, mappings, order, route};

const GTIN: &str = "4006381333931";

fn sentence(mappings: &Mappings, order: &Order) -> String {
    let (route, zone) = (route(), Zone::utc());
    let known = Known {
        mappings,
        facts: &facts(),
        route: &route,
        zone: &zone,
        suppliers: &BTreeSet::from(["4100".to_owned()]),
    };
    let findings = check::order(order, &known).expect_err("it is stopped");
    findings.into_iter().map(|finding| finding.sentence).collect()
}

#[test]
fn a_word_that_means_nothing_of_the_ledgers_is_told_from_one_without_a_mapping() {
    let order = order(vec![line("1", "NOSUCH", 1)]);
    let told = sentence(&mappings(&[]), &order);
    assert!(told.contains("there is no mapping for item code `NOSUCH`"), "{told}");
    let told = sentence(&mapped("NOSUCH", "NOPE"), &order);
    assert!(
        told.contains("item code `NOSUCH` of `retailer` means `NOPE`, which the ledger does not have"),
        "{told}"
    );
    assert!(!told.contains("no mapping"), "{told}");
}

fn found_with(facts: &Facts, mappings: &Mappings, order: &Order) -> Vec<(Code, Cause)> {
    let (route, zone) = (route(), Zone::utc());
    let known = Known {
        mappings,
        facts,
        route: &route,
        zone: &zone,
        suppliers: &BTreeSet::from(["4100".to_owned()]),
    };
    let findings = check::order(order, &known).err().unwrap_or_default();
    for finding in &findings {
        assert!(finding.sentence.starts_with("Order WEB-1"), "{}", finding.sentence);
    }
    findings.into_iter().map(|finding| (finding.code, finding.cause)).collect()
}

fn found(facts: &Facts, order: &Order) -> Vec<(Code, Cause)> {
    found_with(facts, &mappings(&[]), order)
}

fn mapped(theirs: &str, ours: &str) -> Mappings {
    let row = Row {
        cell: Cell::new(Table::Sku, "retailer", theirs),
        ours: Some(ours.into()),
        seq: 100,
        at: Timestamp::ZERO,
        actor: "test".into(),
        reason: "test".into(),
    };
    let others = mappings(&[]);
    let rows: Vec<Row> = others.rows().cloned().chain([row]).collect();
    Mappings::from_rows(rows)
}

fn item(code: &str, id: i64) -> Item {
    Item {
        sku: Sku::parse(code).expect("a code"),
        ledger_id: id,
        name: code.into(),
        may_be_sold: true,
        held_at: None,
    }
}

fn sku(theirs: &str) -> Cause {
    Cause::Cell(Cell::new(Table::Sku, "retailer", theirs))
}

fn with_tax(tax: &[i64], header: i64) -> Order {
    // Two and a half pounds each, at 20 %.
    let lines = tax.iter().zip(1..).map(|(tax, number)| tallyman_core::document::OrderLine {
        tax: Some(Money::from_minor(*tax)),
        ..line(&number.to_string(), "MUG", 1)
    });
    Order {
        tax: Some(Money::from_minor(header)),
        ..order(lines.collect())
    }
}

#[test]
fn vat_may_be_rounded_in_any_usual_way_and_not_be_another_figure() {
    let facts = facts();
    let codes = |order: &Order| found(&facts, order).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(codes(&with_tax(&[50, 50], 100)), []);
    // A third of a penny has no exact tax: whichever way it went, it is less than a penny away.
    let mut odd = with_tax(&[50], 50);
    odd.lines[0].unit_price = Money::from_minor(253);
    odd.lines[0].net = Some(Money::from_minor(253));
    odd.net = Some(Money::from_minor(253));
    for (tax, passes) in [(50, true), (51, true), (52, false), (49, false)] {
        odd.lines[0].tax = Some(Money::from_minor(tax));
        odd.tax = Some(Money::from_minor(tax));
        assert_eq!(codes(&odd).is_empty(), passes, "{tax}");
    }
    assert_eq!(codes(&with_tax(&[50, 51], 101)), [Code::VatDisagrees], "a line, by a penny");
    // A header that was rounded as a whole may differ by less than a penny a line.
    assert_eq!(codes(&with_tax(&[50, 50], 101)), []);
    assert_eq!(codes(&with_tax(&[50, 50], 102)), [Code::VatDisagrees]);
    assert_eq!(codes(&with_tax(&[50], 49)), [Code::VatDisagrees]);
}

#[test]
fn items_that_answer_to_one_code_are_told_apart_by_a_mapping_only() {
    let mut facts = facts();
    facts.take_items([(item("Mug", 11), None)]);
    assert!(
        facts.items.keys().all(|key| key != "MUG"),
        "neither is found by the code alone"
    );
    assert_eq!(
        found(&facts, &order(vec![line("1", "MUG", 1)])),
        [(Code::SkuAmbiguous, sku("MUG"))]
    );
    let ledger_id = |ours: &str| {
        let (mappings, route, zone) = (mapped("MUG", ours), route(), Zone::utc());
        let known = Known {
            mappings: &mappings,
            facts: &facts,
            route: &route,
            zone: &zone,
            suppliers: &BTreeSet::new(),
        };
        let checked = check::order(&order(vec![line("1", "MUG", 1)]), &known);
        checked.ok().map(|checked| checked.ledger.lines[0].product_id)
    };
    assert_eq!(
        (ledger_id("MUG"), ledger_id("Mug"), ledger_id("mug")),
        (Some(1), Some(11), None)
    );
}

#[test]
fn a_barcode_names_an_item_if_the_ledger_gives_it_to_one() {
    let mut facts = facts();
    let order = order(vec![line("1", GTIN, 1)]);
    assert_eq!(found(&facts, &order), [(Code::BarcodeUnknown, sku(GTIN))]);
    facts.take_items([(item("CUP", 12), Some(format!(" {GTIN} ")))]);
    assert_eq!(found(&facts, &order), []);
    facts.take_items([(item("JUG", 13), Some(GTIN.into()))]);
    assert_eq!(found(&facts, &order), [(Code::BarcodeUnknown, sku(GTIN))]);
    assert_eq!(found_with(&facts, &mapped(GTIN, "JUG"), &order), []);
    // The same text is one item's code and another's barcode.
    facts.take_items([(item("BOWL", 14), Some("PLATE".into()))]);
    let order = super::order(vec![line("1", "PLATE", 1)]);
    assert_eq!(found(&facts, &order), [(Code::SkuAmbiguous, sku("PLATE"))]);
    assert!(is_barcode(GTIN) && !is_barcode("4006381333932") && !is_barcode("85123") && !is_barcode("40063813339AB"));
}

#[test]
fn a_number_that_comes_with_another_code_stops_until_it_is_mapped_to_the_item_it_means_now() {
    let facts = facts();
    let mut order = order(vec![line("1", "MUG", 1)]);
    order.lines[0].first_came_with = Some("PLATE".into());
    let number = order.lines[0].part_number.clone();
    let stopped = [(Code::RetailerNumberReissued, sku(&number))];
    assert_eq!(found(&facts, &order), stopped);
    assert_eq!(found_with(&facts, &mapped(&number, "Plate"), &order), stopped, "the old item");
    assert_eq!(found_with(&facts, &mapped(&number, "mug"), &order), []);
}

#[test]
fn an_item_must_be_held_where_it_ships_from_if_that_is_known() {
    let mut facts = facts();
    let order = order(vec![line("1", "MUG", 1)]);
    for (held_at, passes) in [
        (BTreeSet::from([8]), true),
        (BTreeSet::from([9]), false),
        (BTreeSet::new(), false),
    ] {
        facts.items.get_mut("MUG").expect("an item").held_at = Some(held_at);
        let expected = if passes {
            vec![]
        } else {
            vec![(Code::ItemNotHeld, Cause::Item("MUG".into()))]
        };
        assert_eq!(found(&facts, &order), expected);
    }
}

#[test]
fn an_order_is_not_carried_out_for_somebody_else_or_on_a_day_or_in_a_state_that_nobody_knows() {
    let facts = facts();
    let field = |field: &str| Cause::field("retailer", field);
    let mut foreign = order(vec![line("1", "MUG", 1)]);
    foreign.supplier = Some("4100".into());
    assert_eq!(found(&facts, &foreign), []);
    foreign.supplier = Some("4999".into());
    assert_eq!(found(&facts, &foreign), [(Code::SupplierUnmapped, field("supplier 4999"))]);

    let mut never = order(vec![line("1", "MUG", 1)]);
    never.lines[0].promised = Some(Timestamp::parse_rfc3339("2205-01-01T00:00:00Z").expect("an instant"));
    assert_eq!(found(&facts, &never), [(Code::DateInexpressible, field("promised_date"))]);

    let mut strange = order(vec![line("1", "MUG", 1), line("2", "MUG", 1)]);
    strange.unknown_status = Some("HELD".into());
    strange.lines[0].state = LineState::Other("HELD".into());
    strange.lines[1].state = LineState::Other("held by Ann Example".into());
    let held = [
        (Code::StatusUnknown, field("status HELD")),
        (Code::StatusUnknown, field("status")),
    ];
    assert_eq!(found(&facts, &strange), held, "no text of theirs is on a card");
    strange.unknown_status = None;
    strange.lines[0].state = LineState::Returned;
    let codes: Vec<Code> = found(&facts, &strange).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, [Code::StatusUnexpected, Code::StatusUnknown]);
}

#[test]
fn what_the_ledger_would_refuse_is_not_sent() {
    let mut facts = facts();
    facts.on_hold.insert("SHOP01".into());
    facts.forbidden.insert(PRICES.into());
    let expected = [
        (Code::PermissionMissing, Cause::field(route().ledger.as_str(), PRICES)),
        (Code::CreditHold, Cause::Account("SHOP01".into())),
    ];
    assert_eq!(found(&facts, &order(vec![line("1", "MUG", 1)])), expected);
    assert!(
        expected.iter().all(|(code, _)| code.rests_on_reference()),
        "they heal when the ledger's facts change"
    );
}
