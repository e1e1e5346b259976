//! Connections, feeds, machines and routes.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::heartbeat::Beat;
use tallyman_core::ident::Connection;
use tallyman_core::seam::Clock;
use tallyman_core::time::Date;
use tallyman_engine::health;
use tallyman_tests::scene::{Door, Scene, play, settings};
use tallyman_tests::slack::{self, by_slack};
use tallyman_twin::mishap::Mishap;

use crate::goods::{until_released, whole};
use crate::shared::{gone, of_first, one};

const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3600);

fn sage() -> Cause {
    Cause::Connection(Connection::new("sage-1"))
}

pub fn consent_lapsing() {
    play(async {
        let mut scene = Scene::new(settings());
        let ends = scene.clock.now().plus(10 * 24 * AN_HOUR);
        scene.promises.consents = vec![(Connection::new("sage-1"), ends)];
        assert_eq!(one(&scene, Code::ConsentLapsing).await.cause, sage());
        // Somebody consents anew, and says until when.
        scene.promises.consents[0].1 = ends.plus(80 * 24 * AN_HOUR);
        gone(&scene, Code::ConsentLapsing).await;
    });
}

pub fn consent_lost() {
    play(async {
        let mut scene = Scene::new(settings());
        let consent = std::mem::replace(&mut scene.companies[0].sage_refresh_token, "spent long ago".into());
        one(&scene, Code::ConsentLost).await;
        scene.work_for("refused again and again", 3 * AN_HOUR).await;
        let card = one(&scene, Code::ConsentLost).await;
        assert_eq!(card.cause, sage());
        let told = card.told();
        assert!(told.contains("refresh token") && told.contains("tallyman check"), "{told}");
        // What the vendor said is not kept: `tallyman check` shows it anew.
        assert_eq!(scene.said(&card).await, "");
        assert_eq!(
            scene.status().await.exceptions.values().sum::<i64>(),
            1,
            "what follows joins it"
        );
        scene.companies[0].sage_refresh_token = consent;
        gone(&scene, Code::ConsentLost).await;
        scene.until_complete(2).await;
    });
}

/// An outage of hours, and all that would follow from it, is one card for each company's connection, until it is over.
pub fn vendor_down() {
    play(async {
        let mut scene = Scene::new(whole(1));
        scene.pace.keys_every = AN_HOUR;
        until_released(&scene).await;
        let began = scene.clock.now();
        let opens = began.plus(9 * AN_HOUR);
        scene.closed_until = Some(("/sage/", opens));
        let card = one(&scene, Code::VendorDown).await;
        assert_eq!(card.cause, sage());
        assert!(
            scene.clock.now().since(began) < 20 * A_MINUTE,
            "it took {:?}",
            scene.clock.now().since(began)
        );
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let (mut most, mut done) = (0, false);
        scene
            .work_until("an outage", async |scene| {
                let status = scene.status().await;
                most = most.max(status.exceptions.values().sum::<i64>());
                seen.extend(status.exceptions.into_keys());
                done = done || scene.stands("complete").await == 2;
                done && scene.clock.now() > opens.plus(2 * AN_HOUR)
            })
            .await;
        assert_eq!(most, 2, "one for each company's connection: {seen:?}");
        assert_eq!(scene.status().await.exceptions.values().sum::<i64>(), 0);
    });
}

pub fn machine_fault() {
    play(async {
        let mut scene = Scene::new(settings());
        scene.free_disk_bytes = Some(4_096);
        assert_eq!(
            one(&scene, Code::MachineFault).await.cause,
            Cause::Machine("disk of quay-1".into())
        );
        scene.free_disk_bytes = Some(1 << 40);
        gone(&scene, Code::MachineFault).await;
    });
}

pub fn feed_late() {
    feed_stands(Code::FeedLate, Beat::Late, 15 * A_MINUTE);
}

pub fn feed_silent() {
    feed_stands(Code::FeedSilent, Beat::Silent, AN_HOUR);
}

/// The queue of orders answers nonsense: the vendor answers, and the feed brings nothing.
fn feed_stands(code: Code, beat: Beat, after: Duration) {
    play(async {
        let mut scene = Scene::new(settings());
        let began = scene.clock.now();
        let opens = began.plus(100 * A_MINUTE);
        (scene.closed_until, scene.door) = (Some(("status=ORDER&limit", opens)), Door::Answers(404));
        let card = one(&scene, code).await;
        let quiet = scene.clock.now().since(began);
        assert!(quiet > after && quiet < after + 5 * A_MINUTE, "after {quiet:?}");
        assert_eq!(card.cause, Cause::Flow("orders of virtualstock-1".into()));
        let other = if code == Code::FeedLate {
            Code::FeedSilent
        } else {
            Code::FeedLate
        };
        assert!(of_first(&scene, other).await.is_empty(), "one card for one silence");
        let health = health::ask(&*scene.parts("who asks").await).await.expect("it is told");
        let orders = health.feeds.iter().find(|feed| feed.name == "orders of virtualstock-1");
        assert!(health.well, "it is worked at: {health:?}");
        assert_eq!(orders.map(|feed| feed.beat), Some(beat));
        scene.work_until("opened", async |scene| scene.clock.now() > opens).await;
        gone(&scene, Code::FeedSilent).await;
        gone(&scene, Code::FeedLate).await;
        scene.until_complete(2).await;
    });
}

/// The queue never shows an order, which for a while cannot be had by its key either.
pub fn tally_gap() {
    play(async {
        let mut scene = Scene::new(settings());
        (scene.pace.keys_every, scene.pace.keys_again) = (20 * A_MINUTE, 20 * A_MINUTE);
        scene.twin.state();
        let key = {
            let mut books = scene.twin.books();
            let mut orders = books.virtualstock.books.orders.values_mut();
            let order = orders.find(|order| order.company == 1).expect("it has come");
            order.mishap = Some(Mishap::Dropped);
            order.id
        };
        let by_key: &'static str = Box::leak(format!("/orders/{key}/").into_boxed_str());
        (scene.closed_until, scene.door) = (Some((by_key, scene.clock.now().plus(AN_HOUR))), Door::Answers(403));
        let card = one(&scene, Code::TallyGap).await;
        let source = Connection::new("virtualstock-1");
        let day = Date::parse("2026-11-02").expect("a day");
        assert_eq!(card.cause, Cause::Day { source, day });
        gone(&scene, Code::TallyGap).await;
        scene.until_complete(2).await;
    });
}

/// A route that is asked to take its daily test answers nonsense; the next morning it is well.
pub fn alert_route_down() {
    play(async {
        let mut scene = Scene::new(settings());
        scene.alerts = Some(by_slack);
        let tomorrow = scene.clock.now().plus(48 * AN_HOUR);
        (scene.closed_until, scene.door) = (Some((slack::PATH, tomorrow)), Door::Answers(500));
        let card = one(&scene, Code::AlertRouteDown).await;
        assert_eq!(card.cause, Cause::Connection(Connection::new("slack-trader-1")));
        scene.door = Door::Answers(200);
        gone(&scene, Code::AlertRouteDown).await;
    });
}
