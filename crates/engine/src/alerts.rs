//! Alerts: people are told of cards.
//!
//! A reconciler. It compares the cards that stand with what has been said of each (`alert` in the store), and plans an effect for what is
//! still to be said; the pump sends it. It is woken by every commit, since any of them may have opened or resolved a card, lets the cards
//! follow their records, and compares where one has moved; the clock wakes it for what was put off. It holds nothing: any number of workers may compare at once, because what is kept is guarded and effects are
//! derived.
//!
//! Not here: what is said and when ([`tallyman_core::alert`]), and what becomes of a message on its way (the pump).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tallyman_core::alert::{Card, Message, SUBJECT, Said, Step, Told, plan};
use tallyman_core::catalogue::Severity;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::SubjectKey;
use tallyman_store::tables::alerts;
use tallyman_store::{Tx, Unit, UnitError, keys};

use crate::bells::earlier;
use crate::parts::{Alerts, Merchant};
use crate::units::{PlanEffect, Say};
use crate::vault::place;
use crate::weigh;
use crate::worker::Worker;

/// How many rounds at most, for each look that comes by itself: many commits are one look.
const ROUNDS_PER_LOOK: u32 = 10;
/// Where others work on the same store, a round is made after so many looks although this one has counted nothing.
const LOOKS_PER_ROUND: u32 = 20;
/// A round that failed is made again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// Of each kind, so much is looked at in one round.
const AT_ONCE: i64 = 100;
/// Cards of one route that a digest looks through.
const DIGESTED_MAX: usize = 10_000;

/// In place of a card's id: a route's appointments.
const DIGEST: &str = "digest";
const TEST: &str = "test";

/// Keeps people told, until the worker is dropped or closing time: cards follow their records, and whoever is to know is told.
pub async fn run(worker: &Worker, merchant: &Arc<Merchant>) {
    let Some(told) = &merchant.alerts else { return };
    let parts = &*worker.parts;
    let mut changes = parts.store.changed();
    let mut next = None;
    loop {
        // What is committed from here on is another look.
        changes.look();
        match look(worker, merchant, told, next).await {
            Ok(due) => next = due,
            Err(error) => {
                let company = &merchant.company;
                tracing::warn!(%company, error = %error, "alerts of {company} are looked at again: {error}");
                next = Some(parts.clock.now().plus(AGAIN));
            }
        }
        if worker
            .rest_until(parts.clock.now().plus(parts.pace.look_every / ROUNDS_PER_LOOK))
            .await
        {
            return;
        }
        let look = parts.look_every().map(|every| parts.clock.now().plus(every));
        tokio::select! {
            biased;
            () = parts.bells.closed() => return,
            () = changes.wait() => {}
            () = parts.clock.sleep_until(earlier(next, look).unwrap_or(Timestamp::MAX)) => {}
        }
    }
}

/// A commit may have been about anything, and a comparison reads a lot: there is one only when a card has moved, or when it is time.
async fn look(
    worker: &Worker,
    merchant: &Merchant,
    told: &Alerts,
    next: Option<Timestamp>,
) -> Result<Option<Timestamp>, UnitError> {
    let parts = &*worker.parts;
    let moved = weigh::round(&parts.store, merchant.company.as_str(), parts.clock.now()).await?;
    let now = parts.clock.now();
    match next {
        Some(due) if !moved && now < due => Ok(next),
        _ => {
            let due = round(worker, merchant, told).await?;
            // Another process may count a card and come to its end before it compares.
            let others = parts.look_every().map(|every| now.plus(every * LOOKS_PER_ROUND));
            Ok(earlier(due, others))
        }
    }
}

/// One comparison; gives when something is next due by the clock.
pub async fn round(worker: &Worker, merchant: &Merchant, told: &Alerts) -> Result<Option<Timestamp>, UnitError> {
    let parts = &*worker.parts;
    let company = merchant.company.as_str();
    loop {
        let now = parts.clock.now();
        let routes = told.settings.routes.iter().map(|route| route.connection.to_string());
        let seen = parts
            .store
            .read(Compare {
                company: company.to_owned(),
                routes: routes.collect(),
                consents: merchant.promises.consents.clone(),
                since: now.minus(told.settings.digest_every),
                now,
            })
            .await?;
        let keys::KeyState::Held(wrapped) = &seen.key else {
            return Err(UnitError::Refused(format!("the alerts of {company} have not been set up")));
        };
        let key = parts.vault.unwrap(company, SUBJECT, wrapped)?;
        let said = decide(merchant, told, &seen, now);
        if said.steps.is_empty() {
            return Ok(seen
                .next_due
                .filter(|due| *due > now)
                .or(seen.next_due.map(|_| now.plus(AGAIN))));
        }
        let effects = said
            .messages
            .into_iter()
            .map(|(route, message)| sealed(worker, merchant, &key, &route, message));
        let effects: Vec<PlanEffect> = effects.collect();
        let rung: BTreeSet<Connection> = effects.iter().map(|effect| effect.planned.lane.connection.clone()).collect();
        let say = Say {
            company: company.to_owned(),
            steps: said.steps,
            effects,
            now,
        };
        match parts.store.write(say).await {
            Ok(()) => rung.iter().for_each(|route| parts.bells.ring(route)),
            // Another worker was first: what is left to be said is seen by looking again.
            Err(UnitError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
}

fn sealed(worker: &Worker, merchant: &Merchant, key: &SubjectKey, route: &Connection, message: Message) -> PlanEffect {
    let planned = plan::effect(&merchant.company, route, message);
    let body = serde_json::to_vec(&planned.effect).expect("an effect is always JSON");
    let body = worker.parts.vault.seal(key, place("effect", planned.id.as_str()), &body);
    PlanEffect { planned, body }
}

/// What is to be kept and said.
#[derive(Default)]
struct Saying {
    steps: Vec<Step>,
    messages: Vec<(Connection, Message)>,
}

impl Saying {
    fn add(&mut self, steps: impl IntoIterator<Item = Step>) {
        for mut step in steps {
            self.messages.extend(step.message.take());
            self.steps.push(step);
        }
    }
}

/// What is to be said about all that was seen. Each row of what is kept is moved once.
fn decide(merchant: &Merchant, told: &Alerts, seen: &Seen, now: Timestamp) -> Saying {
    let settings = &told.settings;
    let mut saying = Saying::default();
    let lately = RefCell::new(seen.lately.clone());
    for (card, before) in &seen.untold {
        let said_lately = |route: &Connection| lately.borrow().get(route.as_str()).copied().unwrap_or(0);
        let steps = plan::opened(settings, card, before, said_lately, now);
        for step in steps.iter().filter(|step| step.after.said == Said::Opened) {
            *lately.borrow_mut().entry(step.after.route.clone()).or_default() += 1;
        }
        saying.add(steps);
    }
    for (kept, card) in &seen.resolved {
        saying.add([plan::resolved(settings, card, kept, now)]);
    }
    let mut moved = BTreeSet::new();
    for (kept, card, others) in &seen.due {
        match card {
            // Both its routes may be due, and may be about to tell the same third: one at a time.
            Some(card) if card.open && moved.insert(card.id.clone()) => saying.add(plan::due(settings, card, kept, others, now)),
            Some(_) => {}
            None => saying.add([put_off(kept, Timestamp::MAX)]),
        }
    }
    for route in &settings.routes {
        let name = route.connection.as_str();
        let appointment = |card: &str| seen.appointments.iter().find(|kept| kept.card == card && kept.route == name);
        let test_at = settings.test_at.next_after(now, &settings.calendar.zone);
        match appointment(TEST) {
            None => saying.add([first(TEST, name, now, test_at)]),
            Some(kept) if kept.due <= now => {
                let message = plan::test(settings, &merchant.company, &route.connection, now);
                saying.messages.push((route.connection.clone(), message));
                saying.add([put_off(kept, test_at)]);
            }
            // Another time was configured.
            Some(kept) if kept.due > test_at => saying.add([put_off(kept, test_at)]),
            Some(_) => {}
        }
        let later = now.plus(settings.digest_every);
        match appointment(DIGEST) {
            None => saying.add([first(DIGEST, name, now, later)]),
            Some(kept) if kept.due <= now && settings.is_quiet(Severity::Stopped, now) => {
                saying.add([put_off(kept, settings.held_until(route.team, now))]);
            }
            Some(kept) if kept.due <= now => {
                let none = Vec::new();
                let cards = seen.digested.get(name).unwrap_or(&none);
                // What has just been moved is seen as it stands by looking again, which follows at once.
                let moved = |kept: &Told| saying.steps.iter().any(|step| step.before.as_ref() == Some(kept));
                if cards.iter().any(|(kept, _)| moved(kept)) {
                    continue;
                }
                if let Some((steps, message)) = plan::digest(settings, &merchant.company, route, cards, now) {
                    saying.add(steps);
                    saying.messages.push((route.connection.clone(), message));
                }
                saying.add([put_off(kept, later)]);
            }
            Some(kept) if kept.due > later && kept.due < Timestamp::MAX && settings.quiet.is_none() => {
                saying.add([put_off(kept, later)]);
            }
            Some(_) => {}
        }
    }
    saying
}

fn put_off(kept: &Told, due: Timestamp) -> Step {
    Step {
        before: Some(kept.clone()),
        after: Told { due, ..kept.clone() },
        message: None,
    }
}

/// A route's first appointment of a kind.
fn first(card: &str, route: &str, now: Timestamp, due: Timestamp) -> Step {
    Step {
        before: None,
        after: Told {
            card: card.to_owned(),
            route: route.to_owned(),
            episode: 0,
            said: Said::Nobody,
            records: 0,
            at: now,
            due,
        },
        message: None,
    }
}

/// Reads what is to be compared, at one moment.
struct Compare {
    company: String,
    routes: Vec<String>,
    /// When each sign-in's consent ends, as far as that is known.
    consents: Vec<(Connection, Timestamp)>,
    since: Timestamp,
    now: Timestamp,
}

struct Seen {
    untold: Vec<(Card, Vec<Told>)>,
    resolved: Vec<(Told, Card)>,
    due: Vec<(Told, Option<Card>, Vec<Told>)>,
    appointments: Vec<Told>,
    /// For routes whose digest is due: what they have been told of.
    digested: BTreeMap<String, Vec<(Told, Card)>>,
    /// How many cards each route was told of lately.
    lately: BTreeMap<String, u32>,
    next_due: Option<Timestamp>,
    key: keys::KeyState,
}

impl Unit for Compare {
    type Output = Seen;
    const NAME: &'static str = "compare_alerts";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Seen, UnitError> {
        let company = self.company.as_str();
        let mut untold = Vec::new();
        for id in alerts::untold(tx, company, AT_ONCE).await? {
            if let Some(card) = self.card(tx, &id).await? {
                untold.push((card, alerts::of_card(tx, company, &id).await?));
            }
        }
        let mut lately = BTreeMap::new();
        if !untold.is_empty() {
            for route in &self.routes {
                let said = alerts::said_since(tx, company, route, self.since).await?;
                lately.insert(route.clone(), u32::try_from(said).unwrap_or(u32::MAX));
            }
        }
        let mut resolved = Vec::new();
        for kept in alerts::resolved(tx, company, AT_ONCE).await? {
            if let Some(card) = self.card(tx, &kept.card).await? {
                resolved.push((kept, card));
            }
        }
        let mut appointments = alerts::of_card(tx, company, DIGEST).await?;
        appointments.extend(alerts::of_card(tx, company, TEST).await?);
        let mut due = Vec::new();
        for kept in alerts::due(tx, company, self.now, AT_ONCE).await? {
            if kept.card == DIGEST || kept.card == TEST {
                continue;
            }
            let card = self.card(tx, &kept.card).await?;
            let others = alerts::of_card(tx, company, &kept.card).await?;
            due.push((kept, card, others));
        }
        let mut digested = BTreeMap::new();
        for kept in appointments.iter().filter(|kept| kept.card == DIGEST && kept.due <= self.now) {
            digested.insert(kept.route.clone(), self.digested(tx, &kept.route).await?);
        }
        Ok(Seen {
            untold,
            resolved,
            due,
            digested,
            lately,
            appointments,
            next_due: alerts::next_due(tx, company).await?,
            key: keys::load(tx, company, SUBJECT).await?,
        })
    }
}

impl Compare {
    /// A card, with when that comes about of which it warns: the configuration says it, and may say another day than when the card opened.
    async fn card(&self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Card>, UnitError> {
        let card = alerts::card(tx, id).await?;
        Ok(card.map(|card| {
            let ends = match (&card.code, &card.cause) {
                (Code::ConsentLapsing, Cause::Connection(name)) => self.consents.iter().find(|(known, _)| known == name),
                _ => None,
            };
            Card {
                ends: ends.map(|(_, ends)| *ends),
                ..card
            }
        }))
    }

    async fn digested(&self, tx: &mut Tx<'_>, route: &str) -> Result<Vec<(Told, Card)>, UnitError> {
        let mut found: Vec<(Told, Card)> = Vec::new();
        let mut after = String::new();
        while found.len() < DIGESTED_MAX {
            let page = alerts::of_route(tx, &self.company, route, &after, AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.card);
            for kept in page {
                if let Some(card) = self.card(tx, &kept.card).await? {
                    found.push((kept, card));
                }
            }
        }
        Ok(found)
    }
}
