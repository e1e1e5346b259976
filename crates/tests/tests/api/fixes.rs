//! Fixes by the API: tried first, cards sorted, orders amended and tried again; and who masters what.

use serde_json::{Value, json};
use tallyman_core::finding::Code;
use tallyman_tests::scene::play;

use tallyman_tests::morning::{ALL, FIRST, MAPPER, Morning, READER, morning};

fn meaning(morning: &Morning, ours: &str) -> Value {
    json!({"table": "sku", "connection": "virtualstock-1", "theirs": morning.item, "ours": ours})
}

fn version(card: &Value) -> u64 {
    card["version"].as_u64().expect("a version")
}

#[test]
fn a_fix_is_tried_and_nothing_is_changed_by_it() {
    play(async {
        let morning = morning().await;
        let (api, before) = (&morning.api, morning.card().await);
        let path = format!("/cards/{}/try", before["id"].as_str().expect("an id"));
        let all = morning.orders.len();
        let right = api
            .post(ALL, &path, json!({"map": meaning(&morning, &morning.item)}))
            .await
            .ok();
        assert_eq!((&right["of"], &right["heals"]), (&all.into(), &all.into()), "{right}");
        // That orders would go on does not make it the right item: its name stands beside what they say under the word.
        let name = right["item"]["name"].as_str().unwrap_or_default();
        assert!(right["item"]["sku"] == *morning.item && !name.is_empty(), "{right}");
        assert!(
            morning.orders.contains(right["example"].as_str().unwrap_or_default()),
            "{right}"
        );
        let price = right["sold"][0]["unit_price"].as_str().unwrap_or_default();
        assert!(price.parse::<f64>().is_ok_and(|price| price > 0.0), "{right}");
        let sealed = api
            .post(MAPPER, &path, json!({"map": meaning(&morning, &morning.item)}))
            .await
            .ok();
        assert_eq!((&sealed["item"], sealed.get("sold")), (&right["item"], None), "{sealed}");
        let wrong = json!({"map": meaning(&morning, "NO-SUCH-EITHER")});
        let told = api.post(ALL, &path, &wrong).await.ok();
        assert_eq!(
            (&told["heals"], &told["item"], &told["example"]),
            (&0.into(), &Value::Null, &Value::Null)
        );
        assert_eq!(
            (&told["heals"], told["others"].as_array().map(Vec::len)),
            (&0.into(), Some(all))
        );
        let sentence = told["others"][0]["sentence"].as_str().expect("a sentence");
        assert!(sentence.contains(&morning.item), "{sentence}");
        // What is said of single records is sealed: numbers only, for whoever may not open it.
        let masked = api.post(MAPPER, &path, &wrong).await.ok();
        assert_eq!(masked["others"][0]["reference"], told["others"][0]["reference"]);
        assert!(masked["others"][0].get("sentence").is_none(), "{masked}");

        let amend = |field: &str| json!({"amend": {"field": field, "value": "9"}});
        assert_eq!(api.post(ALL, &path, amend("city")).await.ok()["heals"], 0);
        api.post(READER, &path, &wrong).await.refused(403);
        api.post(MAPPER, &path, amend("city")).await.refused(403);
        let refused = api.post(ALL, &path, amend("quantity")).await.refused(422);
        assert_eq!(refused["field"], "field", "{refused}");
        let refused = api
            .post(ALL, &path, json!({"map": meaning(&morning, " ")}))
            .await
            .refused(422);
        assert_eq!(refused["field"], "ours", "{refused}");
        let mut others = meaning(&morning, &morning.item);
        others["connection"] = "virtualstock-2".into();
        let refused = api.post(ALL, &path, json!({"map": others})).await.refused(422);
        assert_eq!(refused["field"], "connection", "{refused}");
        assert_eq!(morning.card().await, before, "it was only tried");
    });
}

#[test]
fn a_word_is_tried_on_its_cards_and_on_what_came_before() {
    play(async {
        let morning = morning().await;
        let (api, before) = (&morning.api, morning.card().await);
        let all = morning.orders.len();
        let right = meaning(&morning, &morning.item);
        let told = api.post(ALL, "/mappings/try", &right).await.ok();
        assert_eq!(
            (&told["before"], &told["after"], &told["takes_two"]),
            (&"NO-SUCH-ITEM".into(), &morning.item.as_str().into(), &false.into())
        );
        let on_card = &told["cards"][0];
        assert_eq!((&on_card["card"], &on_card["heals"]), (&before["id"], &all.into()), "{told}");
        let past = &told["past"];
        assert_eq!((&past["looked_at"], &past["differ"]), (&12.into(), &all.into()), "{told}");
        let money = past["money"].as_str().unwrap_or_default();
        assert!(money.parse::<f64>().is_ok_and(|money| money > 0.0), "{told}");
        let example = &past["examples"][0];
        let number = example["reference"].as_str().expect("a number");
        assert!(morning.orders.contains(number), "{told}");
        let point = &example["points"][0];
        assert!(
            point["before"].as_str().is_some_and(|said| said.contains("NO-SUCH-ITEM")),
            "{told}"
        );
        assert_eq!(point["after"], "goes on", "{told}");
        let sealed = api.post(MAPPER, "/mappings/try", &right).await.ok();
        let point = &sealed["past"]["examples"][0]["points"][0];
        assert_eq!(
            (&point["before"], &point["after"]),
            (&"stops".into(), &"goes on".into()),
            "{sealed}"
        );

        // That it means nothing is tried as well: the ledger has the item under this very code.
        let mut nothing = right.clone();
        nothing.as_object_mut().expect("an object").remove("ours");
        let told = api.post(ALL, "/mappings/try", &nothing).await.ok();
        assert_eq!(
            (&told["after"], &told["past"]["differ"]),
            (&Value::Null, &all.into()),
            "{told}"
        );

        // Of what decides posting it is said that it takes a second person, and it is tried all the same.
        let tax = json!({"table": "tax", "connection": "virtualstock-1", "theirs": "20", "ours": "0"});
        let told = api.post(ALL, "/mappings/try", &tax).await.ok();
        assert_eq!(told["takes_two"], true, "{told}");
        api.post(READER, "/mappings/try", &right).await.refused(403);
        let refused = api.post(ALL, "/mappings/try", meaning(&morning, " ")).await.refused(422);
        assert_eq!(refused["field"], "ours", "{refused}");
        assert_eq!(morning.card().await, before, "it was only tried");
    });
}

#[test]
fn cards_are_taken_apart_and_put_together_and_each_is_undone() {
    play(async {
        let morning = morning().await;
        let (api, whole) = (&morning.api, morning.card().await);
        let id = whole["id"].as_str().expect("an id");
        let order = morning.orders.first().expect("an order");
        let act = async |token: &str, card: &str, name: &str, body: Value| {
            api.post(token, &format!("/cards/{card}/{name}"), body).await
        };
        let get = async |card: &str| api.get(ALL, &format!("/cards/{card}")).await.ok();
        let split = json!({"version": version(&whole), "orders": [order]});
        act(READER, id, "split", split.clone()).await.refused(403);
        let strange = json!({"version": version(&whole), "orders": ["NO-SUCH-ORDER"]});
        act(ALL, id, "split", strange).await.refused(422);
        let part = act(ALL, id, "split", split.clone()).await.ok();
        let part_id = part["id"].as_str().expect("an id");
        assert_eq!((&part["room"]["split_of"], &part["code"]), (&id.into(), &whole["code"]));
        act(ALL, id, "split", split).await.refused(409);
        let whole = get(id).await;
        assert_eq!(whole["room"]["parts"], json!([part_id]));
        // The record goes with all that is known of it, its sentence too, which is sealed under the card of its cause.
        let on_part = api.get(ALL, &format!("/cards/{part_id}/members")).await.ok();
        assert_eq!(on_part["members"][0]["reference"], order.as_str());
        let sentence = on_part["members"][0]["sentence"].as_str().expect("it opens");
        assert!(
            sentence.contains("NO-SUCH-ITEM") || sentence.contains(&morning.item),
            "{sentence}"
        );
        let left = api.get(ALL, &format!("/cards/{id}/members")).await.ok();
        assert_eq!(left["members"].as_array().map(Vec::len), Some(morning.orders.len() - 1));

        let listed = async || {
            let cards = api.get(READER, "/cards?company=trader-1").await.ok();
            let ids = cards["cards"]
                .as_array()
                .expect("cards")
                .iter()
                .map(|card| card["id"].clone());
            ids.collect::<Vec<Value>>()
        };
        assert_eq!(listed().await.len(), 2);
        let under = json!({"version": version(&part), "under": id});
        act(READER, part_id, "merge", under.clone()).await.refused(403);
        act(ALL, id, "merge", json!({"version": version(&whole), "under": id}))
            .await
            .refused(422);
        let shown = act(ALL, part_id, "merge", under).await.ok();
        assert_eq!((&shown["id"], &shown["room"]["shows"]), (&id.into(), &json!([part_id])));
        assert_eq!(listed().await, [Value::from(id)], "it is shown under the other");
        let part = get(part_id).await;
        assert_eq!(part["room"]["under"], id);
        act(ALL, id, "unmerge", json!({"version": version(&get(id).await)}))
            .await
            .refused(422);
        let part = act(ALL, part_id, "unmerge", json!({"version": version(&part)})).await.ok();
        assert_eq!((listed().await.len(), &part["room"]["under"]), (2, &Value::Null));
        act(ALL, id, "unsplit", json!({"version": version(&get(id).await)}))
            .await
            .refused(422);
        act(ALL, part_id, "unsplit", json!({"version": version(&part)})).await.ok();
        let back = api.get(ALL, &format!("/cards/{id}/members")).await.ok();
        assert_eq!(back["members"].as_array().map(Vec::len), Some(morning.orders.len()));

        let seen = json!({"version": version(&get(id).await)});
        act(READER, id, "one-first", seen.clone()).await.refused(403);
        let first = act(ALL, id, "one-first", seen).await.ok();
        let named = first["order"].as_str().expect("an order");
        assert!(morning.orders.contains(named), "{first}");
        let acts = async |card: &str| {
            let history = api.get(READER, &format!("/cards/{card}/history")).await.ok();
            let acts = history["acts"].as_array().expect("acts").iter();
            acts.filter_map(|act| act["act"].as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        };
        assert_eq!(acts(id).await[..2], ["one_first", "split"]);
        assert_eq!(
            acts(part_id).await,
            ["resolved", "unsplit", "unmerge", "merge"],
            "nothing is left on it"
        );

        // The journal has of each what was before, and what is after.
        let changed = async |card: &str| {
            let lines = api.get(ALL, &format!("/journal?company=trader-1&subject={card}")).await.ok();
            let lines = lines["lines"].as_array().expect("lines").clone();
            let pair =
                |line: &Value| [&line["before"], &line["after"]].map(|value| value.as_str().unwrap_or_default().to_owned());
            lines.iter().map(pair).collect::<Vec<_>>()
        };
        let (on_whole, on_part) = (format!("1 order on card {id}"), format!("1 order on card {part_id}"));
        let (under, alone) = (format!("under card {id}"), "by itself".to_owned());
        assert_eq!(
            changed(part_id).await,
            [
                [on_part.clone(), on_whole.clone()],
                [under.clone(), alone.clone()],
                [alone, under]
            ]
        );
        let of_whole = changed(id).await;
        assert_eq!(of_whole[0][0], "all of them together");
        assert!(of_whole[0][1].ends_with(" before the others"), "{of_whole:?}");
        assert_eq!(of_whole[1], [on_whole, on_part]);
    });
}

#[test]
fn an_order_is_amended_and_what_bears_vat_is_not() {
    play(async {
        let morning = morning().await;
        let api = &morning.api;
        let path = format!("/journeys/{}/amendments", morning.orders.first().expect("an order"));
        let refused = api.get(ALL, &path).await.refused(422);
        assert_eq!(refused["field"], "company", "both companies have one: {refused}");
        let of_first = format!("{path}?company=trader-1");
        assert_eq!(api.get(ALL, &of_first).await.ok()["amendments"], json!([]));
        api.get(READER, &of_first).await.refused(403);
        api.get(FIRST, &format!("{path}?company=trader-2")).await.refused(404);
        let wish = |field: &str, value: &str| json!({"company": "trader-1", "field": field, "value": value, "reason": "It cannot be corrected."});
        api.post(READER, &path, wish("city", "Hull")).await.refused(403);
        let refused = api.post(ALL, &path, wish("quantity", "9")).await.refused(422);
        let detail = refused["detail"].as_str().expect("a sentence");
        assert!(refused["field"] == "field" && detail.contains("charged"), "{refused}");
        assert_eq!(api.post(ALL, &path, wish("name", "")).await.refused(422)["field"], "value");
        api.post(ALL, &path, wish("tracking", "1Z")).await.refused(422);
        api.post(ALL, "/journeys/NO-SUCH-ORDER/amendments", wish("city", "Hull"))
            .await
            .refused(404);

        // One company's token need not say whose: there is one that it sees.
        let mut own = wish("city", "Hull");
        own.as_object_mut().expect("an object").remove("company");
        let told = api.post(FIRST, &path, own).await.ok();
        let one = &told["amendments"][0];
        assert_eq!(
            (&one["number"], &one["value"], &one["by"], &one["taken_back_at"]),
            (&1.into(), &"Hull".into(), &"first".into(), &Value::Null)
        );
        let back = json!({"company": "trader-1", "reason": "A slip."});
        api.post(READER, &format!("{path}/1/take-back"), &back).await.refused(403);
        api.post(ALL, &format!("{path}/9/take-back"), &back).await.refused(422);
        let told = api.post(ALL, &format!("{path}/1/take-back"), &back).await.ok();
        assert!(!told["amendments"][0]["taken_back_at"].is_null(), "{told}");
        api.post(ALL, &format!("{path}/1/take-back"), &back).await.refused(422);
    });
}

#[test]
fn the_plan_that_was_seen_is_carried_out_or_none() {
    play(async {
        let morning = morning().await;
        let api = &morning.api;
        let order = morning.orders.first().expect("an order");
        let path = format!("/journeys/{order}/retry");
        let plan = async |with: &str| {
            let plan = api.get(ALL, &format!("{path}?company=trader-1&configuration={with}")).await;
            plan.ok()
        };
        let go = |plan: &Value| json!({"company": "trader-1", "number": plan["number"], "configuration": plan["configuration"], "reason": "It is mapped."});
        let as_it_was = plan("as_it_was").await;
        assert_eq!(
            (&as_it_was["sends"], &as_it_was["steps"][0]["fate"]),
            (&false.into(), &"stopped".into())
        );
        api.post(ALL, &path, go(&as_it_was)).await.refused(422);
        let before = plan("as_it_is_now").await;
        let mut mapped = meaning(&morning, &morning.item);
        mapped["reason"] = "It is this item.".into();
        mapped["one_first"] = true.into();
        let meant = api.post(ALL, "/mappings/set", mapped).await.ok();
        assert_eq!(meant["first"][0]["card"], morning.card().await["id"], "{meant}");
        let moved = api.post(ALL, &path, go(&before)).await.refused(409);
        assert_eq!(moved["field"], "number", "{moved}");
        let after = plan("as_it_is_now").await;
        assert_eq!(
            (&after["sends"], &after["steps"][0]["fate"]),
            (&true.into(), &"anew".into()),
            "{after}"
        );
        // Somebody amends it between: what would be written is not what was shown.
        let wish = json!({"company": "trader-1", "field": "contact", "value": "the gate", "reason": "They ask for it."});
        api.post(ALL, &format!("/journeys/{order}/amendments"), wish).await.ok();
        api.post(ALL, &path, go(&after)).await.refused(409);
        let after = plan("as_it_is_now").await;
        api.post(READER, &path, go(&after)).await.refused(403);
        api.post(ALL, &path, go(&after)).await.ok();
        api.post(ALL, &path, go(&after)).await.refused(409);
        let healed = async |scene: &tallyman_tests::scene::Scene| {
            let cards = scene.cards(Code::SkuUnknown).await;
            cards.iter().all(|card| card.company != "trader-1")
        };
        morning.scene.work_until("healed", healed).await;
        let books = morning.scene.twin.books();
        let mut ours = books.sage.books.orders.values().filter(|order| order.company == 1);
        assert!(ours.any(|its| its.customer_document_no == *order));
        let twice = books
            .sage
            .books
            .orders
            .values()
            .filter(|its| its.company == 1 && its.customer_document_no == *order);
        assert_eq!(twice.count(), 1, "it is there once");
    });
}

#[test]
fn the_operating_model_says_who_masters_what() {
    play(async {
        let morning = morning().await;
        let model = morning.api.get(READER, "/companies/trader-1/masters").await.ok();
        let masters = model["masters"].as_array().expect("masters");
        let moment = masters
            .iter()
            .find(|row| row["thing"] == "despatch-moment")
            .expect("it has a master");
        assert_eq!(moment["master"], "warehouse");
        let into: Vec<&str> = moment["flows"]
            .as_array()
            .expect("flows")
            .iter()
            .filter_map(|flow| flow["into"].as_str())
            .collect();
        assert!(into.contains(&"ledger") && !into.contains(&"warehouse"), "{moment}");
        morning.api.get(FIRST, "/companies/trader-2/masters").await.refused(404);
    });
}
