//! Whatever somebody else has written is shown as it was written, and is never a part of the page.

use tallyman_core::cause::Cause;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::mapping::{Cell, Table};
use tallyman_tests::morning::{ALL, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, encoded, links};

const NASTY: &str = r#""><script>alert(1)</script><b onclick='x'>&amp;"#;
const SHOWN: &str = "&quot;&gt;&lt;script&gt;";

#[test]
fn what_others_write_is_text_on_every_page() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        // An item code of theirs, and what a finding says of it.
        let cell = Cell::new(Table::Sku, "virtualstock-1", NASTY);
        let finding = Finding::new(Code::SkuUnknown, Cause::Cell(cell), format!("Item {NASTY} is not known."));
        morning.scene.inject("trader-1", &finding).await;
        let word = [
            ("table", "sku"),
            ("connection", "virtualstock-1"),
            ("theirs", NASTY),
            ("ours", NASTY),
            ("reason", NASTY),
            ("how", "save"),
        ];
        let set = console.post(ALL, "/mappings/words", &word).await;
        // A name for goods that holds such signs may be refused; then the page says so with the word in it.
        let set_page = if set.status.as_u16() == 303 {
            let place = set.leads_to();
            console.get(ALL, &place).await.page()
        } else {
            set.with(422)
        };
        assert!(set_page.contains(SHOWN), "{set_page}");

        // `page` and `with` look at each for scripts and styles of its own.
        let list = console.get(ALL, "/cards?company=trader-1").await.page();
        assert!(list.contains(SHOWN), "{list}");
        let nasty = list
            .split("<tr id=\"card-")
            .find(|row| row.contains(SHOWN))
            .expect("its card")[..16]
            .to_owned();
        let path = format!("/cards/{nasty}");
        let card = console.get(ALL, &path).await.page();
        assert!(
            card.matches(SHOWN).count() >= 3,
            "the cause, the word and the sentence: {card}"
        );
        let version = morning.api.get(ALL, &path).await.ok()["version"].to_string();
        for (act, fields) in [
            ("comment", [("comment", NASTY), ("deputy", "")]),
            ("assign", [("assignee", NASTY), ("deputy", NASTY)]),
        ] {
            let now = morning.api.get(ALL, &path).await.ok()["version"].to_string();
            let form = [&fields[..], &[("version", now.as_str())]].concat();
            console.post(ALL, &format!("{path}/{act}"), &form).await.leads_to();
        }
        let after = console.get(ALL, &path).await.page();
        assert!(after.matches(SHOWN).count() > card.matches(SHOWN).count(), "{after}");
        let stale = console
            .post(ALL, &format!("{path}/comment"), &[("comment", NASTY), ("version", &version)])
            .await;
        stale.with(409);
        let trial = [("how", "try"), ("ours", NASTY), ("why", NASTY)];
        let tried = console.post(ALL, &format!("{path}/fix-it"), &trial).await;
        assert!(tried.text.contains(SHOWN), "{}", tried.text);
        let order = links(&after)
            .into_iter()
            .find(|link| link.starts_with("/orders/"))
            .expect("an order");
        let story = console.get(ALL, &order).await.page();
        assert!(story.contains(SHOWN), "what stops it is said: {story}");

        for query in [
            format!("/cards?cause={}", encoded(NASTY)),
            format!("/orders?q={}", encoded(NASTY)),
            format!("/mappings?words={}", encoded(NASTY)),
            format!("/sign-in?next={}", encoded(&format!("/{NASTY}"))),
        ] {
            console.get(ALL, &query).await.page();
        }
        console.get(ALL, &format!("/cards/{}", encoded(NASTY))).await.with(404);
        console.get(ALL, &format!("/cards?team={}", encoded(NASTY))).await.with(400);
        console
            .get(ALL, &format!("/cards?company={}", encoded(NASTY)))
            .await
            .with(404);
        console
            .post("", "/sign-in", &[("name", NASTY), ("password", "x")])
            .await
            .with(403);
    });
}
