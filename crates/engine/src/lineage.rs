//! What somebody changed in our orders of the ledger: found in the round of the duplicate sweep, whose list shows every order that was
//! written since, with its lines. So it costs no call but for what stands on a card, which is read by its id.

use std::collections::BTreeSet;
use std::fmt::Display;

use tallyman_core::duplicate::{Booked, Standing};
use tallyman_core::effect::{DraftThenConfirm, Effect, LedgerOrder, State};
use tallyman_core::finding::Code;
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::journey::Journey;
use tallyman_core::lineage::compare;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::effects;
use tallyman_store::{Tx, Unit, UnitError, keys};

use crate::cards::{self, Card};
use crate::foreign::Ours;
use crate::intake::{Of, RoundError};
use crate::vault::place;
use crate::wire::Wire;
use crate::worker::LoadJourney;

/// Orders whose journeys are read in one transaction.
const READ_AT_ONCE: usize = 200;
/// How often a draft may have taken the place of another.
const SUPERSEDED_MAX: u32 = 10;

/// Looks at what was written in the ledger, and again at what stands on a card.
pub async fn look((worker, merchant): Of<'_>, wire: &Wire<'_>, written: &[Booked]) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    let ledger = merchant.ledger.connection();
    let standing = cards::standing((worker, merchant), Code::ForeignWrite, &record(ledger, "")).await?;
    let mut standing: BTreeSet<(JourneyId, i64)> = standing.into_iter().collect();
    let orders: Vec<&Booked> = written.iter().filter(|booked| booked.standing != Standing::Draft).collect();
    for orders in orders.chunks(READ_AT_ONCE) {
        let ours = Ours {
            company: merchant.company.to_string(),
            ledger: ledger.clone(),
            orders: orders.iter().map(|booked| (booked.id, booked.number.clone())).collect(),
        };
        for (id, journey) in parts.store.read(ours).await? {
            if let Some(booked) = orders.iter().find(|booked| booked.id == id) {
                let on_card = standing.remove(&(journey.id.clone(), id));
                settle((worker, merchant), &journey, booked, on_card).await?;
            }
        }
    }
    for (journey, id) in standing {
        let booked = merchant.ledger.booked(wire, id).await?;
        let seen = parts.store.read(LoadJourney { id: journey }).await?;
        if let (Some(booked), Some(seen)) = (booked, seen) {
            settle((worker, merchant), &seen.journey, &booked, true).await?;
        }
    }
    Ok(())
}

/// What an order goes by on a card.
fn record(ledger: &Connection, order: impl Display) -> String {
    format!("{ledger} writing of {order}")
}

async fn settle((worker, merchant): Of<'_>, journey: &Journey, booked: &Booked, on_card: bool) -> Result<(), UnitError> {
    let Some(wrote) = wrote((worker, merchant), journey).await? else {
        return Ok(());
    };
    let card = Card {
        journey: &journey.id,
        record: record(merchant.ledger.connection(), booked.id),
        finding: compare(journey, &wrote, booked),
        gone: "The order is in the ledger as it was written.",
    };
    cards::settle((worker, merchant), card, on_card).await
}

/// What we wrote of this journey; none where it was erased, or is not ours to know.
async fn wrote((worker, merchant): Of<'_>, journey: &Journey) -> Result<Option<LedgerOrder>, UnitError> {
    let parts = &*worker.parts;
    let company = merchant.company.as_str();
    let unit = Draft {
        company: company.to_owned(),
        journey: journey.clone(),
    };
    let Some((draft, wrapped)) = parts.store.read(unit).await? else {
        return Ok(None);
    };
    let key = parts.vault.unwrap(company, journey.id.as_str(), &wrapped)?;
    let body = parts.vault.open(&key, place("effect", draft.id.as_str()), draft.body)?;
    match serde_json::from_slice(&body) {
        Ok(Effect::DraftThenConfirm(DraftThenConfirm::Draft(order))) => Ok(Some(order)),
        Ok(_) => Ok(None),
        Err(error) => Err(UnitError::Refused(format!("effect {} cannot be read: {error}", draft.id))),
    }
}

/// The draft that became the order.
struct Draft {
    company: String,
    journey: Journey,
}

impl Unit for Draft {
    type Output = Option<(effects::Stored, Wrapped)>;
    const NAME: &'static str = "draft_of_order";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let keys::KeyState::Held(key) = keys::load(tx, &self.company, self.journey.id.as_str()).await? else {
            return Ok(None);
        };
        let mut id = self.journey.step("draft");
        for _ in 0..SUPERSEDED_MAX {
            let Some(draft) = effects::load(tx, &id).await? else {
                return Ok(None);
            };
            match draft.state {
                State::Superseded { by } => id = by,
                State::Done => return Ok(Some((draft, key))),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}
