//! Tally: whether everything that came in on a day is accounted for, by source, down to the keys (`records`); what is missing,
//! doubled or late (`source`).

mod records;
mod source;

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::time::Date;

use super::answer::leads_to;
use super::done::{Done, notice};
use super::{local, sheet};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read;
use crate::api::tally::{self, Listing, OfSource, Stands, Tally, What, Whose};
use crate::form::{Form, Query};
use crate::view::field::{field, hidden};
use crate::view::frame::head;
use crate::view::money::grouped;
use crate::view::panel::empty;
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, mark, page};

const A_PAGE: u32 = 25;
/// What the tally is made of.
const SHOWS: &[&str] = &["tally", "journeys", "cards", "connections"];

/// Which day, and which of its records are named.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
    day: Option<Date>,
    /// Of which kind records are named.
    kind: Option<What>,
    stand: Option<Stands>,
    after: Option<String>,
    done: Option<Done>,
}

impl Asked {
    fn link(&self, day: Option<Date>) -> Link {
        let day = day.map(|day| day.to_string());
        Link::to("/tally")
            .and("company", self.company.as_deref())
            .and("day", day.as_deref())
    }
}

/// The page.
pub async fn show(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let wanted = tally::Asked {
        day: asked.day,
        company: asked.company.clone(),
    };
    let found = tally::of_day(&inside, &wanted).await?;
    let records = match (&asked.company, asked.kind) {
        (Some(company), Some(kind)) => Some(tally::records_of(&inside, &listing(&asked, company, kind)).await?),
        _ => None,
    };
    let merchant = inside.merchants().next();
    let today = merchant.map(|merchant| inside.now().date_in(&merchant.zone));
    let day = asked.day.or(today);
    let download = Link::to("/sheets/tally")
        .and("company", asked.company.as_deref())
        .and("day", day.map(|day| day.to_string()).as_deref());
    let body = html! {
        (head(None, html! { "Tally" }, html! { (sentence(&found)) }, sheet::links(&download)))
        (notice(asked.done))
        @if let Some(day) = day { (days(&asked, day, today)) }
        section.panel aria-label="By source" {
            @if found.sources.is_empty() { (empty("No source", html! { "Each channel and each warehouse is a source: it appears here when it is configured." })) }
            @else { (table(&inside, &asked, &found)) }
        }
        @if let Some(records) = &records { (records::panel(&inside, &asked, records)) }
        div.tiles { @for source in &found.sources { (source::tile(&inside, source)) } }
    };
    Ok(page(&Frame::of(&inside, Place::Tally), "Tally", live(SHOWS, "tally", body)))
}

fn listing(asked: &Asked, company: &str, kind: What) -> Listing {
    Listing {
        company: company.to_owned(),
        kind,
        day: asked.day,
        stand: asked.stand,
        after: asked.after.clone(),
        limit: Some(A_PAGE),
    }
}

/// Whose lists are compared, and where to go on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compare {
    company: String,
    #[serde(default)]
    day: String,
}

/// Has the sources' own lists compared now.
pub async fn compare(inside: Inside, Form(wanted): Form<Compare>) -> Result<Response, Problem> {
    let whose = Whose { company: wanted.company };
    let Json(_) = tally::compare(inside, read::Json(whose)).await?;
    let day = Some(wanted.day).filter(|day| Date::parse(day).is_ok());
    Ok(leads_to(Link::to("/tally").and("day", day.as_deref()), Done::Compared))
}

fn sentence(found: &Tally) -> String {
    let received: u64 = found.sources.iter().map(|source| source.received).sum();
    let open: u64 = found.sources.iter().map(|source| source.open).sum();
    let gaps = found
        .sources
        .iter()
        .flat_map(|source| &source.gaps)
        .filter(|gap| gap.cleared_at.is_none())
        .count() as u64;
    let nowhere: u64 = found.sources.iter().map(|source| source.nowhere.len() as u64).sum();
    let asked = if found.sources.iter().all(|source| source.compared_whole) {
        ""
    } else {
        " as far as the sources have been asked"
    };
    match (gaps, nowhere) {
        (0, 0) if received == 0 => format!("Nothing came in on this day{asked}."),
        (0, 0) => format!(
            "{} came in, {}, and nothing is missing{asked}.",
            count(received, "record", "records"),
            open_of(open)
        ),
        (gaps, 0) => format!(
            "{} not as the source has it; {} came in, {}.",
            count(gaps, "key is", "keys are"),
            grouped(&received.to_string()),
            open_of(open)
        ),
        (_, nowhere) => format!(
            "{} accounted for by nothing: that is a fault of the program.",
            count(nowhere, "record is", "records are")
        ),
    }
}

fn open_of(open: u64) -> String {
    if open == 0 {
        "none of them is open".into()
    } else {
        format!("{} open", count(open, "is", "are"))
    }
}

fn days(asked: &Asked, day: Date, today: Option<Date>) -> Markup {
    let control = html! { input #day name="day" type="date" value=(day) required; };
    let next = day.plus_days(1);
    html! {
        form.filters action="/tally" aria-label="Which day" {
            @if let Some(company) = &asked.company { (hidden("company", company)) }
            (field("day", "Day", control, None, None))
            button { "Show" }
            a.btn href=(asked.link(Some(day.plus_days(-1)))) { "The day before" }
            @if today.is_some_and(|today| next <= today) { a.btn href=(asked.link(Some(next))) { "The day after" } }
        }
    }
}

fn table(inside: &Inside, asked: &Asked, found: &Tally) -> Markup {
    html! {
        table.fold {
            caption.hidden { "What came in, by source" }
            thead { tr {
                th scope="col" { span.hidden { "State" } } th scope="col" { "Source" }
                th.n scope="col" { "Received" } th.n scope="col" { "Posted" } th.n scope="col" { "Open" } th.n scope="col" { "Declined" }
                th.n scope="col" { "Missing" } th.n scope="col" { "Came again" } th.n scope="col" { "Compared" }
            } }
            tbody { @for source in &found.sources { (row(inside, asked, source)) } }
        }
    }
}

fn row(inside: &Inside, asked: &Asked, source: &OfSource) -> Markup {
    let local = local(inside, &source.company);
    let missing = source.gaps.iter().filter(|gap| gap.cleared_at.is_none()).count();
    let (kind, word) = if source.whole && source.open > 0 {
        // It waits, or stands under a card: which of the two, the list behind the figure says of each.
        (Kind::None, "Some of it is open")
    } else {
        source::proved(source)
    };
    let link = |stand: Option<Stands>| {
        let day = asked.day.map(|day| day.to_string()).unwrap_or_else(|| source.day.clone());
        Link::to("/tally")
            .and("company", Some(&source.company))
            .and("day", Some(&day))
            .and("kind", Some(source.kind))
            .and("stand", stand.map(Stands::name))
    };
    let figure = |number: u64, stand: Option<Stands>| {
        html! { @if number == 0 { "0" } @else { a href={ (link(stand)) "#records" } { (grouped(&number.to_string())) } } }
    };
    html! {
        tr id={ "row-" (source.kind) "-" (source.source) } {
            td.m { (mark(kind, Some(word))) }
            td.wide { (capital(source.kind)) "s" div.sub { (source.source) ", " (source.company) } }
            td.n data-h="Received" { (figure(source.received, None)) }
            td.n data-h="Posted" { (figure(source.posted, Some(Stands::Posted))) }
            td.n data-h="Open" { (figure(source.open, Some(Stands::Open))) }
            td.n data-h="Declined" { (figure(source.declined, Some(Stands::Declined))) }
            // Before the source's own list was compared nobody knows of any, and nobody knows that there is none.
            td.n data-h="Missing" { @if source.compared_at.is_none() && missing == 0 { span title="Not compared yet" { "–" } } @else { (missing) } }
            td.n data-h="Came again" { (grouped(&source.again.len().to_string())) }
            td.n data-h="Compared" {
                @match source.compared_at { Some(at) => (local.at(at.0)), None => "–" }
                @if source.compared_at.is_some() && source.uncompared > 0 { div.sub { (grouped(&source.uncompared.to_string())) " came after" } }
            }
        }
    }
}
