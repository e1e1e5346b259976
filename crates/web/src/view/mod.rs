//! Components: functions from what is known to markup. A page is made of them and of nothing else.
//!
//! Everything that is shown is escaped by `maud`; nothing here writes text as it is. Each file is one component or a few of a kind.
//!
//! Not here: what is fetched, what may be seen, and what a word means to the business. A component is handed what it shows.

pub mod facts;
pub mod field;
pub mod frame;
pub mod link;
pub mod mark;
pub mod money;
pub mod panel;
pub mod problem;
pub mod qr;
pub mod time;

pub use frame::{Frame, Page, Place, alone, page};
pub use link::Link;
pub use mark::{Kind, mark, state};

/// A word as a heading or a cell begins with it.
pub fn capital(word: &str) -> String {
    let word = word.replace('_', " ");
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => word,
    }
}

/// So many of a thing, in words: `1 order`, `3 orders`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        money::grouped(&number.to_string()),
        if number == 1 { one } else { many }
    )
}
