//! Reading lines back: what was written about one subject, and a company's journal page by page, the newest first.

use std::ops::Range;

use tallyman_core::time::Timestamp;

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

/// A line of a company's journal, for whoever reads it page by page.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its place among all lines that were written, sealed or not.
    pub id: i64,
    pub at: Timestamp,
    pub actor: String,
    pub kind: String,
    pub subject: String,
    pub content: Option<Kept>,
    /// Its number in the chain; none while it is not sealed.
    pub number: Option<u64>,
}

/// Which lines: each way has an index, and no page is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seek {
    All,
    /// What people did who sign in.
    People,
    /// What was done to this.
    Subject(String),
}

// `at` and not the number orders them: what is not sealed yet is there, too.
const PAGE: &str = "select id, at, actor, kind, subject, content, sequence from journal_line \
     where company = $1 and at >= $2 and (at, id) < ($3, $4) order by at desc, id desc limit $5";
const PAGE_PEOPLE: &str = "select id, at, actor, kind, subject, content, sequence from journal_line \
     where company = $1 and substr(actor, 1, 7) = 'person/' and at >= $2 and (at, id) < ($3, $4) order by at desc, id desc limit $5";
const PAGE_SUBJECT: &str = "select id, at, actor, kind, subject, content, sequence from journal_line \
     where company = $1 and subject = $2 and id < $3 order by id desc limit $4";

/// Lines within these instants, the newest first, after this place.
pub async fn page(
    tx: &mut Tx<'_>,
    company: &str,
    seek: &Seek,
    within: &Range<Timestamp>,
    after: Option<(Timestamp, i64)>,
    limit: i64,
) -> Result<Vec<Entry>, UnitError> {
    let (at, id) = after.unwrap_or((within.end, i64::MAX));
    let (at, id) = if at > within.end { (within.end, i64::MIN) } else { (at, id) };
    let rows = match seek {
        Seek::All => tx.query(PAGE, params![company, within.start, at, id, limit]).await?,
        Seek::People => tx.query(PAGE_PEOPLE, params![company, within.start, at, id, limit]).await?,
        Seek::Subject(subject) => tx.query(PAGE_SUBJECT, params![company, subject, id, limit]).await?,
    };
    rows.iter()
        .map(|row| {
            Ok(Entry {
                id: row.get(0)?,
                at: Timestamp::from_micros(row.get(1)?),
                actor: row.get(2)?,
                kind: row.get(3)?,
                subject: row.get(4)?,
                content: row.get::<Option<Vec<u8>>>(5)?.map(Kept::from_stored),
                number: row.get(6)?,
            })
        })
        .collect()
}
