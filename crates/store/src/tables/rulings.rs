//! What owners of cards have decided about single records, the newest of each.
//!
//! A ruling that counts keeps the same finding off its card. Which it is, its mark says: whoever makes a finding makes the mark with it.

use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::{Row, Tx, UnitError, params};

/// The record of a card: journey (empty for what belongs to no order of ours) and part.
pub type Record<'a> = (&'a str, &'a str);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Stands for what was found.
    pub mark: String,
    pub ruling: String,
    /// Empty without one.
    pub document: String,
    pub first_by: String,
    /// Empty while nobody else has said it, or nobody has to.
    pub second_by: String,
    pub counts: bool,
    /// What it writes to the ledger; empty for nothing.
    pub effect: String,
    pub at: Timestamp,
    /// Sealed under the journey's key.
    pub reason: Option<Vec<u8>>,
}

const STANDS: &str = "select 1 from ruling where company = $1 and journey = $2 and record = $3 and code = $4 and mark = $5 and counts = 1 \
     and (effect = '' or exists (select 1 from effect where id = ruling.effect and state not in ('done', 'superseded', 'withdrawn')))";
const LOAD: &str = "select mark, ruling, document, first_by, second_by, counts, effect, at, reason from ruling \
     where company = $1 and journey = $2 and record = $3 and code = $4";
const SETTLED: &str = "select distinct code from ruling where journey = $1 and ruling = 'settled' and counts = 1 order by code";
const PUT: &str = "insert into ruling (company, journey, record, code, mark, ruling, document, first_by, second_by, counts, effect, at, reason) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (company, journey, record, code) do update set \
     mark = excluded.mark, ruling = excluded.ruling, document = excluded.document, first_by = excluded.first_by, \
     second_by = excluded.second_by, counts = excluded.counts, effect = excluded.effect, at = excluded.at, reason = excluded.reason";

/// Whether somebody has decided about just this.
pub async fn stands(tx: &mut Tx<'_>, company: &str, record: Record<'_>, code: Code, mark: &str) -> Result<bool, UnitError> {
    if !code.remembers() {
        return Ok(false);
    }
    let (journey, record) = record;
    let found = tx
        .query_opt(STANDS, params![company, journey, record, code.name(), mark])
        .await?;
    Ok(found.is_some())
}

/// What was found of an order, of any part of it, and is settled.
pub async fn settled(tx: &mut Tx<'_>, journey: &str) -> Result<Vec<Code>, UnitError> {
    let rows = tx.query(SETTLED, params![journey]).await?;
    let codes = rows.iter().map(|row| row.get::<&str>(0).map(Code::named));
    Ok(codes.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

pub async fn load(tx: &mut Tx<'_>, company: &str, record: Record<'_>, code: Code) -> Result<Option<Stored>, UnitError> {
    tx.query_opt(LOAD, params![company, record.0, record.1, code.name()])
        .await?
        .map(|row| {
            Ok(Stored {
                mark: row.get(0)?,
                ruling: row.get(1)?,
                document: row.get(2)?,
                first_by: row.get(3)?,
                second_by: row.get(4)?,
                counts: row.get::<i64>(5)? == 1,
                effect: row.get(6)?,
                at: Timestamp::from_micros(row.get(7)?),
                reason: row.get(8)?,
            })
        })
        .transpose()
}

/// In the place of what was decided about the record before.
pub async fn put(tx: &mut Tx<'_>, company: &str, record: Record<'_>, code: Code, ruling: &Stored) -> Result<(), UnitError> {
    tx.touched(Topic::one(Kind::Journey, company, record.0));
    tx.execute(
        PUT,
        params![
            company,
            record.0,
            record.1,
            code.name(),
            ruling.mark,
            ruling.ruling,
            ruling.document,
            ruling.first_by,
            ruling.second_by,
            i64::from(ruling.counts),
            ruling.effect,
            ruling.at.micros(),
            ruling.reason
        ],
    )
    .await
    .map(drop)
}

/// A record that stands still under a card, as far as a decision about it wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Empty for what belongs to no order of ours, as the reference is.
    pub journey: String,
    pub reference: String,
    pub record: String,
    pub mark: String,
    pub at: Timestamp,
}

const OF_CARD: &str = "select m.journey, coalesce(j.reference, ''), m.effect, m.mark, m.at from exception_member m \
     left join journey j on j.id = m.journey where m.exception = $1 and m.stand = 'stopped' and m.at <= $2 \
     and (m.journey, m.effect) > ($3, $4) order by m.journey, m.effect limit $5";
const OF_ORDER: &str = "select m.journey, coalesce(j.reference, ''), m.effect, m.mark, m.at from exception_member m \
     left join journey j on j.id = m.journey where m.exception = $1 and m.stand = 'stopped' and m.at <= $2 and m.journey = $3 \
     order by m.effect limit $4";

/// A page of what has stood still under a card since `now` or longer.
pub async fn of_card(
    tx: &mut Tx<'_>,
    card: &str,
    now: Timestamp,
    after: Record<'_>,
    limit: i64,
) -> Result<Vec<Member>, UnitError> {
    let rows = tx
        .query(OF_CARD, params![card, now.micros(), after.0, after.1, limit])
        .await?;
    rows.iter().map(member).collect()
}

/// The same of one order.
pub async fn of_order(tx: &mut Tx<'_>, card: &str, now: Timestamp, journey: &str, limit: i64) -> Result<Vec<Member>, UnitError> {
    let rows = tx.query(OF_ORDER, params![card, now.micros(), journey, limit]).await?;
    rows.iter().map(member).collect()
}

fn member(row: &Row) -> Result<Member, UnitError> {
    Ok(Member {
        journey: row.get(0)?,
        reference: row.get(1)?,
        record: row.get(2)?,
        mark: row.get(3)?,
        at: Timestamp::from_micros(row.get(4)?),
    })
}
