//! What decides posting takes two people: one proposes, another approves, and a token of the first is the first.

use std::time::Duration;

use axum::body::Body;
use http::{Request, header};
use serde_json::{Value, json};
use tallyman_core::access::{Actor, Grant, Level, Where};
use tallyman_core::cause::Cause;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_tests::morning::{ALL, ANNA, Morning, morning};
use tallyman_tests::scene::play;
use tallyman_web::api::access::{Access, Hash};

use super::visitor::{Console, links};

/// Two of finance, a token of the first, and one who only looks.
fn people() -> Access {
    let grant = |level| Grant::level(level, Where::company("trader-1"), Default::default());
    let finance = || vec![grant(Level::Finance)];
    Access::of(vec![
        (Hash::of("anna"), Actor::person("P1", "Anna", finance())),
        (Hash::of("annas-token"), Actor::token_of("P1", "sheets", finance())),
        (Hash::of("ben"), Actor::person("P2", "Ben", finance())),
        (Hash::of("nobodys"), Actor::token("console", grant(Level::Finance))),
        (Hash::of("viewer"), Actor::person("P3", "Cara", vec![grant(Level::Viewer)])),
    ])
}

async fn console(morning: &Morning) -> Console {
    Console::knowing(&morning.scene, people()).await
}

const WORD: [(&str, &str); 6] = [
    ("table", "tax"),
    ("connection", "virtualstock-1"),
    ("theirs", "a rate"),
    ("ours", "1"),
    ("reason", "The ledger has it so."),
    ("how", "save"),
];

/// What a tax rate means now.
async fn means(morning: &Morning) -> Option<String> {
    let companies = [(
        tallyman_core::ident::Company::new("trader-1"),
        vec!["virtualstock-1".to_owned()],
    )];
    let known = tallyman_engine::mappings::known(&morning.scene.store, &companies)
        .await
        .expect("known");
    let cell = tallyman_core::mapping::Cell::new(Table::Tax, "virtualstock-1", "a rate");
    known["trader-1"].mappings.row(&cell).and_then(|row| row.ours.clone())
}

fn proposal(page: &str) -> String {
    let rest = page.split("href=\"/proposals/").nth(1).expect("a proposal");
    rest[..16].to_owned()
}

#[test]
fn a_tax_rate_counts_when_a_second_person_has_approved_it() {
    play(async {
        let morning = morning().await;
        let console = console(&morning).await;
        let empty = console.get("ben", "/proposals").await.page();
        assert!(empty.contains("Nothing waits for a second person"), "{empty}");
        // A token that belongs to nobody may be in the hand of whoever approves.
        let nobodys = console.post("nobodys", "/mappings/words", &WORD).await.with(403);
        assert!(nobodys.contains("belongs to nobody"), "{nobodys}");
        let empty = console.get("ben", "/proposals").await.page();
        assert!(empty.contains("Nothing waits for a second person"), "{empty}");
        let done = console.post("anna", "/mappings/words", &WORD).await.leads_to();
        assert!(done.ends_with("done=proposed"), "{done}");
        assert_eq!(means(&morning).await, None, "it only waits");
        let page = console.get("ben", "/proposals").await.page();
        assert!(page.contains("Waits for you"), "{page}");
        let path = format!("/proposals/{}", proposal(&page));

        // Whoever decides sees what it would have changed, as far as they ask.
        let asked = console.get("ben", &path).await.page();
        assert!(links(&asked).contains(&format!("{path}?tried=true#trial")), "{asked}");
        let tried = console.get("ben", &format!("{path}?tried=true")).await.page();
        assert!(
            tried.contains("id=\"trial\"") && tried.contains("would mean <code>1</code>"),
            "{tried}"
        );
        assert_eq!(means(&morning).await, None, "trying writes nothing");
        let bare = console.get("viewer", &path).await.page();
        assert!(!bare.contains("tried=true"), "{bare}");

        // Whoever proposed it cannot, by whichever door.
        let own = console.get("anna", &path).await.page();
        assert!(own.contains("another person decides") && !own.contains(">Approve<"), "{own}");
        let why = [("reason", "It is right.")];
        let refused = console.post("anna", &format!("{path}/approve"), &why).await.with(403);
        assert!(refused.contains("does not approve it"), "{refused}");
        console.post("annas-token", &format!("{path}/approve"), &why).await.with(403);
        let request = Request::post(format!("/api/v1{path}/approve"))
            .header(header::AUTHORIZATION, "Bearer annas-token")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(r#"{"reason": "It is right."}"#));
        let answer = console.call(request.expect("a request")).await;
        assert_eq!(answer.status, 403, "{}", answer.text);
        console.post("viewer", &format!("{path}/approve"), &why).await.with(403);
        // A token that belongs to nobody may be in the hand of whoever proposed it.
        let nobodys = console.post("nobodys", &format!("{path}/approve"), &why).await.with(403);
        assert!(nobodys.contains("belongs to nobody"), "{nobodys}");
        let silent = console
            .post("ben", &format!("{path}/approve"), &[("reason", " ")])
            .await
            .with(400);
        assert!(silent.contains("Say why"), "{silent}");
        assert_eq!(means(&morning).await, None);

        let done = console.post("ben", &format!("{path}/approve"), &why).await.leads_to();
        assert_eq!(done, format!("{path}?done=approved"));
        assert_eq!(means(&morning).await.as_deref(), Some("1"));
        console.post("ben", &format!("{path}/approve"), &why).await.with(409);
        let all = console.get("viewer", "/proposals?all=true").await.page();
        assert!(all.contains("Approved"), "{all}");
    });
}

#[test]
fn what_waits_for_a_second_person_is_told_where_people_look() {
    play(async {
        let morning = morning().await;
        let console = console(&morning).await;
        let cell = Cell::new(Table::Tax, "virtualstock-1", "a rate");
        let finding = Finding::new(Code::TaxUnmapped, Cause::Cell(cell), "A rate is not mapped.".to_owned());
        morning.scene.inject("trader-1", &finding).await;
        let list = console.get("ben", "/cards?company=trader-1&cause=a+rate").await.page();
        let card = links(&list)
            .into_iter()
            .find(|link| link.starts_with("/cards/"))
            .expect("its card");
        assert!(!console.get("ben", &card).await.page().contains("waits for a second person"));

        console.post("anna", "/mappings/words", &WORD).await.leads_to();
        let path = format!("/proposals/{}", proposal(&console.get("ben", "/proposals").await.page()));
        let clock = &morning.scene.clock;
        clock.sleep_until(clock.now().plus(Duration::from_secs(6))).await;
        for who in ["anna", "ben", "viewer"] {
            let page = console.get(who, &card).await.page();
            assert!(
                links(&page).contains(&path) && page.contains("waits for a second person: it would mean <code>1</code>"),
                "{who}: {page}"
            );
        }
        // It is counted for whoever may approve it, and not for whoever proposed it or only looks.
        for (who, counted) in [("anna", false), ("ben", true), ("viewer", false)] {
            let page = console.get(who, "/work").await.page();
            assert_eq!(
                page.contains("1 change waits</a> for a second person"),
                counted,
                "{who}: {page}"
            );
            assert_eq!(page.contains("Proposals<span class=\"count\">1<"), counted, "{who}: {page}");
        }
    });
}

#[test]
fn what_has_moved_since_it_was_proposed_is_not_approved_and_its_proposer_may_take_it_back() {
    play(async {
        let morning = morning().await;
        let console = console(&morning).await;
        console.post("anna", "/mappings/words", &WORD).await.leads_to();
        let first = proposal(&console.get("ben", "/proposals").await.page());
        let mut other = WORD;
        other[3].1 = "0";
        console.post("ben", "/mappings/words", &other).await.leads_to();
        let page = console.get("anna", "/proposals").await.page();
        let second = page
            .split("href=\"/proposals/")
            .skip(1)
            .map(|rest| rest[..16].to_owned())
            .find(|id| *id != first)
            .expect("another");
        let why = [("reason", "It is right.")];
        console
            .post("anna", &format!("/proposals/{second}/approve"), &why)
            .await
            .leads_to();
        assert_eq!(means(&morning).await.as_deref(), Some("0"));
        let moved = console
            .post("ben", &format!("/proposals/{first}/approve"), &why)
            .await
            .with(409);
        assert!(moved.contains("something else since"), "{moved}");
        let back = console
            .post("anna", &format!("/proposals/{first}/reject"), &why)
            .await
            .leads_to();
        assert!(back.ends_with("done=rejected"), "{back}");
        let journal = "/journal?company=trader-1&kind=proposal.withdrawn";
        let told = morning.api.get(ALL, journal).await.ok();
        assert_eq!(
            (&told["lines"][0]["before"], &told["lines"][0]["after"]),
            (&"open".into(), &"withdrawn".into())
        );
        assert_eq!(means(&morning).await.as_deref(), Some("0"));
        let all = console.get("anna", "/proposals?all=true").await.page();
        assert!(all.contains("Taken back"), "{all}");
    });
}

#[test]
fn what_one_proposes_another_corrects_and_the_first_approves() {
    play(async {
        let morning = morning().await;
        let console = console(&morning).await;
        console.post("anna", "/mappings/words", &WORD).await.leads_to();
        let path = format!("/proposals/{}", proposal(&console.get("ben", "/proposals").await.page()));
        let edit = format!("{path}/edit");
        let page = console.get("ben", &path).await.page();
        assert!(page.contains(&edit) && page.contains("Change it …"), "{page}");
        let bare = console.get("viewer", &path).await.page();
        assert!(!bare.contains(&edit), "{bare}");
        let instead = |ours: &'static str| [("ours", ours), ("reason", "It is the other.")];
        console.post("viewer", &edit, &instead("0")).await.with(403);
        let same = console.post("ben", &edit, &instead("1")).await.with(422);
        assert!(same.contains("That is what proposal"), "{same}");

        let other = console.post("ben", &edit, &instead("0")).await.leads_to();
        assert!(
            other.starts_with("/proposals/") && other.ends_with("done=proposed"),
            "{other}"
        );
        let old = console.get("anna", &path).await.page();
        assert!(
            old.contains("Rejected") && old.contains("is proposed in its place: It is the other."),
            "{old}"
        );
        console.post("ben", &edit, &instead("9")).await.with(409);
        let other = other.split('?').next().expect("a path");
        let why = [("reason", "So it is.")];
        console.post("ben", &format!("{other}/approve"), &why).await.with(403);
        console.post("anna", &format!("{other}/approve"), &why).await.leads_to();
        assert_eq!(means(&morning).await.as_deref(), Some("0"));
    });
}

#[test]
fn proposals_come_in_pages_the_newest_first() {
    play(async {
        let morning = morning().await;
        let mut made = Vec::new();
        for (connection, theirs) in [
            ("virtualstock-1", "one"),
            ("virtualstock-2", "two"),
            ("virtualstock-1", "three"),
        ] {
            let word = json!({"table": "tax", "connection": connection, "theirs": theirs, "ours": "1", "reason": "The list."});
            let answer = morning.api.post(ANNA, "/mappings/set", word).await.ok();
            made.push(answer["proposed"].as_str().expect("an id").to_owned());
            let later = morning.scene.clock.now().plus(Duration::from_secs(1));
            morning.scene.clock.sleep_until(later).await;
        }
        let ids = |page: &Value| {
            let proposals = page["proposals"].as_array().expect("proposals").iter();
            proposals
                .map(|one| one["id"].as_str().expect("an id").to_owned())
                .collect::<Vec<_>>()
        };
        made.reverse();
        let first = morning.api.get(ALL, "/proposals?limit=2").await.ok();
        assert_eq!(ids(&first), made[..2]);
        let after = first["next"].as_str().expect("there is one more");
        let path = format!("/proposals?limit=2&after={after}");
        let last = morning.api.get(ALL, &path).await.ok();
        assert_eq!(ids(&last), made[2..]);
        assert!(last["next"].is_null(), "{last}");
        let page = Console::of(&morning)
            .await
            .get(ALL, &format!("/proposals?after={after}"))
            .await
            .page();
        assert!(
            page.contains("First page") && page.contains("1 proposal on this page"),
            "{page}"
        );
    });
}
