//! Glances that were made lately. Each is made anew at most every [`FRESH_FOR`], and only when somebody looks.
//!
//! Whoever looks at one that is a little older is shown it at once, and the next is made meanwhile: nobody waits for a glance but the first
//! who comes after a while. That one does not wait for a disk as well, where the program looks by itself now and then.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tallyman_core::time::Timestamp;
use tallyman_store::UnitError;
use tokio::sync::OwnedMutexGuard;

use super::{Glance, make};
use crate::parts::{Merchant, Parts};

/// So long one is as good as new.
const FRESH_FOR: Duration = Duration::from_secs(2);
/// So long it is shown while the next is made.
const SHOWN_FOR: Duration = Duration::from_secs(5);
/// The next is made so long after somebody's looking made it due: their page goes first, and on few cores both would take twice as long.
const AFTER_THE_PAGE: Duration = Duration::from_millis(10);

/// The glances of all companies that somebody looks at.
#[derive(Default)]
pub struct Glances {
    slots: Mutex<BTreeMap<String, Arc<Slot>>>,
    /// Those that nobody waits for are made one at a time: on few cores those of two companies would hold up every page meanwhile.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Slot {
    latest: Mutex<Option<Arc<Glance>>>,
    /// Held by whoever makes the next: the others need not.
    making: Arc<tokio::sync::Mutex<()>>,
}

impl Slot {
    fn latest(&self) -> Option<Arc<Glance>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn make(&self, parts: &Parts, merchant: &Arc<Merchant>) -> Result<Arc<Glance>, UnitError> {
        let made = Arc::new(make(parts, merchant, self.latest().as_deref()).await?);
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
        Ok(made)
    }

    fn younger_than(&self, age: Duration, now: Timestamp) -> Option<Arc<Glance>> {
        self.latest().filter(|glance| now.since(glance.made_at) < age)
    }
}

impl Glances {
    fn slot(&self, company: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(company.to_owned()).or_default().clone()
    }

    /// A company's glance, made now if there is none that is young enough.
    pub async fn of(&self, parts: &Arc<Parts>, merchant: &Arc<Merchant>) -> Result<Arc<Glance>, UnitError> {
        let slot = self.slot(merchant.company.as_str());
        let now = parts.clock.now();
        if let Some(fresh) = slot.younger_than(FRESH_FOR, now) {
            return Ok(fresh);
        }
        if let Some(shown) = slot.younger_than(SHOWN_FOR, now) {
            if let Ok(making) = slot.making.clone().try_lock_owned() {
                tokio::spawn(meanwhile(slot, making, self.turn.clone(), parts.clone(), merchant.clone()));
            }
            return Ok(shown);
        }
        let _making = slot.making.lock().await;
        // Whoever had it in hand may have made one meanwhile.
        match slot.younger_than(FRESH_FOR, parts.clock.now()) {
            Some(fresh) => Ok(fresh),
            None => slot.make(parts, merchant).await,
        }
    }

    /// Looks at these companies, one after the other; that one cannot be looked at is logged, and no more.
    pub async fn look(&self, parts: &Arc<Parts>, merchants: impl Iterator<Item = &Arc<Merchant>>) {
        for merchant in merchants {
            if let Err(error) = self.of(parts, merchant).await {
                tracing::error!(error = %error, "{} could not be looked at: {error}", merchant.company);
            }
        }
    }

    /// What was last made for a company, however old.
    pub fn latest(&self, company: &str) -> Option<Arc<Glance>> {
        self.slot(company).latest()
    }
}

/// Makes the next while the last is shown.
async fn meanwhile(
    slot: Arc<Slot>,
    _making: OwnedMutexGuard<()>,
    turn: Arc<tokio::sync::Mutex<()>>,
    parts: Arc<Parts>,
    merchant: Arc<Merchant>,
) {
    parts.clock.sleep_until(parts.clock.now().plus(AFTER_THE_PAGE)).await;
    let _turn = turn.lock().await;
    if let Err(error) = slot.make(&parts, &merchant).await {
        tracing::error!(error = %error, "{} could not be looked at: {error}", merchant.company);
    }
}
