//! Codes: six digits from a person's telephone, beside their password (TOTP, RFC 6238).
//!
//! The secret is sealed under a key of its own subject, so a copy of the database makes no codes. A secret is asked for once a code of it was
//! shown, or a mistake in setting it up would lock somebody out. Each code counts once: the step of the last is kept.

use tallyman_core::access::tries::{self, Subject};
use tallyman_core::access::{Actor, HOUSE, Kind};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::seal::{Place, SubjectKey, Wrapped};
use tallyman_store::tables::people::{self, Code};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::{Act, over_all, refused, sign_in, there, written};
use crate::vault::Vault;

/// Whose key seals the secrets: it belongs to no company.
pub(super) const SUBJECT: &str = "people";
/// As RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;
/// Clocks of telephones differ: the code before and the one after count, too.
const STEPS_BESIDE: u16 = 1;
const DIGITS: u8 = 6;
const ISSUER: &str = "Tallyman";

/// What a telephone is shown, once.
pub struct Secret {
    /// In base 32, for whoever types it in.
    pub text: Zeroizing<String>,
    /// The same as an address, for a picture to photograph.
    pub uri: Zeroizing<String>,
}

fn place(person: &str) -> Place<'_> {
    Place {
        table: "credential",
        row: person,
        field: "code",
    }
}

fn totp(secret: &[u8]) -> Result<Totp, UnitError> {
    let builder = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(STEPS_BESIDE)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret.to_vec());
    builder
        .build()
        .map_err(|error| refused(format!("The secret of the codes cannot be used: {error}")))
}

/// The step that a code is of, if it is right now.
fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<i64>, UnitError> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.micros() / 1_000_000).unwrap_or_default();
    let step = totp(secret)?.check(&digits, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// The step that a code is of, by the secret that is kept.
pub(super) fn step(
    vault: &Vault,
    (person, code): (&str, &Code),
    key: Option<&Wrapped>,
    (given, now): (&str, Timestamp),
) -> Result<Option<i64>, UnitError> {
    let key = key.ok_or_else(|| refused("The key of the codes is gone: an administrator lets go of this person's code."))?;
    let key = vault.unwrap(HOUSE, SUBJECT, key)?;
    let secret = Zeroizing::new(vault.open(&key, place(person), code.sealed.clone())?);
    step_of(&secret, given, now)
}

/// Draws a secret for a person who is signed in. It is not asked for before [`confirm`].
pub async fn begin(store: &Store, vault: &Vault, actor: &Actor, now: Timestamp) -> Result<Secret, UnitError> {
    let person = own(actor)?;
    let key = key(store, vault, now).await?;
    let secret = Zeroizing::new(vault.random::<SECRET_BYTES>());
    let begin = Begin {
        person: person.to_owned(),
        sealed: vault.seal(&key, place(person), secret.as_ref()).as_bytes().to_vec(),
    };
    let sign_in = store.write(begin).await?;
    let text = Zeroizing::new(data_encoding::BASE32_NOPAD.encode(secret.as_ref()));
    let uri = Zeroizing::new(format!(
        "otpauth://totp/{ISSUER}:{}?secret={}&issuer={ISSUER}",
        encoded(&sign_in),
        *text
    ));
    Ok(Secret { text, uri })
}

/// The two signs of a name to sign in with that mean something else in an address.
fn encoded(sign_in: &str) -> String {
    sign_in.replace('@', "%40").replace('+', "%2B")
}

fn own(actor: &Actor) -> Result<&str, UnitError> {
    match actor.kind {
        Kind::Person => Ok(&actor.id),
        Kind::Token | Kind::Terminal => Err(refused("Only a person who is signed in has codes.")),
    }
}

/// The key that seals secrets; made at the first.
async fn key(store: &Store, vault: &Vault, now: Timestamp) -> Result<SubjectKey, UnitError> {
    let (_, wrapped) = vault.draw(HOUSE, SUBJECT);
    let kept = store.write(KeyOfCodes { wrapped, now }).await?;
    vault.unwrap(HOUSE, SUBJECT, &kept)
}

struct KeyOfCodes {
    /// Kept if there is none.
    wrapped: Wrapped,
    now: Timestamp,
}

impl Unit for KeyOfCodes {
    type Output = Wrapped;
    const NAME: &'static str = "key_of_codes";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Wrapped, UnitError> {
        if let keys::KeyState::Held(kept) = keys::load(tx, HOUSE, SUBJECT).await? {
            return Ok(kept);
        }
        keys::create(tx, HOUSE, SUBJECT, &self.wrapped, self.now).await?;
        Ok(self.wrapped.clone())
    }
}

struct Begin {
    person: String,
    sealed: Vec<u8>,
}

impl Unit for Begin {
    type Output = String;
    const NAME: &'static str = "begin_code";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<String, UnitError> {
        let found = there(tx, &self.person).await?;
        if people::credential(tx, &self.person).await?.is_none() {
            return Err(refused(
                "You have no password here for a code to stand beside: somebody else vouches for you, and asks for a second factor themselves.",
            ));
        }
        if !people::set_code(tx, &self.person, &self.sealed).await? {
            return Err(refused(
                "You are asked for a code already. An administrator lets go of it, if your telephone is lost.",
            ));
        }
        Ok(found.sign_in)
    }
}

/// A first code was shown: from now on one is asked for.
pub async fn confirm(store: &Store, vault: &Vault, actor: &Actor, given: &str, now: Timestamp) -> Result<(), UnitError> {
    let person = own(actor)?;
    let load = Load {
        person: person.to_owned(),
    };
    let (code, key) = store.read(load).await?;
    let code = code.ok_or_else(|| refused("No secret was drawn yet: begin again."))?;
    let step = step(vault, (person, &code), key.as_ref(), (given, now))?;
    let step = step
        .ok_or_else(|| refused("This code does not fit. Wait for the next, and see whether the telephone's clock is right."))?;
    let confirm = Confirm {
        person: person.to_owned(),
        sealed: code.sealed,
        step,
        now,
    };
    written(store, confirm, now).await
}

struct Load {
    person: String,
}

impl Unit for Load {
    type Output = (Option<Code>, Option<Wrapped>);
    const NAME: &'static str = "load_code";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let code = people::credential(tx, &self.person).await?.and_then(|kept| kept.code);
        Ok((code, wrapped(tx).await?))
    }
}

/// The key of the codes, as it is kept.
pub(super) async fn wrapped(tx: &mut Tx<'_>) -> Result<Option<Wrapped>, UnitError> {
    Ok(match keys::load(tx, HOUSE, SUBJECT).await? {
        keys::KeyState::Held(key) => Some(key),
        keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => None,
    })
}

struct Confirm {
    person: String,
    sealed: Vec<u8>,
    step: i64,
    now: Timestamp,
}

impl Unit for Confirm {
    type Output = ();
    const NAME: &'static str = "confirm_code";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let code = people::credential(tx, &self.person).await?.and_then(|kept| kept.code);
        match code {
            Some(code) if code.sealed == self.sealed && !code.confirmed => {}
            Some(_) | None => return Err(UnitError::Conflict("the secret of the codes".into())),
        }
        people::use_step(tx, &self.person, self.step).await?;
        let act = Act {
            at: self.now,
            actor: &tallyman_core::access::person(&self.person),
            kind: "person.code_set",
            person: &self.person,
            what: "a code is asked for from now on",
            change: Change::to("password", "password and code"),
        };
        act.write(tx).await
    }
}

/// A person lets go of their own code, with a code of it: whoever only found their session open cannot, and is made to wait if they guess.
pub async fn off(store: &Store, vault: &Vault, actor: &Actor, given: &str, now: Timestamp) -> Result<(), UnitError> {
    let person = own(actor)?;
    let counted = [tries::of_code(person)];
    sign_in::count(store, &counted, now).await?;
    let load = Load {
        person: person.to_owned(),
    };
    let (code, key) = store.read(load).await?;
    let code = code.filter(|code| code.confirmed);
    let code = code.ok_or_else(|| refused("You are not asked for a code."))?;
    let step = step(vault, (person, &code), key.as_ref(), (given, now))?;
    let step = step.filter(|step| *step > code.step);
    let step = step.ok_or_else(|| refused("This code does not fit, or was used already. Wait for the next."))?;
    let off = Off {
        person: person.to_owned(),
        counted,
        step,
        now,
    };
    written(store, off, now).await
}

struct Off {
    person: String,
    counted: [(Subject, String); 1],
    step: i64,
    now: Timestamp,
}

impl Unit for Off {
    type Output = ();
    const NAME: &'static str = "code_off";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        if !people::use_step(tx, &self.person, self.step).await? || !people::drop_code(tx, &self.person).await? {
            return Err(UnitError::Conflict("the code".into()));
        }
        sign_in::give_back(tx, &self.counted).await?;
        let act = Act {
            at: self.now,
            actor: &tallyman_core::access::person(&self.person),
            kind: "person.code_off",
            person: &self.person,
            what: "no code is asked for any more, by their own wish",
            change: Change::to("password and code", "password"),
        };
        act.write(tx).await
    }
}

/// Whether a person is asked for a code.
pub async fn is_on(store: &Store, actor: &Actor) -> Result<bool, UnitError> {
    let person = own(actor)?.to_owned();
    let (code, _) = store.read(Load { person }).await?;
    Ok(code.is_some_and(|code| code.confirmed))
}

/// Whether a person has a password here; whoever others vouch for needs none.
pub async fn has_password(store: &Store, actor: &Actor) -> Result<bool, UnitError> {
    let person = own(actor)?.to_owned();
    store.read(HasPassword { person }).await
}

struct HasPassword {
    person: String,
}

impl Unit for HasPassword {
    type Output = bool;
    const NAME: &'static str = "has_password";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        Ok(people::credential(tx, &self.person).await?.is_some())
    }
}

/// An administrator lets go of a person's code: the telephone is lost.
pub async fn let_go(store: &Store, actor: &Actor, id: &str, now: Timestamp) -> Result<(), UnitError> {
    let unit = LetGo {
        actor: actor.clone(),
        person: id.to_owned(),
        now,
    };
    written(store, unit, now).await
}

struct LetGo {
    actor: Actor,
    person: String,
    now: Timestamp,
}

impl Unit for LetGo {
    type Output = ();
    const NAME: &'static str = "let_go_of_code";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let permit = over_all(tx, &self.actor, &self.person, self.now).await?;
        if !people::drop_code(tx, &self.person).await? {
            return Err(refused(format!("{} is not asked for a code.", self.person)));
        }
        let act = Act {
            at: self.now,
            actor: permit.actor(),
            kind: "person.code_let_go",
            person: &self.person,
            what: "no code is asked for any more",
            change: Change::to("password and code", "password"),
        };
        act.write(tx).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the SHA-1 rows: eight digits there, of which ours are the last six.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            let now = Timestamp::from_micros(seconds * 1_000_000);
            assert_eq!(step_of(secret, code, now).unwrap(), Some(seconds / 30));
            assert_eq!(
                step_of(secret, &format!("{} {}", &code[..3], &code[3..]), now).unwrap(),
                Some(seconds / 30)
            );
            let beside = Timestamp::from_micros((seconds + 30) * 1_000_000);
            assert_eq!(step_of(secret, code, beside).unwrap(), Some(seconds / 30));
            let late = Timestamp::from_micros((seconds + 60) * 1_000_000);
            assert_eq!(step_of(secret, code, late).unwrap(), None);
        }
        for noise in ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"] {
            let now = Timestamp::from_micros(59_000_000);
            assert_eq!(step_of(secret, noise, now).unwrap(), None, "{noise}");
        }
    }
}
