//! The auditors.

use crate::books::Books;
use crate::clock::Instant;

#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Report {
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    pub money: Vec<String>,
    pub units: Vec<String>,
    pub orphan_drafts: u64,
    pub complete: u64,
}

pub fn audit(_books: &Books, _now: Instant) -> Report {
    Report::default()
}
