//! Who is needed: the cards that wait for somebody, by deadline and pounds, each one press away.

use std::sync::Arc;

use maud::{Markup, html};
use tallyman_engine::glance::{Glance, Need};

use crate::api::inside::Inside;
use crate::api::overview::card;
use crate::api::shape::Card;
use crate::pages::cards::{Row, WAITING, table};
use crate::view::panel::empty;
use crate::view::{Link, count};

/// Cards shown here; all are on their own list.
const SHOWN: usize = 6;

pub fn panel(inside: &Inside, glances: &[Arc<Glance>]) -> Markup {
    let mut waiting: Vec<&Need> = glances.iter().flat_map(|glance| glance.needs.waiting()).collect();
    waiting.sort_by_cached_key(|need| need.place());
    let open: u64 = glances.iter().map(|glance| glance.needs.open).sum();
    let one = glances.first().filter(|_| glances.len() == 1);
    let all = Link::to("/cards").and("company", one.map(|glance| glance.company.as_str()));
    let shown: Vec<Card> = waiting.iter().take(SHOWN).map(|need| card(inside, need)).collect();
    html! {
        section.panel #needs aria-labelledby="h-needs" {
            header {
                h2 #h-needs { "Who is needed" }
                @if open > 0 { p { a href=(all) { @if open == 1 { "The one open card" } @else { "All " (count(open, "open card", "open cards")) } } } }
            }
            @if waiting.is_empty() {
                (empty("Nobody is needed", html! { "When something stops, its cause appears here: what it is, whom it needs, by when, and what it holds up." }))
            } @else {
                (table(inside, "Cards that wait for somebody, by deadline and money", WAITING, shown.iter().map(Row::of)))
            }
        }
    }
}
