//! An order is tried again by a plan that is shown first: what goes again, and what has landed and is passed over.
//!
//! A plan has a number. What is carried out is the plan of the number that was seen, or nothing.

use serde::{Deserialize, Serialize};
use tallyman_engine::answer::Said;
use tallyman_engine::named::Order;
use tallyman_engine::retry::{self, Configuration as With, Fate, Plan};
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Path, Query};

/// With which mappings and facts what goes again is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Configuration {
    /// Those that it was decided with: the very same write.
    #[default]
    AsItWas,
    /// Those of today.
    AsItIsNow,
}

impl Configuration {
    /// As a query says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsItWas => "as_it_was",
            Self::AsItIsNow => "as_it_is_now",
        }
    }

    const fn with(self) -> With {
        match self {
            Self::AsItWas => With::AsItWas,
            Self::AsItIsNow => With::AsItIsNow,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    #[serde(default)]
    #[param(inline, required = false)]
    pub configuration: Configuration,
    /// Where two companies have orders of one number: which.
    pub company: Option<String>,
}

/// The plan that was seen, and why it is carried out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Go {
    /// The plan's.
    #[schema(example = "4f1c0a7be2d9")]
    number: String,
    configuration: Configuration,
    /// For the journal.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// Where two companies have orders of one number: which.
    company: Option<String>,
}

impl Go {
    /// Of an order that is known already.
    pub fn new(number: String, configuration: Configuration, reason: String) -> Self {
        Self {
            number,
            configuration,
            reason,
            company: None,
        }
    }
}

/// What becomes of one write.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Step {
    /// The effect's id; none for the order itself, of which nothing was written yet.
    pub effect: Option<String>,
    /// Its kind, for programs.
    pub kind: String,
    /// The same for people.
    pub what: &'static str,
    pub connection: String,
    /// `landed`, `goes_on`, `again`, `anew`, `unclear` or `stopped`.
    pub fate: &'static str,
    /// What becomes of it, for people.
    pub sentence: String,
}

/// What trying an order again comes to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RetryPlan {
    pub company: String,
    /// The order, by our own id.
    pub journey: String,
    pub reference: String,
    pub configuration: Configuration,
    pub steps: Vec<Step>,
    /// Names this very plan; another as soon as anything of it has moved.
    pub number: String,
    /// False where nothing is sent again: such a plan is not carried out.
    pub sends: bool,
}

impl RetryPlan {
    pub fn of(company: &str, plan: &Plan) -> Self {
        let step = |step: &retry::Step| Step {
            effect: Some(step.effect.clone()).filter(|effect| !effect.is_empty()),
            kind: step.name.clone(),
            what: step.phrase(),
            connection: step.connection.clone(),
            fate: fate(&step.fate),
            sentence: step.fate.sentence(),
        };
        Self {
            company: company.to_owned(),
            journey: plan.journey.clone(),
            reference: plan.reference.clone(),
            configuration: match plan.configuration {
                With::AsItWas => Configuration::AsItWas,
                With::AsItIsNow => Configuration::AsItIsNow,
            },
            steps: plan.steps.iter().map(step).collect(),
            number: plan.number.clone(),
            sends: plan.does_anything(),
        }
    }
}

const fn fate(fate: &Fate) -> &'static str {
    match fate {
        Fate::Landed(_) => "landed",
        Fate::GoesOn => "goes_on",
        Fate::Again => "again",
        Fate::Anew => "anew",
        Fate::Unclear => "unclear",
        Fate::StillStopped(_) => "stopped",
    }
}

/// Plans to try an order again
///
/// Nothing is sent. What may have landed is never sent again by a plan: it is answered for first.
#[utoipa::path(get, path = "/journeys/{reference}/retry", operation_id = "plan_retry", tag = "journeys",
    params(("reference" = String, Path, description = "Any number it is known by", example = "VS-536365"), Asked),
    responses((status = 200, description = "The plan", body = RetryPlan, example = json!(examples::retry_plan())),
        (status = 404, description = "Nothing is known by this number", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Several orders are, or it was erased", body = Problem, content_type = "application/problem+json")))]
pub async fn plan(
    inside: Inside,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<axum::Json<RetryPlan>, Problem> {
    inside.searches()?;
    let (order, _) = inside.order(&reference, asked.company.as_deref(), Right::Follow).await?;
    plan_of(&inside, &order, &reference, asked.configuration).await
}

/// The plan of one order, by whichever name it was found.
pub async fn plan_of(
    inside: &Inside,
    order: &Order,
    reference: &str,
    configuration: Configuration,
) -> Result<axum::Json<RetryPlan>, Problem> {
    inside.leave(Right::Follow, &order.company)?;
    let merchant = inside.merchant(&order.company)?;
    let of = (&inside.parts.store, &inside.parts.vault);
    let plan = retry::plan(of, merchant, &order.journey, configuration.with()).await;
    let plan = plan.map_err(|error| Problem::from(error).about(reference))?;
    Ok(axum::Json(RetryPlan::of(&order.company, &plan)))
}

/// Carries out a plan
///
/// The one of this number, under the token's name; refused if it is another one by now.
#[utoipa::path(post, path = "/journeys/{reference}/retry", operation_id = "retry_order", tag = "journeys",
    params(("reference" = String, Path, description = "Any number it is known by", example = "VS-536365")),
    request_body(content = Go, example = json!(examples::go())),
    responses((status = 200, description = "The plan that is carried out; a worker takes it up", body = RetryPlan,
            example = json!(examples::retry_plan())),
        (status = 404, description = "Nothing is known by this number", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The plan has changed since it was shown; nothing was sent", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "It sends nothing again", body = Problem, content_type = "application/problem+json")))]
pub async fn carry_out(
    inside: Inside,
    Path(reference): Path<String>,
    Json(go): Json<Go>,
) -> Result<axum::Json<RetryPlan>, Problem> {
    let (order, _) = inside.order(&reference, go.company.as_deref(), Right::Act).await?;
    carry_out_of(&inside, &order, &reference, &go).await
}

/// Carries out the plan of one order, by whichever name it was found.
pub async fn carry_out_of(inside: &Inside, order: &Order, reference: &str, go: &Go) -> Result<axum::Json<RetryPlan>, Problem> {
    let permit = inside.leave(Right::Act, &order.company)?;
    let merchant = inside.merchant(&order.company)?;
    let parts = &inside.parts;
    let of = (&parts.store, &parts.vault, &*parts.clock);
    let said = Said {
        permit: &permit,
        reason: go.reason.trim(),
    };
    let plan = retry::carry_out(of, merchant, (&order.journey, go.configuration.with(), &go.number), &said).await;
    let plan = plan.map_err(|refused| Problem::from(refused).about(reference))?;
    Ok(axum::Json(RetryPlan::of(&order.company, &plan)))
}
