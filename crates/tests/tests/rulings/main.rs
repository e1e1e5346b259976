//! What the owner of a card decides, and that it stays decided: the engine, connectors and store on the twin, at virtual time.

mod goods;
mod ledger;
mod orders;

use std::collections::BTreeMap;
use std::time::Duration;

use tallyman_core::access::Right;
use tallyman_core::card::Life;
use tallyman_core::finding::Code;
use tallyman_core::ruling::{Change, Ruling, Said};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_engine::board::{self, Said as Record};
use tallyman_engine::desk;
use tallyman_engine::journal::{self, Sentence, Wanted};
use tallyman_engine::ruling::{Decide, Decided, Of, decide};
use tallyman_store::journal::Seek;
use tallyman_store::tables::cards::Stored;
use tallyman_store::tables::exceptions::Card;
use tallyman_tests::leave::of_card;
use tallyman_tests::scene::{Scene, settings};
use tallyman_twin::settings::Settings;

const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3600);
/// Two sweeps and more.
const SWEEPS: Duration = Duration::from_secs(45 * 60);

/// Orders that come together and leave in one part.
fn whole(count: u32) -> Settings {
    let mut settings = settings();
    settings.faults.split_shipment = 0;
    settings.orders.count = count;
    settings.orders.within = 60_000_000;
    settings
}

async fn until_released(scene: &Scene) {
    let count = scene.twin.settings().orders.count as usize * 2;
    scene
        .work_until("released", async |scene| {
            let done = scene.status().await.effects.get("done").copied().unwrap_or(0);
            scene.twin.books().mintsoft.books.orders.len() == count && done == 4 * count as i64
        })
        .await;
}

/// The first company's cards of this code.
async fn cards(scene: &Scene, code: Code) -> Vec<Card> {
    let mut cards = scene.cards(code).await;
    cards.retain(|card| card.company == "trader-1");
    cards
}

/// Waits for the one card of this code.
async fn one(scene: &Scene, code: Code) -> Card {
    scene
        .work_until("found", async |scene| match cards(scene, code).await.first() {
            // Its life follows its records a little later.
            Some(card) => stored(scene, &card.id).await.card.life != Life::Resolved,
            None => false,
        })
        .await;
    let mut cards = cards(scene, code).await;
    assert_eq!(cards.len(), 1, "{cards:?}");
    cards.remove(0)
}

async fn stored(scene: &Scene, card: &str) -> Stored {
    board::card(&scene.store, card).await.expect("read").expect("a card")
}

/// What somebody says.
struct Word {
    by: &'static str,
    said: Said,
}

fn said(ruling: Ruling, by: &'static str) -> Word {
    let said = Said {
        ruling,
        document: None,
        change: None,
        agreed: true,
        reason: "the buyer agrees".into(),
    };
    Word { by, said }
}

fn amend(change: Change) -> Word {
    let mut word = said(Ruling::Amend, "ann");
    word.said.change = Some(change);
    word
}

async fn decided(scene: &Scene, card: &str, word: &Word) -> Result<Decided, desk::Refused> {
    decided_at(scene, (card, None), word).await
}

async fn decided_at(scene: &Scene, (card, seen): (&str, Option<u64>), word: &Word) -> Result<Decided, desk::Refused> {
    let said = &word.said;
    let parts = scene.parts("owner").await;
    let of = match &said.change {
        Some(_) => Of::Order(records(scene, card).await[0].member.journey.clone()),
        None => Of::All,
    };
    let routes = parts
        .merchants
        .iter()
        .map(|merchant| (merchant.company.to_string(), merchant.route()));
    let wanted = Decide {
        card,
        seen,
        of,
        said,
        permit: &of_card(&scene.store, word.by, Right::Act, card).await,
        routes: &routes.collect::<BTreeMap<_, _>>(),
        records_max: u64::MAX,
        now: scene.clock.now(),
    };
    decide((&parts.store, &parts.vault), &wanted).await
}

/// What is, or was, on a card.
/// What the journal has before and after, of lines whose kind begins so.
async fn journalled(scene: &Scene, kind: &str) -> Vec<(Option<String>, Option<String>)> {
    let parts = scene.parts("somebody who reads").await;
    let wanted = Wanted {
        company: parts.merchants[0].company.to_string(),
        seek: Seek::All,
        within: Timestamp::ZERO..Timestamp::MAX,
        kind: Some(kind.to_owned()),
        actors: None,
    };
    let page = journal::page(&parts.store, Some(&parts.vault), &wanted, None, 100).await;
    let told = page
        .expect("a journal")
        .rows
        .into_iter()
        .filter_map(|line| match line.sentence {
            Sentence::Said(told) => Some((told.before, told.after)),
            Sentence::Closed | Sentence::Erased | Sentence::None => None,
        });
    told.collect()
}

async fn records(scene: &Scene, card: &str) -> Vec<Record> {
    let card = stored(scene, card).await;
    let page = board::members(&scene.store, None, &card, None, 100).await.expect("records");
    page.rows
}

/// Works for some sweeps, after which the first company still has no card of this code.
async fn stays_closed(scene: &Scene, code: Code) {
    scene.work_for("sweeps", SWEEPS).await;
    assert_eq!(cards(scene, code).await, []);
}
