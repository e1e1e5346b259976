//! Cards in a table, a line a cause: the same on the overview, in my work and among the exceptions.
//!
//! A line has the id of its card, so that it stays where it is when the page is fetched again. Which columns stand beside the cause is the
//! page's to say; what each is called and says stands here once.

use maud::{Markup, html};
use tallyman_core::catalogue::Owner;

use super::local;
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::shape::Card;
use crate::view::field::hidden;
use crate::view::money::grouped;
use crate::view::time::{Local, lasting};
use crate::view::{Kind, capital, count, mark, state, words};

/// How a card stands, as its shape and its word say it.
pub fn standing(card: &Card) -> (Kind, &'static str) {
    match card.life {
        "resolved" => (Kind::Done, "Resolved"),
        "verifying" => (Kind::Waiting, "Proving"),
        // Nobody can tell, whether or not it may wait.
        "set_aside" if card.code == "outcome_unclear" => (Kind::Unknown, "Unknown, set aside"),
        "set_aside" => (Kind::Waiting, "Set aside"),
        _ if card.code == "outcome_unclear" => (Kind::Unknown, "Unknown"),
        "fixing" => (Kind::Needs, "Being fixed"),
        "acknowledged" => (Kind::Needs, "Acknowledged"),
        _ => (Kind::Needs, "Needs someone"),
    }
}

/// What is said of a card beside its state and its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Team,
    Orders,
    Money,
    OpenFor,
    Due,
    WasOpenFor,
    Resolved,
    /// Until when it was set aside.
    Until,
    /// What brings it back to the list of open cards.
    Undo,
}

/// Of cards that wait for somebody.
pub const WAITING: &[Column] = &[Column::Team, Column::Orders, Column::Money, Column::Due];
/// Of all that are open.
pub const OPEN: &[Column] = &[Column::Team, Column::Orders, Column::Money, Column::OpenFor, Column::Due];
/// Of what is over nothing stands still, and nothing is at stake.
pub const OVER: &[Column] = &[Column::Team, Column::WasOpenFor, Column::Resolved];

/// Of what may stand for a while.
pub const ASIDE: &[Column] = &[Column::Team, Column::Orders, Column::Money, Column::Until, Column::Undo];
/// Of what is shown under another card.
pub const MERGED: &[Column] = &[Column::Team, Column::Orders, Column::Money, Column::Due, Column::Undo];

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::Team => "Team",
            Self::Orders => "Orders",
            Self::Money => "At stake, £",
            Self::OpenFor => "Open for",
            Self::Due => "Due",
            Self::WasOpenFor => "Was open for",
            Self::Resolved => "Resolved",
            Self::Until => "Until",
            Self::Undo => "Undo",
        }
    }

    /// Figures stand beneath each other, to the right.
    fn class(self) -> Option<&'static str> {
        (!matches!(self, Self::Team | Self::Undo)).then_some("n")
    }

    fn of(self, inside: &Inside, card: &Card, local: &Local) -> Markup {
        html! {
            @match (self, card.due, card.closed_at) {
                (Self::Team, ..) => { (capital(card.team)) @if let Some(assignee) = &card.assignee { div.sub { (assignee) } } },
                (Self::Orders, ..) => (grouped(&card.weight.orders.to_string())),
                (Self::Money, ..) => (grouped(&card.weight.money)),
                (Self::OpenFor, ..) => (local.age(card.opened_at.0)),
                (Self::Due, Some(due), _) => {
                    span.soon[due.0 <= local.now] { (local.at(due.0)) }
                    div.sub { (local.until(due.0)) }
                },
                (Self::WasOpenFor, _, Some(closed)) => (lasting(closed.0.since(card.opened_at.0).as_secs())),
                (Self::Resolved, _, Some(closed)) => (local.at(closed.0)),
                (Self::Until, ..) => { @match &card.set_aside { Some(aside) => (local.at(aside.until.0)), None => "–" } },
                (Self::Undo, ..) => (undo(inside, card)),
                (Self::Due, None, _) | (Self::WasOpenFor | Self::Resolved, _, None) => "–",
            }
        }
    }
}

/// A card in its line.
pub struct Row<'a> {
    pub card: &'a Card,
    /// Why it is there, where the page does not say so of all.
    pub why: Option<String>,
    /// Whether the page begins with it: it has the focus, and Enter opens it.
    pub first: bool,
}

impl<'a> Row<'a> {
    pub const fn of(card: &'a Card) -> Self {
        Self {
            card,
            why: None,
            first: false,
        }
    }

    fn shown(&self, inside: &Inside, columns: &[Column]) -> Markup {
        let card = self.card;
        let (kind, word) = standing(card);
        let local = local(inside, &card.company);
        html! {
            tr id={ "card-" (card.id) } {
                @if differ(columns) { td.m.said title=(word) { (state(kind, word)) } } @else { td.m { (mark(kind, Some(word))) } }
                td.wide {
                    a.title href={ "/cards/" (card.id) } autofocus[self.first] { (card.what) }
                    div.sub { (words(&card.cause.said)) @if inside.merchants().count() > 1 { " · " (card.company) } }
                    @if let Some(by) = &card.put_right_by { div.sub { "Put right by " (by) } }
                    @if let Some(receipt) = &card.receipt { div.sub { "Closed because " (receipt) } }
                    @if let Some(under) = &card.under { div.sub { "under card " a.mono href={ "/cards/" (under) } { (under) } } }
                    @if card.shows > 0 { div.sub { "and " (count(card.shows, "card", "cards")) " under it" } }
                    @if let Some(aside) = &card.set_aside {
                        @if aside.by.is_some() || aside.reason.is_some() {
                            div.sub.two-lines {
                                "Set aside" @if let Some(by) = &aside.by { " by " (by) } @if let Some(reason) = &aside.reason { ": " (reason) }
                            }
                        }
                    }
                    @if let Some(why) = &self.why { div.sub { (why) } }
                }
                @for column in columns { td class=[column.class()] data-h=(column.name()) { (column.of(inside, card, &local)) } }
            }
        }
    }
}

/// What brings a card back that was set aside, or put under another; nothing for whoever may not.
fn undo(inside: &Inside, card: &Card) -> Markup {
    let team = Owner::named(card.team);
    let may = inside.caller.may(Right::Act, &card.company, team).is_ok();
    let (path, word) = if card.set_aside.is_some() {
        ("take-up", "Take up again")
    } else {
        ("sort/unmerge", "Show it by itself again")
    };
    html! {
        @if may {
            form action={ "/cards/" (card.id) "/" (path) } method="post" { (hidden("version", &card.version.to_string())) button { (word) } }
        } @else {
            span.muted { "–" }
        }
    }
}

/// Whether cards that stand differently are in one list, with room for the word of each.
fn differ(columns: &[Column]) -> bool {
    columns == OPEN
}

/// The table; its caption says which cards these are, and in what order.
pub fn table<'a>(inside: &Inside, caption: &str, columns: &[Column], rows: impl IntoIterator<Item = Row<'a>>) -> Markup {
    html! {
        table.fold {
            caption.hidden { (caption) }
            thead {
                tr {
                    th scope="col" { @if differ(columns) { "State" } @else { span.hidden { "State" } } }
                    th scope="col" { "Cause" }
                    @for column in columns { th class=[column.class()] scope="col" { (column.name()) } }
                }
            }
            tbody { @for row in rows { (row.shown(inside, columns)) } }
        }
    }
}
