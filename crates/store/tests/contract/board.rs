//! Pages of cards and of their records: each row once, in order, and none of another company.

use std::collections::BTreeSet;

use tallyman_core::card::Act;
use tallyman_core::catalogue::Owner;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::board::{self, Member, Open, Order, Rank};
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::exceptions::{self, Kept};
use tallyman_store::tables::splits;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    every_card_is_on_one_page_in_each_order,
    a_company_sees_its_own_cards_however_alike_the_names,
    a_team_has_what_it_owns_and_what_was_handed_to_it,
    what_is_shown_under_an_open_card_is_counted_under_it,
    a_card_has_the_other_listed_ones_of_its_company_beside_it,
    every_record_of_a_card_is_on_one_page,
}

const NOW: Timestamp = Timestamp::from_micros(1_000);

/// Puts so many records under the card of this code and item, and counts them.
struct Put(&'static str, Code, &'static str, u32);

impl Unit for Put {
    type Output = String;
    const NAME: &'static str = "put";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<String, UnitError> {
        let Put(company, code, item, records) = *self;
        let cause = Cause::Item(item.into());
        let kept = Kept::without_sentence(code, cause.clone());
        for record in 0..records {
            // Journeys and records in turn, so that pages end within a journey.
            let (journey, record) = (format!("J{}", record / 3), format!("R{}", record % 3));
            exceptions::join(tx, company, (&journey, &record), &kept, exceptions::SEEN_ALL, NOW).await?;
        }
        cards::weigh(tx, company, 10_000, NOW).await?;
        Ok(exceptions::card(company, code, &cause).to_string())
    }
}

struct Cards(&'static str, Order, (i64, String), i64);

impl Unit for Cards {
    type Output = Vec<Stored>;
    const NAME: &'static str = "cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Stored>, UnitError> {
        board::cards(tx, self.0, self.1, (self.2.0, &self.2.1), self.3).await
    }
}

/// All cards of a company, by pages of two.
async fn all(store: &Store, company: &'static str, order: Order) -> Vec<Stored> {
    let mut cards: Vec<Stored> = Vec::new();
    let mut after = (order.start(), String::new());
    loop {
        let page = store.read(Cards(company, order, after, 2)).await.unwrap();
        let Some(last) = page.last() else { return cards };
        after = (order.key(last), last.id.clone());
        cards.extend(page);
        assert!(cards.len() < 100, "it comes to no end");
    }
}

async fn every_card_is_on_one_page_in_each_order(bench: Bench) {
    let store = bench.program().await;
    let mut ids = BTreeSet::new();
    // All opened at one instant, worth the same, due never: the id alone tells them apart.
    for item in ["A", "B", "C", "D", "E"] {
        ids.insert(store.write(Put("acme", Code::SkuUnknown, item, 1)).await.unwrap());
    }
    for order in [Order::Oldest, Order::Dearest, Order::Soonest] {
        let cards = all(&store, "acme", order).await;
        assert!(
            cards.is_sorted_by(|one, other| order.compare(one, other).is_lt()),
            "{order:?}"
        );
        let seen: BTreeSet<String> = cards.iter().map(|card| card.id.clone()).collect();
        assert_eq!((cards.len(), &seen), (5, &ids), "{order:?}");
    }
    assert_eq!(all(&store, "acme", Order::Resolved).await, []);
    store.write(Resolve).await.unwrap();
    let resolved = all(&store, "acme", Order::Resolved).await;
    let seen: BTreeSet<String> = resolved.iter().map(|card| card.id.clone()).collect();
    assert_eq!((resolved.len(), &seen), (5, &ids));
    assert_eq!(all(&store, "acme", Order::Soonest).await, []);
}

/// All that stands still goes on.
struct Resolve;

impl Unit for Resolve {
    type Output = ();
    const NAME: &'static str = "resolve";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        exceptions::end(tx, "J0", "it went on", NOW).await?;
        cards::weigh(tx, "acme", 10_000, NOW).await.map(drop)
    }
}

/// What a card may be shown under.
struct Beside(String);

impl Unit for Beside {
    type Output = Vec<(String, Code, Cause)>;
    const NAME: &'static str = "beside";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        board::beside(tx, "acme", &self.0, 10).await
    }
}

async fn a_card_has_the_other_listed_ones_of_its_company_beside_it(bench: Bench) {
    let store = bench.program().await;
    let mug = store.write(Put("acme", Code::SkuUnknown, "MUG", 1)).await.unwrap();
    let tee = store.write(Put("acme", Code::SkuUnknown, "TEE", 1)).await.unwrap();
    let cap = store.write(Put("acme", Code::SkuUnknown, "CAP", 1)).await.unwrap();
    store.write(Put("other", Code::SkuUnknown, "BOX", 1)).await.unwrap();
    let ids = |beside: Vec<(String, Code, Cause)>| -> BTreeSet<String> { beside.into_iter().map(|(id, ..)| id).collect() };
    let beside = ids(store.read(Beside(mug.clone())).await.unwrap());
    assert_eq!(beside, BTreeSet::from([tee.clone(), cap.clone()]));
    // What is shown under another that is open is on no list, and so nothing to be shown under.
    store.write(PutUnder(tee, cap.clone())).await.unwrap();
    assert_eq!(ids(store.read(Beside(mug)).await.unwrap()), BTreeSet::from([cap]));
}

async fn a_company_sees_its_own_cards_however_alike_the_names(bench: Bench) {
    let store = bench.program().await;
    for company in ["a_b", "axb", "a", "b"] {
        store.write(Put(company, Code::SkuUnknown, "MUG", 1)).await.unwrap();
    }
    for company in ["a_b", "a", "b"] {
        let cards = all(&store, company, Order::Oldest).await;
        let companies: Vec<&str> = cards.iter().map(|card| card.company.as_str()).collect();
        assert_eq!(companies, [company]);
    }
    assert_eq!(all(&store, "nobody", Order::Oldest).await, []);
}

/// Puts a card under another, and gives what is open then.
struct PutUnder(String, String);

impl Unit for PutUnder {
    type Output = Vec<Open>;
    const NAME: &'static str = "put_under";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Open>, UnitError> {
        splits::put_under(tx, &self.0, &self.1).await?;
        board::open(tx, "acme").await
    }
}

async fn what_is_shown_under_an_open_card_is_counted_under_it(bench: Bench) {
    let store = bench.program().await;
    let above = store.write(Put("acme", Code::SkuUnknown, "MUG", 2)).await.unwrap();
    let part = store.write(Put("acme", Code::SkuUnknown, "TEE", 3)).await.unwrap();
    let open = store.write(PutUnder(part.clone(), above.clone())).await.unwrap();
    let figures: Vec<_> = open.iter().map(|open| (open.cards, open.stopped)).collect();
    assert_eq!(figures, [(1, 5)], "one is listed, and the records of both stand still");
    let cards = all(&store, "acme", Order::Oldest).await;
    let listed: Vec<_> = cards.iter().map(|card| (card.id.as_str(), card.shows)).collect();
    assert_eq!(listed, [(above.as_str(), 1)]);
    // It is on the list of those that are, and under which it says; both are gone when it stands by itself again.
    let merged = all(&store, "acme", Order::Merged).await;
    let under: Vec<_> = merged.iter().map(|card| (card.id.as_str(), card.under.as_deref())).collect();
    assert_eq!(under, [(part.as_str(), Some(above.as_str()))]);
    store.write(PutUnder(part, String::new())).await.unwrap();
    assert_eq!(all(&store, "acme", Order::Merged).await, []);
    assert_eq!(all(&store, "acme", Order::Oldest).await.len(), 2);
}

/// Hands a card over, and gives what is open then.
struct HandOver(String);

impl Unit for HandOver {
    type Output = Vec<Open>;
    const NAME: &'static str = "hand_over";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Open>, UnitError> {
        let stored = cards::load(tx, &self.0).await?.expect("a card");
        let act = Act::HandOver {
            to: Owner::Finance,
            note: "yours".into(),
        };
        let version = stored.card.version;
        let next = stored.card.act(&act, version, NOW).expect("it may be done");
        cards::set(tx, &self.0, version, &next, NOW, "jo", &act).await?;
        assert_eq!(board::acts(tx, &self.0, i64::MAX, 10).await?.len(), 1);
        assert_eq!(
            board::acts(tx, &self.0, 2, 10).await?,
            [],
            "it is version 2, and not before that"
        );
        board::open(tx, "acme").await
    }
}

async fn a_team_has_what_it_owns_and_what_was_handed_to_it(bench: Bench) {
    let store = bench.program().await;
    store.write(Put("acme", Code::SkuUnknown, "MUG", 2)).await.unwrap();
    let handed = store.write(Put("acme", Code::SkuUnknown, "TEE", 3)).await.unwrap();
    let open = store.write(HandOver(handed.clone())).await.unwrap();
    let of = |team: &str, stopped| Open {
        code: "sku_unknown".into(),
        team: team.into(),
        cards: 1,
        stopped,
        proving: 0,
    };
    assert_eq!(open, [of("", 2), of("finance", 3)]);
    let cards = all(&store, "acme", Order::Oldest).await;
    let with = |team: Owner| {
        let its = cards.iter().filter(|card| card.card.team == team);
        its.map(|card| card.id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(with(Owner::Finance), [&handed]);
    assert_eq!(
        with(Owner::Operations).len(),
        1,
        "what was handed over is not theirs any more"
    );
}

struct Members(String, Rank);

impl Unit for Members {
    type Output = Vec<Member>;
    const NAME: &'static str = "members";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Member>, UnitError> {
        board::members(tx, &self.0, &self.1, 2).await
    }
}

/// All records of a card, by pages of two.
pub async fn all_members(store: &Store, card: &str) -> Vec<Member> {
    let (mut after, mut seen) = (Member::start(), Vec::new());
    loop {
        let page = store.read(Members(card.to_owned(), after)).await.unwrap();
        let Some(last) = page.last() else { return seen };
        after = last.rank();
        seen.extend(page);
        assert!(seen.len() <= 100, "it comes to no end");
    }
}

async fn every_record_of_a_card_is_on_one_page(bench: Bench) {
    let store = bench.program().await;
    let card = store.write(Put("acme", Code::SkuUnknown, "MUG", 10)).await.unwrap();
    store.write(Put("acme", Code::SkuUnknown, "TEE", 4)).await.unwrap();
    let members = all_members(&store, &card).await;
    let seen: Vec<_> = members.into_iter().map(|member| (member.journey, member.effect)).collect();
    let all: Vec<(String, String)> = (0..10).map(|n| (format!("J{}", n / 3), format!("R{}", n % 3))).collect();
    assert_eq!(seen, all);
}
