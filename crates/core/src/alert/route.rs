//! Which routes a card goes to.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Card, route_cause};
use crate::calendar::{Calendar, TimeOfDay};
use crate::catalogue::{Owner, Severity};
use crate::finding::Code;
use crate::ident::Connection;
use crate::money::Money;
use crate::time::{Timestamp, Zone};

/// Everything that decides about alerts of one company.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What stands before the path of a link, without a slash at its end.
    pub public_url: String,
    /// In the order of the configuration.
    pub routes: Vec<Route>,
    /// Every rule that matches says where a card goes; where none does, the card goes to its owner.
    pub rules: Vec<Rule>,
    /// A team's own hours.
    pub calendars: BTreeMap<Owner, Calendar>,
    /// The hours of a team that has none of its own, and the zone of all times in messages.
    pub calendar: Calendar,
    pub quiet: Option<Quiet>,
    /// At most one digest a route in this time.
    pub digest_every: Duration,
    /// More cards than this that open within the time of one digest stand in the next digest; what is critical is always told of by itself.
    pub opened_max: u32,
    pub escalation: Option<Escalation>,
    /// When each route is tested, every day.
    pub test_at: TimeOfDay,
}

/// Somebody else is told of what nobody has taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escalation {
    /// Working time of the card's team; for what is critical, time by the clock.
    pub after: Duration,
    /// Below this nothing is escalated.
    pub severity: Severity,
}

/// One way to tell a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub connection: Connection,
    pub team: Owner,
    /// Who is told if nobody behind this route takes a card up; else the next route of the team.
    pub deputy: Option<Connection>,
}

/// Which cards go where. What is not said is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    pub codes: Vec<Code>,
    /// At least so bad.
    pub severity: Option<Severity>,
    /// At least so much at stake. A card whose stake is not known does not match.
    pub money: Option<Money>,
    /// Empty: it matches, and nobody is told.
    pub routes: Vec<Connection>,
}

/// A part of the day in which only what is critical is told of. It may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub from: TimeOfDay,
    pub to: TimeOfDay,
}

impl Quiet {
    pub fn covers(&self, now: Timestamp, zone: &Zone) -> bool {
        // The last time the clock showed one of the two decides which side we are on: whichever comes later from now was not it.
        self.from != self.to && self.to.next_after(now, zone) < self.from.next_after(now, zone)
    }
}

impl Rule {
    pub fn matches(&self, card: &Card) -> bool {
        (self.codes.is_empty() || self.codes.contains(&card.code))
            && self.severity.is_none_or(|least| card.code.entry().severity >= least)
            && self
                .money
                .is_none_or(|least| card.money.is_some_and(|at_stake| at_stake >= least))
    }
}

impl Settings {
    pub fn calendar_of(&self, team: Owner) -> &Calendar {
        self.calendars.get(&team).unwrap_or(&self.calendar)
    }

    /// Where a card goes: by the rules that match it, else to its team's routes, else to those of integration. Never to the route that it
    /// is about.
    pub fn routes_of(&self, card: &Card) -> Vec<&Route> {
        let matching: Vec<&Rule> = self.rules.iter().filter(|rule| rule.matches(card)).collect();
        if !matching.is_empty() {
            let wanted = |route: &&Route| matching.iter().any(|rule| rule.routes.contains(&route.connection));
            let found: Vec<&Route> = self.usable(card).filter(wanted).collect();
            // A rule that names nobody means it. One whose only route is the broken one does not mean silence.
            if !found.is_empty() || matching.iter().all(|rule| rule.routes.is_empty()) {
                return found;
            }
        }
        let of = |team: Owner| self.usable(card).filter(|route| route.team == team).collect::<Vec<_>>();
        let owners = of(card.team);
        if !owners.is_empty() {
            return owners;
        }
        let integration = of(Owner::Integration);
        if integration.is_empty() && card.code == Code::AlertRouteDown {
            // That nobody hears anything any more, anybody may hear.
            return self.usable(card).collect();
        }
        integration
    }

    /// Who is told when nobody behind this route has taken the card up: its deputy, else the next route of its team, else integration.
    pub fn next_after(&self, route: &Connection, card: &Card) -> Option<&Route> {
        let from = self.routes.iter().find(|known| known.connection == *route)?;
        if let Some(deputy) = &from.deputy {
            return self.usable(card).find(|known| known.connection == *deputy);
        }
        let told = self.routes_of(card);
        let others = || {
            self.usable(card)
                .filter(|known| !told.iter().any(|told| told.connection == known.connection))
        };
        others()
            .find(|known| known.team == from.team)
            .or_else(|| others().find(|known| known.team == Owner::Integration))
    }

    /// The routes that may carry this card.
    fn usable<'s, 'c>(&'s self, card: &'c Card) -> impl Iterator<Item = &'s Route> + use<'s, 'c> {
        let about_itself = |route: &Route| card.code == Code::AlertRouteDown && card.cause == route_cause(&route.connection);
        self.routes.iter().filter(move |route| !about_itself(route))
    }

    /// Whether this may not be said now.
    pub fn is_quiet(&self, severity: Severity, now: Timestamp) -> bool {
        severity < Severity::Critical && self.quiet.is_some_and(|quiet| quiet.covers(now, &self.calendar.zone))
    }

    /// Until when it is held back. The team's next morning; where nobody ever works, the end of the quiet hours.
    pub fn held_until(&self, team: Owner, now: Timestamp) -> Timestamp {
        let calendar = self.calendar_of(team);
        let morning = calendar.next_open(now);
        match self.quiet {
            Some(quiet) if morning == Timestamp::MAX => quiet.to.next_after(now, &self.calendar.zone),
            _ => morning,
        }
    }
}
