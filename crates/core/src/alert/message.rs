//! What an alert says. One message in plain parts; a connector sets them in its own form.
//!
//! What is said of a card: whose it is, its code's heading, what is to blame, how many records, by when, what to do, and where to look. No
//! names of customers, no addresses, no words of a vendor. The link opens a page; nothing is acknowledged by following it.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Owner, Severity};
use crate::finding::Code;
use crate::ident::Company;
use crate::time::{Timestamp, Zone};

/// Cards named in one digest; the others are counted.
pub const ITEMS_MAX: usize = 20;

/// One alert, whole: it is stored sealed, and says the same however often and whenever it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub company: Company,
    pub what: What,
    /// When it was decided to say this.
    pub at: Timestamp,
    /// What its times are local to.
    pub zone: Zone,
    /// Where pages are, without a slash at the end.
    pub public_url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    Opened(About),
    /// Nobody has taken it up since then.
    Escalated(About),
    Recovered(About),
    /// What it warns of comes near, and nothing has changed: so many days before, at the most.
    Reminded {
        about: About,
        ends: Timestamp,
        days: u16,
    },
    Digest {
        items: Vec<Grown>,
        more: u64,
    },
    /// A route's daily test, or one that a person asked for.
    Test {
        route: String,
    },
}

/// What is said of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub card: String,
    /// How often it had opened, from 1: what was said of it before is another conversation.
    pub episode: u32,
    pub code: Code,
    pub team: Owner,
    pub cause: String,
    pub records: u64,
    pub opened_at: Timestamp,
    pub deadline: Option<Timestamp>,
}

/// A card with more on it than was last said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grown {
    pub card: String,
    pub code: Code,
    pub cause: String,
    /// 0: nothing has been said of it yet.
    pub said: u64,
    pub records: u64,
}

impl What {
    /// The name of it, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::Escalated(_) => "escalated",
            Self::Recovered(_) => "recovered",
            Self::Reminded { .. } => "reminded",
            Self::Digest { .. } => "digest",
            Self::Test { .. } => "test",
        }
    }

    pub fn about(&self) -> Option<&About> {
        match self {
            Self::Opened(about) | Self::Escalated(about) | Self::Recovered(about) | Self::Reminded { about, .. } => Some(about),
            Self::Digest { .. } | Self::Test { .. } => None,
        }
    }
}

impl Message {
    /// The same for everything that is said of one card, so that mail programs keep it together.
    pub fn subject(&self) -> String {
        match &self.what {
            What::Opened(about) | What::Escalated(about) | What::Recovered(about) | What::Reminded { about, .. } => {
                format!("[{}] {}: {}", self.company, about.code.entry().what, one_line(&about.cause))
            }
            What::Digest { .. } => format!("[{}] Exceptions that have grown", self.company),
            What::Test { route } => format!("[{}] Test of the alert route {route}", self.company),
        }
    }

    /// The conversation that it belongs to.
    pub fn thread(&self) -> String {
        match self.what.about() {
            Some(about) => format!("{}.{}", about.card, about.episode),
            None => format!("{}.{}", self.company, self.what.name()),
        }
    }

    /// In one sentence, what has happened.
    pub fn headline(&self) -> String {
        match &self.what {
            What::Opened(about) => format!("{} ({}).", about.code.entry().what, records(about.records)),
            What::Escalated(about) => format!(
                "Nobody has taken this up since {}: {} ({}).",
                self.local(about.opened_at),
                about.code.entry().what,
                records(about.records)
            ),
            What::Recovered(about) => format!("Recovered, with nothing left on it: {}.", about.code.entry().what),
            What::Reminded { about, ends, days } => format!(
                "{}, on {}: this is said again {} before.",
                about.code.entry().what,
                self.local(*ends),
                in_days(*days)
            ),
            What::Digest { items, more } => {
                let cards = items.len() as u64 + more;
                format!("{cards} open {} more on {} than was last said.", has(cards), them(cards))
            }
            What::Test { .. } => "This is a test: the route works. There is nothing to do.".into(),
        }
    }

    /// Names and values, in the order in which they are shown.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![("Company", self.company.to_string())];
        let Some(about) = self.what.about() else { return facts };
        let entry = about.code.entry();
        facts.push(("Cause", one_line(&about.cause)));
        if !matches!(self.what, What::Recovered(_)) {
            facts.push(("Stops", records(about.records)));
            facts.push(("Severity", entry.severity.to_string()));
            facts.push(("Owner", about.team.to_string()));
        }
        facts.push(("Since", self.local(about.opened_at)));
        if let (Some(deadline), false) = (about.deadline, matches!(self.what, What::Recovered(_))) {
            facts.push(("Deadline", self.local(deadline)));
        }
        facts
    }

    /// What it means and what to do, where something is to be done.
    pub fn advice(&self) -> Vec<&'static str> {
        match &self.what {
            What::Opened(about) | What::Escalated(about) | What::Reminded { about, .. } => {
                let entry = about.code.entry();
                vec![entry.means, entry.remedy, entry.again.sentence()]
            }
            What::Recovered(_) | What::Digest { .. } | What::Test { .. } => Vec::new(),
        }
    }

    /// A line for each card of a digest, with its page.
    pub fn items(&self) -> Vec<(String, String)> {
        let What::Digest { items, more } = &self.what else {
            return Vec::new();
        };
        let mut lines: Vec<(String, String)> = items
            .iter()
            .map(|grown| {
                let growth = match grown.said {
                    0 => format!("{}, new", records(grown.records)),
                    said => format!("{}, {said} when last said", records(grown.records)),
                };
                let heading = grown.code.entry().what;
                (
                    format!("{heading}: {} ({growth})", one_line(&grown.cause)),
                    self.page(&grown.card),
                )
            })
            .collect();
        if *more > 0 {
            lines.push((format!("and {more} more"), format!("{}/cards", self.public_url)));
        }
        lines
    }

    /// The page to look at. It shows; only its button acknowledges.
    pub fn link(&self) -> Option<String> {
        self.what.about().map(|about| self.page(&about.card))
    }

    /// How bad what it is about is; none where it is about nothing bad.
    pub fn severity(&self) -> Option<Severity> {
        match &self.what {
            What::Opened(about) | What::Escalated(about) | What::Reminded { about, .. } => Some(about.code.entry().severity),
            What::Recovered(_) | What::Digest { .. } | What::Test { .. } => None,
        }
    }

    /// The team it is for.
    pub fn owner(&self) -> Option<Owner> {
        self.what.about().map(|about| about.team)
    }

    /// A time as the team's clock shows it, with the zone, to the minute.
    pub fn local(&self, at: Timestamp) -> String {
        let local = at.local_in(&self.zone);
        format!("{} {}", local.get(..16).unwrap_or(&local), self.zone)
    }

    fn page(&self, card: &str) -> String {
        format!("{}/cards/{card}", self.public_url)
    }
}

fn records(count: u64) -> String {
    match count {
        1 => "1 record".into(),
        count => format!("{count} records"),
    }
}

fn in_days(days: u16) -> String {
    match days {
        1 => "a day".into(),
        days => format!("{days} days"),
    }
}

fn has(cards: u64) -> &'static str {
    if cards == 1 { "card has" } else { "cards have" }
}

fn them(cards: u64) -> &'static str {
    if cards == 1 { "it" } else { "them" }
}

/// A cause never breaks a header or a line: what is not printable is a space, and the rest of a long one is left out.
fn one_line(text: &str) -> String {
    const CHARS_MAX: usize = 120;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
