//! People are told of cards: what is said, by which route, when, and that none of it is lost or said twice.

mod receiver;
mod reminders;
mod scene;
mod smtp;

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;

use scene::{Fate, Letter, Scene, at, play, route};

const A_SECOND: Duration = Duration::from_secs(1);
const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3600);

/// A Friday at work.
const FRIDAY: &str = "2026-11-20T10:00:00Z";

fn heard(letters: &[Letter]) -> Vec<(&str, &str)> {
    letters
        .iter()
        .map(|letter| (letter.route.as_str(), letter.says.as_str()))
        .collect()
}

fn begins(letter: &Letter, route: &str, words: &str) {
    assert!(
        letter.route == route && letter.says.starts_with(words),
        "{words} by {route}: {letter:?}"
    );
}

#[test]
fn a_cause_is_one_message_then_digests_then_an_end() {
    play(async {
        let (scene, letterbox) = Scene::at(FRIDAY, vec![route("ops", Owner::Operations)]);
        for order in 0..500 {
            scene.open(Code::SkuUnknown, "SKU ABC-1", &format!("order {order}")).await;
        }
        scene.work_for(A_SECOND).await;
        let letters = letterbox.empty();
        assert_eq!(letters.len(), 1, "500 orders with one cause are one message: {letters:?}");
        begins(&letters[0], "ops", "A retailer's item code is not known (500 records).");

        for order in 500..640 {
            scene.open(Code::SkuUnknown, "SKU ABC-1", &format!("order {order}")).await;
            scene.work_for(A_SECOND).await;
        }
        assert_eq!(heard(&letterbox.empty()), [], "a card that grows waits for the digest");
        scene.work_for(AN_HOUR).await;
        let letters = letterbox.empty();
        assert_eq!(heard(&letters), [("ops", "1 open card has more on it than was last said.")]);
        scene.work_for(3 * AN_HOUR).await;
        assert_eq!(heard(&letterbox.empty()), [], "nothing has grown");

        for order in 0..640 {
            scene.resolve(&format!("order {order}")).await;
        }
        scene.work_for(A_SECOND).await;
        let letters = letterbox.empty();
        assert_eq!(letters.len(), 1);
        begins(&letters[0], "ops", "Recovered");
        assert!(letters[0].subject.contains("SKU ABC-1"), "{letters:?}");

        scene.open(Code::SkuUnknown, "SKU ABC-1", "order 1").await;
        scene.work_for(A_SECOND).await;
        let again = letterbox.empty();
        assert_eq!(again.len(), 1, "a cause that returns is told of again");
        assert_eq!(again[0].subject, letters[0].subject);
    });
}

#[test]
fn what_nobody_takes_up_is_told_to_somebody_else_once() {
    play(async {
        let routes = vec![route("ops", Owner::Operations), route("it", Owner::Integration)];
        let (scene, letterbox) = Scene::at(FRIDAY, routes);
        scene.open(Code::SkuUnknown, "SKU ABC-1", "order 1").await;
        scene.work_for(50 * A_MINUTE).await;
        assert_eq!(letterbox.empty().len(), 1);
        // Every worker that starts in between finds the same appointment.
        scene.work_for(11 * A_MINUTE).await;
        let letters = letterbox.empty();
        assert_eq!(letters.len(), 1, "{letters:?}");
        begins(&letters[0], "it", "Nobody has taken this up since 2026-11-20 10:00");
        scene.work_for(4 * AN_HOUR).await;
        assert_eq!(heard(&letterbox.empty()), []);
        scene.resolve("order 1").await;
        scene.work_for(A_SECOND).await;
        let told: BTreeSet<_> = letterbox.empty().into_iter().map(|letter| letter.route).collect();
        assert_eq!(
            told,
            ["it".to_owned(), "ops".to_owned()].into(),
            "whoever was told hears the end"
        );
    });
}

#[test]
fn nobody_is_woken_for_what_can_wait() {
    play(async {
        let routes = vec![route("ops", Owner::Operations), route("it", Owner::Integration)];
        let (mut scene, letterbox) = Scene::at("2026-11-20T22:00:00Z", routes);
        scene.settings.escalation = None;
        scene.open(Code::SkuUnknown, "SKU ABC-1", "order 1").await;
        scene.open(Code::SkuUnknown, "SKU GONE", "order 2").await;
        scene.open(Code::ConsentLost, "connection sage", "sign-in of sage").await;
        scene.work_for(AN_HOUR).await;
        let letters = letterbox.empty();
        assert_eq!(letters.len(), 1, "{letters:?}");
        begins(&letters[0], "it", "A sign-in is refused");

        scene.resolve("order 2").await;
        scene.work_until(at("2026-11-23T08:59:59Z")).await;
        let letters = letterbox.empty();
        assert!(
            letters.iter().all(|letter| letter.says.starts_with("This is a test")),
            "{letters:?}"
        );
        scene.work_until(at("2026-11-23T09:00:01Z")).await;
        let letters = letterbox.empty();
        assert_eq!(letters.len(), 1, "what was over by Monday is not spoken of: {letters:?}");
        begins(&letters[0], "ops", "A retailer's item code is not known (1 record).");
        assert!(letters[0].subject.contains("SKU ABC-1"));
    });
}

#[test]
fn each_route_is_tested_every_day() {
    play(async {
        let routes = vec![route("ops", Owner::Operations), route("it", Owner::Integration)];
        let (scene, letterbox) = Scene::at(FRIDAY, routes);
        scene.work_until(at("2026-11-22T10:00:00Z")).await;
        let mut letters = letterbox.empty();
        letters.sort_by_key(|letter| (letter.at, letter.route.clone()));
        let tests: Vec<_> = letters
            .iter()
            .map(|letter| (letter.at.to_rfc3339(), letter.route.as_str()))
            .collect();
        let saturday = |route| ("2026-11-21T08:30:00Z".to_owned(), route);
        let sunday = |route| ("2026-11-22T08:30:00Z".to_owned(), route);
        assert_eq!(
            tests
                .iter()
                .map(|(at, route)| (at[..19].to_owned() + "Z", *route))
                .collect::<Vec<_>>(),
            [saturday("it"), saturday("ops"), sunday("it"), sunday("ops")]
        );
        let ids: BTreeSet<_> = letters.iter().map(|letter| &letter.id).collect();
        assert_eq!(ids.len(), 4, "each test is its own message");
        // A route that does not take its test has a card, and the other route says so.
        letterbox.decide(|route, _| if route == "ops" { Fate::Answered(550) } else { Fate::Taken });
        scene.work_until(at("2026-11-23T08:31:00Z")).await;
        assert_eq!(
            scene.cards().await,
            [("alert_route_down".to_owned(), "connection `ops`".to_owned())]
        );
        let letters = letterbox.empty();
        assert!(
            letters
                .iter()
                .any(|letter| letter.route == "it" && letter.says.starts_with("Alerts cannot be delivered"))
        );
    });
}

#[test]
fn a_route_that_is_down_loses_nothing_and_is_told_of_elsewhere() {
    play(async {
        let routes = vec![route("ops", Owner::Operations), route("it", Owner::Integration)];
        let (scene, letterbox) = Scene::at(FRIDAY, routes);
        let until = at("2026-11-20T13:00:00Z");
        letterbox.decide(move |route, now| match route {
            "ops" if now < until => Fate::NotConnected,
            _ => Fate::Taken,
        });
        for number in 0..30 {
            scene
                .open(Code::SkuUnknown, &format!("SKU {number}"), &format!("order {number}"))
                .await;
        }
        scene.work_for(5 * A_MINUTE).await;
        let letters = letterbox.empty();
        assert_eq!(letters.len(), 1, "the route's card, once: {letters:?}");
        begins(&letters[0], "it", "Alerts cannot be delivered");
        scene.resolve("order 7").await;

        scene.work_until(until.plus(5 * A_MINUTE)).await;
        let letters = letterbox.empty();
        let of_ops: Vec<_> = letters.iter().filter(|letter| letter.route == "ops").collect();
        let ids: BTreeSet<_> = of_ops.iter().map(|letter| &letter.id).collect();
        assert_eq!(ids.len(), of_ops.len(), "each once");
        for number in 0..30 {
            let subject = format!("SKU {number}");
            let about: Vec<_> = of_ops.iter().filter(|letter| letter.subject.ends_with(&subject)).collect();
            assert_eq!(about.len(), if number == 7 { 2 } else { 1 }, "{subject}: {about:?}");
            assert!(!about[0].says.starts_with("Recovered"), "in their order");
        }
        assert!(
            letters
                .iter()
                .any(|letter| letter.route == "it" && letter.says.starts_with("Recovered")),
            "{letters:?}"
        );
        assert_eq!(scene.cards().await.len(), 29, "and the route's card is closed");
    });
}

#[test]
fn a_refusal_is_no_loop_and_a_lost_answer_goes_again_under_its_id() {
    play(async {
        // The only route refuses: its card has nowhere to go, and goes nowhere.
        let (scene, letterbox) = Scene::at(FRIDAY, vec![route("ops", Owner::Operations)]);
        let tries = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let counted = tries.clone();
        letterbox.decide(move |_, _| {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Fate::Answered(550)
        });
        scene.open(Code::SkuUnknown, "SKU ABC-1", "order 1").await;
        scene.work_for(AN_HOUR).await;
        assert_eq!(scene.cards().await.len(), 2);
        let refused = tries.load(std::sync::atomic::Ordering::SeqCst);
        assert!((10..=13).contains(&refused), "tried every five minutes, not {refused} times");
        // Put right, with answers that get lost.
        let mut lost = 3;
        letterbox.decide(move |_, _| {
            lost -= 1;
            if lost >= 0 { Fate::Unsaid } else { Fate::Taken }
        });
        scene.work_for(20 * A_MINUTE).await;
        let letters = letterbox.empty();
        let first: Vec<_> = letters
            .iter()
            .filter(|letter| letter.says.starts_with("A retailer"))
            .collect();
        assert_eq!(first.len(), 4, "{letters:?}");
        assert!(
            first.iter().all(|letter| letter.id == first[0].id),
            "the same mail each time: {first:?}"
        );
        assert_eq!(scene.cards().await.len(), 1);
    });
}

#[test]
fn patience_is_not_a_failure() {
    play(async {
        let routes = vec![route("ops", Owner::Operations), route("it", Owner::Integration)];
        let (scene, letterbox) = Scene::at(FRIDAY, routes);
        let mut first = true;
        // Greylisting: the first try is put off.
        letterbox.decide(move |_, _| {
            if std::mem::take(&mut first) {
                Fate::Answered(451)
            } else {
                Fate::Taken
            }
        });
        scene.open(Code::SkuUnknown, "SKU ABC-1", "order 1").await;
        scene.work_for(A_MINUTE).await;
        assert_eq!(letterbox.empty().len(), 1);
        assert_eq!(
            scene.cards().await.len(),
            1,
            "no card for a route that takes it at the second try"
        );
    });
}

#[test]
fn many_workers_say_each_thing_once() {
    play(async {
        let routes = vec![route("ops", Owner::Operations), route("it", Owner::Integration)];
        let (scene, letterbox) = Scene::at(FRIDAY, routes);
        let until = scene.clock.now().plus(3 * AN_HOUR);
        let open = async {
            for number in 0..40 {
                scene
                    .open(Code::SkuUnknown, &format!("SKU {number}"), &format!("order {number}"))
                    .await;
                scene.clock.sleep_until(scene.clock.now().plus(A_MINUTE)).await;
            }
            scene.clock.sleep_until(until).await;
        };
        tokio::select! {
            biased;
            () = open => {}
            () = scene.work("one") => panic!("it stopped"),
            () = scene.work("two") => panic!("it stopped"),
            () = scene.work("three") => panic!("it stopped"),
        }
        let letters = letterbox.empty();
        let opened = letters.iter().filter(|letter| letter.says.starts_with("A retailer")).count();
        let escalated = letters.iter().filter(|letter| letter.says.starts_with("Nobody")).count();
        assert_eq!((opened, escalated), (40, 40), "{:?}", heard(&letters));
        let ids: BTreeSet<_> = letters.iter().map(|letter| &letter.id).collect();
        assert_eq!(ids.len(), letters.len());
    });
}
