//! Connections and what is held there: what the page shows, to whom, and what its forms do.

use std::time::Duration;

use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::seam::Clock;
use tallyman_tests::morning::{ALL, FIRST, MAPPER, READER, access, morning};
use tallyman_tests::scene::{Scene, play, settings};

use super::visitor::{Console, links};

#[test]
fn what_is_held_stands_on_the_page_and_is_let_go_there() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(READER, "/connections").await.page();
        for said in [
            "sage-1",
            "virtualstock-2",
            "Answers",
            "Nothing is held",
            "Work that comes round",
            "are free now",
            "Ledger facts",
            "Channel’s list",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("Run now") && !page.contains("Hold something"), "{page}");
        assert!(!console.get(FIRST, "/connections").await.page().contains("sage-2"));
        // As a field of a form says it; the scene's merchants are in London, where it is winter.
        let until = morning.in_hours(4).to_rfc3339()[..16].to_owned();
        let wish = |what: &'static str, reason: &'static str| {
            vec![
                ("company", "trader-1"),
                ("kind", "writes"),
                ("what", what),
                ("reason", reason),
            ]
        };
        let mut form = wish("sage-1", "Month end");
        form.push(("until", &until));
        console.post(READER, "/holds", &form).await.with(403);
        let mut nothing = wish("sage-9", "Month end");
        nothing.push(("until", &until));
        let refused = console.post(ALL, "/holds", &nothing).await.with(422);
        assert!(
            refused.contains("There is no connection sage-9") && refused.contains("value=\"sage-9\""),
            "{refused}"
        );
        assert!(refused.contains("label=\"sage-2 (trader-2, ledger)\""), "{refused}");
        let mut silent = wish("sage-1", " ");
        silent.push(("until", &until));
        assert!(
            console
                .post(ALL, "/holds", &silent)
                .await
                .with(422)
                .contains("Say why it is held")
        );
        assert_eq!(console.post(ALL, "/holds", &form).await.leads_to(), "/connections?done=held");
        let page = console.get(READER, "/connections").await.page();
        assert!(
            page.contains("All writes to sage-1 are held") && page.contains("Month end"),
            "{page}"
        );
        assert!(
            !console
                .get(FIRST, "/connections?company=trader-1")
                .await
                .page()
                .contains("Nothing is held")
        );
        // The overview says so of what is written there, and of nothing else.
        let clock = &morning.scene.clock;
        clock.sleep_until(clock.now().plus(Duration::from_secs(60))).await;
        let overview = morning.api.get(ALL, "/overview?company=trader-1").await.ok();
        let flows = overview["companies"][0]["flows"].as_array().expect("flows").clone();
        let is_held = |name: &str| {
            let flow = flows.iter().find(|flow| flow["name"] == name).expect("a way");
            !flow["held_until"].is_null()
        };
        assert!(
            is_held("orders") && is_held("despatches") && !is_held("releases"),
            "{flows:?}"
        );
        let page = console.get(ALL, "/?company=trader-1").await.page();
        let waits = flows[3]["waiting"].as_u64().expect("a number");
        let said = if waits == 0 {
            "held, none waits".to_owned()
        } else {
            format!("{waits} held")
        };
        assert!(page.contains(&said), "{said}: {page}");
        let held = morning.api.get(ALL, "/holds?company=trader-1").await.ok();
        let id = held["holds"][0]["id"].as_str().expect("an id").to_owned();
        let path = format!("/holds/{id}/end");
        console.post(MAPPER, &path, &[("company", "trader-1")]).await.with(403);
        let done = console.post(ALL, &path, &[("company", "trader-1")]).await.leads_to();
        assert_eq!(done, "/connections?done=let-go");
        console.post(ALL, &path, &[("company", "trader-1")]).await.with(422);
        let journal = console.get(ALL, "/journal?company=trader-1&kind=hold").await.page();
        assert!(
            journal.contains("Ended before its time") && journal.contains("Month end"),
            "{journal}"
        );
    });
}

/// The connection and what is to become of it, as the form for a hold says them.
#[track_caller]
fn says_stop(page: &str, company: &str, name: &str) {
    for said in [
        format!("<option value=\"{company}\" selected>"),
        "<option value=\"connection\" selected>".to_owned(),
        format!("name=\"what\" value=\"{name}\""),
    ] {
        assert!(page.contains(&said), "{said}: {page}");
    }
}

#[test]
fn the_form_that_stops_a_connection_begins_with_it_and_keeps_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/connections").await.page();
        let stop = links(&page).into_iter().find(|link| link.contains("stop=sage-2"));
        let stop = stop.expect("a link of its tile");
        assert_eq!(stop, "/connections?company=trader-2&stop=sage-2#h-hold");
        let page = console.get(ALL, stop.trim_end_matches("#h-hold")).await.page();
        says_stop(&page, "trader-2", "sage-2");
        let silent = [
            ("company", "trader-2"),
            ("kind", "connection"),
            ("what", "sage-2"),
            ("reason", " "),
            ("until", "2026-11-09T09:00"),
        ];
        let refused = console.post(ALL, "/holds", &silent).await.with(422);
        says_stop(&refused, "trader-2", "sage-2");
        // What somebody does not see is no one's to stop.
        let page = console.get(FIRST, "/connections?stop=sage-2").await.page();
        assert!(!page.contains("sage-2"), "{page}");
    });
}

#[test]
fn a_connection_that_rests_has_no_call_in_use_and_stands_alike_on_both_pages() {
    play(async {
        let morning = morning().await;
        let clock = &morning.scene.clock;
        // Nobody works now: all that was handed out has been earned again.
        clock.sleep_until(clock.now().plus(Duration::from_secs(600))).await;
        let shown = morning.api.get(ALL, "/connections?company=trader-1").await.ok();
        let overview = morning.api.get(ALL, "/overview?company=trader-1").await.ok();
        let systems = overview["companies"][0]["systems"].as_array().expect("systems").clone();
        let all = shown["connections"].as_array().expect("connections");
        for connection in all {
            let rate = &connection["rate"];
            assert_eq!(rate["free"], rate["at_once"], "{connection}");
        }
        for system in &systems {
            let its = all.iter().find(|connection| connection["name"] == system["connection"]);
            assert_eq!(its.expect("it is listed")["state"], system["state"], "{system}");
        }
    });
}

#[test]
fn a_connection_is_tested_and_its_work_is_done_now() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        for connection in ["sage-1", "virtualstock-1", "mintsoft-1"] {
            let done = console
                .post(ALL, &format!("/connections/{connection}/test"), &[])
                .await
                .leads_to();
            assert_eq!(done, "/connections?done=answers", "{connection}");
        }
        let ran = console
            .post(ALL, "/connections/sage-1/run", &[("round", "facts")])
            .await
            .leads_to();
        assert!(ran.starts_with("/connections?done="), "{ran}");
        console
            .post(ALL, "/connections/sage-1/run", &[("round", "tea")])
            .await
            .with(422);
        console.post(ALL, "/connections/sage-9/test", &[]).await.with(404);
        console.post(READER, "/connections/sage-1/test", &[]).await.with(403);
        console.post(FIRST, "/connections/sage-2/test", &[]).await.with(404);
    });
}

#[test]
fn a_card_about_a_connection_leads_to_where_it_is_put_right() {
    play(async {
        let mut scene = Scene::new(settings());
        let ends = scene.clock.now().plus(Duration::from_secs(10 * 86_400));
        scene.promises.consents = vec![(Connection::new("sage-1"), ends)];
        scene
            .work_until("warned", async |scene| !scene.cards(Code::ConsentLapsing).await.is_empty())
            .await;
        let console = Console::knowing(&scene, access()).await;
        let card = scene.cards(Code::ConsentLapsing).await.remove(0);
        let page = console.get(FIRST, &format!("/cards/{}", card.id)).await.page();
        let there = links(&page).into_iter().find(|link| link.starts_with("/connections#"));
        let there = there.expect("where one signs in again");
        assert_eq!(there, "/connections#c-sage-1");
        let page = console.get(FIRST, &there).await.page();
        assert!(page.contains("id=\"c-sage-1\""), "{page}");
    });
}
