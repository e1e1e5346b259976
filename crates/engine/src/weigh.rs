//! Cards follow their records: what stops and what goes on is counted soon after it was written, and a card's life follows.

use tallyman_core::card::Act;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::cards::{self, Weighed};
use tallyman_store::{Store, Tx, Unit, UnitError};

/// Records counted in one transaction.
pub(crate) const COUNTED_AT_ONCE: i64 = 500;
/// Cards taken up again in one transaction.
const TAKEN_UP_AT_ONCE: i64 = 100;

/// Counts all that has changed; says whether anything had.
pub async fn round(store: &Store, company: &str, now: Timestamp) -> Result<bool, UnitError> {
    let company = company.to_owned();
    let mut counted = false;
    // Most of the time nothing has changed, and asking is cheaper than a transaction that writes.
    while store
        .read(IsBehind {
            company: company.clone(),
        })
        .await?
    {
        let count = Count {
            company: company.clone(),
            now,
        };
        store.write(count).await?;
        counted = true;
    }
    Ok(counted)
}

struct IsBehind {
    company: String,
}

impl Unit for IsBehind {
    type Output = bool;
    const NAME: &'static str = "cards_are_behind";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        cards::is_behind(tx, &self.company).await
    }
}

struct Count {
    company: String,
    now: Timestamp,
}

impl Unit for Count {
    type Output = (Vec<Weighed>, bool);
    const NAME: &'static str = "weigh_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        cards::weigh(tx, &self.company, COUNTED_AT_ONCE, self.now).await
    }
}

/// Takes up what was set aside until now.
pub async fn take_up_expired(store: &Store, company: &str, now: Timestamp) -> Result<(), UnitError> {
    let expired = Expired {
        company: company.to_owned(),
        now,
    };
    if store.read(expired.clone()).await?.is_empty() {
        return Ok(());
    }
    store.write(TakeUp(expired)).await
}

#[derive(Clone)]
struct Expired {
    company: String,
    now: Timestamp,
}

impl Unit for Expired {
    type Output = Vec<cards::Stored>;
    const NAME: &'static str = "expired_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        cards::expired(tx, &self.company, self.now, TAKEN_UP_AT_ONCE).await
    }
}

struct TakeUp(Expired);

impl Unit for TakeUp {
    type Output = ();
    const NAME: &'static str = "take_up_expired_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for stored in self.0.run(tx).await? {
            let card = &stored.card;
            let next = card
                .act(&Act::TakeUp, card.version, self.0.now)
                .map_err(|refused| UnitError::Refused(refused.to_string()))?;
            cards::set(tx, &stored.id, card.version, &next, self.0.now, "tallyman", &Act::TakeUp).await?;
        }
        Ok(())
    }
}
