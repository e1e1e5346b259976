//! Orders: found by any number of any system, or by its beginning. One hit is gone to at once; of several each says what tells it apart.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_engine::looked_for::{CHARS_MIN, Found, Hit, look_for};

use super::local;
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::form::Query;
use crate::guard::see_other;
use crate::view::frame::head;
use crate::view::money::pounds;
use crate::view::panel::empty;
use crate::view::{Frame, Link, Page, Place, page};

/// Which number, and whose order it is where two companies have one of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    q: Option<String>,
    company: Option<String>,
}

/// Goes to the order, or says what there is.
pub async fn find(inside: Inside, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let companies = inside.companies(asked.company.as_deref())?;
    let sought = asked.q.as_deref().map(str::trim);
    let found = match sought {
        Some(number) => {
            inside.searches()?;
            look_for(&inside.parts.store, number, &companies).await?
        }
        None => Found::default(),
    };
    Ok(match found.hits.as_slice() {
        [one] => see_other(&format!("/orders/{}", one.journey)),
        _ => shown(&inside, sought, &found).into_response(),
    })
}

fn shown(inside: &Inside, sought: Option<&str>, found: &Found) -> Page {
    let mut frame = Frame::of(inside, Place::Orders);
    frame.sought = sought.unwrap_or_default().to_owned();
    let body = html! {
        (head(None, html! { "Orders" }, html! { "Where is this order? Any number finds it: the retailer’s, the ledger’s, the warehouse’s, a parcel’s." }, html! {}))
        section.panel aria-label="Orders" {
            (ask(sought.unwrap_or_default()))
            @match (sought, found.hits.is_empty()) {
                (None, _) => (empty("Find an order", html! { "Type or paste a number, or how it begins. One order opens at once; what it has been through and what it waits for stands on its page." })),
                (Some(number), true) => (empty("Nothing is known by this number", html! { "No order, parcel or document is known by " code { (number) } ", and none begins so. Blanks, dashes and capitals do not matter; of a beginning " (CHARS_MIN) " characters are needed. An order that the retailer sent a moment ago arrives with the next poll." })),
                (Some(_), false) => (several(inside, found)),
            }
        }
    };
    page(&frame, "Orders", body)
}

fn ask(sought: &str) -> Markup {
    // The field of the bar has the same name in the address; two of one id would be one too many.
    html! {
        form.filters action="/orders" role="search" aria-label="Find an order" {
            div.field.wide {
                label for="number" { "Any number of the order" }
                input #number name="q" type="search" value=(sought) maxlength="100" autocomplete="off" required autofocus;
            }
            button { "Find" }
        }
    }
}

fn several(inside: &Inside, found: &Found) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Orders that may be meant" }
            thead { tr { th scope="col" { "Order" } th scope="col" { "Company" } th scope="col" { "Received" } th.n scope="col" { "Net" } } }
            tbody { @for hit in &found.hits { (row(inside, hit)) } }
        }
        @if found.more { p.body.muted { "There are more. Type more of the number." } }
    }
}

fn row(inside: &Inside, hit: &Hit) -> Markup {
    let order = &hit.order;
    html! {
        tr {
            td.wide {
                a.title href=(Link::to(format!("/orders/{}", hit.journey))) { (order.reference) }
                @if let Some(by) = &hit.by { div.sub { "found by " span.mono { (by) } } }
            }
            td data-h="Company" { (order.company) }
            td data-h="Received" { (local(inside, &order.company).at(order.received_at)) }
            td.n data-h="Net" { (pounds(&order.net.to_string())) }
        }
    }
}
