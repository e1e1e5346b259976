//! Quantities of stock, exact, and the ratios between units.
//!
//! A quantity is a whole number of hundred-thousandths, because Sage keeps five decimal places and a metre of cable is
//! sold by the centimetre. It may be negative: a movement out is one, and so is stock that the books have oversold.
//!
//! There are no operators. `a + b` would have to panic or wrap when it does not fit, so sums are `checked_add`, and the
//! caller says what a figure that cannot be held means for the record at hand.
//!
//! Not here: which unit a figure is in. Everything inside is in base units; a [`Ratio`] turns a case into its singles at
//! the edge, exactly or not at all.

pub(crate) mod decimal;

pub use decimal::{DecimalError, Overflow};

use decimal::{PLACES, UNIT, format_scaled, parse_scaled, shown};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::cmp::Ordering;
use std::fmt;

/// An exact quantity in base units, to five places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    /// The figure as it is stored: 100,000 to the unit.
    pub hundred_thousandths: i64,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { hundred_thousandths: 0 };

    /// The quantity as it is stored in a column.
    pub const fn from_hundred_thousandths(hundred_thousandths: i64) -> Quantity {
        Quantity { hundred_thousandths }
    }

    /// So many whole units. Beyond ninety-two trillion it is held at the limit, where every further sum is refused; a
    /// figure from outside comes in through [`Quantity::parse`], which refuses it at once.
    pub const fn whole(units: i64) -> Quantity {
        Quantity {
            hundred_thousandths: units.saturating_mul(UNIT),
        }
    }

    /// Reads plain decimal text such as `3` or `-0.25`.
    pub fn parse(text: &str) -> Result<Quantity, DecimalError> {
        parse_scaled(text, PLACES).map(Quantity::from_hundred_thousandths)
    }

    /// The sum of both.
    pub fn checked_add(self, other: Quantity) -> Result<Quantity, Overflow> {
        self.hundred_thousandths
            .checked_add(other.hundred_thousandths)
            .map(Quantity::from_hundred_thousandths)
            .ok_or_else(|| Overflow::too_large(format_args!("{self} + {other}")))
    }

    /// This without the other; below zero when the other is more.
    pub fn checked_sub(self, other: Quantity) -> Result<Quantity, Overflow> {
        self.hundred_thousandths
            .checked_sub(other.hundred_thousandths)
            .map(Quantity::from_hundred_thousandths)
            .ok_or_else(|| Overflow::too_large(format_args!("{self} − {other}")))
    }

    /// The sum of all, in any order: only a total that cannot be held is refused, never a step on the way.
    pub fn sum(quantities: impl IntoIterator<Item = Quantity>) -> Result<Quantity, Overflow> {
        let total: i128 = quantities
            .into_iter()
            .map(|quantity| i128::from(quantity.hundred_thousandths))
            .sum();
        i64::try_from(total)
            .map(Quantity::from_hundred_thousandths)
            .map_err(|_| Overflow::too_large("the sum of these quantities"))
    }

    /// The smaller of both.
    pub fn min(self, other: Quantity) -> Quantity {
        Ord::min(self, other)
    }

    /// What this exceeds the other by, or none when it does not.
    pub fn above(self, other: Quantity) -> Option<Quantity> {
        // Saturates only where the two are further apart than any stock; an excess it stays.
        (self > other).then(|| Quantity {
            hundred_thousandths: self.hundred_thousandths.saturating_sub(other.hundred_thousandths),
        })
    }

    /// Whether there is nothing.
    pub const fn is_zero(self) -> bool {
        self.hundred_thousandths == 0
    }

    /// Whether there is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.hundred_thousandths > 0
    }

    /// Whether it is below nothing.
    pub const fn is_negative(self) -> bool {
        self.hundred_thousandths < 0
    }

    /// Whether there are no parts of a unit.
    pub const fn is_whole(self) -> bool {
        self.hundred_thousandths % UNIT == 0
    }

    /// The number of whole units, or none when there are parts of one.
    pub const fn as_whole(self) -> Option<i64> {
        if self.is_whole() {
            Some(self.hundred_thousandths / UNIT)
        } else {
            None
        }
    }

    /// The shortest exact decimal text: `3`, `0.25`.
    pub fn to_decimal_string(self) -> String {
        format_scaled(self.hundred_thousandths, PLACES, 0)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_decimal_string())
    }
}

impl std::str::FromStr for Quantity {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Quantity::parse(text)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Quantity::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// How many of one unit make another: 24 singles to the case, 1/24 of a case to the single. Positive and reduced.
///
/// A ratio rather than a decimal, because 1/24 has no decimal that comes back as 24.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

/// Why a ratio was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatioError {
    /// Zero or below on either side.
    #[error("{numerator}/{denominator} is not a ratio of units: both sides must be above zero")]
    NotPositive { numerator: i64, denominator: i64 },
    /// Text that is neither a number nor a fraction.
    #[error("`{text}` is not a ratio of units: write it such as 24, 0.5 or 1/24")]
    Unreadable { text: String },
}

/// A conversion between units that has no exact answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{quantity} times {ratio} is not a quantity that can be held exactly: check the unit and its multiple")]
pub struct NotExact {
    pub quantity: Quantity,
    pub ratio: Ratio,
}

/// Places of the unit multiples Sage keeps.
const RATIO_PLACES: u32 = 9;

impl Ratio {
    /// One to one.
    pub const ONE: Ratio = Ratio {
        numerator: 1,
        denominator: 1,
    };

    /// The ratio in lowest terms; both sides must be above zero.
    pub fn new(numerator: i64, denominator: i64) -> Result<Ratio, RatioError> {
        if numerator <= 0 || denominator <= 0 {
            return Err(RatioError::NotPositive { numerator, denominator });
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Ok(Ratio {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        })
    }

    /// Reads `24`, `0.5` (to nine places) or `1/24`.
    pub fn parse(text: &str) -> Result<Ratio, RatioError> {
        let unreadable = || RatioError::Unreadable { text: shown(text) };
        match text.split_once('/') {
            Some((numerator, denominator)) => {
                let whole = |part: &str| parse_scaled(part, 0).map_err(|_| unreadable());
                Ratio::new(whole(numerator)?, whole(denominator)?)
            }
            None => Ratio::new(
                parse_scaled(text, RATIO_PLACES).map_err(|_| unreadable())?,
                10_i64.pow(RATIO_PLACES),
            ),
        }
    }

    /// The upper side, in lowest terms.
    pub const fn numerator(self) -> i64 {
        self.numerator
    }

    /// The lower side, in lowest terms.
    pub const fn denominator(self) -> i64 {
        self.denominator
    }

    /// The quantity times this ratio, exactly or not at all: a third of a case is nobody's stock.
    pub fn apply(self, quantity: Quantity) -> Result<Quantity, NotExact> {
        let product = i128::from(quantity.hundred_thousandths) * i128::from(self.numerator);
        let denominator = i128::from(self.denominator);
        let not_exact = NotExact { quantity, ratio: self };
        if product % denominator != 0 {
            return Err(not_exact);
        }
        i64::try_from(product / denominator)
            .map(Quantity::from_hundred_thousandths)
            .map_err(|_| not_exact)
    }

    /// The most of this quantity of ours that is whole in both units, where one of theirs is this many of ours: of 9 singles and a
    /// ratio of 6 it is 6, which is 1 of theirs. None of what is below nothing.
    pub fn whole_in_both(self, ours: Quantity) -> Quantity {
        let step = i128::from(self.numerator) * i128::from(UNIT);
        let whole = i128::from(ours.hundred_thousandths.max(0)) / step * step;
        // No more than what was given, so it can be held.
        Quantity {
            hundred_thousandths: i64::try_from(whole).unwrap_or(0),
        }
    }

    /// The way back.
    pub const fn inverse(self) -> Ratio {
        Ratio {
            numerator: self.denominator,
            denominator: self.numerator,
        }
    }
}

/// One to one.
impl Default for Ratio {
    fn default() -> Self {
        Ratio::ONE
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        let right = i128::from(other.numerator) * i128::from(self.denominator);
        left.cmp(&right)
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            return write!(f, "{}", self.numerator);
        }
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl std::str::FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ratio::parse(text)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ratio::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Euclid's; both sides are above zero.
fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests;
