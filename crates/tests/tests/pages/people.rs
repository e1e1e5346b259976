//! People of the store: their names where something is theirs, who stands in for them, and the accounts by which they sign in.

use std::sync::Arc;

use serde_json::json;
use tallyman_core::access::{Actor, HOUSE, Level};
use tallyman_engine::people::invitations::{self, SignsInAs, Wanted};
use tallyman_store::tables::people::Granted;
use tallyman_tests::doorman::ByToken;
use tallyman_tests::morning::{Api, Morning, morning};
use tallyman_tests::scene::play;
use tallyman_web::api::access::{Access, Hash};
use tallyman_web::{Provider, Running};

use super::visitor::Console;

/// A house of people who were invited: each may be asked for by the first word of their name, and so is a token of theirs.
pub struct House {
    pub console: Console,
    pub api: Api,
    pub running: Arc<Running>,
    pub ids: Vec<String>,
}

pub async fn house(morning: &Morning, people: &[(&str, Level)]) -> House {
    let parts = morning.scene.parts("console").await;
    let (mut ids, mut known) = (Vec::new(), Vec::new());
    for (name, level) in people {
        let granted = Granted {
            level: *level,
            company: HOUSE.to_owned(),
            teams: Default::default(),
        };
        let wanted = Wanted {
            name: SignsInAs::read(name, None).expect("a name"),
            grants: vec![granted.clone()],
        };
        let by = Actor::terminal("test");
        let invited = invitations::invite(&parts.store, &parts.vault, &by, wanted, parts.clock.now()).await;
        let (id, _) = invited.expect("invited");
        let first = name.split(' ').next().expect("a name").to_lowercase();
        known.push((Hash::of(&first), Actor::person(id.clone(), *name, vec![granted.grant()])));
        ids.push(id);
    }
    let running = Arc::new(Running::default());
    running.begun(parts);
    let access = Access::of(known);
    House {
        console: Console::with(running.clone(), access.clone(), Arc::new(ByToken(access.clone()))),
        api: Api::with(running.clone(), access),
        running,
        ids,
    }
}

#[test]
fn whoever_holds_something_goes_by_their_name() {
    play(async {
        let morning = morning().await;
        let House { console, api, ids, .. } = house(&morning, &[("Maya Lindqvist", Level::Integrator)]).await;
        let until = morning.in_hours(4).to_rfc3339();
        let wish = json!({"company": "trader-1", "kind": "writes", "what": "sage-1", "reason": "Month end", "until": until});
        let held = api.post("maya", "/holds", &wish).await.ok();
        let id = format!("person/{}", ids[0]);
        assert_eq!(
            [&held["by"], &held["by_name"]],
            [&json!(id), &json!("Maya Lindqvist")],
            "{held}"
        );
        let page = console.get("maya", "/connections").await.page();
        assert!(
            page.contains("Month end") && page.contains("Maya Lindqvist") && !page.contains(&id),
            "{page}"
        );
        let path = format!("/holds/{}/end", held["id"].as_str().expect("an id"));
        api.post("maya", &path, json!({"company": "trader-1"})).await.ok();
        let over = &api.get("maya", "/holds").await.ok()["over"][0];
        assert_eq!(over["ended_by_name"], "Maya Lindqvist", "{over}");
        let sheet = console.get("maya", "/sheets/holds").await.text;
        assert_eq!(sheet.matches("Maya Lindqvist").count(), 2, "{sheet}");
        assert!(!sheet.contains(&id), "{sheet}");
        // The journal's sheet keeps the id beside the name: by it lines are looked for.
        let journal = console.get("maya", "/sheets/journal?company=trader-1&kind=hold").await.text;
        assert!(journal.contains(&id) && journal.contains("Maya Lindqvist"), "{journal}");
    });
}

#[test]
fn a_card_is_given_to_those_who_may_act_on_it() {
    play(async {
        let morning = morning().await;
        let people = [("Maya Lindqvist", Level::Operations), ("Ben Jones", Level::Viewer)];
        let House { console, api, .. } = house(&morning, &people).await;
        let path = format!("/cards/{}", morning.id().await);
        let page = console.get("maya", &path).await.page();
        assert!(
            page.contains("<option value=\"Maya Lindqvist\"") && !page.contains("<option value=\"Ben Jones\""),
            "{page}"
        );
        let version = morning.card().await["version"].clone();
        let give = async |to: &str, deputy: Option<&str>| {
            let wish = json!({"version": version, "to": to, "deputy": deputy});
            api.post("maya", &format!("{path}/assign"), wish).await
        };
        let nobody = give("no-such-person", None).await.refused(422);
        let detail = nobody["detail"].as_str().expect("a sentence");
        assert!(
            nobody["field"] == "to" && detail.contains("There is Maya Lindqvist."),
            "{nobody}"
        );
        let viewer = give("Maya Lindqvist", Some("Ben Jones")).await.refused(422);
        assert_eq!(viewer["field"], "deputy", "{viewer}");
        let seen = version.to_string();
        let form = [("version", seen.as_str()), ("assignee", "Ben Jones"), ("deputy", "")];
        let refused = console.post("maya", &format!("{path}/assign"), &form).await.with(422);
        assert!(refused.contains("Nobody called Ben Jones may act"), "{refused}");
        assert_eq!(morning.card().await["version"], version, "nothing was changed");
        assert_eq!(give("maya lindqvist", None).await.ok()["assignee"], "maya lindqvist");
    });
}

#[test]
fn whoever_invites_is_given_the_whole_address_of_the_link_where_it_is_known() {
    play(async {
        let morning = morning().await;
        let house = house(&morning, &[("Cara Bell", Level::Administrator)]).await;
        let form = [("name", "Victoria View"), ("sign_in", "vic.view"), ("level", "viewer")];
        let page = house.console.post("cara", "/settings/people", &form).await.page();
        assert!(
            page.contains("Put it behind the address") && page.contains("<code>/set-up/"),
            "{page}"
        );

        house.running.stands_at("https://tallyman.example.com".into());
        let path = format!("/settings/people/{}/link", house.ids[0]);
        let page = house.console.post("cara", &path, &[]).await.page();
        assert!(page.contains("<code>https://tallyman.example.com/set-up/"), "{page}");
        assert!(!page.contains("Put it behind"), "{page}");
    });
}

#[test]
fn somebody_names_who_stands_in_for_them_and_ends_it() {
    play(async {
        let morning = morning().await;
        let people = [
            ("Anna Smith", Level::Finance),
            ("Ben Jones", Level::Viewer),
            ("Cara Bell", Level::Administrator),
        ];
        let House { console, api, ids, .. } = house(&morning, &people).await;
        let page = console.get("anna", "/settings/deputies").await.page();
        assert!(page.contains("Ben Jones") && !page.contains("For whom"), "{page}");
        let form = [("person", &*ids[1]), ("from", "2036-11-03"), ("until", "2036-11-07")];
        let done = console.post("anna", "/settings/deputies", &form).await.leads_to();
        assert_eq!(done, "/settings/deputies?done=deputy-named");
        // The last day counts, and is named as the form asked for it.
        let page = console.get("anna", "/settings/deputies").await.page();
        assert!(page.contains(">3 Nov 2036<") && page.contains(">to 7 Nov 2036<"), "{page}");
        let found = api.get("anna", "/deputies").await.ok();
        let deputy = &found["deputies"][0];
        assert_eq!(
            [&deputy["person"], &deputy["stands_for"]],
            [&json!(ids[1]), &json!(ids[0])],
            "{found}"
        );
        assert_eq!(found["colleagues"].as_array().map(Vec::len), Some(2), "{found}");
        // Ben sees it and cannot end it; nobody says it for others without the right.
        let end = format!("/settings/deputies/{}/end", deputy["id"].as_str().expect("an id"));
        let page = console.get("ben", "/settings/deputies").await.page();
        assert!(page.contains("Anna Smith") && !page.contains(&end), "{page}");
        console.post("ben", &end, &[]).await.with(403);
        let for_others = json!({"person": ids[0], "stands_for": ids[2], "from": "2036-11-03", "until": "2036-11-07"});
        api.post("ben", "/deputies", &for_others).await.refused(403);
        let page = console.get("anna", "/settings/deputies").await.page();
        assert!(page.contains(&end), "{page}");
        assert_eq!(
            console.post("anna", &end, &[]).await.leads_to(),
            "/settings/deputies?done=deputy-ended"
        );
        let journal = console.get("cara", "/journal?company=people&kind=deputy").await.page();
        assert!(journal.matches("Anna Smith").count() >= 2, "{journal}");
    });
}

#[test]
fn an_administrator_says_which_account_is_whose_where_somebody_vouches_for_people() {
    play(async {
        let morning = morning().await;
        let people = [("Cara Bell", Level::Administrator), ("Anna Smith", Level::Finance)];
        let House {
            console,
            api,
            running,
            ids,
        } = house(&morning, &people).await;
        let page = format!("/settings/people/{}", ids[1]);
        let link = format!("{page}/link-account");
        let shown = console.get("cara", &page).await.page();
        assert!(!shown.contains("Single sign-on"), "{shown}");
        let refused = console.post("cara", &link, &[("subject", "248")]).await.with(422);
        assert!(refused.contains("Nobody else vouches"), "{refused}");

        let issuer = "https://login.example.com";
        running.vouched_by(Provider {
            called: "Contoso".into(),
            issuer: issuer.into(),
        });
        let shown = console.get("cara", &page).await.page();
        assert!(shown.contains("Link an account of Contoso"), "{shown}");
        console.post("cara", &link, &[("subject", " ")]).await.with(422);
        console.post("anna", &link, &[("subject", "248")]).await.with(403);
        let done = console.post("cara", &link, &[("subject", "248")]).await.leads_to();
        assert_eq!(done, format!("{page}?done=account-linked"));
        let other = json!({"subject": "248"});
        let path = format!("/people/{}/link-account", ids[0]);
        let refused = api.post("cara", &path, &other).await.refused(422);
        assert!(
            refused["detail"].as_str().is_some_and(|why| why.contains("somebody else")),
            "{refused}"
        );

        let anna = api.get("cara", &format!("/people/{}", ids[1])).await.ok();
        assert_eq!(anna["accounts"], json!([issuer]));
        let unlink = format!("{page}/unlink-account");
        let shown = console.get("cara", &page).await.page();
        assert!(shown.contains(&unlink) && !shown.contains("248"), "{shown}");
        let done = console.post("cara", &unlink, &[("issuer", issuer)]).await.leads_to();
        assert_eq!(done, format!("{page}?done=account-unlinked"));
        console.post("cara", &unlink, &[("issuer", issuer)]).await.with(422);
        let journal = console.get("cara", "/journal?company=people&kind=person").await.page();
        for said in ["linked to an account of https://login.example.com", "was taken away"] {
            assert!(journal.contains(said), "{said}: {journal}");
        }
    });
}

#[test]
fn the_journal_is_asked_for_somebody_by_their_name() {
    play(async {
        let morning = morning().await;
        let people = [("Maya Lindqvist", Level::Integrator), ("Tom Lind", Level::Integrator)];
        let House { console, api, ids, .. } = house(&morning, &people).await;
        let until = morning.in_hours(4).to_rfc3339();
        let wish =
            |what: &str| json!({"company": "trader-1", "kind": "writes", "what": what, "reason": "Month end", "until": until});
        api.post("maya", "/holds", &wish("sage-1")).await.ok();
        api.post("tom", "/holds", &wish("mintsoft-1")).await.ok();
        let lines = async |who: &str| {
            let all = api.get("maya", &format!("/journal?company=trader-1&actor={who}")).await.ok();
            let names = all["lines"].as_array().expect("lines").clone();
            names
                .iter()
                .map(|line| line["name"].as_str().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            lines("lindq").await,
            ["Maya Lindqvist"],
            "a part of a name, whatever the case"
        );
        assert_eq!(lines("LIND").await.len(), 2, "both may be meant");
        assert_eq!(lines("nobody").await.len(), 0);
        assert_eq!(lines(&format!("person/{}", ids[1])).await, ["Tom Lind"]);
        // Whoever follows the link of a name finds the name in the field, and not an id.
        let page = console
            .get("maya", &format!("/journal?company=trader-1&actor=person/{}", ids[1]))
            .await
            .page();
        assert!(page.contains("value=\"Tom Lind\""), "{page}");
    });
}
