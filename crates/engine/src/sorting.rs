//! Cards are put together and taken apart by people who know better than their causes say; each can be undone. And one order of a card
//! may go before the others.

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Commitment, Content, Line};
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::{exceptions, splits};
use tallyman_store::{Store, Tx, Unit, UnitError};

/// What a person does with the cards themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    /// Shows a card under another one: whoever looks at that sees both.
    Merge { under: String },
    /// Shows it by itself again.
    Unmerge,
    /// Takes these orders, by journey, to a card of their own.
    Split { journeys: Vec<String> },
    /// Puts a part back to the card that it was split off.
    Unsplit,
}

impl Sort {
    const fn name(&self) -> &'static str {
        match self {
            Self::Merge { .. } => "merged",
            Self::Unmerge => "unmerged",
            Self::Split { .. } => "split",
            Self::Unsplit => "unsplit",
        }
    }
}

/// Orders taken to a card of their own at once.
const SPLIT_MAX: usize = 1_000;
/// Cards shown under one.
const UNDER_MAX: i64 = 100;

/// One sorting by one person.
#[derive(Debug, Clone)]
pub struct Sorted {
    pub card: String,
    pub sort: Sort,
    pub by: String,
    pub now: Timestamp,
}

/// Sorts cards; gives the name of the card that there is to look at then.
pub async fn sort(store: &Store, sorted: Sorted) -> Result<String, UnitError> {
    if sorted.by.trim().is_empty() {
        return Err(UnitError::Refused(
            "Say who does it: the history of the card keeps it.".into(),
        ));
    }
    store.write(sorted).await
}

impl Unit for Sorted {
    type Output = String;
    const NAME: &'static str = "sort_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<String, UnitError> {
        let refused = |why: String| Err(UnitError::Refused(why));
        let stored = known(tx, &self.card).await?;
        let (under, split_of) = splits::room(tx, &self.card).await?.unwrap_or_default();
        let shown = match &self.sort {
            Sort::Merge { under: other } => {
                let above = known(tx, other).await?;
                let (its_under, _) = splits::room(tx, other).await?.unwrap_or_default();
                if above.id == stored.id || above.company != stored.company {
                    return refused("A card is put under another card of the same company.".into());
                }
                if !its_under.is_empty() {
                    return refused(format!(
                        "Card {other} is shown under {its_under} itself: put it under that one."
                    ));
                }
                if !splits::shown_under(tx, &self.card, 1).await?.is_empty() {
                    return refused(format!("Other cards are shown under {}: take them out first.", self.card));
                }
                if splits::shown_under(tx, other, UNDER_MAX).await?.len() as i64 == UNDER_MAX {
                    return refused(format!("{UNDER_MAX} cards are shown under {other} already."));
                }
                splits::put_under(tx, &self.card, other).await?;
                other.clone()
            }
            Sort::Unmerge if under.is_empty() => return refused(format!("Card {} is shown by itself.", self.card)),
            Sort::Unmerge => {
                splits::put_under(tx, &self.card, "").await?;
                self.card.clone()
            }
            Sort::Split { .. } if !split_of.is_empty() => {
                return refused(format!("Card {} is a part already: split {split_of}.", self.card));
            }
            Sort::Split { journeys } if journeys.is_empty() || journeys.len() > SPLIT_MAX => {
                return refused(format!("Name 1 to {SPLIT_MAX} orders to take to a card of their own."));
            }
            Sort::Split { journeys } => {
                let count = splits::parts(tx, &self.card).await?;
                let part = Fingerprint::derive(&stored.company, &self.card, &format!("part {}", count + 1)).to_string();
                splits::open_part(tx, &self.card, &part, self.now).await?;
                for journey in journeys {
                    if !splits::split(tx, &self.card, journey, &part).await? {
                        return refused(format!("Order {journey} does not stand under card {}.", self.card));
                    }
                }
                part
            }
            Sort::Unsplit if split_of.is_empty() => return refused(format!("Card {} is the whole of its cause.", self.card)),
            Sort::Unsplit => {
                for journey in splits::of_part(tx, &self.card, SPLIT_MAX as i64).await? {
                    splits::take_back(tx, &split_of, &journey, &self.card).await?;
                }
                split_of.clone()
            }
        };
        let sentence = format!("Card {} was {} ({shown}).", self.card, self.sort.name());
        let line = Line {
            company: &stored.company,
            at: self.now,
            actor: &self.by,
            kind: "card",
            subject: &self.card,
            commitment: Commitment::open(sentence.as_bytes()),
            content: Content::Open(&sentence),
        };
        journal::write(tx, &line).await?;
        Ok(shown)
    }
}

async fn known(tx: &mut Tx<'_>, card: &str) -> Result<Stored, UnitError> {
    let unknown = || UnitError::Refused(format!("There is no card {card}. `tallyman exceptions` lists them."));
    cards::load(tx, card).await?.ok_or_else(unknown)
}

/// With which of its orders the next fix of a card is tried in earnest: the oldest. Nothing where nothing stands under it.
pub async fn one_first(store: &Store, card: &str) -> Result<Option<String>, UnitError> {
    store.write(OneFirst { card: card.to_owned() }).await
}

struct OneFirst {
    card: String,
}

impl Unit for OneFirst {
    type Output = Option<String>;
    const NAME: &'static str = "one_first";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>, UnitError> {
        let oldest = exceptions::members_told(tx, &self.card, 1).await?.into_iter().next();
        let Some(oldest) = oldest.filter(|oldest| !oldest.journey.is_empty()) else {
            return Ok(None);
        };
        exceptions::set_first(tx, &self.card, &oldest.journey).await?;
        Ok(Some(oldest.reference))
    }
}
