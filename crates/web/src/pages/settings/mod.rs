//! Settings: what is in force, a page each. What is decided in the configuration file is shown with the key under which it is changed.

pub mod alerts;
pub mod calendars;
pub mod retention;

use maud::{Markup, html};
use serde::Deserialize;

use crate::api::inside::Inside;
use crate::api::settings::Fault;
use crate::form::Query;
use crate::view::panel::panel;
use crate::view::{Kind, Link, mark, words};

/// What the settings are of, each with its page.
const TABS: [(&str, &str); 3] = [
    ("Alert rules", "/settings/alerts"),
    ("Calendars", "/settings/calendars"),
    ("Retention", "/settings/retention"),
];

/// Whose.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub company: Option<String>,
}

/// Where the settings begin.
pub async fn first(Query(asked): Query<Asked>) -> axum::response::Response {
    crate::guard::see_other(&Link::to(TABS[0].1).and("company", asked.company.as_deref()).to_string())
}

/// The company that is asked for, else the first that there is for the caller.
pub fn company(inside: &Inside, asked: &Asked) -> String {
    let first = || inside.merchants().next().map(|merchant| merchant.company.to_string());
    asked.company.clone().or_else(first).unwrap_or_default()
}

/// The ways to the other settings, and to those of other companies.
pub fn tabs(inside: &Inside, here: &str, company: &str) -> Markup {
    let companies: Vec<String> = inside.merchants().map(|merchant| merchant.company.to_string()).collect();
    html! {
        nav.tabs aria-label="Settings" {
            @for (name, path) in TABS {
                a href=(Link::to(path).and("company", Some(company))) aria-current=[(path == here).then_some("page")] { (name) }
            }
        }
        @if companies.len() > 1 {
            p.muted {
                "Company: "
                @for (index, other) in companies.iter().enumerate() {
                    @if index > 0 { ", " }
                    @if other == company { b { (other) } } @else { a href=(Link::to(here).and("company", Some(other))) { (other) } }
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
