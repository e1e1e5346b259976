//! Somebody who looks at pages and sends their forms, as a browser without scripts does.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use tallyman_tests::doorman::ByToken;
pub use tallyman_tests::doorman::PASSWORD;
use tallyman_tests::morning::{Morning, access, running};
use tallyman_tests::scene::Scene;
use tallyman_web::Running;
use tallyman_web::api::access::Access;
use tallyman_web::guard::Doorman;
use tower::ServiceExt;

/// Larger than any page of these tests.
const PAGE_BYTES_MAX: usize = 2_000_000;
pub struct Console {
    router: Router,
}

/// What was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The page, of an answer that is one and went well.
    #[track_caller]
    pub fn page(self) -> String {
        self.with(200)
    }

    /// The page, of an answer with this status.
    #[track_caller]
    pub fn with(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(self.headers[header::CACHE_CONTROL], "no-store");
        is_sound(&self.text);
        self.text
    }

    /// Where it leads, of an answer that is 303.
    #[track_caller]
    pub fn leads_to(self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.headers[header::LOCATION].to_str().expect("an address").to_owned()
    }
}

/// What holds of every page: no script and no style stands in it, and no id stands twice.
#[track_caller]
fn is_sound(page: &str) {
    for script in page.split("<script").skip(1) {
        assert!(
            script.starts_with(" src=\"/static/") && script.contains("></script>"),
            "a script stands in {page}"
        );
    }
    for never in ["style=", "javascript:", "<style"] {
        assert!(!page.contains(never), "{never} stands in {page}");
    }
    let mut ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice in {page}");
    for id in page.split(" for=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(
            ids.binary_search(&id).is_ok(),
            "a label is for {id}, which is not there: {page}"
        );
    }
}

impl Console {
    pub async fn of(morning: &Morning) -> Self {
        Self::knowing(&morning.scene, access()).await
    }

    /// For these people: each has what opens the API to them as a cookie too.
    pub async fn knowing(scene: &Scene, access: Access) -> Self {
        let doorman = Arc::new(ByToken(access.clone()));
        Self::with(running(scene, "console").await, access, doorman)
    }

    /// Behind another door.
    pub fn with(running: Arc<Running>, access: Access, doorman: Arc<dyn Doorman>) -> Self {
        Self {
            router: tallyman_web::with_pages(running, Arc::new(access), doorman),
        }
    }

    /// What is answered, as it comes.
    pub async fn answer(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.expect("a router answers always")
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let answer = self.answer(request).await;
        let (head, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, PAGE_BYTES_MAX).await.expect("a body");
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// A page, as somebody with this cookie asks for it.
    pub async fn get(&self, who: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, format!("tallyman={who}"));
        self.call(request.body(Body::empty()).expect("a request")).await
    }

    /// A form of a page of ours.
    pub async fn post(&self, who: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let request = Request::post(path)
            .header(header::COOKIE, format!("tallyman={who}"))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.call(request.body(Body::from(pairs.join("&"))).expect("a request")).await
    }
}

/// A value as a browser writes it into a form or an address.
pub fn encoded(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(byte).collect()
}

/// The value of a hidden field.
#[track_caller]
pub fn hidden(page: &str, name: &str) -> String {
    let wanted = format!("name=\"{name}\" value=\"");
    let rest = page.split(&wanted).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().expect("it ends").to_owned()
}

/// The addresses that a page leads to, as a browser reads them.
pub fn links(page: &str) -> Vec<String> {
    let all = page.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    all.map(|link| link.replace("&amp;", "&")).collect()
}
