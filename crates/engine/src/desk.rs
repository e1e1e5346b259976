//! The desk: what people do with a card. One act, on the version that they saw; the journal keeps that it was done, the card what was said.

use tallyman_core::card::Act;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Commitment, Content, Line};
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::{Store, Tx, Unit, UnitError};

/// One act of one person.
#[derive(Debug, Clone)]
pub struct Done {
    pub card: String,
    /// The version that the person saw; `None` for whatever it is now.
    pub seen: Option<u64>,
    pub act: Act,
    pub by: String,
    pub now: Timestamp,
}

/// Does it, and gives the card as it is then; refused with the reason and what to do.
pub async fn act(store: &Store, done: Done) -> Result<Stored, UnitError> {
    if done.by.trim().is_empty() {
        return Err(UnitError::Refused(
            "Say who does it: the history of the card keeps it.".into(),
        ));
    }
    store.write(done).await
}

impl Unit for Done {
    type Output = Stored;
    const NAME: &'static str = "act_on_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Stored, UnitError> {
        let unknown = || UnitError::Refused(format!("There is no card {}. `tallyman exceptions` lists them.", self.card));
        let stored = cards::load(tx, &self.card).await?.ok_or_else(unknown)?;
        let seen = self.seen.unwrap_or(stored.card.version);
        let next = stored
            .card
            .act(&self.act, seen, self.now)
            .map_err(|refused| UnitError::Refused(refused.to_string()))?;
        cards::set(tx, &self.card, seen, &next, self.now, &self.by, &self.act).await?;
        // Without what was said: that may be about a customer, and the journal is for ever.
        let sentence = format!("Card {} version {}: {}.", self.card, next.version, self.act.name());
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
        Ok(Stored { card: next, ..stored })
    }
}
