//! What the owner of a card decides by the API.

use serde_json::json;
use tallyman_tests::scene::play;

use tallyman_tests::morning::{ALL, FINANCE, READER, morning};

#[test]
fn orders_are_declined_one_and_then_all_by_their_own_team_on_the_version_that_was_seen() {
    play(async {
        let morning = morning().await;
        let (api, id) = (&morning.api, morning.id().await);
        let path = format!("/cards/{id}/decisions");
        let card = morning.card().await;
        let version = card["version"].as_u64().expect("a version");
        assert_eq!(
            (&card["rulings"][0]["as"], card["rulings"].as_array().map(Vec::len)),
            (&"declined".into(), Some(1))
        );
        let order = morning.orders.first().expect("an order").clone();
        let one = |version: u64| json!({"version": version, "as": "declined", "order": order, "agreed": true, "reason": "Cancelled by telephone."});

        api.post(READER, &path, one(version)).await.refused(403);
        api.post(FINANCE, &path, one(version)).await.refused(403);
        api.post(ALL, &path, one(version + 7)).await.refused(409);
        let neither = json!({"version": version, "as": "declined", "reason": "why"});
        assert_eq!(api.post(ALL, &path, neither).await.refused(400)["field"], "order");
        let other = json!({"version": version, "as": "settled", "order": order, "reason": "why"});
        let refused = api.post(ALL, &path, other).await.refused(422);
        assert!(
            refused["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("takes declined")),
            "{refused}"
        );
        let price = json!({"version": version, "as": "amend", "order": order, "amend": {"field": "price", "line": "1", "value": "1"},
            "reason": "why"});
        assert_eq!(api.post(ALL, &path, price).await.refused(422)["field"], "amend");

        // What is never carried out is agreed first, and said to be.
        for unsaid in [json!(null), json!(false)] {
            let mut declined = one(version);
            match unsaid {
                serde_json::Value::Null => drop(declined.as_object_mut().expect("fields").remove("agreed")),
                said => declined["agreed"] = said,
            }
            let refused = api.post(ALL, &path, declined).await.refused(422);
            assert_eq!(refused["field"], "agreed");
            assert!(
                refused["remedy"]
                    .as_str()
                    .is_some_and(|remedy| remedy.contains("`agreed` true")),
                "{refused}"
            );
        }
        assert_eq!(morning.card().await["version"], version, "nothing was changed");

        let outcome = api.post(ALL, &path, one(version)).await.ok();
        assert_eq!(
            (&outcome["records"], &outcome["refused"], &outcome["left"]),
            (&1.into(), &0.into(), &false.into())
        );
        assert!(
            outcome["sentence"]
                .as_str()
                .is_some_and(|said| said.contains("retailer has to be told")),
            "{outcome}"
        );
        // Its version is another one by now.
        api.post(ALL, &path, one(version)).await.refused(409);
        let twice = api
            .post(ALL, &path, one(outcome["card"]["version"].as_u64().expect("a version")))
            .await;
        twice.refused(422);

        let rest = json!({"version": outcome["card"]["version"], "as": "declined", "all": true, "agreed": true, "reason": "None of it is ours."});
        let outcome = api.post(ALL, &path, rest).await.ok();
        assert_eq!(outcome["records"], morning.orders.len() as u64 - 1);
        let members = api.get(READER, &format!("/cards/{id}/members")).await.ok();
        let members = members["members"].as_array().expect("members").clone();
        assert!(
            members.iter().all(|member| member["proof"] == "declined by all"),
            "{members:?}"
        );
        assert_eq!(morning.scene.stands("declined").await, morning.orders.len() as i64);

        let history = api.get(ALL, &format!("/cards/{id}/history")).await.ok();
        let act = &history["acts"][0];
        assert_eq!(
            (&act["act"], &act["as"], &act["actor"]),
            (&"decide".into(), &"declined".into(), &"all".into())
        );
        assert!(
            !history.to_string().contains("telephone"),
            "why is sealed with the order: {history}"
        );
    });
}
