//! What producers share: a day of one order, the same at two merchants, of which the first merchant's gets into trouble. The second's
//! is never touched, so a card too many shows.

use serde_json::Value;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions::{self, Card, GoesOn, Kept};
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::scene::{Scene, play, settings};
use tallyman_twin::virtualstock::books::Order;

/// The first merchant's connections and customer.
pub const CHANNEL: &str = "virtualstock-1";
pub const LEDGER: &str = "sage-1";
pub const WAREHOUSE: &str = "mintsoft-1";
pub const RETAILER: &str = "Twin Retail 1";

/// Plays a day on which both orders have arrived at their retailers and nobody has worked yet.
pub fn day(test: impl AsyncFnOnce(Scene)) {
    play(async {
        let scene = Scene::new(settings());
        begin(&scene).await;
        test(scene).await;
    });
}

pub async fn begin(scene: &Scene) {
    scene.parts("founder").await;
    // Asked, the twin lets happen what is due: both orders arrive.
    let state = scene.twin.state();
    assert!(state.all_arrived, "{state:?}");
}

/// The first merchant's order as it stands at the retailer.
pub fn order(scene: &Scene) -> Order {
    let books = scene.twin.books();
    let mut orders = books.virtualstock.books.orders.values();
    orders.find(|order| order.company == 1).expect("an order").clone()
}

/// The retailer shows this at a place of the first merchant's order.
pub fn slip(scene: &Scene, place: &str, value: impl Into<Value>) {
    with_slips(scene, |order| {
        order.slips.insert(place.to_owned(), value.into());
    });
}

/// The retailer puts all its slips right.
pub fn correct(scene: &Scene) {
    with_slips(scene, |order| order.slips.clear());
}

fn with_slips(scene: &Scene, change: impl FnOnce(&mut Order)) {
    let mut books = scene.twin.books();
    let mut orders = books.virtualstock.books.orders.values_mut();
    change(orders.find(|order| order.company == 1).expect("an order"));
}

/// Works until there is a card of this code, and sees that there is no other.
pub async fn one_card(scene: &Scene, code: Code) -> Card {
    scene
        .work_until("stopped", async |scene| !scene.cards(code).await.is_empty())
        .await;
    let mut cards = scene.cards(code).await;
    assert!(cards.len() == 1 && cards[0].company == "trader-1", "{cards:?}");
    let status = scene.status().await;
    assert_eq!(status.exceptions.len(), 1, "one thing is wrong: {:?}", status.exceptions);
    cards.remove(0)
}

/// The same, of which something is said that names the order.
pub async fn one_card_of_the_order(scene: &Scene, code: Code) -> Card {
    let card = one_card(scene, code).await;
    let (said, reference) = (scene.said(&card).await, order(scene).order_reference);
    assert!(said.contains(&reference), "order {reference}: {said}");
    card
}

/// Works until the card is gone, with proof, and nothing stands still any more.
pub async fn goes_on(scene: &Scene, code: Code) {
    scene
        .work_until("gone on", async |scene| {
            scene.cards(code).await.is_empty() && scene.is_proven(code).await && scene.stands("stopped").await == 0
        })
        .await;
}

/// A cell of the first merchant's channel.
pub fn cell(table: Table, theirs: &str) -> Cell {
    Cell::new(table, CHANNEL, theirs)
}

/// The integrator maps a cell of the first merchant.
pub async fn map(scene: &Scene, cell: &Cell, ours: &str) {
    scene.map(cell, Some(ours)).await;
}

/// The integrator withdraws it.
pub async fn unmap(scene: &Scene, cell: &Cell) {
    scene.map(cell, None).await;
}

/// A person's word about what stands under a card.
pub async fn answer_again(scene: &Scene, card: &Card) {
    scene.answer(card, tallyman_engine::answer::Answer::Again).await;
}

/// Waits for the first company's card of this code, which is its only one.
pub async fn one(scene: &Scene, code: Code) -> Card {
    scene
        .work_until("found", async |scene| !of_first(scene, code).await.is_empty())
        .await;
    let mut cards = of_first(scene, code).await;
    assert_eq!(cards.len(), 1, "{cards:?}");
    cards.remove(0)
}

/// Waits until the first company has no card of this code, and what stood there has proved that it went on.
pub async fn gone(scene: &Scene, code: Code) {
    scene
        .work_until("put right", async |scene| {
            of_first(scene, code).await.is_empty() && scene.is_proven(code).await
        })
        .await;
}

pub async fn of_first(scene: &Scene, code: Code) -> Vec<Card> {
    let mut cards = scene.cards(code).await;
    cards.retain(|card| card.company == "trader-1");
    cards
}

/// A finding that no flow makes yet goes on its card and off it again.
pub fn put_on_a_card(code: Code, cause: Cause) {
    play(async {
        let scene = Scene::new(settings());
        let put = |cause: Option<Cause>| Put {
            finding: cause.map(|cause| Kept::without_sentence(code, cause)),
            now: scene.clock.now(),
        };
        scene.store.write(put(Some(cause.clone()))).await.expect("a card");
        let card = one(&scene, code).await;
        assert_eq!(card.cause, cause);
        assert!(card.told().ends_with('.'), "{}", card.told());
        scene.store.write(put(None)).await.expect("a card less");
        gone(&scene, code).await;
    });
}

struct Put {
    finding: Option<Kept>,
    now: Timestamp,
}

impl Unit for Put {
    type Output = ();
    const NAME: &'static str = "put_on_a_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const RECORD: &str = "what a flow would name";
        match &self.finding {
            Some(finding) => exceptions::join(tx, "trader-1", ("", RECORD), finding, exceptions::SEEN_ALL, self.now).await,
            None => exceptions::go_on(tx, "", RECORD, GoesOn::Proven("it was put right"), self.now).await,
        }
    }
}
