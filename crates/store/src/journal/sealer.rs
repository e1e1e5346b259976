//! The sealer: numbers committed lines, links them, and grows the company's tree.
//!
//! The order is that in which lines were written (their `id`) among those that are committed when the sealer looks. On
//! PostgreSQL a line with a smaller id may be committed later; it comes after, and that is the stated order. So readers
//! with cursors follow `sequence`, never `id`.

use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use super::line::SealedLine;
use super::merkle::{Frontier, Hash, Subtree};
use crate::{Isolation, Row, Tx, Unit, UnitError, params};

/// The link before the first line.
pub(super) const NO_LINK: Hash = [0; 32];

/// How far a company's journal is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many lines are sealed.
    pub lines: u64,
    /// The last link; zeros before the first line.
    pub link: Hash,
    /// What the tree needs to grow, and its root.
    pub frontier: Frontier,
}

impl Head {
    /// The root of the tree: what to hand to an auditor.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }
}

/// Seals up to `limit` lines of one company. One runs at a time for each company: a second one waits or runs again.
#[derive(Debug, Clone)]
pub struct SealJournal {
    /// Whose journal.
    pub company: String,
    /// The time.
    pub now: Timestamp,
    /// The most lines to seal in one go.
    pub limit: u32,
}

/// What a run of the sealer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealRun {
    /// How many lines it sealed.
    pub sealed: u64,
    /// Whether the limit was reached, so that more may wait.
    pub more: bool,
}

const ANY_UNSEALED: &str = "select 1 from journal_line where company = $1 and sequence is null limit 1";
const UNSEALED: &str = "select id, at, actor, kind, subject, commitment from journal_line
    where company = $1 and sequence is null order by id limit $2";
const LINK: &str = "update journal_line set sequence = $2, link = $3 where id = $1";
const KEEP_NODE: &str = "insert into journal_node (company, level, place, hash) values ($1, $2, $3, $4)";
const HEAD: &str = "select lines, link, frontier from journal_head where company = $1";
const START: &str = "insert into journal_head (company, lines, link, frontier, sealed_at) values ($1, 0, $2, $3, $4)
    on conflict (company) do nothing";
/// Takes the head's row, so that a second sealer waits here.
const TAKE_HEAD: &str = "update journal_head set sealed_at = $2 where company = $1 returning lines, link, frontier";
const MOVE_HEAD: &str = "update journal_head set lines = $2, link = $3, frontier = $4 where company = $1";

impl Unit for SealJournal {
    type Output = SealRun;
    const NAME: &'static str = "seal journal";
    // Serializable would make the sealer a neighbour of every unit that writes a line. The head's row keeps sealers apart, and
    // each statement after taking it sees what the sealer before has committed.
    const ISOLATION: Isolation = Isolation::ReadCommitted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<SealRun, UnitError> {
        if tx.query_opt(ANY_UNSEALED, params![self.company]).await?.is_none() {
            return Ok(SealRun { sealed: 0, more: false });
        }
        tx.touched(Topic::one(Kind::Journal, &self.company, ""));
        let mut head = self.take_head(tx).await?;
        let lines = tx.query(UNSEALED, params![self.company, self.limit]).await?;
        let mut complete = Vec::new();
        for row in &lines {
            let line = SealedLine::from_row(row, 1, head.lines)?;
            head.link = line.link(&self.company, &head.link);
            head.frontier.push(head.link, |subtree, hash| complete.push((subtree, hash)));
            tx.execute(LINK, params![row.get::<i64>(0)?, stored(head.lines), head.link])
                .await?;
            head.lines += 1;
        }
        for (Subtree { level, place }, hash) in complete {
            tx.execute(KEEP_NODE, params![self.company, level, stored(place), hash])
                .await?;
        }
        tx.execute(
            MOVE_HEAD,
            params![self.company, stored(head.lines), head.link, head.frontier.bytes()],
        )
        .await?;
        Ok(SealRun {
            sealed: lines.len() as u64,
            more: lines.len() as u64 == u64::from(self.limit),
        })
    }
}

impl SealJournal {
    async fn take_head(&self, tx: &mut Tx<'_>) -> Result<Head, UnitError> {
        let frontier: &[u8] = &[];
        tx.execute(START, params![self.company, NO_LINK, frontier, self.now]).await?;
        head_from(&tx.query_one(TAKE_HEAD, params![self.company, self.now]).await?)
    }
}

/// How far the company's journal is sealed; nothing if it never was.
pub async fn head(tx: &mut Tx<'_>, company: &str) -> Result<Option<Head>, UnitError> {
    tx.query_opt(HEAD, params![company])
        .await?
        .map(|row| head_from(&row))
        .transpose()
}

/// Like [`head`] for whoever looks for damage: `Some(None)` is a head that cannot be.
pub(super) async fn head_or_damage(tx: &mut Tx<'_>, company: &str) -> Result<Option<Option<Head>>, UnitError> {
    tx.query_opt(HEAD, params![company])
        .await?
        .map(|row| possible_head(&row))
        .transpose()
}

fn head_from(row: &Row) -> Result<Head, UnitError> {
    let damaged = || UnitError::Refused("the journal's frontier does not fit its number of lines: it was altered".to_owned());
    possible_head(row)?.ok_or_else(damaged)
}

fn possible_head(row: &Row) -> Result<Option<Head>, UnitError> {
    let (lines, link) = (row.get(0)?, row.get(1)?);
    Ok(Frontier::from_stored(lines, row.get(2)?).map(|frontier| Head { lines, link, frontier }))
}

/// A count of lines as it is stored. Nobody writes nine trillion million lines.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
