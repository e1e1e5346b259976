//! References: order numbers, delivery notes, consignments, whatever a system calls a thing.
//!
//! A reference is somebody else's text. It is kept exactly as it came, because it has to go back exactly so, and it is
//! never cut to a field: half an order number is another order's number. What does not fit is a finding.
//!
//! Not here: our own tag on what we write, which is derived (`fingerprint`).

use crate::quantity::decimal::shown;
use crate::sku::upper;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// The longest reference accepted from anywhere.
pub const REFERENCE_CHARS_MAX: usize = 100;

/// Another system's name for a thing, verbatim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(String);

/// Why a text is not a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing, or nothing but blanks.
    #[error("the reference is empty")]
    Empty,
    /// Longer than any system here takes.
    #[error("a reference has at most {max} characters, this one has {got}")]
    TooLong { max: usize, got: usize },
    /// A tab, a line end or the like.
    #[error("the reference `{text}` has a control character in it: remove it at the source")]
    Control { text: String },
}

/// A value that does not fit the field it is meant for. It names the field, not the value, which may be personal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, thiserror::Error)]
#[error("{field} takes {max} characters and this has {got}: shorten it at the source, it is never cut here")]
pub struct TooLong {
    pub field: &'static str,
    pub max: usize,
    pub got: usize,
}

impl Reference {
    /// Accepts text that is not blank, has at most [`REFERENCE_CHARS_MAX`] characters and no control characters.
    pub fn parse(text: &str) -> Result<Reference, ReferenceError> {
        if text.trim().is_empty() {
            return Err(ReferenceError::Empty);
        }
        let got = text.chars().count();
        if got > REFERENCE_CHARS_MAX {
            return Err(ReferenceError::TooLong {
                max: REFERENCE_CHARS_MAX,
                got,
            });
        }
        if text.chars().any(char::is_control) {
            return Err(ReferenceError::Control { text: shown(text) });
        }
        Ok(Reference(text.to_owned()))
    }

    /// The reference as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The reference for a field of so many characters, whole or not at all.
    pub fn fit(&self, chars_max: usize, field: &'static str) -> Result<&str, TooLong> {
        fit(&self.0, chars_max, field)
    }

    /// The form people's look-ups are compared by: upper case, without blanks around it. Blanks and dashes inside stay,
    /// because `10-1` and `101` are two orders.
    pub fn normalised(&self) -> String {
        upper(self.0.trim())
    }

    /// The same without any blank and dash: what people leave out, and carriers print between figures. What is found by it is looked at
    /// before anything is done with it.
    pub fn joined(&self) -> String {
        self.normalised().replace(['-', ' '], "")
    }

    /// The same without the letters that it begins with, as somebody says `536365` for `VS-536365`. `store::tables::search` has it as SQL.
    pub fn bare(&self) -> String {
        self.joined().trim_start_matches(|c: char| c.is_ascii_uppercase()).to_owned()
    }
}

/// The text, if the field takes it. Counted in UTF-16 units, as the databases and .NET services behind these fields count:
/// for most text that is its characters, and an emoji is two.
pub(crate) fn fit<'a>(text: &'a str, chars_max: usize, field: &'static str) -> Result<&'a str, TooLong> {
    let got = text.encode_utf16().count();
    if got > chars_max {
        Err(TooLong {
            field,
            max: chars_max,
            got,
        })
    } else {
        Ok(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Reference {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Reference::parse(text)
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reference::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reference_fits_whole_or_not_at_all() {
        let reference = Reference::parse("SO-81234").expect("a reference");
        assert_eq!(reference.fit(8, "customer_document_no"), Ok("SO-81234"));
        let too_long = reference.fit(7, "customer_document_no").expect_err("one too many");
        assert_eq!(
            too_long,
            TooLong {
                field: "customer_document_no",
                max: 7,
                got: 8
            }
        );
        assert_eq!(
            too_long.to_string(),
            "customer_document_no takes 7 characters and this has 8: shorten it at the source, it is never cut here"
        );
    }

    #[test]
    fn a_field_counts_as_its_database_does() {
        let reference = Reference::parse("📦1").expect("a reference");
        assert!(reference.fit(2, "reference").is_err());
        assert_eq!(reference.fit(3, "reference"), Ok("📦1"));
    }

    #[test]
    fn a_look_up_forgives_case_and_outer_blanks_only() {
        let normal = |text| Reference::parse(text).expect("a reference").normalised();
        assert_eq!(normal(" so-81234 "), normal("SO-81234"));
        assert_ne!(normal("10-1"), normal("101"));
        assert_ne!(normal("10 1"), normal("101"));
    }

    #[test]
    fn a_search_forgives_blanks_dashes_and_the_letters_before_the_figures() {
        let read = |text| Reference::parse(text).expect("a reference");
        assert_eq!(read("vs 536-365").joined(), "VS536365");
        assert_eq!(read("VS-536365").bare(), "536365");
        assert_eq!(read("TT 000900001 GB").bare(), read("tt000900001gb").bare());
        assert_eq!(read("VS-").bare(), "");
    }

    #[test]
    fn blank_long_and_unprintable_texts_are_refused() {
        assert_eq!(Reference::parse("  "), Err(ReferenceError::Empty));
        assert_eq!(
            Reference::parse(&"é".repeat(101)),
            Err(ReferenceError::TooLong { max: 100, got: 101 })
        );
        assert_eq!(
            Reference::parse("SO\0"),
            Err(ReferenceError::Control {
                text: "SO\\0".to_owned()
            })
        );
        assert!(Reference::parse(&"é".repeat(100)).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_kept_verbatim(text in any::<String>()) {
            if let Ok(reference) = Reference::parse(&text) {
                prop_assert_eq!(reference.as_str(), &text);
                let stored = serde_json::to_string(&reference).expect("json");
                prop_assert_eq!(serde_json::from_str::<Reference>(&stored).expect("json"), reference);
            }
        }
    }
}
