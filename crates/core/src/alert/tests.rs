use std::collections::BTreeMap;
use std::time::Duration;

use super::plan::{digest, due, opened, resolved};
use super::*;
use crate::calendar::{Calendar, TimeOfDay};
use crate::catalogue::{Owner, Severity};
use crate::cause::Cause;
use crate::effect::state::{Doubt, Obstacle, Receipt, State, Tries, Verdict};
use crate::fingerprint::Fingerprint;

const HOUR: Duration = Duration::from_secs(3600);

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

fn route(name: &str, team: Owner) -> Route {
    Route {
        connection: Connection::new(name),
        team,
        deputy: None,
    }
}

/// A team each, with a second route for operations.
fn settings() -> Settings {
    Settings {
        public_url: "https://tallyman.example.com".into(),
        routes: vec![
            route("ops", Owner::Operations),
            route("finance", Owner::Finance),
            route("it", Owner::Integration),
        ],
        rules: Vec::new(),
        calendars: BTreeMap::new(),
        calendar: Calendar::usual(),
        quiet: Some(Quiet {
            from: time("19:00"),
            to: time("07:00"),
        }),
        digest_every: HOUR,
        opened_max: 3,
        escalation: Some(Escalation {
            after: HOUR,
            severity: Severity::Stopped,
        }),
        test_at: time("08:30"),
    }
}

fn card(code: Code) -> Card {
    Card {
        id: "CARDCARDCARDCARD".into(),
        company: Company::new("acme"),
        code,
        team: code.entry().owner,
        cause: Cause::Item("ABC-1".into()),
        opened_at: at("2026-11-20T10:00:00Z"),
        open: true,
        records: 1,
        money: None,
        deadline: None,
        acknowledged: false,
        ends: None,
    }
}

fn names(routes: &[&Route]) -> Vec<String> {
    routes.iter().map(|route| route.connection.to_string()).collect()
}

fn none_lately(_: &Connection) -> u32 {
    0
}

#[test]
fn a_card_goes_to_its_team_unless_a_rule_says_otherwise() {
    let mut settings = settings();
    let (sku, tax) = (card(Code::SkuUnknown), card(Code::TotalsDisagree));
    let tax = Card {
        team: Owner::Finance,
        ..tax
    };
    assert_eq!(names(&settings.routes_of(&sku)), ["ops"]);
    assert_eq!(names(&settings.routes_of(&tax)), ["finance"]);
    let handed_over = Card {
        team: Owner::Finance,
        ..sku.clone()
    };
    assert_eq!(names(&settings.routes_of(&handed_over)), ["finance"]);

    settings.rules = vec![
        Rule {
            codes: vec![Code::SkuUnknown],
            routes: vec![Connection::new("it"), Connection::new("ops")],
            ..Rule::default()
        },
        Rule {
            money: Some(Money::parse("1000.00").unwrap()),
            routes: vec![Connection::new("finance")],
            ..Rule::default()
        },
        Rule {
            codes: vec![Code::TrackingMissing],
            ..Rule::default()
        },
    ];
    assert_eq!(names(&settings.routes_of(&sku)), ["ops", "it"]);
    let dear = Card {
        money: Some(Money::parse("1000.00").unwrap()),
        ..sku
    };
    assert_eq!(names(&settings.routes_of(&dear)), ["ops", "finance", "it"]);
    assert!(
        settings.routes_of(&card(Code::TrackingMissing)).is_empty(),
        "a rule may say that nobody is told"
    );
    settings.routes.retain(|route| route.team != Owner::Finance);
    assert_eq!(names(&settings.routes_of(&tax)), ["it"], "who has no route is stood in for");
}

#[test]
fn a_route_is_never_told_that_it_is_down() {
    let mut settings = settings();
    let down = |name: &str| Card {
        cause: route_cause(&Connection::new(name)),
        ..card(Code::AlertRouteDown)
    };
    assert_eq!(names(&settings.routes_of(&down("ops"))), ["it"]);
    assert_eq!(
        names(&settings.routes_of(&down("it"))),
        ["ops", "finance"],
        "then anybody may hear it"
    );
    settings.rules = vec![Rule {
        severity: Some(Severity::Critical),
        routes: vec![Connection::new("it")],
        ..Rule::default()
    }];
    assert_eq!(names(&settings.routes_of(&down("it"))), ["ops", "finance"]);
    settings.routes.truncate(1);
    assert!(settings.routes_of(&down("ops")).is_empty());
    assert_eq!(settings.next_after(&Connection::new("ops"), &down("ops")), None);
}

#[test]
fn a_card_is_told_of_once_then_escalated_then_recovered() {
    let settings = settings();
    let (card, now) = (card(Code::SkuUnknown), at("2026-11-20T10:00:01Z"));
    let [first] = <[Step; 1]>::try_from(opened(&settings, &card, &[], none_lately, now)).unwrap();
    assert_eq!(
        (first.after.said, first.after.episode, first.after.records),
        (Said::Opened, 1, 1)
    );
    // An hour of the team's time.
    assert_eq!(first.after.due, at("2026-11-20T11:00:01Z"));
    let (to, message) = first.message.unwrap();
    assert_eq!((to.as_str(), message.what.name()), ("ops", "opened"));

    let later = first.after.due;
    let steps = due(&settings, &card, &first.after, std::slice::from_ref(&first.after), later);
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0].after.due, Timestamp::MAX);
    let (to, message) = steps[1].message.clone().unwrap();
    assert_eq!((to.as_str(), message.what.name()), ("it", "escalated"));
    let taken_up = Card {
        acknowledged: true,
        ..card.clone()
    };
    let steps = due(&settings, &taken_up, &first.after, &[], later);
    assert!(steps.len() == 1 && steps[0].message.is_none(), "{steps:?}");

    let over = resolved(
        &settings,
        &Card {
            open: false,
            ..card.clone()
        },
        &first.after,
        later,
    );
    assert_eq!(
        (over.after.said, over.message.unwrap().1.what.name()),
        (Said::Recovered, "recovered")
    );
    // The cause returns: it is told of again, as another conversation and another effect.
    let [again] = <[Step; 1]>::try_from(opened(&settings, &card, &[over.after], none_lately, later)).unwrap();
    assert_eq!((again.after.said, again.after.episode), (Said::Opened, 2));
    let company = Company::new("acme");
    let (to, message) = again.message.unwrap();
    let second = plan::effect(&company, &to, message);
    let (to, message) = opened(&settings, &card, &[], none_lately, now)[0].message.clone().unwrap();
    let first = plan::effect(&company, &to, message);
    assert_ne!(first.id, second.id);
    assert_eq!(first.lane, second.lane);
}

#[test]
fn the_night_is_quiet_but_for_what_is_critical() {
    let settings = settings();
    // Friday night: held back until Monday morning.
    let night = at("2026-11-20T22:00:00Z");
    let [held] = <[Step; 1]>::try_from(opened(&settings, &card(Code::SkuUnknown), &[], none_lately, night)).unwrap();
    assert_eq!((held.after.said, held.after.due), (Said::Held, at("2026-11-23T09:00:00Z")));
    assert!(held.message.is_none());
    let critical = card(Code::ConsentLost);
    let [told] = <[Step; 1]>::try_from(opened(&settings, &critical, &[], none_lately, night)).unwrap();
    assert!(told.message.is_some());
    assert_eq!(
        told.after.due,
        night.plus(HOUR),
        "and what is critical is escalated by the clock"
    );

    // What is over by the morning is never spoken of.
    let gone = Card {
        open: false,
        ..card(Code::SkuUnknown)
    };
    assert!(resolved(&settings, &gone, &held.after, held.after.due).message.is_none());
    let morning = due(&settings, &card(Code::SkuUnknown), &held.after, &[], held.after.due);
    assert_eq!(morning[0].message.as_ref().unwrap().1.what.name(), "opened");
    assert_eq!(morning[0].after.due, at("2026-11-23T10:00:00Z"));
}

#[test]
fn quiet_hours_go_over_midnight_and_through_the_clocks() {
    let london = Calendar::usual().zone;
    let quiet = Quiet {
        from: time("19:00"),
        to: time("07:00"),
    };
    for (text, is_quiet) in [
        ("2026-11-20T18:59:59Z", false),
        ("2026-11-20T19:00:00Z", true),
        ("2026-11-21T00:00:00Z", true),
        ("2026-11-21T06:59:59Z", true),
        ("2026-11-21T07:00:00Z", false),
        // In summer the wall is an hour ahead.
        ("2026-07-01T06:00:00Z", false),
        ("2026-07-01T05:59:59Z", true),
        ("2026-03-29T05:59:59Z", true),
        ("2026-03-29T06:00:00Z", false),
        ("2026-10-25T06:30:00Z", true),
    ] {
        assert_eq!(quiet.covers(at(text), &london), is_quiet, "{text}");
    }
    let noon = Quiet {
        from: time("12:00"),
        to: time("13:00"),
    };
    assert!(noon.covers(at("2026-11-20T12:30:00Z"), &london) && !noon.covers(at("2026-11-20T13:30:00Z"), &london));
    let never = Quiet {
        from: time("12:00"),
        to: time("12:00"),
    };
    assert!(!never.covers(at("2026-11-20T12:00:00Z"), &london));
}

#[test]
fn many_cards_at_once_stand_in_the_digest() {
    let settings = settings();
    let now = at("2026-11-20T10:00:00Z");
    let [listed] = <[Step; 1]>::try_from(opened(&settings, &card(Code::SkuUnknown), &[], |_| 3, now)).unwrap();
    assert_eq!(listed.after.said, Said::Listed);
    let critical = opened(&settings, &card(Code::ConsentLost), &[], |_| 1_000, now);
    assert!(critical[0].message.is_some());

    let of = |id: &str, said: u64, records: u64| {
        let card = Card {
            id: id.into(),
            records,
            ..card(Code::SkuUnknown)
        };
        let told = Told {
            card: id.into(),
            records: said,
            said: if said == 0 { Said::Listed } else { Said::Opened },
            ..listed.after.clone()
        };
        (told, card)
    };
    let cards = [of("SAME", 5, 5), of("GREW", 5, 50), of("NEW", 0, 1), of("SHRANK", 5, 2)];
    let (steps, message) = digest(&settings, &Company::new("acme"), &settings.routes[0], &cards, now).unwrap();
    let What::Digest { items, more } = message.what else {
        panic!("a digest")
    };
    let named: Vec<_> = items
        .iter()
        .map(|item| (item.card.as_str(), item.said, item.records))
        .collect();
    assert_eq!((named, more), (vec![("GREW", 5, 50), ("NEW", 0, 1)], 0));
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[1].after.said, Said::Opened, "what was listed is told of now");
    // Nothing has grown: nothing is said.
    let still: Vec<_> = steps
        .iter()
        .zip([&cards[1].1, &cards[2].1])
        .map(|(step, card)| (step.after.clone(), card.clone()))
        .collect();
    assert!(digest(&settings, &Company::new("acme"), &settings.routes[0], &still, now).is_none());
}

#[test]
fn a_message_is_never_given_up_and_its_route_is_named() {
    let (id, ops) = (Fingerprint::derive("acme", "card", "opened"), Connection::new("ops"));
    let now = at("2026-11-20T10:00:00Z");
    let lost = Verdict::Unknown(Doubt::NoAnswer("reset".into()));
    let mut tries = Tries::default();
    let mut down = 0;
    for _ in 0..1_000 {
        let (state, finding) = delivery::after_send(&id, &ops, tries, &lost, now);
        let State::Ready { due, tries: next } = state else {
            panic!("{state:?}")
        };
        assert!(due > now && due <= now.plus(Duration::from_secs(60)));
        if let Some(finding) = finding {
            assert_eq!((finding.code, finding.cause), (Code::AlertRouteDown, route_cause(&ops)));
            down += 1;
        }
        tries = next;
    }
    assert_eq!(down, 1_000 - 2, "from the third failure on");
    let refused = Verdict::Refused(delivery::route_down(&ops, "550 no such mailbox"));
    let (state, finding) = delivery::after_send(&id, &ops, Tries::default(), &refused, now);
    assert_eq!(state.due(), Some(now.plus(delivery::REFUSED_PAUSE)));
    assert!(finding.is_some(), "a refusal is no hiccup");
    let lease = Verdict::NotDone {
        why: "ours".into(),
        retry_after: None,
        obstacle: Obstacle::Lease,
    };
    assert_eq!(
        delivery::after_send(&id, &ops, tries, &lease, now),
        (State::Ready { due: now, tries }, None)
    );
    let done = delivery::after_send(&id, &ops, tries, &Verdict::Done(Receipt::Told), now);
    assert_eq!(done, (State::Done, None));
}

#[test]
fn a_cause_breaks_no_header() {
    let odd = Card {
        cause: Cause::Machine("SKU A\r\nBcc: somebody@example.com\u{7}".into()),
        ..card(Code::SkuUnknown)
    };
    let steps = opened(&settings(), &odd, &[], none_lately, at("2026-11-20T10:00:00Z"));
    let (_, message) = steps[0].message.clone().unwrap();
    assert!(
        message.subject().ends_with("SKU A Bcc: somebody@example.com"),
        "{}",
        message.subject()
    );
    assert!(message.facts().iter().all(|(_, value)| !value.chars().any(char::is_control)));
}

#[test]
fn a_deadline_is_told_by_the_teams_hours() {
    let settings = settings();
    let due = |code: Code| {
        let steps = opened(&settings, &card(code), &[], none_lately, at("2026-11-20T16:00:00Z"));
        steps[0].message.clone().unwrap().1.what.about().unwrap().deadline
    };
    // Sixteen working hours from Friday ten o'clock: seven and a half today, eight and a half on Monday.
    assert_eq!(due(Code::ConsentLapsing), Some(at("2026-11-23T17:30:00Z")));
    assert_eq!(due(Code::ConsentLost), Some(at("2026-11-20T11:00:00Z")));
    assert_eq!(due(Code::SkuUnknown), None, "its records say when");
}

#[test]
fn what_nobody_would_be_told_of_is_said() {
    let now = at("2026-11-02T09:00:00Z");
    assert_eq!(faults::faults(&settings(), now), []);
    let mut wrong = settings();
    wrong.routes.retain(|route| route.team != Owner::Finance);
    wrong.rules.push(Rule {
        codes: vec![Code::SkuUnknown],
        ..Rule::default()
    });
    let never = Calendar {
        days: [].into(),
        ..Calendar::usual()
    };
    wrong.calendars.insert(Owner::Operations, never);
    let found = faults::faults(&wrong, now);
    let keys: Vec<&str> = found.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "[alerts.team_calendar.operations]",
            "[[alerts.route]]",
            "[[alerts.rule]], number 1"
        ]
    );
    assert!(found[1].sentence.contains("goes to integration"), "{found:?}");
    assert!(found[2].sentence.contains("sku_unknown"), "{found:?}");
    let late = faults::faults(&settings(), at("2028-12-24T09:00:00Z"));
    assert_eq!(late.len(), Owner::ALL.len(), "the holidays' data end: {late:?}");
}
