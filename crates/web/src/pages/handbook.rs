//! Handbook: how a company works with Tallyman, written from what is configured. What each team owns, how each failure is cleared, by when,
//! who is told and who to ask; what changed since the last version, and who has read it.
//!
//! It is long, so a page has one chapter, the reader's own team's first, with each failure closed until somebody wants it. The whole book is one
//! page as well, and printed nothing of it is closed.

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::catalogue::Owner;

use super::answer::{above, again, leads_to};
use super::done::Done;
use super::{first_company, local};
use crate::api::access::Right;
use crate::api::handbook::{self, Chapter, Example, Failure, Handbook, Seen};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::{self, Path};
use crate::form::{Form, Query};
use crate::view::field::hidden;
use crate::view::frame::head;
use crate::view::panel::{note, panel, raw};
use crate::view::time::Local;
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, mark, page, state, words};

/// Whose, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
    /// A team, [`MASTERS`], or [`BOOK`]; the reader's own team where none is named.
    part: Option<String>,
    done: Option<Done>,
}

/// Who masters what: a chapter of nobody's.
const MASTERS: &str = "masters";
/// All chapters.
const BOOK: &str = "book";

/// The page.
pub async fn show(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let company = asked.company.clone().unwrap_or_else(|| first_company(&inside));
    render(&inside, &company, &asked, None).await
}

/// Somebody has read it.
pub async fn confirm(inside: Inside, Path(company): Path<String>, Form(seen): Form<Seen>) -> Result<Response, Problem> {
    match handbook::confirm(inside.clone(), Path(company.clone()), read::Json(seen)).await {
        Ok(Json(_)) => Ok(leads_to(
            Link::to("/handbook").and("company", Some(&company)),
            Done::ReadHandbook,
        )),
        Err(refused) => {
            let page = render(&inside, &company, &Asked::default(), Some(&refused)).await;
            again(page, refused)
        }
    }
}

async fn render(inside: &Inside, company: &str, asked: &Asked, refused: Option<&Problem>) -> Result<Page, Problem> {
    let Json(mut book) = handbook::get(inside.clone(), Path(company.to_owned())).await?;
    // Stable: apart from the reader's own teams, the order is the book's.
    book.chapters.sort_by_key(|chapter| !is_own(inside, company, chapter));
    let first = book.chapters.first().map_or(MASTERS, |chapter| chapter.team);
    let is_there = |part: &&str| [MASTERS, BOOK].contains(part) || book.chapters.iter().any(|chapter| chapter.team == *part);
    let part = asked.part.as_deref().filter(is_there).unwrap_or(first);
    let local = local(inside, company);
    let companies: Vec<String> = inside.merchants().map(|merchant| merchant.company.to_string()).collect();
    let about = html! {
        "How " (book.company) " works with Tallyman. It is written from what is configured, so it says what is done. Version " (book.version)
        ", since " (local.at(book.since.0)) "."
    };
    let about = html! {
        (about)
        @if part == BOOK { " Each failure is closed here; printed, all are open." }
    };
    let others = html! {
        @for other in companies.iter().filter(|other| **other != book.company) {
            a.btn href=(Link::to("/handbook").and("company", Some(other))) { (other) }
        }
        @if part != BOOK { a.btn href=(to_part(&book, BOOK)) { "The whole book, to print" } }
    };
    let shown = |its: &str| part == BOOK || part == its;
    let body = html! {
        (head(None, html! { "Handbook" }, about, others))
        (above(refused, asked.done))
        (contents(&book, part))
        div.two {
            div.stack {
                @for chapter in book.chapters.iter().filter(|chapter| shown(chapter.team)) { (one(chapter, &local)) }
                @if shown(MASTERS) {
                    (panel("masters", "Who masters what", Some("which system is asked where two differ"), html! {
                        ul.tight { @for sentence in &book.masters { li { (words(sentence)) } } }
                    }))
                }
            }
            div.stack {
                (panel("readers", "Who has read it", None, readers(inside, &book, &local)))
                (changes(&book))
            }
        }
    };
    Ok(page(&Frame::of(inside, Place::Handbook), "Handbook", body))
}

/// Whether the reader acts for the team of a chapter.
fn is_own(inside: &Inside, company: &str, chapter: &Chapter) -> bool {
    Owner::named(chapter.team).is_some_and(|team| inside.caller.may(Right::Act, company, Some(team)).is_ok())
}

fn to_part(book: &Handbook, part: &str) -> Link {
    Link::to("/handbook")
        .and("company", Some(&book.company))
        .and("part", Some(part))
}

/// The chapters, each with how many failures it has; the reader's own first.
fn contents(book: &Handbook, part: &str) -> Markup {
    let here = |its: &str| (its == part).then_some("page");
    html! {
        nav.tabs.bare aria-label="Contents" {
            @for chapter in &book.chapters {
                a href=(to_part(book, chapter.team)) aria-current=[here(chapter.team)] { (capital(chapter.team)) " " b { (chapter.failures.len()) } }
            }
            a href=(to_part(book, MASTERS)) aria-current=[here(MASTERS)] { "Who masters what" }
            @if part == BOOK { a href=(to_part(book, BOOK)) aria-current=[here(BOOK)] { "The whole book" } }
        }
    }
}

fn changes(book: &Handbook) -> Markup {
    let Some(changes) = &book.changes else { return html! {} };
    let list = |title: &str, lines: &[String]| {
        html! {
            @if !lines.is_empty() {
                h3 { (title) }
                ul.tight { @for line in lines { li { (words(line)) } } }
            }
        }
    };
    let said = html! {
        div.tight {
            (list("New", &changes.added))
            (list("Not said any more", &changes.gone))
        }
    };
    panel(
        "changes",
        "What is new",
        Some(&format!("since version {}", book.version.saturating_sub(1))),
        said,
    )
}

fn one(chapter: &Chapter, local: &Local) -> Markup {
    let body = html! {
        div.body.tight {
            p { "It works " (chapter.hours) "." }
            @for told in &chapter.told { p { (words(told)) } }
            p {
                @if chapter.people.is_empty() {
                    "Nobody acts for it yet: an administrator gives somebody a level at this company."
                } @else {
                    "Ask " (chapter.people.join(", ")) "."
                }
            }
        }
        @for failure in &chapter.failures { (failed(failure, local)) }
    };
    raw(
        chapter.team,
        &capital(chapter.team),
        Some("what it owns, and how to clear it"),
        body,
    )
}

fn failed(failure: &Failure, local: &Local) -> Markup {
    html! {
        details.failure {
            summary {
                h3 { (words(failure.what)) }
                @if failure.example.as_ref().is_some_and(|example| example.closed_at.is_none()) { " " (state(Kind::Needs, "Stands now")) }
            }
            // The id is inside, so that a link to it opens it.
            div.tight #{ "code-" (failure.code) } {
                p.muted.small { code { (failure.code) } " · " (failure.severity) " · due " (failure.deadline) }
                p { (words(failure.means)) }
                p { b { "To clear it: " } (words(failure.remedy)) }
                ul.tight.steps { @for verb in &failure.clear { li { (verb) "." } } }
                p.muted { (words(failure.again)) " " (words(&failure.told)) }
                (example(failure.example.as_ref(), local))
            }
        }
    }
}

fn example(example: Option<&Example>, local: &Local) -> Markup {
    html! {
        @match example {
            Some(example) => p.small {
                @match example.closed_at {
                    Some(closed) => { (mark(Kind::Done, Some("Resolved"))) " Last seen " (local.at(example.opened_at.0)) ", cleared " (local.at(closed.0)) ": " },
                    None => { (mark(Kind::Needs, Some("Open"))) " Stands since " (local.at(example.opened_at.0)) ": " },
                }
                a href={ "/cards/" (example.card) } { (example.cause) }
                @if example.orders > 0 { ", " (count(example.orders, "order", "orders")) }
                "."
            },
            None => p.small.muted { "It has never happened here." },
        }
    }
}

fn readers(inside: &Inside, book: &Handbook, local: &Local) -> Markup {
    let (read, not): (Vec<_>, Vec<_>) = book.readers.iter().partition(|reader| reader.read_at.is_some());
    let have_i = read.iter().any(|reader| reader.name == inside.caller.name);
    html! {
        div.tight {
            @if have_i {
                (note(Kind::Done, html! { "You have read version " (book.version) "." }))
            } @else {
                form.form action={ "/handbook/" (book.company) "/read" } method="post" {
                    (hidden("version", &book.version.to_string()))
                    div.acts { button.main { "I have read version " (book.version) } }
                }
            }
            @if !read.is_empty() {
                h3 { "Have read it" }
                ul.tight { @for reader in &read { li { (reader.name) @if let Some(at) = reader.read_at { span.muted { ", " (local.at(at.0)) } } } } }
            }
            @if !not.is_empty() {
                h3 { "Have not read it yet" }
                ul.tight { @for reader in &not { li { (reader.name) } } }
            }
            @if book.readers.is_empty() { p.muted { "Whoever works at " (book.company) " stands here once they are added under Settings, with the day on which they read it." } }
        }
    }
}
