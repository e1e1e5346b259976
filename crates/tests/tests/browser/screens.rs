//! Every page, in every view: nothing is wrong with it. With `TALLYMAN_TEST_PICTURES` (`cargo xtask screens`) a picture of each is kept.
//!
//! All of them are looked at before anything fails, so what axe-core found is counted over all of them.

use serde_json::json;
use tallyman_core::access::Level;
use tallyman_core::drill::Planted;
use tallyman_core::finding::Code;
use tallyman_core::ident::Company;
use tallyman_core::seam::Clock;
use tallyman_engine::drill::Drill;
use tallyman_tests::morning::{ALL, ANNA};

use super::kit::{Browser, View, browse_after};
use super::played::{Played, full, house};
use super::tasks::comes_in;
use super::{faults, figures};

#[test]
fn every_page_is_sound_in_every_view() {
    browse_after(full, async |browser, day| {
        let mut found = Found::default();
        before_the_door(&mut found, browser, &day).await;
        of_work(&mut found, browser, &day).await;
        // Another day, and after this one: while it is played nobody works here.
        tokio::time::pause();
        let house = house().await;
        tokio::time::resume();
        of_people(&mut found, browser, &house).await;
        figures::keep(&json!({"axe_looks": found.looks, "axe_violations": found.of_axe}));
        assert!(found.faults.is_empty(), "{}", found.faults.join("\n"));
    });
}

async fn before_the_door(found: &mut Found, browser: &Browser, day: &Played) {
    for view in View::ALL {
        browser.look(view).await;
        browser.open(&day.at("/health")).await;
        assert_eq!(faults::console(browser).await, Vec::<String>::new(), "health at {view}");
        browser.keep_picture("health").await;
    }
    for (name, address) in [("sign-in", "/sign-in"), ("set-up", "/set-up/a-link")] {
        found.open(browser, name, &day.at(address)).await;
    }
}

/// What people work with all day, at its end.
async fn of_work(found: &mut Found, browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    let (card, journey, item) = (&day.card, &day.journey, &day.morning.item);
    let whole = day.gone_all_the_way().await;
    let proposal = proposed(day).await;
    for (name, address) in [
        ("overview", "/".to_owned()),
        ("overview-of-one", "/?company=trader-1".to_owned()),
        ("work", "/work".to_owned()),
        ("exceptions", "/cards".to_owned()),
        ("exceptions-set-aside", "/cards?life=set_aside".to_owned()),
        ("exceptions-resolved", "/cards?life=resolved".to_owned()),
        ("exceptions-retries", "/retries".to_owned()),
        ("exceptions-under-another", "/cards?life=merged".to_owned()),
        ("card", format!("/cards/{card}")),
        ("orders", "/orders".to_owned()),
        ("orders-found-nothing", "/orders?q=no-such-order".to_owned()),
        ("journey", format!("/orders/{journey}")),
        ("journey-planned", format!("/orders/{journey}?plan=as_it_is_now")),
        ("journey-complete", format!("/orders/{whole}")),
        ("unknown-outcomes", "/outcomes".to_owned()),
        ("connections", "/connections".to_owned()),
        ("tally", "/tally".to_owned()),
        (
            "tally-of-one-source",
            "/tally?company=trader-1&kind=order&stand=open".to_owned(),
        ),
        ("journal", "/journal?verify=on".to_owned()),
        ("mappings", "/mappings".to_owned()),
        (
            "mappings-word",
            format!("/mappings/words?table=sku&connection=virtualstock-1&theirs={item}"),
        ),
        ("mappings-import", "/mappings/import".to_owned()),
        ("proposals", "/proposals".to_owned()),
        ("proposal", format!("/proposals/{proposal}?tried=true")),
        ("handbook", "/handbook".to_owned()),
        ("handbook-to-print", "/handbook?part=book".to_owned()),
        ("drill", "/drill".to_owned()),
        ("settings-alerts", "/settings/alerts".to_owned()),
        ("settings-calendars", "/settings/calendars".to_owned()),
        ("settings-retention", "/settings/retention".to_owned()),
        ("help", "/help".to_owned()),
    ] {
        found.open(browser, name, &day.at(&address)).await;
    }
}

/// What there is of people, where they sign in by name.
async fn of_people(found: &mut Found, browser: &Browser, day: &Played) {
    let maya = day.invite("Maya Lindqvist", Level::Administrator).await;
    day.invite("Anna Smith", Level::Finance).await;
    browser.look(View::DESK).await;
    comes_in(browser, &maya).await;
    let (maya, anna) = (person(day, "Maya Lindqvist").await, person(day, "Anna Smith").await);
    let now = day.morning.scene.clock.now();
    let deputy = json!({"person": maya, "stands_for": anna, "from": "2026-11-02", "until": "2026-11-06"});
    day.morning.api.post(ALL, "/deputies", deputy).await.ok();
    day.running.drills(Drill {
        planted: planted(),
        begun_at: now,
        pace: 20,
    });

    browser.open(&day.at("/settings/tokens")).await;
    browser.fill("Name", "price-sheet").await;
    browser.tick("See cards and counts read").await;
    browser.press("Make it").await;
    browser.shows("Copy it now").await;
    found.look(browser, "settings-token-made").await;
    browser.open(&day.at("/account")).await;
    browser.press("Set it up").await;
    browser.shows("Photograph it with your app").await;
    found.look(browser, "account-code").await;
    for (name, address) in [
        ("account", "/account".to_owned()),
        ("settings-people", "/settings/people".to_owned()),
        ("settings-person", format!("/settings/people/{anna}")),
        ("settings-access", "/settings/access".to_owned()),
        ("settings-deputies", "/settings/deputies".to_owned()),
        ("settings-tokens", "/settings/tokens".to_owned()),
        ("drill-running", "/drill".to_owned()),
    ] {
        found.open(browser, name, &day.at(&address)).await;
    }
}

/// What somebody proposes that a tax rate means: the proposal's id.
async fn proposed(day: &Played) -> String {
    let rate = json!({
        "table": "tax", "connection": "virtualstock-1", "theirs": "a rate", "ours": "1", "reason": "The accountant’s list of rates."
    });
    let meant = day.morning.api.post(ANNA, "/mappings/set", &rate).await.ok();
    meant["proposed"].as_str().expect("an id").to_owned()
}

/// Somebody's id, by their name.
async fn person(day: &Played, name: &str) -> String {
    let found = day.morning.api.get(ALL, "/people").await.ok();
    let mut people = found["people"].as_array().expect("people").iter();
    people.find(|person| person["name"] == name).expect("they are listed")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// What the day of a drill holds; two of it stand on cards by now.
fn planted() -> Vec<Planted> {
    let at = |name: &str, code: Code, company: &str| Planted {
        name: name.to_owned(),
        code,
        company: Company::new(company),
    };
    vec![
        at("an item code without a mapping", Code::SkuUnknown, "trader-1"),
        at("a carrier without a mapping", Code::CarrierUnmapped, "trader-1"),
        at("an item code without a mapping", Code::SkuUnknown, "trader-2"),
    ]
}

/// What is wrong with the pages that were looked at.
#[derive(Default)]
struct Found {
    /// Pages, each in each view.
    looks: usize,
    /// Elements that break a rule of axe-core.
    of_axe: usize,
    faults: Vec<String>,
}

impl Found {
    /// Opens a page in each view.
    async fn open(&mut self, browser: &Browser, name: &str, address: &str) {
        for view in View::ALL {
            browser.look(view).await;
            browser.open(address).await;
            self.note(browser, name).await;
        }
    }

    /// Looks in each view at a page that cannot be opened again: the answer to a form.
    async fn look(&mut self, browser: &Browser, name: &str) {
        for view in View::ALL {
            browser.look(view).await;
            self.note(browser, name).await;
        }
    }

    async fn note(&mut self, browser: &Browser, name: &str) {
        let faults = faults::of(browser).await;
        browser.keep_picture(name).await;
        self.looks += 1;
        self.of_axe += faults.iter().filter(|fault| faults::is_of_axe(fault)).count();
        if !faults.is_empty() {
            self.faults.push(faults::told(browser, name, &faults));
        }
    }
}
