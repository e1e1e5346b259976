//! The first lines: whether everything is where it should be, in a sentence, and today's orders as an equation.

use std::sync::Arc;

use maud::{Markup, html};
use tallyman_core::catalogue::Owner;
use tallyman_core::flow::Way;
use tallyman_core::heartbeat::Beat;
use tallyman_core::money::Money;
use tallyman_core::tally::Kind;
use tallyman_core::time::Timestamp;
use tallyman_engine::connections::{Role, State};
use tallyman_engine::glance::{Glance, Source};

use crate::api::inside::Inside;
use crate::view::money::{grouped, whole_pounds};
use crate::view::time::Local;
use crate::view::{Link, capital, count};

/// A system that takes nothing now, with what waits for it.
struct Away {
    connection: String,
    /// `does not answer`.
    how: &'static str,
    waits: Vec<(Way, u64)>,
}

/// What the glances come to.
struct Sum {
    /// Orders that stand still, and what they are worth.
    orders: u64,
    money: Money,
    causes: u64,
    teams: Vec<Owner>,
    /// Keys that a source lists and that are not here, or the other way round; and records that stand nowhere.
    gaps: u64,
    nowhere: u64,
    /// When the sources' own lists were last compared, all of them; none where one was not.
    compared_at: Option<Timestamp>,
    /// Records that came since, and whether a list was not compared for longer than it is as a rule.
    uncompared_orders: u64,
    uncompared_shipments: u64,
    overdue: bool,
    /// Today's orders that are neither posted nor declined, and those of them that stand still; none where these are too many to look at.
    open: u64,
    open_and_standing: Option<u64>,
    away: Vec<Away>,
    /// A source of which nothing has been heard for too long.
    silent: Option<(String, Timestamp)>,
    made_at: Option<Timestamp>,
}

fn sum(glances: &[Arc<Glance>]) -> Sum {
    let sources = || glances.iter().flat_map(|glance| &glance.sources);
    let mut teams: Vec<Owner> = glances.iter().flat_map(|glance| glance.needs.teams()).collect();
    teams.sort_unstable();
    teams.dedup();
    // A sum that cannot be told any more is the largest there is.
    let more = |sum: Money, glance: &Arc<Glance>| sum.checked_add(glance.needs.money).unwrap_or(sum);
    let silent = glances.iter().flat_map(|glance| &glance.feeds).find_map(|feed| {
        let brings = feed.name.starts_with("orders of ") || feed.name.starts_with("shipments of ");
        let silent = brings && feed.beat == Beat::Silent;
        feed.done_at.filter(|_| silent).map(|at| (feed.name.clone(), at))
    });
    let uncompared = |kind| {
        sources()
            .filter(|source| source.kind == kind)
            .map(|source| source.uncompared)
            .sum()
    };
    Sum {
        open: glances
            .iter()
            .filter_map(|glance| glance.orders())
            .map(|source| source.open)
            .sum(),
        open_and_standing: glances.iter().map(open_and_standing).sum(),
        away: glances.iter().flat_map(|glance| away(glance)).collect(),
        orders: glances.iter().map(|glance| glance.needs.orders).sum(),
        money: glances.iter().fold(Money::ZERO, more),
        causes: glances.iter().map(|glance| glance.needs.waiting().count() as u64).sum(),
        teams,
        gaps: sources().map(|source| source.gaps).sum(),
        nowhere: sources().map(|source| source.nowhere).sum(),
        compared_at: sources()
            .map(|source| source.compared_at)
            .collect::<Option<Vec<_>>>()
            .and_then(|all| all.into_iter().min()),
        uncompared_orders: uncompared(Kind::Order),
        uncompared_shipments: uncompared(Kind::Shipment),
        overdue: sources().any(|source| source.overdue),
        silent,
        made_at: glances.iter().map(|glance| glance.made_at).min(),
    }
}

/// What stands still is asked a moment after what is open was counted.
fn open_and_standing(glance: &Arc<Glance>) -> Option<u64> {
    let open = glance.orders().map_or(0, |source| source.open);
    glance.needs.of_today.map(|standing| standing.min(open))
}

/// The systems of a company that take nothing and that nobody has stopped. A pause that has no card yet is over in minutes.
fn away(glance: &Glance) -> Vec<Away> {
    let systems = glance.map.systems.iter().filter_map(|system| {
        let how = match system.state {
            State::Down => "does not answer",
            State::NotSignedIn => "lets nobody in",
            State::Stopped | State::Paused | State::Lapsing | State::NotAsked | State::Well => return None,
        };
        let ways = Role::named(system.role).map_or(&[][..], Role::ways);
        let arrows = ways.iter().filter_map(|way| glance.map.arrow(*way));
        Some(Away {
            connection: system.connection.to_string(),
            how,
            waits: arrows.map(|arrow| (arrow.way, arrow.waiting + arrow.put_off)).collect(),
        })
    });
    systems.collect()
}

/// The sentence, what is behind it, and the equation.
pub fn lead(inside: &Inside, glances: &[Arc<Glance>]) -> Markup {
    let sum = sum(glances);
    let local = glances.first().map(|glance| super::local(inside, glance));
    html! {
        div.lead {
            div {
                h1.sentence { (sentence(&sum)) }
                @if let Some(local) = &local { p.muted { (behind(&sum, local)) } }
            }
            (equation(glances))
        }
    }
}

fn sentence(sum: &Sum) -> Markup {
    let stopped = count(sum.orders, "order", "orders");
    // Money without pence: this is a sentence.
    let worth = whole_pounds(sum.money);
    html! {
        @if sum.nowhere + sum.gaps > 0 {
            a href="/tally" { (count(sum.nowhere + sum.gaps, "record", "records")) }
            @if sum.nowhere + sum.gaps == 1 { " is" } @else { " are" }
            " not where the sources say"
            @if !sum.away.is_empty() { ", and " (are_away(&sum.away)) }
            "."
        } @else if !sum.away.is_empty() {
            (are_away(&sum.away)) ": " (waiting(&sum.away)) "."
        } @else if let Some((feed, _)) = &sum.silent {
            "Nobody can tell: nothing has come from " a href="/connections" { (feed.split(" of ").nth(1).unwrap_or(feed)) } " for too long."
        } @else if sum.orders > 0 {
            "All but " a href="/cards" { (stopped) ", " (worth) "," } " are where they should be."
        } @else if sum.overdue {
            "As far as has been asked, every order is where it should be."
        } @else {
            "Every order is where it should be."
        }
    }
}

/// `sage-1 does not answer and mintsoft-1 lets nobody in`.
fn are_away(away: &[Away]) -> Markup {
    html! {
        @for (index, system) in away.iter().enumerate() {
            @if index > 0 { @if index + 1 == away.len() { " and " } @else { ", " } }
            a href="/connections" { (system.connection) } " " (system.how)
        }
    }
}

/// `4 orders and 1 despatch wait for it`, as the flow has them.
fn waiting(away: &[Away]) -> String {
    let of = |way: Way| -> u64 {
        let all = away.iter().flat_map(|system| &system.waits);
        all.filter(|(its, _)| *its == way).map(|(_, waiting)| waiting).sum()
    };
    let waits: Vec<(Way, u64)> = Way::ALL
        .into_iter()
        .map(|way| (way, of(way)))
        .filter(|(_, waiting)| *waiting > 0)
        .collect();
    let whom = if away.len() == 1 { "it" } else { "them" };
    match waits.as_slice() {
        [] => format!("nothing waits for {whom} yet"),
        [(way, 1)] => format!("1 {} waits for {whom}", way.noun()),
        waits => {
            let told = waits
                .iter()
                .map(|(way, waiting)| count(*waiting, way.noun(), way.name()))
                .collect();
            format!("{} wait for {whom}", listed(told))
        }
    }
}

/// `one, two and three`.
fn listed(words: Vec<String>) -> String {
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// Why more may be open than stands still, where that was counted.
fn open(sum: &Sum) -> Option<String> {
    let all = format!("{} open", count(sum.open, "of today’s orders is", "of today’s orders are"));
    let verb =
        |number: u64, one: &str, many: &str| format!("{} {}", grouped(&number.to_string()), if number == 1 { one } else { many });
    let (still, on) = match (sum.open, sum.open_and_standing) {
        (0, _) => return None,
        (_, None) => return Some(format!("{all}. ")),
        (open, Some(still)) => (still, open - still.min(open)),
    };
    Some(match (still, on) {
        (_, 0) => format!("{all}: {}. ", verb(still, "stands still", "stand still")),
        (0, _) => format!("{all}: {} under way. ", verb(on, "is", "are")),
        _ => format!(
            "{all}: {}, {} under way. ",
            verb(still, "stands still", "stand still"),
            verb(on, "is", "are")
        ),
    })
}

fn behind(sum: &Sum, local: &Local) -> Markup {
    let teams: Vec<String> = sum.teams.iter().map(|team| capital(team.name())).collect();
    let whom = listed(teams);
    let since = sum.uncompared_orders + sum.uncompared_shipments;
    let kinds = [
        (sum.uncompared_orders, "order", "orders"),
        (sum.uncompared_shipments, "shipment", "shipments"),
    ];
    let kinds = kinds.into_iter().filter(|(number, ..)| *number > 0);
    let records = listed(kinds.map(|(number, one, many)| count(number, one, many)).collect());
    html! {
        @if let Some((feed, at)) = &sum.silent { "The last round of " (feed) " ended " (local.age(*at)) " ago. " }
        @if (sum.nowhere + sum.gaps > 0 || sum.silent.is_some() || !sum.away.is_empty()) && sum.orders > 0 {
            (count(sum.orders, "order stands", "orders stand")) " still. "
        }
        @match sum.causes {
            0 => "Nothing waits for anybody. ",
            1 => { "One cause waits for " (whom) ". " },
            causes => { (count(causes, "cause waits", "causes wait")) " for " (whom) ". " },
        }
        @if let Some(open) = open(sum) { (open) }
        @if let Some(made_at) = sum.made_at { "Seen " (local.age(made_at)) " ago; " }
        @match (sum.compared_at, sum.gaps) {
            (None, 0) => "not every source’s own list has been compared yet.",
            (None, _) => "not every source’s own list could be compared.",
            (Some(at), _) if since > 0 => {
                "the sources’ own lists were last compared " (local.age(at)) " ago, at " (local.at(at)) ": "
                (records) @if since == 1 { " has" } @else { " have" } " come since."
            },
            (Some(at), 0) => { "no source lists a record that is not here, as of " (local.at(at)) "." },
            (Some(at), _) => { "the sources’ own lists were compared at " (local.at(at)) "." },
        }
    }
}

/// received = posted + open + declined, of today's orders.
fn equation(glances: &[Arc<Glance>]) -> Markup {
    let orders: Vec<&Source> = glances.iter().filter_map(|glance| glance.orders()).collect();
    let of = |figure: fn(&Source) -> u64| -> u64 { orders.iter().map(|source| figure(source)).sum() };
    // What stands between the figures is drawn by the style sheet: a list of terms holds terms.
    let part = |class: &str, name: &str, figure: u64| {
        let shown = grouped(&figure.to_string());
        html! { div class=(class) { dt { (name) } dd { @if figure == 0 { (shown) } @else { a href=(behind_figure(glances, name)) aria-label={ (shown) " " (name) } { (shown) } } } } }
    };
    html! {
        dl.sum aria-label="Orders of today" {
            (part("is", "received", of(|source| source.received)))
            (part("and", "posted", of(|source| source.posted)))
            (part("and", "open", of(|source| source.open)))
            (part("", "declined", of(|source| source.declined)))
        }
    }
}

/// The records that a figure counts, by name; of several companies their tallies, which lead there.
fn behind_figure(glances: &[Arc<Glance>], name: &str) -> String {
    let tally = Link::to("/tally");
    let [glance] = glances else { return tally.to_string() };
    let day = glance.day.date.to_string();
    let records = tally
        .and("company", Some(&glance.company))
        .and("day", Some(&day))
        .and("kind", Some(Kind::Order.name()))
        .and("stand", Some(name).filter(|name| *name != "received"));
    format!("{records}#records")
}
