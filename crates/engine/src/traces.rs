//! What a trace may say: all spans are made here, so that what leaves the house is read in one place.
//!
//! A span names methods, routes as they are written in the program, connections, kinds of writes and a closed list of words. Never a query,
//! an address that was asked for, a reference, a person. It costs nothing unless somebody collects spans of [`TARGET`]; logs leave them out.
//!
//! Not here: where they are sent (the binary's `traces`).

use tallyman_core::ident::Connection;
use tallyman_core::seam::{Lost, Method, Reply};
use tracing::field::Empty;
use tracing::{Span, info_span};

/// By what the spans of a trace are told from all else that is logged.
pub const TARGET: &str = "tallyman::traces";

const ERROR: &str = "ERROR";

/// Somebody asks us. The route is the one that matched, with the names of its parts in their place; none where nothing did.
pub fn request(method: &'static str, route: Option<&str>) -> Span {
    let span = info_span!(
        target: TARGET,
        "request",
        otel.name = %format_args!("{method} {}", route.unwrap_or("elsewhere")),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = Empty,
        http.response.status_code = Empty,
    );
    if let Some(route) = route {
        span.record("http.route", route);
    }
    span
}

/// With what a request is answered. That the asker was wrong is no error of ours.
pub fn replied(span: &Span, status: u16) {
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", ERROR);
    }
}

/// One attempt at a write.
pub fn attempt(effect: &str, connection: &Connection) -> Span {
    info_span!(
        target: TARGET,
        "attempt",
        otel.name = %format_args!("attempt {effect}"),
        tallyman.effect = effect,
        tallyman.connection = connection.as_str(),
        tallyman.outcome = Empty,
    )
}

/// One round of a feed.
pub fn round(feed: &str, connection: &Connection) -> Span {
    info_span!(
        target: TARGET,
        "round",
        otel.name = %format_args!("round {feed}"),
        tallyman.feed = feed,
        tallyman.connection = connection.as_str(),
        tallyman.outcome = Empty,
    )
}

/// What an attempt or a round came to, in a word.
pub fn came_to(span: &Span, outcome: &'static str) {
    span.record("tallyman.outcome", outcome);
}

/// One call of ours to somebody else. Its path may name a record, and is left out.
pub fn call(method: Method, connection: &Connection) -> Span {
    info_span!(
        target: TARGET,
        "call",
        otel.name = %format_args!("{} {connection}", method.as_str()),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = method.as_str(),
        http.response.status_code = Empty,
        error.type = Empty,
        tallyman.connection = connection.as_str(),
    )
}

/// One mail to a route of alerts.
pub fn mail(connection: &Connection) -> Span {
    info_span!(
        target: TARGET,
        "mail",
        otel.name = %format_args!("mail {connection}"),
        otel.kind = "client",
        otel.status_code = Empty,
        error.type = Empty,
        tallyman.connection = connection.as_str(),
    )
}

/// What was answered to a call.
pub fn answered(span: &Span, reply: &Result<Reply, Lost>) {
    match reply {
        Ok(reply) => {
            span.record("http.response.status_code", i64::from(reply.status));
            if reply.status >= 400 {
                span.record("otel.status_code", ERROR);
            }
        }
        Err(lost) => {
            span.record("otel.status_code", ERROR);
            // What was lost is told by a word: its own words are somebody else's.
            span.record("error.type", word(lost));
        }
    }
}

fn word(lost: &Lost) -> &'static str {
    match lost {
        Lost::NotConnected(_) => "not connected",
        Lost::NoAnswer(_) => "no answer",
        Lost::NotSignedIn { .. } => "not signed in",
        Lost::LeaseShort => "lease",
        Lost::TooLarge { .. } => "too large",
    }
}
