//! Who may do what, on every route: one table, compared with what is answered.
//!
//! The routers say which routes there are. One without a line here fails, and so does a line without a route: a new page or act is not added
//! without saying for whom it is. What is sent changes nothing: it names a version that is not there, says nothing where something must be
//! said, or only looks.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, header};
use tallyman_core::access::{Actor, Grant, Level, Where};
use tallyman_core::finding::Code;
use tallyman_core::ident::Company;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_engine::mappings;
use tallyman_engine::words::{self, Said};
use tallyman_tests::doorman::ByToken;
use tallyman_tests::morning::{FIRST, Morning, morning};
use tallyman_tests::parked::Stop;
use tallyman_tests::scene::play;
use tallyman_web::Running;
use tallyman_web::api::access::{Access, Hash};

use super::visitor::{Answer, Console, encoded};

/// For whom a route is, in the order of [`Level::ALL`]: viewer, customer service, operations, finance, integrator, administrator.
type For = [u8; 6];

const EVERYBODY: For = [1, 1, 1, 1, 1, 1];
/// Whoever may open what is sealed.
const OPENS: For = [0, 1, 1, 1, 0, 0];
/// Whoever acts on cards and orders.
const ACTS: For = [0, 0, 1, 1, 1, 0];
const COMMENTS: For = [0, 1, 1, 1, 1, 0];
/// What items, units and carriers mean.
const MAPS: For = [0, 0, 1, 0, 1, 0];
/// What customers and tax rates mean.
const MAPS_MONEY: For = [0, 0, 0, 1, 1, 0];
/// Whoever has a say over connections.
const CONNECTS: For = [0, 0, 0, 0, 1, 0];
/// Lets what others propose count.
const APPROVES: For = [0, 0, 0, 1, 0, 0];
const CHANGES_PEOPLE: For = [0, 0, 0, 0, 0, 1];
/// Acts, and opens what was written.
const AMENDS: For = [0, 0, 1, 1, 0, 0];

const SEEN: &str = r#"{"version": 0}"#;
const SAYS: &str = r#"{"reason": " "}"#;
const HOLD: &str =
    r#"{"company": "trader-1", "kind": "writes", "what": "sage-1", "reason": " ", "until": "2026-11-09T09:00:00Z"}"#;
const TRADER: &str = r#"{"company": "trader-1"}"#;
const WORD: &str =
    r#"{"table": "sku", "connection": "virtualstock-1", "theirs": "{item}", "ours": "NO-SUCH-ITEM", "reason": "a test"}"#;
const NO_WORD: &str = r#"{"table": "sku", "connection": "virtualstock-1", "theirs": "never meant", "reason": "a test"}"#;
const NO_TAX: &str = r#"{"table": "tax", "connection": "virtualstock-1", "theirs": "never meant", "reason": "a test"}"#;
const SHEET: &str = "company,table,connection,theirs,ours\n";

/// Of the API: method, path as it is described, what is asked or sent, and for whom it is.
const API: &[(&str, &str, &str, For)] = &[
    ("GET", "/cards", "", EVERYBODY),
    ("GET", "/cards/{card}", "", EVERYBODY),
    ("GET", "/cards/{card}/members", "", EVERYBODY),
    ("GET", "/cards/{card}/history", "", EVERYBODY),
    ("GET", "/cards/{card}/comparison", "", EVERYBODY),
    ("POST", "/cards/{card}/acknowledge", SEEN, ACTS),
    ("POST", "/cards/{card}/fix", SEEN, ACTS),
    ("POST", "/cards/{card}/assign", r#"{"version": 0, "to": "jo"}"#, ACTS),
    (
        "POST",
        "/cards/{card}/comment",
        r#"{"version": 0, "text": "a test"}"#,
        COMMENTS,
    ),
    (
        "POST",
        "/cards/{card}/hand-over",
        r#"{"version": 0, "to": "finance", "note": "a test"}"#,
        ACTS,
    ),
    (
        "POST",
        "/cards/{card}/set-aside",
        r#"{"version": 0, "until": "2026-11-09T09:00:00Z", "reason": "a test"}"#,
        ACTS,
    ),
    ("POST", "/cards/{card}/take-up", SEEN, ACTS),
    (
        "POST",
        "/cards/{card}/decisions",
        r#"{"version": 0, "as": "declined", "all": true, "reason": "a test"}"#,
        ACTS,
    ),
    (
        "POST",
        "/cards/{card}/try",
        r#"{"map": {"table": "sku", "connection": "virtualstock-1", "theirs": "{item}", "ours": "NO-SUCH-ITEM"}}"#,
        MAPS,
    ),
    ("POST", "/cards/{card}/merge", r#"{"version": 0, "under": "{card}"}"#, ACTS),
    ("POST", "/cards/{card}/unmerge", SEEN, ACTS),
    (
        "POST",
        "/cards/{card}/split",
        r#"{"version": 0, "orders": ["{reference}"]}"#,
        ACTS,
    ),
    ("POST", "/cards/{card}/unsplit", SEEN, ACTS),
    ("POST", "/cards/{card}/one-first", SEEN, ACTS),
    ("GET", "/summary", "", EVERYBODY),
    ("GET", "/mappings", "", EVERYBODY),
    (
        "GET",
        "/mappings/history",
        "table=sku&connection=virtualstock-1&theirs={item}",
        EVERYBODY,
    ),
    ("POST", "/mappings/set", WORD, MAPS),
    ("POST", "/mappings/withdraw", NO_WORD, MAPS),
    ("POST", "/mappings/withdraw", NO_TAX, MAPS_MONEY),
    ("GET", "/mappings/export", "", EVERYBODY),
    ("POST", "/mappings/import", SHEET, ACTS),
    ("GET", "/outcomes", "", EVERYBODY),
    ("POST", "/outcomes/{effect}/ask", SAYS, ACTS),
    ("POST", "/outcomes/{effect}/again", SAYS, ACTS),
    ("POST", "/outcomes/{effect}/landed", SAYS, ACTS),
    ("GET", "/tally", "", EVERYBODY),
    ("GET", "/heartbeats", "", EVERYBODY),
    ("GET", "/journeys/{reference}", "", OPENS),
    ("GET", "/journeys/{reference}/amendments", "company=trader-1", OPENS),
    (
        "POST",
        "/journeys/{reference}/amendments",
        r#"{"company": "trader-1", "field": "nothing", "value": "x", "reason": "a test"}"#,
        AMENDS,
    ),
    (
        "POST",
        "/journeys/{reference}/amendments/{number}/take-back",
        r#"{"company": "trader-1", "reason": " "}"#,
        AMENDS,
    ),
    ("GET", "/journeys/{reference}/retry", "company=trader-1", EVERYBODY),
    (
        "POST",
        "/journeys/{reference}/retry",
        r#"{"company": "trader-1", "configuration": "as_it_was", "number": "none", "reason": "a test"}"#,
        ACTS,
    ),
    ("GET", "/companies/{name}/masters", "", EVERYBODY),
    ("GET", "/companies/{name}/settings", "", EVERYBODY),
    ("GET", "/companies/{name}/handbook", "", EVERYBODY),
    ("POST", "/companies/{name}/handbook/reads", SEEN, EVERYBODY),
    ("GET", "/drill", "", EVERYBODY),
    ("GET", "/cards/{card}/capsule", "", ACTS),
    ("GET", "/connections", "", EVERYBODY),
    ("POST", "/connections/{connection}/test", "", CONNECTS),
    ("POST", "/connections/{connection}/run", r#"{"round": "none"}"#, CONNECTS),
    ("POST", "/connections/{connection}/sign-in", "", CONNECTS),
    ("GET", "/holds", "", EVERYBODY),
    ("POST", "/holds", HOLD, CONNECTS),
    ("POST", "/holds/{hold}/end", TRADER, CONNECTS),
    ("GET", "/journal", "", EVERYBODY),
    ("GET", "/journal/verification", "", EVERYBODY),
    ("GET", "/sheets/{list}", "", EVERYBODY),
    ("GET", "/tally/records", "company=trader-1&kind=order", EVERYBODY),
    ("POST", "/tally/compare", TRADER, ACTS),
    ("GET", "/orders/{journey}/exchanges", "", OPENS),
    ("POST", "/orders/{journey}/exchanges/unmask", SAYS, AMENDS),
    ("GET", "/alert-routes", "", EVERYBODY),
    ("POST", "/alert-routes/{route}/test", "", ACTS),
    ("GET", "/overview", "", EVERYBODY),
    ("GET", "/work", "", EVERYBODY),
    ("GET", "/proposals", "", EVERYBODY),
    ("GET", "/proposals/{proposal}", "", EVERYBODY),
    ("POST", "/proposals/{proposal}/approve", SAYS, APPROVES),
    ("POST", "/proposals/{proposal}/reject", SAYS, APPROVES),
    ("GET", "/people", "", CHANGES_PEOPLE),
    (
        "POST",
        "/people",
        r#"{"name": "", "level": "viewer", "company": "trader-1"}"#,
        CHANGES_PEOPLE,
    ),
    ("GET", "/people/{person}", "", CHANGES_PEOPLE),
    ("POST", "/people/{person}/link", "", CHANGES_PEOPLE),
    ("POST", "/people/{person}/grant", r#"{"level": "viewer"}"#, CHANGES_PEOPLE),
    ("POST", "/people/{person}/revoke", r#"{"level": "viewer"}"#, CHANGES_PEOPLE),
    (
        "POST",
        "/people/{person}/link-account",
        r#"{"subject": "248"}"#,
        CHANGES_PEOPLE,
    ),
    (
        "POST",
        "/people/{person}/unlink-account",
        r#"{"issuer": "https://login.example.com"}"#,
        CHANGES_PEOPLE,
    ),
    ("POST", "/people/{person}/sign-out", "", CHANGES_PEOPLE),
    ("POST", "/people/{person}/let-go-of-code", "", CHANGES_PEOPLE),
    ("POST", "/people/{person}/end", "", CHANGES_PEOPLE),
    // Everybody has tokens of their own, and is told of what concerns them.
    ("GET", "/tokens", "", EVERYBODY),
    (
        "POST",
        "/tokens",
        r#"{"name": "a test", "rights": ["read"], "days": 1}"#,
        EVERYBODY,
    ),
    ("POST", "/tokens/{token}/end", "", EVERYBODY),
    ("GET", "/deputies", "", EVERYBODY),
    (
        "POST",
        "/deputies",
        r#"{"person": "{known}", "team": "operations", "from": "2036-11-02", "until": "2036-11-03"}"#,
        CHANGES_PEOPLE,
    ),
    // For themselves, whoever has signed in.
    (
        "POST",
        "/deputies",
        r#"{"person": "{known}", "from": "2036-11-02", "until": "2036-11-03"}"#,
        EVERYBODY,
    ),
    ("POST", "/deputies/{deputy}/end", "", EVERYBODY),
    ("GET", "/openapi.json", "", EVERYBODY),
];

/// Of the console: the same, with forms.
const PAGES: &[(&str, &str, &str, For)] = &[
    ("GET", "/", "", EVERYBODY),
    ("GET", "/cards", "", EVERYBODY),
    ("GET", "/cards/{card}", "", EVERYBODY),
    ("POST", "/cards/{card}/fix-it", "how=try&ours=NO-SUCH-ITEM", MAPS),
    (
        "POST",
        "/cards/{card}/decide",
        "version=0&ruling=declined&about=all&reason=a+test",
        ACTS,
    ),
    ("POST", "/cards/{card}/sort/{how}", "version=0", ACTS),
    ("POST", "/cards/{card}/{act}", "version=0", ACTS),
    ("GET", "/outcomes", "", EVERYBODY),
    ("POST", "/outcomes/{effect}", "word=again&reason=+", ACTS),
    ("GET", "/orders", "", EVERYBODY),
    ("GET", "/orders/{journey}", "", OPENS),
    (
        "POST",
        "/orders/{journey}/retry",
        "number=none&configuration=as_it_was&why=a+test",
        ACTS,
    ),
    ("POST", "/orders/{journey}/unmask", "reason=+", AMENDS),
    ("GET", "/cards/{card}/capsule", "", ACTS),
    ("GET", "/connections", "", EVERYBODY),
    ("POST", "/connections/{connection}/{act}", "", CONNECTS),
    (
        "POST",
        "/holds",
        "company=trader-1&kind=writes&what=sage-1&reason=+&until=2026-11-09T09%3A00",
        CONNECTS,
    ),
    ("POST", "/holds/{hold}/end", "company=trader-1", CONNECTS),
    ("GET", "/journal", "", EVERYBODY),
    ("GET", "/sheets/{list}", "", EVERYBODY),
    ("GET", "/tally", "", EVERYBODY),
    ("POST", "/tally/compare", "company=trader-1", ACTS),
    ("GET", "/mappings", "", EVERYBODY),
    ("GET", "/mappings/words", "", EVERYBODY),
    (
        "POST",
        "/mappings/words",
        "table=sku&connection=virtualstock-1&theirs={item}&ours=NO-SUCH-ITEM&reason=a+test",
        MAPS,
    ),
    (
        "POST",
        "/mappings/words/withdraw",
        "table=sku&connection=virtualstock-1&theirs=never+meant&reason=a+test",
        MAPS,
    ),
    ("GET", "/mappings/export", "", EVERYBODY),
    ("GET", "/mappings/import", "", ACTS),
    ("POST", "/mappings/import", "", ACTS),
    (
        "POST",
        "/mappings/import/carry-out",
        "rows=company%2Ctable%2Cconnection%2Ctheirs%2Cours%0A&number=none&reason=a+test",
        ACTS,
    ),
    ("GET", "/proposals", "", EVERYBODY),
    ("GET", "/proposals/{proposal}", "", EVERYBODY),
    ("POST", "/proposals/{proposal}/{act}", "reason=+", APPROVES),
    ("GET", "/work", "", EVERYBODY),
    ("GET", "/help", "", EVERYBODY),
    ("GET", "/handbook", "", EVERYBODY),
    ("POST", "/handbook/{company}/read", "version=0", EVERYBODY),
    ("GET", "/settings/alerts", "", EVERYBODY),
    ("POST", "/settings/alerts/{route}/test", "", ACTS),
    ("GET", "/settings/calendars", "", EVERYBODY),
    ("GET", "/settings/retention", "", EVERYBODY),
    ("GET", "/settings", "", EVERYBODY),
    ("GET", "/settings/access", "", EVERYBODY),
    ("GET", "/drill", "", EVERYBODY),
    ("GET", "/settings/people", "", CHANGES_PEOPLE),
    (
        "POST",
        "/settings/people",
        "name=&level=viewer&company=trader-1",
        CHANGES_PEOPLE,
    ),
    ("GET", "/settings/people/{person}", "", CHANGES_PEOPLE),
    ("POST", "/settings/people/{person}/{act}", "level=viewer", CHANGES_PEOPLE),
    ("GET", "/settings/deputies", "", EVERYBODY),
    (
        "POST",
        "/settings/deputies",
        "person={known}&for=team%3Aoperations&from=2036-11-02&until=2036-11-03",
        CHANGES_PEOPLE,
    ),
    (
        "POST",
        "/settings/deputies",
        "person={known}&from=2036-11-02&until=2036-11-03",
        EVERYBODY,
    ),
    ("POST", "/settings/deputies/{deputy}/end", "", EVERYBODY),
    ("GET", "/settings/tokens", "", EVERYBODY),
    ("POST", "/settings/tokens", "name=a+test&days=1&read=on", EVERYBODY),
    ("POST", "/settings/tokens/{token}/end", "", EVERYBODY),
    ("GET", "/account", "", EVERYBODY),
    ("POST", "/account/password", "old=a&new=b", EVERYBODY),
    ("POST", "/account/sessions/end-others", "", EVERYBODY),
    ("POST", "/account/sessions/{session}/end", "", EVERYBODY),
    ("POST", "/account/code", "", EVERYBODY),
    ("POST", "/account/code/confirm", "code=1", EVERYBODY),
    ("POST", "/account/code/off", "code=1", EVERYBODY),
];

/// What somebody proposes that a tax rate means.
async fn proposal(morning: &Morning) -> String {
    let store = &morning.scene.store;
    let companies = [(Company::new("trader-1"), vec!["virtualstock-1".to_owned()])];
    let known = mappings::known(store, &companies).await.expect("known");
    let cell = Cell::new(Table::Tax, "virtualstock-1", "a rate");
    let said = Said {
        by: &Actor::terminal("somebody"),
        reason: "a test",
        at: morning.scene.clock.now(),
    };
    let done = words::set(store, &known, &cell, "1", &said).await.expect("proposed");
    done.proposed.expect("it takes two people")
}

/// Which act is tried, where a path leaves it open.
fn act(path: &str) -> &'static str {
    match path {
        "/cards/{card}/{act}" => "acknowledge",
        "/connections/{connection}/{act}" => "test",
        "/proposals/{proposal}/{act}" => "approve",
        "/settings/people/{person}/{act}" => "revoke",
        other => panic!("say which act of {other} is tried"),
    }
}

/// What stands in the place of what varies in a path.
struct Names(Vec<(&'static str, String)>);

impl Names {
    async fn of(morning: &Morning, console: &Console) -> Self {
        let reference = morning.orders.first().expect("an order").clone();
        let stop = Stop {
            reference: reference.to_uppercase(),
            code: Code::OutcomeUnclear,
            in_ledger: false,
            now: morning.scene.clock.now(),
        };
        let stopped = morning.scene.store.write(stop).await.expect("stopped");
        let effect = stopped
            .into_iter()
            .find(|(company, _)| company == "trader-1")
            .expect("its own")
            .1;
        let found = console
            .get(FIRST, &format!("/orders?q={}", encoded(&reference)))
            .await
            .leads_to();
        Self(vec![
            ("{card}", morning.id().await),
            ("{item}", morning.item.clone()),
            ("{effect}", effect.to_string()),
            ("{journey}", found.trim_start_matches("/orders/").to_owned()),
            ("{reference}", reference),
            ("{number}", "1".to_owned()),
            ("{name}", "trader-1".to_owned()),
            ("{company}", "trader-1".to_owned()),
            ("{how}", "unmerge".to_owned()),
            ("{route}", "nobody".to_owned()),
            ("{connection}", "virtualstock-1".to_owned()),
            ("{hold}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{list}", "cards".to_owned()),
            ("{proposal}", proposal(morning).await),
            ("{person}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{known}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{token}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{deputy}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{session}", "AAAAAAAAAAAAAAAA".to_owned()),
        ])
    }

    fn put_into(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

fn secret(level: Level) -> String {
    format!("cookie-of-{level}")
}

/// A person of each level, who may be asked for by a cookie and, in the place of a token of theirs, by the same words.
fn people(at: &Where) -> Access {
    let known = Level::ALL.into_iter().map(|level| {
        let grant = Grant::level(level, at.clone(), Default::default());
        let actor = Actor::person(level.name(), level.name(), vec![grant]);
        (Hash::of(&secret(level)), actor)
    });
    Access::of(known.collect())
}

async fn console(morning: &Morning, at: &Where) -> Console {
    let running = Arc::new(Running::default());
    running.begun(morning.scene.parts("console").await);
    Console::with(running, people(at), Arc::new(ByToken(people(at))))
}

struct Ask<'a> {
    console: &'a Console,
    names: &'a Names,
}

impl Ask<'_> {
    async fn api(&self, level: Level, (method, path, said): (&str, &str, &str)) -> Answer {
        let said = self.names.put_into(said);
        let mut path = format!("/api/v1{}", self.names.put_into(path));
        let kind = if said.starts_with('{') {
            "application/json"
        } else {
            "text/csv"
        };
        if path.ends_with("/mappings/import") {
            path += "?dry_run=true";
        }
        let body = match method {
            "GET" => {
                path = format!("{path}?{}", said.replace(' ', "%20"));
                Body::empty()
            }
            _ => Body::from(said),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::AUTHORIZATION, format!("Bearer {}", secret(level)));
        self.console.call(request.body(body).expect("a request")).await
    }

    async fn page(&self, level: Level, (method, path, said): (&str, &str, &str)) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(self.names.put_into(&with_act(path)))
            .header(header::COOKIE, format!("tallyman={}", secret(level)))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(self.names.put_into(said));
        self.console.call(request.body(body).expect("a request")).await
    }
}

fn with_act(path: &str) -> String {
    if path.contains("{act}") {
        path.replace("{act}", act(path))
    } else {
        path.to_owned()
    }
}

/// Whether somebody was let through: to an answer, or to a refusal that has nothing to do with who they are.
fn was_let_through(answer: &Answer, what: &str) -> bool {
    let status = answer.status.as_u16();
    assert!(
        status < 500 && status != 401 && status != 405,
        "{what}: {status} {}",
        answer.text
    );
    status != 403
}

fn listed(table: &[(&str, &str, &str, For)]) -> Vec<String> {
    let mut all: Vec<String> = table.iter().map(|(method, path, ..)| format!("{method} {path}")).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn every_route_of_the_api_is_for_the_levels_of_the_table() {
    play(async {
        let document = serde_json::to_value(tallyman_web::api::document()).expect("a document");
        let mut described = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            let methods = item.as_object().expect("methods").keys();
            described.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
        }
        described.sort_unstable();
        assert_eq!(listed(API), described, "say for whom each route is");

        let morning = morning().await;
        let everywhere = console(&morning, &Where::Everywhere).await;
        let names = Names::of(&morning, &Console::of(&morning).await).await;
        let (console, names) = (&everywhere, &names);
        let ask = Ask { console, names };
        for (method, path, said, levels) in API {
            for (level, expected) in Level::ALL.into_iter().zip(levels) {
                let what = format!("{level}: {method} {path}");
                let answer = ask.api(level, (method, path, said)).await;
                assert_eq!(was_let_through(&answer, &what), *expected == 1, "{what}: {}", answer.text);
                // Who is let through finds what is there: else nothing was shown by letting them.
                let named = ["{card}", "{effect}", "{reference}", "{proposal}"]
                    .iter()
                    .any(|name| path.contains(name));
                assert!(!named || answer.status != 404, "{what}: {}", answer.text);
            }
        }
    });
}

#[test]
fn every_page_is_for_the_levels_of_the_table() {
    play(async {
        let morning = morning().await;
        let everywhere = console(&morning, &Where::Everywhere).await;
        let names = Names::of(&morning, &Console::of(&morning).await).await;
        let (console, names) = (&everywhere, &names);
        let ask = Ask { console, names };
        let mut there = Vec::new();
        for path in tallyman_web::page_paths() {
            for method in ["GET", "POST"] {
                if ask.page(Level::Viewer, (method, path, "")).await.status != 405 {
                    there.push(format!("{method} {path}"));
                }
            }
        }
        there.sort_unstable();
        assert_eq!(listed(PAGES), there, "say for whom each page is");
        for (method, path, said, levels) in PAGES {
            for (level, expected) in Level::ALL.into_iter().zip(levels) {
                let what = format!("{level}: {method} {path}");
                let answer = ask.page(level, (method, path, said)).await;
                assert_eq!(was_let_through(&answer, &what), *expected == 1, "{what}: {}", answer.text);
            }
        }
    });
}

#[test]
fn what_belongs_to_another_company_is_not_there_at_any_level() {
    play(async {
        let morning = morning().await;
        let other = console(&morning, &Where::company("trader-2")).await;
        let names = Names::of(&morning, &Console::of(&morning).await).await;
        let (console, names) = (&other, &names);
        let ask = Ask { console, names };
        let of_card = |path: &str| {
            ["{card}", "{effect}", "{journey}", "{proposal}"]
                .iter()
                .any(|name| path.contains(name))
        };
        for level in Level::ALL {
            for (method, path, said, levels) in API.iter().filter(|row| of_card(row.1)) {
                let may = levels[Level::ALL.iter().position(|one| *one == level).expect("a level")] == 1;
                let answer = ask.api(level, (method, path, said)).await;
                let status = answer.status.as_u16();
                assert!(status == 404 || (!may && status == 403), "{level}: {method} {path}: {status}");
            }
            for (method, path, said, _) in PAGES.iter().filter(|row| of_card(row.1)) {
                let answer = ask.page(level, (method, path, said)).await;
                assert!(answer.status.is_client_error(), "{level}: {method} {path}: {}", answer.text);
            }
        }
    });
}

/// One who may act at one company only acts there: what they may not elsewhere takes nothing from them.
#[test]
fn a_right_at_one_company_is_a_right_there() {
    play(async {
        let morning = morning().await;
        let grants = vec![
            Grant::level(Level::Viewer, Where::Everywhere, Default::default()),
            Grant::level(Level::Operations, Where::company("trader-1"), Default::default()),
        ];
        let known = || Access::of(vec![(Hash::of("anna"), Actor::person("P1", "Anna", grants.clone()))]);
        let running = Arc::new(Running::default());
        running.begun(morning.scene.parts("console").await);
        let console = Console::with(running, known(), Arc::new(ByToken(known())));
        let version = morning.card().await["version"].to_string();
        let path = format!("/cards/{}", morning.id().await);
        let page = console.get("anna", &path).await.page();
        assert!(page.contains("Acknowledge") && page.contains("Save for all"), "{page}");
        let done = console
            .post("anna", &format!("{path}/acknowledge"), &[("version", &version)])
            .await;
        assert_eq!(done.leads_to(), format!("{path}?done=acknowledged"));
        let cards = morning
            .api
            .get(tallyman_tests::morning::ALL, "/cards?company=trader-2")
            .await
            .ok();
        let (other, version) = (
            cards["cards"][0]["id"].as_str().expect("an id"),
            cards["cards"][0]["version"].to_string(),
        );
        let page = console.get("anna", &format!("/cards/{other}")).await.page();
        assert!(!page.contains("Acknowledge") && !page.contains("Save for all"), "{page}");
        let refused = console
            .post("anna", &format!("/cards/{other}/acknowledge"), &[("version", &version)])
            .await;
        refused.with(403);
    });
}
