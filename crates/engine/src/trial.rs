//! A fix is tried on all records of a card before it is made: what would go on, and what would still stand and why. Nothing is written.
//!
//! A word is tried on the cards that wait for it, and on what came before ([`past`]).

pub mod past;

use tallyman_core::access::{Permit, Right};
use tallyman_core::amendment::Amendment;
use tallyman_core::capsule::Document;
use tallyman_core::card::Life;
use tallyman_core::document::OrderLine;
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::money::Money;
use tallyman_core::quantity::Quantity;
use tallyman_core::sku::Sku;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::exceptions::{self, Member};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::heal::Desk;
use crate::known::{Reference, References};
use crate::leave;
use crate::parts::Merchant;
use crate::sorting;
use crate::vault::Vault;

/// Records looked at between two words about how far it is.
const AT_ONCE: i64 = 200;
/// Of those that would still stand so many are named; the rest is counted.
const NAMED_MAX: usize = 50;
/// Cards that a word is tried on.
pub const CARDS_MAX: usize = 5;
/// Records of which is shown what their orders say under the word.
const SHOWN_OF: u64 = 3;

/// What might put a card right.
#[derive(Debug, Clone)]
pub enum Fix {
    /// A word of theirs means this, or nothing any more.
    Map { cell: Cell, ours: Option<String> },
    /// The same field of every record.
    Amend(Amendment),
    /// A field of one order, by its journey: of every other its own text stands.
    AmendOne { journey: String, amendment: Amendment },
    /// Everything as it is now: what has changed since the card was last looked at.
    Nothing,
}

impl Fix {
    /// What it takes to make it, and so to try it.
    pub const fn right(&self) -> Right {
        match self {
            Self::Map { cell, .. } => Right::to_map(cell.table),
            Self::Amend(_) | Self::AmendOne { .. } => Right::Act,
            Self::Nothing => Right::Read,
        }
    }

    /// The one order that it is tried on, if it is not all of the card's.
    fn only(&self) -> Option<&str> {
        match self {
            Self::AmendOne { journey, .. } => Some(journey),
            Self::Map { .. } | Self::Amend(_) | Self::Nothing => None,
        }
    }
}

/// What a fix would come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tried {
    /// Records that stand still under the card, or of the one order that it was tried on.
    pub of: u64,
    /// Those that would go on.
    pub heals: u64,
    /// Some of the others.
    pub others: Vec<Other>,
    /// The first that would go on, by its order's own number.
    pub example: Option<String>,
    /// What the word would mean: that nothing stops an order does not make it the right item.
    pub item: Option<Named>,
    /// What the first orders say under the word.
    pub sold: Vec<Sold>,
}

/// An item as the ledger calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub sku: String,
    pub name: String,
}

/// A line of an order under the word that a card waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// The order's own number.
    pub reference: String,
    /// The retailer's own number of the item.
    pub part_number: String,
    pub quantity: Quantity,
    /// Net.
    pub unit_price: Money,
}

/// A record that would still stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// The order's own number.
    pub reference: String,
    /// Why.
    pub sentence: String,
}

impl Tried {
    /// For the person who tried it.
    pub fn sentence(&self) -> String {
        let left = self.of - self.heals;
        let item = self.item.as_ref();
        let mut sentence = item.map_or_else(String::new, |item| format!("{} is {} in the ledger. ", item.sku, item.name));
        sentence += &match left {
            0 => format!("It heals all {}.", self.of),
            1 => format!("It heals {} of {}; the other:", self.heals, self.of),
            left => format!("It heals {} of {}; the other {left}:", self.heals, self.of),
        };
        for other in &self.others {
            sentence += &format!("\n  order {}: {}", other.reference, other.sentence);
        }
        if left > self.others.len() as u64 {
            sentence += &format!("\n  and {} more", left - self.others.len() as u64);
        }
        sentence
    }
}

/// Tries a fix on all that stands under a card, with leave to make it. `progress` is told how many records were looked at.
pub async fn try_fix(
    (store, vault): (&Store, &Vault),
    (merchant, permit): (&Merchant, &Permit),
    (card, fix): (&str, &Fix),
    now: Timestamp,
    mut progress: impl FnMut(u64),
) -> Result<Tried, UnitError> {
    leave::is_for(permit, fix.right(), merchant.company.as_str())?;
    let unit = Load { card: card.to_owned() };
    let stored = store.read(unit).await?;
    if stored.company != merchant.company.as_str() {
        return Err(UnitError::Refused(format!("Card {card} belongs to {}.", stored.company)));
    }
    let reference = References::default().current(store, &merchant.company).await?;
    if reference.facts.is_none() {
        return Err(UnitError::Refused(
            "The ledger has not been read yet: start the worker once, and try again.".into(),
        ));
    }
    let (reference, tried) = with(reference, fix, now);
    let desk = Desk {
        store,
        vault,
        merchant,
        reference: &reference,
        tried: &tried,
    };
    let mut outcome = Tried {
        item: item(&reference, fix),
        ..Tried::default()
    };
    let mut after = (String::new(), String::new());
    loop {
        let page = Page {
            card: card.to_owned(),
            only: fix.only().map(str::to_owned),
            after,
        };
        let page = store.read(page).await?;
        let Some(last) = page.last() else { return Ok(outcome) };
        after = (last.journey.clone(), last.effect.clone());
        for member in &page {
            outcome.of += 1;
            if outcome.of <= SHOWN_OF {
                outcome.sold.extend(sold(&desk, &stored, (member, fix)).await?);
            }
            match verdict(&desk, &stored, member).await? {
                None => {
                    outcome.heals += 1;
                    outcome.example.get_or_insert_with(|| member.reference.clone());
                }
                Some(sentence) if outcome.others.len() < NAMED_MAX => outcome.others.push(Other {
                    reference: member.reference.clone(),
                    sentence,
                }),
                Some(_) => {}
            }
        }
        progress(outcome.of);
        if fix.only().is_some() {
            return Ok(outcome);
        }
    }
}

/// Tries a word on the first cards that wait for it: what it would heal, card by card.
pub async fn on_cards(
    of: (&Store, &Vault),
    (merchant, permit): (&Merchant, &Permit),
    (cell, ours): (&Cell, Option<&str>),
    most: usize,
    now: Timestamp,
) -> Result<Vec<(String, Tried)>, UnitError> {
    let fix = Fix::Map {
        cell: cell.clone(),
        ours: ours.map(str::to_owned),
    };
    let mut tried = Vec::new();
    for card in sorting::blaming(of.0, merchant.company.as_str(), cell).await? {
        if tried.len() == most {
            break;
        }
        match try_fix(of, (merchant, permit), (&card, &fix), now, |_| ()).await {
            Ok(outcome) => tried.push((card, outcome)),
            // What stood under it has gone on meanwhile, or the ledger was not read yet.
            Err(UnitError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(tried)
}

/// What is known, with the fix put over it.
fn with(reference: Reference, fix: &Fix, now: Timestamp) -> (Reference, Vec<Amendment>) {
    match fix {
        Fix::Nothing => (reference, Vec::new()),
        Fix::Amend(amendment) | Fix::AmendOne { amendment, .. } => (reference, vec![amendment.clone()]),
        Fix::Map { cell, ours } => {
            let row = Row {
                cell: cell.clone(),
                ours: ours.clone(),
                seq: reference.mappings.latest_seq() + 1,
                at: now,
                actor: "a trial".into(),
                reason: String::new(),
            };
            let mappings = std::sync::Arc::new(reference.mappings.with(row));
            (Reference { mappings, ..reference }, Vec::new())
        }
    }
}

/// The item that a word would mean.
fn item(reference: &Reference, fix: &Fix) -> Option<Named> {
    let (Fix::Map { cell, ours: Some(ours) }, Some(facts)) = (fix, &reference.facts) else {
        return None;
    };
    let sku = Sku::parse(ours).ok().filter(|_| cell.table == Table::Sku)?;
    let item = facts.item(&sku)?;
    Some(Named {
        sku: item.sku.to_string(),
        name: item.name.clone(),
    })
}

/// What an order says under the word of theirs.
async fn sold(desk: &Desk<'_>, card: &Stored, (member, fix): (&Member, &Fix)) -> Result<Vec<Sold>, UnitError> {
    let Fix::Map { cell, .. } = fix else {
        return Ok(Vec::new());
    };
    let documents = match desk.documents(Some(card.card.code), &member.journey, &member.effect).await {
        Ok(documents) => documents,
        // Then it would still stand, and that says why.
        Err(UnitError::Refused(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let is_word = |said: &str| Cell::new(cell.table, cell.scope.as_str(), said).normal() == cell.normal();
    let lines = documents.iter().flat_map(|document| match document {
        Document::Order(order) => order.lines.as_slice(),
        Document::Shipment { .. } | Document::Confirmation { .. } => &[],
    });
    let under = lines.filter(|line| cell.table == Table::Sku && (is_word(&line.sku) || is_word(&line.part_number)));
    let sold = |line: &OrderLine| Sold {
        reference: member.reference.clone(),
        part_number: line.part_number.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
    };
    Ok(under.map(sold).collect())
}

/// Why a record would still stand; `None` if it would go on.
async fn verdict(desk: &Desk<'_>, card: &Stored, member: &Member) -> Result<Option<String>, UnitError> {
    let judged = match desk.judge(Some(card.card.code), &member.journey, &member.effect).await {
        Ok(judged) => judged,
        Err(UnitError::Refused(why)) => return Ok(Some(why)),
        Err(error) => return Err(error),
    };
    let found: Vec<&str> = judged
        .iter()
        .flat_map(|judged| &judged.decision.findings)
        .map(|finding| finding.sentence.as_str())
        .collect();
    Ok(if !found.is_empty() {
        Some(found.join(" "))
    } else if judged.iter().any(|judged| judged.changes) {
        None
    } else {
        Some("This does not change what stops it.".into())
    })
}

struct Load {
    card: String,
}

impl Unit for Load {
    type Output = Stored;
    const NAME: &'static str = "card_to_try";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Stored, UnitError> {
        let unknown = || UnitError::Refused(format!("There is no card {}. `tallyman exceptions` lists them.", self.card));
        let stored = cards::load(tx, &self.card).await?.ok_or_else(unknown)?;
        match stored.card.life {
            Life::Resolved => Err(UnitError::Refused(format!(
                "Card {} is resolved: nothing stands under it.",
                self.card
            ))),
            _ => Ok(stored),
        }
    }
}

struct Page {
    card: String,
    only: Option<String>,
    after: (String, String),
}

impl Unit for Page {
    type Output = Vec<Member>;
    const NAME: &'static str = "records_to_try";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        if let Some(journey) = &self.only {
            return exceptions::members_of(tx, &self.card, journey, AT_ONCE).await;
        }
        let after = (self.after.0.as_str(), self.after.1.as_str());
        exceptions::members_by_name(tx, &self.card, after, AT_ONCE).await
    }
}
