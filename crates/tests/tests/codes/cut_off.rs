//! A warehouse's cut-off that comes near, and one that is missed.

use std::time::Duration;

use tallyman_core::calendar::{Calendar, TimeOfDay};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::promise::CutOff;
use tallyman_core::time::Date;
use tallyman_tests::scene::{Scene, play};

use crate::goods::{order, whole};
use crate::shared::{gone, map, of_first, one};

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
    play(a_late_decision());
}

/// What came in time for Monday's cut-off, and stands still on no card of it since nobody had looked at it by then, is on Tuesday's; but not
/// what was on Monday's.
async fn a_late_decision() {
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    let (mut scene, _) = stopped(None).await;
    scene.work_for("founder", hours(4)).await;
    scene.promises.cut_off = Some(ten());
    let card = one(&scene, Code::CutOffNear).await;
    assert_eq!(card.cause, cut_off_of("2026-11-03"));

    let (scene, _) = stopped(Some(ten())).await;
    one(&scene, Code::CutOffMissed).await;
    scene.work_for("founder", hours(23) + hours(1) / 2).await;
    assert!(of_first(&scene, Code::CutOffNear).await.is_empty());
    let card = one(&scene, Code::CutOffMissed).await;
    assert_eq!(card.cause, cut_off_day());
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
    cut_off_of("2026-11-02")
}

fn cut_off_of(day: &str) -> Cause {
    Cause::Day {
        source: Connection::new("mintsoft-1"),
        day: Date::parse(day).expect("a day"),
    }
}

fn ten() -> CutOff {
    CutOff {
        at: TimeOfDay::parse("10:00").expect("a time"),
        calendar: Calendar::usual(),
    }
}

/// A Monday morning on which the warehouse takes orders until ten, and an order stands still.
async fn stopped_before_ten() -> (Scene, Cell) {
    stopped(Some(ten())).await
}

async fn stopped(cut_off: Option<CutOff>) -> (Scene, Cell) {
    let mut scene = Scene::new(whole(1));
    scene.promises.cut_off = cut_off;
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
