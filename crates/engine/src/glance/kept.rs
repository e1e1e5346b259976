//! Glances that were made lately. Each is made anew at most every [`FRESH_FOR`], and only when somebody looks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tallyman_core::time::Timestamp;
use tallyman_store::UnitError;

use super::{Glance, make};
use crate::parts::{Merchant, Parts};

/// So long one is as good as new.
const FRESH_FOR: Duration = Duration::from_secs(2);
/// So long it may be shown while somebody else makes the next.
const SHOWN_FOR: Duration = Duration::from_secs(10);

/// The glances of all companies that somebody looks at.
#[derive(Default)]
pub struct Glances {
    slots: Mutex<BTreeMap<String, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot {
    latest: Mutex<Option<Arc<Glance>>>,
    /// Held by whoever makes the next: the others need not.
    making: tokio::sync::Mutex<()>,
}

impl Slot {
    fn latest(&self) -> Option<Arc<Glance>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
    pub async fn of(&self, parts: &Parts, merchant: &Arc<Merchant>) -> Result<Arc<Glance>, UnitError> {
        let slot = self.slot(merchant.company.as_str());
        let now = parts.clock.now();
        if let Some(fresh) = slot.younger_than(FRESH_FOR, now) {
            return Ok(fresh);
        }
        let _making = match (slot.making.try_lock(), slot.younger_than(SHOWN_FOR, now)) {
            (Ok(making), _) => making,
            (Err(_), Some(shown)) => return Ok(shown),
            (Err(_), None) => slot.making.lock().await,
        };
        // Whoever had it in hand may have made one meanwhile.
        if let Some(fresh) = slot.younger_than(FRESH_FOR, parts.clock.now()) {
            return Ok(fresh);
        }
        let made = Arc::new(make(parts, merchant, slot.latest().as_deref()).await?);
        *slot.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
        Ok(made)
    }

    /// What was last made for a company, however old.
    pub fn latest(&self, company: &str) -> Option<Arc<Glance>> {
        self.slot(company).latest()
    }
}
