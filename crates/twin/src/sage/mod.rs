//! Sage 200, as far as orders and despatches need it: one site, its companies, its Sage ID.

pub mod books;

use crate::call::{Request, Response, Vendor};
use crate::clock::Instant;
use crate::faults::Counts;
use crate::settings::Settings;

pub struct Sage {
    pub books: books::Rows,
}

impl Sage {
    pub fn new(_settings: &Settings, _counts: Counts) -> Self {
        Self { books: books::Rows::default() }
    }

    /// Someone keys an order of their own content in the desktop program, under this customer reference.
    pub fn key_by_hand(&mut self, _company: u32, _customer_document_no: &str, _now: Instant) {}
}

impl Vendor for Sage {
    fn handle(&mut self, _request: &Request, _now: Instant) -> Response {
        Response::empty(404)
    }
}
