//! Orders, the last received first. One is told whole in [`super::journeys`].

use serde::{Deserialize, Serialize};
use tallyman_core::time::Timestamp;
use tallyman_engine::looked_for::{self, look_for};
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

/// Which number, and whose order it is where that is known.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Sought {
    /// Any number of any system, or how it begins: four characters at least then. Blanks, dashes and capitals do not matter.
    #[param(max_length = 100, example = "VS-5363")]
    pub q: String,
    /// One company's.
    pub company: Option<String>,
}

/// An order that may be meant.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SoughtOrder)]
pub struct Hit {
    /// Our own id of it.
    pub id: String,
    pub company: String,
    /// The retailer's number.
    pub reference: String,
    /// The number of it that is meant, where that is not the retailer's.
    pub by: Option<String>,
    pub received_at: At,
    /// What it is worth, net.
    pub money: String,
}

/// Orders that may be meant.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SoughtOrders)]
pub struct Found {
    pub orders: Vec<Hit>,
    /// There are more than are named: 20 are.
    pub more: bool,
}

/// Looks for orders by a number
///
/// By any number of any system that is whole; else by one that is spelled otherwise, or that begins so. For callers with the right `follow`,
/// some times a second. It names nobody.
#[utoipa::path(get, path = "/orders/find", operation_id = "find_orders", tag = "journeys", params(Sought),
    responses((status = 200, description = "The orders", body = Found, example = json!(examples::sought_orders())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn find(inside: Inside, Query(sought): Query<Sought>) -> Result<axum::Json<Found>, Problem> {
    let found = found(&inside, &sought.q, sought.company.as_deref()).await?;
    let hit = |hit: looked_for::Hit| Hit {
        id: hit.journey,
        company: hit.order.company,
        reference: hit.order.reference,
        by: hit.by,
        received_at: At(hit.order.received_at),
        money: hit.order.net.to_string(),
    };
    Ok(axum::Json(Found {
        orders: found.hits.into_iter().map(hit).collect(),
        more: found.more,
    }))
}

/// Orders that may be meant by a number, as far as the caller may follow them.
pub async fn found(inside: &Inside, number: &str, company: Option<&str>) -> Result<looked_for::Found, Problem> {
    let companies = inside.companies_with(Right::Follow, company)?;
    inside.searches()?;
    Ok(look_for(&inside.parts.store, number, &companies).await?)
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
