//! Microsoft Teams, by the webhook of a workflow ("when a Teams webhook request is received"): an Adaptive Card in a message.

use async_trait::async_trait;
use serde_json::{Value, json};
use tallyman_core::alert::Message;
use tallyman_core::catalogue::Severity;
use tallyman_core::effect::Verdict;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::pace::Gcra;
use tallyman_core::role::Notifier;
use tallyman_core::seam::Io;

use super::{Way, a_second, connector};
use crate::secret::Secret;

/// What Microsoft allows one webhook before it throttles.
const LIMIT: Gcra = a_second(4);

pub struct ByTeams {
    way: Way,
}

connector!(ByTeams);

impl ByTeams {
    /// `url` is the whole address that the workflow shows.
    pub fn new(connection: Connection, company: Company, url: Secret) -> Self {
        Self {
            way: Way::new(connection, company, url),
        }
    }
}

#[async_trait]
impl Notifier for ByTeams {
    fn limit(&self) -> &'static Gcra {
        &LIMIT
    }

    async fn tell(&self, io: &dyn Io, id: &Fingerprint, message: &Message) -> Verdict {
        self.way.post(io, &body(id, message), Vec::new()).await
    }
}

/// The message as a card. Only a link is on it: nothing can be pressed that would change anything.
pub(super) fn body(id: &Fingerprint, message: &Message) -> Value {
    let colour = match message.severity() {
        Some(Severity::Critical) => "attention",
        Some(Severity::Stopped | Severity::Warning) => "warning",
        Some(Severity::Notice) | None => "default",
    };
    let block = |text: &str| json!({"type": "TextBlock", "text": plain(text), "wrap": true});
    let facts: Vec<Value> = message
        .facts()
        .into_iter()
        .map(|(name, value)| json!({"title": name, "value": plain(&value)}))
        .collect();
    let mut body = vec![
        json!({"type": "TextBlock", "text": plain(&message.subject()), "weight": "bolder", "size": "medium", "color": colour, "wrap": true}),
        block(&message.headline()),
        json!({"type": "FactSet", "facts": facts}),
    ];
    body.extend(message.advice().iter().map(|sentence| block(sentence)));
    for (line, link) in message.items() {
        body.push(json!({"type": "TextBlock", "text": format!("[{}]({link})", plain(&line)), "wrap": true}));
    }
    body.push(json!({"type": "TextBlock", "text": format!("Tallyman {id}"), "size": "small", "isSubtle": true}));
    let actions: Vec<Value> = message
        .link()
        .map(|link| json!({"type": "Action.OpenUrl", "title": "Open the card", "url": link}))
        .into_iter()
        .collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": body,
                "actions": actions,
            },
        }],
    })
}

/// What would be read as Markdown is shown as it is.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '[' | ']' | '*' | '_' | '`' | '\\') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}
