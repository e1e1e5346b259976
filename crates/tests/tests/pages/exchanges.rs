//! What was said in each attempt: masked until somebody says why, and a capsule in which nobody is named.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Request, header};
use serde_json::json;
use tallyman_core::access::{Actor, Grant, Level, Right, Where};
use tallyman_core::capsule::Capsule;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::time::Timestamp;
use tallyman_engine::exchanges;
use tallyman_tests::morning::{ALL, FIRST, READER, morning};
use tallyman_tests::scene::{Scene, play, settings};
use tallyman_twin::virtualstock::books::Address;
use tallyman_web::api::access::{Access, Hash};

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
        // A reason may name whom the order is for: whoever may not know that reads that somebody looked, and no more.
        let bare = console.get(READER, "/journal?kind=exchange").await.page();
        assert!(bare.contains("first") && !bare.contains("The carrier asks."), "{bare}");
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

/// Whom an order is for, as somebody would look for it on a page.
fn persons(address: &Address) -> Vec<String> {
    let texts = [
        &address.full_name,
        &address.line_1,
        &address.postal_code,
        &address.phone,
        address.email.as_ref().unwrap_or(&address.phone),
    ];
    let texts = texts.into_iter().filter(|text| text.chars().count() > 3);
    texts
        .flat_map(|text| [text.clone(), text.replace('&', "&amp;").replace('\'', "&#39;")])
        .collect()
}

/// Whoever sets it up reads requests and answers, and never whom they are about.
#[test]
fn the_integrator_sees_the_whole_journey_and_nobody_in_it() {
    play(async {
        let mut settings = settings();
        settings.orders.count = 1;
        let scene = Scene::new(settings);
        let grant = Grant::level(Level::Integrator, Where::Everywhere, BTreeSet::new());
        // A token of theirs for all that a token can be for.
        let narrowed = grant.narrowed(&Right::OF_TOKENS.into(), &BTreeSet::new(), &BTreeSet::new());
        let service = Grant::level(Level::CustomerService, Where::Everywhere, BTreeSet::new());
        let known = [
            ("ines", Actor::person("P1", "Ines", vec![grant])),
            ("token", Actor::token_of("P1", "all", narrowed.into_iter().collect())),
            ("cora", Actor::person("P2", "Cora", vec![service])),
        ];
        let known = known.map(|(cookie, actor)| (Hash::of(cookie), actor));
        let console = Console::knowing(&scene, Access::of(known.into())).await;
        scene.until_complete(2).await;
        let (id, tracking, address) = {
            let books = scene.twin.books();
            let mut left = books.mintsoft.books.orders.values();
            let left = left.find(|order| order.client == 1).expect("it has left");
            let mut orders = books.virtualstock.books.orders.values();
            let order = orders.find(|order| order.company == 1).expect("the retailer has it");
            (left.id, left.tracking_number.clone(), order.address.clone())
        };
        let path = console.get("ines", &format!("/orders?q={id}")).await.leads_to();
        let page = console.get("ines", &path).await.page();
        for said in [
            "What was said",
            "Answer 20",
            "(personal)",
            "Whom it is for is masked for you",
            "Your order ",
            "What happened",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("Take the masks off") && !page.contains("Follow it:"), "{page}");
        let journey = path.trim_start_matches("/orders/");
        let api = async |who: &str, path: &str| {
            let request = Request::get(format!("/api/v1{path}")).header(header::AUTHORIZATION, format!("Bearer {who}"));
            console.call(request.body(Body::empty()).expect("a request")).await
        };
        let mut seen = vec![page];
        for who in ["ines", "token"] {
            for path in [format!("/journeys/{journey}"), format!("/orders/{journey}/exchanges")] {
                let answer = api(who, &path).await;
                assert_eq!(answer.status, 200, "{}", answer.text);
                seen.push(answer.text);
            }
        }
        for text in &seen {
            for personal in persons(&address).iter().chain([&tracking]) {
                assert!(!text.contains(personal.as_str()), "{personal} is shown: {text}");
            }
        }
        // Nor do they come to it by saying why.
        let why = [("reason", "I want to see it.")];
        console.post("ines", &format!("{path}/unmask"), &why).await.with(403);
        let again = console.get("ines", &path).await.page();
        assert!(again.contains("(personal)") && !again.contains(&address.full_name), "{again}");
        // Customer service has the parcel, on the same page.
        let open = console.get("cora", &path).await.page();
        assert!(open.contains(&tracking) && open.contains("Follow it:"), "{open}");
        assert!(!open.contains("masked for you"), "{open}");
    });
}

/// What people write of an order is theirs to read who may open it, and what they put into it is masked like what came.
#[test]
fn what_people_wrote_of_an_order_is_not_told_to_the_integrator() {
    play(async {
        let morning = morning().await;
        let grant = Grant::level(Level::Integrator, Where::Everywhere, BTreeSet::new());
        let ines = (Hash::of("ines"), Actor::person("P1", "Ines", vec![grant]));
        let integrator = Console::knowing(&morning.scene, Access::of(vec![ines])).await;
        let order = morning.orders.first().expect("an order").clone();
        let wish = json!({"company": "trader-1", "field": "line_1", "value": "7 Osprey Mews", "reason": "Mrs Pettigrew rang."});
        morning
            .api
            .post(FIRST, &format!("/journeys/{}/amendments", encoded(&order)), wish)
            .await
            .ok();
        let console = Console::of(&morning).await;
        let path = console.get(FIRST, &format!("/orders?q={}", encoded(&order))).await.leads_to();
        let open = console.get(FIRST, &path).await.page();
        assert!(open.contains("Mrs Pettigrew rang"), "{open}");
        let masked = integrator.get("ines", &path).await.page();
        assert!(!masked.contains("Pettigrew") && !masked.contains("Osprey"), "{masked}");
        // What stops it is said in names and numbers, as on its card.
        assert!(
            masked.contains(&morning.item) && masked.contains("Fix it on its card"),
            "{masked}"
        );
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
