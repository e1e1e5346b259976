//! The frame around every page: the bar, the rail, the page itself.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use tallyman_core::access::{Actor, Right};
use tallyman_core::time::Zone;

use crate::api::inside::Inside;
use crate::assets;
use crate::view::Link;
use crate::view::rail::{Counts, Place, rail};
use crate::view::time::Local;

/// Markup that is sent as a page.
pub struct Page {
    pub status: StatusCode,
    markup: Markup,
}

impl Page {
    /// The same as the answer to something that was refused.
    pub fn with(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let kind = [(axum::http::header::CONTENT_TYPE, "text/html; charset=utf-8")];
        (self.status, kind, self.markup.into_string()).into_response()
    }
}

/// What htmx is told: it puts parts of pages in their places (`assets/console.js`), and leaves the rest to the browser. What a reader has
/// opened stays open.
const HTMX: &str = r#"{"history":false,"includeIndicatorCSS":false,"morphIgnore":["open","data-htmx-powered"]}"#;

/// Who looks, and where they are.
pub struct Frame {
    pub place: Place,
    name: String,
    companies: Vec<String>,
    /// What stands beside entries of the rail, where it is known.
    counts: Option<Counts>,
    /// When the page was made: every age on it counts from then.
    made: Option<Markup>,
    /// Whether they may see any order: else nothing leads to one.
    finds: bool,
    /// Where the page is, if it answers a form: it is reloaded, gone back to and kept current from there.
    pub own: Option<String>,
    /// What stands in the field that finds orders.
    pub sought: String,
}

impl Frame {
    pub fn of(inside: &Inside, place: Place) -> Self {
        let merchant = inside.merchants().next();
        let zone = merchant.map_or_else(Zone::utc, |merchant| merchant.zone.clone());
        let local = Local::new(inside.now(), zone);
        Self {
            counts: Counts::of(inside),
            made: Some(local.exactly(local.now)),
            own: inside.own_page.clone(),
            companies: inside.merchants().map(|merchant| merchant.company.to_string()).collect(),
            ..Self::bare(&inside.caller, place)
        }
    }

    /// Of somebody, before anything is looked up.
    pub fn bare(whose: &Actor, place: Place) -> Self {
        Self {
            place,
            name: whose.name.clone(),
            finds: whose.has(Right::Follow),
            companies: Vec::new(),
            counts: None,
            made: None,
            own: None,
            sought: String::new(),
        }
    }
}

fn logo() -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" {
            path d="M4 4v16M9 4v16M14 4v16M19 4v16M2 18L22 6" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" {}
        }
    }
}

fn document(title: &str, whose: Option<&Frame>, body: Markup) -> Page {
    // Whoever has not signed in has nothing that could be kept current.
    let scripts = whose.is_some();
    let class = if scripts { "framed" } else { "alone" };
    let own = whose.and_then(|frame| frame.own.as_deref());
    let markup = html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Tallyman" }
                link rel="stylesheet" href=(assets::path("console.css"));
                link rel="preload" href=(assets::path("text.woff2")) as="font" type="font/woff2" crossorigin;
                @if scripts {
                    meta name="htmx-config" content=(HTMX);
                    script src=(assets::path("htmx.js")) defer {}
                    script src=(assets::path("console.js")) defer {}
                }
            }
            body class=(class) data-own=[own] { (body) }
        }
    };
    Page {
        status: StatusCode::OK,
        markup,
    }
}

/// A whole page in its frame.
pub fn page(frame: &Frame, title: &str, main: Markup) -> Page {
    let body = html! {
        a.skip href="#main" { "Skip to the page" }
        (bar(frame))
        nav #rail .rail popover aria-label="Console" { (rail(frame.place, frame.finds, frame.counts, &frame.companies)) }
        main #main tabindex="-1" { (main) }
    };
    document(title, Some(frame), body)
}

/// A page for whoever has not signed in.
pub fn alone(title: &str, main: Markup) -> Page {
    let body = html! {
        main {
            div.panel {
                span.brand { (logo()) "Tallyman" }
                (main)
            }
        }
    };
    document(title, None, body)
}

fn bar(frame: &Frame) -> Markup {
    html! {
        header.bar {
            a.brand href="/" { (logo()) "Tallyman" }
            @if frame.finds {
                form.find role="search" action="/orders" {
                    label.hidden for="find" { "Find an order by any number" }
                    input #find name="q" type="search" placeholder="Find an order by any number" autocomplete="off" maxlength="100"
                        value=(frame.sought) aria-keyshortcuts="/";
                    kbd aria-hidden="true" { "/" }
                }
            }
            div.end {
                span #live .live role="status" hidden {}
                @if let Some(made) = &frame.made { span #made .muted.made { span { "As of " } (made) " · " a href="" { "Reload" } } }
                form.who action="/sign-out" method="post" {
                    i aria-hidden="true" { (initials(&frame.name)) }
                    a href="/account" { (frame.name) }
                    button.plain { "Sign out" }
                }
                button.menu type="button" popovertarget="rail" { "Menu" }
            }
        }
    }
}

/// Two letters of a name.
fn initials(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    let letters = words.filter_map(|word| word.chars().next()).take(2);
    letters.flat_map(char::to_uppercase).collect()
}

/// What stands at the head of a page: where it is, what it is, what can be done at once.
pub fn head(trail: Option<Markup>, title: Markup, sub: Markup, end: Markup) -> Markup {
    html! {
        header.head {
            div {
                @if let Some(trail) = trail { p.trail { (trail) } }
                h1 { (title) }
                @if !sub.0.is_empty() { p { (sub) } }
            }
            @if !end.0.is_empty() { div.end { (end) } }
        }
    }
}

/// Whether there is more, and the way to it. The first page is one step away. Under a list that says itself that it is empty there is nothing.
pub fn pager(link: &Link, after: bool, next: Option<&str>, shown: &str) -> Markup {
    let empty = shown.starts_with("0 ");
    html! {
        @if !empty || after || next.is_some() {
            div.foot.pager {
                span { @if !empty { (shown) } }
                span {
                    @if after { a href=(link) { "First page" } }
                    @if after && next.is_some() { " · " }
                    @if let Some(next) = next { a href=(link.clone().and("after", Some(next))) rel="next" { "Next page" } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_not_counted_beneath() {
        let link = Link::to("/cards");
        assert_eq!(pager(&link, false, None, "0 cards on this page").into_string(), "");
        let last = pager(&link, true, None, "0 cards on this page").into_string();
        assert!(last.contains("First page") && !last.contains("0 cards"), "{last}");
        assert!(
            pager(&link, false, None, "2 cards on this page")
                .into_string()
                .contains("2 cards")
        );
    }

    #[test]
    fn a_name_is_shortened_to_its_first_letters() {
        assert_eq!(initials("Maya Lindqvist-Berg"), "ML");
        assert_eq!(initials("terminal"), "T");
        assert_eq!(initials("<>"), "");
    }
}
