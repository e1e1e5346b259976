//! A release that the warehouse refuses, in words that prove nothing: there is a card at once, and it is not sent again.

use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::seam::Clock;
use tallyman_store::tables::mappings;
use tallyman_store::{Tx, Unit, UnitError};

use tallyman_tests::scene::{Scene, play, settings};

/// No service of the warehouse has this number.
const NO_SERVICE: &str = "99";

#[test]
fn what_the_warehouse_refuses_has_a_card_at_once_and_stands_still_when_nothing_is_there() {
    play(async {
        let scene = Scene::new(settings());
        scene.parts("set-up").await;
        for service in ["standard", "next-day"] {
            let row = Row {
                cell: Cell::new(Table::CarrierOut, "virtualstock-1", service),
                ours: Some(NO_SERVICE.to_owned()),
                seq: 0,
                at: scene.clock.now(),
                actor: "integrator".into(),
                reason: "a slip".into(),
            };
            scene.store.write(Map(row)).await.unwrap();
        }
        scene
            .work_until("refused", async |scene| !scene.cards(Code::Refused).await.is_empty())
            .await;
        let cards = scene.cards(Code::Refused).await;
        assert!(cards.len() == 1 && cards[0].company == "trader-1", "{cards:?}");
        let said = scene.said(&cards[0]).await;
        assert!(said.contains("CourierService"), "{said}");
        // It may have been made all the same, so it is asked about.
        assert_eq!(stands(&scene, "parked").await, 0);
        scene
            .work_until("asked about", async |scene| stands(scene, "parked").await == 1)
            .await;
        assert_eq!(scene.cards(Code::Refused).await, cards, "the same card, and no other");
        let status = scene.status().await;
        assert_eq!(status.exceptions.values().sum::<i64>(), 1, "{status:?}");
        scene
            .work_until("the other company's", async |scene| scene.stands("complete").await == 1)
            .await;
        let calls = scene.twin.calls().by_path;
        assert_eq!(calls["PUT /mintsoft/api/Order"], 2, "once for each company: {calls:?}");
    });
}

async fn stands(scene: &Scene, state: &str) -> i64 {
    scene.status().await.effects.get(state).copied().unwrap_or(0)
}

struct Map(Row);

impl Unit for Map {
    type Output = ();
    const NAME: &'static str = "map_wrongly";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        mappings::insert(tx, "trader-1", &self.0).await
    }
}
