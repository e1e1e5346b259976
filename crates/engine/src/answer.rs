//! What a person says about an effect that stands still: ask again, send it again, or it is there.
//!
//! An effect stands still because it was refused, or because nothing can tell whether it was carried out. Only a person can say more
//! then, and the journal keeps who did and why. An effect that a guardrail stopped is not answered for: it goes on when what is missing
//! is there ([`crate::heal`]).

use tallyman_core::access::{Permit, Right};
use tallyman_core::effect::rule::AfterUnknown;
use tallyman_core::effect::state::Tries;
use tallyman_core::effect::{Effect, Kind, Receipt, State};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::{Decision, decide};
use tallyman_core::planted::Planted;
use tallyman_core::ruling;
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::Change;
use tallyman_store::seal::{Sealed, SubjectKey, Wrapped};
use tallyman_store::tables::exceptions::{self, GoesOn};
use tallyman_store::tables::words::{self, Word};
use tallyman_store::tables::{effects, journeys, lanes};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::leave;
use crate::units::{follow_receipt, next_head};
use crate::vault::{About, Entry, Vault, place};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Ask the other system once more.
    Ask,
    /// It is not there, or what refused it has been put right: it goes again, after a look where its kind looks.
    Again,
    /// It is there.
    Landed,
    /// It is there, under this number of the other system's.
    LandedAs(i64),
}

impl Answer {
    const fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Again => "again",
            Self::Landed | Self::LandedAs(_) => "landed",
        }
    }
}

/// Whether a write that stands under this code may have landed: then only what is seen there, or people who have looked, can say more.
pub(crate) fn may_have_landed(code: Code) -> bool {
    matches!(code, Code::OutcomeUnclear | Code::PersonNeeded)
}

/// What has become of a person's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What the journal keeps.
    pub sentence: String,
    /// It was kept and nothing else: a second person must say the same.
    pub awaits_second: bool,
}

/// Who says so, and why.
pub struct Said<'a> {
    /// Leave to answer, at the company whose write it is.
    pub permit: &'a Permit,
    pub reason: &'a str,
}

/// Whether what stands under a card of this code waits for a person's word; what a guardrail stopped before it was sent does not.
pub fn is_answered_for(code: &str) -> bool {
    ![Code::CarrierUnmapped, Code::TrackingMissing]
        .iter()
        .any(|stopped| stopped.name() == code)
}

/// Carries out what a person says about an effect.
pub async fn answer(
    store: &Store,
    vault: &Vault,
    clock: &dyn Clock,
    effect: &str,
    answer: Answer,
    said: &Said<'_>,
) -> Result<Answered, UnitError> {
    carry_out((store, vault, clock), effect, answer, said, Right::Answer).await
}

/// The same with leave for something else, of which the answer is a part.
pub(crate) async fn carry_out(
    (store, vault, clock): (&Store, &Vault, &dyn Clock),
    effect: &str,
    answer: Answer,
    said: &Said<'_>,
    right: Right,
) -> Result<Answered, UnitError> {
    let by = said.permit.actor();
    let id = Fingerprint::parse(effect.trim())
        .map_err(|error| UnitError::Refused(format!("{effect} is no effect's name: {error}")))?;
    let standing = store.read(Load { id }).await?;
    let company = standing.journey.journey.company.to_string();
    leave::is_for(said.permit, right, &company)?;
    let key = vault.unwrap(&company, &standing.effect.journey, &standing.key)?;
    let now = clock.now();
    let (state, receipt) = meant(&standing.effect, answer, now)?;
    if let Some(sentence) = wants_second((store, vault), &standing, &key, answer, (said, now)).await? {
        return Ok(Answered {
            sentence,
            awaits_second: true,
        });
    }
    let what = match answer {
        Answer::Ask => "is asked about once more".to_owned(),
        Answer::Again => "goes again".to_owned(),
        Answer::Landed => "is there".to_owned(),
        Answer::LandedAs(id) => format!("is there as {id}"),
    };
    let name = &standing.effect.name;
    let sentence = format!("{by} says that {name} {what}: {}", said.reason);
    let about = About {
        company: &company,
        subject: &standing.effect.journey,
        key: &key,
        at: now,
        actor: by,
    };
    let after = match answer {
        Answer::LandedAs(id) => format!("{} as {id}", state.name()),
        Answer::Ask | Answer::Again | Answer::Landed => state.name().to_owned(),
    };
    let change = Change::to(standing.effect.state.name(), &after);
    let mut entries = vec![vault.act(&about, "effect.answered", &sentence, change)];
    let decision = match &receipt {
        Some(receipt) => {
            let body = vault.open(&key, place("effect", id.as_str()), standing.effect.body.clone())?;
            let body: Effect = serde_json::from_slice(&body)
                .map_err(|error| UnitError::Refused(format!("the body of effect {id} cannot be read: {error}")))?;
            let decision = decide::on_receipt(&standing.journey.journey, &body, receipt);
            entries.extend(decision.lines.iter().map(|(kind, line)| vault.entry(&about, kind, line)));
            Some(decision)
        }
        None => None,
    };
    let write = Write {
        effect: standing.effect,
        version: standing.journey.version,
        state,
        receipt,
        decision,
        entries,
        now,
    };
    store.write(write).await?;
    Ok(Answered {
        sentence,
        awaits_second: false,
    })
}

/// That a write to the ledger did not land costs money if it is not so: it takes two people. The first one's word is kept, and this is
/// what they are told; nothing where one person's word is enough, or this is the second.
async fn wants_second(
    (store, vault): (&Store, &Vault),
    standing: &Standing,
    key: &SubjectKey,
    answer: Answer,
    (said, now): (&Said<'_>, Timestamp),
) -> Result<Option<String>, UnitError> {
    let effect = &standing.effect;
    let of_ledger = Kind::named(&effect.name).is_some_and(|kind| match kind {
        Kind::Draft | Kind::ConfirmDraft | Kind::Despatch | Kind::DeleteDraft => true,
        // Values, and no more: sent twice they are the same.
        Kind::AmendOrder => false,
        Kind::Alert | Kind::Acknowledge | Kind::Release | Kind::Confirm | Kind::ConfirmPart => false,
    });
    if answer != Answer::Again || !of_ledger || !standing.codes.iter().any(|code| may_have_landed(*code)) {
        return Ok(None);
    }
    let about_this = |word: &&Word| word.at >= effect.updated_at;
    let first = standing
        .word
        .as_ref()
        .filter(about_this)
        .filter(|word| word.answer == answer.name());
    let by = said.permit.actor();
    match ruling::word(first.map(|word| word.actor.as_str()), said.permit) {
        Err(ruling::Refused::Nobodys(nobodys)) => Err(UnitError::Refused(nobodys.to_string())),
        Err(_) => Err(UnitError::Refused(format!(
            "{} has said so already. That a write to the ledger did not land takes a second person who has looked there.",
            first.map_or(by, |word| word.actor.as_str())
        ))),
        Ok(ruling::Word::Second) => Ok(None),
        Ok(ruling::Word::First) => {
            let company = standing.journey.journey.company.to_string();
            let sentence = format!(
                "{by} says that {} did not land. A second person must say the same before it is sent again",
                effect.name
            );
            let about = About {
                company: &company,
                subject: &effect.journey,
                key,
                at: now,
                actor: by,
            };
            // The word that stands in its place already, if there is one, is about what has moved on since.
            let (before, after) = (standing.word.as_ref().map(in_words), format!("{} by {by}", answer.name()));
            let change = Change {
                before: before.as_deref(),
                after: Some(&after),
            };
            let put = PutWord {
                effect: effect.id,
                seen: effect.updated_at,
                word: Word {
                    answer: answer.name().into(),
                    actor: by.to_owned(),
                    at: now,
                },
                reason: vault.seal(key, place("word", effect.id.as_str()), said.reason.as_bytes()),
                entry: vault.act(&about, "effect.first_word", &format!("{sentence}: {}", said.reason), change),
            };
            store.write(put).await?;
            Ok(Some(sentence))
        }
    }
}

/// A first word, as the journal has it before and after.
fn in_words(word: &Word) -> String {
    format!("{} by {}", word.answer, word.actor)
}

struct PutWord {
    effect: Fingerprint,
    seen: Timestamp,
    word: Word,
    reason: Sealed,
    entry: Entry,
}

impl Unit for PutWord {
    type Output = ();
    const NAME: &'static str = "put_first_word";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        // A word about what has moved on meanwhile would stand there as a first word about what comes next.
        stands_as_seen(tx, &self.effect, self.seen).await?;
        words::put(tx, &self.effect, &self.word, &self.reason).await?;
        self.entry.write(tx).await
    }
}

async fn stands_as_seen(tx: &mut Tx<'_>, effect: &Fingerprint, seen: Timestamp) -> Result<(), UnitError> {
    let stands = effects::load(tx, effect)
        .await?
        .map(|stored| (stored.state, stored.updated_at));
    if stands != Some((State::Parked, seen)) {
        return Err(UnitError::Refused(format!(
            "Effect {effect} has moved since it was shown. Look at it again; nothing was changed."
        )));
    }
    Ok(())
}

/// The state that the answer leads to, and what it proves.
fn meant(effect: &effects::Stored, answer: Answer, now: Timestamp) -> Result<(State, Option<Receipt>), UnitError> {
    let refused = |why: String| Err(UnitError::Refused(why));
    let (id, name) = (&effect.id, &effect.name);
    if effect.state != State::Parked {
        return refused(format!(
            "Effect {id} ({name}) is {}: nothing about it waits for a person.",
            effect.state.name()
        ));
    }
    let Some(kind) = Kind::named(name) else {
        return refused(format!("Effects of kind {name} are not known to this program."));
    };
    match answer {
        Answer::Ask => match kind.rule(Planted::default()).after_unknown {
            AfterUnknown::Probe { quiet, .. } => {
                // It was parked after its last send had begun; nothing is asked before that can be told.
                let began = effect.updated_at;
                let tries = Tries {
                    sends: 1,
                    ..Tries::default()
                };
                let due = began.plus(quiet).max(now);
                Ok((State::Unknown { due, began, tries }, None))
            }
            AfterUnknown::Resend { .. } | AfterUnknown::Person => refused(format!(
                "{name} cannot be asked about. Look in the other system, and say `again` or `landed`."
            )),
        },
        Answer::Again => {
            let tries = Tries::default();
            Ok((State::Ready { due: now, tries }, None))
        }
        Answer::Landed => match kind {
            Kind::Acknowledge => Ok((State::Done, Some(Receipt::Acknowledged))),
            Kind::Confirm | Kind::ConfirmPart => Ok((State::Done, Some(Receipt::Confirmed))),
            Kind::Despatch => Ok((State::Done, Some(Receipt::Despatch))),
            Kind::DeleteDraft => Ok((State::Done, Some(Receipt::Deleted))),
            Kind::Alert => Ok((State::Done, Some(Receipt::Told))),
            Kind::AmendOrder => refused(format!(
                "Whether {name} is there is seen in the order. Say `ask`, or `again`: it is read first, and only what differs is written."
            )),
            Kind::Draft | Kind::Release => refused(format!(
                "What comes after {name} needs the number that the other system gave it. Say `ask`, it is found by our reference; or name \
                 the document's number with `landed`."
            )),
            Kind::ConfirmDraft => refused(format!(
                "What comes after {name} needs the lines that the other system gave it. Say `ask`: it is found by its draft."
            )),
        },
        Answer::LandedAs(id) if id < 1 => refused(format!("{id} is no number that a document has.")),
        Answer::LandedAs(id) => match kind {
            Kind::Draft => Ok((State::Done, Some(Receipt::Draft { id }))),
            Kind::Release => Ok((State::Done, Some(Receipt::Release { id }))),
            Kind::DeleteDraft
            | Kind::AmendOrder
            | Kind::Alert
            | Kind::Acknowledge
            | Kind::Confirm
            | Kind::ConfirmDraft
            | Kind::Despatch
            | Kind::ConfirmPart => refused(format!(
                "{name} makes no document with a number of its own: say `landed` without one."
            )),
        },
    }
}

struct Load {
    id: Fingerprint,
}

struct Standing {
    effect: effects::Stored,
    journey: journeys::Stored,
    key: Wrapped,
    /// What it stands under.
    codes: Vec<Code>,
    /// What a first person has said of it.
    word: Option<Word>,
}

impl Unit for Load {
    type Output = Standing;
    const NAME: &'static str = "load_standing_effect";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Standing, UnitError> {
        let unknown = || {
            UnitError::Refused(format!(
                "There is no effect {}. `tallyman exceptions` lists those that wait.",
                self.id
            ))
        };
        let effect = effects::load(tx, &self.id).await?.ok_or_else(unknown)?;
        let id = Fingerprint::parse(&effect.journey).map_err(|error| UnitError::Refused(error.to_string()))?;
        let journey = journeys::load(tx, &JourneyId::from_fingerprint(id))
            .await?
            .ok_or_else(unknown)?;
        let mut codes = Vec::new();
        for (_, code) in exceptions::cards_of(tx, &effect.journey, self.id.as_str()).await? {
            codes.extend(Code::named(&code));
            if !is_answered_for(&code) {
                return Err(UnitError::Refused(format!(
                    "Effect {} was stopped before it was sent ({code}). It goes on by itself once that is put right.",
                    self.id
                )));
            }
        }
        match keys::load(tx, journey.journey.company.as_str(), &effect.journey).await? {
            keys::KeyState::Held(key) => Ok(Standing {
                word: words::load(tx, &self.id).await?,
                effect,
                journey,
                key,
                codes,
            }),
            keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => Err(UnitError::Refused(format!(
                "The order that effect {} belongs to was erased.",
                self.id
            ))),
        }
    }
}

/// An effect that stood still goes again from the beginning, as if a person had said so.
pub(crate) async fn goes_again(tx: &mut Tx<'_>, effect: &effects::Stored, now: Timestamp) -> Result<(), UnitError> {
    let tries = Tries::default();
    moves(tx, effect, &State::Ready { due: now, tries }, now).await?;
    exceptions::go_on(tx, &effect.journey, effect.id.as_str(), GoesOn::UntilDone(&effect.id), now).await
}

/// The effect is in this state now, and its lane goes on with it or without it.
async fn moves(tx: &mut Tx<'_>, effect: &effects::Stored, state: &State, now: Timestamp) -> Result<(), UnitError> {
    effects::set_state(tx, &effect.id, state, now).await?;
    let lane = (effect.connection.as_str(), effect.subject.as_str());
    let next = next_head(tx, lane, (&effect.id, effect.place), state).await?;
    let next = next.as_ref().map(|(head, due)| (head, *due));
    lanes::pass(tx, lane.0, lane.1, &effect.id, next).await.map(drop)
}

struct Write {
    effect: effects::Stored,
    version: i64,
    state: State,
    receipt: Option<Receipt>,
    decision: Option<Decision>,
    entries: Vec<Entry>,
    now: Timestamp,
}

impl Unit for Write {
    type Output = ();
    const NAME: &'static str = "answer_for_effect";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let effect = &self.effect;
        stands_as_seen(tx, &effect.id, effect.updated_at).await?;
        words::forget(tx, &effect.id).await?;
        moves(tx, effect, &self.state, self.now).await?;
        if let Some(receipt) = &self.receipt {
            follow_receipt(tx, &effect.id, receipt, self.now).await?;
        }
        if let Some(decision) = &self.decision {
            journeys::update(tx, &decision.journey, self.version, self.now).await?;
        }
        let how = match &self.receipt {
            Some(_) => GoesOn::Proven("a person has seen it there"),
            None => GoesOn::UntilDone(&effect.id),
        };
        exceptions::go_on(tx, &effect.journey, effect.id.as_str(), how, self.now).await?;
        for entry in &self.entries {
            entry.write(tx).await?;
        }
        Ok(())
    }
}
