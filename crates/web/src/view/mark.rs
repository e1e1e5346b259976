//! The four states, each with its own shape and its own word: done, waiting, needs someone, unknown. And nothing yet.

use maud::{Markup, html};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Done,
    Waiting,
    /// A person is needed. Nothing else is red.
    Needs,
    /// Nobody can tell. It looks like neither success nor failure.
    Unknown,
    /// Not yet.
    None,
}

impl Kind {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Waiting => "waiting",
            Self::Needs => "needs",
            Self::Unknown => "unknown",
            Self::None => "none",
        }
    }
}

/// The shape alone, with its word for whoever cannot see it or points at it; beside a word that stands there, leave it out.
pub fn mark(kind: Kind, word: Option<&str>) -> Markup {
    let (role, hidden) = (word.map(|_| "img"), word.is_none().then_some("true"));
    html! {
        svg class={ "mark " (kind.class()) } viewBox="0 0 16 16" role=[role] aria-label=[word] aria-hidden=[hidden] {
            @if let Some(word) = word { title { (word) } }
            (shape(kind))
        }
    }
}

/// The shape within a picture, its corner there.
pub fn mark_at(kind: Kind, x: u32, y: u32) -> Markup {
    html! { svg class=(kind.class()) x=(x) y=(y) width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" { (shape(kind)) } }
}

/// The shape and its word.
pub fn state(kind: Kind, word: &str) -> Markup {
    html! { span class={ "state " (kind.class()) } { (mark(kind, None)) (word) } }
}

fn shape(kind: Kind) -> Markup {
    let line = "currentColor";
    let ground = "var(--surface)";
    match kind {
        Kind::Done => html! {
            circle cx="8" cy="8" r="7" fill=(line) {}
            path d="M4.8 8.3l2.2 2.2 4.2-4.6" fill="none" stroke=(ground) stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" {}
        },
        Kind::Waiting => html! {
            circle cx="8" cy="8" r="6.2" fill="none" stroke=(line) stroke-width="1.6" {}
            path d="M8 4.6V8l2.3 1.5" fill="none" stroke=(line) stroke-width="1.6" stroke-linecap="round" {}
        },
        Kind::Needs => html! {
            path d="M8 1.4l7 12.4q.3.7-.5.8H1.5q-.8-.1-.5-.8z" fill=(line) {}
            path d="M8 5.8v3.7M8 11.9v.1" stroke=(ground) stroke-width="1.7" stroke-linecap="round" {}
        },
        Kind::Unknown => html! {
            rect x="1.6" y="1.6" width="12.8" height="12.8" rx="3.4" fill="none" stroke=(line) stroke-width="1.5" stroke-dasharray="2.6 1.7" {}
            path d="M6.1 6.3q.2-1.7 1.9-1.7t1.9 1.6q0 1-1.1 1.6-.8.5-.8 1.4M8 11.4v.1" fill="none" stroke=(line) stroke-width="1.6"
                stroke-linecap="round" {}
        },
        Kind::None => html! { circle cx="8" cy="8" r="6.2" fill="none" stroke="var(--rule)" stroke-width="1.6" {} },
    }
}
