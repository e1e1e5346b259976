//! What was said in each attempt at an order's writes, masked; and leave to see it as it was, which the journal keeps first.

use serde::{Deserialize, Serialize};
use tallyman_core::diff::Mark;
use tallyman_engine::exchanges::{self, Attempted, Refused};
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::{Kind, Problem};
use super::read::{Json, Path};
use super::shape::At;

/// One call and its answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ExchangedCall)]
pub struct Call {
    pub at: At,
    /// Method and path.
    pub request: String,
    pub body: String,
    /// None: no answer came.
    pub status: Option<u16>,
    pub answer: String,
}

/// A line of the difference to the attempt before.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DifferenceLine)]
pub struct Line {
    /// `same`, `gone` or `new`.
    pub mark: &'static str,
    pub text: String,
}

/// One attempt at a write.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AttemptedWrite)]
pub struct Attempt {
    /// The write's id.
    pub id: String,
    /// For people: `despatch in the ledger`.
    pub what: &'static str,
    pub connection: String,
    /// `look`, `send` or `probe`.
    pub by: String,
    pub outcome: String,
    pub at: At,
    /// Empty where nothing was kept: what succeeded is kept for some days only.
    pub calls: Vec<Call>,
    /// None for the first attempt at a write.
    pub difference: Option<Vec<Line>>,
}

/// Every attempt, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Exchanges {
    pub attempts: Vec<Attempt>,
    /// Until when this caller sees it unmasked; none while it is masked.
    pub unmasked_until: Option<At>,
}

impl Attempt {
    fn of(attempted: Attempted) -> Self {
        let line = |(mark, text): (Mark, String)| Line {
            mark: match mark {
                Mark::Same => "same",
                Mark::Gone => "gone",
                Mark::New => "new",
            },
            text,
        };
        let call = |said: exchanges::Said| Call {
            at: At(said.at),
            request: said.request,
            body: said.body,
            status: said.status,
            answer: said.answer,
        };
        Self {
            id: attempted.effect,
            what: attempted.what,
            connection: attempted.connection,
            by: attempted.by,
            outcome: attempted.outcome,
            at: At(attempted.at),
            calls: attempted.calls.into_iter().map(call).collect(),
            difference: attempted.difference.map(|lines| lines.into_iter().map(line).collect()),
        }
    }
}

/// Shows what was said in each attempt at an order's writes
///
/// Requests and answers, secrets and persons masked, with the difference to the attempt before. Unmasked for ten minutes after this caller
/// has said why (`unmask`); secrets never are.
#[utoipa::path(get, path = "/orders/{journey}/exchanges", operation_id = "list_exchanges", tag = "journeys",
    params(("journey" = String, Path, description = "The order, by our own id", example = "QJ5ZV2LAW7NDKX3E")),
    responses((status = 200, description = "The attempts", body = Exchanges, example = json!(examples::exchanges())),
        (status = 404, description = "There is no such order", body = Problem, content_type = "application/problem+json")))]
pub async fn list(inside: Inside, Path(journey): Path<String>) -> Result<axum::Json<Exchanges>, Problem> {
    Ok(axum::Json(of(&inside, &journey).await?))
}

/// Those of an order, as far as the caller may see them.
pub async fn of(inside: &Inside, journey: &str) -> Result<Exchanges, Problem> {
    let (order, _) = inside.order_of(journey, Right::Follow).await?;
    inside.leave(Right::Read, &order.company)?;
    let (store, vault) = (&inside.parts.store, &inside.parts.vault);
    let shown = exchanges::of(store, vault, &inside.caller, &order.journey, inside.now()).await?;
    let shown = shown.ok_or_else(|| Problem::not_found("order", journey, "Look for it by any of its numbers."))?;
    Ok(Exchanges {
        attempts: shown.attempts.into_iter().map(Attempt::of).collect(),
        unmasked_until: shown.unmasked_until.map(At),
    })
}

/// Why somebody needs to see it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WhyUnmasked)]
pub struct Why {
    /// For the journal. No customer's name.
    #[schema(
        example = "The carrier asks which address the label showed.",
        min_length = 1,
        max_length = 500
    )]
    pub reason: String,
}

/// Takes the masks off what was said about an order
///
/// For this caller and for ten minutes. The journal has who looks, at which order and why, before anything is shown.
#[utoipa::path(post, path = "/orders/{journey}/exchanges/unmask", operation_id = "unmask_exchanges", tag = "journeys",
    params(("journey" = String, Path, description = "The order, by our own id", example = "QJ5ZV2LAW7NDKX3E")),
    request_body(content = Why, example = json!({"reason": "The carrier asks which address the label showed."})),
    responses((status = 200, description = "The attempts, unmasked", body = Exchanges, example = json!(examples::exchanges())),
        (status = 404, description = "There is no such order", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No reason was given", body = Problem, content_type = "application/problem+json")))]
pub async fn unmask(inside: Inside, Path(journey): Path<String>, Json(why): Json<Why>) -> Result<axum::Json<Exchanges>, Problem> {
    word(&inside, &journey, &why.reason).await?;
    Ok(axum::Json(of(&inside, &journey).await?))
}

/// Writes down who looks and why.
pub async fn word(inside: &Inside, journey: &str, reason: &str) -> Result<(), Problem> {
    let (order, permit) = inside.order_of(journey, Right::Unmask).await?;
    inside.leave(Right::Open, &order.company)?;
    let of = (&inside.parts.store, &inside.parts.vault);
    exchanges::unmask(of, &permit, &order.journey, reason, inside.now()).await?;
    Ok(())
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Store(error) => error.into(),
            Refused::Nothing => Self::new(Kind::Refused, refused.to_string(), "Nothing was shown."),
            Refused::NoReason | Refused::LongReason => Self::new(
                Kind::Refused,
                refused.to_string(),
                "Nothing was shown. Say why, and ask again.",
            )
            .in_field("reason"),
        }
    }
}
