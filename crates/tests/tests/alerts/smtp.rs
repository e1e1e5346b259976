//! Against a real SMTP server on loopback: aiosmtpd, which keeps what it takes as files. `cargo xtask test` installs it where it can.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tallyman::clocks::PacedClock;
use tallyman::wires::Http;
use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_core::seam::{Clock, Lost, Mail, MailSecurity, MailServer, Transport};
use tallyman_store::{Location, Store};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::scene::{Scene, at, by_mail, route, settings};

/// What a test waits for comes by then, in real time, or not at all.
const COMES_BY: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Names a Python that has aiosmtpd.
const VARIABLE: &str = "TALLYMAN_TEST_SMTP";

/// A server at work; killed when it is dropped.
struct Smtp(Child);

impl Drop for Smtp {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn begin(port: u16, folder: &Path) -> Smtp {
    let python = std::env::var(VARIABLE)
        .unwrap_or_else(|_| panic!("{VARIABLE} names no Python with aiosmtpd: run the tests with `cargo xtask test`"));
    let child = Command::new(&python)
        .args([
            "-m",
            "aiosmtpd",
            "-n",
            "-l",
            &format!("127.0.0.1:{port}"),
            "-c",
            "aiosmtpd.handlers.Mailbox",
        ])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap_or_else(|error| panic!("{python} of {VARIABLE} could not be started: {error}"));
    Smtp(child)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[expect(
    clippy::disallowed_methods,
    reason = "looks again at another process, which runs in real time"
)]
async fn look_again() {
    tokio::time::sleep(LOOK_EVERY).await;
}

/// The mails that have arrived: Message-ID with the whole text of each.
fn arrived(folder: &Path) -> Vec<(String, String)> {
    let mut mails = Vec::new();
    let new: PathBuf = folder.join("new");
    for entry in std::fs::read_dir(new).into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: "));
        mails.push((id.expect("a mail has an id").to_owned(), text.clone()));
    }
    mails
}

fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

#[test]
fn a_mail_server_that_is_down_for_a_while_loses_nothing_and_hears_nothing_twice() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (port, mails) = (free_port(), folder.path().join("mails"));
        let clock = Arc::new(PacedClock::starting_at(at("2026-11-20T10:00:00Z"), 20));
        let scene = Scene {
            store: Store::open(&Location::File(folder.path().join("tallyman.db"))).await.unwrap(),
            clock: clock.clone(),
            transport: Arc::new(Http::new().unwrap()),
            settings: settings(vec![route("ops", Owner::Operations)]),
            notifiers: vec![by_mail("ops", port)],
            consents: Vec::new(),
        };
        let story = async {
            // Nobody listens yet.
            for number in 0..20 {
                scene
                    .open(Code::SkuUnknown, &format!("SKU {number}"), &format!("order {number}"))
                    .await;
            }
            let down = async || scene.cards().await.iter().any(|(code, _)| code == "alert_route_down");
            comes_about("the route's card", down).await;
            let server = begin(port, &mails);
            comes_about("twenty mails", async || arrived(&mails).len() >= 20).await;
            // It dies, and more happens.
            drop(server);
            for number in 20..30 {
                scene
                    .open(Code::SkuUnknown, &format!("SKU {number}"), &format!("order {number}"))
                    .await;
            }
            comes_about("the route's card again", down).await;
            let server = begin(port, &mails);
            comes_about("thirty mails", async || arrived(&mails).len() >= 30).await;
            comes_about("the route's card closed", async || !down().await).await;
            drop(server);
        };
        tokio::select! {
            biased;
            () = story => {}
            () = scene.work("worker") => panic!("it stopped"),
        }
        let mut by_id: BTreeMap<String, u32> = BTreeMap::new();
        let mails = arrived(&mails);
        for (id, text) in &mails {
            *by_id.entry(id.clone()).or_default() += 1;
            assert!(
                text.contains("Subject: [trader-1] A retailer's item code is not known"),
                "{text}"
            );
            assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
            assert!(text.contains("https://tallyman.example.com/cards/"), "{text}");
        }
        assert_eq!(by_id.len(), 30, "none is lost");
        assert_eq!(mails.len(), 30, "none came twice: {by_id:?}");
    });
}

async fn comes_about(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let real = PacedClock::system();
    let began = real.now();
    while !is_so().await {
        assert!(real.now().since(began) < COMES_BY, "{what} did not come about");
        look_again().await;
    }
}

/// A server of plain sockets that says what a script tells it to, line by line, and keeps what it was told.
async fn scripted(answers: &'static [&'static str]) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut heard = Vec::new();
        let mut answers = answers.iter();
        write.write_all(answers.next().unwrap().as_bytes()).await.unwrap();
        let mut in_data = false;
        while let Ok(Some(line)) = lines.next_line().await {
            let ends = line == ".";
            heard.push(line);
            if in_data && !ends {
                continue;
            }
            // At the end of the script it goes away.
            let Some(answer) = answers.next() else { return heard };
            in_data = answer.starts_with("354");
            if write.write_all(answer.as_bytes()).await.is_err() {
                return heard;
            }
        }
        heard
    });
    (port, heard)
}

fn mail(port: u16, security: MailSecurity) -> Mail {
    Mail {
        server: MailServer {
            host: "127.0.0.1".into(),
            port,
            security,
            sign_in: None,
            certificate: None,
        },
        from: "tallyman@example.com".into(),
        to: vec!["ops@example.com".into()],
        subject: "A test".into(),
        message_id: "ABC@example.com".into(),
        references: Vec::new(),
        headers: Vec::new(),
        at: at("2026-11-20T10:00:00Z"),
        text: "A line\n.\nand one after a dot\n".into(),
    }
}

const OK: &str = "250 ok\r\n";
const HELLO: &str = "250 mail.example.com\r\n";

#[test]
fn what_a_mail_server_says_is_what_is_believed() {
    run(async {
        let wire = Http::new().unwrap();
        let code = async |answers: &'static [&'static str]| {
            let (port, heard) = scripted(answers).await;
            let posted = wire.deliver(mail(port, MailSecurity::None)).await;
            (posted.map(|posted| posted.code), heard.await.unwrap())
        };
        let (taken, heard) = code(&["220 hello\r\n", HELLO, OK, OK, "354 go on\r\n", OK, "221 bye\r\n"]).await;
        assert_eq!(taken, Ok(250));
        assert!(
            heard.contains(&"..".to_owned()),
            "a line of one dot is not the end: {heard:?}"
        );
        let (grey, _) = code(&["220 hello\r\n", HELLO, OK, "451 later\r\n", "221 bye\r\n"]).await;
        assert_eq!(grey, Ok(451));
        let (unknown, _) = code(&["220 hello\r\n", HELLO, OK, "550 no such mailbox\r\n", "221 bye\r\n"]).await;
        assert_eq!(unknown, Ok(550));
        let (refused, _) = code(&["220 hello\r\n", HELLO, OK, OK, "354 go on\r\n", "554 spam\r\n"]).await;
        assert_eq!(refused, Ok(554));
        // It goes away with the mail in its hands: it may have taken it.
        let (lost, _) = code(&["220 hello\r\n", HELLO, OK, OK, "354 go on\r\n"]).await;
        assert!(matches!(lost, Err(Lost::NoAnswer(_))), "{lost:?}");
        // It goes away before: it has nothing.
        let (gone, _) = code(&["220 hello\r\n"]).await;
        assert!(matches!(gone, Err(Lost::NotConnected(_))), "{gone:?}");
        let nobody = wire.deliver(mail(free_port(), MailSecurity::None)).await;
        assert!(matches!(nobody, Err(Lost::NotConnected(_))), "{nobody:?}");
    });
}

#[test]
fn a_server_without_tls_gets_nothing_where_tls_is_asked_for() {
    run(async {
        let (port, heard) = scripted(&["220 hello\r\n", HELLO, "250 ok\r\n", "250 ok\r\n"]).await;
        let posted = Http::new().unwrap().deliver(mail(port, MailSecurity::StartTls)).await;
        assert!(matches!(posted, Err(Lost::NotConnected(_))), "{posted:?}");
        let heard = heard.await.unwrap();
        assert!(!heard.iter().any(|line| line.starts_with("MAIL")), "{heard:?}");
    });
}
