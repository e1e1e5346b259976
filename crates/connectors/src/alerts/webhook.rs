//! A webhook for programs, signed after the specification of Standard Webhooks.
//!
//! `webhook-id` is the message's own and stays; `webhook-timestamp` is of the attempt, so that a receiver may refuse what is old; the
//! signature covers both and the body, byte for byte.

use std::fmt;

use async_trait::async_trait;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tallyman_core::alert::{About, Message, What};
use tallyman_core::effect::Verdict;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::pace::Gcra;
use tallyman_core::role::Notifier;
use tallyman_core::seam::Io;
use zeroize::Zeroizing;

use super::{Way, a_second, connector};
use crate::secret::Secret;

/// What the specification asks of a secret.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A program reads as fast as it likes, and says 429 if not.
const LIMIT: Gcra = a_second(50);

pub struct ByWebhook {
    way: Way,
    secret: SigningSecret,
}

connector!(ByWebhook);

/// What receiver and sender share.
#[derive(Clone)]
pub struct SigningSecret(Zeroizing<Vec<u8>>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is `whsec_` and 24 to 64 bytes as base64, as Standard Webhooks has it")]
pub struct SigningSecretError;

impl SigningSecret {
    /// Reads it as it is handed about: `whsec_` and base64.
    pub fn parse(text: &str) -> Result<Self, SigningSecretError> {
        let bytes = BASE64
            .decode(text.strip_prefix("whsec_").unwrap_or(text).as_bytes())
            .map_err(|_| SigningSecretError)?;
        if SECRET_BYTES.contains(&bytes.len()) {
            Ok(Self(Zeroizing::new(bytes)))
        } else {
            Err(SigningSecretError)
        }
    }

    /// What the signature's header says.
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(masked)")
    }
}

impl ByWebhook {
    pub fn new(connection: Connection, company: Company, url: Secret, secret: SigningSecret) -> Self {
        Self {
            way: Way::new(connection, company, url),
            secret,
        }
    }
}

#[async_trait]
impl Notifier for ByWebhook {
    fn limit(&self) -> &'static Gcra {
        &LIMIT
    }

    async fn tell(&self, io: &dyn Io, id: &Fingerprint, message: &Message) -> Verdict {
        let body = body(message);
        let bytes = serde_json::to_vec(&body).expect("our own requests are always JSON");
        let seconds = io.now().micros().div_euclid(1_000_000);
        let headers = vec![
            ("webhook-id", id.to_string()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", self.secret.sign(id.as_str(), seconds, &bytes)),
        ];
        self.way.post(io, &body, headers).await
    }
}

/// What has happened, for a program to read.
pub(super) fn body(message: &Message) -> Value {
    let data = match &message.what {
        What::Opened(about) | What::Escalated(about) | What::Recovered(about) | What::Reminded { about, .. } => {
            card(message, about)
        }
        What::Digest { items, more } => {
            let cards: Vec<Value> = items
                .iter()
                .map(|grown| {
                    json!({
                        "card": grown.card, "code": grown.code, "cause": grown.cause,
                        "records": grown.records, "records_when_last_said": grown.said,
                    })
                })
                .collect();
            json!({"company": message.company, "cards": cards, "more": more})
        }
        What::Test { route } => json!({"company": message.company, "route": route}),
    };
    json!({
        "type": format!("exception.{}", message.what.name()),
        "timestamp": message.at.to_rfc3339(),
        "data": data,
    })
}

fn card(message: &Message, about: &About) -> Value {
    let entry = about.code.entry();
    json!({
        "company": message.company,
        "card": about.card,
        "code": about.code,
        "heading": entry.what,
        "cause": about.cause,
        "severity": entry.severity,
        "owner": about.team,
        "records": about.records,
        "opened_at": about.opened_at.to_rfc3339(),
        "deadline": about.deadline.map(|deadline| deadline.to_rfc3339()),
        "remedy": entry.remedy,
        "url": message.link(),
    })
}
