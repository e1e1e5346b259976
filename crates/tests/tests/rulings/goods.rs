//! Goods that have left otherwise than any book says: two people and a document settle it, and it stays settled.

use tallyman_core::finding::Code;
use tallyman_core::ruling::Ruling;
use tallyman_core::seam::Clock;
use tallyman_store::tables::exceptions::{self, Kept};
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::scene::{Scene, play};
use tallyman_twin::mintsoft::books::Order;
use tallyman_twin::virtualstock::books::Status;

use super::{A_MINUTE, Word, cards, decided, journalled, one, records, said, stays_closed, until_released, whole};

/// Somebody in the warehouse changes the first company's order there.
fn change(scene: &Scene, change: impl FnOnce(&mut Order)) {
    let now = scene.twin_now();
    let mut books = scene.twin.books();
    let mut orders = books.mintsoft.books.orders.values_mut();
    let order = orders.find(|order| order.client == 1).expect("it is there");
    change(order);
    order.updated = now;
}

fn settled(by: &'static str, document: &str) -> Word {
    let mut word = said(Ruling::Settled, by);
    word.said.document = Some(document.into());
    word
}

#[test]
fn what_left_and_is_in_no_book_is_settled_by_two_people_with_one_document() {
    play(async {
        let scene = Scene::new(whole(1));
        until_released(&scene).await;
        change(&scene, |order| order.items[0].quantity += 1);
        let card = one(&scene, Code::OverShipped).await;
        let refused = async |said: &Word| decided(&scene, &card.id, said).await.expect_err("refused").to_string();

        assert!(refused(&said(Ruling::Settled, "ann")).await.contains("document"));
        let first = decided(&scene, &card.id, &settled("ann", "000123"))
            .await
            .expect("a first word");
        assert_eq!((first.records, first.awaits_second), (1, 1));
        assert_eq!(cards(&scene, Code::OverShipped).await.len(), 1, "one word is not enough");
        assert!(refused(&settled("ANN ", "000123")).await.contains("second person"));
        // Another document is another word: ben's is the first of it.
        let other = decided(&scene, &card.id, &settled("ben", "000124"))
            .await
            .expect("a first word");
        assert_eq!(other.awaits_second, 1);
        let second = decided(&scene, &card.id, &settled("ann", "000124"))
            .await
            .expect("the second");
        assert_eq!((second.records, second.awaits_second), (1, 0));
        assert_eq!(cards(&scene, Code::OverShipped).await, []);
        let proofs: Vec<String> = records(&scene, &card.id)
            .await
            .into_iter()
            .map(|record| record.member.proof)
            .collect();
        assert_eq!(proofs, ["settled by ben and ann, document 000124"]);
        let [first, later] = ["000123", "000124"].map(|document| Some(format!("settled, document {document}, said by one")));
        let settled_by_two = Some("settled, document 000124".to_owned());
        assert_eq!(
            journalled(&scene, "card.").await,
            [(later.clone(), settled_by_two), (first.clone(), later), (None, first)],
            "what the journal has before and after, the newest first"
        );

        // The same shipment is looked at again because of another item in it: what was settled is found, and left alone.
        change(&scene, |order| order.items[1].quantity += 1);
        let other = one(&scene, Code::OverShipped).await;
        assert_ne!(other.id, card.id);
        change(&scene, |order| order.items[1].quantity -= 1);
        stays_closed(&scene, Code::OverShipped).await;
        // And then that still more has left.
        change(&scene, |order| order.items[0].quantity += 1);
        let again = one(&scene, Code::OverShipped).await;
        assert_eq!(again.id, card.id);
    });
}

/// What would have told the retailer is not sent any more, and holds nothing up.
#[test]
fn what_left_after_a_cancellation_is_settled_and_its_confirmation_is_withdrawn() {
    play(async {
        let scene = Scene::new(whole(1));
        until_released(&scene).await;
        {
            let mut books = scene.twin.books();
            let mut orders = books.virtualstock.books.orders.values_mut();
            let order = orders.find(|order| order.company == 1).expect("it is there");
            order.lines.iter_mut().for_each(|line| line.status = Status::CancelAck);
        }
        let card = one(&scene, Code::ShippedAfterCancellation).await;
        for by in ["ann", "ben"] {
            let effects = scene.status().await.effects;
            assert_eq!(effects.get("withdrawn"), None, "{effects:?}");
            decided(&scene, &card.id, &settled(by, "CN 7")).await.expect("taken");
        }
        stays_closed(&scene, Code::ShippedAfterCancellation).await;
        let effects = scene.status().await.effects;
        assert_eq!(
            (effects.get("withdrawn").copied(), effects.get("parked")),
            (Some(1), None),
            "{effects:?}"
        );
    });
}

/// Two orders of one number that are two orders: two people say so.
#[test]
fn an_order_beside_ours_that_is_another_is_settled_and_not_found_again() {
    play(async {
        let mut scene = Scene::new(whole(1));
        scene.pace.duplicates_every = 10 * A_MINUTE;
        until_released(&scene).await;
        let now = scene.twin_now();
        let number = {
            let mut books = scene.twin.books();
            let order = books.sage.books.orders.values().find(|order| order.company == 1);
            let reference = order.expect("it is there").customer_document_no.clone();
            let id = books.sage.key_by_hand(1, &reference, now).expect("keyed");
            books.sage.books.orders[&id].document_no.clone()
        };
        let card = one(&scene, Code::LedgerDuplicate).await;
        for by in ["ann", "ben"] {
            decided(&scene, &card.id, &settled(by, &number)).await.expect("taken");
        }
        stays_closed(&scene, Code::LedgerDuplicate).await;
    });
}

#[test]
fn a_despatch_by_hand_that_is_settled_is_not_found_again() {
    play(async {
        let mut settings = whole(1);
        settings.faults.picking_time = 20_000;
        let mut scene = Scene::new(settings);
        scene.pace.duplicates_every = 10 * A_MINUTE;
        until_released(&scene).await;
        let id = {
            let now = scene.twin_now();
            let mut books = scene.twin.books();
            let id = books
                .sage
                .books
                .orders
                .values()
                .find(|order| order.company == 1)
                .expect("it is there")
                .id;
            books.sage.despatch_by_hand(1, id, now).expect("despatched");
            id
        };
        let card = one(&scene, Code::LedgerForeignDespatch).await;
        for by in ["ann", "ben"] {
            decided(&scene, &card.id, &settled(by, &format!("GDN {id}")))
                .await
                .expect("taken");
        }
        stays_closed(&scene, Code::LedgerForeignDespatch).await;
    });
}

#[test]
fn an_order_that_came_again_otherwise_is_settled_until_it_comes_with_something_else() {
    play(async {
        let mut scene = Scene::new(whole(1));
        scene.closed_until = Some(("/acknowledge", scene.clock.now().plus(super::AN_HOUR)));
        scene
            .work_until("in the ledger", async |scene| scene.stands("open").await == 2)
            .await;
        let asks = |more: u32| {
            let mut books = scene.twin.books();
            let mut orders = books.virtualstock.books.orders.values_mut();
            let order = orders.find(|order| order.company == 1).expect("it is there");
            let quantity = order.lines[0].quantity + more;
            order.slips.insert("/items/0/quantity".into(), quantity.into());
            if more == 1 {
                let door = format!("Door {}", order.slips.len());
                order.slips.insert("/shipping_address/line_2".into(), door.into());
            }
        };
        asks(1);
        let card = one(&scene, Code::ReferenceReused).await;
        assert!(scene.said(&card).await.contains(" was "), "{}", scene.said(&card).await);
        decided(&scene, &card.id, &said(Ruling::Settled, "ann"))
            .await
            .expect("one person is enough");
        // What differs is the same in what comes next.
        asks(1);
        scene.work_for("polls", 10 * A_MINUTE).await;
        assert_eq!(cards(&scene, Code::ReferenceReused).await, []);
        asks(2);
        one(&scene, Code::ReferenceReused).await;
    });
}

/// More records than one unit takes, of which each needs its two words.
#[test]
fn all_records_of_a_card_are_decided_in_pages_and_what_joins_later_is_left() {
    const COUNT: u64 = 250;
    play(async {
        let scene = Scene::new(whole(1));
        let put = |records: std::ops::Range<u64>| Put {
            records,
            now: scene.clock.now(),
        };
        scene.store.write(put(0..COUNT)).await.expect("a card");
        let card = one(&scene, Code::ShipmentUnknown).await;
        let first = decided(&scene, &card.id, &settled("ann", "000123"))
            .await
            .expect("first words");
        assert_eq!((first.records, first.awaits_second, first.left), (COUNT, COUNT, false));
        scene.store.write(put(COUNT..COUNT + 1)).await.expect("one more");
        let second = decided(&scene, &card.id, &settled("ben", "000123"))
            .await
            .expect("second words");
        assert_eq!(
            (second.records, second.awaits_second),
            (COUNT + 1, 1),
            "of the last it is the first word"
        );
        let cards = cards(&scene, Code::ShipmentUnknown).await;
        assert_eq!(cards.len(), 1);
        scene.store.write(put(0..COUNT)).await.expect("found again");
        decided(&scene, &card.id, &settled("ann", "000123"))
            .await
            .expect("the last word");
        assert_eq!(
            super::cards(&scene, Code::ShipmentUnknown).await,
            [],
            "nothing of it was put up again"
        );
    });
}

struct Put {
    records: std::ops::Range<u64>,
    now: tallyman_core::time::Timestamp,
}

impl Unit for Put {
    type Output = ();
    const NAME: &'static str = "put_on_a_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let cause = tallyman_core::cause::Cause::Machine("a pallet".into());
        for record in self.records.clone() {
            let kept = Kept::without_sentence(Code::ShipmentUnknown, cause.clone());
            let record = format!("shipment {record:04}");
            exceptions::join(tx, "trader-1", ("", &record), &kept, exceptions::SEEN_ALL, self.now).await?;
        }
        Ok(())
    }
}
