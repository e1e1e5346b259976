//! Reading lines back: what was written about one subject.

use super::Kept;
use crate::{Tx, UnitError, params};

/// A line as it stands beside its content, numbered or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// When, in microseconds.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What happened, as a code.
    pub kind: String,
    /// What is kept beside it; nothing once its subject was erased.
    pub content: Option<Kept>,
}

const OF_SUBJECT: &str =
    "select at, actor, kind, content from journal_line where company = $1 and subject = $2 order by id limit 10000";

/// The lines about a subject, in the order in which they were written.
pub async fn of_subject(tx: &mut Tx<'_>, company: &str, subject: &str) -> Result<Vec<Written>, UnitError> {
    let rows = tx.query(OF_SUBJECT, params![company, subject]).await?;
    rows.iter()
        .map(|row| {
            let content = row.get::<Option<Vec<u8>>>(3)?.map(Kept::from_stored);
            Ok(Written {
                at: row.get(0)?,
                actor: row.get(1)?,
                kind: row.get(2)?,
                content,
            })
        })
        .collect()
}

const NUMBERS: &str = "select sequence from journal_line where company = $1 and subject = $2 order by id limit 10000";

/// The numbers of these lines, in the same order; nothing for a line that is not sealed yet.
pub async fn numbers_of_subject(tx: &mut Tx<'_>, company: &str, subject: &str) -> Result<Vec<Option<u64>>, UnitError> {
    let rows = tx.query(NUMBERS, params![company, subject]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
