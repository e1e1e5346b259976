//! The console's pages: every screen is a GET that renders whole, every act a POST that answers 303 to a page that says what happened.
//!
//! A file a screen. A handler fetches what the API fetches, by the functions of [`crate::api`], which ask whether the caller may; then it
//! is rendered ([`crate::view`]). What is refused comes back as the page on which it was tried, with the sentence above it.
//!
//! Filters stand in the address, personal data never does, and nothing needs a script.
//!
//! Not here: rules, SQL, and who somebody is ([`crate::guard`]).

mod card;
mod connections;
mod done;
mod exceptions;
mod exchanges;
mod journal;
mod journey;
mod mappings;
mod orders;
mod outcomes;
mod sheet;
mod sign_in;
mod tally;

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use tallyman_core::time::Zone;

use crate::api::inside::{Inside, Shared};
use crate::api::problem::{Kind, Problem};
use crate::api::{capsules, downloads, sheets};
use crate::guard::{self, Doorman, Guard, see_other};
use crate::view::time::Local;

/// All pages behind their door.
pub(crate) fn router(shared: Shared, doorman: Arc<dyn Doorman>) -> Router {
    let inner = Router::new()
        .route("/", get(first))
        .route("/cards", get(exceptions::list))
        .route("/cards/{card}", get(card::show))
        .route("/cards/{card}/fix-it", post(card::fix::take))
        .route("/cards/{card}/{act}", post(card::acts::take))
        .route("/outcomes", get(outcomes::list))
        .route("/outcomes/{effect}", post(outcomes::say))
        .route("/orders", get(orders::find))
        .route("/orders/{journey}", get(journey::show))
        .route("/orders/{journey}/retry", post(journey::retry))
        .route("/orders/{journey}/unmask", post(exchanges::unmask))
        .route("/cards/{card}/capsule", get(capsules::get))
        .route("/connections", get(connections::list))
        .route("/connections/{connection}/{act}", post(connections::act))
        .route("/holds", post(connections::hold))
        .route("/holds/{hold}/end", post(connections::end))
        .route("/journal", get(journal::list))
        .route("/sheets/{list}", get(downloads::get))
        .route("/tally", get(tally::show))
        .route("/tally/compare", post(tally::compare))
        .route("/mappings", get(mappings::list))
        .route("/mappings/words", get(mappings::word::show).post(mappings::word::set))
        .route("/mappings/words/withdraw", post(mappings::word::withdraw))
        .route("/mappings/export", get(sheets::export))
        .route("/mappings/import", get(mappings::sheet::ask).post(mappings::sheet::plan))
        .route("/mappings/import/carry-out", post(mappings::sheet::carry_out))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .with_state(shared);
    let guard = Guard::new(doorman);
    let open = Router::new()
        .route("/sign-in", get(sign_in::ask).post(sign_in::take))
        .route("/sign-out", post(sign_in::over))
        .route("/set-up/{link}", get(sign_in::ask_first).post(sign_in::take_first))
        .route("/enter/{link}", get(sign_in::enter))
        .method_not_allowed_fallback(wrong_method)
        .with_state(guard.clone());
    guard::before(inner, open, guard)
}

/// Where somebody begins.
async fn first() -> Response {
    see_other("/cards")
}

async fn nothing(uri: Uri) -> Problem {
    Problem::not_found("page", uri.path(), "The rail leads to all of them.")
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{method} is not known at {}.", uri.path());
    Problem::new(Kind::WrongMethod, detail, "Go back to the page that you came from.")
}

/// Now, at a company.
fn local(inside: &Inside, company: &str) -> Local {
    let merchant = inside.merchants().find(|merchant| merchant.company.as_str() == company);
    Local {
        now: inside.now(),
        zone: merchant.map_or_else(Zone::utc, |merchant| merchant.zone.clone()),
    }
}
