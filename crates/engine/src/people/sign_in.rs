//! Signing in: a name, a password, perhaps a code; and then a session.
//!
//! Whether a name is known cannot be told from an answer, nor from the time that it takes: a password is always hashed. A try is counted
//! before it is looked at (`core::access::tries`), in the same unit that says whether it may be made at all, so many at once are many.

use std::net::IpAddr;

use tallyman_core::access::credentials::{PASSWORD_BYTES_MAX, SignIn};
use tallyman_core::access::tries::{Subject, subjects};
use tallyman_core::access::{person, session_ends};
use tallyman_core::fingerprint::ContentHash;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::people::{self, Credential, Person};
use tallyman_store::tables::sign_ins::{self, Hash, Session};
use tallyman_store::{Store, Tx, Unit, UnitError};
use zeroize::Zeroizing;

use super::code;
use super::{Act, Reception, new_id, written};

/// What somebody who wants to come in says.
pub struct Tried<'a> {
    pub sign_in: &'a str,
    pub password: &'a str,
    pub code: Option<&'a str>,
    /// Where they come from, as far as it can be told. This machine is nowhere.
    pub from: Option<IpAddr>,
}

/// Why somebody does not come in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Which of them is wrong is not said.
    #[error("That name, password and code do not go together. Try again.")]
    Wrong,
    #[error("Type the code that your telephone shows for Tallyman.")]
    WantsCode,
    #[error("There were too many wrong tries. Wait for some minutes, and try again.")]
    Wait { until: Timestamp },
    #[error(transparent)]
    Store(#[from] UnitError),
}

/// Somebody who came in.
pub struct SignedIn {
    /// For the cookie, and for nothing else.
    pub token: Zeroizing<String>,
    pub person: String,
    pub ends_at: Timestamp,
}

/// Somebody who is who they say, before a session begins.
pub(super) struct Proven {
    pub person: Person,
    /// The password's hash as it was when they proved it.
    pub kept: String,
    pub counted: Vec<(Subject, String)>,
    /// Of the code that they said: it counts once.
    pub step: Option<i64>,
}

pub(super) fn hash_of(token: &str) -> Hash {
    *ContentHash::of(token.as_bytes()).as_bytes()
}

/// Opens a session for whoever proves who they are.
pub async fn sign_in(office: Reception<'_>, tried: &Tried<'_>, now: Timestamp) -> Result<SignedIn, Refused> {
    let proven = prove(office, tried, now).await?;
    let dated = office.passwords.is_dated(&proven.kept);
    let rehashed = match dated {
        true => {
            let password = Zeroizing::new(tried.password.to_owned());
            Some(office.passwords.hash(password, office.vault.random()).await?)
        }
        false => None,
    };
    let token = Zeroizing::new(data_encoding::BASE64URL_NOPAD.encode(&office.vault.random::<32>()));
    let session = Session {
        id: new_id(office.vault),
        person: proven.person.id.clone(),
        begun_at: now,
        seen_at: now,
        ends_at: session_ends(now, now),
    };
    let (person, ends_at) = (session.person.clone(), session.ends_at);
    let begin = Begin {
        proven,
        rehashed,
        hash: hash_of(&token),
        session,
        now,
    };
    if !written(office.store, begin, now).await? {
        return Err(Refused::Wrong);
    }
    Ok(SignedIn { token, person, ends_at })
}

/// Whoever has this name, if the rest fits.
pub(super) async fn prove(office: Reception<'_>, tried: &Tried<'_>, now: Timestamp) -> Result<Proven, Refused> {
    let counted = subjects(tried.sign_in, tried.from);
    let begin = BeginTry {
        sign_in: SignIn::parse(tried.sign_in).ok(),
        subjects: counted.clone(),
        now,
    };
    let known = match office.store.write(begin).await? {
        Begun::Wait(until) => {
            tracing::debug!(
                "too many wrong tries to sign in: the next is not looked at before {}",
                until.to_rfc3339()
            );
            return Err(Refused::Wait { until });
        }
        Begun::Nobody => None,
        Begun::Known(known) => Some(known),
    };
    // A password that is longer than any is not hashed, whoever's it is.
    if tried.password.len() > PASSWORD_BYTES_MAX {
        return Err(Refused::Wrong);
    }
    let kept = known.as_ref().map(|known| known.credential.password.clone());
    let password = Zeroizing::new(tried.password.to_owned());
    let fits = office.passwords.fits(password, kept).await?;
    let Some(known) = known.filter(|_| fits) else {
        return Err(Refused::Wrong);
    };
    let Known { person, credential, key } = *known;
    let step = match (credential.code.filter(|code| code.confirmed), tried.code) {
        (None, _) => None,
        (Some(_), None) => return Err(Refused::WantsCode),
        (Some(code), Some(given)) => {
            let step = code::step(office.vault, (&person.id, &code), key.as_ref(), (given, now))?;
            Some(step.filter(|step| *step > code.step).ok_or(Refused::Wrong)?)
        }
    };
    Ok(Proven {
        person,
        kept: credential.password,
        counted,
        step,
    })
}

/// Counts a try at what only one person knows, before it is looked at; refused when it has to wait.
pub(super) async fn count(store: &Store, subjects: &[(Subject, String)], now: Timestamp) -> Result<(), UnitError> {
    let begin = BeginTry {
        sign_in: None,
        subjects: subjects.to_vec(),
        now,
    };
    match store.write(begin).await? {
        Begun::Wait(_) => Err(UnitError::Refused(Refused::Wait { until: now }.to_string())),
        Begun::Nobody | Begun::Known(_) => Ok(()),
    }
}

struct BeginTry {
    /// None for what nobody can sign in with.
    sign_in: Option<SignIn>,
    subjects: Vec<(Subject, String)>,
    now: Timestamp,
}

enum Begun {
    Wait(Timestamp),
    Nobody,
    Known(Box<Known>),
}

struct Known {
    person: Person,
    credential: Credential,
    /// Of the codes.
    key: Option<Wrapped>,
}

impl Unit for BeginTry {
    type Output = Begun;
    const NAME: &'static str = "begin_sign_in";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Begun, UnitError> {
        let mut counted = Vec::new();
        let mut wait = None;
        for (subject, key) in &self.subjects {
            match subject.begin(sign_ins::tries(tx, key).await?, self.now) {
                Ok(tries) => counted.push((key, tries)),
                Err(until) => wait = wait.max(Some(until)),
            }
        }
        // What is not looked at does not count: whoever waits is not made to wait longer by asking.
        if let Some(until) = wait {
            return Ok(Begun::Wait(until));
        }
        // Here, because whoever guesses many names leaves a row for each.
        sign_ins::sweep(tx, self.now).await?;
        for (key, tries) in counted {
            sign_ins::keep_tries(tx, key, Some(tries)).await?;
        }
        let Some(sign_in) = &self.sign_in else {
            return Ok(Begun::Nobody);
        };
        let Some(person) = people::named(tx, sign_in.as_str()).await? else {
            return Ok(Begun::Nobody);
        };
        let Some(credential) = people::credential(tx, &person.id).await? else {
            return Ok(Begun::Nobody);
        };
        let key = code::wrapped(tx).await?;
        Ok(Begun::Known(Box::new(Known { person, credential, key })))
    }
}

/// What was counted for a try that was right.
pub(super) async fn give_back(tx: &mut Tx<'_>, counted: &[(Subject, String)]) -> Result<(), UnitError> {
    for (subject, key) in counted {
        if let Some(kept) = sign_ins::tries(tx, key).await? {
            sign_ins::keep_tries(tx, key, subject.was_right(kept)).await?;
        }
    }
    Ok(())
}

struct Begin {
    proven: Proven,
    rehashed: Option<String>,
    hash: Hash,
    session: Session,
    now: Timestamp,
}

impl Unit for Begin {
    /// False if what was proved does not hold any more: the password was changed, the code used, the person ended.
    type Output = bool;
    const NAME: &'static str = "begin_session";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let id = &self.session.person;
        let stands = people::credential(tx, id).await?;
        let asked = |kept: &Credential| kept.code.as_ref().is_some_and(|code| code.confirmed);
        match stands {
            Some(kept) if kept.password == self.proven.kept && asked(&kept) == self.proven.step.is_some() => {}
            Some(_) | None => return Ok(false),
        }
        if let Some(step) = self.proven.step
            && !people::use_step(tx, id, step).await?
        {
            return Ok(false);
        }
        if let Some(hash) = &self.rehashed {
            people::set_password(tx, id, hash, self.now).await?;
        }
        give_back(tx, &self.proven.counted).await?;
        sign_ins::begin(tx, &self.hash, &self.session).await?;
        let act = Act {
            at: self.now,
            actor: &person(id),
            kind: "session.begun",
            person: id,
            what: &format!("session {}", self.session.id),
            change: Change::made(super::session::OPEN),
        };
        act.write(tx).await?;
        Ok(true)
    }
}
