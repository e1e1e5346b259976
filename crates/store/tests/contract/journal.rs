//! Keys and the journal, on the program's own tables.

use std::collections::BTreeMap;

use ct_merkle::{InclusionProof, RootHash};
use sha2::Sha256;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Broken, Commitment, Content, Kept, Line, SealJournal, VerifyError};
use tallyman_store::keys::{self, KeyState};
use tallyman_store::seal::{MasterKeys, SubjectKey, Wrapped};
use tallyman_store::{Store, Tx, Unit, UnitError, Value, params};

use crate::kit::{Ask, Bench, Counting, Do};
use crate::on_every_store;

on_every_store! {
    a_sealed_journal_verifies_and_proves_its_lines,
    what_is_altered_is_found,
    after_erasing_a_subject_the_chain_verifies_and_the_content_is_gone,
    a_subject_has_one_key,
    keys_are_loaded_some_with_each_statement,
    sealers_that_meet_number_each_line_once,
}

const NOW: Timestamp = Timestamp::from_micros(1_793_318_400_000_000);

struct Lines {
    from: i64,
    to: i64,
}

impl Unit for Lines {
    type Output = ();
    const NAME: &'static str = "write lines";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for number in self.from..self.to {
            let content = format!("line {number}");
            journal::write(
                tx,
                &Line {
                    company: "acme",
                    at: Timestamp::from_micros(NOW.micros() + number),
                    actor: "person-7",
                    kind: "test",
                    subject: "journey-1",
                    commitment: Commitment::open(content.as_bytes()),
                    content: Content::Open(&content),
                },
            )
            .await?;
        }
        Ok(())
    }
}

fn seal(limit: u32) -> SealJournal {
    SealJournal {
        company: "acme".to_owned(),
        now: NOW,
        limit,
    }
}

async fn a_sealed_journal_verifies_and_proves_its_lines(bench: Bench) {
    let store = bench.program().await;
    assert_eq!(journal::verify(&store, "acme").await.unwrap().lines, 0);
    store.write(Lines { from: 0, to: 300 }).await.unwrap();
    let run = store.write(seal(299)).await.unwrap();
    assert_eq!((run.sealed, run.more), (299, true));
    let old = journal::verify(&store, "acme").await.unwrap();
    assert_eq!(old.open, 1, "what is not sealed is said, and not passed for verified");
    store.write(Lines { from: 300, to: 1_100 }).await.unwrap();
    while store.write(seal(500)).await.unwrap().more {}
    let commits = store.commits();
    assert_eq!(store.write(seal(500)).await.unwrap().sealed, 0);
    assert_eq!(store.commits(), commits, "a sealer that finds nothing wakes nobody");

    let new = journal::verify(&store, "acme").await.unwrap();
    assert_eq!((old.lines, new.lines, new.open), (299, 1_100, 0));
    let root = |verified: journal::Verified| RootHash::<Sha256>::new(verified.root.into(), verified.lines);
    for (sequence, verified) in [(0, old), (298, old), (0, new), (255, new), (256, new), (1_099, new)] {
        let proof = store.read(prove(sequence, Some(verified.lines))).await.unwrap();
        assert!(proof.holds());
        assert_eq!(
            (proof.root, proof.bytes()),
            (verified.root, hashed_bytes(&store, sequence).await)
        );
        let path = InclusionProof::try_from_bytes(proof.path.concat()).unwrap();
        root(verified).verify_inclusion(&proof.bytes(), sequence, &path).unwrap();
    }
    let today = store.read(prove(298, None)).await.unwrap();
    assert_eq!((today.lines, today.root), (new.lines, new.root));

    store.read(prove(5, Some(5_000))).await.unwrap_err();
    store.read(prove(1_100, None)).await.unwrap_err();
}

fn prove(sequence: u64, lines: Option<u64>) -> journal::ProveLine {
    journal::ProveLine {
        company: "acme".to_owned(),
        sequence,
        lines,
    }
}

/// The bytes of a line as an auditor would put them together from its columns.
async fn hashed_bytes(store: &Store, sequence: u64) -> Vec<u8> {
    let before = match sequence {
        0 => [0; 32],
        _ => {
            let link = Ask(
                "select link from journal_line where sequence = $1",
                vec![Value::Int(sequence as i64 - 1)],
            );
            store.read(link).await.unwrap()[0].get(0).unwrap()
        }
    };
    let line = "select at, actor, kind, subject, commitment from journal_line where sequence = $1";
    let row = &store.read(Ask(line, vec![Value::Int(sequence as i64)])).await.unwrap()[0];
    let line = journal::SealedLine {
        sequence,
        at: row.get(0).unwrap(),
        actor: row.get(1).unwrap(),
        kind: row.get(2).unwrap(),
        subject: row.get(3).unwrap(),
        commitment: row.get(4).unwrap(),
    };
    journal::frozen_bytes("acme", &line, &before)
}

async fn what_is_altered_is_found(bench: Bench) {
    let store = bench.program().await;
    store.write(Lines { from: 0, to: 600 }).await.unwrap();
    store.write(seal(1_000)).await.unwrap();
    let broken = async || match journal::verify(&store, "acme").await {
        Ok(_) => None,
        Err(VerifyError::Broken(broken)) => Some(broken),
        Err(VerifyError::Store(error)) => panic!("{error}"),
    };
    assert_eq!(broken().await, None);
    for (alter, put_back, found) in [
        (
            "update journal_line set actor = 'person-8' where sequence = 70",
            "update journal_line set actor = 'person-7'",
            Broken::Line(70),
        ),
        (
            "update journal_line set at = at + 1 where sequence = 0",
            "update journal_line set at = at - 1 where sequence = 0",
            Broken::Line(0),
        ),
        (
            "update journal_line set sequence = 5000 where sequence = 80",
            "update journal_line set sequence = 80 where sequence = 5000",
            Broken::Beyond,
        ),
        (
            "update journal_node set place = 7 where place = 1",
            "update journal_node set place = 1 where place = 7",
            Broken::Node(512),
        ),
        (
            "update journal_head set lines = 599",
            "update journal_head set lines = 600",
            Broken::Head,
        ),
    ] {
        store.write(Do(alter, vec![])).await.unwrap();
        let what = match broken().await {
            Some(what) => what,
            None => panic!("not found: {alter}"),
        };
        assert_eq!(what, found, "{alter}");
        store.write(Do(put_back, vec![])).await.unwrap();
        assert_eq!(broken().await, None, "{put_back}");
    }
    assert!(store.read(prove(70, None)).await.unwrap().holds());
    let alter = "update journal_line set actor = 'person-8' where sequence = 70";
    store.write(Do(alter, vec![])).await.unwrap();
    assert!(!store.read(prove(70, None)).await.unwrap().holds());
    let put_back = "update journal_line set actor = 'person-7'";
    store.write(Do(put_back, vec![])).await.unwrap();
    let drop_line = "delete from journal_line where sequence = 300";
    store.write(Do(drop_line, vec![])).await.unwrap();
    assert_eq!(broken().await, Some(Broken::Missing(300)));
}

struct CreateKey(Wrapped);

impl Unit for CreateKey {
    type Output = ();
    const NAME: &'static str = "create key";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        keys::create(tx, "acme", "journey-1", &self.0, NOW).await
    }
}

struct LoadKey;

impl Unit for LoadKey {
    type Output = KeyState;
    const NAME: &'static str = "load key";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<KeyState, UnitError> {
        keys::load(tx, "acme", "journey-1").await
    }
}

/// Keys of this many subjects, of whom one is erased; then those of as many names of which some are none, one of them twice.
struct ManyKeys(Wrapped, usize);

impl Unit for ManyKeys {
    type Output = BTreeMap<String, KeyState>;
    const NAME: &'static str = "many keys";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        for number in 0..self.1 {
            keys::create(tx, "acme", &format!("journey-{number:03}"), &self.0, NOW).await?;
        }
        keys::destroy(tx, "acme", "journey-003", NOW).await?;
        let names: Vec<String> = (2..self.1 + 2)
            .chain([5])
            .map(|number| format!("journey-{number:03}"))
            .collect();
        keys::load_all(tx, "acme", names.iter().map(String::as_str)).await
    }
}

struct NoKeys;

impl Unit for NoKeys {
    type Output = BTreeMap<String, KeyState>;
    const NAME: &'static str = "no keys";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        keys::load_all(tx, "acme", []).await
    }
}

struct ListKeys(&'static str, &'static str);

impl Unit for ListKeys {
    type Output = Vec<keys::Kept>;
    const NAME: &'static str = "list keys";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        keys::list(tx, (self.0, self.1), 10).await
    }
}

struct Rewrap(keys::Kept, Wrapped);

impl Unit for Rewrap {
    type Output = bool;
    const NAME: &'static str = "rewrap";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        keys::rewrap(tx, &self.0, &self.1).await
    }
}

struct WriteSealed(journal::Commitment, tallyman_store::seal::Sealed);

impl Unit for WriteSealed {
    type Output = ();
    const NAME: &'static str = "write a sealed line";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let (commitment, content) = (self.0, Content::Sealed(&self.1));
        let line = Line {
            company: "acme",
            at: NOW,
            actor: "person-7",
            kind: "amended",
            subject: "journey-1",
            commitment,
            content,
        };
        journal::write(tx, &line).await
    }
}

struct Erase;

impl Unit for Erase {
    type Output = bool;
    const NAME: &'static str = "erase";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        journal::erase(tx, "acme", "journey-1", "retention", NOW).await
    }
}

async fn after_erasing_a_subject_the_chain_verifies_and_the_content_is_gone(bench: Bench) {
    let store = bench.program().await;
    let masters = MasterKeys::new(1, [9; 32]);
    let rng = &mut Counting(0);
    let key = SubjectKey::draw(rng);
    store
        .write(CreateKey(masters.wrap("acme", "journey-1", &key, rng)))
        .await
        .unwrap();

    let content = b"1 High Street became 2 High Street";
    let sealed = key.seal(journal::content_place("journey-1"), content, rng);
    store
        .write(WriteSealed(Commitment::under(&key, content), sealed))
        .await
        .unwrap();
    store.write(seal(10)).await.unwrap();
    let before = journal::verify(&store, "acme").await.unwrap();

    let kept = |rows: Vec<tallyman_store::Row>| Kept::from_stored(rows[0].get(0).unwrap());
    let sql = "select content from journal_line order by id limit 1";
    let Kept::Sealed(stored) = kept(store.read(Ask(sql, vec![])).await.unwrap()) else {
        panic!("it was sealed")
    };
    let KeyState::Held(wrapped) = store.read(LoadKey).await.unwrap() else {
        panic!("there is a key")
    };
    let loaded = masters.unwrap("acme", "journey-1", &wrapped).unwrap();
    let opened = loaded.open(journal::content_place("journey-1"), &stored).unwrap();
    assert_eq!(opened.as_slice(), content);
    assert_eq!(Commitment::under(&loaded, &opened), Commitment::under(&key, content));

    assert!(store.write(Erase).await.unwrap());
    assert!(!store.write(Erase).await.unwrap());
    store.write(seal(10)).await.unwrap();
    assert_eq!(store.read(LoadKey).await.unwrap(), KeyState::Destroyed { at: NOW });
    let after = journal::verify(&store, "acme").await.unwrap();
    assert_eq!((before.lines, after.lines), (1, 2));
    let held = store
        .read(Ask(
            "select subject from subject_key where wrapped is not null",
            params![].to_vec(),
        ))
        .await
        .unwrap();
    assert!(held.is_empty());
}

async fn a_subject_has_one_key(bench: Bench) {
    let store = bench.program().await;
    let masters = MasterKeys::new(1, [9; 32]);
    let rng = &mut Counting(0);
    let wrapped = masters.wrap("acme", "journey-1", &SubjectKey::draw(rng), rng);
    let other = masters.wrap("acme", "journey-1", &SubjectKey::draw(rng), rng);
    assert_eq!(store.read(LoadKey).await.unwrap(), KeyState::Absent);
    store.write(CreateKey(wrapped.clone())).await.unwrap();
    store.write(CreateKey(wrapped.clone())).await.unwrap();
    assert!(matches!(
        store.write(CreateKey(other.clone())).await,
        Err(UnitError::Conflict(_))
    ));
    assert_eq!(store.read(LoadKey).await.unwrap(), KeyState::Held(wrapped.clone()));

    let kept = |wrapped: &Wrapped| keys::Kept {
        company: "acme".to_owned(),
        subject: "journey-1".to_owned(),
        wrapped: wrapped.clone(),
    };
    assert_eq!(store.read(ListKeys("", "")).await.unwrap(), [kept(&wrapped)]);
    assert_eq!(store.read(ListKeys("abel", "journey-9")).await.unwrap(), [kept(&wrapped)]);
    assert_eq!(store.read(ListKeys("acme", "journey-1")).await.unwrap(), []);
    assert!(store.write(Rewrap(kept(&wrapped), other.clone())).await.unwrap());
    assert!(!store.write(Rewrap(kept(&wrapped), other.clone())).await.unwrap());
    store.write(Erase).await.unwrap();
    assert!(!store.write(Rewrap(kept(&other), wrapped.clone())).await.unwrap());
    assert_eq!(store.read(ListKeys("", "")).await.unwrap(), []);
    assert!(matches!(store.write(CreateKey(other)).await, Err(UnitError::Refused(_))));
}

async fn keys_are_loaded_some_with_each_statement(bench: Bench) {
    let store = bench.program().await;
    let rng = &mut Counting(0);
    let wrapped = MasterKeys::new(1, [9; 32]).wrap("acme", "journey-1", &SubjectKey::draw(rng), rng);
    let found = store.write(ManyKeys(wrapped.clone(), 70)).await.unwrap();
    assert_eq!(found.len(), 68, "from 2 to 69: {:?}", found.keys());
    assert_eq!(found["journey-003"], KeyState::Destroyed { at: NOW });
    let others = found.iter().filter(|(name, _)| *name != "journey-003");
    assert!(others.map(|(_, key)| key).all(|key| *key == KeyState::Held(wrapped.clone())));
    assert_eq!(store.read(NoKeys).await.unwrap(), BTreeMap::new());
}

async fn sealers_that_meet_number_each_line_once(bench: Bench) {
    let store = bench.program().await;
    let writing = (0..8).map(|batch| {
        store.write(Lines {
            from: batch * 20,
            to: batch * 20 + 20,
        })
    });
    let sealing = (0..8).map(|_| store.write(seal(7)));
    let (written, sealed) = tokio::join!(
        futures_util::future::join_all(writing),
        futures_util::future::join_all(sealing)
    );
    written.into_iter().for_each(Result::unwrap);
    sealed.into_iter().for_each(|run| assert!(run.unwrap().sealed <= 7));
    while store.write(seal(50)).await.unwrap().more {}
    assert_eq!(journal::verify(&store, "acme").await.unwrap().lines, 160);
}
