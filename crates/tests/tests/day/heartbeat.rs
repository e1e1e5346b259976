//! A feed that brings nothing has a card, first as late and then as silent, until it does something.

use std::time::Duration;

use tallyman_core::finding::Code;
use tallyman_core::heartbeat::Beat;
use tallyman_core::seam::Clock;
use tallyman_engine::health;

use tallyman_tests::scene::{Scene, play, settings};

const A_MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_feed_that_finishes_nothing_is_late_then_silent_and_then_well() {
    play(async {
        let mut scene = Scene::new(settings());
        let began = scene.clock.now();
        // Only the queue of orders: everything else answers, and so does the vendor.
        scene.closed_with = Some(404);
        scene.closed_until = Some(("status=ORDER&limit", began.plus(100 * A_MINUTE)));
        scene
            .work_until("late", async |scene| !scene.cards(Code::FeedLate).await.is_empty())
            .await;
        let late = scene.clock.now().since(began);
        assert!(late > 15 * A_MINUTE && late < 20 * A_MINUTE, "late after {late:?}");
        let causes = async |scene: &Scene, code| -> Vec<String> {
            let mut causes: Vec<String> = scene
                .cards(code)
                .await
                .into_iter()
                .map(|card| card.cause.to_string())
                .collect();
            causes.sort();
            causes
        };
        let both = ["orders of virtualstock-1", "orders of virtualstock-2"];
        assert_eq!(causes(&scene, Code::FeedLate).await, both);
        let health = health::ask(&*scene.parts("who asks").await).await.unwrap();
        let orders = health
            .feeds
            .iter()
            .find(|feed| feed.name == "orders of virtualstock-1")
            .unwrap();
        assert!(health.well, "it is worked at: {health:?}");
        assert_eq!((orders.beat, orders.quiet_seconds >= 900), (Beat::Late, true));

        scene
            .work_until("silent", async |scene| !scene.cards(Code::FeedSilent).await.is_empty())
            .await;
        assert_eq!(causes(&scene, Code::FeedSilent).await, both);
        assert_eq!(causes(&scene, Code::FeedLate).await, [""; 0], "one card for one silence");
        let cards = scene.cards(Code::FeedSilent).await;
        assert!(cards[0].told().contains(": orders of virtualstock-"), "{cards:?}");

        scene
            .work_until("well", async |scene| scene.cards(Code::FeedSilent).await.is_empty())
            .await;
        assert!(scene.clock.now().since(began) >= 100 * A_MINUTE);
        scene
            .work_until("done", async |scene| scene.stands("complete").await == 2)
            .await;
    });
}

#[test]
fn a_weekend_without_a_worker_is_no_finding_of_any_feed() {
    play(async {
        let scene = Scene::new(settings());
        scene.work_for("Friday", 10 * A_MINUTE).await;
        let monday = scene.clock.now().plus(60 * 60 * A_MINUTE);
        scene.clock.sleep_until(monday).await;
        let mut seen = 0;
        let quiet = async |scene: &Scene| {
            seen += scene.cards(Code::FeedLate).await.len() + scene.cards(Code::FeedSilent).await.len();
            scene.clock.now() > monday.plus(30 * A_MINUTE)
        };
        scene.work_until("Monday", quiet).await;
        assert_eq!(seen, 0);
    });
}

#[test]
fn a_machine_that_stood_still_is_no_finding_of_any_feed() {
    play(async {
        let scene = Scene::new(settings());
        scene.work_for("awake", 10 * A_MINUTE).await;
        let (began, mut stood_still, mut seen) = (scene.clock.now(), false, 0);
        let quiet = async |scene: &Scene| {
            if !stood_still {
                stood_still = true;
                // The same worker: nothing of it runs meanwhile.
                tokio::time::advance(5 * 60 * A_MINUTE).await;
            }
            seen += scene.cards(Code::FeedLate).await.len() + scene.cards(Code::FeedSilent).await.len();
            scene.clock.now().since(began) > 6 * 60 * A_MINUTE
        };
        scene.work_until("asleep and awake", quiet).await;
        assert_eq!(seen, 0);
    });
}
