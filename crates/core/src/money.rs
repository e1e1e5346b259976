//! Money, its currency, and rates of tax.
//!
//! An amount is a whole number of hundred-thousandths: unit prices have up to five places in Sage, and a product of price
//! and quantity must come out to the penny without a detour through binary fractions. The currency is kept beside it by
//! the document that has both; an order is in one currency, so it is said once.
//!
//! There are no operators, and nothing rounds by itself. Rounding is half away from zero, as invoices do it, and it always
//! has a name at the place where it happens ([`Money::mul_rounded`], [`Money::round_to_pennies`], [`Rate::of`]).
//!
//! Not here: exchange rates, which need more places than these, and which tax applies, which is a rule of the merchant.

pub use crate::quantity::{DecimalError, Overflow};

use crate::quantity::decimal::{PLACES, UNIT, divide_half_away, format_scaled, parse_scaled, shown};
use crate::quantity::{Quantity, Ratio};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Hundred-thousandths to the penny.
const PENNY: i64 = 1_000;

/// An amount of money, exact to five places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// The amount as it is stored: 100,000 to the pound.
    pub hundred_thousandths: i64,
}

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money { hundred_thousandths: 0 };

    /// The amount as it is stored in a column.
    pub const fn from_hundred_thousandths(hundred_thousandths: i64) -> Money {
        Money { hundred_thousandths }
    }

    /// So many pennies (cents, …). Beyond ninety-two trillion pounds it is held at the limit, where every further sum is
    /// refused; an amount from outside comes in through [`Money::parse`], which refuses it at once.
    pub const fn from_minor(pennies: i64) -> Money {
        Money {
            hundred_thousandths: pennies.saturating_mul(PENNY),
        }
    }

    /// Reads plain decimal text such as `12.50`.
    pub fn parse(text: &str) -> Result<Money, DecimalError> {
        parse_scaled(text, PLACES).map(Money::from_hundred_thousandths)
    }

    /// The sum of both.
    pub fn checked_add(self, other: Money) -> Result<Money, Overflow> {
        self.hundred_thousandths
            .checked_add(other.hundred_thousandths)
            .map(Money::from_hundred_thousandths)
            .ok_or_else(|| Overflow::too_large(format_args!("{self} + {other}")))
    }

    /// This without the other; below zero when the other is more.
    pub fn checked_sub(self, other: Money) -> Result<Money, Overflow> {
        self.hundred_thousandths
            .checked_sub(other.hundred_thousandths)
            .map(Money::from_hundred_thousandths)
            .ok_or_else(|| Overflow::too_large(format_args!("{self} − {other}")))
    }

    /// The same amount the other way: a credit for a charge.
    pub fn checked_neg(self) -> Result<Money, Overflow> {
        Money::ZERO.checked_sub(self)
    }

    /// A unit price times a quantity, exactly. Refused when the product needs more than five places; then the caller has to
    /// say how to round, with [`Money::mul_rounded`].
    pub fn checked_mul(self, quantity: Quantity) -> Result<Money, Overflow> {
        let product = self.product(quantity);
        if product % i128::from(UNIT) != 0 {
            return Err(Overflow::too_fine(format_args!("{self} × {quantity}")));
        }
        self.held(product / i128::from(UNIT), quantity)
    }

    /// A unit price times a quantity, rounded to so many places, half away from zero. More than five places are five.
    pub fn mul_rounded(self, quantity: Quantity, places: u32) -> Result<Money, Overflow> {
        let step = 10_i128.pow(PLACES.saturating_sub(places));
        let steps = divide_half_away(self.product(quantity), i128::from(UNIT) * step);
        self.held(steps * step, quantity)
    }

    /// The price of one where this is the price of so many, exactly: 15.00 for 6 is 2.50 each, and 10.00 for 6 is refused.
    pub fn checked_div(self, ratio: Ratio) -> Result<Money, Overflow> {
        let product = i128::from(self.hundred_thousandths) * i128::from(ratio.denominator());
        let numerator = i128::from(ratio.numerator());
        if product % numerator != 0 {
            return Err(Overflow::too_fine(format_args!("{self} ÷ {ratio}")));
        }
        i64::try_from(product / numerator)
            .map(Money::from_hundred_thousandths)
            .map_err(|_| Overflow::too_large(format_args!("{self} ÷ {ratio}")))
    }

    /// The nearest whole penny, half away from zero.
    pub fn round_to_pennies(self) -> Money {
        let pennies = divide_half_away(i128::from(self.hundred_thousandths), i128::from(PENNY));
        // Within a penny of the end of the range the nearest penny that can be held lies towards zero.
        let rounded = i64::try_from(pennies * i128::from(PENNY)).unwrap_or(self.hundred_thousandths / PENNY * PENNY);
        Money {
            hundred_thousandths: rounded,
        }
    }

    /// Whether there is nothing smaller than a penny in it.
    pub const fn is_whole_pennies(self) -> bool {
        self.hundred_thousandths % PENNY == 0
    }

    /// The number of whole pennies, or none when there is something smaller in it.
    pub const fn as_minor(self) -> Option<i64> {
        if self.is_whole_pennies() {
            Some(self.hundred_thousandths / PENNY)
        } else {
            None
        }
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.hundred_thousandths == 0
    }

    /// Whether it is below nothing.
    pub const fn is_negative(self) -> bool {
        self.hundred_thousandths < 0
    }

    /// The sum of all, in any order: only a total that cannot be held is refused, never a step on the way.
    pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Result<Money, Overflow> {
        let total: i128 = amounts.into_iter().map(|amount| i128::from(amount.hundred_thousandths)).sum();
        i64::try_from(total)
            .map(Money::from_hundred_thousandths)
            .map_err(|_| Overflow::too_large("the sum of these amounts"))
    }

    /// The shortest exact decimal text with at least two places: `12.50`, `0.00123`.
    pub fn to_decimal_string(self) -> String {
        format_scaled(self.hundred_thousandths, PLACES, 2)
    }

    /// In ten-thousand-millionths; two i64 always fit an i128.
    fn product(self, quantity: Quantity) -> i128 {
        i128::from(self.hundred_thousandths) * i128::from(quantity.hundred_thousandths)
    }

    fn held(self, hundred_thousandths: i128, quantity: Quantity) -> Result<Money, Overflow> {
        i64::try_from(hundred_thousandths)
            .map(Money::from_hundred_thousandths)
            .map_err(|_| Overflow::too_large(format_args!("{self} × {quantity}")))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_decimal_string())
    }
}

impl std::str::FromStr for Money {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Money::parse(text)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Money::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A currency by its three letters (ISO 4217). Only the shape is checked: which currencies exist is for the ledger to say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// A text that is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a currency: three letters are wanted, such as GBP")]
pub struct CurrencyError {
    pub text: String,
}

impl Currency {
    /// Pound sterling.
    pub const GBP: Currency = Currency(*b"GBP");

    /// Euro.
    pub const EUR: Currency = Currency(*b"EUR");

    /// Reads three letters in either case.
    pub fn parse(text: &str) -> Result<Currency, CurrencyError> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_alphabetic) => Ok(Currency(letters.map(|c| c.to_ascii_uppercase()))),
            _ => Err(CurrencyError { text: shown(text) }),
        }
    }

    /// The three letters, upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is made of ASCII letters")
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Currency::parse(text)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Currency::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A rate in percent, exact to nine places: `20.00` and `20` are the same rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    billionths: i64,
}

/// Places of a rate.
const RATE_PLACES: u32 = 9;

impl Rate {
    /// Zero-rated, or outside the scope; which of them is not the rate's to say.
    pub const ZERO: Rate = Rate { billionths: 0 };

    /// Reads a percentage as plain decimal text, without the sign: `20`, `20.00`, `17.5`.
    pub fn parse(text: &str) -> Result<Rate, DecimalError> {
        parse_scaled(text, RATE_PLACES).map(|billionths| Rate { billionths })
    }

    /// Whether nothing is charged.
    pub const fn is_zero(self) -> bool {
        self.billionths == 0
    }

    /// This rate's part of an amount, to the penny, half away from zero: 20 % of 9.99 is 2.00.
    pub fn of(self, amount: Money) -> Result<Money, Overflow> {
        // Percent and billionths together are 10^11, and the penny another 10^3: two i64 always fit an i128.
        let product = i128::from(amount.hundred_thousandths) * i128::from(self.billionths);
        let pennies = divide_half_away(product, 100 * 10_i128.pow(RATE_PLACES) * i128::from(PENNY));
        i64::try_from(pennies * i128::from(PENNY))
            .map(Money::from_hundred_thousandths)
            .map_err(|_| Overflow::too_large(format_args!("{self} % of {amount}")))
    }

    /// Whether this is the rate's part of an amount, rounded in whatever way: up, down or to the nearest penny.
    pub fn may_give(self, tax: Money, amount: Money) -> bool {
        let part = 100 * 10_i128.pow(RATE_PLACES);
        let exact = i128::from(amount.hundred_thousandths) * i128::from(self.billionths);
        (i128::from(tax.hundred_thousandths) * part - exact).abs() < i128::from(PENNY) * part
    }

    /// The shortest exact decimal text: `20`, `17.5`.
    pub fn to_decimal_string(self) -> String {
        format_scaled(self.billionths, RATE_PLACES, 0)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_decimal_string())
    }
}

impl std::str::FromStr for Rate {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Rate::parse(text)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Rate::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
