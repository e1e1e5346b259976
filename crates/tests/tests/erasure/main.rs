//! A customer is erased: nothing of them is left in the store, the story or the logs, and the journal still verifies.
//!
//! Real orders travel on the twin first, with losses, over-long addresses and refusals that name the customer, so that every table has
//! had its chance to keep a name where none should be. Before anything is erased no address may be found in plain anywhere; afterwards the keys that
//! opened them must be gone as well. The file of SQLite is searched byte by byte; PostgreSQL, whose files are the server's, row by
//! row.

mod kept;
mod scene;

use tallyman::commands::{exceptions, journey};
use tallyman_core::access::{Actor, Right};
use tallyman_core::amendment::{Amendment, Field};
use tallyman_core::finding::Code;
use tallyman_core::ruling::{Ruling, Said};
use tallyman_engine::amend::{self, Wanted};
use tallyman_engine::person::{self, Erase};
use tallyman_engine::ruling::{Decide, Of, decide};
use tallyman_engine::{status, story, told};
use tallyman_store::journal::{self, SealJournal};
use tallyman_tests::leave::{leave, of_card};

use kept::{Customer, Raw, customers, key_of};
use scene::{Quoted, Scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_erased_from_a_file_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::open(&folder, "\"tallyman.db\"", None).await;
    let raw = Raw::File(folder.path().to_owned());
    let needles = a_customer_is_erased(&scene, &raw).await;
    // Closing folds the log into the file: what is left is what a thief of the disk would find.
    drop(scene);
    raw.holds_none_of(&needles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_erased_from_postgresql() {
    let Some((url, schema)) = scene::fresh_schema("erasure").await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("database"), &url).unwrap();
    let scene = Scene::open(&folder, "{ file = \"database\" }", Some(&schema)).await;
    let raw = Raw::Rows { url, schema };
    let needles = a_customer_is_erased(&scene, &raw).await;
    drop(scene);
    raw.holds_none_of(&needles).await;
}

/// Gives what must be found nowhere.
async fn a_customer_is_erased(scene: &Scene, raw: &Raw) -> Vec<(String, Vec<u8>)> {
    scene.run_until_quiet().await;
    let store = &scene.parts.store;
    let everybody = customers(scene).await;
    let figures = store.read(status::AskStatus).await.unwrap();
    assert!(figures.journeys.get("complete").copied().unwrap_or(0) >= 4, "{figures:?}");
    assert!(figures.exceptions.contains_key("address_too_long"), "{figures:?}");

    // Before: everything is sealed, vendors' words too, so nobody's name is in plain anywhere.
    let mut needles: Vec<(String, Vec<u8>)> = Vec::new();
    for customer in &everybody {
        needles.extend(
            customer
                .words
                .iter()
                .map(|(field, word)| (format!("a {field}"), word.clone().into_bytes())),
        );
    }
    let amended = amended(scene, &everybody).await;
    needles.push(("an amendment".into(), AMENDED.as_bytes().to_vec()));
    let declined = declined(scene, &everybody, &amended).await;
    needles.push(("a reason".into(), DECIDED.as_bytes().to_vec()));
    let figures = store.read(status::AskStatus).await.unwrap();
    assert!(needles.len() > 30);
    raw.holds_none_of(&needles).await;

    // Who has the key is shown whom the warehouse named, in the story and under the one card that both refusals share.
    let (refused, doubted) = scene.quoted();
    let refused: Vec<&Customer> = refused.iter().map(|quoted| named(&everybody, quoted)).collect();
    let customer = named(&everybody, &doubted);
    assert!(customer.complete, "what was in doubt came through");
    for customer in refused.iter().copied().chain([customer]) {
        let told = story_of(scene, &customer.journey).await;
        assert!(told.contains(&customer.name) && told.contains(&customer.postcode), "{told}");
    }
    let shown = refusals(scene).await;
    assert_eq!(shown.len(), 1, "one kind of refusal, one card: {shown:?}");
    let says = |shown: &[String], customer: &Customer| shown.iter().any(|card| card.contains(&customer.name));
    assert!(refused.iter().all(|customer| says(&shown, customer)), "{shown:?}");

    // One customer whose order is complete and one whose order was refused ask to be forgotten, and are found by their own words.
    let mut found: Vec<person::Match> = Vec::new();
    for customer in [customer, refused[0]] {
        let theirs = person::find(store, &scene.parts.vault, &customer.phone.to_uppercase(), |_| ())
            .await
            .unwrap();
        let own = theirs.iter().find(|one| one.order.journey == customer.journey);
        let who = &own.expect("found by telephone number").who;
        assert_eq!((&who.name, &who.postcode), (&customer.name, &customer.postcode));
        let orders = theirs.into_iter().map(|one| one.order);
        found.extend(orders.filter(|one| !found.contains(one)).collect::<Vec<_>>());
    }
    for one in [&amended, &declined] {
        if !found.contains(one) {
            found.push(one.clone());
        }
    }
    let keys = keys_of(scene, &found).await;
    let erase = Erase {
        journeys: found.clone(),
        actor: Actor::terminal("data-protection"),
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
        tells_no_address(scene, one, &everybody).await;
        verifies_with_the_erasure(scene, &one.company, &one.journey).await;
    }
    // That something was amended stays told, and not what.
    let open = leave("ann", Right::Open, &amended.company);
    let told = amend::told(store, (&scene.parts.vault, &open), (&amended.company, &amended.journey))
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
    assert!(told[0].stored.field == "contact" && told[0].amendment.is_none() && told[0].came.is_none());
    // That it was declined, and by whom, stays as its proof; why is gone with its key.
    let ruling = scene
        .parts
        .store
        .read(kept::RulingOf(declined.journey.clone()))
        .await
        .unwrap();
    assert_eq!(
        ruling,
        ("declined".to_owned(), "ann".to_owned(), true),
        "its reason is still there"
    );
    let shown = refusals(scene).await;
    assert!(!says(&shown, refused[0]) && says(&shown, refused[1]), "{shown:?}");
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
    needles
}

/// What somebody puts in the place of a field: nobody's words but theirs.
const AMENDED: &str = "Wilhelmina Quackenbush";

/// An order that stands still, of which a person has amended a field; who has the key is told what.
async fn amended(scene: &Scene, everybody: &[Customer]) -> person::Match {
    let (store, vault) = (&scene.parts.store, &scene.parts.vault);
    let now = scene.parts.clock.now();
    let amendment = Amendment::new(Field::Contact, AMENDED, "ann", "they ask for it", now).unwrap();
    for customer in everybody {
        let id = person::ById {
            journey: customer.journey.clone(),
        };
        let one = store.read(id).await.unwrap().expect("it is there");
        let (act, open) = (
            leave("ann", Right::Act, &one.company),
            leave("ann", Right::Open, &one.company),
        );
        let wanted = Wanted {
            company: &one.company,
            journey: &one.journey,
            shipment: "",
            amendment: &amendment,
            permit: &act,
        };
        if amend::amend(store, vault, wanted).await.is_ok() {
            let told = amend::told(store, (vault, &open), (&one.company, &one.journey))
                .await
                .unwrap();
            assert_eq!(
                told[0].amendment.as_ref().and_then(|said| said.value.as_deref()),
                Some(AMENDED)
            );
            return one;
        }
    }
    panic!("no order stands still as a whole");
}

/// Why somebody declines an order: nobody's words but theirs.
const DECIDED: &str = "Ottoline Featherstonehaugh telephoned";

/// An order that stands still, and that its card's owner declines; who has the key is told why.
async fn declined(scene: &Scene, everybody: &[Customer], amended: &person::Match) -> person::Match {
    let (store, vault) = (&scene.parts.store, &scene.parts.vault);
    let said = Said {
        ruling: Ruling::Declined,
        document: None,
        change: None,
        agreed: true,
        reason: DECIDED.into(),
    };
    for card in store
        .read(status::AskCards {
            code: Code::AddressTooLong,
        })
        .await
        .unwrap()
    {
        for customer in everybody.iter().filter(|customer| customer.journey != amended.journey) {
            let wanted = Decide {
                card: &card.id,
                seen: None,
                of: Of::Order(customer.journey.clone()),
                said: &said,
                permit: &of_card(store, "ann", Right::Act, &card.id).await,
                routes: &std::collections::BTreeMap::new(),
                records_max: 1,
                now: scene.parts.clock.now(),
            };
            if decide((store, vault), &wanted).await.is_ok() {
                let told = story_of(scene, &customer.journey).await;
                assert!(told.contains(DECIDED), "{told}");
                let id = person::ById {
                    journey: customer.journey.clone(),
                };
                return store.read(id).await.unwrap().expect("it is there");
            }
        }
    }
    panic!("no other order stands still as a whole");
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

async fn story_of(scene: &Scene, journey: &str) -> String {
    let id = person::ById { journey: journey.into() };
    let one = scene.parts.store.read(id).await.unwrap().expect("it is there");
    let stories = story::tell(
        &scene.parts.store,
        &scene.parts.vault,
        &Actor::terminal("ann"),
        &one.reference,
    )
    .await
    .unwrap();
    let is_it = |story: &&story::Story| story.journey.id.as_str() == journey;
    let story = stories.iter().find(is_it).expect("it is found by its reference");
    let told = journey::tell(story, &scene.parts.merchants[0].zone);
    let goes_on = told.contains("ordered") || told.contains("stopped before anything was written") || told.contains("declined");
    assert!(goes_on && told.contains(&one.reference), "{told}");
    told
}

/// What `tallyman exceptions show` says of each card of a refusal.
async fn refusals(scene: &Scene) -> Vec<String> {
    let parts = &scene.parts;
    let mut shown = Vec::new();
    for card in parts.store.read(status::AskCards { code: Code::Refused }).await.unwrap() {
        let members = told::members(&parts.store, &parts.vault, &card, 100).await.unwrap();
        shown.push(exceptions::tell(&card, &members, &|at| at.to_string()));
    }
    shown
}

/// The customer that the warehouse has named.
fn named<'a>(everybody: &'a [Customer], quoted: &Quoted) -> &'a Customer {
    let is_it = |customer: &&Customer| customer.name == quoted.name && customer.postcode == quoted.postcode;
    everybody.iter().find(is_it).expect("the warehouse names customers")
}

async fn tells_no_address(scene: &Scene, one: &person::Match, everybody: &[Customer]) {
    let told = story_of(scene, &one.journey).await;
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
    // Who did it, when, and what is not there any more: that much stays told of what can be read no longer.
    let lines = kept::journal_of(scene, company, journey).await;
    let erased: Vec<_> = lines.iter().filter(|line| line.kind == journal::ERASED).collect();
    let [line] = erased.as_slice() else {
        panic!("an order is erased once: {lines:?}")
    };
    let Some(journal::Kept::Open(text)) = &line.content else {
        panic!("it is told in the open: {line:?}")
    };
    let told = journal::Told::read(text);
    assert_eq!((told.before.as_deref(), told.after), (Some("kept"), None), "{line:?}");
    assert_eq!(line.actor, Actor::terminal("data-protection").journalled());
    assert!(line.at > 0 && line.at <= scene.parts.clock.now().micros(), "{line:?}");
}
