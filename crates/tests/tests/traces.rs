//! Traces, as somebody who collects them sees them: what each span is called and says, and that nothing of a record is in any.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, header};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tallyman::config;
use tallyman::traces::Traces;
use tallyman_tests::morning::{ALL, morning};
use tallyman_tests::scene::play;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tracing_subscriber::layer::SubscriberExt;

type Received = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// A collector on loopback, with a runtime of its own: its time is real.
struct Collector {
    received: Received,
    address: String,
    runtime: Runtime,
}

impl Collector {
    fn listens() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let received = Received::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(received.clone());
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self {
            received,
            address,
            runtime,
        }
    }

    fn traces(&self) -> Traces {
        traces_to(&self.address, &self.runtime)
    }

    /// What was taken, in the order in which it ended.
    fn spans(&self) -> Vec<Span> {
        let received = self.received.lock().unwrap();
        let scopes = received
            .iter()
            .flat_map(|export| &export.resource_spans)
            .flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }
}

async fn take(State(received): State<Received>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers[header::CONTENT_TYPE], "application/x-protobuf");
    received
        .lock()
        .unwrap()
        .push(ExportTraceServiceRequest::decode(body).expect("OTLP as protobuf"));
}

fn traces_to(address: &str, runtime: &Runtime) -> Traces {
    let endpoint = serde_json::json!({"endpoint": address});
    let traces: config::Traces = serde_json::from_value(endpoint).expect("a section");
    Traces::begin(&traces, "worker-of-test", runtime.handle().clone()).expect("they begin")
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn attributes(attributes: &[KeyValue]) -> Vec<(String, String)> {
    let mut all: Vec<_> = attributes
        .iter()
        .map(|attribute| (attribute.key.clone(), text(attribute.value.as_ref())))
        .collect();
    all.sort();
    all
}

fn says(span: &Span, key: &str) -> Option<String> {
    let told = attributes(&span.attributes);
    told.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// All that may ever be said of a span.
const MAY_BE_SAID: [&str; 8] = [
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "tallyman.connection",
    "tallyman.effect",
    "tallyman.feed",
    "tallyman.outcome",
];

#[test]
fn a_request_is_a_span_by_its_route_and_without_its_query() {
    let collector = Collector::listens();
    let traces = collector.traces();
    let subscriber = tracing_subscriber::registry().with(traces.layer());
    let guard = tracing::subscriber::set_default(subscriber);
    play(async {
        let morning = morning().await;
        let id = morning.id().await;
        morning.api.get(ALL, &format!("/cards/{id}?sku=SECRET-WORD")).await;
        morning.api.get(ALL, "/journeys/SECRET-WORD?company=SECRET-WORD").await;
        morning.api.get(ALL, "/nothing/SECRET-WORD").await;
        let made_up = http::Request::builder().method("SECRETWORD").uri("/api/v1/cards");
        morning.api.call(made_up.body(axum::body::Body::empty()).unwrap()).await;
        tracing::info!(order.id = "SECRET-WORD", "a line about SECRET-WORD");
    });
    drop((guard, traces));

    let spans = collector.spans();
    let named = |name: &str| -> &Span {
        let names: BTreeSet<&str> = spans.iter().map(|span| span.name.as_str()).collect();
        spans
            .iter()
            .rfind(|span| span.name == name)
            .unwrap_or_else(|| panic!("{name} is not among {names:?}"))
    };
    let card = named("GET /api/v1/cards/{card}");
    assert_eq!(card.kind, 2, "a server's");
    let told = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        attributes(&card.attributes),
        [
            told("http.request.method", "GET"),
            told("http.response.status_code", "200"),
            told("http.route", "/api/v1/cards/{card}"),
        ]
    );
    assert!(card.end_time_unix_nano >= card.start_time_unix_nano && card.start_time_unix_nano > 0);
    assert_eq!(
        says(named("_OTHER /api/v1/cards"), "http.response.status_code").as_deref(),
        Some("401")
    );
    let elsewhere = spans
        .iter()
        .find(|span| says(span, "http.response.status_code").as_deref() == Some("404"));
    let elsewhere = elsewhere.expect("what is not there");
    assert!(!elsewhere.name.contains("SECRET"), "{}", elsewhere.name);

    // One piece of work each: a round that asks, what it asks, an attempt at a write.
    let round = named("round orders");
    assert_eq!(says(round, "tallyman.outcome").as_deref(), Some("done"));
    let asked = spans
        .iter()
        .find(|span| span.parent_span_id == round.span_id)
        .expect("a round asks");
    assert_eq!(asked.kind, 3, "a client's");
    assert_eq!(says(asked, "http.response.status_code").as_deref(), Some("200"));
    assert_eq!(says(asked, "tallyman.connection"), says(round, "tallyman.connection"));
    let attempt = named("attempt ledger.draft");
    assert_eq!(says(attempt, "tallyman.effect").as_deref(), Some("ledger.draft"));
    assert!(says(attempt, "tallyman.outcome").is_some());
    assert!(
        spans.iter().any(|span| span.parent_span_id == attempt.span_id),
        "an attempt calls"
    );

    // Nothing of what was asked for, and nothing of an order.
    for span in &spans {
        assert!(span.events.is_empty(), "{span:?}");
        for (name, value) in attributes(&span.attributes) {
            assert!(MAY_BE_SAID.contains(&name.as_str()), "{name}={value} at {}", span.name);
        }
    }
    let all = collector.received.lock().unwrap();
    let sent = all.iter().map(|export| format!("{export:?}")).collect::<String>();
    for never in ["SECRET", "VS-", "trader@", "SO0"] {
        assert!(!sent.contains(never), "{never} was sent");
    }
    let resource = all[0].resource_spans[0].resource.as_ref().expect("who sends");
    assert_eq!(
        attributes(&resource.attributes),
        [
            told("service.instance.id", "worker-of-test"),
            told("service.name", "tallyman"),
            told("service.version", env!("CARGO_PKG_VERSION")),
        ]
    );
}

/// More than its queue holds, to somebody who accepts a connection and never answers.
#[test]
fn a_collector_that_does_not_answer_holds_nothing_up() {
    const SPANS: u32 = 50_000;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let traces = traces_to(&format!("http://{}", silent.local_addr().unwrap()), &runtime);
    let subscriber = tracing_subscriber::registry().with(traces.layer());
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..SPANS {
            tallyman_engine::traces::request("GET", Some("/health"));
        }
    });
    // An export may take five seconds, and so many batches of 512 would take minutes: the end waits for three.
    let ended = std::sync::mpsc::channel();
    let ends = std::thread::spawn(move || {
        drop(traces);
        ended.0.send(()).unwrap();
    });
    ended
        .1
        .recv_timeout(std::time::Duration::from_secs(20))
        .expect("the end comes within its limit");
    ends.join().unwrap();
}
