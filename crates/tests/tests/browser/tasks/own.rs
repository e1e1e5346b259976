//! What somebody does about their own way in: a password, a code beside it, a token for a program.

use std::time::Duration;

use serde_json::json;
use tallyman_core::access::Level;
use tallyman_core::seam::Clock;
use tallyman_tests::doorman::PASSWORD;
use tallyman_tests::morning::ALL;
use tallyman_tests::telephone::{self, STEP_SECONDS};

use super::{comes_in, signs_in, tasks};
use crate::kit::Browser;
use crate::played::Played;

const ANOTHER: &str = "a long day on the quay";

tasks!(crate::played::house, crate::tasks::STRAIGHT: a_password_is_changed, a_token_is_made_and_ended);
tasks!(crate::played::house, crate::tasks::CROSSED: a_code_is_asked_for);

async fn maya_comes_in(browser: &Browser, day: &Played) {
    let link = day.invite("Maya Lindqvist", Level::Operations).await;
    comes_in(browser, &link).await;
    browser.go("Settings").await;
}

async fn sign_out(browser: &Browser) {
    browser.press("Sign out").await;
    browser.shows("Forgotten?").await;
}

async fn a_password_is_changed(browser: &Browser, day: &Played) {
    maya_comes_in(browser, day).await;
    browser.fill("The one that you have", PASSWORD).await;
    browser.fill("The new one", ANOTHER).await;
    browser.press("Change it").await;
    browser.shows("Your password is changed").await;
    sign_out(browser).await;
    signs_in(browser, day, "maya.lindqvist", ANOTHER).await;
    let told = day
        .morning
        .api
        .get(ALL, "/journal?company=people&kind=person.password_changed")
        .await
        .ok();
    assert_eq!(told["lines"][0]["name"], "Maya Lindqvist", "{told}");
}

/// The code that a telephone with this secret shows, so long from now.
fn code(secret: &str, day: &Played, ahead: Duration) -> String {
    telephone::code(secret, day.morning.scene.clock.now().plus(ahead))
}

async fn a_code_is_asked_for(browser: &Browser, day: &Played) {
    maya_comes_in(browser, day).await;
    browser.press("Set it up").await;
    browser.shows("Photograph it with your app").await;
    let secret = browser
        .run("return document.querySelector('#secret code').textContent", json!([]))
        .await;
    let secret = secret.as_str().expect("a secret");
    browser
        .fill("The code that it shows now", &code(secret, day, Duration::ZERO))
        .await;
    browser.press("Confirm").await;
    browser.shows("A code is asked for from now on").await;
    let people = day.morning.api.get(ALL, "/people").await.ok();
    assert_eq!(people["people"][0]["code"], true, "{people}");

    sign_out(browser).await;
    browser.fill("Name", "maya.lindqvist").await;
    browser.fill("Password", PASSWORD).await;
    // Each code counts once, and clocks of telephones may differ by one.
    browser
        .fill("Code from your app", &code(secret, day, Duration::from_secs(STEP_SECONDS)))
        .await;
    browser.press("Sign in").await;
    browser.shows("Sign out").await;
}

async fn a_token_is_made_and_ended(browser: &Browser, day: &Played) {
    let api = &day.morning.api;
    maya_comes_in(browser, day).await;
    browser.press("Tokens").await;
    browser.fill("Name", "price-sheet").await;
    browser.tick("See cards and counts read").await;
    browser.press("Make it").await;
    browser.shows("Copy it now").await;
    let secret = browser
        .run("return document.querySelector('#secret code').textContent", json!([]))
        .await;
    let secret = secret.as_str().expect("a token");
    api.get(secret, "/cards").await.ok();
    api.post(secret, "/tally/compare", json!({"company": "trader-1"}))
        .await
        .refused(403);

    browser.press("I have copied it").await;
    browser.press("End price-sheet").await;
    browser.shows("The token is over").await;
    api.get(secret, "/cards").await.refused(401);
}
