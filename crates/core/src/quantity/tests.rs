use super::*;
use proptest::prelude::*;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).expect(text)
}

#[test]
fn a_quantity_says_no_more_places_than_it_has() {
    for (written, shown) in [
        ("3", "3"),
        ("3.00000", "3"),
        ("0.25000", "0.25"),
        ("-0.00001", "-0.00001"),
        ("-0", "0"),
        ("007", "7"),
    ] {
        assert_eq!(quantity(written).to_string(), shown);
    }
    assert_eq!(format!("{:>6}", quantity("2.5")), "   2.5");
}

#[test]
fn an_excess_is_what_goes_above() {
    assert_eq!(Quantity::whole(5).above(Quantity::whole(3)), Some(Quantity::whole(2)));
    assert_eq!(Quantity::whole(3).above(Quantity::whole(3)), None);
    assert_eq!(Quantity::whole(2).above(Quantity::whole(3)), None);
    assert_eq!(Quantity::whole(2).above(Quantity::whole(-3)), Some(Quantity::whole(5)));
    assert_eq!(Quantity::whole(5).min(Quantity::whole(3)), Quantity::whole(3));
}

#[test]
fn parts_of_a_unit_are_seen() {
    assert_eq!(quantity("3").as_whole(), Some(3));
    assert_eq!(quantity("-3.00").as_whole(), Some(-3));
    assert_eq!(quantity("3.5").as_whole(), None);
    assert!(quantity("0.00001").is_positive() && !Quantity::ZERO.is_positive() && Quantity::ZERO.is_zero());
    assert!(quantity("-0.00001").is_negative() && !Quantity::ZERO.is_negative());
}

#[test]
fn a_sum_that_cannot_be_held_is_refused_and_says_so() {
    let most = Quantity::from_hundred_thousandths(i64::MAX);
    let refused = most.checked_add(quantity("0.00001")).expect_err("too large");
    assert_eq!(
        refused.to_string(),
        "92233720368547.75807 + 0.00001 is larger than any figure that can be held"
    );
    assert!(
        Quantity::ZERO
            .checked_sub(Quantity::from_hundred_thousandths(i64::MIN))
            .is_err()
    );
    assert!(
        Quantity::whole(i64::MAX).checked_add(Quantity::whole(1)).is_err(),
        "held at the limit, and refused there"
    );
    assert_eq!(
        Quantity::sum([most, Quantity::whole(1), Quantity::whole(-1)]),
        Ok(most),
        "only the total counts"
    );
    assert!(Quantity::sum([most, Quantity::whole(1)]).is_err());
}

#[test]
fn a_case_becomes_its_singles_and_back_exactly() {
    let case = Ratio::parse("24").expect("a ratio");
    assert_eq!(case.apply(Quantity::whole(3)), Ok(Quantity::whole(72)));
    assert_eq!(case.inverse().apply(Quantity::whole(72)), Ok(Quantity::whole(3)));
    assert_eq!(case.inverse().apply(Quantity::whole(36)), Ok(quantity("1.5")));
    let refused = case
        .inverse()
        .apply(Quantity::whole(1))
        .expect_err("a twenty-fourth has no end");
    assert_eq!(
        refused.to_string(),
        "1 times 1/24 is not a quantity that can be held exactly: check the unit and its multiple"
    );
    assert!(Ratio::new(i64::MAX, 1).expect("positive").apply(Quantity::whole(2)).is_err());
}

#[test]
fn a_ratio_is_positive_and_in_lowest_terms() {
    for (written, shown) in [
        ("24", "24"),
        ("1/24", "1/24"),
        ("48/2", "24"),
        ("0.5", "1/2"),
        ("1.000000000", "1"),
        ("0.000000001", "1/1000000000"),
    ] {
        assert_eq!(Ratio::parse(written).expect(written).to_string(), shown);
    }
    for text in ["", "0", "-1", "1/0", "0/1", "1/-2", "1/2/3", "a", "1.5/2", "1/", "/2"] {
        assert!(Ratio::parse(text).is_err(), "{text} was read");
    }
    assert_eq!(
        Ratio::new(2, 0),
        Err(RatioError::NotPositive {
            numerator: 2,
            denominator: 0
        })
    );
    assert!(Ratio::parse("1/3").expect("a ratio") < Ratio::parse("0.5").expect("a ratio"));
}

proptest! {
    #[test]
    fn a_quantity_reads_back(parts: i64) {
        let quantity = Quantity::from_hundred_thousandths(parts);
        prop_assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
        let stored = serde_json::to_string(&quantity).expect("json");
        prop_assert_eq!(serde_json::from_str::<Quantity>(&stored).expect("json"), quantity);
    }

    #[test]
    fn what_is_posted_and_what_is_above_it_are_the_whole(shipped: i32, outstanding: i32) {
        let (shipped, outstanding) = (Quantity::whole(shipped.into()), Quantity::whole(outstanding.into()));
        let excess = shipped.above(outstanding).unwrap_or(Quantity::ZERO);
        prop_assert_eq!(shipped.min(outstanding).checked_add(excess), Ok(shipped));
    }

    #[test]
    fn sums_never_panic_and_undo(a: i64, b: i64) {
        let (a, b) = (Quantity::from_hundred_thousandths(a), Quantity::from_hundred_thousandths(b));
        if let Ok(sum) = a.checked_add(b) {
            prop_assert_eq!(sum.checked_sub(b), Ok(a));
            prop_assert_eq!(Quantity::sum([a, b]), Ok(sum));
        }
        let _ = (a.checked_sub(b), a.above(b));
    }

    #[test]
    fn a_ratio_that_applies_can_be_undone(numerator in 1_i64.., denominator in 1_i64.., parts: i64) {
        let ratio = Ratio::new(numerator, denominator).expect("positive");
        prop_assert_eq!(Ratio::parse(&ratio.to_string()), Ok(ratio));
        prop_assert_eq!(ratio.inverse().inverse(), ratio);
        let quantity = Quantity::from_hundred_thousandths(parts);
        if let Ok(applied) = ratio.apply(quantity) {
            prop_assert_eq!(ratio.inverse().apply(applied), Ok(quantity));
        }
    }

    #[test]
    fn small_multiples_convert_exactly(multiple in 1_i64..10_000, cases in -1_000_000_i64..1_000_000) {
        let ratio = Ratio::new(multiple, 1).expect("positive");
        let singles = ratio.apply(Quantity::whole(cases)).expect("in range");
        prop_assert_eq!(singles, Quantity::whole(cases * multiple));
        prop_assert_eq!(ratio.inverse().apply(singles), Ok(Quantity::whole(cases)));
    }
}
