//! A year of orders, written at once.
//!
//! Each row is what the program itself would have written: journeys as `core` has them, names that are derived, three lines an order, four
//! numbers, the messages of the order and its shipment, five writes that were carried out. What is sealed is bytes of the usual length that
//! no key opens: nobody asks for them. The orders are spread evenly over a year that ends now; those that stand still are the newest.
//!
//! Left out: the journal's lines, which no screen here reads.

use std::time::Duration;

use anyhow::{Context, Result};
use tallyman_core::cause::Cause;
use tallyman_core::document::LineRef;
use tallyman_core::finding::Code;
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::journey::{Journey, LedgerOrderKey, Line, Route, ShipmentState, Stage};
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::money::Money;
use tallyman_core::quantity::{Quantity, Ratio};
use tallyman_core::sku::Sku;
use tallyman_core::time::Timestamp;
use tallyman_engine::parts::Parts;
use tallyman_engine::weigh;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::journeys;
use tallyman_store::{Store, Tx, Unit, UnitError, params};

use super::Bench;
use super::screens::Targets;
use crate::clocks::system_now;
use crate::progress::Progress;

/// Orders written in one unit, which has a time limit: those that stand still take ten times as long as the others.
const AT_ONCE: u64 = 250;
const YEAR: Duration = Duration::from_secs(365 * 86_400);
/// Of the orders that are over, one in so many stood still once, under a card of its own.
const RESOLVED_EVERY: u64 = 500;
const ORDER_BYTES: usize = 1_500;
const SHIPMENT_BYTES: usize = 900;
const EFFECT_BYTES: usize = 500;
/// Cards and orders that screens of one of them are asked for.
const TARGETS: i64 = 400;

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
pub async fn fill(parts: &Parts, bench: &Bench) -> Result<()> {
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
    for (company, _) in &routes {
        weigh::round(&parts.store, company.as_str(), now).await?;
    }
    Ok(())
}

/// Orders to write, of so many.
struct Orders {
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
            self.order(tx, number)
                .await
                .map_err(|error| match error.downcast::<UnitError>() {
                    Ok(error) => error,
                    Err(error) => UnitError::Refused(format!("{error:#}")),
                })?;
        }
        Ok(())
    }
}

const MESSAGE: &str = "insert into message (connection, record, hash, company, kind, journey, received_at, decided_at, body, made_at, stand, stale) \
     values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $7, $9, 0)";
const COUNTED: &str = "insert into tally_count (connection, kind, quarter, stand, records) values ($1, $2, $3, $4, 1) \
     on conflict (connection, kind, quarter, stand) do update set records = tally_count.records + 1";
const EFFECT: &str = "insert into effect (id, company, journey, connection, subject, place, name, state, due, began, sends, absents, pauses, waits, \
     body, receipt, updated_at) values ($1, $2, $3, $4, $3, $5, $6, $7, 0, 0, 1, 0, 0, 0, $8, $9, $10)";

/// How an order of the bench stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Complete,
    /// An item of it is not known: nothing was written for it.
    Unmapped,
    /// It has left, and its carrier has no name at the retailer's.
    Unconfirmed,
}

impl Orders {
    /// When it came: the first a year ago, the last now.
    fn at(&self, number: u64) -> Timestamp {
        let part = YEAR.as_micros() * u128::from(number) / u128::from(self.orders.max(1));
        self.now
            .minus(YEAR)
            .plus(Duration::from_micros(u64::try_from(part).unwrap_or(0)))
    }

    async fn order(&self, tx: &mut Tx<'_>, number: u64) -> Result<()> {
        let open = number >= self.orders.saturating_sub(self.open);
        // Four cards of five are an item that is not known, the fifth a carrier.
        let card = number % self.cards.max(1);
        let stands = match (open, card % 5) {
            (false, _) => Stands::Complete,
            (true, 4) => Stands::Unconfirmed,
            (true, _) => Stands::Unmapped,
        };
        let place = usize::try_from(card % self.routes.len() as u64)?;
        let (company, route) = self.routes.get(place).context("a merchant")?;
        let at = self.at(number);
        let journey = journey(company, route, number, stands, at)?;
        journeys::insert(tx, &journey, Some(&[0; ORDER_BYTES]), at).await?;
        for (kind, reference) in [
            ("channel", format!("BENCH{number}")),
            ("ledger", format!("SO{number:010}")),
            ("warehouse", format!("MS{number}")),
            ("parcel", format!("JD{number:014}")),
        ] {
            journeys::add_reference(tx, &journey, kind, &reference).await?;
        }
        let stand = if stands == Stands::Unmapped { "open" } else { "posted" };
        let stand = if stands == Stands::Unconfirmed { "open" } else { stand };
        let its = (company.as_str(), &journey.id);
        message(
            tx,
            its,
            (&route.channel, "order"),
            (&journey.source_key, stand),
            at,
            ORDER_BYTES,
        )
        .await?;
        if stands != Stands::Unmapped {
            let shipment = format!("S{number}");
            message(
                tx,
                its,
                (&route.warehouse, "shipment"),
                (&shipment, "posted"),
                at,
                SHIPMENT_BYTES,
            )
            .await?;
            self.effects(tx, &journey, stands, at).await?;
        }
        if stands != Stands::Complete {
            stop(tx, &journey, stands, card, at).await?;
        } else if number.is_multiple_of(RESOLVED_EVERY) {
            stop(tx, &journey, stands, self.cards + number, at).await?;
            exceptions::go_on(tx, journey.id.as_str(), "", GoesOn::Proven("it went on"), at).await?;
        }
        Ok(())
    }

    async fn effects(&self, tx: &mut Tx<'_>, journey: &Journey, stands: Stands, at: Timestamp) -> Result<()> {
        let route = &journey.route;
        let steps = [
            ("draft", "ledger.draft", &route.ledger),
            ("confirm", "ledger.confirm", &route.ledger),
            ("acknowledge", "channel.acknowledge", &route.channel),
            ("release", "warehouse.release", &route.warehouse),
            ("despatch", "ledger.despatch", &route.ledger),
            ("confirmation", "channel.confirm", &route.channel),
        ];
        for (place, (step, name, connection)) in steps.into_iter().enumerate() {
            let parked = step == "confirmation" && stands == Stands::Unconfirmed;
            let state = if parked { "parked" } else { "done" };
            tx.execute(
                EFFECT,
                params![
                    journey.step(step).as_str(),
                    journey.company.as_str(),
                    journey.id.as_str(),
                    connection.as_str(),
                    i64::try_from(place)?,
                    name,
                    state,
                    &[0_u8; EFFECT_BYTES][..],
                    (!parked).then_some("{}"),
                    at
                ],
            )
            .await?;
        }
        Ok(())
    }
}

async fn message(
    tx: &mut Tx<'_>,
    (company, journey): (&str, &JourneyId),
    (connection, kind): (&Connection, &str),
    (record, stand): (&str, &str),
    at: Timestamp,
    bytes: usize,
) -> Result<()> {
    let body = vec![0_u8; bytes];
    let hash = format!("{:0>64}", record);
    let connection = connection.as_str();
    tx.execute(
        MESSAGE,
        params![connection, record, hash, company, kind, journey.as_str(), at, body, stand],
    )
    .await?;
    let quarter = at.micros().div_euclid(900_000_000) * 900_000_000;
    tx.execute(COUNTED, params![connection, kind, quarter, stand]).await?;
    Ok(())
}

/// The card of an order that stands still.
async fn stop(tx: &mut Tx<'_>, journey: &Journey, stands: Stands, card: u64, at: Timestamp) -> Result<()> {
    let (code, cell, record) = match stands {
        Stands::Unconfirmed => (
            Code::CarrierUnmapped,
            Cell::new(Table::CarrierOut, journey.route.warehouse.as_str(), format!("Courier {card}")),
            journey.step("confirmation").to_string(),
        ),
        Stands::Unmapped | Stands::Complete => (
            Code::SkuUnknown,
            Cell::new(Table::Sku, journey.route.channel.as_str(), format!("ITEM-{card}")),
            String::new(),
        ),
    };
    let kept = Kept::without_sentence(code, Cause::Cell(cell));
    let its = (journey.id.as_str(), record.as_str());
    exceptions::join(tx, journey.company.as_str(), its, &kept, exceptions::SEEN_ALL, at).await?;
    Ok(())
}

fn journey(company: &Company, route: &Route, number: u64, stands: Stands, at: Timestamp) -> Result<Journey> {
    let source_key = format!("{}", 900_000_000 + number);
    let id = JourneyId::derive(company, &route.channel, &source_key);
    let (one, whole) = (Quantity::parse("2")?, stands == Stands::Complete);
    let left = if stands == Stands::Unmapped { Quantity::ZERO } else { one };
    let lines = [0, 1, 2].map(|line| -> Result<Line> {
        Ok(Line {
            line: LineRef(format!("{number}-{line}")),
            part_number: format!("PART-{}", (number + line) % 5_000),
            sku: Sku::parse(&format!("SKU-{}", (number + line) % 5_000))?,
            unit: Ratio::default(),
            ordered: one,
            shipped: left,
            despatched: left,
            confirmed: if whole { one } else { Quantity::ZERO },
        })
    });
    let lines = lines.into_iter().collect::<Result<Vec<Line>>>()?;
    let refs = lines.iter().map(|line| line.line.clone());
    let numbered = i64::try_from(number)?;
    let posted = stands != Stands::Unmapped;
    Ok(Journey {
        id,
        company: company.clone(),
        route: route.clone(),
        source_key,
        reference: format!("BENCH-{number}"),
        stage: match stands {
            Stands::Complete => Stage::Complete,
            Stands::Unmapped => Stage::Stopped,
            Stands::Unconfirmed => Stage::Open,
        },
        draft_id: posted.then_some(numbered),
        ledger_order: posted.then(|| LedgerOrderKey {
            id: numbered,
            number: format!("SO{number:010}"),
            lines: refs.clone().zip(numbered * 3..).collect(),
        }),
        release_id: posted.then_some(numbered),
        shipments: if posted {
            vec![ShipmentState {
                key: format!("S{number}"),
                lines: refs.map(|line| (line, one)).collect(),
                ..ShipmentState::default()
            }]
        } else {
            Vec::new()
        },
        net: Money::from_minor(1_000 + i64::try_from(number % 20_000)?),
        due_by: Some(at.plus(Duration::from_secs(86_400))),
        lines,
    })
}

const CARDS: &str = "select id from exception where closed_at is null order by id limit $1";
const SOME: &str = "select id, reference from journey where id > $1 order by id limit 1";

struct Pick(i64);

impl Unit for Pick {
    type Output = Targets;
    const NAME: &'static str = "bench_targets";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Targets, UnitError> {
        let cards = tx.query(CARDS, params![self.0]).await?;
        let mut orders = Vec::new();
        // Ids are hashes in base32: orders of the whole year, one after each of these.
        for first in 'A'..='Z' {
            for second in 'A'..='Z' {
                if let Some(row) = tx.query_opt(SOME, params![format!("{first}{second}")]).await? {
                    orders.push((row.get(0)?, row.get(1)?));
                }
            }
        }
        Ok(Targets {
            cards: cards.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
            orders,
        })
    }
}

/// What screens of one card or one order are asked for.
pub async fn targets(store: &Store) -> Result<Targets> {
    Ok(store.read(Pick(TARGETS)).await?)
}
