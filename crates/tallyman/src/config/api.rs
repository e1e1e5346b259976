//! Who may use the API: tokens with names. The file holds only the SHA-256 of each, which is no secret; the token itself is printed once.

use std::collections::BTreeSet;

use anyhow::{bail, ensure};
use data_encoding::HEXLOWER_PERMISSIVE;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use tallyman_core::catalogue::Owner;
use tallyman_web::api::access::{self, Access, Hash, Right};

use super::field::Name;

/// More tokens than this are a mistake: each request is compared with all.
const TOKENS_MAX: usize = 1_000;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    #[serde(default, rename = "token")]
    pub tokens: Vec<Token>,
}

/// One token that was given out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Who acts, as the journal keeps it.
    pub name: Name,
    #[serde(deserialize_with = "hash")]
    pub sha256: Hash,
    pub may: Vec<Right>,
    /// It acts on cards of these teams only; of all, if not given.
    #[serde(default)]
    pub teams: Vec<Owner>,
    /// It sees these companies only; all, if not given.
    #[serde(default)]
    pub companies: Vec<Name>,
}

fn hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
    let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    // What stands there may be the token itself, so it is not repeated.
    bytes.map(Hash::new).ok_or_else(|| {
        D::Error::custom("a token is kept as its SHA-256, 64 hexadecimal digits: `tallyman api token NAME` prints it")
    })
}

impl Api {
    pub fn access(&self) -> Access {
        let token = |token: &Token| access::Token {
            name: token.name.as_str().to_owned(),
            hash: token.sha256,
            may: token.may.iter().copied().collect(),
            teams: token.teams.iter().copied().collect(),
            companies: token.companies.iter().map(|name| name.as_str().to_owned()).collect(),
        };
        Access::new(self.tokens.iter().map(token).collect())
    }

    /// What no single field can say.
    pub fn check(&self, companies: &[&str]) -> anyhow::Result<()> {
        ensure!(
            self.tokens.len() <= TOKENS_MAX,
            "there are more than {TOKENS_MAX} tokens for the API"
        );
        let (mut names, mut hashes) = (BTreeSet::new(), BTreeSet::new());
        for token in &self.tokens {
            let name = token.name.as_str();
            ensure!(
                names.insert(name),
                "two tokens have the name {name}: the journal could not tell them apart"
            );
            ensure!(
                hashes.insert(token.sha256.written()),
                "token {name} is the same as another: draw one for each"
            );
            ensure!(!token.may.is_empty(), "token {name} may nothing: say what under `may`");
            let beyond = token.may.iter().find(|right| !Right::OF_TOKENS.contains(right));
            if let Some(right) = beyond {
                let all = Right::OF_TOKENS.map(Right::name).join(", ");
                bail!("token {name} may `{right}`, which is for people who sign in; a token may {all}");
            }
            let unknown = token.companies.iter().find(|company| !companies.contains(&company.as_str()));
            if let Some(company) = unknown {
                bail!("token {name} names the company {}, which there is not", company.as_str());
            }
        }
        Ok(())
    }
}
