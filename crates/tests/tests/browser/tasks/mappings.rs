//! What words mean: said after it was tried, put back, taken in by a sheet, and let count by a second person.

use serde_json::{Value, json};
use tallyman_core::access::Level;
use tallyman_tests::morning::ALL;

use super::{comes_in, tasks};
use crate::kit::Browser;
use crate::played::Played;

tasks!(crate::played::played, crate::tasks::STRAIGHT: a_word_is_tried_and_said, a_sheet_is_taken_in_by_its_plan);
tasks!(crate::played::played, crate::tasks::CROSSED: what_a_word_meant_before_is_put_back);
tasks!(crate::played::house, crate::tasks::STRAIGHT: what_one_proposes_another_approves);

/// What a word of the first merchant's retailer means.
async fn meaning(day: &Played, table: &str, theirs: &str) -> Value {
    let path = format!(
        "/mappings?table={table}&connection=virtualstock-1&words={}",
        theirs.replace(' ', "+")
    );
    let found = day.morning.api.get(ALL, &path).await.ok();
    let mut words = found["mappings"].as_array().expect("mappings").iter();
    let word = words.find(|word| word["theirs"].as_str().is_some_and(|its| its.eq_ignore_ascii_case(theirs)));
    word.map_or(Value::Null, |word| word["ours"].clone())
}

/// Finds the word that stops the first merchant's orders, and opens its page.
async fn open_the_word(browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    browser.go("Mappings").await;
    browser.fill("Words, theirs or ours", &day.morning.item).await;
    browser.choose("Connection", "virtualstock-1").await;
    browser.press("Filter").await;
    browser.shows("1 word on this page").await;
    browser.press(&day.morning.item).await;
    browser.shows("What waits for it").await;
}

async fn a_word_is_tried_and_said(browser: &Browser, day: &Played) {
    let (item, orders) = (&day.morning.item, day.morning.orders.len());
    open_the_word(browser, day).await;
    browser.fill("Means", item).await;
    browser.press("Try on what came before").await;
    browser.shows(&format!("Heals {orders} of {orders}")).await;
    assert_eq!(meaning(day, "sku", item).await, "NO-SUCH-ITEM", "it was only tried");
    browser.fill_in("#change", "Why", "The integrator's slip.").await;
    browser.press("Save for all").await;
    browser.shows("Saved. What it had stopped is checked again").await;
    assert_eq!(meaning(day, "sku", item).await, json!(item));
}

/// Another item that orders name.
fn another_item(day: &Played) -> String {
    let books = day.morning.scene.twin.books();
    let mut lines = books.virtualstock.books.orders.values().flat_map(|order| &order.lines);
    let other = lines.find(|line| !line.item.eq_ignore_ascii_case(&day.morning.item));
    other.expect("another item").item.to_uppercase()
}

async fn what_a_word_meant_before_is_put_back(browser: &Browser, day: &Played) {
    let item = &day.morning.item;
    let other = another_item(day);
    for ours in [&other, item] {
        let word = json!({"table": "sku", "connection": "virtualstock-1", "theirs": item, "ours": ours, "reason": "As agreed."});
        day.morning.api.post(ALL, "/mappings/set", word).await.ok();
    }
    open_the_word(browser, day).await;
    browser.press(&format!("Put back {other} …")).await;
    let begins = format!("return document.querySelector('#change [name=ours]').value === '{other}'");
    browser.becomes("the form with what it meant", &begins).await;
    browser.fill_in("#change", "Why", "It was right before.").await;
    browser.press("Save for all").await;
    browser.shows("Saved. What it had stopped is checked again").await;
    assert_eq!(meaning(day, "sku", item).await, json!(other));
}

async fn a_sheet_is_taken_in_by_its_plan(browser: &Browser, day: &Played) {
    let item = &day.morning.item;
    let sheet = day.morning.api.get(ALL, "/mappings/export?format=csv").await.text;
    let file = browser.folder().join("mappings.csv");
    std::fs::write(&file, sheet.replace("NO-SUCH-ITEM", item)).expect("a file");

    browser.open(&day.link()).await;
    browser.go("Mappings").await;
    browser.press("Import …").await;
    browser.shows("What it would change is shown first").await;
    browser.upload("File", &file).await;
    browser.press("Show what it would change").await;
    browser.shows("2 changed").await;
    assert_eq!(meaning(day, "sku", item).await, "NO-SUCH-ITEM", "nothing has been written");
    browser.fill("Why", "The sheet that the buyer sent.").await;
    browser.press("Carry out 2 changes").await;
    browser.shows("The sheet was taken in").await;
    assert_eq!(meaning(day, "sku", item).await, json!(item));
}

/// What a tax rate means decides posting, so it takes two people, who share a computer here.
async fn what_one_proposes_another_approves(browser: &Browser, day: &Played) {
    let anna = day.invite("Anna Smith", Level::Finance).await;
    let ben = day.invite("Ben Jones", Level::Finance).await;
    comes_in(browser, &anna).await;
    browser.go("Mappings").await;
    browser.press("Tax rate").await;
    browser.press("Say what a word means").await;
    browser.shows("Trying writes nothing").await;
    browser.choose("Connection", "virtualstock-1").await;
    browser.fill("Their word", "a rate").await;
    browser.fill("Means", "1").await;
    browser.fill("Why", "The ledger has it so.").await;
    browser.press("Propose for all").await;
    browser.shows("It counts when another person has approved it").await;
    assert_eq!(meaning(day, "tax", "a rate").await, Value::Null, "it only waits");
    browser.press("Sign out").await;
    browser.shows("Forgotten?").await;

    comes_in(browser, &ben).await;
    browser.go("Proposals").await;
    browser.shows("Waits for you").await;
    browser.press("1 change").await;
    browser.shows("Anna Smith").await;
    browser.fill("Why", "It is right.").await;
    browser.press("Approve").await;
    browser.shows("Approved: it counts from now on").await;
    assert_eq!(meaning(day, "tax", "a rate").await, "1");
}
