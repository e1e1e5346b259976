//! Fingerprints, the tags our writes carry outside, and hashes of what we were sent.
//!
//! A fingerprint is derived from what it stands for: company, source key and step. The same intent gets the same tag on
//! every machine, after every restart and in every replay, so the question "did this land?" can always be asked again.
//! A drawn or counted tag could not be, once the row that held it is lost.
//!
//! Sixteen base32 characters (RFC 4648, upper case) are 80 bits: short enough for the narrowest reference field in use,
//! and with a hundred million effects the odds of any two meeting are one in hundreds of millions.
//!
//! Not here: what a tag covers beyond its key. Content is compared by [`ContentHash`], so that our tag with other
//! content is seen as unclear.

use crate::quantity::decimal::shown;
use data_encoding::{BASE32, HEXLOWER};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::fmt;

const FINGERPRINT_CHARS: usize = 16;

/// Sixteen base32 characters make ten bytes of the hash.
const FINGERPRINT_BYTES: usize = 10;

/// The tag an effect carries outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; FINGERPRINT_CHARS]);

/// The SHA-256 of a body or a canonical form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

/// A text that is not what it was read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// Not sixteen base32 characters.
    #[error("`{text}` is not a fingerprint: 16 characters of A to Z and 2 to 7 are wanted")]
    Fingerprint { text: String },
    /// Not sixty-four hexadecimal digits.
    #[error("`{text}` is not a content hash: 64 hexadecimal digits are wanted")]
    ContentHash { text: String },
}

impl Fingerprint {
    /// The tag of one step of one record of one company. Each part goes in with its length before it, so that no two
    /// different triples are the same bytes. The form is frozen: tags already written outside must still be found.
    pub fn derive(company: &str, source_key: &str, step: &str) -> Fingerprint {
        let mut hasher = Sha256::new();
        hasher.update(b"tallyman fingerprint 1\n");
        for part in [company, source_key, step] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        let hash: [u8; 32] = hasher.finalize().into();
        let mut text = [0; FINGERPRINT_CHARS];
        BASE32.encode_mut(&hash[..FINGERPRINT_BYTES], &mut text);
        Fingerprint(text)
    }

    /// Reads sixteen base32 characters in either case, because some systems change the case of what they store.
    pub fn parse(text: &str) -> Result<Fingerprint, FingerprintError> {
        let is_base32 = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
        match <[u8; FINGERPRINT_CHARS]>::try_from(text.as_bytes()).map(|bytes| bytes.map(|byte| byte.to_ascii_uppercase())) {
            Ok(bytes) if bytes.iter().all(is_base32) => Ok(Fingerprint(bytes)),
            _ => Err(FingerprintError::Fingerprint { text: shown(text) }),
        }
    }

    /// The sixteen characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a fingerprint is made of ASCII characters")
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", self.as_str())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Fingerprint::parse(text)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fingerprint::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl ContentHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> ContentHash {
        ContentHash(Sha256::digest(bytes).into())
    }

    /// A hash that was stored as bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> ContentHash {
        ContentHash(bytes)
    }

    /// The hash as it is stored in a column of bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits in either case.
    pub fn parse(text: &str) -> Result<ContentHash, FingerprintError> {
        let unreadable = || FingerprintError::ContentHash { text: shown(text) };
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .map_err(|_| unreadable())?;
        <[u8; 32]>::try_from(bytes).map(ContentHash).map_err(|_| unreadable())
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&HEXLOWER.encode(&self.0))
    }
}

impl std::str::FromStr for ContentHash {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ContentHash::parse(text)
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ContentHash::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Golden: a tag written into somebody's ledger years ago must be found by tomorrow's build.
    #[test]
    fn the_form_is_frozen() {
        assert_eq!(
            Fingerprint::derive("acme", "vs-acme/SO-81234", "sage-order").as_str(),
            "2PF6SGY76AFIEBD5"
        );
        assert_eq!(Fingerprint::derive("", "", "").as_str(), "BVPUHNHHJ5EFKKCW");
    }

    #[test]
    fn where_one_part_ends_is_part_of_the_tag() {
        let tags = [
            ("a", "bc", "d"),
            ("ab", "c", "d"),
            ("a", "b", "cd"),
            ("abc", "", "d"),
            ("", "abc", "d"),
            ("a", "bcd", ""),
        ]
        .map(|(company, key, step)| Fingerprint::derive(company, key, step));
        let different: std::collections::BTreeSet<_> = tags.into_iter().collect();
        assert_eq!(different.len(), tags.len());
    }

    #[test]
    fn a_tag_is_recognised_in_either_case_and_nothing_else_is() {
        let tag = Fingerprint::derive("acme", "1", "order");
        assert_eq!(Fingerprint::parse(&tag.as_str().to_lowercase()), Ok(tag));
        for text in [
            "",
            "ABCDEFGHIJKLMNO",
            "ABCDEFGHIJKLMNOPQ",
            "ABCDEFGHIJKLMNO1",
            "ABCDEFGHIJKLMNO8",
            "ABCDEFGHIJKLMN==",
        ] {
            assert!(Fingerprint::parse(text).is_err(), "{text} was read");
        }
    }

    #[test]
    fn a_content_hash_is_the_known_sha_256() {
        let hash = ContentHash::of(b"abc");
        assert_eq!(
            hash.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(ContentHash::parse(&hash.to_string().to_uppercase()), Ok(hash));
        assert_eq!(ContentHash::from_bytes(*hash.as_bytes()), hash);
        assert!(ContentHash::parse("ba78").is_err());
    }

    proptest! {
        #[test]
        fn tags_and_hashes_read_back(company in ".{0,8}", key in ".{0,20}", step in ".{0,8}") {
            let tag = Fingerprint::derive(&company, &key, &step);
            prop_assert_eq!(Fingerprint::parse(&tag.to_string()), Ok(tag));
            let hash = ContentHash::of(key.as_bytes());
            let stored = serde_json::to_string(&(tag, hash)).expect("json");
            prop_assert_eq!(serde_json::from_str::<(Fingerprint, ContentHash)>(&stored).expect("json"), (tag, hash));
        }

        #[test]
        fn noise_is_refused_without_a_panic(text in "\\PC{0,70}|[0-9a-f]{60,70}") {
            let _ = Fingerprint::parse(&text);
            let _ = ContentHash::parse(&text);
        }
    }
}
