//! One order of the bench, as the program itself would have written it: a journey as `core` has it, three lines, four numbers, the messages of
//! the order and its shipment, six writes, two lines of the journal. What is sealed is sealed under the order's own key, and opens; of the
//! usual length, and says nothing.

use std::time::Duration;

use anyhow::Result;
use tallyman_core::cause::Cause;
use tallyman_core::document::LineRef;
use tallyman_core::effect::Receipt;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::journey::{Journey, LedgerOrderKey, Line, Route, ShipmentState, Stage};
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::money::Money;
use tallyman_core::quantity::{Quantity, Ratio};
use tallyman_core::sku::Sku;
use tallyman_core::time::Timestamp;
use tallyman_engine::vault::{About, Vault, place};
use tallyman_store::seal::SubjectKey;
use tallyman_store::tables::exceptions::{self, GoesOn};
use tallyman_store::tables::journeys;
use tallyman_store::{Tx, keys, params};

/// Of the orders that are over, one in so many stood still once, under a card of its own.
const RESOLVED_EVERY: u64 = 500;
const ORDER_BYTES: usize = 1_500;
const SHIPMENT_BYTES: usize = 900;
const EFFECT_BYTES: usize = 500;

const MESSAGE: &str = "insert into message (connection, record, hash, company, kind, journey, received_at, decided_at, body, made_at, stand, stale) \
     values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $7, $9, 0)";
const COUNTED: &str = "insert into tally_count (connection, kind, quarter, stand, records) values ($1, $2, $3, $4, 1) \
     on conflict (connection, kind, quarter, stand) do update set records = tally_count.records + 1";
const EFFECT: &str = "insert into effect (id, company, journey, connection, subject, place, name, state, due, began, sends, absents, pauses, waits, \
     body, receipt, updated_at, barred) values ($1, $2, $3, $4, $3, $5, $6, $7, 0, 0, 1, 0, 0, 0, $8, $9, $10, $11)";

/// How an order of the bench stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    Complete,
    /// An item of it is not known: nothing was written for it.
    Unmapped,
    /// It has left, and its carrier has no name at the retailer's.
    Unconfirmed,
}

pub struct Order<'a> {
    pub number: u64,
    pub stands: Stands,
    /// Under which card it stands if it does, of how many.
    pub card: u64,
    pub cards: u64,
    pub company: &'a Company,
    pub route: &'a Route,
    pub at: Timestamp,
}

impl Order<'_> {
    pub async fn write(&self, tx: &mut Tx<'_>, vault: &Vault) -> Result<()> {
        let (at, number, route) = (self.at, self.number, self.route);
        let journey = self.journey()?;
        let (company, id) = (journey.company.as_str(), journey.id.as_str());
        let (key, wrapped) = vault.draw(company, id);
        keys::create(tx, company, id, &wrapped, at).await?;
        let sealed = |table: &str, row: &str, bytes: usize| vault.seal(&key, place(table, row), filler(bytes).as_bytes());
        journeys::insert(tx, &journey, Some(sealed("journey", id, ORDER_BYTES).as_bytes()), (at, at)).await?;
        for (kind, reference) in [
            ("channel", format!("BENCH-{number}")),
            ("ledger", format!("SO{number:010}")),
            ("warehouse", format!("MS{number}")),
            ("parcel", format!("JD{number:014}")),
        ] {
            journeys::add_reference(tx, &journey, kind, &reference).await?;
        }
        let stand = if self.stands == Stands::Complete { "posted" } else { "open" };
        let record = journey.source_key.as_str();
        message(tx, &journey, (&route.channel, "order"), (record, stand), at, ORDER_BYTES).await?;
        if self.stands != Stands::Unmapped {
            let shipment = format!("S{number}");
            message(
                tx,
                &journey,
                (&route.warehouse, "shipment"),
                (&shipment, "posted"),
                at,
                SHIPMENT_BYTES,
            )
            .await?;
            self.effects(tx, &journey, |row| sealed("effect", row, EFFECT_BYTES).as_bytes().to_vec())
                .await?;
        }
        let about = About {
            company,
            subject: id,
            key: &key,
            at,
            actor: "tallyman",
        };
        let reference = &journey.reference;
        let came = format!("Order {reference} passed its checks with 3 lines.");
        vault.entry(&about, "decided", &came).write(tx).await?;
        let left = format!("Order {reference} is confirmed at the retailer and despatched in the ledger.");
        vault.entry(&about, "completed", &left).write(tx).await?;
        if self.stands != Stands::Complete {
            self.stop(tx, vault, &key, &journey, self.card).await?;
        } else if number.is_multiple_of(RESOLVED_EVERY) {
            self.stop(tx, vault, &key, &journey, self.cards + number).await?;
            exceptions::go_on(tx, id, "", GoesOn::Proven("it went on"), at).await?;
        }
        Ok(())
    }

    async fn effects(&self, tx: &mut Tx<'_>, journey: &Journey, sealed: impl Fn(&str) -> Vec<u8>) -> Result<()> {
        let route = &journey.route;
        let id = i64::try_from(self.number)?;
        let order = Receipt::Order {
            id,
            number: format!("SO{:010}", self.number),
            lines: Vec::new(),
        };
        let steps = [
            ("draft", "ledger.draft", &route.ledger, Receipt::Draft { id }),
            ("confirm", "ledger.confirm", &route.ledger, order),
            ("acknowledge", "channel.acknowledge", &route.channel, Receipt::Acknowledged),
            ("release", "warehouse.release", &route.warehouse, Receipt::Release { id }),
            ("despatch", "ledger.despatch", &route.ledger, Receipt::Despatch),
            ("confirmation", "channel.confirm", &route.channel, Receipt::Confirmed),
        ];
        for (place, (step, name, connection, receipt)) in steps.into_iter().enumerate() {
            let parked = step == "confirmation" && self.stands == Stands::Unconfirmed;
            let state = if parked { "parked" } else { "done" };
            let effect = journey.step(step);
            tx.execute(
                EFFECT,
                params![
                    effect.as_str(),
                    journey.company.as_str(),
                    journey.id.as_str(),
                    connection.as_str(),
                    i64::try_from(place)?,
                    name,
                    state,
                    sealed(effect.as_str()),
                    (!parked).then(|| serde_json::to_string(&receipt)).transpose()?,
                    self.at,
                    i64::from(parked)
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// Puts it under its card.
    async fn stop(&self, tx: &mut Tx<'_>, vault: &Vault, key: &SubjectKey, journey: &Journey, card: u64) -> Result<()> {
        let (code, cell, record) = match self.stands {
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
        let sentence = format!(
            "Order {} stands still: `{}` has no counterpart.",
            journey.reference, cell.theirs
        );
        let finding = Finding::new(code, Cause::Cell(cell), sentence);
        let kept = vault.kept(journey.company.as_str(), key, &finding);
        let its = (journey.id.as_str(), record.as_str());
        exceptions::join(tx, journey.company.as_str(), its, &kept, exceptions::SEEN_ALL, self.at).await?;
        Ok(())
    }

    fn journey(&self) -> Result<Journey> {
        let Self {
            number,
            stands,
            company,
            route,
            at,
            ..
        } = *self;
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
}

async fn message(
    tx: &mut Tx<'_>,
    journey: &Journey,
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
        params![
            connection,
            record,
            hash,
            journey.company.as_str(),
            kind,
            journey.id.as_str(),
            at,
            body,
            stand
        ],
    )
    .await?;
    let quarter = at.micros().div_euclid(900_000_000) * 900_000_000;
    tx.execute(COUNTED, params![connection, kind, quarter, stand]).await?;
    Ok(())
}

/// So many bytes that nobody looks into.
fn filler(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes))
}
