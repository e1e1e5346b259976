//! What became of a write: answers that nobody has, and what somebody else wrote beside us.

use std::time::Duration;

use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_engine::answer::Answer;
use tallyman_tests::scene::{Door, Scene, play};
use tallyman_twin::sage::books::OpenBy;

use crate::goods::{released, until_released, whole};
use crate::shared::{gone, one};

const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3600);

/// Somebody has despatched an order in the ledger; ours of the same goods cannot be told from it.
pub fn outcome_unclear() {
    play(async {
        let scene = released(whole(1)).await;
        let reference = despatch_by_hand(&scene);
        let card = one(&scene, Code::OutcomeUnclear).await;
        assert_eq!(card.cause, Cause::order(&reference));
        scene.answer(&card, Answer::Landed).await;
        gone(&scene, Code::OutcomeUnclear).await;
        scene.until_complete(2).await;
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
        scene.until_complete(2).await;
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
        scene.until_complete(2).await;
    });
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
