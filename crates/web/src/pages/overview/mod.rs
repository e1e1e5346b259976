//! Overview: is everything where it should be? The first line answers; then what flows, who is needed, what will miss its cut-off, how the
//! day goes, and how old everything is.
//!
//! All of it is a glance that was made a moment ago ([`tallyman_engine::glance`]), whose age is shown. What is not known is a dash.
//!
//! A file a part: `lead` the first lines, `flow` the map and its queues, `needs` who is needed, `day` the day and its cut-off.

mod day;
mod flow;
mod lead;
mod needs;

use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::heartbeat::Beat;
use tallyman_engine::glance::{Feed, Glance};

use crate::api::holds::{self, Hold};
use crate::api::inside::Inside;
use crate::api::overview::glances;
use crate::api::problem::Problem;
use crate::form::Query;
use crate::pages::rounds;
use crate::view::panel::{note, raw};
use crate::view::time::{Local, lasting};
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, mark, page};

/// What it is made of: when one of these changes, it is looked at again.
const SHOWS: &[&str] = &["cards", "journeys", "feeds", "connections", "outcomes"];

/// Of which company; of all of them if none is named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
}

/// The page.
pub async fn show(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let glances = glances(&inside, asked.company.as_deref()).await?;
    let several = glances.len() > 1;
    let held = holds::all(&inside, asked.company.as_deref()).await?.holds;
    let parts = html! {
        (lead::lead(&inside, &glances))
        @if !held.is_empty() { (held_back(&held)) }
        // The maps of several companies are long: what needs somebody stands before them.
        @if several { (needs::panel(&inside, &glances)) }
        @for (index, glance) in glances.iter().enumerate() { (flow::panel(glance, &local(&inside, glance), several.then_some(index))) }
        @if !several { (needs::panel(&inside, &glances)) }
        @for (index, glance) in glances.iter().enumerate() { (beneath(&inside, glance, several.then_some(index))) }
    };
    let body = html! {
        @if inside.merchants().count() > 1 { (companies(&inside, asked.company.as_deref())) }
        (live(SHOWS, "glance", parts))
    };
    Ok(page(&Frame::of(&inside, Place::Overview), "Overview", body))
}

/// Now, where that company is.
fn local(inside: &Inside, glance: &Glance) -> Local {
    Local::new(inside.now(), glance.zone.clone())
}

/// An id of a part of one company's, where there are several.
fn id(name: &str, index: Option<usize>) -> String {
    index.map_or_else(|| name.to_owned(), |index| format!("{name}-{}", index + 1))
}

/// A heading that says whose it is, where there are several.
fn title(name: &str, glance: &Glance, index: Option<usize>) -> String {
    index.map_or_else(|| name.to_owned(), |_| format!("{name}, {}", glance.company))
}

/// What people keep from being sent: else it would look as if something were stuck.
fn held_back(held: &[Hold]) -> Markup {
    note(
        Kind::Waiting,
        html! {
            @for hold in held.iter().take(3) { p { b { (capital(&hold.said)) } ": " (hold.reason) } }
            p { a href="/connections#holds" { @if held.len() > 3 { "All " (held.len()) " holds, and when they end" } @else { "By whom, and when it ends" } } }
        },
    )
}

fn companies(inside: &Inside, chosen: Option<&str>) -> Markup {
    html! {
        nav.tabs.bare aria-label="Whose" {
            a href="/" aria-current=[chosen.is_none().then_some("page")] { "All companies" }
            @for merchant in inside.merchants() {
                @let company = merchant.company.as_str();
                a href=(Link::to("/").and("company", Some(company))) aria-current=[(chosen == Some(company)).then_some("page")] { (company) }
            }
        }
    }
}

/// What stands beneath who is needed: one company's day, and its ages.
fn beneath(inside: &Inside, glance: &Glance, index: Option<usize>) -> Markup {
    let local = local(inside, glance);
    html! {
        div.two {
            div.stack { (day::panel(glance, &local, index)) (day::cut_off(glance, &local, index)) }
            div.stack { (flow::queues(glance, &local, index)) (feeds(glance, &local, index)) }
        }
    }
}

fn feeds(glance: &Glance, local: &Local, index: Option<usize>) -> Markup {
    // Whose it is, the map says.
    let called = |feed: &Feed| rounds::called(feed.name.split(" of ").next().unwrap_or(&feed.name));
    let row = |feed: &Feed| {
        let (kind, word) = match (feed.done_at, feed.beat) {
            (None, _) => (Kind::None, "Not yet"),
            (Some(_), Beat::Well) => (Kind::Done, "Well"),
            (Some(_), Beat::Late) => (Kind::Waiting, "Late"),
            (Some(_), Beat::Silent) => (Kind::Needs, "Silent"),
        };
        let old = feed.beat != Beat::Well;
        html! {
            tr {
                td.m { (mark(kind, Some(word))) }
                td.wide { span.old[old] { (called(feed)) } }
                td.n { @match feed.done_at { Some(at) => span.old[old] { (local.age(at)) }, None => "–" } }
                td.n { (lasting(feed.every.as_secs())) }
            }
        }
    };
    let table = |feeds: &[&Feed]| {
        html! {
            table {
                caption.hidden { "When each feed last finished a round" }
                thead {
                    tr {
                        th scope="col" { span.hidden { "State" } }
                        th scope="col" { "Feed" }
                        th.n scope="col" { "Last finished" }
                        th.n scope="col" { "Every" }
                    }
                }
                tbody { @for feed in feeds { (row(feed)) } }
            }
        }
    };
    let (well, other): (Vec<&Feed>, Vec<&Feed>) = glance
        .feeds
        .iter()
        .partition(|feed| feed.beat == Beat::Well && index.is_some());
    // Of several companies only what is not as it should be is worth its place at once.
    let oldest = well.iter().filter_map(|feed| feed.done_at).min();
    let body = html! {
        @if !other.is_empty() { (table(&other)) }
        @if !well.is_empty() {
            details.more.body {
                summary {
                    (count(well.len() as u64, "feed has", "feeds have")) " done the last round in time"
                    @if let Some(at) = oldest { "; the oldest ended " (local.age(at)) " ago" }
                }
                (table(&well))
            }
        }
    };
    raw(&id("feeds", index), &title("Age of every feed", glance, index), None, body)
}
