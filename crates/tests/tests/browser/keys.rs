//! The console without a mouse.

use serde_json::json;

use super::faults;
use super::kit::{Browser, CONTROL, ENTER, ESCAPE, View, browse_after};
use super::played::{Played, played};

const CARD: &str = "A retailer's item code is not known";

async fn open(browser: &Browser, day: &Played, path: &str) {
    browser.open(&day.link()).await;
    browser.open(&day.at(path)).await;
    browser
        .becomes("the script", "return document.readyState === 'complete'")
        .await;
}

#[test]
fn keys_go_to_places_over_rows_and_into_the_field() {
    browse_after(played, async |browser, day| {
        open(browser, &day, "/mappings").await;
        browser.strike(&["g"]).await;
        browser.strike(&["e"]).await;
        browser.shows("2 causes wait for somebody").await;
        browser.shows("Live").await;
        browser.strike(&["j"]).await;
        assert_eq!(browser.focus().await, CARD);
        let row = "return [...document.querySelectorAll('tbody tr')].indexOf(document.activeElement.closest('tr'))";
        assert_eq!(browser.run(row, json!([])).await, json!(0));
        browser.strike(&["j"]).await;
        assert_eq!(browser.run(row, json!([])).await, json!(1));
        // There are two, and the last stays the last.
        browser.strike(&["j"]).await;
        assert_eq!(browser.run(row, json!([])).await, json!(1));
        browser.strike(&["k"]).await;
        assert_eq!(browser.run(row, json!([])).await, json!(0));
        browser.strike(&[ENTER]).await;
        browser.shows("The one thing to fix").await;
        browser.strike(&["/"]).await;
        assert_eq!(browser.focus().await, "Find an order by any number");
        // In a field, letters are letters.
        browser.write("ge?").await;
        assert_eq!(
            browser.run("return document.activeElement.value", json!([])).await,
            json!("ge?")
        );
        browser.shows("The one thing to fix").await;
    });
}

#[test]
fn the_palette_goes_anywhere_does_what_the_page_does_and_finds_orders() {
    browse_after(played, async |browser, day| {
        open(browser, &day, &format!("/cards/{}", day.card)).await;
        browser.shows("The one thing to fix").await;
        for view in View::ALL {
            browser.look(view).await;
            browser.strike(&[CONTROL, "k"]).await;
            browser.shows("Unknown outcomes").await;
            faults::none(browser, "palette").await;
            browser.strike(&[ESCAPE]).await;
            browser
                .becomes("the end of the palette", "return !document.querySelector('dialog')")
                .await;
        }
        browser.look(View::DESK).await;
        browser.strike(&[CONTROL, "k"]).await;
        browser.write("acknow").await;
        browser.strike(&[ENTER]).await;
        browser.shows("Acknowledged").await;
        let card = day.morning.card_by_id(&day.card).await;
        assert_eq!(card["life"], "acknowledged");

        let number = day.morning.orders.first().expect("an order");
        browser.strike(&[CONTROL, "k"]).await;
        browser.write(number).await;
        browser.strike(&[ENTER]).await;
        browser
            .becomes("the search", "return location.pathname.startsWith('/orders')")
            .await;
        browser.shows(number).await;

        browser.strike(&[CONTROL, "k"]).await;
        browser.write("mapp").await;
        browser.strike(&[ENTER]).await;
        browser.becomes("the page", "return location.pathname === '/mappings'").await;
    });
}

#[test]
fn the_help_sheet_lies_over_any_page_and_is_a_page_of_its_own() {
    browse_after(played, async |browser, day| {
        open(browser, &day, "/cards").await;
        for view in View::ALL {
            browser.look(view).await;
            browser.strike(&["?"]).await;
            browser.shows("Go to Exceptions").await;
            faults::none(browser, "help-sheet").await;
            browser.strike(&[ESCAPE]).await;
            browser
                .becomes("the end of the sheet", "return !document.querySelector('dialog')")
                .await;
        }
    });
}

#[test]
fn ages_grow_while_the_page_is_open() {
    browse_after(played, async |browser, day| {
        open(browser, &day, "/cards").await;
        browser
            .becomes("an age", "return !!document.querySelector('time[data-age]')")
            .await;
        // As if it had been made that much earlier: what is shown is counted from the clock, not from the page.
        let older = "const age = document.querySelector('time[data-age]');
            age.dateTime = new Date(Date.parse(document.querySelector('#made time').dateTime) - 7860000).toISOString();";
        browser.run(older, json!([])).await;
        browser
            .becomes(
                "the new age",
                "return document.querySelector('time[data-age]').textContent === '2 h 11 min'",
            )
            .await;
    });
}
