//! Chance: the system's for keys that guard something, a seed's for a simulation that must be the same twice.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng};
use tallyman_core::seam::Rng;

/// The same bytes for the same seed and purpose.
pub struct Seeded(ChaCha20Rng);

impl Seeded {
    pub fn new(seed: u64, purpose: &str) -> Self {
        use sha2::Digest;
        let digest = sha2::Sha256::new()
            .chain_update(b"tallyman")
            .chain_update(seed.to_be_bytes())
            .chain_update(purpose)
            .finalize();
        Self(ChaCha20Rng::from_seed(digest.into()))
    }

    /// A whole number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.0.next_u64() % (high.saturating_sub(low) + 1)
    }
}

impl Rng for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

/// A generator that the operating system has seeded.
#[expect(
    clippy::disallowed_methods,
    reason = "only the binary asks the system for randomness, for keys, and only here"
)]
pub fn system() -> Result<Seeded, getrandom::Error> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)?;
    Ok(Seeded(ChaCha20Rng::from_seed(key)))
}
