//! What a worker sees of its own machine and of its sign-ins: a card before work stops, not after.
//!
//! Each worker looks for itself, since each may run on a machine of its own. A database that cannot be written to can take no card:
//! that is in the log and in `/health` at once, and on a card as soon as it takes one.

use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::feeds;
use tallyman_store::{Tx, Unit, UnitError};

use crate::intake::Of;
use crate::worker::Feed;

/// A feed that was finished further ahead than this was finished by another clock.
const AHEAD: Duration = Duration::from_secs(60);
/// How long a database that has failed again and again stays on a card after it works again: it may do so once more.
const STORE_TROUBLE: Duration = Duration::from_secs(600);

/// Looks once, and writes only what has changed.
pub async fn round((worker, merchant): Of<'_>) -> Result<(), UnitError> {
    let parts = &*worker.parts;
    let now = parts.clock.now();
    let machine = parts.machine.name();
    let fault = |part: &str, is: bool, gone: &'static str| Watched {
        record: format!("{part} of {machine}"),
        finding: is.then(|| Kept::without_sentence(Code::MachineFault, Cause::Machine(format!("{part} of {machine}")))),
        gone,
    };
    let full = parts
        .machine
        .free_disk_bytes()
        .is_some_and(|free| free < parts.pace.free_disk_bytes_min);
    let feeds = Feed::ALL.map(|feed| feed.name(merchant));
    let behind = parts
        .store
        .read(Ahead {
            feeds: feeds.into(),
            now,
        })
        .await?;
    let failed = worker.store_failed_at().is_some_and(|at| now.since(at) < STORE_TROUBLE);
    let mut watched = vec![
        fault("disk", full, "there is room again"),
        fault("clock", behind, "it has caught up with what was written"),
        fault("database", failed, "it has worked since"),
    ];
    for connector in merchant.connectors() {
        let connection = connector.connection();
        let until = merchant.promises.consents.iter().find(|(name, _)| name == connection);
        let lapses = until.is_some_and(|(_, until)| *until < now.plus(parts.pace.lapses_within));
        let cause = Cause::Connection(connection.clone());
        watched.push(Watched {
            record: format!("consent of {connection}"),
            finding: lapses.then(|| Kept::without_sentence(Code::ConsentLapsing, cause)),
            gone: "there is a later consent",
        });
    }
    let settle = Settle {
        company: merchant.company.to_string(),
        watched,
        now,
    };
    if parts.store.read(Differs(settle.clone())).await? {
        for found in settle.watched.iter().filter_map(|watched| watched.finding.as_ref()) {
            tracing::warn!(code = %found.code, cause = %found.cause, "{}", found.code.told(&found.cause));
        }
        parts.store.write(settle).await?;
    }
    Ok(())
}

#[derive(Clone)]
struct Watched {
    record: String,
    /// `None`: all is well.
    finding: Option<Kept>,
    gone: &'static str,
}

#[derive(Clone)]
struct Settle {
    company: String,
    watched: Vec<Watched>,
    now: Timestamp,
}

/// Whether a card must change.
struct Differs(Settle);

impl Unit for Differs {
    type Output = bool;
    const NAME: &'static str = "machine_differs";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        for watched in &self.0.watched {
            let on_card = stands(tx, &self.0.company, watched).await?;
            if on_card != watched.finding.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether it stands on a card of this company: another's has a card of its own for the same machine.
async fn stands(tx: &mut Tx<'_>, company: &str, watched: &Watched) -> Result<bool, UnitError> {
    let cards = exceptions::cards_of(tx, "", &named(company, watched)).await?;
    Ok(!cards.is_empty())
}

fn named(company: &str, watched: &Watched) -> String {
    format!("{} for {company}", watched.record)
}

impl Unit for Settle {
    type Output = ();
    const NAME: &'static str = "settle_machine";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for watched in &self.watched {
            let on_card = stands(tx, &self.company, watched).await?;
            let record = named(&self.company, watched);
            match &watched.finding {
                Some(finding) if !on_card => {
                    exceptions::join(tx, &self.company, ("", &record), finding, exceptions::SEEN_ALL, self.now).await?;
                }
                None if on_card => {
                    exceptions::go_on(tx, "", &record, GoesOn::Proven(watched.gone), self.now).await?;
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}

/// Whether any of these feeds was finished later than it is now: this machine's clock is behind the one that wrote that, and nothing
/// comes round until it has caught up.
struct Ahead {
    feeds: Vec<String>,
    now: Timestamp,
}

impl Unit for Ahead {
    type Output = bool;
    const NAME: &'static str = "clock_is_behind";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        for feed in &self.feeds {
            if feeds::done_at(tx, feed)
                .await?
                .is_some_and(|done| done > self.now.plus(AHEAD))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
