//! A person's word about effects that stand still, on a store in memory.

use tallyman::chance::Seeded;
use tallyman::clocks::PacedClock;
use tallyman_core::access::Right;
use tallyman_core::cause::Cause;
use tallyman_core::document::LineRef;
use tallyman_core::effect::{Confirmation, Despatch, Effect, Lane, LineKey, Person, Planned, RefusedTwice, State, TaggedAppend};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::journey::{Journey, Line, Route, Stage};
use tallyman_core::money::Money;
use tallyman_core::quantity::{Quantity, Ratio};
use tallyman_core::sku::Sku;
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::answer::{self, Answer, Said};
use tallyman_engine::units::{Home, PlanEffect, WriteDecision};
use tallyman_engine::vault::{Vault, place};
use tallyman_store::journal;
use tallyman_store::seal::{MasterKeys, SubjectKey, Wrapped};
use tallyman_store::tables::{effects, exceptions, journeys, lanes};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};
use tallyman_tests::leave::leave;

const COMPANY: &str = "trader";

struct Bench {
    store: Store,
    key: SubjectKey,
    vault: Vault,
    clock: PacedClock,
    journey: Journey,
}

struct Begin {
    wrapped: Wrapped,
    subject: String,
    write: WriteDecision,
}

impl Unit for Begin {
    type Output = ();
    const NAME: &'static str = "begin";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        keys::create(tx, COMPANY, &self.subject, &self.wrapped, Timestamp::ZERO).await?;
        self.write.run(tx).await.map(drop)
    }
}

/// One effect as it stands, how many cards are open, and when its lane is due.
struct Look(Fingerprint, Connection);

impl Unit for Look {
    type Output = (State, usize, Option<Timestamp>, Journey);
    const NAME: &'static str = "look";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let effect = effects::load(tx, &self.0).await?.expect("it is there");
        let id = JourneyId::from_fingerprint(Fingerprint::parse(&effect.journey).expect("an id"));
        let journey = journeys::load(tx, &id).await?.expect("it is there").journey;
        let cards = exceptions::open(tx, None, 10).await?.len();
        Ok((effect.state, cards, lanes::next_due(tx, &self.1).await?, journey))
    }
}

struct Journal {
    journey: String,
}

impl Unit for Journal {
    type Output = Vec<journal::Written>;
    const NAME: &'static str = "journal of a journey";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        journal::of_subject(tx, COMPANY, &self.journey).await
    }
}

impl Bench {
    /// A journey with one effect, stopped by this finding.
    async fn with(effect: impl FnOnce(Confirmation) -> Effect, code: Code) -> (Bench, Fingerprint) {
        let route = Route {
            channel: Connection::new("shop"),
            ledger: Connection::new("books"),
            warehouse: Connection::new("shed"),
        };
        let company = Company::new(COMPANY);
        let line = LineRef("1".into());
        let journey = Journey {
            id: JourneyId::derive(&company, &route.channel, "7001"),
            company,
            route: route.clone(),
            source_key: "7001".into(),
            reference: "WEB-1".into(),
            stage: Stage::Open,
            lines: vec![Line {
                line: line.clone(),
                part_number: "MUG".into(),
                sku: Sku::parse("MUG").expect("a SKU"),
                unit: Ratio::ONE,
                ordered: Quantity::whole(2),
                shipped: Quantity::whole(2),
                despatched: Quantity::whole(2),
                confirmed: Quantity::ZERO,
            }],
            draft_id: None,
            ledger_order: None,
            release_id: None,
            shipments: Vec::new(),
            net: Money::ZERO,
            due_by: None,
        };
        let vault = Vault::new(MasterKeys::new(1, [7; 32]), Box::new(Seeded::new(1, "vault")));
        let (key, wrapped) = vault.draw(COMPANY, journey.id.as_str());
        let id = journey.step("confirm/parcel");
        let finding = Finding::new(code, Cause::Effect(id), "It stands still. Say what is so.");
        let effect = effect(Confirmation {
            source_key: "7001".into(),
            shipment: "parcel".into(),
            carrier: "fast".into(),
            tracking: "T1".into(),
            tracking_url: None,
            shipped_at: Timestamp::ZERO,
            lines: vec![LineKey {
                line,
                part_number: "MUG".into(),
                quantity: Quantity::whole(2),
            }],
        });
        let body = vault.seal(
            &key,
            place("effect", id.as_str()),
            &serde_json::to_vec(&effect).expect("JSON"),
        );
        let planned = Planned {
            id,
            lane: Lane {
                connection: route.channel,
                subject: journey.id.to_string(),
            },
            after: vec![],
            effect,
            parked: Some(finding.clone()),
            supersedes: None,
        };
        let document = vault.seal(&key, place("journey", journey.id.as_str()), b"{}");
        let write = WriteDecision {
            now: Timestamp::ZERO,
            message: None,
            journey: journey.clone(),
            home: Home::New { document },
            effects: vec![PlanEffect { planned, body }],
            settles: Vec::new(),
            findings: vec![vault.kept(COMPANY, &key, &finding)],
            seen: exceptions::SEEN_ALL,
            references: Vec::new(),
            entries: Vec::new(),
        };
        let store = Store::memory().expect("a store");
        let subject = journey.id.to_string();
        let begin = Begin { wrapped, subject, write };
        store.write(begin).await.expect("it begins");
        let clock = PacedClock::starting_at(Timestamp::from_micros(1_000_000_000), 1);
        (
            Bench {
                store,
                key,
                vault,
                clock,
                journey,
            },
            id,
        )
    }

    async fn say(&self, effect: &Fingerprint, word: Answer) -> Result<String, UnitError> {
        self.says("ops-7", effect, word).await
    }

    async fn says(&self, by: &str, effect: &Fingerprint, word: Answer) -> Result<String, UnitError> {
        let permit = leave(by, Right::Answer, self.journey.company.as_str());
        let said = Said {
            permit: &permit,
            reason: "I looked in the portal",
        };
        answer::answer(&self.store, &self.vault, &self.clock, effect.as_str(), word, &said)
            .await
            .map(|answered| answered.sentence)
    }

    /// What the journal has of this kind: what it was before, and what it is after.
    async fn changed(&self, kind: &str) -> Vec<(Option<String>, Option<String>)> {
        let journey = self.journey.id.to_string();
        let unit = Journal {
            journey: journey.clone(),
        };
        let lines = self.store.read(unit).await.expect("a journal");
        let told = lines.into_iter().filter(|line| line.kind == kind).map(|line| {
            let Some(journal::Kept::Sealed(sealed)) = line.content else {
                panic!("{kind} is not sealed");
            };
            let text = self.key.open(journal::content_place(&journey), &sealed).expect("it opens");
            let told = journal::Told::read(&String::from_utf8_lossy(&text));
            (told.before, told.after)
        });
        told.collect()
    }

    async fn look(&self, effect: &Fingerprint) -> (State, usize, Option<Timestamp>, Journey) {
        let look = Look(*effect, self.journey.route.channel.clone());
        self.store.read(look).await.expect("it can be looked at")
    }
}

fn part(confirmation: Confirmation) -> Effect {
    Effect::Person(Person::ConfirmPart(confirmation))
}

fn whole(confirmation: Confirmation) -> Effect {
    Effect::RefusedTwice(RefusedTwice::Confirm(confirmation))
}

#[tokio::test]
async fn what_is_there_is_done_and_its_card_closes() {
    let (bench, effect) = Bench::with(part, Code::PersonNeeded).await;
    assert_eq!(bench.look(&effect).await.1, 1, "it stands on a card");
    let sentence = bench.say(&effect, Answer::Landed).await.expect("it is taken");
    assert!(sentence.contains("ops-7") && sentence.contains("portal"), "{sentence}");
    let (state, cards, due, journey) = bench.look(&effect).await;
    assert_eq!((state, cards, due), (State::Done, 0, None));
    assert_eq!(journey.stage, Stage::Complete, "the last thing that was missing");
    let stood = |after: &str| (Some("parked".to_owned()), Some(after.to_owned()));
    assert_eq!(bench.changed("effect.answered").await, [stood("done")]);
    let again = bench.say(&effect, Answer::Landed).await.expect_err("it waits for nobody");
    assert!(again.to_string().contains("done"), "{again}");
}

#[tokio::test]
async fn what_is_not_there_goes_again_at_once() {
    let (bench, effect) = Bench::with(part, Code::PersonNeeded).await;
    bench.say(&effect, Answer::Again).await.expect("it is taken");
    let (state, cards, due, journey) = bench.look(&effect).await;
    assert!(matches!(state, State::Ready { .. }), "{state:?}");
    assert_eq!((cards, journey.stage), (0, Stage::Open));
    assert!(due.is_some(), "its lane is due");
}

fn despatch(confirmation: Confirmation) -> Effect {
    Effect::TaggedAppend(TaggedAppend::Despatch(Despatch {
        shipment: confirmation.shipment,
        despatched_on: confirmation.shipped_at.date_in(&Zone::utc()),
        courier_id: None,
        tracking: Some(confirmation.tracking),
        lines: Vec::new(),
        tagged: true,
    }))
}

#[tokio::test]
async fn that_a_write_to_the_ledger_did_not_land_takes_two_people() {
    let (bench, effect) = Bench::with(despatch, Code::OutcomeUnclear).await;
    let told = bench.say(&effect, Answer::Again).await.expect("kept");
    assert!(told.contains("second person"), "{told}");
    assert_eq!(bench.look(&effect).await.0, State::Parked, "one word is not enough");
    let alone = bench
        .says("OPS-7", &effect, Answer::Again)
        .await
        .expect_err("the same person");
    assert!(alone.to_string().contains("second person"), "{alone}");
    assert_eq!(bench.look(&effect).await.0, State::Parked);
    let words = || (None, Some("again by ops-7".to_owned()));
    assert_eq!(bench.changed("effect.first_word").await, [words()]);
    bench.says("fin-2", &effect, Answer::Again).await.expect("the second");
    let answered = bench.changed("effect.answered").await;
    assert_eq!(answered, [(Some("parked".to_owned()), Some("ready".to_owned()))]);
    assert!(matches!(bench.look(&effect).await.0, State::Ready { .. }));

    // What was refused for a reason that is put right did not land: nobody has to look.
    let (bench, effect) = Bench::with(despatch, Code::Refused).await;
    bench.say(&effect, Answer::Again).await.expect("one is enough");
    assert!(matches!(bench.look(&effect).await.0, State::Ready { .. }));
}

#[tokio::test]
async fn what_can_be_asked_about_is_asked_after_the_quiet_time_and_a_part_never() {
    let (bench, effect) = Bench::with(part, Code::PersonNeeded).await;
    let error = bench.say(&effect, Answer::Ask).await.expect_err("nothing can tell");
    assert!(error.to_string().contains("cannot be asked about"), "{error}");
    let (bench, effect) = Bench::with(whole, Code::OutcomeUnclear).await;
    bench.say(&effect, Answer::Ask).await.expect("it is taken");
    let (state, cards, ..) = bench.look(&effect).await;
    assert!(matches!(state, State::Unknown { .. }), "{state:?}");
    assert_eq!(cards, 0);
}

#[tokio::test]
async fn what_a_guardrail_stopped_is_not_answered_for() {
    let (bench, effect) = Bench::with(whole, Code::TrackingMissing).await;
    let error = bench.say(&effect, Answer::Landed).await.expect_err("it was never sent");
    assert!(error.to_string().contains("goes on by itself"), "{error}");
    assert_eq!(bench.look(&effect).await.0, State::Parked);
}
