//! Mintsoft.

use crate::call::{Request, Response, Vendor};
use crate::clock::Instant;
use crate::faults::Counts;
use crate::settings::Settings;

pub struct Mintsoft {}

impl Mintsoft {
    pub fn new(_settings: &Settings, _counts: Counts) -> Self {
        Self {}
    }
}

impl Vendor for Mintsoft {
    fn handle(&mut self, _request: &Request, _now: Instant) -> Response {
        Response::empty(404)
    }
}
