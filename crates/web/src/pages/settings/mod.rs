//! Settings: a tab a file. Each is a page of its own; this says which there are, and puts its tabs above each.
//!
//! A tab is shown to everybody who signs in, and says for whom its forms are: who knows what there is knows whom to ask. What is decided in
//! the configuration file is shown with the key under which it is changed.

pub mod access;
pub mod alerts;
pub mod calendars;
pub mod retention;

use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use crate::api::inside::Inside;
use crate::api::settings::Fault;
use crate::guard::see_other;
use crate::view::frame::head;
use crate::view::panel::panel;
use crate::view::{Frame, Kind, Link, Page, Place, mark, page, words};

/// A page of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Access,
    Alerts,
    Calendars,
    Retention,
}

/// The tabs in their order: what each is called, and where it is.
const TABS: &[(Tab, &str, &str)] = &[
    (Tab::Access, "Access", "/settings/access"),
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
    see_other("/settings/access")
}

/// The company that is asked for, else the first that there is for the caller.
pub fn company(inside: &Inside, asked: &Asked) -> String {
    let first = || inside.merchants().next().map(|merchant| merchant.company.to_string());
    asked.company.clone().or_else(first).unwrap_or_default()
}

fn tabs(here: Tab) -> Markup {
    html! {
        nav.tabs aria-label="Settings" {
            @for (tab, name, path) in TABS { a href=(path) aria-current=[(*tab == here).then_some("page")] { (name) } }
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
        (tabs(tab))
        (main)
    };
    page(&Frame::of(inside, Place::Settings), name, body)
}
