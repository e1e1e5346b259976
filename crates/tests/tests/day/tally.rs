//! A list that leaves an order out, shows it twice or shows it late: the tally names it by its key.

use std::time::Duration;

use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_core::tally::{Again, Kind, Problem};
use tallyman_core::time::{Date, Timestamp};
use tallyman_engine::tally::{self, Page, Source};
use tallyman_store::tables::tally as tables;
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_twin::mishap::Mishap;

use tallyman_tests::scene::{Scene, play, settings};

const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3600);

/// Two merchants' day on which the keys are compared so often.
fn scene(every: Duration) -> Scene {
    let mut scene = Scene::new(settings());
    scene.pace.keys_every = every;
    scene.pace.keys_again = every;
    // The day begins: the first order is there before anybody looks.
    scene.twin.state();
    scene
}

/// Lets something become of the first company's order, and gives its key.
fn befall(scene: &Scene, mishap: Mishap) -> String {
    let mut books = scene.twin.books();
    let order = books
        .virtualstock
        .books
        .orders
        .values_mut()
        .find(|order| order.company == 1)
        .unwrap();
    order.mishap = Some(mishap);
    order.id.to_string()
}

/// The first company's tally of the scene's first day.
async fn page(scene: &Scene, kind: Kind) -> Page {
    let parts = scene.parts("reader").await;
    let source = Source::of(&parts.merchants[0])
        .into_iter()
        .find(|source| source.kind == kind)
        .unwrap();
    let day = Date::parse("2026-11-02").unwrap();
    tally::ask(&scene.store, &source, day, scene.clock.now()).await.unwrap()
}

#[test]
fn an_order_that_the_queue_never_shows_is_named_and_fetched_by_its_key() {
    play(async {
        let mut scene = scene(20 * A_MINUTE);
        let key = befall(&scene, Mishap::Dropped);
        // For an hour it cannot be had by its key either.
        let opens = scene.clock.now().plus(AN_HOUR);
        let by_key = format!("/orders/{key}/");
        scene.closed_until = Some((Box::leak(by_key.into_boxed_str()), opens));

        scene
            .work_until("a gap", async |scene| !scene.cards(Code::TallyGap).await.is_empty())
            .await;
        let cards = scene.cards(Code::TallyGap).await;
        assert_eq!(cards.len(), 1, "the other company's order came: {cards:?}");
        assert_eq!(
            (cards[0].company.as_str(), cards[0].cause.to_string()),
            ("trader-1", "`virtualstock-1` on 2026-11-02".to_owned())
        );
        assert_eq!(members(&scene, &cards[0].id).await, [format!("virtualstock-1 order {key}")]);
        let named = page(&scene, Kind::Order).await;
        assert_eq!((named.tally.received, named.listed), (0, Some(1)));
        assert_eq!(named.gaps.len(), 1);
        assert_eq!(
            (named.gaps[0].key.as_str(), named.gaps[0].problem),
            (key.as_str(), Problem::Missing)
        );
        assert!(!named.is_whole());

        scene
            .work_until("fetched", async |scene| scene.cards(Code::TallyGap).await.is_empty())
            .await;
        assert!(scene.clock.now() >= opens, "it was fetched through a closed door");
        scene.until_complete(2).await;
        let page = page(&scene, Kind::Order).await;
        assert_eq!((page.tally.received, page.tally.posted), (1, 1));
        assert!(
            page.gaps[0].cleared_at.is_some() && page.gaps[0].why == "it was fetched by its key",
            "{page:?}"
        );
        assert!(page.is_whole());
        assert!(!scene.twin.report().audit.finished || scene.twin.report().audit.is_clean());
    });
}

/// Whether the counters are behind by more than is told quickly, and what they say.
struct Counted(Source);

impl Unit for Counted {
    type Output = (bool, Vec<(String, i64)>);
    const NAME: &'static str = "what_is_counted";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let its = (&self.0.connection, self.0.kind);
        let day = Date::parse("2026-11-02").expect("a day");
        let span = day.starts_in(&self.0.zone)..day.plus_days(2).starts_in(&self.0.zone);
        Ok((tables::is_behind(tx, its, 20).await?, tables::kept(tx, its, &span).await?))
    }
}

#[test]
fn what_a_day_is_read_from_follows_the_records_though_nobody_looks() {
    play(async {
        let mut settings = settings();
        settings.orders.count = 30;
        let mut scene = Scene::new(settings);
        scene.pace.seal_every = Duration::from_secs(1);
        scene.until_complete(60).await;
        scene
            .work_until("counted", async |scene| {
                let parts = scene.parts("reader").await;
                let mut behind = false;
                for source in Source::of(&parts.merchants[0]) {
                    let (its, by) = scene.store.read(Counted(source)).await.expect("counters");
                    behind |= its || by.iter().map(|(_, records)| records).sum::<i64>() < 10;
                }
                !behind
            })
            .await;
    });
}

#[test]
fn an_order_that_is_shown_twice_is_counted_apart() {
    play(async {
        let scene = scene(20 * A_MINUTE);
        let key = befall(&scene, Mishap::Doubled);
        scene.until_complete(2).await;
        let page = page(&scene, Kind::Order).await;
        assert_eq!((page.tally.received, page.tally.posted, page.repeats), (1, 1, 1));
        assert_eq!(page.tally.again, [Again { key, same: 1, other: 0 }]);
        assert!(page.is_whole() && page.gaps.is_empty());
    });
}

#[test]
fn an_order_that_is_shown_hours_late_is_named() {
    play(async {
        let scene = scene(24 * AN_HOUR);
        let shown = scene.clock.now().plus(3 * AN_HOUR);
        let key = befall(&scene, Mishap::Delayed(shown.micros()));
        scene.work_for("a morning", 4 * AN_HOUR).await;
        let page = page(&scene, Kind::Order).await;
        assert_eq!(page.tally.received, 1);
        assert_eq!(page.tally.late.len(), 1);
        let late = &page.tally.late[0];
        assert_eq!(late.key, key);
        assert!(
            late.received_at >= shown && late.received_at.since(late.made_at) > 2 * AN_HOUR,
            "{late:?}"
        );
    });
}

#[test]
fn a_day_on_which_every_list_swallows_everything_comes_out_even() {
    play(async {
        let mut settings = settings();
        settings.faults.dropped = 1000;
        let mut scene = Scene::new(settings);
        scene.pace.keys_every = 20 * A_MINUTE;
        scene.pace.keys_again = 20 * A_MINUTE;
        scene.until_complete(2).await;
        for kind in Kind::ALL {
            let page = page(&scene, kind).await;
            assert!(
                page.tally.received >= 1 && page.tally.received == page.tally.posted,
                "{page:?}"
            );
            assert_eq!(page.gaps.len() as u64, page.tally.received, "each was missing: {page:?}");
            assert!(page.is_whole(), "{page:?}");
        }
        assert!(scene.twin.report().audit.is_clean());
    });
}

#[test]
fn an_order_that_its_retailer_does_not_know_any_more_is_named_until_it_does() {
    play(async {
        let scene = scene(20 * A_MINUTE);
        scene
            .work_until("received", async |scene| scene.stands("open").await == 2)
            .await;
        let (id, order) = {
            let mut books = scene.twin.books();
            let id = *books.virtualstock.books.orders.keys().next().unwrap();
            (id, books.virtualstock.books.orders.remove(&id).unwrap())
        };
        let company = order.company;
        scene
            .work_until("a gap", async |scene| !scene.cards(Code::TallyGap).await.is_empty())
            .await;
        let cards = scene.cards(Code::TallyGap).await;
        assert_eq!((cards.len(), cards[0].company.clone()), (1, format!("trader-{company}")));
        assert_eq!(
            members(&scene, &cards[0].id).await,
            [format!("virtualstock-{company} order {id}, not known there")]
        );
        scene.twin.books().virtualstock.books.orders.insert(id, order);
        scene
            .work_until("known again", async |scene| scene.cards(Code::TallyGap).await.is_empty())
            .await;
    });
}

#[test]
fn a_lost_sign_in_is_said_instead_of_a_gap() {
    play(async {
        let mut scene = scene(20 * A_MINUTE);
        scene.companies[0].virtualstock_password = "forgotten".into();
        scene
            .work_until("refused", async |scene| !scene.cards(Code::ConsentLost).await.is_empty())
            .await;
        scene.work_for("two hours", 2 * AN_HOUR).await;
        assert_eq!(scene.cards(Code::TallyGap).await, []);
        assert_eq!(scene.cards(Code::FeedSilent).await, []);
        let page = page(&scene, Kind::Order).await;
        assert_eq!((page.tally.received, page.compared_at), (0, None));
        let why = page.why.unwrap();
        assert!(why.contains("virtualstock-1 has a card of its own"), "{why}");
    });
}

#[test]
fn what_was_made_before_we_began_is_nobodys_gap() {
    play(async {
        let scene = scene(20 * A_MINUTE);
        befall(&scene, Mishap::Dropped);
        {
            // Another program has taken it up before us.
            let mut books = scene.twin.books();
            let order = books
                .virtualstock
                .books
                .orders
                .values_mut()
                .find(|order| order.company == 1)
                .unwrap();
            order.placed -= 60_000_000;
        }
        scene.work_for("hours", 3 * AN_HOUR).await;
        assert_eq!(scene.cards(Code::TallyGap).await, []);
        let page = page(&scene, Kind::Order).await;
        assert!(page.compared_at > Some(Timestamp::ZERO) && page.listed == Some(0), "{page:?}");
    });
}

/// What a card names.
async fn members(scene: &Scene, card: &str) -> Vec<String> {
    let unit = tallyman_tests::scene::Members { card: card.to_owned() };
    let members = scene.store.read(unit).await.unwrap();
    members.into_iter().map(|member| member.effect).collect()
}
