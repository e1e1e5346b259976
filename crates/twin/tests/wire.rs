//! The wire, seen by a caller: late commits outlive their caller, losses and outages show as they should, one seed tells one story.

use bytes::Bytes;
use serde_json::{Value, json};
use tallyman_twin::call::Lost;
use tallyman_twin::clock::{Clock, HOUR, MINUTE, SECOND};
use tallyman_twin::faults::{Faults, Span};
use tallyman_twin::settings::{Company, Orders, Settings};
use tallyman_twin::wire::Twin;

const BASE: &str = "/sage/uk/sage200extra/accounts/v1";

fn settings(seed: u64, faults: Faults) -> Settings {
    Settings {
        seed,
        origin: 1_774_951_200_000_000,
        companies: vec![Company::numbered(1, true)],
        faults,
        orders: Orders {
            count: 5,
            skip_invoices: 0,
            within: HOUR,
            same_for_all: true,
            planted_per_mille: 0,
            mended: false,
            relisted: 0,
            foreign_per_mille: 0,
            keyed_late_per_mille: 0,
            lines_max: 10,
            named_items_only: false,
        },
        limits: true,
        virtualstock: tallyman_twin::virtualstock::Switches::default(),
        mintsoft: tallyman_twin::mintsoft::Switches::default(),
        sage: tallyman_twin::sage::Switches::default(),
        plant: None,
        plant_only: Vec::new(),
    }
}

fn twin(seed: u64, faults: Faults) -> Twin {
    let settings = settings(seed, faults);
    let clock = Clock::starting_at(settings.origin, 1);
    Twin::new(settings, clock)
}

fn request(method: &str, path: &str, token: &str, body: impl Into<Bytes>) -> http::Request<Bytes> {
    http::Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("x-site", tallyman_twin::sage::SITE)
        .header("x-company", "1")
        .body(body.into())
        .unwrap()
}

fn refresh() -> http::Request<Bytes> {
    let form = "grant_type=refresh_token&client_id=sage-client-1&client_secret=sage-secret-1&refresh_token=sage-refresh-1-0";
    request("POST", "/sage-id/oauth/token", "", form)
}

fn read(answer: &http::Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

/// A call whose caller gives up after a minute.
async fn patiently(twin: &Twin, request: http::Request<Bytes>) -> Option<Result<http::Response<Bytes>, Lost>> {
    tokio::select! {
        biased;
        outcome = twin.call(request) => Some(outcome),
        () = twin.clock().sleep(MINUTE) => None,
    }
}

/// A token from a twin whose token calls may fail.
async fn token(twin: &Twin) -> String {
    for _ in 0..50 {
        if let Some(Ok(answer)) = patiently(twin, refresh()).await
            && answer.status() == 200
        {
            return read(&answer)["access_token"].as_str().unwrap().into();
        }
    }
    panic!("no token in fifty calls");
}

fn draft_request(token: &str, reference: &str) -> http::Request<Bytes> {
    // Ids come from one counter, so the first company's warehouse and first product always have the same.
    let body = json!({
        "customer_id": 40_002, "customer_document_no": reference, "is_editing": true,
        "lines": [{"line_type": "EnumLineTypeStandard", "product_id": 40_015, "warehouse_id": 40_001, "line_quantity": 1}],
    });
    request("POST", &format!("{BASE}/sop_orders"), token, body.to_string())
}

async fn draft(twin: &Twin, token: &str, reference: &str) -> Result<http::Response<Bytes>, Lost> {
    twin.call(draft_request(token, reference)).await
}

#[tokio::test(start_paused = true)]
async fn an_ordinary_call_takes_the_vendors_time() {
    let twin = twin(1, Faults::none());
    let token = token(&twin).await;
    let before = twin.clock().now();
    let answer = draft(&twin, &token, "VS-1").await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &read(&answer)["document_no"]),
        (200, &json!("TBA"))
    );
    let took = twin.clock().now() - before;
    assert!((SECOND / 10..2 * SECOND).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn a_late_commit_happens_although_its_caller_gave_up() {
    let faults = Faults {
        late_commit: 1000,
        late_by: Span::new(200 * SECOND, 200 * SECOND),
        ..Faults::none()
    };
    let twin = twin(1, faults);
    // Without grace the token call is spared: nobody could win the token back.
    let token = token(&twin).await;
    assert!(patiently(&twin, draft_request(&token, "VS-1")).await.is_none());
    assert_eq!((twin.state().late, twin.books().sage.books.orders.len()), (1, 0));
    twin.clock().sleep(141 * SECOND).await;
    assert_eq!((twin.state().late, twin.books().sage.books.orders.len()), (0, 1));
    assert_eq!(twin.report().faults["late_commit"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_was_carried_out_or_not_and_the_caller_cannot_tell() {
    for (lost_before_commit, lost_after_commit, orders) in [(1000, 0, 0), (0, 1000, 1)] {
        let calm = twin(1, Faults::none());
        let token = token(&calm).await;
        let twin = twin(
            1,
            Faults {
                lost_before_commit,
                lost_after_commit,
                ..Faults::none()
            },
        );
        // The same seed gives the same token, which the second twin must issue itself first.
        let issued = twin.call(refresh()).await;
        assert_eq!(issued.is_err(), lost_before_commit > 0);
        let outcome = draft(&twin, &token, "VS-1").await;
        assert_eq!(outcome.err(), Some(Lost::NoAnswer));
        assert_eq!(twin.books().sage.books.orders.len(), orders);
    }
}

#[tokio::test(start_paused = true)]
async fn during_an_outage_no_connection_is_made() {
    let faults = Faults {
        outages: 1,
        outages_within: MINUTE,
        outage_for: Span::new(MINUTE, MINUTE),
        ..Faults::none()
    };
    let twin = twin(1, faults);
    let token = token(&twin).await;
    assert_eq!(draft(&twin, &token, "VS-1").await.err(), Some(Lost::NotConnected));
    twin.clock().sleep(MINUTE).await;
    assert_eq!(draft(&twin, &token, "VS-1").await.unwrap().status(), 200);
    assert_eq!(
        twin.report().faults,
        [
            ("connect_refused", 1),
            ("split_shipment", 0),
            ("throttled_mintsoft", 0),
            ("throttled_virtualstock", 0)
        ]
        .into()
    );
}

/// What a restless caller of one seed sees.
async fn story(seed: u64) -> Vec<String> {
    let twin = twin(
        seed,
        Faults {
            outages_within: 10 * MINUTE,
            ..Faults::simulation()
        },
    );
    let mut token = token(&twin).await;
    let mut story = Vec::new();
    for round in 0..60 {
        let reference = format!("VS-{}", round % 20);
        let look = request(
            "GET",
            &format!("{BASE}/sop_orders?$filter=customer_document_no%20eq%20'{reference}'"),
            &token,
            "",
        );
        for outcome in [draft(&twin, &token, &reference).await, twin.call(look).await] {
            let told = match outcome {
                Ok(answer) => format!("{} {}", answer.status(), String::from_utf8_lossy(answer.body())),
                Err(lost) => format!("{lost:?}"),
            };
            if told.starts_with("401") {
                token = self::token(&twin).await;
            }
            story.push(format!("{} {told}", twin.clock().now()));
        }
    }
    story.push(serde_json::to_string(&twin.report()).unwrap());
    story
}

#[tokio::test(start_paused = true)]
async fn one_seed_tells_one_story() {
    let first = story(11).await;
    let again = story(11).await;
    assert_eq!(first, again);
    assert_ne!(first, story(12).await);
}

/// Without a token, unless one is given.
fn asking(method: &str, path: &str, header: Option<(&str, &str)>, body: &Value) -> http::Request<Bytes> {
    let mut request = http::Request::builder().method(method).uri(path);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.body(body.to_string().into()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn calls_are_counted_by_whose_account_they_are_made_with() {
    let twin = twin(1, Faults::none());
    let company = &twin.settings().companies[0].clone();
    let sage = token(&twin).await;
    twin.call(request("GET", &format!("{BASE}/sop_orders"), &sage, ""))
        .await
        .unwrap();
    let log_in = json!({"username": company.virtualstock_user, "password": company.virtualstock_password});
    let granted = twin
        .call(asking("POST", "/virtualstock/restapi/v4/token", None, &log_in))
        .await
        .unwrap();
    let bearer = format!("Bearer {}", read(&granted)["access"].as_str().unwrap());
    let orders = "/virtualstock/restapi/v4/orders/";
    for header in [("authorization", bearer.as_str()), ("authorization", "Bearer made-up")] {
        twin.call(asking("GET", orders, Some(header), &Value::Null)).await.unwrap();
    }
    let key = ("ms-apikey", company.mintsoft_api_key.as_str());
    twin.call(asking("GET", "/mintsoft/api/Order/List", Some(key), &Value::Null))
        .await
        .unwrap();
    let counted: Vec<(String, u64)> = twin.calls().by_connection.into_iter().collect();
    let expected = [
        ("mintsoft-1", 1),
        ("sage-1", 2),
        ("virtualstock-1", 2),
        ("virtualstock-unknown", 1),
    ];
    assert_eq!(counted, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[tokio::test(start_paused = true)]
async fn the_twin_answers_for_itself_and_knows_no_other_paths() {
    let twin = twin(1, Faults::harsh());
    let state = read(&twin.call(request("GET", "/twin/state", "", "")).await.unwrap());
    assert_eq!((&state["all_arrived"], &state["late"]), (&json!(false), &json!(0)));
    let report = read(&twin.call(request("GET", "/twin/report", "", "")).await.unwrap());
    assert_eq!(
        (
            &report["faults"]["stale_view"],
            report["outages"]["sage"].as_array().unwrap().len()
        ),
        (&json!(0), 3)
    );
    let calm = self::twin(1, Faults::none());
    for path in ["/", "/twin", "/nowhere/else", "/sage", "/sage-id/authorize"] {
        assert_eq!(calm.call(request("GET", path, "", "")).await.unwrap().status(), 404, "{path}");
    }
}

/// One exchange over a socket: all bytes until the server closes the connection.
async fn over_socket(address: std::net::SocketAddr, head: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A reset is one way to close without an answer.
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn on_a_socket_a_loss_is_a_connection_that_closes_unanswered() {
    for (faults, opening) in [
        (
            Faults {
                latency: false,
                ..Faults::none()
            },
            "HTTP/1.1 401 Unauthorized",
        ),
        (
            Faults {
                latency: false,
                lost_before_commit: 1000,
                ..Faults::none()
            },
            "",
        ),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(tallyman_twin::server::serve(twin(1, faults), listener, async {
            let _ = stopped.await;
        }));
        let answer = over_socket(
            address,
            &format!("GET {BASE}/warehouses HTTP/1.1\r\nhost: twin\r\nconnection: close\r\n\r\n"),
        )
        .await;
        assert_eq!(answer.lines().next().unwrap_or_default(), opening);
        drop(stop);
        server.await.unwrap();
    }
}
