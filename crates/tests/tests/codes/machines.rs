//! Answers that nobody has, connections, feeds, machines and deadlines.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tallyman_connectors::{BySlack, Secret};
use tallyman_core::alert::{Route, Settings};
use tallyman_core::calendar::{Calendar, TimeOfDay};
use tallyman_core::catalogue::Owner;
use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::finding::Code;
use tallyman_core::heartbeat::Beat;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::promise::CutOff;
use tallyman_core::seam::Clock;
use tallyman_core::time::Date;
use tallyman_engine::answer::Answer;
use tallyman_engine::health;
use tallyman_engine::parts::Alerts;
use tallyman_tests::scene::{Door, Scene, play, settings};
use tallyman_twin::mishap::Mishap;
use tallyman_twin::sage::books::OpenBy;

use crate::goods::{order, released, until_released, whole};
use crate::shared::map;
use crate::shared::{gone, of_first, one};

const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3600);

fn sage() -> Cause {
    Cause::Connection(Connection::new("sage-1"))
}

/// Somebody has despatched an order in the ledger; ours of the same goods cannot be told from it.
pub fn outcome_unclear() {
    play(async {
        let scene = released(whole(1)).await;
        let reference = despatch_by_hand(&scene);
        let card = one(&scene, Code::OutcomeUnclear).await;
        assert_eq!(card.cause, Cause::order(&reference));
        scene.answer(&card, Answer::Landed).await;
        gone(&scene, Code::OutcomeUnclear).await;
        scene
            .work_until("done", async |scene| scene.stands("complete").await == 2)
            .await;
    });
}

/// The first company's order is despatched in the desktop program; gives its reference.
fn despatch_by_hand(scene: &Scene) -> String {
    let now = scene.twin_now();
    let mut books = scene.twin.books();
    let order = books.sage.books.orders.values().find(|order| order.company == 1);
    let order = order.expect("it is there").clone();
    books.sage.despatch_by_hand(1, order.id, now).expect("despatched");
    order.customer_document_no
}

pub fn ledger_foreign_despatch() {
    play(async {
        let mut scene = Scene::new(whole(1));
        scene.pace.duplicates_every = 10 * A_MINUTE;
        until_released(&scene).await;
        let reference = despatch_by_hand(&scene);
        let card = one(&scene, Code::LedgerForeignDespatch).await;
        assert_eq!(card.cause, Cause::order(&reference));
        // The goods leave: what is despatched has left, and whether it is the same is the question of another card.
        gone(&scene, Code::LedgerForeignDespatch).await;
        one(&scene, Code::OutcomeUnclear).await;
        assert_eq!(scene.stands("complete").await, 1, "the other company's order is not touched");
    });
}

/// Part of a line is confirmed, and nobody hears whether it was.
pub fn person_needed() {
    play(async {
        let mut settings = whole(8);
        settings.orders.lines_max = 1;
        let mut scene = released(settings).await;
        scene.confirm_parts = true;
        let order = {
            let books = scene.twin.books();
            let mut orders = books.mintsoft.books.orders.values();
            let of_several = orders.find(|order| order.client == 1 && order.items[0].quantity > 1);
            of_several.expect("an order of several pieces").clone()
        };
        let id = order.id;
        {
            let mut books = scene.twin.books();
            let parted = books.mintsoft.books.orders.get_mut(&id).expect("it is there");
            parted.items[0].quantity -= 1;
            parted.number_of_parts = 2;
        }
        // The first company's retailer swallows what it is told.
        (scene.closed_until, scene.door) = (Some(("/dispatch", scene.clock.now().plus(24 * AN_HOUR))), Door::Swallows);
        let card = one(&scene, Code::PersonNeeded).await;
        assert!(matches!(card.cause, Cause::Effect(_)), "{card:?}");
        scene.answer(&card, Answer::Landed).await;
        gone(&scene, Code::PersonNeeded).await;
    });
}

pub fn locked_too_long() {
    play(async {
        let scene = released(whole(1)).await;
        let from = scene.twin_now();
        {
            let mut books = scene.twin.books();
            let mut orders = books.sage.books.orders.values_mut();
            let order = orders.find(|order| order.company == 1).expect("it is there");
            order.open_by = Some(OpenBy {
                user: "Ann".into(),
                from,
                until: from + 6 * 3_600 * 1_000_000,
            });
        }
        let card = one(&scene, Code::LockedTooLong).await;
        assert!(matches!(card.cause, Cause::Effect(_)), "{card:?}");
        gone(&scene, Code::LockedTooLong).await;
        scene
            .work_until("done", async |scene| scene.stands("complete").await == 2)
            .await;
    });
}

/// Sage answers, and takes no despatch: what looks for one meets a limit, again and again.
pub fn put_off_too_long() {
    play(async {
        let mut scene = released(whole(1)).await;
        let opens = scene.clock.now().plus(8 * AN_HOUR);
        (scene.closed_until, scene.door) = (Some(("despatch_line_views", opens)), Door::Answers(429));
        let card = one(&scene, Code::PutOffTooLong).await;
        assert!(matches!(card.cause, Cause::Effect(_)), "{card:?}");
        assert!(scene.cards(Code::VendorDown).await.is_empty(), "a limit is an answer");
        gone(&scene, Code::PutOffTooLong).await;
        scene
            .work_until("done", async |scene| scene.stands("complete").await == 2)
            .await;
    });
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
        scene
            .work_until("done", async |scene| scene.stands("complete").await == 2)
            .await;
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
        scene
            .work_until("done", async |scene| scene.stands("complete").await == 2)
            .await;
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
        scene
            .work_until("done", async |scene| scene.stands("complete").await == 2)
            .await;
    });
}

/// A route that is asked to take its daily test answers nonsense; the next morning it is well.
pub fn alert_route_down() {
    play(async {
        let mut scene = Scene::new(settings());
        scene.alerts = Some(by_slack);
        let tomorrow = scene.clock.now().plus(48 * AN_HOUR);
        (scene.closed_until, scene.door) = (Some(("/slack", tomorrow)), Door::Answers(500));
        let card = one(&scene, Code::AlertRouteDown).await;
        assert_eq!(card.cause, Cause::Connection(Connection::new("slack-trader-1")));
        scene.door = Door::Answers(200);
        gone(&scene, Code::AlertRouteDown).await;
    });
}

fn by_slack(company: &Company) -> Alerts {
    let connection = Connection::new(format!("slack-{company}"));
    let address = Secret::new("http://twin/slack".to_owned());
    let route = Route {
        connection: connection.clone(),
        team: Owner::Integration,
        deputy: None,
    };
    let settings = Settings {
        public_url: "https://tallyman.example.com".into(),
        routes: vec![route],
        rules: Vec::new(),
        calendars: Default::default(),
        calendar: Calendar::usual(),
        quiet: None,
        digest_every: AN_HOUR,
        opened_max: 1_000,
        escalation: None,
        test_at: TimeOfDay::parse("08:30").expect("a time"),
    };
    Alerts {
        settings,
        notifiers: vec![Arc::new(BySlack::new(connection, company.clone(), address))],
    }
}

/// Stopped when the cut-off comes near, and released in time.
pub fn cut_off_near() {
    play(async {
        let (scene, cell) = stopped_before_ten().await;
        let card = one(&scene, Code::CutOffNear).await;
        assert_eq!(card.cause, cut_off_day());
        map(&scene, &cell, cell.theirs.as_str()).await;
        gone(&scene, Code::CutOffNear).await;
        assert!(of_first(&scene, Code::CutOffMissed).await.is_empty());
    });
}

/// Stopped when the cut-off comes: missed, until it has left.
pub fn cut_off_missed() {
    play(async {
        let (scene, cell) = stopped_before_ten().await;
        let card = one(&scene, Code::CutOffMissed).await;
        assert_eq!(card.cause, cut_off_day());
        assert!(
            of_first(&scene, Code::CutOffNear).await.is_empty(),
            "one card for one cut-off"
        );
        map(&scene, &cell, cell.theirs.as_str()).await;
        scene.work_until("released", async |scene| order_is_there(scene)).await;
        assert!(!order(&scene).status.is_shipped());
        assert_eq!(of_first(&scene, Code::CutOffMissed).await.len(), 1, "it has not left yet");
        gone(&scene, Code::CutOffMissed).await;
        assert!(order(&scene).status.is_shipped());
    });
}

fn order_is_there(scene: &Scene) -> bool {
    let books = scene.twin.books();
    books.mintsoft.books.orders.values().any(|order| order.client == 1)
}

fn cut_off_day() -> Cause {
    Cause::Day {
        source: Connection::new("mintsoft-1"),
        day: Date::parse("2026-11-02").expect("a day"),
    }
}

/// A Monday morning on which the warehouse takes orders until ten, and an order stands still.
async fn stopped_before_ten() -> (Scene, Cell) {
    let mut scene = Scene::new(whole(1));
    scene.promises.cut_off = Some(CutOff {
        at: TimeOfDay::parse("10:00").expect("a time"),
        calendar: Calendar::usual(),
    });
    scene.parts("founder").await;
    let item = {
        scene.twin.state();
        let books = scene.twin.books();
        let order = books.virtualstock.books.orders.values().find(|order| order.company == 1);
        order.expect("it has come").lines[0].item.clone()
    };
    let cell = Cell::new(Table::Sku, "virtualstock-1", &item);
    map(&scene, &cell, "NO-SUCH-ITEM").await;
    one(&scene, Code::SkuUnknown).await;
    (scene, cell)
}

/// Somebody changes a quantity of our order in the desktop program, and puts it back.
pub fn foreign_write() {
    play(async {
        let mut scene = Scene::new(whole(1));
        scene.pace.duplicates_every = 10 * A_MINUTE;
        until_released(&scene).await;
        let edit = |by: i64| {
            let now = scene.twin_now();
            let mut books = scene.twin.books();
            let mut orders = books.sage.books.orders.values_mut();
            let order = orders.find(|order| order.company == 1).expect("it is there");
            order.lines[0].quantity += rust_decimal::Decimal::from(by);
            order.updated = now;
            order.document_no.clone()
        };
        let number = edit(1);
        let card = one(&scene, Code::ForeignWrite).await;
        assert_eq!(card.cause, Cause::record(RecordKind::LedgerOrder, &number));
        let said = scene.said(&card).await;
        assert!(said.contains(" was ") && said.contains(" and is "), "{said}");
        edit(-1);
        gone(&scene, Code::ForeignWrite).await;
    });
}
