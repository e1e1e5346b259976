//! What people have been told of cards, and the little that alerts read of cards.
//!
//! Everything that alerts know of a card is read by [`card`] and the three lists of ids beside it, and nowhere else.

use tallyman_core::alert::{Card, Said, Told};
use tallyman_core::card::Life;
use tallyman_core::finding::Code;
use tallyman_core::ident::Company;
use tallyman_core::time::Timestamp;

use super::cards;
use crate::{Row, Tx, UnitError, params};

const CODE: &str = "select code from exception where id = $1";
// A card's weight follows its records within a second; what is said of a card that has just opened does not wait for that.
const STOPPED: &str = "select count(*) from exception_member where exception = $1 and stand = 'stopped'";
const UNTOLD: &str = "select e.id from exception e where e.company = $1 and e.closed_at is null and not exists \
     (select 1 from alert a where a.company = e.company and a.card = e.id and a.said <> 'recovered') order by e.opened_at, e.id limit $2";
const RESOLVED: &str = "select a.company, a.card, a.route, a.episode, a.said, a.records, a.at, a.due from alert a \
     join exception e on e.id = a.card where a.company = $1 and a.said <> 'recovered' and e.closed_at is not null \
     order by a.at, a.card, a.route limit $2";
const DUE: &str = "select a.company, a.card, a.route, a.episode, a.said, a.records, a.at, a.due from alert a \
     where a.company = $1 and a.due <= $2 order by a.due, a.card, a.route limit $3";
const NEXT_DUE: &str = "select min(due) from alert where company = $1";
const OF_CARD: &str =
    "select company, card, route, episode, said, records, at, due from alert where company = $1 and card = $2 order by route";
const OF_ROUTE: &str = "select company, card, route, episode, said, records, at, due from alert \
     where company = $1 and route = $2 and card > $3 and said in ('listed', 'opened', 'escalated') order by card limit $4";
const SAID_SINCE: &str =
    "select count(*) from alert where company = $1 and route = $2 and said in ('opened', 'escalated') and at > $3";
const ADD: &str = "insert into alert (company, card, route, episode, said, records, at, due) values ($1, $2, $3, $4, $5, $6, $7, $8) \
     on conflict (company, card, route) do nothing";
const MOVE: &str = "update alert set episode = $4, said = $5, records = $6, at = $7, due = $8 \
     where company = $1 and card = $2 and route = $3 and episode = $9 and said = $10 and at = $11 and due = $12";

/// A card as alerts look at it; none for one that is not there, or of a code that a later build has written.
pub async fn card(tx: &mut Tx<'_>, id: &str) -> Result<Option<Card>, UnitError> {
    let Some(row) = tx.query_opt(CODE, params![id]).await? else {
        return Ok(None);
    };
    if Code::named(row.get(0)?).is_none() {
        return Ok(None);
    }
    let Some(stored) = cards::load(tx, id).await? else {
        return Ok(None);
    };
    let records: i64 = tx.query_one(STOPPED, params![id]).await?.get(0)?;
    let card = stored.card;
    Ok(Some(Card {
        id: stored.id,
        company: Company::new(stored.company),
        code: card.code,
        team: card.team,
        cause: card.cause,
        opened_at: card.opened_at,
        open: stored.closed_at.is_none(),
        records: u64::try_from(records).unwrap_or_default(),
        // Nothing is at stake on a card without orders; with them it is not known before they have been counted.
        money: Some(card.weight.money).filter(|_| card.weight.orders > 0),
        deadline: card.records_due,
        acknowledged: card.life != Life::Open,
        ends: None,
    }))
}

/// Open cards that nobody has been told of since they opened, the oldest first.
pub async fn untold(tx: &mut Tx<'_>, company: &str, limit: i64) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(UNTOLD, params![company, limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// What is kept of cards that are resolved, and has not been ended.
pub async fn resolved(tx: &mut Tx<'_>, company: &str, limit: i64) -> Result<Vec<Told>, UnitError> {
    tx.query(RESOLVED, params![company, limit]).await?.iter().map(told).collect()
}

/// What was put off until now or before.
pub async fn due(tx: &mut Tx<'_>, company: &str, now: Timestamp, limit: i64) -> Result<Vec<Told>, UnitError> {
    let rows = tx.query(DUE, params![company, now.micros(), limit]).await?;
    rows.iter().map(told).collect()
}

/// When something is next to be said that was put off.
pub async fn next_due(tx: &mut Tx<'_>, company: &str) -> Result<Option<Timestamp>, UnitError> {
    let row = tx.query_one(NEXT_DUE, params![company]).await?;
    let due = row.get::<Option<i64>>(0)?.map(Timestamp::from_micros);
    Ok(due.filter(|due| *due < Timestamp::MAX))
}

/// What is kept about a card, by route.
pub async fn of_card(tx: &mut Tx<'_>, company: &str, card: &str) -> Result<Vec<Told>, UnitError> {
    tx.query(OF_CARD, params![company, card]).await?.iter().map(told).collect()
}

/// A page of what a route has been told and is not over.
pub async fn of_route(tx: &mut Tx<'_>, company: &str, route: &str, after: &str, limit: i64) -> Result<Vec<Told>, UnitError> {
    let rows = tx.query(OF_ROUTE, params![company, route, after, limit]).await?;
    rows.iter().map(told).collect()
}

/// How many cards a route was told of after this instant.
pub async fn said_since(tx: &mut Tx<'_>, company: &str, route: &str, since: Timestamp) -> Result<i64, UnitError> {
    tx.query_one(SAID_SINCE, params![company, route, since.micros()])
        .await?
        .get(0)
}

/// Keeps what is said from now on, and counts on the card that it was escalated; a conflict if what it was decided on does not stand any more.
pub async fn keep(tx: &mut Tx<'_>, company: &str, before: Option<&Told>, after: &Told) -> Result<(), UnitError> {
    let key = (&after.card, &after.route);
    let now = (
        after.episode,
        after.said.name(),
        to_stored(after.records),
        after.at,
        after.due,
    );
    let written = match before {
        None => {
            tx.execute(ADD, params![company, key.0, key.1, now.0, now.1, now.2, now.3, now.4])
                .await?
        }
        Some(Told {
            episode, said, at, due, ..
        }) => {
            let was = (*episode, said.name(), *at, *due);
            tx.execute(
                MOVE,
                params![
                    company, key.0, key.1, now.0, now.1, now.2, now.3, now.4, was.0, was.1, was.2, was.3
                ],
            )
            .await?
        }
    };
    if written != 1 {
        return Err(UnitError::Conflict(format!(
            "what {} was told of {}",
            after.route, after.card
        )));
    }
    let already = before.is_some_and(|before| (before.said, before.episode) == (Said::Escalated, after.episode));
    if after.said == Said::Escalated && !already {
        cards::escalated(tx, &after.card).await?;
    }
    Ok(())
}

fn to_stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn told(row: &Row) -> Result<Told, UnitError> {
    let said: &str = row.get(4)?;
    Ok(Told {
        card: row.get(1)?,
        route: row.get(2)?,
        episode: row.get(3)?,
        said: Said::named(said)
            .ok_or_else(|| UnitError::Refused(format!("an alert says {said}, which this program does not know")))?,
        records: u64::try_from(row.get::<i64>(5)?).unwrap_or_default(),
        at: Timestamp::from_micros(row.get(6)?),
        due: Timestamp::from_micros(row.get(7)?),
    })
}

// The last condition says nothing new: it is the index's own, without which it may not be used.
const WAITS: &str = "select id from effect where company = $1 and state in ('ready', 'sending') and connection = $2 and pauses > 0 \
     and state not in ('done', 'superseded', 'withdrawn') limit 1";

/// Whether something that a route has not taken waits to be sent again.
pub async fn waits(tx: &mut Tx<'_>, company: &str, route: &str) -> Result<bool, UnitError> {
    Ok(tx.query_opt(WAITS, params![company, route]).await?.is_some())
}
