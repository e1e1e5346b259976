//! chromedriver as a process, and the WebDriver commands as JSON over HTTP.
//!
//! Written here because it is so little. thirtyfour would bring eleven crates and, for every crate that is built with the tests,
//! serde_json's feature `preserve_order`: what is tested would write other bytes than what ships.
//!
//! The driver talks to Chromium by a pipe, so Chromium ends when the driver does, and the driver ends with [`Driver`], also in a panic.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tallyman::clocks::PacedClock;
use tallyman::wires::Http;
use tallyman_core::seam::{Clock, Exchange, Method, Transport};
use tempfile::TempDir;

const CHROMIUM: &str = "TALLYMAN_TEST_CHROMIUM";
const DRIVER: &str = "TALLYMAN_TEST_CHROMEDRIVER";

/// What a browser does not do by then it does not do: it starts in a third of a second, and pages are ours.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How long its processes may take to end once they are told to.
const END_MAX: Duration = Duration::from_secs(20);
/// How much of what it said is shown when it fails.
const LAST_LINES: usize = 15;

/// No sandbox: containers often have none, and only pages of ours are opened. The pipe is what ends Chromium with the driver.
const OPTIONS: [&str; 11] = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--lang=en-GB",
];

pub struct Driver {
    process: Child,
    /// What it and Chromium say. It ends when the last of their processes does.
    said: Receiver<String>,
    /// Where they keep what they need while they run.
    folder: TempDir,
    address: String,
    wire: Http,
}

/// What the environment says, as `cargo xtask test` sets it.
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with `cargo xtask test`"))
}

impl Driver {
    /// Starts the driver on a port that it chooses itself.
    pub fn start() -> Self {
        let program = variable(DRIVER);
        let folder = tempfile::tempdir().unwrap();
        let (heard, out) = std::io::pipe().unwrap();
        let mut command = command(&program);
        command
            .args(["--port=0", "--enable-chrome-logs"])
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out);
        let process = command
            .spawn()
            .unwrap_or_else(|error| panic!("{program} of {DRIVER} could not be started: {error}"));
        // It holds our ends of the pipe, which would never end.
        drop(command);
        let (say, said) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(heard).lines().map_while(Result::ok) {
                if say.send(line).is_err() {
                    return;
                }
            }
        });
        let mut driver = Self {
            process,
            said,
            folder,
            address: String::new(),
            wire: Http::new().unwrap(),
        };
        driver.address = format!("http://127.0.0.1:{}", driver.port());
        driver
    }

    fn port(&self) -> u16 {
        let mut heard = Vec::new();
        loop {
            let line = self.said.recv_timeout(ANSWER_MAX);
            let line = line.unwrap_or_else(|error| panic!("chromedriver did not start ({error}): {heard:#?}"));
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return port.trim_end_matches('.').parse().unwrap();
            }
            heard.push(line);
        }
    }

    /// Opens a browser; its session's id, and the id of its first process.
    pub async fn session(&self) -> (String, u64) {
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": variable(CHROMIUM), "args": OPTIONS},
            // A page that is not there within this time fails the test. What a test waits for it waits for itself.
            "timeouts": {"pageLoad": 20_000, "script": 20_000, "implicit": 0},
        }}});
        let made = self.call(Method::Post, "/session", Some(capabilities)).await;
        let made = made.unwrap_or_else(|error| panic!("Chromium did not start: {error}\n{}", self.last_words()));
        let id = made["sessionId"].as_str().expect("a session has an id").to_owned();
        let process = made["capabilities"]["goog:processID"].as_u64();
        (id, process.expect("a browser has a process"))
    }

    /// One command: its value, or what the driver has against it.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, String> {
        let exchange = Exchange {
            method,
            url: format!("{}{path}", self.address),
            // A connection for each command: one that is used again may just be closing.
            headers: vec![("content-type", "application/json".into()), ("connection", "close".into())],
            body: body.map(|body| Bytes::from(body.to_string())),
        };
        let clock = PacedClock::system();
        let reply = tokio::select! {
            biased;
            reply = self.wire.exchange(exchange) => reply.map_err(|lost| lost.to_string())?,
            () = clock.sleep_until(clock.now().plus(ANSWER_MAX)) => return Err(format!("{path}: no answer within {ANSWER_MAX:?}")),
        };
        let mut answer: Value = serde_json::from_slice(&reply.body).map_err(|error| error.to_string())?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) if reply.status >= 400 => {
                let message = value["message"].as_str().unwrap_or_default();
                Err(format!("{error}: {}", message.lines().next().unwrap_or_default()))
            }
            _ => Ok(value),
        }
    }

    /// What it said last, for whoever must find out why it does not work.
    pub fn last_words(&self) -> String {
        let lines: Vec<String> = self.said.try_iter().collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }

    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Where Chromium keeps its profile; gone with the driver.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let ended = loop {
            match self.said.recv_timeout(END_MAX) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break true,
                Err(RecvTimeoutError::Timeout) => break false,
            }
        };
        assert!(ended || std::thread::panicking(), "Chromium did not end with its driver");
    }
}

/// The driver, told to end if this process dies without having ended it; where there is no `setpriv`, without that.
fn command(program: &str) -> Command {
    let mut setpriv = Command::new("setpriv");
    setpriv.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    if setpriv.status().is_ok_and(|status| status.success()) {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", program]);
        command
    } else {
        Command::new(program)
    }
}
