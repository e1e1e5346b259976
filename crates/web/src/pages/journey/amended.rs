//! What people have put in the place of what came with an order, beside what came; and how it is taken back.

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::answer;
use crate::api::access::Right;
use crate::api::amendments::{self, Amended, Back};
use crate::api::inside::Inside;
use crate::api::journeys::Journey;
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::form::Form;
use crate::pages::answer::leads_to;
use crate::pages::done::Done;
use crate::view::field::{Text, text};
use crate::view::time::Local;
use crate::view::{Link, capital};

/// Why it is taken back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    #[serde(default)]
    why: String,
}

/// What came counts again.
pub async fn take_back(
    inside: Inside,
    Path((id, number)): Path<(String, i64)>,
    Form(said): Form<Said>,
) -> Result<Response, Problem> {
    let (order, permit) = inside.order_of(&id, Right::Act).await?;
    let back = Back::because(said.why);
    match amendments::take_back_of(&inside, (order, &permit), (&id, number), &back).await {
        Ok(Json(_)) => Ok(leads_to(Link::to(format!("/orders/{id}")), Done::AmendmentBack)),
        Err(refused) => answer(&inside, &id, refused).await,
    }
}

pub fn table(inside: &Inside, journey: &Journey, all: &[Amended], local: &Local) -> Markup {
    let may = inside.has(Right::Act, &journey.company);
    let nothing = || html! { span.muted { "nothing" } };
    let or_nothing = |value: &Option<String>| value.as_ref().map_or_else(nothing, |value| html! { (value) });
    html! {
        table.fold {
            caption.hidden { "Fields that were amended, the oldest first" }
            thead { tr { th scope="col" { "Field" } th scope="col" { "As it came" } th scope="col" { "Amended to" } th scope="col" { "Undo" } } }
            tbody {
                @for one in all {
                    tr id={ "amendment-" (one.number) } {
                        td.wide {
                            (capital(&one.field.replace('_', " ")))
                            @if let Some(shipment) = &one.shipment { ", shipment " (shipment) }
                            div.sub { (local.at(one.at.0)) @if let Some(by) = &one.by { ", " (by) } @if let Some(reason) = &one.reason { ": " (reason) } }
                        }
                        td data-h="As it came" { @if one.shipment.is_some() { "–" } @else { (or_nothing(&one.came)) } }
                        td data-h="Amended to" { (or_nothing(&one.value)) }
                        td data-h="Undo" {
                            @match one.taken_back_at {
                                Some(at) => { "Taken back " (local.at(at.0)) },
                                None if may => (undo(journey, one)),
                                None => "–",
                            }
                        }
                    }
                }
            }
        }
    }
}

fn undo(journey: &Journey, one: &Amended) -> Markup {
    let id = format!("why-{}", one.number);
    let why = Text {
        id: &id,
        ..Text::reason("why", "")
    };
    html! {
        details.act {
            summary { "Take it back …" }
            form.form action={ "/orders/" (journey.id) "/amendments/" (one.number) "/take-back" } method="post" {
                (text(why, None))
                div.acts { button { "Take it back" } }
            }
        }
    }
}
