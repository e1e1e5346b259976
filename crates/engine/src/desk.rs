//! The desk: what people do with a card. One act, on the version that they saw; the journal keeps that it was done, the card what was said.

use tallyman_core::card::{self, Act};
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

/// Why nothing was done, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("Say who does it: the history of the card keeps it.")]
    Nobody,
    #[error("There is no card {0}. `tallyman exceptions` lists them.")]
    NoCard(String),
    #[error(transparent)]
    Card(#[from] card::Refused),
    #[error(transparent)]
    Store(UnitError),
}

impl Refused {
    /// Whether somebody else was there first: who looks again may do it then.
    pub fn is_overtaken(&self) -> bool {
        matches!(
            self,
            Self::Card(card::Refused::Moved { .. }) | Self::Store(UnitError::Conflict(_) | UnitError::Contended)
        )
    }
}

/// Does it, and gives the card as it is then.
pub async fn act(store: &Store, done: Done) -> Result<Stored, Refused> {
    if done.by.trim().is_empty() {
        return Err(Refused::Nobody);
    }
    store.write(done).await.map_err(Refused::Store)?
}

impl Unit for Done {
    /// A refusal has written nothing.
    type Output = Result<Stored, Refused>;
    const NAME: &'static str = "act_on_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some(stored) = cards::load(tx, &self.card).await? else {
            return Ok(Err(Refused::NoCard(self.card.clone())));
        };
        let seen = self.seen.unwrap_or(stored.card.version);
        let next = match stored.card.act(&self.act, seen, self.now) {
            Ok(next) => next,
            Err(refused) => return Ok(Err(refused.into())),
        };
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
        Ok(Ok(Stored { card: next, ..stored }))
    }
}
