//! The handbook: how a merchant works with Tallyman, written from what is configured, so that it cannot say anything else than what is done.
//!
//! It has a chapter for each team (when it works, how it is told, what it must clear, by when, and how), and what masters what. Its [`lines`]
//! are all that it says, each readable alone; their hash tells one version from another, and what was added and left out between two.
//!
//! Not here: real examples, and who belongs to a team. Both change from hour to hour; the page shows them beside what the handbook says.
//!
//! [`lines`]: Handbook::lines

use std::collections::BTreeSet;

use crate::alert::{Card, Settings};
use crate::calendar::Calendar;
use crate::catalogue::{Deadline, Owner, Party, Remedy};
use crate::cause::Cause;
use crate::finding::Code;
use crate::fingerprint::ContentHash;
use crate::ident::{Company, Connection};
use crate::mastership::{Master, Model, Thing, flows};
use crate::time::Timestamp;

/// What one merchant has said.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    pub company: &'a Company,
    /// Nobody is told of anything where there is nothing.
    pub alerts: Option<&'a Settings>,
    pub masters: &'a Model,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handbook {
    pub chapters: Vec<Chapter>,
    pub masters: Vec<Mastered>,
}

/// What one team has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    pub team: Owner,
    /// When it works.
    pub hours: String,
    /// What holds of every message to it.
    pub told: Vec<String>,
    pub failures: Vec<Failure>,
}

/// Something that it must clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub code: Code,
    /// By when.
    pub deadline: String,
    /// Which verbs help, the usual one first.
    pub clear: Vec<String>,
    /// Who is told of it.
    pub told: String,
}

/// Which system is asked where two differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mastered {
    pub thing: Thing,
    pub master: Master,
    /// Into which systems it is carried from there.
    pub carried: Vec<Master>,
}

/// What changed from one version to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub added: Vec<String>,
    pub gone: Vec<String>,
}

impl Deadline {
    /// By when a card should be cleared, as a sentence says it of this team.
    pub fn sentence(self, team: Owner) -> String {
        match self {
            Self::OfRecords => "by the earliest deadline of its records".into(),
            Self::WorkingHours(1) => format!("within one working hour of {team}"),
            Self::WorkingHours(hours) => format!("within {hours} working hours of {team}"),
            Self::Hours(1) => "within an hour, day and night".into(),
            Self::Hours(hours) => format!("within {hours} hours, day and night"),
        }
    }
}

impl Remedy {
    /// What to press, or where to go.
    pub fn sentence(self) -> String {
        match self {
            Self::Map(table) => format!("Say on the card what the {} means", table.noun()),
            Self::Correct(Party::Ledger) => "Correct it in the ledger".into(),
            Self::Correct(Party::Warehouse) => "Have the warehouse correct it".into(),
            Self::Correct(Party::Channel) => "Have the retailer correct it".into(),
            Self::Amend => "Amend the field of the record on the card".into(),
            Self::Answer => "Say under Unknown outcomes what became of the write".into(),
            Self::Decide => "Decide on the card what becomes of it".into(),
            Self::SignIn => "Sign in again".into(),
            Self::Configure => "Change the configuration".into(),
            Self::Wait => "Wait: it goes on by itself when the other side is ready".into(),
        }
    }
}

/// What is said of the merchant's rules.
pub fn write(rules: Rules<'_>) -> Handbook {
    let usual = Calendar::usual();
    let chapter = |team: Owner| {
        let hours = rules.alerts.map_or(&usual, |alerts| alerts.calendar_of(team));
        let own = Code::ALL.iter().copied().filter(|code| code.entry().owner == team);
        Chapter {
            team,
            hours: hours.to_string(),
            told: told(rules, team),
            failures: own.map(|code| failure(rules, team, code)).collect(),
        }
    };
    let mastered = |(thing, master): (Thing, Master)| Mastered {
        thing,
        master,
        carried: flows(thing)
            .map(|(_, into)| into)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    };
    Handbook {
        chapters: Owner::ALL.into_iter().map(chapter).collect(),
        masters: rules.masters.rows().map(mastered).collect(),
    }
}

fn failure(rules: Rules<'_>, team: Owner, code: Code) -> Failure {
    let entry = code.entry();
    Failure {
        code,
        deadline: entry.deadline.sentence(team),
        clear: entry.remedies.iter().map(|remedy| remedy.sentence()).collect(),
        told: routes(rules, team, code),
    }
}

/// A route is named as the configuration names it, without its company.
fn name(route: &Connection) -> &str {
    route.as_str().rsplit('/').next().unwrap_or(route.as_str())
}

/// Who is told of a card of this code, as long as nothing is known of what is at stake.
fn routes(rules: Rules<'_>, team: Owner, code: Code) -> String {
    let Some(alerts) = rules.alerts else {
        return "Nobody is told: no way to tell people is configured.".into();
    };
    let card = Card {
        id: String::new(),
        company: rules.company.clone(),
        code,
        team,
        cause: Cause::Flow(String::new()),
        opened_at: Timestamp::from_micros(0),
        open: true,
        records: 1,
        money: None,
        deadline: None,
        acknowledged: false,
        ends: None,
    };
    let told = alerts.routes_of(&card);
    if told.is_empty() {
        return "Nobody is told; it stands in the console.".into();
    }
    let names: Vec<&str> = told.iter().map(|route| name(&route.connection)).collect();
    let next = alerts
        .escalation
        .filter(|escalation| code.entry().severity >= escalation.severity);
    let then = next.and_then(|escalation| {
        let other = alerts.next_after(&told.first()?.connection, &card)?;
        let minutes = escalation.after.as_secs() / 60;
        Some(format!(
            "; if nobody takes it up in {minutes} minutes, by {}",
            name(&other.connection)
        ))
    });
    format!("Told by {}{}.", names.join(", "), then.unwrap_or_default())
}

fn told(rules: Rules<'_>, team: Owner) -> Vec<String> {
    let Some(alerts) = rules.alerts else {
        return vec!["No way to tell people is configured: look at the console.".into()];
    };
    let mut told = Vec::new();
    let own: Vec<&str> = alerts
        .routes
        .iter()
        .filter(|route| route.team == team)
        .map(|route| name(&route.connection))
        .collect();
    if own.is_empty() {
        told.push("It has no route of its own: what it owns goes to integration.".into());
    } else {
        told.push(format!("Its routes: {}.", own.join(", ")));
    }
    told.push(format!(
        "At most one digest a route in {} minutes; what is critical is told of at once.",
        alerts.digest_every.as_secs() / 60
    ));
    if let Some(quiet) = alerts.quiet {
        told.push(format!(
            "Quiet from {} to {}: only what is critical is told of then.",
            quiet.from, quiet.to
        ));
    }
    told
}

impl Chapter {
    fn lines(&self) -> Vec<String> {
        let team = self.team;
        let mut lines = vec![format!("{team} works {}.", self.hours)];
        lines.extend(self.told.iter().map(|told| format!("{team}: {told}")));
        for failure in &self.failures {
            let entry = failure.code.entry();
            let code = failure.code;
            lines.push(format!(
                "{code} is for {team} ({}): {}. {}",
                entry.severity.name(),
                entry.what,
                entry.means
            ));
            lines.push(format!(
                "{code} is cleared so: {} ({}.)",
                entry.remedy,
                failure.clear.join("; ")
            ));
            lines.push(format!("{code} is due {}.", failure.deadline));
            lines.push(format!("{code}: {}", failure.told));
        }
        lines
    }
}

impl Mastered {
    /// As a sentence.
    pub fn sentence(&self) -> String {
        let says = match self.master {
            Master::Tallyman => "Tallyman’s own rules say".to_owned(),
            Master::Ledger | Master::Warehouse | Master::Channel => format!("The {} says", self.master),
        };
        let thing = self.thing.words();
        let into: Vec<&str> = self.carried.iter().map(|into| into.name()).collect();
        match into.as_slice() {
            [] => format!("{says} {thing}; Tallyman carries it nowhere."),
            into => format!("{says} {thing}; Tallyman carries it to the {}.", into.join(" and the ")),
        }
    }
}

impl Handbook {
    /// All that it says, a sentence a line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.chapters.iter().flat_map(Chapter::lines).collect();
        lines.extend(self.masters.iter().map(Mastered::sentence));
        lines
    }

    /// What it is known by.
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(self.lines().join("\n").as_bytes())
    }
}

/// What of one version is not in the other: each line is readable alone, so their order says nothing.
pub fn changes(before: &[String], after: &[String]) -> Changes {
    let (old, new): (BTreeSet<&String>, BTreeSet<&String>) = (before.iter().collect(), after.iter().collect());
    Changes {
        added: after.iter().filter(|line| !old.contains(line)).cloned().collect(),
        gone: before.iter().filter(|line| !new.contains(line)).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(masters: &Model) -> Handbook {
        let company = Company::new("north");
        write(Rules {
            company: &company,
            alerts: None,
            masters,
        })
    }

    #[test]
    fn every_code_stands_in_the_chapter_of_its_owner_once() {
        let book = written(&Model::default());
        let mut found: Vec<Code> = Vec::new();
        for chapter in &book.chapters {
            for failure in &chapter.failures {
                assert_eq!(failure.code.entry().owner, chapter.team);
                assert!(!failure.clear.is_empty() && !failure.deadline.is_empty(), "{}", failure.code);
                found.push(failure.code);
            }
        }
        found.sort_unstable();
        let mut all = Code::ALL.to_vec();
        all.sort_unstable();
        assert_eq!(found, all);
    }

    #[test]
    fn who_masters_what_is_said_in_words_of_the_trade() {
        let said: Vec<String> = written(&Model::default()).masters.iter().map(Mastered::sentence).collect();
        let starts = |with: &str| said.iter().any(|sentence| sentence.starts_with(with));
        assert!(starts("Tallyman’s own rules say whether an order is taken; "), "{said:?}");
        assert!(starts("The warehouse says when goods have left; "), "{said:?}");
    }

    #[test]
    fn the_same_rules_are_the_same_version_and_another_rule_is_another_one() {
        let (one, same) = (written(&Model::default()), written(&Model::default()));
        assert_eq!(one.hash(), same.hash());
        let lines = one.lines();
        let mut distinct = lines.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), lines.len(), "each line says something of its own");

        let mut other = one.clone();
        other.chapters[0].hours = "Monday, 08:00 to 12:00 (UTC)".into();
        assert_ne!(one.hash(), other.hash());
        let changes = changes(&one.lines(), &other.lines());
        assert_eq!((changes.added.len(), changes.gone.len()), (1, 1));
        assert!(changes.added[0].contains("08:00"), "{changes:?}");
    }
}
