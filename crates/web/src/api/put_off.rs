//! Writes that were put off and go again by themselves: nobody is needed for them.

use serde::{Deserialize, Serialize};
use tallyman_core::time::Timestamp;
use tallyman_engine::board::Page;
use tallyman_engine::retries::{self, Retry};
use tallyman_engine::story::phrase;
use utoipa::{IntoParams, ToSchema};

use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Query, cursor, limit, placed};
use super::shape::At;

const ROWS_A_PAGE: usize = 100;

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    pub company: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Rows a page, at most 200; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// One write.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PutOff {
    /// The effect's id.
    pub id: String,
    pub company: String,
    /// The order's own number.
    pub reference: Option<String>,
    pub connection: String,
    /// What is written, for people: `despatch in the ledger`.
    pub what: &'static str,
    /// Its kind, for programs.
    pub kind: String,
    /// What came of the last attempt, for people: `was put off: somebody has the record open`.
    pub because: &'static str,
    /// When that was.
    pub since: At,
    /// When it goes again.
    pub due: At,
    /// How often it was sent.
    pub sends: u32,
    /// How often it was put off since.
    pub pauses: u32,
    /// What the order is worth, net.
    pub money: String,
}

impl PutOff {
    pub fn of(retry: &Retry) -> Self {
        let write = &retry.write;
        Self {
            id: write.id.clone(),
            company: retry.company.clone(),
            reference: Some(write.reference.clone()).filter(|reference| !reference.is_empty()),
            connection: write.connection.clone(),
            what: phrase(&write.name),
            kind: write.name.clone(),
            because: retry.because(),
            since: At(write.since),
            due: At(write.due),
            sends: write.sends,
            pauses: write.pauses,
            money: write.net.to_string(),
        }
    }
}

/// A page of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PutOffPage {
    pub retries: Vec<PutOff>,
    pub next: Option<String>,
}

/// Lists writes that go again by themselves
///
/// Those that were put off, since a record was open, a limit was reached or a system was away, and those that were looked for and are not
/// there: the next to go first. What nobody can tell about is on `GET /outcomes`.
#[utoipa::path(get, path = "/retries", operation_id = "list_retries", tag = "outcomes", params(Listing),
    responses((status = 200, description = "A page of writes", body = PutOffPage, example = json!(examples::put_off_page()))))]
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<axum::Json<PutOffPage>, Problem> {
    let page = page_of(&inside, &listing).await?;
    Ok(axum::Json(PutOffPage {
        retries: page.rows.iter().map(PutOff::of).collect(),
        next: page.next,
    }))
}

/// The page of writes that is asked for.
pub async fn page_of(inside: &Inside, listing: &Listing) -> Result<Page<Retry, String>, Problem> {
    let companies = inside.companies(listing.company.as_deref())?;
    let after = placed::<(String, i64, String)>(listing.after.as_deref())?;
    let after = after.map(|(company, due, id)| (company, Timestamp::from_micros(due), id));
    let limit = limit(listing.limit, ROWS_A_PAGE)?;
    let page = retries::page(&inside.parts.store, &companies, after, limit).await?;
    let next = page.next.map(|(company, due, id)| cursor(&(company, due.micros(), id)));
    Ok(Page {
        rows: page.rows,
        next: next.transpose()?,
    })
}
