//! A fix is tried before it is made, goes to one order before the others, and is made by a person where no mapping helps.

use std::collections::BTreeMap;
use std::time::Duration;

use tallyman_core::access::Right;
use tallyman_core::amendment::{Amendment, Field};
use tallyman_core::card::Life;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_engine::amend::{self, Wanted};
use tallyman_engine::retry::{self, Configuration, Fate};
use tallyman_engine::sorting::{self, Sort, Sorted};
use tallyman_engine::trial::{self, Fix, Tried};
use tallyman_store::tables::{cards, exceptions};
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::leave::{leave, of_card};
use tallyman_tests::scene::{Scene, play, settings};

use super::card::{self, NO_ITEM, life};

const AN_HOUR: Duration = Duration::from_secs(3600);

/// The day, and the name of its card.
async fn stopped() -> (Scene, Cell, BTreeMap<String, i64>, String) {
    let (scene, cell, orders) = card::stopped().await;
    let card = exceptions::card("trader-1", Code::SkuUnknown, &Cause::Cell(cell.clone())).to_string();
    (scene, cell, orders, card)
}

async fn try_it(scene: &Scene, card: &str, fix: Fix) -> Tried {
    let parts = scene.parts("somebody who tries").await;
    let merchant = &parts.merchants[0];
    let of = (&parts.store, &parts.vault);
    let permit = leave("somebody", fix.right(), merchant.company.as_str());
    trial::try_fix(of, (merchant, &permit), (card, &fix), scene.clock.now(), |_| {})
        .await
        .expect("tried")
}

/// Records that stand still, and those that go on and have not proved it.
async fn weight(scene: &Scene, card: &str) -> (u64, u64) {
    let card = scene.store.read(Load(card.to_owned())).await.expect("it is there");
    card.map_or((0, 0), |card| (card.card.weight.stopped, card.card.weight.proving))
}

struct Load(String);

impl Unit for Load {
    type Output = Option<cards::Stored>;
    const NAME: &'static str = "load_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        cards::load(tx, &self.0).await
    }
}

#[test]
fn a_fix_is_tried_on_all_and_then_one_order_goes_before_the_others() {
    play(async {
        let (mut scene, cell, orders, card) = stopped().await;
        let item = cell.theirs.clone();
        // Another item of one of these orders is not known either.
        let (other, in_one) = {
            let books = scene.twin.books();
            let first = books.virtualstock.books.orders.values().find(|order| {
                order.company == 1
                    && orders.contains_key(&order.order_reference)
                    && order.lines.iter().any(|line| !line.item.eq_ignore_ascii_case(&item))
            });
            let first = first.expect("an order with another item");
            let line = first
                .lines
                .iter()
                .find(|line| !line.item.eq_ignore_ascii_case(&item))
                .expect("a line");
            (line.item.clone(), first.order_reference.clone())
        };
        let other = Cell::new(Table::Sku, "virtualstock-1", &other);
        scene.map(&other, Some(NO_ITEM)).await;

        let right = Fix::Map {
            cell: cell.clone(),
            ours: Some(item.clone()),
        };
        let tried = try_it(&scene, &card, right.clone()).await;
        let with_other: Vec<&str> = tried.others.iter().map(|other| other.reference.as_str()).collect();
        assert_eq!(tried.of, orders.len() as u64);
        assert_eq!(tried.heals + with_other.len() as u64, tried.of);
        assert!(with_other.contains(&in_one.as_str()), "{tried:?}");
        assert!(
            tried.others.iter().all(|one| one.sentence.contains(&other.theirs)),
            "{tried:?}"
        );
        // Another wrong word heals nothing, and trying has changed nothing.
        let wrong = Fix::Map {
            cell: cell.clone(),
            ours: Some("NO-SUCH-EITHER".into()),
        };
        assert_eq!(try_it(&scene, &card, wrong).await.heals, 0);
        assert_eq!(weight(&scene, &card).await, (orders.len() as u64, 0));
        scene.map(&other, Some(&other.theirs)).await;
        assert_eq!(try_it(&scene, &card, right).await.heals, orders.len() as u64);

        // One goes first; while the ledger takes no orders it cannot prove that it went on, and the others stay.
        let first = Sorted {
            card: card.clone(),
            seen: None,
            sort: Sort::OneFirst,
            permit: of_card(&scene.store, "somebody", Right::Act, &card).await,
            now: scene.clock.now(),
        };
        let first = sorting::sort(&scene.store, first).await.expect("set").first;
        assert!(first.is_some_and(|order| orders.contains_key(&order)));
        scene.map(&cell, Some(&item)).await;
        scene.closed_until = Some(("/sop_orders", scene.clock.now().plus(AN_HOUR)));
        let rest = orders.len() as u64 - 1;
        scene
            .work_until("one", async |scene| weight(scene, &card).await == (rest, 1))
            .await;
        scene.work_for("no other", AN_HOUR / 2).await;
        assert_eq!(weight(&scene, &card).await, (rest, 1));
        scene
            .work_until("resolved", async |scene| life(scene, &cell).await == Life::Resolved)
            .await;
    });
}

#[test]
fn what_is_split_off_heals_on_its_own_card_and_can_be_put_back() {
    play(async {
        let (scene, cell, orders, card) = stopped().await;
        let number = orders.keys().next().expect("an order");
        let sort = async |card: &str, sort: Sort| {
            let sorted = Sorted {
                card: card.to_owned(),
                seen: None,
                sort,
                permit: of_card(&scene.store, "somebody", Right::Act, card).await,
                now: scene.clock.now(),
            };
            sorting::sort(&scene.store, sorted).await.map(|shown| shown.card)
        };
        let split = Sort::Split {
            orders: vec![number.clone()],
        };
        let part = sort(&card, split.clone()).await.expect("split");
        assert!(sort(&part, split.clone()).await.is_err(), "a part is not split");
        let all = orders.len() as u64;
        let weights = async || (weight(&scene, &card).await, weight(&scene, &part).await);
        assert_eq!(weights().await, ((all - 1, 0), (1, 0)), "whoever looks next sees it");
        // Undone, all stand on one card; done again it is another part.
        assert_eq!(sort(&part, Sort::Unsplit).await.expect("undone"), card);
        assert_eq!(weights().await, ((all, 0), (0, 0)));
        let part = sort(&card, split).await.expect("split again");
        // Shown under one another, and by themselves again.
        sort(&part, Sort::Merge { under: card.clone() }).await.expect("merged");
        assert!(
            sort(&card, Sort::Merge { under: part.clone() }).await.is_err(),
            "a ring of cards"
        );
        sort(&part, Sort::Unmerge).await.expect("unmerged");

        scene.map(&cell, Some(&cell.theirs)).await;
        scene
            .work_until("both resolved", async |scene| {
                let mut over = true;
                for card in [&card, &part] {
                    let stored = scene.store.read(Load(card.clone())).await.expect("read").expect("there");
                    over &= stored.card.life == Life::Resolved;
                }
                over
            })
            .await;
    });
}

struct Members(String);

impl Unit for Members {
    type Output = Vec<String>;
    const NAME: &'static str = "orders_of_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let members = exceptions::members(tx, &self.0, ("", ""), 1_000).await?;
        Ok(members.into_iter().map(|(journey, _)| journey).collect())
    }
}

#[test]
fn a_person_shortens_an_address_and_the_order_goes_on() {
    play(async {
        let mut settings = settings();
        settings.orders.count = 3;
        settings.orders.planted_per_mille = 1000;
        let scene = Scene::new(settings);
        scene
            .work_until("stopped", async |scene| !scene.cards(Code::AddressTooLong).await.is_empty())
            .await;
        let card = scene
            .cards(Code::AddressTooLong)
            .await
            .into_iter()
            .find(|card| card.company == "trader-1");
        let card = card.expect("a card of the first company");
        let journey = scene.store.read(Members(card.id.clone())).await.expect("members").remove(0);
        let parts = scene.parts("somebody who amends").await;
        let amendment =
            |field, value: &str| Amendment::new(field, value, "ann", "the retailer cannot", scene.clock.now()).expect("it fits");
        let ann = leave("ann", Right::Act, "trader-1");
        let amend = async |amendment: &Amendment, shipment: &str| {
            let wanted = Wanted {
                company: "trader-1",
                journey: &journey,
                shipment,
                amendment,
                permit: &ann,
            };
            amend::amend(&parts.store, &parts.vault, wanted).await
        };
        let short = amendment(Field::Line1, "1 High Street");
        assert_eq!(try_it(&scene, &card.id, Fix::Amend(short.clone())).await.heals, 1);
        amend(&amendment(Field::Tracking, "1Z"), "no such")
            .await
            .expect_err("it has no shipment");
        // A word that changes nothing leaves it where it is; taken back it counts no more.
        amend(&amendment(Field::City, "Hull"), "").await.expect("kept");
        let took = amend::take_back(
            &parts.store,
            &parts.vault,
            ("trader-1", &journey),
            1,
            (&ann, "wrong", scene.clock.now()),
        )
        .await;
        took.expect("taken back");
        let plan = retry::plan(
            (&parts.store, &parts.vault),
            &parts.merchants[0],
            &journey,
            Configuration::AsItIsNow,
        )
        .await;
        let plan = plan.expect("a plan");
        assert!(
            matches!(&plan.steps[..], [step] if matches!(&step.fate, Fate::StillStopped(code) if code == "address_too_long")),
            "{plan:?}"
        );
        amend(&short, "").await.expect("amended");
        scene
            .work_until("gone on", async |scene| {
                scene
                    .cards(Code::AddressTooLong)
                    .await
                    .iter()
                    .all(|card| card.company != "trader-1")
            })
            .await;
        let open = leave("ann", Right::Open, "trader-1");
        let told = amend::told(&parts.store, (&parts.vault, &open), ("trader-1", &journey))
            .await
            .expect("told");
        assert_eq!(told.len(), 2);
        assert!(told[0].stored.taken_back_at.is_some() && told[1].stored.taken_back_at.is_none());
        scene
            .work_until("released", async |scene| {
                let books = scene.twin.books();
                books
                    .mintsoft
                    .books
                    .orders
                    .values()
                    .any(|order| order.client == 1 && order.fields.get("Address1").is_some_and(|line| line == "1 High Street"))
            })
            .await;
        let late = amend(&short, "").await.expect_err("it stands in the ledger");
        assert!(late.to_string().contains("Correct it there"), "{late}");
    });
}

#[test]
fn what_the_retailer_has_corrected_is_read_again_and_goes_on() {
    play(async {
        let mut settings = settings();
        settings.orders.count = 3;
        settings.orders.planted_per_mille = 1000;
        let scene = Scene::new(settings);
        let stopped = async |scene: &Scene| scene.cards(Code::AddressTooLong).await.len();
        scene.work_until("stopped", async |scene| stopped(scene).await > 0).await;
        scene.work_for("asked, and not corrected", AN_HOUR).await;
        assert!(stopped(&scene).await > 0);
        for order in scene.twin.books().virtualstock.books.orders.values_mut() {
            order.address.line_1.truncate(20);
        }
        scene.work_until("gone on", async |scene| stopped(scene).await == 0).await;
    });
}
