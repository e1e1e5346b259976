//! Secrets: named in the configuration, kept elsewhere.
//!
//! A configuration is copied into tickets and repositories, so a literal is refused with the remedy, and no error repeats it.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Config;

/// Larger files are not secrets.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In this variable of the environment.
    Env(String),
    /// In this file, of which it is the whole text; a line end after it does not count.
    File(PathBuf),
}

/// What a database is written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A path, or an address without a password.
    Written(String),
    /// An address with its password.
    Secret(Source),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Env(name) => write!(f, "the environment's {name}"),
            Source::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

impl Source {
    /// The secret itself.
    pub fn reveal(&self, config: &Config) -> anyhow::Result<String> {
        match self {
            Source::Env(name) => match std::env::var(name) {
                Ok(secret) if !secret.trim().is_empty() => Ok(secret.trim().to_owned()),
                Ok(_) => bail!("{name} is empty in the environment: put the secret there"),
                Err(_) => bail!("{name} is not set in the environment: set it, or name a file with {{ file = \"…\" }}"),
            },
            Source::File(path) => {
                let path = config.path(path);
                let shown = path.display();
                let size = std::fs::metadata(&path)
                    .with_context(|| format!("the secret's file {shown} cannot be read"))?
                    .len();
                if size > SECRET_BYTES_MAX {
                    bail!("the secret's file {shown} holds more than {SECRET_BYTES_MAX} bytes: it is not a secret alone");
                }
                let secret =
                    std::fs::read_to_string(&path).with_context(|| format!("the secret's file {shown} cannot be read"))?;
                if secret.trim().is_empty() {
                    bail!("the secret's file {shown} is empty");
                }
                Ok(secret.trim().to_owned())
            }
        }
    }

    /// What is wrong with how it is kept, if something is: a file that others on the machine may read.
    pub fn exposed(&self, config: &Config) -> Option<String> {
        match self {
            Source::Env(_) => None,
            Source::File(path) => readable_by_others(&config.path(path)),
        }
    }
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| format!("{} may be read by others on this machine: chmod 600 {0}", path.display()))
}

#[cfg(not(unix))]
fn readable_by_others(_path: &Path) -> Option<String> {
    None
}

/// The 32 bytes of a master key, written as base64 or as 64 hexadecimal digits.
pub fn master_key(text: &str) -> anyhow::Result<[u8; 32]> {
    let bytes = HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .or_else(|_| BASE64.decode(text.as_bytes()));
    bytes
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .context("a master key is 32 bytes, written as base64 or as 64 hexadecimal digits: `tallyman key` makes one")
}

/// A master key as it is kept.
pub fn written_master_key(key: &[u8; 32]) -> String {
    BASE64.encode(key)
}

const LITERAL: &str = "a secret is never written in this file: put it into the environment and write { env = \"NAME\" }, \
    or into a file of its own and write { file = \"path\" }";

struct Reader {
    /// Whether a text is allowed as well: for the database, which need not be secret.
    text: bool,
}

enum Found {
    Text(String),
    Source(Source),
}

impl<'de> Visitor<'de> for Reader {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ env = \"NAME\" } or { file = \"path\" }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Found, E> {
        if self.text {
            Ok(Found::Text(text.to_owned()))
        } else {
            Err(E::custom(LITERAL))
        }
    }

    // The default answers for numbers would repeat them, and a PIN is a secret too.
    fn visit_i64<E: Error>(self, _: i64) -> Result<Found, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Found, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            let source = match key.as_str() {
                "env" => Source::Env(map.next_value()?),
                "file" => Source::File(map.next_value()?),
                _ => {
                    return Err(A::Error::custom(
                        "a secret is { env = \"NAME\" } or { file = \"path\" }, and nothing else",
                    ));
                }
            };
            if found.replace(source).is_some() {
                return Err(A::Error::custom("a secret is kept in one place: env or file, not both"));
            }
        }
        found
            .map(Found::Source)
            .ok_or_else(|| A::Error::custom("this names no place: write { env = \"NAME\" } or { file = \"path\" }"))
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Reader { text: false })? {
            Found::Source(source) => Ok(source),
            Found::Text(_) => Err(D::Error::custom(LITERAL)),
        }
    }
}

impl<'de> Deserialize<'de> for Database {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Reader { text: true })? {
            Found::Source(source) => Ok(Database::Secret(source)),
            Found::Text(text) if text.trim().is_empty() => Err(D::Error::custom(
                "the database is the path of a file, such as \"tallyman.db\", or the address of a PostgreSQL database",
            )),
            Found::Text(text) if has_password(&text) => {
                Err(D::Error::custom(format!("this address holds a password; {LITERAL}")))
            }
            Found::Text(text) => Ok(Database::Written(text)),
        }
    }
}

/// Whether a text is the address of a server and not a path.
pub fn is_server(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

fn has_password(text: &str) -> bool {
    if !is_server(text) {
        return false;
    }
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || text.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_is_read_in_both_ways_and_nothing_shorter_is() {
        let key = [7; 32];
        assert_eq!(master_key(&written_master_key(&key)).unwrap(), key);
        assert_eq!(master_key(&"07".repeat(32)).unwrap(), key);
        assert_eq!(master_key(&"0A".repeat(32)).unwrap(), [10; 32]);
        assert!(master_key("").is_err());
        assert!(master_key(&"07".repeat(31)).is_err());
    }

    #[test]
    fn an_address_with_a_password_is_known() {
        assert!(has_password("postgres://tallyman:hunter2@db/tallyman"));
        assert!(has_password("postgresql://db/tallyman?user=a&password=b"));
        assert!(!has_password("postgres://tallyman@db:5432/tallyman?host=/run/postgresql"));
        assert!(!has_password("data/tallyman:1@x.db"));
    }
}
