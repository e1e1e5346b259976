//! One connection, as it stands: whether it answers, what waits for it, how it signs in, and what can be done with it.

use maud::{Markup, html};

use crate::api::access::Right;
use crate::api::connections::Connection;
use crate::api::holds::Hold;
use crate::api::inside::Inside;
use crate::api::shape::At;
use crate::pages::local;
use crate::view::facts::facts;
use crate::view::field::hidden;
use crate::view::time::{Local, lasting};
use crate::view::{Kind, Link, capital, count, state};

/// How a system stands, as its shape and its word say it, here and on the overview.
pub fn drawn(its: &str) -> (Kind, &'static str) {
    match its {
        "stopped" => (Kind::Waiting, "Stopped by a person"),
        "paused" => (Kind::Waiting, "Pauses by itself"),
        "down" => (Kind::Needs, "Does not answer"),
        "not_signed_in" => (Kind::Needs, "Lets nobody in"),
        "lapsing" => (Kind::Needs, "Consent ends soon"),
        "not_asked" => (Kind::None, "Not asked yet"),
        _ => (Kind::Done, "Answers"),
    }
}

pub fn tile(inside: &Inside, connection: &Connection, held: &[Hold]) -> Markup {
    let local = local(inside, &connection.company);
    let tells_people = connection.role == "alerts";
    let (kind, word) = match drawn(connection.state) {
        // It is asked nothing and finishes no round: that it has no trouble is all that is known of it.
        (Kind::Done, _) if tells_people => (Kind::None, "No trouble known"),
        other => other,
    };
    let ago = |at: Option<At>| at.map_or_else(|| html! { "–" }, |at| html! { (local.age(at.0)) " ago" });
    let id = format!("c-{}", connection.name);
    let mut pairs = vec![
        ("Role", html! { (capital(connection.role)) ", " (connection.company) }),
        ("Queue", queue(connection)),
        ("Clear in", clear_in(connection)),
        ("Sign-in", signed_in(connection, &local)),
    ];
    if !tells_people {
        let next = connection
            .next_run
            .filter(|_| connection.state != "stopped")
            .map(|at| local.next(at.0));
        pairs.insert(1, ("Last success", ago(connection.last_success)));
        pairs.insert(2, ("Next run", html! { (next.as_deref().unwrap_or("–")) }));
    }
    if let Some(until) = connection.paused_until {
        pairs.push(("Pauses until", html! { (local.exactly(until.0)) }));
    }
    if let Some(until) = connection.stopped_until {
        let hold = held.iter().find(|hold| Some(&hold.id) == connection.stopped_by.as_ref());
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
                @if inside.has(Right::Connect, &connection.company) && !tells_people { (acts(connection)) }
                @if tells_people && inside.has(Right::Read, &connection.company) {
                    p.small { a href=(Link::to("/settings/alerts").and("company", Some(&connection.company))) { "Its routes, and a test of each, under Alert rules" } }
                }
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
                span.small.muted id=(id) { (allowed(rate.a_minute, at_once, used)) }
                meter aria-labelledby=(id) min="0" max=(at_once) value=(used) {}
            }
        } @else {
            p.small.muted { "No limit is set." }
        }
    }
}

/// What its limit allows, and how much of that is used up: calls are not counted by the minute.
fn allowed(a_minute: Option<u32>, at_once: u32, used: u32) -> String {
    let limit = match a_minute {
        Some(calls) => format!(
            "At most {} a minute, {at_once} of them at once",
            count(calls.into(), "call", "calls")
        ),
        None => format!("At most {} at once", count(at_once.into(), "call", "calls")),
    };
    match used {
        0 => format!("{limit}: all {at_once} are free now"),
        used => format!("{limit}: {used} of the {at_once} are used up now"),
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
        html! { form action={ "/connections/" (connection.name) "/" (act) } method="post" data-awaits=(connection.name) { button { (word) } } }
    };
    html! {
        div.acts {
            @if let Some(hold) = &connection.stopped_by {
                form action={ "/holds/" (hold) "/end" } method="post" { (hidden("company", &connection.company)) button.main { "Let it go on" } }
            } @else {
                (act("test", "Test"))
                (act("run", "Run now"))
                @if connection.signs_in { (act("sign-in", "Sign in again")) }
                @let stop = Link::to("/connections").and("company", Some(&connection.company)).and("stop", Some(&connection.name));
                a.btn href={ (stop) "#h-hold" } { "Stop …" }
            }
        }
    }
}
