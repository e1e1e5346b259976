//! Units of sale: a retailer sells cases, or singles, of what the ledger counts the other way. Both are told the truth in their own
//! unit, and no unit and no penny is lost between them.

use proptest::prelude::*;
use tallyman_core::effect::{LineKey, Person, Planned, Receipt};
use tallyman_core::quantity::Ratio;

use super::*;

fn stopped(unit: &'static str, line: OrderLine) -> Finding {
    let findings = checked_with(&mappings(&[("MUG", unit)]), &order(vec![line])).expect_err("it is stopped");
    let [finding] = findings.as_slice() else {
        panic!("one finding: {findings:?}");
    };
    finding.clone()
}

fn unit_of_mug() -> Cause {
    Cause::Cell(Cell::new(Table::Unit, "retailer", "MUG"))
}

/// A line at a price that its quantity of the ledger's units can share.
fn priced(quantity: i64, pennies: i64) -> OrderLine {
    let (quantity, unit_price) = (Quantity::whole(quantity), Money::from_minor(pennies));
    OrderLine {
        quantity,
        unit_price,
        net: unit_price.checked_mul(quantity).ok(),
        ..line("1", "MUG", 1)
    }
}

fn begun_with(units: &[(&'static str, &'static str)], lines: Vec<OrderLine>) -> Decision {
    let order = order(lines);
    let checked = checked_with(&mappings(units), &order).expect("it passes");
    decide::on_order(&order, &checked, &route())
}

fn told(decision: &Decision) -> Vec<LineKey> {
    confirmation(decision).map_or_else(Vec::new, |(_, sent)| sent.lines.clone())
}

fn confirmation(decision: &Decision) -> Option<(&Planned, &Confirmation)> {
    decision.effects.iter().find_map(|planned| match &planned.effect {
        Effect::RefusedTwice(RefusedTwice::Confirm(sent)) | Effect::Person(Person::ConfirmPart(sent)) => Some((planned, sent)),
        _ => None,
    })
}

fn part(journey: &Journey, key: &str, parts: u32, singles: i64, confirm_parts: bool) -> Decision {
    let how = How::First { confirm_parts };
    shipped_or_again(journey, key, parts, "Fast Parcels", &[("MUG", singles)], how)
}

#[test]
fn a_case_is_its_singles_in_the_ledger_and_a_case_at_the_retailer() {
    let order = order(vec![priced(2, 1500)]);
    let checked = checked_with(&mappings(&[("mug ", "6")]), &order).expect("it passes");
    let [line] = checked.ledger.lines.as_slice() else {
        panic!("one line");
    };
    assert_eq!(
        (line.quantity, line.unit_price),
        (Quantity::whole(12), Money::from_minor(250))
    );
    assert_eq!(
        (checked.ledger.net, checked.release.items[0].units),
        (Money::from_minor(3000), 12)
    );

    let begun = decide::on_order(&order, &checked, &route());
    let acknowledged = begun.effects.iter().find_map(|planned| match &planned.effect {
        Effect::RefusedTwice(RefusedTwice::Acknowledge { lines, .. }) => Some(lines[0].quantity),
        _ => None,
    });
    assert_eq!(acknowledged, Some(Quantity::whole(2)));
    let left = part(&begun.journey, "a", 1, 12, false);
    assert_eq!(despatched(&left), [("1".into(), 12)]);
    assert_eq!(told(&left)[0].quantity, Quantity::whole(2));
    let (planned, _) = confirmation(&left).expect("it is confirmed");
    let confirmed = decide::on_receipt(&left.journey, &planned.effect, &Receipt::Confirmed);
    assert_eq!(
        confirmed.journey.lines[0].confirmed,
        Quantity::whole(12),
        "it counts in the ledger's unit"
    );
}

#[test]
fn what_a_unit_cannot_say_exactly_stops_and_names_the_mapping() {
    for (unit, line, word) in [
        ("each", priced(1, 1500), "`each` is not a ratio of units"),
        ("0", priced(1, 1500), "must be above zero"),
        ("6", priced(1, 1000), "a price of 10.00"),
        ("1/7", priced(1, 1500), "a quantity of 1 "),
    ] {
        let finding = stopped(unit, line);
        assert_eq!((finding.code, &finding.cause), (Code::UnitUnmapped, &unit_of_mug()));
        assert!(
            finding.sentence.contains(word) && finding.sentence.contains("mapping"),
            "{}",
            finding.sentence
        );
        assert!(finding.code.rests_on_reference());
    }
    // Half a case is a quantity, but no picker's.
    let finding = stopped("1/2", priced(3, 1500));
    assert_eq!((finding.code, &finding.cause), (Code::QuantityNotWhole, &unit_of_mug()));
    assert!(finding.code.rests_on_reference(), "another unit may let it pass");
}

#[test]
fn part_of_a_case_is_told_with_the_whole_line_or_with_the_part_that_fills_the_case() {
    let begun = begun_with(&[("MUG", "6")], vec![priced(3, 1500)]).journey;
    let quietly = part(&begun, "a", 2, 9, false);
    assert_eq!(told(&quietly), [], "parts are off");
    assert_eq!(
        told(&part(&quietly.journey, "b", 2, 9, false))[0].quantity,
        Quantity::whole(3)
    );

    let first = part(&begun, "a", 3, 5, true);
    assert_eq!((told(&first), despatched(&first)), (vec![], vec![("1".into(), 5)]));
    let second = part(&first.journey, "b", 3, 8, true);
    assert_eq!(
        told(&second)[0].quantity,
        Quantity::whole(2),
        "13 singles are two cases, and one single waits"
    );
    let (planned, _) = confirmation(&second).expect("two cases");
    assert_eq!(planned.effect.kind(), Kind::ConfirmPart);
    assert_eq!(told(&part(&second.journey, "c", 3, 5, true))[0].quantity, Quantity::whole(1));
}

#[test]
fn a_journey_of_before_there_were_units_counts_one_to_one() {
    let journey = begun(vec![line("1", "MUG", 3)]);
    let mut stored = serde_json::to_value(&journey).expect("json");
    assert_eq!(stored["lines"][0]["unit"], "1");
    stored["lines"][0].as_object_mut().expect("a line").remove("unit");
    assert_eq!(serde_json::from_value::<Journey>(stored).expect("a journey"), journey);
}

proptest! {
    #[test]
    fn units_and_pennies_are_conserved_from_the_order_to_the_confirmation(
        (ours, theirs) in (1_i64..30, 1_i64..30),
        bundles in 1_i64..12,
        // In hundred-thousandths of the ledger's unit, so that the retailer's is whole pennies.
        pennies in 1_i64..5_000,
        cuts in proptest::collection::vec(1_i64..60, 0..6),
        confirm_parts: bool,
    ) {
        let unit = Ratio::new(ours, theirs).expect("a ratio");
        let ordered = Quantity::whole(bundles * unit.denominator());
        // Theirs is so many of ours, so a price that is a multiple of both divides.
        let unit_price = Money::from_minor(pennies * unit.numerator());
        let order = order(vec![OrderLine {
            quantity: ordered,
            unit_price,
            net: unit_price.checked_mul(ordered).ok(),
            ..line("1", "MUG", 1)
        }]);
        let text: &'static str = Box::leak(unit.to_string().into_boxed_str());
        let checked = checked_with(&mappings(&[("MUG", text)]), &order).expect("it passes");
        let posted = &checked.ledger.lines[0];
        prop_assert_eq!(posted.unit_price.checked_mul(posted.quantity).ok(), order.lines[0].net);
        prop_assert_eq!(Some(checked.ledger.net), order.net);
        prop_assert_eq!(unit.inverse().apply(posted.quantity), Ok(ordered));
        let released = checked.release.items[0].units;
        prop_assert_eq!(posted.quantity, Quantity::whole(released));

        // It leaves in parts, cut anywhere.
        let mut journey = decide::on_order(&order, &checked, &route()).journey;
        let (mut left, mut gone, mut heard) = (released, 0, Quantity::ZERO);
        let ends = cuts.into_iter().chain([released]);
        for (number, cut) in ends.enumerate() {
            let leaves = cut.min(left);
            if leaves == 0 {
                break;
            }
            left -= leaves;
            let decision = part(&journey, &number.to_string(), 9, leaves, confirm_parts);
            gone += despatched(&decision).iter().map(|(_, quantity)| quantity).sum::<i64>();
            journey = decision.journey.clone();
            let Some((planned, sent)) = confirmation(&decision) else {
                continue;
            };
            for line in &sent.lines {
                prop_assert!(line.quantity.is_whole());
                heard = heard.checked_add(line.quantity).expect("a sum");
            }
            prop_assert!(unit.apply(heard).expect("exact") <= Quantity::whole(gone), "never told of more than has left");
            prop_assert_eq!(planned.effect.kind() == Kind::Confirm, sent.lines[0].quantity == ordered);
            journey = decide::on_receipt(&journey, &planned.effect, &Receipt::Confirmed).journey;
        }
        prop_assert_eq!((left, gone, heard), (0, released, ordered));
        let line = &journey.lines[0];
        prop_assert_eq!((line.shipped, line.confirmed), (line.ordered, line.ordered));
    }
}
