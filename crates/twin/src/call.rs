//! One HTTP exchange as bytes, and what a vendor is: a state machine that answers it.

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::clock::Instant;

/// A request as it reaches a vendor: the path starts after the vendor's own prefix of the twin's address.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// With its leading slash, percent-encoding kept: `/uk/sage200extra/accounts/v1/sop_orders`.
    pub path: String,
    /// Without the question mark, percent-encoding kept; empty when there is none.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A vendor's answer.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

impl Response {
    pub fn json(status: u16, body: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("a vendor's answer is always JSON");
        Self {
            status,
            headers: vec![("content-type", "application/json".into())],
            body: body.into(),
        }
    }

    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// The same answer with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.into())],
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }
}

/// Why a caller got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No connection was made: the only loss that proves that nothing arrived.
    #[error("no connection was made")]
    NotConnected,
    /// The connection broke after it was made: the request may have been carried out, now or later.
    #[error("the connection broke before an answer")]
    NoAnswer,
}

/// A vendor's books and rules. `handle` commits at once; every delay and loss is the wire's affair.
pub trait Vendor: Send {
    fn handle(&mut self, request: &Request, now: Instant) -> Response;

    /// What a caller sees when the vendor's machines fail (500, 502, 503): by default a gateway's page of HTML.
    fn failure(&self, status: u16) -> Response {
        let reason = http::StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Error");
        let page = format!("<html><head><title>{status} {reason}</title></head><body><h1>{status} {reason}</h1></body></html>");
        Response::text(status, "text/html; charset=utf-8", &page)
    }
}

/// The pairs of a query string or a form body, decoded; a pair without `=` has an empty value.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Percent-decoding with `+` as a space. What is no valid escape stays as it is; what is no UTF-8 is replaced.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let escape = (first == b'%').then(|| tail.get(..2)).flatten();
        match escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => bytes.push(if first == b'+' { b' ' } else { first }),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_broken_escapes_stay() {
        let read = pairs("%24filter=a%20eq+%27b%27&x&y=%zz%4");
        let read: Vec<(&str, &str)> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, [("$filter", "a eq 'b'"), ("x", ""), ("y", "%zz%4")]);
    }
}
