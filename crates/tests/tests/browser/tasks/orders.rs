//! One order: found, looked into, tried again, and what became of a write of its.

use std::time::Duration;

use serde_json::json;
use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_tests::doorman::PASSWORD;
use tallyman_tests::morning::{ALL, FIRST};
use tallyman_tests::parked::Stop;

use super::{signs_in, tasks};
use crate::kit::{Browser, ENTER};
use crate::played::Played;

/// Within that time an order that nothing stops is in the ledger.
const HALF_AN_HOUR: Duration = Duration::from_secs(1_800);

tasks!(crate::played::played, crate::tasks::STRAIGHT:
    an_order_is_found_by_its_number,
    what_was_said_is_unmasked_for_a_reason,
    an_unknown_outcome_is_answered_for,
);
tasks!(crate::played::played, crate::tasks::CROSSED:
    the_bar_finds_the_orders_of_both_merchants,
    an_order_is_tried_again_by_a_plan,
);

/// Finds an order of the first merchant's on the page of orders, as somebody who sees no other merchant's.
async fn find(browser: &Browser, day: &Played, number: &str) {
    signs_in(browser, day, FIRST, PASSWORD).await;
    browser.go("Orders").await;
    browser.fill("Any number of the order, or how it begins", number).await;
    browser.press("Find").await;
    browser.shows(&format!("Order {number}")).await;
}

async fn an_order_is_found_by_its_number(browser: &Browser, day: &Played) {
    let number = day.morning.orders.first().expect("an order");
    find(browser, day, number).await;
    browser.shows("What happened").await;
    let found = day.morning.api.get(FIRST, &format!("/journeys/{number}")).await.ok();
    let id = found["journeys"][0]["id"].as_str().expect("an id");
    assert_eq!(browser.address().await, day.at(&format!("/orders/{id}")));
    // What stops it is one press away.
    browser.press("Fix it on its card").await;
    browser.shows("The one thing to fix").await;
}

async fn the_bar_finds_the_orders_of_both_merchants(browser: &Browser, day: &Played) {
    let number = day.morning.orders.first().expect("an order");
    browser.open(&day.link()).await;
    // The bar has no button: who looks for a number has the keys under their hands.
    browser.fill("Find an order by any number", number).await;
    browser.strike(&[ENTER]).await;
    browser.becomes("the list", "return location.pathname === '/orders'").await;
    browser.shows(number).await;
    // Both merchants sell through retailers that number alike: each order is shown with whose it is.
    for company in ["trader-1", "trader-2"] {
        browser.shows(company).await;
    }
}

async fn what_was_said_is_unmasked_for_a_reason(browser: &Browser, day: &Played) {
    let morning = &day.morning;
    tokio::time::pause();
    morning.scene.work_for("goes on", HALF_AN_HOUR).await;
    tokio::time::resume();
    let (number, customer) = {
        let books = morning.scene.twin.books();
        let mut orders = books.virtualstock.books.orders.values();
        let goes_on = orders.find(|order| order.company == 1 && !morning.orders.contains(&order.order_reference));
        let order = goes_on.expect("one that nothing stops");
        (order.order_reference.clone(), order.address.full_name.clone())
    };
    find(browser, day, &number).await;
    browser.press("Take the masks off …").await;
    browser.fill("Why you need to see what is masked", "The carrier asks.").await;
    browser.press("Show it for ten minutes").await;
    browser.shows("You see what was said as it was, for ten minutes").await;

    let journey = browser.address().await;
    let journey = journey
        .split(['?', '#'])
        .next()
        .and_then(|path| path.rsplit('/').next())
        .expect("an id");
    let said = async |who: &str| {
        let said = morning.api.get(who, &format!("/orders/{journey}/exchanges")).await.ok();
        said.to_string()
    };
    assert!(said(FIRST).await.contains(&customer) && !said(ALL).await.contains(&customer));
    let told = morning.api.get(ALL, "/journal?company=trader-1&kind=exchange").await.ok();
    let line = &told["lines"][0];
    assert_eq!(line["actor"], "first", "{told}");
    assert!(
        line["what"].as_str().is_some_and(|what| what.contains("The carrier asks.")),
        "{told}"
    );
}

async fn an_order_is_tried_again_by_a_plan(browser: &Browser, day: &Played) {
    let (api, number) = (&day.morning.api, day.morning.orders.first().expect("an order"));
    let item = &day.morning.item;
    let word =
        json!({"table": "sku", "connection": "virtualstock-1", "theirs": item, "ours": item, "reason": "It is this item."});
    api.post(ALL, "/mappings/set", word).await.ok();
    find(browser, day, number).await;
    browser.press("Plan, with today’s mappings").await;
    browser.shows("Nothing of it has been written yet").await;
    browser.fill("Why", "The item is mapped.").await;
    browser.press("Carry out this plan").await;
    browser.shows("The plan is carried out").await;

    let told = api.get(ALL, "/journal?company=trader-1&kind=order.retried").await.ok();
    let line = &told["lines"][0];
    assert!(
        line["what"].as_str().is_some_and(|what| what.contains("The item is mapped.")),
        "{told}"
    );
    let found = async || api.get(FIRST, &format!("/journeys/{number}")).await.ok();
    day.work_until("posted", async || found().await["journeys"][0]["ledger_order"].is_string())
        .await;
}

/// The retailer's confirmation stands still, and nobody can tell whether it has arrived.
async fn an_unknown_outcome_is_answered_for(browser: &Browser, day: &Played) {
    let morning = &day.morning;
    let stop = Stop {
        reference: morning.orders.first().expect("an order").to_uppercase(),
        code: Code::OutcomeUnclear,
        in_ledger: false,
        now: morning.scene.clock.now(),
    };
    morning.scene.store.write(stop).await.expect("stopped");
    signs_in(browser, day, FIRST, PASSWORD).await;
    browser.go("Unknown outcomes").await;
    browser.shows("Waits for your word").await;
    browser.tick("It is not there: send it again").await;
    browser.fill("How you know", "The retailer has looked.").await;
    browser.press("Give your word").await;
    browser.shows("Your word is kept, and it goes again").await;
    browser.shows("Nothing is unknown").await;
    let left = morning.api.get(FIRST, "/outcomes").await.ok();
    assert_eq!(left["outcomes"], json!([]));
}
