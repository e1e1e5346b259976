//! A customer is erased: nothing of them is left in the store, the story or the logs, and the journal still verifies.
//!
//! Real orders travel on the twin first, with losses, refusals and over-long addresses, so that every table has had its chance to
//! keep a name where none should be. Before anything is erased no address may be found in plain anywhere; afterwards the keys that
//! opened them must be gone as well. The file of SQLite is searched byte by byte; PostgreSQL, whose files are the server's, row by
//! row.

mod kept;
mod scene;

use tallyman::commands::journey;
use tallyman_engine::person::{self, Erase};
use tallyman_engine::{status, story};
use tallyman_store::journal::{self, SealJournal};

use kept::{Customer, customers, key_of};
use scene::Scene;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_erased_from_a_file_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::open(&folder, "\"tallyman.db\"", None).await;
    let erased = a_customer_is_erased(&scene).await;
    // Closing folds the log into the file: what is left is what a thief of the disk would find.
    drop(scene);
    let files = kept::files(folder.path(), "tallyman.db");
    assert!(files.iter().any(|(_, bytes)| bytes.len() > 100_000), "the file was not found");
    for (name, bytes) in &files {
        for (what, needle) in &erased.needles {
            assert!(!kept::holds(bytes, needle), "{name} holds {what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_erased_from_postgresql() {
    let Some((url, schema)) = scene::fresh_schema("erasure").await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("database"), &url).unwrap();
    let scene = Scene::open(&folder, "{ file = \"database\" }", Some(&schema)).await;
    let erased = a_customer_is_erased(&scene).await;
    drop(scene);
    let rows = kept::rows(&url, &schema).await;
    assert!(rows.iter().any(|row| row.starts_with("journey")), "no row was read");
    for row in &rows {
        for (what, needle) in &erased.needles {
            let plain = String::from_utf8_lossy(needle);
            let hex: String = needle.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(!row.contains(&*plain) && !row.contains(&hex), "a row holds {what}: {row}");
        }
    }
}

/// What must be found nowhere.
struct Erased {
    needles: Vec<(String, Vec<u8>)>,
}

async fn a_customer_is_erased(scene: &Scene) -> Erased {
    scene.run_until_quiet().await;
    let store = &scene.parts.store;
    let everybody = customers(scene).await;
    let figures = store.read(status::AskStatus).await.unwrap();
    assert!(figures.journeys.get("complete").copied().unwrap_or(0) >= 4, "{figures:?}");
    assert!(figures.exceptions.contains_key("address_too_long"), "{figures:?}");

    // Before: everything is sealed, so nobody's name is in plain anywhere.
    let mut needles: Vec<(String, Vec<u8>)> = Vec::new();
    for customer in &everybody {
        needles.extend(
            customer
                .words
                .iter()
                .map(|(field, word)| (format!("a {field}"), word.clone().into_bytes())),
        );
    }
    assert!(needles.len() > 30);
    for (name, bytes) in kept::files(scene.folder(), "tallyman.db") {
        for (what, needle) in &needles {
            assert!(
                !kept::holds(&bytes, needle),
                "{name} holds {what} in plain before anything is erased"
            );
        }
    }

    // The customer whose order is complete asks to be forgotten, and is found by their own words.
    let customer = everybody
        .iter()
        .find(|customer| customer.complete)
        .expect("an order is complete");
    let found = person::find(store, &scene.parts.vault, &customer.phone.to_uppercase(), |_| ())
        .await
        .unwrap();
    assert!(
        found.iter().any(|one| one.journey == customer.journey),
        "not found by telephone number"
    );
    let keys = keys_of(scene, &found).await;
    for one in &found {
        tells_no_address(scene, one, &everybody, false).await;
    }
    let erase = Erase {
        journeys: found.clone(),
        actor: "data-protection".into(),
        now: scene.parts.clock.now(),
    };
    assert_eq!(store.write(erase).await.unwrap(), found.len() as u64);

    // After: not found, not told, keys and what they sealed gone, the chain whole and longer.
    assert_eq!(
        person::find(store, &scene.parts.vault, &customer.phone, |_| ())
            .await
            .unwrap(),
        []
    );
    for one in &found {
        tells_no_address(scene, one, &everybody, true).await;
        verifies_with_the_erasure(scene, &one.company, &one.journey).await;
    }
    assert_eq!(
        store.read(status::AskStatus).await.unwrap().journeys,
        figures.journeys,
        "figures stay"
    );
    needles.extend(keys);
    let log = scene::logs();
    assert!(kept::holds(&log, scene::HEARD.as_bytes()), "the log was not captured");
    for (what, needle) in &needles {
        assert!(!kept::holds(&log, needle), "the log holds {what}");
    }
    Erased { needles }
}

/// The wrapped keys and what begins each sealed order: as they lie in the store, so as they might be left in it.
async fn keys_of(scene: &Scene, found: &[person::Match]) -> Vec<(String, Vec<u8>)> {
    let mut keys = Vec::new();
    for one in found {
        let (wrapped, document) = key_of(scene, &one.company, &one.journey).await;
        keys.push(("the key that was destroyed".into(), wrapped));
        keys.push(("the sealed order".into(), document[..64].to_vec()));
    }
    keys
}

async fn tells_no_address(scene: &Scene, one: &person::Match, everybody: &[Customer], erased: bool) {
    let stories = story::tell(&scene.parts.store, &scene.parts.vault, &one.reference)
        .await
        .unwrap();
    let is_it = |story: &&story::Story| story.journey.id.as_str() == one.journey;
    let story = stories.iter().find(is_it).expect("it is found by its reference");
    assert_eq!(story.erased, erased);
    let told = journey::tell(story, &scene.parts.merchants[0].zone);
    assert!(told.contains("ordered") && told.contains(&one.reference), "{told}");
    for (field, word) in everybody.iter().flat_map(|customer| &customer.words) {
        assert!(!told.contains(word), "the story tells a {field}:\n{told}");
    }
}

async fn verifies_with_the_erasure(scene: &Scene, company: &str, journey: &str) {
    let store = &scene.parts.store;
    let before = journal::verify(store, company).await.unwrap().lines;
    loop {
        let seal = SealJournal {
            company: company.to_owned(),
            now: scene.parts.clock.now(),
            limit: 1_000,
        };
        if !store.write(seal).await.unwrap().more {
            break;
        }
    }
    let after = journal::verify(store, company).await.unwrap().lines;
    assert!(after > before || before > 0, "the erasure has its line");
    assert!(
        kept::journal_kinds(scene, company, journey)
            .await
            .contains(&journal::ERASED.to_owned())
    );
}
