//! Alerts: what is planned together with what is kept of it, and what came of an attempt.

use tallyman_core::alert::{SUBJECT, Step};
use tallyman_core::effect::{Obstacle, Receipt, State};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::attempts::{self, Attempt};
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::{alerts, connections, effects, lanes};
use tallyman_store::{Tx, Unit, UnitError};

use super::PlanEffect;

/// Keeps what is said from now on, and plans the effects that say it. A conflict if anything that it was decided on has moved: whoever was
/// first has said it.
pub struct Say {
    pub company: String,
    pub steps: Vec<Step>,
    pub effects: Vec<PlanEffect>,
    pub now: Timestamp,
}

impl Unit for Say {
    type Output = ();
    const NAME: &'static str = "say_alerts";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for step in &self.steps {
            alerts::keep(tx, &self.company, step.before.as_ref(), &step.after).await?;
        }
        for PlanEffect { planned, body } in &self.effects {
            let added = effects::insert(tx, &self.company, SUBJECT, planned, body.as_bytes(), self.now).await?;
            if let Some((_, state)) = added {
                let due = state.due().unwrap_or(Timestamp::MAX);
                lanes::join(tx, planned.lane.connection.as_str(), &planned.lane.subject, &planned.id, due).await?;
            }
        }
        Ok(())
    }
}

/// What came of saying it. The card of its route stands while something waits that the route has not taken.
pub struct RecordTold {
    pub connection: String,
    pub company: String,
    pub subject: String,
    pub token: i64,
    pub effect: Fingerprint,
    pub place: i64,
    pub state: State,
    pub receipt: Option<Receipt>,
    /// What the route goes by on its card.
    pub record: String,
    pub finding: Option<Kept>,
    pub attempt: Option<Attempt>,
    /// The route is left alone: until when, and why.
    pub pause: Option<(Timestamp, Obstacle)>,
    pub now: Timestamp,
}

impl Unit for RecordTold {
    type Output = ();
    const NAME: &'static str = "record_told";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        effects::set_state(tx, &self.effect, &self.state, self.now).await?;
        let next = if self.state.is_final() {
            effects::next_open(tx, &self.connection, &self.subject, self.place).await?
        } else {
            Some((self.effect, self.state.due().unwrap_or(Timestamp::MAX)))
        };
        let next = next.as_ref().map(|(head, due)| (head, *due));
        lanes::give_back(tx, &self.connection, &self.subject, self.token, next).await?;
        if let Some(receipt) = &self.receipt {
            effects::set_receipt(tx, &self.effect, receipt).await?;
        }
        if let Some(finding) = &self.finding {
            let record = ("", self.record.as_str());
            exceptions::join(tx, &self.company, record, finding, exceptions::SEEN_ALL, self.now).await?;
        }
        if self.state == State::Done && !alerts::waits(tx, &self.company, &self.connection).await? {
            let proof = GoesOn::Proven("the route takes alerts");
            exceptions::go_on(tx, "", &self.record, proof, self.now).await?;
        }
        if self.state == State::Done {
            connections::well(tx, &self.connection, self.now).await?;
        }
        if let Some(attempt) = &self.attempt {
            attempts::insert(tx, &self.effect, attempt).await?;
        }
        if let Some((until, why)) = &self.pause {
            connections::pause(tx, &self.connection, *until, *why).await?;
        }
        Ok(())
    }
}
