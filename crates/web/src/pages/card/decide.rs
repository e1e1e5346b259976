//! What the owner of a card decides about its records: one order, or all of them. The engine says which decisions a card takes.
//!
//! What was decided for all leads back to the card; where records were left as they stand, the page says which, and why.

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::ruling::Ruling;

use super::{Shown, Tried, answer};
use crate::api::decisions::{self, Decision, OtherField, Ruled};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::form::{Form, filled};
use crate::pages::answer::leads_to;
use crate::pages::done::Done;
use crate::pages::stays::{Outcome, Stay};
use crate::view::field::{Text, Wrong, choice_as, hidden, options, text};
use crate::view::panel::note;
use crate::view::{Kind, Link, capital, words};

/// Every record of the card; an order's own number stands behind `order `.
const ALL: &str = "all";
const OF_ORDER: &str = "order ";

/// What was filled in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Said {
    version: u64,
    ruling: String,
    about: String,
    document: String,
    field: String,
    line: String,
    value: String,
    reason: String,
    /// Of what writes an order off: somebody has spoken with the retailer.
    agreed: Option<String>,
}

impl Said {
    fn decision(&self) -> Result<Decision, Problem> {
        let ruling = Ruling::named(&self.ruling).ok_or_else(|| Problem::unreadable("ruling", "Choose what you decide."))?;
        Ok(Decision {
            version: self.version,
            ruling,
            order: self.about.strip_prefix(OF_ORDER).and_then(filled),
            all: self.about == ALL,
            document: filled(&self.document).filter(|_| ruling == Ruling::Settled),
            amend: (ruling == Ruling::Amend).then(|| OtherField {
                field: self.field.clone(),
                line: filled(&self.line),
                value: self.value.clone(),
            }),
            agreed: self.agreed.is_some(),
            reason: self.reason.clone(),
        })
    }
}

/// Decides.
pub async fn take(inside: Inside, Path(id): Path<String>, Form(said): Form<Said>) -> Result<Response, Problem> {
    let tried = match decided(&inside, &id, &said).await {
        Ok(ruled) if ruled.refused == 0 && !ruled.left => {
            let done = if ruled.awaits_second > 0 {
                Done::DecidedFirst
            } else {
                Done::Decided
            };
            return Ok(leads_to(Link::to(format!("/cards/{id}")), done));
        }
        Ok(ruled) => Tried {
            ruled: Some(ruled),
            ..Tried::default()
        },
        Err(problem) => Tried {
            problem: Some(problem),
            decided: Some(said),
            ..Tried::default()
        },
    };
    Ok(answer(&inside, &id, tried).await?.into_response())
}

async fn decided(inside: &Inside, id: &str, said: &Said) -> Result<Ruled, Problem> {
    let decision = said.decision()?;
    let Json(ruled) = decisions::decide_card(inside.clone(), Path(id.to_owned()), crate::api::read::Json(decision)).await?;
    Ok(ruled)
}

/// What came of a decision that did not reach everything.
pub fn outcome(ruled: &Ruled) -> Markup {
    let others = ruled.others.iter();
    let stays: Vec<Stay<'_>> = others
        .map(|other| (other.reference.as_deref(), words(&other.sentence)))
        .collect();
    let outcome = Outcome {
        id: "outcome",
        title: "Decided",
        aside: None,
        reached: note(Kind::Waiting, words(&ruled.sentence)),
        others: "was left as it stands",
    };
    outcome.panel(&stays)
}

/// The form, where the card takes a decision and whoever looks may decide.
pub fn form(shown: &Shown, tried: &Tried) -> Markup {
    let nothing = Said::default();
    let given = tried.decided.as_ref().unwrap_or(&nothing);
    let refused = tried.problem.as_ref().filter(|_| tried.decided.is_some());
    let wrong = Wrong::of(refused).map(|wrong| wrong.renamed("amend", "value"));
    let card = &shown.card;
    let takes = |name: &str| card.rulings.iter().any(|allowed| allowed.ruling == name);
    html! {
        form.form action={ "/cards/" (card.id) "/decide" } method="post" {
            (hidden("version", &card.version.to_string()))
            (said_already(shown))
            fieldset.picks {
                legend.hidden { "What you decide" }
                @for allowed in &card.rulings {
                    label.pick {
                        input type="radio" name="ruling" value=(allowed.ruling) required checked[given.ruling == allowed.ruling];
                        span { b { (capital(allowed.ruling)) ". " } (words(allowed.does)) }
                    }
                }
            }
            (about(shown, given))
            @if takes(Ruling::Settled.name()) { (document(card.rulings.iter().any(|allowed| allowed.witnessed), given, wrong)) }
            @if takes(Ruling::Amend.name()) { (amendment(given, wrong)) }
            @if takes(Ruling::Declined.name()) { (agreed(card.rulings.len() == 1, given, wrong)) }
            (text(reason(given), wrong))
            div.acts { button { "Decide" } }
        }
    }
}

/// Beside what else may be decided it cannot be required by the form.
fn agreed(only: bool, given: &Said, wrong: Option<Wrong<'_>>) -> Markup {
    let wrong = wrong.filter(|wrong| wrong.field == "agreed");
    html! {
        div.field.wrong[wrong.is_some()] {
            label.pick {
                input type="checkbox" name="agreed" value="yes" required[only] checked[given.agreed.is_some()];
                span { "To decline: I have agreed this with the retailer" }
            }
            @if let Some(wrong) = wrong { p.wrong.small { (wrong.sentence) } }
        }
    }
}

fn reason(given: &Said) -> Text<'_> {
    Text {
        id: "decide-reason",
        label: "Why you decide so",
        ..Text::reason("reason", &given.reason)
    }
}

/// About which record. Nothing is chosen beforehand where there are several: a decision about all of them is made by hand.
fn about(shown: &Shown, given: &Said) -> Markup {
    let mut orders: Vec<&str> = shown.stopped().filter_map(|member| member.reference.as_deref()).collect();
    orders.dedup();
    let total = shown.card.weight.stopped;
    let all = if total == 1 {
        "Its one record".to_owned()
    } else {
        format!("All {total} records")
    };
    if total <= 1 {
        return hidden("about", ALL);
    }
    let first = [(String::new(), "Choose …".to_owned())];
    let orders = orders
        .iter()
        .map(|order| (format!("{OF_ORDER}{order}"), format!("Order {order}")));
    let choices = options(first.into_iter().chain(orders).chain([(ALL.to_owned(), all)]));
    choice_as("decide-about", "about", "About", &choices, &given.about)
}

fn document(witnessed: bool, given: &Said, wrong: Option<Wrong<'_>>) -> Markup {
    let help = if witnessed {
        "The ledger’s number of what shows it. A second person has to say the same, with the same number, before it counts."
    } else {
        "The ledger’s number of what shows it, where there is one."
    };
    let field = Text {
        name: "document",
        id: "decide-document",
        label: "To settle: the document",
        value: &given.document,
        help: Some(help),
        chars_max: 30,
        ..Text::default()
    };
    text(field, wrong)
}

fn amendment(given: &Said, wrong: Option<Wrong<'_>>) -> Markup {
    let fields = options([("quantity", "Quantity of a line"), ("reference", "Customer’s own number")]);
    let line = Text {
        name: "line",
        id: "decide-line",
        label: "Line",
        value: &given.line,
        help: Some("Of a quantity: as the order’s page numbers it."),
        chars_max: 60,
        ..Text::default()
    };
    let value = Text {
        name: "value",
        id: "decide-value",
        label: "Is to say",
        value: &given.value,
        help: Some("What bears VAT is not amended here."),
        chars_max: 60,
        ..Text::default()
    };
    html! {
        details.act open[given.ruling == Ruling::Amend.name()] {
            summary { "To amend: what is to be otherwise" }
            div.tight {
                (choice_as("decide-field", "field", "What is otherwise", &fields, &given.field))
                (text(line, wrong))
                (text(value, wrong))
            }
        }
    }
}

/// Where two persons must say the same, what the first one said.
fn said_already(shown: &Shown) -> Markup {
    let card = &shown.card;
    let witnessed = card.rulings.iter().any(|allowed| allowed.witnessed);
    let last = shown
        .history
        .acts
        .iter()
        .find(|acted| acted.act == "decide" && acted.document.is_some());
    html! {
        @if let Some((last, document)) = last.filter(|_| witnessed).and_then(|last| Some((last, last.document.as_deref()?))) {
            (note(Kind::Waiting, html! {
                (last.actor) " has settled records of it by document " code { (document) } ". Where they still stand, a second person has to say the same."
            }))
        }
    }
}
