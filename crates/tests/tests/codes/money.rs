//! Figures, and what stands in the ledger that should not.

use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::cause::RecordKind;
use tallyman_core::finding::Code;
use tallyman_tests::scene::Scene;

use crate::shared::{correct, day, goes_on, one_card, one_card_of_the_order, order, slip};

const A_MINUTE: Duration = Duration::from_secs(60);

/// The header's total is not what its lines come to.
pub fn totals_disagree() {
    day(async |scene| {
        slip(&scene, "/subtotal", "1.00");
        let card = one_card_of_the_order(&scene, Code::TotalsDisagree).await;
        assert_eq!(card.cause, Cause::order(order(&scene).order_reference));
        correct(&scene);
        goes_on(&scene, Code::TotalsDisagree).await;
    });
}

/// An order that is in the ledger twice has a card until one is gone, however often a sweep comes round.
pub fn ledger_duplicate() {
    day(async |mut scene| {
        scene.pace.duplicates_every = 10 * A_MINUTE;
        scene
            .work_until("released", async |scene| {
                let releases = scene.twin.books().mintsoft.books.orders.len();
                releases == 2
            })
            .await;
        let (reference, ours) = {
            let books = scene.twin.books();
            let mut orders = books.sage.books.orders.values();
            let order = orders.find(|order| order.company == 1).expect("in Sage");
            (order.customer_document_no.clone(), order.document_no.clone())
        };
        let (by_hand, number) = key(&scene, &reference);
        let card = one_card(&scene, Code::LedgerDuplicate).await;
        assert_eq!(card.cause, Cause::order(&reference));
        let said = scene.said(&card).await;
        assert!(said.contains(&ours) && said.contains(&number), "{said}");

        scene.work_for("sweeps", 45 * A_MINUTE).await;
        assert_eq!(scene.cards(Code::LedgerDuplicate).await, [card]);
        scene.twin.books().sage.books.orders.remove(&by_hand);
        goes_on(&scene, Code::LedgerDuplicate).await;
        // And somebody keys it once more.
        let (_, number) = key(&scene, &reference);
        let card = one_card(&scene, Code::LedgerDuplicate).await;
        let said = scene.said(&card).await;
        assert!(said.contains(&number), "{said}");
    });
}

/// Somebody keys the order by hand: its id, and the number that Sage gives it.
fn key(scene: &Scene, reference: &str) -> (i64, String) {
    let now = scene.twin.state().now;
    let mut books = scene.twin.books();
    let id = books.sage.key_by_hand(1, reference, now).expect("keyed");
    (id, books.sage.books.orders[&id].document_no.clone())
}

/// A line's VAT is not what its rate gives; then the header's is not what the lines come to.
pub fn vat_disagrees() {
    for place in ["/items/0/tax", "/tax"] {
        day(async |scene| {
            slip(&scene, place, "0.01");
            let card = one_card_of_the_order(&scene, Code::VatDisagrees).await;
            assert_eq!(card.cause, Cause::order(order(&scene).order_reference));
            correct(&scene);
            goes_on(&scene, Code::VatDisagrees).await;
        });
    }
}

/// A draft of ours stands beside the order that it was meant to become, and the ledger does not let it be deleted.
pub fn left_behind() {
    day(async |scene| {
        scene
            .work_until("booked", async |scene| scene.stands("open").await == 2)
            .await;
        scene.work_for("books", A_MINUTE).await;
        let id = {
            let mut books = scene.twin.books();
            books.sage.keep_drafts(1, true);
            let orders = &mut books.sage.books.orders;
            let mut draft = orders.values().find(|order| order.company == 1).expect("in Sage").clone();
            draft.id = 1;
            draft.is_draft = true;
            draft.document_no = "TBA".into();
            orders.insert(draft.id, draft);
            1
        };
        let card = one_card(&scene, Code::LeftBehind).await;
        assert_eq!(card.cause, Cause::record(RecordKind::Draft, id.to_string()));
        // Somebody deletes it there; the next sweep finds nothing more.
        scene.twin.books().sage.books.orders.remove(&id);
        goes_on(&scene, Code::LeftBehind).await;
    });
}
