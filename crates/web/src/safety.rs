//! What every answer tells the browser to be strict about.
//!
//! Nothing runs and nothing is loaded but what this server sends; no inline script, no inline style, no frame around a page.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Two years, as browsers ask for.
const ONLY_HTTPS: &str = "max-age=63072000";

/// Whether people reach this server by https, as its configuration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    Https,
    /// On this machine, or by nobody yet.
    Plain,
}

pub async fn strict(State(reached): State<Reached>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if reached == Reached::Https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ONLY_HTTPS));
    }
    response
}
