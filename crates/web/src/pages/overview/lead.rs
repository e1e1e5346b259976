//! The first lines: whether everything is where it should be, in a sentence, and today's orders as an equation.

use std::sync::Arc;

use maud::{Markup, html};
use tallyman_core::catalogue::Owner;
use tallyman_core::heartbeat::Beat;
use tallyman_core::money::Money;
use tallyman_core::time::Timestamp;
use tallyman_engine::glance::{Glance, Source};

use crate::api::inside::Inside;
use crate::view::money::{grouped, whole_pounds};
use crate::view::time::Local;
use crate::view::{capital, count};

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
    uncompared: u64,
    overdue: bool,
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
    Sum {
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
        uncompared: sources().map(|source| source.uncompared).sum(),
        overdue: sources().any(|source| source.overdue),
        silent,
        made_at: glances.iter().map(|glance| glance.made_at).min(),
    }
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
            " not where the sources say."
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

fn behind(sum: &Sum, local: &Local) -> Markup {
    let teams: Vec<String> = sum.teams.iter().map(|team| capital(team.name())).collect();
    let whom = match teams.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    };
    html! {
        @if let Some((feed, at)) = &sum.silent { "The last round of " (feed) " ended " (local.age(*at)) " ago. " }
        @if (sum.nowhere + sum.gaps > 0 || sum.silent.is_some()) && sum.orders > 0 {
            (count(sum.orders, "order stands", "orders stand")) " still. "
        }
        @match sum.causes {
            0 => "Nothing waits for anybody. ",
            1 => { "One cause waits for " (whom) ". " },
            causes => { (count(causes, "cause waits", "causes wait")) " for " (whom) ". " },
        }
        @if let Some(made_at) = sum.made_at { "Seen " (local.age(made_at)) " ago; " }
        @match (sum.compared_at, sum.gaps) {
            (None, 0) => "not every source’s own list has been compared yet.",
            (None, _) => "not every source’s own list could be compared.",
            (Some(at), _) if sum.uncompared > 0 => {
                "the sources’ own lists were last compared " (local.age(at)) " ago, at " (local.at(at)) ": "
                (count(sum.uncompared, "record has", "records have")) " come since."
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
    let part = |class: &str, name: &str, figure: u64| html! { div class=(class) { dt { (name) } dd { (grouped(&figure.to_string())) } } };
    html! {
        dl.sum aria-label="Orders of today" {
            (part("is", "received", of(|source| source.received)))
            (part("and", "posted", of(|source| source.posted)))
            (part("and", "open", of(|source| source.open)))
            (part("", "declined", of(|source| source.declined)))
        }
    }
}
