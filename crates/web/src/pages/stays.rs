//! What came of something that was meant for all records of a card: how far it reached, and which it leaves as they are, each with why.

use maud::{Markup, html};

use crate::view::panel::raw;
use crate::view::{Kind, mark};

/// A record that stays as it is: its order, and why.
pub type Stay<'a> = (Option<&'a str>, Markup);

/// What was done or tried, under its heading.
pub struct Outcome<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub aside: Option<&'a str>,
    /// How far it reached.
    pub reached: Markup,
    /// What became of those that it did not reach: "would still stand".
    pub others: &'a str,
}

impl Outcome<'_> {
    pub fn panel(&self, stays: &[Stay<'_>]) -> Markup {
        let body = html! {
            div.body { (self.reached) }
            @if !stays.is_empty() {
                table.fold {
                    caption.hidden { "What " (self.others) }
                    thead { tr { th scope="col" { span.hidden { "State" } } th scope="col" { "Order" } th scope="col" { "Why it " (self.others) } } }
                    tbody {
                        @for (order, why) in stays {
                            tr {
                                td.m { (mark(Kind::Needs, Some("Stays"))) }
                                td data-h="Order" { (order.unwrap_or("–")) }
                                td.wide { (why) }
                            }
                        }
                    }
                }
            }
        };
        raw(self.id, self.title, self.aside, body)
    }
}
