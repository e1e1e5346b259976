//! Connections: how each outside system stands, what people hold, and the acts for both. Nothing is asked of anybody to show it.

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::time::Timestamp;

use super::done::{Done, notice};
use super::{local, sheet};
use crate::api::access::Right;
use crate::api::connections::{self, Connection, Wanted};
use crate::api::holds::{self, Hold, Holds, What};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::{self, Path};
use crate::api::shape::At;
use crate::form::{Form, Query};
use crate::guard::see_other;
use crate::view::facts::facts;
use crate::view::field::{Text, Wrong, choice, field, hidden, options, text};
use crate::view::frame::head;
use crate::view::panel::{empty, note, raw};
use crate::view::time::{Local, lasting};
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, mark, page, problem, state};

/// What the page is made of: a queue moves with its orders, and work that comes round is a feed.
const SHOWS: &[&str] = &["connections", "feeds", "journeys", "cards"];

/// Whose, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
    done: Option<Done>,
}

/// What somebody tried to hold, where it was refused.
#[derive(Default)]
struct Tried {
    problem: Option<Problem>,
    wish: Said,
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &asked, &Tried::default()).await
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
            let round = Some(said.round).filter(|round| !round.is_empty());
            let wanted = read::Json(Wanted { round });
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
    answer(&inside, done, Said::default()).await
}

fn tested(answered: Result<Json<connections::TestOfConnection>, Problem>, done: Done) -> Result<Done, Problem> {
    let Json(tested) = answered?;
    if tested.well {
        return Ok(done);
    }
    let remedy = "Nothing was changed. Ask whoever runs that system, or hold its writes until it answers.";
    Err(Problem::new(crate::api::problem::Kind::Refused, tested.sentence, remedy).about(tested.connection))
}

/// What a form for a hold says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Said {
    company: String,
    kind: String,
    what: String,
    reason: String,
    until: String,
}

/// Places a hold.
pub async fn hold(inside: Inside, Form(said): Form<Said>) -> Result<Response, Problem> {
    let done = placed(&inside, &said).await;
    answer(&inside, done, said).await
}

async fn placed(inside: &Inside, said: &Said) -> Result<Done, Problem> {
    let kind = What::ALL.into_iter().find(|kind| kind.name() == said.kind);
    let kind = kind.ok_or_else(|| Problem::unreadable("kind", "Say what is to be held."))?;
    let local = local(inside, &said.company);
    // A browser leaves the seconds out where there are none.
    let seconds = if said.until.len() == 16 { ":00" } else { "" };
    let until = Timestamp::parse_naive(&format!("{}{seconds}", said.until), &local.zone)
        .map_err(|_| Problem::unreadable("until", "Say until when, as a day and a time of day."))?;
    let wanted = holds::Wanted {
        company: said.company.clone(),
        kind,
        what: said.what.clone(),
        reason: said.reason.clone(),
        until: At(until),
    };
    let Json(_) = holds::place(inside.clone(), read::Json(wanted)).await?;
    Ok(if kind == What::Connection { Done::Stopped } else { Done::Held })
}

/// Which company's hold is ended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    company: String,
}

/// Ends a hold before its time.
pub async fn end(inside: Inside, Path(hold): Path<String>, Form(ended): Form<Ended>) -> Result<Response, Problem> {
    let whose = read::Json(holds::Whose { company: ended.company });
    let done = holds::end(inside.clone(), Path(hold), whose).await.map(|_| Done::LetGo);
    answer(&inside, done, Said::default()).await
}

async fn answer(inside: &Inside, done: Result<Done, Problem>, wish: Said) -> Result<Response, Problem> {
    match done {
        Ok(done) => Ok(see_other(
            &Link::to("/connections").and("done", Some(done.name())).to_string(),
        )),
        Err(refused) => {
            let status = axum::http::StatusCode::from_u16(refused.status).unwrap_or_default();
            let tried = Tried {
                problem: Some(refused.clone()),
                wish,
            };
            let page = render(inside, &Asked::default(), &tried).await;
            // Where they cannot be shown, what was refused is what there is to say.
            page.map_err(|_| refused).map(|page| page.with(status).into_response())
        }
    }
}

async fn render(inside: &Inside, asked: &Asked, tried: &Tried) -> Result<Page, Problem> {
    let found = connections::all(inside, asked.company.as_deref()).await?;
    let held = holds::all(inside, asked.company.as_deref()).await?;
    let body = html! {
        (head(None, html! { "Connections" }, html! { (sentence(&found)) }, sheet::links(&Link::to("/sheets/connections").and("company", asked.company.as_deref()))))
        @if let Some(refused) = &tried.problem { (problem::refused(refused)) } @else { (notice(asked.done)) }
        @for connection in found.iter().filter(|connection| connection.consent_days.is_some()) { (lapses(inside, connection)) }
        div.tiles { @for connection in &found { (one(inside, connection, &held)) } }
        (standing(inside, &held))
        @if inside.has_anywhere(Right::Connect) { (wish_form(inside, &found, tried)) }
        (rounds(inside, &found))
        @if !held.over.is_empty() { (over(inside, &held.over)) }
    };
    // What was refused stands on the answer to a form, which nothing refreshes.
    let body = if tried.problem.is_none() {
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

fn drawn(its: &str) -> (Kind, &'static str) {
    match its {
        "stopped" => (Kind::Waiting, "Stopped by a person"),
        "paused" => (Kind::Waiting, "Pauses by itself"),
        "down" => (Kind::Needs, "Does not answer"),
        "not_signed_in" => (Kind::Needs, "Lets nobody in"),
        "lapsing" => (Kind::Needs, "Consent ends soon"),
        _ => (Kind::Done, "Answers"),
    }
}

fn one(inside: &Inside, connection: &Connection, held: &Holds) -> Markup {
    let local = local(inside, &connection.company);
    let (kind, word) = drawn(connection.state);
    let ago = |at: Option<At>| at.map_or_else(|| html! { "–" }, |at| html! { (local.age(at.0)) " ago" });
    let id = format!("c-{}", connection.name);
    let mut pairs = vec![
        ("Role", html! { (capital(connection.role)) ", " (connection.company) }),
        ("Last success", ago(connection.last_success)),
        (
            "Next run",
            connection
                .next_run
                .map_or_else(|| html! { "–" }, |at| html! { (local.until(at.0)) }),
        ),
        ("Queue", queue(connection)),
        ("Clear in", clear_in(connection)),
        ("Sign-in", signed_in(connection, &local)),
    ];
    if let Some(until) = connection.paused_until {
        pairs.push(("Pauses until", html! { (local.exactly(until.0)) }));
    }
    if let Some(until) = connection.stopped_until {
        let hold = held
            .holds
            .iter()
            .find(|hold| Some(&hold.id) == connection.stopped_by.as_ref());
        pairs.push((
            "Stopped until",
            html! { (local.at(until.0)) @if let Some(hold) = hold { ": " (hold.reason) } },
        ));
    }
    html! {
        section.panel id=(id) aria-labelledby={ "h-" (id) } {
            header { h2 id={ "h-" (id) } { (connection.name) } p { (state(kind, word)) } }
            div.body.stack {
                (rate(connection))
                (facts(&pairs))
                @for card in &connection.cards { p.small { a href={ "/cards/" (card) } { "Its card says what to do" } } }
                @if inside.has(Right::Connect, &connection.company) && connection.role != "alerts" { (acts(connection)) }
            }
        }
    }
}

fn rate(connection: &Connection) -> Markup {
    let id = format!("m-{}", connection.name);
    html! {
        @if let Some(rate) = &connection.rate {
            @let at_once = rate.at_once.max(1);
            @let used = at_once.saturating_sub(rate.free.min(at_once));
            div.tight {
                span.small.muted id=(id) {
                    (used) " of " (at_once) " calls at once are in use"
                    @if let Some(calls) = rate.a_minute { ", " (calls) " a minute" }
                }
                meter aria-labelledby=(id) min="0" max=(at_once) value=(used) {}
            }
        } @else {
            p.small.muted { "No limit is set." }
        }
    }
}

fn queue(connection: &Connection) -> Markup {
    let sent = connection.queue.saturating_sub(connection.held);
    html! {
        @if connection.queue == 0 { "nothing waits" } @else { (count(sent, "waits", "wait")) }
        @if connection.held > 0 { ", " (connection.held) " held" }
    }
}

fn clear_in(connection: &Connection) -> Markup {
    match connection.clears_in_seconds {
        Some(seconds) if connection.queue > connection.held => html! { (lasting(seconds.max(1))) },
        Some(_) | None => html! { "–" },
    }
}

fn signed_in(connection: &Connection, local: &Local) -> Markup {
    html! {
        @match (connection.signs_in, connection.signed_in_until) {
            (false, _) => "a key, which does not end",
            (true, Some(until)) => { "good until " (local.at(until.0)) ", renewed by itself" },
            (true, None) => "not yet",
        }
        @if let Some(until) = connection.consent_until { "; consent until " (local.at(until.0)) }
    }
}

fn acts(connection: &Connection) -> Markup {
    let act = |act: &str, word: &str| {
        html! { form action={ "/connections/" (connection.name) "/" (act) } method="post" { button { (word) } } }
    };
    html! {
        div.acts {
            @if let Some(hold) = &connection.stopped_by {
                form action={ "/holds/" (hold) "/end" } method="post" { (hidden("company", &connection.company)) button.main { "Let it go on" } }
            } @else {
                (act("test", "Test"))
                (act("run", "Run now"))
                @if connection.signs_in { (act("sign-in", "Sign in again")) }
                a.btn href={ "/connections?company=" (connection.company) "#h-hold" } { "Stop …" }
            }
        }
    }
}

fn standing(inside: &Inside, held: &Holds) -> Markup {
    let body = if held.holds.is_empty() {
        empty(
            "Nothing is held",
            html! { "Whoever may can hold an item, a retailer’s orders, or all writes to a system, with a reason and an end. What is held waits, is not lost, and goes on by itself." },
        )
    } else {
        html! {
            table.fold {
                caption.hidden { "What is held" }
                thead { tr {
                    th scope="col" { "What waits" } th scope="col" { "Why" } th.n scope="col" { "Orders" }
                    th.n scope="col" { "Until" } th scope="col" { span.hidden { "Acts" } }
                } }
                tbody { @for hold in &held.holds { (held_row(inside, hold)) } }
            }
        }
    };
    raw("holds", "Held", Some("ends by itself"), body)
}

fn held_row(inside: &Inside, hold: &Hold) -> Markup {
    let local = local(inside, &hold.company);
    html! {
        tr id={ "hold-" (hold.id) } {
            td.wide { (capital(&hold.said)) div.sub { (hold.company) ", since " (local.at(hold.from.0)) } }
            td.wide data-h="Why" { (hold.reason) div.sub { (hold.by) } }
            td.n data-h="Orders" { (hold.waits.unwrap_or(0)) }
            td.n data-h="Until" { (local.at(hold.until.0)) div.sub { (local.until(hold.until.0)) } }
            td {
                @if inside.has(Right::Connect, &hold.company) {
                    form action={ "/holds/" (hold.id) "/end" } method="post" {
                        (hidden("company", &hold.company))
                        button aria-label={ "End: " (hold.said) } { "End" }
                    }
                }
            }
        }
    }
}

fn over(inside: &Inside, over: &[Hold]) -> Markup {
    let body = html! {
        table.fold {
            caption.hidden { "Holds that are over" }
            thead { tr { th scope="col" { "What waited" } th scope="col" { "Why" } th.n scope="col" { "Ended" } } }
            tbody {
                @for hold in over {
                    @let local = local(inside, &hold.company);
                    tr id={ "over-" (hold.id) } {
                        td.wide { (capital(&hold.said)) div.sub { (hold.company) } }
                        td.wide data-h="Why" { (hold.reason) }
                        td.n data-h="Ended" {
                            (local.at(hold.ended_at.unwrap_or(hold.until).0))
                            div.sub { @if let Some(by) = &hold.ended_by { "by " (by) } @else { "by itself" } }
                        }
                    }
                }
            }
        }
    };
    raw("over", "Held before", Some("the last that are over"), body)
}

fn wish_form(inside: &Inside, found: &[Connection], tried: &Tried) -> Markup {
    let wish = &tried.wish;
    let wrong = tried.problem.as_ref().and_then(|problem| {
        let field = problem.field.as_deref()?;
        Some(Wrong {
            field,
            sentence: &problem.detail,
        })
    });
    let companies = options(
        inside
            .merchants()
            .map(|merchant| (merchant.company.to_string(), merchant.company.to_string())),
    );
    let kinds = options([
        ("writes", "All writes to a system"),
        ("item", "Orders with an item"),
        ("retailer", "Orders from a channel"),
        ("connection", "A connection as a whole: stop it"),
    ]);
    let first = inside
        .merchants()
        .next()
        .map(|merchant| merchant.company.to_string())
        .unwrap_or_default();
    let local = local(inside, if wish.company.is_empty() { &first } else { &wish.company });
    let until = html! {
        input #until name="until" type="datetime-local" required value=(wish.until) min=(local.for_field(local.now));
    };
    let wrong_until = wrong.filter(|wrong| wrong.field == "until").map(|wrong| wrong.sentence);
    let what = Text {
        name: "what",
        label: "Which",
        value: &wish.what,
        help: Some("A connection’s name, or the item’s code in the ledger."),
        chars_max: 200,
        required: true,
        list: Some("connections"),
        ..Text::default()
    };
    let reason = Text {
        name: "reason",
        label: "Why",
        value: &wish.reason,
        help: Some("Whoever meets an order that waits reads it. Name no customer."),
        chars_max: 500,
        required: true,
        ..Text::default()
    };
    let body = html! {
        form.form.body action="/holds" method="post" {
            (choice("company", "Company", &companies, &wish.company))
            (choice("kind", "What", &kinds, &wish.kind))
            (text(what, wrong))
            datalist #connections { @for connection in found { option value=(connection.name) {} } }
            (text(reason, wrong))
            (field("until", "Until", until, Some("At most 31 days from now. Then it ends by itself, and what waited goes on."), wrong_until))
            div.acts { button { "Hold" } }
            p.small.muted { "What is under way goes on; what may have been sent is asked about as ever. Orders are still received and checked." }
        }
    };
    raw("hold", "Hold something", Some("or stop a connection"), body)
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
                            td.wide { (capital(&round.name)) div.sub { "every " (lasting(round.every_seconds)) } }
                            td data-h="Connection" { code { (connection.name) } }
                            td.n data-h="Last finished" { (local.age(round.done_at.0)) }
                            td.n data-h="Next" { (local.until(round.due.0)) }
                            td {
                                @if inside.has(Right::Connect, &connection.company) && connection.state != "stopped" {
                                    form action={ "/connections/" (connection.name) "/run" } method="post" {
                                        (hidden("round", &round.name))
                                        button.plain aria-label={ "Run now: " (round.name) " of " (connection.name) } { "Run now" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    raw("rounds", "Rounds", Some("work that comes round"), body)
}
