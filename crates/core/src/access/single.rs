//! Single sign-on: who somebody is by another's word. The way there and back, and what is asked of whoever gives that word.
//!
//! A way is one secret, drawn when somebody leaves and kept by their browser until they come back. All else that has to be new each time is
//! derived from it, so nothing is stored for those who never return.
//!
//! Not here: whose an identity is, which people with the right to say so have said. An e-mail address is nobody's proof.

use async_trait::async_trait;

use crate::fingerprint::ContentHash;
use crate::time::Timestamp;

/// Characters that the secret of a way has: 256 bits.
const SECRET_CHARS: usize = 43;

/// The way of one browser, there and back.
pub struct Way {
    secret: String,
}

impl Way {
    /// From what was drawn, or what a browser has kept of it.
    pub fn read(secret: &str) -> Option<Way> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let whole = secret.len() == SECRET_CHARS && secret.bytes().all(plain);
        whole.then(|| Way {
            secret: secret.to_owned(),
        })
    }

    fn derived(&self, what: &str) -> String {
        ContentHash::of(format!("{what} {}", self.secret).as_bytes()).to_string()
    }

    /// What comes back in the address: it shows that the answer belongs to this browser.
    pub fn state(&self) -> String {
        self.derived("state")
    }

    /// What stands in the token: it shows that the token was made for this way.
    pub fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// What the code is exchanged with (PKCE): it shows that who brings the code is who asked for it.
    pub fn verifier(&self) -> String {
        self.derived("verifier")
    }
}

/// Who somebody is to whoever vouches for them. It says nothing about who they are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
}

/// Why nobody was vouched for. What the other side said stands in none of them: it is not ours to show or to log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotVouched {
    #[error("it does not answer")]
    Silent,
    #[error("it answered {0}")]
    Refused(u16),
    #[error("what it answered cannot be read")]
    Unreadable,
    /// A claim that is wrong, by its name.
    #[error("its token cannot be trusted: {0}")]
    Untrusted(&'static str),
}

/// Whoever gives their word for people.
#[async_trait]
pub trait Vouches: Send + Sync {
    /// What people call it.
    fn called(&self) -> &str;

    /// How its tokens name it: whose word an identity rests on.
    fn issuer(&self) -> &str;

    /// Where a browser is sent.
    async fn leads_to(&self, way: &Way, now: Timestamp) -> Result<String, NotVouched>;

    /// Who came back with this code.
    async fn vouches(&self, way: &Way, code: &str, now: Timestamp) -> Result<Identity, NotVouched>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_a_way_is_its_own_and_long_enough() {
        let one = Way::read(&"a".repeat(SECRET_CHARS)).unwrap();
        let other = Way::read(&"b".repeat(SECRET_CHARS)).unwrap();
        let mut all = vec![
            one.state(),
            one.nonce(),
            one.verifier(),
            other.state(),
            other.nonce(),
            other.verifier(),
        ];
        // PKCE wants 43 to 128 characters.
        assert!(all.iter().all(|text| (43..=128).contains(&text.len())), "{all:?}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn what_is_no_secret_is_no_way() {
        for text in ["", "short", &"a".repeat(44), &"ä".repeat(43), &format!("{};", "a".repeat(42))] {
            assert!(Way::read(text).is_none(), "{text}");
        }
    }
}
