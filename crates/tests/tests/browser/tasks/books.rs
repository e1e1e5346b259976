//! What is read to be sure: the tally down to an order, the journal and its proof, the handbook.

use serde_json::json;
use tallyman_tests::morning::ALL;

use super::tasks;
use crate::kit::Browser;
use crate::played::Played;

/// What the first failure of operations is called, which is in the chapter that opens first.
const UNKNOWN_ITEM: &str = "A retailer's item code is not known Stands now";

tasks!(crate::played::played, crate::tasks::STRAIGHT: a_figure_of_the_tally_leads_to_an_order, the_journal_is_filtered_and_verified);
tasks!(crate::played::played, crate::tasks::CROSSED: the_handbook_is_read);

async fn a_figure_of_the_tally_leads_to_an_order(browser: &Browser, day: &Played) {
    let path = "/tally/records?company=trader-1&kind=order&stand=open";
    let open = day.morning.api.get(ALL, path).await.ok();
    let open = open["records"].as_array().expect("records");
    browser.open(&day.link()).await;
    browser.go("Tally").await;
    browser.shows("records came in").await;
    browser
        .press_in("#row-order-virtualstock-1 [data-h=Open]", &open.len().to_string())
        .await;
    browser.shows("key by key").await;
    for record in open {
        browser.shows(record["key"].as_str().expect("a key")).await;
    }
    let order = &open[0];
    let number = order["reference"].as_str().expect("a number");
    browser.press_in("#records", number).await;
    browser.shows(&format!("Order {number}")).await;
    let journey = order["journey"].as_str().expect("an order");
    assert_eq!(browser.address().await, day.at(&format!("/orders/{journey}")));
}

async fn the_journal_is_filtered_and_verified(browser: &Browser, day: &Played) {
    let api = &day.morning.api;
    let version = day.morning.card().await["version"].clone();
    let act = format!("/cards/{}/acknowledge", day.card);
    api.post(ALL, &act, json!({"version": version})).await.ok();
    let told = api.get(ALL, "/journal?company=trader-1&kind=card&limit=30").await.ok();
    let lines = told["lines"].as_array().expect("lines").len();

    browser.open(&day.link()).await;
    browser.go("Journal").await;
    browser.choose("What", "Cards").await;
    browser.press("Filter").await;
    let on_this_page = if lines == 1 {
        "1 line on this page".to_owned()
    } else {
        format!("{lines} lines on this page")
    };
    browser.shows(&on_this_page).await;
    browser.shows("acknowledged").await;
    browser.press("Verify").await;
    browser.shows("Nothing was altered").await;
    let verified = api.get(ALL, "/journal/verification?company=trader-1").await.ok();
    browser.shows(verified["root"].as_str().expect("a root")).await;
}

async fn the_handbook_is_read(browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    browser.go("Handbook").await;
    browser.press(UNKNOWN_ITEM).await;
    browser.shows("To clear it").await;
    browser.press("I have read version 1").await;
    browser.shows("You have read version 1").await;
    let book = day.morning.api.get(ALL, "/companies/trader-1/handbook").await.ok();
    let readers = book["readers"].as_array().expect("readers");
    let own = readers.iter().find(|reader| reader["name"] == "all").expect("the reader");
    assert!(own["read_at"].is_string(), "{own}");
}
