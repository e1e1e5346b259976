//! The reconciler of heartbeats: a feed that finishes nothing has a card, until it does.
//!
//! It runs in the worker that it watches, so it sees a feed that fails and not a machine that is off: when no worker runs at all, nobody
//! can put up a card. `/health` answers 503 then or not at all, and whoever watches that must be somebody else.

use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::heartbeat::{Beat, Explained, Feed};
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::{connections, feeds};
use tallyman_store::{Tx, Unit, UnitError};

use crate::intake::{Of, RoundError};
use crate::{cut_off, exchanges, pulse, session, worker};

/// One round over the feeds of a merchant.
pub async fn round((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let parts = &*worker.parts;
    let now = parts.clock.now();
    // A machine that stood still is no finding of any feed: each gets its time, as when a worker begins.
    let own = worker::Feed::Heartbeat;
    let done_at = parts.store.read(DoneAt(own.name(merchant))).await?;
    if done_at.is_some_and(|done| Beat::of(own.every(parts), now.since(done)) != Beat::Well) {
        worker.watch_from(now);
    }
    let watched = worker::Feed::ALL.map(|feed| Watched {
        name: feed.name(merchant),
        every: feed.every(parts),
        calls: feed.calls().then(|| feed.connection(merchant).clone()),
    });
    let look = Look {
        company: merchant.company.to_string(),
        feeds: watched.into(),
        since: worker.watches_from(),
        now,
    };
    cut_off::round((worker, merchant)).await?;
    if let Some(kept) = parts.pace.keep_exchanges {
        exchanges::forget(&parts.store, merchant.company.as_str(), now.minus(kept)).await?;
    }
    // Almost always there is nothing to write.
    let changed = parts.store.read(look).await?;
    if changed.is_empty() {
        return Ok(());
    }
    for found in changed.iter().filter_map(|change| change.finding.as_ref()) {
        tracing::warn!(code = %found.code, cause = %found.cause, "{}", found.sentence);
    }
    let put = Put {
        company: merchant.company.to_string(),
        changed,
        now,
    };
    parts.store.write(put).await?;
    Ok(())
}

struct DoneAt(String);

impl Unit for DoneAt {
    type Output = Option<Timestamp>;
    const NAME: &'static str = "own_heartbeat";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        feeds::done_at(tx, &self.0).await
    }
}

/// A feed as it ought to be.
struct Watched {
    name: String,
    every: Duration,
    /// The connection that it asks, if it does.
    calls: Option<Connection>,
}

/// Says whose card must change, and to what.
struct Look {
    company: String,
    feeds: Vec<Watched>,
    since: Timestamp,
    now: Timestamp,
}

struct Change {
    record: String,
    finding: Option<Finding>,
}

impl Unit for Look {
    type Output = Vec<Change>;
    const NAME: &'static str = "look_at_heartbeats";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Change>, UnitError> {
        let mut changed = Vec::new();
        for watched in &self.feeds {
            let Some(done_at) = feeds::done_at(tx, &watched.name).await? else {
                continue;
            };
            let feed = Feed {
                name: watched.name.clone(),
                every: watched.every,
                done_at,
            };
            let record = format!("feed {}", feed.name);
            let on_card = on_card(tx, &record).await?;
            if on_card.is_none() && feed.beat(self.now) == Beat::Well {
                continue;
            }
            let explained = match &watched.calls {
                None => Explained::No,
                Some(connection) if trouble(tx, &self.company, connection, self.now).await?.is_some() => Explained::Joined,
                Some(connection) if pause(tx, connection, self.now).await?.is_some() => Explained::Paused,
                Some(_) => Explained::No,
            };
            let wanted = feed.card(self.now, self.since, on_card, explained);
            if wanted != on_card {
                let finding = wanted.and_then(Beat::code).map(|code| feed.finding(code, self.now));
                changed.push(Change { record, finding });
            }
        }
        Ok(changed)
    }
}

/// The card that a feed stands under.
async fn on_card(tx: &mut Tx<'_>, record: &str) -> Result<Option<Beat>, UnitError> {
    let cards = exceptions::cards_of(tx, "", record).await?;
    let beat = |code: &str| {
        [Beat::Late, Beat::Silent]
            .into_iter()
            .find(|beat| beat.code() == Code::named(code))
    };
    Ok(cards.iter().filter_map(|(_, code)| beat(code)).max())
}

struct Put {
    company: String,
    changed: Vec<Change>,
    now: Timestamp,
}

impl Unit for Put {
    type Output = ();
    const NAME: &'static str = "put_heartbeats";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for Change { record, finding } in &self.changed {
            let proof = match finding {
                Some(_) => "it is worse than this card says",
                None => "it has done something, or its connection says why not",
            };
            exceptions::go_on(tx, "", record, GoesOn::Proven(proof), self.now).await?;
            if let Some(finding) = finding {
                // What belongs to no journey has no sentence: for how long it has been quiet, `/health` says.
                let kept = Kept::without_sentence(finding.code, finding.cause.clone());
                exceptions::join(tx, &self.company, ("", record), &kept, exceptions::SEEN_ALL, self.now).await?;
            }
        }
        Ok(())
    }
}

/// How long a connection has to catch up when it works again, before it is asked what it brings.
const CATCHES_UP: Duration = Duration::from_secs(15 * 60);

/// The trouble of a connection as a whole: an open card of its own, or that it has only just gone.
pub async fn trouble(
    tx: &mut Tx<'_>,
    company: &str,
    connection: &Connection,
    now: Timestamp,
) -> Result<Option<String>, UnitError> {
    let cause = Cause::Connection(connection.clone());
    for code in [Code::VendorDown, Code::ConsentLost] {
        if exceptions::is_open(tx, company, code, &cause).await? {
            return Ok(Some(format!("{connection} has a card of its own: {}", code.entry().what)));
        }
    }
    for record in [pulse::record(connection), session::record(connection.as_str())] {
        let ended = exceptions::ended_at(tx, &record).await?;
        if let Some(at) = ended.filter(|at| now.since(*at) < CATCHES_UP) {
            return Ok(Some(format!("{connection} catches up: it has worked again since {at}")));
        }
    }
    Ok(None)
}

/// What explains that nothing comes from a connection: its own trouble, or its pause. What follows from that joins it, and has no
/// card beside it.
pub async fn explained(
    tx: &mut Tx<'_>,
    company: &str,
    connection: &Connection,
    now: Timestamp,
) -> Result<Option<String>, UnitError> {
    match trouble(tx, company, connection, now).await? {
        Some(trouble) => Ok(Some(trouble)),
        None => pause(tx, connection, now).await,
    }
}

async fn pause(tx: &mut Tx<'_>, connection: &Connection, now: Timestamp) -> Result<Option<String>, UnitError> {
    let Some(standing) = connections::standing(tx, connection.as_str()).await? else {
        return Ok(None);
    };
    Ok(if standing.stopped_until > now {
        Some(format!(
            "{connection} is stopped by a person until {}",
            standing.stopped_until
        ))
    } else if standing.paused_until > now {
        Some(format!("{connection} pauses until {}", standing.paused_until))
    } else if standing.stopped_until > Timestamp::ZERO && standing.stopped_until.plus(CATCHES_UP) > now {
        // Nothing was asked of it for as long as it was stopped.
        Some(format!(
            "{connection} catches up: it was stopped until {}",
            standing.stopped_until
        ))
    } else {
        None
    })
}
