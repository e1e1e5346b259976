//! Every list as a sheet, with the filters that the list has. What is in one is what its list shows this caller, and no more.
//!
//! One place: what asks for a sheet of a new list adds it here, and pages, API and tests have it.

mod people;
mod proof;
mod rows;
mod setup;
mod work;

use std::collections::BTreeSet;

use axum::extract::RawQuery;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tallyman_core::access::person_in;
use tallyman_core::time::Timestamp;
use tallyman_sheets::{Format, table};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use self::rows::{ROWS_MAX, Sheet};
use super::examples;
use super::inside::Inside;
use super::problem::{Kind, Problem};
use super::read::{Path, field_in};
use super::sheets::Kinds;
use crate::limits::Place;

/// Sheets made at once, whoever asks: each may hold a good many rows in memory.
static ROOM: Semaphore = Semaphore::const_new(3);

/// The lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum List {
    Cards,
    /// The records of one card: name it as `card`.
    CardRecords,
    /// The caller's own cards.
    Work,
    Orders,
    Outcomes,
    /// What goes again by itself.
    Retries,
    Tally,
    TallyRecords,
    Journal,
    Connections,
    Holds,
    Mappings,
    Proposals,
    People,
    /// The caller's own.
    Tokens,
    Deputies,
}

impl List {
    const fn name(self) -> &'static str {
        match self {
            Self::Cards => "cards",
            Self::CardRecords => "card_records",
            Self::Work => "work",
            Self::Orders => "orders",
            Self::Outcomes => "outcomes",
            Self::Retries => "retries",
            Self::Tally => "tally",
            Self::TallyRecords => "tally_records",
            Self::Journal => "journal",
            Self::Connections => "connections",
            Self::Holds => "holds",
            Self::Mappings => "mappings",
            Self::Proposals => "proposals",
            Self::People => "people",
            Self::Tokens => "tokens",
            Self::Deputies => "deputies",
        }
    }
}

/// Writes a list to a sheet
///
/// With the parameters of the list itself, and `format`, `csv` or `xlsx`: 50,000 rows at the most. Cells that a spreadsheet would run are
/// made harmless. Sentences that may name a customer are in it for callers with the right `open` only. `card_records` wants `card`, its
/// id; `orders` takes `number`, any number of theirs, for those alone that are known by it; `people` is for administrators.
#[utoipa::path(get, path = "/sheets/{list}", operation_id = "download_list", tag = "downloads",
    params(("list" = inline(List), Path, description = "Which list"),
        ("format" = inline(Option<Kinds>), Query, description = "`csv` if not given")),
    responses((status = 200, description = "The sheet", content(
        (String = "text/csv", example = json!(examples::list_csv())),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 404, description = "There is no such list, company or card", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(list): Path<List>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let full = || {
        Problem::new(
            Kind::Unavailable,
            "Other sheets are being made.",
            "Ask again in some seconds.",
        )
    };
    let place = inside.exports()?;
    let _room = ROOM.try_acquire().map_err(|_| full())?;
    let mut asked: Vec<(String, String)> = read(query.as_deref().unwrap_or_default())?;
    asked.retain(|(_, value)| !value.trim().is_empty());
    let format = match asked
        .iter()
        .position(|(name, _)| name == "format")
        .map(|at| asked.remove(at).1)
    {
        None => Format::Csv,
        Some(format) => match format.as_str() {
            "csv" => Format::Csv,
            "xlsx" => Format::Xlsx,
            _ => return Err(Problem::unreadable("format", "A sheet is `csv` or `xlsx`.")),
        },
    };
    // A sheet begins at the beginning.
    asked.retain(|(name, _)| name != "after" && name != "limit");
    let mut sheet = sheet(&inside, list, &asked).await?;
    name_people(&inside, &mut sheet).await?;
    answer(list, format, sheet, place, inside.now())
}

fn answer(list: List, format: Format, sheet: Sheet, place: Place, now: Timestamp) -> Result<Response, Problem> {
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    let more = sheet.cut.then(|| {
        let mut row = vec![String::new(); sheet.header.len()];
        row[0] = format!("There is more than {ROWS_MAX} rows: narrow the filters.");
        row
    });
    let rows = sheet.rows.into_iter().chain(more);
    let bytes =
        table(format, list.name(), sheet.header, rows, now).map_err(|error| Problem::refused(list.name(), error.to_string()))?;
    let name = format!("attachment; filename=\"{}.{ending}\"", list.name());
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, place.holds(bytes)).into_response())
}

/// Columns in which somebody stands who did or is to do something. Where the id is wanted, as in the journal, its column has another name.
const WHO: [&str; 7] = [
    "by",
    "ended_by",
    "decided_by",
    "assignee",
    "put_right_by",
    "who",
    "stands_for",
];

/// A sheet is read by people: whom the store knows by an id goes by their name.
async fn name_people(inside: &Inside, sheet: &mut Sheet) -> Result<(), Problem> {
    let who: Vec<usize> = (0..sheet.header.len())
        .filter(|at| WHO.contains(&sheet.header[*at]))
        .collect();
    let cells = sheet.rows.iter().flat_map(|row| who.iter().map(|at| &row[*at]));
    let ids: BTreeSet<String> = cells.filter(|cell| person_in(cell).is_some()).cloned().collect();
    let names = tallyman_engine::people::names(&inside.parts.store, &Vec::from_iter(ids)).await?;
    for cell in sheet.rows.iter_mut().flat_map(|row| row.iter_mut().enumerate()) {
        if let (true, Some(name)) = (who.contains(&cell.0), names.get(cell.1)) {
            *cell.1 = name.clone();
        }
    }
    Ok(())
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_urlencoded::from_str(text).map_err(|error| {
        let detail = error.to_string();
        Problem::unreadable(field_in(&detail).as_deref().unwrap_or("query"), detail)
    })
}

fn listing<T: DeserializeOwned>(asked: &[(String, String)]) -> Result<T, Problem> {
    read(&crate::form::written(asked))
}

async fn sheet(inside: &Inside, list: List, asked: &[(String, String)]) -> Result<Sheet, Problem> {
    match list {
        List::Cards => work::of_cards(inside, listing(asked)?).await,
        List::CardRecords => work::of_card(inside, listing(asked)?).await,
        List::Work => work::of_work(inside, listing(asked)?).await,
        List::Orders => work::of_orders(inside, listing(asked)?).await,
        List::Outcomes => work::of_outcomes(inside, listing(asked)?).await,
        List::Retries => work::of_retries(inside, listing(asked)?).await,
        List::Tally => proof::of_tally(inside, listing(asked)?).await,
        List::TallyRecords => proof::of_day(inside, listing(asked)?).await,
        List::Journal => proof::of_journal(inside, listing(asked)?).await,
        List::Connections => setup::of_connections(inside, listing(asked)?).await,
        List::Holds => setup::of_holds(inside, listing(asked)?).await,
        List::Mappings => setup::of_mappings(inside, listing(asked)?).await,
        List::Proposals => setup::of_proposals(inside, listing(asked)?).await,
        List::People => people::of_people(inside, listing(asked)?).await,
        List::Tokens => people::of_tokens(inside, listing(asked)?).await,
        List::Deputies => people::of_deputies(inside, listing(asked)?).await,
    }
}
