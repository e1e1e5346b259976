//! Decimal text to scaled integers and back, for money, quantities and rates alike.
//!
//! Floating point cannot hold 0.1 and general decimals carry a scale that nobody asked for, so a figure here is a whole
//! number of its smallest part. What this file adds is the strict reading, the writing and the one rounding rule.
//!
//! Deliberately not here: thousands separators, currency signs, exponents, a leading plus. Each vendor's habits are undone
//! by its connector, where it is known what the sign means; guessing here would turn `1,234` into two different figures.

use std::fmt::Write as _;

/// Places kept by money and quantities: a unit is 100,000 parts.
pub(crate) const PLACES: u32 = 5;

/// How many parts make one unit at [`PLACES`].
pub(crate) const UNIT: i64 = 100_000;

/// No figure that fits needs more characters, so a longer text is refused before it is read.
const TEXT_CHARS_MAX: usize = 40;

/// Why a text is not a figure we can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not a plain decimal number at all.
    #[error("`{text}` is not a plain decimal number: write it such as 12.50, without signs of currency or thousands")]
    NotADecimal { text: String },
    /// A number, with more non-zero decimal places than are kept.
    #[error("`{text}` has more than {places} decimal places, and none may be dropped")]
    TooManyPlaces { text: String, places: u32 },
    /// A number beyond the range.
    #[error("`{text}` is larger than any figure that can be held")]
    TooLarge { text: String },
}

/// A sum or product that cannot be held exactly. Nothing is rounded or held at a limit instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Overflow {
    /// The result is beyond the range.
    #[error("{calculation} is larger than any figure that can be held")]
    TooLarge { calculation: String },
    /// The result needs more decimal places than are kept.
    #[error("{calculation} has more than 5 decimal places: it must be said how to round it")]
    TooFine { calculation: String },
}

impl Overflow {
    pub(crate) fn too_large(calculation: impl std::fmt::Display) -> Self {
        Overflow::TooLarge {
            calculation: calculation.to_string(),
        }
    }

    pub(crate) fn too_fine(calculation: impl std::fmt::Display) -> Self {
        Overflow::TooFine {
            calculation: calculation.to_string(),
        }
    }
}

/// Reads `-?digits[.digits]` as a whole number of parts, `places` to the unit. Zeros beyond the places are harmless and
/// accepted, because a database column of nine places writes every figure with nine; any other digit there is refused.
pub(crate) fn parse_scaled(text: &str, places: u32) -> Result<i64, DecimalError> {
    let not_a_decimal = || DecimalError::NotADecimal { text: shown(text) };
    let too_large = || DecimalError::TooLarge { text: shown(text) };
    if text.len() > TEXT_CHARS_MAX {
        return Err(not_a_decimal());
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(not_a_decimal()),
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(not_a_decimal());
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places as usize {
        return Err(DecimalError::TooManyPlaces {
            text: shown(text),
            places,
        });
    }
    // 40 digits at most, so i128 can overflow here too: checked all the way.
    let mut parts: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        parts = parts
            .checked_mul(10)
            .and_then(|n| n.checked_add(i128::from(digit - b'0')))
            .ok_or_else(too_large)?;
    }
    for _ in fraction.len()..places as usize {
        parts = parts.checked_mul(10).ok_or_else(too_large)?;
    }
    i64::try_from(if negative { -parts } else { parts }).map_err(|_| too_large())
}

/// Writes a number of parts as decimal text: every place that is not zero, and at least `places_min`.
pub(crate) fn format_scaled(parts: i64, places: u32, places_min: usize) -> String {
    let unit = 10_u64.pow(places);
    let magnitude = parts.unsigned_abs();
    let mut text = String::new();
    if parts < 0 {
        text.push('-');
    }
    let fraction = format!("{:0width$}", magnitude % unit, width = places as usize);
    let kept = fraction.trim_end_matches('0').len().max(places_min);
    // Writing to a String cannot fail.
    let _ = write!(text, "{}", magnitude / unit);
    if kept > 0 {
        text.push('.');
        text.push_str(&fraction[..kept]);
    }
    text
}

/// Divides and rounds half away from zero, which is how an invoice rounds: 0.5 to 1 and −0.5 to −1. `by` is positive.
pub(crate) fn divide_half_away(parts: i128, by: i128) -> i128 {
    let quotient = parts / by;
    let remainder = parts % by;
    // Twice the remainder is below twice `by`, and every `by` here is a small power of ten: no overflow.
    if remainder.abs() * 2 >= by {
        quotient + parts.signum()
    } else {
        quotient
    }
}

/// The text as an error may show it: cut, because a stranger chose its length.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() <= TEXT_CHARS_MAX {
        return text.escape_debug().to_string();
    }
    let start: String = text.chars().take(TEXT_CHARS_MAX).collect();
    format!("{}…", start.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_plain_decimals_are_read() {
        for text in [
            "", "-", ".", ".5", "5.", "+5", "1,000", "1e3", " 1", "1 ", "£1", "--1", "1.-5", "1.2.3", "١",
        ] {
            assert!(
                matches!(parse_scaled(text, 5), Err(DecimalError::NotADecimal { .. })),
                "{text:?} was read"
            );
        }
    }

    #[test]
    fn zeros_beyond_the_places_are_harmless_and_other_digits_are_refused() {
        assert_eq!(parse_scaled("1.500000000", 5), Ok(150_000));
        assert!(matches!(parse_scaled("1.500001", 5), Err(DecimalError::TooManyPlaces { .. })));
    }

    #[test]
    fn the_range_is_exactly_that_of_the_integer() {
        assert_eq!(parse_scaled("92233720368547.75807", 5), Ok(i64::MAX));
        assert_eq!(parse_scaled("-92233720368547.75808", 5), Ok(i64::MIN));
        assert!(matches!(
            parse_scaled("92233720368547.75808", 5),
            Err(DecimalError::TooLarge { .. })
        ));
        assert!(matches!(parse_scaled(&"9".repeat(40), 5), Err(DecimalError::TooLarge { .. })));
        assert!(matches!(
            parse_scaled(&"9".repeat(41), 5),
            Err(DecimalError::NotADecimal { .. })
        ));
    }

    #[test]
    fn half_goes_away_from_zero() {
        let rounded: Vec<i128> = [-15, -14, -5, -4, 0, 4, 5, 14, 15]
            .iter()
            .map(|n| divide_half_away(*n, 10))
            .collect();
        assert_eq!(rounded, [-2, -1, -1, 0, 0, 0, 1, 1, 2]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(parts: i64, places in 0_u32..=9, places_min in 0_usize..=2) {
            let text = format_scaled(parts, places, places_min.min(places as usize));
            prop_assert_eq!(parse_scaled(&text, places), Ok(parts));
        }

        #[test]
        fn noise_is_refused_without_a_panic(text in "\\PC{0,60}") {
            let _ = parse_scaled(&text, 5);
        }
    }
}
