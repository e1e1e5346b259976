//! A write that stands still, planted where no fault of a vendor would leave one as quickly.

use tallyman_core::cause::Cause;
use tallyman_core::effect::state::{State, Tries};
use tallyman_core::effect::{Confirmation, Despatch, Effect, Kind, Lane, Planned, RefusedTwice, TaggedAppend};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::Stage;
use tallyman_core::quantity::Quantity;
use tallyman_core::time::{Date, Timestamp};
use tallyman_engine::answer::is_answered_for;
use tallyman_store::tables::attempts::{self, Attempt};
use tallyman_store::tables::exceptions::{self, Kept};
use tallyman_store::tables::{effects, journeys};
use tallyman_store::{Tx, Unit, UnitError};

/// A confirmation of this order stands still under a card of this code, at each merchant; gives its ids by company.
pub struct Stop {
    pub reference: String,
    pub code: Code,
    /// A despatch in the ledger, and not a confirmation.
    pub in_ledger: bool,
    pub now: Timestamp,
}

impl Unit for Stop {
    type Output = Vec<(String, Fingerprint)>;
    const NAME: &'static str = "stop_confirmation";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut stopped = Vec::new();
        for (_, id) in journeys::find(tx, &self.reference).await? {
            let id = JourneyId::from_fingerprint(Fingerprint::parse(&id).expect("an id"));
            let journey = journeys::load(tx, &id).await?.expect("a journey").journey;
            let effect = journey.step(&format!("confirm/{}", self.code));
            let finding = Finding::new(self.code, Cause::Effect(effect), "It stands still.");
            let despatch = Effect::TaggedAppend(TaggedAppend::Despatch(despatch()));
            let route = &journey.route;
            let planned = Planned {
                id: effect,
                lane: Lane {
                    connection: if self.in_ledger { &route.ledger } else { &route.channel }.clone(),
                    subject: id.to_string(),
                },
                after: vec![],
                effect: if self.in_ledger {
                    despatch
                } else {
                    Effect::RefusedTwice(RefusedTwice::Confirm(Confirmation {
                        source_key: journey.source_key.clone(),
                        shipment: "parcel".into(),
                        carrier: "fast".into(),
                        tracking: "T1".into(),
                        tracking_url: None,
                        shipped_at: self.now,
                        lines: vec![],
                    }))
                },
                // As a guardrail would have stopped it, before it was sent.
                parked: (!is_answered_for(self.code.name())).then(|| finding.clone()),
                supersedes: None,
            };
            let company = journey.company.as_str();
            effects::insert(tx, company, id.as_str(), &planned, b"", self.now).await?;
            effects::set_state(tx, &effect, &State::Parked, self.now).await?;
            let kept = Kept::without_sentence(self.code, finding.cause);
            exceptions::join(
                tx,
                company,
                (id.as_str(), effect.as_str()),
                &kept,
                exceptions::SEEN_ALL,
                self.now,
            )
            .await?;
            stopped.push((company.to_owned(), effect));
        }
        Ok(stopped)
    }
}

/// A write of this order, at each merchant that has one, was put off so often: somebody had the record open.
pub struct PutOff {
    pub reference: String,
    pub pauses: u32,
    pub due: Timestamp,
    pub now: Timestamp,
}

impl Unit for PutOff {
    type Output = ();
    const NAME: &'static str = "put_off";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for (company, id) in journeys::find(tx, &self.reference).await? {
            let id = JourneyId::from_fingerprint(Fingerprint::parse(&id).expect("an id"));
            let journey = journeys::load(tx, &id).await?.expect("a journey").journey;
            let effect = journey.step("despatch/put-off");
            let planned = Planned {
                id: effect,
                lane: Lane {
                    connection: journey.route.ledger.clone(),
                    subject: id.to_string(),
                },
                after: vec![],
                effect: Effect::TaggedAppend(TaggedAppend::Despatch(despatch())),
                parked: None,
                supersedes: None,
            };
            effects::insert(tx, &company, id.as_str(), &planned, b"", self.now).await?;
            let tries = Tries {
                pauses: self.pauses,
                ..Tries::default()
            };
            let state = State::Ready { due: self.due, tries };
            effects::set_state(tx, &effect, &state, self.now).await?;
            let attempt = Attempt {
                at: self.now,
                what: "send",
                outcome: "locked",
                words: None,
                exchange: None,
            };
            attempts::insert(tx, &effect, &attempt).await?;
        }
        Ok(())
    }
}

/// What has become of a write of an order that had gone all the way: the order is as it was before that.
pub enum Undone {
    /// It was sent and no answer came: it stands still until somebody says whether it is there.
    Unanswered,
    /// Somebody had the record open, so often: it goes again by itself then.
    PutOff { pauses: u32, due: Timestamp },
}

/// The retailer was not told of this order, or the ledger not that it has left, by our own id.
pub struct Undo {
    pub journey: String,
    pub kind: Kind,
    pub to: Undone,
    pub now: Timestamp,
}

impl Unit for Undo {
    type Output = ();
    const NAME: &'static str = "undo_write";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let id = JourneyId::from_fingerprint(Fingerprint::parse(&self.journey).expect("an id"));
        let journeys::Stored { mut journey, version } = journeys::load(tx, &id).await?.expect("a journey");
        journey.stage = Stage::Open;
        for line in &mut journey.lines {
            let done = if self.kind == Kind::Confirm {
                &mut line.confirmed
            } else {
                &mut line.despatched
            };
            *done = Quantity::ZERO;
        }
        journeys::update(tx, &journey, version, self.now).await?;
        let all = effects::of_journey(tx, &self.journey).await?;
        // An order that left in parts was confirmed in parts.
        let is_its = |name: &str| name == self.kind.name() || (self.kind == Kind::Confirm && name == Kind::ConfirmPart.name());
        let effect = all.into_iter().find(|effect| is_its(&effect.name));
        let effect = effect.expect("its write").id;
        let (state, outcome) = match self.to {
            Undone::Unanswered => (State::Parked, "unknown"),
            Undone::PutOff { pauses, due } => {
                let tries = Tries {
                    pauses,
                    ..Tries::default()
                };
                (State::Ready { due, tries }, "locked")
            }
        };
        effects::set_state(tx, &effect, &state, self.now).await?;
        let attempt = Attempt {
            at: self.now,
            what: "send",
            outcome,
            words: None,
            exchange: None,
        };
        attempts::insert(tx, &effect, &attempt).await?;
        if state == State::Parked {
            let kept = Kept::without_sentence(Code::OutcomeUnclear, Cause::Effect(effect));
            let record = (id.as_str(), effect.as_str());
            let company = journey.company.as_str();
            exceptions::join(tx, company, record, &kept, exceptions::SEEN_ALL, self.now).await?;
        }
        Ok(())
    }
}

fn despatch() -> Despatch {
    Despatch {
        shipment: "parcel".into(),
        despatched_on: Date::parse("2026-11-02").expect("a day"),
        courier_id: None,
        tracking: None,
        lines: vec![],
        tagged: true,
    }
}

/// A write of this kind that this order has: nobody can tell by now whether it has arrived. Gives its id.
pub struct InDoubt {
    pub company: String,
    pub reference: String,
    pub kind: Kind,
    pub now: Timestamp,
}

impl Unit for InDoubt {
    type Output = Fingerprint;
    const NAME: &'static str = "in_doubt";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Fingerprint, UnitError> {
        let found = journeys::find(tx, &self.reference).await?;
        let (_, journey) = found
            .into_iter()
            .find(|(company, _)| *company == self.company)
            .expect("its order");
        let all = effects::of_journey(tx, &journey).await?;
        let effect = all
            .into_iter()
            .find(|effect| effect.name == self.kind.name())
            .expect("its write");
        effects::set_state(tx, &effect.id, &State::Parked, self.now).await?;
        let kept = Kept::without_sentence(Code::OutcomeUnclear, Cause::Effect(effect.id));
        let record = (journey.as_str(), effect.id.as_str());
        exceptions::join(tx, &self.company, record, &kept, exceptions::SEEN_ALL, self.now).await?;
        Ok(effect.id)
    }
}
