//! What the producers share.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_store::tables::exceptions::{self, Card, GoesOn, Kept};
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::scene::{Scene, play, settings};

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
            scene_now: scene.clock.now(),
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
    scene_now: tallyman_core::time::Timestamp,
}

impl Unit for Put {
    type Output = ();
    const NAME: &'static str = "put_on_a_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const RECORD: &str = "what a flow would name";
        match &self.finding {
            Some(finding) => exceptions::join(tx, "trader-1", ("", RECORD), finding, exceptions::SEEN_ALL, self.scene_now).await,
            None => exceptions::go_on(tx, "", RECORD, GoesOn::Proven("it was put right"), self.scene_now).await,
        }
    }
}
