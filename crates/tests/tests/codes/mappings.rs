//! What a mapping does not say, or says twice.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::seam::Clock;
use tallyman_store::tables::mappings;
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::scene::{Scene, play, settings};

/// The retailer's code is mapped to an item that the ledger does not have.
pub fn sku_unknown() {
    play(async {
        let scene = Scene::new(settings());
        scene.parts("founder").await;
        // The day begins: the first order is there.
        scene.twin.state();
        let item = {
            let books = scene.twin.books();
            let order = books.virtualstock.books.orders.values().find(|order| order.company == 1);
            order.map(|order| order.lines[0].item.clone())
        };
        let cell = Cell::new(Table::Sku, "virtualstock-1", item.expect("an order"));
        map(&scene, &cell, "NO-SUCH-ITEM").await;
        scene
            .work_until("stopped", async |scene| !scene.cards(Code::SkuUnknown).await.is_empty())
            .await;
        let cards = scene.cards(Code::SkuUnknown).await;
        assert_eq!(cards.len(), 1, "{cards:?}");
        assert_eq!(cards[0].cause, Cause::Cell(cell.clone()));
        map(&scene, &cell, cell.theirs.as_str()).await;
        scene
            .work_until("gone on", async |scene| scene.cards(Code::SkuUnknown).await.is_empty())
            .await;
    });
}

/// The integrator maps a cell of the first company.
pub async fn map(scene: &Scene, cell: &Cell, ours: &str) {
    let row = Row {
        cell: cell.clone(),
        ours: Some(ours.to_owned()),
        seq: 0,
        at: scene.clock.now(),
        actor: "integrator".into(),
        reason: "a test".into(),
    };
    scene.store.write(Map(row)).await.expect("mapped");
}

struct Map(Row);

impl Unit for Map {
    type Output = ();
    const NAME: &'static str = "map_cell";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        mappings::insert(tx, "trader-1", &self.0).await
    }
}
