//! What their words mean in ours: listed, with every version of one, set and taken back. Whole sheets are in [`super::sheets`].

use serde::{Deserialize, Serialize};
use tallyman_core::mapping::{Row, Table};
use tallyman_engine::words::{self, Become, Said, Sought};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Query, cursor, limit, placed};
use super::shape::At;

const ROWS_A_PAGE: usize = 100;

pub fn tables() -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    text.enum_values(Some(Table::ALL.map(Table::code)))
}

/// One version of what a word means.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Version {
    pub company: String,
    #[schema(schema_with = tables)]
    pub table: &'static str,
    pub connection: String,
    /// Their word, as it was spelt then; it is compared whatever its case.
    pub theirs: String,
    /// Ours; none where it was taken back.
    pub ours: Option<String>,
    pub since: At,
    pub by: String,
    pub reason: String,
}

impl Version {
    pub fn of(company: &str, row: &Row) -> Self {
        Self {
            company: company.to_owned(),
            table: row.cell.table.code(),
            connection: row.cell.scope.clone(),
            theirs: row.cell.theirs.clone(),
            ours: row.ours.clone(),
            since: At(row.at),
            by: row.actor.clone(),
            reason: row.reason.clone(),
        }
    }
}

/// A page of what words mean.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MappingPage {
    pub mappings: Vec<Version>,
    pub next: Option<String>,
}

/// Which words; what is not given is not asked.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    pub company: Option<String>,
    #[param(schema_with = tables)]
    pub table: Option<Table>,
    pub connection: Option<String>,
    /// What theirs or ours holds, whatever the case.
    pub words: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Rows a page, at most 200; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

type Place = (String, Table, String, String);

fn place(company: &str, row: &Row) -> Place {
    (company.to_owned(), row.cell.table, row.cell.scope.clone(), row.cell.normal())
}

/// Lists what words mean today
#[utoipa::path(get, path = "/mappings", operation_id = "list_mappings", tag = "mappings", params(Listing),
    responses((status = 200, description = "A page of mappings", body = MappingPage, example = json!(examples::mapping_page()))))]
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<axum::Json<MappingPage>, Problem> {
    let companies = inside.companies(listing.company.as_deref())?;
    let limit = limit(listing.limit, ROWS_A_PAGE)?;
    let after = placed::<Place>(listing.after.as_deref())?;
    let sought = Sought {
        words: listing.words,
        company: listing.company,
        table: listing.table,
        connection: listing.connection,
    };
    let known = inside.known().await?;
    let standing = words::standing(&known);
    let is_after = |company: &str, row: &Row| after.as_ref().is_none_or(|after| place(company, row) > *after);
    let mut found = standing
        .into_iter()
        .filter(|(company, _)| companies.iter().any(|wanted| wanted == company))
        .filter(|(company, row)| sought.wants(company, row) && is_after(company, row));
    let rows: Vec<(&str, &Row)> = found.by_ref().take(limit).collect();
    let last = rows.last().filter(|_| found.next().is_some());
    Ok(axum::Json(MappingPage {
        next: last.map(|(company, row)| cursor(&place(company, row))).transpose()?,
        mappings: rows.iter().map(|(company, row)| Version::of(company, row)).collect(),
    }))
}

/// Which word.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Word {
    #[param(schema_with = tables, required = true)]
    pub table: String,
    /// The connection whose word it is, as a card's cause names it.
    #[param(example = "virtualstock-acme")]
    pub connection: String,
    #[param(example = "pigeon")]
    pub theirs: String,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Versions a page, at most 200; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Versions of a word.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Versions {
    /// The newest first: what it means today stands first on the first page.
    pub versions: Vec<Version>,
    pub next: Option<String>,
}

/// Shows every version of one word, the newest first
///
/// What it meant, since when, who said so and why.
#[utoipa::path(get, path = "/mappings/history", operation_id = "list_versions", tag = "mappings", params(Word),
    responses((status = 200, description = "A page of its versions; none if it has never meant anything", body = Versions,
        example = json!(examples::versions())),
        (status = 422, description = "There is no such table or connection", body = Problem, content_type = "application/problem+json")))]
pub async fn history(inside: Inside, Query(word): Query<Word>) -> Result<axum::Json<Versions>, Problem> {
    let cell = words::cell(&word.table, &word.connection, &word.theirs)?;
    let known = inside.known().await?;
    let company = words::company(&cell, &known)?;
    inside.leave(Right::Read, company)?;
    let rows = known.get(company).map_or(&[][..], |known| known.mappings.history(&cell));
    let limit = limit(word.limit, ROWS_A_PAGE)?;
    let after = placed::<u64>(word.after.as_deref())?.unwrap_or(u64::MAX);
    let mut older = rows.iter().rev().filter(|row| row.seq < after);
    let page: Vec<&Row> = older.by_ref().take(limit).collect();
    let last = page.last().filter(|_| older.next().is_some());
    Ok(axum::Json(Versions {
        next: last.map(|row| cursor(&row.seq)).transpose()?,
        versions: page.iter().map(|row| Version::of(company, row)).collect(),
    }))
}

/// What a word of theirs means from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    #[schema(schema_with = tables)]
    pub table: String,
    pub connection: String,
    #[schema(max_length = 200)]
    pub theirs: String,
    /// Our word. Of a unit: how many of the ledger's stock unit one of theirs is, such as `6` or `1/6`.
    #[schema(max_length = 200)]
    pub ours: String,
    /// Why, for the record.
    pub reason: String,
    /// Let the oldest order of each card that waits for it go on first; the others follow when that has proved that it went on.
    #[serde(default)]
    pub one_first: bool,
}

/// A word of theirs that is to mean nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    #[schema(schema_with = tables)]
    pub table: String,
    pub connection: String,
    pub theirs: String,
    /// Why, for the record.
    pub reason: String,
}

/// What a word meant, and means.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Meant {
    pub company: String,
    #[schema(schema_with = tables)]
    pub table: &'static str,
    pub connection: String,
    pub theirs: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// The proposal, where it takes a second person: nothing is changed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
    /// False where it meant that already, and nothing was written.
    pub changed: bool,
    /// With `one_first`: the order of each card that goes first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<First>,
}

/// The order of a card that goes before the others.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct First {
    pub card: String,
    /// The order's own number.
    pub order: String,
}

impl Meant {
    pub fn of(done: &Become) -> Self {
        Self {
            company: done.company.clone(),
            table: done.cell.table.code(),
            connection: done.cell.scope.clone(),
            theirs: done.cell.theirs.clone(),
            before: done.before.clone(),
            after: done.after.clone(),
            changed: done.has_changed(),
            proposed: done.proposed.clone(),
            first: Vec::new(),
        }
    }
}

/// Says what a word means
///
/// What it had stopped is checked again by itself within seconds, and its card closes on proof.
#[utoipa::path(post, path = "/mappings/set", operation_id = "set_mapping", tag = "mappings",
    request_body(content = Meaning, example = json!(examples::meaning())),
    responses((status = 200, description = "It means that from now on", body = Meant, example = json!(examples::meant())),
        (status = 409, description = "Somebody else has said something about it meanwhile", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "It cannot mean that; the field to blame is named", body = Problem,
            content_type = "application/problem+json", example = json!(examples::refused()))))]
pub async fn set(inside: Inside, Json(meaning): Json<Meaning>) -> Result<axum::Json<Meant>, Problem> {
    let cell = words::cell(&meaning.table, &meaning.connection, &meaning.theirs)?;
    let known = inside.known().await?;
    let store = &inside.parts.store;
    let said = Said {
        by: &inside.caller,
        reason: meaning.reason.trim(),
        at: inside.now(),
    };
    let done = if meaning.one_first {
        words::set_one_first(store, &known, &cell, &meaning.ours, &said).await
    } else {
        let done = words::set(store, &known, &cell, &meaning.ours, &said).await;
        done.map(|done| (done, Vec::new()))
    };
    let (done, firsts) = done.map_err(|refused| Problem::from(refused).about(cell.to_string()))?;
    let first = firsts.into_iter().map(|(card, order)| First { card, order });
    Ok(axum::Json(Meant {
        first: first.collect(),
        ..Meant::of(&done)
    }))
}

/// Takes back what a word means
///
/// Orders that need it stop from then on, and say so.
#[utoipa::path(post, path = "/mappings/withdraw", operation_id = "withdraw_mapping", tag = "mappings",
    request_body(content = Withdrawal, example = json!(examples::withdrawal())),
    responses((status = 200, description = "It means nothing from now on", body = Meant, example = json!(examples::withdrawn())),
        (status = 409, description = "Somebody else has said something about it meanwhile", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "It means nothing, so there is nothing to take back", body = Problem,
            content_type = "application/problem+json")))]
pub async fn withdraw(inside: Inside, Json(word): Json<Withdrawal>) -> Result<axum::Json<Meant>, Problem> {
    let cell = words::cell(&word.table, &word.connection, &word.theirs)?;
    let known = inside.known().await?;
    let said = Said {
        by: &inside.caller,
        reason: word.reason.trim(),
        at: inside.now(),
    };
    let done = words::withdraw(&inside.parts.store, &known, &cell, &said).await;
    Ok(axum::Json(Meant::of(
        &done.map_err(|refused| Problem::from(refused).about(cell.to_string()))?,
    )))
}
