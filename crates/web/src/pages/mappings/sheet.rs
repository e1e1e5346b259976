//! Whole sheets: taken out, and taken in by a plan that is shown first.
//!
//! Nothing of a sheet is kept between its plan and its carrying out. The page of the plan holds the rows that change, and the plan's number,
//! in its form: what is carried out is what was shown, or nothing. A sheet that changes very many rows is the terminal's.

use axum::extract::Request;
use axum::response::Response;
use data_encoding::HEXLOWER;
use maud::{Markup, html};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tallyman_core::mapping::Row;
use tallyman_core::mapping::plan::{Change, Does, Plan};
use tallyman_engine::words::{self, AllKnown, Said, TakenIn};
use tallyman_sheets::{Format, mappings as sheet};

use crate::api::inside::Inside;
use crate::api::problem::{Kind as Refusal, Problem};
use crate::api::sheets::{self, SHEET_BYTES_MAX};
use crate::form;
use crate::pages::answer::{again, leads_to};
use crate::pages::done::Done;
use crate::view::facts::facts;
use crate::view::field::{Text, field, hidden, text};
use crate::view::frame::head;
use crate::view::panel::panel;
use crate::view::{Frame, Link, Page, Place, capital, count, page, problem};

/// Changes that one form carries.
const CHANGES_MAX: usize = 5_000;
/// Of each kind so many are shown: as many as tell what sort of sheet it is.
const SHOWN_MAX: usize = 10;
/// Digits of a plan's number.
const DIGITS: usize = 12;

/// Asks for a sheet.
pub async fn ask(inside: Inside) -> Result<Page, Problem> {
    sheets::may_map(&inside)?;
    Ok(asking(&inside, None))
}

/// Shows what a sheet would change. Nothing is written.
pub async fn plan(inside: Inside, request: Request) -> Result<Page, Problem> {
    sheets::may_map(&inside)?;
    let known = inside.known().await?;
    let sheet = form::file(request, SHEET_BYTES_MAX).await;
    let planned = sheet
        .and_then(|sheet| sheets::planned(&known, &sheet, false))
        .and_then(small_enough);
    match planned {
        Ok(plan) => planned_page(&inside, &plan, None, ""),
        Err(refused) => Ok(asking(&inside, Some(&refused)).with(problem::status(&refused))),
    }
}

/// The plan that was seen, with its rows, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Go {
    rows: String,
    number: String,
    #[serde(default)]
    reason: String,
}

/// Carries out the plan that was seen.
pub async fn carry_out(inside: Inside, request: Request) -> Result<Response, Problem> {
    sheets::may_map(&inside)?;
    let go: Go = form::form(request, SHEET_BYTES_MAX).await?;
    let known = inside.known().await?;
    let plan = sheets::planned(&known, go.rows.as_bytes(), false)?;
    match written(&inside, &known, &plan, &go).await {
        Ok(taken) => {
            let (place, done) = match taken.proposals.is_empty() {
                true => ("/mappings", Done::Imported),
                false => ("/proposals", Done::Proposed),
            };
            Ok(leads_to(Link::to(place), done))
        }
        Err(refused) => {
            let page = planned_page(&inside, &plan, Some(&refused), &go.reason);
            again(page, refused)
        }
    }
}

async fn written(inside: &Inside, known: &AllKnown, plan: &Plan, go: &Go) -> Result<TakenIn, Problem> {
    if number(plan) != go.number {
        return Err(Problem::new(
            Refusal::Moved,
            "Somebody has said something about the same words meanwhile, so the plan is another one now.",
            "Look at it again; nothing was written.",
        ));
    }
    let said = Said {
        by: &inside.caller,
        reason: go.reason.trim(),
        at: inside.now(),
    };
    Ok(words::take_in(&inside.parts.store, known, &plan.changes, &said, |_| ()).await?)
}

fn small_enough(plan: Plan) -> Result<Plan, Problem> {
    if plan.changes.len() <= CHANGES_MAX {
        return Ok(plan);
    }
    let detail = format!(
        "The sheet changes {} words, and a page takes {CHANGES_MAX}. Nothing was written.",
        plan.changes.len()
    );
    Err(Problem::new(
        Refusal::TooLarge,
        detail,
        "Divide it, or take it in with `tallyman map import`.",
    ))
}

/// Names this very plan: what changes, from what to what, and which version was seen.
fn number(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    for change in &plan.changes {
        let cell = &change.cell;
        let seen = change.seen.to_string();
        let parts = [&change.company, cell.table.code(), &cell.scope, &cell.theirs, &seen];
        let words = [change.before.as_deref(), change.after.as_deref()].map(|word| word.unwrap_or("\u{0}"));
        for part in parts.into_iter().chain(words) {
            // Each with its length, so that two plans cannot read alike.
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    let mut digits = HEXLOWER.encode(&hash.finalize());
    digits.truncate(DIGITS);
    digits
}

fn asking(inside: &Inside, refused: Option<&Problem>) -> Page {
    let control = html! { input #sheet name="sheet" type="file" accept=".csv,.xlsx" required; };
    let help = "CSV or XLSX with the columns company, table, connection, theirs and ours, of at most 10 MB. An export has them.";
    let body = html! {
        (head(Some(html! { a href="/mappings" { "Mappings" } }), html! { "Take in a sheet" }, html! { "What it would change is shown first, and nothing is written before you say so." }, html! {}))
        @if let Some(refused) = refused { (problem::refused(refused)) }
        (panel("sheet-panel", "The sheet", None, html! {
            form.form action="/mappings/import" method="post" enctype="multipart/form-data" {
                (field("sheet", "File", control, Some(help), None))
                div.acts { button.main { "Show what it would change" } }
            }
        }))
    };
    page(&Frame::of(inside, Place::Mappings), "Take in a sheet", body)
}

fn planned_page(inside: &Inside, plan: &Plan, refused: Option<&Problem>, reason: &str) -> Result<Page, Problem> {
    let rows = rows(inside, plan)?;
    let body = html! {
        (head(Some(html! { a href="/mappings" { "Mappings" } " / " a href="/mappings/import" { "Take in a sheet" } }), html! { "What the sheet would change" }, html! { "Nothing has been written." }, html! {}))
        @if let Some(refused) = refused { (problem::refused(refused)) }
        (panel("plan", "The plan", None, html! { div.form {
            (counts(plan))
            @if plan.changes.is_empty() { p { "Every row says what stands already." } } @else { (go(plan, &rows, reason)) }
        } }))
    };
    Ok(page(&Frame::of(inside, Place::Mappings), "What the sheet would change", body))
}

/// The rows that change, as a sheet of their own.
fn rows(inside: &Inside, plan: &Plan) -> Result<String, Problem> {
    let at = inside.now();
    let row = |change: &Change| Row {
        cell: change.cell.clone(),
        ours: change.after.clone(),
        seq: 0,
        at,
        actor: String::new(),
        reason: String::new(),
    };
    let rows: Vec<(&str, Row)> = plan
        .changes
        .iter()
        .map(|change| (change.company.as_str(), row(change)))
        .collect();
    let bytes = sheet::write(Format::Csv, rows.iter().map(|(company, row)| (*company, row)), at);
    let bytes = bytes.map_err(|error| Problem::refused("sheet", error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| Problem::refused("sheet", "The rows cannot be written as text."))
}

fn counts(plan: &Plan) -> Markup {
    let of = |does: Does| {
        plan.changes
            .iter()
            .filter(move |change| change.does() == does)
            .take(SHOWN_MAX)
    };
    let listed = |does: Does| {
        let all = plan.count(does) as u64;
        html! {
            @for change in of(does) {
                div {
                    code { (change.cell.theirs) } " of " code { (change.cell.scope) } ": "
                    @if let Some(before) = &change.before { code { (before) } " becomes " }
                    @match &change.after { Some(after) => code { (after) }, None => "nothing" }
                    span.muted { " " (capital(change.cell.table.noun())) ", " (change.company) }
                }
            }
            @if all > SHOWN_MAX as u64 { div.muted { "and " (count(all - SHOWN_MAX as u64, "more", "more")) } }
        }
    };
    let mut pairs = Vec::new();
    let (added, changed) = (
        format!("{} added", plan.count(Does::Add)),
        format!("{} changed", plan.count(Does::Change)),
    );
    pairs.push((added.as_str(), listed(Does::Add)));
    pairs.push((changed.as_str(), listed(Does::Change)));
    let same = format!("{} the same", plan.stays);
    pairs.push((same.as_str(), html! { span.muted { "not written" } }));
    facts(&pairs)
}

fn go(plan: &Plan, rows: &str, reason: &str) -> Markup {
    let why = Text {
        help: Some("The journal keeps it for each word, with your name."),
        ..Text::reason("reason", reason)
    };
    html! {
        form.form action="/mappings/import/carry-out" method="post" {
            (hidden("number", &number(plan)))
            textarea hidden name="rows" aria-label="Rows" { (rows) }
            (text(why, None))
            div.acts {
                button.main { "Carry out " (count(plan.changes.len() as u64, "change", "changes")) }
                a.btn href="/mappings" { "Throw away" }
            }
        }
    }
}
