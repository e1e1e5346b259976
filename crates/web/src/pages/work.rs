//! My work: what do I do next? The cards that somebody was given, stands in for, or that their team has, the earliest deadline first, each
//! with its reason in a line. The first has the focus when the page opens: Enter begins.

use maud::{Markup, html};
use serde::Deserialize;
use tallyman_engine::glance::Need;

use super::cards::{Row, WAITING, table};
use super::sheet;
use crate::api::inside::Inside;
use crate::api::overview::{card, glances, mine};
use crate::api::problem::Problem;
use crate::api::shape::Card;
use crate::form::Query;
use crate::view::frame::head;
use crate::view::money::whole_pounds;
use crate::view::panel::{empty, note, raw};
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, page};

/// Cards shown of one kind: what is done next, and not all that there is.
const SHOWN: usize = 30;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let glances = glances(&inside, asked.company.as_deref()).await?;
    let mine = mine(&inside, &glances);
    let (given, teams): (Vec<&Need>, Vec<&Need>) = mine.into_iter().partition(|need| need.is_given_to(&inside.caller.name));
    let first = given.first().or(teams.first()).map(|need| need.card.id.clone());
    let parts = html! {
        (head(None, html! { "My work" }, summary(given.len() as u64, teams.len() as u64), sheet::links(&Link::to("/sheets/work").and("company", asked.company.as_deref()))))
        (proposals(glances.iter().map(|glance| glance.to_approve(&inside.caller)).sum()))
        @if first.is_none() {
            section.panel aria-label="My work" { (nothing()) }
        }
        @if !given.is_empty() { (raw("given", "Given to me", None, listed(&inside, &given, first.as_deref()))) }
        @if !teams.is_empty() { (raw("team", "My team’s, and not taken by anybody else", None, listed(&inside, &teams, first.as_deref()))) }
    };
    let body = live(&["cards"], "work", parts);
    Ok(page(&Frame::of(&inside, Place::Work), "My work", body))
}

/// What others have proposed and waits for this person's word.
fn proposals(waiting: u64) -> Markup {
    html! {
        @if waiting > 0 {
            (note(Kind::Needs, html! {
                a href="/proposals" { (count(waiting, "change waits", "changes wait")) } " for a second person, and you may approve."
            }))
        }
    }
}

fn summary(given: u64, teams: u64) -> Markup {
    match (given, teams) {
        (0, 0) => html! { "Nothing waits for you." },
        (0, teams) => html! { (count(teams, "cause waits", "causes wait")) " for your team. The first below is due first." },
        (given, 0) => html! { (count(given, "cause was", "causes were")) " given to you. The first below is due first." },
        (given, teams) => {
            html! { (count(given, "cause was", "causes were")) " given to you, and " (count(teams, "waits", "wait")) " for your team. The first of each is due first." }
        }
    }
}

fn listed(inside: &Inside, needs: &[&Need], first: Option<&str>) -> Markup {
    let shown = needs.iter().take(SHOWN);
    let cards: Vec<Card> = shown.clone().map(|need| card(inside, need)).collect();
    let rows = shown.zip(&cards).map(|(need, card)| Row {
        card,
        why: Some(reason(need, inside)),
        first: first == Some(card.id.as_str()),
    });
    html! {
        (table(inside, "Cards, the earliest deadline first", WAITING, rows))
        @if needs.len() > SHOWN { p.foot { "The first " (SHOWN) " of " (needs.len()) ". " a href="/cards" { "All open cards" } } }
    }
}

/// Why it is theirs and what it holds up, in a line.
fn reason(need: &Need, inside: &Inside) -> String {
    let card = &need.card.card;
    let me = |name: &Option<String>| {
        name.as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case(&inside.caller.name))
    };
    let whose = match (&card.assignee, me(&card.assignee), me(&card.deputy)) {
        (_, true, _) => "Given to you".to_owned(),
        (Some(other), false, true) => format!("You stand in for {other}"),
        _ => format!("{} has it", capital(card.team.name())),
    };
    let weight = &card.weight;
    let holds = match (weight.orders, weight.stopped) {
        (0, 0) => "no order stands still for it".to_owned(),
        (0, records) => format!("{} still", count(records, "record stands", "records stand")),
        (orders, _) => {
            format!(
                "{} still, {}",
                count(orders, "order stands", "orders stand"),
                whole_pounds(weight.money)
            )
        }
    };
    format!("{whose}: {holds}")
}

fn nothing() -> Markup {
    empty(
        "Nothing waits for you",
        html! {
            "A card that is given to you, or that your team has, appears here by its deadline. "
            a href="/cards" { "All open cards" } " are on the list of exceptions."
        },
    )
}
