//! Calendars: when each team works, as in force. Deadlines in working hours and quiet nights are counted by them.

use axum::Json;
use maud::{Markup, html};
use tallyman_core::time::Date;

use super::{Asked, Tab, company, faults, key, settings as framed, whose};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::api::settings::{self, Hours};
use crate::form::Query;
use crate::pages::local;
use crate::view::facts::facts;
use crate::view::panel::panel;
use crate::view::time::{Local, whole_day};
use crate::view::{Kind, Page, capital, state};

/// The page.
pub async fn show(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let company = company(&inside, &asked);
    let Json(force) = settings::get(inside.clone(), Path(company.clone())).await?;
    let local = local(&inside, &company);
    let about = "When each team works. A deadline of eight working hours is counted by these, and what is held back for the night is told in the \
                 team’s morning.";
    let of_calendars: Vec<_> = force
        .faults
        .into_iter()
        .filter(|fault| fault.key.contains("calendar"))
        .collect();
    let body = html! {
        (whose(&inside, Tab::Calendars, &company))
        (faults(&of_calendars))
        @for hours in &force.hours { (team(hours, &local)) }
    };
    Ok(framed(&inside, Tab::Calendars, about, html! {}, body))
}

fn team(hours: &Hours, local: &Local) -> Markup {
    let now = if hours.open {
        state(Kind::Done, "At work")
    } else {
        state(Kind::Waiting, "Not at work")
    };
    let next = html! {
        @match &hours.next {
            Some(next) if !hours.open => (local.at(next.0)),
            Some(_) => "now",
            None => "never",
        }
    };
    let closed = if hours.closed.is_empty() {
        "none in the next four months".to_owned()
    } else {
        let written = |day: &String| Date::parse(day).map_or_else(|_| day.clone(), whole_day);
        hours.closed.iter().map(written).collect::<Vec<_>>().join(", ")
    };
    let body = html! {
        (facts(&[
            ("Now", now),
            ("Hours", html! { (hours.hours) }),
            ("Work begins", next),
            ("Closed next", html! { (closed) }),
        ]))
        (key(&hours.key))
    };
    let aside = if hours.own {
        "its own hours"
    } else {
        "the hours of all teams"
    };
    panel(hours.team, &capital(hours.team), Some(aside), body)
}
