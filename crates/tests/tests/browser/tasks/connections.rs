//! The systems outside, and the ways to tell people: asked, stopped, let go on.

use tallyman_tests::morning::ALL;

use super::tasks;
use crate::kit::Browser;
use crate::played::Played;

tasks!(crate::played::played, crate::tasks::STRAIGHT: a_connection_is_stopped_and_let_go_on);
tasks!(crate::played::played, crate::tasks::CROSSED: a_connection_is_tested_and_its_work_done_now);
tasks!(crate::played::told, crate::tasks::CROSSED: a_way_to_tell_people_is_tested);

/// How the first merchant's ledger stands.
async fn state(day: &Played) -> String {
    let found = day.morning.api.get(ALL, "/connections?company=trader-1").await.ok();
    let mut all = found["connections"].as_array().expect("connections").iter();
    let sage = all.find(|one| one["name"] == "sage-1").expect("it is listed");
    sage["state"].as_str().expect("a state").to_owned()
}

async fn a_connection_is_stopped_and_let_go_on(browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    browser.go("Connections").await;
    browser.press_in("#c-sage-1", "Stop …").await;
    let begins = "return document.querySelector('#what').value === 'sage-1'";
    browser.becomes("the form with the connection", begins).await;
    browser.fill("Why", "The ledger is closed for the month.").await;
    browser.fill_when("Until", "2026-11-09T09:30").await;
    browser.press("Hold").await;
    browser.shows("The connection is stopped").await;
    assert_eq!(state(day).await, "stopped");
    let held = day.morning.api.get(ALL, "/holds?company=trader-1").await.ok();
    let hold = &held["holds"][0];
    assert_eq!(hold["reason"], "The ledger is closed for the month.", "{held}");
    assert_eq!(
        hold["until"], "2026-11-09T09:30:00Z",
        "the merchant is in London, where it is winter"
    );

    browser.press_in("#c-sage-1", "Let it go on").await;
    browser.shows("It goes on: what waited is due at once").await;
    assert_ne!(state(day).await, "stopped");
}

async fn a_connection_is_tested_and_its_work_done_now(browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    browser.go("Connections").await;
    browser.press_in("#c-sage-1", "Test").await;
    browser.shows("It lets us in and answers").await;
    browser.press("Run now: Ledger facts of sage-1").await;
    browser.shows("It is done now, by whichever worker runs").await;
    let told = day
        .morning
        .api
        .get(ALL, "/journal?company=trader-1&kind=connection")
        .await
        .ok();
    let lines = told["lines"].as_array().expect("lines");
    assert!(
        lines.iter().any(|line| line["actor"] == "all" && line["subject"] == "sage-1"),
        "{told}"
    );
}

async fn a_way_to_tell_people_is_tested(browser: &Browser, day: &Played) {
    browser.open(&day.link()).await;
    browser.go("Settings").await;
    browser.press("Alert rules").await;
    browser.shows("Who is told of what, and when").await;
    browser.press("Test slack-trader-1").await;
    // Nothing is kept of a test: that it was taken is what the route itself has said.
    browser.shows("Route slack-trader-1 took a test for trader-1").await;
}
