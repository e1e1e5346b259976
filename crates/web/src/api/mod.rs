//! The JSON API, `/api/v1`: how everything stands; cards and what people do with them, mappings, unknown outcomes, tallies, heartbeats, stories, alert routes;
//! fixes tried, orders amended and tried again.
//!
//! A file a resource. A handler reads the request strictly ([`read`]), asks whether the caller may ([`inside`]), has the engine do it and
//! shapes the answer; what it does the terminal does by the same function. The document (OpenAPI 3.1) is built from the handlers, so a route
//! that is not described cannot be added. The router is a value that is called without a socket, by tests as by the demo.
//!
//! The door ([`door`]) stands before every path under `/api/v1`, also those that are not there: without a token nothing is said.
//!
//! The console's pages (`crate::pages`) call the same functions, so what is refused here is refused there, in the same words.
//!
//! Not here: rules and SQL. What a list shows names no person; what may is for callers with the right `open`.

pub mod access;
pub(crate) mod acts;
pub(crate) mod amendments;
pub(crate) mod capsules;
pub(crate) mod cards;
pub(crate) mod connections;
pub(crate) mod decisions;
pub(crate) mod deputies;
mod document;
mod door;
pub(crate) mod downloads;
pub(crate) mod drill;
mod etag;
mod examples;
pub(crate) mod exchanges;
pub mod handbook;
mod heartbeats;
pub(crate) mod holds;
pub(crate) mod inside;
pub(crate) mod journal;
pub(crate) mod journeys;
pub(crate) mod mappings;
mod masters;
pub(crate) mod orders;
pub(crate) mod outcomes;
pub(crate) mod overview;
pub(crate) mod people;
pub(crate) mod problem;
pub(crate) mod proposals;
pub(crate) mod put_off;
pub(crate) mod read;
pub(crate) mod retry;
pub(crate) mod routes;
pub(crate) mod settings;
pub mod shape;
pub(crate) mod sheets;
pub(crate) mod sorting;
mod summary;
pub(crate) mod tally;
pub(crate) mod tokens;
pub(crate) mod trials;
pub(crate) mod unlike;
pub(crate) mod word_trials;

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, Uri};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use access::Access;
use inside::Shared;
use problem::{Kind, Problem};

use crate::telemetry;

pub(crate) use door::ANSWER_MAX;
pub use read::BODY_BYTES_MAX;
pub use sheets::SHEET_BYTES_MAX;

/// Where it is served.
pub const BASE: &str = "/api/v1";

/// Every route, with its description.
fn described() -> (Router<Shared>, OpenApi) {
    let (router, described) = OpenApiRouter::with_openapi(document::about())
        .routes(routes!(cards::list))
        .routes(routes!(cards::get))
        .routes(routes!(cards::members))
        .routes(routes!(cards::history))
        .routes(routes!(unlike::get))
        .routes(routes!(acts::acknowledge))
        .routes(routes!(acts::fix))
        .routes(routes!(acts::assign))
        .routes(routes!(acts::comment))
        .routes(routes!(acts::hand_over))
        .routes(routes!(acts::set_aside))
        .routes(routes!(acts::take_up))
        .routes(routes!(decisions::decide_card))
        .routes(routes!(trials::try_fix))
        .routes(routes!(sorting::merge))
        .routes(routes!(sorting::unmerge))
        .routes(routes!(sorting::split))
        .routes(routes!(sorting::unsplit))
        .routes(routes!(sorting::one_first))
        .routes(routes!(summary::get))
        .routes(routes!(overview::get))
        .routes(routes!(overview::work))
        .routes(routes!(mappings::list))
        .routes(routes!(mappings::history))
        .routes(routes!(mappings::set))
        .routes(routes!(word_trials::try_word))
        .routes(routes!(mappings::withdraw))
        .routes(routes!(proposals::list))
        .routes(routes!(proposals::get))
        .routes(routes!(proposals::approve))
        .routes(routes!(proposals::reject))
        .routes(routes!(proposals::edit))
        .routes(routes!(sheets::export))
        .routes(routes!(sheets::import))
        .routes(routes!(outcomes::list))
        .routes(routes!(outcomes::ask))
        .routes(routes!(outcomes::again))
        .routes(routes!(outcomes::landed))
        .routes(routes!(put_off::list))
        .routes(routes!(tally::get))
        .routes(routes!(tally::records))
        .routes(routes!(tally::compare))
        .routes(routes!(journal::list))
        .routes(routes!(journal::verified))
        .routes(routes!(downloads::get))
        .routes(routes!(heartbeats::get))
        .routes(routes!(orders::list))
        .routes(routes!(orders::find))
        .routes(routes!(journeys::get))
        .routes(routes!(exchanges::list))
        .routes(routes!(exchanges::unmask))
        .routes(routes!(capsules::get))
        .routes(routes!(amendments::list, amendments::amend))
        .routes(routes!(amendments::take_back))
        .routes(routes!(retry::plan, retry::carry_out))
        .routes(routes!(connections::list))
        .routes(routes!(connections::test))
        .routes(routes!(connections::run))
        .routes(routes!(connections::sign_in))
        .routes(routes!(holds::list, holds::place))
        .routes(routes!(holds::end))
        .routes(routes!(masters::get))
        .routes(routes!(settings::get))
        .routes(routes!(drill::get))
        .routes(routes!(handbook::get))
        .routes(routes!(handbook::confirm))
        .routes(routes!(routes::list))
        .routes(routes!(routes::test))
        .routes(routes!(people::list, people::invite))
        .routes(routes!(people::get))
        .routes(routes!(people::link))
        .routes(routes!(people::grant))
        .routes(routes!(people::revoke))
        .routes(routes!(people::link_account))
        .routes(routes!(people::unlink_account))
        .routes(routes!(people::sign_out))
        .routes(routes!(people::let_go))
        .routes(routes!(people::end))
        .routes(routes!(tokens::list, tokens::make))
        .routes(routes!(tokens::end))
        .routes(routes!(deputies::list, deputies::name))
        .routes(routes!(deputies::end))
        .routes(routes!(document::get))
        .split_for_parts();
    (router, document::completed(described))
}

/// The description of all of it.
pub fn document() -> OpenApi {
    described().1
}

/// The API, behind its door.
pub(crate) fn router(shared: Shared, access: Arc<Access>) -> Router {
    let (routes, _) = described();
    let running = shared.running.clone();
    let inner = routes
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .with_state(shared.clone());
    let monitoring = telemetry::router().with_state(shared);
    Router::new()
        .nest(BASE, door::before(inner, access.clone(), running.clone()))
        .merge(door::before(monitoring, access, running))
}

async fn nothing(uri: Uri) -> Problem {
    Problem::not_found("path", &format!("{BASE}{}", uri.path()), "/api/v1/openapi.json lists them.")
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::new(
        Kind::WrongMethod,
        format!("{method} is not known at {BASE}{}.", uri.path()),
        "/api/v1/openapi.json says which methods are.",
    )
}

#[cfg(test)]
mod tests;
