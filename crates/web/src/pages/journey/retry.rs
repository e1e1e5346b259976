//! How to try an order again: a plan is looked at first, and what is carried out is the plan that was seen.

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Asked, render};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::journeys::Journey;
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::api::retry::{self, Configuration, Go, RetryPlan};
use crate::form::Form;
use crate::pages::answer::{again, leads_to};
use crate::pages::done::Done;
use crate::view::field::{Text, hidden, text};
use crate::view::panel::raw;
use crate::view::{Kind, Link, count, mark, words};

/// The plan that was seen, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    number: String,
    configuration: Configuration,
    #[serde(default)]
    why: String,
}

/// Carries out the plan that was seen.
pub async fn take(inside: Inside, Path(id): Path<String>, Form(wish): Form<Wish>) -> Result<Response, Problem> {
    let (order, _) = inside.order_of(&id, Right::Act).await?;
    let go = Go::new(wish.number, wish.configuration, wish.why.clone());
    match retry::carry_out_of(&inside, &order, &id, &go).await {
        Ok(Json(_)) => Ok(leads_to(Link::to(format!("/orders/{id}")), Done::Retried)),
        Err(refused) => {
            let asked = Asked {
                plan: Some(wish.configuration),
                done: None,
            };
            let page = render(&inside, &id, &asked, Some(&refused), &wish.why).await;
            again(page, refused)
        }
    }
}

/// What would become of each of its writes.
pub async fn plan_of(inside: &Inside, journey: &Journey, configuration: Configuration) -> Result<RetryPlan, Problem> {
    let (order, _) = inside.order_of(&journey.id, Right::Read).await?;
    let Json(plan) = retry::plan_of(inside, &order, &journey.reference, configuration).await?;
    Ok(plan)
}

/// The plans that there are to look at.
pub fn ways(journey: &Journey) -> Markup {
    let link = |configuration: Configuration| Link::to(format!("/orders/{}", journey.id)).and("plan", Some(configuration.name()));
    html! {
        div.tight {
            p.muted { "A plan says first what would be sent again, and what has landed and is passed over." }
            div.acts {
                a.btn href=(link(Configuration::AsItWas)) { "Plan, as it was" }
                a.btn href=(link(Configuration::AsItIsNow)) { "Plan, with today’s mappings" }
            }
        }
    }
}

fn fate(fate: &str) -> (Kind, &'static str) {
    match fate {
        "landed" => (Kind::Done, "Landed"),
        "goes_on" => (Kind::Waiting, "Goes on"),
        "again" | "anew" => (Kind::Waiting, "Sent again"),
        "unclear" => (Kind::Unknown, "Unclear"),
        _ => (Kind::Needs, "Stopped"),
    }
}

/// The plan, step by step, and the form that carries it out.
pub fn plan(inside: &Inside, journey: &Journey, plan: &RetryPlan, given: &str) -> Markup {
    let landed = plan.steps.iter().filter(|step| step.fate == "landed").count() as u64;
    let with = match plan.configuration {
        Configuration::AsItWas => "as it was decided",
        Configuration::AsItIsNow => "with today’s mappings",
    };
    let why = Text::reason("why", given);
    let body = html! {
        p.body {
            @if plan.steps.iter().all(|step| step.effect.is_none()) { "Nothing of it has been written yet." }
            @else { (count(landed, "write has landed and is passed over", "writes have landed and are passed over")) ", of " (plan.steps.len()) "." }
        }
        table.fold {
            caption.hidden { "What becomes of each write" }
            thead { tr { th scope="col" { span.hidden { "State" } } th scope="col" { "Write" } th scope="col" { "What becomes of it" } } }
            tbody {
                @for step in &plan.steps {
                    @let (kind, word) = fate(step.fate);
                    tr {
                        td.m { (mark(kind, Some(word))) }
                        td data-h="Write" { (step.what) div.sub { (step.connection) } }
                        td.wide { (words(&step.sentence)) }
                    }
                }
            }
        }
        @if !plan.sends {
            p.foot { "Nothing of it would be sent again, so there is nothing to carry out." }
        } @else if inside.has(Right::Act, &journey.company) {
            form.form.body action={ "/orders/" (journey.id) "/retry" } method="post" {
                (hidden("number", &plan.number))
                (hidden("configuration", plan.configuration.name()))
                (text(why, None))
                div.acts { button.main { "Carry out this plan" } a.btn href={ "/orders/" (journey.id) } { "Leave it" } }
            }
        }
    };
    raw("plan", "The plan", Some(with), body)
}
