//! The API asked whatever its own description allows, and much that it does not, by a program that knows nothing else of it: schemathesis.
//!
//! A day was played, so that there is something to ask about; its names are handed to the program and used in half of what it asks. Whether
//! that was enough is counted here: each operation is asked, and what only reads is met well once, or stands in [`NEVER_WELL`] with the
//! reason. What changes something is mostly refused, since what is allowed there is more than its shape.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use serde_json::{Value, json};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::seam::Clock;
use tallyman_tests::morning::{ALL, Morning, access, morning, running};
use tallyman_tests::parked::Stop;
use tallyman_tests::site::Site;
use tallyman_web::api::{BASE, document};

/// Names the program.
const VARIABLE: &str = "TALLYMAN_TEST_SCHEMATHESIS";
/// It has ended by then.
const ENDS_BY: Duration = Duration::from_secs(300);
/// The same questions at every run: what fails once fails until it is mended.
const SEED: u64 = 7;
/// So many random questions an operation, besides those that its description suggests.
const QUESTIONS: u32 = 12;
/// What is held against each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// What nothing is read of: on that day nobody has proposed anything.
const NEVER_WELL: [&str; 1] = ["/proposals/{proposal}"];

/// Method and path of each request, and whether it was met well.
type Asked = Arc<Mutex<Vec<(String, String, u16)>>>;

#[test]
fn whatever_its_description_allows_gets_an_answer_that_it_describes() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let morning = morning().await;
        let stop = Stop {
            reference: morning.orders.first().expect("an order").to_uppercase(),
            code: Code::OutcomeUnclear,
            in_ledger: false,
            now: morning.scene.clock.now(),
        };
        let writes = morning.scene.store.write(stop).await.expect("stopped");
        tokio::time::resume();
        let asked = Asked::default();
        let router = tallyman_web::router(running(&morning.scene, "api").await, Arc::new(access()));
        let site = Site::of(router.layer(middleware::from_fn_with_state(asked.clone(), write_down))).await;
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("schemathesis.toml");
        let mut file = std::fs::File::create(&config).unwrap();
        file.write_all(names(&morning, &writes).await.as_bytes()).unwrap();
        let document = site.at(&format!("{BASE}/openapi.json"));
        let (content, said) = beside(move || ask(&document, &config)).await;
        assert!(content, "{said}");
        judge(&asked.lock().unwrap());
    });
}

async fn write_down(State(asked): State<Asked>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let answer = next.run(request).await;
    asked.lock().unwrap().push((method, path, answer.status().as_u16()));
    answer
}

/// Waits for another program, which is not to keep the site from answering.
#[expect(clippy::disallowed_methods, reason = "the program asks this process, in real time")]
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("it does not panic")
}

/// What there is on that day, for the parameters that name it.
async fn names(morning: &Morning, writes: &[(String, Fingerprint)]) -> String {
    let api = &morning.api;
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    let cards = api.get(ALL, "/cards").await.ok();
    let cards: Vec<String> = cards["cards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|card| text(&card["id"]))
        .collect();
    let orders: Vec<String> = morning.orders.iter().cloned().collect();
    let tally = api.get(ALL, "/tally").await.ok();
    let day = text(&tally["sources"][0]["day"]);
    let dictionaries: [(&str, Vec<String>, &[&str]); 7] = [
        ("cards", cards, &["path.card", "body.under"]),
        ("orders", orders, &["path.reference", "body.orders[*]"]),
        (
            "writes",
            writes.iter().map(|(_, write)| write.to_string()).collect(),
            &["path.effect"],
        ),
        (
            "companies",
            vec!["trader-1".into(), "trader-2".into()],
            &["query.company", "path.name", "body.company"],
        ),
        (
            "connections",
            vec!["virtualstock-1".into(), "virtualstock-2".into()],
            &["query.connection", "body.connection"],
        ),
        ("days", vec![day], &["query.day"]),
        // Of the tables, one whose words are a retailer's.
        ("tables", vec!["sku".into()], &["query.table"]),
    ];
    let mut config = format!("seed = {SEED}\n");
    for (name, values, _) in &dictionaries {
        config += &format!("[dictionaries.{name}]\nvalues = {}\n", json!(values));
    }
    config += "[parameters]\n";
    for (name, _, parameters) in &dictionaries {
        for parameter in *parameters {
            config += &format!("\"{parameter}\" = {{ dictionary = \"{name}\", probability = 0.75 }}\n");
        }
    }
    config
}

/// Lets the program ask, and gives what it said, with whether it was content.
fn ask(document: &str, config: &Path) -> (bool, String) {
    let program = std::env::var(VARIABLE)
        .unwrap_or_else(|_| panic!("{VARIABLE} names no schemathesis: run the tests with `cargo xtask test`"));
    let (heard, out) = std::io::pipe().unwrap();
    let mut command = Command::new(&program);
    // It keeps what it found where it runs.
    command.current_dir(config.parent().expect("a folder"));
    command
        .arg("--config-file")
        .arg(config)
        .args(["run", document])
        .args(["--header", &format!("Authorization: Bearer {ALL}")])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", &QUESTIONS.to_string(), "--generation-deterministic"])
        .stdin(Stdio::null())
        .stdout(out.try_clone().unwrap())
        .stderr(out);
    let child = command.spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{program} of {VARIABLE} could not be started: {error}"));
    // It holds our ends of the pipe, which would never end.
    drop(command);
    let (say, said) = channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        // What is no text is not what it says.
        let _ = BufReader::new(heard).read_to_string(&mut text);
        say.send(text)
    });
    let ended = said.recv_timeout(ENDS_BY);
    if ended.is_err() {
        child.kill().expect("it can be ended");
    }
    let content = child.wait().expect("it was started").success();
    (
        content,
        ended.unwrap_or_else(|error| format!("it did not end within {ENDS_BY:?}: {error}")),
    )
}

/// Whether every operation was met, and met well.
fn judge(asked: &[(String, String, u16)]) {
    let mut met: BTreeMap<(String, String), BTreeSet<u16>> = BTreeMap::new();
    let described = serde_json::to_value(document()).unwrap();
    for (path, operations) in described["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let statuses = asked
                .iter()
                .filter(|(its, address, _)| its.eq_ignore_ascii_case(method) && is_at(path, address));
            let statuses = statuses.map(|(_, _, status)| *status).collect();
            met.insert((method.to_uppercase(), path.clone()), statuses);
        }
    }
    let never: Vec<&(String, String)> = met
        .iter()
        .filter(|(_, statuses)| statuses.is_empty())
        .map(|(one, _)| one)
        .collect();
    assert!(never.is_empty(), "nobody asked {never:?}");
    let poorly = met
        .iter()
        .filter(|((method, _), statuses)| method == "GET" && !statuses.iter().any(|status| *status < 300));
    let poorly: Vec<&str> = poorly.map(|((_, path), _)| path.as_str()).collect();
    assert_eq!(poorly, NEVER_WELL, "{} questions: {met:#?}", asked.len());
}

/// Whether an address is one that a described path stands for.
fn is_at(path: &str, address: &str) -> bool {
    let Some(rest) = address.strip_prefix(BASE) else {
        return false;
    };
    let (path, rest): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), rest.split('/').collect());
    path.len() == rest.len()
        && path
            .iter()
            .zip(&rest)
            .all(|(named, said)| named.starts_with('{') || named == said)
}
