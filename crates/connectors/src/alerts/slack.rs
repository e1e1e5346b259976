//! Slack, by an incoming webhook: blocks, with a plain text for notifications.

use async_trait::async_trait;
use serde_json::{Value, json};
use tallyman_core::alert::Message;
use tallyman_core::effect::Verdict;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::pace::Gcra;
use tallyman_core::role::Notifier;
use tallyman_core::seam::Io;

use super::{Way, a_second, connector};
use crate::secret::Secret;

/// What Slack takes in one header and in one section.
const HEADER_CHARS_MAX: usize = 150;
const SECTION_CHARS_MAX: usize = 3_000;

/// What Slack allows one webhook; it takes short bursts.
const LIMIT: Gcra = a_second(1);

pub struct BySlack {
    way: Way,
}

connector!(BySlack);

impl BySlack {
    /// `url` is the whole address that Slack gave for the channel.
    pub fn new(connection: Connection, company: Company, url: Secret) -> Self {
        Self {
            way: Way::new(connection, company, url),
        }
    }
}

#[async_trait]
impl Notifier for BySlack {
    fn limit(&self) -> &'static Gcra {
        &LIMIT
    }

    async fn tell(&self, io: &dyn Io, id: &Fingerprint, message: &Message) -> Verdict {
        self.way.post(io, &body(id, message), Vec::new()).await
    }
}

/// The message in blocks. Links are not unfurled: a page behind a sign-in has nothing to show.
pub(super) fn body(id: &Fingerprint, message: &Message) -> Value {
    let mut said = vec![escaped(&message.headline())];
    said.extend(
        message
            .facts()
            .into_iter()
            .map(|(name, value)| format!("*{name}:* {}", escaped(&value))),
    );
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": cut(&message.subject(), HEADER_CHARS_MAX)}}),
        section(&said.join("\n")),
    ];
    let advice = message.advice();
    if !advice.is_empty() {
        blocks.push(section(&escaped(&advice.join(" "))));
    }
    let items: Vec<String> = message
        .items()
        .into_iter()
        .map(|(line, link)| format!("• <{link}|{}>", escaped(&line)))
        .collect();
    if !items.is_empty() {
        blocks.push(section(&items.join("\n")));
    }
    if let Some(link) = message.link() {
        blocks.push(section(&format!("<{link}|Open the card>")));
    }
    blocks.push(json!({"type": "context", "elements": [{"type": "plain_text", "text": format!("Tallyman {id}")}]}));
    json!({
        "text": escaped(&format!("{}: {}", message.subject(), message.headline())),
        "blocks": blocks,
        "unfurl_links": false,
    })
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION_CHARS_MAX)}})
}

/// The three characters that Slack reads as its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max - 1) {
        Some((end, _)) if text.chars().count() > chars_max => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}
