//! Who may ask, and for what: tokens with names, kept as the SHA-256 of what was given out.
//!
//! A token is 256 random bits, so its hash tells nobody anything and no salt is needed. All are compared, each in constant time, so that
//! how long a refusal takes says nothing either. What somebody does is kept under the token's name, in the journal and on the card.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use tallyman_core::catalogue::Owner;

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Cards, counts, tallies, mappings: names and numbers, and no person.
    Read,
    /// What is kept sealed: the sentences of single records, what people noted, the story of an order. It may name a customer.
    Open,
    /// Take up cards, hand them over, set them aside, take them apart; amend an order (with `open`) or try it again; test an alert route.
    Act,
    /// Say what words mean.
    Map,
    /// Say what became of a write that nobody can tell about.
    Answer,
}

impl Right {
    pub const ALL: [Self; 5] = [Self::Read, Self::Open, Self::Act, Self::Map, Self::Answer];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Open => "open",
            Self::Act => "act",
            Self::Map => "map",
            Self::Answer => "answer",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// 64 hexadecimal digits.
    pub fn written(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

/// A hash is no secret, but nobody needs it in a log.
impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(…)")
    }
}

/// One token that was given out.
#[derive(Debug, Clone)]
pub struct Token {
    /// Who acts, as the journal keeps it.
    pub name: String,
    pub hash: Hash,
    pub may: BTreeSet<Right>,
    /// It acts on cards of these teams only; on all, if there is none.
    pub teams: BTreeSet<Owner>,
    /// It sees these companies only; all, if there is none.
    pub companies: BTreeSet<String>,
}

impl Token {
    pub fn sees(&self, company: &str) -> bool {
        self.companies.is_empty() || self.companies.contains(company)
    }

    pub fn is_of(&self, team: Owner) -> bool {
        self.teams.is_empty() || self.teams.contains(&team)
    }
}

/// All tokens that were given out.
#[derive(Debug, Clone, Default)]
pub struct Access {
    tokens: Vec<Token>,
}

impl Access {
    pub fn new(tokens: Vec<Token>) -> Self {
        Self { tokens }
    }

    /// Whether nobody can ask anything.
    pub fn is_closed(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whose token this is.
    pub fn whose(&self, given: &str) -> Option<&Token> {
        let given = Hash::of(given);
        let mut found = None;
        // Every one is looked at, also after the right one.
        for token in &self.tokens {
            let same: Choice = token.hash.0.ct_eq(&given.0);
            if bool::from(same) {
                found = Some(token);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(name: &str, secret: &str) -> Token {
        Token {
            name: name.into(),
            hash: Hash::of(secret),
            may: BTreeSet::from([Right::Read]),
            teams: BTreeSet::new(),
            companies: BTreeSet::from(["acme".to_owned()]),
        }
    }

    #[test]
    fn a_token_is_known_by_its_hash_and_nothing_else_is() {
        let access = Access::new(vec![token("console", "one"), token("pager", "two")]);
        assert_eq!(access.whose("two").map(|token| token.name.as_str()), Some("pager"));
        for wrong in ["", "three", &Hash::of("two").written()] {
            assert!(access.whose(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn without_a_list_of_teams_it_is_of_all_and_with_one_of_companies_of_those() {
        let token = token("console", "one");
        assert!(token.is_of(Owner::Finance) && token.sees("acme") && !token.sees("beta"));
    }
}
