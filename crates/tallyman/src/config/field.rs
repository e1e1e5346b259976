//! Fields that are more than text: read once, refused with a sentence and their line.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use tallyman_core::time::{Timestamp, Zone};

/// The longest name of a company, connection or schema.
const NAME_CHARS_MAX: usize = 40;

/// A name that is a key for ever: in tables, fingerprints, logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(allowed) {
            return Err(D::Error::custom(format!(
                "a name has 1 to {NAME_CHARS_MAX} of the characters a to z, 0 to 9, - and _"
            )));
        }
        Ok(Self(name))
    }
}

/// Where a system is reached, without a slash at the end.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let uri: http::Uri = text
            .parse()
            .map_err(|_| D::Error::custom("an address is written such as https://api.example.com/v1"))?;
        let host = uri.host().unwrap_or_default();
        let here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        match uri.scheme_str() {
            _ if host.is_empty() || text.contains(['@', '?', '#']) => Err(D::Error::custom(
                "an address is a scheme, a host and perhaps a path, such as https://api.example.com/v1",
            )),
            Some("https") => Ok(()),
            Some("http") if here => Ok(()),
            _ => Err(D::Error::custom(
                "an address begins with https://; http:// is for this machine only, since credentials travel with every call",
            )),
        }?;
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// A zone by its name.
pub fn zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
    Zone::named(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// A zone by its name, where one may be left out.
pub fn maybe_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Zone>, D::Error> {
    zone(deserializer).map(Some)
}

/// An instant with its offset, in quotes.
pub fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Timestamp::parse_rfc3339(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}
