//! Claiming: a worker takes the lanes that it has call slots and permits for, and says before anything is sent what it is about
//! to do.

use tallyman_core::cause::Cause;
use tallyman_core::effect::state::{Task, claim};
use tallyman_core::effect::{Kind, State};
use tallyman_core::finding::Code;
use tallyman_core::hold::Hold;
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::pace::{Gcra, PERMITS_PER_PIECE, Work};
use tallyman_core::planted::Planted;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::attempts::{self, Attempt};
use tallyman_store::tables::exceptions::{self, Kept};
use tallyman_store::tables::{connections, effects, holds, journeys, lanes};
use tallyman_store::{Isolation, Tx, Unit, UnitError, keys};

use super::rule_of;

pub struct ClaimLanes {
    pub connection: Connection,
    pub company: String,
    pub worker: String,
    pub now: Timestamp,
    pub until: Timestamp,
    pub slots: u32,
    pub limit: Option<Gcra>,
    pub planted: Planted,
}

/// An effect that this worker holds, and what it is to do with it.
pub struct Claimed {
    pub task: Task,
    pub token: i64,
    pub subject: String,
    pub effect: effects::Stored,
    pub whose: Whose,
    pub key: Wrapped,
    pub lease_until: Timestamp,
}

/// What an effect belongs to, which its outcome may move.
pub enum Whose {
    Journey(Box<journeys::Stored>),
    /// It tells people something, and moves nothing.
    Alerts,
}

pub struct Claims {
    pub claimed: Vec<Claimed>,
    /// When this connection next has something to do.
    pub next: Option<Timestamp>,
}

impl Unit for ClaimLanes {
    type Output = Claims;
    const NAME: &'static str = "claim_lanes";
    // Each lane is taken by a guarded update, which carries its own proof, and the permits are locked while they are in hand.
    const ISOLATION: Isolation = Isolation::ReadCommitted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Claims, UnitError> {
        let next = lanes::next_due(tx, &self.connection).await?;
        if next.is_none_or(|due| due > self.now) {
            return Ok(Claims {
                claimed: Vec::new(),
                next,
            });
        }
        let Some(permits) = connections::permits(tx, self.connection.as_str()).await? else {
            return Err(UnitError::Refused(format!(
                "connection {} has not been set up",
                self.connection
            )));
        };
        let closed_until = permits.paused_until.max(permits.stopped_until);
        if closed_until > self.now {
            return Ok(Claims {
                claimed: Vec::new(),
                next: Some(closed_until),
            });
        }
        let holds = self.holds(tx, &permits).await?;
        let mut slots = self.slots;
        if let Some(limit) = &self.limit {
            let room = limit.room(&permits.marks, Work::Urgent, self.now);
            if room.permits < PERMITS_PER_PIECE {
                return Ok(Claims {
                    claimed: Vec::new(),
                    next: Some(room.next),
                });
            }
            slots = slots.min(room.permits / PERMITS_PER_PIECE);
        }
        let taken = lanes::claim(tx, &self.connection, &self.worker, self.now, self.until, slots).await?;
        let mut claimed = Vec::with_capacity(taken.len());
        let mut spent = 0;
        for lane in taken {
            match self.take(tx, lane, &holds).await? {
                Taken::Ours(ours) => {
                    claimed.push(*ours);
                    spent += PERMITS_PER_PIECE;
                }
                Taken::SetAside => spent += PERMITS_PER_PIECE,
                // Nothing of it is sent, so it costs no permit, and those behind it in the queue are not slowed by it.
                Taken::Held => {}
            }
        }
        if let Some(limit) = self.limit.as_ref().filter(|_| spent > 0) {
            let marks = limit.spend(&permits.marks, Work::Urgent, self.now, spent);
            connections::spend(tx, self.connection.as_str(), &marks).await?;
        }
        Ok(Claims {
            claimed,
            next: lanes::next_due(tx, &self.connection).await?,
        })
    }
}

/// What has become of a lane that was taken.
enum Taken {
    Ours(Box<Claimed>),
    /// It was given back, for good or until its time.
    SetAside,
    /// It was given back until a hold ends.
    Held,
}

impl ClaimLanes {
    /// The holds that stand at the company; none are looked for where there are none.
    async fn holds(&self, tx: &mut Tx<'_>, permits: &connections::Permits) -> Result<Vec<Hold>, UnitError> {
        if !permits.holds {
            return Ok(Vec::new());
        }
        let mut holds = holds::standing(tx, &self.company).await?;
        holds.retain(|hold| hold.stands(self.now));
        Ok(holds)
    }

    async fn take(&self, tx: &mut Tx<'_>, lane: lanes::Held, holds: &[Hold]) -> Result<Taken, UnitError> {
        let Some(effect) = effects::load(tx, &lane.head).await? else {
            return Err(UnitError::Refused(format!(
                "lane {} has a head {} that is not there",
                lane.subject, lane.head
            )));
        };
        let Ok(rule) = rule_of(&effect.name, self.planted) else {
            return self
                .set_aside(tx, &lane, &effect, "its kind is not known to this program")
                .await;
        };
        let Some((state, task)) = claim(&effect.state, rule, lane.was_due, self.now) else {
            // Its head can only be moved by something else: it was due by an old word.
            return self.give_back(tx, &lane, Timestamp::MAX).await;
        };
        let whose = match Kind::named(&effect.name) {
            Some(Kind::Alert) => Some(Whose::Alerts),
            _ => {
                let id = JourneyId::from_fingerprint(parse(&effect.journey)?);
                let journey = journeys::load(tx, &id).await?;
                journey.map(|journey| Whose::Journey(Box::new(journey)))
            }
        };
        let key = keys::load(tx, &self.company, &effect.journey).await?;
        let (Some(whose), keys::KeyState::Held(key)) = (whose, key) else {
            return self
                .set_aside(tx, &lane, &effect, "the order it belongs to is not there, or was erased")
                .await;
        };
        if task == Task::Send {
            let journey = match &whose {
                Whose::Journey(journey) => Some(&journey.journey),
                Whose::Alerts => None,
            };
            let connection = self.connection.as_str();
            if let Some(hold) = holds.iter().find(|hold| hold.scope.covers(connection, journey)) {
                return self.hold(tx, &lane, (&effect, hold)).await;
            }
        }
        effects::set_state(tx, &effect.id, &state, self.now).await?;
        if task == Task::Wait {
            // A worker was lost while it may have been sending: it is unknown, and asked about when that can be told.
            let attempt = Attempt {
                at: self.now,
                what: "send",
                outcome: "lost",
                words: None,
                exchange: None,
            };
            attempts::insert(tx, &effect.id, &attempt).await?;
            if state == State::Parked {
                return self.set_aside(tx, &lane, &effect, "whoever was sending it was lost").await;
            }
            return self.give_back(tx, &lane, state.due().unwrap_or(Timestamp::MAX)).await;
        }
        let effect = effects::Stored { state, ..effect };
        Ok(Taken::Ours(Box::new(Claimed {
            task,
            token: lane.token,
            subject: lane.subject,
            effect,
            whose,
            key,
            lease_until: self.until,
        })))
    }

    /// Leaves a write that was not begun as it is, ready, until the hold ends.
    async fn hold(
        &self,
        tx: &mut Tx<'_>,
        lane: &lanes::Held,
        (effect, hold): (&effects::Stored, &Hold),
    ) -> Result<Taken, UnitError> {
        let waits = holds::Lane {
            connection: self.connection.as_str(),
            subject: &lane.subject,
            effect: &lane.head,
            journey: &effect.journey,
        };
        holds::hold_lane(tx, hold, &waits, self.now).await?;
        self.give_back(tx, lane, hold.until).await?;
        Ok(Taken::Held)
    }

    /// Parks an effect that only a person can say more about, with a card: one bad lane must not hold up its connection.
    async fn set_aside(
        &self,
        tx: &mut Tx<'_>,
        lane: &lanes::Held,
        effect: &effects::Stored,
        why: &'static str,
    ) -> Result<Taken, UnitError> {
        tracing::warn!(effect = %effect.id, "effect {} waits for a person: {why}", effect.id);
        effects::set_state(tx, &effect.id, &State::Parked, self.now).await?;
        let finding = Kept::without_sentence(Code::PersonNeeded, Cause::Effect(effect.id));
        exceptions::join(
            tx,
            &self.company,
            (&effect.journey, effect.id.as_str()),
            &finding,
            exceptions::SEEN_ALL,
            self.now,
        )
        .await?;
        self.give_back(tx, lane, Timestamp::MAX).await
    }

    /// Leaves a lane to wait until then.
    async fn give_back(&self, tx: &mut Tx<'_>, lane: &lanes::Held, due: Timestamp) -> Result<Taken, UnitError> {
        let (connection, head) = (self.connection.as_str(), Some((&lane.head, due)));
        lanes::give_back(tx, connection, &lane.subject, lane.token, head).await?;
        Ok(Taken::SetAside)
    }
}

fn parse(journey: &str) -> Result<tallyman_core::fingerprint::Fingerprint, UnitError> {
    tallyman_core::fingerprint::Fingerprint::parse(journey).map_err(|error| UnitError::Refused(error.to_string()))
}
