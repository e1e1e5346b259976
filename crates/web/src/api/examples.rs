//! The examples of the description, built from the shapes themselves, so that none shows a field that is not there. A file a group of
//! resources; here is what they share, and what every operation answers when it refuses.

mod cards;
mod counts;
mod house;
mod mappings;
mod orders;
mod outcomes;
pub mod people;
pub mod proposals;
mod systems;

use serde_json::Value;
use tallyman_core::access::{self, Denied};
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::time::Timestamp;

use crate::api::access::Right;
use crate::api::problem::{self, Problem};

pub use cards::*;
pub use counts::*;
pub use house::*;
pub use mappings::*;
pub use orders::*;
pub use outcomes::*;
pub use systems::*;

const CARD: &str = "MHRV3TDXWWQ7JJ6N";
const EFFECT: &str = "KTZ2KQ4WLM5XR7PC";
const JOURNEY: &str = "QJ5ZV2LAW7NDKX3E";
const ORDER: &str = "VS-536365";
/// 2026-11-02T09:00:00Z
const MORNING: Timestamp = Timestamp::from_micros(1_793_610_000_000_000);
const NOON: Timestamp = Timestamp::from_micros(1_793_620_800_000_000);

fn cell() -> Cell {
    Cell::new(Table::CarrierOut, "virtualstock-acme", "pigeon")
}

pub fn moved() -> Problem {
    let detail = "The card has changed since you saw it (version 3, now 4). Look at it again; nothing was changed.";
    let remedy = "Get the card again, look at its history, and act on the version that it has now.";
    Problem::new(problem::Kind::Moved, detail, remedy).about(CARD)
}

pub fn refused() -> Problem {
    let detail = "ours, text `six`: a unit is mapped to how many of the ledger's stock unit one of theirs is, such as 6 or 1/6.";
    let problem = Problem::new(
        problem::Kind::Refused,
        detail,
        "Correct it and ask again; nothing was changed.",
    );
    problem.about("unit of item `CASE` of `virtualstock-acme`").in_field("ours")
}

/// Of every operation.
pub fn unreadable() -> Value {
    let problem = Problem::unreadable("tema", "unknown field `tema`, expected one of `team`, `code`");
    serde_json::to_value(problem).unwrap_or_default()
}

/// Of every operation.
pub fn not_allowed() -> Value {
    let denied = Denied {
        kind: access::Kind::Token,
        name: "console".into(),
        right: Right::Act,
        company: "acme".into(),
        why: access::Why::NoRight,
    };
    serde_json::to_value(Problem::from(denied)).unwrap_or_default()
}
