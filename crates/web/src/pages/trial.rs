//! Trying what a word of theirs might mean before it is said: the buttons, and what it came to, wherever a word is asked for. Nothing is written.

use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::mapping::Table;

use super::order;
use super::stays::{Outcome, Stay};
use crate::api::inside::Inside;
use crate::api::trials::Trial;
use crate::api::word_trials::{Example, Past, WordTrial, takes_two};
use crate::view::money::{grouped, pounds};
use crate::view::panel::{note, raw};
use crate::view::{Kind, count, words};

/// What is done with what was filled in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Nothing is written.
    #[default]
    Try,
    /// Saved, and the oldest order goes first.
    First,
    Save,
}

/// Try it, or say it: with one order first, or at once.
pub fn buttons(table: &str, tries: &str) -> Markup {
    let two = Table::parse(table).is_some_and(takes_two);
    // Which of both it comes to, the table decides that is yet to be chosen.
    let open = table.is_empty();
    html! {
        div.acts {
            button.main name="how" value="try" formnovalidate { (tries) }
            button name="how" value="first" { @if open { "Save or propose, one first" } @else if two { "Propose, one first" } @else { "Save, one first" } }
            button name="how" value="save" { @if open { "Save or propose for all" } @else if two { "Propose for all" } @else { "Save for all" } }
        }
        p.muted.small { "Trying writes nothing." @if two { " What decides posting counts when a second person has approved it." } @else if open { " What customers and tax rates mean is proposed." } }
    }
}

/// What a trial on the records of a card came to.
pub fn of_card(trial: &Trial) -> Markup {
    let still = trial.of.saturating_sub(trial.heals);
    let kind = if trial.heals > 0 && still == 0 {
        Kind::Done
    } else {
        Kind::Waiting
    };
    let reached = note(
        kind,
        html! {
            b { "Heals " (trial.heals) " of " (trial.of) "." } " "
            @if still == 0 { "All of them would go on" @if let Some(order) = &trial.example { ", order " (order) " for one" } "." } @else { (count(still, "record would still stand.", "records would still stand.")) }
        },
    );
    let reached = html! { (reached) (item(trial)) };
    let why = |sentence: Option<&str>| match sentence {
        Some(sentence) => words(sentence),
        None => html! { span.muted { "sealed: it takes the right to open it" } },
    };
    let others = trial.others.iter();
    let stays: Vec<Stay<'_>> = others
        .map(|other| (other.reference.as_deref(), why(other.sentence.as_deref())))
        .collect();
    let outcome = Outcome {
        id: "trial",
        title: "Tried",
        aside: Some("nothing was written"),
        reached,
        others: "would still stand",
    };
    outcome.panel(&stays)
}

/// Which item it would be, beside what is sold under the word: that orders would go on does not make it the right one.
fn item(trial: &Trial) -> Markup {
    let sold = trial.sold.as_deref().unwrap_or_default();
    html! {
        @if let Some(item) = &trial.item {
            p { code { (item.sku) } " is " b { (item.name) } " in the ledger. Is that what they sell under their word?" }
        }
        @if !sold.is_empty() {
            table.fold {
                caption.hidden { "What the first orders say under their word" }
                thead {
                    tr {
                        th scope="col" { "Order" }
                        th scope="col" { "Their number" }
                        th.n scope="col" { "Quantity" }
                        th.n scope="col" { "Unit price, net" }
                    }
                }
                tbody {
                    @for line in sold {
                        tr {
                            td.wide data-h="Order" { (line.reference) }
                            td data-h="Their number" { (line.part_number) }
                            td.n data-h="Quantity" { (grouped(&line.quantity)) }
                            td.n data-h="Unit price, net" { (grouped(&line.unit_price)) }
                        }
                    }
                }
            }
        }
    }
}

/// What a trial of a word came to: on the cards that wait for it, and on what came before.
pub fn of_word(inside: &Inside, trial: &WordTrial) -> Markup {
    let meaning = |ours: &Option<String>| {
        html! { @match ours { Some(ours) => code { (ours) }, None => "nothing" } }
    };
    let changes = trial.before != trial.after;
    let open = trial.cards.iter();
    let body = html! {
        div.body.stack {
            p {
                @if changes { code { (trial.theirs) } " would mean " (meaning(&trial.after)) @if trial.before.is_some() { " instead of " (meaning(&trial.before)) } "." }
                @else { code { (trial.theirs) } " means " (meaning(&trial.before)) " already." }
                @if changes && trial.takes_two { " It is proposed, and counts when a second person has approved it." }
            }
            @if let Some(named) = trial.cards.iter().find(|card| card.item.is_some()) { (item(named)) }
            @for card in open { (heals(card)) }
            @if trial.cards.is_empty() { p { "No open card waits for it." } }
            (summed(&trial.past))
        }
        @if !trial.past.examples.is_empty() { (otherwise(inside, &trial.company, &trial.past.examples)) }
    };
    raw("trial", "Tried", Some("nothing was written"), body)
}

/// On one card.
fn heals(card: &Trial) -> Markup {
    let kind = if card.heals > 0 && card.heals == card.of {
        Kind::Done
    } else {
        Kind::Waiting
    };
    note(
        kind,
        html! {
            b { "Heals " (card.heals) " of " (card.of) } " open records of card " a.mono href={ "/cards/" (card.card) } { (card.card) } "."
            @if let Some(other) = card.others.iter().find_map(|other| other.sentence.as_deref()) { " Of the others: " (words(other)) }
        },
    )
}

fn summed(past: &Past) -> Markup {
    html! {
        p {
            @if past.looked_at == 0 { "No order has come to try it on." }
            @else if past.differ == 0 { "None of the last " (count(past.looked_at, "order", "orders")) " would be decided otherwise." }
            @else {
                b { (past.differ) " of the last " (count(past.looked_at, "order", "orders")) } " would be decided otherwise: " b { (pounds(&past.money)) } " net. "
                span.muted { "What was written for them stays as it is." }
            }
        }
    }
}

/// The first that would be decided otherwise, point by point.
fn otherwise(inside: &Inside, company: &str, examples: &[Example]) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Orders that would be decided otherwise" }
            thead { tr {
                th scope="col" { "Order" } th scope="col" { "What" } th scope="col" { "As it is" } th scope="col" { "As it would be" } th.n scope="col" { "Net" }
            } }
            tbody {
                @for example in examples {
                    @for (index, point) in example.points.iter().enumerate() {
                        tr {
                            td.wide data-h="Order" { (order::titled(inside, company, &example.journey, &example.reference)) }
                            td data-h="What" { (point.what) }
                            td.wide data-h="As it is" { (words(&point.before)) }
                            td.wide data-h="As it would be" { (words(&point.after)) }
                            td.n data-h="Net" { @if index == 0 { (pounds(&example.money)) } }
                        }
                    }
                }
            }
        }
    }
}
