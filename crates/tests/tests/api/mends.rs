//! A word is put right by the API, and what it had stopped goes on.

use serde_json::{Value, json};
use tallyman_core::finding::Code;
use tallyman_tests::scene::play;

use tallyman_tests::morning::{ALL, Morning, READER, morning};

fn word(morning: &Morning) -> Value {
    json!({
        "table": "sku", "connection": "virtualstock-1", "theirs": morning.item, "ours": morning.item, "reason": "It is this item."
    })
}

/// Each record has as its proof the number that the ledger gave its order.
fn each_is_in_the_ledger(morning: &Morning, members: &[Value]) {
    let books = morning.scene.twin.books();
    for member in members {
        let reference = member["reference"].as_str().expect("an order");
        let mut ordered = books.sage.books.orders.values().filter(|order| order.company == 1);
        let ordered = ordered
            .find(|order| order.customer_document_no == reference)
            .expect("it is in Sage");
        let proof = member["proof"].as_str().expect("a proof");
        assert!(
            member["stand"] == "proven" && proof.contains(&ordered.document_no),
            "{member}"
        );
    }
}

#[test]
fn a_mapping_that_is_set_by_the_api_heals_its_card_with_proof() {
    play(async {
        let morning = morning().await;
        let (api, id) = (&morning.api, morning.id().await);
        let meant = api.post(ALL, "/mappings/set", word(&morning)).await.ok();
        assert_eq!((&meant["before"], &meant["changed"]), (&"NO-SUCH-ITEM".into(), &true.into()));
        let again = api.post(ALL, "/mappings/set", word(&morning)).await.ok();
        assert_eq!(again["changed"], false);
        let one = |card: Value| card["life"] == "resolved";
        morning
            .scene
            .work_until("healed", async |_| one(api.get(ALL, &format!("/cards/{id}")).await.ok()))
            .await;
        let card = api.get(READER, &format!("/cards/{id}")).await.ok();
        assert!(!card["closed_at"].is_null() && card["weight"]["stopped"] == 0, "{card}");
        let members = api.get(READER, &format!("/cards/{id}/members")).await.ok();
        let members = members["members"].as_array().expect("members").clone();
        assert_eq!(members.len(), morning.orders.len());
        each_is_in_the_ledger(&morning, &members);
        let resolved = api.get(READER, "/cards?life=resolved&company=trader-1").await.ok();
        assert_eq!(resolved["cards"][0]["id"], id.as_str());
        // Nothing opens it again but a cause that returns.
        let act = api
            .post(ALL, &format!("/cards/{id}/fix"), json!({"version": card["version"]}))
            .await;
        act.refused(422);
        assert_eq!(
            morning.scene.cards(Code::SkuUnknown).await.len(),
            1,
            "the other merchant's stands"
        );
    });
}

#[test]
fn what_a_word_meant_is_shown_and_a_wrong_word_is_refused_with_its_field() {
    play(async {
        let morning = morning().await;
        let api = &morning.api;
        let listed = api.get(READER, "/mappings?words=NO-SUCH-ITEM&company=trader-1").await.ok();
        let listed = listed["mappings"].as_array().expect("mappings").clone();
        assert_eq!((listed.len(), &listed[0]["by"]), (1, &"integrator".into()));
        let mut pages = 0;
        let (mut after, mut rows) = (String::new(), 0);
        loop {
            let page = api.get(READER, &format!("/mappings?limit=10{after}")).await.ok();
            (pages, rows) = (pages + 1, rows + page["mappings"].as_array().expect("mappings").len());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!((pages, rows), (4, 36), "17 a merchant, and the slip");
        for (field, value) in [("table", "skus"), ("connection", "virtualstock-9"), ("ours", " ")] {
            let mut wrong = word(&morning);
            wrong[field] = value.into();
            let refused = api.post(ALL, "/mappings/set", &wrong).await.refused(422);
            assert_eq!(refused["field"], field, "{refused}");
        }
        let back = json!({"table": "sku", "connection": "virtualstock-1", "theirs": morning.item, "reason": "A slip."});
        let back = api.post(ALL, "/mappings/withdraw", &back).await.ok();
        assert_eq!((&back["before"], &back["after"]), (&"NO-SUCH-ITEM".into(), &Value::Null));
        let path = format!(
            "/mappings/history?table=sku&connection=virtualstock-1&theirs={}",
            morning.item
        );
        let versions = api.get(READER, &path).await.ok();
        let by: Vec<&str> = versions["versions"]
            .as_array()
            .expect("versions")
            .iter()
            .filter_map(|row| row["by"].as_str())
            .collect();
        assert_eq!(by, ["all", "integrator"], "the newest first");
        // Page by page, each version once.
        let first = api.get(READER, &format!("{path}&limit=1")).await.ok();
        assert_eq!(first["versions"][0], versions["versions"][0]);
        let next = first["next"].as_str().expect("an older one");
        let second = api.get(READER, &format!("{path}&limit=1&after={next}")).await.ok();
        assert_eq!(second["versions"], json!([versions["versions"][1]]));
        assert_eq!(second["next"], Value::Null);
        api.get(READER, &format!("{path}&limit=0")).await.refused(400);
    });
}

#[test]
fn a_sheet_is_tried_first_and_then_taken_in() {
    play(async {
        let morning = morning().await;
        let api = &morning.api;
        let sheet = api.get(ALL, "/mappings/export").await.text;
        let import = async |query: &str, sheet: &str| {
            api.send(ALL, &format!("/mappings/import?{query}"), "text/csv", sheet.to_owned())
                .await
        };
        let plan = import("dry_run=true", &sheet).await.ok();
        assert_eq!(
            (&plan["adds"], &plan["changes"], &plan["stays"]),
            (&0.into(), &0.into(), &36.into()),
            "an export changes nothing"
        );
        let mended = sheet.replace("NO-SUCH-ITEM", &morning.item);
        let plan = import("dry_run=true", &mended).await.ok();
        assert_eq!(
            (&plan["changes"], &plan["written"], &plan["first"][0]["before"]),
            (&2.into(), &false.into(), &"NO-SUCH-ITEM".into())
        );
        assert_eq!(api.get(ALL, "/mappings/export").await.text, sheet, "it was only tried");
        import("", &mended).await.refused(422);
        let broken = mended.replace("virtualstock-1", "virtualstock-9");
        let refused = import("reason=put+right", &broken).await.refused(422);
        assert!(
            refused["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("no such connection")),
            "{refused}"
        );
        let plan = import("reason=put+right", &mended).await.ok();
        assert_eq!((&plan["changes"], &plan["written"]), (&2.into(), &true.into()));
        morning
            .scene
            .work_until("healed", async |scene| scene.cards(Code::SkuUnknown).await.is_empty())
            .await;
        let book = api.get(ALL, "/mappings/export?format=xlsx").await;
        assert!(book.status.is_success() && book.text.starts_with("PK"));
    });
}
