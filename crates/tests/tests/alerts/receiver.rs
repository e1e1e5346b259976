//! A receiver of webhooks on loopback, which believes a message only if its signature verifies, by the reference library of Standard
//! Webhooks and not by ours.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use standardwebhooks::Webhook;
use tallyman::clocks::PacedClock;
use tallyman::wires::Http;
use tallyman_connectors::ByWebhook;
use tallyman_connectors::alerts::SigningSecret;
use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_store::{Location, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::scene::{COMPANY, Scene, route, settings, time};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CARDS: usize = 200;
const COMES_BY: Duration = Duration::from_secs(60);

/// What was received: its id, when, and what it says.
type Received = Arc<Mutex<Vec<(String, Timestamp, serde_json::Value)>>>;

#[derive(Clone)]
struct Receiver {
    received: Received,
    clock: Arc<PacedClock>,
    /// So many connections are broken off after the message was read.
    breaks: Arc<Mutex<u32>>,
}

impl Receiver {
    async fn listen(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hooks/tallyman?key=1", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                tokio::spawn(self.clone().serve(stream));
            }
        });
        address
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut unread = Vec::new();
        loop {
            let Some((headers, body)) = request(&mut stream, &mut unread).await else {
                return;
            };
            let mut map = http::HeaderMap::new();
            for (name, value) in &headers {
                let name: http::HeaderName = name.parse().unwrap();
                map.insert(name, value.parse().unwrap());
            }
            let verified = Webhook::new(SECRET).unwrap().verify(&body, &map);
            let status = match verified {
                Ok(()) => "204 No Content",
                Err(_) => "401 Unauthorized",
            };
            if verified.is_ok() {
                let says = serde_json::from_slice(&body).unwrap();
                let id = headers["webhook-id"].clone();
                self.received.lock().unwrap().push((id, self.clock.now(), says));
                let mut breaks = self.breaks.lock().unwrap();
                if *breaks > 0 {
                    *breaks -= 1;
                    return;
                }
            }
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// The next request of a connection: its headers in lower case, and its body.
async fn request(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<(BTreeMap<String, String>, Vec<u8>)> {
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(unread[..end].to_vec()).unwrap();
            let headers: BTreeMap<String, String> = head
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
            while unread.len() < end + 4 + length {
                match stream.read(&mut buffer).await {
                    Ok(count) if count > 0 => unread.extend_from_slice(&buffer[..count]),
                    _ => return None,
                }
            }
            let body = unread[end + 4..end + 4 + length].to_vec();
            unread.drain(..end + 4 + length);
            return Some((headers, body));
        }
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => unread.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}

fn by_webhook(url: String, secret: &str) -> Arc<ByWebhook> {
    let secret = SigningSecret::parse(secret).unwrap();
    Arc::new(ByWebhook::new(
        Connection::new("hook"),
        Company::new(COMPANY),
        url.as_str().into(),
        secret,
    ))
}

async fn scene(folder: &std::path::Path, url: String, secret: &str) -> (Scene, Arc<PacedClock>) {
    let clock = Arc::new(PacedClock::system());
    let mut settings = settings(vec![route("hook", Owner::Operations)]);
    // Whatever the time is, nothing else is due while the test runs.
    settings.quiet = None;
    settings.escalation = None;
    let hour: u8 = clock.now().local_in(&settings.calendar.zone)[11..13].parse().unwrap();
    settings.test_at = time(&format!("{:02}:30", (hour + 12) % 24));
    let scene = Scene {
        store: Store::open(&Location::File(folder.join("tallyman.db"))).await.unwrap(),
        clock: clock.clone(),
        transport: Arc::new(Http::new().unwrap()),
        settings,
        notifiers: vec![by_webhook(url, secret)],
        consents: Vec::new(),
    };
    (scene, clock)
}

fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

/// Cards open one after the other on a busy store; each is told of within a second of system time, p99, signed and once.
#[test]
fn an_alert_leaves_within_a_second_and_its_signature_verifies() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let received = Received::default();
        let receiver = Receiver {
            received: received.clone(),
            clock: Arc::new(PacedClock::system()),
            breaks: Arc::default(),
        };
        let (scene, clock) = scene(folder.path(), receiver.listen().await, SECRET).await;
        let mut opened = BTreeMap::new();
        let story = async {
            for number in 0..CARDS {
                let cause = format!("SKU {number}");
                opened.insert(cause.clone(), clock.now());
                scene.open(Code::SkuUnknown, &cause, &format!("order {number}")).await;
                clock.sleep_until(clock.now().plus(Duration::from_millis(35))).await;
            }
            let began = clock.now();
            while received.lock().unwrap().len() < CARDS {
                assert!(
                    clock.now().since(began) < COMES_BY,
                    "{} arrived",
                    received.lock().unwrap().len()
                );
                clock.sleep_until(clock.now().plus(Duration::from_millis(20))).await;
            }
        };
        tokio::select! {
            biased;
            () = story => {}
            () = scene.work("worker") => panic!("it stopped"),
        }
        let received = received.lock().unwrap();
        assert_eq!(received.len(), CARDS, "each once");
        let mut took: Vec<Duration> = received
            .iter()
            .map(|(_, at, says)| {
                assert_eq!(says["type"], "exception.opened");
                at.since(opened[says["data"]["cause"].as_str().unwrap()])
            })
            .collect();
        took.sort();
        let (half, p99) = (took[CARDS / 2], took[CARDS * 99 / 100]);
        println!(
            "from a card to its alert: half within {half:?}, p99 {p99:?}, the slowest {:?}",
            took[CARDS - 1]
        );
        assert!(p99 < Duration::from_secs(1), "p99 is {p99:?}");
    });
}

#[test]
fn a_webhook_whose_answer_is_lost_comes_again_under_its_id() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let received = Received::default();
        let receiver = Receiver {
            received: received.clone(),
            clock: Arc::new(PacedClock::system()),
            breaks: Arc::new(Mutex::new(1)),
        };
        let (mut scene, _) = scene(folder.path(), receiver.listen().await, SECRET).await;
        // Pauses pass quickly; the receiver looks at the timestamp, which is of the pace's clock and must be about now.
        scene.clock = Arc::new(PacedClock::starting_at(tallyman::clocks::system_now(), 10));
        scene.open(Code::SkuUnknown, "SKU 1", "order 1").await;
        let real = PacedClock::system();
        let began = real.now();
        let story = async {
            while received.lock().unwrap().len() < 2 {
                assert!(real.now().since(began) < COMES_BY, "it did not come again");
                real.sleep_until(real.now().plus(Duration::from_millis(20))).await;
            }
        };
        tokio::select! {
            biased;
            () = story => {}
            () = scene.work("worker") => panic!("it stopped"),
        }
        let received = received.lock().unwrap();
        assert_eq!(received[0].0, received[1].0);
        assert_eq!(received[0].2, received[1].2);
    });
}

#[test]
fn a_receiver_that_does_not_know_our_secret_believes_nothing_and_the_route_has_a_card() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let received = Received::default();
        let receiver = Receiver {
            received: received.clone(),
            clock: Arc::new(PacedClock::system()),
            breaks: Arc::default(),
        };
        let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let (mut scene, _) = scene(folder.path(), receiver.listen().await, other).await;
        scene.clock = Arc::new(PacedClock::starting_at(tallyman::clocks::system_now(), 10));
        scene.open(Code::SkuUnknown, "SKU 1", "order 1").await;
        let real = PacedClock::system();
        let began = real.now();
        let story = async {
            while scene.cards().await.len() < 2 {
                assert!(real.now().since(began) < COMES_BY, "no card");
                real.sleep_until(real.now().plus(Duration::from_millis(20))).await;
            }
        };
        tokio::select! {
            biased;
            () = story => {}
            () = scene.work("worker") => panic!("it stopped"),
        }
        assert!(received.lock().unwrap().is_empty());
        let route = ("alert_route_down".to_owned(), "connection `hook`".to_owned());
        assert!(scene.cards().await.contains(&route));
    });
}
