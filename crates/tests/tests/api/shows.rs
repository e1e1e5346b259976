//! What the API shows, page by page, and what it does not show to whom.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Request, header};
use serde_json::Value;
use tallyman_tests::scene::play;

use tallyman_tests::morning::{ALL, FIRST, READER, morning};

#[test]
fn cards_are_listed_by_what_is_asked_for_and_page_by_page() {
    play(async {
        let morning = morning().await;
        let api = &morning.api;
        let card = morning.card().await;
        assert_eq!(
            (&card["code"], &card["life"], &card["team"]),
            (&"sku_unknown".into(), &"open".into(), &"operations".into())
        );
        assert_eq!(card["cause"]["kind"], "cell");
        assert_eq!(
            (&card["cause"]["table"], &card["cause"]["connection"]),
            (&"sku".into(), &"virtualstock-1".into())
        );
        assert_eq!(
            card["cause"]["theirs"].as_str().map(str::to_uppercase),
            Some(morning.item.clone())
        );
        assert_eq!(card["weight"]["orders"], morning.orders.len());
        assert!(!card["due"].is_null(), "its orders were promised: {card}");

        let count = async |query: &str| {
            let page = api.get(ALL, &format!("/cards{query}")).await.ok();
            page["cards"].as_array().expect("cards").len()
        };
        for (query, cards) in [
            ("", 2),
            ("?company=trader-2", 1),
            ("?code=sku_unknown&severity=stopped&team=operations&life=open", 2),
            ("?code=carrier_unmapped", 0),
            ("?team=finance", 0),
            ("?life=resolved&code=sku_unknown", 0),
            ("?severity=critical", 0),
            ("?cause=VIRTUALSTOCK-2", 1),
            ("?cause=nothing-like-it", 0),
        ] {
            assert_eq!(count(query).await, cards, "{query}");
        }
        for sort in ["oldest", "money", "due"] {
            let (mut seen, mut after) = (BTreeSet::new(), String::new());
            loop {
                let page = api.get(ALL, &format!("/cards?limit=1&sort={sort}{after}")).await.ok();
                let id = page["cards"][0]["id"].as_str().expect("a card").to_owned();
                assert!(seen.insert(id), "{sort}: a card came twice");
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
            assert_eq!(seen.len(), 2, "{sort}");
        }
        let page = api.get(ALL, "/cards?limit=1").await.ok();
        let next = page["next"].as_str().expect("a second page");
        let wrong = api.get(ALL, &format!("/cards?sort=money&after={next}")).await.refused(400);
        assert_eq!(wrong["field"], "after");
    });
}

#[test]
fn a_cards_records_come_page_by_page_and_their_sentences_only_with_the_right() {
    play(async {
        let morning = morning().await;
        let (api, id) = (&morning.api, morning.id().await);
        let mut members: Vec<Value> = Vec::new();
        let mut after = String::new();
        loop {
            let page = api.get(ALL, &format!("/cards/{id}/members?limit=1{after}")).await.ok();
            members.extend(page["members"].as_array().expect("members").clone());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let references: BTreeSet<&str> = members.iter().filter_map(|member| member["reference"].as_str()).collect();
        let expected: BTreeSet<&str> = morning.orders.iter().map(String::as_str).collect();
        assert_eq!((references, members.len()), (expected, morning.orders.len()));
        assert!(
            members
                .iter()
                .all(|member| member["stand"] == "stopped" && member["proof"].is_null())
        );

        // What is said of one record is sealed, and stays so for whoever may only read.
        let said: Vec<&str> = members.iter().filter_map(|member| member["sentence"].as_str()).collect();
        assert_eq!(said.len(), morning.orders.len(), "each is opened: {members:?}");
        let bare = api.get(READER, &format!("/cards/{id}/members")).await;
        assert!(said.iter().all(|sentence| !bare.text.contains(sentence)), "{}", bare.text);
        assert_eq!(bare.ok()["members"].as_array().map(Vec::len), Some(morning.orders.len()));
        let reference = morning.orders.first().expect("an order");
        let refused = api.get(READER, &format!("/journeys/{reference}")).await.refused(403);
        assert!(
            refused["remedy"].as_str().is_some_and(|remedy| remedy.contains("\"follow\"")),
            "{refused}"
        );

        let story = api.get(ALL, &format!("/journeys/{reference}")).await.ok();
        // Both merchants have an order of this number.
        assert_eq!(story["journeys"].as_array().map(Vec::len), Some(2));
        assert!(!story["journeys"][0]["story"].as_array().expect("a story").is_empty());
        let own = api.get(FIRST, &format!("/journeys/{reference}")).await.ok();
        assert_eq!(own["journeys"].as_array().map(Vec::len), Some(1));
        api.get(ALL, "/journeys/VS-0").await.refused(404);
    });
}

#[test]
fn nothing_of_another_company_is_shown() {
    play(async {
        let morning = morning().await;
        let api = &morning.api;
        let all = api.get(ALL, "/cards").await.ok();
        let other = all["cards"]
            .as_array()
            .expect("cards")
            .iter()
            .find(|card| card["company"] == "trader-2");
        let other = other.expect("a card of the second")["id"].as_str().expect("an id").to_owned();
        for path in [
            "/cards",
            "/summary",
            "/mappings?limit=200",
            "/outcomes",
            "/tally",
            "/heartbeats",
            "/mappings/export",
        ] {
            let answer = api.get(FIRST, path).await;
            assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text);
            for name in ["trader-2", "virtualstock-2", "sage-2", "mintsoft-2"] {
                assert!(!answer.text.contains(name), "{path} shows {name}");
            }
        }
        api.get(FIRST, &format!("/cards/{other}")).await.refused(404);
        api.get(FIRST, &format!("/cards/{other}/members")).await.refused(404);
        api.post(FIRST, &format!("/cards/{other}/acknowledge"), r#"{"version":1}"#)
            .await
            .refused(404);
        let refused = api.get(FIRST, "/cards?company=trader-2").await.refused(404);
        assert_eq!(refused["field"], "company");
    });
}

#[test]
fn the_numbers_of_the_day_are_those_of_its_orders() {
    play(async {
        let morning = morning().await;
        let api = &morning.api;
        let card = morning.card().await;
        let summary = api.get(READER, "/summary?company=trader-1").await.ok();
        let first = &summary["companies"][0];
        assert_eq!(
            (&first["orders"], &first["money"]),
            (&card["weight"]["orders"], &card["weight"]["money"])
        );
        for by in [
            &first["by_code"]["sku_unknown"],
            &first["by_team"]["operations"],
            &first["by_severity"]["stopped"],
            &first["all"],
        ] {
            assert_eq!(
                (&by["cards"], &by["stopped"]),
                (&1.into(), &card["weight"]["stopped"]),
                "{first}"
            );
        }
        let tally = api.get(READER, "/tally?company=trader-1&day=2026-11-02").await.ok();
        let orders = &tally["sources"][0];
        assert_eq!(
            (&orders["kind"], &orders["received"], &orders["adds_up"]),
            (&"order".into(), &12.into(), &true.into())
        );
        let open = orders["open"].as_u64().expect("a number");
        assert!(open >= morning.orders.len() as u64, "{orders}");
        let beats = api.get(READER, "/heartbeats").await.ok();
        let feeds = beats["feeds"].as_array().expect("feeds");
        assert!(
            feeds
                .iter()
                .any(|feed| feed["name"] == "orders of virtualstock-1" && feed["beat"] == "well"),
            "{beats}"
        );
        assert_eq!(api.get(READER, "/outcomes").await.ok()["outcomes"], serde_json::json!([]));
        assert_eq!(api.get(READER, "/alert-routes").await.ok()["routes"], serde_json::json!([]));
        api.post(ALL, "/alert-routes/nobody/test", "").await.refused(404);
    });
}

#[test]
fn an_answer_that_a_client_has_is_not_sent_again() {
    play(async {
        let morning = morning().await;
        let id = morning.id().await;
        for path in [
            "/cards".to_owned(),
            format!("/cards/{id}"),
            format!("/cards/{id}/members?limit=1"),
            "/summary".into(),
        ] {
            let first = morning.api.get(ALL, &path).await;
            let name = first.headers[header::ETAG].to_str().expect("a name").to_owned();
            first.ok();
            let again = |has: &str| {
                Request::get(format!("/api/v1{path}"))
                    .header(header::AUTHORIZATION, format!("Bearer {ALL}"))
                    .header(header::IF_NONE_MATCH, has)
                    .body(Body::empty())
                    .expect("a request")
            };
            let same = morning.api.call(again(&name)).await;
            assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""), "{path}");
            assert_eq!(same.headers[header::ETAG], name.as_str());
            assert!(!same.headers.contains_key(header::CONTENT_TYPE));
            let other = morning.api.call(again("\"another\"")).await;
            assert_eq!(other.status.as_u16(), 200, "{path}");
        }
        // What has changed has another name.
        let path = format!("/cards/{id}");
        let before = morning.api.get(ALL, &path).await;
        let version = before.headers[header::ETAG].clone();
        let card = before.ok();
        let body = serde_json::json!({"version": card["version"]});
        morning.api.post(ALL, &format!("{path}/acknowledge"), body).await.ok();
        assert_ne!(morning.api.get(ALL, &path).await.headers[header::ETAG], version);
        // Nobody without a token is told that something stands.
        let asked = Request::get("/api/v1/cards").header(header::IF_NONE_MATCH, "*");
        morning
            .api
            .call(asked.body(Body::empty()).expect("a request"))
            .await
            .refused(401);
    });
}

#[test]
fn a_company_that_is_not_there_is_said_to_be_missing_by_every_list() {
    play(async {
        let morning = morning().await;
        for path in ["/cards", "/mappings", "/mappings/export", "/outcomes", "/summary", "/tally"] {
            let refused = morning.api.get(ALL, &format!("{path}?company=nobody")).await.refused(404);
            assert_eq!(refused["field"], "company", "{path}: {refused}");
        }
    });
}
