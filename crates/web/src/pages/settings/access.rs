//! Access: which level may do what, as it is asked everywhere. The table is the one that decides (`core::access`), so it cannot be out of date.

use maud::{Markup, html};
use tallyman_core::access::{Level, Right};

use super::{Tab, settings};
use crate::api::inside::Inside;
use crate::view::mark::{Kind, mark};
use crate::view::panel::raw;
use crate::view::{Page, capital};

/// The page.
pub async fn show(inside: Inside) -> Page {
    let sub =
        "What each level may do. A person has levels, each at one company or at all; a token has single rights of its owner's.";
    let body = html! {
        (raw("levels", "Levels", None, table()))
    };
    settings(&inside, Tab::Access, sub, html! {}, body)
}

/// A right as people call it, with its name for those who write programs.
pub fn called(right: Right) -> Markup {
    html! { (capital(right.words())) " " code { (right.name()) } }
}

/// The rights that a level can have; what is done on the machine itself is no level's.
fn shown() -> impl Iterator<Item = Right> {
    Right::ALL.into_iter().filter(|right| !Level::with(*right).is_empty())
}

fn table() -> Markup {
    html! {
        table.fold {
            caption.hidden { "Rights by level" }
            thead { tr { th scope="col" { "Right" } @for level in Level::ALL { th scope="col" { (capital(level.name())) } } } }
            tbody {
                @for right in shown() {
                    tr {
                        th.wide scope="row" { (called(right)) div.sub { (right.sentence()) } }
                        @for level in Level::ALL {
                            td data-h=(capital(level.name())) {
                                @if level.rights().contains(&right) { (mark(Kind::Done, Some("Yes"))) } @else { span.muted { "–" } }
                            }
                        }
                    }
                }
            }
        }
        @for level in Level::ALL {
            @let teams = level.own_teams();
            @if !teams.is_empty() {
                p.foot {
                    (capital(level.name())) " acts on cards of "
                    @for (index, team) in teams.iter().enumerate() { @if index > 0 { ", " } (team) }
                    ", unless an administrator names other teams."
                }
            }
        }
    }
}
