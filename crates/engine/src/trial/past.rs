//! A word is tried on what came before: which of the last records would be decided otherwise if it meant this, and in what.
//!
//! The last records of its connection are checked twice, with what is known and with the word put over it. What was written for them stays
//! as it is. What they came to in their time is not asked: both sides are today's.

use tallyman_core::access::Permit;
use tallyman_core::check::otherwise::{self, Otherwise};
use tallyman_core::ident::Connection;
use tallyman_core::journey::Journey;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::money::Money;
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::messages;
use tallyman_store::{Store, Tx, Unit, UnitError};

use super::{Fix, with};
use crate::heal::Desk;
use crate::intake::checked;
use crate::known::{Reference, References};
use crate::leave;
use crate::parts::Merchant;
use crate::vault::Vault;

/// Records that are looked at, the newest.
pub const LOOKED_AT_MAX: i64 = 500;
/// Of those that would be decided otherwise so many are shown.
pub const SHOWN_MAX: usize = 10;

/// What a word would change in what came before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Orders that were looked at; of one that is erased nothing is known.
    pub looked_at: u64,
    /// Those that would be decided otherwise, and what they are worth, net.
    pub differ: u64,
    pub net: Money,
    /// The first [`SHOWN_MAX`] of them, the newest first.
    pub examples: Vec<Example>,
}

/// An order that would be decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub journey: String,
    /// The order's own number.
    pub reference: String,
    pub net: Money,
    pub points: Vec<Otherwise>,
}

/// Tries a word on the last records of its connection, with leave to say what it means.
pub async fn of(
    (store, vault): (&Store, &Vault),
    (merchant, permit): (&Merchant, &Permit),
    (cell, ours): (&Cell, Option<&str>),
    now: Timestamp,
) -> Result<Past, UnitError> {
    let fix = Fix::Map {
        cell: cell.clone(),
        ours: ours.map(str::to_owned),
    };
    leave::is_for(permit, fix.right(), merchant.company.as_str())?;
    let reference = References::default().current(store, &merchant.company).await?;
    if reference.facts.is_none() {
        return Err(UnitError::Refused(
            "The ledger has not been read yet: start the worker once, and try again.".into(),
        ));
    }
    let (tried, _) = with(reference.clone(), &fix, now);
    let desk = Desk {
        store,
        vault,
        merchant,
        reference: &reference,
        tried: &[],
    };
    let (connection, kind) = asks(merchant, cell);
    let newest = Newest {
        connection: connection.clone(),
        kind,
    };
    let mut past = Past::default();
    for journey in store.read(newest).await? {
        let found = match kind {
            Kind::Order => of_order(&desk, &tried, &journey).await,
            Kind::Shipment => of_shipments(&desk, &tried, &journey).await,
        };
        let (journey, points) = match found {
            Ok(Some(found)) => found,
            // Erased, or it could not be read when it came.
            Ok(None) | Err(UnitError::Refused(_)) => continue,
            Err(error) => return Err(error),
        };
        past.take(journey, points)?;
    }
    Ok(past)
}

impl Past {
    /// For the person who tried it.
    pub fn sentence(&self) -> String {
        let looked_at = self.looked_at;
        if self.differ == 0 {
            return format!("Orders that came last and were looked at: {looked_at}. None would be decided otherwise.");
        }
        let mut sentence = format!(
            "Of the last {looked_at} orders {} would be decided otherwise, {} net. What was written for them stays as it is.",
            self.differ, self.net
        );
        for example in &self.examples {
            for Otherwise { what, before, after } in &example.points {
                sentence += &format!("\n  order {}, {what}: {before}; it would be: {after}", example.reference);
            }
        }
        sentence
    }

    fn take(&mut self, journey: Journey, points: Vec<Otherwise>) -> Result<(), UnitError> {
        self.looked_at += 1;
        if points.is_empty() {
            return Ok(());
        }
        self.differ += 1;
        let net = self.net.checked_add(journey.net);
        self.net = net.map_err(|error| UnitError::Refused(error.to_string()))?;
        if self.examples.len() < SHOWN_MAX {
            self.examples.push(Example {
                journey: journey.id.to_string(),
                reference: journey.reference,
                net: journey.net,
                points,
            });
        }
        Ok(())
    }
}

/// Whose records name such a word: what leaves is told in the warehouse's words, what is ordered in the channel's.
fn asks<'a>(merchant: &'a Merchant, cell: &Cell) -> (&'a Connection, Kind) {
    let warehouse = merchant.warehouse.connection();
    let of_shipments = match cell.table {
        Table::CarrierIn | Table::CarrierLedger => true,
        Table::Sku => cell.scope == warehouse.as_str(),
        Table::Unit | Table::Warehouse | Table::CarrierOut | Table::Customer | Table::Tax => false,
    };
    if of_shipments {
        (warehouse, Kind::Shipment)
    } else {
        (merchant.channel.connection(), Kind::Order)
    }
}

type Found = Result<Option<(Journey, Vec<Otherwise>)>, UnitError>;

async fn of_order(desk: &Desk<'_>, tried: &Reference, journey: &str) -> Found {
    let Some((journey, order)) = desk.order_of(journey).await? else {
        return Ok(None);
    };
    // It is declined whatever its words mean.
    if order.test {
        return Ok(Some((journey, Vec::new())));
    }
    let points = checked(desk.merchant, desk.reference, |before| {
        checked(desk.merchant, tried, |after| otherwise::order(&order, before, after))
    });
    Ok(Some((journey, points)))
}

async fn of_shipments(desk: &Desk<'_>, tried: &Reference, journey: &str) -> Found {
    let Some((journey, shipments)) = desk.shipments_of(journey).await? else {
        return Ok(None);
    };
    let points = checked(desk.merchant, desk.reference, |before| {
        checked(desk.merchant, tried, |after| {
            let each = shipments.iter().map(|shipment| otherwise::shipment(shipment, before, after));
            each.flatten().collect()
        })
    });
    Ok(Some((journey, points)))
}

struct Newest {
    connection: Connection,
    kind: Kind,
}

impl Unit for Newest {
    type Output = Vec<String>;
    const NAME: &'static str = "newest_records";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, UnitError> {
        messages::newest(tx, &self.connection, self.kind.name(), LOOKED_AT_MAX).await
    }
}
