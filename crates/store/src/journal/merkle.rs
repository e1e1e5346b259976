//! The arithmetic of a Merkle tree after RFC 6962: pure functions over hashes.
//!
//! Nothing here holds a tree. The store keeps the leaves, the *frontier* (the roots of the full subtrees that the leaves so
//! far make up, one for each binary digit of their number) and the roots of full subtrees of every eighth level; what lies
//! between is computed from those. The tests check roots and proofs against another implementation's verifier.

use std::ops::Range;

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// Subtree roots are stored at every eighth level: 256 leaves, 65,536 and so on. It costs one row for 256 lines to write and
/// at most 256 hashes for each step of a proof.
pub const STORED_EVERY: u32 = 8;

/// The hash of a leaf.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new_with_prefix([0x00]).chain_update(bytes).finalize().into()
}

/// The hash of two subtrees.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([0x01])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A full, aligned subtree: the leaves from `place << level`, `1 << level` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subtree {
    /// Its height: 0 is a leaf.
    pub level: u32,
    /// Its place among the subtrees of this height.
    pub place: u64,
}

/// What must be known of a tree to add to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    leaves: u64,
    /// The largest subtree first.
    roots: Vec<Hash>,
}

impl Frontier {
    /// As stored; nothing if the number of hashes is not that of the binary digits of `leaves`.
    pub fn from_stored(leaves: u64, bytes: &[u8]) -> Option<Frontier> {
        let (roots, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && roots.len() == leaves.count_ones() as usize;
        fits.then(|| Frontier {
            leaves,
            roots: roots.to_vec(),
        })
    }

    /// As stored: the roots one after the other.
    pub fn bytes(&self) -> Vec<u8> {
        self.roots.concat()
    }

    /// How many leaves there are.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Adds a leaf; `keep` is told every full subtree that this completes and that the store keeps.
    pub fn push(&mut self, leaf: Hash, mut keep: impl FnMut(Subtree, Hash)) {
        let mut root = leaf;
        let mut level = 0;
        // As in adding one to a binary number: every full subtree at the end is joined with the new one.
        while self.leaves >> level & 1 == 1 {
            let left = self
                .roots
                .pop()
                .expect("there is a root for each binary digit of the number of leaves");
            root = node(&left, &root);
            level += 1;
            if level % STORED_EVERY == 0 {
                keep(
                    Subtree {
                        level,
                        place: self.leaves >> level,
                    },
                    root,
                );
            }
        }
        self.roots.push(root);
        self.leaves += 1;
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Hash {
        join(&self.roots).unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// The root over neighbouring full subtrees, the largest first. Nothing over none.
pub fn join(roots: &[Hash]) -> Option<Hash> {
    let (last, before) = roots.split_last()?;
    Some(before.iter().rev().fold(*last, |right, left| node(left, &right)))
}

/// The root of a full subtree from the roots of all its subtrees of one height, of which there are a power of two.
pub fn fold(mut row: Vec<Hash>) -> Option<Hash> {
    while row.len() > 1 {
        let (pairs, rest) = row.as_chunks::<2>();
        if !rest.is_empty() {
            return None;
        }
        row = pairs.iter().map(|[left, right]| node(left, right)).collect();
    }
    row.pop()
}

/// The full subtrees that a range of the tree is made of, the largest first. The range is one that occurs in a tree: it begins
/// at a multiple of the largest power of two that fits into it.
pub fn subtrees(range: Range<u64>) -> Vec<Subtree> {
    let mut from = range.start;
    let mut out = Vec::new();
    while from < range.end {
        let level = (range.end - from).ilog2();
        out.push(Subtree {
            level,
            place: from >> level,
        });
        from += 1 << level;
    }
    out
}

/// The ranges whose roots prove that leaf `index` is in the tree of `leaves` leaves, from the leaf upwards (RFC 6962, 2.1.1).
/// Nothing if there is no such leaf.
pub fn inclusion_path(index: u64, leaves: u64) -> Option<Vec<Range<u64>>> {
    if index >= leaves {
        return None;
    }
    let mut range = 0..leaves;
    let mut path = Vec::new();
    while range.end - range.start > 1 {
        let middle = split(&range);
        if index < middle {
            path.push(middle..range.end);
            range.end = middle;
        } else {
            path.push(range.start..middle);
            range.start = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// Where RFC 6962 splits a range: after the largest power of two smaller than it.
fn split(range: &Range<u64>) -> u64 {
    range.start + (1 << (range.end - range.start - 1).ilog2())
}

#[cfg(test)]
mod tests {
    use ct_merkle::{InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
    use proptest::prelude::*;

    use super::*;

    fn content(index: u64) -> Vec<u8> {
        format!("line {index}").into_bytes()
    }

    fn frontier(leaves: u64) -> Frontier {
        let mut frontier = Frontier::default();
        (0..leaves).for_each(|index| frontier.push(leaf(&content(index)), |_, _| ()));
        frontier
    }

    fn root_of(range: Range<u64>) -> Hash {
        let roots = subtrees(range).into_iter().map(|subtree| {
            let first = subtree.place << subtree.level;
            fold(
                (first..first + (1 << subtree.level))
                    .map(|index| leaf(&content(index)))
                    .collect(),
            )
            .unwrap()
        });
        join(&roots.collect::<Vec<_>>()).unwrap()
    }

    fn proof(path: Vec<Range<u64>>) -> Vec<u8> {
        path.into_iter().flat_map(root_of).collect()
    }

    fn their_root(leaves: u64) -> RootHash<Sha256> {
        RootHash::new(frontier(leaves).root().into(), leaves)
    }

    #[test]
    fn roots_are_those_of_the_other_implementation() {
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for leaves in 0..600 {
            assert_eq!(
                theirs.root().as_bytes().as_slice(),
                frontier(leaves).root(),
                "{leaves} leaves"
            );
            theirs.push(content(leaves));
        }
    }

    #[test]
    fn stored_subtrees_are_told_once_each_when_they_are_complete() {
        let mut told = Vec::new();
        let mut frontier = Frontier::default();
        for index in 0..1_000 {
            frontier.push(leaf(&content(index)), |subtree, hash| told.push((subtree, hash)));
        }
        let expected = [0, 1, 2].map(|place| (Subtree { level: 8, place }, root_of(place * 256..(place + 1) * 256)));
        assert_eq!(told, expected);
    }

    #[test]
    fn a_stored_frontier_that_does_not_fit_its_number_is_refused() {
        let stored = frontier(7).bytes();
        assert_eq!(Frontier::from_stored(7, &stored), Some(frontier(7)));
        assert_eq!(Frontier::from_stored(8, &stored), None);
        assert_eq!(Frontier::from_stored(7, &stored[1..]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn inclusion_proofs_satisfy_the_other_implementations_verifier(leaves in 1_u64..300, index in 0_u64..300) {
            let path = inclusion_path(index, leaves);
            prop_assert_eq!(path.is_some(), index < leaves);
            if let Some(path) = path {
                let proof = InclusionProof::from_bytes(proof(path));
                prop_assert!(their_root(leaves).verify_inclusion(&content(index), index, &proof).is_ok());
                prop_assert!(their_root(leaves).verify_inclusion(&content(index + 1), index, &proof).is_err());
            }
        }
    }
}
