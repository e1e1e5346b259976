//! Mail: plain text, one conversation a card.
//!
//! The Message-ID is derived, so a mail that is sent again is the same mail to every program that has seen it. Everything about one card
//! has one subject and refers to one root, so that mail programs keep it together. It says that it was sent by a program
//! (RFC 3834), so that no absence note answers it.

use async_trait::async_trait;
use tallyman_core::alert::{Message, delivery};
use tallyman_core::effect::{Doubt, Obstacle, Receipt, Verdict};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::pace::Gcra;
use tallyman_core::role::Notifier;
use tallyman_core::seam::{Io, Lost, Mail, MailServer};

use super::{Way, a_second, connector};
use crate::secret::Secret;

/// More would fill a queue that its server hands on more slowly.
const LIMIT: Gcra = a_second(20);

/// A mail server, and who is written to.
pub struct ByMail {
    way: Way,
    server: MailServer,
    from: String,
    to: Vec<String>,
}

connector!(ByMail);

impl ByMail {
    pub fn new(connection: Connection, company: Company, server: MailServer, from: impl Into<String>, to: Vec<String>) -> Self {
        Self {
            way: Way::new(connection, company, Secret::new("")),
            server,
            from: from.into(),
            to,
        }
    }

    /// The part of an id after the `@`: the sender's own domain, as RFC 5322 asks for.
    fn domain(&self) -> &str {
        let address = self.from.rsplit('<').next().unwrap_or_default().trim_end_matches('>');
        address.rsplit('@').next().unwrap_or("localhost")
    }

    /// The mail that says it.
    pub fn mail(&self, id: &Fingerprint, message: &Message) -> Mail {
        let domain = self.domain();
        Mail {
            server: self.server.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            subject: message.subject(),
            message_id: format!("{id}@{domain}"),
            references: vec![format!("{}@{domain}", message.thread())],
            headers: vec![("Auto-Submitted", "auto-generated".into())],
            at: message.at,
            text: text(message),
        }
    }
}

#[async_trait]
impl Notifier for ByMail {
    fn limit(&self) -> &'static Gcra {
        &LIMIT
    }

    async fn tell(&self, io: &dyn Io, id: &Fingerprint, message: &Message) -> Verdict {
        match io.post(self.mail(id, message)).await {
            Ok(posted) => match posted.code {
                200..=299 => Verdict::Done(Receipt::Told),
                500..=599 => {
                    let words = format!("its mail server answers {} ({})", posted.code, posted.words);
                    Verdict::Refused(delivery::route_down(&self.way.connection, &words))
                }
                code => Verdict::NotDone {
                    why: format!("its mail server asks for patience: {code} {}", posted.words),
                    retry_after: None,
                    obstacle: Obstacle::Read,
                },
            },
            Err(lost) if lost.may_have_arrived() => Verdict::Unknown(Doubt::NoAnswer(lost.to_string())),
            Err(lost) => Verdict::NotDone {
                obstacle: match lost {
                    Lost::LeaseShort => Obstacle::Lease,
                    Lost::NotConnected(_) | Lost::NotSignedIn { .. } | Lost::NoAnswer(_) | Lost::TooLarge { .. } => {
                        Obstacle::Down
                    }
                },
                why: lost.to_string(),
                retry_after: None,
            },
        }
    }
}

/// The whole of it as plain text.
fn text(message: &Message) -> String {
    let mut text = format!("{}\n", message.headline());
    text.push('\n');
    for (name, value) in message.facts() {
        text.push_str(&format!("{:<10}{value}\n", format!("{name}:")));
    }
    let advice = message.advice();
    if !advice.is_empty() {
        text.push('\n');
        advice.iter().for_each(|sentence| text.push_str(&format!("{sentence}\n")));
    }
    for (line, link) in message.items() {
        text.push_str(&format!("\n- {line}\n  {link}\n"));
    }
    if let Some(link) = message.link() {
        text.push_str(&format!("\n{link}\n"));
    }
    text
}
