//! The program with and without somebody who collects its traces: what is sent before it ends, and that nothing is unless it was asked for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tallyman");
const PATIENCE: Duration = Duration::from_secs(30);
/// A merchant whose systems are not there.
const CONFIG: &str = r#"
database = "tallyman.db"
listen = "127.0.0.1:0"

[[master_key]]
number = 1
key = { file = "key" }

[[company]]
name = "acme"

[company.sage200]
client_id = "acme"
client_secret = { file = "key" }
refresh_token = { file = "key" }
site = "00000000-0000-0000-0000-000000000000"
company_id = 1
base_url = "http://127.0.0.1:1"
token_url = "http://127.0.0.1:1/token"

[company.mintsoft]
api_key = { file = "key" }
base_url = "http://127.0.0.1:1"

[company.virtualstock]
username = "acme"
password = { file = "key" }
base_url = "http://127.0.0.1:1"
"#;

/// A child that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whoever takes requests, and hands on what they hold.
fn collector() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (taken, takes) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let taken = taken.clone();
            std::thread::spawn(move || {
                let mut stream = BufReader::new(stream.unwrap());
                while let Some(said) = one(&mut stream) {
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    // Handed on before it is answered; whoever asked, or the test, may have gone.
                    let _ = taken.send(said);
                    let _ = stream.get_mut().write_all(answer.as_bytes());
                }
            });
        }
    });
    (address, takes)
}

/// One request, head and body as text; none where there is no other.
fn one(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut head, mut body_bytes) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            body_bytes = length.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; body_bytes];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8_lossy(&body))
}

/// Serves, is asked how it is, and is told to stop; gives what it logged.
fn a_short_life(folder: &Path, config: &str, collector: &str) -> String {
    let key = Command::new(PROGRAM).arg("key").output().unwrap();
    assert!(key.status.success(), "{}", String::from_utf8_lossy(&key.stderr));
    let key = String::from_utf8(key.stdout).unwrap();
    let key = key.split_whitespace().max_by_key(|word| word.len()).expect("a key");
    std::fs::write(folder.join("key"), key).unwrap();
    std::fs::write(folder.join("tallyman.toml"), config).unwrap();
    let mut serve = Command::new(PROGRAM);
    serve.args(["serve", "--config"]).arg(folder.join("tallyman.toml"));
    // What other programs are told by their environment is not what this one was asked for.
    serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector);
    let mut serve = Running(serve.stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(serve.0.stderr.take().unwrap()).lines();
    let mut said = String::new();
    let mut says = |what: &str| loop {
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("no word of `{what}` in:\n{said}"))
            .unwrap();
        said.push_str(&line);
        said.push('\n');
        if line.contains(what) {
            return line;
        }
    };
    let listening = says("listening on http://");
    let (_, address) = listening.split_once("listening on http://").unwrap();
    let (address, _) = address.split_once("/health").unwrap();
    says("works for");
    let mut asks = TcpStream::connect(address).unwrap();
    asks.set_read_timeout(Some(PATIENCE)).unwrap();
    let question = "GET /health/live?SECRET-WORD HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    asks.write_all(question.as_bytes()).unwrap();
    let mut answer = String::new();
    asks.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let asked = Command::new("kill").arg(serve.0.id().to_string()).status().unwrap();
    assert!(asked.success());
    says("stopped with nothing under way");
    assert!(serve.0.wait().unwrap().success());
    said
}

#[test]
fn what_was_done_is_sent_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (address, takes) = collector();
    let config = format!("{CONFIG}\n[traces]\nendpoint = \"{address}\"\n");
    let said = a_short_life(folder.path(), &config, &address);
    let sent: Vec<String> = takes.try_iter().collect();
    assert!(sent.iter().all(|one| one.starts_with("POST /v1/traces ")), "{sent:?}");
    let sent = sent.concat();
    for what in ["GET /health/live", "round orders", "POST sage200-acme", "not connected"] {
        assert!(sent.contains(what), "{what} is not in {sent}");
    }
    assert!(!sent.contains("SECRET"), "{sent}");
    assert!(!said.contains("tallyman::traces") && !said.contains("request{"), "{said}");
}

#[test]
fn nothing_is_sent_unless_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (address, takes) = collector();
    a_short_life(folder.path(), CONFIG, &address);
    assert!(takes.try_recv().is_err(), "something was sent to {address}");
}
