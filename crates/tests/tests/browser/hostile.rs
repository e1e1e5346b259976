//! What others write is shown as they wrote it, in a real browser: nothing of it runs, nothing of it becomes a part of the page.

use serde_json::json;
use tallyman_core::cause::Cause;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::mapping::{Cell, Table};
use tallyman_tests::morning::ALL;

use super::faults;
use super::kit::{Browser, browse_after};
use super::played::{Played, played};

/// It would leave a mark wherever it ran, by script or by an event, were it a part of a page.
const HOSTILE: &str = r#""><script>window.ran=1</script><img src=x onerror="window.ran=1">"#;

/// The page shows it as text and nothing of it ran.
async fn is_text(browser: &Browser, day: &Played, address: &str) {
    browser.open(&day.at(address)).await;
    // What is folded away is read when somebody unfolds it.
    let unfold = "document.querySelectorAll('details').forEach(it => it.open = true)";
    browser.run(unfold, json!([])).await;
    browser.shows("<script>window.ran=1</script>").await;
    let marks = "return [window.ran === undefined, document.querySelectorAll('img, main script').length === 0]";
    assert_eq!(
        browser.run(marks, json!([])).await,
        json!([true, true]),
        "it ran at {address}"
    );
    // The browser writes what its policy has stopped into its console: nothing had to be stopped.
    assert_eq!(faults::console(browser).await, Vec::<String>::new(), "{address}");
}

#[test]
fn what_others_write_is_text_in_a_browser() {
    browse_after(played, async |browser, day| {
        let morning = &day.morning;
        let mut cards = Vec::new();
        for (table, code) in [
            (Table::Sku, Code::SkuUnknown),
            (Table::CarrierOut, Code::CarrierUnmapped),
            (Table::Customer, Code::CustomerUnmapped),
        ] {
            let cell = Cell::new(table, "virtualstock-1", HOSTILE);
            let finding = Finding::new(code, Cause::Cell(cell), format!("{HOSTILE} is not known."));
            morning.scene.inject("trader-1", &finding).await;
            let listed = morning
                .api
                .get(ALL, &format!("/cards?company=trader-1&code={code}"))
                .await
                .ok();
            let listed = listed["cards"].as_array().expect("cards");
            let its = listed
                .iter()
                .find(|card| card["cause"]["said"].as_str().is_some_and(|said| said.contains("window.ran")));
            cards.push(its.expect("its card")["id"].as_str().expect("an id").to_owned());
        }
        for card in &cards {
            let version = morning.card_by_id(card).await["version"].clone();
            let said = json!({"version": version, "text": HOSTILE});
            morning.api.post(ALL, &format!("/cards/{card}/comment"), said).await.ok();
        }
        browser.open(&day.link()).await;
        for card in &cards {
            is_text(browser, &day, &format!("/cards/{card}")).await;
        }
        let members = morning.api.get(ALL, &format!("/cards/{}/members", cards[0])).await.ok();
        let journey = members["members"][0]["journey"].as_str().expect("an order").to_owned();
        for address in [
            "/cards?company=trader-1".to_owned(),
            format!("/orders/{journey}"),
            "/handbook?company=trader-1".to_owned(),
        ] {
            is_text(browser, &day, &address).await;
        }
        // A reason that is refused, and what was asked for, come back beside their fields.
        browser.open(&day.at(&format!("/cards/{}", cards[0]))).await;
        browser.fill("Means, in our words", HOSTILE).await;
        browser.fill("Why", HOSTILE).await;
        browser.press("Save for all").await;
        browser.shows("<script>window.ran=1</script>").await;
        assert_eq!(browser.run("return window.ran === undefined", json!([])).await, json!(true));
    });
}
