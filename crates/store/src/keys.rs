//! Where subjects' keys are kept, wrapped, and where they are destroyed.
//!
//! A key is drawn and wrapped before the unit that needs it, since a unit may run twice. The unit keeps it with [`create`];
//! if another was first, that is a conflict: read again, and seal under the key that is there.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::time::Timestamp;

use crate::seal::Wrapped;
use crate::{Row, Tx, UnitError, Value, params};

/// What is known of a subject's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// None was ever made.
    Absent,
    /// There is one.
    Held(Wrapped),
    /// It was destroyed, and the subject's data with it.
    Destroyed {
        /// When.
        at: Timestamp,
    },
}

const LOAD: &str = "select wrapped, destroyed_at from subject_key where company = $1 and subject = $2";
/// Keys asked for in one statement: as many as a page has rows, and the row that tells of a next.
const AT_ONCE: usize = 31;
const SOME: &str = "select subject, wrapped, destroyed_at from subject_key where company = $1 and subject in ($2, $3, $4, $5, $6, $7, $8, $9, \
    $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";
const CREATE: &str = "insert into subject_key (company, subject, wrapped, created_at) values ($1, $2, $3, $4)
    on conflict (company, subject) do nothing";
const REPLACE: &str = "update subject_key set wrapped = $4 where company = $1 and subject = $2 and wrapped = $3";
const DESTROY: &str = "update subject_key set wrapped = null, destroyed_at = $3
    where company = $1 and subject = $2 and wrapped is not null";
const LIST: &str = "select company, subject, wrapped from subject_key
    where (company, subject) > ($1, $2) and wrapped is not null order by company, subject limit $3";

/// The subject's key, as far as there is one.
pub async fn load(tx: &mut Tx<'_>, company: &str, subject: &str) -> Result<KeyState, UnitError> {
    match tx.query_opt(LOAD, params![company, subject]).await? {
        Some(row) => state(&row, 0),
        None => Ok(KeyState::Absent),
    }
}

/// The keys of these subjects, some with each statement; a subject of which none was ever made is not among them.
pub async fn load_all<'a>(
    tx: &mut Tx<'_>,
    company: &str,
    subjects: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, KeyState>, UnitError> {
    let subjects: Vec<&str> = subjects.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = BTreeMap::new();
    for some in subjects.chunks(AT_ONCE) {
        // Places that are left over ask for the last once more, so that it stays one statement.
        let last = some.last().copied().unwrap_or_default();
        let all = some.iter().copied().chain(std::iter::repeat(last)).take(AT_ONCE);
        let values: Vec<Value<'_>> = std::iter::once(company)
            .chain(all)
            .map(|text| Value::Text(text.into()))
            .collect();
        for row in tx.query(SOME, &values).await? {
            found.insert(row.get(0)?, state(&row, 1)?);
        }
    }
    Ok(found)
}

/// From `wrapped, destroyed_at`.
fn state(row: &Row, at: usize) -> Result<KeyState, UnitError> {
    Ok(match row.get(at)? {
        Some(wrapped) => KeyState::Held(Wrapped::from_stored(wrapped)),
        None => KeyState::Destroyed { at: row.get(at + 1)? },
    })
}

/// Keeps a new key. If the subject has another, that is a [`UnitError::Conflict`]; if it was erased, a refusal: nothing may be
/// sealed for it again. Keeping the same key twice is no error.
pub async fn create(tx: &mut Tx<'_>, company: &str, subject: &str, key: &Wrapped, now: Timestamp) -> Result<(), UnitError> {
    if tx.execute(CREATE, params![company, subject, key.as_bytes(), now]).await? == 1 {
        return Ok(());
    }
    match load(tx, company, subject).await? {
        KeyState::Held(held) if held == *key => Ok(()),
        KeyState::Held(_) | KeyState::Absent => Err(UnitError::Conflict(format!("the key of {subject}"))),
        KeyState::Destroyed { .. } => Err(UnitError::Refused(format!(
            "the personal data of {subject} was erased; nothing is added"
        ))),
    }
}

/// Puts the same key, wrapped again under a newer master key, in place of `old`. Says whether `old` was still there: the key may
/// have been destroyed meanwhile, and must not come back.
pub async fn rewrap(tx: &mut Tx<'_>, key: &Kept, new: &Wrapped) -> Result<bool, UnitError> {
    let (old, new) = (key.wrapped.as_bytes(), new.as_bytes());
    Ok(tx.execute(REPLACE, params![key.company, key.subject, old, new]).await? == 1)
}

/// Destroys the subject's key. Says whether there was one.
pub async fn destroy(tx: &mut Tx<'_>, company: &str, subject: &str, now: Timestamp) -> Result<bool, UnitError> {
    Ok(tx.execute(DESTROY, params![company, subject, now]).await? == 1)
}

/// A key as it is kept, with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whose subject.
    pub company: String,
    /// What it belongs to.
    pub subject: String,
    /// The key.
    pub wrapped: Wrapped,
}

/// The keys after this company's subject, in the order of companies and subjects: for wrapping them again.
pub async fn list(tx: &mut Tx<'_>, (company, subject): (&str, &str), limit: u32) -> Result<Vec<Kept>, UnitError> {
    let rows = tx.query(LIST, params![company, subject, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Kept {
                company: row.get(0)?,
                subject: row.get(1)?,
                wrapped: Wrapped::from_stored(row.get(2)?),
            })
        })
        .collect()
}
