//! Answers that a client has already: each answer to a GET names its content (`ETag`), and whoever names it again (`If-None-Match`) is told
//! that it stands (304), without it.
//!
//! The name is a hash of what would be sent, so it holds for single things, lists and sheets alike, and nobody has to remember what belongs
//! to an answer. It saves the way, not the work.

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::problem::{Kind, Problem};

/// Larger answers are sent without a name.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of the hash that stand in it.
const HASH_BYTES: usize = 16;

/// What a request says that it has.
pub struct Has(Option<HeaderValue>);

impl Has {
    pub fn read(method: &Method, headers: &HeaderMap) -> Option<Self> {
        (*method == Method::GET).then(|| Self(headers.get(header::IF_NONE_MATCH).cloned()))
    }
}

/// The answer with its name, or that it stands.
pub async fn named(response: Response, has: &Has) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    // What is not there as a whole is not held back for a name.
    let whole = response
        .body()
        .size_hint()
        .exact()
        .is_some_and(|size| size <= BYTES_MAX as u64);
    if !whole {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, BYTES_MAX).await else {
        // It is in memory: there is nothing that could break off.
        return Problem::new(Kind::Failed, "The answer broke off.", "Ask again.").into_response();
    };
    let hash = Sha256::digest(&bytes);
    let name = format!("\"{}\"", HEXLOWER.encode(hash.get(..HASH_BYTES).unwrap_or(&hash)));
    let stands = has
        .0
        .as_ref()
        .and_then(|has| has.to_str().ok())
        .is_some_and(|has| matches(has, &name));
    if let Ok(value) = HeaderValue::from_str(&name) {
        head.headers.insert(header::ETAG, value);
    }
    if !stands {
        return Response::from_parts(head, Body::from(bytes));
    }
    head.status = StatusCode::NOT_MODIFIED;
    for of_body in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_DISPOSITION] {
        head.headers.remove(of_body);
    }
    Response::from_parts(head, Body::empty())
}

/// Weakly, as RFC 9110 compares for a GET.
fn matches(has: &str, name: &str) -> bool {
    has.trim() == "*" || has.split(',').any(|one| one.trim().trim_start_matches("W/") == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_a_client_may_write_them() {
        let name = "\"abc\"";
        for has in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert!(matches(has, name), "{has}");
        }
        for has in ["", "abc", "\"ab\"", "\"x\", \"y\""] {
            assert!(!matches(has, name), "{has}");
        }
    }
}
