//! Orders, the last received first. One is told whole in [`super::journeys`].

use serde::{Deserialize, Serialize};
use tallyman_core::time::Timestamp;
use tallyman_engine::newest;
use tallyman_store::tables::search::Listed;
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Query, cursor, limit, placed};
use super::shape::At;

const ORDERS_A_PAGE: usize = 50;

/// Whose orders, and from where on.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    /// One company's.
    pub company: Option<String>,
    /// What an earlier page gave as `next`.
    pub after: Option<String>,
    /// How many, up to 200; 50 if not given.
    pub limit: Option<u32>,
}

/// An order in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ListedOrder)]
pub struct Order {
    /// Our own id of it.
    pub id: String,
    pub company: String,
    /// The retailer's number.
    pub reference: String,
    /// The connection that it came by.
    pub channel: String,
    /// `stopped`, `open`, `complete` or `declined`.
    pub stage: String,
    /// Whether a person is needed before it goes on.
    pub stands_still: bool,
    pub received_at: At,
    /// What it is worth, net.
    pub money: String,
}

impl Order {
    fn of(order: Listed) -> Self {
        Self {
            id: order.id,
            company: order.company,
            reference: order.reference,
            channel: order.channel,
            stage: order.stage,
            stands_still: order.stands_still,
            received_at: At(order.received_at),
            money: order.net.to_string(),
        }
    }
}

/// A page of orders.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrderPage {
    pub orders: Vec<Order>,
    pub next: Option<String>,
}

/// Lists orders
///
/// The last received first. For callers with the right `follow`. It names nobody.
#[utoipa::path(get, path = "/orders", operation_id = "list_orders", tag = "journeys", params(Listing),
    responses((status = 200, description = "A page of orders", body = OrderPage, example = json!(examples::order_page()))))]
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<axum::Json<OrderPage>, Problem> {
    Ok(axum::Json(page_of(&inside, &listing).await?))
}

/// The page of orders that is asked for.
pub async fn page_of(inside: &Inside, listing: &Listing) -> Result<OrderPage, Problem> {
    let companies = inside.companies_with(Right::Follow, listing.company.as_deref())?;
    let after = placed::<(i64, String)>(listing.after.as_deref())?;
    let after = after.map(|(at, id)| (Timestamp::from_micros(at), id));
    let limit = limit(listing.limit, ORDERS_A_PAGE)?;
    let page = newest::page(&inside.parts.store, &companies, after, limit).await?;
    Ok(OrderPage {
        orders: page.rows.into_iter().map(Order::of).collect(),
        next: page.next.map(|(at, id)| cursor(&(at.micros(), id))).transpose()?,
    })
}
