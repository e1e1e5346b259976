//! Orders and the journey: found by any number, told to whoever may hear it, tried again by a plan.

use tallyman_tests::morning::{ALL, FINANCE, FIRST, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, encoded, hidden, links};

#[test]
fn an_order_is_found_by_any_number_and_shows_its_way() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let order = morning.orders.first().expect("an order").clone();
        assert!(console.get(READER, "/orders").await.page().contains("Find an order"));
        // Both merchants have an order of this number: somebody who sees both is asked which.
        let page = console.get(ALL, &format!("/orders?q={}", encoded(&order))).await.page();
        let found: Vec<String> = links(&page).into_iter().filter(|link| link.starts_with("/orders/")).collect();
        assert_eq!(found.len(), 2, "{page}");
        let lower = format!("/orders?q={}", encoded(&order.to_lowercase()));
        let one = console.get(FIRST, &lower).await.leads_to();
        assert!(found.contains(&one), "{one}");
        let unknown = console.get(ALL, "/orders?q=%22%3E%3Cscript%3E").await.page();
        assert!(unknown.contains("Nothing is known by this number"), "{unknown}");

        let page = console.get(FIRST, &one).await.page();
        for said in [
            order.as_str(),
            "Needs someone",
            "Fix it on its card",
            "What happened",
            "Ledger order",
            "Invoice",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let card = links(&page)
            .into_iter()
            .find(|link| link.starts_with("/cards/"))
            .expect("its card");
        assert_eq!(card, format!("/cards/{}", morning.id().await));
        // What a vendor said may name somebody: it takes the right to open it.
        let refused = console.get(READER, &one).await.with(403);
        assert!(!refused.contains("What happened"), "{refused}");
        let other = found.iter().find(|link| **link != one).expect("the other's");
        console.get(FIRST, other).await.with(404);
        console.get(ALL, "/orders/nothing").await.with(404);
    });
}

#[test]
fn an_order_is_tried_again_by_the_plan_that_was_seen() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let order = morning.orders.first().expect("an order").clone();
        let path = console.get(FIRST, &format!("/orders?q={}", encoded(&order))).await.leads_to();
        let planned = console.get(FIRST, &format!("{path}?plan=as_it_is_now")).await.page();
        assert!(
            planned.contains("The plan") && planned.contains("writes have landed"),
            "{planned}"
        );
        // The item is not mapped yet: it would be stopped again, and there is no button.
        assert!(
            planned.contains("nothing to carry out") && !planned.contains("/retry\""),
            "{planned}"
        );
        let word = [("how", "save"), ("ours", morning.item.as_str()), ("why", "It is this item.")];
        console
            .post(FIRST, &format!("/cards/{}/fix-it", morning.id().await), &word)
            .await
            .leads_to();
        let planned = console.get(FIRST, &format!("{path}?plan=as_it_is_now")).await.page();
        let number = hidden(&planned, "number");
        let go = |number: &str, why: &str| {
            let pairs = [("number", number), ("configuration", "as_it_is_now"), ("why", why)];
            pairs.map(|(name, value)| (name, value.to_owned()))
        };
        let send = async |who: &str, form: [(&str, String); 3]| {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            console.post(who, &format!("{path}/retry"), &form).await
        };
        send(READER, go(&number, "x")).await.with(403);
        let moved = send(FIRST, go("000000000000", "Tried too early.")).await.with(409);
        assert!(
            moved.contains("It has changed meanwhile") && moved.contains("Tried too early."),
            "{moved}"
        );
        send(FIRST, go(&number, "")).await.with(422);
        let done = send(FINANCE, go(&number, "The item is mapped.")).await.leads_to();
        assert_eq!(done, format!("{path}?done=retried"));
        let page = console.get(FIRST, &done).await.page();
        assert!(
            page.contains("The plan is carried out") && page.contains("The item is mapped."),
            "{page}"
        );
    });
}
