//! Settings: a tab a file. Each is a page of its own; this says which there are, and puts its tabs above each.
//!
//! A tab is shown to everybody who signs in, and says for whom its forms are: who knows what there is knows whom to ask.

pub mod access;

use axum::response::Response;
use maud::{Markup, html};

use crate::api::inside::Inside;
use crate::guard::see_other;
use crate::view::frame::head;
use crate::view::{Frame, Page, Place, page};

/// A page of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Access,
}

/// The tabs in their order: what each is called, and where it is.
const TABS: &[(Tab, &str, &str)] = &[(Tab::Access, "Access", "/settings/access")];

/// Where somebody begins.
pub async fn first() -> Response {
    see_other("/settings/access")
}

fn tabs(here: Tab) -> Markup {
    html! {
        nav.tabs aria-label="Settings" {
            @for (tab, name, path) in TABS { a href=(path) aria-current=[(*tab == here).then_some("page")] { (name) } }
        }
    }
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
