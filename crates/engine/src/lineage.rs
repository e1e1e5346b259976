//! What somebody changed in our orders of the ledger: found in the round of the duplicate sweep, whose list shows every order that was
//! written since, with its lines. So it costs no call but for what stands on a card or is about to, which is read by its id.

use std::collections::BTreeSet;
use std::fmt::Display;

use tallyman_core::duplicate::{Booked, Standing};
use tallyman_core::effect::{Agreed, DraftThenConfirm, Effect, Kind, Set, State};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::journey::Journey;
use tallyman_core::lineage::compare;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::effects;
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::cards::{self, Card};
use crate::foreign::Ours;
use crate::intake::{Of, RoundError};
use crate::vault::{Vault, place};
use crate::wire::Wire;
use crate::worker::LoadJourney;

/// Orders whose journeys are read in one transaction.
const READ_AT_ONCE: usize = 200;

/// Looks at what was written in the ledger, and again at what stands on a card.
pub async fn look((worker, merchant): Of<'_>, wire: &Wire<'_>, written: &[Booked]) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    let ledger = merchant.ledger.connection();
    let standing = cards::standing((worker, merchant), Code::ForeignWrite, &record(ledger, "")).await?;
    let standing: BTreeSet<(JourneyId, i64)> = standing.into_iter().collect();
    let mut suspects: Vec<(Journey, i64)> = Vec::new();
    let orders: Vec<&Booked> = written.iter().filter(|booked| booked.standing != Standing::Draft).collect();
    for orders in orders.chunks(READ_AT_ONCE) {
        let ours = Ours {
            company: merchant.company.to_string(),
            ledger: ledger.clone(),
            orders: orders.iter().map(|booked| (booked.id, booked.number.clone())).collect(),
        };
        for (id, journey) in parts.store.read(ours).await? {
            // What stands on a card is judged below, as it is now.
            let of_list = orders.iter().find(|booked| booked.id == id);
            if let Some(booked) = of_list.filter(|_| !standing.contains(&(journey.id.clone(), id)))
                && found((worker, merchant), &journey, booked).await?.is_some()
            {
                suspects.push((journey, id));
            }
        }
    }
    // A list may be older than what was written since: before a card goes up, the order is read by its id, which no list delays.
    for (journey, id) in suspects {
        if let Some(booked) = merchant.ledger.booked(wire, id).await? {
            settle((worker, merchant), &journey, &booked, false).await?;
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
pub fn record(ledger: &Connection, order: impl Display) -> String {
    format!("{ledger} writing of {order}")
}

async fn settle((worker, merchant): Of<'_>, journey: &Journey, booked: &Booked, on_card: bool) -> Result<(), UnitError> {
    let card = Card {
        journey: &journey.id,
        record: record(merchant.ledger.connection(), booked.id),
        finding: found((worker, merchant), journey, booked).await?,
        gone: "The order is in the ledger as it was agreed.",
    };
    cards::settle((worker, merchant), card, on_card).await
}

async fn found((worker, merchant): Of<'_>, journey: &Journey, booked: &Booked) -> Result<Option<Finding>, UnitError> {
    let of = (&worker.parts.store, &worker.parts.vault);
    let agreed = agreed(of, merchant.company.as_str(), journey).await?;
    Ok(agreed.and_then(|agreed| compare(journey, &agreed, booked)))
}

/// How this journey's order is to stand in the ledger: as its owner has last had it amended, else as we wrote it. None where it was erased,
/// or is not ours to know.
pub async fn agreed((store, vault): (&Store, &Vault), company: &str, journey: &Journey) -> Result<Option<Agreed>, UnitError> {
    let unit = Written {
        company: company.to_owned(),
        journey: journey.clone(),
    };
    let Some((effect, wrapped)) = store.read(unit).await? else {
        return Ok(None);
    };
    let key = vault.unwrap(company, journey.id.as_str(), &wrapped)?;
    let body = vault.open(&key, place("effect", effect.id.as_str()), effect.body)?;
    match serde_json::from_slice(&body) {
        Ok(Effect::DraftThenConfirm(DraftThenConfirm::Draft(order))) => Ok(Some(Agreed::of(&order))),
        Ok(Effect::Set(Set::AmendOrder(agreed))) => Ok(Some(agreed)),
        Ok(_) => Ok(None),
        Err(error) => Err(UnitError::Refused(format!("effect {} cannot be read: {error}", effect.id))),
    }
}

/// The last write that says how the order is to stand: the draft that became it, or what it was amended to.
struct Written {
    company: String,
    journey: Journey,
}

impl Unit for Written {
    type Output = Option<(effects::Stored, Wrapped)>;
    const NAME: &'static str = "last_write_of_order";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let keys::KeyState::Held(key) = keys::load(tx, &self.company, self.journey.id.as_str()).await? else {
            return Ok(None);
        };
        let written = |effect: &effects::Stored| {
            let kind = Kind::named(&effect.name);
            effect.state == State::Done && matches!(kind, Some(Kind::Draft | Kind::AmendOrder))
        };
        let all = effects::of_journey(tx, self.journey.id.as_str()).await?;
        let last = all.into_iter().filter(written).max_by_key(|effect| effect.place);
        Ok(last.map(|last| (last, key)))
    }
}
