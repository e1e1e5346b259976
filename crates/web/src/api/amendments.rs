//! Amendments: a field of an order, or of one of its shipments, as a named person wants it in the place of what its source cannot correct.
//!
//! What stands there may name a customer, so all of it needs the right `open`. Fields that bear VAT are refused.

use serde::{Deserialize, Serialize};
use tallyman_core::access::Permit;
use tallyman_core::amendment::{Amendment, Field};
use tallyman_engine::amend::{self, Wanted};
use tallyman_engine::named::Order;
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Path, Query};
use super::shape::At;

/// Whose order it is.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// Where two companies have orders of one number: which.
    pub company: Option<String>,
}

/// A field as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Where two companies have orders of one number: which.
    company: Option<String>,
    /// The shipment's key, of a field that a shipment has.
    shipment: Option<String>,
    /// `name`, `company`, `line_1` to `line_4`, `city`, `county`, `postcode`, `phone`, `email`, `contact`, `reference`, `service`; of a
    /// shipment `carrier` or `tracking`.
    #[schema(example = "line_1")]
    field: String,
    /// What stands there from now on; empty for nothing.
    #[schema(example = "1 High Street", max_length = 300)]
    value: String,
    /// Why, for the journal.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

impl Wish {
    /// Of an order that is known already.
    pub fn new(shipment: &str, field: &str, value: &str, reason: &str) -> Self {
        let [shipment, field, value, reason] = [shipment, field, value, reason].map(str::to_owned);
        Self {
            company: None,
            shipment: Some(shipment),
            field,
            value,
            reason,
        }
    }
}

/// Why it is taken back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Back {
    /// Where two companies have orders of one number: which.
    company: Option<String>,
    /// For the journal.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// One amendment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Amended {
    /// By which it is taken back.
    pub number: i64,
    /// The shipment's key; none where it is of the order itself.
    pub shipment: Option<String>,
    pub field: String,
    /// What the source says there; none for nothing, of a field that a shipment has, and once the order was erased.
    pub came: Option<String>,
    /// None for nothing, and once the order was erased.
    pub value: Option<String>,
    /// Who said so; none once the order was erased.
    pub by: Option<String>,
    pub reason: Option<String>,
    pub at: At,
    /// Since then what the source says counts again.
    pub taken_back_at: Option<At>,
}

/// What was amended of an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Amendments {
    pub company: String,
    /// The order, by our own id.
    pub journey: String,
    /// The oldest first.
    pub amendments: Vec<Amended>,
}

impl Back {
    /// Of an order that is known already.
    pub fn because(reason: String) -> Self {
        Self { company: None, reason }
    }
}

/// What was amended of an order, for callers who may open it; nothing for others.
pub async fn of(inside: &Inside, company: &str, journey: &str) -> Result<Vec<Amended>, Problem> {
    match inside.leave(Right::Open, company) {
        Ok(permit) => all(inside, (company, journey), &permit).await,
        Err(_) => Ok(Vec::new()),
    }
}

async fn told(inside: &Inside, order: Order, permit: &Permit) -> Result<axum::Json<Amendments>, Problem> {
    Ok(axum::Json(Amendments {
        amendments: all(inside, (&order.company, &order.journey), permit).await?,
        company: order.company,
        journey: order.journey,
    }))
}

async fn all(inside: &Inside, of: (&str, &str), permit: &Permit) -> Result<Vec<Amended>, Problem> {
    let told = amend::told(&inside.parts.store, (&inside.parts.vault, permit), of).await?;
    let amended = told.into_iter().map(|told| {
        let stored = told.stored;
        let mut amended = Amended {
            number: stored.place,
            shipment: Some(stored.record).filter(|shipment| !shipment.is_empty()),
            field: stored.field,
            came: told.came,
            value: None,
            by: None,
            reason: None,
            at: At(stored.at),
            taken_back_at: stored.taken_back_at.map(At),
        };
        if let Some(amendment) = told.amendment {
            amended.value = amendment.value;
            amended.by = Some(amendment.by);
            amended.reason = Some(amendment.reason);
        }
        amended
    });
    Ok(amended.collect())
}

/// Lists what was amended of an order
///
/// What came stays beside it untouched.
#[utoipa::path(get, path = "/journeys/{reference}/amendments", operation_id = "list_amendments", tag = "journeys",
    params(("reference" = String, Path, description = "Any number it is known by", example = "VS-536365"), Whose),
    responses((status = 200, description = "The amendments", body = Amendments, example = json!(examples::amendments())),
        (status = 404, description = "Nothing is known by this number", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Several orders are", body = Problem, content_type = "application/problem+json")))]
pub async fn list(
    inside: Inside,
    Path(reference): Path<String>,
    Query(whose): Query<Whose>,
) -> Result<axum::Json<Amendments>, Problem> {
    let (order, permit) = inside.order(&reference, whose.company.as_deref(), Right::Open).await?;
    told(&inside, order, &permit).await
}

/// Amends a field of an order
///
/// Or of one of its shipments. The record is checked again by itself within seconds. A field that bears VAT is refused, and so is one of an
/// order that stands in the other systems already.
#[utoipa::path(post, path = "/journeys/{reference}/amendments", operation_id = "amend_order", tag = "journeys",
    params(("reference" = String, Path, description = "Any number it is known by", example = "VS-536365")),
    request_body(content = Wish, example = json!(examples::wish())),
    responses((status = 200, description = "What is amended of it now", body = Amendments, example = json!(examples::amendments())),
        (status = 404, description = "Nothing is known by this number", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else has amended it meanwhile; nothing was changed", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "It is not amended here; the sentence says why", body = Problem,
            content_type = "application/problem+json", example = json!(examples::vat_bearing()))))]
pub async fn amend(
    inside: Inside,
    Path(reference): Path<String>,
    Json(wish): Json<Wish>,
) -> Result<axum::Json<Amendments>, Problem> {
    let (order, _) = inside.order(&reference, wish.company.as_deref(), Right::Act).await?;
    amend_order(&inside, order, &reference, &wish).await
}

/// Leave to amend: to act, and to open what was amended.
fn may_amend(inside: &Inside, company: &str) -> Result<(Permit, Permit), Problem> {
    Ok((inside.leave(Right::Act, company)?, inside.leave(Right::Open, company)?))
}

/// Amends one order, by whichever name it was found.
pub async fn amend_order(inside: &Inside, order: Order, reference: &str, wish: &Wish) -> Result<axum::Json<Amendments>, Problem> {
    let (permit, open) = may_amend(inside, &order.company)?;
    let about = |problem: Problem| problem.about(reference);
    let field = Field::named(wish.field.trim()).map_err(|refused| about(refused.into()))?;
    let amendment = Amendment::new(field, &wish.value, permit.actor(), &wish.reason, inside.now())
        .map_err(|refused| about(refused.into()))?;
    let wanted = Wanted {
        company: &order.company,
        journey: &order.journey,
        shipment: wish.shipment.as_deref().unwrap_or_default().trim(),
        amendment: &amendment,
        permit: &permit,
    };
    amend::amend(&inside.parts.store, &inside.parts.vault, wanted)
        .await
        .map_err(|error| about(error.into()))?;
    told(inside, order, &open).await
}

/// Takes an amendment back
///
/// What the source says counts again, and the record is checked again by itself.
#[utoipa::path(post, path = "/journeys/{reference}/amendments/{number}/take-back", operation_id = "take_amendment_back", tag = "journeys",
    params(("reference" = String, Path, description = "Any number the order is known by", example = "VS-536365"),
        ("number" = i64, Path, description = "The amendment, as the list numbers it", example = 1)),
    request_body(content = Back, example = json!(serde_json::json!({"reason": "The retailer has corrected it."}))),
    responses((status = 200, description = "What is amended of it now", body = Amendments, example = json!(examples::amendments())),
        (status = 404, description = "Nothing is known by this number", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "There is no such amendment that counts", body = Problem, content_type = "application/problem+json")))]
pub async fn take_back(
    inside: Inside,
    Path((reference, number)): Path<(String, i64)>,
    Json(back): Json<Back>,
) -> Result<axum::Json<Amendments>, Problem> {
    let (order, permit) = inside.order(&reference, back.company.as_deref(), Right::Act).await?;
    take_back_of(&inside, (order, &permit), (&reference, number), &back).await
}

/// Takes back an amendment of one order, by whichever name it was found.
pub async fn take_back_of(
    inside: &Inside,
    (order, permit): (Order, &Permit),
    (reference, number): (&str, i64),
    back: &Back,
) -> Result<axum::Json<Amendments>, Problem> {
    let open = inside.leave(Right::Open, &order.company)?;
    let of = (order.company.as_str(), order.journey.as_str());
    let said = (permit, back.reason.trim(), inside.now());
    amend::take_back(&inside.parts.store, &inside.parts.vault, of, number, said)
        .await
        .map_err(|error| Problem::from(error).about(reference))?;
    told(inside, order, &open).await
}
