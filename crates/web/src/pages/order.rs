//! The way to an order, wherever one is named: a link for whoever may see it, and else its name. A way that only refuses is not shown.

use maud::{Markup, html};

use crate::api::access::Right;
use crate::api::inside::Inside;

/// What it is called, leading to its page.
pub fn to(inside: &Inside, company: &str, journey: &str, called: &str) -> Markup {
    html! {
        @if inside.has(Right::Follow, company) { a href={ "/orders/" (journey) } { (called) } } @else { (called) }
    }
}

/// The same as what a row is about.
pub fn titled(inside: &Inside, company: &str, journey: &str, called: &str) -> Markup {
    html! {
        @if inside.has(Right::Follow, company) { a.title href={ "/orders/" (journey) } { (called) } } @else { b.title { (called) } }
    }
}
