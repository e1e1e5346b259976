//! One attempt at one effect: look, send or probe, and the record of it.

use std::sync::Arc;
use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::effect::state::{Next, RETRY_AFTER_MAX, Task, Tries, after_look, after_probe, after_send, may_have_a_card};
use tallyman_core::effect::{Baseline, Doubt, DraftThenConfirm, Effect, Obstacle, Probe, Receipt, Rule, Set, State, Verdict};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Connection, JourneyId};
use tallyman_core::journey::{Journey, decide};
use tallyman_core::planted::Bug;
use tallyman_core::quantity::Quantity;
use tallyman_core::seam::Point;
use tallyman_core::time::Timestamp;
use tallyman_store::UnitError;
use tallyman_store::seal::SubjectKey;
use tallyman_store::tables::attempts::Attempt;
use tallyman_store::tables::captures::Capture;
use tallyman_store::tables::journeys;
use tracing::{Instrument, Span};

use super::{say, tell};
use crate::intake::references;
use crate::lineage;
use crate::parts::Merchant;
use crate::traces;
use crate::units::{Claimed, RecordBaseline, RecordOutcome, Whose, rule_of};
use crate::vault::{About, place};
use crate::wire::Wire;
use crate::worker::{LoadJourney, Worker};

/// A decision is made again on what another worker has just written, this often.
const CONFLICTS_MAX: u32 = 20;
/// A look that is older than what we know is made again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Makes the attempt and records it. What cannot be recorded is logged: the lease runs out, and the next worker asks.
pub async fn make(worker: &Worker, merchant: &Arc<Merchant>, connection: &Connection, mut claimed: Claimed) {
    let id = claimed.effect.id;
    let span = traces::attempt(&claimed.effect.name, connection);
    let made = match std::mem::replace(&mut claimed.whose, Whose::Alerts) {
        Whose::Alerts => tell::run(worker, merchant, connection, &claimed).instrument(span).await,
        Whose::Journey(journey) => {
            let attempt = Attempting {
                worker,
                merchant,
                connection,
                claimed,
                journey: *journey,
            };
            attempt.run().instrument(span).await
        }
    };
    if let Err(error) = made {
        tracing::warn!(effect.id = %id, error = %error, "the attempt at effect {id} was not recorded: {error}");
    }
}

struct Attempting<'a> {
    worker: &'a Worker,
    merchant: &'a Arc<Merchant>,
    connection: &'a Connection,
    claimed: Claimed,
    journey: journeys::Stored,
}

/// What an attempt came to.
struct Outcome {
    state: State,
    finding: Option<Finding>,
    receipt: Option<Receipt>,
    tried: Option<Tried>,
    obstacle: Option<(Obstacle, Option<Duration>)>,
}

/// What is kept of an attempt that did not simply succeed.
struct Tried {
    at: Timestamp,
    what: &'static str,
    outcome: &'static str,
    /// The other side's, or ours about it.
    words: Option<String>,
}

/// The model was changed while this was on its way: it is not sent.
fn forbidden_by_model(id: &Fingerprint, rule: Rule, tries: Tries, forbidden: Finding, now: Timestamp) -> Outcome {
    let words = forbidden.sentence.clone();
    let (state, finding) = after_send(id, rule, tries, &Verdict::Refused(forbidden), now, now);
    Outcome {
        state,
        finding,
        receipt: None,
        tried: Some(Tried {
            at: now,
            what: "send",
            outcome: "refused",
            words: Some(words),
        }),
        obstacle: None,
    }
}

/// An order that cannot be put as its owner wants it stands on its card again, with the reason, and its lane goes on.
fn given_back(effect: &Effect, journey: &Journey, outcome: &mut Outcome) {
    if let (Effect::Set(Set::AmendOrder(_)), Some(finding), Some(order)) = (effect, &mut outcome.finding, &journey.ledger_order)
        && finding.code == Code::ForeignWrite
    {
        finding.of = lineage::record(&journey.route.ledger, order.id);
        outcome.state = State::Withdrawn { by: "the ledger".into() };
    }
}

impl Attempting<'_> {
    async fn run(&self) -> Result<(), UnitError> {
        let parts = &*self.worker.parts;
        let stored = &self.claimed.effect;
        let key = parts
            .vault
            .unwrap(self.merchant.company.as_str(), &stored.journey, &self.claimed.key)?;
        let body = parts
            .vault
            .open(&key, place("effect", stored.id.as_str()), stored.body.clone())?;
        let effect: Effect = serde_json::from_slice(&body)
            .map_err(|error| UnitError::Refused(format!("the body of effect {} cannot be read: {error}", stored.id)))?;
        let rule = rule_of(&stored.name, parts.planted)?;
        let connector = self
            .merchant
            .connector(self.connection)
            .ok_or_else(|| UnitError::Refused(format!("connection {} is not configured", self.connection)))?;
        let wire = Wire::new(parts, &self.worker.sessions, connector, Some(self.claimed.lease_until));
        let outcome = match (&self.claimed.task, &stored.state) {
            (Task::Send, State::Sending { tries }) => self.send(&wire, &effect, rule, *tries).await?,
            (Task::Probe, State::Probing { began, tries }) => self.probe(&wire, &effect, rule, *began, *tries).await,
            _ => return Ok(()),
        };
        let came_to = outcome.tried.as_ref().map_or("done", |tried| tried.outcome);
        parts.meters.attempted(self.connection, &stored.name, came_to);
        traces::came_to(&Span::current(), came_to);
        let attempt = outcome.tried.as_ref().map(|tried| Attempt {
            at: tried.at,
            what: tried.what,
            outcome: tried.outcome,
            words: tried
                .words
                .as_ref()
                .map(|words| parts.vault.seal_words(&key, &stored.id, words)),
            exchange: wire
                .evidence()
                .filter(|_| outcome.state != State::Done)
                .map(|evidence| parts.vault.seal(&key, place("attempt", stored.id.as_str()), &evidence)),
        });
        // By the instant of its attempt, where it has one; a send that succeeded at once has none.
        let keeps = outcome.state == State::Done && parts.pace.keep_exchanges.is_some();
        let capture = keeps.then(|| wire.capture()).flatten().map(|said| Capture {
            at: outcome.tried.as_ref().map_or_else(|| parts.clock.now(), |tried| tried.at),
            what: outcome.tried.as_ref().map_or("send", |tried| tried.what),
            exchange: parts.vault.seal(&key, place("attempt", stored.id.as_str()), &said),
        });
        self.record(&effect, &key, outcome, (attempt, capture)).await
    }

    async fn send(&self, wire: &Wire<'_>, effect: &Effect, rule: Rule, tries: Tries) -> Result<Outcome, UnitError> {
        let parts = &*self.worker.parts;
        let (id, journey) = (&self.claimed.effect.id, &self.journey.journey);
        if let Some(forbidden) = self.merchant.masters.forbids(effect.kind()) {
            return Ok(forbidden_by_model(id, rule, tries, forbidden, parts.clock.now()));
        }
        if rule.looks {
            let at = parts.clock.now();
            let look = self.planted_look(say::ask(self.merchant, wire, id, effect, journey, None).await);
            parts.hooks.at(Point::AfterLook).await;
            let look = match look {
                Probe::Absent(Some(baseline)) => self.keep_baseline(effect, journey, baseline).await?,
                look => look,
            };
            if let Some(next) = after_look(id, tries, &look, parts.clock.now()) {
                return Ok(asked("look", at, look, next));
            }
        }
        if parts.planted.is(Bug::EveryDraftConfirmed) && matches!(effect, Effect::DraftThenConfirm(DraftThenConfirm::Confirm)) {
            self.confirm_every_draft(wire, journey).await;
        }
        let began = parts.clock.now();
        let verdict = self.planted_verdict(say::send(self.merchant, wire, id, effect, journey).await);
        parts.hooks.at(Point::AfterAnswer).await;
        let (state, finding) = after_send(id, rule, tries, &verdict, began, parts.clock.now());
        let tried = |outcome, words: &str| {
            Some(Tried {
                at: began,
                what: "send",
                outcome,
                words: Some(words.to_owned()),
            })
        };
        Ok(match verdict {
            Verdict::Done(receipt) => Outcome {
                state,
                finding,
                receipt: Some(receipt),
                tried: None,
                obstacle: None,
            },
            Verdict::Refused(refused) => Outcome {
                state,
                finding,
                receipt: None,
                tried: tried("refused", &refused.sentence),
                obstacle: None,
            },
            Verdict::Unknown(doubt) => Outcome {
                state,
                finding,
                receipt: None,
                tried: tried("unknown", doubt.words()),
                obstacle: None,
            },
            Verdict::NotDone {
                why,
                retry_after,
                obstacle,
            } => Outcome {
                state,
                finding,
                receipt: None,
                tried: tried(not_done(obstacle), &why),
                obstacle: Some((obstacle, retry_after)),
            },
        })
    }

    async fn probe(&self, wire: &Wire<'_>, effect: &Effect, rule: Rule, began: Timestamp, tries: Tries) -> Outcome {
        let parts = &*self.worker.parts;
        let (stored, journey) = (&self.claimed.effect, &self.journey.journey);
        let at = parts.clock.now();
        let probe = self.planted_look(say::ask(self.merchant, wire, &stored.id, effect, journey, stored.baseline.as_ref()).await);
        parts.hooks.at(Point::AfterProbe).await;
        let next = after_probe(&stored.id, rule, began, tries, &probe, parts.clock.now());
        asked("probe", at, probe, next)
    }

    /// What the look found despatched must be what we know. Less is an old view, more is somebody else's despatch.
    async fn keep_baseline(&self, effect: &Effect, journey: &Journey, baseline: Baseline) -> Result<Probe, UnitError> {
        let parts = &*self.worker.parts;
        let tagged = match effect {
            Effect::TaggedAppend(tallyman_core::effect::TaggedAppend::Despatch(despatch)) => despatch.tagged,
            _ => return Ok(Probe::Absent(Some(baseline))),
        };
        let known = journey.despatched_lines();
        let of =
            |lines: &[(i64, Quantity)], id: i64| lines.iter().find(|(line, _)| *line == id).map_or(Quantity::ZERO, |(_, q)| *q);
        if known
            .iter()
            .any(|(line, quantity)| of(&baseline.despatched, *line) < *quantity)
        {
            let why = "the ledger's view is older than what it has already told us".to_owned();
            return Ok(Probe::NotAsked {
                why,
                retry_after: Some(LOOK_AGAIN),
                obstacle: Obstacle::Read,
            });
        }
        if baseline
            .despatched
            .iter()
            .any(|(line, quantity)| of(&known, *line) < *quantity)
        {
            let sentence = format!(
                "More of order {} is despatched in the ledger than Tallyman posted. Somebody despatched it there; say whether that was this shipment.",
                journey.reference
            );
            return Ok(Probe::Unclear(Finding::new(
                Code::OutcomeUnclear,
                Cause::order(&journey.reference),
                sentence,
            )));
        }
        // Our tag tells where the ledger keeps it; only where it does not is the baseline needed, and then before the attempt.
        if !tagged && !parts.planted.is(Bug::BaselineNotStored) {
            let record = RecordBaseline {
                connection: self.connection.to_string(),
                subject: self.claimed.subject.clone(),
                token: self.claimed.token,
                effect: self.claimed.effect.id,
                baseline: baseline.clone(),
                now: parts.clock.now(),
            };
            parts.store.write(record).await?;
            parts.hooks.at(Point::AfterBaseline).await;
        }
        Ok(Probe::Absent(Some(baseline)))
    }

    async fn record(
        &self,
        effect: &Effect,
        key: &SubjectKey,
        mut outcome: Outcome,
        (attempt, capture): (Option<Attempt>, Option<Capture>),
    ) -> Result<(), UnitError> {
        let parts = &*self.worker.parts;
        let stored = &self.claimed.effect;
        let company = self.merchant.company.as_str();
        given_back(effect, &self.journey.journey, &mut outcome);
        let finding = outcome
            .finding
            .as_ref()
            .map(|finding| parts.vault.kept(company, key, finding));
        let mut seen = self.journey.clone();
        for _ in 0..CONFLICTS_MAX {
            let now = parts.clock.now();
            let about = About {
                company,
                subject: &stored.journey,
                key,
                at: now,
                actor: &self.worker.name,
            };
            let mut entries = Vec::new();
            let mut entry = |kind, sentence: &str| {
                entries.push(parts.vault.entry(&about, kind, sentence));
            };
            if let Some(finding) = &outcome.finding {
                let (name, code) = (&stored.name, finding.code);
                tracing::info!(effect.id = %stored.id, code = %code, "{name} is stopped by {code}");
                entry("effect.stopped", &format!("{} stopped: {}", stored.name, finding.sentence));
            }
            let mut journey = None;
            let mut found = Vec::new();
            if let Some(receipt) = &outcome.receipt {
                let decision = decide::on_receipt(&seen.journey, effect, receipt);
                decision.lines.iter().for_each(|(kind, sentence)| entry(kind, sentence));
                found = references::of_receipt(receipt);
                if decision.journey != seen.journey {
                    journey = Some((decision.journey, seen.version));
                }
            }
            let record = RecordOutcome {
                connection: self.connection.to_string(),
                subject: self.claimed.subject.clone(),
                token: self.claimed.token,
                effect: stored.id,
                place: stored.place,
                state: outcome.state.clone(),
                receipt: outcome.receipt.clone(),
                journey,
                company: company.to_owned(),
                journey_id: stored.journey.clone(),
                finding: finding.clone(),
                leaves_its_card: outcome.state == State::Done && tries_of(&stored.state).is_some_and(may_have_a_card),
                references: found,
                entries,
                attempt: attempt.clone(),
                capture: capture.clone(),
                pause: outcome
                    .obstacle
                    .and_then(|(obstacle, after)| Some((pause(obstacle, after, now)?, obstacle))),
                now,
            };
            match parts.store.write(record).await {
                Ok(woken) => {
                    parts.hooks.at(Point::AfterOutcome).await;
                    woken
                        .into_iter()
                        .for_each(|connection| parts.bells.ring(&Connection::new(connection)));
                    return Ok(());
                }
                Err(UnitError::Conflict(_)) => seen = self.reload(&seen).await?,
                Err(error) => return Err(error),
            }
        }
        Err(UnitError::Contended)
    }

    async fn reload(&self, seen: &journeys::Stored) -> Result<journeys::Stored, UnitError> {
        let id: JourneyId = seen.journey.id.clone();
        let gone = || UnitError::Refused(format!("journey {id} is not there any more"));
        self.worker
            .parts
            .store
            .read(LoadJourney { id: id.clone() })
            .await?
            .ok_or_else(gone)
    }

    fn planted_look(&self, look: Probe) -> Probe {
        match look {
            Probe::Unclear(_) if self.worker.parts.planted.is(Bug::OtherContentIsAbsent) => Probe::Absent(None),
            look => look,
        }
    }

    fn planted_verdict(&self, verdict: Verdict) -> Verdict {
        let planted = self.worker.parts.planted;
        match verdict {
            Verdict::Unknown(Doubt::NotAtomic(words)) if planted.is(Bug::PutRefusalBelieved) => {
                Verdict::Refused(Finding::new(Code::Refused, Cause::Machine("planted".into()), words))
            }
            Verdict::Unknown(Doubt::NoAnswer(why)) if planted.is(Bug::NoAnswerIsFailure) => Verdict::NotDone {
                why,
                retry_after: None,
                obstacle: Obstacle::Read,
            },
            verdict => verdict,
        }
    }

    /// A planted fault: law 1 says that only the recorded draft is ever confirmed.
    async fn confirm_every_draft(&self, wire: &Wire<'_>, journey: &Journey) {
        if let Ok(drafts) = self.merchant.ledger.tagged_drafts(wire).await {
            for draft in drafts.iter().filter(|draft| draft.tag == journey.step("draft")) {
                self.merchant.ledger.confirm(wire, draft.id).await;
            }
        }
    }
}

/// What a question came to: `look` before a send, `probe` after one.
fn asked(what: &'static str, at: Timestamp, answer: Probe, (state, finding): Next) -> Outcome {
    let (outcome, words, receipt, obstacle) = match answer {
        Probe::Landed(receipt) => ("landed", None, Some(receipt), None),
        Probe::Absent(_) => ("absent", None, None, None),
        Probe::Unclear(unclear) => ("unclear", Some(unclear.sentence), None, None),
        Probe::NotAsked {
            why,
            retry_after,
            obstacle,
        } => (not_done(obstacle), Some(why), None, Some((obstacle, retry_after))),
    };
    let tried = Tried {
        at,
        what,
        outcome,
        words,
    };
    Outcome {
        state,
        finding,
        receipt,
        tried: Some(tried),
        obstacle,
    }
}

fn tries_of(state: &State) -> Option<Tries> {
    match state {
        State::Sending { tries } | State::Probing { tries, .. } => Some(*tries),
        _ => None,
    }
}

fn not_done(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Locked => "locked",
        Obstacle::Throttled => "throttled",
        Obstacle::Down => "down",
        Obstacle::SignedOut(_) => "signed out",
        Obstacle::Lease => "lease",
        Obstacle::Read => "put off",
    }
}

/// What stops one call stops the whole connection when it is the vendor itself.
fn pause(obstacle: Obstacle, retry_after: Option<Duration>, now: Timestamp) -> Option<Timestamp> {
    match obstacle {
        Obstacle::Throttled => Some(now.plus(retry_after.unwrap_or(Duration::from_secs(10)).min(RETRY_AFTER_MAX))),
        Obstacle::Down | Obstacle::SignedOut(_) => {
            Some(now.plus(retry_after.unwrap_or(Duration::from_secs(20)).min(RETRY_AFTER_MAX)))
        }
        Obstacle::Locked | Obstacle::Lease | Obstacle::Read => None,
    }
}
