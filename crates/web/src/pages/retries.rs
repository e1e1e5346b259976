//! Retries: what was put off and goes again by itself. A tab beside the cards: it is what stands still and needs nobody.

use maud::{Markup, html};
use tallyman_engine::board;
use tallyman_engine::retries::Retry;
use tallyman_engine::story::phrase;

use super::{exceptions, local, order, sheet};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::put_off::{self, Listing};
use crate::form::Query;
use crate::view::frame::{head, pager};
use crate::view::money::grouped;
use crate::view::panel::empty;
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, mark, page};

/// Writes on a page, unless the address says otherwise.
const A_PAGE: u32 = 50;

/// The list.
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<Page, Problem> {
    let asked = Listing {
        limit: listing.limit.or(Some(A_PAGE)),
        ..listing.clone()
    };
    let found = put_off::page_of(&inside, &asked).await?;
    let open = board::how_many(&inside.parts.store, inside.companies(listing.company.as_deref())?).await?;
    let link = |path: &str| Link::to(path).and("company", listing.company.as_deref());
    let shown = count(found.rows.len() as u64, "write on this page", "writes on this page");
    let sub =
        html! { "Writes that were put off and go again by themselves. Nobody is needed; what goes on for long becomes a card." };
    let body = html! {
        (head(None, html! { "Exceptions" }, sub, sheet::links(&link("/sheets/retries"))))
        section.panel aria-label="Writes" {
            (exceptions::tabs(listing.company.as_deref(), None, open))
            @if found.rows.is_empty() {
                (empty("Nothing is tried again", html! { "When somebody has a record open in the ledger, or a system is away or asks for patience, the write is put off. It is here until it goes again, with the instant." }))
            } @else { (table(&inside, &found.rows)) }
            (pager(&link("/retries"), listing.after.is_some(), found.next.as_deref(), &shown))
        }
    };
    let body = live(&["outcomes", "journeys"], "retries", body);
    Ok(page(&Frame::of(&inside, Place::Exceptions), "Retries", body))
}

fn table(inside: &Inside, rows: &[Retry]) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Writes that go again by themselves, the next to go first" }
            thead { tr {
                th scope="col" { span.hidden { "State" } }
                th scope="col" { "Write" }
                th.n scope="col" { "Put off" }
                th.n scope="col" { "Net, £" }
                th.n scope="col" { "Last tried" }
                th.n scope="col" { "Goes again" }
            } }
            tbody { @for retry in rows { (row(inside, retry)) } }
        }
    }
}

fn row(inside: &Inside, retry: &Retry) -> Markup {
    let write = &retry.write;
    let local = local(inside, &retry.company);
    let what = capital(phrase(&write.name));
    html! {
        tr id={ "write-" (write.id) } {
            td.m { (mark(Kind::Waiting, Some("Goes again by itself"))) }
            td.wide {
                @if write.reference.is_empty() { b.title { (what) } } @else { (order::titled(inside, &retry.company, &write.journey, &format!("{what}, {}", write.reference))) }
                div.sub { code { (write.connection) } " · " (retry.company) }
                div.sub { (capital(retry.because())) }
            }
            td.n data-h="Put off" { (count(u64::from(write.pauses), "time", "times")) }
            td.n data-h="Net, £" { (grouped(&write.net.to_string())) }
            td.n data-h="Last tried" { (local.at(write.since)) }
            td.n data-h="Goes again" {
                // A write before it, a hold or a connection that is stopped may be what it waits for by then.
                @if write.due > local.now { (local.at(write.due)) div.sub { (local.until(write.due)) } } @else { "when its turn comes" }
            }
        }
    }
}
