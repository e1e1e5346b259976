//! What the owner of a card decides about one of its records, or about all of them ([`tallyman_core::ruling`]).
//!
//! A card may have 100,000 records, so they are decided in pages, each written in one bounded unit: what each comes to is made out before
//! ([`record`]), and a record that has moved since is left as it stands. The card's version is compared with the first page. Records that
//! joined after the decision was begun have been seen by nobody, and stay.

mod look;
mod record;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::access::{Permit, Right};
use tallyman_core::card::Act;
use tallyman_core::ident::Connection;
use tallyman_core::journey::Route;
use tallyman_core::ruling::{Ruling, Said};
use tallyman_core::time::Timestamp;
use tallyman_store::{Store, UnitError};

use crate::desk;
use crate::vault::Vault;

/// Records decided in one unit.
const AT_ONCE: i64 = 100;
/// Of those that are left as they are so many are named; the rest is counted.
const NAMED_MAX: usize = 50;
/// A page is made out again on what somebody else has just written, this often.
const CONFLICTS_MAX: u32 = 20;

/// What of a card is decided about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// One order, by our own id.
    Order(String),
    All,
}

/// One decision of one person.
#[derive(Debug)]
pub struct Decide<'a> {
    pub card: &'a str,
    /// The version that the person saw; `None` for whatever it is now.
    pub seen: Option<u64>,
    pub of: Of,
    pub said: &'a Said,
    /// Leave to act on the card, at its company and for its team.
    pub permit: &'a Permit,
    /// Where each company's orders travel: an order that could never be read has no other place that says so.
    pub routes: &'a BTreeMap<String, Route>,
    /// After so many records the others are left for the next time.
    pub records_max: u64,
    pub now: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// Records that were decided about.
    pub records: u64,
    /// Of those: a second person must say the same before it counts.
    pub awaits_second: u64,
    /// Records that were left as they stand, and some of them with the reason.
    pub refused: u64,
    pub others: Vec<Other>,
    /// There are more: the same decision again takes them up.
    pub left: bool,
    /// At which something became due.
    pub connections: BTreeSet<Connection>,
}

/// A record that was left as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// The order's own number; empty for what belongs to no order of ours.
    pub reference: String,
    /// Why.
    pub sentence: String,
}

impl Decided {
    /// For the person who decided.
    pub fn sentence(&self, ruling: Ruling) -> String {
        let counts = self.records - self.awaits_second;
        let mut sentence = match (counts, ruling) {
            (0, _) => String::new(),
            (_, Ruling::Restore | Ruling::Amend) => {
                format!(
                    "{} to be {}: the ledger's own answer proves it. ",
                    many(counts, "order is", "orders are"),
                    ruling.done()
                )
            }
            (_, Ruling::Declined) => format!(
                "{} declined. The retailer has to be told there: Tallyman tells it nothing. ",
                many(counts, "order is", "orders are")
            ),
            (_, Ruling::Settled | Ruling::Keep) => format!("{} {}. ", many(counts, "record is", "records are"), ruling.done()),
        };
        if self.awaits_second > 0 {
            sentence += &format!(
                "For {} a second person has to say the same, with the same document, before it counts. ",
                many(self.awaits_second, "record", "records")
            );
        }
        if self.refused > 0 {
            sentence += &format!("{} left as it stands. ", many(self.refused, "record is", "records are each"));
        }
        if self.left {
            sentence += "There are more: decide once more. ";
        }
        sentence.trim_end().to_owned()
    }

    fn refuse(&mut self, others: Vec<Other>) {
        self.refused += others.len() as u64;
        let room = NAMED_MAX.saturating_sub(self.others.len());
        self.others.extend(others.into_iter().take(room));
    }
}

fn many(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// Decides. Nothing was changed if it is refused.
pub async fn decide((store, vault): (&Store, &Vault), wanted: &Decide<'_>) -> Result<Decided, desk::Refused> {
    let refused = |why: String| desk::Refused::Store(UnitError::Refused(why));
    if wanted.permit.actor().trim().is_empty() {
        return Err(desk::Refused::Nobody);
    }
    if wanted.said.change.is_some() && wanted.of == Of::All {
        return Err(refused("An amendment is of one order: name it.".into()));
    }
    let mut decided = Decided::default();
    let mut after = (String::new(), String::new());
    // Until something is written, the act is not told.
    let mut told = false;
    let mut conflicts = 0;
    loop {
        let look = look::Look::at(wanted, after.clone());
        let Some(page) = store.read(look).await.map_err(desk::Refused::Store)? else {
            return Err(desk::Refused::NoCard(wanted.card.to_owned()));
        };
        let card = &page.card;
        let act = if told {
            None
        } else {
            wanted
                .said
                .suits(card.card.code)
                .map_err(|error| refused(error.to_string()))?;
            let seen = wanted.seen.unwrap_or(card.card.version);
            if seen == card.card.version && !wanted.permit.is_for_card(Right::Act, &card.company, card.card.team) {
                return Err(desk::Refused::OtherTeam);
            }
            card.card.act(&act(wanted.said, None), seen, wanted.now)?;
            Some(seen)
        };
        let Some(last) = page.records.last().map(|found| (found.journey.clone(), found.record.clone())) else {
            break;
        };
        let full = page.records.len() as i64 == AT_ONCE;
        let (mut ready, mut others, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for found in &page.records {
            // Declined is an order as a whole, whatever of it stands here.
            if wanted.said.ruling == Ruling::Declined && !seen.insert(found.journey.clone()) {
                continue;
            }
            match record::prepare((store, vault), wanted, card, found).await {
                Ok(prepared) => ready.push(prepared),
                Err(UnitError::Refused(sentence)) => others.push(Other {
                    reference: found.reference.clone(),
                    sentence,
                }),
                Err(error) => return Err(desk::Refused::Store(error)),
            }
        }
        if !ready.is_empty() {
            // What has no key could not seal why; it stands with the card, as comments do.
            let note = ready
                .iter()
                .any(|prepared| prepared.is_keyless())
                .then(|| wanted.said.reason.clone());
            let write = write::Write {
                card: card.clone(),
                act: act.map(|seen| (seen, self::act(wanted.said, note))),
                by: wanted.permit.actor().to_owned(),
                records: ready,
                now: wanted.now,
            };
            match store.write(write).await {
                Ok(written) => {
                    told = true;
                    decided.records += written.records;
                    decided.awaits_second += written.awaits_second;
                    decided.connections.extend(written.connections);
                    others.extend(written.moved);
                }
                Err(UnitError::Conflict(_)) if conflicts < CONFLICTS_MAX => {
                    conflicts += 1;
                    continue;
                }
                Err(error) => return Err(desk::Refused::Store(error)),
            }
        }
        decided.refuse(others);
        after = last;
        if !full || matches!(wanted.of, Of::Order(_)) {
            break;
        }
        if decided.records >= wanted.records_max {
            decided.left = true;
            break;
        }
    }
    if decided.records > 0 {
        return Ok(decided);
    }
    let why = decided.others.into_iter().next().map(|other| other.sentence);
    Err(refused(why.unwrap_or_else(|| match &wanted.of {
        Of::Order(_) => format!("Nothing of this order stands still under card {}.", wanted.card),
        Of::All => format!("Nothing stands still under card {}.", wanted.card),
    })))
}

fn act(said: &Said, note: Option<String>) -> Act {
    Act::Decide {
        ruling: said.ruling,
        document: Some(said.document()).filter(|document| !document.is_empty()),
        note,
    }
}
