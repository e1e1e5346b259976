//! Who may what, and who stands in for whom.

use serde_json::{Value, json};
use tallyman_core::access::Level;
use tallyman_tests::morning::ALL;

use super::tasks;
use crate::kit::Browser;
use crate::played::Played;

tasks!(crate::played::played, crate::tasks::STRAIGHT: somebody_is_invited_given_a_level_and_loses_another);
tasks!(crate::played::played, crate::tasks::CROSSED: somebody_stands_in_for_somebody);

/// What there is of somebody, by name.
async fn person(day: &Played, name: &str) -> Value {
    let found = day.morning.api.get(ALL, "/people").await.ok();
    let mut people = found["people"].as_array().expect("people").iter();
    people.find(|person| person["name"] == name).expect("they are listed").clone()
}

async fn somebody_is_invited_given_a_level_and_loses_another(browser: &Browser, day: &Played) {
    let levels = async || {
        let maya = person(day, "Maya Lindqvist").await;
        let grants = maya["grants"].as_array().expect("levels").clone();
        grants
            .iter()
            .map(|grant| (grant["level"].clone(), grant["company"].clone()))
            .collect::<Vec<_>>()
    };
    browser.open(&day.link()).await;
    browser.go("Settings").await;
    browser.press("People").await;
    browser.shows("Nobody is given a password").await;
    browser.fill("Name", "Maya Lindqvist").await;
    browser.choose("Level", "Operations").await;
    browser.choose("Where", "trader-1").await;
    browser.press("Invite").await;
    browser.shows("The link is made").await;
    assert_eq!(levels().await, [(json!("operations"), json!("trader-1"))]);

    browser.press("Go on to this person").await;
    browser.shows("Maya Lindqvist signs in as maya.lindqvist").await;
    browser.choose("Level", "Finance").await;
    browser.choose("Where", "trader-2").await;
    browser.press_in("#give", "Give").await;
    browser.shows("It is given").await;
    browser.press("Take away operations at trader-1").await;
    browser.shows("It is taken away").await;
    assert_eq!(levels().await, [(json!("finance"), json!("trader-2"))]);
}

async fn somebody_stands_in_for_somebody(browser: &Browser, day: &Played) {
    day.invite("Anna Smith", Level::Finance).await;
    day.invite("Ben Jones", Level::Finance).await;
    browser.open(&day.link()).await;
    browser.go("Settings").await;
    browser.press("Deputies").await;
    browser.shows("Nobody stands in for anybody").await;
    browser.choose("Who stands in", "Ben Jones").await;
    browser.choose("For whom", "Anna Smith").await;
    browser.fill_when("First day", "2026-11-03").await;
    browser.fill_when("Last day", "2026-11-13").await;
    browser.press("Name").await;
    browser.shows("It is kept, and begins and ends by itself").await;
    let found = day.morning.api.get(ALL, "/deputies").await.ok();
    let deputy = &found["deputies"][0];
    let (anna, ben) = (person(day, "Anna Smith").await, person(day, "Ben Jones").await);
    assert_eq!(
        (&deputy["stands_for"], &deputy["person"]),
        (&anna["id"], &ben["id"]),
        "{found}"
    );
    let spans = [&deputy["from"], &deputy["until"]].map(|at| at.as_str().unwrap_or_default()[..10].to_owned());
    assert_eq!(spans, ["2026-11-03", "2026-11-14"], "the last day counts");
}
