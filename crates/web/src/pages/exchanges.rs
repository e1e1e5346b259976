//! The part of an order's page that shows what was said in each attempt: folded away, masked, with the difference to the attempt before.

use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::done::Done;
use crate::api::access::Right;
use crate::api::exchanges::{self, Attempt, Exchanges, Line};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::form::Form;
use crate::guard::see_other;
use crate::view::field::{Text, text};
use crate::view::panel::{empty, raw};
use crate::view::time::Local;
use crate::view::{Kind, Link, capital, mark};

/// Attempts shown at once; more are folded away together.
const SHOWN: usize = 10;

/// Why somebody needs to see it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Why {
    #[serde(default)]
    reason: String,
}

/// Takes the masks off, after the journal has its line.
pub async fn unmask(inside: Inside, Path(journey): Path<String>, Form(why): Form<Why>) -> Result<Response, Problem> {
    let page = Link::to(format!("/orders/{journey}")).and("done", Some(Done::Unmasked.name()));
    match exchanges::word(&inside, &journey, &why.reason).await {
        Ok(()) => Ok(see_other(&format!("{page}#h-exchanges"))),
        Err(refused) => super::journey::answer(&inside, &journey, refused).await,
    }
}

/// The panel.
pub fn panel(inside: &Inside, company: &str, journey: &str, found: &Exchanges, local: &Local) -> Markup {
    let may = inside.caller.may(Right::Unmask, company, None).is_ok();
    let aside = match found.unmasked_until {
        Some(_) => "unmasked, for you and for ten minutes",
        None => "secrets and persons are masked",
    };
    let (first, rest) = found.attempts.split_at(found.attempts.len().min(SHOWN));
    let body = html! {
        @if found.attempts.is_empty() {
            (empty("Nothing was kept", html! { "When something is written for this order, what was sent and answered is kept here: for some days if it succeeded, and with the order if it did not." }))
        } @else {
            div.body.stack {
                @if let Some(until) = found.unmasked_until { p.small.muted { "Masked again after " (local.exactly(until.0)) "." } }
                @for attempt in first { (one(attempt, local)) }
                @if !rest.is_empty() {
                    details.more { summary { "Earlier attempts: " (rest.len()) } div.stack { @for attempt in rest { (one(attempt, local)) } } }
                }
                @if may && found.unmasked_until.is_none() { (form(journey)) }
            }
        }
    };
    raw("exchanges", "What was said", Some(aside), body)
}

fn form(journey: &str) -> Markup {
    let reason = Text {
        name: "reason",
        label: "Why you need to see what is masked",
        help: Some("The journal keeps it with your name, before anything is shown. Name no customer."),
        chars_max: 500,
        required: true,
        ..Text::default()
    };
    html! {
        details.act {
            summary { "Take the masks off …" }
            form.form action={ "/orders/" (journey) "/unmask" } method="post" { (text(reason, None)) div.acts { button { "Show it for ten minutes" } } }
        }
    }
}

fn how(attempt: &Attempt) -> (Kind, &'static str) {
    match attempt.outcome.as_str() {
        "done" | "landed" => (Kind::Done, "done"),
        "unknown" | "lost" | "unclear" => (Kind::Unknown, "not known"),
        "refused" | "parked" => (Kind::Needs, "refused"),
        "absent" => (Kind::Waiting, "not there"),
        _ => (Kind::Waiting, "put off"),
    }
}

fn one(attempt: &Attempt, local: &Local) -> Markup {
    let (kind, word) = how(attempt);
    let by = match attempt.by.as_str() {
        "look" => "looked for",
        "probe" => "asked about",
        _ => "sent",
    };
    html! {
        details.more {
            summary { (mark(kind, Some(word))) " " (local.exactly(attempt.at.0)) " " (capital(attempt.what)) ", " (by) ": " (word) }
            div.stack {
                @if attempt.calls.is_empty() { p.muted { "What was said is not kept any more." } }
                @for call in &attempt.calls {
                    div.tight {
                        h3.lines { (call.request) }
                        @if !call.body.is_empty() { pre tabindex="0" role="region" aria-label="What was sent" { (call.body) } }
                        h3 { @match call.status { Some(status) => { "Answer " (status) }, None => "No answer" } }
                        @if !call.answer.is_empty() { pre tabindex="0" role="region" aria-label="What was answered" { (call.answer) } }
                    }
                }
                @if let Some(difference) = &attempt.difference { (differs(difference)) }
            }
        }
    }
}

/// Only what is not the same, with a line around it.
fn differs(lines: &[Line]) -> Markup {
    let changed = |at: usize| lines.get(at).is_some_and(|line| line.mark != "same");
    let near = |at: usize| changed(at) || changed(at + 1) || at.checked_sub(1).is_some_and(changed);
    html! {
        @if lines.iter().all(|line| line.mark == "same") {
            p.muted { "The same as in the attempt before." }
        } @else {
            div.tight {
                h3 { "Not as in the attempt before" }
                pre tabindex="0" role="region" aria-label="Difference to the attempt before" {
                    @for (at, line) in lines.iter().enumerate() {
                        @if near(at) {
                            @match line.mark {
                                "gone" => del { "- " (line.text) },
                                "new" => ins { "+ " (line.text) },
                                _ => { "  " (line.text) },
                            }
                            "\n"
                        }
                    }
                }
            }
        }
    }
}
