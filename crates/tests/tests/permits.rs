//! Feeds and the vendor's limit: what nobody waits for is put off, and what is kept for polls is there for them.

use std::time::Duration;

use tallyman::chance::Seeded;
use tallyman_core::ident::Connection;
use tallyman_core::pace::{Gcra, Work};
use tallyman_core::time::Timestamp;
use tallyman_engine::units::{ClaimFeed, GiveBackFeed, SetUp, session_subject};
use tallyman_engine::vault::Vault;
use tallyman_store::Store;
use tallyman_store::seal::MasterKeys;

const LEDGER: &str = "sage200-acme";
const LIMIT: Gcra = Gcra {
    interval: Duration::from_secs(1),
    burst: 6,
};

async fn store(feeds: &[&str]) -> Store {
    let store = Store::memory().unwrap();
    let vault = Vault::new(MasterKeys::new(1, [7; 32]), Box::new(Seeded::new(1, "permits")));
    let (_, wrapped) = vault.draw("acme", &session_subject(LEDGER));
    let set_up = SetUp {
        now: at(0),
        connections: vec![(LEDGER.to_owned(), "acme".to_owned(), wrapped)],
        keys: Vec::new(),
        feeds: feeds.iter().map(|feed| (*feed).to_owned()).collect(),
    };
    store.write(set_up).await.unwrap();
    store
}

fn at(seconds: u32) -> Timestamp {
    Timestamp::from_micros(1_000_000_000).plus(Duration::from_secs(1) * seconds)
}

/// Claims a feed, and gives it back to be due at once; without permits, when it is due again.
async fn claim(store: &Store, feed: &str, work: Work, now: Timestamp) -> Result<(), Timestamp> {
    let claim = ClaimFeed {
        name: feed.to_owned(),
        worker: "worker".to_owned(),
        now,
        until: now.plus(Duration::from_secs(300)),
        permits: Some((Connection::new(LEDGER), LIMIT, work)),
        calls: Some(Connection::new(LEDGER)),
    };
    match store.write(claim).await.unwrap() {
        (Some(held), _) => {
            let back = GiveBackFeed {
                name: feed.to_owned(),
                token: held.token,
                due: now,
                watermark: held.watermark,
                done: Some(now),
            };
            store.write(back).await.unwrap();
            Ok(())
        }
        (None, due) => Err(due.unwrap()),
    }
}

#[tokio::test]
async fn without_a_permit_a_round_is_put_off_and_then_made() {
    let store = store(&["facts", "orders"]).await;
    assert_eq!(claim(&store, "facts", Work::Background, at(0)).await, Ok(()));
    // A burst of six: its own two are spent, and the rest is kept for effects and polls.
    assert_eq!(claim(&store, "facts", Work::Background, at(0)).await, Err(at(2)));
    assert_eq!(claim(&store, "facts", Work::Background, at(1)).await, Err(at(2)));
    assert_eq!(claim(&store, "orders", Work::Poll, at(0)).await, Ok(()));
    // The poll has spent its own two, of which a third of the rate is kept for polls again.
    assert_eq!(claim(&store, "facts", Work::Background, at(2)).await, Err(at(3)));
    assert_eq!(claim(&store, "facts", Work::Background, at(3)).await, Ok(()));
}

#[tokio::test]
async fn a_feed_that_is_not_due_takes_no_permits() {
    let store = store(&["facts"]).await;
    let claim_at = |now: Timestamp| ClaimFeed {
        name: "facts".to_owned(),
        worker: "worker".to_owned(),
        now,
        until: at(300),
        permits: Some((Connection::new(LEDGER), LIMIT, Work::Background)),
        calls: Some(Connection::new(LEDGER)),
    };
    assert!(store.write(claim_at(at(0))).await.unwrap().0.is_some());
    for _ in 0..5 {
        assert!(matches!(store.write(claim_at(at(2))).await.unwrap(), (None, Some(due)) if due == at(300)));
    }
    // Its lease has ended; had the looks at it taken permits, there would be none now.
    assert!(store.write(claim_at(at(300))).await.unwrap().0.is_some());
}
