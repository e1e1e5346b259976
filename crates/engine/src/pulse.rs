//! The card of a system that does not answer: put up by whoever has heard nothing but failures of it for some minutes, taken off at
//! the next good answer that anybody hears ([`tallyman_core::pulse`]). With it, the pauses of the connection are counted anew.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::pulse::{self, Act, Pulse, Sign};
use tallyman_core::role::Connector;
use tallyman_core::seam::{Lost, Reply};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::connections;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::{Tx, Unit, UnitError};

use crate::parts::Parts;

/// What this worker has heard of each connection.
#[derive(Default)]
pub struct Pulses(Mutex<BTreeMap<Connection, Pulse>>);

/// What a connection goes by on its card.
pub fn record(connection: &Connection) -> String {
    format!("answers of {connection}")
}

impl Pulses {
    /// Takes in what a call came to. A store that fails now is told at the next call.
    pub async fn note(&self, parts: &Parts, connector: &dyn Connector, outcome: &Result<Reply, Lost>) {
        let Some(sign) = Sign::of(outcome) else { return };
        let connection = connector.connection();
        let now = parts.clock.now();
        let hear = |pulse: &mut Pulse| pulse.hear(sign, now, parts.pace.down_after);
        let change = match self.with(connection, hear) {
            Act::Nothing => return,
            Act::Raise { since } => {
                let found = pulse::finding(connection, since);
                tracing::warn!(code = %found.code, cause = %found.cause, "{}", found.sentence);
                Some(found)
            }
            Act::TakeOff => None,
        };
        let raises = change.is_some();
        let settle = Settle {
            company: connector.company().to_string(),
            connection: connection.clone(),
            down: raises,
            well: outcome.as_ref().is_ok_and(|reply| reply.status < 400),
            now,
        };
        if let Err(error) = self.settle(parts, settle).await {
            tracing::error!(%connection, error = %error, "whether {connection} answers could not be written down: {error}");
            if raises {
                self.with(connection, Pulse::not_told);
            }
        }
    }

    async fn settle(&self, parts: &Parts, settle: Settle) -> Result<(), UnitError> {
        // Almost always there is no card and no pause, and asking is cheaper than a transaction that writes.
        if parts.store.read(IsSettled(settle.clone())).await? {
            return Ok(());
        }
        parts.store.write(settle).await
    }

    fn with<T>(&self, connection: &Connection, change: impl FnOnce(&mut Pulse) -> T) -> T {
        let mut pulses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(pulses.entry(connection.clone()).or_default())
    }
}

#[derive(Clone)]
struct Settle {
    company: String,
    connection: Connection,
    down: bool,
    /// Whether what was answered was no refusal: a limit that is reached is an answer, and is not well.
    well: bool,
    now: Timestamp,
}

struct IsSettled(Settle);

impl Unit for IsSettled {
    type Output = bool;
    const NAME: &'static str = "is_pulse_settled";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let settle = &self.0;
        let cause = Cause::Connection(settle.connection.clone());
        if exceptions::is_open(tx, &settle.company, Code::VendorDown, &cause).await? != settle.down {
            return Ok(false);
        }
        if !settle.well {
            return Ok(true);
        }
        let standing = connections::standing(tx, settle.connection.as_str()).await?;
        let has_paused = |its: connections::Standing| its.failures > 0 && its.paused_until <= settle.now;
        Ok(!standing.is_some_and(has_paused))
    }
}

impl Unit for Settle {
    type Output = ();
    const NAME: &'static str = "settle_pulse";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let record = record(&self.connection);
        if self.down {
            let kept = Kept::without_sentence(Code::VendorDown, Cause::Connection(self.connection.clone()));
            exceptions::join(tx, &self.company, ("", &record), &kept, exceptions::SEEN_ALL, self.now).await
        } else {
            exceptions::go_on(tx, "", &record, GoesOn::Proven("it answers again"), self.now).await?;
            if self.well {
                connections::well(tx, self.connection.as_str(), self.now).await?;
            }
            Ok(())
        }
    }
}
