//! The drill's page: where none runs it says how one is started, and where one runs who has done what.

use std::sync::Arc;

use tallyman_core::drill::Planted;
use tallyman_core::finding::Code;
use tallyman_core::ident::Company;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_engine::drill::Drill;
use tallyman_tests::doorman::ByToken;
use tallyman_tests::morning::{ALL, FIRST, access, morning};
use tallyman_tests::scene::play;
use tallyman_web::Running;

use super::current::topics;
use super::live::{listen, told};
use super::visitor::Console;

#[test]
fn where_people_come_in_by_links_the_second_is_named_and_nobody_is_invited() {
    play(async {
        let morning = morning().await;
        let running = Arc::new(Running::default());
        running.begun(morning.scene.parts("console").await);
        running.entered_by_links(vec!["all".to_owned(), "Felix Grant".to_owned()]);
        let console = Console::with(running, access(), Arc::new(ByToken(access())));
        for path in ["/proposals", "/help", "/drill"] {
            let page = console.get(ALL, path).await.page();
            assert!(page.contains("the link for <b>Felix Grant</b>"), "{path}: {page}");
        }
        let people = console.get(ALL, "/settings/people").await.page();
        assert!(
            !people.contains("Invite") && people.contains("start: all and Felix Grant."),
            "{people}"
        );
        let elsewhere = Console::of(&morning).await;
        assert!(!elsewhere.get(ALL, "/proposals").await.page().contains("Felix Grant"));
        assert!(
            elsewhere
                .get(ALL, "/settings/people")
                .await
                .page()
                .contains("Invite somebody")
        );
    });
}

#[test]
fn what_is_planted_is_told_with_who_cleared_it_and_how_often_a_fix_was_wrong() {
    play(async {
        let morning = morning().await;
        let bare = Console::of(&morning).await;
        let none = bare.get(ALL, "/drill").await.page();
        assert!(
            none.contains("No drill runs here") && none.contains("tallyman drill"),
            "{none}"
        );

        let planted = |code, company: &str| Planted {
            name: format!("a planted {code}"),
            code,
            company: Company::new(company),
        };
        let running = Arc::new(Running::default());
        running.drills(Drill {
            planted: vec![
                planted(Code::SkuUnknown, "trader-1"),
                planted(Code::CarrierUnmapped, "trader-1"),
                planted(Code::SkuUnknown, "trader-2"),
            ],
            // What stands before it begins was laid by whoever set the table.
            begun_at: morning.scene.clock.now(),
            pace: 20,
        });
        running.begun(morning.scene.parts("console").await);
        let console = Console::with(running, access(), Arc::new(ByToken(access())));
        let page = console.get(ALL, "/drill").await.page();
        assert!(page.contains("Needs someone") && page.contains("Not seen yet"), "{page}");
        let own = console.get(FIRST, "/drill").await.page();
        assert!(!own.contains("trader-2"), "what belongs to others is not there: {own}");

        // A wrong word first, of a sheet that runs ahead of the ledger, then the right one.
        let id = morning.id().await;
        let a_minute = async || {
            let later = morning.scene.clock.now().plus(std::time::Duration::from_secs(60));
            morning.scene.clock.sleep_until(later).await;
        };
        a_minute().await;
        let cell = Cell::new(Table::Sku, "virtualstock-1", &morning.item);
        morning.scene.map(&cell, Some("NO-SUCH-ITEM-EITHER")).await;
        a_minute().await;
        let mut stream = listen(&console, ALL, &topics(&page)).await;
        let form = [("how", "save"), ("ours", morning.item.as_str()), ("why", "it is this one")];
        console.post(ALL, &format!("/cards/{id}/fix-it"), &form).await.leads_to();
        morning
            .scene
            .work_until("resolved", async |_| morning.card_by_id(&id).await["life"] == "resolved")
            .await;
        let said = told(&mut stream).await;
        assert!(
            said.as_deref().is_some_and(|said| said.starts_with("event: changed")),
            "{said:?}"
        );
        let page = console.get(FIRST, "/drill").await.page();
        assert!(
            page.contains("Cleared") && page.contains(">all<") && page.contains("<b>1</b> of 2"),
            "{page}"
        );
        assert!(page.contains("data-h=\"Wrong fixes\">1<"), "{page}");
    });
}
