//! Writes that nobody can tell about: shown, and answered for by whoever may.

use serde_json::json;
use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_tests::morning::{ALL, ANNA, BEN, FIRST, READER, morning};
use tallyman_tests::parked::Stop;
use tallyman_tests::scene::play;

#[test]
fn what_waits_for_a_persons_word_is_shown_and_answered_once() {
    play(async {
        let morning = morning().await;
        let (api, store) = (&morning.api, &morning.scene.store);
        let stop = |code| Stop {
            reference: morning.orders.first().expect("an order").to_uppercase(),
            code,
            in_ledger: false,
            now: morning.scene.clock.now(),
        };
        let unclear = store.write(stop(Code::OutcomeUnclear)).await.expect("stopped");
        // It goes on by itself when the carrier is mapped: nobody is asked.
        store.write(stop(Code::CarrierUnmapped)).await.expect("stopped");
        assert_eq!(unclear.len(), 2, "both merchants have an order of this number");

        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = api.get(READER, &format!("/outcomes?limit=1{after}")).await.ok();
            let outcomes = page["outcomes"].as_array().expect("outcomes");
            assert!(
                !outcomes.is_empty(),
                "what nobody is asked about takes no room on a page: {page}"
            );
            seen.extend(outcomes.clone());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let ids: Vec<&str> = seen.iter().filter_map(|outcome| outcome["id"].as_str()).collect();
        assert_eq!(
            (ids.len(), unclear.iter().filter(|(_, id)| ids.contains(&id.as_str())).count()),
            (2, 2),
            "{seen:?}"
        );
        assert_eq!(
            (&seen[0]["state"], &seen[0]["code"]),
            (&"parked".into(), &"outcome_unclear".into())
        );
        assert_eq!(seen[0]["what"], "confirmation to the retailer");

        let of = |company: &str| unclear.iter().find(|(its, _)| its == company).expect("its own").1;
        let (first, second) = (of("trader-1"), of("trader-2"));
        let seen_there = json!({"reason": "Looked in the portal: it is not there."});
        api.post(READER, &format!("/outcomes/{first}/again"), &seen_there)
            .await
            .refused(403);
        api.post(FIRST, &format!("/outcomes/{second}/again"), &seen_there)
            .await
            .refused(404);
        let silent = api
            .post(ALL, &format!("/outcomes/{first}/again"), json!({"reason": " "}))
            .await
            .refused(400);
        assert_eq!(silent["field"], "reason");
        let numbered = json!({"reason": "It is there.", "number": 4711});
        let none = api
            .post(FIRST, &format!("/outcomes/{first}/landed"), &numbered)
            .await
            .refused(422);
        let detail = none["detail"].as_str().expect("a sentence");
        assert!(detail.contains("no document with a number"), "{detail}");
        let answered = api.post(FIRST, &format!("/outcomes/{first}/again"), &seen_there).await.ok();
        assert_eq!(answered["awaits_second"], false);
        let said = answered["said"].as_str().expect("a sentence");
        assert!(
            said.starts_with("first says that") && said.contains("goes again: Looked in the portal"),
            "{said}"
        );
        let twice = api
            .post(FIRST, &format!("/outcomes/{first}/again"), &seen_there)
            .await
            .refused(422);
        assert_eq!(twice["record"], first.as_str());
        let left = api.get(FIRST, "/outcomes?state=parked").await.ok();
        assert_eq!(left["outcomes"], json!([]));
    });
}

#[test]
fn that_a_write_to_the_ledger_did_not_land_takes_two_people() {
    play(async {
        let morning = morning().await;
        let (api, store) = (&morning.api, &morning.scene.store);
        let stop = Stop {
            reference: morning.orders.first().expect("an order").to_uppercase(),
            code: Code::OutcomeUnclear,
            in_ledger: true,
            now: morning.scene.clock.now(),
        };
        let stopped = store.write(stop).await.expect("stopped");
        let (_, effect) = stopped.iter().find(|(company, _)| company == "trader-1").expect("its own");
        let path = format!("/outcomes/{effect}/again");
        let word = json!({"reason": "Looked in Sage: it is not there."});
        let nobodys = api.post(ALL, &path, &word).await.refused(422);
        let said = nobodys["detail"].as_str();
        assert!(said.is_some_and(|detail| detail.contains("belongs to nobody")), "{nobodys}");
        let first = api.post(ANNA, &path, &word).await.ok();
        assert_eq!(first["awaits_second"], true, "{first}");
        let listed = async || api.get(READER, "/outcomes?company=trader-1").await.ok();
        let waits = listed().await["outcomes"][0].clone();
        assert_eq!(
            (&waits["id"], &waits["first_word"]["by"]),
            (&effect.as_str().into(), &"person/P1/script".into())
        );
        assert!(!waits["first_word"]["at"].is_null(), "{waits}");
        let twice = api.post(ANNA, &path, &word).await.refused(422);
        assert!(
            twice["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("a second person")),
            "{twice}"
        );
        for nobodys in [ALL, FIRST] {
            api.post(nobodys, &path, &word).await.refused(422);
        }
        let second = api.post(BEN, &path, &word).await.ok();
        assert_eq!(second["awaits_second"], false, "{second}");
        assert_eq!(listed().await["outcomes"], json!([]), "it goes again");
    });
}
