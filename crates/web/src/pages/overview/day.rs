//! How the day goes, against the usual one; and what will miss the next cut-off.

use maud::{Markup, html};
use tallyman_core::flow::Clear;
use tallyman_core::time::Timestamp;
use tallyman_core::usual::summed;
use tallyman_engine::glance::{CutOff, Day, Glance};

use super::{id, title};
use crate::view::chart;
use crate::view::money::grouped;
use crate::view::panel;
use crate::view::time::{Local, lasting};
use crate::view::{Kind, count, state};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);
/// Cards named beside a cut-off.
const NAMED: usize = 3;

fn weekday(day: &Day) -> &'static str {
    let place = usize::try_from(day.date.weekday() - 1).unwrap_or_default();
    WEEKDAYS.get(place).copied().unwrap_or("day")
}

/// The time of the day there, `14:02`.
pub(super) fn clock(at: Timestamp, local: &Local) -> String {
    let whole = at.local_in(&local.zone);
    whole.get(11..16).unwrap_or(&whole).to_owned()
}

/// What the full hours of a day are called; the one at its end is that of the next.
fn names(day: &Day, local: &Local) -> Vec<String> {
    let hours = day.ends.since(day.begins).as_secs().div_ceil(3_600);
    let mut at = day.begins;
    let mut names = Vec::new();
    for _ in 0..=hours {
        names.push(clock(at, local));
        at = at.plus(HOUR);
    }
    if let Some(last) = names.last_mut() {
        *last = "24:00".into();
    }
    names
}

/// How many more or fewer than usual, with its sign in words.
fn compared(day: &Day, at: Timestamp, local: &Local) -> Option<String> {
    let (so_far, usually) = (day.so_far(), day.usually_by(at)?);
    let than = format!("a usual {} by {}", weekday(day), clock(at, local));
    let figure = |number: u64| grouped(&number.to_string());
    Some(match (so_far, usually) {
        (so_far, usually) if so_far > usually => format!("{} more than {than}", figure(so_far - usually)),
        (so_far, usually) if so_far < usually => format!("{} fewer than {than}", figure(usually - so_far)),
        _ => format!("as many as {than}"),
    })
}

pub fn panel(glance: &Glance, local: &Local, index: Option<usize>) -> Markup {
    let (day, at) = (&glance.day, glance.made_at);
    let today = summed(&day.by_hour);
    let compared = compared(day, at, local);
    let hours = names(day, local);
    let said = format!(
        "Orders received by the hour: {} by {}{}.",
        grouped(&day.so_far().to_string()),
        clock(at, local),
        compared.as_ref().map(|compared| format!(", {compared}")).unwrap_or_default()
    );
    let usual = day.usual.as_ref();
    let picture = chart::Day {
        today: &today,
        now: u64::try_from(at.since(day.begins).as_micros() / 3_600_000).unwrap_or_default(),
        usual: usual.map(|usual| [usual.low.as_slice(), &usual.middle, &usual.high]),
        hours: &hours,
        label: &said,
    };
    let body = html! {
        (chart::through(&picture))
        div.key {
            span { i.now {} "today" }
            @match usual {
                Some(usual) => span { i {} "usual " (weekday(day)) ", of the last " (usual.days) },
                None => span { "What is usual appears when three " (weekday(day)) "s have passed." },
            }
        }
    };
    panel::panel(
        &id("day", index),
        &title("Orders through the day", glance, index),
        compared.as_deref(),
        body,
    )
}

pub fn cut_off(glance: &Glance, local: &Local, index: Option<usize>) -> Markup {
    let (id, warehouse) = (id("cut-off", index), glance.map.systems[2].connection.as_str());
    match &glance.cut_off {
        Some(cut_off) => {
            let heading = format!("Cut-off at {}, {}", cut_off.warehouse, when(cut_off, local));
            panel::panel(&id, &heading, Some(&local.until(cut_off.at)), ahead(cut_off, local))
        }
        None => panel::panel(
            &id,
            &format!("Cut-off at {warehouse}"),
            None,
            html! { p.muted { "Nobody has said until when it takes orders for the same day. Set " code { "cut_off" } " of the warehouse in the configuration, and what will miss it appears here." } },
        ),
    }
}

/// `16:00`, or with its day if that is not today.
fn when(cut_off: &CutOff, local: &Local) -> String {
    let (day, today) = (cut_off.at.date_in(&local.zone), local.now.date_in(&local.zone));
    let clock = clock(cut_off.at, local);
    let place = usize::try_from(day.weekday() - 1).unwrap_or_default();
    match WEEKDAYS.get(place) {
        Some(name) if day != today => format!("{name} {clock}"),
        _ => clock,
    }
}

fn ahead(cut_off: &CutOff, local: &Local) -> Markup {
    let goes = match (cut_off.releases, cut_off.clear) {
        (0, _) | (_, Clear::Nothing) if cut_off.put_off > 0 => "Nothing else waits for its turn.".to_owned(),
        (0, _) | (_, Clear::Nothing) => "Nothing else waits to be released.".to_owned(),
        (releases, Clear::In(time)) => format!(
            "{} besides, clear in {}.",
            count(releases, "release waits", "releases wait"),
            lasting(time.as_secs().max(1))
        ),
        (releases, Clear::NotKnown) => format!(
            "{} besides; nobody can tell how long that takes.",
            count(releases, "release waits", "releases wait")
        ),
    };
    html! {
        div.tight {
            @if cut_off.orders == 0 {
                p { (state(Kind::Done, "Nothing that stands still is due by then")) }
            } @else {
                @let will = count(cut_off.orders, "order will miss it", "orders will miss it");
                p { (state(Kind::Needs, &if cut_off.more { format!("{will}, or more") } else { will })) }
                ul.tight {
                    @for at in cut_off.by_card.iter().take(NAMED) {
                        li { a href={ "/cards/" (at.card) } { (count(at.orders, "order", "orders")) } " " span.muted { (at.what) ": " (at.cause) } }
                    }
                }
                @if cut_off.by_card.len() > NAMED { p { a href="/cards" { "All that stands still, by deadline" } } }
            }
            p.muted {
                (goes)
                @if let Some(until) = cut_off.put_off_until {
                    " " (count(cut_off.put_off, "release was put off until ", "releases were put off, the next until ")) (clock(until, local)) "."
                }
            }
        }
    }
}
