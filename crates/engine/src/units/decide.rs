//! Writing a decision: the journey, the effects it causes, what was found, and the journal's lines, all or nothing.

use tallyman_core::effect::{Kind, Planned, State};
use tallyman_core::ident::Connection;
use tallyman_core::journey::{Journey, Proof, Settled, Stage};
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Sealed;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::messages::{self, Undecided};
use tallyman_store::tables::{effects, journeys, lanes, mappings};
use tallyman_store::{Tx, Unit, UnitError};

use crate::vault::Entry;

/// Where the journey of a decision stands.
pub enum Home {
    /// It begins with this decision, with the order itself, sealed.
    New { document: Sealed },
    /// It was stopped before anything was written, and is decided again: on an order that has come anew, or on the one it has.
    Again { version: i64, document: Option<Sealed> },
    /// It is decided on what was read at this version.
    Seen { version: i64 },
    /// It is not touched.
    Untouched,
}

/// An effect with its sealed body.
pub struct PlanEffect {
    pub planned: Planned,
    pub body: Sealed,
}

/// The message that a decision is about.
pub struct Origin {
    connection: Connection,
    record: String,
    hash: String,
    received_at: Timestamp,
}

impl Origin {
    pub fn of(connection: &Connection, message: Undecided) -> Self {
        Self {
            connection: connection.clone(),
            record: message.record,
            hash: message.hash,
            received_at: message.received_at,
        }
    }
}

/// One decision about one message (or none, when a sweep decides).
pub struct WriteDecision {
    pub now: Timestamp,
    /// The message it is about, if it is.
    pub message: Option<Origin>,
    pub journey: Journey,
    pub home: Home,
    pub effects: Vec<PlanEffect>,
    pub findings: Vec<Kept>,
    /// Parts of the order that go off their cards.
    pub settles: Vec<Settled>,
    /// What it was checked with.
    pub seen: exceptions::Seen,
    /// Kind and normal form.
    pub references: Vec<(&'static str, String)>,
    pub entries: Vec<Entry>,
}

impl Unit for WriteDecision {
    /// False if another worker decided this message before.
    type Output = bool;
    const NAME: &'static str = "write_decision";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        if let Some(origin) = &self.message
            && !messages::decide(tx, &origin.connection, &origin.record, &origin.hash, self.now).await?
        {
            return Ok(false);
        }
        // What mappings or facts stop must be stopped by those that stand: whoever changes them looks at the cards that there are.
        if self.findings.iter().any(|finding| finding.code.rests_on_reference())
            && self.seen != mappings::latest(tx, self.journey.company.as_str()).await?
        {
            return Err(UnitError::Conflict(
                "the mappings and facts that this was checked with".into(),
            ));
        }
        // What a message brings is here, and perhaps stands still, since it came, however long it waited to be decided.
        let since = self.message.as_ref().map_or(self.now, |origin| origin.received_at);
        match &self.home {
            Home::New { document } => {
                if !journeys::insert(tx, &self.journey, Some(document.as_bytes()), (since, self.now)).await? {
                    return Err(UnitError::Conflict(format!("journey {}", self.journey.id)));
                }
                // What came before under its key could not be read, and has a card.
                exceptions::go_on(tx, self.journey.id.as_str(), "", self.goes_on(), self.now).await?;
            }
            Home::Again { version, document } => {
                if let Some(document) = document {
                    journeys::replace_document(tx, &self.journey.id, *version, document.as_bytes()).await?;
                }
                journeys::update(tx, &self.journey, *version, self.now).await?;
                exceptions::go_on(tx, self.journey.id.as_str(), "", self.goes_on(), self.now).await?;
            }
            Home::Seen { version } => journeys::update(tx, &self.journey, *version, self.now).await?,
            Home::Untouched => {}
        }
        for PlanEffect { planned, body } in &self.effects {
            write_effect(tx, &self.journey, planned, body, self.now).await?;
        }
        for Settled { of, proof } in &self.settles {
            let how = match proof {
                Proof::By(effect) => GoesOn::UntilDone(effect),
                Proof::Seen(words) => GoesOn::Proven(words),
            };
            exceptions::go_on(tx, self.journey.id.as_str(), of, how, self.now).await?;
        }
        for finding in &self.findings {
            let parked = self
                .effects
                .iter()
                .find(|e| e.planned.parked.as_ref().is_some_and(|parked| finding.is_of(parked)))
                .map_or(finding.of.as_str(), |e| e.planned.id.as_str());
            exceptions::join(
                tx,
                self.journey.company.as_str(),
                (self.journey.id.as_str(), parked),
                finding,
                self.seen,
                since,
            )
            .await?;
        }
        for (kind, reference) in &self.references {
            journeys::add_reference(tx, &self.journey, kind, reference).await?;
        }
        for entry in &self.entries {
            entry.write(tx).await?;
        }
        Ok(true)
    }
}

impl WriteDecision {
    /// What proves that an order that was stopped goes on: the ledger's word that it is an order there.
    fn goes_on(&self) -> GoesOn<'_> {
        let confirms = |effect: &&PlanEffect| effect.planned.effect.kind() == Kind::ConfirmDraft;
        match self.effects.iter().find(confirms) {
            Some(confirm) => GoesOn::UntilDone(&confirm.planned.id),
            None if self.journey.stage == Stage::Declined => GoesOn::Proven("declined"),
            None => GoesOn::Proven("stopped by something else now"),
        }
    }
}

pub(crate) async fn write_effect(
    tx: &mut Tx<'_>,
    journey: &Journey,
    planned: &Planned,
    body: &Sealed,
    now: Timestamp,
) -> Result<(), UnitError> {
    if let Some(parked) = &planned.supersedes {
        let (old, state) = effects::supersede(tx, parked, planned, body.as_bytes(), now).await?;
        let due = state.due().unwrap_or(Timestamp::MAX);
        lanes::pass(tx, &old.connection, &old.subject, parked, Some((&planned.id, due))).await?;
        exceptions::prove_by(tx, parked, &planned.id).await?;
        return exceptions::go_on(tx, &old.journey, parked.as_str(), GoesOn::UntilDone(&planned.id), now).await;
    }
    let inserted = effects::insert(
        tx,
        journey.company.as_str(),
        journey.id.as_str(),
        planned,
        body.as_bytes(),
        now,
    )
    .await?;
    if let Some((_, state)) = inserted {
        let due = match state {
            State::Ready { due, .. } => due,
            _ => Timestamp::MAX,
        };
        lanes::join(tx, planned.lane.connection.as_str(), &planned.lane.subject, &planned.id, due).await?;
    }
    Ok(())
}
