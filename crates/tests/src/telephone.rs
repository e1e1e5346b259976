//! The codes that somebody's telephone shows beside their password.

use data_encoding::BASE32_NOPAD;
use tallyman_core::time::Timestamp;
use totp_rs::{Algorithm, Builder};

/// What a code is good for.
pub const STEP_SECONDS: u64 = 30;

/// What a telephone with this secret shows at an instant.
///
/// # Panics
/// If the secret is none, or the instant before 1970.
#[must_use]
pub fn code(secret: &str, at: Timestamp) -> String {
    let bytes = BASE32_NOPAD.decode(secret.as_bytes()).expect("base 32");
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6);
    let totp = builder
        .with_step_duration(STEP_SECONDS)
        .with_secret(bytes)
        .build()
        .expect("a telephone");
    let seconds = u64::try_from(at.micros() / 1_000_000).expect("after 1970");
    totp.generate(seconds).to_string()
}
