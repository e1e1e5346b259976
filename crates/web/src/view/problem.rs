//! What cannot be done, as a page: what is wrong, why, and what to do.

use axum::http::StatusCode;
use maud::{Markup, html};

use super::mark::{Kind as State, mark};
use super::{Frame, Page, frame, words};
use crate::api::problem::{Kind, Problem};

/// What the answer that shows it has as its status.
pub fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Unreadable => "This cannot be read as it was meant",
        Kind::NoToken => "You are not signed in",
        Kind::NotAllowed => "You may not do this",
        Kind::NotFound => "There is nothing here",
        Kind::WrongMethod => "This page is not asked for in this way",
        Kind::Moved => "It has changed meanwhile",
        Kind::TooLarge => "This is too large",
        Kind::Refused => "It was refused",
        Kind::Failed => "Something is wrong with this program",
        Kind::TooMany => "Too many at a time",
        Kind::Unavailable => "Not now",
    }
}

/// What a person at a page does about it; what the API says is for who writes programs.
fn remedy(problem: &Problem) -> &str {
    match problem.kind {
        Kind::Unreadable => "Go back, correct it, and send it again.",
        Kind::NoToken => "Sign in, and open the page again.",
        Kind::NotAllowed if problem.remedy.contains("[[api.token]]") => {
            "Ask somebody who may, or an administrator for the right."
        }
        Kind::NotFound => "Look for it in its list, or find the order by any of its numbers above.",
        Kind::WrongMethod => "Go back to the page that you came from.",
        Kind::Moved => "Look at it as it is now, and decide again. Nothing was changed.",
        Kind::NotAllowed | Kind::TooLarge | Kind::Refused | Kind::Failed | Kind::TooMany | Kind::Unavailable => &problem.remedy,
    }
}

/// What was wrong, above the page on which it was tried.
pub fn refused(problem: &Problem) -> Markup {
    html! {
        div.note.needs role="alert" {
            (mark(State::Needs, None))
            div { b { (title(problem.kind)) ". " } span.lines { (words(&problem.detail)) } " " span.muted { (words(remedy(problem))) } }
        }
    }
}

fn said(problem: &Problem) -> Markup {
    html! { p.lines { (words(&problem.detail)) } p.muted { (words(remedy(problem))) } }
}

/// In the frame, to somebody who has signed in.
pub fn framed(whose: &Frame, problem: &Problem) -> Page {
    let body = html! {
        (frame::head(None, html! { (title(problem.kind)) }, html! {}, html! {}))
        div.tight { (said(problem)) }
    };
    frame::page(whose, title(problem.kind), body).with(status(problem))
}

/// To somebody who has not.
pub fn alone(problem: &Problem) -> Page {
    let body = html! { h1 { (title(problem.kind)) } div.tight { (said(problem)) } };
    frame::alone(title(problem.kind), body).with(status(problem))
}
