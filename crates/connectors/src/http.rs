//! What an exchange proves when its answer is not a good one, and how texts go into addresses.
//!
//! The same trouble means different things to a write and to a question: a write without an answer may have landed, a question
//! without an answer was simply not asked. Both readings stand side by side in [`Trouble`], so that no connector invents a third.

use std::time::Duration;

use serde_json::Value;
use tallyman_core::cause::Cause;
use tallyman_core::effect::Probe;
use tallyman_core::effect::Verdict;
use tallyman_core::effect::state::{Doubt, Obstacle};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::Connection;
use tallyman_core::role::{ReadError, Unreadable};
use tallyman_core::seam::{Call, Io, Lost, Refusal, Reply};

/// Of their words, so much is kept: enough to act on, too little to fill a table with a page of HTML.
const WORDS_CHARS_MAX: usize = 300;

/// Why an exchange gave nothing that could be used.
#[derive(Debug)]
pub(crate) enum Trouble {
    Lost(Lost),
    /// 401, after the engine has signed in again once: the call was not carried out.
    SignedOut {
        words: String,
    },
    Throttled {
        retry_after: Option<Duration>,
    },
    /// A server's or a gateway's error, which says nothing about what was carried out.
    Failed {
        status: u16,
        words: String,
    },
    /// Any other answer in the four hundreds.
    Refused {
        status: u16,
        words: String,
    },
    /// A good answer that we cannot read.
    Unreadable(Unreadable),
}

impl From<Unreadable> for Trouble {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// Sends a call and sorts its answer. `retry_after` reads from an answer with status 429 how long to wait.
pub(crate) async fn ask(io: &dyn Io, call: Call, retry_after: fn(&Reply) -> Option<Duration>) -> Result<Reply, Trouble> {
    let reply = io.send(call).await.map_err(Trouble::Lost)?;
    match reply.status {
        200..=299 => Ok(reply),
        401 => Err(Trouble::SignedOut {
            words: words(&reply.body),
        }),
        429 => Err(Trouble::Throttled {
            retry_after: retry_after(&reply),
        }),
        // 408 comes from a gateway that gave up waiting for a server that may go on.
        status @ (400..=407 | 409..=499) => Err(Trouble::Refused {
            status,
            words: words(&reply.body),
        }),
        status => Err(Trouble::Failed {
            status,
            words: words(&reply.body),
        }),
    }
}

/// The seconds that the usual header asks for.
pub(crate) fn retry_after_header(reply: &Reply) -> Option<Duration> {
    reply.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

impl Trouble {
    /// What it means for a write. What a refusal proves depends on the call: only an atomic one is believed.
    pub(crate) fn verdict(self, refused: impl FnOnce(u16, String) -> Verdict) -> Verdict {
        match self {
            Self::Lost(lost) if lost.may_have_arrived() => Verdict::Unknown(Doubt::NoAnswer(lost.to_string())),
            Self::Failed { status, words } => Verdict::Unknown(Doubt::Unreadable(format!("{status}: {words}"))),
            Self::Refused { status, words } => refused(status, words),
            Self::Unreadable(unreadable) => Verdict::Unknown(Doubt::Unreadable(unreadable.to_string())),
            Self::Lost(_) | Self::SignedOut { .. } | Self::Throttled { .. } => self.not_done(),
        }
    }

    /// What it means for a write, where a refusal has been dealt with before.
    pub(crate) fn not_carried_out_or_unknown(self) -> Verdict {
        self.verdict(|status, words| Verdict::Unknown(Doubt::Unreadable(format!("{status}: {words}"))))
    }

    /// What it means for a write that was not even begun because the reading before it went wrong.
    pub(crate) fn not_done(self) -> Verdict {
        let (why, retry_after, obstacle) = self.obstacle();
        Verdict::NotDone {
            why,
            retry_after,
            obstacle,
        }
    }

    /// What it means for a question: it was not answered.
    pub(crate) fn probe(self) -> Probe {
        let (why, retry_after, obstacle) = self.obstacle();
        Probe::NotAsked {
            why,
            retry_after,
            obstacle,
        }
    }

    fn obstacle(self) -> (String, Option<Duration>, Obstacle) {
        match self {
            Self::Lost(lost) => {
                let obstacle = match lost {
                    Lost::NotConnected(_) => Obstacle::Down,
                    Lost::NotSignedIn { ref said, .. } => Obstacle::SignedOut(said.as_ref().map(|refusal| refusal.status)),
                    Lost::LeaseShort => Obstacle::Lease,
                    Lost::NoAnswer(_) | Lost::TooLarge { .. } => Obstacle::Read,
                };
                (lost.to_string(), None, obstacle)
            }
            Self::SignedOut { words } => (
                format!("not allowed in (the key has ended, or its user may not do this): {words}"),
                None,
                Obstacle::SignedOut(Some(401)),
            ),
            Self::Throttled { retry_after } => ("throttled".into(), retry_after, Obstacle::Throttled),
            Self::Failed { status, words } | Self::Refused { status, words } => {
                (format!("{status}: {words}"), None, Obstacle::Read)
            }
            Self::Unreadable(unreadable) => (unreadable.to_string(), None, Obstacle::Read),
        }
    }
}

impl From<Trouble> for ReadError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Lost(lost) => Self::Lost(lost),
            Trouble::SignedOut { words } => Self::Refused(Refusal { status: 401, words }),
            Trouble::Throttled { retry_after } => Self::Throttled { retry_after },
            Trouble::Failed { status, words } | Trouble::Refused { status, words } => Self::Refused(Refusal { status, words }),
            Trouble::Unreadable(unreadable) => Self::Unreadable(unreadable),
        }
    }
}

/// A refusal in their own words; words of one shape are one cause.
pub(crate) fn refusal(connection: &Connection, what: &str, status: u16, words: &str) -> Finding {
    let sentence = format!("{connection} refused {what}: {words}. Correct it there or at the source, then try again.");
    let shape = Fingerprint::derive(connection.as_str(), &shape(words), "refused");
    // So short that it tells refusals of one vendor apart, and says little about what is in one. Two that meet share a card, no more.
    let shape = &shape.as_str()[..4];
    let cause = Cause::Refusal {
        connection: connection.clone(),
        status,
        shape: shape.to_owned(),
    };
    Finding::new(Code::Refused, cause, sentence)
}

/// What is left of a refusal without what it may say of one record: quoted parts, numbers, names, codes. Only plain small words stay.
fn shape(words: &str) -> String {
    const QUOTES: [char; 3] = ['\'', '"', '`'];
    let mut shape = Vec::new();
    let mut quoted: Option<char> = None;
    for word in words.split_whitespace() {
        let begins = word.trim_start_matches(['(', '[', ':']);
        let quote = quoted.or_else(|| begins.chars().next().filter(|c| QUOTES.contains(c)));
        let Some(quote) = quote else {
            let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
            if word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'') {
                shape.push(word);
            }
            continue;
        };
        // One that is never closed takes the rest with it.
        let open = if quoted.is_some() { word } else { &begins[1..] };
        quoted = if open.trim_end_matches(['.', ',', ';', ':', ')', ']']).ends_with(quote) {
            None
        } else {
            Some(quote)
        };
    }
    shape.join(" ")
}

/// What the other side says, in one line, whichever of the usual shapes it is in.
pub(crate) fn words(body: &[u8]) -> String {
    let said = match serde_json::from_slice::<Value>(body) {
        Ok(value) => explained(&value),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let line = said
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let line = line.trim_end_matches('.');
    if line.is_empty() {
        return "no explanation".into();
    }
    if line.starts_with('<') {
        return "a web page instead of an answer".into();
    }
    line.chars().take(WORDS_CHARS_MAX).collect()
}

fn explained(value: &Value) -> String {
    const NAMES: [&str; 6] = ["Message", "message", "detail", "error_description", "error", "code"];
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => match NAMES.iter().find_map(|name| fields.get(*name).and_then(Value::as_str)) {
            Some(text) => text.to_owned(),
            None => fields
                .iter()
                .take(3)
                .map(|(field, value)| format!("{field}: {}", explained(value)))
                .collect::<Vec<_>>()
                .join("; "),
        },
        Value::Array(values) => values.iter().take(3).map(explained).collect::<Vec<_>>().join("; "),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Percent-encodes everything but what RFC 3986 calls unreserved.
pub(crate) fn encoded(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// A text as a literal of an OData filter, not yet percent-encoded.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_survive_an_address() {
        assert_eq!(encoded("a b/ü&'"), "a%20b%2F%C3%BC%26%27");
        assert_eq!(quoted("O'Brien"), "'O''Brien'");
    }

    #[test]
    fn their_words_are_found_in_every_shape() {
        assert_eq!(words(br#"{"Message":"The customer is on hold."}"#), "The customer is on hold");
        assert_eq!(words(br#"{"detail":"Not found.","code":"X"}"#), "Not found");
        assert_eq!(
            words(br#"{"items":[{"carrier":["Unknown carrier."]}]}"#),
            "items: carrier: Unknown carrier"
        );
        assert_eq!(words(br#""Validation error: line 1""#), "Validation error: line 1");
        assert_eq!(words(b"Validation error:\n line 1"), "Validation error: line 1");
        assert_eq!(
            words(b"<html><body>error 1015</body></html>"),
            "a web page instead of an answer"
        );
        assert_eq!(words(b""), "no explanation");
        assert_eq!(words(&[b'x'; 4000]).chars().count(), WORDS_CHARS_MAX);
    }

    #[test]
    fn a_lost_write_is_unknown_and_a_lost_question_was_not_asked() {
        let lost = || Trouble::Lost(Lost::NoAnswer("timed out".into()));
        let refused = |_, _| unreachable!("nothing was refused");
        assert!(matches!(lost().verdict(refused), Verdict::Unknown(Doubt::NoAnswer(_))));
        assert!(matches!(
            lost().probe(),
            Probe::NotAsked {
                obstacle: Obstacle::Read,
                ..
            }
        ));
        let down = || Trouble::Lost(Lost::NotConnected("refused".into()));
        assert!(matches!(
            down().verdict(refused),
            Verdict::NotDone {
                obstacle: Obstacle::Down,
                ..
            }
        ));
        let lease = Trouble::Lost(Lost::LeaseShort);
        assert!(matches!(
            lease.verdict(refused),
            Verdict::NotDone {
                obstacle: Obstacle::Lease,
                ..
            }
        ));
        let failed = Trouble::Failed {
            status: 502,
            words: "bad gateway".into(),
        };
        assert!(matches!(failed.verdict(refused), Verdict::Unknown(Doubt::Unreadable(_))));
        let signed_out = Trouble::SignedOut { words: "no".into() };
        assert!(matches!(
            signed_out.verdict(refused),
            Verdict::NotDone {
                obstacle: Obstacle::SignedOut(Some(401)),
                ..
            }
        ));
    }

    #[test]
    fn refusals_that_differ_only_in_whom_they_name_are_one_cause() {
        let cause = |words: &str| refusal(&Connection::new("shop"), "an order", 400, words).cause;
        let one = cause("Postcode 'SW1A 1AA' of \"O'Brien, Ann\" (account 7) is not valid");
        assert_eq!(one, cause("Postcode 'M1 1AE' of \"Smith\" (account 12) is not valid"));
        assert_eq!(
            one,
            cause("Postcode of Zoë Brown (account 3) is not valid"),
            "what is not quoted is taken out too"
        );
        assert_ne!(one, cause("Postcode 'SW1A 1AA' is missing"));
        assert!(
            matches!(&one, Cause::Refusal { status: 400, shape, .. } if shape.len() == 4),
            "{one:?}"
        );
        assert_eq!(shape("the customer's name 'never closed is on hold"), "the customer's name");
    }

    proptest::proptest! {
        #[test]
        fn their_words_are_one_short_line_whatever_they_send(noise in "\\PC{0,400}|[\\x00-\\x7f]{0,400}") {
            let words = words(noise.as_bytes());
            proptest::prop_assert!(!words.is_empty() && words.chars().count() <= WORDS_CHARS_MAX && !words.contains('\n'));
        }

        #[test]
        fn an_encoded_text_needs_no_more_encoding(text in ".*") {
            let encoded = encoded(&text);
            proptest::prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        }
    }
}
