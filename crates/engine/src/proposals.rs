//! Proposals: what customers and tax rates mean decides what is posted where, so a change of it counts when a second person has approved it.
//!
//! Whoever says what such a word means proposes it; [`crate::words`] hands it here, from a form, a sheet, the API or the terminal alike. Whoever
//! proposes never approves, whatever they may: people are compared, and a token counts as its owner. What is approved is written in the unit
//! that says so, on top of what it was decided on, or not at all.

use std::sync::Arc;

use tallyman_core::access::{Actor, Nobodys, Permit, Right, same_person};
use tallyman_core::fingerprint::{ContentHash, Fingerprint};
use tallyman_core::ident::Company;
use tallyman_core::mapping::plan::Change;
use tallyman_core::mapping::{Mappings, Row, Table};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act, Change as Changed};
use tallyman_store::tables::mappings;
use tallyman_store::tables::people::{self, Granted, Person};
use tallyman_store::tables::proposals::{self, Key, Proposal, State};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::board::{LIMIT_MAX, Page};
use crate::known::References;
use crate::parts::Merchant;
use crate::trial::{self, Tried};
use crate::vault::Vault;

/// Changes of one proposal: they are written in one unit.
pub const CHANGES_MAX: usize = 1_000;
/// People looked through for those who may approve.
const PEOPLE_MAX: i64 = 1_000;
/// How often others may write beside an approval before it gives up.
const INTERRUPTIONS_MAX: u32 = 20;
const REASON_CHARS_MAX: usize = 2_000;

/// Whether a change of this table takes two people.
pub const fn is_for(table: Table) -> bool {
    matches!(Right::to_map(table), Right::MapMoney)
}

/// Keeps changes of one company as a proposal, and gives its id.
pub(crate) async fn make(
    store: &Store,
    permit: &Permit,
    changes: &[Change],
    (reason, now): (&str, Timestamp),
) -> Result<String, Refused> {
    let proposal = proposal(permit, changes, (reason, now))?;
    let id = proposal.id.clone();
    store.write(Make { proposal }).await?;
    Ok(id)
}

fn proposal(permit: &Permit, changes: &[Change], (reason, now): (&str, Timestamp)) -> Result<Proposal, Nobodys> {
    let by = permit.one_of_two()?;
    let text = changes
        .iter()
        .map(|change| format!("{}={}", change.cell, change.after.as_deref().unwrap_or_default()));
    let hash = ContentHash::of(text.collect::<Vec<_>>().join("\n").as_bytes());
    let step = format!("{by} {} {hash}", now.micros());
    Ok(Proposal {
        id: Fingerprint::derive(permit.company(), "proposal", &step).to_string(),
        company: permit.company().to_owned(),
        changes: changes.to_vec(),
        made_by: by.to_owned(),
        made_at: now,
        reason: reason.to_owned(),
        state: State::Open,
        decided: None,
    })
}

struct Make {
    proposal: Proposal,
}

impl Unit for Make {
    type Output = ();
    const NAME: &'static str = "make_proposal";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let made = &self.proposal;
        proposals::add(tx, made).await?;
        let may = approvers(tx, &made.company).await?.len();
        let sentence = format!(
            "Proposal {}: {}. People who may approve at {}: {may}.",
            made.id,
            many(made.changes.len()),
            made.company
        );
        let (before, after) = (values(&made.changes, false), values(&made.changes, true));
        let changed = Changed {
            before: before.as_deref(),
            after: after.as_deref(),
        };
        tell(tx, made, ("proposal.made", &made.made_by, made.made_at), (&sentence, changed)).await
    }
}

/// Changes whose values stand in the line; the proposal has all of them.
const VALUES_TOLD: usize = 20;

/// What words mean before or after, one a line; of one word alone the value.
fn values(changes: &[Change], after: bool) -> Option<String> {
    let value = |change: &Change| if after { change.after.clone() } else { change.before.clone() };
    if let [only] = changes {
        return value(only);
    }
    let one = |change: &Change| format!("{}: {}", change.cell, value(change).unwrap_or_else(|| "nothing".into()));
    let mut lines: Vec<String> = changes.iter().take(VALUES_TOLD).map(one).collect();
    if changes.len() > VALUES_TOLD {
        lines.push(format!("and {} more", changes.len() - VALUES_TOLD));
    }
    Some(lines.join("\n"))
}

fn many(changes: usize) -> String {
    format!("{changes} {}", if changes == 1 { "change" } else { "changes" })
}

async fn tell(
    tx: &mut Tx<'_>,
    proposal: &Proposal,
    (kind, actor, at): (&'static str, &str, Timestamp),
    (what, change): (&str, Changed<'_>),
) -> Result<(), UnitError> {
    let act = Act {
        company: &proposal.company,
        at,
        actor,
        kind,
        subject: &proposal.id,
        what,
        change,
    };
    act.write(tx).await
}

/// People who are there and may approve at a company.
async fn approvers(tx: &mut Tx<'_>, company: &str) -> Result<Vec<Person>, UnitError> {
    let mut found = Vec::new();
    for person in people::list(tx, ("", ""), PEOPLE_MAX).await? {
        if person.ended_at.is_some() {
            continue;
        }
        let grants = people::grants(tx, &person.id).await?;
        let may = |grant: tallyman_core::access::Grant| grant.at.covers(company) && grant.has(Right::Approve);
        if grants.iter().map(Granted::grant).any(may) {
            found.push(person);
        }
    }
    Ok(found)
}

/// Who may approve at a company.
pub async fn who_may(store: &Store, company: &str) -> Result<Vec<Person>, UnitError> {
    let company = company.to_owned();
    store.read(WhoMay { company }).await
}

struct WhoMay {
    company: String,
}

impl Unit for WhoMay {
    type Output = Vec<Person>;
    const NAME: &'static str = "who_may_approve";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Person>, UnitError> {
        approvers(tx, &self.company).await
    }
}

/// All proposals of these companies, the newest first: those that wait, or those that were decided, too.
pub async fn list(store: &Store, companies: &[String], only_open: bool) -> Result<Vec<Proposal>, UnitError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = page(store, companies, only_open, (after, LIMIT_MAX)).await?;
        all.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// A page of them: those that were made before the last one's key.
pub async fn page(
    store: &Store,
    companies: &[String],
    only_open: bool,
    (after, limit): (Option<Key>, usize),
) -> Result<Page<Proposal, Key>, UnitError> {
    let unit = List {
        companies: companies.to_vec(),
        only_open,
        after,
        limit: limit.clamp(1, LIMIT_MAX),
    };
    store.read(unit).await
}

struct List {
    companies: Vec<String>,
    only_open: bool,
    after: Option<Key>,
    limit: usize,
}

impl Unit for List {
    type Output = Page<Proposal, Key>;
    const NAME: &'static str = "list_proposals";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut rows = Vec::new();
        for company in &self.companies {
            // One more than there is room for tells whether there is a next page.
            let asked = (self.after.as_ref(), self.limit as i64 + 1);
            rows.extend(proposals::of(tx, company, self.only_open, asked).await?);
        }
        rows.sort_by(|one, other| (other.made_at, &other.id).cmp(&(one.made_at, &one.id)));
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let last = rows.last().filter(|_| more);
        let next = last.map(|last| (last.made_at, last.id.clone()));
        Ok(Page { rows, next })
    }
}

pub async fn load(store: &Store, id: &str) -> Result<Option<Proposal>, UnitError> {
    store.read(Load { id: id.to_owned() }).await
}

struct Load {
    id: String,
}

impl Unit for Load {
    type Output = Option<Proposal>;
    const NAME: &'static str = "load_proposal";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Proposal>, UnitError> {
        proposals::load(tx, &self.id).await
    }
}

/// What it would heal, card by card; nothing is written. The first cards that wait for one of its words are tried.
pub async fn effect(
    (store, vault): (&Store, &Vault),
    merchant: &Merchant,
    actor: &Actor,
    proposal: &Proposal,
    now: Timestamp,
) -> Result<Vec<(String, Tried)>, UnitError> {
    let mut tried = Vec::new();
    for change in &proposal.changes {
        // Whoever approves looks at the same trial as whoever proposes.
        let Ok(permit) = actor.may(Right::to_map(change.cell.table), &proposal.company, None) else {
            return Ok(tried);
        };
        let word = (&change.cell, change.after.as_deref());
        let left = trial::CARDS_MAX - tried.len();
        if left == 0 {
            break;
        }
        tried.extend(trial::on_cards((store, vault), (merchant, &permit), word, left, now).await?);
    }
    Ok(tried)
}

/// Why a proposal is not decided.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("There is no proposal {0}.")]
    NotThere(String),
    #[error("Say why, in 1 to {REASON_CHARS_MAX} characters: the record keeps it.")]
    NoReason,
    #[error("Proposal {id} is {state} already.")]
    Over { id: String, state: &'static str },
    #[error("Whoever proposes a change does not approve it. {who}")]
    SamePerson { who: String },
    #[error(transparent)]
    Nobodys(#[from] Nobodys),
    #[error("{0}")]
    Moved(String),
    #[error("Proposal {0} is not of one word that is to mean something. Reject it, and have the right words proposed.")]
    NotOfOneWord(String),
    #[error("That is what proposal {0} proposes.")]
    Same(String),
    #[error("It means that already, so there is nothing to propose in the place of proposal {0}: take it back, or reject it.")]
    MeansSo(String),
    #[error(transparent)]
    Store(UnitError),
}

impl From<UnitError> for Refused {
    fn from(error: UnitError) -> Self {
        Self::Store(error)
    }
}

/// Who else there is, for whoever may not approve what they have proposed.
fn others(may: &[Person], proposer: &str, company: &str) -> String {
    let others: Vec<&str> = may
        .iter()
        .filter(|person| !same_person(&tallyman_core::access::person(&person.id), proposer))
        .map(|person| person.name.as_str())
        .collect();
    match (others.as_slice(), may) {
        ([], [only]) => format!(
            "{} is the only one who may approve at {company}: an administrator has to give somebody else a level that approves.",
            only.name
        ),
        ([], _) => {
            format!("Nobody else may approve at {company} yet: an administrator has to give somebody a level that approves.")
        }
        (others, _) => format!("Ask {}.", others.join(" or ")),
    }
}

/// An open proposal that the actor may decide, with leave for it.
async fn to_decide(store: &Store, actor: &Actor, id: &str, reason: &str, right: Right) -> Result<(Proposal, Permit), Refused> {
    let not_there = || Refused::NotThere(id.to_owned());
    let proposal = load(store, id).await?.filter(|proposal| actor.sees(&proposal.company));
    let proposal = proposal.ok_or_else(not_there)?;
    let permit = actor.may(right, &proposal.company, None).map_err(UnitError::from)?;
    if reason.trim().is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Refused::NoReason);
    }
    if proposal.state != State::Open {
        let state = proposal.state.name();
        return Err(Refused::Over { id: proposal.id, state });
    }
    Ok((proposal, permit))
}

/// Lets a proposal count. It takes another person than the one who made it.
pub async fn approve(store: &Store, actor: &Actor, id: &str, reason: &str, now: Timestamp) -> Result<Proposal, Refused> {
    let (proposal, permit) = to_decide(store, actor, id, reason, Right::Approve).await?;
    if same_person(&proposal.made_by, permit.one_of_two()?) {
        let may = who_may(store, &proposal.company).await?;
        let who = others(&may, &proposal.made_by, &proposal.company);
        return Err(Refused::SamePerson { who });
    }
    let company = Company::new(proposal.company.as_str());
    let rows = |proposal: &Proposal| {
        let row = |change: &Change| Row {
            cell: change.cell.clone(),
            ours: change.after.clone(),
            seq: 0,
            at: now,
            actor: proposal.made_by.clone(),
            reason: format!("{} (approved by {}: {})", proposal.reason, permit.actor(), reason.trim()),
        };
        proposal.changes.iter().map(row).collect::<Vec<Row>>()
    };
    let mut interruptions = 0;
    loop {
        let known: Arc<Mappings> = References::default().current(store, &company).await?.mappings;
        unmoved(&known, &proposal)?;
        let unit = Decide {
            proposal: proposal.clone(),
            state: State::Approved,
            by: permit.actor().to_owned(),
            reason: reason.trim().to_owned(),
            writes: Some((i64::try_from(known.latest_seq()).unwrap_or(i64::MAX), rows(&proposal))),
            now,
        };
        match store.write(unit).await {
            Ok(()) => return Ok(load(store, id).await?.unwrap_or(proposal)),
            Err(UnitError::Conflict(_)) if interruptions < INTERRUPTIONS_MAX => {
                interruptions += 1;
                // Somebody else may have decided meanwhile.
                if let Some(proposal) = load(store, id).await?.filter(|proposal| proposal.state != State::Open) {
                    let state = proposal.state.name();
                    return Err(Refused::Over { id: proposal.id, state });
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Refused if a word has been said something about since it was proposed.
fn unmoved(known: &Mappings, proposal: &Proposal) -> Result<(), Refused> {
    for change in &proposal.changes {
        let newest = known.row(&change.cell);
        if newest.map_or(0, |row| row.seq) != change.seen {
            return Err(Refused::Moved(format!(
                "{} has come to mean something else since this was proposed. Reject it, and have it proposed again.",
                change.cell
            )));
        }
    }
    Ok(())
}

/// A proposal that the actor may end: their own, or as one who approves.
async fn to_end(store: &Store, actor: &Actor, id: &str, reason: &str) -> Result<(Proposal, Permit, bool), Refused> {
    let own = load(store, id)
        .await?
        .is_some_and(|proposal| same_person(&proposal.made_by, &actor.journalled()));
    let right = if own { Right::MapMoney } else { Right::Approve };
    let (proposal, permit) = to_decide(store, actor, id, reason, right).await?;
    Ok((proposal, permit, own))
}

/// The one change of a proposal in whose place the actor may propose that the word means something else.
pub(crate) async fn to_edit(store: &Store, actor: &Actor, id: &str, (ours, reason): (&str, &str)) -> Result<Change, Refused> {
    let (proposal, ..) = to_end(store, actor, id, reason).await?;
    match <[Change; 1]>::try_from(proposal.changes) {
        Ok([change]) if change.after.as_deref() == Some(ours.trim()) => Err(Refused::Same(id.to_owned())),
        Ok([change]) if change.after.is_some() => Ok(change),
        Ok(_) | Err(_) => Err(Refused::NotOfOneWord(id.to_owned())),
    }
}

/// Proposes another change in the place of a proposal, which is over from then on: both or neither. Gives the new one's id.
pub(crate) async fn replace(
    store: &Store,
    actor: &Actor,
    id: &str,
    change: &Change,
    (reason, now): (&str, Timestamp),
) -> Result<String, Refused> {
    let (old, permit, own) = to_end(store, actor, id, reason).await?;
    let made = proposal(&permit, std::slice::from_ref(change), (reason, now))?;
    let new = made.id.clone();
    let ended = Decide {
        state: if own { State::Withdrawn } else { State::Rejected },
        by: permit.actor().to_owned(),
        reason: format!("{new} is proposed in its place: {reason}"),
        writes: None,
        proposal: old,
        now,
    };
    let replace = Replace {
        ended,
        made: Make { proposal: made },
    };
    match store.write(replace).await {
        Ok(()) => Ok(new),
        // Somebody has decided meanwhile; nothing was proposed.
        Err(UnitError::Conflict(_)) => {
            let state = load(store, id).await?.map_or("over", |proposal| proposal.state.name());
            Err(Refused::Over {
                id: id.to_owned(),
                state,
            })
        }
        Err(error) => Err(error.into()),
    }
}

struct Replace {
    ended: Decide,
    made: Make,
}

impl Unit for Replace {
    type Output = ();
    const NAME: &'static str = "replace_proposal";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        self.ended.run(tx).await?;
        self.made.run(tx).await
    }
}

/// Rejects a proposal; whoever made it takes it back so.
pub async fn reject(store: &Store, actor: &Actor, id: &str, reason: &str, now: Timestamp) -> Result<Proposal, Refused> {
    let (proposal, permit, own) = to_end(store, actor, id, reason).await?;
    let unit = Decide {
        state: if own { State::Withdrawn } else { State::Rejected },
        by: permit.actor().to_owned(),
        reason: reason.trim().to_owned(),
        writes: None,
        proposal: proposal.clone(),
        now,
    };
    store.write(unit).await?;
    Ok(load(store, id).await?.unwrap_or(proposal))
}

struct Decide {
    proposal: Proposal,
    state: State,
    by: String,
    reason: String,
    /// The newest number that the rows were decided on, and the rows.
    writes: Option<(i64, Vec<Row>)>,
    now: Timestamp,
}

impl Unit for Decide {
    type Output = ();
    const NAME: &'static str = "decide_proposal";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let id = &self.proposal.id;
        if !proposals::decide(tx, id, self.state, (&self.by, self.now, &self.reason)).await? {
            return Err(UnitError::Conflict(format!("proposal {id}")));
        }
        if let Some((newest, rows)) = &self.writes {
            mappings::add(tx, &self.proposal.company, *newest, rows).await?;
            let why = format!(", as {} has proposed in {id}", self.proposal.made_by);
            crate::mappings::told(tx, &self.proposal.changes, (&self.by, self.now), &why).await?;
        }
        let kind = match self.state {
            State::Open | State::Approved => "proposal.approved",
            State::Rejected => "proposal.rejected",
            State::Withdrawn => "proposal.withdrawn",
        };
        let sentence = format!(
            "Proposal {id} of {}: {}, {}.",
            self.proposal.made_by,
            many(self.proposal.changes.len()),
            self.state.name()
        );
        // What its words mean then has lines of its own.
        let changed = Changed::to(State::Open.name(), self.state.name());
        tell(tx, &self.proposal, (kind, &self.by, self.now), (&sentence, changed)).await
    }
}
