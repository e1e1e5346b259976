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
        Self { status, headers: vec![("content-type", "application/json".into())], body: body.into() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self { status, headers: vec![("content-type", content_type.into())], body: Bytes::copy_from_slice(body.as_bytes()) }
    }
}

/// Why a caller got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// No connection was made: the only loss that proves that nothing arrived.
    NotConnected,
    /// The connection broke after it was made: the request may have been carried out, now or later.
    NoAnswer,
}

/// A vendor's books and rules. `handle` commits at once; every delay and loss is the wire's affair.
pub trait Vendor: Send {
    fn handle(&mut self, request: &Request, now: Instant) -> Response;
}
