//! What is to be said now about a card, by each of its routes, given what has been said before.
//!
//! Four occasions: a card has opened, something that was put off is due (a word to somebody else, a reminder of what ends on a known day), a card is resolved, a route's digest or test is due. Each is a
//! function from what is known to steps. A step is what is to be kept about card and route, with a message where there is one; the engine
//! writes both together, and only if what was known still stands.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::message::{About, Grown, ITEMS_MAX, Message, What};
use super::route::{Route, Settings};
use super::{Card, SUBJECT};
use crate::catalogue::{Deadline, Severity};
use crate::effect::{Effect, Lane, Planned, Set};
use crate::fingerprint::Fingerprint;
use crate::ident::{Company, Connection};
use crate::time::Timestamp;

/// What ends on a known day is said again so many days before, once each.
const REMINDED_DAYS: [u16; 3] = [7, 3, 1];

/// What was last said about a card by a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Said {
    /// Nothing; it is held back until the morning.
    Held,
    /// Nothing; it stands in the next digest.
    Listed,
    Opened,
    Escalated,
    /// That it is over, or nothing at all where nothing had been said before.
    Recovered,
    /// Nothing: no route is for it.
    Nobody,
}

impl Said {
    pub const ALL: [Self; 6] = [
        Self::Held,
        Self::Listed,
        Self::Opened,
        Self::Escalated,
        Self::Recovered,
        Self::Nobody,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Listed => "listed",
            Self::Opened => "opened",
            Self::Escalated => "escalated",
            Self::Recovered => "recovered",
            Self::Nobody => "nobody",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|said| said.name() == name)
    }
}

/// What is kept about a card and a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub card: String,
    /// Empty where no route is for the card.
    pub route: String,
    pub episode: u32,
    pub said: Said,
    /// Records that were on the card when that was said.
    pub records: u64,
    pub at: Timestamp,
    /// When something is to be said that was put off; [`Timestamp::MAX`] if nothing was.
    pub due: Timestamp,
}

/// What is to be kept from now on, and said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What must still stand; none if nothing was kept before.
    pub before: Option<Told>,
    pub after: Told,
    pub message: Option<(Connection, Message)>,
}

/// A card has opened, for the first time or again. `before` is what is kept about it; `said_lately` says how many cards a route was told of
/// within the time of a digest.
pub fn opened(
    settings: &Settings,
    card: &Card,
    before: &[Told],
    said_lately: impl Fn(&Connection) -> u32,
    now: Timestamp,
) -> Vec<Step> {
    let episode = 1 + before.iter().map(|told| told.episode).max().unwrap_or(0);
    let severity = card.code.entry().severity;
    let of = |route: &str| before.iter().find(|told| told.route == route).cloned();
    let routes = settings.routes_of(card);
    if routes.is_empty() {
        let after = told(card, "", episode, (Said::Nobody, 0), now, Timestamp::MAX);
        return vec![Step {
            before: of(""),
            after,
            message: None,
        }];
    }
    let step = |route: &&Route| {
        let name = route.connection.as_str();
        let kept = |said, records, due| Step {
            before: of(name),
            after: told(card, name, episode, (said, records), now, due),
            message: None,
        };
        if settings.is_quiet(severity, now) {
            return kept(Said::Held, 0, settings.held_until(route.team, now));
        }
        if severity < Severity::Critical && said_lately(&route.connection) >= settings.opened_max {
            return kept(Said::Listed, 0, Timestamp::MAX);
        }
        tell(settings, card, route, of(name), episode, now)
    };
    routes.iter().map(step).collect()
}

/// Tells a route of a card, from the beginning.
fn tell(settings: &Settings, card: &Card, route: &Route, before: Option<Told>, episode: u32, now: Timestamp) -> Step {
    let due = escalates_at(settings, card, route, now).min(next_reminder(card, now));
    let what = What::Opened(about(settings, card, episode));
    Step {
        before,
        after: told(
            card,
            route.connection.as_str(),
            episode,
            (Said::Opened, card.records),
            now,
            due,
        ),
        message: Some((route.connection.clone(), message(settings, card, what, now))),
    }
}

/// Something about an open card was put off until now: what was held back for the night, or a word to somebody else. `others` is what is
/// kept about the card and other routes.
pub fn due(settings: &Settings, card: &Card, kept: &Told, others: &[Told], now: Timestamp) -> Vec<Step> {
    let without = |due| Step {
        before: Some(kept.clone()),
        after: Told { due, ..kept.clone() },
        message: None,
    };
    let Some(route) = settings.routes.iter().find(|route| route.connection.as_str() == kept.route) else {
        // The route is not configured any more.
        return vec![without(Timestamp::MAX)];
    };
    match kept.said {
        Said::Held => vec![tell(settings, card, route, Some(kept.clone()), kept.episode, now)],
        Said::Opened => {
            let severity = card.code.entry().severity;
            let reminder = reminder(card, kept.at, now);
            // What comes near was due for that, and not because nobody has taken it up.
            let escalates = !card.acknowledged && (card.ends.is_none() || escalates_at(settings, card, route, kept.at) <= now);
            if (escalates || reminder.is_some()) && settings.is_quiet(severity, now) {
                return vec![without(settings.held_until(route.team, now))];
            }
            if let Some((ends, days)) = reminder {
                return vec![remind(settings, card, route, (kept, others), (ends, days), now)];
            }
            let later = next_reminder(card, now);
            let Some(next) = settings.next_after(&route.connection, card).filter(|_| escalates) else {
                return vec![without(later)];
            };
            let name = next.connection.as_str();
            let what = What::Escalated(about(settings, card, kept.episode));
            let escalated = Step {
                before: others.iter().find(|told| told.route == name).cloned(),
                after: told(card, name, kept.episode, (Said::Escalated, card.records), now, Timestamp::MAX),
                message: Some((next.connection.clone(), message(settings, card, what, now))),
            };
            vec![without(later), escalated]
        }
        Said::Listed | Said::Escalated | Said::Recovered | Said::Nobody => vec![without(Timestamp::MAX)],
    }
}

/// The card is resolved. Whoever was told of it is told so.
pub fn resolved(settings: &Settings, card: &Card, kept: &Told, now: Timestamp) -> Step {
    let was_told = match kept.said {
        Said::Opened | Said::Escalated => true,
        // It may have stood in a digest meanwhile.
        Said::Listed => kept.records > 0,
        Said::Held | Said::Recovered | Said::Nobody => false,
    };
    let route = settings.routes.iter().find(|route| route.connection.as_str() == kept.route);
    let what = What::Recovered(about(settings, card, kept.episode));
    Step {
        before: Some(kept.clone()),
        after: Told {
            said: Said::Recovered,
            at: now,
            due: Timestamp::MAX,
            ..kept.clone()
        },
        message: route
            .filter(|_| was_told)
            .map(|route| (route.connection.clone(), message(settings, card, what, now))),
    }
}

/// Cards of one route of which there is more than was last said, as one message; nothing if there are none. Gives what is kept of each from
/// now on.
pub fn digest(
    settings: &Settings,
    company: &Company,
    route: &Route,
    cards: &[(Told, Card)],
    now: Timestamp,
) -> Option<(Vec<Step>, Message)> {
    let mut grown: Vec<&(Told, Card)> = cards
        .iter()
        .filter(|(told, card)| card.open && card.records > told.records)
        .collect();
    if grown.is_empty() {
        return None;
    }
    // The most that is new stands first; among equals, what has stood longest.
    grown.sort_by_key(|(told, card)| {
        (
            std::cmp::Reverse(card.records - told.records),
            card.opened_at,
            card.id.clone(),
        )
    });
    let items = grown.iter().take(ITEMS_MAX).map(|(told, card)| Grown {
        card: card.id.clone(),
        code: card.code,
        cause: card.cause.to_string(),
        said: told.records,
        records: card.records,
    });
    let what = What::Digest {
        items: items.collect(),
        more: u64::try_from(grown.len().saturating_sub(ITEMS_MAX)).unwrap_or(u64::MAX),
    };
    let steps = grown.iter().map(|(told, card)| Step {
        before: Some(told.clone()),
        after: Told {
            records: card.records,
            at: now,
            // What had only been listed is told of by this, and may be escalated like any other.
            said: if told.said == Said::Listed { Said::Opened } else { told.said },
            due: if told.said == Said::Listed {
                escalates_at(settings, card, route, now).min(next_reminder(card, now))
            } else {
                told.due
            },
            ..told.clone()
        },
        message: None,
    });
    Some((steps.collect(), about_company(settings, company, what, now)))
}

/// What a route's test says.
pub fn test(settings: &Settings, company: &Company, route: &Connection, now: Timestamp) -> Message {
    let route = route.to_string();
    about_company(settings, company, What::Test { route }, now)
}

/// The effect that says it. Its id is derived from what is said and to whom, so that whoever plans it again plans the same; a digest or a
/// test is told from the one before by its time.
pub fn effect(company: &Company, route: &Connection, message: Message) -> Planned {
    let key = match (message.what.about(), &message.what) {
        (Some(about), What::Reminded { ends, days, .. }) => {
            format!("{route}/card/{}/{}/{}/{days}", about.card, about.episode, ends.micros())
        }
        (Some(about), _) => format!("{route}/card/{}/{}", about.card, about.episode),
        (None, _) => format!("{route}/{}", message.at.micros()),
    };
    let step = format!("{SUBJECT}/{}", message.what.name());
    let subject = match message.what.about() {
        Some(about) => format!("card/{}", about.card),
        None => message.what.name().to_owned(),
    };
    Planned {
        id: Fingerprint::derive(company.as_str(), &key, &step),
        lane: Lane {
            connection: route.clone(),
            subject,
        },
        after: Vec::new(),
        effect: Effect::Set(Set::Alert(Box::new(message))),
        parked: None,
        supersedes: None,
    }
}

fn told(card: &Card, route: &str, episode: u32, (said, records): (Said, u64), at: Timestamp, due: Timestamp) -> Told {
    Told {
        card: card.id.clone(),
        route: route.to_owned(),
        episode,
        said,
        records,
        at,
        due,
    }
}

/// When somebody else is told, if nobody takes it up: working time of the team, unless it is critical.
fn escalates_at(settings: &Settings, card: &Card, route: &Route, now: Timestamp) -> Timestamp {
    let severity = card.code.entry().severity;
    match settings.escalation {
        Some(escalation) if severity >= escalation.severity => {
            if severity == Severity::Critical {
                now.plus(escalation.after)
            } else {
                settings.calendar_of(route.team).after(now, escalation.after)
            }
        }
        _ => Timestamp::MAX,
    }
}

/// When the end of what a card warns of is so many days away, at each of these somebody is told again.
fn reminders(card: &Card) -> impl Iterator<Item = (Timestamp, u16)> {
    let at = |ends: Timestamp, days: u16| (ends.minus(Duration::from_secs(u64::from(days) * 86_400)), days);
    let ends = card.ends;
    REMINDED_DAYS.into_iter().filter_map(move |days| Some(at(ends?, days)))
}

fn next_reminder(card: &Card, now: Timestamp) -> Timestamp {
    let later = reminders(card).map(|(at, _)| at).filter(|at| *at > now);
    later.min().unwrap_or(Timestamp::MAX)
}

/// The end, and the last of the days before it that has come since something was said.
fn reminder(card: &Card, said: Timestamp, now: Timestamp) -> Option<(Timestamp, u16)> {
    let came = reminders(card).filter(|(at, _)| said < *at && *at <= now);
    Some((card.ends?, came.map(|(_, days)| days).min()?))
}

/// Tells a route again of what comes near. Whoever is told when nobody takes it up is told once.
fn remind(
    settings: &Settings,
    card: &Card,
    route: &Route,
    (kept, others): (&Told, &[Told]),
    (ends, days): (Timestamp, u16),
    now: Timestamp,
) -> Step {
    let escalated = |told: &Told| (told.said, told.episode) == (Said::Escalated, kept.episode);
    let escalates = if card.acknowledged || others.iter().any(escalated) {
        Timestamp::MAX
    } else {
        escalates_at(settings, card, route, now)
    };
    let about = about(settings, card, kept.episode);
    let what = What::Reminded { about, ends, days };
    Step {
        before: Some(kept.clone()),
        after: Told {
            at: now,
            records: card.records,
            due: escalates.min(next_reminder(card, now)),
            ..kept.clone()
        },
        message: Some((route.connection.clone(), message(settings, card, what, now))),
    }
}

/// By when a card should be cleared: its records' own deadline, or the catalogue's rule by its team's hours.
fn deadline(settings: &Settings, card: &Card) -> Option<Timestamp> {
    let entry = card.code.entry();
    let hours = |hours: u16| Duration::from_secs(u64::from(hours) * 3600);
    let by_rule = match entry.deadline {
        Deadline::OfRecords => None,
        Deadline::Hours(count) => Some(card.opened_at.plus(hours(count))),
        Deadline::WorkingHours(count) => Some(settings.calendar_of(card.team).after(card.opened_at, hours(count))),
    };
    card.deadline.or(by_rule.filter(|due| *due < Timestamp::MAX))
}

fn about(settings: &Settings, card: &Card, episode: u32) -> About {
    About {
        card: card.id.clone(),
        episode,
        code: card.code,
        team: card.team,
        cause: card.cause.to_string(),
        records: card.records,
        opened_at: card.opened_at,
        deadline: deadline(settings, card),
    }
}

fn message(settings: &Settings, card: &Card, what: What, now: Timestamp) -> Message {
    about_company(settings, &card.company, what, now)
}

fn about_company(settings: &Settings, company: &Company, what: What, now: Timestamp) -> Message {
    Message {
        company: company.clone(),
        what,
        at: now,
        zone: settings.calendar.zone.clone(),
        public_url: settings.public_url.clone(),
    }
}
