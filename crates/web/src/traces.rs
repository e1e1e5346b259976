//! Each request is a span, named by the route that it matched and never by what was asked for.
//!
//! A stream's span ends where its answer begins. What callers say of traces of their own is not taken: whoever may reach us could
//! else write into anybody's.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use tallyman_engine::traces;
use tracing::Instrument;

pub async fn traced(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let span = traces::request(method(request.method()), route);
    let response = next.run(request).instrument(span.clone()).await;
    traces::replied(&span, response.status().as_u16());
    response
}

/// A caller may make a method up; it has one name here.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}
