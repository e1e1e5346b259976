//! A year of orders, written at once.
//!
//! The orders ([`super::order`]) are spread evenly over a year that ends now; those that stand still are the newest. Then their journal is
//! sealed and what stands where is counted, as the worker does it; of a store that is there already, what is left of that.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tallyman_core::ident::Company;
use tallyman_core::journey::Route;
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::parts::Parts;
use tallyman_engine::{tally, weigh};
use tallyman_store::journal::SealJournal;
use tallyman_store::{Store, Tx, Unit, UnitError, params};

use super::Bench;
use super::order::{Order, Stands};
use super::screens::Targets;
use crate::clocks::system_now;
use crate::progress::Progress;

/// Orders written in one unit, which has a time limit: those that stand still take ten times as long as the others.
const AT_ONCE: u64 = 250;
const YEAR: Duration = Duration::from_secs(365 * 86_400);
/// Journal lines sealed in one unit.
const SEALED_AT_ONCE: u32 = 2_000;
/// Cards and orders that screens of one of them are asked for: fewer than are asked for while the store is cold, so each has been opened
/// once by then.
const TARGETS: usize = 200;

const ANY: &str = "select count(*) from (select 1 from journey limit 1) as one";

/// Whether anything is stored.
pub async fn stored(store: &Store) -> Result<i64> {
    Ok(store.read(Count(ANY)).await?)
}

struct Count(&'static str);

impl Unit for Count {
    type Output = i64;
    const NAME: &'static str = "bench_count";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        tx.query_one(self.0, params![]).await?.get(0)
    }
}

/// Fills the store.
pub async fn fill(parts: &Arc<Parts>, bench: &Bench) -> Result<()> {
    let now = system_now();
    let mut progress = Progress::new();
    let routes: Vec<(Company, Route)> = parts
        .merchants
        .iter()
        .map(|merchant| (merchant.company.clone(), merchant.route()))
        .collect();
    let mut from = 0;
    while from < bench.orders {
        let to = (from + AT_ONCE).min(bench.orders);
        let unit = Orders {
            parts: parts.clone(),
            numbers: from..to,
            orders: bench.orders,
            open: bench.open,
            cards: bench.cards,
            routes: routes.clone(),
            now,
        };
        parts.store.write(unit).await?;
        progress.say(|| format!("{to} of {} orders are stored", bench.orders));
        from = to;
    }
    Ok(())
}

/// Seals and counts what is written.
pub async fn settle(parts: &Arc<Parts>) -> Result<()> {
    let now = system_now();
    let mut progress = Progress::new();
    for merchant in &parts.merchants {
        let company = merchant.company.as_str();
        let seal = || SealJournal {
            company: company.to_owned(),
            now,
            limit: SEALED_AT_ONCE,
        };
        while parts.store.write(seal()).await?.more {
            progress.say(|| format!("the journal of {company} is being sealed"));
        }
        weigh::round(&parts.store, company, now).await?;
        progress.say(|| format!("the tally of {} is being counted", merchant.company));
        tally::books::round(&parts.store, merchant).await?;
    }
    Ok(())
}

/// Orders to write, of so many.
struct Orders {
    parts: Arc<Parts>,
    numbers: std::ops::Range<u64>,
    orders: u64,
    open: u64,
    cards: u64,
    routes: Vec<(Company, Route)>,
    now: Timestamp,
}

impl Unit for Orders {
    type Output = ();
    const NAME: &'static str = "bench_orders";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for number in self.numbers.clone() {
            let written = match self.order(number) {
                Ok(order) => order.write(tx, &self.parts.vault).await,
                Err(error) => Err(error),
            };
            written.map_err(|error| match error.downcast::<UnitError>() {
                Ok(error) => error,
                Err(error) => UnitError::Refused(format!("{error:#}")),
            })?;
        }
        Ok(())
    }
}

impl Orders {
    fn order(&self, number: u64) -> Result<Order<'_>> {
        let card = number % self.cards.max(1);
        let open = number >= self.orders.saturating_sub(self.open);
        let place = usize::try_from(card % self.routes.len() as u64)?;
        let (company, route) = self.routes.get(place).context("a merchant")?;
        Ok(Order {
            number,
            // Four cards of five are an item that is not known, the fifth a carrier.
            stands: match (open, card % 5) {
                (false, _) => Stands::Complete,
                (true, 4) => Stands::Unconfirmed,
                (true, _) => Stands::Unmapped,
            },
            card,
            cards: self.cards,
            company,
            route,
            at: self.at(number),
        })
    }

    /// When it came: the first a year ago, the last now.
    fn at(&self, number: u64) -> Timestamp {
        let part = YEAR.as_micros() * u128::from(number) / u128::from(self.orders.max(1));
        let into = Duration::from_micros(u64::try_from(part).unwrap_or(0));
        self.now.minus(YEAR).plus(into)
    }
}

const CARDS: &str = "select id from exception where closed_at is null order by id limit $1";
const SOME: &str = "select id, reference from journey where id > $1 order by id limit 1";
// Orders are written as they came.
const LAST: &str = "select received_at from journey order by rowid desc limit 1";

struct Pick(usize);

impl Unit for Pick {
    type Output = Targets;
    const NAME: &'static str = "bench_targets";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Targets, UnitError> {
        let cards = tx.query(CARDS, params![self.0 as i64]).await?;
        let mut orders = Vec::new();
        // Ids are hashes in base32: orders of the whole year, one after each of these.
        for first in 'A'..='Z' {
            for second in 'A'..='Z' {
                if let Some(row) = tx.query_opt(SOME, params![format!("{first}{second}")]).await? {
                    orders.push((row.get(0)?, row.get(1)?));
                }
            }
        }
        let last = Timestamp::from_micros(tx.query_one(LAST, params![]).await?.get(0)?);
        let apart = orders.len() / self.0;
        Ok(Targets {
            cards: cards.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
            day: last.date_in(&Zone::utc()).to_string(),
            orders: orders.into_iter().step_by(apart.max(1)).take(self.0).collect(),
        })
    }
}

/// What screens of one card or one order are asked for.
pub async fn targets(store: &Store) -> Result<Targets> {
    Ok(store.read(Pick(TARGETS)).await?)
}
