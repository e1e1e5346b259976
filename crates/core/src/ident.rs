//! Names of configured things, and the derived name of a journey.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(String);

        impl $name {
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// One Sage 200 site and company. In every key; nothing crosses.
    Company
);
name!(
    /// One configured account of a connector, in one role. Unique in the whole configuration.
    Connection
);

/// All documents and effects that belong to one order. Derived from company, channel and the channel's key, so the same order read
/// twice is the same journey.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JourneyId(Fingerprint);

impl JourneyId {
    pub fn derive(company: &Company, channel: &Connection, source_key: &str) -> Self {
        Self(Fingerprint::derive(
            company.as_str(),
            &format!("{channel}/{source_key}"),
            "journey",
        ))
    }

    pub fn from_fingerprint(fingerprint: Fingerprint) -> Self {
        Self(fingerprint)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for JourneyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
