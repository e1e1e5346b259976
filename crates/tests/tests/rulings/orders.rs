//! Orders that are not carried out: declined by their card's owner, counted so, and never written anywhere.

use tallyman_core::access::Right;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::ruling::Ruling;
use tallyman_core::seam::Clock;
use tallyman_core::tally::Kind;
use tallyman_core::time::Date;
use tallyman_engine::answer::Said;
use tallyman_engine::desk::{self, Done};
use tallyman_engine::retry::{self, Configuration, Fate};
use tallyman_engine::tally::{self, Page, Source};
use tallyman_store::tables::mappings;
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::leave::{leave, of_card};
use tallyman_tests::scene::{Scene, play};

use super::{A_MINUTE, cards, decided, decided_at, one, records, said, until_released, whole};

/// A morning on which an item of the first company's only order means nothing.
async fn stopped() -> (Scene, Cell, String) {
    let scene = Scene::new(whole(1));
    scene.parts("founder").await;
    scene.twin.state();
    let item = {
        let books = scene.twin.books();
        let order = books.virtualstock.books.orders.values().find(|order| order.company == 1);
        order.expect("it has come").lines[0].item.clone()
    };
    let cell = Cell::new(Table::Sku, "virtualstock-1", &item);
    map(&scene, &cell, "NO-SUCH-ITEM").await;
    let card = one(&scene, Code::SkuUnknown).await;
    (scene, cell, card.id)
}

async fn map(scene: &Scene, cell: &Cell, ours: &str) {
    let row = Row {
        cell: cell.clone(),
        ours: Some(ours.to_owned()),
        seq: 0,
        at: scene.clock.now(),
        actor: "integrator".into(),
        reason: "a test".into(),
    };
    scene.store.write(Put(row)).await.expect("mapped");
}

struct Put(Row);

impl Unit for Put {
    type Output = ();
    const NAME: &'static str = "map_cell";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        mappings::insert(tx, "trader-1", &self.0).await
    }
}

/// The first company's tally of the day's orders.
async fn page(scene: &Scene) -> Page {
    let parts = scene.parts("reader").await;
    let mut sources = Source::of(&parts.merchants[0]).into_iter();
    let source = sources
        .find(|source| source.kind == Kind::Order)
        .expect("orders come from somewhere");
    let day = Date::parse("2026-11-02").expect("a day");
    tally::ask(&scene.store, &source, day, scene.clock.now())
        .await
        .expect("a tally")
}

fn in_the_ledger(scene: &Scene) -> usize {
    let books = scene.twin.books();
    books.sage.books.orders.values().filter(|order| order.company == 1).count()
}

#[test]
fn a_declined_order_is_counted_so_and_never_reaches_the_ledger() {
    play(async {
        let (scene, cell, card) = stopped().await;
        let declined = decided(&scene, &card, &said(Ruling::Declined, "ann")).await.expect("taken");
        assert_eq!(declined.records, 1);
        assert!(declined.sentence(Ruling::Declined).contains("retailer has to be told"));
        assert_eq!(records(&scene, &card).await[0].member.proof, "declined by ann");
        let tally = page(&scene).await.tally;
        assert_eq!((tally.received, tally.declined, tally.open), (1, 1, 0));
        // What stopped it is put right: that is for other orders.
        map(&scene, &cell, &cell.theirs).await;
        scene
            .work_until("the other company's", async |scene| scene.stands("complete").await == 1)
            .await;
        scene.work_for("a while", 30 * A_MINUTE).await;
        assert_eq!((in_the_ledger(&scene), cards(&scene, Code::SkuUnknown).await.len()), (0, 0));
        let tally = page(&scene).await.tally;
        assert_eq!((tally.received, tally.declined), (1, 1));
    });
}

/// Declined by mistake, it is taken up by a plan once what stopped it is put right.
#[test]
fn a_declined_order_is_tried_again_by_a_plan() {
    play(async {
        let (scene, cell, card) = stopped().await;
        decided(&scene, &card, &said(Ruling::Declined, "ann")).await.expect("taken");
        let journey = records(&scene, &card).await[0].member.journey.clone();
        let parts = scene.parts("somebody who tries").await;
        let of = (&parts.store, &parts.vault);
        let plan = async || {
            let plan = retry::plan(of, &parts.merchants[0], &journey, Configuration::AsItIsNow).await;
            plan.expect("a plan")
        };
        assert_eq!(plan().await.steps[0].fate, Fate::StillStopped("sku_unknown".into()));
        map(&scene, &cell, &cell.theirs).await;
        let plan = plan().await;
        assert_eq!(plan.steps[0].fate, Fate::Anew);
        let permit = leave("ann", Right::Act, "trader-1");
        let words = Said {
            permit: &permit,
            reason: "the retailer wants it after all",
        };
        let go = (journey.as_str(), Configuration::AsItIsNow, plan.number.as_str());
        let with = (&parts.store, &parts.vault, &*scene.clock as &dyn Clock);
        retry::carry_out(with, &parts.merchants[0], go, &words)
            .await
            .expect("carried out");
        scene
            .work_until("both", async |scene| scene.stands("complete").await == 2)
            .await;
        assert_eq!(page(&scene).await.tally.posted, 1);
    });
}

/// The ledger refuses the draft: what was planned behind it is not sent either.
#[test]
fn an_order_whose_draft_was_refused_is_declined_with_all_that_waits_for_it() {
    play(async {
        let mut scene = Scene::new(whole(1));
        scene.parts("founder").await;
        scene.closed_until = Some(("/restapi/v4/orders", scene.clock.now().plus(10 * A_MINUTE)));
        scene.work_for("reads the ledger", 5 * A_MINUTE).await;
        scene.twin.books().sage.put_on_hold(1, "VSRETAIL", true);
        let card = one(&scene, Code::CreditHold).await;
        decided(&scene, &card.id, &said(Ruling::Declined, "fin"))
            .await
            .expect("taken");
        scene.twin.books().sage.put_on_hold(1, "VSRETAIL", false);
        scene
            .work_until("the other company's", async |scene| scene.stands("complete").await == 1)
            .await;
        assert_eq!((in_the_ledger(&scene), scene.stands("declined").await), (0, 1));
        let effects = scene.status().await.effects;
        assert_eq!(
            (effects.get("withdrawn").copied(), effects.get("waiting")),
            (Some(4), None),
            "{effects:?}"
        );
    });
}

/// A record that nobody could read has no journey, and is declined all the same.
#[test]
fn an_order_that_cannot_be_read_is_declined() {
    play(async {
        let scene = Scene::new(whole(1));
        scene.parts("founder").await;
        scene.twin.state();
        {
            let mut books = scene.twin.books();
            let mut orders = books.virtualstock.books.orders.values_mut();
            let order = orders.find(|order| order.company == 1).expect("an order");
            order.slips.insert("/items/0/unit_cost_price".into(), "on request".into());
        }
        let card = one(&scene, Code::Unreadable).await;
        assert_eq!(page(&scene).await.tally.open, 1);
        decided(&scene, &card.id, &said(Ruling::Declined, "int"))
            .await
            .expect("taken");
        let tally = page(&scene).await.tally;
        assert_eq!((tally.received, tally.declined, tally.open), (1, 1, 0));
        assert_eq!(cards(&scene, Code::Unreadable).await, []);
    });
}

#[test]
fn what_was_written_is_neither_declined_nor_settled_away() {
    play(async {
        let (scene, _, card) = stopped().await;
        let refused = decided(&scene, &card, &said(Ruling::Settled, "ann"))
            .await
            .expect_err("not taken");
        assert!(refused.to_string().contains("takes declined"), "{refused}");
        // An order that has missed its cut-off in the warehouse's hands is under way.
        let scene = Scene::new(whole(1));
        until_released(&scene).await;
        let finding = tallyman_core::finding::Finding::new(
            Code::CutOffMissed,
            tallyman_core::cause::Cause::Machine("a day".into()),
            "It is late.",
        );
        scene.inject("trader-1", &finding.of("cut-off at 1")).await;
        let card = one(&scene, Code::CutOffMissed).await;
        let refused = decided(&scene, &card.id, &said(Ruling::Declined, "ann"))
            .await
            .expect_err("it is written");
        assert!(refused.to_string().contains("something of it was written"), "{refused}");
        decided(&scene, &card.id, &said(Ruling::Settled, "ann"))
            .await
            .expect("it is late, and that is that");
    });
}

#[test]
fn a_decision_about_a_card_that_has_moved_is_refused() {
    play(async {
        let (scene, _, card) = stopped().await;
        let version = async || {
            let card = tallyman_engine::board::card(&scene.store, &card).await;
            card.expect("read").expect("a card").card.version
        };
        let seen = version().await;
        let done = Done {
            card: card.clone(),
            seen: None,
            act: tallyman_core::card::Act::Acknowledge,
            permit: of_card(&scene.store, "sam", Right::Act, &card).await,
            now: scene.clock.now(),
        };
        desk::act(&scene.store, done).await.expect("acknowledged");
        let words = said(Ruling::Declined, "ann");
        let refused = decided_at(&scene, (&card, Some(seen)), &words)
            .await
            .expect_err("it has moved");
        assert!(refused.is_overtaken(), "{refused}");
        assert_eq!((scene.stands("stopped").await, version().await), (1, seen + 1));
        decided_at(&scene, (&card, Some(seen + 1)), &words)
            .await
            .expect("as it is now");
        assert_eq!(scene.stands("declined").await, 1);
    });
}
