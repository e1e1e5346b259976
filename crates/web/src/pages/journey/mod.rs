//! Journey: what happened to one order, and what is next. Its numbers in every system, its way step by step, every attempt, and how to try
//! it again (`retry`), and what people have put in the place of what came (`amended`).

pub mod amended;
pub mod retry;

use std::collections::BTreeSet;

use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::effect::{Kind as Made, State};
use tallyman_core::facts::Facts;
use tallyman_core::journey::Stage;
use tallyman_core::sku::Sku;
use tallyman_engine::story::Story;
use tallyman_engine::story::way::{Reached, Step};

use super::answer::{above, again};
use super::done::Done;
use super::local;
use crate::api::inside::Inside;
use crate::api::journeys::{Journey, story_of};
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::api::retry::Configuration;
use crate::api::{amendments, exchanges};
use crate::form::Query;
use crate::view::facts::{facts, keys};
use crate::view::frame::head;
use crate::view::money::{grouped, pounds};
use crate::view::panel::{happened, note, panel, raw};
use crate::view::time::Local;
use crate::view::{Frame, Kind, Link, Page, Place, live, mark, page, words};

/// Which plan to try it again is looked at, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    plan: Option<Configuration>,
    done: Option<Done>,
}

/// The page.
pub async fn show(inside: Inside, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &id, &asked, None, "").await
}

/// The page as the answer to what was refused on it.
pub async fn answer(inside: &Inside, id: &str, refused: Problem) -> Result<Response, Problem> {
    let page = render(inside, id, &Asked::default(), Some(&refused), "").await;
    again(page, refused)
}

async fn render(inside: &Inside, id: &str, asked: &Asked, refused: Option<&Problem>, why: &str) -> Result<Page, Problem> {
    let (story, said) = tokio::try_join!(story_of(inside, id), exchanges::of(inside, id))?;
    let local = local(inside, story.journey.company.as_str());
    let journey = Journey::of(&story, &local.zone);
    let plan = match asked.plan {
        Some(configuration) => Some(retry::plan_of(inside, &journey, configuration).await?),
        None => None,
    };
    let company = &story.journey.company;
    let (changed, facts) = tokio::try_join!(amendments::of(inside, company.as_str(), id), inside.facts(company))?;
    let trail = html! { a href="/orders" { "Orders" } " / " (journey.company) };
    let body = html! {
        (head(Some(trail), html! { "Order " (journey.reference) }, html! { (crate::view::capital(journey.standing)) "." @if journey.masked { " Whom it is for is masked for you." } }, html! {}))
        (above(refused, asked.done))
        (panel("customer", "For the customer", None, for_customer(&journey)))
        (numbers(&story, &journey, &local))
        (way(&story, &local))
        div.two {
            div.stack {
                (to_do(&story, &journey))
                @if !journey.held.is_empty() { (held(&journey, &local)) }
                @if let Some(plan) = &plan { (retry::plan(inside, &journey, plan, why)) }
                (panel("story", "What happened", Some("every attempt, the newest first"), told(&story, &local)))
                @if !changed.is_empty() { (raw("amended", "Amended here", Some("what came stays beside it"), amended::table(inside, &journey, &changed, &local))) }
                (super::exchanges::panel(inside, &journey.company, &journey.id, &said, &local))
                @if journey.lines.is_empty() {
                    (raw("lines", "Lines", Some("as the retailer sent them"), as_sent(&story)))
                } @else {
                    (raw("lines", "Lines", Some("in the ledger’s unit"), lines(&story, &journey, facts.as_deref())))
                }
            }
            div.stack {
                @if !story.parcels.is_empty() { (panel("parcels", "Parcels", None, parcels(&story, &local))) }
                @if !story.open.is_empty() { (panel("open", "Under way", None, under_way(&story, &journey, &local))) }
                @if could_go_again(&story) { (panel("retry", "Try it again", None, retry::ways(&journey))) }
            }
        }
    };
    let mut topics = vec![format!("journeys/{}", journey.id)];
    topics.extend(story.cards.iter().map(|card| format!("cards/{card}")));
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    // What was refused stands on the answer to a form, which nothing refreshes.
    let body = if refused.is_none() {
        live(&topics, "journey", body)
    } else {
        body
    };
    Ok(page(
        &Frame::of(inside, Place::Orders),
        &format!("Order {}", journey.reference),
        body,
    ))
}

/// A plan sends what stands still. Of an order of which nothing does, every plan would say that it sends nothing.
fn could_go_again(story: &Story) -> bool {
    let parked = story.open.iter().any(|open| open.state == State::Parked);
    !story.erased && (parked || story.journey.stage == Stage::Stopped)
}

/// What it goes by in every system: whoever reads one of these there finds the order by it here.
fn numbers(story: &Story, journey: &Journey, local: &Local) -> Markup {
    let mono = |text: &str| html! { span.mono { (text) } };
    let tag = |kind| {
        let its = story.tags.iter().rev().find(|(of, _)| *of == kind);
        html! { @if let Some((_, tag)) = its { small { "our tag " span.mono { (tag) } } } }
    };
    let ledger = html! {
        @match &story.journey.ledger_order {
            Some(order) => { (mono(&order.number)) small { "id " span.mono { (order.id) } } },
            None => "–",
        }
        (tag(Made::Draft))
    };
    let warehouse = html! { (journey.warehouse_order.as_deref().map_or_else(|| html! { "–" }, mono)) (tag(Made::Release)) };
    let parcels: BTreeSet<&str> = story.parcels.iter().filter_map(|parcel| parcel.tracking.as_deref()).collect();
    let tracking = html! {
        @if parcels.is_empty() { "–" }
        @for (place, number) in parcels.iter().enumerate() { @if place > 0 { ", " } (mono(number)) }
    };
    keys(&[
        ("Retailer’s number", mono(&journey.reference)),
        ("Retailer’s key", mono(&journey.source_key)),
        ("Ledger order", ledger),
        ("Warehouse order", warehouse),
        ("Tracking", tracking),
        ("Our id", mono(&journey.id)),
        ("Received", local.at(story.received_at)),
        ("Net", html! { (pounds(&journey.money)) }),
        ("Due", journey.due.map_or_else(|| html! { "–" }, |due| local.at(due.0))),
    ])
}

const fn named(step: Step) -> &'static str {
    match step {
        Step::Received => "Retailer order",
        Step::Ledger => "Ledger order",
        Step::Warehouse => "Warehouse order",
        Step::Shipment => "Shipment",
        Step::Despatch => "Ledger despatch",
        Step::Confirmation => "Confirmation",
        Step::Invoice => "Invoice",
    }
}

const fn drawn(reached: Reached) -> (Kind, &'static str) {
    match reached {
        Reached::Done => (Kind::Done, "Done"),
        Reached::Waiting => (Kind::Waiting, "Under way"),
        Reached::Stuck => (Kind::Needs, "Needs someone"),
        Reached::Unknown => (Kind::Unknown, "Unknown"),
        Reached::NotYet => (Kind::None, "Not yet"),
        Reached::Never => (Kind::None, "Not carried out"),
    }
}

/// What shows that a step was reached stands under it, for whoever points at it or goes to it.
fn way(story: &Story, local: &Local) -> Markup {
    html! {
        section.panel aria-label="The order’s way" {
            ol.way {
                @for (place, stop) in story.way().iter().enumerate() {
                    @let (kind, word) = drawn(stop.reached);
                    @let proof = (!stop.proofs.is_empty()).then(|| format!("proof-{place}"));
                    li class=(kind.class()) tabindex=[proof.as_ref().map(|_| "0")] aria-describedby=[proof.as_ref()] {
                        (mark(kind, Some(word)))
                        b { (named(stop.step)) }
                        @if let Some(said) = &stop.said { small { (said) } }
                        @if stop.reached != Reached::Done { small { (word.to_lowercase()) } }
                        @if let Some(id) = &proof {
                            span.proof #(id) role="tooltip" {
                                @for shown in &stop.proofs { span { (crate::view::capital(&shown.what)) ": " span.mono { (shown.by) } ", " (local.exactly(shown.at)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn to_do(story: &Story, journey: &Journey) -> Markup {
    let stops = !story.stopped_by.is_empty();
    let kind = if stops { Kind::Needs } else { Kind::Done };
    let body = html! {
        @for sentence in &journey.to_do { p.lines { (words(sentence)) } }
        @for card in story.cards.iter().filter(|_| stops) { p { a href={ "/cards/" (card) } { "Fix it on its card" } } }
    };
    note(kind, body)
}

/// What keeps its next write from being sent.
fn held(journey: &Journey, local: &Local) -> Markup {
    let body = html! {
        @for held in &journey.held {
            p { b { (crate::view::capital(&held.why)) } " until " (local.at(held.until.0)) ": " (held.reason) " What waits at " code { (held.connection) } " goes on by itself then." }
        }
        p { a href="/connections" { "What is held, and by whom" } }
    };
    note(Kind::Waiting, body)
}

/// What customer service says, and where the parcels can be followed.
fn for_customer(journey: &Journey) -> Markup {
    html! {
        div.tight {
            p { (journey.for_customer) }
            @for parcel in &journey.parcels {
                @if let Some(address) = &parcel.tracking_url { p { "Follow it: " (tracking(parcel.tracking.as_deref(), Some(address))) } }
            }
        }
    }
}

fn told(story: &Story, local: &Local) -> Markup {
    html! {
        ol.times {
            @for line in story.lines.iter().rev() { (happened(local.exactly(line.at), None, html! { span.lines { (words(&line.what)) } })) }
        }
        @if story.erased { p.muted { "Its personal data was erased, and with it what was said about it." } }
    }
}

/// A document of a retailer has codes only, so an item is called what the ledger calls it.
fn lines(story: &Story, journey: &Journey, facts: Option<&Facts>) -> Markup {
    let item = |sku: &Sku| facts.and_then(|facts| facts.item(sku));
    let name = |sku: &Sku| item(sku).map(|item| item.name.as_str()).filter(|name| !name.is_empty());
    html! {
        table.fold {
            caption.hidden { "Lines" }
            thead {
                tr {
                    th scope="col" { "Item" }
                    th.n scope="col" { "Ordered" }
                    th.n scope="col" { "Has left" }
                    th.n scope="col" { "In the ledger" }
                    th.n scope="col" { "Confirmed" }
                }
            }
            tbody {
                @for (line, its) in journey.lines.iter().zip(&story.journey.lines) {
                    tr {
                        td.wide { (line.item) div.sub { @if let Some(name) = name(&its.sku) { (name) ", " } "line " (line.line) } }
                        td.n data-h="Ordered" { (grouped(&line.ordered)) }
                        td.n data-h="Has left" { (grouped(&line.shipped)) }
                        td.n data-h="In the ledger" { (grouped(&line.despatched)) }
                        td.n data-h="Confirmed" { (grouped(&line.confirmed)) }
                    }
                }
            }
        }
    }
}

/// What the retailer ordered, in its own words, while the ledger knows nothing of it: somebody has to judge why it was stopped.
fn as_sent(story: &Story) -> Markup {
    if story.asked.is_empty() {
        return html! { p.body.muted { "They are read against the ledger’s items when nothing stops the order." } };
    }
    html! {
        table.fold {
            caption.hidden { "Lines as the retailer sent them" }
            thead { tr { th scope="col" { "Item" } th.n scope="col" { "Ordered" } th.n scope="col" { "Price each" } th.n scope="col" { "Net" } } }
            tbody {
                @for line in &story.asked {
                    tr {
                        td.wide { (line.sku) div.sub { @if line.part_number != line.sku { "part " (line.part_number) ", " } "line " (line.line.0) } }
                        td.n data-h="Ordered" { (grouped(&line.quantity.to_string())) }
                        td.n data-h="Price each" { (pounds(&line.unit_price.to_string())) }
                        td.n data-h="Net" { @match line.net { Some(net) => (pounds(&net.to_string())), None => "–" } }
                    }
                }
            }
        }
        p.body.muted { "They are read against the ledger’s items when nothing stops the order." }
    }
}

fn parcels(story: &Story, local: &Local) -> Markup {
    html! {
        div.tight {
            @for parcel in &story.parcels {
                (facts(&[
                    ("Shipment", html! { (parcel.shipment) }),
                    ("Left", parcel.left_at.map_or_else(|| html! { "–" }, |at| local.at(at))),
                    ("Carrier", html! { (parcel.carrier.as_deref().unwrap_or("–")) }),
                    ("Tracking", tracking(parcel.tracking.as_deref(), parcel.tracking_url.as_deref())),
                ]))
            }
        }
    }
}

/// A link where it is one that a browser may follow.
fn tracking(number: Option<&str>, address: Option<&str>) -> Markup {
    let number = number.unwrap_or("–");
    match address.filter(|address| address.starts_with("https://") || address.starts_with("http://")) {
        Some(address) => html! { a href=(address) rel="noopener noreferrer" { (number) } },
        None => html! { (number) },
    }
}

fn under_way(story: &Story, journey: &Journey, local: &Local) -> Markup {
    let asked = Link::to("/outcomes").and("company", Some(&journey.company));
    html! {
        ul.tight {
            @for open in &story.open { @if let Some(sentence) = open.waits(&local.zone) { li { (words(&sentence)) } } }
        }
        @if story.way().iter().any(|stop| stop.reached == Reached::Unknown) { p { a href=(asked) { "Unknown outcomes" } } }
    }
}
