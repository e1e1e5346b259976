use proptest::prelude::*;

use super::*;
use crate::effect::state::Tries;
use crate::fingerprint::Fingerprint;
use crate::ident::{Company, Connection};
use crate::journey::{LedgerOrderKey, Route, ShipmentState};
use crate::money::Money;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn journey(stage: Stage, posted: bool) -> Journey {
    let (company, channel) = (Company::new("north"), Connection::new("vs"));
    Journey {
        id: JourneyId::derive(&company, &channel, "77"),
        company,
        route: Route {
            channel,
            ledger: Connection::new("sage"),
            warehouse: Connection::new("ms"),
        },
        source_key: "77".into(),
        reference: "W-77".into(),
        stage,
        lines: Vec::new(),
        draft_id: None,
        ledger_order: posted.then(|| LedgerOrderKey {
            id: 1,
            number: "0000000001".into(),
            lines: Vec::new(),
        }),
        release_id: None,
        shipments: Vec::new(),
        net: Money::ZERO,
        due_by: None,
    }
}

fn record(journey: Option<Journey>) -> Received {
    Received {
        key: "77".into(),
        received_at: at("2026-11-02T09:00:00Z"),
        made_at: Some(at("2026-11-02T08:59:00Z")),
        decided: true,
        subject: journey.as_ref().map(|journey| journey.id.clone()),
        journey,
        despatch: None,
        carded: false,
        erased: false,
    }
}

fn of_order(stage: Stage, posted: bool, carded: bool, erased: bool) -> Option<Standing> {
    let record = Received {
        carded,
        erased,
        ..record(Some(journey(stage, posted)))
    };
    standing(Kind::Order, &record)
}

#[test]
fn an_order_is_posted_once_the_ledger_has_it_and_nothing_of_it_waits_for_a_person() {
    for (stage, posted, carded, expected) in [
        (Stage::Open, false, false, Standing::Open),
        (Stage::Open, false, true, Standing::Open),
        (Stage::Open, true, false, Standing::Posted),
        (Stage::Open, true, true, Standing::Open),
        (Stage::Stopped, false, true, Standing::Open),
        (Stage::Complete, true, false, Standing::Posted),
        (Stage::Complete, true, true, Standing::Posted),
        (Stage::Declined, false, false, Standing::Declined),
    ] {
        assert_eq!(
            of_order(stage, posted, carded, false),
            Some(expected),
            "{stage:?} {posted} {carded}"
        );
    }
}

#[test]
fn what_was_erased_before_it_was_posted_is_declined() {
    assert_eq!(of_order(Stage::Stopped, false, false, true), Some(Standing::Declined));
    assert_eq!(of_order(Stage::Open, false, true, true), Some(Standing::Declined));
    assert_eq!(of_order(Stage::Open, true, true, true), Some(Standing::Posted));
    assert_eq!(of_order(Stage::Complete, true, false, true), Some(Standing::Posted));
}

#[test]
fn what_is_not_decided_waits_and_what_stands_nowhere_is_named() {
    let waiting = Received {
        decided: false,
        ..record(None)
    };
    let unreadable = Received {
        carded: true,
        ..record(None)
    };
    let forgotten = record(None);
    for kind in Kind::ALL {
        assert_eq!(standing(kind, &waiting), Some(Standing::Open));
        assert_eq!(standing(kind, &unreadable), Some(Standing::Open));
        assert_eq!(standing(kind, &forgotten), None);
        let mut tally = Tally::default();
        [&waiting, &unreadable, &forgotten]
            .into_iter()
            .for_each(|record| tally.count(kind, record));
        assert_eq!((tally.received, tally.open), (3, 2));
        assert_eq!(tally.nowhere, ["77"]);
        assert!(!tally.adds_up());
    }
}

#[test]
fn a_shipment_stands_where_its_despatch_stands() {
    let ready = State::Ready {
        due: Timestamp::ZERO,
        tries: Tries::default(),
    };
    for (despatch, expected) in [
        (State::Done, Standing::Posted),
        (State::Parked, Standing::Open),
        (ready, Standing::Open),
        (State::Withdrawn { by: "ada".into() }, Standing::Declined),
    ] {
        let record = Received {
            despatch: Some(despatch),
            ..record(Some(journey(Stage::Open, true)))
        };
        assert_eq!(standing(Kind::Shipment, &record), Some(expected));
    }
    // Of a shipment beyond what was ordered nothing can be posted; a card says so for as long as it is open.
    let mut beyond = journey(Stage::Complete, true);
    beyond.shipments.push(ShipmentState {
        key: "77".into(),
        ..ShipmentState::default()
    });
    let beyond = record(Some(beyond));
    assert_eq!(standing(Kind::Shipment, &beyond), Some(Standing::Declined));
    let carded = Received { carded: true, ..beyond };
    assert_eq!(standing(Kind::Shipment, &carded), Some(Standing::Open));
}

#[test]
fn what_came_again_is_counted_apart() {
    let mut tally = Tally::default();
    tally.count(Kind::Order, &record(Some(journey(Stage::Complete, true))));
    // Two other contents, the second twice in one answer; and another key three times in one answer.
    tally.count_again("77", 2, 1);
    tally.count_again("77", 3, 2);
    tally.count_again("78", 1, 3);
    let again = |key: &str, same, other| Again {
        key: key.into(),
        same,
        other,
    };
    assert_eq!(tally.again, [again("77", 1, 2), again("78", 2, 0)]);
    assert_eq!((tally.received, tally.repeats()), (1, 5));
    assert!(tally.adds_up());
}

#[test]
fn what_came_long_after_it_was_made_is_named() {
    let mut tally = Tally::default();
    let slow = Received {
        made_at: Some(at("2026-11-02T05:00:00Z")),
        ..record(None)
    };
    tally.count(Kind::Order, &slow);
    tally.count(Kind::Order, &record(None));
    assert_eq!(tally.late.len(), 1);
    assert_eq!(
        (tally.late[0].key.as_str(), tally.late[0].made_at),
        ("77", at("2026-11-02T05:00:00Z"))
    );
}

fn listed(key: &str, made_at: Option<&str>) -> Listed {
    Listed {
        key: key.into(),
        made_at: made_at.map(at),
        release: None,
    }
}

#[test]
fn a_list_is_compared_from_where_it_began_to_what_must_have_arrived() {
    let zone = Zone::named("Europe/London").unwrap();
    let window = Window {
        from: at("2026-06-01T12:00:00Z"),
        settled: at("2026-06-03T09:00:00Z"),
        zone: &zone,
    };
    let days = window.by_day(&[
        listed("before", Some("2026-06-01T11:59:59Z")),
        listed("first", Some("2026-06-01T12:00:00Z")),
        // Half past midnight in London.
        listed("night", Some("2026-06-01T23:30:00Z")),
        listed("night", Some("2026-06-01T23:30:00Z")),
        listed("undated", None),
        listed("now", Some("2026-06-03T09:00:01Z")),
    ]);
    let of = |day: &str| days[&Date::parse(day).unwrap()].iter().cloned().collect::<Vec<_>>();
    assert_eq!(of("2026-06-01"), ["first"]);
    assert_eq!(of("2026-06-02"), ["night"]);
    assert_eq!(of("2026-06-03"), ["undated"]);
    assert_eq!(
        window.days().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["2026-06-01", "2026-06-02", "2026-06-03"]
    );
}

fn any_record() -> impl Strategy<Value = Received> {
    let stage = prop_oneof![
        Just(Stage::Stopped),
        Just(Stage::Open),
        Just(Stage::Complete),
        Just(Stage::Declined)
    ];
    let despatch = prop_oneof![
        Just(State::Done),
        Just(State::Parked),
        Just(State::Waiting),
        Just(State::Superseded {
            by: Fingerprint::derive("a", "b", "c")
        })
    ];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (
        flags,
        proptest::option::of(stage),
        proptest::option::of(despatch),
        0..100_000_i64,
    )
        .prop_map(|((decided, carded, erased, posted), stage, despatch, key)| Received {
            key: key.to_string(),
            decided,
            carded,
            erased,
            despatch,
            ..record(stage.map(|stage| journey(stage, posted)))
        })
}

proptest! {
    #[test]
    fn every_record_is_counted_in_one_place(records in proptest::collection::vec(any_record(), 0..40), turn in 0_usize..40) {
        for kind in Kind::ALL {
            let mut tally = Tally::default();
            records.iter().for_each(|record| tally.count(kind, record));
            prop_assert_eq!(tally.received, records.len() as u64);
            prop_assert_eq!(tally.received, tally.posted + tally.open + tally.declined + tally.nowhere.len() as u64);
            prop_assert_eq!(tally.adds_up(), tally.nowhere.is_empty());

            // In whatever order the pages come.
            let mut turned = records.clone();
            turned.rotate_left(if records.is_empty() { 0 } else { turn % records.len() });
            let mut other = Tally::default();
            turned.iter().for_each(|record| other.count(kind, record));
            prop_assert_eq!((other.posted, other.open, other.declined), (tally.posted, tally.open, tally.declined));
        }
    }
}
