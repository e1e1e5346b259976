//! Proof from the store that a line is in the journal, after RFC 6962: for somebody who kept a root, and need not trust the store.
//!
//! Not here: that an older journal is the beginning of today's. Whoever has the database walks it ([`verify`](super::verify)), and
//! whoever kept an older root has a line proved against that.

use std::ops::Range;

use super::line::{SealedLine, frozen_bytes};
use super::merkle::{self, Hash, STORED_EVERY, Subtree};
use super::sealer::{NO_LINK, head, stored};
use crate::{Tx, Unit, UnitError, params};

/// Proves that a line is in the journal.
#[derive(Debug, Clone)]
pub struct ProveLine {
    /// Whose journal.
    pub company: String,
    /// The line's number.
    pub sequence: u64,
    /// How many lines the journal had when its root was handed out; as it is now, without.
    pub lines: Option<u64>,
}

/// A line, and what leads from it to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Whose journal.
    pub company: String,
    /// The line as it stands in the store.
    pub line: SealedLine,
    /// The link of the line before it, or zeros.
    pub before: Hash,
    /// How many lines the journal has or had.
    pub lines: u64,
    /// The root over them.
    pub root: Hash,
    /// The hashes of RFC 6962, 2.1.1, from the leaf upwards.
    pub path: Vec<Hash>,
}

/// Where a step's hash stands when it is hashed with what is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Before it.
    Left,
    /// After it.
    Right,
}

impl Proof {
    /// What the leaf is the hash of.
    pub fn bytes(&self) -> Vec<u8> {
        frozen_bytes(&self.company, &self.line, &self.before)
    }

    /// The line's leaf, computed from what the line says.
    pub fn leaf(&self) -> Hash {
        merkle::leaf(&self.bytes())
    }

    /// The path with the side of each hash; nothing if it is not as long as the path of such a line.
    pub fn steps(&self) -> Option<Vec<(Side, Hash)>> {
        let ranges = merkle::inclusion_path(self.line.sequence, self.lines)?;
        let side = |range: &Range<u64>| {
            if range.start > self.line.sequence {
                Side::Right
            } else {
                Side::Left
            }
        };
        (ranges.len() == self.path.len()).then(|| ranges.iter().map(side).zip(self.path.iter().copied()).collect())
    }

    /// Whether the line leads to the root.
    pub fn holds(&self) -> bool {
        let up = |hash: Hash, (side, other): (Side, Hash)| match side {
            Side::Left => merkle::node(&other, &hash),
            Side::Right => merkle::node(&hash, &other),
        };
        self.steps()
            .is_some_and(|steps| steps.into_iter().fold(self.leaf(), up) == self.root)
    }
}

const LINE: &str = "select at, actor, kind, subject, commitment from journal_line where company = $1 and sequence = $2";
const LINK: &str = "select link from journal_line where company = $1 and sequence = $2";

impl Unit for ProveLine {
    type Output = Proof;
    const NAME: &'static str = "prove a line";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Proof, UnitError> {
        let (company, sequence) = (&self.company, self.sequence);
        let head = head(tx, company).await?;
        let sealed = head.as_ref().map_or(0, |head| head.lines);
        let lines = self.lines.unwrap_or(sealed);
        if lines > sealed {
            return Err(UnitError::Refused(format!(
                "the journal of {company} has {sealed} sealed lines, not {lines}"
            )));
        }
        let path = merkle::inclusion_path(sequence, lines)
            .ok_or_else(|| UnitError::Refused(format!("there is no line {sequence} in a journal of {lines} lines")))?;
        let missing = |number: u64| UnitError::Refused(format!("line {number} is missing: the journal was altered"));
        let row = tx.query_opt(LINE, params![company, stored(sequence)]).await?;
        let line = SealedLine::from_row(&row.ok_or_else(|| missing(sequence))?, 0, sequence)?;
        let before = match sequence.checked_sub(1) {
            None => NO_LINK,
            Some(number) => {
                let row = tx.query_opt(LINK, params![company, stored(number)]).await?;
                row.ok_or_else(|| missing(number))?.get(0)?
            }
        };
        let path = roots(tx, company, path).await?;
        // Today's root is the one that the sealer keeps and `verify` prints; an older one is not kept.
        let root = match head.filter(|head| head.lines == lines) {
            Some(head) => head.root(),
            None => root(tx, company, 0..lines).await?,
        };
        Ok(Proof {
            company: company.clone(),
            line,
            before,
            lines,
            root,
            path,
        })
    }
}

async fn roots(tx: &mut Tx<'_>, company: &str, path: Vec<Range<u64>>) -> Result<Vec<Hash>, UnitError> {
    let mut out = Vec::with_capacity(path.len());
    for range in path {
        out.push(root(tx, company, range).await?);
    }
    Ok(out)
}

/// The root over a range that is not empty.
async fn root(tx: &mut Tx<'_>, company: &str, range: Range<u64>) -> Result<Hash, UnitError> {
    let mut roots = Vec::new();
    for subtree in merkle::subtrees(range) {
        roots.push(subtree_root(tx, company, subtree).await?);
    }
    merkle::join(&roots).ok_or_else(damaged)
}

fn damaged() -> UnitError {
    UnitError::Refused("the journal's tree is damaged".to_owned())
}

const LEAVES: &str = "select link from journal_line
    where company = $1 and sequence >= $2 and sequence < $3 order by sequence";
const NODES: &str = "select hash from journal_node
    where company = $1 and level = $2 and place >= $3 and place < $4 order by place";

/// The root of a full subtree, from the nearest level below that is stored: at most 128 hashes, or one.
async fn subtree_root(tx: &mut Tx<'_>, company: &str, subtree: Subtree) -> Result<Hash, UnitError> {
    let base = subtree.level - subtree.level % STORED_EVERY;
    let height = subtree.level - base;
    let (from, to) = (stored(subtree.place << height), stored((subtree.place + 1) << height));
    let rows = match base {
        0 => tx.query(LEAVES, params![company, from, to]).await?,
        level => tx.query(NODES, params![company, level, from, to]).await?,
    };
    let hashes = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<Hash>, _>>()?;
    if hashes.len() != 1 << height {
        return Err(UnitError::Refused(format!(
            "the journal has no {} sealed lines: nothing can be proved of them",
            to << base
        )));
    }
    merkle::fold(hashes).ok_or_else(damaged)
}
