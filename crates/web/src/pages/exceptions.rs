//! Exceptions: what is stuck, and why. Causes, not records; by deadline, money or age; open, set aside and resolved.

use maud::{Markup, html};
use tallyman_core::catalogue::{Owner, Severity};
use tallyman_engine::board::{self, Standing};

use super::cards::{ASIDE, MERGED, OPEN, OVER, Row, table};
use super::{companies, sheet};
use crate::api::cards::{self, Far, Listing, Sort};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read;
use crate::api::shape::Card;
use crate::form::Query;
use crate::view::field::{Text, choice, hidden, options, text};
use crate::view::frame::{head, pager};
use crate::view::panel::empty;
use crate::view::{Frame, Link, Page, Place, capital, count, live, page};

/// Causes on a page, unless the address says otherwise: two screens of them.
const A_PAGE: u32 = 30;

/// The list.
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<Page, Problem> {
    let axum::Json(cards) = cards::list(inside.clone(), read::Query(asked(&listing))).await?;
    let standing = board::how_far(&inside.parts.store, inside.companies(listing.company.as_deref())?).await?;
    let frame = Frame::of(&inside, Place::Exceptions);
    let body = html! {
        (head(None, html! { "Exceptions" }, summary(listing.life, standing), sheet::links(&link_to(&listing, "/sheets/cards"))))
        section.panel aria-label="Cards" {
            (tabs(listing.company.as_deref(), Some(&listing), standing.open))
            (filters(&inside, &listing))
            @if cards.cards.is_empty() { (nothing(&listing)) } @else { (listed(&inside, &listing, &cards.cards)) }
            @if sort(&listing) == Sort::Due && (listing.after.is_some() || cards.next.is_some()) { (by_page(&listing)) }
            (pager(&link(&listing), listing.after.is_some(), cards.next.as_deref(), &count(cards.cards.len() as u64, "card on this page", "cards on this page")))
        }
    };
    Ok(page(&frame, "Exceptions", live(&["cards"], "exceptions", body)))
}

/// People are shown the earliest deadline first, unless they ask for something else.
fn asked(listing: &Listing) -> Listing {
    Listing {
        sort: Some(sort(listing)),
        limit: listing.limit.or(Some(A_PAGE)),
        ..listing.clone()
    }
}

fn sort(listing: &Listing) -> Sort {
    listing.sort.unwrap_or(Sort::Due)
}

/// What the list under it is of: on the list of open causes, for how many of them somebody has to do something.
fn summary(life: Option<Far>, standing: Standing) -> Markup {
    match life {
        Some(Far::SetAside) => html! { (aside(standing)) },
        Some(Far::Merged) => {
            html! { "Causes that people have put under another card. They are on no other list while that one is open." }
        }
        Some(Far::Resolved) => html! { "What stopped something and is over, the last first, each with what closed it." },
        Some(Far::Open | Far::Acknowledged | Far::Fixing | Far::Verifying) | None => open(standing),
    }
}

fn aside(standing: Standing) -> String {
    match standing.aside {
        0 => "No cause is set aside.".into(),
        1 => "1 cause is set aside. It comes back by itself when its time is over.".into(),
        aside => format!("{aside} causes are set aside. Each comes back by itself when its time is over."),
    }
}

fn open(standing: Standing) -> Markup {
    let then = "Fix a cause, and all its orders go on by themselves.";
    if standing.open == 0 {
        return html! { "Nothing is stuck. What stops one day appears here, one line a cause." };
    }
    let waits = standing.open.saturating_sub(standing.aside + standing.proving);
    let is = |number: u64| if number == 1 { "is" } else { "are" };
    html! {
        @match waits {
            0 => "No cause waits for anybody",
            1 => "One cause waits for somebody",
            waits => { (count(waits, "cause waits", "causes wait")) " for somebody" },
        }
        @if standing.aside > 0 { ", " (standing.aside) " " (is(standing.aside)) " set aside" }
        @if standing.proving > 0 { ", " (standing.proving) " " (is(standing.proving)) " being proved" }
        ". "
        @if waits == 1 { "Fix it, and all its orders go on by themselves." } @else if waits > 0 { (then) }
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

/// Cards by how far they are, and writes that need nobody.
pub fn tabs(company: Option<&str>, listing: Option<&Listing>, open: u64) -> Markup {
    let elsewhere = Listing {
        company: company.map(str::to_owned),
        ..Listing::default()
    };
    let tab = |life: Option<Far>, called: &str, number: Option<u64>| {
        let here = listing;
        let listing = here.unwrap_or(&elsewhere);
        let current = match (listing.life, life) {
            (Some(Far::Resolved | Far::SetAside | Far::Merged), None) => false,
            (_, None) => true,
            (its, life) => its.map(Far::name) == life.map(Far::name),
        };
        html! {
            a href=(link(listing).and("life", life.map(Far::name))) aria-current=[(here.is_some() && current).then_some("page")] {
                (called) @if let Some(number) = number { b { (number) } }
            }
        }
    };
    html! {
        nav.tabs aria-label="Which cards" {
            (tab(None, "Open", Some(open)))
            (tab(Some(Far::SetAside), "Set aside", None))
            (tab(Some(Far::Merged), "Under another", None))
            (tab(Some(Far::Resolved), "Resolved", None))
            a href=(Link::to("/retries").and("company", company)) aria-current=[listing.is_none().then_some("page")] { "Retries" }
        }
    }
}

/// What is sorted across pages, and what within one: the table keeps the deadlines of orders, and not each team's working hours.
fn by_page(listing: &Listing) -> Markup {
    html! {
        @if !matches!(listing.life, Some(Far::Resolved | Far::Merged)) {
            p.foot.muted.small { "Page by page by the deadline of their orders; causes without one come last. Within this page by what is due first, and the dearest of those due together." }
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
    let companies = companies(inside, Some("All companies"));
    let words = Text {
        name: "cause",
        label: "Words in the cause",
        value: listing.cause.as_deref().unwrap_or_default(),
        placeholder: Some("carrier or item"),
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
            @if !matches!(listing.life, Some(Far::Resolved | Far::Merged)) { (choice("sort", "Sorted by", &sorts, sort(listing).name())) }
            button { "Filter" }
        }
    }
}

fn listed(inside: &Inside, listing: &Listing, cards: &[Card]) -> Markup {
    let columns = match listing.life {
        Some(Far::Resolved) => OVER,
        Some(Far::SetAside) => ASIDE,
        Some(Far::Merged) => MERGED,
        Some(Far::Open | Far::Acknowledged | Far::Fixing | Far::Verifying) | None => OPEN,
    };
    table(inside, "Cards, one a cause", columns, cards.iter().map(Row::of))
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
        Some(Far::Merged) => empty(
            "Nothing is under another card",
            html! { "A card that is one matter with another can be put under it, on its page. While the other is open, it is here and on no other list." },
        ),
        Some(Far::Open | Far::Acknowledged | Far::Fixing | Far::Verifying) | None => empty(
            "Nothing is stuck",
            html! { "When a guardrail stops an order, its cause appears here as one card: what is wrong, whom it needs, by when, and what it holds up." },
        ),
    }
}
