//! The journal: page by page, what it keeps of each act, and what of it is sealed.

use serde_json::{Value, json};
use tallyman_tests::morning::{ALL, FIRST, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, links};

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
        let until = morning.in_hours(4).to_rfc3339();
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
        assert_eq!(amended["lines"][1]["before"], "as it came");

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
