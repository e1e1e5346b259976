//! A form whose answer takes its time says what it waits for, and is not sent twice by a second press.

use serde_json::json;
use tallyman_tests::morning::ALL;

use super::kit::browse_after;
use super::played::played;

#[test]
fn a_form_says_what_it_waits_for_and_is_sent_once() {
    browse_after(played, async |browser, day| {
        browser.open(&day.link()).await;
        browser.go("Connections").await;
        browser.slow_by(3_000).await;
        // The driver asks nothing of a page that is being left, so the page keeps what it shows until then.
        browser.run(KEEPS_WHAT_IT_SAYS, json!([])).await;
        let press = "const form = document.querySelector('#c-sage-1 form[action$=\"/test\"]'); form.requestSubmit(); setTimeout(() => form.requestSubmit(), 1500)";
        browser.run(press, json!([])).await;
        browser.shows("It lets us in and answers").await;
        browser.slow_by(0).await;
        let said = browser.run("return sessionStorage.waits", json!([])).await;
        assert_eq!(said, "Waits for sage-1 … The answer comes to this page by itself.");
        let told = day
            .morning
            .api
            .get(ALL, "/journal?company=trader-1&kind=connection.tested")
            .await
            .ok();
        assert_eq!(told["lines"].as_array().map(Vec::len), Some(1), "{told}");
    });
}

const KEEPS_WHAT_IT_SAYS: &str = "
    const keep = () => { const said = document.querySelector('.waits'); if (said) sessionStorage.waits = said.textContent; };
    new MutationObserver(keep).observe(document.body, {childList: true, subtree: true});";
