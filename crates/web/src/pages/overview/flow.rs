//! What flows now: the map, and how long each queue needs.

use maud::{Markup, html};
use tallyman_core::flow::{Clear, Way};
use tallyman_engine::connections::State;
use tallyman_engine::glance::{Arrow, Glance, System};

use super::day::clock;
use super::{id, title};
use crate::pages::connections::tile::drawn;
use crate::view::map::{self, Lane, Stroke};
use crate::view::money::grouped;
use crate::view::panel::raw;
use crate::view::time::{Local, lasting};
use crate::view::{Kind, Link, capital};

/// The panel with the map.
pub fn panel(glance: &Glance, local: &Local, index: Option<usize>) -> Markup {
    let systems = [0, 1, 2].map(|place| system(&glance.map.systems[place], local));
    let lanes = Way::ALL.map(|way| lane(glance, way, local));
    let aside = html! { "rates of the last hour, " (local.age(glance.made_at)) " old" };
    let heading = format!("h-{}", id("flow", index));
    html! {
        section.panel #(id("flow", index)) aria-labelledby=(heading) {
            header { h2 #(heading) { (title("Flow now", glance, index)) } p { (aside) } }
            (map::flow(&systems, &lanes))
        }
    }
}

fn number(number: u64) -> String {
    grouped(&number.to_string())
}

fn system(system: &System, local: &Local) -> map::System {
    let (kind, word) = drawn(system.state.name());
    let (kind, health) = match (system.state, system.paused_until, system.answered_at) {
        (State::Paused, Some(until), _) => (kind, format!("pauses, goes on {}", local.until(until))),
        (State::Well, _, Some(at)) => (kind, format!("answered {} ago", lasting(local.now.since(at).as_secs()))),
        (State::Well, _, None) => (Kind::None, "has not answered yet".to_owned()),
        _ => (kind, word.to_lowercase()),
    };
    let (role, did) = match system.role {
        "channel" => ("Channel", "orders today"),
        "ledger" => ("Ledger", "of today’s orders posted"),
        _ => ("Warehouse", "shipments today"),
    };
    map::System {
        role,
        name: system.connection.to_string(),
        today: format!("{} {did}", system.today.map_or_else(|| "–".to_owned(), number)),
        kind,
        health,
        href: "/connections".into(),
    }
}

fn lane(glance: &Glance, way: Way, local: &Local) -> Lane {
    let Some(arrow) = glance.map.arrow(way) else {
        return Lane {
            stroke: Stroke::Idle,
            title: capital(way.name()),
            sub: "–".into(),
            short: ("–".into(), String::new()),
            href: "/cards".into(),
        };
    };
    let name = capital(way.name());
    let stroke = match (arrow.stopped, arrow.done + arrow.waiting + arrow.put_off) {
        (0, 0) => Stroke::Idle,
        (0, _) if arrow.held_until.is_some() => Stroke::Idle,
        (0, _) => Stroke::Flows,
        (..) => Stroke::Stuck,
    };
    let rate = match arrow.done {
        0 => format!("{name}, none this hour"),
        done => format!("{name}, {} an hour", number(done)),
    };
    let sub = waits(arrow, way == Way::Confirmations, local);
    let href = match &arrow.stuck {
        Some(stuck) => format!("/cards/{}", stuck.card),
        None => Link::to("/cards").and("company", Some(&glance.company)).to_string(),
    };
    Lane {
        stroke,
        short: match way {
            Way::Confirmations => short(arrow, "", "sent"),
            Way::Acknowledgements => short(arrow, " acknowl.", ""),
            _ => short(arrow, &format!(" {}", way.name()), ""),
        },
        title: rate,
        sub,
        href,
    }
}

const fn wait(number: u64) -> &'static str {
    if number == 1 { "waits" } else { "wait" }
}

/// `2 put off, the next until 13:06`: no rate clears these sooner.
fn put_off(arrow: &Arrow, local: &Local) -> Option<String> {
    let until = clock(arrow.put_off_until?, local);
    Some(match arrow.put_off {
        0 => return None,
        1 => format!("1 put off until {until}"),
        several => format!("{} put off, the next until {until}", number(several)),
    })
}

/// What waits there, in words; with why where there is room for it.
fn waits(arrow: &Arrow, roomy: bool, local: &Local) -> String {
    let waiting = format!("{} {}", number(arrow.waiting), wait(arrow.waiting));
    let goes_on = match (&arrow.stuck, arrow.clear) {
        (Some(stuck), _) => {
            let whom = format!(
                "{} {} for {}",
                number(arrow.stopped),
                wait(arrow.stopped),
                capital(stuck.team.name())
            );
            return if roomy { format!("{whom}: {}", stuck.what) } else { whom };
        }
        (None, _) if arrow.held_until.is_some() && arrow.waiting > 0 => format!("{} held", number(arrow.waiting)),
        (None, _) if arrow.held_until.is_some() => "held, none waits".into(),
        (None, Clear::Nothing) => "none waits".into(),
        (None, Clear::In(time)) => format!("{waiting}, clear in {}", lasting(time.as_secs().max(1))),
        (None, Clear::NotKnown) if arrow.done > 0 => format!("{waiting}, nobody can tell how long"),
        (None, Clear::NotKnown) => format!("{waiting}, none went yet"),
    };
    match put_off(arrow, local) {
        None => goes_on,
        Some(later) if arrow.waiting == 0 && arrow.held_until.is_none() => later,
        Some(_) => format!("{goes_on}, {} put off", number(arrow.put_off)),
    }
}

/// The same for narrow screens: the rate beside what goes there, so that what waits has the other line.
fn short(arrow: &Arrow, name: &str, nothing: &str) -> (String, String) {
    let done = number(arrow.done);
    let rate = match (name, nothing) {
        ("", nothing) => format!("{done} {nothing}/h"),
        (name, _) => format!("{done}{name}/h"),
    };
    let held = arrow.held_until.is_some();
    match (arrow.stopped, arrow.waiting, arrow.put_off) {
        (0, 0, 0) if nothing.is_empty() => (format!("{done}{name}"), "an hour".into()),
        (0, 0, 0) => (format!("{done}{name}"), format!("{nothing}/h")),
        (0, 0, later) => (rate, format!("{} put off", number(later))),
        (0, waiting, _) if held => (rate, format!("{} held", number(waiting))),
        (0, waiting, 0) => (rate, format!("{} {}", number(waiting), wait(waiting))),
        (0, waiting, later) => (
            rate,
            format!("{} {}, {} later", number(waiting), wait(waiting), number(later)),
        ),
        (stopped, ..) => (rate, format!("{} stopped", number(stopped))),
    }
}

/// How long each queue needs.
pub fn queues(glance: &Glance, local: &Local, index: Option<usize>) -> Markup {
    let clear = |arrow: &Arrow| {
        html! {
            @match (&arrow.stuck, arrow.clear) {
                (Some(stuck), _) => a.soon href={ "/cards/" (stuck.card) } { "stopped" },
                (None, _) if arrow.held_until.is_some() && arrow.waiting > 0 => "held",
                (None, Clear::Nothing) => "–",
                (None, Clear::In(time)) => (lasting(time.as_secs().max(1))),
                (None, Clear::NotKnown) => span.muted { "not known" },
            }
        }
    };
    let table = html! {
        table {
            caption.hidden { "How much waits, and how long it needs" }
            thead { tr { th scope="col" { "Queue" } th.n scope="col" { "Wait" } th.n scope="col" { "Clear in" } } }
            tbody {
                @for arrow in &glance.map.arrows {
                    tr {
                        td.wide {
                            (capital(arrow.way.name()))
                            @if let Some(later) = put_off(arrow, local) {
                                div.sub { a href=(Link::to("/retries").and("company", Some(&glance.company))) { (later) } }
                            }
                        }
                        td.n { (number(arrow.waiting + arrow.stopped)) }
                        td.n { (clear(arrow)) }
                    }
                }
            }
        }
    };
    let aside = Some("at the rates of the last hour");
    raw(&id("queues", index), &title("Time to clear", glance, index), aside, table)
}
