//! Orders: found by any number of any system, or by its beginning; until somebody looks for one, those that came last. One hit is gone to at
//! once; of several each says what tells it apart.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_engine::looked_for::{CHARS_MIN, Found, Hit};

use super::{local, order, sheet};
use crate::api::inside::Inside;
use crate::api::orders::{self, Listing, Order, OrderPage};
use crate::api::problem::Problem;
use crate::form::Query;
use crate::guard::see_other;
use crate::view::frame::{head, pager};
use crate::view::money::grouped;
use crate::view::panel::{empty, raw};
use crate::view::{Frame, Kind, Link, Page, Place, count, live, page, state};

const A_PAGE: u32 = 30;

/// Which number, and whose order it is where two companies have one of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    q: Option<String>,
    company: Option<String>,
    /// From where on in the list of the newest.
    after: Option<String>,
}

/// Goes to the order, or says what there is.
pub async fn find(inside: Inside, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let Some(number) = asked.q.as_deref().map(str::trim) else {
        return Ok(newest(&inside, &asked).await?.into_response());
    };
    let found = orders::found(&inside, number, asked.company.as_deref()).await?;
    Ok(match found.hits.as_slice() {
        [one] => see_other(&format!("/orders/{}", one.journey)),
        _ => shown(&inside, number, results(&inside, number, &found)).into_response(),
    })
}

async fn newest(inside: &Inside, asked: &Asked) -> Result<Page, Problem> {
    let listing = Listing {
        company: asked.company.clone(),
        after: asked.after.clone(),
        limit: Some(A_PAGE),
    };
    let found = orders::page_of(inside, &listing).await?;
    let link = Link::to("/orders").and("company", asked.company.as_deref());
    let list = raw(
        "newest",
        "The newest",
        Some("the last received first"),
        html! {
            (list(inside, asked, &link, &found))
            @if !found.orders.is_empty() { div.foot { (sheet::links(&Link::to("/sheets/orders").and("company", asked.company.as_deref()))) } }
        },
    );
    // What somebody types stands outside of what is put anew.
    Ok(shown(inside, "", live(&["journeys"], "orders", list)))
}

fn shown(inside: &Inside, sought: &str, below: Markup) -> Page {
    let mut frame = Frame::of(inside, Place::Orders);
    frame.sought = sought.to_owned();
    let body = html! {
        (head(None, html! { "Orders" }, html! { "Where is this order? Any number finds it: the retailer’s, the ledger’s, the warehouse’s, a parcel’s." }, html! {}))
        section.panel aria-label="Find an order" { (ask(sought)) }
        (below)
    };
    page(&frame, "Orders", body)
}

fn ask(sought: &str) -> Markup {
    // The field of the bar has the same name in the address; two of one id would be one too many.
    html! {
        form.filters action="/orders" role="search" aria-label="Find an order" {
            div.field.wide {
                label for="number" { "Any number of the order, or how it begins" }
                input #number name="q" type="search" value=(sought) maxlength="100" autocomplete="off" required autofocus;
            }
            button { "Find" }
        }
    }
}

fn list(inside: &Inside, asked: &Asked, link: &Link, found: &OrderPage) -> Markup {
    let total = count(found.orders.len() as u64, "order on this page", "orders on this page");
    html! {
        @if found.orders.is_empty() && asked.after.is_some() {
            (empty("No earlier order", html! { "This is the end of the list: what came before it stands on the pages before." }))
        } @else if found.orders.is_empty() {
            (empty("No order has come yet", html! { "Each order that a retailer sends appears here within a minute or two, with the state it is in. Its page has what it has been through and what it waits for. Whether the retailers are reached stands under " a href="/connections" { "Connections" } "." }))
        } @else {
            table.fold {
                caption.hidden { "Orders, the last received first" }
                thead { tr {
                    th scope="col" { "Order" } th scope="col" { "State" } th scope="col" { "Retailer" } th.n scope="col" { "Received" } th.n scope="col" { "Net, £" }
                } }
                tbody { @for order in &found.orders { (row(inside, order)) } }
            }
        }
        (pager(link, asked.after.is_some(), found.next.as_deref(), &total))
    }
}

/// How an order stands: its shape, and its word.
fn stands(order: &Order) -> (Kind, &'static str) {
    match (order.stage.as_str(), order.stands_still) {
        (_, true) => (Kind::Needs, "Needs someone"),
        ("complete", _) => (Kind::Done, "Complete"),
        ("declined", _) => (Kind::None, "Declined"),
        _ => (Kind::Waiting, "Under way"),
    }
}

fn row(inside: &Inside, one: &Order) -> Markup {
    let (kind, word) = stands(one);
    html! {
        tr id={ "order-" (one.id) } {
            td.wide { (order::titled(inside, &one.company, &one.id, &one.reference)) }
            td data-h="State" { (state(kind, word)) }
            td data-h="Retailer" { (one.channel) div.sub { (one.company) } }
            td.n data-h="Received" { (local(inside, &one.company).at(one.received_at.0)) }
            td.n data-h="Net, £" { (grouped(&one.money)) }
        }
    }
}

fn results(inside: &Inside, number: &str, found: &Found) -> Markup {
    html! {
        section.panel aria-label="Orders" {
            @if found.hits.is_empty() {
                (empty("Nothing is known by this number", html! { "No order, parcel or document is known by " code { (number) } ", and none begins so. Blanks, dashes and capitals do not matter; of a beginning " (CHARS_MIN) " characters are needed. An order that the retailer sent a moment ago arrives with the next poll. " a href="/orders" { "The newest orders" } }))
            } @else {
                (several(inside, found))
            }
        }
    }
}

fn several(inside: &Inside, found: &Found) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Orders that may be meant" }
            thead { tr { th scope="col" { "Order" } th scope="col" { "Company" } th.n scope="col" { "Received" } th.n scope="col" { "Net, £" } } }
            tbody { @for hit in &found.hits { (alike(inside, hit)) } }
        }
        @if found.more { p.body.muted { "There are more. Type more of the number." } }
    }
}

fn alike(inside: &Inside, hit: &Hit) -> Markup {
    let order = &hit.order;
    html! {
        tr {
            td.wide {
                a.title href={ "/orders/" (hit.journey) } { (order.reference) }
                @if let Some(by) = &hit.by { div.sub { "found by " span.mono { (by) } } }
            }
            td data-h="Company" { (order.company) }
            td.n data-h="Received" { (local(inside, &order.company).at(order.received_at)) }
            td.n data-h="Net, £" { (grouped(&order.net.to_string())) }
        }
    }
}
