//! The kit itself: it sees what is wrong with a page, does what a person does, and leaves nothing behind.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};

use super::faults;
use super::kit::{Browser, CONTROL, ENTER, View, browse};
use tallyman_tests::site::Site;

/// A page around some content; without any it is sound.
fn page(content: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=en-GB><head><meta charset=utf-8><title>A page</title><link rel=icon href=data:,>
        <meta name=viewport content='width=device-width, initial-scale=1'>
        <style>:root {{ background: #fff; color: #111 }} a {{ color: inherit }} #scheme::before {{ content: 'light' }}
        @media (prefers-color-scheme: dark) {{ :root {{ background: #111; color: #eee }} #scheme::before {{ content: 'dark' }} }}</style></head>
        <body><main><h1>A page</h1><p id=scheme></p>{content}</main></body></html>"
    ))
}

const FORM: &str = "<noscript><p>No script runs.</p></noscript><p id=live></p>
    <script>document.getElementById('live').textContent = 'Scripts run.'</script>
    <form method=post action=/save><label>Carrier <input name=carrier value=old></label>
    <label>Service <select name=service><option>Next day<option>Two days</select></label><button>Save</button></form>
    <a href=/>Back</a>";

async fn site() -> Site {
    let faulty = |content: &'static str| get(move || async move { page(content) });
    let router = Router::new()
        .route("/", faulty(FORM))
        .route(
            "/save",
            post(|body: String| async move { Redirect::to(&format!("/saved?{body}")) }),
        )
        .route(
            "/saved",
            get(|axum::extract::RawQuery(saved): axum::extract::RawQuery| async move {
                page(&format!("<p>Saved: <b>{}</b></p>", saved.unwrap_or_default()))
            }),
        )
        .route("/unnamed", faulty("<img class=truck src=data:,>"))
        .route("/pale", faulty("<p style='color: #eee; background: #fff'>Pale words</p>"))
        .route("/error", faulty("<script>console.error('a line of the page')</script>"))
        .route("/thrown", faulty("<script>throw new Error('a fault of the page')</script>"))
        .route("/lost", faulty("<img alt='A truck' src=/nowhere.png>"))
        .route("/wide", faulty("<p id=wide style='width: 600px'>Wide</p>"))
        .route(
            "/framed",
            faulty("<div tabindex=0 style='overflow-x: auto'><p style='width: 600px'>Wide</p></div>"),
        )
        .route(
            "/unseen",
            faulty("<style>button:focus { outline: none }</style><button>Save</button>"),
        );
    Site::of(router).await
}

/// The width that a PNG has.
fn width(png: &[u8]) -> u32 {
    u32::from_be_bytes(png[16..20].try_into().unwrap())
}

#[test]
fn a_sound_page_has_no_fault_and_is_seen_as_wide_and_as_dark_as_asked() {
    browse(async |browser| {
        let site = site().await;
        let mut pictures = Vec::new();
        for view in View::ALL {
            browser.look(view).await;
            browser.open(&site.at("/")).await;
            faults::none(browser, "form").await;
            let seen = browser
                .run(
                    "return [innerWidth, getComputedStyle(document.getElementById('scheme'), '::before').content]",
                    serde_json::json!([]),
                )
                .await;
            assert_eq!(seen, serde_json::json!([view.width, format!("\"{}\"", view.scheme)]));
            let picture = browser.picture().await;
            assert_eq!(width(&picture), view.width);
            assert!(!pictures.contains(&picture), "a picture is of its view");
            pictures.push(picture);
        }
    });
}

/// The faults of one page, narrow.
async fn faults_of(browser: &Browser, address: &str) -> Vec<String> {
    browser.look(View::ALL[2]).await;
    browser.open(address).await;
    faults::of(browser).await
}

#[test]
fn what_is_wrong_with_a_page_is_named() {
    browse(async |browser| {
        let site = site().await;
        for (path, kind, word) in [
            ("/unnamed", "axe: image-alt", "class=\"truck\""),
            ("/pale", "axe: color-contrast", "Pale words"),
            ("/error", "console: SEVERE", "a line of the page"),
            ("/thrown", "console: SEVERE", "a fault of the page"),
            ("/lost", "console: SEVERE", "/nowhere.png"),
            ("/wide", "width: wider than 390 px", "id=\"wide\""),
        ] {
            let faults = faults_of(browser, &site.at(path)).await;
            assert_eq!(faults.len(), 1, "{path}: {faults:#?}");
            assert!(faults[0].starts_with(kind) && faults[0].contains(word), "{path}: {faults:#?}");
        }
        // What scrolls in a frame of its own does not make the page too wide; and what was wrong before is not said again.
        assert_eq!(faults_of(browser, &site.at("/framed")).await, Vec::<String>::new());
    });
}

#[test]
#[should_panic(expected = "unnamed at 1280-light has 1 fault(s):\naxe: image-alt (critical): <img class=\"truck\"")]
fn a_page_with_a_fault_fails_its_test() {
    browse(async |browser| {
        let site = site().await;
        browser.open(&site.at("/unnamed")).await;
        faults::none(browser, "unnamed").await;
    });
}

#[test]
fn a_form_is_filled_in_and_sent_by_mouse() {
    browse(async |browser| {
        let site = site().await;
        browser.open(&site.at("/")).await;
        browser.shows("Scripts run.").await;
        browser.fill("Carrier", "north").await;
        browser.choose("Service", "Two days").await;
        browser.press("Save").await;
        browser.shows("Saved: carrier=north&service=Two+days").await;
        assert_eq!(browser.address().await, site.at("/saved?carrier=north&service=Two+days"));
    });
}

#[test]
fn a_form_is_filled_in_and_sent_by_keyboard_alone() {
    browse(async |browser| {
        let site = site().await;
        browser.open(&site.at("/")).await;
        browser.reach("Carrier").await;
        browser.strike(&[CONTROL, "a"]).await;
        browser.write("south").await;
        browser.reach("Service").await;
        browser.write("T").await;
        browser.reach("Save").await;
        browser.strike(&[ENTER]).await;
        browser.shows("Saved: carrier=south&service=Two+days").await;
    });
}

#[test]
#[should_panic(expected = "nobody can see that “Save” has the focus")]
fn a_focus_that_cannot_be_seen_fails() {
    browse(async |browser| {
        let site = site().await;
        browser.open(&site.at("/unseen")).await;
        browser.reach("Save").await;
    });
}

#[test]
fn a_page_works_with_scripts_off() {
    browse(async |browser| {
        let site = site().await;
        browser.without_scripts().await;
        browser.open(&site.at("/")).await;
        browser.shows("No script runs.").await;
        assert!(!browser.text().await.contains("Scripts run."));
        browser.fill("Carrier", "east").await;
        browser.press("Save").await;
        browser.shows("Saved: carrier=east&service=Next+day").await;
    });
}

#[test]
#[should_panic(expected = "“Saved” cannot be read")]
fn what_does_not_come_fails() {
    browse(async |browser| {
        let site = site().await;
        browser.impatient();
        browser.open(&site.at("/")).await;
        browser.shows("Saved").await;
    });
}

/// Whether a process is at work; one that has ended and that nobody has asked for is not.
fn runs(process: u64) -> bool {
    let state = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
    state.is_ok_and(|state| {
        !state
            .rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z'))
    })
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_is_left_behind_when_a_test_panics() {
    let (say, said) = channel();
    let test = std::thread::spawn(move || {
        browse(async |browser| {
            let left: ([u64; 2], PathBuf) = (browser.processes(), browser.folder().to_path_buf());
            assert!(left.0.into_iter().all(runs) && left.1.is_dir());
            say.send(left).unwrap();
            panic!("on purpose");
        });
    });
    let panic = test.join().expect_err("it panics");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
    let (processes, folder) = said.recv().unwrap();
    assert!(!processes.into_iter().any(runs), "{processes:?}");
    assert!(!folder.exists(), "{}", folder.display());
}
