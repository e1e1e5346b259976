//! The one thing to fix: what their word means, or what a field is to say. Tried on everything that stands under the card before it is
//! saved; saved for all, or with one order first.
//!
//! The word to map is the card's own cause and no field of the form, so a form cannot map another one.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::amendment::Field;
use tallyman_core::mapping::Table;
use tallyman_engine::words;

use super::{Shown, Tried, answer};
use crate::api::access::Right;
use crate::api::amendments::{self, Wish};
use crate::api::cards;
use crate::api::inside::Inside;
use crate::api::mappings::{self, Meaning, Version};
use crate::api::problem::{Kind as Refusal, Problem};
use crate::api::read::Path;
use crate::api::shape::{Card, Cause};
use crate::api::trials::{self, Fix, Trial};
use crate::form::Form;
use crate::guard::see_other;
use crate::pages::done::Done;
use crate::view::facts::facts;
use crate::view::field::{Text, Wrong, choice, options, text};
use crate::view::panel::{note, raw};
use crate::view::{Kind, Link, count, mark, words};

/// Words that are offered at most.
const OFFERED_MAX: usize = 100;
/// Versions of its word in the history of a card.
const MEANT_MAX: usize = 20;

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

/// What was filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    how: How,
    /// Of a word: what it means.
    ours: String,
    why: String,
    /// Of a field: whose, which, and what it is to say.
    journey: String,
    shipment: String,
    field: String,
    value: String,
}

/// Tries what was filled in, or saves it.
pub async fn take(inside: Inside, Path(id): Path<String>, Form(given): Form<Given>) -> Result<Response, Problem> {
    let (trial, problem) = match carried_out(&inside, &id, &given).await {
        Ok(Outcome::Done(done)) => {
            let page = Link::to(format!("/cards/{id}")).and("done", Some(done.name()));
            return Ok(see_other(&page.to_string()));
        }
        Ok(Outcome::Tried(trial)) => (Some(trial), None),
        Err(problem) => (None, Some(problem)),
    };
    let tried = Tried {
        problem,
        trial,
        given,
        ..Tried::default()
    };
    Ok(answer(&inside, &id, tried).await?.into_response())
}

enum Outcome {
    Done(Done),
    Tried(Trial),
}

async fn carried_out(inside: &Inside, id: &str, given: &Given) -> Result<Outcome, Problem> {
    let (stored, _) = cards::load(inside, id, Right::Read).await?;
    let card = cards::shown(inside, &stored);
    match (word(&card.cause), given.how) {
        (Some(word), How::Try) => tried(inside, id, word.tried(&given.ours)).await,
        (Some(word), how) => mapped(inside, word.meaning(given, how)).await,
        (None, How::Try) => tried(inside, id, Fix::Amend(trials::Value::new(&given.field, &given.value))).await,
        (None, How::Save) => amended(inside, given).await,
        (None, How::First) => Err(Problem::new(
            Refusal::Refused,
            "This card waits for no word of theirs.",
            "Amend the field of one order.",
        )),
    }
}

async fn tried(inside: &Inside, id: &str, fix: Fix) -> Result<Outcome, Problem> {
    let Json(trial) = trials::try_fix(inside.clone(), Path(id.to_owned()), crate::api::read::Json(fix)).await?;
    Ok(Outcome::Tried(trial))
}

async fn mapped(inside: &Inside, meaning: Meaning) -> Result<Outcome, Problem> {
    let Json(meant) = mappings::set(inside.clone(), crate::api::read::Json(meaning)).await?;
    if meant.proposed.is_some() {
        return Ok(Outcome::Done(Done::Proposed));
    }
    Ok(Outcome::Done(match (meant.changed, meant.first.is_empty()) {
        (false, _) => Done::Unchanged,
        (true, true) => Done::Mapped,
        (true, false) => Done::MappedOneFirst,
    }))
}

async fn amended(inside: &Inside, given: &Given) -> Result<Outcome, Problem> {
    let (order, _) = inside.order_of(&given.journey, Right::Act).await?;
    let wish = Wish::new(&given.shipment, &given.field, &given.value, &given.why);
    let amended = amendments::amend_order(inside, order, &given.journey, &wish).await;
    amended.map(|_| Outcome::Done(Done::Amended))
}

/// The word of theirs that a card waits for.
struct Word<'a> {
    table: &'static str,
    connection: &'a str,
    theirs: &'a str,
}

fn word(cause: &Cause) -> Option<Word<'_>> {
    Some(Word {
        table: cause.table?,
        connection: cause.connection.as_deref().unwrap_or_default(),
        theirs: cause.theirs.as_deref()?,
    })
}

impl Word<'_> {
    fn may(&self, inside: &Inside, company: &str) -> bool {
        Table::parse(self.table).is_some_and(|table| inside.has(Right::to_map(table), company))
    }

    fn tried(&self, ours: &str) -> Fix {
        Fix::Map(trials::Meaning::new(self.table, self.connection, self.theirs, ours))
    }

    fn meaning(&self, given: &Given, how: How) -> Meaning {
        Meaning {
            table: self.table.to_owned(),
            connection: self.connection.to_owned(),
            theirs: self.theirs.to_owned(),
            ours: given.ours.clone(),
            reason: given.why.clone(),
            one_first: how == How::First,
        }
    }
}

/// What is known of the word that a card waits for.
#[derive(Default)]
pub struct Known {
    /// What words of the same table and connection mean already, to choose from.
    pub offered: Vec<String>,
    /// What it was said to mean since the card was opened, the newest first.
    pub meant: Vec<Version>,
}

pub async fn known(inside: &Inside, card: &Card) -> Result<Known, Problem> {
    let Some(word) = word(&card.cause) else {
        return Ok(Known::default());
    };
    let cell = words::cell(word.table, word.connection, word.theirs)?;
    let all = inside.known().await?;
    let Some(mappings) = all.get(card.company.as_str()).map(|known| &known.mappings) else {
        return Ok(Known::default());
    };
    let may = word.may(inside, &card.company) && card.closed_at.is_none();
    let alike = mappings.current(cell.table, &cell.scope).filter(|_| may);
    let ours: BTreeSet<&str> = alike.filter_map(|row| row.ours.as_deref()).collect();
    let since = mappings.history(&cell).iter().rev().take_while(|row| row.at >= card.opened_at.0);
    let until = since.filter(|row| card.closed_at.is_none_or(|closed| row.at <= closed.0));
    Ok(Known {
        offered: ours.into_iter().take(OFFERED_MAX).map(str::to_owned).collect(),
        meant: until.take(MEANT_MAX).map(|row| Version::of(&card.company, row)).collect(),
    })
}

/// The form for it, or what else helps.
pub fn form(inside: &Inside, shown: &Shown, tried: &Tried) -> Markup {
    let card = &shown.card;
    let amends = card.remedies.iter().any(|remedy| remedy.verb == "amend");
    match word(&card.cause) {
        Some(word) => word_form(inside, shown, &word, tried),
        None if amends && shown.may_act && inside.has(Right::Open, &shown.stored.company) => html! {
            (elsewhere(card))
            (amend_form(shown, tried))
        },
        None => elsewhere(card),
    }
}

fn wrong(tried: &Tried) -> Option<Wrong<'_>> {
    let problem = tried.problem.as_ref()?;
    let field = match problem.field.as_deref()? {
        "reason" => "why",
        field => field,
    };
    Some(Wrong {
        field,
        sentence: &problem.detail,
    })
}

fn why<'a>(given: &'a Given) -> Text<'a> {
    Text {
        name: "why",
        label: "Why",
        value: &given.why,
        help: Some("The journal keeps it with your name."),
        chars_max: 2_000,
        required: true,
        ..Text::default()
    }
}

fn word_form(inside: &Inside, shown: &Shown, word: &Word<'_>, tried: &Tried) -> Markup {
    let noun = Table::parse(word.table).map_or(word.table, Table::noun);
    let history = Link::to("/mappings/words")
        .and("table", Some(word.table))
        .and("connection", Some(word.connection))
        .and("theirs", Some(word.theirs));
    let about = facts(&[
        ("Table", html! { (noun) }),
        ("Connection", html! { code { (word.connection) } }),
        (
            "Their word",
            html! { code { (word.theirs) } " " a href=(history) { "History" } },
        ),
    ]);
    let ours = Text {
        name: "ours",
        label: "Means, in our words",
        value: &tried.given.ours,
        chars_max: 200,
        required: true,
        list: Some("known"),
        ..Text::default()
    };
    html! {
        @if word.may(inside, &shown.stored.company) {
            form.form action={ "/cards/" (shown.card.id) "/fix-it" } method="post" {
                (about)
                (text(ours, wrong(tried)))
                datalist #known { @for word in &shown.word.offered { option value=(word) {} } }
                (text(why(&tried.given), wrong(tried)))
                div.acts {
                    button.main name="how" value="try" formnovalidate { "Try on all " (shown.card.weight.stopped) }
                    button name="how" value="first" { "Save, one first" }
                    button name="how" value="save" { "Save for all" }
                }
                p.muted.small { "Trying writes nothing." }
            }
        } @else {
            (about)
            p.muted { "Somebody who may say what words mean puts this right; all its orders go on by themselves then." }
        }
    }
}

/// What helps that is done somewhere else.
fn elsewhere(card: &Card) -> Markup {
    html! {
        div.tight {
            p { (words(card.remedy)) }
            @for remedy in &card.remedies {
                @match (remedy.verb, remedy.party) {
                    ("answer", _) => p { a href=(Link::to("/outcomes").and("company", Some(&card.company))) { "Say what became of it" } ", on the page of unknown outcomes." },
                    ("correct", Some(party)) => p.muted { "Corrected in the " (party) ", it is read again by itself." },
                    ("wait", _) => p.muted { "Or nothing: it goes on by itself when the other side is ready." },
                    _ => {},
                }
            }
        }
    }
}

fn amend_form(shown: &Shown, tried: &Tried) -> Markup {
    let given = &tried.given;
    let stopped = shown.members.members.iter().filter(|member| member.stand == "stopped");
    let orders = stopped.filter_map(|member| Some((member.journey.clone()?, member.reference.clone()?)));
    let orders = options(orders);
    let fields = options(
        Field::ALL
            .iter()
            .map(|field| (field.name(), crate::view::capital(field.name()))),
    );
    let of_cause = shown.card.cause.field.as_deref().unwrap_or_default();
    let chosen = if given.field.is_empty() { of_cause } else { &given.field };
    let value = Text {
        name: "value",
        label: "Says from now on",
        value: &given.value,
        help: Some("What came stays beside it untouched. What bears VAT is not amended here."),
        chars_max: 300,
        ..Text::default()
    };
    let shipment = Text {
        name: "shipment",
        label: "Shipment",
        value: &given.shipment,
        help: Some("Only for a carrier or a tracking number."),
        chars_max: 100,
        ..Text::default()
    };
    html! {
        form.form.act action={ "/cards/" (shown.card.id) "/fix-it" } method="post" {
            (choice("field", "Field", &fields, chosen))
            (text(value, wrong(tried)))
            div.acts { button.main name="how" value="try" formnovalidate { "Try on all " (shown.card.weight.stopped) } }
            @if orders.is_empty() {
                p.muted.small { "No order on this page of records stands still." }
            } @else {
                (choice("journey", "Order", &orders, &given.journey))
                (text(shipment, wrong(tried)))
                (text(why(given), wrong(tried)))
                div.acts { button name="how" value="save" { "Amend this order" } }
            }
        }
    }
}

/// What a trial came to.
pub fn trial(trial: &Trial) -> Markup {
    let stay = trial.of.saturating_sub(trial.heals);
    let kind = if trial.heals > 0 && stay == 0 {
        Kind::Done
    } else {
        Kind::Waiting
    };
    let body = html! {
        div.body {
            (note(kind, html! {
                b { "Heals " (trial.heals) " of " (trial.of) "." } " "
                @if stay == 0 { "All of them would go on." } @else { (count(stay, "record would still stand.", "records would still stand.")) }
            }))
        }
        @if !trial.others.is_empty() {
            table.fold {
                caption.hidden { "What would still stand" }
                thead { tr { th scope="col" { span.hidden { "State" } } th scope="col" { "Order" } th scope="col" { "Why it would still stand" } } }
                tbody {
                    @for other in &trial.others {
                        tr {
                            td.m { (mark(Kind::Needs, Some("Stays"))) }
                            td data-h="Order" { (other.reference.as_deref().unwrap_or("–")) }
                            td.wide { @if let Some(sentence) = &other.sentence { (words(sentence)) } @else { span.muted { "sealed: it takes the right to open it" } } }
                        }
                    }
                }
            }
        }
    };
    raw("trial", "Tried", Some("nothing was written"), body)
}
