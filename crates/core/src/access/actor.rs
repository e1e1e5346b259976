//! Whoever acts, and what comes of asking whether they may.

use std::collections::BTreeSet;
use std::fmt;

use super::{Level, Right};
use crate::catalogue::Owner;

/// What belongs to no company: people, and what they are given. No company's name is empty.
pub const HOUSE: &str = "";

/// Where a grant counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// At every company, and for what belongs to none.
    Everywhere,
    /// At these companies.
    Only(BTreeSet<String>),
}

impl Where {
    pub fn company(name: &str) -> Self {
        Self::Only(BTreeSet::from([name.to_owned()]))
    }

    pub fn covers(&self, company: &str) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Only(companies) => companies.contains(company),
        }
    }
}

/// What somebody was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    Level(Level),
    /// Single rights: a token's.
    Rights(BTreeSet<Right>),
}

/// Something given, where it counts, and whose cards it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub given: Given,
    pub at: Where,
    /// It acts on cards of these teams; on all, if it is empty.
    pub teams: BTreeSet<Owner>,
}

impl Grant {
    /// A level, for the teams that are named or else for its own.
    pub fn level(level: Level, at: Where, teams: BTreeSet<Owner>) -> Self {
        let teams = if teams.is_empty() { level.own_teams() } else { teams };
        Self {
            given: Given::Level(level),
            at,
            teams,
        }
    }

    /// The rights of a token. Those that were told apart later come with what they were once a part of.
    pub fn rights(rights: &BTreeSet<Right>, at: Where, teams: BTreeSet<Owner>) -> Self {
        let mut rights = rights.clone();
        if rights.contains(&Right::Act) {
            rights.insert(Right::Comment);
        }
        if rights.contains(&Right::Map) {
            rights.insert(Right::MapMoney);
        }
        Self {
            given: Given::Rights(rights),
            at,
            teams,
        }
    }

    pub fn has(&self, right: Right) -> bool {
        match &self.given {
            Given::Level(level) => level.rights().contains(&right),
            Given::Rights(rights) => rights.contains(&right),
        }
    }

    fn is_of(&self, right: Right, team: Option<Owner>) -> bool {
        match team {
            Some(team) if right.is_by_team() => self.teams.is_empty() || self.teams.contains(&team),
            Some(_) | None => true,
        }
    }
}

/// What somebody who acts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Person,
    Token,
    /// Whoever types commands on the machine itself: the database lies open to them.
    Terminal,
}

/// Whoever acts.
#[derive(Debug, Clone)]
pub struct Actor {
    pub kind: Kind,
    /// What tells them from everybody else. Two people may have one name.
    pub id: String,
    /// What they are called.
    pub name: String,
    grants: Vec<Grant>,
}

impl Actor {
    pub fn person(id: impl Into<String>, name: impl Into<String>, grants: Vec<Grant>) -> Self {
        Self {
            kind: Kind::Person,
            id: id.into(),
            name: name.into(),
            grants,
        }
    }

    /// A token's name is its id: no two have the same.
    pub fn token(name: impl Into<String>, grant: Grant) -> Self {
        let name = name.into();
        Self {
            kind: Kind::Token,
            id: name.clone(),
            name,
            grants: vec![grant],
        }
    }

    /// May everything, under the name that they give themselves.
    pub fn terminal(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            kind: Kind::Terminal,
            id: name.clone(),
            name,
            grants: vec![Grant::rights(&BTreeSet::from(Right::ALL), Where::Everywhere, BTreeSet::new())],
        }
    }

    /// Who acts, as the journal keeps it. A person is named by id, since a name is personal data. Tokens and terminals go by the names that
    /// the journal has known them by from the beginning.
    pub fn journalled(&self) -> String {
        match self.kind {
            Kind::Person => person(&self.id),
            Kind::Token | Kind::Terminal => self.name.clone(),
        }
    }

    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Whether a company is there for them at all.
    pub fn sees(&self, company: &str) -> bool {
        self.grants.iter().any(|grant| grant.at.covers(company))
    }

    /// Whether they have the right at any company. Reason enough to go on and ask about the company, and never leave to do anything.
    pub fn has(&self, right: Right) -> bool {
        self.grants.iter().any(|grant| grant.has(right))
    }

    /// Leave to do this at a company, to a card of this team if it is about a card; or why not.
    pub fn may(&self, right: Right, company: &str, team: Option<Owner>) -> Result<Permit, Denied> {
        let denied = |why| Denied {
            name: self.name.clone(),
            right,
            company: company.to_owned(),
            why,
        };
        let mut here = self.grants.iter().filter(|grant| grant.at.covers(company)).peekable();
        if here.peek().is_none() {
            return Err(denied(Why::Stranger));
        }
        let mut with = here.filter(|grant| grant.has(right)).peekable();
        if with.peek().is_none() {
            return Err(denied(Why::NoRight));
        }
        match team {
            Some(team) if !with.any(|grant| grant.is_of(right, Some(team))) => Err(denied(Why::OtherTeam(team))),
            Some(_) | None => Ok(Permit {
                actor: self.journalled(),
                right,
                company: company.to_owned(),
            }),
        }
    }
}

/// A person as the journal names them.
pub fn person(id: &str) -> String {
    format!("person/{id}")
}

/// Leave to do one thing. Nobody makes one but [`Actor::may`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    actor: String,
    right: Right,
    company: String,
}

impl Permit {
    /// Who acts, as the journal keeps it.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    pub fn right(&self) -> Right {
        self.right
    }

    pub fn company(&self) -> &str {
        &self.company
    }
}

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    pub name: String,
    pub right: Right,
    pub company: String,
    pub why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing was given to them at that company: they are told that it is not there.
    Stranger,
    NoRight,
    /// They act on cards of other teams.
    OtherTeam(Owner),
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, right, company, ..
        } = self;
        let place = if company == HOUSE { "every company" } else { company };
        match self.why {
            Why::Stranger if company == HOUSE => {
                write!(
                    f,
                    "{name} may not `{right}` at {place}. Ask an administrator of every company."
                )
            }
            Why::Stranger => write!(f, "There is no company {company} for {name}."),
            Why::NoRight => {
                let levels: Vec<&str> = Level::with(*right).into_iter().map(Level::name).collect();
                let levels = levels.join(", ");
                write!(
                    f,
                    "{name} may not `{right}` at {place}. Ask an administrator for a level that has it: {levels}."
                )
            }
            Why::OtherTeam(team) => write!(
                f,
                "{name} does not act for {team} at {place}. Let somebody of that team do it, or ask an administrator to add the team."
            ),
        }
    }
}

impl std::error::Error for Denied {}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(level: Level, at: Where) -> Grant {
        Grant::level(level, at, BTreeSet::new())
    }

    fn why(answer: Result<Permit, Denied>) -> Why {
        answer.unwrap_err().why
    }

    #[test]
    fn every_level_may_what_its_table_says_at_its_company_and_nothing_elsewhere() {
        for one in Level::ALL {
            let actor = Actor::person("P1", "Anna", vec![level(one, Where::company("acme"))]);
            for right in Right::ALL {
                assert_eq!(
                    actor.may(right, "acme", None).is_ok(),
                    one.rights().contains(&right),
                    "{one} {right}"
                );
                for elsewhere in ["beta", HOUSE] {
                    assert_eq!(why(actor.may(right, elsewhere, None)), Why::Stranger, "{one} {right}");
                }
            }
            assert!(actor.sees("acme") && !actor.sees("beta"));
        }
    }

    #[test]
    fn what_is_given_at_one_company_does_not_count_at_another_where_less_is_given() {
        let grants = vec![
            level(Level::Viewer, Where::Everywhere),
            level(Level::Operations, Where::company("acme")),
        ];
        let actor = Actor::person("P1", "Anna", grants);
        assert!(actor.may(Right::Act, "acme", Some(Owner::Operations)).is_ok());
        assert_eq!(why(actor.may(Right::Act, "beta", Some(Owner::Operations))), Why::NoRight);
        assert!(actor.sees("beta") && actor.has(Right::Act));
    }

    #[test]
    fn a_team_is_asked_for_where_cards_are_acted_on_and_nowhere_else() {
        for one in Level::ALL {
            let actor = Actor::person("P1", "Anna", vec![level(one, Where::Everywhere)]);
            for team in Owner::ALL {
                for right in Right::ALL {
                    let own = one.own_teams().is_empty() || one.own_teams().contains(&team);
                    let expected = one.rights().contains(&right) && (own || right != Right::Act);
                    assert_eq!(actor.may(right, "acme", Some(team)).is_ok(), expected, "{one} {team} {right}");
                }
            }
        }
        let named = Grant::level(Level::Operations, Where::Everywhere, BTreeSet::from([Owner::Integration]));
        let actor = Actor::person("P1", "Anna", vec![named]);
        assert!(actor.may(Right::Act, "acme", Some(Owner::Integration)).is_ok());
        let other = actor.may(Right::Act, "acme", Some(Owner::Operations));
        assert_eq!(why(other), Why::OtherTeam(Owner::Operations));
    }

    #[test]
    fn a_token_has_the_rights_that_it_had_before_they_were_told_apart() {
        for right in Right::OF_TOKENS {
            let grant = Grant::rights(&BTreeSet::from([right]), Where::Everywhere, BTreeSet::new());
            let actor = Actor::token("console", grant);
            let has: Vec<Right> = Right::ALL.into_iter().filter(|one| actor.has(*one)).collect();
            match right {
                Right::Act => assert_eq!(has, [Right::Act, Right::Comment]),
                Right::Map => assert_eq!(has, [Right::Map, Right::MapMoney]),
                _ => assert_eq!(has, [right]),
            }
        }
    }

    #[test]
    fn the_terminal_may_everything_and_nobody_else_may_all() {
        let terminal = Actor::terminal("root");
        for right in Right::ALL {
            for company in ["acme", HOUSE] {
                let permit = terminal.may(right, company, Some(Owner::Finance)).unwrap();
                assert_eq!((permit.actor(), permit.right(), permit.company()), ("root", right, company));
            }
        }
        for one in Level::ALL {
            assert!(one.rights().len() < Right::ALL.len());
        }
    }

    #[test]
    fn a_person_is_named_by_id_so_two_of_one_name_are_two() {
        let anna = |id: &str| Actor::person(id, "Anna Smith", Vec::new()).journalled();
        assert_eq!(anna("P1"), "person/P1");
        assert_ne!(anna("P1"), anna("P2"));
    }

    #[test]
    fn whoever_is_refused_is_told_who_can_help() {
        let actor = Actor::person("P1", "Anna", vec![level(Level::Viewer, Where::company("acme"))]);
        let said = |right, company: &str| actor.may(right, company, None).unwrap_err().to_string();
        assert_eq!(
            said(Right::Answer, "acme"),
            "Anna may not `answer` at acme. Ask an administrator for a level that has it: operations, finance, integrator."
        );
        assert_eq!(said(Right::Read, "beta"), "There is no company beta for Anna.");
        assert_eq!(
            said(Right::People, HOUSE),
            "Anna may not `people` at every company. Ask an administrator of every company."
        );
    }
}
