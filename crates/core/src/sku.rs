//! Stock codes as people write them, compared as the ledger compares them.
//!
//! Every system in the hall spells a code its own way: `abc-1`, `ABC-1`, `ABC-1␠␠`. Sage's database calls them equal, so
//! two items that differ in no more than that cannot exist there. A [`Sku`] keeps what was written, for what we send and
//! show, and compares by its [`SkuKey`].
//!
//! **The normal form and where it differs.** Trailing blanks (U+0020) go and each character is upper-cased by Unicode's
//! simple, one-to-one mapping; accents stay. SQL Server's usual `Latin1_General_CI_AS` agrees on letters of the Latin,
//! Greek and Cyrillic alphabets, and differs at its edges: it also calls `ß` equal to `ss`, `æ` equal to `ae` and full-width
//! letters equal to plain ones. We keep those apart, so such a pair shows as a missing mapping, never as a wrong item.
//! A site with a case-sensitive collation sets [`Collation::Exact`].
//!
//! Not here: whose code it is and what it maps to (`mapping`).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The longest code accepted, after trailing blanks.
pub const SKU_CHARS_MAX: usize = 60;

/// A stock code: text as written, equality by its case-insensitive key.
#[derive(Clone)]
pub struct Sku {
    written: String,
    key: SkuKey,
}

/// The normal form of a stock code, which is what maps and indexes are keyed by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SkuKey(String);

/// How a site's database tells codes apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Collation {
    /// `abc` and `ABC` are one item: Sage 200 as it is usually installed.
    #[default]
    CaseInsensitive,
    /// `abc` and `ABC` are two items.
    Exact,
}

/// Why a text is not a stock code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkuError {
    /// Nothing, or nothing but blanks.
    #[error("the stock code is empty")]
    Empty,
    /// Longer than any system here takes.
    #[error("a stock code has at most {max} characters, this one has {got}")]
    TooLong { max: usize, got: usize },
    /// A tab, a line end or the like, usually from a spreadsheet cell.
    #[error("the stock code `{text}` has a control character in place {place}: remove it at the source")]
    Control { text: String, place: usize },
}

impl Sku {
    /// Accepts a code that is not blank, has at most [`SKU_CHARS_MAX`] characters without its trailing blanks, and no
    /// control characters.
    pub fn parse(text: &str) -> Result<Sku, SkuError> {
        let trimmed = without_trailing_blanks(text);
        if trimmed.trim().is_empty() {
            return Err(SkuError::Empty);
        }
        let got = trimmed.chars().count();
        if got > SKU_CHARS_MAX {
            return Err(SkuError::TooLong { max: SKU_CHARS_MAX, got });
        }
        if let Some(index) = trimmed.chars().position(char::is_control) {
            return Err(SkuError::Control {
                text: trimmed.escape_debug().to_string(),
                place: index + 1,
            });
        }
        Ok(Sku {
            written: text.to_owned(),
            key: SkuKey(upper(trimmed)),
        })
    }

    /// The code as it was written, trailing blanks and all.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The normal form it is compared by.
    pub fn key(&self) -> &SkuKey {
        &self.key
    }

    /// The key at a site that may tell cases apart.
    pub fn key_under(&self, collation: Collation) -> SkuKey {
        match collation {
            Collation::CaseInsensitive => self.key.clone(),
            Collation::Exact => SkuKey(without_trailing_blanks(&self.written).to_owned()),
        }
    }
}

impl SkuKey {
    /// The key as text, as it is stored in a column.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Upper-cases by the one-to-one mapping; what has none (`ß`) stays, so that no text grows.
pub(crate) fn upper(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) => single,
                _ => c,
            }
        })
        .collect()
}

/// Whether a text is a barcode by its looks: a GTIN of 8, 12, 13 or 14 digits whose check digit is right.
pub fn is_barcode(text: &str) -> bool {
    let text = text.trim();
    if ![8, 12, 13, 14].contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    // From the right, the check digit first: digits weigh one and three in turn.
    let weighed = text.bytes().rev().enumerate().map(|(place, digit)| {
        let weight = if place % 2 == 0 { 1 } else { 3 };
        u32::from(digit - b'0') * weight
    });
    weighed.sum::<u32>() % 10 == 0
}

fn without_trailing_blanks(text: &str) -> &str {
    text.trim_end_matches(' ')
}

impl PartialEq for Sku {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Sku {}

impl PartialOrd for Sku {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sku {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Hash for Sku {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Debug for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sku({:?})", self.written)
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(without_trailing_blanks(&self.written))
    }
}

impl std::str::FromStr for Sku {
    type Err = SkuError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Sku::parse(text)
    }
}

impl Serialize for Sku {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

impl<'de> Deserialize<'de> for Sku {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Sku::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl fmt::Display for SkuKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Borrow<str> for SkuKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SkuKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Serialize for SkuKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SkuKey {
    /// A key under [`Collation::Exact`] is not upper case, so a stored key is checked as a code and otherwise believed.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sku = Sku::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)?;
        Ok(sku.key_under(Collation::Exact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::hash::DefaultHasher;

    fn sku(text: &str) -> Sku {
        Sku::parse(text).expect(text)
    }

    #[test]
    fn codes_that_the_ledger_calls_equal_are_equal() {
        for other in ["ABC-1", "abc-1", "Abc-1  "] {
            assert_eq!(sku("abc-1"), sku(other));
        }
        for other in ["ABC-2", " ABC-1", "ABC 1", "ÁBC-1"] {
            assert_ne!(sku("abc-1"), sku(other));
        }
        assert_eq!(sku("tê-é"), sku("TÊ-É"));
    }

    #[test]
    fn a_letter_without_a_single_capital_stays() {
        assert_eq!(sku("straße").key().as_str(), "STRAßE");
        assert_ne!(sku("straße"), sku("STRASSE"));
    }

    #[test]
    fn what_was_written_is_what_is_sent() {
        assert_eq!(sku("abc-1 ").as_str(), "abc-1 ");
        assert_eq!(sku("abc-1 ").to_string(), "abc-1");
        assert_eq!(serde_json::to_string(&sku("abc-1 ")).expect("json"), "\"abc-1 \"");
    }

    #[test]
    fn a_case_sensitive_site_tells_them_apart() {
        let (lower, upper) = (sku("abc-1 "), sku("ABC-1"));
        assert_eq!(
            lower.key_under(Collation::default()),
            upper.key_under(Collation::CaseInsensitive)
        );
        assert_ne!(lower.key_under(Collation::Exact), upper.key_under(Collation::Exact));
        assert_eq!(lower.key_under(Collation::Exact).as_str(), "abc-1");
    }

    #[test]
    fn a_map_by_key_is_asked_with_text() {
        let stock = BTreeMap::from([(sku("abc-1").key().clone(), 3)]);
        assert_eq!(stock.get("ABC-1"), Some(&3));
    }

    #[test]
    fn blank_long_and_unprintable_codes_are_refused() {
        assert_eq!(Sku::parse(""), Err(SkuError::Empty));
        assert_eq!(Sku::parse("   "), Err(SkuError::Empty));
        assert_eq!(Sku::parse(&"x".repeat(61)), Err(SkuError::TooLong { max: 60, got: 61 }));
        assert!(Sku::parse(&format!("{}   ", "é".repeat(60))).is_ok());
        assert_eq!(
            Sku::parse("AB\tC"),
            Err(SkuError::Control {
                text: "AB\\tC".to_owned(),
                place: 3
            })
        );
        assert!(Sku::parse("AB\0").is_err());
    }

    proptest! {
        #[test]
        fn a_code_reads_back_and_its_key_is_settled(text in "\\PC{1,40} {0,2}") {
            if let Ok(sku) = Sku::parse(&text) {
                let stored = serde_json::to_string(&sku).expect("json");
                let again: Sku = serde_json::from_str(&stored).expect("json");
                prop_assert_eq!(again.as_str(), &text);
                let key = serde_json::to_string(sku.key()).expect("json");
                prop_assert_eq!(&serde_json::from_str::<SkuKey>(&key).expect("json"), sku.key());
                prop_assert_eq!(upper(sku.key().as_str()), sku.key().as_str());
                prop_assert!(sku.key().as_str().chars().count() <= SKU_CHARS_MAX);
            }
        }

        #[test]
        fn equal_codes_sort_and_hash_alike(a in "[aAbBéÉ]{1,3} {0,2}", b in "[aAbBéÉ]{1,3} {0,2}") {
            let (a, b) = (sku(&a), sku(&b));
            let hash = |sku: &Sku| { let mut hasher = DefaultHasher::new(); sku.hash(&mut hasher); hasher.finish() };
            prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
            prop_assert!(a != b || hash(&a) == hash(&b));
        }
    }
}
