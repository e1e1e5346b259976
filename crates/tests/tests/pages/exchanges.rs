//! What was said in each attempt: masked until somebody says why, and a capsule in which nobody is named.

use tallyman_core::capsule::Capsule;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::time::Timestamp;
use tallyman_engine::exchanges;
use tallyman_tests::morning::{ALL, FIRST, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, encoded};

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
        // Who, when, why, and what it was to them before and after.
        let told = morning.api.get(ALL, "/journal?company=trader-1&kind=exchange").await.ok();
        let lines = told["lines"].as_array().expect("lines");
        assert_eq!(lines.len(), 1, "what was refused unmasks nothing: {told}");
        let line = &lines[0];
        assert_eq!(
            (&line["actor"], &line["before"]),
            (&"first".into(), &"masked".into()),
            "{line}"
        );
        let at = Timestamp::parse_rfc3339(line["at"].as_str().expect("when")).expect("an instant");
        let until = at.plus(exchanges::UNMASKED_FOR);
        assert_eq!(line["after"], format!("unmasked for them until {until}"), "{line}");
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
