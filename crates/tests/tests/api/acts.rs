//! What people do with a card by the API, and what they may not.

use serde_json::json;
use tallyman_tests::scene::play;

use tallyman_tests::morning::{ALL, FINANCE, READER, morning};

#[test]
fn each_act_is_kept_under_the_tokens_name_and_refused_on_a_version_that_has_moved() {
    play(async {
        let morning = morning().await;
        let (api, id) = (&morning.api, morning.id().await);
        let act = async |name: &str, body: serde_json::Value| api.post(ALL, &format!("/cards/{id}/{name}"), body).await;
        let version = morning.card().await["version"].as_u64().expect("a version");
        let card = act("acknowledge", json!({"version": version})).await.ok();
        assert_eq!(
            (&card["life"], &card["version"]),
            (&"acknowledged".into(), &(version + 1).into())
        );

        // Somebody else has seen it as it was before.
        let moved = act("fix", json!({"version": version})).await.refused(409);
        assert_eq!(moved["record"], id.as_str());
        let detail = moved["detail"].as_str().expect("a sentence");
        assert!(
            detail.contains(&format!("version {version}, now {}", version + 1)),
            "{detail}"
        );
        assert_eq!(
            api.get(ALL, &format!("/cards/{id}")).await.ok()["life"],
            "acknowledged",
            "nothing was changed"
        );

        let card = act("assign", json!({"version": version + 1, "to": "jo", "deputy": "sam"}))
            .await
            .ok();
        assert_eq!((&card["assignee"], &card["deputy"]), (&"jo".into(), &"sam".into()));
        act("fix", json!({"version": version + 2})).await.ok();
        act("comment", json!({"version": version + 3, "text": "Asked Mrs Smith."}))
            .await
            .ok();
        act("take-up", json!({"version": version + 4})).await.refused(422);
        let until = "2026-11-09T09:00:00Z";
        let card = act(
            "set-aside",
            json!({"version": version + 4, "until": until, "reason": "Mrs Smith answers then."}),
        )
        .await
        .ok();
        assert_eq!(
            (&card["life"], &card["set_aside"]["until"]),
            (&"set_aside".into(), &until.into())
        );
        act("take-up", json!({"version": version + 5})).await.ok();
        let card = act(
            "hand-over",
            json!({"version": version + 6, "to": "finance", "note": "Yours."}),
        )
        .await
        .ok();
        assert_eq!((&card["team"], &card["owner"]), (&"finance".into(), &"operations".into()));
        // Now it is finance's, whose token acts on nothing else.
        api.post(FINANCE, &format!("/cards/{id}/fix"), json!({"version": version + 7}))
            .await
            .ok();

        let history = api.get(ALL, &format!("/cards/{id}/history")).await.ok();
        let acts: Vec<&str> = history["acts"]
            .as_array()
            .expect("acts")
            .iter()
            .filter_map(|act| act["act"].as_str())
            .collect();
        assert_eq!(
            acts,
            [
                "fix",
                "hand_over",
                "take_up",
                "set_aside",
                "comment",
                "fix",
                "assign",
                "acknowledge"
            ]
        );
        assert_eq!(
            (&history["acts"][0]["actor"], &history["acts"][1]["actor"]),
            (&"finance".into(), &"all".into())
        );
        assert_eq!(history["acts"][4]["text"], "Asked Mrs Smith.");
        // What people wrote may name a customer: it is not for whoever may only read.
        let bare = api.get(READER, &format!("/cards/{id}/history")).await;
        assert!(!bare.text.contains("Smith"), "{}", bare.text);
        let first = api.get(ALL, &format!("/cards/{id}/history?limit=3")).await.ok();
        let next = first["next"].as_str().expect("more");
        let second = api
            .get(ALL, &format!("/cards/{id}/history?limit=200&after={next}"))
            .await
            .ok();
        assert_eq!(second["acts"].as_array().map(Vec::len), Some(5));
    });
}

#[test]
fn what_a_token_may_not_do_is_refused_with_the_remedy() {
    play(async {
        let morning = morning().await;
        let (api, id) = (&morning.api, morning.id().await);
        let version = morning.card().await["version"].as_u64().expect("a version");
        let seen = json!({"version": version});
        let path = format!("/cards/{id}/acknowledge");
        let refused = api.post(READER, &path, &seen).await.refused(403);
        assert!(
            refused["remedy"].as_str().is_some_and(|remedy| remedy.contains("\"act\"")),
            "{refused}"
        );
        let refused = api.post(FINANCE, &path, &seen).await.refused(403);
        assert!(
            refused["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("is with operations")),
            "{refused}"
        );
        let word = json!({"table": "sku", "connection": "virtualstock-1", "theirs": "A", "ours": "B", "reason": "c"});
        api.post(READER, "/mappings/set", &word).await.refused(403);
        api.post(READER, "/outcomes/AAAAAAAAAAAAAAAA/again", json!({"reason": "seen"}))
            .await
            .refused(403);
        api.post(READER, "/alert-routes/mail/test", "").await.refused(403);
        assert_eq!(morning.card().await["version"], version, "nothing was changed");
    });
}

#[test]
fn what_cannot_be_read_is_refused_with_its_field() {
    play(async {
        let morning = morning().await;
        let (api, id) = (&morning.api, morning.id().await);
        let path = format!("/cards/{id}/comment");
        for (body, field) in [
            (r#"{"version":1,"text":"a","colour":"red"}"#, "colour"),
            (r#"{"text":"a"}"#, "version"),
            (r#"{"version":"one","text":"a"}"#, "version"),
            (r#"{"version":1,"text":"a"} and more"#, "body"),
        ] {
            let refused = api.post(ALL, &path, body).await.refused(400);
            assert_eq!(refused["field"], field, "{refused}");
        }
        for (query, field) in [
            ("/cards?tema=finance", "tema"),
            ("/cards?team=kitchen", "team"),
            ("/cards?limit=0", "limit"),
            ("/cards?limit=201", "limit"),
            ("/cards?after=nonsense", "after"),
            ("/tally?day=yesterday", "day"),
        ] {
            let refused = api.get(ALL, query).await.refused(400);
            assert_eq!(refused["field"], field, "{query}: {refused}");
        }
        let as_text = api
            .send(ALL, &path, "text/plain", r#"{"version":1,"text":"a"}"#)
            .await
            .refused(400);
        assert_eq!(as_text["field"], "Content-Type");
        let long = format!(
            r#"{{"version":1,"text":"{}"}}"#,
            "a".repeat(tallyman_web::api::BODY_BYTES_MAX)
        );
        api.post(ALL, &path, long).await.refused(413);
        let sheet = vec![b'a'; tallyman_web::api::SHEET_BYTES_MAX + 1];
        api.send(ALL, "/mappings/import?dry_run=true", "text/csv", sheet)
            .await
            .refused(413);
        // Longer than is kept, though not than is read.
        let wordy = json!({"version": morning.card().await["version"], "text": "a".repeat(2_001)});
        api.post(ALL, &path, wordy).await.refused(422);
    });
}
