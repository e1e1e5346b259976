//! Exceptions and the card: what stands on them, what their forms do, and for whom they are not there.

use tallyman_core::mapping::{Cell, Table};
use tallyman_tests::morning::{ALL, FINANCE, FIRST, MAPPER, Morning, READER, morning};
use tallyman_tests::scene::play;

use super::door::without_versions;
use super::visitor::{Console, links};

async fn version(morning: &Morning) -> String {
    morning.card().await["version"].to_string()
}

#[test]
fn exceptions_are_listed_by_cause_and_keep_their_filters() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/cards").await.page();
        assert!(
            page.contains("2 causes wait for somebody. ") && page.contains("trader-2"),
            "{page}"
        );
        insta::assert_snapshot!("exceptions", without_versions(&page));
        let count = async |who: &str, query: &str| {
            let page = console.get(who, &format!("/cards?{query}")).await.page();
            page.matches("<tr id=\"card-").count()
        };
        for (query, cards) in [
            // As a form sends it: what was left empty is not asked.
            ("cause=&company=&team=&severity=&sort=due", 2),
            ("team=operations&severity=stopped", 2),
            ("team=finance", 0),
            ("company=trader-2", 1),
            ("cause=virtualstock-1", 1),
            // While the ledger could not be asked for its items, its facts were late.
            ("life=resolved", 2),
            ("life=set_aside", 0),
        ] {
            assert_eq!(count(ALL, query).await, cards, "{query}");
        }
        // Each list is headed by what it is of, and one that is empty is not counted beneath.
        for (life, heading) in [
            ("set_aside", "No cause is set aside."),
            ("merged", "under another card."),
            ("resolved", "is over, the last first"),
        ] {
            let page = console.get(ALL, &format!("/cards?life={life}")).await.page();
            assert!(
                page.contains(heading) && !page.contains("wait for somebody"),
                "{life}: {page}"
            );
            assert!(!page.contains("0 cards on this page"), "{life}: {page}");
        }
        assert_eq!(count(FIRST, "").await, 1);

        // What is sorted over all pages and what within one is said where there are several.
        let says = async |query: &str| console.get(ALL, query).await.page().contains("Page by page by the deadline");
        assert!(says("/cards?limit=1").await && !says("/cards").await && !says("/cards?limit=1&sort=money").await);

        // Page by page, with every filter on the way.
        let filtered = "/cards?cause=item&severity=stopped&sort=money&limit=1";
        let page = console.get(ALL, filtered).await.page();
        let next = links(&page)
            .into_iter()
            .find(|link| link.contains("after="))
            .expect("a second page");
        for kept in ["cause=item", "severity=stopped", "sort=money", "limit=1"] {
            assert!(next.contains(kept), "{next}");
        }
        let second = console.get(ALL, &next).await.page();
        let card = |page: &str| page.split("<tr id=\"card-").nth(1).expect("a card")[..16].to_owned();
        assert_ne!(card(&page), card(&second));
        let first = links(&second)
            .into_iter()
            .find(|link| link.starts_with("/cards?") && link.contains("limit=1"));
        assert!(first.is_some_and(|first| first.contains("cause=item") && !first.contains("after=")));
        assert!(!second.contains("rel=\"next\""), "there are two");
        let tab = links(&page)
            .into_iter()
            .find(|link| link.contains("life=resolved"))
            .expect("a tab");
        assert!(tab.contains("cause=item") && tab.contains("sort=money"), "{tab}");
        console.get(ALL, "/cards?tema=finance").await.with(400);
        console.get(ALL, "/cards?team=kitchen").await.with(400);
    });
}

#[test]
fn a_card_is_acted_on_and_says_what_was_done() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let id = morning.id().await;
        let path = format!("/cards/{id}");
        let page = console.get(ALL, &path).await.page();
        assert!(
            page.contains("The one thing to fix") && page.contains(&morning.item),
            "{page}"
        );
        for order in &morning.orders {
            assert!(page.contains(order.as_str()), "{order} is not on its card");
        }
        let act = async |act: &str, form: &[(&str, &str)]| {
            let mut form = form.to_vec();
            let version = version(&morning).await;
            form.push(("version", &version));
            console.post(ALL, &format!("{path}/{act}"), &form).await
        };
        assert_eq!(act("acknowledge", &[]).await.leads_to(), format!("{path}?done=acknowledged"));
        assert!(
            console
                .get(ALL, &format!("{path}?done=acknowledged"))
                .await
                .page()
                .contains("not escalated any more")
        );
        act("fix", &[]).await.leads_to();
        act("assign", &[("assignee", "jo"), ("deputy", "")]).await.leads_to();
        act("comment", &[("comment", "Asked the buyer.")]).await.leads_to();
        act("set-aside", &[("until", "2026-11-09T09:00"), ("reason", "They answer then.")])
            .await
            .leads_to();
        let page = console.get(ALL, &path).await.page();
        for said in [
            "Set aside",
            "They answer then.",
            "Asked the buyer.",
            "gave it to jo",
            "Take up again",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        // Its tab says until when, by whom and why, and brings it back.
        let aside = console.get(ALL, "/cards?life=set_aside").await.page();
        assert!(
            aside.contains(&format!("card-{id}"))
                && aside.contains("data-h=\"Until\"")
                && aside.contains("Set aside by all: They answer then.")
                && aside.contains("1 cause is set aside.")
                && aside.contains(&format!("{path}/take-up\"")),
            "{aside}"
        );
        let bare = console.get(READER, "/cards?life=set_aside").await.page();
        assert!(
            bare.contains(&format!("card-{id}")) && !bare.contains("/take-up\"") && !bare.contains("They answer then."),
            "{bare}"
        );
        // What is set aside waits for nobody, and is open all the same.
        let open = console.get(ALL, "/cards").await.page();
        assert!(
            open.contains("One cause waits for somebody, 1 is set aside. ") && open.contains("</svg>Set aside"),
            "{open}"
        );
        act("take-up", &[]).await.leads_to();
        act("hand-over", &[("team", "finance"), ("note", "Yours.")]).await.leads_to();
        assert_eq!(morning.card().await["team"], "finance");

        // Somebody has seen it as it was before.
        let moved = console.post(ALL, &format!("{path}/fix"), &[("version", "1")]).await.with(409);
        assert!(
            moved.contains("It has changed meanwhile") && moved.contains("The one thing to fix"),
            "{moved}"
        );
        let silent = act("comment", &[("comment", " ")]).await.with(422);
        assert!(silent.contains("in 1 to 2000 characters"), "{silent}");
        act("nonsense", &[]).await.with(404);
        act("set-aside", &[("until", "soon"), ("reason", "x")]).await.with(400);
    });
}

#[test]
fn a_viewer_sees_no_sentence_and_no_form() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let path = format!("/cards/{}", morning.id().await);
        let members = morning.api.get(ALL, &format!("{path}/members")).await.ok();
        let sentence = members["members"][0]["sentence"].as_str().expect("a sentence");
        // Its names are shown as what somebody types.
        let (sentence, _) = sentence.split_once(" `").expect("it names a code");
        let open = console.get(ALL, &path).await.page();
        assert!(open.contains(sentence), "{sentence}: {open}");
        for forms in ["/fix-it\"", "/acknowledge\"", "/comment\"", "/hand-over\""] {
            assert!(open.contains(forms), "{forms}");
        }
        // What is wrong is what the word means, and no gap.
        assert!(
            open.contains("<dt>Means today</dt><dd><code>NO-SUCH-ITEM</code></dd>"),
            "{open}"
        );

        let bare = console.get(READER, &path).await.page();
        assert!(!bare.contains(sentence), "{bare}");
        assert_eq!(bare.matches("method=\"post\"").count(), 1, "signing out is all: {bare}");
        // Of another team: it maps, as it may, and acts on nothing.
        let finance = console.get(FINANCE, &path).await.page();
        assert!(
            finance.contains("/fix-it\"") && !finance.contains("/acknowledge\""),
            "{finance}"
        );
        let mapper = console.get(MAPPER, &path).await.page();
        assert!(mapper.contains("/fix-it\"") && !mapper.contains("/acknowledge\"") && !mapper.contains(sentence));

        // What has no form is refused as well.
        let version = version(&morning).await;
        for (who, act, form) in [
            (READER, "acknowledge", vec![("version", version.as_str())]),
            (FINANCE, "acknowledge", vec![("version", version.as_str())]),
            (MAPPER, "comment", vec![("version", version.as_str()), ("comment", "x")]),
            (READER, "fix-it", vec![("how", "save"), ("ours", "A"), ("why", "B")]),
            (READER, "fix-it", vec![("how", "try"), ("ours", "A")]),
        ] {
            let refused = console.post(who, &format!("{path}/{act}"), &form).await.with(403);
            assert!(refused.contains("You may not do this"), "{who} {act}: {refused}");
            assert!(!refused.contains("api.token"), "a person has no token: {refused}");
        }
        assert_eq!(morning.card().await["version"].to_string(), version);
        let other = console.get(ALL, "/cards?company=trader-2").await.page();
        let other = links(&other)
            .into_iter()
            .find(|link| link.starts_with("/cards/"))
            .expect("a card");
        console.get(FIRST, &other).await.with(404);
        console.get(FIRST, "/cards?company=trader-2").await.with(404);
    });
}

#[test]
fn a_fix_is_tried_saved_with_one_first_and_heals() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let path = format!("/cards/{}", morning.id().await);
        let fix = async |how: &str, ours: &str, why: &str| {
            let form = [("how", how), ("ours", ours), ("why", why)];
            console.post(ALL, &format!("{path}/fix-it"), &form).await
        };
        let all = morning.orders.len();
        let tried = fix("try", &morning.item, "").await.page();
        assert!(tried.contains(&format!("Heals {all} of {all}.")), "{tried}");
        assert!(
            tried.contains(&format!("value=\"{}\"", morning.item)),
            "what was filled in stays: {tried}"
        );
        let named = format!("<code>{}</code> is <b>", morning.item);
        assert!(
            tried.contains(&named) && tried.contains("Is that what they sell") && tried.contains("Unit price, net"),
            "{tried}"
        );
        let offered = format!("<option value=\"{}\">", morning.item);
        assert!(
            tried.contains(&offered) && !tried.contains(&format!("{offered}</option>")),
            "by its name: {tried}"
        );
        let wrong = fix("try", "NOTHING-LIKE-IT", "").await.page();
        assert!(wrong.contains(&format!("Heals 0 of {all}.")), "{wrong}");
        assert!(
            wrong.contains("<code>NOTHING-LIKE-IT</code>, which the ledger does not have")
                && !wrong.contains("there is no mapping"),
            "{wrong}"
        );
        let slip = fix("save", "NOTHING-LIKE-IT", "A slip.").await.with(422);
        assert!(
            slip.contains("the ledger has no item") && slip.contains("ours-wrong") && slip.contains("value=\"NOTHING-LIKE-IT\""),
            "{slip}"
        );
        fix("first", "NOTHING-LIKE-IT", "A slip.").await.with(422);
        let silent = fix("save", &morning.item, "").await.with(422);
        assert!(silent.contains("say why") && silent.contains("why-wrong"), "{silent}");
        assert_eq!(
            fix("first", &morning.item, "It is this item.").await.leads_to(),
            format!("{path}?done=mapped-one-first")
        );
        morning.scene.work_until("healed", async |_| is_over(&morning).await).await;
        let page = console.get(ALL, &path).await.page();
        assert!(
            page.contains("Resolved") && !page.contains("/fix-it\"") && page.contains("Proven"),
            "{page}"
        );
        let worth = morning.api.get(ALL, &format!("{path}/members")).await.ok();
        let worth: Vec<f64> = worth["members"].as_array().expect("members").iter().map(net).collect();
        assert!(
            worth.is_sorted_by(|one, next| one >= next) && worth[0] > 0.0,
            "the dearest first: {worth:?}"
        );
        assert!(page.contains("data-h=\"Worth, £\""), "{page}");
        let resolved = console.get(ALL, "/cards?life=resolved").await.page();
        assert!(resolved.contains(&path), "{resolved}");
        // By which proof: with the numbers that the ledger knows the order by.
        assert!(
            resolved.contains("Closed because of ") && resolved.contains("ledger order ") && resolved.contains("Put right by "),
            "{resolved}"
        );
    });
}

fn net(member: &serde_json::Value) -> f64 {
    member["net"].as_str().expect("its worth").parse().expect("a figure")
}

async fn is_over(morning: &Morning) -> bool {
    let open = morning.api.get(ALL, "/cards?company=trader-1").await.ok();
    open["cards"].as_array().expect("cards").is_empty()
}

#[test]
fn a_card_says_what_its_word_means_by_now() {
    play(async {
        let morning = morning().await;
        let path = format!("/cards/{}/members", morning.id().await);
        let members = async || {
            morning.api.get(ALL, &path).await.ok()["members"]
                .as_array()
                .expect("members")
                .clone()
        };
        let since: Vec<_> = members().await.iter().map(|member| member["since"].clone()).collect();
        // A sheet may run ahead of the ledger.
        let cell = Cell::new(Table::Sku, "virtualstock-1", &morning.item);
        morning.scene.map(&cell, Some("NEITHER-THIS")).await;
        let says = |member: &serde_json::Value| {
            let sentence = member["sentence"].as_str().expect("a sentence");
            sentence.contains("`NEITHER-THIS`, which the ledger does not have")
        };
        morning
            .scene
            .work_until("said again", async |_| members().await.iter().all(says))
            .await;
        let still: Vec<_> = members().await.iter().map(|member| member["since"].clone()).collect();
        assert_eq!(still, since, "they stand as long as before");
    });
}
