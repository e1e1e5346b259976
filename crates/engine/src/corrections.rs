//! Corrections at the source: an order that stands still because of what its channel says is asked for again, until it says otherwise.
//!
//! A channel shows an order once as new and never says that somebody has put it right, so the record itself is polled. What has changed
//! is taken in as if it had come by itself; what has not is no news.

use std::collections::BTreeSet;

use tallyman_core::catalogue::{Party, Remedy};
use tallyman_core::finding::Code;
use tallyman_core::role::ReadError;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions;
use tallyman_store::{Tx, Unit, UnitError};

use crate::intake::{self, Of, RoundError};
use crate::wire::Wire;

/// Orders asked for in one round: each costs a call, and all of them together must stay below a minute's limit.
const ASKED_MAX: usize = 40;

/// One round: the orders that were asked for the longest time ago.
pub async fn round((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    let now = parts.clock.now();
    let wanted = ToAsk {
        company: merchant.company.to_string(),
        before: now.minus(parts.pace.corrections_every / 2),
    };
    let wire = Wire::new(parts, &worker.sessions, &*merchant.channel, None);
    let mut records = Vec::new();
    let mut asked = Vec::new();
    for (journey, key) in parts.store.read(wanted).await? {
        match merchant.channel.order(&wire, &key).await {
            Ok(order) => records.extend(order),
            // About this one order; the others may be had all the same.
            Err(ReadError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
        asked.push(journey);
    }
    if !records.is_empty() {
        intake::orders::take_in((worker, merchant), &records).await?;
    }
    if !asked.is_empty() {
        parts.store.write(Asked { journeys: asked, now }).await?;
    }
    Ok(())
}

struct ToAsk {
    company: String,
    before: Timestamp,
}

impl Unit for ToAsk {
    type Output = Vec<(String, String)>;
    const NAME: &'static str = "orders_to_ask_for";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut wanted = Vec::new();
        let mut seen = BTreeSet::new();
        let corrected = |code: &&Code| code.entry().remedies.contains(&Remedy::Correct(Party::Channel));
        for code in Code::ALL.iter().filter(corrected) {
            let left = i64::try_from(ASKED_MAX - wanted.len()).unwrap_or(0);
            for (journey, key) in exceptions::to_ask(tx, &self.company, *code, self.before, left).await? {
                if seen.insert(journey.clone()) {
                    wanted.push((journey, key));
                }
            }
            if wanted.len() >= ASKED_MAX {
                break;
            }
        }
        Ok(wanted)
    }
}

struct Asked {
    journeys: Vec<String>,
    now: Timestamp,
}

impl Unit for Asked {
    type Output = ();
    const NAME: &'static str = "orders_were_asked_for";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for journey in &self.journeys {
            exceptions::asked(tx, journey, self.now).await?;
        }
        Ok(())
    }
}
