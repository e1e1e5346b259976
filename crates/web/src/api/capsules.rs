//! A card as a capsule: all that it takes to decide its records again elsewhere, and no person in it.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use tallyman_engine::capsule::{self, Refused};

use super::access::Right;
use super::cards::load;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Path;

/// Exports a card as a capsule
///
/// One file of JSON: the cause, the documents as they were decided with stand-ins in the place of persons and parcel numbers, and the
/// mappings and facts that they touch. `tallyman replay FILE` decides it again. At most 50 records; the rest is counted.
#[utoipa::path(get, path = "/cards/{card}/capsule", operation_id = "export_capsule", tag = "cards",
    params(("card" = String, Path, description = "Its id", example = "MHRV3TDXWWQ7JJ6N")),
    responses((status = 200, description = "The capsule", body = Object, example = json!(examples::capsule())),
        (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nothing of it was decided here, or it is resolved", body = Problem,
            content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(card): Path<String>) -> Result<Response, Problem> {
    let (stored, _) = load(&inside, &card, Right::Act).await?;
    let merchant = inside.merchant(&stored.company)?;
    let parts = &inside.parts;
    let about = (env!("CARGO_PKG_VERSION"), inside.now());
    let made = capsule::make((&parts.store, &parts.vault), merchant, &stored.id, about).await;
    let made = made.map_err(|refused| match refused {
        Refused::Store(error) => error.into(),
        Refused::NoCard(_) => Problem::not_found("card", &card, "GET /api/v1/cards lists them."),
        Refused::Resolved(_) | Refused::NothingDecided(..) | Refused::NoFacts => Problem::refused(&card, refused.to_string()),
    })?;
    let name = format!("attachment; filename=\"capsule-{}.json\"", stored.id);
    Ok(([(header::CONTENT_DISPOSITION, name)], axum::Json(made)).into_response())
}
