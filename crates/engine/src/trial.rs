//! A fix is tried on all records of a card before it is made: what would go on, and what would still stand and why. Nothing is written.

use tallyman_core::access::{Permit, Right};
use tallyman_core::amendment::Amendment;
use tallyman_core::card::Life;
use tallyman_core::mapping::{Cell, Row};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::exceptions::{self, Member};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::heal::Desk;
use crate::known::{Reference, References};
use crate::leave;
use crate::parts::Merchant;
use crate::vault::Vault;

/// Records looked at between two words about how far it is.
const AT_ONCE: i64 = 200;
/// Of those that would still stand so many are named; the rest is counted.
const NAMED_MAX: usize = 50;

/// What might put a card right.
#[derive(Debug, Clone)]
pub enum Fix {
    /// A word of theirs means this, or nothing any more.
    Map { cell: Cell, ours: Option<String> },
    /// The same field of every record.
    Amend(Amendment),
    /// Everything as it is now: what has changed since the card was last looked at.
    Nothing,
}

impl Fix {
    /// What it takes to make it, and so to try it.
    pub const fn right(&self) -> Right {
        match self {
            Self::Map { cell, .. } => Right::to_map(cell.table),
            Self::Amend(_) => Right::Act,
            Self::Nothing => Right::Read,
        }
    }
}

/// What a fix would come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tried {
    /// Records that stand still under the card.
    pub of: u64,
    /// Those that would go on.
    pub heals: u64,
    /// Some of the others.
    pub others: Vec<Other>,
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
        let mut sentence = match left {
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
    let mut outcome = Tried::default();
    let mut after = (String::new(), String::new());
    loop {
        let page = Page {
            card: card.to_owned(),
            after,
        };
        let page = store.read(page).await?;
        let Some(last) = page.last() else { return Ok(outcome) };
        after = (last.journey.clone(), last.effect.clone());
        for member in &page {
            outcome.of += 1;
            match verdict(&desk, &stored, member).await? {
                None => outcome.heals += 1,
                Some(sentence) if outcome.others.len() < NAMED_MAX => outcome.others.push(Other {
                    reference: member.reference.clone(),
                    sentence,
                }),
                Some(_) => {}
            }
        }
        progress(outcome.of);
    }
}

/// What is known, with the fix put over it.
fn with(reference: Reference, fix: &Fix, now: Timestamp) -> (Reference, Vec<Amendment>) {
    match fix {
        Fix::Nothing => (reference, Vec::new()),
        Fix::Amend(amendment) => (reference, vec![amendment.clone()]),
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
    after: (String, String),
}

impl Unit for Page {
    type Output = Vec<Member>;
    const NAME: &'static str = "records_to_try";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let after = (self.after.0.as_str(), self.after.1.as_str());
        exceptions::members_by_name(tx, &self.card, after, AT_ONCE).await
    }
}
