//! A browser, and what a person does with a page whatever they do it with: opens it, looks at it, reads it. What is done with a mouse or by
//! keyboard is in `hand`.
//!
//! Things are named as people see them, so that a test survives a new layout and fails when a name does. What is waited for comes within
//! [`COMES_BY`] or fails the test; nothing waits for a time.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tallyman::clocks::PacedClock;
use tallyman_core::seam::{Clock, Method};

use super::driver::Driver;
use super::hand::Hand;

/// What is waited for comes by then, in real time, or not at all.
const COMES_BY: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Pages longer than this end there in pictures.
const PICTURE_HEIGHT_MAX: u64 = 4_000;
/// The name by which WebDriver hands over elements.
pub const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Where pictures are left, if they are wanted (`cargo xtask screens`).
const PICTURES: &str = "TALLYMAN_TEST_PICTURES";

pub const TAB: &str = "\u{E004}";
pub const ENTER: &str = "\u{E007}";
pub const CONTROL: &str = "\u{E009}";
pub const ESCAPE: &str = "\u{E00C}";

/// How a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    pub width: u32,
    pub scheme: &'static str,
}

impl View {
    pub const DESK: Self = Self::of(1280, "light");
    pub const ALL: [Self; 4] = [
        Self::DESK,
        Self::of(1280, "dark"),
        Self::of(390, "light"),
        Self::of(390, "dark"),
    ];

    const fn of(width: u32, scheme: &'static str) -> Self {
        Self { width, scheme }
    }

    fn height(self) -> u32 {
        if self.narrow() { 844 } else { 800 }
    }

    /// A telephone, which is touched and zooms.
    pub fn narrow(self) -> bool {
        self.width < 640
    }
}

impl std::fmt::Display for View {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}-{}", self.width, self.scheme)
    }
}

pub struct Browser {
    driver: Driver,
    session: String,
    process: u64,
    view: Cell<View>,
    hand: Cell<Hand>,
    scripts: Cell<bool>,
    patience: Cell<Duration>,
}

/// Runs a test in real time, with a browser that ends with it.
pub fn browse(test: impl AsyncFnOnce(&Browser)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let browser = Browser::start().await;
        test(&browser).await;
    });
}

/// The same after something that is played at virtual time, in which a day takes a moment.
pub fn browse_after<T>(played: impl AsyncFnOnce() -> T, test: impl AsyncFnOnce(&Browser, T)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let day = played().await;
        tokio::time::resume();
        let browser = Browser::start().await;
        test(&browser, day).await;
    });
}

impl Browser {
    pub async fn start() -> Self {
        let driver = Driver::start();
        let (session, process) = driver.session().await;
        let browser = Self {
            driver,
            session,
            process,
            view: Cell::new(View::DESK),
            hand: Cell::new(Hand::Mouse),
            scripts: Cell::new(true),
            patience: Cell::new(COMES_BY),
        };
        browser.look(View::DESK).await;
        browser
    }

    /// The driver's process and Chromium's first one.
    pub fn processes(&self) -> [u64; 2] {
        [u64::from(self.driver.process()), self.process]
    }

    /// Where they keep what they need.
    pub fn folder(&self) -> &std::path::Path {
        self.driver.folder()
    }

    /// For tests of what does not come.
    pub fn impatient(&self) {
        self.patience.set(LOOK_EVERY * 5);
    }

    /// From here on pages are looked at like this. Nothing moves: a picture of a page that is still fading in is a matter of luck.
    pub async fn look(&self, view: View) {
        self.view.set(view);
        let size = json!({"width": view.width, "height": view.height(), "deviceScaleFactor": 1, "mobile": view.narrow()});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": view.scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    pub fn view(&self) -> View {
        self.view.get()
    }

    /// From here on pages are used by this hand.
    pub fn by(&self, hand: Hand) {
        self.hand.set(hand);
    }

    pub fn hand(&self) -> Hand {
        self.hand.get()
    }

    /// From here on every answer takes so much longer.
    pub async fn slow_by(&self, millis: u32) {
        let slow = json!({"offline": false, "latency": millis, "downloadThroughput": -1, "uploadThroughput": -1});
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", slow).await;
    }

    /// Pages that are opened from here on run no script of theirs.
    pub async fn without_scripts(&self) {
        self.scripts.set(false);
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true}))
            .await;
    }

    pub fn runs_scripts(&self) -> bool {
        self.scripts.get()
    }

    pub async fn open(&self, address: &str) {
        self.post("/url", json!({"url": address})).await;
    }

    /// Where the browser is, as its bar of addresses says.
    pub async fn address(&self) -> String {
        let address = self.run("return location.href", json!([])).await;
        address.as_str().expect("a page has an address").to_owned()
    }

    /// All that can be read on the page, its white space made even.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body.innerText", json!([])).await;
        even(text.as_str().unwrap_or_default())
    }

    /// Waits until this can be read on the page.
    pub async fn shows(&self, words: &str) {
        let found = self.comes("return document.body && document.body.innerText", |text| {
            even(text.as_str().unwrap_or_default()).contains(words)
        });
        if let Err(instead) = found.await {
            panic!("“{words}” cannot be read at {}: {instead}", self.address().await);
        }
    }

    /// Strikes keys together: the last one while the others are held.
    pub async fn strike(&self, keys: &[&str]) {
        let down = keys.iter().map(|key| json!({"type": "keyDown", "value": key}));
        let up = keys.iter().rev().map(|key| json!({"type": "keyUp", "value": key}));
        self.keys(down.chain(up).collect()).await;
    }

    /// Writes where the focus is, a letter after the other.
    pub async fn write(&self, text: &str) {
        let letters = text.chars().map(|letter| letter.to_string());
        let struck = letters.flat_map(|key| ["keyDown", "keyUp"].map(|how| json!({"type": how, "value": key})));
        self.keys(struck.collect()).await;
    }

    async fn keys(&self, actions: Vec<Value>) {
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.post("/actions", json!({"actions": [keyboard]})).await;
    }

    /// What has the focus, by the name that is read out to people who cannot see it.
    pub async fn focus(&self) -> String {
        let active = self.get("/element/active").await;
        let element = active[ELEMENT].as_str().expect("something has the focus");
        let name = self.get(&format!("/element/{element}/computedlabel")).await;
        even(name.as_str().unwrap_or_default())
    }

    /// Waits until a script of ours says that it is so.
    pub async fn becomes(&self, what: &str, script: &str) {
        if let Err(instead) = self.comes(script, |value| *value == Value::Bool(true)).await {
            panic!("{what} does not come about at {}: {instead}", self.address().await);
        }
    }

    /// The page as a PNG, from its top to its end.
    pub async fn picture(&self) -> Vec<u8> {
        let tall = self.run("return document.documentElement.scrollHeight", json!([])).await;
        let height = tall
            .as_u64()
            .unwrap_or(0)
            .clamp(u64::from(self.view().height()), PICTURE_HEIGHT_MAX);
        let clip = json!({"x": 0, "y": 0, "width": self.view().width, "height": height, "scale": 1});
        let shot = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let picture = self.devtools("Page.captureScreenshot", shot).await;
        let text = picture["data"].as_str().expect("a picture");
        BASE64.decode(text.as_bytes()).expect("a picture in base64")
    }

    /// Leaves a picture of the page under this name and the view's, if pictures are wanted.
    pub async fn keep_picture(&self, name: &str) {
        let Some(folder) = std::env::var_os(PICTURES).map(PathBuf::from) else {
            return;
        };
        let file = folder.join(format!("{name}-{}.png", self.view()));
        std::fs::write(&file, self.picture().await).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// Runs a script of ours in the page; its value. It works where the page's own scripts are off.
    pub async fn run(&self, script: &str, arguments: Value) -> Value {
        let body = json!({"script": script, "args": arguments});
        self.post("/execute/sync", body).await
    }

    /// The same, with a script that calls its last argument when it is done.
    pub async fn run_until_done(&self, script: &str, arguments: Value) -> Value {
        let body = json!({"script": script, "args": arguments});
        self.post("/execute/async", body).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let done = self.command(Method::Post, path, Some(body)).await;
        done.unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.driver.last_words()))
    }

    async fn get(&self, path: &str) -> Value {
        let done = self.command(Method::Get, path, None).await;
        done.unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.driver.last_words()))
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters}))
            .await
    }

    async fn command(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, String> {
        let path = format!("/session/{}{path}", self.session);
        self.driver.call(method, &path, body).await
    }

    /// Waits until a script finds one element and no second one.
    pub async fn the_one(&self, script: &str, arguments: Value, name: &str) -> String {
        let one = |found: &Value| found.as_array().is_some_and(|found| found.len() == 1);
        match self.comes_with(script, arguments, one).await {
            Ok(found) => found[0][ELEMENT].as_str().expect("an element").to_owned(),
            Err(instead) => {
                let found: usize = instead.matches(ELEMENT).count();
                panic!(
                    "{found} of “{name}” at {}, and not one: {}",
                    self.address().await,
                    self.text().await
                )
            }
        }
    }

    async fn comes(&self, script: &str, enough: impl Fn(&Value) -> bool) -> Result<Value, String> {
        self.comes_with(script, json!([]), enough).await
    }

    /// Looks again until a script's value is what is waited for; at the end, what it was instead. A page that is just being left
    /// refuses a script, and then it is the next page that is asked.
    async fn comes_with(&self, script: &str, arguments: Value, enough: impl Fn(&Value) -> bool) -> Result<Value, String> {
        let clock = PacedClock::system();
        let began = clock.now();
        let body = json!({"script": script, "args": arguments});
        loop {
            let instead = match self.command(Method::Post, "/execute/sync", Some(body.clone())).await {
                Ok(value) if enough(&value) => return Ok(value),
                Ok(Value::String(text)) => even(&text),
                Ok(value) => value.to_string(),
                Err(error) => error,
            };
            if clock.now().since(began) >= self.patience.get() {
                return Err(instead);
            }
            look_again().await;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "looks again at another process, which runs in real time"
)]
async fn look_again() {
    tokio::time::sleep(LOOK_EVERY).await;
}

pub fn even(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
