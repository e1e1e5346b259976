//! A worker or a machine that stood still is no finding of a feed. That a feed which is quiet has a card is seen to in `codes`.

use std::time::Duration;

use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;

use tallyman_tests::scene::{Scene, play, settings};

const A_MINUTE: Duration = Duration::from_secs(60);

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
