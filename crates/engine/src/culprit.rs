//! What a card blames, as people say it.
//!
//! Most causes say themselves ([`tallyman_core::cause`]). A write goes by a number there that nobody knows: it is called by what is written, by
//! its order's own number and by where, which stand with the write.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_store::tables::cards::Stored;
use tallyman_store::tables::writes::{self, Write};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::story::phrase;

/// What a card blames: a write by what it is, whose, and where; all else as its cause says it.
pub fn said(card: &Stored) -> String {
    match &card.write {
        Some(write) => {
            let what = phrase(&write.name);
            let what = format!(
                "{}{}",
                what.get(..1).unwrap_or_default().to_uppercase(),
                what.get(1..).unwrap_or_default()
            );
            let parts = [what, write.reference.clone(), format!("`{}`", write.connection)];
            parts
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", ")
        }
        None => card.card.cause.to_string(),
    }
}

/// The write that a card blames, if it blames one, by its id.
fn blamed_write(card: &Stored) -> Option<String> {
    card.card.cause.write().map(ToString::to_string)
}

/// Puts beside each card what the write that it blames is called by: some with each statement, and those that are known are not asked for.
pub(crate) async fn call_writes(
    tx: &mut Tx<'_>,
    cards: &mut [Stored],
    known: &mut BTreeMap<String, Write>,
) -> Result<(), UnitError> {
    let blamed: BTreeSet<String> = cards.iter().filter_map(blamed_write).collect();
    let new = blamed
        .iter()
        .filter(|id| !known.contains_key(*id))
        .cloned()
        .collect::<Vec<_>>();
    known.extend(writes::named(tx, new).await?);
    known.retain(|id, _| blamed.contains(id));
    for card in cards {
        card.write = blamed_write(card).and_then(|id| known.get(&id).cloned());
    }
    Ok(())
}

struct Called(Vec<Stored>);

impl Unit for Called {
    type Output = Vec<Stored>;
    const NAME: &'static str = "writes_of_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Stored>, UnitError> {
        let mut cards = self.0.clone();
        call_writes(tx, &mut cards, &mut BTreeMap::new()).await?;
        Ok(cards)
    }
}

/// The same cards with what the writes are called by; nothing is asked where none blames a write of which that is not known.
pub(crate) async fn called(store: &Store, cards: Vec<Stored>) -> Result<Vec<Stored>, UnitError> {
    if cards.iter().all(|card| card.write.is_some() || blamed_write(card).is_none()) {
        return Ok(cards);
    }
    store.read(Called(cards)).await
}
