//! Cards put together and taken apart by people who know better than their causes say, each with its undoing; and one order before the
//! others. As acts do, each names the version that was seen.

use serde::{Deserialize, Serialize};
use tallyman_engine::sorting::{self, Sort, Sorted};
use utoipa::ToSchema;

use super::access::Right;
use super::acts::{Seen, to_act_on};
use super::cards::{load, with_room};
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Path};
use super::shape::Card;

/// Under which card.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Under {
    /// The card's version as it was seen.
    #[schema(example = 3)]
    pub version: u64,
    /// The card that it is shown under from now on.
    #[schema(example = "QJ5ZV2LAW7NDKX3E")]
    pub under: String,
}

/// Which orders.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Orders {
    /// The card's version as it was seen.
    #[schema(example = 3)]
    pub version: u64,
    /// By any number that each is known by.
    #[schema(min_items = 1, max_items = 1000)]
    pub orders: Vec<String>,
}

/// The order that goes before the others.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OneFirst {
    /// Its own number.
    pub order: Option<String>,
    pub card: Card,
}

async fn sort(inside: &Inside, card: &str, seen: u64, sort: Sort) -> Result<OneFirst, Problem> {
    let (card, permit) = to_act_on(inside, card, seen, Right::Act).await?;
    let sorted = Sorted {
        card: card.id.clone(),
        seen: Some(seen),
        sort,
        permit,
        now: inside.now(),
    };
    let shown = sorting::sort(&inside.parts.store, sorted)
        .await
        .map_err(|error| Problem::from(error).about(card.id))?;
    let (card, _) = load(inside, &shown.card, Right::Act).await?;
    Ok(OneFirst {
        order: shown.first,
        card: with_room(inside, &card).await?,
    })
}

macro_rules! sorts {
    ($($(#[doc = $doc:tt])+ $name:ident, $path:tt, $id:tt, $body:ident, $example:expr, $sort:expr;)+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(post, path = $path, operation_id = $id, tag = "cards",
            params(("card" = String, Path, description = "The card's id", example = "MHRV3TDXWWQ7JJ6N")),
            request_body(content = $body, example = json!($example)),
            responses((status = 200, description = "The card that there is to look at then", body = Card,
                    example = json!(examples::card_in_room())),
                (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json"),
                (status = 409, description = "The card has moved since that version; nothing was changed", body = Problem,
                    content_type = "application/problem+json", example = json!(examples::moved())),
                (status = 422, description = "It cannot be; the sentence says why, and nothing was changed", body = Problem,
                    content_type = "application/problem+json")))]
        pub async fn $name(
            inside: Inside,
            Path(card): Path<String>,
            Json(said): Json<$body>,
        ) -> Result<axum::Json<Card>, Problem> {
            let version = said.version;
            let sort_of: fn($body) -> Sort = $sort;
            Ok(axum::Json(sort(&inside, &card, version, sort_of(said)).await?.card))
        }
    )+};
}

sorts! {
    /// Shows a card under another one
    ///
    /// Of the same company. It keeps its records, its life and its version; while the other is open it is on no list. Gives the other card.
    merge, "/cards/{card}/merge", "merge_card", Under, serde_json::json!({"version": 3, "under": "QJ5ZV2LAW7NDKX3E"}),
        |said| Sort::Merge { under: said.under.trim().to_uppercase() };
    /// Shows a card by itself again
    unmerge, "/cards/{card}/unmerge", "unmerge_card", Seen, serde_json::json!({"version": 3}), |_| Sort::Unmerge;
    /// Takes orders to a card of their own
    ///
    /// With the same code and cause. What comes of these orders stands under it from then on. Gives the new card; its weight follows
    /// within a second or so.
    split, "/cards/{card}/split", "split_card", Orders, serde_json::json!({"version": 3, "orders": ["VS-536365"]}),
        |said| Sort::Split { orders: said.orders };
    /// Puts a part back to its card
    ///
    /// Gives that card.
    unsplit, "/cards/{card}/unsplit", "unsplit_card", Seen, serde_json::json!({"version": 3}), |_| Sort::Unsplit;
}

/// Lets one order of a card go first
///
/// Its oldest. The next fix is made with that one; the others follow when it has proved that it went on.
#[utoipa::path(post, path = "/cards/{card}/one-first", operation_id = "let_one_go_first", tag = "cards",
    params(("card" = String, Path, description = "The card's id", example = "MHRV3TDXWWQ7JJ6N")),
    request_body(content = Seen, example = json!(serde_json::json!({"version": 3}))),
    responses((status = 200, description = "The order, and the card", body = OneFirst, example = json!(examples::one_first())),
        (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The card has moved since that version; nothing was changed", body = Problem,
            content_type = "application/problem+json", example = json!(examples::moved())),
        (status = 422, description = "No order stands still under it", body = Problem, content_type = "application/problem+json")))]
pub async fn one_first(
    inside: Inside,
    Path(card): Path<String>,
    Json(seen): Json<Seen>,
) -> Result<axum::Json<OneFirst>, Problem> {
    Ok(axum::Json(sort(&inside, &card, seen.version, Sort::OneFirst).await?))
}
