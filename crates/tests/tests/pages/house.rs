//! A house that knows its people: the first one sets it up by a link that works once, signs in, and is let go.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, header};
use tallyman_core::access::{Actor, HOUSE, IDLE_MAX, Level};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_engine::people::invitations::{self, SignsInAs, Wanted};
use tallyman_store::tables::people::Granted;
use tallyman_tests::morning::{access, morning};
use tallyman_web::Running;
use tallyman_web::house::House;
use tallyman_web::safety::Reached;

use super::live;
use super::visitor::{Answer, Console};

const PASSWORD: &str = "a long day on the quay";

fn cookie(answer: &Answer) -> String {
    let set = answer.headers[header::SET_COOKIE].to_str().expect("a cookie");
    let (_, value) = set.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
    value.to_owned()
}

#[test]
fn the_first_person_sets_the_house_up_signs_in_and_out() {
    // In real time, since passwords are hashed on threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let morning = morning().await;
        tokio::time::resume();
        let parts = morning.scene.parts("console").await;
        let now = morning.scene.clock.now();
        let link = invitations::first(&parts.store, &parts.vault, now).await.expect("asked");
        let link = format!("/set-up/{}", link.expect("nobody is there yet").token);
        let running = Arc::new(Running::default());
        running.begun(parts);
        let house = House::new(running.clone(), Reached::Plain);
        let console = Console::with(running, access(), Arc::new(house));

        let form = |password| [("name", "maya"), ("password", password)];
        let weak = console.post("", &link, &form("maya")).await.with(403);
        assert!(weak.contains("role=\"alert\""), "{weak}");
        let set_up = console.post("", &link, &form(PASSWORD)).await;
        let first = cookie(&set_up);
        assert_eq!(set_up.leads_to(), "/");
        let page = console.get(&first, "/cards").await.page();
        assert!(page.contains("2 causes wait for somebody") && page.contains("maya"), "{page}");
        // What they were not given, they are not shown: an integrator's level opens nothing that is sealed.
        let card = console.get(&first, &format!("/cards/{}", morning.id().await)).await.page();
        assert!(!card.contains("which the ledger does not have"), "{card}");
        console.post("", &link, &form(PASSWORD)).await.with(403);

        console.post("", "/sign-in", &form("another password")).await.with(403);
        console
            .post("", "/sign-in", &[("name", "nobody"), ("password", PASSWORD)])
            .await
            .with(403);
        let second = cookie(&console.post("", "/sign-in", &form(PASSWORD)).await);
        assert_ne!(first, second);
        console.get(&second, "/cards").await.page();
        console.post(&second, "/sign-out", &[]).await;
        assert!(console.get(&second, "/cards").await.leads_to().starts_with("/sign-in"));
        // The other session stands.
        console.get(&first, "/cards").await.page();
    });
}

/// Somebody who was invited is told what they sign in with, and asked for a password only.
#[test]
fn whoever_is_invited_signs_in_by_the_name_they_were_given() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let morning = morning().await;
        // In real time, since passwords are hashed on threads of their own.
        tokio::time::resume();
        let parts = morning.scene.parts("console").await;
        let wanted = Wanted {
            name: SignsInAs::read("Victoria View", Some("vic.view")).expect("a name"),
            grants: vec![Granted {
                level: Level::Viewer,
                company: HOUSE.to_owned(),
                teams: Default::default(),
            }],
        };
        let by = Actor::terminal("test");
        let invited = invitations::invite(&parts.store, &parts.vault, &by, wanted, parts.clock.now()).await;
        let link = format!("/set-up/{}", invited.expect("invited").1.token);
        let running = Arc::new(Running::default());
        running.begun(parts);
        let console = Console::with(running.clone(), access(), Arc::new(House::new(running, Reached::Plain)));

        let asked = console.get("", &link).await.page();
        assert!(
            asked.contains("Welcome, Victoria View") && asked.contains("<b>vic.view</b>"),
            "{asked}"
        );
        assert!(!asked.contains("for=\"name\""), "there is no name to choose: {asked}");
        let weak = console
            .post("", &link, &[("name", "vic.view"), ("password", "vic.view")])
            .await;
        assert!(weak.with(403).contains("Welcome, Victoria View"));
        // Whatever stands in its place is not what they sign in with.
        let done = console.post("", &link, &[("name", "Victoria"), ("password", PASSWORD)]).await;
        let victoria = cookie(&done);
        assert_eq!(done.leads_to(), "/");
        assert!(console.get(&victoria, "/cards").await.page().contains("Victoria View"));

        let over = console.get("", &link).await.with(403);
        assert!(
            over.contains("does not count any more") && over.contains("href=\"/sign-in\""),
            "{over}"
        );
        console
            .post("", "/sign-in", &[("name", "vic.view"), ("password", PASSWORD)])
            .await
            .leads_to();
    });
}

const A_MINUTE: Duration = Duration::from_secs(60);

/// What a page that is open does while nobody is at it: it listens, and is fetched again.
#[test]
fn an_open_page_does_not_keep_a_session_alive_that_nobody_uses() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let morning = morning().await;
        let parts = morning.scene.parts("console").await;
        let clock = parts.clock.clone();
        let link = invitations::first(&parts.store, &parts.vault, clock.now())
            .await
            .expect("asked")
            .expect("nobody is there yet");
        let running = Arc::new(Running::default());
        running.begun(parts);
        let console = Console::with(running.clone(), access(), Arc::new(House::new(running, Reached::Plain)));
        // In real time, since passwords are hashed on threads of their own.
        tokio::time::resume();
        let link = format!("/set-up/{}", link.token);
        let maya = cookie(&console.post("", &link, &[("name", "maya"), ("password", PASSWORD)]).await);
        tokio::time::pause();

        let by_itself = async || {
            let request = Request::get("/cards").header(header::COOKIE, format!("tallyman={maya}"));
            let request = request.header("x-by-itself", "1").body(Body::empty()).expect("a request");
            console.call(request).await.status.as_u16()
        };
        // A person who comes back within the hour puts its end off.
        clock.sleep_until(clock.now().plus(50 * A_MINUTE)).await;
        console.get(&maya, "/cards").await.page();
        let used = clock.now();
        let mut stream = live::listen(&console, &maya, "cards").await;
        let past = |since: Timestamp| clock.now().since(since);
        while live::next(&mut stream).await.is_some() {
            assert!(past(used) < 2 * IDLE_MAX, "the stream goes on");
            if past(used) < IDLE_MAX {
                assert_eq!(by_itself().await, 200, "after {:?}", past(used));
            }
        }
        let lasted = past(used);
        assert!(
            lasted >= IDLE_MAX && lasted <= IDLE_MAX + A_MINUTE,
            "it ended after {lasted:?}"
        );
        assert_eq!(by_itself().await, 303);
        assert!(console.get(&maya, "/cards").await.leads_to().starts_with("/sign-in"));
    });
}
