//! Mappings: listed and searched, one word with its history, whole sheets by a plan that is shown first.

use axum::body::Body;
use http::{Request, header};
use tallyman_core::ident::Company;
use tallyman_engine::known::References;
use tallyman_tests::morning::{ALL, MAPPER, Morning, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Answer, Console, encoded, hidden, links};

#[test]
fn a_word_is_found_set_and_taken_back_with_its_history() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let list = console
            .get(READER, "/mappings?table=sku&words=NO-SUCH-ITEM&connection=")
            .await
            .page();
        assert_eq!(list.matches("<tr><td").count(), 2, "{list}");
        assert!(!list.contains("/mappings/import"), "a viewer takes nothing in: {list}");
        let word = links(&list)
            .into_iter()
            .find(|link| link.contains("virtualstock-1"))
            .expect("the word");
        let page = console.get(MAPPER, &word).await.page();
        assert!(
            page.contains("NO-SUCH-ITEM") && page.contains("a test") && page.contains("integrator"),
            "{page}"
        );
        let viewer = console.get(READER, &word).await.page();
        assert_eq!(viewer.matches("method=\"post\"").count(), 1, "signing out is all: {viewer}");

        let about = [
            ("table", "sku"),
            ("connection", "virtualstock-1"),
            ("theirs", morning.item.as_str()),
        ];
        let with = |more: &[_]| [&about[..], &[("how", "save")], more].concat();
        let ours = ("ours", morning.item.as_str());
        let slip = with(&[("ours", "ANOTHER"), ("reason", "x")]);
        let slip = console.post(MAPPER, "/mappings/words", &slip).await.with(422);
        assert!(
            slip.contains("the ledger has no item") && slip.contains("value=\"ANOTHER\""),
            "{slip}"
        );
        console
            .post(READER, "/mappings/words", &with(&[ours, ("reason", "x")]))
            .await
            .with(403);
        let silent = console
            .post(MAPPER, "/mappings/words", &with(&[ours, ("reason", " ")]))
            .await
            .with(422);
        let stays = format!("value=\"{}\"", morning.item);
        assert!(silent.contains("say why") && silent.contains(&stays), "{silent}");
        let set = console
            .post(MAPPER, "/mappings/words", &with(&[ours, ("reason", "As agreed.")]))
            .await
            .leads_to();
        assert!(set.contains(&encoded(&morning.item)) && set.ends_with("done=mapped"), "{set}");
        let page = console.get(MAPPER, &set).await.page();
        assert!(page.contains("As agreed.") && page.contains("mapper"), "{page}");
        let same = console
            .post(MAPPER, "/mappings/words", &with(&[ours, ("reason", "Again.")]))
            .await
            .leads_to();
        assert!(same.ends_with("done=unchanged"), "{same}");
        let back = console
            .post(
                MAPPER,
                "/mappings/words/withdraw",
                &[&about[..], &[("reason", "A slip.")]].concat(),
            )
            .await
            .leads_to();
        let page = console.get(MAPPER, &back).await.page();
        assert!(
            page.contains("taken back") && page.contains("A slip.") && !page.contains("Take it back"),
            "{page}"
        );
        let nowhere = [
            ("table", "sku"),
            ("connection", "virtualstock-9"),
            ("theirs", "A"),
            ours,
            ("reason", "x"),
            ("how", "save"),
        ];
        let refused = console.post(MAPPER, "/mappings/words", &nowhere).await.with(422);
        assert!(refused.contains("no connection virtualstock-9"), "{refused}");

        let page = console.get(MAPPER, "/mappings").await.page();
        assert_eq!(page.matches("<tr><td").count(), 35, "17 a merchant and the other's slip");
        console.get(MAPPER, "/mappings?table=skus").await.with(400);
    });
}

#[test]
fn what_a_word_might_mean_is_tried_on_what_came_before_and_nothing_is_changed_by_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let another = another(&morning).await;
        let about = [
            ("table", "sku"),
            ("connection", "virtualstock-1"),
            ("theirs", morning.item.as_str()),
        ];
        let tried = async |who: &str, ours: &str| {
            let form = [&about[..], &[("ours", ours), ("reason", ""), ("how", "try")]].concat();
            console.post(who, "/mappings/words", &form).await
        };
        let before = console.get(MAPPER, "/mappings/export").await.text;
        let right = tried(ALL, &morning.item).await.page();
        let all = morning.orders.len();
        for said in [
            format!("Heals {all} of {all}"),
            format!("{all} of the last 12 orders"),
            "instead of <code>NO-SUCH-ITEM</code>".to_owned(),
            "<td data-h=\"What\">The order</td>".to_owned(),
            "goes on".to_owned(),
            format!("value=\"{}\"", morning.item),
        ] {
            assert!(right.contains(&said), "{said}: {right}");
        }
        let id = morning.id().await;
        let led = links(&right);
        assert!(led.contains(&format!("/cards/{id}")), "{right}");
        let shown = right.matches("<td data-h=\"What\">").count();
        assert_eq!(shown, all.min(10), "{right}");
        let order = led.iter().find(|link| link.starts_with("/orders/")).expect("an order");
        let order = console.get(ALL, order).await.page();
        assert!(morning.orders.iter().any(|number| order.contains(number)), "{order}");
        // Who may not open an order reads that it stops, and not why: that may name a customer. No way leads to what they may not see.
        let sealed = tried(MAPPER, &morning.item).await.page();
        let stops = "<td class=\"wide\" data-h=\"As it is\">stops</td>";
        assert!(sealed.contains(stops) && sealed.contains("goes on"), "{sealed}");
        assert!(!links(&sealed).iter().any(|link| link.starts_with("/orders/")), "{sealed}");
        let same = tried(ALL, "NO-SUCH-ITEM").await.page();
        assert!(
            same.contains("already") && same.contains("would be decided otherwise") && same.contains("None of the last"),
            "{same}"
        );
        tried(READER, &morning.item).await.with(403);
        let nothing = tried(MAPPER, " ").await.with(422);
        assert!(nothing.contains("our word is missing"), "{nothing}");
        assert_eq!(
            console.get(MAPPER, "/mappings/export").await.text,
            before,
            "it was only tried"
        );

        // Said at last, tried once more: what goes on says which line would be of what.
        let said = [
            &about[..],
            &[("ours", morning.item.as_str()), ("reason", "Put right."), ("how", "save")],
        ]
        .concat();
        console.post(MAPPER, "/mappings/words", &said).await.leads_to();
        let page = tried(ALL, &another).await.page();
        // The other item may not be sold here; then that is what differs.
        let lines = [&morning.item, &another].map(|item| page.contains(&format!(" of {item}</td>")));
        assert!(lines == [true, true] || page.contains("stops:"), "{page}");

        // What it meant before is put back by the same form.
        let back = links(&page)
            .into_iter()
            .find(|link| link.contains("ours=NO-SUCH-ITEM"))
            .expect("what it meant before");
        let form = console.get(MAPPER, back.trim_end_matches("#h-change")).await.page();
        assert!(
            form.contains("name=\"ours\" value=\"NO-SUCH-ITEM\"") || form.contains("value=\"NO-SUCH-ITEM\""),
            "{form}"
        );
        let viewer = console.get(READER, &page_of(&about)).await.page();
        assert!(!viewer.contains("Put back"), "{viewer}");
    });
}

fn page_of(about: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = about
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    format!("/mappings/words?{}", pairs.join("&"))
}

/// An item of the second merchant's ledger that no word of the morning is about.
async fn another(morning: &Morning) -> String {
    let company = Company::new("trader-2");
    let known = References::default()
        .current(&morning.scene.store, &company)
        .await
        .expect("known");
    let facts = known.facts.expect("the ledger was read");
    let mut codes = facts.items.values().map(|item| item.sku.to_string());
    codes.find(|code| !code.eq_ignore_ascii_case(&morning.item)).expect("an item")
}

async fn upload(console: &Console, who: &str, sheet: &str) -> Answer {
    let body = format!(
        "--b0\r\nContent-Disposition: form-data; name=\"sheet\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n{sheet}\r\n--b0--\r\n"
    );
    let request = Request::post("/mappings/import")
        .header(header::COOKIE, format!("tallyman={who}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b0");
    console.call(request.body(Body::from(body)).expect("a request")).await
}

/// What a browser sends of the plan's form.
fn rows(page: &str) -> String {
    let rest = page.split("name=\"rows\" aria-label=\"Rows\">").nth(1).expect("the rows");
    rest.split("</textarea>")
        .next()
        .expect("it ends")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[test]
fn a_sheet_is_taken_in_by_the_plan_that_was_seen() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let sheet = console.get(MAPPER, "/mappings/export?format=csv").await;
        assert!(sheet.status.is_success());
        let same = upload(&console, MAPPER, &sheet.text).await.page();
        assert!(
            same.contains("36 the same") && same.contains("Every row says what stands already."),
            "{same}"
        );
        upload(&console, READER, &sheet.text).await.with(403);
        console.get(READER, "/mappings/import").await.with(403);
        let mended = sheet.text.replace("NO-SUCH-ITEM", &morning.item);
        let plan = upload(&console, MAPPER, &mended).await.page();
        assert!(plan.contains("2 changed") && plan.contains("Carry out 2 changes"), "{plan}");
        assert_eq!(
            console.get(MAPPER, "/mappings/export").await.text,
            sheet.text,
            "nothing was written"
        );
        let broken = upload(&console, MAPPER, &mended.replace("virtualstock-1", "virtualstock-9"))
            .await
            .with(422);
        assert!(broken.contains("no such connection"), "{broken}");
        upload(&console, MAPPER, "").await.with(400);

        let (rows, number) = (rows(&plan), hidden(&plan, "number"));
        let go = async |reason: &str| {
            let form = [("rows", rows.as_str()), ("number", number.as_str()), ("reason", reason)];
            console.post(MAPPER, "/mappings/import/carry-out", &form).await
        };
        let silent = go(" ").await.with(422);
        assert!(
            silent.contains("say why") && silent.contains("Carry out 2 changes"),
            "{silent}"
        );
        // Somebody else says something about one of the words: it is another plan.
        let about = [
            ("table", "sku"),
            ("connection", "virtualstock-2"),
            ("theirs", morning.item.as_str()),
        ];
        let another = another(&morning).await;
        let meanwhile = [&about[..], &[("ours", another.as_str()), ("reason", "x"), ("how", "save")]].concat();
        console.post(ALL, "/mappings/words", &meanwhile).await.leads_to();
        let moved = go("Put right.").await.with(409);
        assert!(moved.contains(&another) && moved.contains("Put right."), "{moved}");
        let number = hidden(&moved, "number");
        let form = [("rows", rows.as_str()), ("number", number.as_str()), ("reason", "Put right.")];
        assert_eq!(
            console.post(MAPPER, "/mappings/import/carry-out", &form).await.leads_to(),
            "/mappings?done=imported"
        );
        let left = console.get(MAPPER, "/mappings?words=NO-SUCH-ITEM").await.page();
        assert!(left.contains("No word is like that"), "{left}");
    });
}
