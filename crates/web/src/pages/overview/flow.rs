//! What flows now: the map, and how long each queue needs.

use maud::{Markup, html};
use tallyman_core::flow::{Clear, Way};
use tallyman_engine::connections::State;
use tallyman_engine::glance::{Arrow, Glance, System};

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
    let lanes = Way::ALL.map(|way| lane(glance, way));
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

fn lane(glance: &Glance, way: Way) -> Lane {
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
    let stroke = match (arrow.stopped, arrow.done + arrow.waiting) {
        (0, 0) => Stroke::Idle,
        (0, _) if arrow.held_until.is_some() => Stroke::Idle,
        (0, _) => Stroke::Flows,
        (..) => Stroke::Stuck,
    };
    let rate = match arrow.done {
        0 => format!("{name}, none this hour"),
        done => format!("{name}, {} an hour", number(done)),
    };
    let sub = waits(arrow, way == Way::Confirmations);
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

/// What waits there, in words; with why where there is room for it.
fn waits(arrow: &Arrow, roomy: bool) -> String {
    let waiting = number(arrow.waiting);
    let verb = |count: u64| if count == 1 { "waits" } else { "wait" };
    match (&arrow.stuck, arrow.clear) {
        (Some(stuck), _) => {
            let whom = format!(
                "{} {} for {}",
                number(arrow.stopped),
                verb(arrow.stopped),
                capital(stuck.team.name())
            );
            if roomy { format!("{whom}: {}", stuck.what) } else { whom }
        }
        (None, _) if arrow.held_until.is_some() && arrow.waiting > 0 => format!("{waiting} held"),
        (None, _) if arrow.held_until.is_some() => "held, none waits".into(),
        (None, Clear::Nothing) => "none waits".into(),
        (None, Clear::In(time)) => format!(
            "{waiting} {}, clear in {}",
            verb(arrow.waiting),
            lasting(time.as_secs().max(1))
        ),
        (None, Clear::NotKnown) => format!("{waiting} {}, none went yet", verb(arrow.waiting)),
    }
}

/// The same for narrow screens.
fn short(arrow: &Arrow, name: &str, nothing: &str) -> (String, String) {
    match (arrow.stopped, arrow.waiting) {
        (0, 0) => (
            format!("{}{name}", number(arrow.done)),
            if nothing.is_empty() {
                "an hour".into()
            } else {
                format!("{nothing}/h")
            },
        ),
        (0, waiting) => {
            let how = if arrow.held_until.is_some() { "held" } else { "wait" };
            (format!("{}{name}", number(arrow.done)), format!("{} {how}", number(waiting)))
        }
        (stopped, _) => (
            format!("{}{name}", number(arrow.done)),
            format!("{} stopped", number(stopped)),
        ),
    }
}

/// How long each queue needs.
pub fn queues(glance: &Glance, index: Option<usize>) -> Markup {
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
                    tr { td.wide { (capital(arrow.way.name())) } td.n { (number(arrow.waiting + arrow.stopped)) } td.n { (clear(arrow)) } }
                }
            }
        }
    };
    let aside = Some("at the rates of the last hour");
    raw(&id("queues", index), &title("Time to clear", glance, index), aside, table)
}
