//! Cards as people see them: their life, their weight, and what was done with them.
//!
//! Who stops a record only adds a member ([`super::exceptions`]); nobody counts at that moment, so that five hundred orders that stop at
//! once do not queue for one row. [`weigh`] follows: it takes the members whose standing has changed since it was counted, adds the
//! difference to their cards, and lets each card's life follow its records.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::card::{Act, Card, Life, Weight};
use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_core::money::Money;
use tallyman_core::time::Timestamp;

use super::exceptions;
use super::writes::{AT_ONCE, Write, padded};
use tallyman_core::topic::{Kind, Topic};

use crate::{Row, Tx, UnitError, params};

/// A card with the name it is stored under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub id: String,
    pub company: String,
    pub card: Card,
    pub closed_at: Option<Timestamp>,
    /// The card that people have put it under.
    pub under: Option<String>,
    /// Open cards that people have put under it; filled in where cards are listed.
    pub shows: u64,
    /// What the write that it blames is called by, where it blames one; filled in where people read of it.
    pub write: Option<Write>,
}

macro_rules! card {
    ($rest:literal) => {
        concat!(
            "select id, company, code, cause, team, life, life_until, life_reason, assignee, deputy, escalations, version, stopped, \
             proving, orders, money, records_due, opened_at, closed_at, under from exception ",
            $rest
        )
    };
}

const LOAD: &str = card!("where id = $1");
const OPEN: &str = card!(
    "where closed_at is null and ($1 = '' or company = $1) and (opened_at > $2 or (opened_at = $2 and id > $3)) order by opened_at, id limit $4"
);
const EXPIRED: &str = card!(
    "where closed_at is null and life = 'set_aside' and life_until <= $1 and company = $2 order by life_until, id limit $3"
);
const MOVE: &str = "update exception set team = $3, life = $4, life_until = $5, life_reason = $6, assignee = $7, deputy = $8, \
     version = version + 1 where id = $1 and version = $2 returning company, id";
const WEIGH: &str = "update exception set stopped = $2, proving = $3, orders = $4, money = $5, records_due = $6, life = $7, closed_at = $8, \
     version = version + $9 where id = $1";
// It moves no version: whoever has the card in hand meanwhile is not told that somebody was before them.
const ESCALATED: &str = "update exception set escalations = escalations + 1 where id = $1 returning company, id";
const STEP: &str =
    "update exception set version = version + 1 where id = $1 and (version = $2 or $2 < 0) returning version, company";
const TELL: &str = "insert into card_act (card, version, at, actor, act) values ($1, $2, $3, $4, $5) on conflict do nothing";
const TOLD: &str = "select version, at, actor, act from card_act where card = $1 order by version desc limit $2";

/// What was done with a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub version: u64,
    pub at: Timestamp,
    pub actor: String,
    pub act: String,
}

fn refused(what: &str) -> UnitError {
    UnitError::Refused(format!("a card's {what} is not known to this program"))
}

fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn instant(micros: i64) -> Option<Timestamp> {
    (micros != i64::MAX).then(|| Timestamp::from_micros(micros))
}

fn text(row: &Row, index: usize) -> Result<Option<String>, UnitError> {
    let text: String = row.get(index)?;
    Ok((!text.is_empty()).then_some(text))
}

fn life(name: &str, until: i64, reason: String) -> Result<Life, UnitError> {
    Ok(match name {
        "open" => Life::Open,
        "acknowledged" => Life::Acknowledged,
        "fixing" => Life::Fixing,
        "verifying" => Life::Verifying,
        "resolved" => Life::Resolved,
        "set_aside" => Life::SetAside {
            until: Timestamp::from_micros(until),
            reason,
        },
        _ => return Err(refused("life")),
    })
}

pub(super) fn code(name: &str) -> Result<Code, UnitError> {
    Code::named(name).ok_or_else(|| refused("code"))
}

pub(super) fn read(row: &Row) -> Result<Stored, UnitError> {
    let code = code(row.get(2)?)?;
    let team: String = row.get(4)?;
    let team = match team.as_str() {
        "" => code.entry().owner,
        team => Owner::named(team).ok_or_else(|| refused("team"))?,
    };
    Ok(Stored {
        id: row.get(0)?,
        company: row.get(1)?,
        card: Card {
            code,
            cause: exceptions::from_text(row.get(3)?),
            team,
            life: life(row.get(5)?, row.get(6)?, row.get(7)?)?,
            assignee: text(row, 8)?,
            deputy: text(row, 9)?,
            escalations: u32::try_from(row.get::<i64>(10)?).unwrap_or(u32::MAX),
            version: whole(row.get(11)?),
            weight: Weight {
                stopped: whole(row.get(12)?),
                proving: whole(row.get(13)?),
                orders: whole(row.get(14)?),
                money: Money::from_hundred_thousandths(row.get(15)?),
            },
            records_due: instant(row.get(16)?),
            opened_at: Timestamp::from_micros(row.get(17)?),
        },
        closed_at: row.get::<Option<i64>>(18)?.map(Timestamp::from_micros),
        under: text(row, 19)?,
        shows: 0,
        write: None,
    })
}

pub async fn load(tx: &mut Tx<'_>, id: &str) -> Result<Option<Stored>, UnitError> {
    tx.query_opt(LOAD, params![id]).await?.as_ref().map(read).transpose()
}

/// A page of open cards, of one company or of all (empty), the oldest first.
pub async fn open(tx: &mut Tx<'_>, company: &str, after: (Timestamp, &str), limit: i64) -> Result<Vec<Stored>, UnitError> {
    let rows = tx.query(OPEN, params![company, after.0.micros(), after.1, limit]).await?;
    rows.iter().map(read).collect()
}

/// Cards of a company that were set aside, and whose time is over.
pub async fn expired(tx: &mut Tx<'_>, company: &str, now: Timestamp, limit: i64) -> Result<Vec<Stored>, UnitError> {
    let rows = tx.query(EXPIRED, params![now.micros(), company, limit]).await?;
    rows.iter().map(read).collect()
}

/// Writes a card as an act has left it, and tells the act. A conflict if it has moved since `seen`.
pub async fn set(
    tx: &mut Tx<'_>,
    id: &str,
    seen: u64,
    card: &Card,
    now: Timestamp,
    actor: &str,
    act: &Act,
) -> Result<(), UnitError> {
    let (until, reason) = match &card.life {
        Life::SetAside { until, reason } => (until.micros(), reason.as_str()),
        Life::Open | Life::Acknowledged | Life::Fixing | Life::Verifying | Life::Resolved => (0, ""),
    };
    let team = if card.team == card.code.entry().owner {
        ""
    } else {
        card.team.name()
    };
    let moved = tx
        .change(
            Kind::Card,
            MOVE,
            params![
                id,
                stored(seen),
                team,
                card.life.name(),
                until,
                reason,
                card.assignee.as_deref().unwrap_or(""),
                card.deputy.as_deref().unwrap_or("")
            ],
        )
        .await?;
    if !moved {
        return Err(UnitError::Conflict(format!("card {id}")));
    }
    let act = serde_json::to_string(act).map_err(|error| UnitError::Refused(error.to_string()))?;
    tell(tx, id, seen + 1, now, actor, &act).await
}

/// Nobody took it up, and somebody else was told.
pub async fn escalated(tx: &mut Tx<'_>, id: &str) -> Result<(), UnitError> {
    tx.change(Kind::Card, ESCALATED, params![id]).await.map(drop)
}

/// Tells what was done with a card that leaves it as it is: put under another, taken apart. A conflict if it has moved since `seen`.
pub async fn tell_sorted(
    tx: &mut Tx<'_>,
    id: &str,
    seen: Option<u64>,
    (actor, now): (&str, Timestamp),
    act: &str,
) -> Result<(), UnitError> {
    let seen = seen.map_or(-1, stored);
    let Some(row) = tx.query_opt(STEP, params![id, seen]).await? else {
        return Err(UnitError::Conflict(format!("card {id}")));
    };
    tx.touched(Topic::one(Kind::Card, row.get(1)?, id));
    let act = serde_json::to_string(act).map_err(|error| UnitError::Refused(error.to_string()))?;
    tell(tx, id, whole(row.get(0)?), now, actor, &act).await
}

async fn tell(tx: &mut Tx<'_>, id: &str, version: u64, now: Timestamp, actor: &str, act: &str) -> Result<(), UnitError> {
    tx.execute(TELL, params![id, stored(version), now.micros(), actor, act])
        .await
        .map(drop)
}

// The last such act is among the last acts of a card that is set aside now.
const ASIDE: &str = "select e.id, e.life_until, (select a.actor from card_act a where a.card = e.id and a.act like '__set_aside_:%' \
     order by a.version desc limit 1) from exception e where e.life = 'set_aside' and e.closed_at is null and e.id in ($1, $2, $3, $4, \
     $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)";

/// Until when a card is set aside, and who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    pub until: Timestamp,
    pub by: Option<String>,
}

/// Those of these cards that are set aside, some with each statement.
pub async fn set_aside(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = String>) -> Result<BTreeMap<String, Aside>, UnitError> {
    let ids: Vec<String> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        for row in tx.query(ASIDE, &padded(some, AT_ONCE)).await? {
            let aside = Aside {
                until: Timestamp::from_micros(row.get(1)?),
                by: row.get(2)?,
            };
            found.insert(row.get(0)?, aside);
        }
    }
    Ok(found)
}

/// What was done with a card, the newest first.
pub async fn told(tx: &mut Tx<'_>, id: &str, limit: i64) -> Result<Vec<Told>, UnitError> {
    let rows = tx.query(TOLD, params![id, limit]).await?;
    rows.iter().map(told_row).collect()
}

pub(super) fn told_row(row: &Row) -> Result<Told, UnitError> {
    Ok(Told {
        version: whole(row.get(0)?),
        at: Timestamp::from_micros(row.get(1)?),
        actor: row.get(2)?,
        act: row.get(3)?,
    })
}

const UNWEIGHED: &str = "select m.exception, m.journey, m.effect, m.stand, m.weighed from exception_member m \
     join exception e on e.id = m.exception where m.weighed <> m.stand and e.company = $1 order by m.exception, m.journey, m.effect limit $2";
const BEHIND: &str = "select count(*) from (select 1 from exception_member m join exception e on e.id = m.exception \
     where m.weighed <> m.stand and e.company = $1 limit 1) as one";
const WEIGHED: &str = "update exception_member set weighed = stand where exception = $1 and journey = $2 and effect = $3";
const OF_ORDER: &str = "select cast(coalesce(sum(case when exception = $1 then 1 else 0 end), 0) as bigint), count(*) from exception_member \
     where journey = $2 and weighed = 'stopped'";
const STAKE: &str = "insert into stake (company, orders, money) values ($1, $2, $3) on conflict (company) do update set \
     orders = stake.orders + excluded.orders, money = stake.money + excluded.money";
const NET: &str = "select net from journey where id = $1";
const DUE: &str = "select due_by from exception_member where exception = $1 and stand = 'stopped' order by due_by limit 1";

/// A card whose weight or life has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    pub before: Stored,
    pub after: Stored,
}

/// Whether anything has changed since it was last counted.
pub async fn is_behind(tx: &mut Tx<'_>, company: &str) -> Result<bool, UnitError> {
    let found: i64 = tx.query_one(BEHIND, params![company]).await?.get(0)?;
    Ok(found > 0)
}

/// Counts what has changed since it was last counted, of at most `limit` records, and lets the cards follow. Gives the cards that have
/// changed, and whether there is more.
pub async fn weigh(tx: &mut Tx<'_>, company: &str, limit: i64, now: Timestamp) -> Result<(Vec<Weighed>, bool), UnitError> {
    let rows = tx.query(UNWEIGHED, params![company, limit]).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let mut changed: Vec<Weighed> = Vec::new();
    // What stands still in the company, each order once over all cards: by how many orders, and by how much of their worth.
    let (mut orders, mut money) = (0_i64, 0_i64);
    for row in &rows {
        let (id, journey, effect): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (stand, was): (String, String) = (row.get(3)?, row.get(4)?);
        if changed.last().is_none_or(|last| last.after.id != id) {
            let Some(before) = load(tx, &id).await? else { continue };
            changed.push(Weighed {
                after: before.clone(),
                before,
            });
        }
        let Some(card) = changed.last_mut() else { continue };
        let before = of_order(tx, &id, &journey).await?;
        tx.execute(WEIGHED, params![id, journey, effect]).await?;
        let after = of_order(tx, &id, &journey).await?;
        let weight = &mut card.after.card.weight;
        for (name, count) in [("stopped", &mut weight.stopped), ("proving", &mut weight.proving)] {
            *count = count
                .saturating_add(u64::from(stand == name))
                .saturating_sub(u64::from(was == name));
        }
        if before == after {
            continue;
        }
        let worth = net(tx, &journey).await?;
        match (before.on_card, after.on_card) {
            (false, true) => {
                weight.orders = weight.orders.saturating_add(1);
                weight.money = sum(weight.money, worth);
            }
            (true, false) => {
                weight.orders = weight.orders.saturating_sub(1);
                weight.money = less(weight.money, worth);
            }
            _ => {}
        }
        match (before.at_all, after.at_all) {
            (false, true) => {
                orders += 1;
                money = money.saturating_add(worth.hundred_thousandths);
            }
            (true, false) => {
                orders -= 1;
                money = money.saturating_sub(worth.hundred_thousandths);
            }
            _ => {}
        }
    }
    if (orders, money) != (0, 0) {
        tx.execute(STAKE, params![company, orders, money]).await?;
    }
    let mut seen = BTreeSet::new();
    for card in &mut changed {
        debug_assert!(seen.insert(card.after.id.clone()), "members come by card");
        follow(tx, card, now).await?;
    }
    Ok((changed, more))
}

/// Lets a card follow its records, and writes it.
async fn follow(tx: &mut Tx<'_>, card: &mut Weighed, now: Timestamp) -> Result<(), UnitError> {
    let id = card.after.id.clone();
    let due = tx.query_opt(DUE, params![id]).await?;
    card.after.card.records_due = due.map_or(Ok(None), |row| row.get(0).map(instant))?;
    let life = card.after.card.follow();
    let moved = life != card.before.card.life;
    card.after.card.life = life;
    card.after.card.version += u64::from(moved);
    card.after.closed_at = match (&card.after.card.life, card.before.closed_at) {
        (Life::Resolved, before) => Some(before.unwrap_or(now)),
        _ => None,
    };
    let after = &card.after.card;
    tx.touched(Topic::one(Kind::Card, &card.after.company, &id));
    tx.execute(
        WEIGH,
        params![
            id,
            stored(after.weight.stopped),
            stored(after.weight.proving),
            stored(after.weight.orders),
            after.weight.money.hundred_thousandths,
            after.records_due.map_or(i64::MAX, Timestamp::micros),
            after.life.name(),
            card.after.closed_at.map(Timestamp::micros),
            moved
        ],
    )
    .await?;
    if moved {
        let act = format!("\"{}\"", after.life.name());
        tell(tx, &id, after.version, now, "tallyman", &act).await?;
    }
    Ok(())
}

/// Whether anything of an order was counted as standing still.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Stands {
    /// Under one card.
    on_card: bool,
    /// Under any.
    at_all: bool,
}

/// What belongs to no order is no order that stands still.
async fn of_order(tx: &mut Tx<'_>, card: &str, journey: &str) -> Result<Stands, UnitError> {
    if journey.is_empty() {
        return Ok(Stands::default());
    }
    let row = tx.query_one(OF_ORDER, params![card, journey]).await?;
    Ok(Stands {
        on_card: row.get::<i64>(0)? > 0,
        at_all: row.get::<i64>(1)? > 0,
    })
}

async fn net(tx: &mut Tx<'_>, journey: &str) -> Result<Money, UnitError> {
    let row = tx.query_opt(NET, params![journey]).await?;
    row.map_or(Ok(Money::ZERO), |row| row.get(0).map(Money::from_hundred_thousandths))
}

/// A sum over orders that were each checked: where it cannot be told any more, the larger is kept.
fn sum(money: Money, more: Money) -> Money {
    money.checked_add(more).unwrap_or(money)
}

fn less(money: Money, gone: Money) -> Money {
    money.checked_sub(gone).unwrap_or(money)
}

const AT_STAKE: &str = "select money, orders from stake where company = $1";

/// What stands still in a company: the net worth of its orders, each counted once over all cards, and how many they are. It is kept, and
/// follows the records as the weights of cards do ([`weigh`]).
pub async fn at_stake(tx: &mut Tx<'_>, company: &str) -> Result<(Money, u64), UnitError> {
    match tx.query_opt(AT_STAKE, params![company]).await? {
        Some(row) => Ok((Money::from_hundred_thousandths(row.get(0)?), whole(row.get(1)?))),
        None => Ok((Money::ZERO, 0)),
    }
}
