//! `/live` in process: what a page is told, of whom, and when its stream ends.

use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::body::BodyDataStream;
use futures_util::StreamExt;
use http::{Request, header};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tallyman_core::access::Actor;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};
use tallyman_store::tables::messages::{self, Message};
use tallyman_store::{Store, Tx, Unit, UnitError, params};
use tallyman_tests::doorman::ByToken;
use tallyman_tests::morning::{ALL, FIRST, access, morning, running};
use tallyman_tests::scene::play;
use tallyman_web::Running;
use tallyman_web::guard::{Credentials, Doorman};

use super::visitor::Console;

/// Longer than anything that these tests wait for; it is virtual time.
const NEVER: Duration = Duration::from_secs(300);

/// Something that a commit names.
struct Changed(Topic);

impl Unit for Changed {
    type Output = ();
    const NAME: &'static str = "changed";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const TOUCH: &str = "update feed set due = due";
        tx.touched(self.0.clone());
        tx.execute(TOUCH, params![]).await.map(drop)
    }
}

async fn change(store: &Store, topics: &[Topic]) {
    for topic in topics {
        store.write(Changed(topic.clone())).await.expect("written");
    }
}

pub async fn listen(console: &Console, who: &str, topics: &str) -> BodyDataStream {
    let request = Request::get(format!("/live?topics={topics}")).header(header::COOKIE, format!("tallyman={who}"));
    let answer = console.answer(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let mut stream = answer.into_body().into_data_stream();
    assert_eq!(
        next(&mut stream).await.as_deref(),
        Some(": \n\n"),
        "a stream says at once that it is there"
    );
    stream
}

/// What is told next, whatever beats come before; nothing once the stream has ended.
pub async fn told(stream: &mut BodyDataStream) -> Option<String> {
    loop {
        match next(stream).await {
            Some(beat) if beat.starts_with(':') => {}
            said => return said,
        }
    }
}

/// What is said next, be it a beat; nothing once the stream has ended.
pub async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let said = within(stream.next()).await.expect("a stream says something or ends");
    said.map(|said| String::from_utf8(said.expect("bytes").to_vec()).expect("text"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a stream that says nothing must end the test; it is virtual time"
)]
async fn within<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(NEVER, work).await.ok()
}

#[test]
fn a_page_is_told_names_of_its_companies_and_only_those_that_it_listens_to() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let store = &morning.scene.store;
        let mut all = listen(&console, ALL, "cards,journeys/J1").await;
        let mut first = listen(&console, FIRST, "cards/C1,cards/C2").await;
        change(
            store,
            &[
                Topic::one(Kind::Card, "trader-2", "C1"),
                Topic::one(Kind::Mapping, "trader-1", ""),
                Topic::one(Kind::Journey, "trader-1", "J2"),
            ],
        )
        .await;
        assert_eq!(next(&mut all).await.as_deref(), Some("event: changed\ndata: cards\n\n"));
        change(
            store,
            &[
                Topic::one(Kind::Card, "trader-1", "C2"),
                Topic::one(Kind::Journey, "trader-2", "J1"),
            ],
        )
        .await;
        // Both came within one moment, so they are told together.
        let both = "event: changed\ndata: cards journeys/J1\n\n";
        assert_eq!(next(&mut all).await.as_deref(), Some(both));
        // Of the other company's card nothing was said here.
        assert_eq!(next(&mut first).await.as_deref(), Some("event: changed\ndata: cards/C2\n\n"));
    });
}

/// One more record of the first merchant's channel.
struct Received;

impl Unit for Received {
    type Output = bool;
    const NAME: &'static str = "received";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let message = Message {
            connection: Connection::new("virtualstock-1"),
            record: "R1".into(),
            hash: "h1".into(),
            company: Company::new("trader-1"),
            kind: "order",
            journey: "j1".into(),
            made_at: None,
            shown: 1,
            body: Vec::new(),
        };
        messages::insert(tx, &message, Timestamp::ZERO).await
    }
}

#[test]
fn pages_listen_to_what_they_are_made_of_and_each_act_names_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        for (path, topics) in [
            ("/connections", "connections feeds journeys cards"),
            ("/tally", "tally journeys cards connections"),
            ("/journal", "journal"),
        ] {
            let page = console.get(ALL, path).await.page();
            assert!(page.contains(&format!("data-live=\"{topics}\"")), "{path}: {page}");
        }
        // Verifying walks through everything: not once more with every line.
        let verified = console.get(ALL, "/journal?verify=on").await.page();
        assert!(!verified.contains("data-live=\"journal\""), "{verified}");

        let told = morning.scene.store.told();
        let names = || -> Vec<String> { told.take().iter().map(ToString::to_string).collect() };
        told.take();
        let until = morning.in_hours(4).to_rfc3339();
        let hold = json!({"company": "trader-1", "kind": "connection", "what": "sage-1", "reason": "Month end", "until": until});
        let held = morning.api.post(ALL, "/holds", &hold).await.ok();
        assert_eq!(names(), ["connections", "journal"], "a hold is placed");
        let path = format!("/holds/{}/end", held["id"].as_str().expect("an id"));
        morning.api.post(ALL, &path, json!({"company": "trader-1"})).await.ok();
        let ended = names();
        assert!(
            ended.contains(&"connections".to_owned()) && ended.contains(&"journal".to_owned()),
            "{ended:?}"
        );
        let run = json!({"round": "facts"});
        morning.api.post(ALL, "/connections/sage-1/run", &run).await.ok();
        assert!(names().contains(&"feeds".to_owned()), "work is to come round now");
        assert!(morning.scene.store.write(Received).await.expect("kept"));
        assert_eq!(names(), ["tally"], "a record came");
    });
}

#[test]
fn what_cannot_be_listened_to_is_refused() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        for topics in ["", "topics=", "topics=ghosts", "topics=cards,a+b", "topic=cards"] {
            console.get(ALL, &format!("/live?{topics}")).await.with(400);
        }
        let place = console.get("nobody", "/live?topics=cards").await.leads_to();
        assert!(place.starts_with("/sign-in"), "{place}");
    });
}

#[test]
fn streams_end_when_the_program_closes() {
    play(async {
        let morning = morning().await;
        let parts = morning.scene.parts("console").await;
        let running = Arc::new(Running::default());
        running.begun(parts.clone());
        let console = Console::with(running, access(), Arc::new(ByToken(access())));
        let mut streams = Vec::new();
        for _ in 0..3 {
            streams.push(listen(&console, ALL, "cards").await);
        }
        parts.bells.close();
        for stream in &mut streams {
            assert_eq!(next(stream).await, None);
        }
    });
}

/// Knows one cookie until it is signed out.
struct Once(Mutex<bool>);

#[async_trait]
impl Doorman for Once {
    async fn whose(&self, cookie: &str) -> Option<Arc<Actor>> {
        let stands = *self.0.lock().expect("nobody panics with it");
        let token = access().whose(cookie);
        token.filter(|_| stands)
    }

    async fn sign_in(&self, _: &Credentials) -> Result<String, String> {
        Err("no".into())
    }

    async fn set_up(&self, _: &str, _: &Credentials) -> Result<Option<String>, String> {
        Err("no".into())
    }

    async fn sign_out(&self, _: &str) {
        *self.0.lock().expect("nobody panics with it") = false;
    }
}

#[test]
fn a_stream_ends_with_its_session_also_while_it_is_told_things() {
    play(async {
        let morning = morning().await;
        let running = running(&morning.scene, "console").await;
        let console = Console::with(running, access(), Arc::new(Once(Mutex::new(true))));
        let mut stream = listen(&console, ALL, "cards").await;
        let began = morning.scene.clock.now();
        assert_eq!(next(&mut stream).await.as_deref(), Some(": \n\n"), "a beat");
        console.post(ALL, "/sign-out", &[]).await;
        let mut told = 0;
        loop {
            change(&morning.scene.store, &[Topic::one(Kind::Card, "trader-1", "C1")]).await;
            if next(&mut stream).await.is_none() {
                break;
            }
            told += 1;
        }
        let lasted = morning.scene.clock.now().since(began);
        assert!(told > 1 && lasted <= Duration::from_secs(61), "{told} in {lasted:?}");
    });
}

#[test]
fn more_pages_than_there_is_room_for_are_told_so() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let mut streams = Vec::new();
        for _ in 0..500 {
            streams.push(listen(&console, ALL, "cards").await);
        }
        let full = console.get(ALL, "/live?topics=cards").await.with(503);
        assert!(full.contains("500 pages are kept current"), "{full}");
        streams.pop();
        let again = listen(&console, ALL, "cards").await;
        drop(again);
    });
}
