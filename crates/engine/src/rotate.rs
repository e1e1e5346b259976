//! A new master key: every subject's key is wrapped again under it, so that the old one is no longer needed.
//!
//! In bounded units, each with its lines in the journal. It may be broken off anywhere and run again: what is wrapped under the
//! newest master key is passed over. What was sealed is not touched, since the subjects' own keys stay as they are.

use std::collections::BTreeMap;

use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act, Change};
use tallyman_store::keys::{self, Kept};
use tallyman_store::seal::Wrapped;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::vault::Vault;

/// Keys read, and wrapped, in one unit.
const PAGE: u32 = 500;

/// The kind of the journal's lines.
const ROTATED: &str = "keys_rewrapped";

/// How far it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Keys that were looked at.
    pub seen: u64,
    /// Keys that were wrapped again.
    pub rewrapped: u64,
}

/// Wraps every key that is under an older master key again under the newest. `progress` is told after each unit.
pub async fn rotate(
    store: &Store,
    vault: &Vault,
    actor: &str,
    now: impl Fn() -> Timestamp,
    mut progress: impl FnMut(Rotated),
) -> Result<Rotated, UnitError> {
    let mut rotated = Rotated::default();
    let mut after = (String::new(), String::new());
    loop {
        let page = store.read(Page { after: after.clone() }).await?;
        let Some(last) = page.last() else { return Ok(rotated) };
        after = (last.company.clone(), last.subject.clone());
        rotated.seen += page.len() as u64;
        let mut keys = Vec::new();
        for key in page {
            if let Some(new) = vault.rewrap(&key.company, &key.subject, &key.wrapped)? {
                keys.push((key, new));
            }
        }
        if !keys.is_empty() {
            let rewrap = Rewrap {
                keys,
                master: vault.master(),
                actor: actor.to_owned(),
                now: now(),
            };
            rotated.rewrapped += store.write(rewrap).await?;
        }
        progress(rotated);
    }
}

struct Page {
    after: (String, String),
}

impl Unit for Page {
    type Output = Vec<Kept>;
    const NAME: &'static str = "keys_page";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Kept>, UnitError> {
        keys::list(tx, (&self.after.0, &self.after.1), PAGE).await
    }
}

struct Rewrap {
    keys: Vec<(Kept, Wrapped)>,
    master: u32,
    actor: String,
    now: Timestamp,
}

impl Unit for Rewrap {
    /// How many were wrapped again.
    type Output = u64;
    const NAME: &'static str = "rewrap_keys";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        let mut counts: BTreeMap<(&str, Option<u32>), u64> = BTreeMap::new();
        for (key, new) in &self.keys {
            if keys::rewrap(tx, key, new).await? {
                *counts.entry((&key.company, key.wrapped.master())).or_default() += 1;
            }
        }
        for ((company, older), count) in &counts {
            let before = older.map(|number| format!("master key {number}"));
            let after = format!("master key {}", self.master);
            let act = Act {
                company,
                at: self.now,
                actor: &self.actor,
                kind: ROTATED,
                subject: "master-key",
                what: &format!("{count} keys were wrapped again under {after}"),
                change: Change {
                    before: before.as_deref(),
                    after: Some(&after),
                },
            };
            act.write(tx).await?;
        }
        Ok(counts.values().sum())
    }
}

#[cfg(test)]
mod tests {
    use tallyman_core::seam::Rng;
    use tallyman_store::journal;
    use tallyman_store::keys::KeyState;
    use tallyman_store::seal::{MasterKeys, Place};

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_340_000_000_000);
    const PLACE: Place<'_> = Place {
        table: "journey",
        row: "one",
        field: "body",
    };

    /// Counts, so that a test has the same keys each time.
    struct Counting(u8);

    impl Rng for Counting {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    fn vault(masters: MasterKeys) -> Vault {
        Vault::new(masters, Box::new(Counting(0)))
    }

    struct Create(Vec<Kept>);

    impl Unit for Create {
        type Output = ();
        const NAME: &'static str = "test_create";

        async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
            for key in &self.0 {
                keys::create(tx, &key.company, &key.subject, &key.wrapped, NOW).await?;
            }
            Ok(())
        }
    }

    struct Load(&'static str, &'static str);

    impl Unit for Load {
        type Output = (KeyState, Vec<journal::Written>);
        const NAME: &'static str = "test_load";

        async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
            let key = keys::load(tx, self.0, self.1).await?;
            Ok((key, journal::of_subject(tx, self.0, "master-key").await?))
        }
    }

    fn drawn(vault: &Vault, company: &str, count: u32) -> Vec<Kept> {
        let one = |number| {
            let subject = format!("journey-{number:04}");
            let (_, wrapped) = vault.draw(company, &subject);
            Kept {
                company: company.to_owned(),
                subject,
                wrapped,
            }
        };
        (0..count).map(one).collect()
    }

    #[tokio::test]
    async fn every_key_opens_under_the_new_master_key_alone_and_what_was_sealed_still_opens() {
        let store = Store::memory().unwrap();
        let old = vault(MasterKeys::new(1, [1; 32]));
        let (key, wrapped) = old.draw("acme", "one");
        let sealed = old.seal(&key, PLACE, b"1 High Street");
        let (company, subject) = ("acme".to_owned(), "one".to_owned());
        let mut all = vec![Kept {
            company,
            subject,
            wrapped,
        }];
        all.extend(drawn(&old, "acme", 600));
        all.extend(drawn(&old, "best", 600));
        store.write(Create(all)).await.unwrap();

        let both = vault(MasterKeys::new(2, [2; 32]).with_older(1, [1; 32]));
        let rotated = rotate(&store, &both, "person-7", || NOW, |_| {}).await.unwrap();
        assert_eq!((rotated.seen, rotated.rewrapped), (1_201, 1_201));

        let new = vault(MasterKeys::new(2, [2; 32]));
        let (KeyState::Held(wrapped), told) = store.read(Load("acme", "one")).await.unwrap() else {
            panic!("the key is there")
        };
        let opened = new.unwrap("acme", "one", &wrapped).unwrap();
        assert_eq!(
            new.open(&opened, PLACE, sealed.as_bytes().to_vec()).unwrap(),
            b"1 High Street"
        );
        assert!(told.iter().all(|line| line.kind == ROTATED && line.actor == "person-7"));
        assert_eq!(told.len(), 2, "601 keys are two units");
        for line in &told {
            let Some(journal::Kept::Open(text)) = &line.content else {
                panic!("it is told in the open")
            };
            let told = journal::Told::read(text);
            let (before, after) = (told.before.as_deref(), told.after.as_deref());
            assert_eq!((before, after), (Some("master key 1"), Some("master key 2")));
            assert_eq!(line.at, NOW.micros());
        }
        let (KeyState::Held(last), _) = store.read(Load("best", "journey-0599")).await.unwrap() else {
            panic!("the key is there")
        };
        new.unwrap("best", "journey-0599", &last).unwrap();
    }

    #[tokio::test]
    async fn broken_off_it_goes_on_from_where_it_was_and_then_finds_nothing_to_do() {
        let store = Store::memory().unwrap();
        let old = vault(MasterKeys::new(1, [1; 32]));
        let all = drawn(&old, "acme", 700);
        store.write(Create(all.clone())).await.unwrap();

        let both = vault(MasterKeys::new(2, [2; 32]).with_older(1, [1; 32]));
        let rewrapped = |key: &Kept| (key.clone(), both.rewrap("acme", &key.subject, &key.wrapped).unwrap().unwrap());
        let first_unit = Rewrap {
            keys: all.iter().take(500).map(rewrapped).collect(),
            master: 2,
            actor: "person-7".into(),
            now: NOW,
        };
        assert_eq!(store.write(first_unit).await.unwrap(), 500);
        let mut said = Vec::new();
        let rest = rotate(&store, &both, "person-7", || NOW, |far| said.push(far.seen))
            .await
            .unwrap();
        assert_eq!((rest.seen, rest.rewrapped), (700, 200));
        assert_eq!(said, [500, 700]);
        let commits = store.commits();
        let again = rotate(&store, &both, "person-7", || NOW, |_| {}).await.unwrap();
        assert_eq!((again.rewrapped, store.commits()), (0, commits), "nothing is written");
    }

    #[tokio::test]
    async fn without_the_old_master_key_nothing_is_changed() {
        let store = Store::memory().unwrap();
        let old = vault(MasterKeys::new(1, [1; 32]));
        store.write(Create(drawn(&old, "acme", 3))).await.unwrap();
        let new = vault(MasterKeys::new(2, [2; 32]));
        let error = rotate(&store, &new, "person-7", || NOW, |_| {}).await.unwrap_err();
        assert!(error.to_string().contains("master key number 1 is needed"), "{error}");
        let (KeyState::Held(kept), told) = store.read(Load("acme", "journey-0000")).await.unwrap() else {
            panic!("the key is there")
        };
        old.unwrap("acme", "journey-0000", &kept).unwrap();
        assert!(told.is_empty());
    }
}
