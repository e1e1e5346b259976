//! Which names people may sign in with, and which passwords will do.
//!
//! What makes a password good is its length. Rules about digits and signs lead to `Password1!`, so there are none; only what is easily
//! guessed at any length is refused.

use std::collections::BTreeSet;
use std::fmt;

const NAME_CHARS_MAX: usize = 64;
const DISPLAY_CHARS_MAX: usize = 80;
const PASSWORD_CHARS_MIN: usize = 12;
/// Longer than anybody types, and short enough that hashing it costs nothing more.
pub const PASSWORD_BYTES_MAX: usize = 512;
const DIFFERENT_CHARS_MIN: usize = 5;

/// What somebody signs in with, in lower case: no two people who are there have the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignIn(String);

impl SignIn {
    /// Reads it, or says what it may be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.trim().to_lowercase();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_@+".contains(c);
        if (2..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(fits) {
            return Ok(Self(name));
        }
        Err(format!(
            "A name to sign in with has 2 to {NAME_CHARS_MAX} of the characters a to z, 0 to 9 and . - _ @ +, like anna.smith or an e-mail \
             address."
        ))
    }

    /// What somebody of this name may well sign in with: `Anna Smith` as `anna.smith`.
    pub fn from_name(name: &str) -> Result<Self, String> {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        Self::parse(&words.join("."))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What somebody is called, as others see it.
pub fn display_name(text: &str) -> Result<String, String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=DISPLAY_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(format!(
        "A person's name has 1 to {DISPLAY_CHARS_MAX} characters: as colleagues know them."
    ))
}

/// Whether a password will do, or what is wrong with it.
pub fn password_will_do(password: &str, sign_in: &SignIn) -> Result<(), String> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(format!(
            "A password has at least {PASSWORD_CHARS_MIN} characters. Four words that do not belong together are easy to remember."
        ));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(format!("A password has at most {PASSWORD_BYTES_MAX} bytes."));
    }
    let lower = password.to_lowercase();
    let different: BTreeSet<char> = lower.chars().collect();
    if different.len() < DIFFERENT_CHARS_MIN {
        return Err(format!(
            "A password has at least {DIFFERENT_CHARS_MIN} different characters: this one is among the first that are tried."
        ));
    }
    let own = sign_in.as_str().split('@').next().unwrap_or_default();
    // What is left without the name must be long enough by itself.
    if own.len() > 2 && lower.contains(own) && lower.replace(own, "").chars().count() < PASSWORD_CHARS_MIN {
        return Err("A password that holds the name is guessed first. Take words that have nothing to do with you.".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_to_sign_in_with_is_the_same_in_any_case() {
        assert_eq!(
            SignIn::parse(" Anna.Smith@Example.com ").unwrap().as_str(),
            "anna.smith@example.com"
        );
        assert_eq!(SignIn::from_name("Anna  Smith").unwrap().as_str(), "anna.smith");
        for wrong in ["", "a", "anna smith", "анна", "a/b", &"a".repeat(65)] {
            assert!(SignIn::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_persons_name_is_one_line() {
        assert_eq!(display_name("  Zoë\n O'Neil ").unwrap(), "Zoë O'Neil");
        for wrong in ["", "  ", "a\u{7}b", &"a".repeat(81)] {
            assert!(display_name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_easily_guessed_will_not_do() {
        let anna = SignIn::parse("anna.smith@example.com").unwrap();
        for wrong in [
            "",
            "elevenchars",
            "aaaaaaaaaaaaaaaa",
            "121212121212",
            "Anna.Smith1234",
            &"x y".repeat(200),
        ] {
            assert!(password_will_do(wrong, &anna).is_err(), "{wrong}");
        }
        for right in ["correct horse battery", "Anna.Smith has nine cats", "пароль из слов"] {
            assert_eq!(password_will_do(right, &anna), Ok(()), "{right}");
        }
    }
}
