//! Orders and the journey: found by any number, told to whoever may hear it, tried again by a plan.

use tallyman_core::access::Actor;
use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_engine::person::{Erase, Match};
use tallyman_tests::morning::{ALL, FINANCE, FIRST, READER, access, morning};
use tallyman_tests::refused::{in_the_warehouse, number, one_order, refused, releases};
use tallyman_tests::scene::{Scene, play};
use tallyman_twin::mintsoft::books::Status;

use super::visitor::{Console, encoded, hidden, links};

#[test]
fn an_order_is_found_by_any_number_and_shows_its_way() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let order = morning.orders.first().expect("an order").clone();
        // Both merchants have an order of this number: somebody who sees both is asked which.
        let page = console.get(ALL, &format!("/orders?q={}", encoded(&order))).await.page();
        let mut found: Vec<String> = links(&page).into_iter().filter(|link| link.starts_with("/orders/")).collect();
        assert_eq!(found.len(), 2, "{page}");
        let lower = format!("/orders?q={}", encoded(&order.to_lowercase()));
        let one = console.get(FIRST, &lower).await.leads_to();
        assert!(found.contains(&one), "{one}");
        // The API finds the same, as whole or by its beginning.
        let sought = async |who: &str, text: &str| {
            let answer = morning.api.get(who, &format!("/orders/find?q={}", encoded(text))).await.ok();
            answer["orders"]
                .as_array()
                .expect("orders")
                .iter()
                .map(|order| format!("/orders/{}", order["id"].as_str().unwrap_or_default()))
                .collect::<Vec<_>>()
        };
        let mut both = sought(ALL, &order).await;
        both.sort();
        found.sort();
        assert_eq!(both, found);
        assert_eq!(sought(FIRST, &order.to_lowercase()).await, std::slice::from_ref(&one));
        assert!(sought(FIRST, &order[..order.len() - 1]).await.contains(&one), "it begins so");
        assert_eq!(sought(ALL, "nothing-like-it").await, Vec::<String>::new());
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
        // Who may see no order is told so, of one and of all.
        for path in [one.as_str(), "/orders", &lower] {
            let refused = console.get(READER, path).await.with(403);
            assert!(!refused.contains("What happened") && !refused.contains(&order), "{refused}");
        }
        let other = found.iter().find(|link| **link != one).expect("the other's");
        console.get(FIRST, other).await.with(404);
        console.get(ALL, "/orders/nothing").await.with(404);
    });
}

#[test]
fn an_order_is_found_however_its_number_is_written() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let order = morning.orders.first().expect("an order").clone();
        let find = async |who: &str, sought: &str| console.get(who, &format!("/orders?q={}", encoded(sought))).await;
        let path = find(FIRST, &order).await.leads_to();
        let own = path.trim_start_matches("/orders/").to_owned();
        let key = {
            let books = morning.scene.twin.books();
            let mut orders = books.virtualstock.books.orders.values();
            let found = orders.find(|known| known.company == 1 && known.order_reference == order);
            found.expect("it is there").id.to_string()
        };
        let figures = order.trim_start_matches(|c: char| !c.is_ascii_digit());
        assert!(
            figures.len() < order.len() && figures.len() > 4,
            "{order} has letters before its figures"
        );
        let apart = format!(" {} {} ", &order[..4], &order[4..]);
        let joined = order.replace('-', "").to_lowercase();
        for sought in [own.as_str(), &own.to_lowercase(), &key, figures, &joined, &apart] {
            assert_eq!(find(FIRST, sought).await.leads_to(), path, "{sought}");
        }

        // Of both merchants the same numbers begin so: each says what tells it apart.
        let page = find(ALL, &order[..order.len() - 1]).await.page();
        assert!(links(&page).contains(&path) && page.contains("trader-2"), "{page}");
        for said in ["Received", "<time", "£"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        for sought in [&figures[..3], "-", "%", &format!("{order}9")] {
            let page = find(FIRST, sought).await.page();
            assert!(page.contains("Nothing is known by this number"), "{sought}: {page}");
        }
        assert!(console.get(FIRST, "/orders").await.page().contains("autofocus"));
    });
}

#[test]
fn the_newest_orders_stand_below_the_search_until_somebody_looks_for_one() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/orders").await.page();
        let orders = |page: &str| -> Vec<String> {
            let all = links(page).into_iter();
            all.filter(|link| link.starts_with("/orders/")).collect()
        };
        let both = orders(&page);
        assert_eq!(both.len(), 24, "{page}");
        let newest = page.split("id=\"newest\"").nth(1).expect("the newest");
        for said in [
            "Needs someone",
            "Under way",
            "virtualstock-1",
            "trader-2",
            "<time",
            "£",
            "24 orders on this page",
        ] {
            assert!(newest.contains(said), "{said}: {page}");
        }
        assert!(
            page.contains("data-live=\"journeys\"") && !newest.contains("<input"),
            "what is put anew has no field: {page}"
        );
        // Of one company alone for whoever sees one.
        let own = orders(&console.get(FIRST, "/orders").await.page());
        assert!(own.len() == 12 && own.iter().all(|order| both.contains(order)), "{own:?}");
        assert_eq!(orders(&console.get(ALL, "/orders?company=trader-1").await.page()), own);
        console.get(FIRST, "/orders?company=trader-2").await.with(404);
        // Whoever looks for one sees what was found, and nothing beside it.
        let sought = console.get(ALL, "/orders?q=nothing-like-it").await.page();
        assert!(orders(&sought).is_empty() && !sought.contains("id=\"newest\""), "{sought}");

        // Page by page, each once, the last received first.
        let api = &morning.api;
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = api.get(ALL, &format!("/orders?limit=7{after}")).await.ok();
            all.extend(page["orders"].as_array().expect("orders").clone());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let paths: Vec<String> = all
            .iter()
            .map(|order| format!("/orders/{}", order["id"].as_str().unwrap_or_default()))
            .collect();
        assert_eq!(paths, both);
        let times: Vec<&str> = all.iter().filter_map(|order| order["received_at"].as_str()).collect();
        assert!(times.len() == 24 && times.is_sorted_by(|one, next| one >= next), "{times:?}");
        // They came one after another, and were all decided when the ledger had said what items it has.
        assert!(times[0] > times[23], "when it came, and not when it was decided: {times:?}");
        let story = console.get(ALL, &both[0]).await.page();
        let came = step(&story, "Retailer order");
        assert!(came.contains(times[0]), "{came}");
        assert!(
            story.contains("The retailer’s order was received from virtualstock-"),
            "{story}"
        );
        api.get(READER, "/orders").await.refused(403);
        api.get(ALL, "/orders?after=x").await.refused(400);
    });
}

#[test]
fn a_list_without_an_order_says_what_will_stand_there() {
    play(async {
        let scene = Scene::new(one_order());
        let console = Console::knowing(&scene, access()).await;
        let page = console.get(ALL, "/orders").await.page();
        assert!(
            page.contains("No order has come yet") && page.contains("href=\"/connections\""),
            "{page}"
        );
    });
}

/// The first merchant's one order is cancelled in the warehouse, which has not sent it yet: the path of its page, and its card.
async fn cancelled_there(scene: &Scene, console: &Console) -> (String, String) {
    scene
        .work_until("released", async |scene| scene.twin.books().mintsoft.books.orders.len() == 2)
        .await;
    let order = {
        let now = scene.twin_now();
        let mut books = scene.twin.books();
        let order = books.mintsoft.books.orders.values().find(|order| order.client == 1).cloned();
        let order = order.expect("it is there");
        books.mintsoft.set_status(order.id, Status::Cancelled, now);
        order
    };
    scene
        .work_until("cancelled", async |scene| {
            !scene.cards(Code::WarehouseRefused).await.is_empty()
        })
        .await;
    let path = console.get(FIRST, &format!("/orders?q={}", order.id)).await.leads_to();
    (path, scene.cards(Code::WarehouseRefused).await.remove(0).id)
}

#[test]
fn nobody_is_told_that_an_order_is_being_prepared_while_it_stands_still() {
    play(async {
        let scene = Scene::new(one_order());
        let console = Console::knowing(&scene, access()).await;
        let (path, _) = cancelled_there(&scene, &console).await;
        let page = console.get(FIRST, &path).await.page();
        assert!(
            page.contains("our team is sorting out a problem") && !page.contains("being prepared") && !page.contains("due by"),
            "{page}"
        );
        assert!(step(&page, "Shipment").contains("needs someone"), "{page}");
    });
}

#[test]
fn what_the_warehouse_refuses_leads_to_a_decision_and_not_to_an_empty_page() {
    play(async {
        let scene = Scene::new(one_order());
        let console = Console::knowing(&scene, access()).await;
        let (order, card) = cancelled_there(&scene, &console).await;
        let path = format!("/cards/{card}");
        let page = console.get(FIRST, &path).await.page();
        assert!(page.contains(&format!("{path}/decide")), "{page}");
        let nowhere = links(&page).into_iter().any(|link| link.starts_with("/outcomes?company"));
        assert!(!nowhere, "nothing is unknown: {page}");
        let version = hidden(&page, "version");
        let form = [
            ("version", version.as_str()),
            ("ruling", "settled"),
            ("about", "all"),
            ("reason", "Agreed with the retailer, and cancelled."),
        ];
        console.post(FIRST, &format!("{path}/decide"), &form).await.leads_to();
        // The warehouse's list goes on saying so: what was settled stays settled.
        scene
            .work_until("closed", async |scene| scene.cards(Code::WarehouseRefused).await.is_empty())
            .await;
        // And nobody is told that it is being prepared.
        let page = console.get(FIRST, &order).await.page();
        assert!(page.contains("our team has decided what becomes of it"), "{page}");
        for never in ["being prepared", "It is due by", "its shipment is waited for", "under way"] {
            assert!(!page.contains(never), "{never}: {page}");
        }
    });
}

#[test]
fn customer_service_reads_words_and_the_carrier_as_the_retailer_was_told_it() {
    play(async {
        let scene = Scene::new(one_order());
        let console = Console::knowing(&scene, access()).await;
        scene.until_complete(2).await;
        let (id, number) = {
            let books = scene.twin.books();
            let mut orders = books.mintsoft.books.orders.values();
            let order = orders.find(|order| order.client == 1).expect("it is there");
            (order.id, order.tracking_number.clone())
        };
        let path = console.get(FIRST, &format!("/orders?q={id}")).await.leads_to();
        let page = console.get(FIRST, &path).await.page();
        let said = page.split("For the customer").nth(1).expect("a sentence");
        let said = said.split("</section>").next().expect("it ends");
        // As the mappings say it to the retailer: no name is made up of a code.
        let carrier = ["with royal-mail (left on ", "with dpd (left on "];
        assert!(
            carrier.iter().any(|carrier| said.contains(carrier)) && said.contains(&number),
            "{said}"
        );
        // By what people read in the other systems: our tags, and the ledger's own id.
        let (ledger, tags) = {
            let books = scene.twin.books();
            let ours = books.sage.books.orders.values().find(|order| order.company == 1);
            let ours = ours.expect("it is in the ledger");
            let released = books
                .mintsoft
                .books
                .orders
                .values()
                .find(|order| order.id == id)
                .expect("it is there");
            let tags = [ours.spare_text_1.clone(), released.external_order_reference.clone()];
            (ours.id.to_string(), tags)
        };
        for sought in [&ledger, &tags[0], &tags[1].to_lowercase()] {
            let found = console.get(FIRST, &format!("/orders?q={sought}")).await.leads_to();
            assert_eq!(found, path, "{sought}");
        }
        let known_by = page
            .split("<dl class=\"keys\">")
            .nth(1)
            .and_then(|keys| keys.split("</dl>").next());
        let known_by = known_by.expect("its numbers");
        for said in [&ledger, &tags[0], &tags[1], &number] {
            assert!(known_by.contains(said.as_str()), "{said}: {known_by}");
        }
        assert!(!page.contains("Try it again"), "nothing of it could go again: {page}");
        // The journal says it in the words of this page.
        let journal = console.get(FIRST, "/journal?kind=effect.done").await.page();
        for said in ["Write: done", "The confirmation to the retailer is done"] {
            assert!(journal.contains(said), "{said}: {journal}");
        }
        assert!(page.contains("The confirmation to the retailer is done"), "{page}");
        let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}: {page}"));
        assert!(
            place("For the customer") < place("Retailer’s key"),
            "it comes before what is only ours"
        );
        assert!(page.contains("Has left") && !page.contains(">Left</th>"), "{page}");
        let lines = page.split("id=\"lines\"").nth(1).expect("its lines");
        let sub = lines.split("<div class=\"sub\">").nth(1).expect("what is said of an item");
        assert!(!sub.starts_with("line "), "an item has a name: {lines}");

        let order = Match {
            company: "trader-1".into(),
            journey: path.trim_start_matches("/orders/").to_owned(),
            reference: String::new(),
        };
        let erase = Erase {
            journeys: vec![order],
            actor: Actor::terminal("ann"),
            now: scene.clock.now(),
        };
        scene.store.write(erase).await.expect("erased");
        let page = console.get(FIRST, &path).await.page();
        assert!(page.contains("The order was complete (details erased)"), "{page}");
        for code in ["journey.complete", "effect.done", "order.accepted", "shipment.accepted"] {
            assert!(!page.contains(code), "{code}: {page}");
        }
    });
}

/// What the strip says of a step.
#[track_caller]
fn step<'a>(page: &'a str, name: &str) -> &'a str {
    let steps = page.split("<ol class=\"way\"").nth(1).expect("its way");
    let found = steps.split("<li").find(|step| step.contains(&format!("<b>{name}</b>")));
    found.and_then(|step| step.split("</li>").next()).expect("a step")
}

#[test]
fn what_is_declined_waits_for_nothing() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let order = morning.orders.first().expect("an order").clone();
        let path = console.get(FIRST, &format!("/orders?q={}", encoded(&order))).await.leads_to();
        let stopped = console.get(FIRST, &path).await.page();
        assert!(step(&stopped, "Ledger order").contains("needs someone"), "{stopped}");
        // What it asks for stands there for whoever judges it, and it may be tried again.
        for said in ["Lines as the retailer sent them", "Price each", "Try it again"] {
            assert!(stopped.contains(said), "{said}: {stopped}");
        }
        let version = morning.card().await["version"].to_string();
        let form = [
            ("version", version.as_str()),
            ("ruling", "declined"),
            ("agreed", "yes"),
            ("about", "all"),
            ("reason", "Not ours to carry out."),
        ];
        let decided = format!("/cards/{}/decide", morning.id().await);
        console.post(FIRST, &decided, &form).await.leads_to();
        let page = console.get(FIRST, &path).await.page();
        assert!(step(&page, "Ledger order").contains("not carried out"), "{page}");
        assert!(!page.contains("not yet") && page.contains("was not carried out"), "{page}");
    });
}

/// The warehouse refuses a release for a service that it does not have. A person says what is meant and sends it again, and it goes out once,
/// however often the form is sent.
#[test]
fn what_was_refused_goes_out_once_when_a_person_tries_it_again() {
    play(async {
        let scene = Scene::new(one_order());
        refused(&scene).await;
        assert_eq!(releases(&scene), 2, "one for each merchant");
        let console = Console::knowing(&scene, access()).await;
        let number = number(&scene);
        let path = console
            .get(FIRST, &format!("/orders?q={}", encoded(&number)))
            .await
            .leads_to();
        assert!(step(&console.get(FIRST, &path).await.page(), "Warehouse order").contains("needs someone"));
        let planned = console.get(FIRST, &format!("{path}?plan=as_it_is_now")).await.page();
        let plan = planned.split("id=\"plan\"").nth(1).expect("a plan");
        assert!(plan.contains("Sent again") && plan.contains("Landed"), "{plan}");
        let number = hidden(&planned, "number");
        let form = [
            ("number", number.as_str()),
            ("configuration", "as_it_is_now"),
            ("why", "The service is the warehouse's own now."),
        ];
        let retry = format!("{path}/retry");
        assert_eq!(
            console.post(FIRST, &retry, &form).await.leads_to(),
            format!("{path}?done=retried")
        );
        // Pressed twice: what was seen has been carried out.
        console.post(FIRST, &retry, &form).await.with(409);
        scene
            .work_until("complete", async |scene| scene.stands("complete").await == 2)
            .await;
        assert_eq!(
            (releases(&scene), in_the_warehouse(&scene)),
            (3, 1),
            "once more, and it stands there once"
        );
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
            planned.contains("The plan")
                && planned.contains("order as a whole")
                && planned.contains("Nothing of it has been written"),
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
            page.contains("The plan is carried out") && page.contains("The item is mapped") && page.contains("written anew"),
            "{page}"
        );
    });
}
