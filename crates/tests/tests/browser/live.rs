//! A page that is open keeps itself current, and leaves alone what somebody is doing on it.

use std::cell::Cell;

use serde_json::json;
use tallyman_tests::doorman::PASSWORD;
use tallyman_tests::morning::{ALL, FIRST};

use super::faults;
use super::kit::{Browser, View, browse_after};
use super::played::{Played, played, played_with};

/// Orders at each merchant on the day of the four clicks; about a tenth of them names the item.
const ORDERS: u32 = 300;

/// What the page keeps for as long as it is not loaded again.
async fn mark(browser: &Browser) {
    browser.run("window.notLoadedSince = true", json!([])).await;
}

async fn is_the_same_page(browser: &Browser) {
    let marked = browser.run("return window.notLoadedSince === true", json!([])).await;
    assert_eq!(marked, json!(true), "the page was loaded again");
}

/// Presses that are counted.
struct Clicks<'a>(&'a Browser, Cell<u32>);

impl Clicks<'_> {
    async fn press(&self, name: &str) {
        self.1.set(self.1.get() + 1);
        self.0.press(name).await;
    }
}

/// Works at virtual time until so many records of the first merchant's card stand still, at most.
async fn work_until_stopped(day: &Played, at_most: u64) {
    tokio::time::pause();
    let stopped = async || day.morning.card_by_id(&day.card).await["weight"]["stopped"].as_u64();
    day.morning
        .scene
        .work_until("on", async |_| stopped().await.is_some_and(|stopped| stopped <= at_most))
        .await;
    tokio::time::resume();
}

#[test]
fn four_clicks_from_the_first_page_to_a_resolved_item_while_its_orders_go_on() {
    browse_after(
        async || played_with(ORDERS).await,
        async |browser, day| {
            let orders = day.morning.orders.len() as u64;
            assert!(orders >= 20, "{orders} orders are not many");
            browser.open(&day.at("/sign-in")).await;
            browser.fill("Name", FIRST).await;
            browser.fill("Password", PASSWORD).await;
            browser.press("Sign in").await;
            browser.shows("Sign out").await;
            browser.open(&day.at("/")).await;

            let clicks = Clicks(browser, Cell::new(0));
            clicks.press("A retailer's item code is not known").await;
            browser.shows("The one thing to fix").await;
            browser.fill("Means, in our words", &day.morning.item).await;
            browser.fill("Why", "the integrator's slip").await;
            clicks.press(&format!("Try on all {orders}")).await;
            browser.shows(&format!("Heals {orders} of {orders}")).await;
            clicks.press("Save for all").await;
            browser.shows("Saved").await;
            assert!(clicks.1.get() <= 4, "{} clicks", clicks.1.get());

            // From here on nobody touches the page.
            browser.shows("Live").await;
            mark(browser).await;
            work_until_stopped(&day, orders / 2).await;
            let card = day.morning.card_by_id(&day.card).await;
            match card["life"].as_str() {
                Some("verifying") => browser.shows("Nothing stands still any more.").await,
                Some("resolved") => {}
                _ => browser.shows(&format!("{} of ", card["weight"]["stopped"])).await,
            }
            tokio::time::pause();
            let done = async || day.morning.card_by_id(&day.card).await["life"] == "resolved";
            day.morning.scene.work_until("resolved", async |_| done().await).await;
            tokio::time::resume();
            browser.shows("Resolved").await;
            is_the_same_page(browser).await;
            faults::none(browser, "card-resolved").await;
        },
    );
}

#[test]
fn what_is_being_typed_and_what_was_opened_stays() {
    browse_after(played, async |browser, day| {
        browser.open(&day.link()).await;
        browser.open(&day.at(&format!("/cards/{}", day.card))).await;
        browser.shows("Live").await;
        mark(browser).await;
        browser.press("Hand over to another team …").await;
        browser.fill("Note", "half a sen").await;
        browser.fill("Comment", "is being written").await;
        let selected = "const field = document.activeElement; field.setSelectionRange(3, 8); return field.value";
        assert_eq!(browser.run(selected, json!([])).await, json!("is being written"));

        let card = day.morning.card().await;
        let path = format!("/cards/{}/comment", day.card);
        let said = json!({"version": card["version"], "text": "Said by somebody else."});
        day.morning.api.post(ALL, &path, said).await.ok();
        browser.shows("Said by somebody else.").await;

        is_the_same_page(browser).await;
        let stands = "const field = document.activeElement;
            return [field.name, field.value, field.selectionStart, field.selectionEnd,
                document.querySelector('details[open] textarea').value, document.querySelector('#live').textContent]";
        let expected = json!(["comment", "is being written", 3, 8, "half a sen", "Live"]);
        assert_eq!(browser.run(stands, json!([])).await, expected);
        // What is sent names the version that is shown now, so it is not refused for somebody else's word.
        browser.press("Comment").await;
        browser.shows("is being written").await;
        faults::none(browser, "card-commented").await;
    });
}

#[test]
fn the_answer_to_a_form_is_kept_current_reloaded_and_gone_back_to_as_the_page_that_has_it() {
    browse_after(played, async |browser, day| {
        let (orders, card) = (day.morning.orders.len(), day.at(&format!("/cards/{}", day.card)));
        browser.open(&day.link()).await;
        browser.open(&card).await;
        browser.fill("Means, in our words", &day.morning.item).await;
        browser.press(&format!("Try on all {orders}")).await;
        browser.shows(&format!("Heals {orders} of {orders}")).await;
        browser.shows("Live").await;
        mark(browser).await;
        assert_eq!(browser.address().await, card);
        let stood = browser.run("return history.length", json!([])).await;

        let version = day.morning.card().await["version"].clone();
        let said = json!({"version": version, "text": "Said by somebody else."});
        let path = format!("/cards/{}/comment", day.card);
        day.morning.api.post(ALL, &path, said).await.ok();
        browser.shows("Said by somebody else.").await;
        browser.shows(&format!("Heals {orders} of {orders}")).await;
        browser.shows("Live").await;
        is_the_same_page(browser).await;
        faults::none(browser, "card-tried-and-current").await;

        browser.open(&day.at("/connections")).await;
        browser.fill("Which", "sage-1").await;
        browser.fill("Why", "Month end").await;
        let past = "document.querySelector('#until').value = '2020-01-01T09:00'; document.querySelector('#until').form.noValidate = true";
        browser.run(past, json!([])).await;
        browser.press("Hold").await;
        browser
            .becomes("the refusal", "return !!document.querySelector('[role=alert]')")
            .await;
        assert_eq!(browser.address().await, day.at("/connections"));
        // What the browser says of the refusal itself.
        let refusal = faults::console(browser).await;
        assert!(refusal.iter().all(|line| line.contains("/holds")), "{refusal:?}");
        browser.press("Reload").await;
        browser
            .becomes("the page without it", "return !document.querySelector('[role=alert]')")
            .await;

        // How many pages lie between depends on whether the browser had loaded each of them when the next was asked for.
        browser.run("history.go(arguments[0] - history.length)", json!([stood])).await;
        browser.shows("The one thing to fix").await;
        assert_eq!(browser.address().await, card);
        faults::none(browser, "card-gone-back-to").await;
    });
}

#[test]
fn a_row_keeps_the_focus_while_rows_change_around_it() {
    browse_after(played, async |browser, day| {
        browser.open(&day.link()).await;
        browser.open(&day.at("/cards")).await;
        browser.shows("Live").await;
        mark(browser).await;
        browser.strike(&["k"]).await;
        let row = "return document.activeElement.closest('tr').id";
        let before = browser.run(row, json!([])).await;
        let card = day
            .morning
            .card_by_id(before.as_str().and_then(|id| id.strip_prefix("card-")).expect("a card"))
            .await;
        let path = format!("/cards/{}/acknowledge", card["id"].as_str().expect("an id"));
        day.morning
            .api
            .post(ALL, &path, json!({"version": card["version"]}))
            .await
            .ok();
        browser
            .becomes(
                "the new state",
                "return [...document.querySelectorAll('tr td.m')].some(state => state.textContent.includes('Acknowledged'))",
            )
            .await;
        is_the_same_page(browser).await;
        assert_eq!(browser.run(row, json!([])).await, before);
    });
}

#[test]
fn a_page_whose_stream_is_away_says_so_and_is_not_emptied() {
    browse_after(played, async |browser, day| {
        browser.open(&day.link()).await;
        browser.open(&day.at("/cards")).await;
        browser.shows("Live").await;
        let at = day.at("/cards");
        day.close();
        browser.shows("Not live").await;
        browser.shows("As of").await;
        browser.shows("A retailer's item code is not known").await;
        assert_eq!(browser.address().await, at);
    });
}

#[test]
fn the_bar_of_a_telephone_is_as_high_when_the_page_is_live() {
    browse_after(played, async |browser, day| {
        browser.open(&day.link()).await;
        for view in View::ALL {
            browser.look(view).await;
            browser.open(&day.at("/cards")).await;
            browser.shows("Live").await;
            let heights = "const [bar, live] = ['.bar', '#live'].map(one => document.querySelector(one));
                const high = bar.offsetHeight;
                live.hidden = true; document.body.classList.remove('is-live');
                return [high, bar.offsetHeight]";
            let heights = browser.run(heights, json!([])).await;
            assert_eq!(heights[0], heights[1], "{view}");
        }
    });
}

#[test]
fn without_scripts_the_bar_says_when_the_page_was_made() {
    browse_after(played, async |browser, day| {
        browser.without_scripts().await;
        browser.open(&day.link()).await;
        browser.open(&day.at("/cards")).await;
        browser.shows("As of").await;
        assert!(!browser.text().await.contains("Live"), "nothing is live without scripts");
        browser.press("Keyboard").await;
        browser.shows("Go to Exceptions").await;
    });
}
