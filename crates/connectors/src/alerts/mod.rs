//! Ways to tell people: mail, Slack, Microsoft Teams, and a signed webhook for programs.
//!
//! Each sets the same message ([`tallyman_core::alert::Message`]) in its own form, and says what the answer proves. None can be asked
//! whether a message arrived, and none needs to be: it goes again under the same id. Mail and webhook carry the id where the receiver's
//! own programs look for it; Slack and Teams have no such place, so it stands in the last line, where people can tell a repeat.
//!
//! Not here: who is told of what, and when (`core::alert`).

mod mail;
mod slack;
mod teams;
mod webhook;

use std::time::Duration;

use tallyman_core::alert::delivery;
use tallyman_core::effect::{Receipt, Verdict};
use tallyman_core::ident::{Company, Connection};
use tallyman_core::pace::{Gcra, PERMITS_PER_PIECE};
use tallyman_core::seam::{Call, Intent, Io, Method};

use crate::http::{ask, retry_after_header};
use crate::secret::Secret;

pub use mail::ByMail;
pub use slack::BySlack;
pub use teams::ByTeams;
pub use webhook::{ByWebhook, SigningSecret, SigningSecretError};

/// What every route has: whose it is, and where it leads. The address of a webhook is a credential: whoever has it may post.
struct Way {
    connection: Connection,
    company: Company,
    url: Secret,
}

impl Way {
    fn new(connection: Connection, company: Company, url: Secret) -> Self {
        Self {
            connection,
            company,
            url,
        }
    }

    /// Posts JSON, and says what the answer proves. A refusal is the route's: the address, the channel or the workflow is not there.
    async fn post(&self, io: &dyn Io, body: &serde_json::Value, headers: Vec<(&'static str, String)>) -> Verdict {
        let body = serde_json::to_vec(body).expect("our own requests are always JSON");
        let call = Call {
            method: Method::Post,
            path: String::new(),
            body: Some(body.into()),
            headers,
            intent: Intent::Write,
        };
        match ask(io, call, retry_after_header).await {
            Ok(_) => Verdict::Done(Receipt::Told),
            Err(trouble) => trouble.verdict(|status, words| {
                let words = format!("it answers {status} ({words})");
                Verdict::Refused(delivery::route_down(&self.connection, &words))
            }),
        }
    }
}

/// So many messages a second for long, and ten at once.
const fn a_second(messages: u32) -> Gcra {
    Gcra {
        interval: Duration::from_micros(1_000_000 / (messages as u64 * PERMITS_PER_PIECE as u64)),
        burst: 10 * PERMITS_PER_PIECE,
    }
}

/// Routes sign in to nothing: their address, or the signature, is the credential.
macro_rules! connector {
    ($name:ty) => {
        impl tallyman_core::role::Connector for $name {
            fn connection(&self) -> &tallyman_core::ident::Connection {
                &self.way.connection
            }

            fn company(&self) -> &tallyman_core::ident::Company {
                &self.way.company
            }

            fn base_url(&self) -> &str {
                self.way.url.reveal()
            }

            fn sign_in(&self, _held: Option<&tallyman_core::role::Session>) -> Option<tallyman_core::seam::Exchange> {
                None
            }

            fn signed_in(
                &self,
                _held: Option<&tallyman_core::role::Session>,
                _reply: &tallyman_core::seam::Reply,
                _now: tallyman_core::time::Timestamp,
            ) -> Result<tallyman_core::role::Session, String> {
                Err("a route does not sign in".into())
            }

            fn headers(&self, _session: &tallyman_core::role::Session) -> Vec<(&'static str, String)> {
                Vec::new()
            }
        }
    };
}
use connector;

#[cfg(test)]
mod tests;
