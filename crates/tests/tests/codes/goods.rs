//! What the warehouse cannot send, and what has left otherwise than it should.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_engine::answer::Answer;
use tallyman_tests::scene::{Door, Scene, play, settings};
use tallyman_twin::mintsoft::books::{Order, Status};
use tallyman_twin::settings::Settings;
use tallyman_twin::virtualstock::books::Status as LineStatus;

use crate::shared::map;
use crate::shared::{gone, one, put_on_a_card};

/// Orders that come together and leave in one part.
pub fn whole(count: u32) -> Settings {
    let mut settings = settings();
    settings.faults.split_shipment = 0;
    settings.orders.count = count;
    settings.orders.within = 60_000_000;
    settings
}

/// A scene in which the warehouse has the orders of both companies, and picks them.
pub async fn released(settings: Settings) -> Scene {
    let scene = Scene::new(settings);
    until_released(&scene).await;
    scene
}

pub async fn until_released(scene: &Scene) {
    let count = scene.twin.settings().orders.count as usize * 2;
    scene
        .work_until("released", async |scene| {
            let done = scene.status().await.effects.get("done").copied().unwrap_or(0);
            scene.twin.books().mintsoft.books.orders.len() == count && done == 4 * count as i64
        })
        .await;
}

/// The first company's first order in the warehouse.
pub fn order(scene: &Scene) -> Order {
    let books = scene.twin.books();
    let mut orders = books.mintsoft.books.orders.values();
    orders.find(|order| order.client == 1).expect("it is there").clone()
}

/// Somebody in the warehouse changes an order there.
fn change(scene: &Scene, id: i64, change: impl FnOnce(&mut Order)) {
    let now = scene.twin_now();
    let mut books = scene.twin.books();
    let order = books.mintsoft.books.orders.get_mut(&id).expect("it is there");
    change(order);
    order.updated = now;
}

fn shipment(order: &Order, code: &str) -> Cause {
    Cause::record(RecordKind::Shipment, format!("{}/{code}", order.id))
}

/// One SKU is renamed by the warehouse: one card, in however many orders it leaves.
pub fn warehouse_sku_unknown() {
    play(async {
        let scene = Scene::new(whole(12));
        scene.twin.state();
        scene
            .work_until("orders", async |scene| {
                scene.status().await.undecided > 0 || scene.stands("open").await > 0
            })
            .await;
        let item = {
            let books = scene.twin.books();
            let first = books.virtualstock.books.orders.values().find(|order| order.company == 1);
            first.expect("an order").lines[0].item.to_uppercase()
        };
        scene.twin.books().mintsoft.rename(1, &item, "RENAMED-BY-THEM");
        scene
            .work_until("all but these", async |scene| {
                let orders = naming(scene, &item);
                let all = scene.twin.state().all_arrived && scene.stands("open").await == orders.len() as i64;
                all && scene.stands("complete").await == 24 - orders.len() as i64
            })
            .await;
        let orders = naming(&scene, &item);
        let card = one(&scene, Code::WarehouseSkuUnknown).await;
        let cell = Cell::new(Table::Sku, "mintsoft-1", "RENAMED-BY-THEM");
        assert_eq!((card.cause, card.journeys), (Cause::Cell(cell.clone()), orders.len() as i64));
        assert!(
            scene.cards(Code::ShortShipped).await.is_empty(),
            "what left under another name is not missing"
        );
        map(&scene, &cell, &item).await;
        gone(&scene, Code::WarehouseSkuUnknown).await;
        scene.until_complete(24).await;
        let report = scene.twin.report();
        assert!(report.audit.finished && report.audit.is_clean(), "{:?}", report.audit);
    });
}

/// The first company's orders of an item, by reference.
fn naming(scene: &Scene, item: &str) -> BTreeSet<String> {
    let books = scene.twin.books();
    let orders = books.virtualstock.books.orders.values().filter(|order| order.company == 1);
    let naming = orders.filter(|order| order.lines.iter().any(|line| line.item.eq_ignore_ascii_case(item)));
    naming.map(|order| order.order_reference.clone()).collect()
}

pub fn over_shipped() {
    play(async {
        let scene = released(whole(1)).await;
        let order = order(&scene);
        change(&scene, order.id, |order| order.items[0].quantity += 1);
        let card = one(&scene, Code::OverShipped).await;
        assert_eq!(card.cause, shipment(&order, &order.items[0].sku));
        scene.until_complete(2).await;
        // It was a slip of the warehouse's, which it puts right.
        change(&scene, order.id, |order| order.items[0].quantity -= 1);
        gone(&scene, Code::OverShipped).await;
    });
}

pub fn short_shipped() {
    play(async {
        let scene = released(whole(1)).await;
        let order = order(&scene);
        let mut rest = order.items[0].clone();
        rest.quantity = 1;
        change(&scene, order.id, |order| {
            order.items[0].quantity -= 1;
            order.items.retain(|item| item.quantity > 0);
        });
        let card = one(&scene, Code::ShortShipped).await;
        assert!(
            matches!(
                card.cause,
                Cause::Record {
                    kind: RecordKind::Order,
                    ..
                }
            ),
            "{card:?}"
        );
        // The rest is found on a shelf, and follows.
        let now = scene.twin_now();
        let first = self::order(&scene);
        let second = Order {
            id: first.id + 50_000,
            part: 2,
            number_of_parts: 2,
            items: vec![rest],
            despatched: Some(now),
            updated: now,
            ..first
        };
        scene.twin.books().mintsoft.books.orders.insert(second.id, second);
        gone(&scene, Code::ShortShipped).await;
        scene.until_complete(2).await;
    });
}

pub fn substituted() {
    play(async {
        let scene = released(whole(4)).await;
        let (order, another) = {
            let order = order(&scene);
            let books = scene.twin.books();
            let others = books.mintsoft.books.orders.values().filter(|other| other.client == 1);
            let mut items = others.flat_map(|other| &other.items).map(|item| item.sku.clone());
            let another = items.find(|sku| order.items.iter().all(|item| item.sku != *sku));
            (order, another.expect("an item of another order"))
        };
        let ordered = order.items[0].sku.clone();
        change(&scene, order.id, |order| order.items[0].sku.clone_from(&another));
        let card = one(&scene, Code::Substituted).await;
        assert_eq!(card.cause, shipment(&order, &another));
        assert!(scene.cards(Code::ShortShipped).await.is_empty());
        // It was only written down wrongly.
        change(&scene, order.id, |order| order.items[0].sku = ordered);
        gone(&scene, Code::Substituted).await;
        scene.until_complete(8).await;
    });
}

pub fn shipped_after_cancellation() {
    play(async {
        let scene = released(whole(1)).await;
        let set = |status| {
            let mut books = scene.twin.books();
            let mut orders = books.virtualstock.books.orders.values_mut();
            let order = orders.find(|order| order.company == 1).expect("it is there");
            order.lines.iter_mut().for_each(|line| line.status = status);
        };
        // A cancellation that is only asked for is answered by the dispatch; this one somebody has agreed to.
        set(LineStatus::CancelAck);
        let card = one(&scene, Code::ShippedAfterCancellation).await;
        assert!(
            matches!(
                card.cause,
                Cause::Record {
                    kind: RecordKind::Order,
                    ..
                }
            ),
            "{card:?}"
        );
        // The retailer keeps the order after all.
        set(LineStatus::OrderAck);
        scene.answer(&card, Answer::Again).await;
        gone(&scene, Code::ShippedAfterCancellation).await;
        scene.until_complete(2).await;
    });
}

pub fn shipment_unknown() {
    play(async {
        let scene = released(whole(1)).await;
        let order = order(&scene);
        change(&scene, order.id, |order| order.external_order_reference.clear());
        let card = one(&scene, Code::ShipmentUnknown).await;
        let key = format!("{} under {}", order.id, order.order_number);
        assert_eq!(card.cause, Cause::record(RecordKind::Shipment, key));
        change(&scene, order.id, |known| {
            known.external_order_reference = order.external_order_reference.clone()
        });
        gone(&scene, Code::ShipmentUnknown).await;
        scene.until_complete(2).await;
    });
}

pub fn tracking_missing() {
    play(async {
        let mut scene = released(whole(1)).await;
        (scene.closed_until, scene.door) = (Some(("/Order/List", scene.clock.now().plus(DAY))), Door::Answers(404));
        scene.work_until("left", async |scene| order(scene).status.is_shipped()).await;
        let number = order(&scene).tracking_number;
        change(&scene, order(&scene).id, |order| order.tracking_number.clear());
        scene.closed_until = None;
        let card = one(&scene, Code::TrackingMissing).await;
        assert_eq!(card.cause, Cause::record(RecordKind::Shipment, order(&scene).id.to_string()));
        change(&scene, order(&scene).id, |order| order.tracking_number = number);
        gone(&scene, Code::TrackingMissing).await;
        scene.until_complete(2).await;
    });
}

const DAY: Duration = Duration::from_secs(86_400);

/// The warehouse does not go on with an order, and then it does.
fn in_the_warehouse(status: Status, code: Code) {
    play(async {
        let scene = released(whole(1)).await;
        let order = order(&scene);
        let now = scene.twin_now();
        scene.twin.books().mintsoft.set_status(order.id, status, now);
        let card = one(&scene, code).await;
        assert_eq!(card.cause, Cause::record(RecordKind::WarehouseOrder, &order.order_number));
        let now = scene.twin_now();
        scene.twin.books().mintsoft.set_status(order.id, Status::Printed, now);
        gone(&scene, code).await;
        scene.until_complete(2).await;
    });
}

pub fn warehouse_hold() {
    in_the_warehouse(Status::AwaitingConfirmation, Code::WarehouseHold);
}

pub fn warehouse_query() {
    in_the_warehouse(Status::QueryRaised, Code::WarehouseQuery);
}

pub fn warehouse_refused() {
    in_the_warehouse(Status::Cancelled, Code::WarehouseRefused);
}

pub fn stock_short() {
    in_the_warehouse(Status::Holding, Code::StockShort);
}

/// No flow says so yet: it is put on a card as a flow would, by the write that every finding goes through.
pub fn oversold() {
    put_on_a_card(Code::Oversold, Cause::Item("ABC-1".into()));
}

/// Nothing is put into bins yet: it is put on a card as a flow would, by the write that every finding goes through.
pub fn bin_unmapped() {
    put_on_a_card(
        Code::BinUnmapped,
        Cause::Cell(Cell::new(Table::Warehouse, "mintsoft-1", "bin A-01-3")),
    );
}
