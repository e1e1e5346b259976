//! The records behind a figure of the tally, key by key.

use data_encoding::HEXLOWER;
use maud::{Markup, html};

use super::Asked;
use crate::api::inside::Inside;
use crate::api::tally::{OfDay, RecordsOfDay, Stands, What};
use crate::pages::{local, order, sheet};
use crate::view::frame::pager;
use crate::view::panel::{empty, raw};
use crate::view::{Kind, Link, capital, count, mark};

pub fn panel(inside: &Inside, asked: &Asked, records: &RecordsOfDay) -> Markup {
    let company = asked.company.as_deref().unwrap_or_default();
    let local = local(inside, company);
    let kind = asked.kind.map_or("", What::name);
    let stand = asked.stand.map(Stands::name);
    let day = asked.day.map(|day| day.to_string());
    let link = |path: &str| {
        Link::to(path)
            .and("company", Some(company))
            .and("day", day.as_deref())
            .and("kind", Some(kind))
            .and("stand", stand)
    };
    // What stands under a card waits for a person; nothing else of what is open does.
    let how = |record: &OfDay| match (record.stand, record.on_a_card) {
        (Some("posted"), _) => (Kind::Done, "Posted"),
        (Some("declined"), _) => (Kind::None, "Declined"),
        (Some(_), true) => (Kind::Needs, "Needs someone"),
        (Some(_), false) => (Kind::Waiting, "Open"),
        (None, _) => (Kind::Needs, "Accounted for by nothing"),
    };
    let total = count(records.records.len() as u64, "record on this page", "records on this page");
    let body = html! {
        @if records.records.is_empty() {
            (empty("No record stands so", html! { "Choose another figure of the table above." }))
        } @else {
            table.fold {
                caption.hidden { "Records of the day" }
                thead { tr {
                    th scope="col" { span.hidden { "State" } } th scope="col" { "Key" } th scope="col" { "Order" } th.n scope="col" { "Received" } th.n scope="col" { "Made" }
                } }
                tbody {
                    @for record in &records.records {
                        @let (kind, word) = how(record);
                        tr id={ "record-" (HEXLOWER.encode(record.key.as_bytes())) } {
                            td.m { (mark(kind, Some(word))) }
                            td.wide { span.mono { (record.key) } @if record.on_a_card { div.sub { "on a card" } } }
                            td data-h="Order" {
                                @match (&record.journey, &record.reference) {
                                    (Some(journey), Some(reference)) => (order::to(inside, company, journey, reference)),
                                    _ => "–",
                                }
                            }
                            td.n data-h="Received" { (local.exactly(record.received_at.0)) }
                            td.n data-h="Made" { @match record.made_at { Some(at) => (local.exactly(at.0)), None => "–" } }
                        }
                    }
                }
            }
        }
        (pager(&link("/tally"), asked.after.is_some(), records.next.as_deref(), &total))
        div.foot { (sheet::links(&link("/sheets/tally_records"))) }
    };
    let title = format!(
        "{}s{}",
        capital(kind),
        stand.map(|stand| format!(", {stand}")).unwrap_or_default()
    );
    raw("records", &title, Some("key by key"), body)
}
