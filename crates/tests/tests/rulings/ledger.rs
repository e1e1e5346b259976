//! Somebody has changed our order in the ledger: theirs stands, ours is written again, or a third value is agreed.

use rust_decimal::Decimal;
use tallyman_core::document::LineRef;
use tallyman_core::finding::Code;
use tallyman_core::quantity::Quantity;
use tallyman_core::ruling::{Change, Ruling};
use tallyman_core::seam::Clock;
use tallyman_tests::scene::{Door, Scene, play};
use tallyman_twin::sage::books::{Line, Order};

use super::{A_MINUTE, amend, cards, decided, one, records, said, stays_closed, until_released, whole};

/// A morning on which both merchants' orders are released, and nothing leaves for hours.
async fn morning() -> Scene {
    let mut settings = whole(1);
    settings.faults.picking_time = 20_000;
    let mut scene = Scene::new(settings);
    scene.pace.duplicates_every = 10 * A_MINUTE;
    until_released(&scene).await;
    scene
}

/// Somebody changes the first company's order in the desktop program.
fn edit(scene: &Scene, change: impl FnOnce(&mut Order)) {
    let now = scene.twin_now();
    let mut books = scene.twin.books();
    let mut orders = books.sage.books.orders.values_mut();
    let order = orders.find(|order| order.company == 1).expect("it is there");
    change(order);
    order.updated = now;
}

fn add(scene: &Scene, pieces: i64) {
    edit(scene, |order| order.lines[0].quantity += Decimal::from(pieces));
}

fn order(scene: &Scene) -> Order {
    let books = scene.twin.books();
    let mut orders = books.sage.books.orders.values();
    orders.find(|order| order.company == 1).expect("it is there").clone()
}

/// Of each line: its id, item, quantity, price and what is reserved for it.
fn figures(order: &Order) -> Vec<(i64, i64, Decimal, Decimal, Decimal)> {
    let line = |line: &Line| (line.id, line.product_id, line.quantity, line.unit_price, line.allocated);
    order.lines.iter().map(line).collect()
}

/// How often an order of the ledger was written over, at both companies.
fn puts(scene: &Scene) -> u64 {
    let calls = scene.twin.calls().by_path;
    let puts = calls
        .iter()
        .filter(|(call, _)| call.starts_with("PUT ") && call.contains("/sop_orders/"));
    puts.map(|(_, count)| count).sum()
}

/// Waits until nothing of a card stands still or has still to prove itself, and gives the proofs.
async fn proven(scene: &Scene, card: &str) -> Vec<String> {
    scene
        .work_until("proven", async |scene| {
            records(scene, card)
                .await
                .iter()
                .all(|record| record.member.stand == "proven")
        })
        .await;
    records(scene, card)
        .await
        .into_iter()
        .map(|record| record.member.proof)
        .collect()
}

#[test]
fn what_is_kept_stays_closed_and_a_further_change_brings_the_card_back() {
    play(async {
        let scene = morning().await;
        add(&scene, 1);
        let card = one(&scene, Code::ForeignWrite).await;
        let kept = decided(&scene, &card.id, &said(Ruling::Keep, "ann")).await.expect("taken");
        assert_eq!((kept.records, kept.awaits_second), (1, 0));
        assert_eq!(proven(&scene, &card.id).await, ["kept by ann"]);
        // It is found by each of these sweeps.
        edit(&scene, |_| ());
        stays_closed(&scene, Code::ForeignWrite).await;

        add(&scene, 1);
        let again = one(&scene, Code::ForeignWrite).await;
        assert_eq!(again.id, card.id);
        let said = scene.said(&again).await;
        let was = order(&scene).lines[0].quantity - Decimal::from(2);
        assert!(said.contains(&format!("was {} and is", was.normalize())), "{said}");
    });
}

#[test]
fn what_is_restored_stands_as_it_was_and_the_ledger_proves_it() {
    play(async {
        let scene = morning().await;
        let (before, written) = (order(&scene), puts(&scene));
        edit(&scene, |order| {
            order.lines[0].quantity += Decimal::ONE;
            order.lines[0].unit_price += Decimal::ONE;
            order.customer_document_no = "SOMETHING ELSE".into();
        });
        let card = one(&scene, Code::ForeignWrite).await;
        decided(&scene, &card.id, &said(Ruling::Restore, "ann")).await.expect("taken");
        let proofs = proven(&scene, &card.id).await;
        assert_eq!(proofs, [format!("order {} stands as agreed", before.document_no)]);
        let now = order(&scene);
        assert_eq!(figures(&now), figures(&before));
        assert_eq!(now.customer_document_no, before.customer_document_no);
        assert_eq!(puts(&scene), written + 1);
        stays_closed(&scene, Code::ForeignWrite).await;
        // It is over with that: the same change again is another matter.
        add(&scene, 1);
        one(&scene, Code::ForeignWrite).await;
        assert_eq!(puts(&scene), written + 1);
    });
}

#[test]
fn an_answer_that_is_lost_is_asked_about_and_the_order_is_changed_once() {
    play(async {
        let mut scene = morning().await;
        let (before, written) = (order(&scene), puts(&scene));
        add(&scene, 1);
        let card = one(&scene, Code::ForeignWrite).await;
        let until = scene.clock.now().plus(3 * A_MINUTE);
        (scene.closed_until, scene.door) = (Some(("PUT http://twin/sage/", until)), Door::Swallows);
        decided(&scene, &card.id, &said(Ruling::Restore, "ann")).await.expect("taken");
        scene
            .work_until("nobody knows", async |scene| {
                scene.status().await.effects.get("unknown").copied() == Some(1)
            })
            .await;
        assert!(cards(&scene, Code::ForeignWrite).await.is_empty(), "it is on its way");
        let proofs = proven(&scene, &card.id).await;
        assert_eq!(proofs, [format!("order {} stands as agreed", before.document_no)]);
        assert_eq!((figures(&order(&scene)), puts(&scene)), (figures(&before), written + 1));
    });
}

#[test]
fn a_refusal_after_the_fact_is_not_believed() {
    play(async {
        let mut settings = whole(1);
        settings.faults.refused_after_commit = 1_000;
        let mut scene = Scene::new(settings);
        scene.pace.duplicates_every = 10 * A_MINUTE;
        until_released(&scene).await;
        let (before, written) = (order(&scene), puts(&scene));
        add(&scene, 1);
        let card = one(&scene, Code::ForeignWrite).await;
        decided(&scene, &card.id, &said(Ruling::Restore, "ann")).await.expect("taken");
        let proofs = proven(&scene, &card.id).await;
        assert_eq!(proofs, [format!("order {} stands as agreed", before.document_no)]);
        assert_eq!(
            (order(&scene).lines[0].quantity, puts(&scene)),
            (before.lines[0].quantity, written + 1)
        );
    });
}

#[test]
fn a_third_value_is_agreed_and_is_what_is_compared_from_then_on() {
    play(async {
        let scene = morning().await;
        let written = puts(&scene);
        let line = LineRef(
            order(&scene).lines[0].fields["spare_text_1"]
                .as_str()
                .expect("our line")
                .into(),
        );
        add(&scene, 1);
        let wanted = order(&scene).lines[0].quantity + Decimal::from(3);
        let card = one(&scene, Code::ForeignWrite).await;
        let to = |quantity: Decimal| {
            amend(Change::Quantity {
                line: line.clone(),
                quantity: Quantity::parse(&quantity.normalize().to_string()).expect("a quantity"),
            })
        };
        decided(&scene, &card.id, &to(wanted)).await.expect("taken");
        proven(&scene, &card.id).await;
        assert_eq!((order(&scene).lines[0].quantity, puts(&scene)), (wanted, written + 1));
        stays_closed(&scene, Code::ForeignWrite).await;

        add(&scene, 2);
        let card = one(&scene, Code::ForeignWrite).await;
        let told = scene.said(&card).await;
        assert!(told.contains(&format!("was {} and is", wanted.normalize())), "{told}");
        // The customer's number, and all else as it was agreed last.
        decided(&scene, &card.id, &amend(Change::Reference("PO-77".into())))
            .await
            .expect("taken");
        proven(&scene, &card.id).await;
        let now = order(&scene);
        assert_eq!((now.lines[0].quantity, now.customer_document_no.as_str()), (wanted, "PO-77"));
        assert_eq!(puts(&scene), written + 2);
        stays_closed(&scene, Code::ForeignWrite).await;
    });
}

#[test]
fn what_cannot_be_brought_back_stands_on_its_card_again_with_what_to_do_and_holds_nothing_up() {
    play(async {
        let mut scene = Scene::new(whole(1));
        scene.pace.duplicates_every = 10 * A_MINUTE;
        until_released(&scene).await;
        let written = puts(&scene);
        let mut taken = None;
        edit(&scene, |order| taken = order.lines.pop());
        let card = one(&scene, Code::ForeignWrite).await;
        decided(&scene, &card.id, &said(Ruling::Restore, "ann")).await.expect("taken");
        assert!(cards(&scene, Code::ForeignWrite).await.is_empty());
        let again = one(&scene, Code::ForeignWrite).await;
        let told = scene.said(&again).await;
        assert!(told.contains("was taken off: add") && told.contains("by hand"), "{told}");
        assert_eq!(
            (again.id.as_str(), puts(&scene)),
            (card.id.as_str(), written),
            "nothing was written"
        );
        // The write is over: its lane, in which the despatch comes, does not wait for it.
        let status = scene.status().await;
        assert_eq!(
            (status.effects.get("withdrawn").copied(), status.effects.get("parked")),
            (Some(1), None)
        );
        // Kept after all: what the sweep finds is still that.
        decided(&scene, &card.id, &said(Ruling::Keep, "ben")).await.expect("taken");
        edit(&scene, |_| ());
        stays_closed(&scene, Code::ForeignWrite).await;
        // Put back by hand, and changed otherwise: another matter.
        edit(&scene, |order| order.lines.extend(taken));
        stays_closed(&scene, Code::ForeignWrite).await;
        add(&scene, 1);
        one(&scene, Code::ForeignWrite).await;
    });
}
