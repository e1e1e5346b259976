//! Trying an order again, by a plan that is shown first: which of its writes go again, which have landed and are passed over, and what
//! the mappings of today would change about them.
//!
//! A plan has a number. Who carries it out names the number they saw; if anything has moved since, it is another plan and is refused.
//! What nobody knows to have landed or not is never sent again by a plan: it is asked about, or a person answers first
//! ([`crate::answer`]).

use std::collections::BTreeMap;

use tallyman_core::access::Right;
use tallyman_core::document::Order;
use tallyman_core::effect::{Effect, Kind, Planned, State};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::{ContentHash, Fingerprint};
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::{Decision, Stage};
use tallyman_core::seam::Clock;
use tallyman_store::journal::Change;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::amendments::Stored as Amended;
use tallyman_store::tables::{amendments, effects, exceptions, journeys};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::amend;
use crate::answer::{self, Answer, Said};
use crate::cards::journey_id;
use crate::intake::orders::decide_order;
use crate::intake::{Decided, Hand, references, write_by};
use crate::known::{Reference, References};
use crate::leave;
use crate::parts::Merchant;
use crate::story::phrase;
use crate::units::Home;
use crate::vault::{Vault, place};

/// With which mappings and facts what goes again is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Configuration {
    /// Those that it was decided with: the very same write.
    AsItWas,
    /// Those of today.
    AsItIsNow,
}

/// What becomes of one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It has landed, with this receipt: passed over.
    Landed(String),
    /// It is on its way, or waits for what comes before it: it goes on by itself.
    GoesOn,
    /// It goes again as it was; it is looked for first where its kind looks.
    Again,
    /// It is written anew as the mappings of today say, in the place of what stood still.
    Anew,
    /// Whether it landed is not known: that is to be answered first.
    Unclear,
    /// It was stopped before it was sent; as it was it would be stopped again.
    StillStopped(String),
}

impl Fate {
    pub fn sentence(&self) -> String {
        match self {
            Self::Landed(receipt) => format!("has landed ({receipt}) and is passed over"),
            Self::GoesOn => "goes on by itself".into(),
            Self::Again => "goes again as it was, after a look where its kind looks".into(),
            Self::Anew => "is written anew, as the mappings of today say".into(),
            Self::Unclear => {
                "may have landed: say first whether it did, under Unknown outcomes or with `tallyman exceptions answer`".into()
            }
            Self::StillStopped(code) => {
                format!(
                    "was stopped before it was sent ({code}): it goes on once that is put right, as it was it would be stopped again"
                )
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Landed(_) => "landed",
            Self::GoesOn => "goes_on",
            Self::Again => "again",
            Self::Anew => "anew",
            Self::Unclear => "unclear",
            Self::StillStopped(_) => "stopped",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The effect; empty for the order itself, where nothing was written yet.
    pub effect: String,
    pub name: String,
    pub connection: String,
    pub fate: Fate,
}

/// The name of the step that is the order itself, of which nothing was written yet.
const WHOLE: &str = "order";

impl Step {
    /// What it is, for people.
    pub fn phrase(&self) -> &'static str {
        if self.name == WHOLE {
            "order as a whole"
        } else {
            phrase(&self.name)
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub journey: String,
    pub reference: String,
    pub configuration: Configuration,
    pub steps: Vec<Step>,
    /// Names this very plan.
    pub number: String,
}

impl Plan {
    /// Whether carrying it out does anything.
    pub fn does_anything(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.fate, Fate::Again | Fate::Anew))
    }

    /// What it changes: how what is written anew stood, and how it stands after.
    fn change(&self) -> (String, String) {
        let anew = self.steps.iter().filter(|step| step.fate == Fate::Anew);
        let names: Vec<&str> = anew.map(Step::phrase).collect();
        let names = names.join(", ");
        (format!("{names}: stood still"), format!("{names}: written anew"))
    }
}

/// Why a plan is not carried out. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is another one by now.
    #[error("The plan has changed since it was shown: it is {number} now. Look at it again; nothing was sent.")]
    Moved { number: String },
    #[error(transparent)]
    Store(#[from] UnitError),
}

/// A plan with what carries it out.
struct Made {
    plan: Plan,
    seen: Seen,
    reference: Reference,
    anew: Vec<Planned>,
    decision: Option<Decision>,
}

/// What trying an order again would come to. Nothing is written.
pub async fn plan(
    (store, vault): (&Store, &Vault),
    merchant: &Merchant,
    journey: &str,
    configuration: Configuration,
) -> Result<Plan, UnitError> {
    make((store, vault), merchant, journey, configuration)
        .await
        .map(|made| made.plan)
}

/// Carries out the plan of this number, with leave to act; refused if it is another one by now.
pub async fn carry_out(
    (store, vault, clock): (&Store, &Vault, &dyn Clock),
    merchant: &Merchant,
    (journey, configuration, number): (&str, Configuration, &str),
    said: &Said<'_>,
) -> Result<Plan, Refused> {
    leave::is_for(said.permit, Right::Act, merchant.company.as_str())?;
    let by = said.permit.actor();
    if by.trim().is_empty() || said.reason.trim().is_empty() {
        return Err(UnitError::Refused("Say who says so, and why: the journal keeps it.".into()).into());
    }
    let made = make((store, vault), merchant, journey, configuration).await?;
    if made.plan.number != number.trim() {
        let number = made.plan.number;
        return Err(Refused::Moved { number });
    }
    if !made.plan.does_anything() {
        return Err(UnitError::Refused("This plan sends nothing again.".into()).into());
    }
    let company = merchant.company.as_str();
    if let Some(mut decision) = made.decision {
        let key = vault.unwrap(company, journey, &made.seen.key)?;
        decision.effects = if made.seen.is_whole() { decision.effects } else { made.anew };
        let what = format!("{by} tries it again with the mappings of today: {}", said.reason);
        let (before, after) = made.plan.change();
        decision.lines = vec![("order.retried", Change::to(&before, &after).told(&what))];
        let version = made.seen.journey.version;
        let decided = Decided {
            home: match decision.journey.stage {
                _ if made.seen.is_whole() => Home::Again { version, document: None },
                _ => Home::Seen { version },
            },
            decision,
            message: None,
            references: made.seen.order.as_ref().map(references::of_order).unwrap_or_default(),
        };
        let hand = Hand {
            store,
            vault,
            now: clock.now(),
            actor: by,
        };
        write_by(&hand, &made.reference, &key, decided).await?;
    }
    for step in made.plan.steps.iter().filter(|step| step.fate == Fate::Again) {
        answer::carry_out((store, vault, clock), &step.effect, Answer::Again, said, Right::Act).await?;
    }
    Ok(made.plan)
}

async fn make(
    (store, vault): (&Store, &Vault),
    merchant: &Merchant,
    journey: &str,
    configuration: Configuration,
) -> Result<Made, UnitError> {
    let company = merchant.company.as_str();
    let look = Look {
        company: company.to_owned(),
        journey: journey_id(journey)?,
    };
    let mut seen = store.read(look).await?;
    let reference = References::default().current(store, &merchant.company).await?;
    let key = vault.unwrap(company, journey, &seen.key)?;
    if let Some(document) = seen.document.take() {
        let document = vault.open(&key, place("journey", journey), document)?;
        let order: Order = serde_json::from_slice(&document)
            .map_err(|error| UnitError::Refused(format!("the order of journey {journey} cannot be read: {error}")))?;
        let amended = amend::opened(vault, &key, journey, ("", seen.amendments.clone()), &[])?;
        seen.order = Some(tallyman_core::amendment::order(&order, &amended));
    }
    let today = match (&seen.order, configuration) {
        (Some(order), Configuration::AsItIsNow) if reference.facts.is_some() => Some(decide_order(merchant, &reference, order)),
        _ => None,
    };
    let mut steps = Vec::new();
    let mut anew = Vec::new();
    let mut decision = None;
    if seen.is_whole() {
        let fate = match &today {
            Some(today) if today.findings.is_empty() && today.journey.stage == Stage::Open => {
                decision = Some(today.clone());
                Fate::Anew
            }
            today => Fate::StillStopped(seen.stopped_by(today.as_ref())),
        };
        steps.push(Step {
            effect: String::new(),
            name: WHOLE.into(),
            connection: merchant.channel.connection().to_string(),
            fate,
        });
    }
    // What is written anew must go with what stands in the ledger already: with other lines it would be another order.
    let before = &seen.journey.journey;
    let fits = |today: &Decision| {
        before.draft_id.is_none()
            || today
                .journey
                .lines
                .iter()
                .map(|line| (&line.sku, &line.unit, line.ordered))
                .eq(before.lines.iter().map(|line| (&line.sku, &line.unit, line.ordered)))
    };
    let today = today.filter(|today| today.findings.is_empty() && fits(today) && seen.journey.journey.stage == Stage::Open);
    for effect in &seen.effects {
        let Some(kind) = Kind::named(&effect.name) else { continue };
        let codes = seen.codes.get(effect.id.as_str()).cloned().unwrap_or_default();
        let other = |today: &Decision| -> Result<Option<Planned>, UnitError> {
            let Some(planned) = today.effects.iter().find(|planned| planned.effect.kind() == kind) else {
                return Ok(None);
            };
            let body = vault.open(&key, place("effect", effect.id.as_str()), effect.body.clone())?;
            let body: Effect = serde_json::from_slice(&body)
                .map_err(|error| UnitError::Refused(format!("effect {} cannot be read: {error}", effect.id)))?;
            Ok((body != planned.effect).then(|| Planned {
                id: Fingerprint::derive(company, effect.id.as_str(), "again"),
                after: Vec::new(),
                supersedes: Some(effect.id),
                ..planned.clone()
            }))
        };
        let fate = match effect.state {
            State::Superseded { .. } | State::Withdrawn { .. } => continue,
            State::Done => Fate::Landed(effect.receipt.as_ref().map_or_else(|| "done".into(), ToString::to_string)),
            State::Parked if codes.iter().any(|code| answer::may_have_landed(*code)) => Fate::Unclear,
            State::Parked | State::Waiting => match today.as_ref().map(other).transpose()?.flatten() {
                Some(planned) => {
                    anew.push(planned);
                    Fate::Anew
                }
                None if effect.state == State::Waiting => Fate::GoesOn,
                None if codes.iter().any(|code| code.rests_on_reference()) => {
                    Fate::StillStopped(codes.iter().map(|code| code.name()).collect::<Vec<_>>().join(", "))
                }
                None => Fate::Again,
            },
            State::Ready { .. } | State::Sending { .. } | State::Unknown { .. } | State::Probing { .. } => Fate::GoesOn,
        };
        steps.push(Step {
            effect: effect.id.to_string(),
            name: effect.name.clone(),
            connection: effect.connection.clone(),
            fate,
        });
    }
    // Only what stands still makes a plan of its own: what merely waits is written anew with it, or not at all.
    let stands = |step: &Step| {
        seen.effects
            .iter()
            .any(|effect| effect.id.as_str() == step.effect && effect.state == State::Parked)
    };
    if seen.journey.journey.stage == Stage::Open && !steps.iter().any(|step| step.fate == Fate::Anew && stands(step)) {
        anew.clear();
        for step in steps.iter_mut().filter(|step| step.fate == Fate::Anew) {
            step.fate = Fate::GoesOn;
        }
    } else if let (Some(today), false) = (today, anew.is_empty()) {
        let mut next = today;
        // What has happened to the journey stays; what it is made of is today's.
        next.journey = tallyman_core::journey::Journey {
            lines: if before.draft_id.is_none() {
                next.journey.lines
            } else {
                before.lines.clone()
            },
            ..before.clone()
        };
        decision = Some(next);
    }
    let number = number(&seen, &reference, configuration, &steps);
    Ok(Made {
        plan: Plan {
            journey: journey.to_owned(),
            reference: seen.journey.journey.reference.clone(),
            configuration,
            steps,
            number,
        },
        seen,
        reference,
        anew,
        decision,
    })
}

/// The same for the same plan on the same books, and another as soon as anything of it has moved.
fn number(seen: &Seen, reference: &Reference, configuration: Configuration, steps: &[Step]) -> String {
    let mut text = format!("{} {:?}", seen.journey.version, configuration);
    if configuration == Configuration::AsItIsNow {
        text += &format!(" {:?}", reference.numbers);
    }
    // What people have put in the place of its own is written anew, too.
    for amended in &seen.amendments {
        text += &format!(" {} {}", amended.place, amended.taken_back_at.is_some());
    }
    for (step, effect) in steps.iter().filter_map(|step| {
        let effect = seen.effects.iter().find(|effect| effect.id.as_str() == step.effect);
        effect.map(|effect| (step, effect))
    }) {
        text += &format!(
            "\n{} {} {} {}",
            effect.id,
            effect.state.name(),
            effect.updated_at.micros(),
            step.fate.name()
        );
    }
    text += &format!(
        "\n{}",
        steps.iter().map(|step| step.fate.name()).collect::<Vec<_>>().join(" ")
    );
    ContentHash::of(text.as_bytes()).to_string().chars().take(12).collect()
}

struct Look {
    company: String,
    journey: JourneyId,
}

struct Seen {
    journey: journeys::Stored,
    effects: Vec<effects::Stored>,
    /// By effect; under the empty name what stops the whole order.
    codes: BTreeMap<String, Vec<Code>>,
    document: Option<Vec<u8>>,
    order: Option<Order>,
    amendments: Vec<Amended>,
    key: Wrapped,
}

impl Seen {
    /// It is tried again as a whole: nothing of it was ever planned. So may an order be that somebody has declined.
    fn is_whole(&self) -> bool {
        match self.journey.journey.stage {
            Stage::Stopped => true,
            Stage::Declined => self.order.is_some() && self.effects.is_empty(),
            Stage::Open | Stage::Complete => false,
        }
    }

    /// What stops it, or would stop it today.
    fn stopped_by(&self, today: Option<&Decision>) -> String {
        let stands = self.codes.values().flatten().map(|code| code.name());
        let found = today
            .into_iter()
            .flat_map(|today| &today.findings)
            .map(|finding| finding.code.name());
        let mut names: Vec<&str> = stands.collect();
        if names.is_empty() {
            names.extend(found);
        }
        if names.is_empty() {
            names.push(self.journey.journey.stage.name());
        }
        names.join(", ")
    }
}

impl Unit for Look {
    type Output = Seen;
    const NAME: &'static str = "look_before_retry";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Seen, UnitError> {
        let id = self.journey.as_str();
        let unknown = || UnitError::Refused(format!("There is no order {id} of {}.", self.company));
        let journey = journeys::load(tx, &self.journey).await?.ok_or_else(unknown)?;
        let key = match keys::load(tx, &self.company, id).await? {
            keys::KeyState::Held(key) => key,
            keys::KeyState::Absent => return Err(unknown()),
            keys::KeyState::Destroyed { .. } => {
                return Err(UnitError::Refused(format!(
                    "Order {} was erased: nothing of it can be sent again.",
                    journey.journey.reference
                )));
            }
        };
        let effects = effects::of_journey(tx, id).await?;
        let mut codes = BTreeMap::new();
        for name in std::iter::once("").chain(effects.iter().map(|effect| effect.id.as_str())) {
            let found = exceptions::cards_of(tx, id, name).await?;
            codes.insert(
                name.to_owned(),
                found.iter().filter_map(|(_, code)| Code::named(code)).collect(),
            );
        }
        Ok(Seen {
            document: journeys::document(tx, &self.journey).await?,
            amendments: amendments::of_journey(tx, id).await?,
            order: None,
            journey,
            effects,
            codes,
            key,
        })
    }
}
