//! All mappings as a sheet, and back: what a sheet would change is said before it is done, if that is asked for.

use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tallyman_core::mapping::plan::{self, Change, Does, Plan, Problems};
use tallyman_engine::words::{self, AllKnown, Said, TakenIn};
use tallyman_sheets::{Format, mappings as sheet};
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::{Kind, Problem};
use super::read::{Query, bytes};

/// The largest sheet that is taken in here; the terminal takes larger ones. Some 100,000 rows.
pub const SHEET_BYTES_MAX: usize = 10_000_000;
/// Changes and problems that are named; more are counted.
const SHOWN_MAX: usize = 200;

/// How a sheet is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kinds {
    #[default]
    Csv,
    Xlsx,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// One company's.
    pub company: Option<String>,
    #[serde(default)]
    #[param(inline, required = false)]
    pub format: Kinds,
}

/// Writes all that words mean today to a sheet
///
/// With the columns company, table, connection, theirs, ours, since, by and reason. Spreadsheets change codes in CSV as they open it, and
/// leave XLSX as it is. Taken in again, it changes nothing.
#[utoipa::path(get, path = "/mappings/export", operation_id = "export_mappings", tag = "mappings", params(Wanted),
    responses((status = 200, description = "The sheet", content(
        (String = "text/csv", example = json!(examples::csv())),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
pub async fn export(inside: Inside, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let place = inside.exports()?;
    let companies = inside.companies(wanted.company.as_deref())?;
    let known = inside.known().await?;
    let standing = words::standing(&known);
    let rows = standing
        .into_iter()
        .filter(|(company, _)| companies.iter().any(|wanted| wanted == company));
    let (format, kind, name) = match wanted.format {
        Kinds::Csv => (
            Format::Csv,
            "text/csv; charset=utf-8",
            "attachment; filename=\"mappings.csv\"",
        ),
        Kinds::Xlsx => (
            Format::Xlsx,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "attachment; filename=\"mappings.xlsx\"",
        ),
    };
    let bytes = sheet::write(format, rows, inside.now()).map_err(|error| Problem::refused("mappings", error.to_string()))?;
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, place.holds(bytes)).into_response())
}

/// How a sheet is taken in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Only says what it would change.
    #[serde(default)]
    #[param(required = false)]
    pub dry_run: bool,
    /// Withdraws what the sheet leaves out, in those tables and connections that it has rows of.
    #[serde(default)]
    #[param(required = false)]
    pub withdraw_missing: bool,
    /// Why, for the record; needed unless it is only tried.
    pub reason: Option<String>,
}

/// One change of one word.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Changed {
    pub company: String,
    pub table: &'static str,
    pub connection: String,
    pub theirs: String,
    pub before: Option<String>,
    /// None: it is taken back.
    pub after: Option<String>,
}

impl Changed {
    pub fn of(change: &Change) -> Self {
        Self {
            company: change.company.clone(),
            table: change.cell.table.code(),
            connection: change.cell.scope.clone(),
            theirs: change.cell.theirs.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
        }
    }
}

/// What a sheet changes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Planned {
    /// Whether it was written; false where it was only tried, or where nothing changes.
    pub written: bool,
    pub adds: usize,
    pub changes: usize,
    pub withdraws: usize,
    /// Of those, the changes that decide posting: they were proposed, and count when a second person has approved them.
    pub proposed: usize,
    /// The proposals that hold them.
    pub proposals: Vec<String>,
    /// Rows that say what stands already.
    pub stays: u64,
    /// The first 200 of the changes.
    pub first: Vec<Changed>,
}

impl Planned {
    pub fn of(plan: &Plan, taken: Option<TakenIn>) -> Self {
        let taken_in = taken.unwrap_or_default();
        Self {
            written: taken_in.written > 0,
            proposed: taken_in.proposed,
            proposals: taken_in.proposals,
            adds: plan.count(Does::Add),
            changes: plan.count(Does::Change),
            withdraws: plan.count(Does::Withdraw),
            stays: plan.stays,
            first: plan.changes.iter().take(SHOWN_MAX).map(Changed::of).collect(),
        }
    }
}

/// All that is wrong with a sheet, as one sentence a cell.
fn wrong(problems: &Problems) -> Problem {
    let shown: Vec<String> = problems.shown.iter().take(SHOWN_MAX).map(ToString::to_string).collect();
    let more = problems.all.saturating_sub(shown.len() as u64);
    let tail = if more > 0 {
        format!("\nand {more} more")
    } else {
        String::new()
    };
    let detail = format!(
        "The sheet was not taken in: {} of its cells cannot be read as meant. Nothing was written.\n{}{tail}",
        problems.all,
        shown.join("\n")
    );
    let problem = Problem::refused("sheet", detail);
    match problems.shown.first() {
        Some(first) => problem.in_field(format!("row {}, column {}", first.row, first.column)),
        None => problem,
    }
}

/// Takes in a sheet
///
/// CSV or XLSX, told by its bytes, with the columns company, table, connection, theirs and ours. All of it is taken in or, if anything is
/// wrong with it, nothing. With `dry_run` it is only said what it would change.
#[utoipa::path(post, path = "/mappings/import", operation_id = "import_mappings", tag = "mappings", params(How),
    request_body(description = "The sheet, of at most 10 MB", content(
        (String = "text/csv", example = json!(examples::csv())),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 200, description = "What it changes", body = Planned, example = json!(examples::planned())),
        (status = 409, description = "Others have changed the same words meanwhile; the same once more takes up what is left",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Cells cannot be read as meant: each is named, and nothing was written", body = Problem,
            content_type = "application/problem+json")))]
pub async fn import(inside: Inside, Query(how): Query<How>, request: Request) -> Result<axum::Json<Planned>, Problem> {
    may_map(&inside)?;
    let reason = how.reason.unwrap_or_default();
    let said = Said {
        by: &inside.caller,
        reason: reason.trim(),
        at: inside.now(),
    };
    if !how.dry_run {
        words::check(&said)?;
    }
    let body = bytes(request.into_body(), SHEET_BYTES_MAX).await?;
    let known = inside.known().await?;
    let plan = planned(&known, &body, how.withdraw_missing)?;
    drop(body);
    let taken = if !how.dry_run && !plan.changes.is_empty() {
        Some(words::take_in(&inside.parts.store, &known, &plan.changes, &said, |_| ()).await?)
    } else {
        None
    };
    Ok(axum::Json(Planned::of(&plan, taken)))
}

/// Refused for whoever may say what no word means: their sheet is not read. What it changes is asked about word by word.
pub fn may_map(inside: &Inside) -> Result<(), Problem> {
    match inside.merchants_with(Right::Map) {
        Ok(_) => Ok(()),
        Err(problem) => inside.merchants_with(Right::MapMoney).map(drop).map_err(|_| problem),
    }
}

/// What a sheet would change of what is known.
pub fn planned(known: &AllKnown, sheet: &[u8], withdraw_missing: bool) -> Result<Plan, Problem> {
    let (lines, found) = sheet::read(sheet).map_err(|error| {
        Problem::new(
            Kind::Unreadable,
            format!("The sheet cannot be read: {error}."),
            "Save it as the sentence says, and send it again.",
        )
        .in_field("body")
    })?;
    plan::plan(&lines, known, withdraw_missing, found).map_err(|problems| wrong(&problems))
}
