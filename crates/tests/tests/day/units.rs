//! A retailer that sells by the six what the merchant keeps one by one.

use std::collections::BTreeMap;

use tallyman_core::ident::Connection;
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::money::Money;
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::mappings;
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_twin::virtualstock::books as retailer;

use tallyman_tests::scene::{Scene, play, settings};

const SIX: u32 = 6;

#[test]
fn what_is_sold_by_the_six_is_six_in_the_ledger_and_the_warehouse_and_one_at_the_retailer() {
    play(async {
        let mut scene = Scene::new(settings());
        // The orders wait for the ledger's first facts while the units are mapped.
        let opens = Timestamp::from_micros(scene.twin.state().now + 10 * 60_000_000);
        scene.closed_until = Some(("/products", opens));
        scene
            .work_until("received", async |scene| scene.status().await.undecided == 2)
            .await;
        let sold = by_item(&scene, |_, line| (line.quantity, line.unit_cost_pennies));
        let sixes: Vec<String> = sold
            .iter()
            .filter(|(_, (_, pennies))| pennies % 3 == 0)
            .map(|(item, _)| item.clone())
            .collect();
        assert!(
            !sixes.is_empty() && sixes.len() < sold.len(),
            "a sixth of a price is exact, or not: {sold:?}"
        );
        let map = Map {
            skus: sixes.clone(),
            now: scene.clock.now(),
        };
        scene.store.write(map).await.expect("mapped");
        scene.until_complete(2).await;

        let times = |item: &String| if sixes.contains(item) { SIX } else { 1 };
        let books = scene.twin.books();
        let ordered = books
            .sage
            .books
            .orders
            .values()
            .find(|order| order.company == 1)
            .expect("in Sage");
        assert_eq!(ordered.lines.len(), sold.len());
        for line in &ordered.lines {
            let (quantity, pennies) = sold[&line.code.to_uppercase()];
            let times = times(&line.code.to_uppercase());
            assert_eq!(
                (line.quantity, line.despatched),
                ((quantity * times).into(), (quantity * times).into())
            );
            let net = Money::parse(&(line.quantity * line.unit_price).to_string());
            assert_eq!(net, Ok(Money::from_minor(i64::from(quantity) * pennies)), "to the penny");
        }
        let mut shipped: BTreeMap<String, u32> = BTreeMap::new();
        for order in books.mintsoft.books.orders.values().filter(|order| order.client == 1) {
            for item in &order.items {
                *shipped.entry(item.sku.clone()).or_default() += item.quantity;
            }
        }
        let released = sold
            .iter()
            .map(|(item, (quantity, _))| (item.clone(), quantity * times(item)));
        assert_eq!(shipped, released.collect());
        drop(books);
        by_item(&scene, |order, line| {
            assert_eq!(
                line.dispatched, line.quantity,
                "{} line {} is whole",
                order.order_reference, line.line_reference
            );
        });
    });
}

/// Something of each line of the first company's order, by its item, which stands there once.
fn by_item<T>(scene: &Scene, of: impl Fn(&retailer::Order, &retailer::Line) -> T) -> BTreeMap<String, T> {
    let books = scene.twin.books();
    let order = books
        .virtualstock
        .books
        .orders
        .values()
        .find(|order| order.company == 1)
        .expect("it arrived");
    let items: BTreeMap<String, T> = order
        .lines
        .iter()
        .map(|line| (line.item.to_uppercase(), of(order, line)))
        .collect();
    assert_eq!(items.len(), order.lines.len(), "no item stands twice");
    items
}

/// Both merchants say that one of the retailer's is six of theirs.
struct Map {
    skus: Vec<String>,
    now: Timestamp,
}

impl Unit for Map {
    type Output = ();
    const NAME: &'static str = "map_units";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for number in [1, 2] {
            let channel = Connection::new(format!("virtualstock-{number}"));
            for sku in &self.skus {
                let row = Row {
                    cell: Cell::new(Table::Unit, channel.as_str(), sku),
                    ours: Some(SIX.to_string()),
                    seq: 0,
                    at: self.now,
                    actor: "test".into(),
                    reason: "sold by the six".into(),
                };
                mappings::insert(tx, &format!("trader-{number}"), &row).await?;
            }
        }
        Ok(())
    }
}
