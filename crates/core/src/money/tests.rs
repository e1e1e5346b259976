use super::*;
use proptest::prelude::*;

fn money(text: &str) -> Money {
    Money::parse(text).expect(text)
}

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).expect(text)
}

#[test]
fn an_amount_has_its_pennies_and_what_is_finer_only_when_it_is_there() {
    for (written, shown) in [
        ("12.5", "12.50"),
        ("12", "12.00"),
        ("-0.01", "-0.01"),
        ("0.00123", "0.00123"),
        ("1.100000000", "1.10"),
    ] {
        assert_eq!(money(written).to_string(), shown);
    }
    assert_eq!(money("12.50"), Money::from_minor(1_250));
    assert_eq!(money("12.50").hundred_thousandths, 1_250_000);
    assert_eq!(Money::from_minor(-1).to_decimal_string(), "-0.01");
}

#[test]
fn what_cannot_be_read_is_named() {
    let sentence = |text| Money::parse(text).expect_err(text).to_string();
    assert_eq!(
        sentence("£12.50"),
        "`£12.50` is not a plain decimal number: write it such as 12.50, without signs of currency or thousands"
    );
    assert_eq!(
        sentence("0.000001"),
        "`0.000001` has more than 5 decimal places, and none may be dropped"
    );
    assert_eq!(
        sentence("99999999999999999"),
        "`99999999999999999` is larger than any figure that can be held"
    );
}

#[test]
fn a_product_is_exact_or_says_how_it_must_be_rounded() {
    assert_eq!(money("9.99").checked_mul(Quantity::whole(3)), Ok(money("29.97")));
    assert_eq!(money("0.125").checked_mul(quantity("0.5")), Ok(money("0.0625")));
    let refused = money("0.00333").checked_mul(quantity("0.3")).expect_err("seven places");
    assert_eq!(
        refused.to_string(),
        "0.00333 × 0.3 has more than 5 decimal places: it must be said how to round it"
    );
    assert_eq!(money("0.00333").mul_rounded(quantity("0.5"), 5), Ok(money("0.00167")));
    assert_eq!(money("0.00333").mul_rounded(quantity("0.5"), 2), Ok(money("0.00")));
    assert_eq!(money("0.125").mul_rounded(Quantity::whole(1), 2), Ok(money("0.13")));
    assert_eq!(money("-0.125").mul_rounded(Quantity::whole(1), 2), Ok(money("-0.13")));
    assert_eq!(money("2.50").mul_rounded(Quantity::whole(1), 0), Ok(money("3.00")));
    assert_eq!(
        money("0.00333").mul_rounded(quantity("0.5"), 99),
        Ok(money("0.00167")),
        "more than five places are five"
    );
}

#[test]
fn pennies_are_rounded_half_away_from_zero() {
    for (exact, rounded) in [
        ("0.005", "0.01"),
        ("0.00499", "0.00"),
        ("-0.005", "-0.01"),
        ("1.01499", "1.01"),
        ("7.00", "7.00"),
    ] {
        assert_eq!(money(exact).round_to_pennies(), money(rounded));
    }
    assert!(money("1.01").is_whole_pennies() && !money("1.011").is_whole_pennies());
    assert_eq!((money("1.01").as_minor(), money("1.011").as_minor()), (Some(101), None));
    for end in [i64::MIN, i64::MAX].map(Money::from_hundred_thousandths) {
        assert!(end.round_to_pennies().is_whole_pennies());
    }
}

#[test]
fn what_is_too_large_is_refused_never_wrapped() {
    let most = Money::from_hundred_thousandths(i64::MAX);
    assert!(most.checked_add(money("0.00001")).is_err());
    assert!(most.checked_mul(Quantity::whole(2)).is_err());
    assert!(most.mul_rounded(Quantity::whole(2), 2).is_err());
    assert!(Money::from_hundred_thousandths(i64::MIN).checked_neg().is_err());
    assert!(
        Money::from_minor(i64::MAX).checked_add(money("0.01")).is_err(),
        "held at the limit, and refused there"
    );
    assert_eq!(Money::sum([most, money("1"), money("-1")]), Ok(most), "only the total counts");
    assert!(Money::sum([most, money("1")]).is_err());
    assert_eq!(Money::sum([]), Ok(Money::ZERO));
}

#[test]
fn a_rate_is_the_same_however_many_noughts_it_has() {
    let [short, long] = ["20", "20.000000000"].map(|text| Rate::parse(text).expect(text));
    assert_eq!(short, long);
    assert_eq!(long.to_string(), "20");
    assert_eq!(Rate::parse("17.50").expect("a rate").to_string(), "17.5");
    assert!(Rate::parse("20%").is_err());
    assert!(Rate::parse("0.00").expect("a rate").is_zero());
}

#[test]
fn a_rate_of_an_amount_is_to_the_penny() {
    let rate = |text| Rate::parse(text).expect(text);
    assert_eq!(rate("20").of(money("9.99")), Ok(money("2.00")));
    assert_eq!(rate("17.5").of(money("1.00")), Ok(money("0.18")));
    assert_eq!(rate("20").of(money("-9.99")), Ok(money("-2.00")));
    assert_eq!(rate("0").of(money("9.99")), Ok(Money::ZERO));
    assert!(rate("200").of(Money::from_hundred_thousandths(i64::MAX)).is_err());
}

#[test]
fn a_currency_is_three_letters() {
    assert_eq!(Currency::parse("gbp"), Ok(Currency::GBP));
    assert_eq!(Currency::EUR.to_string(), "EUR");
    for text in ["", "GB", "GBPP", "G1P", "£££", "£B"] {
        assert!(Currency::parse(text).is_err(), "{text} was read");
    }
}

proptest! {
    #[test]
    fn an_amount_reads_back(parts: i64) {
        let amount = Money::from_hundred_thousandths(parts);
        prop_assert_eq!(Money::parse(&amount.to_string()), Ok(amount));
        let stored = serde_json::to_string(&amount).expect("json");
        prop_assert_eq!(serde_json::from_str::<Money>(&stored).expect("json"), amount);
    }

    #[test]
    fn rates_and_currencies_read_back(percent in "[0-9]{1,3}(\\.[0-9]{1,9})?", letters in "[A-Z]{3}") {
        let stored = (Rate::parse(&percent).expect("a rate"), Currency::parse(&letters).expect("a currency"));
        let text = serde_json::to_string(&stored).expect("json");
        prop_assert_eq!(serde_json::from_str::<(Rate, Currency)>(&text).expect("json"), stored);
    }

    #[test]
    fn an_exact_product_and_a_rounded_one_agree(price: i64, quantity: i64, places in 0_u32..=5) {
        let (price, quantity) = (Money::from_hundred_thousandths(price), Quantity::from_hundred_thousandths(quantity));
        let rounded = price.mul_rounded(quantity, 5);
        if let Ok(exact) = price.checked_mul(quantity) {
            prop_assert_eq!(&rounded, &Ok(exact));
        }
        // Rounding moves by half a step of its last place at most.
        if let (Ok(fine), Ok(coarse)) = (rounded, price.mul_rounded(quantity, places)) {
            let half_step = 10_i128.pow(5 - places) / 2;
            let moved = i128::from(coarse.hundred_thousandths) - i128::from(fine.hundred_thousandths);
            prop_assert!(moved.abs() <= half_step);
        }
    }

    #[test]
    fn rounding_to_pennies_moves_by_half_a_penny_at_most(parts in i64::MIN + 1_000..=i64::MAX - 1_000) {
        let amount = Money::from_hundred_thousandths(parts);
        let rounded = amount.round_to_pennies();
        prop_assert!(rounded.is_whole_pennies());
        prop_assert_eq!(rounded.round_to_pennies(), rounded);
        prop_assert!((rounded.hundred_thousandths - parts).abs() <= 500);
    }

    #[test]
    fn the_order_of_a_sum_does_not_matter(mut parts in proptest::collection::vec(any::<i64>(), 0..8)) {
        let forwards = Money::sum(parts.iter().copied().map(Money::from_hundred_thousandths));
        parts.reverse();
        prop_assert_eq!(Money::sum(parts.into_iter().map(Money::from_hundred_thousandths)), forwards);
    }
}

#[test]
fn a_price_for_so_many_is_shared_exactly_or_not_at_all() {
    let ratio = |text| Ratio::parse(text).expect("a ratio");
    assert_eq!(money("15.00").checked_div(ratio("6")), Ok(money("2.50")));
    assert_eq!(money("2.50").checked_div(ratio("1/6")), Ok(money("15.00")));
    assert_eq!(money("0.00006").checked_div(ratio("6")), Ok(money("0.00001")));
    assert!(matches!(
        money("10.00").checked_div(ratio("6")),
        Err(Overflow::TooFine { .. })
    ));
    let most = Money::from_hundred_thousandths(i64::MAX);
    assert!(matches!(most.checked_div(ratio("1/2")), Err(Overflow::TooLarge { .. })));
}
