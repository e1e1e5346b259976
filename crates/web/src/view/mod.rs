//! Components: functions from what is known to markup. A page is made of them and of nothing else.
//!
//! Everything that is shown is escaped by `maud`; nothing here writes text as it is. Each file is one component or a few of a kind.
//!
//! Not here: what is fetched, what may be seen, and what a word means to the business. A component is handed what it shows.

use maud::{Markup, html};

pub mod chart;
pub mod facts;
pub mod field;
pub mod frame;
pub mod keys;
pub mod link;
pub mod live;
pub mod map;
pub mod mark;
pub mod money;
pub mod panel;
pub mod problem;
pub mod qr;
pub mod rail;
pub mod time;

pub use frame::{Frame, Page, alone, page};
pub use link::Link;
pub use live::live;
pub use mark::{Kind, mark, state};
pub use rail::Place;

/// A sentence in which words between backticks are names that somebody types or reads elsewhere: they are shown so. A backtick without
/// its other one is what it is.
pub fn words(sentence: &str) -> Markup {
    let parts: Vec<&str> = sentence.split('`').collect();
    let paired = parts.len() % 2 == 1;
    html! {
        @if paired {
            @for (index, part) in parts.iter().enumerate() { @if index % 2 == 0 { (part) } @else { code { (part) } } }
        } @else {
            (sentence)
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_between_backticks_are_names_and_nothing_is_markup() {
        assert_eq!(
            words("Answer `again`, or <b>.").into_string(),
            "Answer <code>again</code>, or &lt;b&gt;."
        );
        assert_eq!(words("`<b>`").into_string(), "<code>&lt;b&gt;</code>");
        assert_eq!(words("5` and no more").into_string(), "5` and no more");
    }
}
