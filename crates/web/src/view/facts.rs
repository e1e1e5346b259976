//! Facts in pairs: beside each other at the head of a page, or one under another.

use maud::{Markup, html};

/// The few facts that everybody asks for first.
pub fn keys(pairs: &[(&str, Markup)]) -> Markup {
    html! { dl.keys { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } } }
}

/// Facts one under another.
pub fn facts(pairs: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (name, value) in pairs { dt { (name) } dd { (value) } } } }
}
