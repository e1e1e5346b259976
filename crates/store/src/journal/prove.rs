//! Proofs from the store: that a line is in the journal, and that an older journal is the beginning of today's.

use std::ops::Range;

use super::merkle::{self, Hash, STORED_EVERY, Subtree};
use super::sealer::stored;
use crate::{Tx, Unit, UnitError, params};

/// Proves that a line is in the journal as it was when it had `lines` lines.
#[derive(Debug, Clone)]
pub struct ProveInclusion {
    /// Whose journal.
    pub company: String,
    /// The line's number.
    pub sequence: u64,
    /// How many lines the journal had when its root was handed out.
    pub lines: u64,
}

impl Unit for ProveInclusion {
    type Output = Vec<Hash>;
    const NAME: &'static str = "prove inclusion";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Hash>, UnitError> {
        prove_inclusion(tx, &self.company, self.sequence, self.lines).await
    }
}

/// Proves that the journal of `old` lines is the beginning of the one of `lines`.
#[derive(Debug, Clone)]
pub struct ProveConsistency {
    /// Whose journal.
    pub company: String,
    /// How many lines the older journal had.
    pub old: u64,
    /// How many the newer one has.
    pub lines: u64,
}

impl Unit for ProveConsistency {
    type Output = Vec<Hash>;
    const NAME: &'static str = "prove consistency";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Hash>, UnitError> {
        prove_consistency(tx, &self.company, self.old, self.lines).await
    }
}

/// See [`ProveInclusion`]. The hashes are those of RFC 6962, 2.1.1, from the leaf upwards.
pub async fn prove_inclusion(tx: &mut Tx<'_>, company: &str, sequence: u64, lines: u64) -> Result<Vec<Hash>, UnitError> {
    let path = merkle::inclusion_path(sequence, lines)
        .ok_or_else(|| UnitError::Refused(format!("there is no line {sequence} in a journal of {lines} lines")))?;
    roots(tx, company, path).await
}

/// See [`ProveConsistency`]. The hashes are those of RFC 6962, 2.1.2.
pub async fn prove_consistency(tx: &mut Tx<'_>, company: &str, old: u64, lines: u64) -> Result<Vec<Hash>, UnitError> {
    let path = merkle::consistency_path(old, lines)
        .ok_or_else(|| UnitError::Refused(format!("a journal of {old} lines is not the beginning of one of {lines}")))?;
    roots(tx, company, path).await
}

async fn roots(tx: &mut Tx<'_>, company: &str, path: Vec<Range<u64>>) -> Result<Vec<Hash>, UnitError> {
    let mut out = Vec::with_capacity(path.len());
    for range in path {
        let mut roots = Vec::new();
        for subtree in merkle::subtrees(range) {
            roots.push(subtree_root(tx, company, subtree).await?);
        }
        out.extend(merkle::join(&roots));
    }
    Ok(out)
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
    merkle::fold(hashes).ok_or_else(|| UnitError::Refused("the journal's tree is damaged".to_owned()))
}
