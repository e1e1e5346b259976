//! Cards and records as people page through them, and writes that wait for an answer.
//!
//! Every page is a range of keys, and no statement counts records: what a card comes to is kept on it ([`super::cards`]). So the first
//! page of a card with 100,000 records costs what that of one with three costs, and so does its last.
//!
//! A list is of one company, whose name begins the key of each index here; who sees several merges their lists.

use std::cmp::Ordering;

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::money::Money;
use tallyman_core::time::Timestamp;

use super::cards::{self, Stored};
use super::{exceptions, journeys};
use crate::{Row, Tx, UnitError, params};

// What is shown under a card that is open stands on none of the lists of open cards.
const OLDEST: &str = "select id, company, code, cause, team, life, life_until, life_reason, assignee, deputy, escalations, version, \
     stopped, proving, orders, money, records_due, opened_at, closed_at, under from exception e where company = $1 and closed_at is null \
     and (under = '' or not exists (select 1 from exception a where a.id = e.under and a.closed_at is null)) \
     and (opened_at, id) > ($2, $3) order by opened_at, id limit $4";
const DEAREST: &str = "select id, company, code, cause, team, life, life_until, life_reason, assignee, deputy, escalations, version, \
     stopped, proving, orders, money, records_due, opened_at, closed_at, under from exception e where company = $1 and closed_at is null \
     and (under = '' or not exists (select 1 from exception a where a.id = e.under and a.closed_at is null)) \
     and money <= $2 and (money < $2 or id > $3) order by money desc, id limit $4";
const SOONEST: &str = "select id, company, code, cause, team, life, life_until, life_reason, assignee, deputy, escalations, version, \
     stopped, proving, orders, money, records_due, opened_at, closed_at, under from exception e where company = $1 and closed_at is null \
     and (under = '' or not exists (select 1 from exception a where a.id = e.under and a.closed_at is null)) \
     and (records_due, id) > ($2, $3) order by records_due, id limit $4";
const RESOLVED: &str = "select id, company, code, cause, team, life, life_until, life_reason, assignee, deputy, escalations, version, \
     stopped, proving, orders, money, records_due, opened_at, closed_at, under from exception where company = $1 and closed_at is not null \
     and closed_at <= $2 and (closed_at < $2 or id > $3) order by closed_at desc, id limit $4";

const MERGED: &str = "select id, company, code, cause, team, life, life_until, life_reason, assignee, deputy, escalations, version, \
     stopped, proving, orders, money, records_due, opened_at, closed_at, under from exception e where company = $1 and closed_at is null \
     and under <> '' and exists (select 1 from exception a where a.id = e.under and a.closed_at is null) \
     and (opened_at, id) > ($2, $3) order by opened_at, id limit $4";

// A range of the index of open cards; those that are under others are few.
const UNDER: &str = "select under, count(*) from exception where company = $1 and closed_at is null and under <> '' \
     group by under order by under";

/// Which cards, and in which order. What is shown under a card that is open is on none of the lists of open cards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Open cards, the oldest first.
    #[default]
    Oldest,
    /// Open cards, the most money at stake first.
    Dearest,
    /// Open cards, the earliest deadline of their records first; those without one last.
    Soonest,
    /// Closed cards, the last closed first.
    Resolved,
    /// Open cards that are shown under others that are open, the oldest first: those that are on none of the other lists.
    Merged,
}

impl Order {
    /// Before the first card.
    pub const fn start(self) -> i64 {
        match self {
            Self::Oldest | Self::Soonest | Self::Merged => i64::MIN,
            Self::Dearest | Self::Resolved => i64::MAX,
        }
    }

    /// How two cards follow each other: by what they are sorted by, then by id.
    pub fn compare(self, one: &Stored, other: &Stored) -> Ordering {
        let keys = (self.key(one), self.key(other));
        let by_key = match self {
            Self::Oldest | Self::Soonest | Self::Merged => keys.0.cmp(&keys.1),
            Self::Dearest | Self::Resolved => keys.1.cmp(&keys.0),
        };
        by_key.then_with(|| one.id.cmp(&other.id))
    }

    /// What a card is sorted by.
    pub fn key(self, card: &Stored) -> i64 {
        match self {
            Self::Oldest | Self::Merged => card.card.opened_at.micros(),
            Self::Dearest => card.card.weight.money.hundred_thousandths,
            Self::Soonest => card.card.records_due.map_or(i64::MAX, Timestamp::micros),
            Self::Resolved => card.closed_at.map_or(i64::MIN, Timestamp::micros),
        }
    }
}

/// A page of one company's cards after this key and id. What else is asked of them the caller looks for among these: no index serves
/// every question, and one that reads on until it has found enough may read everything.
pub async fn cards(
    tx: &mut Tx<'_>,
    company: &str,
    order: Order,
    after: (i64, &str),
    limit: i64,
) -> Result<Vec<Stored>, UnitError> {
    let statement = match order {
        Order::Oldest => OLDEST,
        Order::Dearest => DEAREST,
        Order::Soonest => SOONEST,
        Order::Resolved => RESOLVED,
        Order::Merged => MERGED,
    };
    let rows = tx.query(statement, params![company, after.0, after.1, limit]).await?;
    let mut found: Vec<Stored> = rows.iter().map(cards::read).collect::<Result<_, _>>()?;
    if order == Order::Resolved || found.is_empty() {
        return Ok(found);
    }
    for row in &tx.query(UNDER, params![company]).await? {
        let (above, count): (String, u64) = (row.get(0)?, row.get(1)?);
        if let Some(card) = found.iter_mut().find(|card| card.id == above) {
            card.shows = count;
        }
    }
    Ok(found)
}

const BESIDE: &str = "select id, code, cause from exception e where company = $1 and closed_at is null \
     and (under = '' or not exists (select 1 from exception a where a.id = e.under and a.closed_at is null)) \
     and id <> $2 order by opened_at, id limit $3";

/// The oldest open cards of a company beside this one: the id of each, and what it is about.
pub async fn beside(tx: &mut Tx<'_>, company: &str, card: &str, limit: i64) -> Result<Vec<(String, Code, Cause)>, UnitError> {
    let rows = tx.query(BESIDE, params![company, card, limit]).await?;
    let told = |row: &Row| Ok((row.get(0)?, cards::code(row.get(1)?)?, exceptions::from_text(row.get(2)?)));
    rows.iter().map(told).collect()
}

// Its number is kept with the record, but where its order came later than what is said of it.
const MEMBERS: &str = "select m.journey, case when m.reference <> '' then m.reference else \
     coalesce((select j.reference from journey j where j.id = m.journey), '') end, m.effect, m.sentence, m.at, m.stand, m.due_by, \
     m.proof_of, m.proof, m.ended_at, m.rank from exception_member m where m.exception = $1 and m.stand <> 'left' \
     and (m.rank, m.journey, m.effect) > ($2, $3, $4) order by m.rank, m.journey, m.effect limit $5";

/// One record on a card, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Empty for what belongs to no order of ours, as the reference is.
    pub journey: String,
    pub reference: String,
    /// The effect or the record; empty where the whole order is stopped.
    pub effect: String,
    pub sentence: Option<Vec<u8>>,
    pub at: Timestamp,
    /// `stopped`, `proving` or `proven`.
    pub stand: String,
    pub due: Option<Timestamp>,
    /// The effect whose receipt proves it, or has.
    pub proof_of: String,
    pub proof: String,
    /// When it stood still no more.
    pub ended_at: Option<Timestamp>,
    /// What its order is worth, net; nothing for what belongs to no order of ours.
    pub net: Money,
}

/// What records are sorted by: the worth of their order, below nought; the journey and the record.
pub type Rank = (i64, String, String);

impl Member {
    /// Where it stands among the records of its card: a page begins after the last of the one before.
    pub fn rank(&self) -> Rank {
        (-self.net.hundred_thousandths, self.journey.clone(), self.effect.clone())
    }

    /// Before the first.
    pub const fn start() -> Rank {
        (i64::MIN, String::new(), String::new())
    }
}

/// A page of a card's records, the dearest order first; none that stands on another card now.
pub async fn members(tx: &mut Tx<'_>, card: &str, after: &Rank, limit: i64) -> Result<Vec<Member>, UnitError> {
    let rows = tx.query(MEMBERS, params![card, after.0, after.1, after.2, limit]).await?;
    rows.iter()
        .map(|row| {
            let (due, ended, rank): (i64, i64, i64) = (row.get(6)?, row.get(9)?, row.get(10)?);
            Ok(Member {
                net: Money::from_hundred_thousandths(-rank),
                journey: row.get(0)?,
                reference: row.get(1)?,
                effect: row.get(2)?,
                sentence: row.get(3)?,
                at: Timestamp::from_micros(row.get(4)?),
                stand: row.get(5)?,
                due: (due != i64::MAX).then(|| Timestamp::from_micros(due)),
                proof_of: row.get(7)?,
                proof: row.get(8)?,
                ended_at: (ended != 0).then(|| Timestamp::from_micros(ended)),
            })
        })
        .collect()
}

const LAST: &str = "select m.journey, m.reference, m.proof, j.state from exception_member m left join journey j on j.id = m.journey \
     where m.exception = $1 and m.stand = 'proven' order by m.ended_at desc, m.journey desc limit 1";

/// The proof that closed a card: the last of its records'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Empty for what belongs to no order of ours, as the reference is.
    pub journey: String,
    pub reference: String,
    /// What it says; empty for nothing.
    pub said: String,
    /// The number and id that the ledger knows its order by, if it does.
    pub ledger: Option<(String, i64)>,
}

/// The last proof of a card's records.
pub async fn last_proof(tx: &mut Tx<'_>, card: &str) -> Result<Option<Proof>, UnitError> {
    let row = tx.query_opt(LAST, params![card]).await?;
    row.map(|row| {
        let state: Option<&str> = row.get(3)?;
        Ok(Proof {
            journey: row.get(0)?,
            reference: row.get(1)?,
            said: row.get(2)?,
            ledger: state.map(journeys::ledger_order).transpose()?.flatten(),
        })
    })
    .transpose()
}

const LAST_ACTOR: &str = "select actor from card_act where card = $1 and actor <> 'tallyman' order by version desc limit 1";

/// Whoever did something with a card last, if anybody did: the program itself is nobody.
pub async fn last_actor(tx: &mut Tx<'_>, card: &str) -> Result<Option<String>, UnitError> {
    tx.query_opt(LAST_ACTOR, params![card])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

const STANDING: &str = "select distinct journey from exception_member where exception = $1 and stand = 'stopped' and journey <> '' \
     order by journey limit $2";

/// The first orders that stand still under a card.
pub async fn standing(tx: &mut Tx<'_>, card: &str, limit: i64) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(STANDING, params![card, limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

const ACTS: &str = "select version, at, actor, act from card_act where card = $1 and version < $2 order by version desc limit $3";

/// What was done with a card before this version, the newest first.
pub async fn acts(tx: &mut Tx<'_>, card: &str, before: i64, limit: i64) -> Result<Vec<cards::Told>, UnitError> {
    let rows = tx.query(ACTS, params![card, before, limit]).await?;
    rows.iter().map(cards::told_row).collect()
}

// Cards are counted as the lists show them; what stands still under one that is shown under another stands still all the same.
const OPEN: &str = "select code, team, cast(sum(case when under = '' or not exists \
     (select 1 from exception a where a.id = e.under and a.closed_at is null) then 1 else 0 end) as bigint), \
     cast(sum(stopped) as bigint), cast(sum(proving) as bigint) from exception e \
     where company = $1 and closed_at is null group by code, team order by code, team";

const LISTED: &str = "select (select count(*) from exception where company = $1 and closed_at is null) - \
     (select count(*) from exception e where company = $1 and closed_at is null and under <> '' \
     and exists (select 1 from exception a where a.id = e.under and a.closed_at is null))";

/// How many cards of a company the lists of open ones have.
pub async fn listed(tx: &mut Tx<'_>, company: &str) -> Result<u64, UnitError> {
    tx.query_one(LISTED, params![company]).await?.get(0)
}

// Counted in an index: no card is read but those that another is shown under.
const LIVES: &str = "select e.life, count(*) from exception e where e.company = $1 and e.closed_at is null \
     and (e.under = '' or not exists (select 1 from exception a where a.id = e.under and a.closed_at is null)) \
     group by e.life order by e.life";

/// How far the cards are that the lists of open ones of a company have: the name of each life, and how many.
pub async fn lives(tx: &mut Tx<'_>, company: &str) -> Result<Vec<(String, u64)>, UnitError> {
    let rows = tx.query(LIVES, params![company]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Open cards of one code with one team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub code: String,
    /// Empty: the code's own.
    pub team: String,
    /// Without those that are shown under others.
    pub cards: u64,
    pub stopped: u64,
    pub proving: u64,
}

/// A company's open cards, and what they weigh.
pub async fn open(tx: &mut Tx<'_>, company: &str) -> Result<Vec<Open>, UnitError> {
    let rows = tx.query(OPEN, params![company]).await?;
    rows.iter()
        .map(|row| {
            Ok(Open {
                code: row.get(0)?,
                team: row.get(1)?,
                cards: row.get(2)?,
                stopped: row.get(3)?,
                proving: row.get(4)?,
            })
        })
        .collect()
}

const WAITING: &str = "select e.id, e.journey, e.connection, e.name, e.state, e.due, e.began, e.sends, e.updated_at, \
     coalesce(j.reference, ''), coalesce(j.net, 0) from effect e left join journey j on j.id = e.journey \
     where e.company = $1 and e.state = $2 and e.state in ('parked', 'unknown', 'probing') and e.barred = 0 and e.id > $3 order by e.id limit $4";
const COMPANY: &str = "select company from effect where id = $1";

/// A write of which nobody can tell yet whether it was carried out, or that stands still until somebody says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub id: String,
    pub journey: String,
    pub reference: String,
    pub net: Money,
    pub connection: String,
    pub name: String,
    pub state: String,
    /// When it is asked about, if that is known.
    pub due: Option<Timestamp>,
    /// The last instant at which sending may have begun, if it has.
    pub began: Option<Timestamp>,
    pub sends: u32,
    pub since: Timestamp,
}

/// A page of a company's effects in one such state. What a guardrail stopped before it was sent is none of them.
pub async fn in_doubt(tx: &mut Tx<'_>, company: &str, state: &str, after: &str, limit: i64) -> Result<Vec<Outcome>, UnitError> {
    let rows = tx.query(WAITING, params![company, state, after, limit]).await?;
    rows.iter().map(outcome).collect()
}

fn outcome(row: &Row) -> Result<Outcome, UnitError> {
    let instant = |index| -> Result<Option<Timestamp>, UnitError> {
        let micros: i64 = row.get(index)?;
        Ok((micros != 0).then(|| Timestamp::from_micros(micros)))
    };
    Ok(Outcome {
        id: row.get(0)?,
        journey: row.get(1)?,
        connection: row.get(2)?,
        name: row.get(3)?,
        state: row.get(4)?,
        due: instant(5)?,
        began: instant(6)?,
        sends: row.get(7)?,
        since: Timestamp::from_micros(row.get(8)?),
        reference: row.get(9)?,
        net: Money::from_hundred_thousandths(row.get(10)?),
    })
}

const PUT_OFF: &str = "select e.id, e.journey, e.connection, e.name, e.due, e.sends, e.pauses, e.updated_at, \
     coalesce(j.reference, ''), coalesce(j.net, 0), \
     (select a.what from attempt a where a.effect = e.id order by a.at desc, a.what desc limit 1), \
     (select a.outcome from attempt a where a.effect = e.id order by a.at desc, a.what desc limit 1) \
     from effect e left join journey j on j.id = e.journey where e.company = $1 and e.state = 'ready' \
     and e.sends + e.absents + e.pauses > 0 and (e.due, e.id) > ($2, $3) order by e.due, e.id limit $4";

/// A write that was put off, or was looked for and is not there, and goes again by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOff {
    pub id: String,
    pub journey: String,
    pub reference: String,
    pub net: Money,
    pub connection: String,
    pub name: String,
    pub due: Timestamp,
    pub sends: u32,
    /// How often it was put off since it was last sent.
    pub pauses: u32,
    pub since: Timestamp,
    /// What was tried last and what came of it, as attempts keep it.
    pub last: Option<(String, String)>,
}

/// A page of a company's writes that go again by themselves, the next to go first.
pub async fn put_off(tx: &mut Tx<'_>, company: &str, after: (Timestamp, &str), limit: i64) -> Result<Vec<PutOff>, UnitError> {
    let rows = tx.query(PUT_OFF, params![company, after.0.micros(), after.1, limit]).await?;
    let read = |row: &Row| {
        let (what, outcome): (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
        Ok(PutOff {
            id: row.get(0)?,
            journey: row.get(1)?,
            connection: row.get(2)?,
            name: row.get(3)?,
            due: Timestamp::from_micros(row.get(4)?),
            sends: row.get(5)?,
            pauses: row.get(6)?,
            since: Timestamp::from_micros(row.get(7)?),
            reference: row.get(8)?,
            net: Money::from_hundred_thousandths(row.get(9)?),
            last: what.zip(outcome),
        })
    };
    rows.iter().map(read).collect()
}

/// Whose effect it is.
pub async fn company_of(tx: &mut Tx<'_>, effect: &str) -> Result<Option<String>, UnitError> {
    let Ok(id) = Fingerprint::parse(effect) else {
        return Ok(None);
    };
    let row = tx.query_opt(COMPANY, params![id.as_str()]).await?;
    row.map(|row| row.get(0)).transpose()
}
