//! What people hold is not sent, waits where it says so, and goes on by itself; and what was said when it went.

use std::time::Duration;

use tallyman_core::access::{Actor, Right};
use tallyman_core::hold::Scope;
use tallyman_core::seam::Clock;
use tallyman_engine::holds::{self, Wish};
use tallyman_engine::story;
use tallyman_tests::leave::leave;
use tallyman_tests::scene::{Scene, play, settings};

use super::{A_MINUTE, released};

const COMPANY: &str = "trader-1";

/// Orders of the first merchant that the ledger has, as drafts or as orders.
fn in_ledger(scene: &Scene) -> usize {
    let books = scene.twin.books();
    books.sage.books.orders.values().filter(|order| order.company == 1).count()
}

async fn hold(scene: &Scene, scope: Scope, lasts: Duration) -> tallyman_core::hold::Hold {
    let parts = scene.parts("console").await;
    let merchant = parts
        .merchants
        .iter()
        .find(|merchant| merchant.company.as_str() == COMPANY)
        .expect("a merchant");
    let permit = leave("maya", Right::Connect, COMPANY);
    let wish = Wish {
        scope,
        reason: "Month end".into(),
        until: scene.clock.now().plus(lasts),
    };
    holds::place(&parts, merchant, &permit, wish).await.expect("held")
}

/// The first merchant's order, as its story is told.
async fn told(scene: &Scene) -> story::Story {
    let reference = {
        let books = scene.twin.books();
        let mut orders = books.virtualstock.books.orders.values();
        let first = orders.find(|order| order.company == 1).expect("an order");
        first.order_reference.clone()
    };
    let parts = scene.parts("reader").await;
    let stories = story::tell(&scene.store, &parts.vault, &Actor::terminal("reader"), &reference)
        .await
        .expect("told");
    stories
        .into_iter()
        .find(|story| story.journey.company.as_str() == COMPANY)
        .expect("its own")
}

#[test]
fn writes_to_the_ledger_wait_for_the_end_of_their_hold_and_nobody_elses_do() {
    play(async {
        let scene = Scene::new(settings());
        let hold = hold(&scene, Scope::Writes("sage-1".into()), 40 * A_MINUTE).await;
        // The other merchant's order goes all the way to its warehouse meanwhile.
        scene.work_until("released", async |scene| released(scene).len() == 1).await;
        scene.work_for("waits", 5 * A_MINUTE).await;
        assert_eq!(in_ledger(&scene), 0);
        let story = told(&scene).await;
        let held = story.held.first().expect("it says what it waits for");
        assert_eq!((held.hold.id, held.hold.reason.as_str()), (hold.id, "Month end"));
        let (standing, _) = holds::of_company(&scene.store, COMPANY).await.expect("holds");
        assert_eq!(standing.iter().map(|(_, waits)| *waits).collect::<Vec<_>>(), [1]);
        // Its time comes, and nobody has to do anything.
        scene.work_until("goes on", async |scene| released(scene).len() == 2).await;
        assert!(scene.clock.now() >= hold.until, "it went before its time");
        assert!(told(&scene).await.held.is_empty());
        let (standing, over) = holds::of_company(&scene.store, COMPANY).await.expect("holds");
        assert!(
            standing.is_empty() && over.len() == 1 && over[0].ended_by.is_none(),
            "{over:?}"
        );
    });
}

#[test]
fn a_hold_that_is_ended_early_lets_go_at_once() {
    play(async {
        let scene = Scene::new(settings());
        let item = {
            let books = scene.twin.books();
            let order = books.virtualstock.books.orders.values().find(|order| order.company == 1);
            order.map(|order| order.lines[0].item.clone())
        };
        // Nothing has been ordered yet where the day begins later: then the ledger's writes stand for the item's.
        let scope = item.map_or_else(|| Scope::Retailer("virtualstock-1".into()), Scope::Item);
        let hold = hold(&scene, scope, 600 * A_MINUTE).await;
        scene.work_until("released", async |scene| released(scene).len() == 1).await;
        scene.work_for("waits", 10 * A_MINUTE).await;
        assert_eq!(in_ledger(&scene), 0);
        let parts = scene.parts("console").await;
        let permit = leave("maya", Right::Connect, COMPANY);
        let ended = holds::end(&parts, COMPANY, hold.id.as_str(), &permit).await.expect("ended");
        let again = holds::end(&parts, COMPANY, hold.id.as_str(), &permit).await;
        assert!(matches!(again, Err(holds::Refused::Over(_))), "{again:?}");
        let began = scene.clock.now();
        scene.work_until("goes on", async |scene| released(scene).len() == 2).await;
        assert!(scene.clock.now() < ended.until && scene.clock.now().since(began) < 30 * A_MINUTE);
    });
}

#[test]
fn a_stopped_connection_is_not_even_asked_and_has_no_card_for_being_quiet() {
    play(async {
        let scene = Scene::new(settings());
        let stopped = Scope::Connection("virtualstock-1".into());
        let hold = hold(&scene, stopped, 300 * A_MINUTE).await;
        scene.work_for("stopped", 200 * A_MINUTE).await;
        let journeys: i64 = scene.status().await.journeys.values().sum();
        assert_eq!(journeys, 1, "the other merchant's alone");
        for code in [
            tallyman_core::finding::Code::FeedLate,
            tallyman_core::finding::Code::FeedSilent,
        ] {
            assert!(scene.cards(code).await.is_empty(), "{code}");
        }
        scene
            .work_until("goes on", async |scene| {
                scene.status().await.journeys.values().sum::<i64>() == 2
            })
            .await;
        assert!(scene.clock.now() >= hold.until);
        assert!(
            scene.clock.now().since(hold.until) < 5 * A_MINUTE,
            "polls begin again at once"
        );
    });
}
