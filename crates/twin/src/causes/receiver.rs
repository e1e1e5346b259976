//! Who is told: a program that takes webhooks, and believes one only if its signature verifies after the specification of Standard
//! Webhooks. Written from that specification, and from nothing of ours.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::call::Response;
use crate::clock::{Instant, SECOND};

/// What both sides share, in the form in which it is handed about without its `whsec_`.
pub const SECRET: [u8; 32] = *b"between the twin and who listens";
/// How old a message may be.
const OLD: i64 = 5 * 60;
const BLOCK: usize = 64;

/// What was said, once for each `webhook-id`.
#[derive(Debug, Default)]
pub struct Receiver {
    pub told: BTreeMap<String, Told>,
    /// Messages whose signature did not verify.
    pub refused: u64,
}

#[derive(Debug, Clone)]
pub struct Told {
    pub at: Instant,
    pub kind: String,
    pub card: Option<String>,
}

impl Receiver {
    /// One message, at an instant.
    pub fn take(&mut self, request: &http::Request<Bytes>, now: Instant) -> Response {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let read = || {
            Some((
                header("webhook-id")?,
                header("webhook-timestamp")?,
                header("webhook-signature")?,
            ))
        };
        let believed = read().filter(|(id, seconds, signatures)| {
            let fresh = seconds
                .parse::<i64>()
                .is_ok_and(|seconds| (now / SECOND - seconds).abs() <= OLD);
            let ours = format!("v1,{}", signature(id, seconds, request.body()));
            fresh && signatures.split(' ').any(|given| given == ours)
        });
        let (Some((id, ..)), Ok(body)) = (believed, serde_json::from_slice::<Value>(request.body())) else {
            self.refused += 1;
            return Response::empty(401);
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.told.entry(id.to_owned()).or_insert_with(|| Told {
            at: now,
            kind: text(&body["type"]).unwrap_or_default(),
            card: text(&body["data"]["card"]),
        });
        Response::empty(204)
    }
}

fn signature(id: &str, seconds: &str, body: &[u8]) -> String {
    let mut message = format!("{id}.{seconds}.").into_bytes();
    message.extend_from_slice(body);
    base64(&hmac(&SECRET, &message))
}

/// HMAC with SHA-256, for a key that is no longer than a block (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place)) as usize & 63] as char;
            text.push(if place <= three.len() { letter } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_hmac_are_those_of_their_specifications() {
        assert_eq!(
            ["", "f", "fo", "foo"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v"]
        );
        let hex: String = hmac(b"Jefe", b"what do ya want for nothing?")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
