//! Effects as rows: their state, the sealed body, what they wait for and what they left.

use tallyman_core::effect::state::{State, Tries};
use tallyman_core::effect::{Baseline, Planned, Receipt};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;

use super::lanes;
use tallyman_core::topic::{Kind, Topic};

use crate::{Row, Tx, UnitError, params};

/// An effect as it is stored; its body is still sealed.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: Fingerprint,
    pub journey: String,
    pub connection: String,
    pub subject: String,
    pub place: i64,
    /// How many effects it still comes after.
    pub waits: i64,
    pub name: String,
    pub state: State,
    pub body: Vec<u8>,
    pub baseline: Option<Baseline>,
    pub receipt: Option<Receipt>,
    pub updated_at: Timestamp,
}

const INSERT: &str = "insert into effect (id, company, journey, connection, subject, place, name, state, due, began, sends, absents, pauses, waits, body, updated_at, barred) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, $10, $11, $12, $13) on conflict (id) do nothing";
const NEXT_PLACE: &str = "select coalesce(max(place), 0) + 1 from effect where connection = $1 and subject = $2";
const LOAD: &str = "select id, journey, place, name, state, due, began, sends, absents, pauses, body, baseline, receipt, updated_at, connection, subject, waits, ended_by \
     from effect where id = $1";
const OF_JOURNEY: &str = "select id, journey, place, name, state, due, began, sends, absents, pauses, body, baseline, receipt, updated_at, connection, subject, waits, ended_by \
     from effect where journey = $1 order by connection, subject, place";
const MOVE: &str = "update effect set state = $2, due = $3, began = $4, sends = $5, absents = $6, pauses = $7, updated_at = $8, ended_by = $9 where id = $1 \
     returning company, journey";
const RECEIPT: &str = "update effect set receipt = $2 where id = $1";
const BASELINE: &str = "update effect set baseline = $2, updated_at = $3 where id = $1";
const OF_TAG: &str = "select journey from effect where id = $1";
const AFTER: &str = "insert into effect_after (done, effect) values ($1, $2) on conflict do nothing";
const IS_DONE: &str = "select state from effect where id = $1";
const WAITING_FOR: &str = "select effect from effect_after where done = $1 order by effect";
const ONE_LESS: &str =
    "update effect set waits = waits - 1 where id = $1 and waits > 0 returning waits, connection, subject, state";
const NEXT_OPEN: &str = "select id, state, due from effect where connection = $1 and subject = $2 and place > $3 \
     and state not in ('done', 'superseded', 'withdrawn') order by place limit 1";
const QUEUES: &str = "select state, count(*) from effect where company = $1 and state not in ('done', 'superseded', 'withdrawn') \
     group by state order by state";
const COUNTS: &str =
    "select name, state, count(*), cast(sum(sends) as bigint) from effect group by name, state order by name, state";

/// The state's columns, in the order of the statements above: due, began, sends, absents, pauses.
fn columns(state: &State) -> (i64, i64, Tries) {
    match *state {
        State::Ready { due, tries } => (due.micros(), 0, tries),
        State::Sending { tries } => (0, 0, tries),
        State::Unknown { due, began, tries } => (due.micros(), began.micros(), tries),
        State::Probing { began, tries } => (0, began.micros(), tries),
        State::Waiting | State::Parked | State::Done | State::Superseded { .. } | State::Withdrawn { .. } => {
            (0, 0, Tries::default())
        }
    }
}

fn ended_by(state: &State) -> &str {
    match state {
        State::Superseded { by } => by.as_str(),
        State::Withdrawn { by } => by,
        State::Waiting
        | State::Ready { .. }
        | State::Sending { .. }
        | State::Unknown { .. }
        | State::Probing { .. }
        | State::Parked
        | State::Done => "",
    }
}

fn state(name: &str, due: i64, began: i64, tries: Tries, ended_by: &str) -> Result<State, UnitError> {
    let (due, began) = (Timestamp::from_micros(due), Timestamp::from_micros(began));
    Ok(match name {
        "waiting" => State::Waiting,
        "ready" => State::Ready { due, tries },
        "sending" => State::Sending { tries },
        "unknown" => State::Unknown { due, began, tries },
        "probing" => State::Probing { began, tries },
        "parked" => State::Parked,
        "done" => State::Done,
        "superseded" => State::Superseded { by: parse(ended_by)? },
        "withdrawn" => State::Withdrawn { by: ended_by.to_owned() },
        other => {
            return Err(UnitError::Refused(format!(
                "an effect is in state {other}, which this program does not know"
            )));
        }
    })
}

fn read(row: &Row) -> Result<Stored, UnitError> {
    let tries = Tries {
        sends: row.get(7)?,
        absents: row.get(8)?,
        pauses: row.get(9)?,
    };
    let json = |index: usize| row.get::<Option<String>>(index);
    Ok(Stored {
        id: parse(row.get(0)?)?,
        journey: row.get(1)?,
        place: row.get(2)?,
        name: row.get(3)?,
        state: state(row.get(4)?, row.get(5)?, row.get(6)?, tries, row.get(17)?)?,
        body: row.get::<Option<Vec<u8>>>(10)?.unwrap_or_default(),
        baseline: json(11)?.map(|text| from_json(&text)).transpose()?,
        receipt: json(12)?.map(|text| from_json(&text)).transpose()?,
        updated_at: Timestamp::from_micros(row.get(13)?),
        connection: row.get(14)?,
        subject: row.get(15)?,
        waits: row.get(16)?,
    })
}

pub(crate) fn parse(id: &str) -> Result<Fingerprint, UnitError> {
    Fingerprint::parse(id).map_err(|error| UnitError::Refused(format!("an effect's id cannot be read: {error}")))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, UnitError> {
    serde_json::from_str(text).map_err(|error| UnitError::Refused(format!("an effect cannot be read: {error}")))
}

fn to_json(value: &impl serde::Serialize) -> Result<String, UnitError> {
    serde_json::to_string(value).map_err(|error| UnitError::Refused(format!("an effect cannot be written: {error}")))
}

/// Adds an effect at the end of its lane and says in which state it stands; `None` if it was planned before.
pub async fn insert(
    tx: &mut Tx<'_>,
    company: &str,
    journey: &str,
    planned: &Planned,
    body: &[u8],
    now: Timestamp,
) -> Result<Option<(i64, State)>, UnitError> {
    let mut waits = 0i64;
    for before in &planned.after {
        let done = tx.query_opt(IS_DONE, params![before.as_str()]).await?;
        if !done.is_some_and(|row| matches!(row.get::<&str>(0), Ok("done"))) {
            tx.execute(AFTER, params![before.as_str(), planned.id.as_str()]).await?;
            waits += 1;
        }
    }
    let state = match (&planned.parked, waits) {
        (Some(_), _) => State::Parked,
        (None, 0) => State::Ready {
            due: now,
            tries: Tries::default(),
        },
        (None, _) => State::Waiting,
    };
    let lane = &planned.lane;
    let place: i64 = tx
        .query_one(NEXT_PLACE, params![lane.connection.as_str(), lane.subject])
        .await?
        .get(0)?;
    Ok((tx
        .execute(
            INSERT,
            params![
                planned.id.as_str(),
                company,
                journey,
                lane.connection.as_str(),
                lane.subject,
                place,
                planned.effect.kind().name(),
                state.name(),
                columns(&state).0,
                waits,
                body,
                now.micros(),
                i64::from(planned.parked.is_some())
            ],
        )
        .await?
        == 1)
        .then_some((place, state)))
}

/// Whose write carries this tag outside, if one does: a journey, or another subject.
pub async fn of_tag(tx: &mut Tx<'_>, tag: &Fingerprint) -> Result<Option<String>, UnitError> {
    tx.query_opt(OF_TAG, params![tag.as_str()])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

pub async fn load(tx: &mut Tx<'_>, id: &Fingerprint) -> Result<Option<Stored>, UnitError> {
    tx.query_opt(LOAD, params![id.as_str()]).await?.as_ref().map(read).transpose()
}

const JOURNEY: &str = "select journey from effect where id = $1 and company = $2";

/// The journey that an effect of this company belongs to.
pub async fn journey(tx: &mut Tx<'_>, company: &str, id: &Fingerprint) -> Result<Option<String>, UnitError> {
    tx.query_opt(JOURNEY, params![id.as_str(), company])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

pub async fn of_journey(tx: &mut Tx<'_>, journey: &str) -> Result<Vec<Stored>, UnitError> {
    tx.query(OF_JOURNEY, params![journey]).await?.iter().map(read).collect()
}

pub async fn set_state(tx: &mut Tx<'_>, id: &Fingerprint, state: &State, now: Timestamp) -> Result<(), UnitError> {
    let (due, began, tries) = columns(state);
    let moved = tx
        .query_opt(
            MOVE,
            params![
                id.as_str(),
                state.name(),
                due,
                began,
                tries.sends,
                tries.absents,
                tries.pauses,
                now.micros(),
                ended_by(state)
            ],
        )
        .await?;
    let Some(moved) = moved else { return Ok(()) };
    let company: &str = moved.get(0)?;
    tx.touched(Topic::one(Kind::Journey, company, moved.get(1)?));
    if may_settle(state) {
        tx.touched(Topic::one(Kind::Outcome, company, id.as_str()));
    }
    Ok(())
}

/// Whether nobody could tell before, or can now, if it was carried out.
fn may_settle(state: &State) -> bool {
    match state {
        State::Waiting | State::Sending { .. } => false,
        State::Ready { tries, .. } => tries.absents > 0,
        State::Unknown { .. }
        | State::Probing { .. }
        | State::Parked
        | State::Done
        | State::Superseded { .. }
        | State::Withdrawn { .. } => true,
    }
}

pub async fn set_receipt(tx: &mut Tx<'_>, id: &Fingerprint, receipt: &Receipt) -> Result<(), UnitError> {
    tx.execute(RECEIPT, params![id.as_str(), to_json(receipt)?]).await.map(drop)
}

pub async fn set_baseline(tx: &mut Tx<'_>, id: &Fingerprint, baseline: &Baseline, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(BASELINE, params![id.as_str(), to_json(baseline)?, now.micros()])
        .await
        .map(drop)
}

/// An effect that waits for nothing any more, with its lane.
pub struct Released {
    pub id: Fingerprint,
    pub connection: String,
    pub subject: String,
}

/// Tells what came after this effect that it is done; gives those that now wait for nothing.
pub async fn release_dependents(tx: &mut Tx<'_>, done: &Fingerprint, now: Timestamp) -> Result<Vec<Released>, UnitError> {
    let mut released = Vec::new();
    for row in tx.query(WAITING_FOR, params![done.as_str()]).await? {
        let id = parse(row.get(0)?)?;
        let Some(row) = tx.query_opt(ONE_LESS, params![id.as_str()]).await? else {
            continue;
        };
        if row.get::<i64>(0)? == 0 && row.get::<&str>(3)? == "waiting" {
            set_state(
                tx,
                &id,
                &State::Ready {
                    due: now,
                    tries: Tries::default(),
                },
                now,
            )
            .await?;
            released.push(Released {
                id,
                connection: row.get(1)?,
                subject: row.get(2)?,
            });
        }
    }
    Ok(released)
}

/// The next unfinished effect of a lane after this place, and when it is due; never, if only something else can move it.
pub async fn next_open(
    tx: &mut Tx<'_>,
    connection: &str,
    subject: &str,
    place: i64,
) -> Result<Option<(Fingerprint, Timestamp)>, UnitError> {
    let Some(row) = tx.query_opt(NEXT_OPEN, params![connection, subject, place]).await? else {
        return Ok(None);
    };
    let due = match row.get::<&str>(1)? {
        "ready" | "unknown" => Timestamp::from_micros(row.get(2)?),
        _ => Timestamp::MAX,
    };
    Ok(Some((parse(row.get(0)?)?, due)))
}

const LANE_OF: &str = "select connection, subject, place from effect where id = $1";

/// Takes back what is in nobody's hands, and moves its lane on: what stands behind it must not wait for it.
pub async fn withdraw(tx: &mut Tx<'_>, id: &Fingerprint, by: &str, now: Timestamp) -> Result<(), UnitError> {
    set_state(tx, id, &State::Withdrawn { by: by.to_owned() }, now).await?;
    let Some(row) = tx.query_opt(LANE_OF, params![id.as_str()]).await? else {
        return Ok(());
    };
    let (connection, subject): (String, String) = (row.get(0)?, row.get(1)?);
    let next = next_open(tx, &connection, &subject, row.get(2)?).await?;
    lanes::pass(tx, &connection, &subject, id, next.as_ref().map(|(head, due)| (head, *due))).await
}

/// A company's writes that are not done, by how they stand: a walk through the index of what is open, whatever was ever done.
pub async fn queues(tx: &mut Tx<'_>, company: &str) -> Result<Vec<(String, u64)>, UnitError> {
    let rows = tx.query(QUEUES, params![company]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Name, state, how many, and how often they were sent.
pub async fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, String, i64)>, UnitError> {
    tx.query(COUNTS, params![])
        .await?
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

const TAKE_PLACE: &str = "insert into effect (id, company, journey, connection, subject, place, name, state, due, began, sends, absents, pauses, waits, body, updated_at) \
     select $2, company, journey, connection, subject, place, $3, $4, $5, 0, 0, 0, 0, waits, $6, $7 from effect where id = $1 on conflict (id) do nothing";
const COMES_AFTER_NEW: &str = "update effect_after set effect = $2 where effect = $1";
const NEW_COMES_BEFORE: &str = "update effect_after set done = $2 where done = $1";

/// Puts an effect in the place of one that is parked or has not begun: in its lane, behind what that waited for, and before what waited
/// for that. Says in which state it stands; a conflict if the old one has moved.
pub async fn supersede(
    tx: &mut Tx<'_>,
    old: &Fingerprint,
    planned: &Planned,
    body: &[u8],
    now: Timestamp,
) -> Result<(Stored, State), UnitError> {
    let stored = load(tx, old)
        .await?
        .filter(|stored| matches!(stored.state, State::Parked | State::Waiting))
        .ok_or_else(|| UnitError::Conflict(format!("effect {old}")))?;
    let state = if stored.waits == 0 {
        State::Ready {
            due: now,
            tries: Tries::default(),
        }
    } else {
        State::Waiting
    };
    let (due, ..) = columns(&state);
    let (new, name) = (planned.id.as_str(), planned.effect.kind().name());
    let added = tx
        .execute(
            TAKE_PLACE,
            params![old.as_str(), new, name, state.name(), due, body, now.micros()],
        )
        .await?;
    if added != 1 {
        return Err(UnitError::Conflict(format!("effect {new}")));
    }
    tx.execute(COMES_AFTER_NEW, params![old.as_str(), new]).await?;
    tx.execute(NEW_COMES_BEFORE, params![old.as_str(), new]).await?;
    set_state(tx, old, &State::Superseded { by: planned.id }, now).await?;
    Ok((stored, state))
}
