//! One word of theirs, as a person says what it means: set, withdrawn, and found among all that mean something.
//!
//! What the terminal and the API do is this. A word is checked as a row of a sheet is (`core::mapping::plan`); one that is typed must be
//! something that the ledger has, too, while a sheet may run ahead of the ledger. What was said has its effect by itself ([`crate::heal`]).

use std::collections::BTreeMap;

use tallyman_core::access::{Actor, Denied, Right};
use tallyman_core::cause::Cause;
use tallyman_core::ident::Company;
use tallyman_core::mapping::plan::{self, Change, Known, Line, Plan, Problems, Value};
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::cards::Stored;
use tallyman_store::{Store, UnitError};

use crate::known::References;
use crate::mappings::{self, CutShort, Leave};
use crate::proposals;
use crate::sorting;

/// Companies by name, each with its connections and mappings.
pub type AllKnown = BTreeMap<String, Known>;

/// Why nothing was said, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("say who says so: the record keeps it")]
    Nobody,
    #[error("say why: the record keeps it")]
    NoReason,
    #[error("there is no table {table}; there are {}", tables())]
    NoTable { table: String },
    #[error("say which word of theirs")]
    NoWord,
    #[error("there is no connection {connection} in the configuration; there are {known}")]
    NoConnection { connection: String, known: String },
    #[error("{}", told(.0))]
    Wrong(Problems),
    #[error(
        "the ledger has no {noun} `{ours}`, so {cell} cannot mean it. Say what else it means, or create it in the ledger first, which is \
         read every hour"
    )]
    NotInLedger { cell: Cell, noun: &'static str, ours: String },
    #[error("{0} means nothing, so there is nothing to take back; `tallyman map list` shows what words mean")]
    MeansNothing(Cell),
    #[error(transparent)]
    Proposal(#[from] proposals::Refused),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    CutShort(#[from] CutShort),
    #[error(transparent)]
    Store(#[from] UnitError),
}

fn tables() -> String {
    Table::ALL.map(Table::code).join(", ")
}

fn told(problems: &Problems) -> String {
    let all: Vec<String> = problems
        .shown
        .iter()
        .map(|problem| format!("{}, {}: {}", problem.column, problem.value, problem.trouble))
        .collect();
    all.join("\n")
}

/// The cell of a word, as people write it.
pub fn cell(table: &str, connection: &str, theirs: &str) -> Result<Cell, Refused> {
    let Some(table) = Table::parse(&table.trim().to_lowercase()) else {
        return Err(Refused::NoTable { table: table.to_owned() });
    };
    if theirs.trim().is_empty() {
        return Err(Refused::NoWord);
    }
    Ok(Cell::new(table, connection.trim(), theirs.trim()))
}

/// Whose word it is: of the company that has the connection, or that had it when it said what the word means.
pub fn company<'a>(cell: &Cell, known: &'a AllKnown) -> Result<&'a str, Refused> {
    let has = |known: &Known| known.connections.contains(&cell.scope);
    let had = |known: &Known| known.mappings.row(cell).is_some();
    let found = known
        .iter()
        .find(|(_, known)| has(known))
        .or(known.iter().find(|(_, known)| had(known)));
    match found {
        Some((company, _)) => Ok(company),
        None => {
            let all = known.values().flat_map(|known| &known.connections);
            Err(Refused::NoConnection {
                connection: cell.scope.clone(),
                known: all.map(String::as_str).collect::<Vec<_>>().join(", "),
            })
        }
    }
}

/// Who says so, why and when.
pub struct Said<'a> {
    pub by: &'a Actor,
    pub reason: &'a str,
    pub at: Timestamp,
}

/// What has become of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Become {
    pub company: String,
    pub cell: Cell,
    pub before: Option<String>,
    /// None: it was taken back.
    pub after: Option<String>,
    /// It was proposed, and nothing is changed before a second person has approved it: the proposal's id.
    pub proposed: Option<String>,
}

impl Become {
    /// False where it meant that already, and nothing was written.
    pub fn has_changed(&self) -> bool {
        self.proposed.is_none() && self.before != self.after
    }
}

/// Says what one word means.
pub async fn set(store: &Store, known: &AllKnown, cell: &Cell, ours: &str, said: &Said<'_>) -> Result<Become, Refused> {
    check(said)?;
    let (company, plan) = would_mean(known, cell, ours)?;
    // Also where it means that already, and nothing is written.
    said.by.may(Right::to_map(cell.table), company, None)?;
    let ours = ours.trim().to_owned();
    is_in_ledger(store, company, &plan, &ours).await?;
    let before = match plan.changes.first() {
        Some(change) => change.before.clone(),
        None => Some(ours.clone()),
    };
    let taken = take_in(store, known, &plan.changes, said, |_| ()).await?;
    Ok(Become {
        proposed: taken.proposals.into_iter().next(),
        company: company.to_owned(),
        cell: cell.clone(),
        before,
        after: Some(ours),
    })
}

/// Proposes that the word of a proposal means something else. The proposal is over by that: taken back if it was their own, and rejected if
/// not.
pub async fn propose_instead(store: &Store, known: &AllKnown, id: &str, ours: &str, said: &Said<'_>) -> Result<Become, Refused> {
    // Whether somebody may comes before what they said: who may not learns nothing from a slip.
    let Change { cell, .. } = proposals::to_edit(store, said.by, id, (ours, said.reason)).await?;
    check(said)?;
    let (company, plan) = would_mean(known, &cell, ours)?;
    said.by.may(Right::to_map(cell.table), company, None)?;
    is_in_ledger(store, company, &plan, ours.trim()).await?;
    let Some(change) = plan.changes.first() else {
        return Err(proposals::Refused::MeansSo(id.to_owned()).into());
    };
    let proposed = proposals::replace(store, said.by, id, change, (said.reason, said.at)).await?;
    Ok(Become {
        proposed: Some(proposed),
        company: company.to_owned(),
        cell,
        before: change.before.clone(),
        after: change.after.clone(),
    })
}

/// The same as [`set`], and the oldest order of each card that waits for the word goes before the others: cards and orders.
pub async fn set_one_first(
    store: &Store,
    known: &AllKnown,
    cell: &Cell,
    ours: &str,
    said: &Said<'_>,
) -> Result<(Become, Vec<(String, String)>), Refused> {
    check(said)?;
    // What is refused leaves no order to go first.
    let (company, plan) = would_mean(known, cell, ours)?;
    let permit = said.by.may(Right::to_map(cell.table), company, None)?;
    is_in_ledger(store, company, &plan, ours.trim()).await?;
    let firsts = sorting::one_of_each_first(store, (company, cell), (&permit, said.at)).await?;
    Ok((set(store, known, cell, ours, said).await?, firsts))
}

/// What somebody types is a slip where the ledger has nothing of that name. A sheet may run ahead of the ledger, and a trial says what comes
/// of it. Before the ledger was read once nobody can tell.
async fn is_in_ledger(store: &Store, company: &str, plan: &Plan, ours: &str) -> Result<(), Refused> {
    let Some(change) = plan.changes.first() else {
        return Ok(());
    };
    let company = Company::new(company);
    let facts = References::default().current(store, &company).await?.facts;
    let cell = change.cell.clone();
    if facts.is_none_or(|facts| !facts.lacks(&cell, ours)) {
        return Ok(());
    }
    let noun = match cell.table {
        Table::Sku => "item",
        Table::Customer => "customer account",
        Table::Tax => "tax code",
        Table::Unit | Table::Warehouse | Table::CarrierOut | Table::CarrierIn | Table::CarrierLedger => cell.table.noun(),
    };
    let ours = ours.to_owned();
    Err(Refused::NotInLedger { cell, noun, ours })
}

/// Whose word it is, and what would change if it meant this; refused as [`set`] would refuse it, but for what the ledger does not have.
/// Nothing is written.
pub fn would_mean<'a>(known: &'a AllKnown, cell: &Cell, ours: &str) -> Result<(&'a str, Plan), Refused> {
    let company = company(cell, known)?;
    let values = [company, cell.table.code(), &cell.scope, &cell.theirs, ours].map(|text| Value::Text(text.to_owned()));
    let plan = plan::plan(&[Line { row: 1, values }], known, false, Problems::default()).map_err(Refused::Wrong)?;
    Ok((company, plan))
}

/// What has become of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// Changes that were written.
    pub written: usize,
    /// Changes that were proposed, and the proposals that hold them.
    pub proposed: usize,
    pub proposals: Vec<String>,
}

/// Writes a plan that was made with what is known, and proposes what of it takes two people. `progress` is told how many of its changes are in.
pub async fn take_in(
    store: &Store,
    known: &AllKnown,
    changes: &[Change],
    said: &Said<'_>,
    progress: impl FnMut(usize),
) -> Result<TakenIn, Refused> {
    check(said)?;
    let leave = Leave::of(said.by, changes)?;
    let (two, one): (Vec<Change>, Vec<Change>) = changes
        .iter()
        .cloned()
        .partition(|change| proposals::is_for(change.cell.table));
    let mut taken = TakenIn {
        written: one.len(),
        proposed: two.len(),
        proposals: Vec::new(),
    };
    // Whether all of it may be said, before any of it is written.
    for permit in two.iter().filter_map(|change| leave.permit(change)) {
        permit.one_of_two().map_err(proposals::Refused::from)?;
    }
    let written = mappings::Said {
        leave: &leave,
        reason: said.reason,
        at: said.at,
    };
    mappings::carry_out(store, known, &one, &written, progress).await?;
    for company in known.keys() {
        let own: Vec<Change> = two.iter().filter(|change| change.company == *company).cloned().collect();
        for part in own.chunks(proposals::CHANGES_MAX) {
            let Some(permit) = part.first().and_then(|first| leave.permit(first)) else {
                continue;
            };
            let id = proposals::make(store, permit, part, (said.reason, said.at)).await?;
            taken.proposals.push(id);
        }
    }
    Ok(taken)
}

/// Takes back what one word means.
pub async fn withdraw(store: &Store, known: &AllKnown, cell: &Cell, said: &Said<'_>) -> Result<Become, Refused> {
    check(said)?;
    let company = company(cell, known)?;
    said.by.may(Right::to_map(cell.table), company, None)?;
    let row = known.get(company).and_then(|known| known.mappings.row(cell));
    let Some(row) = row.filter(|row| row.ours.is_some()) else {
        return Err(Refused::MeansNothing(cell.clone()));
    };
    let change = Change {
        company: company.to_owned(),
        cell: row.cell.clone(),
        before: row.ours.clone(),
        after: None,
        seen: row.seq,
    };
    let plan = Plan {
        changes: vec![change],
        stays: 0,
    };
    let taken = take_in(store, known, &plan.changes, said, |_| ()).await?;
    Ok(Become {
        proposed: taken.proposals.into_iter().next(),
        company: company.to_owned(),
        cell: cell.clone(),
        before: row.ours.clone(),
        after: None,
    })
}

/// Whether it is said by somebody, for a reason.
pub fn check(said: &Said<'_>) -> Result<(), Refused> {
    if said.by.journalled().trim().is_empty() {
        return Err(Refused::Nobody);
    }
    if said.reason.trim().is_empty() {
        return Err(Refused::NoReason);
    }
    Ok(())
}

/// The newest row of every cell that means something, by company, table, connection and word.
pub fn standing(known: &AllKnown) -> Vec<(&str, &Row)> {
    let mut found = Vec::new();
    for (company, known) in known {
        let mut last: Option<&Row> = None;
        // Versions of a cell stand together, oldest first.
        for row in known.mappings.rows() {
            if let Some(earlier) = last.filter(|earlier| earlier.cell != row.cell) {
                found.push((company.as_str(), earlier));
            }
            last = Some(row);
        }
        found.extend(last.map(|row| (company.as_str(), row)));
    }
    found.retain(|(_, row)| row.ours.is_some());
    found
}

/// Versions of its word in the history of a card.
const MEANT_MAX: usize = 20;

/// What the word that a card waits for was said to mean while it was open, the newest first; nothing of a card that waits for none.
pub fn meant<'a>(known: &'a Known, card: &Stored) -> Vec<&'a Row> {
    let Cause::Cell(cell) = &card.card.cause else {
        return Vec::new();
    };
    let versions = known.mappings.history(cell).iter().rev();
    let since = versions.take_while(|row| row.at >= card.card.opened_at);
    let until = since.filter(|row| card.closed_at.is_none_or(|closed| row.at <= closed));
    until.take(MEANT_MAX).collect()
}

/// Which words are looked for; what is not given is not asked.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// What theirs or ours holds, whatever the case.
    pub words: Option<String>,
    pub company: Option<String>,
    pub table: Option<Table>,
    pub connection: Option<String>,
}

impl Sought {
    pub fn wants(&self, company: &str, row: &Row) -> bool {
        let words = self.words.as_deref().unwrap_or_default().to_lowercase();
        let holds = |text: &str| text.to_lowercase().contains(&words);
        self.company.as_deref().is_none_or(|wanted| wanted == company)
            && self.table.is_none_or(|wanted| wanted == row.cell.table)
            && self.connection.as_deref().is_none_or(|wanted| wanted == row.cell.scope)
            && (words.is_empty() || holds(&row.cell.theirs) || holds(row.ours.as_deref().unwrap_or_default()))
    }
}
