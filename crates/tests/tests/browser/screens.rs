//! Every page, in every view: nothing is wrong with it. With `TALLYMAN_TEST_PICTURES` (`cargo xtask screens`) a picture of each is kept.
//!
//! All of them are looked at before anything fails, so what axe-core found is counted over all of them.

use serde_json::{Value, json};
use tallyman_tests::morning::ALL;

use super::kit::{Browser, View, browse_after};
use super::played::{Played, played};
use super::{faults, figures};

#[test]
fn every_page_is_sound_in_every_view() {
    browse_after(played, async |browser, day| {
        let mut found = Found::default();
        for view in View::ALL {
            browser.look(view).await;
            browser.open(&day.at("/health")).await;
            assert_eq!(faults::console(browser).await, Vec::<String>::new(), "health at {view}");
            browser.keep_picture("health").await;
        }
        for (name, address) in [("sign-in", "/sign-in"), ("set-up", "/set-up/a-link")] {
            found.look(browser, name, &day.at(address)).await;
        }
        browser.open(&day.link()).await;
        let (card, journey, item) = (&day.card, &day.journey, &day.morning.item);
        let (person, proposal) = somebody_and_a_proposal(&day).await;
        for (name, address) in [
            ("overview", "/".to_owned()),
            ("overview-of-one", "/?company=trader-1".to_owned()),
            ("work", "/work".to_owned()),
            ("exceptions", "/cards".to_owned()),
            ("exceptions-resolved", "/cards?life=resolved".to_owned()),
            ("exceptions-under-another", "/cards?life=merged".to_owned()),
            ("card", format!("/cards/{card}")),
            ("orders", "/orders".to_owned()),
            ("orders-found-nothing", "/orders?q=no-such-order".to_owned()),
            ("journey", format!("/orders/{journey}")),
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
            ("handbook", "/handbook".to_owned()),
            ("handbook-to-print", "/handbook?part=book".to_owned()),
            ("drill", "/drill".to_owned()),
            ("settings-alerts", "/settings/alerts".to_owned()),
            ("settings-calendars", "/settings/calendars".to_owned()),
            ("settings-retention", "/settings/retention".to_owned()),
            ("help", "/help".to_owned()),
            ("proposals", "/proposals".to_owned()),
            ("proposal", format!("/proposals/{proposal}")),
            ("account", "/account".to_owned()),
            ("settings-people", "/settings/people".to_owned()),
            ("settings-person", format!("/settings/people/{person}")),
            ("settings-access", "/settings/access".to_owned()),
            ("settings-deputies", "/settings/deputies".to_owned()),
            ("settings-tokens", "/settings/tokens".to_owned()),
        ] {
            found.look(browser, name, &day.at(&address)).await;
        }
        figures::keep(&json!({"axe_looks": found.looks, "axe_violations": found.of_axe}));
        assert!(found.faults.is_empty(), "{}", found.faults.join("\n"));
    });
}

/// Somebody who was invited, and what somebody proposes that a tax rate means: their ids.
async fn somebody_and_a_proposal(day: &Played) -> (String, String) {
    let api = &day.morning.api;
    let maya = json!({"name": "Maya Lindqvist", "level": "finance", "company": "trader-1", "teams": ["finance"]});
    let invited = api.post(ALL, "/people", &maya).await.ok();
    let rate = json!({
        "table": "tax", "connection": "virtualstock-1", "theirs": "a rate", "ours": "1", "reason": "The accountant’s list of rates."
    });
    let meant = api.post(ALL, "/mappings/set", &rate).await.ok();
    let id = |answer: &Value, name: &str| answer[name].as_str().expect("an id").to_owned();
    (id(&invited, "person"), id(&meant, "proposed"))
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
    async fn look(&mut self, browser: &Browser, name: &str, address: &str) {
        for view in View::ALL {
            browser.look(view).await;
            browser.open(address).await;
            let faults = faults::of(browser).await;
            browser.keep_picture(name).await;
            self.looks += 1;
            self.of_axe += faults.iter().filter(|fault| faults::is_of_axe(fault)).count();
            if !faults.is_empty() {
                self.faults.push(faults::told(browser, name, &faults));
            }
        }
    }
}
