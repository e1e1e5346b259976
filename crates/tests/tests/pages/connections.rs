//! Connections, the tally, the journal, sheets, what was said, capsules: what each shows, to whom, and what its forms do.

use http::header;
use serde_json::{Value, json};
use tallyman_core::capsule::Capsule;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_tests::morning::{ALL, FIRST, MAPPER, Morning, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, encoded, links};

/// In so many hours, as a field of a form says it; the scene's merchants are in London, where it is winter.
fn in_hours(morning: &Morning, hours: u64) -> String {
    let until = morning.scene.clock.now().plus(std::time::Duration::from_secs(hours * 3_600));
    until.to_rfc3339()[..16].to_owned()
}

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
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("Run now") && !page.contains("Hold something"), "{page}");
        assert!(!console.get(FIRST, "/connections").await.page().contains("sage-2"));
        let until = in_hours(&morning, 4);
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
fn the_tally_of_a_day_leads_to_its_keys() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/tally").await.page();
        assert!(page.contains("records came in"), "{page}");
        let open = links(&page)
            .into_iter()
            .find(|link| link.contains("stand=open"))
            .expect("open ones");
        let keys = console.get(ALL, open.trim_end_matches("#records")).await.page();
        assert_eq!(keys.matches("on a card").count(), morning.orders.len(), "{keys}");
        assert!(links(&keys).iter().any(|link| link.starts_with("/orders/")), "{keys}");
        let done = console
            .post(ALL, "/tally/compare", &[("company", "trader-1"), ("day", "")])
            .await;
        assert_eq!(done.leads_to(), "/tally?done=compared");
        console
            .post(READER, "/tally/compare", &[("company", "trader-1"), ("day", "")])
            .await
            .with(403);
        assert!(!console.get(FIRST, "/tally").await.page().contains("trader-2"));
        assert!(
            console
                .get(ALL, "/tally?day=2020-01-01")
                .await
                .page()
                .contains("Nothing came in on this day")
        );
    });
}

#[test]
fn the_journal_is_read_page_by_page_and_verified() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let first = console.get(ALL, "/journal").await.page();
        let lines = morning.api.get(ALL, "/journal?limit=5").await.ok();
        let next = lines["next"].as_str().expect("a second page");
        let second = console.get(ALL, &format!("/journal?after={next}")).await.page();
        assert!(second.contains("First page") && second != first);
        // What a line says may name a customer: whoever may not open that sees that there is one.
        let bare = console.get(READER, "/journal?kind=order").await.page();
        assert!(
            bare.contains("may name a customer") && !bare.contains("was accepted"),
            "{bare}"
        );
        let order = console.get(ALL, "/journal?kind=order.stopped").await.page();
        assert!(
            !order.contains("may name a customer") && order.contains("Order: stopped"),
            "{order}"
        );
        let verified = console.get(READER, "/journal?verify=on").await.page();
        assert!(verified.contains("Nothing was altered"), "{verified}");
        assert!(
            console
                .get(ALL, "/journal?people=on")
                .await
                .page()
                .contains("No line is like that")
        );
        console.get(FIRST, "/journal?company=trader-2").await.with(404);
        console.get(READER, "/journal?company=people").await.with(403);
        // Each line once, whatever the size of a page.
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let page = morning
                .api
                .get(ALL, &format!("/journal?company=trader-1&limit=7{after}"))
                .await
                .ok();
            seen.extend(page["lines"].as_array().expect("lines").iter().map(Value::to_string));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let whole = morning.api.get(ALL, "/journal?company=trader-1&limit=200").await.ok();
        let whole: Vec<String> = whole["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .map(Value::to_string)
            .collect();
        assert!(seen.len() >= whole.len() && seen[..whole.len()] == whole[..]);
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert!(once.len() * 10 >= seen.len() * 9, "lines come again");
    });
}

#[test]
fn the_journal_keeps_what_something_was_and_what_it_is() {
    play(async {
        let morning = morning().await;
        let (api, console) = (&morning.api, Console::of(&morning).await);
        let word = json!({"table": "sku", "connection": "virtualstock-1", "theirs": morning.item, "reason": "A slip."});
        api.post(ALL, "/mappings/withdraw", &word).await.ok();
        let until = morning
            .scene
            .clock
            .now()
            .plus(std::time::Duration::from_secs(14_400))
            .to_rfc3339();
        let wish = json!({"company": "trader-1", "kind": "writes", "what": "sage-1", "reason": "Month end", "until": until});
        api.post(ALL, "/holds", &wish).await.ok();
        let card = morning.card().await;
        let act = json!({"version": card["version"]});
        let path = format!("/cards/{}/acknowledge", card["id"].as_str().expect("an id"));
        api.post(ALL, &path, &act).await.ok();
        let order = morning.orders.first().expect("an order");
        let amends =
            |value: &str| json!({"company": "trader-1", "field": "city", "value": value, "reason": "The buyer says so."});
        let path = format!("/journeys/{order}/amendments");
        api.post(ALL, &path, amends("Leeds")).await.ok();
        api.post(ALL, &path, amends("York")).await.ok();
        let line = async |who: &str, kind: &str| {
            let all = api.get(who, &format!("/journal?company=trader-1&kind={kind}")).await.ok();
            let line = &all["lines"][0];
            [line["before"].clone(), line["after"].clone()]
        };
        assert_eq!(line(READER, "mapping.withdrawn").await, [json!("NO-SUCH-ITEM"), Value::Null]);
        assert_eq!(
            line(READER, "hold.placed").await,
            [Value::Null, json!(format!("held until {until}"))]
        );
        assert_eq!(line(READER, "card").await, [json!("open"), json!("acknowledged")]);
        assert_eq!(line(ALL, "amended").await, [json!("Leeds"), json!("York")]);
        assert_eq!(
            line(READER, "amended").await,
            [Value::Null, Value::Null],
            "a customer's address is sealed"
        );
        let amended = api.get(ALL, "/journal?company=trader-1&kind=amended").await.ok();
        assert_eq!(amended["lines"][1]["before"], "(as it came)");

        let page = console.get(ALL, "/journal?company=trader-1&kind=mapping").await.page();
        assert!(
            page.contains(">Before<") && page.contains("NO-SUCH-ITEM") && page.contains("nothing"),
            "{page}"
        );
        assert!(
            links(&page).iter().any(|link| link.starts_with("/mappings/words?table=sku")),
            "{page}"
        );
        let sheet = console.get(ALL, "/sheets/journal?company=trader-1&kind=mapping").await.text;
        assert!(sheet.contains("line,at,actor,name,kind,about,what,before,after"), "{sheet}");
        assert!(sheet.contains(",NO-SUCH-ITEM,"), "{sheet}");
    });
}

#[test]
fn every_list_comes_as_a_sheet_with_its_filters() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let card = morning.id().await;
        for (list, rows) in [
            ("cards?company=trader-1", 1),
            (&*format!("card_records?card={card}"), morning.orders.len()),
            ("outcomes?", 0),
            ("tally?company=trader-1", 2),
            ("tally_records?company=trader-1&kind=order", 12),
            ("connections?company=trader-1", 3),
            ("holds?", 0),
        ] {
            let sheet = console.get(ALL, &format!("/sheets/{list}&format=csv")).await;
            assert_eq!(sheet.status, 200, "{list}: {}", sheet.text);
            assert_eq!(sheet.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
            assert!(
                sheet.headers[header::CONTENT_DISPOSITION]
                    .to_str()
                    .is_ok_and(|name| name.starts_with("attachment"))
            );
            assert_eq!(sheet.text.lines().count(), rows + 1, "{list}: {}", sheet.text);
            let book = console.get(ALL, &format!("/sheets/{list}&format=xlsx")).await;
            assert!(book.status == 200 && book.text.starts_with("PK"), "{list}");
        }
        let shown = console.get(ALL, &format!("/sheets/card_records?card={card}")).await.text;
        let bare = console.get(READER, &format!("/sheets/card_records?card={card}")).await.text;
        assert!(
            shown.contains("there is no mapping") && !bare.contains("there is no mapping"),
            "{shown}{bare}"
        );
        for (who, path, status) in [
            (ALL, "/sheets/cards?tema=finance", 400),
            (ALL, "/sheets/cards?format=pdf", 400),
            (ALL, "/sheets/kitchen", 400),
            (FIRST, "/sheets/journal?company=trader-2", 404),
            (READER, "/sheets/people", 403),
        ] {
            let answer = console.get(who, path).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
        }
        let own = console.get(FIRST, "/sheets/cards").await.text;
        assert!(own.contains("trader-1") && !own.contains("trader-2"), "{own}");
    });
}

#[test]
fn what_was_said_is_masked_until_somebody_says_why() {
    play(async {
        let morning = morning().await;
        // One order that went all the way to the ledger, and whom it is for.
        let (reference, customer) = {
            let books = morning.scene.twin.books();
            let orders = books.virtualstock.books.orders.values().filter(|order| order.company == 1);
            let order = orders
                .into_iter()
                .find(|order| !morning.orders.contains(&order.order_reference))
                .expect("one that goes on");
            (order.order_reference.clone(), order.address.full_name.clone())
        };
        let scene = &morning.scene;
        scene.work_for("goes on", std::time::Duration::from_secs(1_800)).await;
        let console = Console::of(&morning).await;
        let path = console
            .get(FIRST, &format!("/orders?q={}", encoded(&reference)))
            .await
            .leads_to();
        let page = console.get(FIRST, &path).await.page();
        for said in ["What was said", "(personal)", "For the customer", "Your order "] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let escaped = customer.replace('\'', "&#39;");
        assert!(
            !page.contains(&customer) && !page.contains(&escaped),
            "{customer} stands on the page"
        );
        let unmask = format!("{path}/unmask");
        console
            .post(READER, &unmask, &[("reason", "The carrier asks.")])
            .await
            .with(403);
        console.post(FIRST, &unmask, &[("reason", " ")]).await.with(422);
        let again = console.get(FIRST, &path).await.page();
        assert!(again.contains("(personal)"), "nothing was shown for no reason");
        let done = console
            .post(FIRST, &unmask, &[("reason", "The carrier asks.")])
            .await
            .leads_to();
        assert!(done.starts_with(&format!("{path}?done=unmasked")), "{done}");
        let shown = console.get(FIRST, &path).await.page();
        assert!(shown.contains(&customer) || shown.contains(&escaped), "{shown}");
        let other = console.get(ALL, &path).await.page();
        assert!(other.contains("(personal)"), "one person's word shows nothing to another");
        let journal = console.get(FIRST, "/journal?kind=exchange").await.page();
        assert!(journal.contains("The carrier asks."), "{journal}");
    });
}

#[test]
fn a_capsule_names_nobody_and_finds_the_same_until_the_word_is_mapped() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let card = morning.id().await;
        let path = format!("/cards/{card}/capsule");
        assert_eq!(console.get(READER, &path).await.status, 403);
        let answer = console.get(FIRST, &path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = answer.text;
        let books = morning.scene.twin.books();
        for order in books.virtualstock.books.orders.values().filter(|order| order.company == 1) {
            let address = &order.address;
            let email = address.email.clone().unwrap_or_default();
            for personal in [
                &address.full_name,
                &address.line_1,
                &address.postal_code,
                &email,
                &address.phone,
            ] {
                assert!(
                    personal.chars().count() < 4 || !text.contains(personal.as_str()),
                    "{personal} is in the capsule"
                );
            }
        }
        let capsule = Capsule::read(text.as_bytes()).expect("a capsule");
        assert_eq!(capsule.records.len(), morning.orders.len());
        let replayed = capsule.replay().expect("replayed");
        assert!(
            replayed.iter().all(|one| one.is_the_same() && !one.is.is_empty()),
            "{replayed:?}"
        );
        let known = capsule
            .facts
            .items
            .values()
            .next()
            .expect("an item of theirs")
            .sku
            .to_string();
        let cell = Cell::new(Table::Sku, "virtualstock-1", &morning.item);
        let mended = capsule.clone().with(cell, Some(known)).replay().expect("replayed");
        assert!(mended.iter().any(|one| one.is.is_empty()), "{mended:?}");
        assert!(mended.iter().all(|one| !one.is_the_same()), "{mended:?}");
        assert!(Capsule::read(b"{\"format\": 2}").is_err() && Capsule::read(b"[]").is_err());
    });
}
