//! Writing a decision: what was made out of a page of records, all or nothing. A record that has moved since is left as it stands.

use std::collections::BTreeSet;

use tallyman_core::card::Act;
use tallyman_core::effect::State;
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::exceptions::{self, GoesOn};
use tallyman_store::tables::{effects, journeys, rulings};
use tallyman_store::{Tx, Unit, UnitError};

use super::Other;
use super::record::{Does, Prepared};
use crate::desk;
use crate::units::write_effect;

pub(super) struct Write {
    pub(super) card: Stored,
    /// With the first page: the version that was seen, and what the card's history keeps.
    pub(super) act: Option<(u64, Act)>,
    pub(super) by: String,
    pub(super) records: Vec<Prepared>,
    pub(super) now: Timestamp,
}

#[derive(Default)]
pub(super) struct Written {
    pub(super) records: u64,
    pub(super) awaits_second: u64,
    pub(super) moved: Vec<Other>,
    pub(super) connections: BTreeSet<Connection>,
}

impl Unit for Write {
    type Output = Written;
    const NAME: &'static str = "write_rulings";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Written, UnitError> {
        if let Some((seen, act)) = &self.act {
            self.tell(tx, *seen, act).await?;
        }
        let mut written = Written::default();
        for prepared in &self.records {
            if self.carry_out(tx, prepared).await? {
                let record = (prepared.journey.as_str(), prepared.record.as_str());
                rulings::put(tx, &self.card.company, record, self.card.card.code, &prepared.ruling).await?;
                for entry in &prepared.entries {
                    entry.write(tx).await?;
                }
                written.records += 1;
                written.awaits_second += u64::from(matches!(prepared.does, Does::Waits));
                if let Does::Amends { plan, .. } = &prepared.does {
                    written.connections.insert(plan.planned.lane.connection.clone());
                }
            } else {
                written.moved.push(Other {
                    reference: prepared.reference.clone(),
                    sentence: "It has moved since it was shown. Look at it again; nothing of it was changed.".into(),
                });
            }
        }
        Ok(written)
    }
}

impl Write {
    async fn tell(&self, tx: &mut Tx<'_>, seen: u64, act: &Act) -> Result<(), UnitError> {
        let refused = |error: tallyman_core::card::Refused| UnitError::Refused(error.to_string());
        let next = self.card.card.act(act, seen, self.now).map_err(refused)?;
        cards::set(tx, &self.card.id, seen, &next, self.now, &self.by, act).await?;
        desk::tell(tx, &self.card, (act, &next), (&self.by, self.now)).await
    }

    /// False for a record that is not as it was seen.
    async fn carry_out(&self, tx: &mut Tx<'_>, prepared: &Prepared) -> Result<bool, UnitError> {
        let record = (prepared.journey.as_str(), prepared.record.as_str(), prepared.since);
        match &prepared.does {
            // The mark says of what; if that has moved, the word is about nothing.
            Does::Waits => Ok(true),
            Does::Leaves { proof } => self.leave(tx, record, GoesOn::Proven(proof)).await,
            Does::Withdraws { effect, proof } => {
                let parked = effects::load(tx, effect)
                    .await?
                    .is_some_and(|effect| effect.state == State::Parked);
                if !parked || !self.leave(tx, record, GoesOn::Proven(proof)).await? {
                    return Ok(false);
                }
                effects::withdraw(tx, effect, &self.by, self.now).await?;
                Ok(true)
            }
            Does::Declines {
                journey,
                version,
                withdraw,
                proof,
            } => {
                match version {
                    Some(version) => journeys::update(tx, journey, *version, self.now).await?,
                    // It could not be read, and stands on its card since it came.
                    None if journeys::insert(tx, journey, None, (prepared.since, self.now)).await? => {}
                    None => return Err(UnitError::Conflict(format!("journey {}", journey.id))),
                }
                for effect in withdraw {
                    let unsent = |state: &State| matches!(state, State::Parked | State::Waiting);
                    if !effects::load(tx, effect).await?.is_some_and(|effect| unsent(&effect.state)) {
                        return Err(UnitError::Conflict(format!("effect {effect}")));
                    }
                    effects::withdraw(tx, effect, &self.by, self.now).await?;
                }
                exceptions::end(tx, journey.id.as_str(), proof, self.now).await?;
                Ok(true)
            }
            Does::Amends { journey, plan } => {
                if !self.leave(tx, record, GoesOn::UntilDone(&plan.planned.id)).await? {
                    return Ok(false);
                }
                write_effect(tx, journey, &plan.planned, &plan.body, self.now).await?;
                Ok(true)
            }
        }
    }

    async fn leave(&self, tx: &mut Tx<'_>, record: (&str, &str, Timestamp), how: GoesOn<'_>) -> Result<bool, UnitError> {
        exceptions::leave(tx, &self.card.id, record, how, self.now).await
    }
}
