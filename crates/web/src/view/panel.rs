//! Panels, notes, and what happened in its order.

use maud::{Markup, html};

use super::mark::{Kind, mark};

/// A panel with room around what it holds.
pub fn panel(id: &str, title: &str, aside: Option<&str>, body: Markup) -> Markup {
    raw(id, title, aside, html! { div.body { (body) } })
}

/// A panel whose table goes to its edges.
pub fn raw(id: &str, title: &str, aside: Option<&str>, body: Markup) -> Markup {
    let heading = format!("h-{id}");
    html! {
        section.panel #(id) aria-labelledby=(heading) {
            header {
                h2 #(heading) { (title) }
                @if let Some(aside) = aside { p { (aside) } }
            }
            (body)
        }
    }
}

/// Something that is said about the page, with its state.
pub fn note(kind: Kind, body: Markup) -> Markup {
    html! { div class={ "note " (kind.class()) } role="status" { (mark(kind, None)) div { (body) } } }
}

/// Where nothing is: what will appear here, and how the first comes about.
pub fn empty(title: &str, body: Markup) -> Markup {
    html! { div.empty { h2 { (title) } p.muted { (body) } } }
}

/// One thing that happened.
pub fn happened(at: Markup, kind: Option<Kind>, body: Markup) -> Markup {
    html! {
        li {
            (at)
            @match kind {
                Some(kind) => (mark(kind, None)),
                None => span.dot {},
            }
            div { (body) }
        }
    }
}
