//! Exceptions: what is stuck, and why. Causes, not records; by deadline, money or age; open, set aside and resolved.

use maud::{Markup, html};
use tallyman_core::catalogue::{Owner, Severity};
use tallyman_engine::board;

use super::{local, sheet};
use crate::api::cards::{self, Far, Listing, Sort};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read;
use crate::api::shape::{Card, CardPage};
use crate::form::Query;
use crate::view::field::{Text, choice, hidden, options, text};
use crate::view::frame::{head, pager};
use crate::view::money::grouped;
use crate::view::panel::empty;
use crate::view::time::lasting;
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, mark, page, words};

/// How a card stands, as its shape and its word say it.
pub fn standing(card: &Card) -> (Kind, &'static str) {
    match card.life {
        "resolved" => (Kind::Done, "Resolved"),
        "verifying" => (Kind::Waiting, "Proving"),
        "set_aside" => (Kind::Waiting, "Set aside"),
        _ if card.code == "outcome_unclear" => (Kind::Unknown, "Unknown"),
        "fixing" => (Kind::Needs, "Being fixed"),
        "acknowledged" => (Kind::Needs, "Acknowledged"),
        _ => (Kind::Needs, "Needs someone"),
    }
}

/// The list.
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<Page, Problem> {
    let axum::Json(cards) = cards::list(inside.clone(), read::Query(by_deadline(&listing))).await?;
    let mut open = 0;
    for company in inside.companies(listing.company.as_deref())? {
        let counts = board::counts(&inside.parts.store, &company).await?;
        open += counts.iter().map(|count| count.cards).sum::<u64>();
    }
    let frame = Frame::of(&inside, Place::Exceptions);
    let body = html! {
        (head(None, html! { "Exceptions" }, summary(open), sheet::links(&link_to(&listing, "/sheets/cards"))))
        section.panel aria-label="Cards" {
            (tabs(&listing, open))
            (filters(&inside, &listing))
            @if cards.cards.is_empty() { (nothing(&listing)) } @else { (table(&inside, &listing, &cards)) }
            (pager(&link(&listing), listing.after.is_some(), cards.next.as_deref(), &count(cards.cards.len() as u64, "card on this page", "cards on this page")))
        }
    };
    Ok(page(&frame, "Exceptions", live(&["cards"], "exceptions", body)))
}

/// People are shown the earliest deadline first, unless they ask for something else.
fn by_deadline(listing: &Listing) -> Listing {
    Listing {
        sort: Some(sort(listing)),
        ..listing.clone()
    }
}

fn sort(listing: &Listing) -> Sort {
    listing.sort.unwrap_or(Sort::Due)
}

fn summary(open: u64) -> Markup {
    match open {
        0 => html! { "Nothing is stuck. What stops one day appears here, one line a cause." },
        1 => html! { "One cause stops something. Fix it, and all its orders go on by themselves." },
        _ => {
            html! { (count(open, "cause stops", "causes stop")) " something. Fix a cause, and all its orders go on by themselves." }
        }
    }
}

/// This list with its filters, from its first page.
fn link(listing: &Listing) -> Link {
    link_to(listing, "/cards")
}

/// Its filters at another address: as a sheet.
fn link_to(listing: &Listing, path: &str) -> Link {
    let limit = listing.limit.map(|limit| limit.to_string());
    Link::to(path)
        .and("life", listing.life.map(Far::name))
        .and("cause", listing.cause.as_deref())
        .and("company", listing.company.as_deref())
        .and("code", listing.code.map(|code| code.name()))
        .and("team", listing.team.map(Owner::name))
        .and("severity", listing.severity.map(Severity::name))
        .and("sort", listing.sort.map(Sort::name))
        .and("limit", limit.as_deref())
}

fn tabs(listing: &Listing, open: u64) -> Markup {
    let tab = |life: Option<Far>, called: &str, number: Option<u64>| {
        let current = match (listing.life, life) {
            (Some(Far::Resolved | Far::SetAside), None) => false,
            (_, None) => true,
            (its, life) => its.map(Far::name) == life.map(Far::name),
        };
        html! {
            a href=(link(listing).and("life", life.map(Far::name))) aria-current=[current.then_some("page")] {
                (called) @if let Some(number) = number { b { (number) } }
            }
        }
    };
    html! {
        nav.tabs aria-label="Which cards" {
            (tab(None, "Open", Some(open)))
            (tab(Some(Far::SetAside), "Set aside", None))
            (tab(Some(Far::Resolved), "Resolved", None))
        }
    }
}

fn filters(inside: &Inside, listing: &Listing) -> Markup {
    let named = |all: &str, names: &[&str]| {
        let mut pairs = options([("", all)]);
        pairs.extend(names.iter().map(|name| ((*name).to_owned(), capital(name))));
        pairs
    };
    let teams = named("All teams", &Owner::ALL.map(Owner::name));
    let severities = named("Any", &Severity::ALL.map(Severity::name));
    let sorts = options([("due", "Deadline"), ("money", "Money at stake"), ("oldest", "Age")]);
    let mut companies = options([("", "All companies")]);
    companies.extend(inside.merchants().map(|merchant| {
        let company = merchant.company.to_string();
        (company.clone(), company)
    }));
    let words = Text {
        name: "cause",
        label: "Words in the cause",
        value: listing.cause.as_deref().unwrap_or_default(),
        placeholder: Some("a carrier, an item, a connection"),
        chars_max: 200,
        ..Text::default()
    };
    html! {
        form.filters action="/cards" aria-label="Filter cards" {
            @if let Some(life) = listing.life { (hidden("life", life.name())) }
            @if let Some(code) = listing.code { (hidden("code", code.name())) }
            (text(words, None))
            @if companies.len() > 2 { (choice("company", "Company", &companies, listing.company.as_deref().unwrap_or_default())) }
            (choice("team", "Team", &teams, listing.team.map_or("", Owner::name)))
            (choice("severity", "Severity", &severities, listing.severity.map_or("", Severity::name)))
            @if !matches!(listing.life, Some(Far::Resolved)) { (choice("sort", "Sorted by", &sorts, sort(listing).name())) }
            button { "Filter" }
        }
    }
}

fn table(inside: &Inside, listing: &Listing, cards: &CardPage) -> Markup {
    let over = matches!(listing.life, Some(Far::Resolved));
    html! {
        table.fold {
            caption.hidden { "Cards, one a cause" }
            thead {
                tr {
                    th scope="col" { span.hidden { "State" } }
                    th scope="col" { "Cause" }
                    th scope="col" { "Team" }
                    // Of what is over nothing stands still, and nothing is at stake.
                    @if !over {
                        th.n scope="col" { "Orders" }
                        th.n scope="col" { "At stake, £" }
                    }
                    th.n scope="col" { @if over { "Was open for" } @else { "Open for" } }
                    th.n scope="col" { @if over { "Resolved" } @else { "Due" } }
                }
            }
            tbody { @for card in &cards.cards { (row(inside, card)) } }
        }
    }
}

fn row(inside: &Inside, card: &Card) -> Markup {
    let (kind, word) = standing(card);
    let local = local(inside, &card.company);
    html! {
        tr id={ "card-" (card.id) } {
            td.m { (mark(kind, Some(word))) }
            td.wide {
                a.title href={ "/cards/" (card.id) } { (card.what) }
                div.sub { (words(&card.cause.said)) @if inside.merchants().count() > 1 { " · " (card.company) } }
            }
            td data-h="Team" { (capital(card.team)) @if let Some(assignee) = &card.assignee { div.sub { (assignee) } } }
            @if card.closed_at.is_none() {
                td.n data-h="Orders" { (grouped(&card.weight.orders.to_string())) }
                td.n data-h="At stake, £" { (grouped(&card.weight.money)) }
            }
            @match card.closed_at {
                Some(closed) => td.n data-h="Was open for" { (lasting(closed.0.since(card.opened_at.0).as_secs())) },
                None => td.n data-h="Open for" { (local.age(card.opened_at.0)) },
            }
            @match (card.closed_at, card.due) {
                (Some(closed), _) => td.n data-h="Resolved" { (local.at(closed.0)) },
                (None, Some(due)) => td.n data-h="Due" {
                    span.soon[due.0 <= local.now] { (local.at(due.0)) }
                    div.sub { (local.until(due.0)) }
                },
                (None, None) => td.n data-h="Due" { "–" },
            }
        }
    }
}

/// A card in a line of a shorter table: with why it is there, and whether the page begins with it.
pub fn brief(inside: &Inside, card: &Card, why: Option<(String, bool)>) -> Markup {
    let (kind, word) = standing(card);
    let local = local(inside, &card.company);
    let begins = why.as_ref().is_some_and(|(_, first)| *first);
    html! {
        tr id={ "card-" (card.id) } {
            td.m { (mark(kind, Some(word))) }
            td.wide {
                a.title href={ "/cards/" (card.id) } autofocus[begins] { (card.what) }
                div.sub { (words(&card.cause.said)) @if inside.merchants().count() > 1 { " · " (card.company) } }
                @if let Some((why, _)) = &why { div.sub { (why) } }
            }
            td data-h="Team" { (capital(card.team)) @if let Some(assignee) = &card.assignee { div.sub { (assignee) } } }
            td.n data-h="Orders" { (grouped(&card.weight.orders.to_string())) }
            td.n data-h="At stake, £" { (grouped(&card.weight.money)) }
            td.n data-h="Due" {
                @match card.due {
                    Some(due) => { span.soon[due.0 <= local.now] { (local.at(due.0)) } div.sub { (local.until(due.0)) } },
                    None => "–",
                }
            }
        }
    }
}

fn nothing(listing: &Listing) -> Markup {
    let filtered = listing.cause.is_some()
        || listing.company.is_some()
        || listing.code.is_some()
        || listing.team.is_some()
        || listing.severity.is_some();
    match listing.life {
        _ if filtered => empty(
            "No card is like that",
            html! { "Take a filter away, or " a href="/cards" { "see all open cards" } "." },
        ),
        Some(Far::Resolved) => empty(
            "Nothing was resolved yet",
            html! { "A card closes by itself when each of its records has proved that it went on. Then it is here, with who did what." },
        ),
        Some(Far::SetAside) => empty(
            "Nothing is set aside",
            html! { "A card that may wait can be set aside on its page, for at most 90 days. Then it is here, and comes back by itself." },
        ),
        Some(Far::Open | Far::Acknowledged | Far::Fixing | Far::Verifying) | None => empty(
            "Nothing is stuck",
            html! { "When a guardrail stops an order, its cause appears here as one card: what is wrong, whom it needs, by when, and what it holds up." },
        ),
    }
}
