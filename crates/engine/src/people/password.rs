//! Passwords: hashed so that guessing them from a stolen database is dear.
//!
//! Argon2id with 19 MiB, two rounds and one lane (OWASP, Password Storage Cheat Sheet). That is dear for us, too, so no more than two are
//! hashed at once: a flood of tries must eat neither the memory nor the threads that others need.

use std::sync::Arc;

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordVerifier, Version};
use async_trait::async_trait;
use tallyman_core::access::Actor;
use tallyman_core::access::credentials::{SignIn, password_will_do};
use tallyman_core::access::tries::Subject;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change as Changed;
use tallyman_store::tables::people;
use tallyman_store::tables::sign_ins;
use tallyman_store::{Tx, Unit, UnitError};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::sign_in::{self, Refused, Tried};
use super::{Act, Reception, refused, written};

pub const SALT_BYTES: usize = 16;
const AT_ONCE_MAX: usize = 2;

/// How passwords are kept. Tests have one that costs nothing.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// The password as it is kept.
    async fn hash(&self, password: Zeroizing<String>, salt: [u8; SALT_BYTES]) -> Result<String, UnitError>;

    /// Whether it is the one that is kept. Where none is, it takes as long, and is not.
    async fn fits(&self, password: Zeroizing<String>, kept: Option<String>) -> Result<bool, UnitError>;

    /// Whether it was kept at less cost than is asked for today.
    fn is_dated(&self, kept: &str) -> bool;
}

/// What a password is compared with where nobody has the name: a hash of nothing that anybody knows, at today's cost.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$dGFsbHltYW5ub2JvZHkwMA$Y4KzzIgUErd7/K7tAmABwA2eMCXmbCD25+kvB5hRRio";

/// Argon2id, on threads of its own.
pub struct Argon {
    room: Arc<Semaphore>,
}

impl Default for Argon {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(AT_ONCE_MAX)),
        }
    }
}

fn argon() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

impl Argon {
    /// Off the threads that serve, when there is room. The room is taken until the work is done, also if nobody waits for it any more.
    #[expect(
        clippy::disallowed_methods,
        reason = "hashing takes a tenth of a second of a processor; nothing that is simulated hashes, tests have a stand-in that runs inline"
    )]
    async fn off<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, UnitError> {
        let place = self.room.clone().acquire_owned().await;
        let place = place.map_err(|_| UnitError::Closed)?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(|error| UnitError::Panicked {
            unit: "hash_password",
            message: error.to_string(),
        })
    }
}

#[async_trait]
impl Passwords for Argon {
    async fn hash(&self, password: Zeroizing<String>, salt: [u8; SALT_BYTES]) -> Result<String, UnitError> {
        let hashed = self.off(move || {
            let hash: PasswordHash = argon().hash_password_with_salt(password.as_bytes(), &salt)?;
            Ok::<String, argon2::password_hash::Error>(hash.to_string())
        });
        let hashed = hashed.await?;
        hashed.map_err(|error| UnitError::Refused(format!("The password could not be hashed: {error}")))
    }

    async fn fits(&self, password: Zeroizing<String>, kept: Option<String>) -> Result<bool, UnitError> {
        self.off(move || {
            let (kept, anybodys) = (kept.as_deref().unwrap_or(NOBODYS), kept.is_some());
            let fits = argon().verify_password(password.as_bytes(), kept).is_ok();
            fits && anybodys
        })
        .await
    }

    fn is_dated(&self, kept: &str) -> bool {
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        let kept = PasswordHash::new(kept).ok().and_then(|hash| Params::try_from(&hash).ok());
        kept.is_none_or(|kept| cost(&kept) != cost(&Params::DEFAULT))
    }
}

/// A person who is signed in chooses another password. They say the old one first, and are made to wait if it is wrong too often: whoever
/// found their screen open learns nothing. Their other sessions end.
pub async fn change(
    office: Reception<'_>,
    (actor, session): (&Actor, &str),
    (old, new): (Tried<'_>, &str),
    now: Timestamp,
) -> Result<(), Refused> {
    let proven = sign_in::prove(office, &old, now).await?;
    if proven.person.id != actor.id {
        return Err(Refused::Wrong);
    }
    let sign_in = SignIn::parse(&proven.person.sign_in).map_err(refused)?;
    password_will_do(new, &sign_in).map_err(refused)?;
    let hash = office.passwords.hash(Zeroizing::new(new.to_owned()), office.vault.random());
    let change = Change {
        person: actor.id.clone(),
        actor: actor.journalled(),
        session: session.to_owned(),
        was: proven.kept,
        counted: proven.counted,
        step: proven.step,
        hash: hash.await?,
        now,
    };
    Ok(written(office.store, change, now).await?)
}

struct Change {
    person: String,
    actor: String,
    session: String,
    was: String,
    counted: Vec<(Subject, String)>,
    /// Of the code that they said, which counts once.
    step: Option<i64>,
    hash: String,
    now: Timestamp,
}

impl Unit for Change {
    type Output = ();
    const NAME: &'static str = "change_password";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let stands = people::credential(tx, &self.person).await?.map(|kept| kept.password);
        if stands.as_ref() != Some(&self.was) {
            return Err(UnitError::Conflict("the password".into()));
        }
        if let Some(step) = self.step
            && !people::use_step(tx, &self.person, step).await?
        {
            return Err(UnitError::Conflict("the code".into()));
        }
        sign_in::give_back(tx, &self.counted).await?;
        people::set_password(tx, &self.person, &self.hash, self.now).await?;
        let ended = sign_ins::end_others(tx, &self.person, &self.session).await?;
        let act = Act {
            at: self.now,
            actor: &self.actor,
            kind: "person.password_changed",
            person: &self.person,
            what: &format!("another password was chosen; {ended} other sessions ended"),
            change: Changed::to("a password", "the password that was chosen"),
        };
        act.write(tx).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime")
            .block_on(work)
    }

    fn words(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[test]
    fn a_password_fits_its_own_hash_and_no_other_does() {
        let argon = Argon::default();
        let kept = run(argon.hash(words("correct horse battery"), [7; SALT_BYTES])).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(!argon.is_dated(&kept));
        assert!(run(argon.fits(words("correct horse battery"), Some(kept.clone()))).unwrap());
        assert!(!run(argon.fits(words("correct horse batterY"), Some(kept.clone()))).unwrap());
        let salted = run(argon.hash(words("correct horse battery"), [8; SALT_BYTES])).unwrap();
        assert_ne!(kept, salted);
    }

    #[test]
    fn nobodys_password_is_compared_at_todays_cost_and_never_fits() {
        let argon = Argon::default();
        // One that cannot be read would be refused at once, and the time would say that nobody has the name.
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        assert!(nobodys.salt.is_some() && nobodys.hash.is_some_and(|hash| hash.len() == 32));
        assert!(!argon.is_dated(NOBODYS));
        assert!(!run(argon.fits(words("nobody"), None)).unwrap());
    }

    #[test]
    fn what_was_kept_at_less_cost_is_dated() {
        let argon = Argon::default();
        assert!(argon.is_dated(&NOBODYS.replace("m=19456", "m=4096")));
        assert!(argon.is_dated("plain text"));
    }
}
