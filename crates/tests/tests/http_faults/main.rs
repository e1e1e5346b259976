//! The real wire against a server of plain sockets that breaks in every way we could think of.
//!
//! Two things must hold each time: a loss says "nothing arrived" only if nothing did, and no exchange is ever sent twice.

mod server;

use bytes::Bytes;
use futures_util::future::join_all;
use tallyman::wires::{BODY_BYTES_MAX, Http};
use tallyman_core::seam::{Exchange, Lost, Method, Reply, Transport};

use server::{Server, Step, answer};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A write of about 300 bytes to this path.
fn post(server: &Server, path: &str) -> Exchange {
    Exchange {
        method: Method::Post,
        url: format!("{}{path}", server.address),
        headers: vec![
            ("content-type", "application/json".into()),
            ("authorization", "Bearer x".into()),
        ],
        body: Some(Bytes::from(format!("{{\"note\":\"{}\"}}", "y".repeat(300)))),
    }
}

async fn exchange(server: &Server) -> Result<Reply, Lost> {
    Http::new().unwrap().exchange(post(server, "/order")).await
}

/// Plays a script to one write, which must come to nothing, unproven, and have been sent no more than once.
#[track_caller]
fn doubted(outcome: &Result<Reply, Lost>, server: &Server) {
    let lost = outcome.as_ref().expect_err("there was no whole answer");
    assert!(lost.may_have_arrived(), "{lost} does not prove that nothing arrived");
    assert!(server.received("POST /order ") <= 1, "it was sent again");
}

#[tokio::test]
async fn a_refused_connection_proves_that_nothing_arrived() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/order", listener.local_addr().unwrap());
    drop(listener);
    let lost = get(&url).await.unwrap_err();
    assert!(matches!(lost, Lost::NotConnected(_)), "{lost}");
}

async fn get(url: &str) -> Result<Reply, Lost> {
    let exchange = Exchange {
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
    };
    Http::new().unwrap().exchange(exchange).await
}

#[tokio::test]
async fn a_name_that_nobody_has_proves_that_nothing_arrived() {
    let lost = get("http://nobody.invalid/order").await.unwrap_err();
    assert!(matches!(lost, Lost::NotConnected(_)), "{lost}");
}

#[tokio::test]
async fn an_address_that_makes_no_sense_is_not_called() {
    for url in ["ftp://127.0.0.1/order", "127.0.0.1/order", "http://"] {
        let lost = get(url).await.unwrap_err();
        assert!(matches!(lost, Lost::NotConnected(_)), "{lost}");
    }
}

#[tokio::test]
async fn a_failed_tls_handshake_proves_that_nothing_arrived() {
    let server = Server::with(vec![Step::Bytes(1), answer(OK)]).await;
    let url = format!("{}/order", server.address.replace("http:", "https:"));
    let lost = get(&url).await.unwrap_err();
    assert!(matches!(lost, Lost::NotConnected(_)), "{lost}");
    assert_eq!(server.received("GET /order"), 0);
}

#[tokio::test]
async fn a_connection_closed_at_once_proves_nothing() {
    for script in [vec![], vec![Step::Reset]] {
        let server = Server::with(script).await;
        doubted(&exchange(&server).await, &server);
    }
}

#[tokio::test]
async fn a_connection_closed_after_the_head_proves_nothing() {
    for end in [vec![Step::Head], vec![Step::Head, Step::Reset]] {
        let server = Server::with(end).await;
        doubted(&exchange(&server).await, &server);
        assert_eq!(server.received("POST /order "), 1);
    }
}

#[tokio::test]
async fn a_connection_closed_within_the_body_proves_nothing() {
    let server = Server::with(vec![Step::Head, Step::Bytes(100), Step::Reset]).await;
    doubted(&exchange(&server).await, &server);
    assert_eq!(server.received("POST /order "), 1);
}

#[tokio::test]
async fn a_connection_closed_before_its_answer_proves_nothing() {
    for script in [vec![Step::Request], vec![Step::Request, Step::Reset]] {
        let server = Server::with(script).await;
        doubted(&exchange(&server).await, &server);
        assert_eq!(server.received("POST /order "), 1);
    }
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let halves = [
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\nhalf",
        "220 mail.example ESMTP\r\n",
        "\r\n\r\n\r\n",
    ];
    for half in halves {
        let server = Server::with(vec![Step::Request, answer(half)]).await;
        doubted(&exchange(&server).await, &server);
        assert_eq!(server.received("POST /order "), 1, "{half:?}");
    }
}

#[tokio::test]
async fn a_caller_who_stops_waiting_has_sent_it_once() {
    let server = Server::with(vec![Step::Request, Step::Hang]).await;
    let http = Http::new().unwrap();
    let asked = async {
        while server.received("yyy\"}") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        outcome = http.exchange(post(&server, "/order")) => panic!("nobody answers, and yet: {outcome:?}"),
        () = asked => {}
    }
    server.ended(1).await;
    assert_eq!((server.received("POST /order "), server.connections()), (1, 1));
}

#[tokio::test]
async fn a_second_answer_is_nobodys() {
    let twice = format!("{OK}HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong");
    let second = vec![Step::Request, answer(OK), Step::Hang];
    let server = Server::playing(vec![vec![Step::Request, answer(twice), Step::Hang], second]).await;
    let http = Http::new().unwrap();
    assert_eq!(http.exchange(post(&server, "/first")).await.unwrap().body, "ok");
    server.ended(1).await;
    assert_eq!(http.exchange(post(&server, "/order")).await.unwrap().body, "ok");
    assert_eq!(server.received("POST /order "), 1);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let endless = [
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", BODY_BYTES_MAX + 1),
        "HTTP/1.1 200 OK\r\n\r\n".to_owned(),
    ];
    for head in endless {
        let server = Server::with(vec![Step::Request, answer(head), Step::Flood]).await;
        let outcome = exchange(&server).await;
        assert_eq!(
            outcome.as_ref().unwrap_err(),
            &Lost::TooLarge {
                limit_bytes: BODY_BYTES_MAX
            }
        );
        doubted(&outcome, &server);
    }
}

#[tokio::test]
async fn an_answer_of_the_largest_size_is_read() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {BODY_BYTES_MAX}\r\n\r\n");
    let server = Server::with(vec![Step::Request, answer(head), Step::Answer(vec![b' '; BODY_BYTES_MAX])]).await;
    assert_eq!(exchange(&server).await.unwrap().body.len(), BODY_BYTES_MAX);
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let elsewhere = Server::with(vec![Step::Request, answer(OK)]).await;
    for status in [301, 302, 303, 307, 308] {
        let redirect = format!(
            "HTTP/1.1 {status} Go\r\nlocation: {}/order\r\ncontent-length: 0\r\n\r\n",
            elsewhere.address
        );
        let server = Server::with(vec![Step::Request, answer(redirect)]).await;
        assert_eq!(exchange(&server).await.unwrap().status, status);
        assert_eq!(server.received("POST /order "), 1);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn what_comes_before_the_answer_is_passed_over() {
    let early = format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n{OK}");
    let server = Server::with(vec![Step::Request, answer(early)]).await;
    let reply = exchange(&server).await.unwrap();
    assert_eq!((reply.status, &*reply.body), (200, &b"ok"[..]));
}

#[tokio::test]
async fn an_answer_in_drops_is_an_answer() {
    let server = Server::with(vec![Step::Request, Step::Drip(OK.into())]).await;
    assert_eq!(exchange(&server).await.unwrap().body, "ok");
}

#[tokio::test]
async fn an_answer_is_taken_as_it_is() {
    let packed =
        "HTTP/1.1 503 Busy\r\ncontent-encoding: gzip\r\nRetry-After: 7\r\nset-cookie: a=b\r\ncontent-length: 3\r\n\r\nxyz";
    let server = Server::with(vec![Step::Request, answer(packed), Step::Request, answer(OK)]).await;
    let http = Http::new().unwrap();
    let reply = http.exchange(post(&server, "/first")).await.unwrap();
    assert_eq!(
        (reply.status, &*reply.body, reply.header("retry-after")),
        (503, &b"xyz"[..], Some("7"))
    );
    http.exchange(post(&server, "/order")).await.unwrap();
    assert_eq!(server.received("cookie"), 0, "a cookie was kept");
    assert_eq!(server.received("accept-encoding"), 0, "packing was asked for");
}

/// The hazard of connections that are used again: the server closes one just as the next request is put on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_closes_between_two_requests_doubles_neither() {
    let served = || [Step::Request, answer(OK)];
    let scripts: Vec<Vec<Step>> = (0..400)
        .map(|number| {
            let mut script: Vec<Step> = (0..=number % 3).flat_map(|_| served()).collect();
            match number % 4 {
                0 => {}
                1 => script.push(Step::Reset),
                2 => script.extend([Step::Head, Step::Reset]),
                _ => script.push(Step::Bytes(1)),
            }
            script
        })
        .collect();
    let server = Server::playing(scripts).await;
    let http = Http::new().unwrap();
    let mut answered = 0;
    for round in 0..100 {
        let paths: Vec<String> = (0..4).map(|number| format!("/order-{round}-{number}-")).collect();
        let outcomes = join_all(paths.iter().map(|path| http.exchange(post(&server, path)))).await;
        for (path, outcome) in paths.iter().zip(outcomes) {
            let arrived = server.received(&format!("POST {path} "));
            match outcome {
                Ok(_) => assert_eq!(arrived, 1, "{path}"),
                Err(lost) if lost.may_have_arrived() => assert!(arrived <= 1, "{path} was sent {arrived} times: {lost}"),
                Err(lost) => assert_eq!(arrived, 0, "{path} is said not to have arrived: {lost}"),
            }
            answered += arrived;
        }
    }
    assert!(answered > 200, "only {answered} requests arrived at all");
}
