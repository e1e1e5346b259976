//! Money and numbers: grouped in thousands, pence in tables and none in sentences.

use tallyman_core::money::Money;

/// `12345.60` as `12,345.60`.
pub fn grouped(figure: &str) -> String {
    let (sign, bare) = figure.strip_prefix('-').map_or(("", figure), |bare| ("-", bare));
    let (whole, rest) = bare.split_once('.').map_or((bare, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(rest) = rest {
        text.push('.');
        text.push_str(rest);
    }
    text
}

/// In whole pounds, for a sentence: the nearest, since what is cut off is said too small.
pub fn whole_pounds(money: Money) -> String {
    let pence = i128::from(money.round_to_pennies().hundred_thousandths) / 1_000;
    let half = if money.is_negative() { -50 } else { 50 };
    pounds(&((pence + half) / 100).to_string())
}

/// For a sentence or a fact: `£4,120.00`.
pub fn pounds(figure: &str) -> String {
    match grouped(figure).strip_prefix('-') {
        Some(bare) => format!("-£{bare}"),
        None => format!("£{}", grouped(figure)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (given, shown) in [
            ("0.00", "0.00"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567.5", "-1,234,567.5"),
        ] {
            assert_eq!(grouped(given), shown);
        }
        let whole = |hundred_thousandths| whole_pounds(Money::from_hundred_thousandths(hundred_thousandths));
        assert_eq!((whole(319_392_000), whole(319_349_000)), ("£3,194".into(), "£3,193".into()));
        assert_eq!((whole(50_000), whole(-319_392_000)), ("£1".into(), "-£3,194".into()));
        assert_eq!((pounds("4120.00"), pounds("-5.10")), ("£4,120.00".into(), "-£5.10".into()));
    }
}
