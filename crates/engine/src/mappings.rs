//! Taking in what words mean: a plan is carried out in units of bounded size, and may be taken up again.
//!
//! What changes was decided before (`core::mapping::plan`). Each unit writes on top of the numbers that the plan was made with; if somebody
//! else has written meanwhile, the rest of the plan goes on only where its own cells have not moved. What is written counts at once. A
//! plan that was cut short is made again and holds what is left.
//!
//! Not here: the files that people fill in (`sheets`).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use tallyman_core::access::{Actor, Denied, Permit, Right};
use tallyman_core::ident::Company;
use tallyman_core::mapping::plan::{Change, Known};
use tallyman_core::mapping::{Mappings, Row};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::mappings;
use tallyman_store::{Store, Tx, Unit, UnitError, journal};

use crate::known::References;
use crate::proposals;

/// Versions written in one unit: other work waits for no longer than these take.
pub const ROWS_AT_ONCE: usize = 1_000;

/// How often others may write beside a plan before it gives up.
const INTERRUPTIONS_MAX: u32 = 1_000;

/// Who says so, why and when.
pub struct Said<'a> {
    pub leave: &'a Leave,
    pub reason: &'a str,
    pub at: Timestamp,
}

/// Leave to change words: a permit for each company and kind of table that a plan is about.
#[derive(Debug, Clone)]
pub struct Leave {
    actor: String,
    permits: BTreeMap<(String, Right), Permit>,
}

impl Leave {
    /// Asked for all that these changes take, and refused as a whole.
    pub fn of(actor: &Actor, changes: &[Change]) -> Result<Self, Denied> {
        let mut permits = BTreeMap::new();
        for change in changes {
            let right = Right::to_map(change.cell.table);
            let key = (change.company.clone(), right);
            if let Entry::Vacant(vacant) = permits.entry(key) {
                vacant.insert(actor.may(right, &change.company, None)?);
            }
        }
        let actor = actor.journalled();
        Ok(Self { actor, permits })
    }

    /// Who says so, as the record keeps it.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    pub fn permit(&self, change: &Change) -> Option<&Permit> {
        self.permits.get(&(change.company.clone(), Right::to_map(change.cell.table)))
    }
}

/// Why a plan was not carried out to its end.
#[derive(Debug, thiserror::Error)]
#[error("{done} of {all} changes were written. The same once more takes up what is left")]
pub struct CutShort {
    pub done: usize,
    pub all: usize,
    pub source: UnitError,
}

/// What is known of these companies, each with the names of its connections.
pub async fn known(store: &Store, companies: &[(Company, Vec<String>)]) -> Result<BTreeMap<String, Known>, UnitError> {
    known_from(store, &References::default(), companies).await
}

/// The same, for whoever asks often: what has not changed is not read again.
pub async fn known_from(
    store: &Store,
    references: &References,
    companies: &[(Company, Vec<String>)],
) -> Result<BTreeMap<String, Known>, UnitError> {
    let mut known = BTreeMap::new();
    for (company, connections) in companies {
        let reference = references.current(store, company).await?;
        let one = Known {
            connections: connections.clone(),
            mappings: reference.mappings,
        };
        known.insert(company.to_string(), one);
    }
    Ok(known)
}

async fn current(store: &Store, company: &Company) -> Result<Mappings, UnitError> {
    let reference = References::default().current(store, company).await?;
    Ok(Mappings::clone(&reference.mappings))
}

/// Writes the changes, which were decided with what is `known`; none of them, if leave was not given for each. `progress` is told how many
/// of them are in.
pub async fn carry_out(
    store: &Store,
    known: &BTreeMap<String, Known>,
    changes: &[Change],
    said: &Said<'_>,
    mut progress: impl FnMut(usize),
) -> Result<(), CutShort> {
    let mut done = 0;
    if let Some(change) = changes.iter().find(|change| said.leave.permit(change).is_none()) {
        let source = UnitError::Refused(format!("Nobody gave leave to change {} of {}.", change.cell, change.company));
        let all = changes.len();
        return Err(CutShort { done, all, source });
    }
    if let Some(change) = changes.iter().find(|change| proposals::is_for(change.cell.table)) {
        let why = format!(
            "What {} means decides posting: it is proposed, and a second person approves it.",
            change.cell
        );
        let (all, source) = (changes.len(), UnitError::Refused(why));
        return Err(CutShort { done, all, source });
    }
    for (company, known) in known {
        let ours: Vec<&Change> = changes.iter().filter(|change| change.company == *company).collect();
        let told = &mut |more: usize| {
            done += more;
            progress(done);
        };
        if let Err(source) = of_company(store, company, known.mappings.latest_seq(), &ours, said, told).await {
            let all = changes.len();
            return Err(CutShort { done, all, source });
        }
    }
    Ok(())
}

async fn of_company(
    store: &Store,
    company: &str,
    newest: u64,
    changes: &[&Change],
    said: &Said<'_>,
    told: &mut impl FnMut(usize),
) -> Result<(), UnitError> {
    let mut newest = newest;
    let mut left = changes;
    let mut interruptions = 0;
    while !left.is_empty() {
        let (now, later) = left.split_at(left.len().min(ROWS_AT_ONCE));
        let unit = Add {
            company: company.to_owned(),
            newest: i64::try_from(newest).unwrap_or(i64::MAX),
            changes: now.iter().map(|change| (*change).clone()).collect(),
            rows: now.iter().map(|change| row(change, said)).collect(),
        };
        match store.write(unit).await {
            Ok(()) => {
                newest += now.len() as u64;
                told(now.len());
                left = later;
            }
            Err(UnitError::Conflict(_)) if interruptions < INTERRUPTIONS_MAX => {
                interruptions += 1;
                let mappings = current(store, &Company::new(company)).await?;
                unmoved(&mappings, left)?;
                newest = mappings.latest_seq();
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn row(change: &Change, said: &Said<'_>) -> Row {
    Row {
        cell: change.cell.clone(),
        ours: change.after.clone(),
        seq: 0,
        at: said.at,
        actor: said.leave.actor().to_owned(),
        reason: said.reason.to_owned(),
    }
}

/// Refused if somebody has said something about one of these cells since the plan was made.
fn unmoved(mappings: &Mappings, left: &[&Change]) -> Result<(), UnitError> {
    for change in left {
        if let Some(row) = mappings.row(&change.cell).filter(|row| row.seq != change.seen) {
            return Err(UnitError::Refused(format!(
                "{} of {} was changed by {} meanwhile, because: {}",
                change.cell, change.company, row.actor, row.reason
            )));
        }
    }
    Ok(())
}

struct Add {
    company: String,
    newest: i64,
    changes: Vec<Change>,
    rows: Vec<Row>,
}

/// Writes a line for each word that has come to mean something else: what it meant, and what it means.
pub(crate) async fn told(
    tx: &mut Tx<'_>,
    changes: &[Change],
    (actor, at): (&str, Timestamp),
    why: &str,
) -> Result<(), UnitError> {
    for change in changes {
        let cell = &change.cell;
        let kind = match change.after {
            Some(_) => "mapping.set",
            None => "mapping.withdrawn",
        };
        let act = journal::Act {
            company: &change.company,
            at,
            actor,
            kind,
            subject: &format!("{}/{}/{}", cell.table.code(), cell.scope, cell.theirs.trim()),
            what: &format!("{cell}{why}"),
            change: journal::Change {
                before: change.before.as_deref(),
                after: change.after.as_deref(),
            },
        };
        act.write(tx).await?;
    }
    Ok(())
}

impl Unit for Add {
    type Output = ();
    const NAME: &'static str = "add_mappings";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        mappings::add(tx, &self.company, self.newest, &self.rows).await?;
        match self.rows.first() {
            Some(first) => told(tx, &self.changes, (&first.actor, first.at), "").await,
            None => Ok(()),
        }
    }
}
