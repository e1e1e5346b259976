//! Recording: what came of an attempt, with all that follows from it. Refused whole when the lease was lost.

use tallyman_core::effect::{Baseline, Obstacle, Receipt, State};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::Connection;
use tallyman_core::journey::Journey;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::attempts::{self, Attempt};
use tallyman_store::tables::captures::{self, Capture};
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::{connections, effects, journeys, lanes, rulings};
use tallyman_store::{Tx, Unit, UnitError};

use crate::heartbeat::trouble;
use crate::vault::Entry;

/// Keeps what an effect left, gives it as the proof where one is wanted, and wakes what came after it. Gives the connections at which something became due.
pub async fn follow_receipt(
    tx: &mut Tx<'_>,
    effect: &Fingerprint,
    receipt: &Receipt,
    now: Timestamp,
) -> Result<Vec<String>, UnitError> {
    let mut woken = Vec::new();
    effects::set_receipt(tx, effect, receipt).await?;
    exceptions::prove(tx, effect, &receipt.to_string(), now).await?;
    for released in effects::release_dependents(tx, effect, now).await? {
        lanes::wake(tx, &released.connection, &released.subject, &released.id, now).await?;
        woken.push(released.connection);
    }
    Ok(woken)
}

/// What a lane begins with, and when that is due, once its head stands so; none when nothing in it is open.
pub(crate) async fn next_head(
    tx: &mut Tx<'_>,
    lane: (&str, &str),
    (head, place): (&Fingerprint, i64),
    state: &State,
) -> Result<Option<(Fingerprint, Timestamp)>, UnitError> {
    if state.is_final() {
        effects::next_open(tx, lane.0, lane.1, place).await
    } else {
        Ok(Some((*head, state.due().unwrap_or(Timestamp::MAX))))
    }
}

/// Keeps what was there before the attempt, so that the probe after it has something to compare with.
pub struct RecordBaseline {
    pub connection: String,
    pub subject: String,
    pub token: i64,
    pub effect: Fingerprint,
    pub baseline: Baseline,
    pub now: Timestamp,
}

impl Unit for RecordBaseline {
    type Output = ();
    const NAME: &'static str = "record_baseline";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        lanes::holds(tx, &self.connection, &self.subject, self.token).await?;
        effects::set_baseline(tx, &self.effect, &self.baseline, self.now).await
    }
}

pub struct RecordOutcome {
    pub connection: String,
    pub subject: String,
    pub token: i64,
    pub effect: Fingerprint,
    pub place: i64,
    pub state: State,
    pub receipt: Option<Receipt>,
    /// The journey as the receipt leaves it, and the version it was decided on.
    pub journey: Option<(Journey, i64)>,
    /// Whose it is: company and journey, for the card of what stopped it.
    pub company: String,
    pub journey_id: String,
    pub finding: Option<Kept>,
    /// It is done, and may stand on a card because it was put off for too long.
    pub leaves_its_card: bool,
    pub references: Vec<(&'static str, String)>,
    pub entries: Vec<Entry>,
    pub attempt: Option<Attempt>,
    /// What was said when it succeeded.
    pub capture: Option<Capture>,
    /// The whole connection waits: until when, and why.
    pub pause: Option<(Timestamp, Obstacle)>,
    pub now: Timestamp,
}

impl Unit for RecordOutcome {
    /// Connections at which something became due by this.
    type Output = Vec<String>;
    const NAME: &'static str = "record_outcome";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, UnitError> {
        let mut woken = Vec::new();
        effects::set_state(tx, &self.effect, &self.state, self.now).await?;
        let lane = (self.connection.as_str(), self.subject.as_str());
        let next = next_head(tx, lane, (&self.effect, self.place), &self.state).await?;
        let next = next.as_ref().map(|(head, due)| (head, *due));
        lanes::give_back(tx, lane.0, lane.1, self.token, next).await?;
        if let Some(receipt) = &self.receipt {
            woken = follow_receipt(tx, &self.effect, receipt, self.now).await?;
        }
        if let Some((journey, version)) = &self.journey {
            journeys::update(tx, journey, *version, self.now).await?;
            for (kind, reference) in &self.references {
                journeys::add_reference(tx, journey, kind, reference).await?;
            }
        }
        let record = (self.journey_id.as_str(), self.effect.as_str());
        if let Some(finding) = &self.finding
            && !self.follows(tx, finding).await?
        {
            // What is said of an effect stands under its name, unless it is of the thing that was to be put right.
            match finding.of.as_str() {
                "" => exceptions::join(tx, &self.company, record, finding, exceptions::SEEN_ALL, self.now).await?,
                of => self.stands_again(tx, of, finding.clone()).await?,
            }
        }
        if self.leaves_its_card {
            let proof = self.receipt.as_ref().map_or_else(|| "done".to_owned(), ToString::to_string);
            exceptions::go_on(tx, record.0, record.1, GoesOn::Proven(&proof), self.now).await?;
        }
        if let Some(attempt) = &self.attempt {
            attempts::insert(tx, &self.effect, attempt).await?;
        }
        if let Some(capture) = &self.capture {
            captures::insert(tx, &self.effect, &self.company, capture).await?;
        }
        if let Some((until, why)) = &self.pause {
            connections::pause(tx, &self.connection, *until, *why).await?;
        }
        for entry in &self.entries {
            entry.write(tx).await?;
        }
        Ok(woken)
    }
}

impl RecordOutcome {
    /// What was to be put right and could not be stands as it was found: whoever keeps it so has decided about that.
    async fn stands_again(&self, tx: &mut Tx<'_>, of: &str, mut finding: Kept) -> Result<(), UnitError> {
        let record = (self.journey_id.as_str(), of);
        if let Some(ruling) = rulings::load(tx, &self.company, record, finding.code).await? {
            finding.mark = ruling.mark;
        }
        exceptions::join(tx, &self.company, record, &finding, exceptions::SEEN_ALL, self.now).await
    }

    /// Whether this only follows from the trouble of the whole connection. It is found again if it lasts.
    async fn follows(&self, tx: &mut Tx<'_>, finding: &Kept) -> Result<bool, UnitError> {
        let connection = Connection::new(self.connection.as_str());
        Ok(finding.code == Code::PutOffTooLong && trouble(tx, &self.company, &connection, self.now).await?.is_some())
    }
}
