//! The rail: the places of the console in their groups, and how much waits beside some of them.

use std::time::Duration;

use maud::{Markup, html};

use super::money::grouped;
use super::{keys, live};
use crate::api::inside::Inside;

/// Where in the console a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Overview,
    Work,
    Exceptions,
    Outcomes,
    Orders,
    Mappings,
    Proposals,
    Connections,
    Tally,
    Journal,
    Handbook,
    Drill,
    Settings,
    /// On no entry of the rail.
    Nowhere,
}

/// What the rail leads to, in its groups.
const RAIL: [&[(Place, &str, &str)]; 3] = [
    &[
        (Place::Overview, "Overview", "/"),
        (Place::Work, "My work", "/work"),
        (Place::Exceptions, "Exceptions", "/cards"),
        (Place::Outcomes, "Unknown outcomes", "/outcomes"),
        (Place::Orders, "Orders", "/orders"),
    ],
    &[
        (Place::Mappings, "Mappings", "/mappings"),
        (Place::Proposals, "Proposals", "/proposals"),
        (Place::Connections, "Connections", "/connections"),
        (Place::Tally, "Tally", "/tally"),
        (Place::Journal, "Journal", "/journal"),
    ],
    &[
        (Place::Handbook, "Handbook", "/handbook"),
        (Place::Drill, "Drill", "/drill"),
        (Place::Settings, "Settings", "/settings"),
    ],
];

/// How much waits, as the glances of the companies that somebody sees had it a moment ago.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    mine: u64,
    cards: u64,
    unknown: u64,
    proposals: u64,
}

/// What was known longer ago than this is not shown as if it were so.
const COUNTS_KEPT: Duration = Duration::from_secs(60);

impl Counts {
    /// None where one of the companies was not looked at lately: part of a sum would look like the whole.
    pub fn of(inside: &Inside) -> Option<Self> {
        let mut counts = Self::default();
        for merchant in inside.merchants() {
            let glance = inside.glances.latest(merchant.company.as_str())?;
            if inside.now().since(glance.made_at) > COUNTS_KEPT {
                return None;
            }
            counts.mine += glance.mine(&inside.caller).count() as u64;
            counts.cards += glance.needs.open;
            counts.unknown += glance.unknown_outcomes();
            counts.proposals += glance.to_approve(&inside.caller);
        }
        Some(counts)
    }

    /// Beside this entry: how many, how that looks, and in a word what they are.
    fn beside(self, place: Place) -> Option<(u64, &'static str, &'static str)> {
        match place {
            Place::Work => Some((self.mine, "count", "wait for you")),
            Place::Exceptions => Some((self.cards, "count needs", "open")),
            Place::Proposals => Some((self.proposals, "count", "wait for a second person")),
            Place::Outcomes => Some((self.unknown, "count unknown", "not known")),
            Place::Overview
            | Place::Orders
            | Place::Mappings
            | Place::Connections
            | Place::Tally
            | Place::Journal
            | Place::Handbook
            | Place::Drill
            | Place::Settings
            | Place::Nowhere => None,
        }
        .filter(|(number, ..)| *number > 0)
    }
}

/// The rail, and whose console it is. Orders are on it for whoever may see any.
pub fn rail(here: Place, finds: bool, counts: Option<Counts>, companies: &[String]) -> Markup {
    let places = places(here, finds, counts);
    html! {
        @if counts.is_some() { (live(&["cards", "outcomes"], "places", places)) } @else { (places) }
        p.foot { a href="/help" { "Keyboard" } }
        @if !companies.is_empty() { p.small.muted.whose { (companies.join(", ")) } }
    }
}

fn places(here: Place, finds: bool, counts: Option<Counts>) -> Markup {
    html! {
        @for group in RAIL {
            ul {
                @for (place, name, path) in group.iter().filter(|(place, ..)| finds || *place != Place::Orders) {
                    li {
                        a href=(path) aria-current=[(*place == here).then_some("page")] data-go=[keys::of(path)] {
                            (name)
                            @if let Some((number, class, word)) = counts.and_then(|counts| counts.beside(*place)) {
                                span class=(class) { (grouped(&number.to_string())) span.hidden { " " (word) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where the rail leads.
pub fn paths() -> Vec<&'static str> {
    RAIL.into_iter().flatten().map(|(_, _, path)| *path).collect()
}
