//! What is stuck: seen on the overview, taken up, acknowledged, put right, decided, and sorted.

use tallyman_core::card::Life;
use tallyman_core::finding::Code;
use tallyman_core::ruling::Ruling;
use tallyman_tests::morning::ALL;

use super::tasks;
use crate::kit::{Browser, browse_after};
use crate::played::{Played, played};

const UNKNOWN_ITEM: &str = "A retailer's item code is not known";

tasks!(crate::played::played, crate::tasks::STRAIGHT:
    the_overview_leads_to_a_card,
    a_list_is_filtered_and_a_card_is_acknowledged,
    an_item_is_mapped,
    an_order_is_declined,
);
tasks!(crate::played::played, crate::tasks::CROSSED:
    a_card_is_taken_and_stands_in_my_work,
    an_order_has_a_card_of_its_own_under_the_other,
);

/// Presses the first merchant's card in whatever lists it.
async fn open_its_card(browser: &Browser, day: &Played) {
    browser.press_in(&format!("#card-{}", day.card), UNKNOWN_ITEM).await;
    browser.shows("The one thing to fix").await;
    let address = browser.address().await;
    assert!(address.starts_with(&day.at(&format!("/cards/{}", day.card))), "{address}");
}

async fn life(day: &Played) -> String {
    let card = day.morning.card_by_id(&day.card).await;
    card["life"].as_str().expect("a life").to_owned()
}

async fn the_overview_leads_to_a_card(browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    browser.go("Exceptions").await;
    browser.go("Overview").await;
    browser.shows("Who is needed").await;
    open_its_card(browser, day).await;
    let orders = day.morning.orders.len();
    browser.shows(&format!("{orders} of {orders} orders")).await;
    let card = day.morning.card_by_id(&day.card).await;
    assert_eq!(card["weight"]["stopped"], orders, "{card}");
}

async fn a_card_is_taken_and_stands_in_my_work(browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    browser.go("My work").await;
    browser.shows("My team’s, and not taken by anybody else").await;
    open_its_card(browser, day).await;
    browser.press("I’m on it").await;
    browser.shows("The card says that somebody works on it").await;
    browser.press("Give it to somebody …").await;
    browser.fill("Give it to", "all").await;
    browser.press("Give").await;
    browser.shows("The card has its person").await;
    let card = day.morning.card_by_id(&day.card).await;
    assert_eq!(
        (&card["life"], &card["assignee"]),
        (&"fixing".into(), &"all".into()),
        "{card}"
    );

    day.another_glance().await;
    browser.go("My work").await;
    browser.shows("Given to me").await;
    browser.press_in("#given", UNKNOWN_ITEM).await;
    browser.shows("The one thing to fix").await;
}

async fn a_list_is_filtered_and_a_card_is_acknowledged(browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    browser.go("Exceptions").await;
    browser.shows("2 cards on this page").await;
    browser.fill("Words in the cause", &day.morning.item).await;
    browser.choose("Company", "trader-1").await;
    browser.choose("Sorted by", "Money at stake").await;
    browser.press("Filter").await;
    browser.shows("1 card on this page").await;
    open_its_card(browser, day).await;
    browser.press("Acknowledge").await;
    browser.shows("You have acknowledged the card").await;
    assert_eq!(life(day).await, Life::Acknowledged.name());
}

/// From the list of exceptions to a resolved card: opened, tried, saved. Three presses and one word.
async fn an_item_is_mapped(browser: &Browser, day: &Played) {
    let morning = &day.morning;
    browser.open(&day.link()).await;
    browser.go("Exceptions").await;
    open_its_card(browser, day).await;
    browser.fill("Means, in our words", &morning.item).await;
    browser.fill("Why", "the integrator's slip").await;
    browser.press(&format!("Try on all {}", morning.orders.len())).await;
    browser.shows(&format!("Heals {0} of {0}", morning.orders.len())).await;
    browser.press("Save for all").await;
    browser.shows("Saved").await;

    day.work_until("resolved", async || life(day).await == Life::Resolved.name())
        .await;
    browser.open(&day.at(&format!("/cards/{}", day.card))).await;
    browser.shows("Resolved").await;
    let open = morning.scene.cards(Code::SkuUnknown).await;
    assert!(open.iter().all(|card| card.company != "trader-1"));
    let members = morning.api.get(ALL, &format!("/cards/{}/members", day.card)).await.ok();
    for member in members["members"].as_array().expect("members") {
        assert!(member["proof"].as_str().is_some_and(|proof| !proof.is_empty()), "{member}");
    }
}

#[test]
fn an_item_is_mapped_without_scripts() {
    browse_after(played, async |browser, day| {
        browser.without_scripts().await;
        an_item_is_mapped(browser, &day).await;
    });
}

async fn an_order_is_declined(browser: &Browser, day: &Played) {
    let order = day.morning.orders.first().expect("an order");
    browser.open(&day.link()).await;
    browser.open(&day.at(&format!("/cards/{}", day.card))).await;
    browser.shows("where nothing else puts it right").await;
    browser.tick(&format!("Declined. {}", Ruling::Declined.sentence())).await;
    browser.choose("About", &format!("Order {order}")).await;
    browser.tick("To decline: I have agreed this with the retailer").await;
    browser.fill("Why you decide so", "cancelled by telephone").await;
    browser.press_in("#decide", "Decide").await;
    browser.shows("Decided. The card follows its records").await;
    browser.shows("declined by all").await;
    let journal = day
        .morning
        .api
        .get(ALL, "/journal?company=trader-1&kind=order.declined")
        .await
        .ok();
    assert_eq!(journal["lines"][0]["actor"], "all", "{journal}");
}

async fn an_order_has_a_card_of_its_own_under_the_other(browser: &Browser, day: &Played) {
    let order = day.morning.orders.first().expect("an order");
    browser.open(&day.link()).await;
    browser.open(&day.at(&format!("/cards/{}", day.card))).await;
    browser.press("Take orders to a card of their own …").await;
    browser.tick(order).await;
    browser.press("Take them out").await;
    browser.shows("These orders have this card of their own").await;
    let whole = day.morning.api.get(ALL, &format!("/cards/{}", day.card)).await.ok();
    let part = whole["room"]["parts"][0].as_str().expect("a card").to_owned();
    let address = browser.address().await;
    assert!(address.starts_with(&day.at(&format!("/cards/{part}"))), "{address}");

    browser.press("Show it under another card …").await;
    browser.fill("The other card", &day.card).await;
    browser.press("Show it there").await;
    browser.shows("This card shows the other one now").await;
    let merged = day.morning.api.get(ALL, "/cards?life=merged").await.ok();
    let shown = &merged["cards"][0];
    assert_eq!((&shown["id"], &shown["under"]), (&part.into(), &day.card.as_str().into()));
}
