//! Settings: a tab a file. Each is a page of its own; this says which there are, puts its tabs above each, and has what their forms share.
//!
//! A tab is shown to everybody who signs in, and says for whom its forms are: who knows what there is knows whom to ask. What is decided in
//! the configuration file is shown with the key under which it is changed.

pub mod access;
pub mod account;
pub mod alerts;
pub mod calendars;
pub mod code;
pub mod deputies;
pub mod people;
pub mod person;
pub mod retention;
pub mod tokens;

use std::collections::BTreeSet;

use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::access::{Level, Right};
use tallyman_core::catalogue::Owner;

use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::settings::Fault;
use crate::guard::see_other;
use crate::pages::{companies, first_company};
use crate::view::field::{choice, options};
use crate::view::frame::head;
use crate::view::panel::panel;
use crate::view::{Frame, Kind, Link, Page, Place, capital, mark, page, words};

/// A page of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Account,
    People,
    Access,
    Deputies,
    Tokens,
    Alerts,
    Calendars,
    Retention,
}

/// The tabs in their order: what each is called, and where it is.
const TABS: &[(Tab, &str, &str)] = &[
    (Tab::Account, "My account", "/account"),
    (Tab::People, "People", "/settings/people"),
    (Tab::Access, "Access", "/settings/access"),
    (Tab::Deputies, "Deputies", "/settings/deputies"),
    (Tab::Tokens, "Tokens", "/settings/tokens"),
    (Tab::Alerts, "Alert rules", "/settings/alerts"),
    (Tab::Calendars, "Calendars", "/settings/calendars"),
    (Tab::Retention, "Retention", "/settings/retention"),
];

/// Whose.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub company: Option<String>,
}

/// Where somebody begins.
pub async fn first() -> Response {
    see_other("/account")
}

/// The company that is asked for, else the first that there is for the caller.
pub fn company(inside: &Inside, asked: &Asked) -> String {
    asked.company.clone().unwrap_or_else(|| first_company(inside))
}

fn tabs(inside: &Inside, here: Tab) -> Markup {
    // Whoever would only be refused there is not shown the way.
    let shown = |tab: Tab| tab != Tab::People || inside.caller.has(Right::People);
    html! {
        nav.tabs aria-label="Settings" {
            @for (tab, name, path) in TABS.iter().filter(|(tab, ..)| shown(*tab)) { a href=(path) aria-current=[(*tab == here).then_some("page")] { (name) } }
        }
    }
}

/// Whose settings these are, and the ways to those of other companies.
pub fn whose(inside: &Inside, here: Tab, company: &str) -> Markup {
    let companies: Vec<String> = inside.merchants().map(|merchant| merchant.company.to_string()).collect();
    let path = TABS
        .iter()
        .find(|(tab, ..)| *tab == here)
        .map_or("/settings", |(_, _, path)| path);
    html! {
        @if companies.len() > 1 {
            p.muted {
                "Company: "
                @for (index, other) in companies.iter().enumerate() {
                    @if index > 0 { ", " }
                    @if other == company { b { (other) } } @else { a href=(Link::to(path).and("company", Some(other))) { (other) } }
                }
            }
        }
    }
}

/// What is wrong with what is in force, each with where it is changed.
pub fn faults(faults: &[Fault]) -> Markup {
    if faults.is_empty() {
        return html! {};
    }
    let body = html! {
        ul.tight {
            @for fault in faults { li { (mark(Kind::Needs, Some("Needs someone"))) " " (words(&fault.sentence)) " " span.muted { "Change it under " code { (fault.key) } "." } } }
        }
    };
    panel("faults", "What is wrong", None, body)
}

/// Where something is changed.
pub fn key(key: &str) -> Markup {
    html! { p.muted.small { "Changed in the configuration file that " code { "tallyman serve" } " was started with, under " code { (key) } "; in force from the next start." } }
}

/// A page of the settings: its tabs, what it is for, and what stands on it.
pub fn settings(inside: &Inside, tab: Tab, sub: &str, end: Markup, main: Markup) -> Page {
    let name = TABS
        .iter()
        .find(|(its, ..)| *its == tab)
        .map_or("Settings", |(_, name, _)| name);
    let body = html! {
        (head(Some(html! { "Settings" }), html! { (name) }, html! { (sub) }, end))
        (tabs(inside, tab))
        (main)
    };
    page(&Frame::of(inside, Place::Settings), name, body)
}

/// What is given to somebody, as a form says it.
pub struct Given<'a> {
    pub level: &'a str,
    /// Empty for every company.
    pub company: &'a str,
    /// In the order of [`Owner::ALL`].
    pub teams: [bool; 3],
}

impl Given<'_> {
    pub fn level(&self) -> Result<Level, Problem> {
        Level::named(self.level).ok_or_else(|| Problem::unreadable("level", "Choose a level."))
    }

    pub fn teams(&self) -> BTreeSet<Owner> {
        let ticked = Owner::ALL.into_iter().zip(self.teams).filter(|(_, ticked)| *ticked);
        ticked.map(|(team, _)| team).collect()
    }
}

/// The fields that say a level, where it counts, and for which teams.
pub fn granting(inside: &Inside, given: &Given<'_>) -> Markup {
    let levels = options(Level::ALL.map(|level| (level.name(), capital(level.name()))));
    let companies = companies(inside, Some("Every company"));
    html! {
        (choice("level", "Level", &levels, given.level))
        (choice("company", "Where", &companies, given.company))
        (picks(given.teams))
        p.help { a href="/settings/access" { "What each level may" } }
    }
}

/// Boxes for teams; in the order of [`Owner::ALL`].
pub fn picks(ticked: [bool; 3]) -> Markup {
    html! {
        fieldset {
            legend { "Acts on cards of" }
            @for (team, ticked) in Owner::ALL.into_iter().zip(ticked) {
                @let id = format!("team-{team}");
                div.pick { input #(id) type="checkbox" name=(team.name()) checked[ticked]; label for=(id) { (capital(team.name())) } }
            }
            p.help { "None ticked: the usual teams." }
        }
    }
}

/// Teams in a sentence.
pub fn teams_of(teams: &BTreeSet<Owner>) -> String {
    teams.iter().map(|team| team.name()).collect::<Vec<_>>().join(", ")
}
