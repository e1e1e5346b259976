//! What somebody may at this moment: the levels that they were given, and what they may because they stand in for somebody.
//!
//! Whoever stands in for a person may what that person was given, and nothing of what that person may because they stand in for others. Whoever
//! stands in for a team acts on its cards by their own rights. All of it they do under their own name.

use std::collections::BTreeSet;

use tallyman_core::access::{Actor, Grant, HOUSE, Right, Where};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::deputies::{self, For};
use tallyman_store::tables::people::{self, Granted, Person};
use tallyman_store::{Tx, UnitError};

/// A person as they act now.
pub(super) async fn actor(tx: &mut Tx<'_>, person: Person, now: Timestamp) -> Result<Actor, UnitError> {
    let grants = grants(tx, &person.id, now).await?;
    Ok(Actor::person(person.id, person.name, grants))
}

/// People looked through for those who may do something.
const PEOPLE_MAX: i64 = 1_000;

/// People who are there and may do something with what a team has at a company, in the order of their names.
pub(crate) async fn who_may(
    tx: &mut Tx<'_>,
    right: Right,
    (company, team): (&str, Owner),
    now: Timestamp,
) -> Result<Vec<Person>, UnitError> {
    let mut found = Vec::new();
    for person in people::list(tx, ("", ""), PEOPLE_MAX).await? {
        let may = person.ended_at.is_none() && actor(tx, person.clone(), now).await?.may(right, company, Some(team)).is_ok();
        found.extend(may.then_some(person));
    }
    found.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Ok(found)
}

/// Everything that a person may now.
pub(super) async fn grants(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<Vec<Grant>, UnitError> {
    let own: Vec<Grant> = people::grants(tx, id).await?.iter().map(Granted::grant).collect();
    let mut all = own.clone();
    for deputy in deputies::of(tx, id, now).await? {
        match &deputy.stands_for {
            For::Person(other) => {
                // Whoever has ended is stood in for by nobody.
                if people::load(tx, other).await?.is_some_and(|other| other.ended_at.is_none()) {
                    all.extend(people::grants(tx, other).await?.iter().map(Granted::grant));
                }
            }
            For::Team(team, company) => all.extend(own.iter().filter_map(|grant| {
                let wider = !grant.teams.is_empty() && grant.has(Right::Act);
                let at = place(&grant.at, company).filter(|_| wider)?;
                Some(Grant {
                    at,
                    teams: [*team].into(),
                    ..grant.clone()
                })
            })),
        }
    }
    Ok(all)
}

/// Where a person may anything now: companies, and [`HOUSE`] for all of them.
pub(super) async fn companies(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<BTreeSet<String>, UnitError> {
    let mut all = BTreeSet::new();
    for grant in grants(tx, id, now).await? {
        match grant.at {
            Where::Everywhere => drop(all.insert(HOUSE.to_owned())),
            Where::Only(companies) => all.extend(companies),
        }
    }
    Ok(all)
}

/// Where a grant counts for somebody who stands in at a company, or at all where it is empty.
fn place(at: &Where, company: &str) -> Option<Where> {
    match company {
        "" => Some(at.clone()),
        company => at.covers(company).then(|| Where::company(company)),
    }
}
