//! Orders: found by any number of any system. One hit is gone to at once; a number of two companies is asked about.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_engine::named::{self, Order};

use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::form::Query;
use crate::guard::see_other;
use crate::view::field::{Text, field};
use crate::view::frame::head;
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
        Some(number) => named::all(&inside.parts.store, number, &companies).await?,
        None => Vec::new(),
    };
    Ok(match found.as_slice() {
        [one] => see_other(&format!("/orders/{}", one.journey)),
        found => shown(&inside, sought, found).into_response(),
    })
}

fn shown(inside: &Inside, sought: Option<&str>, found: &[Order]) -> Page {
    let mut frame = Frame::of(inside, Place::Orders);
    frame.sought = sought.unwrap_or_default().to_owned();
    let number = Text {
        name: "number",
        label: "Any number of the order",
        value: sought.unwrap_or_default(),
        ..Text::default()
    };
    let body = html! {
        (head(None, html! { "Orders" }, html! { "Where is this order? Any number finds it: the retailer’s, the ledger’s, the warehouse’s, a parcel’s." }, html! {}))
        section.panel aria-label="Orders" {
            (ask(number))
            @match (sought, found.is_empty()) {
                (None, _) => (empty("Find an order", html! { "Type or paste a number, whole and in any case. One order opens at once; what it has been through and what it waits for stands on its page." })),
                (Some(number), true) => (empty("Nothing is known by this number", html! { "No order, parcel or document is known by " code { (number) } ". It is looked for whole. An order that the retailer sent a moment ago arrives with the next poll." })),
                (Some(number), false) => (several(number, found)),
            }
        }
    };
    page(&frame, "Orders", body)
}

fn ask(number: Text<'_>) -> Markup {
    // The field of the bar has the same name in the address; two of one id would be one too many.
    let control = html! {
        input #(number.name) name="q" type="search" value=(number.value) maxlength="100" autocomplete="off" required;
    };
    html! {
        form.filters action="/orders" role="search" aria-label="Find an order" {
            (field(number.name, number.label, control, None, None))
            button { "Find" }
        }
    }
}

fn several(number: &str, found: &[Order]) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Orders of this number" }
            thead { tr { th scope="col" { "Order" } th scope="col" { "Company" } } }
            tbody {
                @for order in found {
                    tr {
                        td.wide { a.title href=(Link::to(format!("/orders/{}", order.journey))) { (number) } }
                        td data-h="Company" { (order.company) }
                    }
                }
            }
        }
    }
}
