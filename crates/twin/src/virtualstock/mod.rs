//! Virtualstock.

use crate::call::{Request, Response, Vendor};
use crate::clock::Instant;
use crate::faults::Counts;
use crate::settings::Settings;

pub struct Virtualstock {}

impl Virtualstock {
    pub fn new(_settings: &Settings, _counts: Counts) -> Self {
        Self {}
    }
}

impl Vendor for Virtualstock {
    fn handle(&mut self, _request: &Request, _now: Instant) -> Response {
        Response::empty(404)
    }
}
