//! A page that is open is told of what its own forms do: it listens to the topics that such an act touches.

use serde_json::{Value, json};
use tallyman_core::access::Level;
use tallyman_tests::morning::{Morning, morning};
use tallyman_tests::scene::play;

use super::live::{listen, next};
use super::people::{House, house};

const MAYA: &str = "maya";
const ADA: &str = "ada";

/// The topics that a page names, as it asks for them.
pub fn topics(page: &str) -> String {
    let named = page.split("data-live=\"").skip(1).filter_map(|rest| rest.split('"').next());
    named.collect::<Vec<_>>().join(",").replace(' ', ",")
}

/// Somebody's act, of which the page must be told, and what the page says then.
async fn tells(house: &House, (who, page): (&str, &str), (path, said): (&str, Value), shows: &str) {
    let before = house.console.get(who, page).await.page();
    assert!(!before.contains(shows), "{page} says so already: {shows}");
    let mut stream = listen(&house.console, who, &topics(&before)).await;
    house.api.post(who, path, said).await.ok();
    let told = next(&mut stream).await;
    assert!(
        told.as_deref().is_some_and(|told| told.starts_with("event: changed")),
        "{page} was not told: {told:?}"
    );
    let after = house.console.get(who, page).await.page();
    assert!(after.contains(shows), "{page}: {after}");
}

async fn staffed() -> (Morning, House) {
    let morning = morning().await;
    let people = [("Maya Lindqvist", Level::Integrator), ("Ada Ost", Level::Administrator)];
    let house = house(&morning, &people).await;
    (morning, house)
}

#[test]
fn words_proposals_and_people_are_told() {
    play(async {
        let (_morning, house) = staffed().await;
        let word = |table: &str, theirs: &str, ours: &str, reason: &str| {
            let connection = "virtualstock-1";
            json!({"table": table, "connection": connection, "theirs": theirs, "ours": ours, "reason": reason})
        };
        let dozen = |ours, reason| ("/mappings/set", word("unit", "DOZEN", ours, reason));
        let (path, said) = dozen("10", "a baker's guess");
        house.api.post(MAYA, path, said).await.ok();
        let page = "/mappings/words?table=unit&connection=virtualstock-1&theirs=DOZEN";
        tells(
            &house,
            (MAYA, page),
            dozen("12", "they say it themselves"),
            "they say it themselves",
        )
        .await;
        let proposed = ("/mappings/set", word("tax", "reduced", "1", "The list."));
        tells(&house, (MAYA, "/proposals"), proposed, "reduced").await;
        let open = house.api.get(MAYA, "/proposals").await.ok();
        let id = open["proposals"][0]["id"].as_str().expect("a proposal").to_owned();
        let (page, act) = (format!("/proposals/{id}"), format!("/proposals/{id}/reject"));
        tells(
            &house,
            (MAYA, &page),
            (&act, json!({"reason": "a slip of hers"})),
            "a slip of hers",
        )
        .await;
        let invited = json!({"name": "Victoria View", "level": "viewer", "company": "trader-1"});
        tells(&house, (ADA, "/settings/people"), ("/people", invited), "Victoria View").await;
    });
}
