//! What the owner of a card decides on its page, and how cards are put together and taken apart there, each with its undoing.

use std::time::Duration;

use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_tests::morning::{ALL, ANNA, BEN, FIRST, Morning, READER, access, morning};
use tallyman_tests::scene::{Scene, play, settings};

use super::visitor::{Console, hidden, links};

async fn version(morning: &Morning, id: &str) -> String {
    morning.card_by_id(id).await["version"].to_string()
}

#[test]
fn one_order_is_declined_and_then_all_and_the_card_says_why_it_closed() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let id = morning.id().await;
        let path = format!("/cards/{id}");
        let page = console.get(ALL, &path).await.page();
        for shown in ["Decide", "value=\"declined\"", "is not carried out", "All "] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert!(
            !page.contains("value=\"declined\" required checked") && page.contains("<button>Decide</button>"),
            "nothing is chosen beforehand: {page}"
        );
        let bare = console.get(READER, &path).await.page();
        assert!(!bare.contains("/decide\""), "{bare}");

        let order = morning.orders.first().expect("an order");
        let decide = async |who: &str, about: &str, ruling: &str, reason: &str| {
            let version = version(&morning, &id).await;
            let form = [
                ("version", version.as_str()),
                ("ruling", ruling),
                ("about", about),
                ("reason", reason),
                ("agreed", "yes"),
            ];
            console.post(who, &format!("{path}/decide"), &form).await
        };
        let one = format!("order {order}");
        decide(READER, &one, "declined", "why").await.with(403);
        let which = decide(ALL, "", "declined", "why").await.with(400);
        assert!(
            which.contains("Say which order") && which.contains("value=\"why\""),
            "{which}"
        );
        decide(ALL, &one, "", "why").await.with(400);
        let seen = version(&morning, &id).await;
        let unasked = [
            ("version", seen.as_str()),
            ("ruling", "declined"),
            ("about", one.as_str()),
            ("reason", "why"),
        ];
        let unasked = console.post(ALL, &format!("{path}/decide"), &unasked).await.with(422);
        assert!(
            unasked.contains("Agree it with the retailer first") && unasked.contains("value=\"declined\" required checked"),
            "what was chosen stays: {unasked}"
        );
        let silent = decide(ALL, &one, "declined", " ").await.with(422);
        assert!(silent.contains("Say why"), "{silent}");
        let other = decide(ALL, &one, "settled", "why").await.with(422);
        assert!(
            other.contains("takes no <code>settled</code>"),
            "what somebody types is shown so: {other}"
        );
        assert_eq!(
            decide(ALL, &one, "declined", "Cancelled by telephone.").await.leads_to(),
            format!("{path}?done=decided")
        );
        let page = console.get(ALL, &path).await.page();
        assert!(page.contains("declined by all") && page.contains("all declined"), "{page}");

        decide(ALL, "all", "declined", "None of it is ours.").await.leads_to();
        morning
            .scene
            .work_until("resolved", async |_| morning.card_by_id(&id).await["life"] == "resolved")
            .await;
        let page = console.get(ALL, &path).await.page();
        assert!(page.contains(" because of ") && page.contains(": declined by all."), "{page}");
        // The list says it of each, too.
        let list = console
            .get(ALL, "/cards?life=resolved&company=trader-1&code=sku_unknown")
            .await
            .page();
        assert!(
            list.contains("Closed because of ") && list.contains(": declined by all<"),
            "{list}"
        );
        assert!(!page.contains("/decide\""), "{page}");
    });
}

#[test]
fn a_card_is_shown_under_another_and_by_itself_again() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let id = morning.id().await;
        let order = morning.orders.first().expect("an order").clone();
        let page = console.get(ALL, &format!("/cards/{id}")).await.page();
        assert!(
            page.contains("/sort/split\"") && page.contains(&format!("name=\"order\" value=\"{order}\"")),
            "{page}"
        );
        assert!(
            !page.contains("/sort/merge\""),
            "there is no other card at this company: {page}"
        );

        // Two of its orders have a card of their own.
        let sort = async |card: &str, how: &str, more: &[(&str, &str)]| {
            let version = version(&morning, card).await;
            let form = [&[("version", version.as_str())], more].concat();
            console.post(ALL, &format!("/cards/{card}/sort/{how}"), &form).await
        };
        sort(&id, "split", &[]).await.with(400);
        sort(&id, "nonsense", &[]).await.with(404);
        sort(&id, "split", &[("ordre", &order)]).await.with(400);
        let place = sort(&id, "split", &[("order", &order)]).await.leads_to();
        let part = place.split(['/', '?']).nth(2).expect("a card").to_owned();
        assert_ne!(part, id);
        let page = console.get(ALL, &place).await.page();
        assert!(
            page.contains("have this card of their own") && page.contains("/sort/unsplit\""),
            "{page}"
        );
        assert!(page.contains(&format!("/cards/{id}")), "{page}");
        let whole = console.get(ALL, &format!("/cards/{id}")).await.page();
        assert!(links(&whole).contains(&format!("/cards/{part}")), "{whole}");

        // It is shown under the other, and found and undone there.
        let merged = sort(&part, "merge", &[("under", &id.to_lowercase())]).await.leads_to();
        assert_eq!(merged, format!("/cards/{id}?done=merged"));
        let list = console.get(ALL, "/cards?company=trader-1").await.page();
        assert!(!list.contains(&format!("card-{part}")), "{list}");
        // It has a list of its own, which says under which it is and undoes it.
        let merged = console.get(ALL, "/cards?life=merged").await.page();
        assert_eq!(merged.matches("<tr id=\"card-").count(), 1, "{merged}");
        for shown in [
            format!("card-{part}"),
            format!("href=\"/cards/{id}\""),
            format!("action=\"/cards/{part}/sort/unmerge\""),
        ] {
            assert!(merged.contains(&shown), "{shown}: {merged}");
        }
        assert_eq!(hidden(&merged, "version"), version(&morning, &part).await);
        let bare = console.get(READER, "/cards?life=merged").await.page();
        assert!(bare.contains(&format!("card-{part}")) && !bare.contains("/sort/"), "{bare}");
        let listed = morning.api.get(ALL, "/cards?life=merged").await.ok();
        assert_eq!(
            (&listed["cards"][0]["id"], &listed["cards"][0]["under"]),
            (&part.as_str().into(), &id.as_str().into())
        );
        // What is counted is what is listed, and its line says what is under it.
        assert!(
            list.contains("One cause waits for somebody") && list.contains("and 1 card under it"),
            "{list}"
        );
        let clock = &morning.scene.clock;
        clock.sleep_until(clock.now().plus(Duration::from_secs(60))).await;
        let overview = console.get(ALL, "/?company=trader-1").await.page();
        assert!(
            overview.contains("One cause waits for") && overview.contains("The one open card"),
            "{overview}"
        );
        assert!(overview.contains("and 1 card under it"), "{overview}");
        let under = console.get(ALL, &format!("/cards/{part}")).await.page();
        assert!(
            under.contains("/sort/unmerge\"") && !under.contains("/sort/merge\""),
            "{under}"
        );
        sort(&part, "unmerge", &[]).await.leads_to();
        let merged = console.get(ALL, "/cards?life=merged").await.page();
        assert!(merged.contains("Nothing is under another card"), "{merged}");
        let list = console.get(ALL, "/cards?company=trader-1").await.page();
        assert!(list.contains(&format!("card-{part}")), "{list}");
        assert_eq!(
            sort(&part, "unsplit", &[]).await.leads_to(),
            format!("/cards/{id}?done=unsplit")
        );

        // Nobody who may not act sees a way to.
        let bare = console.get(READER, &format!("/cards/{id}")).await.page();
        assert!(!bare.contains("/sort/"), "{bare}");
        let page = console.get(ALL, &format!("/cards/{id}")).await.page();
        let stale = [("version", "1"), ("order", order.as_str())];
        console.post(ALL, &format!("/cards/{id}/sort/split"), &stale).await.with(409);
        assert_eq!(hidden(&page, "version"), version(&morning, &id).await);
    });
}

#[test]
fn what_left_otherwise_is_compared_and_settled_by_two_people() {
    play(async {
        let mut settings = settings();
        settings.faults.split_shipment = 0;
        let scene = Scene::new(settings);
        scene
            .work_until("released", async |scene| scene.twin.books().mintsoft.books.orders.len() == 2)
            .await;
        {
            let now = scene.twin_now();
            let mut books = scene.twin.books();
            let mut orders = books.mintsoft.books.orders.values_mut();
            let order = orders.find(|order| order.client == 1).expect("it is there");
            order.items[0].quantity += 1;
            order.updated = now;
        }
        scene
            .work_until("found", async |scene| !scene.cards(Code::OverShipped).await.is_empty())
            .await;
        let api = tallyman_tests::morning::Api::of(&scene).await;
        let console = Console::knowing(&scene, access()).await;
        let id = scene.cards(Code::OverShipped).await[0].id.clone();
        let path = format!("/cards/{id}");
        // Its life follows its records a little later.
        scene
            .work_until("weighed", async |_| api.get(ALL, &path).await.ok()["weight"]["stopped"] == 1)
            .await;
        let page = console.get(FIRST, &path).await.page();
        for shown in ["Expected against actual", "More has left", ">+1<", "As ordered"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert!(!page.contains("id=\"decide-about\""), "there is one record: {page}");
        let compared = api.get(READER, &format!("{path}/comparison")).await.ok();
        assert_eq!(
            (
                &compared["orders"][0]["items"][0]["verdict"],
                &compared["orders"][0]["items"][0]["difference"]
            ),
            (&"more".into(), &"1".into())
        );

        let settle = async |who: &str, document: &str| {
            let version = api.get(ALL, &path).await.ok()["version"].to_string();
            let form = [
                ("version", version.as_str()),
                ("ruling", "settled"),
                ("about", "all"),
                ("document", document),
                ("reason", "Booked by hand."),
            ];
            console.post(who, &format!("{path}/decide"), &form).await
        };
        let without = settle(ANNA, "").await.with(422);
        assert!(without.contains("document that shows it"), "{without}");
        let wrong = settle(ANNA, "not-a-number!!").await.with(422);
        assert!(
            wrong.contains("at least one digit") && wrong.contains("decide-document-wrong"),
            "{wrong}"
        );
        assert_eq!(settle(ANNA, "000123").await.leads_to(), format!("{path}?done=decided-first"));
        let page = console.get(ALL, &path).await.page();
        assert!(
            page.contains("person/P1/script has settled records of it by document") && page.contains("<code>000123</code>"),
            "{page}"
        );
        let twice = settle(ANNA, "000123").await.with(422);
        assert!(twice.contains("second person"), "{twice}");
        assert_eq!(settle(BEN, "000123").await.leads_to(), format!("{path}?done=decided"));
        scene
            .work_until("resolved", async |_| api.get(ALL, &path).await.ok()["life"] == "resolved")
            .await;
        let page = console.get(ALL, &path).await.page();
        assert!(
            page.contains("settled by person/P1/script and person/P2/script, document 000123") && page.contains("(ledger order "),
            "{page}"
        );
        assert!(
            !page.contains("Expected against actual"),
            "nothing of it stands still: {page}"
        );
    });
}
