//! A numbered line, and the bytes of it that are hashed.
//!
//! The format is frozen: these bytes are what every link and every root ever handed out was computed from. A new format
//! would begin with another mark and leave old lines as they are.

use tallyman_core::time::Timestamp;

use super::merkle::{self, Hash};
use crate::{Row, UnitError};

/// Says what the bytes are, and in which format.
const MARK: &[u8] = b"tallyman journal line 1\n";

/// A line that was numbered and linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLine {
    /// Its number, from 0 without gaps. Also its place among the leaves of the tree.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What happened.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// Stands for the content.
    pub commitment: [u8; 32],
}

impl SealedLine {
    /// The link from the line before (or from 32 zeros) to this one. It is also this line's leaf in the tree.
    pub fn link(&self, company: &str, before: &Hash) -> Hash {
        merkle::leaf(&frozen_bytes(company, self, before))
    }

    /// From the columns `at, actor, kind, subject, commitment`, beginning at `first`.
    pub(super) fn from_row(row: &Row, first: usize, sequence: u64) -> Result<SealedLine, UnitError> {
        Ok(SealedLine {
            sequence,
            at: row.get(first)?,
            actor: row.get(first + 1)?,
            kind: row.get(first + 2)?,
            subject: row.get(first + 3)?,
            commitment: row.get(first + 4)?,
        })
    }
}

/// The bytes that are hashed: a mark, then every field in a fixed order. Numbers are big-endian, instants are microseconds, texts have their length in
/// bytes (32 bits) before them, so that no two different lines have the same bytes.
pub fn frozen_bytes(company: &str, line: &SealedLine, before: &Hash) -> Vec<u8> {
    let mut out = Vec::with_capacity(192);
    out.extend(MARK);
    text(&mut out, company);
    out.extend(line.sequence.to_be_bytes());
    out.extend(before);
    out.extend(line.at.micros().to_be_bytes());
    text(&mut out, &line.actor);
    text(&mut out, &line.kind);
    text(&mut out, &line.subject);
    out.extend(line.commitment);
    out
}

fn text(out: &mut Vec<u8>, text: &str) {
    // A text of four gigabytes cannot get into a row, whose size both databases limit to one.
    out.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Never change what this expects: it would mean that no root handed out so far can be checked.
    #[test]
    fn the_format_of_a_line_is_frozen() {
        let line = SealedLine {
            sequence: 258,
            at: Timestamp::from_micros(1_793_318_400_000_000),
            actor: "person-7".into(),
            kind: "order.posted".into(),
            subject: "journey-é".into(),
            commitment: [0xc0; 32],
        };
        let before = [0xbe; 32];
        let expected = [
            "74616c6c796d616e206a6f75726e616c206c696e6520310a",
            "00000004",
            "61636d65",
            "0000000000000102",
            &"be".repeat(32),
            "00065f037a338000",
            "00000008",
            "706572736f6e2d37",
            "0000000c",
            "6f726465722e706f73746564",
            "0000000a",
            "6a6f75726e65792dc3a9",
            &"c0".repeat(32),
        ];
        assert_eq!(hex(&frozen_bytes("acme", &line, &before)), expected.concat());
        assert_eq!(
            hex(&line.link("acme", &before)),
            "4da7b9e863b1d5be74c9f44d8172f2590b6acc4ec394f2405860d70293e8c04d"
        );
    }
}
