//! An item that the ledger does not know: one card for all its orders, which goes when each of them has proved that it went on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tallyman_core::card::Life;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::money::Money;
use tallyman_core::seam::Clock;
use tallyman_store::tables::{cards, exceptions};
use tallyman_store::{Tx, Unit, UnitError, params};

use tallyman_tests::scene::{Scene, play, settings};

const AN_HOUR: Duration = Duration::from_secs(3600);
/// What a slip of the integrator's says; the ledger has no such item.
pub const NO_ITEM: &str = "NO-SUCH-ITEM";

#[test]
fn an_unknown_item_is_one_card_that_weighs_its_orders_and_goes_when_the_ledger_has_them_all() {
    play(async {
        let (mut scene, cell, orders) = stopped().await;
        let seen = look(&scene, &cell).await.expect("a card");
        let card = &seen.card.card;
        assert_eq!(scene.cards(Code::SkuUnknown).await.len(), 1, "one cause, one card");
        assert_eq!((&card.cause, &card.life), (&Cause::Cell(cell.clone()), &Life::Open));
        assert_eq!((card.weight.orders, card.weight.proving), (orders.len() as u64, 0));
        assert_eq!(card.weight.money, Money::from_minor(orders.values().sum()));

        // It is mapped; while the ledger takes no orders, none has proved that it goes on.
        scene.map(&cell, Some(&cell.theirs)).await;
        scene.closed_until = Some(("/sop_orders", scene.clock.now().plus(AN_HOUR)));
        scene
            .work_until("verifying", async |scene| life(scene, &cell).await == Life::Verifying)
            .await;
        let seen = look(&scene, &cell).await.expect("a card");
        let weight = seen.card.card.weight;
        assert_eq!((weight.stopped, weight.proving), (0, orders.len() as u64));
        assert_eq!((weight.orders, weight.money, seen.card.closed_at), (0, Money::ZERO, None));
        assert!(seen.proofs.values().all(String::is_empty), "{:?}", seen.proofs);

        scene
            .work_until("resolved", async |scene| life(scene, &cell).await == Life::Resolved)
            .await;
        let seen = look(&scene, &cell).await.expect("a card");
        assert!(seen.card.closed_at.is_some() && seen.card.card.weight.proving == 0);
        assert_eq!(seen.acts, ["\"resolved\"", "\"verifying\""]);
        assert_eq!(seen.proofs.len(), orders.len());
        let books = scene.twin.books();
        for (reference, proof) in &seen.proofs {
            assert!(orders.contains_key(reference), "{reference} has no such item");
            let ordered = books.sage.books.orders.values();
            let mut ordered = ordered.filter(|order| order.company == 1 && order.customer_document_no == *reference);
            let number = &ordered.next().expect("it is in Sage").document_no;
            assert!(proof.contains(number), "{reference}: {proof}, and not {number}");
        }
    });
}

/// A day on which one item of the first company is mapped to nothing that there is: its cell, and its orders with what each is worth.
pub async fn stopped() -> (Scene, Cell, BTreeMap<String, i64>) {
    let mut settings = settings();
    settings.orders.count = 12;
    let mut scene = Scene::new(settings);
    scene.pace.seal_every = Duration::from_secs(1);
    // All orders arrive before the ledger's items are read, so that all meet the same mappings.
    scene.closed_until = Some(("/products", scene.clock.now().plus(3 * AN_HOUR)));
    scene
        .work_until("received", async |scene| scene.status().await.undecided == 24)
        .await;
    let (item, orders) = shared(&scene);
    let cell = Cell::new(Table::Sku, "virtualstock-1", &item);
    scene.map(&cell, Some(NO_ITEM)).await;
    scene
        .work_until("stopped", async |scene| {
            let status = scene.status().await;
            let weighed = look(scene, &cell).await.map_or(0, |seen| seen.card.card.weight.stopped);
            status.undecided == 0 && weighed == orders.len() as u64
        })
        .await;
    (scene, cell, orders)
}

/// The item that most of the first company's orders name, and what each of these is worth, in pennies.
fn shared(scene: &Scene) -> (String, BTreeMap<String, i64>) {
    let books = scene.twin.books();
    let mut naming: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    let ours = books.virtualstock.books.orders.values().filter(|order| order.company == 1);
    for order in ours {
        let items: BTreeSet<String> = order.lines.iter().map(|line| line.item.to_uppercase()).collect();
        for item in items {
            let orders = naming.entry(item).or_default();
            orders.insert(order.order_reference.clone(), order.subtotal_pennies());
        }
    }
    let most = naming.into_iter().max_by_key(|(_, orders)| orders.len()).expect("an item");
    assert!(most.1.len() > 1, "no item is in two orders: {most:?}");
    most
}

/// A card as it stands, what it did, and what each of its orders has as its proof, by reference.
struct Seen {
    card: cards::Stored,
    acts: Vec<String>,
    proofs: BTreeMap<String, String>,
}

async fn look(scene: &Scene, cell: &Cell) -> Option<Seen> {
    scene.store.read(Look(cell.clone())).await.expect("it can be looked at")
}

pub async fn life(scene: &Scene, cell: &Cell) -> Life {
    look(scene, cell).await.expect("a card").card.card.life
}

struct Look(Cell);

impl Unit for Look {
    type Output = Option<Seen>;
    const NAME: &'static str = "look_at_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Seen>, UnitError> {
        const PROOFS: &str = "select j.reference, m.proof from exception_member m join journey j on j.id = m.journey \
             where m.exception = $1 order by j.reference";
        let id = exceptions::card("trader-1", Code::SkuUnknown, &Cause::Cell(self.0.clone()));
        let Some(card) = cards::load(tx, id.as_str()).await? else {
            return Ok(None);
        };
        let acts = cards::told(tx, id.as_str(), 100).await?;
        let mut proofs = BTreeMap::new();
        for row in tx.query(PROOFS, params![id.as_str()]).await? {
            proofs.insert(row.get(0)?, row.get(1)?);
        }
        Ok(Some(Seen {
            card,
            acts: acts.into_iter().map(|told| told.act).collect(),
            proofs,
        }))
    }
}
