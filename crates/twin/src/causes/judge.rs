//! The auditor of the cards: what was planted, against what a reader of the API is shown.
//!
//! A cause is told well if exactly one card holds its records and no other record, its team is the one that can put it right, no other cause
//! shares that card, and people were told once that it opened. A card that nothing planted explains is wrong as well.
//!
//! How long telling took is counted on the run's clock: from the instant at which the first of a card's records arrived (or, where it was
//! an answer that was bad, was answered) to the arrival of the alert at its receiver.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::act::long_number;
use super::receiver::Receiver;
use super::{ALL, Cause, Does, Of, Word, company};
use crate::books::Books;
use crate::clock::Instant;

/// What became of one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planted {
    pub cause: &'static str,
    pub code: String,
    pub company: u32,
    /// How many cards of its code hold its records.
    pub cards: usize,
    /// How many records they hold.
    pub records: usize,
    /// How often people were told that they opened.
    pub told: usize,
    /// How long it took until they were, the longest of its cards.
    pub alert_ms: Option<i64>,
    /// What is not as it should be, in sentences.
    pub wrong: Vec<String>,
}

/// The whole judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    pub planted: Vec<Planted>,
    pub planted_wrong: usize,
    /// The longest but one in a hundred.
    pub alert_ms_p99: Option<i64>,
}

const NOTHING: &str = "nothing that was planted";

/// Judges cards as the API shows them, each with its `members`.
pub fn judge(books: &Books, receiver: &Receiver, cards: &[Value]) -> Judgement {
    let shown: Vec<Shown<'_>> = cards.iter().map(Shown::of).collect();
    let mut claimed: BTreeMap<&str, &'static str> = BTreeMap::new();
    let mut planted = Vec::new();
    let mut waits = Vec::new();
    for cause in ALL {
        let expected = Expected::of(cause, books);
        let mut wrong = Vec::new();
        let found: Vec<&Shown<'_>> = shown.iter().filter(|card| expected.is_told_by(card)).collect();
        if !expected.done {
            wrong.push(format!("{}: it was not brought about.", cause.name));
        }
        if found.len() != 1 {
            let records = &expected.records;
            let of_code: Vec<_> = shown
                .iter()
                .filter(|card| card.company == Some(expected.company) && card.code == cause.code)
                .map(|card| (&card.cause, &card.records))
                .collect();
            wrong.push(format!(
                "{}: {} cards of {} were found and one was expected, with {records:?}; of this code stand {of_code:?}.",
                cause.name,
                found.len(),
                cause.code
            ));
        }
        let (mut told, mut alert_ms) = (0, None);
        for card in &found {
            if let Some(other) = claimed.insert(card.id, cause.name) {
                wrong.push(format!("{}: card {} tells of {other}, too.", cause.name, card.id));
            }
            wrong.extend(expected.differs(card));
            let opened: Vec<Instant> = receiver.opened(card.id).collect();
            told += opened.len();
            if opened.len() != 1 {
                wrong.push(format!(
                    "{}: people were told {} times that card {} opened, and once was expected.",
                    cause.name,
                    opened.len(),
                    card.id
                ));
            }
            let wait = opened.first().zip(card.since).map(|(at, since)| (at - since).max(0) / 1_000);
            alert_ms = alert_ms.max(wait);
        }
        waits.extend(alert_ms);
        planted.push(Planted {
            cause: cause.name,
            code: cause.code.to_owned(),
            company: expected.company,
            cards: found.len(),
            records: found.iter().map(|card| card.members).sum(),
            told,
            alert_ms,
            wrong,
        });
    }
    for card in shown.iter().filter(|card| !claimed.contains_key(card.id)) {
        let sentence = format!(
            "{NOTHING}: card {} of {} ({}, company {:?}) holds {} records, such as {:?}.",
            card.id,
            card.code,
            card.cause,
            card.company,
            card.members,
            card.records.first(),
        );
        planted.push(Planted {
            cause: NOTHING,
            code: card.code.to_owned(),
            company: card.company.unwrap_or_default(),
            cards: 1,
            records: card.members,
            told: receiver.opened(card.id).count(),
            alert_ms: None,
            wrong: vec![sentence],
        });
    }
    if receiver.refused > 0 {
        planted.push(Planted {
            cause: "a signature that does not verify",
            code: String::new(),
            company: 0,
            cards: 0,
            records: 0,
            told: 0,
            alert_ms: None,
            wrong: vec![format!("{} webhooks were not believed.", receiver.refused)],
        });
    }
    waits.sort_unstable();
    Judgement {
        planted_wrong: planted.iter().filter(|planted| !planted.wrong.is_empty()).count(),
        alert_ms_p99: waits.get((waits.len() * 99).div_ceil(100).saturating_sub(1)).copied(),
        planted,
    }
}

impl Receiver {
    /// When people were told that a card opened.
    fn opened<'r>(&'r self, card: &'r str) -> impl Iterator<Item = Instant> + 'r {
        let opened = self.told.values().filter(|told| told.kind == "exception.opened");
        opened
            .filter(move |told| told.card.as_deref() == Some(card))
            .map(|told| told.at)
    }
}

/// A card as it is shown.
struct Shown<'c> {
    id: &'c str,
    /// The number at the end of the company's name.
    company: Option<u32>,
    code: &'c str,
    owner: &'c str,
    cause: &'c str,
    /// What its cause goes by.
    names: Vec<&'c str>,
    /// The order references of its records.
    records: BTreeSet<&'c str>,
    members: usize,
    since: Option<Instant>,
}

impl<'c> Shown<'c> {
    fn of(card: &'c Value) -> Self {
        let text = |value: &'c Value| value.as_str().unwrap_or_default();
        let members = card["members"].as_array().map_or(&[][..], Vec::as_slice);
        let cause = &card["cause"];
        let instants = members.iter().map(|member| &member["since"]).chain([&card["opened_at"]]);
        Self {
            id: text(&card["id"]),
            company: text(&card["company"])
                .rsplit('-')
                .next()
                .and_then(|number| number.parse().ok()),
            code: text(&card["code"]),
            owner: text(&card["team"]),
            cause: text(&cause["said"]),
            names: [&cause["name"], &cause["connection"], &cause["field"]]
                .into_iter()
                .filter_map(Value::as_str)
                .collect(),
            records: members
                .iter()
                .filter_map(|member| member["reference"].as_str())
                .filter(|text| !text.is_empty())
                .collect(),
            members: members.len(),
            since: instants.filter_map(|at| instant(text(at))).min(),
        }
    }
}

fn instant(text: &str) -> Option<Instant> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.as_microsecond())
}

/// What a cause should come to.
struct Expected {
    cause: &'static Cause,
    company: u32,
    /// By order reference, as the retailer shows it.
    records: BTreeSet<String>,
    /// What the card's cause goes by, where no order is meant.
    named: Option<String>,
    done: bool,
}

impl Expected {
    fn of(cause: &'static Cause, books: &Books) -> Self {
        let company = company(cause);
        let target = books.world.planting().targets.get(cause.name);
        let reference = target.map(|target| target.reference.as_str()).unwrap_or_default();
        let item = target.map(|target| target.item.as_str()).unwrap_or_default();
        let every = books
            .virtualstock
            .books
            .orders
            .values()
            .filter(|order| order.company == company);
        let meant = every.filter(|order| match cause.of {
            Of::Target => order.order_reference == reference,
            Of::Every | Of::Named(_) | Of::Parcel => true,
            Of::Rate(rate) => order.lines.iter().any(|line| line.tax_rate == rate),
            Of::Item => order.lines.iter().any(|line| line.item.eq_ignore_ascii_case(item)),
        });
        let shown = |reference: &str| match cause.does {
            Does::Slip(_, Word::LongNumber) => long_number(reference),
            _ => reference.to_owned(),
        };
        let records: BTreeSet<String> = meant.map(|order| shown(&order.order_reference)).collect();
        let named = match cause.of {
            Of::Named(word) => Some(word.replace("{}", &company.to_string())),
            Of::Parcel => {
                let mut parcels = books.mintsoft.books.orders.values();
                let it = parcels.find(|parcel| parcel.client == company && parcel.external_order_reference.is_empty());
                it.map(|parcel| format!("{} under {}", parcel.id, parcel.order_number))
            }
            Of::Target | Of::Every | Of::Rate(_) | Of::Item => None,
        };
        Self {
            cause,
            company,
            done: !records.is_empty() && !books.world.planting().is_pending(cause.name),
            records,
            named,
        }
    }

    fn is_told_by(&self, card: &Shown<'_>) -> bool {
        let here = card.company == Some(self.company) && card.code == self.cause.code;
        here && match &self.named {
            Some(named) => card.names.contains(&named.as_str()),
            None => card.records.iter().any(|record| self.records.contains(*record)),
        }
    }

    fn differs(&self, card: &Shown<'_>) -> Vec<String> {
        let name = self.cause.name;
        let mut wrong = Vec::new();
        if card.owner != self.cause.owner {
            wrong.push(format!(
                "{name}: {} has card {}, and {} was expected.",
                card.owner, card.id, self.cause.owner
            ));
        }
        let foreign: Vec<&&str> = card
            .records
            .iter()
            .filter(|record| !self.records.contains(**record))
            .collect();
        if !foreign.is_empty() {
            wrong.push(format!(
                "{name}: card {} holds records of something else: {foreign:?}.",
                card.id
            ));
        }
        let missing: Vec<&String> = self
            .records
            .iter()
            .filter(|record| !card.records.contains(record.as_str()))
            .collect();
        if self.named.is_none() && !missing.is_empty() {
            wrong.push(format!("{name}: card {} does not hold {missing:?}.", card.id));
        }
        wrong
    }
}
