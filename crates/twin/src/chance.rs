//! The twin's dice: one seeded stream for each purpose, so that a new question in one place does not move the answers elsewhere.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

#[derive(Debug, Clone)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// A stream of its own for this seed and purpose ("wire", "sage-users", "order 536365").
    pub fn new(seed: u64, purpose: &str) -> Self {
        use sha2::Digest;
        let digest = sha2::Sha256::new()
            .chain_update(seed.to_be_bytes())
            .chain_update(purpose.as_bytes())
            .finalize();
        let mut key = [0; 32];
        key.copy_from_slice(&digest);
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A whole number in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        let span = (high - low) as u64 + 1;
        low + (self.0.next_u64() % span) as i64
    }

    /// True in this many cases of a thousand.
    pub fn per_mille(&mut self, cases: u32) -> bool {
        self.between(0, 999) < i64::from(cases)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.between(0, from.len() as i64 - 1) as usize]
    }
}
