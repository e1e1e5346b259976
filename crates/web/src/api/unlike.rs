//! Expected against actual: what the orders of a card were to be, and what left for them, item by item.

use serde::Serialize;
use tallyman_engine::unlike;
use tallyman_store::tables::cards::Stored;
use utoipa::ToSchema;

use super::access::Right;
use super::cards::load;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Path;

/// One item of an order, in the ledger's unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Item {
    /// The ledger's code; the warehouse's where the order has no such item.
    pub item: String,
    pub ordered: String,
    /// What has left the warehouse, as it says.
    pub left: String,
    /// What of it is despatched in the ledger, as far as Tallyman knows.
    pub despatched: String,
    /// What has left less what was ordered, with its sign.
    #[schema(example = "-3")]
    pub difference: String,
    /// `same`, `less`, `more` or `not_ordered`.
    pub verdict: &'static str,
}

/// An order, item by item; what does not match comes first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Compared {
    /// The order, by our own id.
    pub journey: String,
    pub reference: String,
    pub items: Vec<Item>,
}

/// The first orders of a card that stand still.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Comparison {
    /// At most three; none where the card is not about what left, or nothing has left yet.
    pub orders: Vec<Compared>,
}

impl Compared {
    pub fn of(order: unlike::Order) -> Self {
        let item = |item: &tallyman_core::unlike::Item| Item {
            item: item.code.clone(),
            ordered: item.ordered.to_string(),
            left: item.left.to_string(),
            despatched: item.despatched.to_string(),
            difference: item.difference.to_string(),
            verdict: item.verdict().name(),
        };
        Self {
            items: order.items.iter().map(item).collect(),
            journey: order.journey,
            reference: order.reference,
        }
    }
}

/// Compares what was ordered with what left
///
/// For a card about goods that left otherwise than they should: the first of its orders that stand still, item by item.
#[utoipa::path(get, path = "/cards/{card}/comparison", operation_id = "compare_card", tag = "cards",
    params(("card" = String, Path, description = "The card's id", example = "MHRV3TDXWWQ7JJ6N")),
    responses((status = 200, description = "Its orders, item by item", body = Comparison, example = json!(examples::comparison())),
        (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(card): Path<String>) -> Result<axum::Json<Comparison>, Problem> {
    let (card, _) = load(&inside, &card, Right::Read).await?;
    Ok(axum::Json(of(&inside, &card).await?))
}

/// Of a card that the caller may see.
pub async fn of(inside: &Inside, card: &Stored) -> Result<Comparison, Problem> {
    let orders = unlike::of_card(&inside.parts.store, card).await?;
    Ok(Comparison {
        orders: orders.into_iter().map(Compared::of).collect(),
    })
}
