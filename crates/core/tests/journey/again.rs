//! A shipment that names what nobody knows, and what becomes of it when somebody does.

use std::collections::BTreeSet;

use super::*;

/// A shipment of two items, one of them under a code that is not on the order.
fn strange() -> (Journey, Decision) {
    let journey = begun(vec![line("1", "MUG", 3), line("2", "Plate", 2)]);
    let first = shipped(&journey, "a", 1, "Fast Parcels", &[("MUG", 3), ("NEW-PLATE", 2)]);
    (journey, first)
}

fn found(decision: &Decision) -> Vec<Code> {
    decision.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn what_is_strange_waits_and_nothing_is_called_short_meanwhile() {
    let (_, first) = strange();
    assert_eq!(found(&first), [Code::WarehouseSkuUnknown]);
    assert_eq!(despatched(&first), [("1".into(), 3)]);
    assert_eq!(
        first.findings[0].cause,
        Cause::Cell(Cell::new(Table::Sku, "shed", "new-plate")),
        "the cell that one row puts right, of the warehouse"
    );
    assert_eq!(
        again(&first.journey, &[], &[("MUG", 3), ("NEW-PLATE", 2)]),
        None,
        "nothing is known that was not"
    );
}

#[test]
fn once_its_code_is_mapped_just_that_part_is_taken_in_and_once() {
    let (_, first) = strange();
    let mapped = [("NEW-PLATE", "plate")];
    let lines = [("MUG", 3), ("NEW-PLATE", 2)];
    let second = again(&first.journey, &mapped, &lines).expect("it goes on");
    assert_eq!(despatched(&second), [("2".into(), 2)], "what was posted is not posted again");
    assert_eq!(kinds(&second), [Kind::Despatch, Kind::Confirm]);
    assert!(second.findings.is_empty(), "{:?}", second.findings);
    assert_ne!(second.effects[0].id, first.effects[0].id, "a despatch of its own");
    assert_eq!(second.settles.len(), 1);
    assert_eq!(second.settles[0].of, first.findings[0].of);
    assert_eq!(second.settles[0].proof, Proof::By(second.effects[0].id));
    assert_eq!(again(&second.journey, &mapped, &lines), None, "nothing twice");
}

#[test]
fn a_code_that_the_warehouse_corrects_is_as_good_as_a_mapped_one() {
    let (_, first) = strange();
    let second = again(&first.journey, &[], &[("MUG", 3), ("PLATE", 2)]).expect("it goes on");
    assert_eq!(despatched(&second), [("2".into(), 2)]);
    let more = again(&first.journey, &[], &[("MUG", 5), ("PLATE", 2)]).expect("it goes on");
    assert_eq!(
        despatched(&more),
        [("2".into(), 2)],
        "more of what was posted is no news of what was strange"
    );
    assert_eq!(found(&more), [Code::OverShipped]);
}

#[test]
fn another_item_in_place_of_one_that_is_missing_is_no_new_name() {
    let journey = begun(vec![line("1", "MUG", 3)]);
    let other = shipped(&journey, "a", 1, "Fast Parcels", &[("PLATE", 3)]);
    assert_eq!(found(&other), [Code::Substituted], "the ledger has such an item");
    assert!(other.effects.is_empty());
    let beside = shipped(&journey, "a", 1, "Fast Parcels", &[("MUG", 3), ("PLATE", 1)]);
    assert_eq!(found(&beside), [Code::OverShipped], "all that was ordered has left, and it");
}

#[test]
fn what_was_short_is_over_when_the_rest_has_left() {
    let journey = begun(vec![line("1", "MUG", 3)]);
    let first = shipped(&journey, "a", 1, "Fast Parcels", &[("MUG", 2)]);
    assert_eq!(found(&first), [Code::ShortShipped]);
    let rest = shipped(&first.journey, "b", 2, "Fast Parcels", &[("MUG", 1)]);
    assert_eq!(rest.settles.len(), 1);
    assert_eq!(rest.settles[0].of, first.findings[0].of);
}

/// The same shipment of one part again, with these codes mapped in the warehouse's scope.
fn again(journey: &Journey, mapped: &[(&str, &str)], lines: &[(&str, i64)]) -> Option<Decision> {
    let rows = mapped.iter().zip(1_000..).map(|((theirs, ours), seq)| Row {
        cell: Cell::new(Table::Sku, "shed", *theirs),
        ours: Some((*ours).into()),
        seq,
        at: Timestamp::ZERO,
        actor: "test".into(),
        reason: "test".into(),
    });
    let mappings = Mappings::from_rows(mappings(&[]).rows().cloned().chain(rows));
    let (facts, route) = (facts(), route());
    let known = Known {
        mappings: &mappings,
        facts: &facts,
        route: &route,
        zone: &Zone::utc(),
        suppliers: &BTreeSet::new(),
    };
    let shipment = shipment("a", 1, "Fast Parcels", lines);
    let checked = check::shipment(&shipment, &known);
    decide::on_shipment_again(journey, &shipment, &checked, false)
}
