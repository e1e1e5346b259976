//! Who may ask, and for what: tokens with names, kept as the SHA-256 of what was given out.
//!
//! A token is 256 random bits, so its hash tells nobody anything and no salt is needed. All are compared, each in constant time, so that
//! how long a refusal takes says nothing either. What somebody does is kept under the token's name, in the journal and on the card.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
pub use tallyman_core::access::Right;
use tallyman_core::access::{Actor, Grant, Where};
use tallyman_core::catalogue::Owner;

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
    /// Whoever uses it, as everything behind the door knows them.
    pub fn actor(&self) -> Actor {
        let at = if self.companies.is_empty() {
            Where::Everywhere
        } else {
            Where::Only(self.companies.clone())
        };
        Actor::token(&self.name, Grant::rights(&self.may, at, self.teams.clone()))
    }
}

/// All tokens of the configuration. Those that people make for themselves are in the store (`engine::people::tokens`).
#[derive(Debug, Clone, Default)]
pub struct Access {
    known: Vec<(Hash, Arc<Actor>)>,
}

impl Access {
    pub fn new(tokens: Vec<Token>) -> Self {
        Self::of(tokens.into_iter().map(|token| (token.hash, token.actor())).collect())
    }

    /// Of whoever has what has these hashes.
    pub fn of(known: Vec<(Hash, Actor)>) -> Self {
        let known = known.into_iter().map(|(hash, actor)| (hash, Arc::new(actor)));
        Self { known: known.collect() }
    }

    /// Whose token this is.
    pub fn whose(&self, given: &str) -> Option<Arc<Actor>> {
        let given = Hash::of(given);
        let mut found = None;
        // Every one is looked at, also after the right one.
        for (hash, actor) in &self.known {
            let same: Choice = hash.0.ct_eq(&given.0);
            if bool::from(same) {
                found = Some(actor);
            }
        }
        found.cloned()
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
        assert_eq!(access.whose("two").map(|token| token.name.clone()).as_deref(), Some("pager"));
        for wrong in ["", "three", &Hash::of("two").written()] {
            assert!(access.whose(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn without_a_list_of_teams_it_is_of_all_and_with_one_of_companies_of_those() {
        let acting = Token {
            may: BTreeSet::from([Right::Read, Right::Act]),
            ..token("console", "one")
        };
        let actor = acting.actor();
        assert!(actor.may(Right::Act, "acme", Some(Owner::Finance)).is_ok());
        assert!(actor.sees("acme") && !actor.sees("beta"));
        let everywhere = Token {
            companies: BTreeSet::new(),
            ..acting
        };
        assert!(everywhere.actor().sees("beta"));
    }
}
