//! Mappings: what their words mean to us. A table at a time, searched and page by page; one word with its history is in `word`, whole
//! sheets are in `sheet`.

pub mod sheet;
pub mod word;

use axum::Json;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::mapping::Table;

use super::done::{Done, notice};
use super::local;
use crate::api::inside::Inside;
use crate::api::mappings::{self, Listing, MappingPage, Version};
use crate::api::problem::Problem;
use crate::api::read;
use crate::api::sheets;
use crate::form::Query;
use crate::view::field::{Text, choice, options, text};
use crate::view::frame::{head, pager};
use crate::view::panel::empty;
use crate::view::{Frame, Link, Page, Place, capital, count, live, page};

const A_PAGE: u32 = 50;

/// Which words, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
    table: Option<Table>,
    connection: Option<String>,
    words: Option<String>,
    after: Option<String>,
    done: Option<Done>,
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let listing = Listing {
        company: asked.company.clone(),
        table: asked.table,
        connection: asked.connection.clone(),
        words: asked.words.clone(),
        after: asked.after.clone(),
        limit: Some(A_PAGE),
    };
    let Json(found) = mappings::list(inside.clone(), read::Query(listing)).await?;
    let total = count(found.mappings.len() as u64, "word on this page", "words on this page");
    let end = html! {
        a.btn href=(export(&asked, "csv")) { "CSV" }
        a.btn href=(export(&asked, "xlsx")) { "XLSX" }
        @if sheets::may_map(&inside).is_ok() { a.btn href="/mappings/import" { "Import …" } }
        @if sheets::may_map(&inside).is_ok() {
            a.btn.main href=(Link::to("/mappings/words").and("table", asked.table.map(Table::code)).and("connection", asked.connection.as_deref())) { "Say what a word means" }
        }
    };
    let sub = "What their words mean to us. A change has its effect by itself: what it heals goes on.";
    let body = html! {
        (head(None, html! { "Mappings" }, html! { (sub) }, end))
        (notice(asked.done))
        section.panel aria-label="Words" {
            (tabs(&asked))
            (filters(&inside, &asked))
            @if found.mappings.is_empty() { (nothing(&asked)) } @else { (table(&inside, &found)) }
            @if !found.mappings.is_empty() && is_filtered(&asked) { div.foot { "What this list shows, for reading: " (super::sheet::links(&link(&asked).under("/sheets/mappings"))) } }
            (pager(&link(&asked), asked.after.is_some(), found.next.as_deref(), &total))
        }
    };
    Ok(page(
        &Frame::of(&inside, Place::Mappings),
        "Mappings",
        live(&["mappings"], "mappings", body),
    ))
}

fn is_filtered(asked: &Asked) -> bool {
    asked.table.is_some() || asked.connection.is_some() || asked.words.is_some()
}

/// All words of a company, as a sheet that can be taken in again.
fn export(asked: &Asked, format: &str) -> Link {
    Link::to("/mappings/export")
        .and("company", asked.company.as_deref())
        .and("format", Some(format))
}

fn link(asked: &Asked) -> Link {
    Link::to("/mappings")
        .and("table", asked.table.map(Table::code))
        .and("company", asked.company.as_deref())
        .and("connection", asked.connection.as_deref())
        .and("words", asked.words.as_deref())
}

fn tabs(asked: &Asked) -> Markup {
    let tab = |table: Option<Table>| {
        let called = table.map_or("All".to_owned(), |table| capital(table.noun()));
        html! { a href=(link(asked).and("table", table.map(Table::code))) aria-current=[(table == asked.table).then_some("page")] { (called) } }
    };
    html! { nav.tabs aria-label="Tables" { (tab(None)) @for table in Table::ALL { (tab(Some(table))) } } }
}

/// The connections of the companies that somebody sees, with the word for all.
pub fn connections(inside: &Inside, all: Option<&str>) -> Vec<(String, String)> {
    let mut found = options(all.map(|all| ("", all)));
    for merchant in inside.merchants() {
        let its = merchant.connectors().map(|connector| connector.connection().to_string());
        found.extend(its.into_iter().map(|name| (name.clone(), name)));
    }
    found
}

fn filters(inside: &Inside, asked: &Asked) -> Markup {
    let words = Text {
        name: "words",
        label: "Words, theirs or ours",
        value: asked.words.as_deref().unwrap_or_default(),
        chars_max: 200,
        ..Text::default()
    };
    let connections = connections(inside, Some("All"));
    html! {
        form.filters action="/mappings" aria-label="Filter words" {
            @if let Some(table) = asked.table { (crate::view::field::hidden("table", table.code())) }
            @if let Some(company) = &asked.company { (crate::view::field::hidden("company", company)) }
            (text(words, None))
            (choice("connection", "Connection", &connections, asked.connection.as_deref().unwrap_or_default()))
            button { "Filter" }
        }
    }
}

/// A table, for people.
pub fn noun(code: &str) -> String {
    capital(Table::parse(code).map_or(code, |table| table.noun()))
}

/// Where one word is.
pub fn to_word(version: &Version) -> Link {
    Link::to("/mappings/words")
        .and("table", Some(version.table))
        .and("connection", Some(&version.connection))
        .and("theirs", Some(&version.theirs))
}

fn table(inside: &Inside, found: &MappingPage) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Words and what they mean" }
            thead {
                tr {
                    th scope="col" { "Theirs" }
                    th scope="col" { "Ours" }
                    th scope="col" { "Table" }
                    th scope="col" { "Connection" }
                    th scope="col" { "By" }
                    th.n scope="col" { "Since" }
                }
            }
            tbody {
                @for version in &found.mappings {
                    tr {
                        td.wide { a.title href=(to_word(version)) { (version.theirs) } }
                        td data-h="Ours" { @match &version.ours { Some(ours) => code { (ours) }, None => span.old { "taken back" } } }
                        td data-h="Table" { (noun(version.table)) }
                        td data-h="Connection" { code { (version.connection) } }
                        td data-h="By" { (version.by) }
                        td.n data-h="Since" { (local(inside, &version.company).at(version.since.0)) }
                    }
                }
            }
        }
    }
}

fn nothing(asked: &Asked) -> Markup {
    if asked.words.is_some() || asked.connection.is_some() || asked.company.is_some() {
        empty(
            "No word is like that",
            html! { "Take a filter away, or " a href="/mappings" { "see all words" } "." },
        )
    } else {
        empty(
            "No word means anything yet",
            html! { "When an order names an item, a carrier or a tax rate that nobody has said the meaning of, a card asks for it. Say it there, here, or take in a whole sheet." },
        )
    }
}
