//! What a first person has said of a write, until a second says the same.

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::seal::Sealed;
use crate::{Tx, UnitError, params};

/// A first person's word. Why they say so is sealed under the journey's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub answer: String,
    pub actor: String,
    pub at: Timestamp,
}

const LOAD: &str = "select answer, actor, at from word where effect = $1";
const PUT: &str = "insert into word (effect, answer, actor, at, reason) values ($1, $2, $3, $4, $5) on conflict (effect) do update \
     set answer = excluded.answer, actor = excluded.actor, at = excluded.at, reason = excluded.reason";
const DROP: &str = "delete from word where effect = $1";

pub async fn load(tx: &mut Tx<'_>, effect: &Fingerprint) -> Result<Option<Word>, UnitError> {
    tx.query_opt(LOAD, params![effect.as_str()])
        .await?
        .map(|row| {
            Ok(Word {
                answer: row.get(0)?,
                actor: row.get(1)?,
                at: Timestamp::from_micros(row.get(2)?),
            })
        })
        .transpose()
}

/// In the place of what was said before.
pub async fn put(tx: &mut Tx<'_>, effect: &Fingerprint, word: &Word, reason: &Sealed) -> Result<(), UnitError> {
    tx.touched(Topic::of(Kind::Outcome));
    tx.execute(
        PUT,
        params![effect.as_str(), word.answer, word.actor, word.at.micros(), reason.as_bytes()],
    )
    .await
    .map(drop)
}

pub async fn forget(tx: &mut Tx<'_>, effect: &Fingerprint) -> Result<(), UnitError> {
    tx.execute(DROP, params![effect.as_str()]).await.map(drop)
}
