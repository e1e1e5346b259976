//! Changes of words that decide posting, which a second person lets count.

use serde::{Deserialize, Serialize};
use tallyman_core::mapping::Cell;
use tallyman_core::mapping::plan::Change;
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::{Row, Tx, UnitError, params};

/// How far a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Approved,
    Rejected,
    /// Taken back by whoever made it.
    Withdrawn,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Open, Self::Approved, Self::Rejected, Self::Withdrawn];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub id: String,
    pub company: String,
    pub changes: Vec<Change>,
    /// As the journal names them.
    pub made_by: String,
    pub made_at: Timestamp,
    pub reason: String,
    pub state: State,
    /// Who let it count or did not, when, and why.
    pub decided: Option<(String, Timestamp, String)>,
}

/// A change as it is kept: the company stands in the row.
#[derive(Serialize, Deserialize)]
struct Kept {
    cell: Cell,
    before: Option<String>,
    after: Option<String>,
    seen: u64,
}

const ADD: &str =
    "insert into proposal (id, company, changes, made_by, made_at, reason, state) values ($1, $2, $3, $4, $5, $6, 'open')";
const LOAD: &str =
    "select id, company, changes, made_by, made_at, reason, state, decided_by, decided_at, said from proposal where id = $1";
const OPEN: &str = "select id, company, changes, made_by, made_at, reason, state, decided_by, decided_at, said from proposal \
     where company = $1 and state = 'open' and (made_at, id) < ($2, $3) order by made_at desc, id desc limit $4";
const PAGE: &str = "select id, company, changes, made_by, made_at, reason, state, decided_by, decided_at, said from proposal \
     where company = $1 and (made_at, id) < ($2, $3) order by made_at desc, id desc limit $4";
const DECIDE: &str =
    "update proposal set state = $2, decided_by = $3, decided_at = $4, said = $5 where id = $1 and state = 'open'";

pub async fn add(tx: &mut Tx<'_>, proposal: &Proposal) -> Result<(), UnitError> {
    let kept = |change: &Change| Kept {
        cell: change.cell.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
        seen: change.seen,
    };
    let changes: Vec<Kept> = proposal.changes.iter().map(kept).collect();
    let changes =
        serde_json::to_string(&changes).map_err(|error| UnitError::Refused(format!("a proposal cannot be written: {error}")))?;
    let Proposal {
        id,
        company,
        made_by,
        made_at,
        reason,
        ..
    } = proposal;
    tx.touched(Topic::one(Kind::Proposal, company, id));
    tx.execute(ADD, params![id, company, changes, made_by, made_at, reason])
        .await
        .map(drop)
}

pub async fn load(tx: &mut Tx<'_>, id: &str) -> Result<Option<Proposal>, UnitError> {
    tx.query_opt(LOAD, params![id]).await?.as_ref().map(read).transpose()
}

/// When a proposal was made, and its id.
pub type Key = (Timestamp, String);

/// A company's proposals, the newest first: those that wait, or all; of a page, those that were made before its key.
pub async fn of(
    tx: &mut Tx<'_>,
    company: &str,
    only_open: bool,
    (before, limit): (Option<&Key>, i64),
) -> Result<Vec<Proposal>, UnitError> {
    let statement = if only_open { OPEN } else { PAGE };
    let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.micros(), id.as_str()));
    let rows = tx.query(statement, params![company, at, id, limit]).await?;
    rows.iter().map(read).collect()
}

/// False if somebody has decided already.
pub async fn decide(tx: &mut Tx<'_>, id: &str, state: State, (by, at, said): (&str, Timestamp, &str)) -> Result<bool, UnitError> {
    tx.touched(Topic::of(Kind::Proposal));
    Ok(tx.execute(DECIDE, params![id, state.name(), by, at, said]).await? == 1)
}

fn read(row: &Row) -> Result<Proposal, UnitError> {
    let (id, company): (String, String) = (row.get(0)?, row.get(1)?);
    let state: &str = row.get(6)?;
    let unreadable = |why: String| UnitError::Refused(format!("proposal {id} cannot be read: {why}"));
    let state = State::named(state).ok_or_else(|| unreadable(format!("it is {state}, which this program does not know")))?;
    let changes: Vec<Kept> = serde_json::from_str(row.get(2)?).map_err(|error| unreadable(error.to_string()))?;
    let change = |kept: Kept| Change {
        company: company.clone(),
        cell: kept.cell,
        before: kept.before,
        after: kept.after,
        seen: kept.seen,
    };
    let changes = changes.into_iter().map(change).collect();
    let (by, at, said): (Option<String>, Option<Timestamp>, Option<String>) = (row.get(7)?, row.get(8)?, row.get(9)?);
    Ok(Proposal {
        changes,
        made_by: row.get(3)?,
        made_at: row.get(4)?,
        reason: row.get(5)?,
        state,
        decided: by.zip(at).map(|(by, at)| (by, at, said.unwrap_or_default())),
        id,
        company,
    })
}
