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

    /// The rights of a token.
    pub fn rights(rights: &BTreeSet<Right>, at: Where, teams: BTreeSet<Owner>) -> Self {
        Self {
            given: Given::Rights(Right::of_token(rights)),
            at,
            teams,
        }
    }

    /// What is left of it for a token with these rights, companies and teams: never more than there was. None if that is nothing.
    pub fn narrowed(&self, rights: &BTreeSet<Right>, companies: &BTreeSet<String>, teams: &BTreeSet<Owner>) -> Option<Self> {
        let mut rights: BTreeSet<Right> = rights.iter().copied().filter(|right| self.has(*right)).collect();
        let at = match (&self.at, companies.is_empty()) {
            (at, true) => at.clone(),
            (Where::Everywhere, false) => Where::Only(companies.clone()),
            (Where::Only(own), false) => Where::Only(own.intersection(companies).cloned().collect()),
        };
        let of = match (self.teams.is_empty(), teams.is_empty()) {
            (true, _) => teams.clone(),
            (false, true) => self.teams.clone(),
            (false, false) => {
                let both: BTreeSet<Owner> = self.teams.intersection(teams).copied().collect();
                if both.is_empty() {
                    // No team at all, which an empty list does not say.
                    rights.retain(|right| !right.is_by_team());
                }
                both
            }
        };
        let nowhere = matches!(&at, Where::Only(companies) if companies.is_empty());
        (!rights.is_empty() && !nowhere).then_some(Self {
            given: Given::Rights(rights),
            at,
            teams: of,
        })
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
    /// The person who answers for a token, by id. What it says is that person's word.
    owner: Option<String>,
    grants: Vec<Grant>,
}

impl Actor {
    pub fn person(id: impl Into<String>, name: impl Into<String>, grants: Vec<Grant>) -> Self {
        Self {
            kind: Kind::Person,
            id: id.into(),
            name: name.into(),
            owner: None,
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
            owner: None,
            grants: vec![grant],
        }
    }

    /// A token that somebody made for themselves: what is in `grants` has been held against what they may.
    pub fn token_of(owner: impl Into<String>, name: impl Into<String>, grants: Vec<Grant>) -> Self {
        let (owner, name) = (owner.into(), name.into());
        Self {
            kind: Kind::Token,
            id: format!("{owner}/{name}"),
            name,
            owner: Some(owner),
            grants,
        }
    }

    /// May everything, under the name that they give themselves.
    pub fn terminal(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            kind: Kind::Terminal,
            id: name.clone(),
            name,
            owner: None,
            grants: vec![Grant::rights(&BTreeSet::from(Right::ALL), Where::Everywhere, BTreeSet::new())],
        }
    }

    /// Who acts, as the journal keeps it. A person is named by id, since a name is personal data. Tokens and terminals go by the names that
    /// the journal has known them by from the beginning; a token that somebody made goes by that person's id and its own name.
    pub fn journalled(&self) -> String {
        match (self.kind, &self.owner) {
            (Kind::Person, _) => person(&self.id),
            (_, Some(_)) => person(&self.id),
            (Kind::Token | Kind::Terminal, None) => self.name.clone(),
        }
    }

    /// The person who acts, by id, where that is known: themselves, or whose token it is.
    pub fn whose(&self) -> Option<&str> {
        match self.kind {
            Kind::Person => Some(&self.id),
            Kind::Token | Kind::Terminal => self.owner.as_deref(),
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
            kind: self.kind,
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
                is_nobodys: self.kind == Kind::Token && self.owner.is_none(),
                right,
                company: company.to_owned(),
                team,
            }),
        }
    }
}

const PERSON: &str = "person/";

/// A person as the journal names them.
pub fn person(id: &str) -> String {
    format!("{PERSON}{id}")
}

/// The person's id in what the journal names somebody by, and the name of their token if it was one.
pub fn person_in(journalled: &str) -> Option<(&str, Option<&str>)> {
    let rest = journalled.strip_prefix(PERSON)?;
    Some(match rest.split_once('/') {
        Some((id, token)) => (id, Some(token)),
        None => (rest, None),
    })
}

/// Whether two whom the journal names are one person: a token counts as its owner. Of whoever is no person there is only the name that they
/// give themselves, and that is one person's however it is spelt.
pub fn same_person(one: &str, other: &str) -> bool {
    match (person_in(one), person_in(other)) {
        (Some((one, _)), Some((other, _))) => one == other,
        (None, None) => one.trim().to_lowercase() == other.trim().to_lowercase(),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Leave to do one thing. Nobody makes one but [`Actor::may`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    actor: String,
    is_nobodys: bool,
    right: Right,
    company: String,
    team: Option<Owner>,
}

impl Permit {
    /// Who acts, as the journal keeps it.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Who acts, where it takes two people. A token of the configuration is in nobody's hand by name, so it may be in that of either.
    pub fn one_of_two(&self) -> Result<&str, Nobodys> {
        if self.is_nobodys { Err(Nobodys) } else { Ok(&self.actor) }
    }

    pub fn right(&self) -> Right {
        self.right
    }

    pub fn company(&self) -> &str {
        &self.company
    }

    /// Whether it is leave for this: whoever acts on something that they have looked up themselves asks before they do.
    pub fn is_for(&self, right: Right, company: &str) -> bool {
        self.right == right && self.company == company
    }

    /// The same of a card, which somebody may have handed over to another team since leave was given.
    pub fn is_for_card(&self, right: Right, company: &str, team: Owner) -> bool {
        self.is_for(right, company) && (!right.is_by_team() || self.team == Some(team))
    }
}

/// It takes two people, and whoever acts is not known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This takes two people, and this token belongs to nobody: sign in, or use a token that you made yourself.")]
pub struct Nobodys;

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    pub kind: Kind,
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
                    "{name} may not {} at {place}. Ask an administrator of every company.",
                    right.words()
                )
            }
            Why::Stranger => write!(f, "There is no company {company} for {name}."),
            Why::NoRight => {
                let levels: Vec<&str> = Level::with(*right).into_iter().map(Level::name).collect();
                let levels = levels.join(", ").replace('_', " ");
                write!(
                    f,
                    "{name} may not {} at {place}. Ask an administrator for a level that may: {levels}.",
                    right.words()
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
                Right::Open => assert_eq!(has, [Right::Follow, Right::Open]),
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
    fn a_token_is_its_owner_and_two_names_of_a_terminal_are_two() {
        let anna = Actor::person("P1", "Anna", Vec::new());
        let of = |owner, name| Actor::token_of(owner, name, Vec::new());
        assert_eq!(of("P1", "sheets").journalled(), "person/P1/sheets");
        assert_eq!(person_in("person/P1/sheets"), Some(("P1", Some("sheets"))));
        for (one, other, same) in [
            (anna.journalled(), of("P1", "sheets").journalled(), true),
            (of("P1", "sheets").journalled(), of("P1", "pager").journalled(), true),
            (of("P1", "sheets").journalled(), of("P2", "sheets").journalled(), false),
            (anna.journalled(), Actor::terminal("P1").journalled(), false),
            ("Anna ".into(), "anna".into(), true),
            ("anna".into(), "maya".into(), false),
        ] {
            assert_eq!(same_person(&one, &other), same, "{one} {other}");
        }
    }

    #[test]
    fn a_token_never_may_more_than_its_owner() {
        let sets = |all: &[Owner]| all.iter().copied().collect::<BTreeSet<_>>();
        let teams = [
            sets(&[]),
            sets(&[Owner::Operations]),
            sets(&[Owner::Finance, Owner::Integration]),
        ];
        let companies = [vec![], vec!["acme"], vec!["acme", "beta"]];
        let mut narrowed_some = 0;
        for one in Level::ALL {
            for own in &teams {
                for at in [Where::Everywhere, Where::company("acme")] {
                    let grant = Grant::level(one, at, own.clone());
                    let owner = Actor::person("P1", "Anna", vec![grant.clone()]);
                    for wanted in &teams {
                        for companies in &companies {
                            let companies = companies.iter().map(|name| (*name).to_owned()).collect();
                            let grants = grant.narrowed(&BTreeSet::from(Right::ALL), &companies, wanted);
                            let token = Actor::token_of("P1", "sheets", grants.into_iter().collect());
                            for right in Right::ALL {
                                for company in ["acme", "beta", HOUSE] {
                                    for team in [None, Some(Owner::Operations), Some(Owner::Finance), Some(Owner::Integration)] {
                                        let (its, theirs) = (token.may(right, company, team), owner.may(right, company, team));
                                        assert!(its.is_err() || theirs.is_ok(), "{one} {right} {company} {team:?}");
                                        narrowed_some += usize::from(its.is_err() && theirs.is_ok());
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        assert!(narrowed_some > 0);
        let nothing =
            level(Level::Viewer, Where::Everywhere).narrowed(&BTreeSet::from([Right::Act]), &BTreeSet::new(), &BTreeSet::new());
        assert_eq!(nothing, None);
    }

    #[test]
    fn leave_is_for_one_thing_at_one_company_and_for_the_team_that_was_asked_for() {
        let terminal = Actor::terminal("root");
        let act = terminal.may(Right::Act, "acme", Some(Owner::Finance)).unwrap();
        assert!(act.is_for(Right::Act, "acme") && act.is_for_card(Right::Act, "acme", Owner::Finance));
        assert!(!act.is_for_card(Right::Act, "acme", Owner::Operations));
        assert!(!act.is_for(Right::Act, "beta") && !act.is_for(Right::Answer, "acme"));
        let without = terminal.may(Right::Act, "acme", None).unwrap();
        assert!(!without.is_for_card(Right::Act, "acme", Owner::Finance));
        let comment = terminal.may(Right::Comment, "acme", None).unwrap();
        assert!(comment.is_for_card(Right::Comment, "acme", Owner::Finance));
    }

    #[test]
    fn whoever_is_refused_is_told_who_can_help() {
        let actor = Actor::person("P1", "Anna", vec![level(Level::Viewer, Where::company("acme"))]);
        let said = |right, company: &str| actor.may(right, company, None).unwrap_err().to_string();
        assert_eq!(
            said(Right::Answer, "acme"),
            "Anna may not say what became of a write at acme. Ask an administrator for a level that may: operations, finance, integrator."
        );
        assert_eq!(said(Right::Read, "beta"), "There is no company beta for Anna.");
        assert_eq!(
            said(Right::People, HOUSE),
            "Anna may not manage people at every company. Ask an administrator of every company."
        );
    }
}
