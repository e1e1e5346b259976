//! What people come to the console for, as they would do it.

use tallyman_core::card::Life;
use tallyman_core::finding::Code;
use tallyman_core::ruling::Ruling;
use tallyman_tests::morning::ALL;

use super::kit::{Browser, ENTER, browse_after};
use super::played::{Played, played};

/// From the list of exceptions to a resolved card: opened, tried, saved. Three presses and one word.
async fn an_item_is_mapped(browser: &Browser, day: &Played) {
    let morning = &day.morning;
    browser.open(&day.link()).await;
    browser.open(&day.at("/cards?company=trader-1")).await;
    browser.shows("A retailer's item code is not known").await;
    browser.press("A retailer's item code is not known").await;
    browser.shows("The one thing to fix").await;
    browser.fill("Means, in our words", &morning.item).await;
    browser.fill("Why", "the integrator's slip").await;
    browser.press(&format!("Try on all {}", morning.orders.len())).await;
    browser.shows(&format!("Heals {0} of {0}", morning.orders.len())).await;
    browser.press("Save for all").await;
    browser.shows("Saved").await;

    // The workers' part, at virtual time.
    tokio::time::pause();
    let done = async || morning.card_by_id(&day.card).await["life"] == "resolved";
    morning.scene.work_until("resolved", async |_| done().await).await;
    tokio::time::resume();
    browser.open(&day.at(&format!("/cards/{}", day.card))).await;
    browser.shows("Resolved").await;
    assert!(
        morning
            .scene
            .cards(Code::SkuUnknown)
            .await
            .iter()
            .all(|card| card.company != "trader-1")
    );
    let card = morning.api.get(ALL, &format!("/cards/{}", day.card)).await.ok();
    assert_eq!(card["life"], Life::Resolved.name());
    let members = morning.api.get(ALL, &format!("/cards/{}/members", day.card)).await.ok();
    for member in members["members"].as_array().expect("members") {
        assert!(member["proof"].as_str().is_some_and(|proof| !proof.is_empty()), "{member}");
    }
}

#[test]
fn an_unknown_item_is_mapped_and_its_orders_go_on() {
    browse_after(played, async |browser, day| an_item_is_mapped(browser, &day).await);
}

#[test]
fn the_same_without_scripts() {
    browse_after(played, async |browser, day| {
        browser.without_scripts().await;
        an_item_is_mapped(browser, &day).await;
    });
}

#[test]
fn an_order_is_found_by_its_number_with_the_keyboard_alone() {
    browse_after(played, async |browser, day| {
        let number = day.morning.orders.first().expect("an order");
        browser.open(&day.link()).await;
        browser.open(&day.at("/orders")).await;
        browser.reach("Find an order by any number").await;
        browser.write(number).await;
        browser.strike(&[ENTER]).await;
        browser.shows(number).await;
        // Both merchants sell through retailers that number alike: each order is shown with whose it is.
        for company in ["trader-1", "trader-2"] {
            browser.shows(company).await;
        }
        assert!(browser.address().await.contains("/orders?q="), "two orders are a list");
    });
}

#[test]
fn an_order_is_declined_on_its_card() {
    browse_after(played, async |browser, day| {
        let order = day.morning.orders.first().expect("an order");
        browser.open(&day.link()).await;
        browser.open(&day.at(&format!("/cards/{}", day.card))).await;
        browser.shows("where nothing else puts it right").await;
        let declined = format!("Declined. {}", Ruling::Declined.sentence());
        browser.tick(&declined).await;
        browser.choose("About", &format!("Order {order}")).await;
        browser.tick("To decline: I have agreed this with the retailer").await;
        browser.fill("Why you decide so", "cancelled by telephone").await;
        browser.press_in("#decide", "Decide").await;
        browser.shows("Decided. The card follows its records").await;
        browser.shows("declined by all").await;
    });
}
