//! Makes a capsule of a card: its records as they would be decided now, persons replaced by stand-ins, with the mappings and facts that
//! they touch ([`tallyman_core::capsule`]). Nothing is written.

use std::collections::BTreeSet;

use tallyman_core::capsule::{self, Capsule, Card, Document, FORMAT, Found, RECORDS_MAX, Record, Terms};
use tallyman_core::card::Life;
use tallyman_core::document::Shipment;
use tallyman_core::facts::Facts;
use tallyman_core::mapping::{Mappings, Row, Table};
use tallyman_core::redact::{Instead, Redactor};
use tallyman_core::sku::Sku;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::exceptions::{self, Member};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::heal::Desk;
use crate::intake::checked;
use crate::known::{Reference, References};
use crate::parts::Merchant;
use crate::vault::Vault;

/// Rows of one table that are put in although nothing says that they are touched: few tables have more, but items.
const ROWS_MAX: usize = 500;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("There is no card {0}. `tallyman exceptions` lists them.")]
    NoCard(String),
    #[error("Card {0} is resolved: nothing stands under it.")]
    Resolved(String),
    #[error("Card {0} holds nothing that was decided here, so nothing can be decided again: {1}.")]
    NothingDecided(String, &'static str),
    #[error("The ledger has not been read yet: start the worker once, and try again.")]
    NoFacts,
    #[error(transparent)]
    Store(#[from] UnitError),
}

/// A capsule of this card. Stand-ins are drawn anew each time, so that two capsules cannot be laid beside each other.
pub async fn make(
    (store, vault): (&Store, &Vault),
    merchant: &Merchant,
    card: &str,
    (version, now): (&str, Timestamp),
) -> Result<Capsule, Refused> {
    let load = Load { card: card.to_owned() };
    let (stored, members) = store.read(load).await?.ok_or_else(|| Refused::NoCard(card.to_owned()))?;
    if stored.company != merchant.company.as_str() {
        return Err(Refused::NoCard(card.to_owned()));
    }
    if stored.card.life == Life::Resolved {
        return Err(Refused::Resolved(card.to_owned()));
    }
    let reference = References::default().current(store, &merchant.company).await?;
    if reference.facts.is_none() {
        return Err(Refused::NoFacts);
    }
    let desk = Desk {
        store,
        vault,
        merchant,
        reference: &reference,
        tried: &[],
    };
    let stand_ins = Redactor::new(Instead::StandIn { salt: vault.random() });
    let mut records = Vec::new();
    let mut words = BTreeSet::new();
    for member in &members {
        for document in desk
            .documents(Some(stored.card.code), &member.journey, &member.effect)
            .await?
        {
            let findings = checked(merchant, &reference, |known| {
                capsule::decided(&document, known, merchant.confirm_parts)
            });
            words.extend(capsule::words(&document));
            records.push(Record {
                reference: member.reference.clone(),
                document: without_persons(document, &stand_ins),
                found: Found::all(&findings),
            });
        }
    }
    if records.is_empty() {
        return Err(Refused::NothingDecided(card.to_owned(), stored.card.code.entry().what));
    }
    let mappings = touched(&reference.mappings, &scopes(merchant), &words);
    words.extend(
        mappings
            .iter()
            .filter_map(|row| row.ours.as_ref())
            .map(|ours| ours.trim().to_uppercase()),
    );
    let total = stored.card.weight.stopped.max(members.len() as u64);
    Ok(Capsule {
        format: FORMAT,
        version: version.to_owned(),
        made_at: now,
        card: about(&stored),
        company: Terms {
            name: merchant.company.to_string(),
            zone: merchant.zone.name().to_owned(),
            route: merchant.route(),
            suppliers: merchant.suppliers.clone(),
            confirm_parts: merchant.confirm_parts,
        },
        numbers: reference.numbers,
        facts: concerned(&reference, &mappings, &words),
        mappings,
        left_out: total.saturating_sub(members.len() as u64),
        records,
    })
}

fn about(stored: &Stored) -> Card {
    Card {
        id: stored.id.clone(),
        code: stored.card.code.name().to_owned(),
        cause: stored.card.cause.clone(),
        opened_at: stored.card.opened_at,
        orders: stored.card.weight.orders,
    }
}

/// The same document, and nobody in it.
fn without_persons(document: Document, stand_ins: &Redactor) -> Document {
    let shipment = |mut shipment: Box<Shipment>| {
        shipment.tracking = shipment.tracking.map(|number| stand_ins.instead_of(&number));
        shipment.tracking_url = shipment.tracking_url.map(|address| stand_ins.instead_of(&address));
        shipment
    };
    match document {
        Document::Order(mut order) => {
            order.address = stand_ins.address(&order.address);
            Document::Order(order)
        }
        Document::Shipment { journey, shipment: its } => Document::Shipment {
            journey,
            shipment: shipment(its),
        },
        Document::Confirmation {
            journey,
            effect,
            mut confirmation,
            shipment: its,
            by_person,
        } => {
            confirmation.tracking = stand_ins.instead_of(&confirmation.tracking);
            confirmation.tracking_url = confirmation.tracking_url.map(|address| stand_ins.instead_of(&address));
            Document::Confirmation {
                journey,
                effect,
                confirmation,
                shipment: shipment(its),
                by_person,
            }
        }
    }
}

/// Whose words there are: each connection's, and the company's own.
fn scopes(merchant: &Merchant) -> Vec<String> {
    let connections = merchant.connectors().map(|connector| connector.connection().to_string());
    connections.into_iter().chain([String::new()]).collect()
}

/// The rows that the words name; of small tables all, since what is looked up there may not stand in a document as it is written. Who said
/// so and why stays here.
fn touched(mappings: &Mappings, scopes: &[String], words: &BTreeSet<String>) -> Vec<Row> {
    let mut found = Vec::new();
    for table in Table::ALL {
        for scope in scopes {
            let rows: Vec<&Row> = mappings.current(table, scope).collect();
            let all = rows.len() <= ROWS_MAX;
            let wanted = rows.into_iter().filter(|row| all || words.contains(&row.cell.normal()));
            found.extend(wanted.map(|row| Row {
                actor: String::new(),
                reason: String::new(),
                ..row.clone()
            }));
        }
    }
    found
}

/// What of the ledger's facts the words and the rows name.
fn concerned(reference: &Reference, rows: &[Row], words: &BTreeSet<String>) -> Facts {
    let all = reference.facts.as_deref().cloned().unwrap_or_default();
    let mut keys: BTreeSet<String> = BTreeSet::new();
    for word in words {
        if let Ok(sku) = Sku::parse(word) {
            keys.insert(sku.key_under(all.collation).as_str().to_owned());
        }
        keys.extend(all.by_barcode(word).iter().cloned());
    }
    let accounts = rows.iter().filter(|row| row.cell.table == Table::Customer);
    let accounts: BTreeSet<&str> = accounts.filter_map(|row| row.ours.as_deref()).collect();
    let is_account = |account: &str| accounts.iter().any(|ours| ours.eq_ignore_ascii_case(account));
    let mut facts = all;
    facts.items.retain(|key, _| keys.contains(key));
    facts.alike.retain(|key, _| keys.contains(key));
    facts.barcodes.retain(|_, items| items.iter().any(|key| keys.contains(key)));
    facts.customers.retain(|account, _| is_account(account));
    facts.on_hold.retain(|account| is_account(account));
    facts
}

struct Load {
    card: String,
}

impl Unit for Load {
    type Output = Option<(Stored, Vec<Member>)>;
    const NAME: &'static str = "card_for_a_capsule";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some(stored) = cards::load(tx, &self.card).await? else {
            return Ok(None);
        };
        let most = i64::try_from(RECORDS_MAX).unwrap_or(i64::MAX);
        let members = exceptions::members_by_name(tx, &self.card, ("", ""), most).await?;
        Ok(Some((stored, members)))
    }
}
