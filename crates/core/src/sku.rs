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
