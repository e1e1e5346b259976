//! A capsule: one card with all that it takes to decide its records again elsewhere, and no person in it.
//!
//! It holds the documents as they were decided, their addresses and parcel numbers replaced by stand-ins of the same shape
//! ([`crate::redact`]), and of mappings and facts those that the documents touch. Deciding is pure, so whoever has the file and the same
//! program finds the same: [`Capsule::replay`].
//!
//! Not here: what a vendor refused or did not answer. That was not decided here, so it cannot be decided again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::check::{self, Known};
use crate::document::{Order, Shipment};
use crate::effect::Confirmation;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::fingerprint::Fingerprint;
use crate::journey::{Decision, Journey, Route, decide};
use crate::mapping::{Cell, Mappings, Row};
use crate::time::{Timestamp, Zone};

/// The number of the format. It moves on when an older program could not read what is written.
pub const FORMAT: u32 = 1;
/// The largest file that is read.
pub const BYTES_MAX: usize = 50_000_000;
/// Records of a card that are put in; the rest is counted.
pub const RECORDS_MAX: usize = 50;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capsule {
    /// [`FORMAT`].
    pub format: u32,
    /// Of the program that wrote it.
    pub version: String,
    pub made_at: Timestamp,
    pub card: Card,
    /// What the company has configured that decides.
    pub company: Terms,
    /// With which numbers mappings and facts were read.
    pub numbers: (i64, i64),
    pub mappings: Vec<Row>,
    pub facts: Facts,
    pub records: Vec<Record>,
    /// Records of the card that are not in here.
    pub left_out: u64,
}

/// The card, without whatever people wrote on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    pub id: String,
    pub code: String,
    pub cause: Cause,
    pub opened_at: Timestamp,
    pub orders: u64,
}

/// What decides, beside mappings and facts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub name: String,
    pub zone: String,
    pub route: Route,
    pub suppliers: BTreeSet<String>,
    pub confirm_parts: bool,
}

/// What stands still, and what was found of it when the capsule was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The order's own number.
    pub reference: String,
    pub document: Document,
    pub found: Vec<Found>,
}

/// What a record is decided from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// An order that was stopped as a whole, with what people have amended.
    Order(Box<Order>),
    /// A shipment that holds what is not known to be on its order.
    Shipment { journey: Box<Journey>, shipment: Box<Shipment> },
    /// A confirmation that a guardrail stopped.
    Confirmation {
        journey: Box<Journey>,
        effect: Fingerprint,
        confirmation: Box<Confirmation>,
        shipment: Box<Shipment>,
        by_person: bool,
    },
}

/// A finding without its sentence, which may name somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    pub code: String,
    /// The cause's key: the same for every spelling of the same thing.
    pub cause: String,
}

impl Found {
    pub fn all(findings: &[Finding]) -> Vec<Self> {
        let one = |finding: &Finding| Self {
            code: finding.code.name().to_owned(),
            cause: finding.cause.key(),
        };
        let mut all: Vec<Self> = findings.iter().map(one).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// Why a capsule is not replayed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the file has {0} bytes; {BYTES_MAX} are the most")]
    TooLarge(usize),
    #[error("the file is no capsule: {0}")]
    NoCapsule(String),
    #[error("the capsule has format {0}, and this program reads {FORMAT}; use the program that wrote it, or a newer one")]
    Format(u32),
    #[error("the capsule names the zone {0}, which is not known")]
    Zone(String),
}

/// One record, decided again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    pub reference: String,
    pub was: Vec<Found>,
    pub is: Vec<Found>,
    /// What is found now, as a person reads it. It names stand-ins only.
    pub sentences: Vec<String>,
}

impl Replayed {
    pub fn is_the_same(&self) -> bool {
        self.was == self.is
    }
}

impl Capsule {
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        if bytes.len() > BYTES_MAX {
            return Err(Unreadable::TooLarge(bytes.len()));
        }
        let no_capsule = |error: serde_json::Error| Unreadable::NoCapsule(error.to_string());
        let Format { format } = serde_json::from_slice(bytes).map_err(no_capsule)?;
        if format != FORMAT {
            return Err(Unreadable::Format(format));
        }
        serde_json::from_slice(bytes).map_err(no_capsule)
    }

    /// The same with a word that means something else, for trying a fix.
    #[must_use]
    pub fn with(mut self, cell: Cell, ours: Option<String>) -> Self {
        let seq = self.mappings.iter().map(|row| row.seq).max().unwrap_or(0) + 1;
        self.mappings.push(Row {
            cell,
            ours,
            seq,
            at: self.made_at,
            actor: "a trial".into(),
            reason: String::new(),
        });
        self
    }

    /// Decides every record again, with what is in the capsule and nothing else.
    pub fn replay(&self) -> Result<Vec<Replayed>, Unreadable> {
        let zone = Zone::named(&self.company.zone).map_err(|_| Unreadable::Zone(self.company.zone.clone()))?;
        let mappings = Mappings::from_rows(self.mappings.clone());
        let known = Known {
            mappings: &mappings,
            facts: &self.facts,
            route: &self.company.route,
            zone: &zone,
            suppliers: &self.company.suppliers,
        };
        let replayed = self.records.iter().map(|record| {
            let findings = decided(&record.document, &known, self.company.confirm_parts);
            Replayed {
                reference: record.reference.clone(),
                was: record.found.clone(),
                is: Found::all(&findings),
                sentences: findings.into_iter().map(|finding| finding.sentence).collect(),
            }
        });
        Ok(replayed.collect())
    }
}

/// What is found of a document.
pub fn decided(document: &Document, known: &Known<'_>, confirm_parts: bool) -> Vec<Finding> {
    let of = |decision: Decision| decision.findings;
    match document {
        Document::Order(order) if order.test => of(decide::on_declined(order, "it is marked as a test", known.route)),
        Document::Order(order) => match check::order(order, known) {
            Ok(checked) => of(decide::on_order(order, &checked, known.route)),
            Err(findings) => of(decide::on_stopped(order, findings, known.route)),
        },
        Document::Shipment { journey, shipment } => {
            let checked = check::shipment(shipment, known);
            let again = decide::on_shipment_again(journey, shipment, &checked, confirm_parts);
            again.map(of).unwrap_or_default()
        }
        Document::Confirmation {
            journey,
            effect,
            confirmation,
            shipment,
            by_person,
        } => {
            let checked = check::shipment(shipment, known);
            let stopped = (effect, (**confirmation).clone());
            of(decide::on_confirmation_again(
                journey, stopped, shipment, &checked, *by_person,
            ))
        }
    }
}

/// The words in a document that may be looked up, whatever table they are looked up in.
pub fn words(document: &Document) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let of_shipment = |words: &mut BTreeSet<String>, shipment: &Shipment| {
        words.insert(shipment.carrier.clone());
        words.extend(shipment.lines.iter().map(|line| line.sku.clone()));
    };
    match document {
        Document::Order(order) => {
            words.insert(order.retailer.clone());
            words.extend(order.service.clone());
            for line in &order.lines {
                words.extend([line.sku.clone(), line.part_number.clone()]);
                words.extend(line.first_came_with.clone());
            }
        }
        Document::Shipment { journey, shipment } | Document::Confirmation { journey, shipment, .. } => {
            of_shipment(&mut words, shipment);
            words.extend(
                journey
                    .lines
                    .iter()
                    .flat_map(|line| [line.part_number.clone(), line.sku.as_str().to_owned()]),
            );
        }
    }
    words
        .into_iter()
        .map(|word| word.trim().to_uppercase())
        .filter(|word| !word.is_empty())
        .collect()
}
