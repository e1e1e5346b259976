//! An order that cannot be taken as it is.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::Table;
use tallyman_core::seam::Clock;

use crate::shared::{
    CHANNEL, LEDGER, WAREHOUSE, answer_again, cell, correct, day, goes_on, map, one_card, one_card_of_the_order, order, slip,
};

const AN_HOUR: std::time::Duration = std::time::Duration::from_secs(3600);
/// No service of the warehouse has this number.
const NO_SERVICE: &str = "99";

/// A customer says in the first line of the address how to find the door.
pub fn address_too_long() {
    day(async |scene| {
        let line = format!("{} and {}", "past the old mill ".repeat(4), "up the stairs ".repeat(4));
        slip(&scene, "/shipping_address/line_1", line);
        let card = one_card_of_the_order(&scene, Code::AddressTooLong).await;
        assert!(
            matches!(&card.cause, Cause::Field { of, .. } if of == LEDGER),
            "{:?}",
            card.cause
        );
        correct(&scene);
        goes_on(&scene, Code::AddressTooLong).await;
    });
}

/// The retailer's number has more than the thirty characters that the ledger keeps.
pub fn reference_too_long() {
    day(async |scene| {
        let long = format!("{}-OF-THE-SECOND-OF-NOVEMBER", order(&scene).order_reference);
        slip(&scene, "/order_reference", long.as_str());
        let card = one_card_of_the_order(&scene, Code::ReferenceTooLong).await;
        assert_eq!(card.cause, Cause::order(&long));
        correct(&scene);
        goes_on(&scene, Code::ReferenceTooLong).await;
    });
}

/// The retailer changes a quantity after the ledger has the order.
pub fn reference_reused() {
    day(async |mut scene| {
        scene.closed_until = Some(("/acknowledge", scene.clock.now().plus(AN_HOUR)));
        scene
            .work_until("in the ledger", async |scene| scene.stands("open").await == 2)
            .await;
        slip(&scene, "/items/0/quantity", order(&scene).lines[0].quantity + 1);
        let card = one_card_of_the_order(&scene, Code::ReferenceReused).await;
        assert_eq!(card.cause, Cause::order(order(&scene).order_reference));
    });
}

/// Somebody has keyed the order by hand before it arrived.
pub fn reference_taken() {
    day(async |scene| {
        let reference = order(&scene).order_reference;
        let now = scene.twin.state().now;
        let by_hand = scene.twin.books().sage.key_by_hand(1, &reference, now).expect("keyed");
        let card = one_card_of_the_order(&scene, Code::ReferenceTaken).await;
        assert_eq!(card.cause, Cause::order(&reference));
        // It was another order after all: it gets a number of its own, and ours is sent.
        scene.twin.books().sage.books.orders.remove(&by_hand);
        answer_again(&scene, &card).await;
        goes_on(&scene, Code::ReferenceTaken).await;
    });
}

/// One of the retailer's is a thirty-second of what the warehouse can pick.
pub fn quantity_not_whole() {
    day(async |scene| {
        let order = order(&scene);
        let line = order.lines.iter().find(|line| line.quantity % 32 != 0).expect("a line");
        let cell = cell(Table::Unit, &line.item);
        map(&scene, &cell, "1/32").await;
        let card = one_card_of_the_order(&scene, Code::QuantityNotWhole).await;
        assert_eq!(card.cause, Cause::Cell(cell.clone()));
        map(&scene, &cell, "1").await;
        goes_on(&scene, Code::QuantityNotWhole).await;
    });
}

/// Somebody has acknowledged a line in the retailer's portal.
pub fn status_unexpected() {
    day(async |scene| {
        slip(&scene, "/items/0/status", "ORDER_ACK");
        let card = one_card_of_the_order(&scene, Code::StatusUnexpected).await;
        assert_eq!(card.cause, Cause::order(order(&scene).order_reference));
        correct(&scene);
        goes_on(&scene, Code::StatusUnexpected).await;
    });
}

/// A price is a word.
pub fn unreadable() {
    day(async |scene| {
        slip(&scene, "/items/1/unit_cost_price", "on request");
        let card = one_card_of_the_order(&scene, Code::Unreadable).await;
        assert_eq!(
            card.cause,
            Cause::field(CHANNEL, "items[].unit_cost_price"),
            "on whichever line"
        );
        correct(&scene);
        goes_on(&scene, Code::Unreadable).await;
    });
}

/// An item is made inactive in the ledger, and active again.
pub fn item_inactive() {
    day(async |scene| {
        let code = order(&scene).lines[0].item.clone();
        assert!(scene.twin.books().sage.set_active(1, &code, false));
        let card = one_card_of_the_order(&scene, Code::ItemInactive).await;
        assert_eq!(card.cause, Cause::Item(code.clone()));
        scene.twin.books().sage.set_active(1, &code, true);
        goes_on(&scene, Code::ItemInactive).await;
    });
}

/// A release that the warehouse refuses in words that prove nothing has a card at once, and stands still when nothing is there.
pub fn refused() {
    day(async |scene| {
        for service in ["standard", "next-day"] {
            map(&scene, &cell(Table::CarrierOut, service), NO_SERVICE).await;
        }
        let card = one_card(&scene, Code::Refused).await;
        let connection = card.cause.connection().expect("a refusal is a connection's");
        assert_eq!(connection.as_str(), WAREHOUSE);
        let said = scene.said(&card).await;
        assert!(said.contains("CourierService"), "{said}");
        // It may have been made all the same, so it is asked about.
        let parked = async |scene: &tallyman_tests::scene::Scene| scene.status().await.effects.get("parked").copied();
        assert_eq!(parked(&scene).await, None);
        scene
            .work_until("asked about", async |scene| parked(scene).await == Some(1))
            .await;
        assert_eq!(scene.cards(Code::Refused).await, [card], "the same card, and no other");
        let status = scene.status().await;
        assert_eq!(status.exceptions.values().sum::<i64>(), 1, "{status:?}");
        scene
            .work_until("the other merchant's", async |scene| scene.stands("complete").await == 1)
            .await;
        let calls = scene.twin.calls().by_path;
        assert_eq!(calls["PUT /mintsoft/api/Order"], 2, "once for each merchant: {calls:?}");
    });
}

/// An order is made on a day that is on no calendar; another is promised for a day before there were any orders.
pub fn date_inexpressible() {
    for (place, date, field) in [
        ("/order_date", "2026-02-30T09:15:00", "order_date"),
        ("/items/1/promised_date", "1900-01-01T00:00:00", "promised_date"),
    ] {
        day(async |scene| {
            slip(&scene, place, date);
            let card = one_card_of_the_order(&scene, Code::DateInexpressible).await;
            assert_eq!(card.cause, Cause::field(CHANNEL, field));
            correct(&scene);
            goes_on(&scene, Code::DateInexpressible).await;
        });
    }
}

/// A line, or the order, has a status that nobody has described.
pub fn status_unknown() {
    for place in ["/items/1/status", "/status"] {
        day(async |scene| {
            slip(&scene, place, "AWAITING_REVIEW");
            let card = one_card_of_the_order(&scene, Code::StatusUnknown).await;
            assert_eq!(card.cause, Cause::field(CHANNEL, "status AWAITING_REVIEW"));
            correct(&scene);
            goes_on(&scene, Code::StatusUnknown).await;
        });
    }
}

/// An item's holding is taken from the warehouse in the ledger, and given back.
pub fn item_not_held() {
    day(async |scene| {
        let code = order(&scene).lines[0].item.clone();
        assert!(scene.twin.books().sage.set_held(1, &code, false));
        let card = one_card_of_the_order(&scene, Code::ItemNotHeld).await;
        assert_eq!(card.cause, Cause::Item(code.clone()));
        scene.twin.books().sage.set_held(1, &code, true);
        goes_on(&scene, Code::ItemNotHeld).await;
    });
}
