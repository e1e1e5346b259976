//! Unknown outcomes: shown to all who may read, answered for by whoever may.

use std::time::Duration;

use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_tests::morning::{ALL, ANNA, BEN, FIRST, Morning, READER, morning};
use tallyman_tests::parked::{PutOff, Stop};
use tallyman_tests::scene::play;

use super::visitor::Console;

/// A write of the first merchant that waits for a person's word; its id.
async fn parked(morning: &Morning, in_ledger: bool) -> String {
    let stop = Stop {
        reference: morning.orders.first().expect("an order").to_uppercase(),
        code: Code::OutcomeUnclear,
        in_ledger,
        now: morning.scene.clock.now(),
    };
    let stopped = morning.scene.store.write(stop).await.expect("stopped");
    let (_, effect) = stopped
        .into_iter()
        .find(|(company, _)| company == "trader-1")
        .expect("its own");
    effect.to_string()
}

#[test]
fn a_write_that_nobody_can_tell_about_is_answered_for_once() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let empty = console.get(READER, "/outcomes").await.page();
        assert!(empty.contains("Nothing is unknown"), "{empty}");
        let effect = parked(&morning, false).await;
        let page = console.get(FIRST, "/outcomes").await.page();
        assert!(
            page.contains("Waits for your word") && page.contains("Confirmation to the retailer"),
            "{page}"
        );
        assert_eq!(page.matches("<section class=\"panel\" id=\"write-").count(), 1, "{page}");
        assert!(!page.contains("0 times"), "it is not kept how often: {page}");
        let bare = console.get(READER, "/outcomes").await.page();
        assert!(!bare.contains("Give your word") && bare.contains(&effect), "{bare}");

        let path = format!("/outcomes/{effect}");
        let word = |word: &'static str, reason: &'static str| [("word", word), ("reason", reason), ("number", "")];
        console.post(READER, &path, &word("again", "I looked.")).await.with(403);
        let silent = console.post(FIRST, &path, &word("again", " ")).await.with(400);
        assert!(
            silent.contains("Say how you know") && silent.contains("Give your word"),
            "{silent}"
        );
        let numbered = [("word", "landed"), ("reason", "It is there."), ("number", "4711")];
        let none = console.post(FIRST, &path, &numbered).await.with(422);
        assert!(none.contains("no document with a number"), "{none}");
        console
            .post(FIRST, &path, &[("word", "landed"), ("reason", "x"), ("number", "no")])
            .await
            .with(400);
        assert_eq!(
            console.post(FIRST, &path, &word("again", "I looked.")).await.leads_to(),
            "/outcomes?done=goes-again"
        );
        console.post(FIRST, &path, &word("again", "I looked.")).await.with(422);
        let after = console.get(FIRST, "/outcomes?done=goes-again").await.page();
        assert!(
            after.contains("it goes again") && after.contains("Nothing is unknown"),
            "{after}"
        );
    });
}

#[test]
fn that_a_write_to_the_ledger_did_not_land_waits_for_a_second_person() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let path = format!("/outcomes/{}", parked(&morning, true).await);
        let word = [
            ("word", "again"),
            ("reason", "There is none in the ledger."),
            ("company", "trader-1"),
        ];
        let first = console.post(ANNA, &path, &word).await.leads_to();
        assert_eq!(first, "/outcomes?company=trader-1&done=awaits-second");
        let page = console.get(ANNA, &first).await.page();
        assert!(
            page.contains("Waits for a second word") && page.contains("A second person must say the same"),
            "{page}"
        );
        console.post(ANNA, &path, &word).await.with(422);
        assert_eq!(
            console.post(BEN, &path, &word).await.leads_to(),
            "/outcomes?company=trader-1&done=goes-again"
        );
    });
}

#[test]
fn a_card_of_a_write_says_which_write_and_keeps_its_mark_when_it_is_set_aside() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let effect = parked(&morning, false).await;
        let reference = morning.orders.first().expect("an order");
        let listed = morning
            .api
            .get(ALL, "/cards?company=trader-1&code=outcome_unclear")
            .await
            .ok();
        let card = &listed["cards"][0];
        let said = format!("Confirmation to the retailer, {reference}, `virtualstock-1`");
        assert_eq!(
            (&card["cause"]["said"], &card["cause"]["name"]),
            (&said.as_str().into(), &effect.as_str().into())
        );
        let shown = format!("Confirmation to the retailer, {reference}, <code>virtualstock-1</code>");
        let path = format!("/cards/{}", card["id"].as_str().expect("an id"));
        let clock = &morning.scene.clock;
        clock.sleep_until(clock.now().plus(Duration::from_secs(60))).await;
        for list in ["/", "/work", "/cards", &path] {
            let page = console.get(ALL, list).await.page();
            assert!(
                page.contains(&shown) && !page.contains(&format!("write {effect}")),
                "{list}: {page}"
            );
        }
        assert!(console.get(ALL, "/cards").await.page().contains("</svg>Unknown</span>"));
        // It is found by any of these words, and by the number that the write goes by.
        for words in [reference.as_str(), "confirmation", effect.as_str()] {
            let found = console
                .get(ALL, &format!("/cards?company=trader-1&cause={words}"))
                .await
                .page();
            assert_eq!(found.matches("<tr id=\"card-").count(), 1, "{words}: {found}");
        }

        let version = card["version"].to_string();
        let form = [
            ("version", version.as_str()),
            ("until", "2026-11-09T09:00"),
            ("reason", "They answer then."),
        ];
        console.post(ALL, &format!("{path}/set-aside"), &form).await.leads_to();
        let aside = console.get(ALL, "/cards?life=set_aside").await.page();
        assert!(
            aside.contains("mark unknown") && aside.contains("Unknown, set aside"),
            "{aside}"
        );
        let outcomes = console.get(FIRST, "/outcomes").await.page();
        assert!(
            outcomes.contains("Waits for your word, set aside") && outcomes.contains(", set aside until "),
            "{outcomes}"
        );
    });
}

#[test]
fn what_was_put_off_is_a_tab_beside_the_cards() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/cards").await.page();
        assert!(page.contains("href=\"/retries\""), "{page}");
        let none = console.get(ALL, "/retries").await.page();
        assert!(none.contains("Nothing is tried again"), "{none}");

        let clock = &morning.scene.clock;
        let reference = morning.orders.first().expect("an order");
        let locked = PutOff {
            reference: reference.to_uppercase(),
            pauses: 3,
            due: morning.in_hours(1),
            now: morning.scene.clock.now(),
        };
        morning.scene.store.write(locked).await.expect("put off");
        let page = console.get(FIRST, "/retries").await.page();
        for said in [
            "Despatch in the ledger, ",
            reference,
            "somebody has the record open",
            "3 times",
            "1 write on this page",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("trader-2"), "{page}");
        let all = morning.api.get(ALL, "/retries").await.ok();
        let both: Vec<&str> = all["retries"]
            .as_array()
            .expect("writes")
            .iter()
            .filter_map(|one| one["company"].as_str())
            .collect();
        assert_eq!(both, ["trader-1", "trader-2"]);
        let first = morning.api.get(ALL, "/retries?limit=1").await.ok();
        let next = format!("/retries?limit=1&after={}", first["next"].as_str().expect("a next"));
        let second = morning.api.get(ALL, &next).await.ok();
        assert_eq!(
            (&second["retries"][0], &second["next"]),
            (&all["retries"][1], &serde_json::Value::Null)
        );
        // The overview says it beside its queue, and not that it is cleared any sooner.
        clock.sleep_until(clock.now().plus(Duration::from_secs(60))).await;
        let overview = console.get(FIRST, "/").await.page();
        assert!(
            overview.contains("1 put off until ") && overview.contains("href=\"/retries?company=trader-1\""),
            "{overview}"
        );
        let flows = morning.api.get(FIRST, "/overview").await.ok()["companies"][0]["flows"].clone();
        assert_eq!(
            (
                &flows[3]["name"],
                &flows[3]["waiting"],
                &flows[3]["put_off"],
                &flows[3]["clear_seconds"]
            ),
            (&"despatches".into(), &1.into(), &1.into(), &0.into())
        );
        let sheet = console.get(FIRST, "/sheets/retries").await.text;
        assert!(
            sheet.contains("somebody has the record open") && sheet.lines().count() == 2,
            "{sheet}"
        );
    });
}
