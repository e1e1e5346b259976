//! Connections: how each outside system stands (`tile`), what people hold (`holds`), and the acts for both. Nothing is asked of anybody to
//! show it.

pub mod holds;
pub mod tile;

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use self::holds::Said;
use super::answer::{above, again, leads_to};
use super::done::Done;
use super::rounds::called;
use super::{local, sheet};
use crate::api::access::Right;
use crate::api::connections::{self, Connection, Wanted};
use crate::api::inside::Inside;
use crate::api::problem::{Kind as Refusal, Problem};
use crate::api::read::{self, Path};
use crate::form::{Form, Query, filled};
use crate::view::field::hidden;
use crate::view::frame::head;
use crate::view::panel::{note, raw};
use crate::view::time::lasting;
use crate::view::{Frame, Kind, Link, Page, Place, count, live, mark, page};

/// What the page is made of: a queue moves with its orders, and work that comes round is a feed.
const SHOWS: &[&str] = &["connections", "feeds", "journeys", "cards"];

/// Whose, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
    /// The connection that somebody is about to stop.
    stop: Option<String>,
    done: Option<Done>,
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let wish = asked
        .stop
        .as_deref()
        .map_or_else(Said::default, |name| Said::to_stop(&inside, name));
    render(&inside, &asked, None, &wish).await
}

/// What a form of a connection says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Act {
    round: String,
}

/// Tests it, has its work done now, or signs in again.
pub async fn act(inside: Inside, Path((name, act)): Path<(String, String)>, Form(said): Form<Act>) -> Result<Response, Problem> {
    let done = match act.as_str() {
        "test" => tested(connections::test(inside.clone(), Path(name)).await, Done::Answers),
        "sign-in" => tested(connections::sign_in(inside.clone(), Path(name)).await, Done::SignedIn),
        "run" => {
            let wanted = read::Json(Wanted {
                round: filled(&said.round),
            });
            let ran = connections::run(inside.clone(), Path(name), wanted).await;
            ran.map(|Json(ran)| {
                if ran.rounds.is_empty() {
                    Done::UnderWay
                } else {
                    Done::RunsNow
                }
            })
        }
        other => Err(Problem::not_found("act", other, "Connections has all of them.")),
    };
    answer(&inside, done, &Said::default()).await
}

fn tested(answered: Result<Json<connections::TestOfConnection>, Problem>, done: Done) -> Result<Done, Problem> {
    let Json(tested) = answered?;
    if tested.well {
        return Ok(done);
    }
    let remedy = "Nothing was changed. Ask whoever runs that system, or hold its writes until it answers.";
    Err(Problem::new(Refusal::Refused, tested.sentence, remedy).about(tested.connection))
}

/// To whatever was done on the page; `wish` is what somebody tried to hold.
async fn answer(inside: &Inside, done: Result<Done, Problem>, wish: &Said) -> Result<Response, Problem> {
    match done {
        Ok(done) => Ok(leads_to(Link::to("/connections"), done)),
        Err(refused) => {
            let page = render(inside, &Asked::default(), Some(&refused), wish).await;
            again(page, refused)
        }
    }
}

async fn render(inside: &Inside, asked: &Asked, refused: Option<&Problem>, wish: &Said) -> Result<Page, Problem> {
    let found = connections::all(inside, asked.company.as_deref()).await?;
    let held = crate::api::holds::all(inside, asked.company.as_deref()).await?;
    let body = html! {
        (head(None, html! { "Connections" }, html! { (sentence(&found)) }, sheet::links(&Link::to("/sheets/connections").and("company", asked.company.as_deref()))))
        (above(refused, asked.done))
        @for connection in found.iter().filter(|connection| connection.consent_days.is_some()) { (lapses(inside, connection)) }
        div.tiles { @for connection in &found { (tile::tile(inside, connection, &held.holds)) } }
        (holds::standing(inside, &held.holds))
        @if inside.has_anywhere(Right::Connect) { (holds::form(inside, &found, refused, wish)) }
        (rounds(inside, &found))
        @if !held.over.is_empty() { (holds::over(inside, &held.over)) }
    };
    // What was refused stands on the answer to a form, which nothing refreshes.
    let body = if refused.is_none() {
        live(SHOWS, "all-connections", body)
    } else {
        body
    };
    Ok(page(&Frame::of(inside, Place::Connections), "Connections", body))
}

fn sentence(found: &[Connection]) -> String {
    let trouble = found
        .iter()
        .filter(|one| matches!(one.state, "down" | "not_signed_in" | "paused"))
        .count() as u64;
    let stopped = found.iter().filter(|one| one.state == "stopped").count() as u64;
    match (trouble, stopped) {
        (0, 0) => "As far as they were asked, all systems answer.".into(),
        (0, stopped) => format!(
            "{} by a person; the others answer.",
            count(stopped, "system is stopped", "systems are stopped")
        ),
        (trouble, _) => format!(
            "{}.",
            count(
                trouble,
                "system does not answer as it should",
                "systems do not answer as they should"
            )
        ),
    }
}

fn lapses(inside: &Inside, connection: &Connection) -> Markup {
    let local = local(inside, &connection.company);
    let days = connection.consent_days.unwrap_or(0);
    let when = if days == 0 {
        "within a day, or has ended".to_owned()
    } else {
        format!("in {}", count(days, "day", "days"))
    };
    note(
        Kind::Needs,
        html! {
            b { "The consent of " (connection.name) " ends " (when) @if let Some(until) = connection.consent_until { ", " (local.at(until.0)) } "." }
            " When it has ended, everything of this connection stops. Give consent again at that system, put what it gives into the configuration, and press “Sign in again”."
        },
    )
}

fn rounds(inside: &Inside, found: &[Connection]) -> Markup {
    let beat = |beat: &str| match beat {
        "late" => (Kind::Waiting, "Late"),
        "silent" => (Kind::Needs, "Silent"),
        _ => (Kind::Done, "Well"),
    };
    let body = html! {
        table.fold {
            caption.hidden { "Work that comes round" }
            thead { tr {
                th scope="col" { span.hidden { "State" } } th scope="col" { "Work" } th scope="col" { "Connection" }
                th.n scope="col" { "Last finished" } th.n scope="col" { "Next" } th scope="col" { span.hidden { "Acts" } }
            } }
            tbody {
                @for connection in found {
                    @let local = local(inside, &connection.company);
                    @for round in &connection.rounds {
                        @let (kind, word) = beat(round.beat);
                        tr id={ "round-" (connection.name) "-" (round.name.replace(' ', "-")) } {
                            td.m { (mark(kind, Some(word))) }
                            td.wide { (called(&round.name)) div.sub { "every " (lasting(round.every_seconds)) } }
                            td data-h="Connection" { code { (connection.name) } }
                            td.n data-h="Last finished" { (local.age(round.done_at.0)) }
                            // Nothing is due where people have stopped it.
                            td.n data-h="Next" { @if connection.state == "stopped" { "–" } @else { (local.next(round.due.0)) } }
                            td {
                                @if inside.has(Right::Connect, &connection.company) && connection.state != "stopped" {
                                    form action={ "/connections/" (connection.name) "/run" } method="post" {
                                        (hidden("round", &round.name))
                                        button.plain aria-label={ "Run now: " (called(&round.name)) " of " (connection.name) } { "Run now" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    raw(
        "rounds",
        "Rounds",
        Some("work that comes round and asks another system"),
        body,
    )
}
