//! What is wrong with the ways to tell people, although each part of them could be read: a team that nobody tells, a rule that means silence,
//! hours in which nobody ever works.

use std::collections::BTreeSet;

use super::Settings;
use crate::catalogue::Owner;
use crate::time::Timestamp;

/// Something that a person should look at, and the key under which it is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub key: String,
    pub sentence: String,
}

fn fault(key: impl Into<String>, sentence: String) -> Fault {
    Fault {
        key: key.into(),
        sentence,
    }
}

/// Everything of that kind; nothing where all is well.
pub fn faults(settings: &Settings, now: Timestamp) -> Vec<Fault> {
    let mut faults = Vec::new();
    let teams: BTreeSet<Owner> = settings.routes.iter().map(|route| route.team).collect();
    for team in Owner::ALL {
        if !teams.contains(&team) {
            let whose = if team == Owner::Integration || !teams.contains(&Owner::Integration) {
                "nobody is told of it".to_owned()
            } else {
                "it goes to integration".to_owned()
            };
            let sentence = format!("No route tells {team}: of what it owns, {whose}. Add a route with `team = \"{team}\"`.");
            faults.push(fault("[[alerts.route]]", sentence));
        }
        let calendar = settings.calendar_of(team);
        let key = if settings.calendars.contains_key(&team) {
            format!("[alerts.team_calendar.{team}]")
        } else {
            "[alerts.calendar]".to_owned()
        };
        if calendar.next_open(now) == Timestamp::MAX {
            let sentence = format!(
                "{team} never works by its calendar: its working hours never end, and what waits for its morning waits for ever."
            );
            faults.push(fault(key.clone(), sentence));
        }
        if let Some(stale) = calendar.staleness(now) {
            faults.push(fault(key, format!("The calendar of {team}: {stale}.")));
        }
    }
    for (index, rule) in settings.rules.iter().enumerate() {
        if rule.routes.is_empty() {
            let of = if rule.codes.is_empty() {
                "every card that matches it".to_owned()
            } else {
                let codes: Vec<&str> = rule.codes.iter().map(|code| code.name()).collect();
                format!("cards of {}", codes.join(", "))
            };
            let sentence = format!(
                "Rule {} tells nobody of {of}. If that is not meant, name a route in it.",
                index + 1
            );
            faults.push(fault(format!("[[alerts.rule]], number {}", index + 1), sentence));
        }
    }
    faults
}
