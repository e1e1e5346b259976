//! A word of theirs is tried before it is said to mean something else: on the cards that wait for it, and on what came before. Nothing is
//! written.

use serde::Serialize;
use tallyman_core::check::otherwise;
use tallyman_core::mapping::Table;
use tallyman_engine::proposals;
use tallyman_engine::trial::{self, past};
use tallyman_store::UnitError;
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::mappings::tables;
use super::problem::Problem;
use super::read::Json;
use super::trials::{Meaning, Trial, Wanted};

/// What it would come to if a word meant this.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WordTrial {
    pub company: String,
    #[schema(schema_with = tables)]
    pub table: &'static str,
    pub connection: String,
    pub theirs: String,
    /// What it means today.
    pub before: Option<String>,
    /// What it would mean.
    pub after: Option<String>,
    /// Whether it would be proposed, and count when a second person has approved it.
    pub takes_two: bool,
    /// On the first five cards that wait for it.
    pub cards: Vec<Trial>,
    pub past: Past,
}

/// What would have been decided otherwise, of the last 500 records of its connection. What was written for them stays as it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TriedPast)]
pub struct Past {
    /// Orders that were looked at.
    pub looked_at: u64,
    /// Those of them that would be decided otherwise.
    pub differ: u64,
    /// What those are worth, net.
    #[schema(example = "4120.00")]
    pub money: String,
    /// The newest ten of those.
    pub examples: Vec<Example>,
}

/// An order that would be decided otherwise.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TriedExample)]
pub struct Example {
    /// The order's id with us.
    pub journey: String,
    /// Its own number.
    pub reference: String,
    /// Net.
    #[schema(example = "4120.00")]
    pub money: String,
    /// In what. Why a record stops is said to callers with the right `open`.
    pub points: Vec<Point>,
}

/// A point in which an order would be decided otherwise.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TriedPoint)]
pub struct Point {
    #[schema(example = "Line 1")]
    pub what: String,
    pub before: String,
    pub after: String,
}

impl From<otherwise::Otherwise> for Point {
    fn from(point: otherwise::Otherwise) -> Self {
        let otherwise::Otherwise { what, before, after } = point;
        Self { what, before, after }
    }
}

impl Past {
    fn of(past: past::Past, open: bool) -> Self {
        let point = |point: otherwise::Otherwise| Point::from(if open { point } else { point.masked() });
        let example = |example: past::Example| Example {
            journey: example.journey,
            reference: example.reference,
            money: example.net.to_string(),
            points: example.points.into_iter().map(point).collect(),
        };
        Self {
            looked_at: past.looked_at,
            differ: past.differ,
            money: past.net.to_string(),
            examples: past.examples.into_iter().map(example).collect(),
        }
    }
}

/// Tries what a word might mean
///
/// On the cards that wait for it, and on the last 500 records of its connection: each is decided with what the word means today and with what
/// it would mean, and what differs is said. Nothing is written. It takes the right to say what such a word means. Without `ours` it is tried
/// what becomes of them when the word means nothing.
#[utoipa::path(post, path = "/mappings/try", operation_id = "try_mapping", tag = "mappings",
    request_body(content = Meaning, example = json!(examples::tried_meaning())),
    responses((status = 200, description = "What it would come to", body = WordTrial, example = json!(examples::word_trial())),
        (status = 422, description = "It cannot mean that; the field to blame is named", body = Problem,
            content_type = "application/problem+json", example = json!(examples::refused()))))]
pub async fn try_word(inside: Inside, Json(meaning): Json<Meaning>) -> Result<axum::Json<WordTrial>, Problem> {
    let Wanted {
        company,
        cell,
        before,
        after,
    } = meaning.wanted(&inside).await?;
    let permit = inside.leave(Right::to_map(cell.table), &company)?;
    let merchant = inside.merchant(&company)?;
    let of = (&inside.parts.store, &inside.parts.vault);
    let (by, word, now) = ((&**merchant, &permit), (&cell, after.as_deref()), inside.now());
    let tried = |error: UnitError| Problem::from(error).about(cell.to_string());
    let past = past::of(of, by, word, now).await.map_err(tried)?;
    let cards = trial::on_cards(of, by, word, trial::CARDS_MAX, now).await.map_err(tried)?;
    let open = inside.has(Right::Open, &company);
    let cards = cards
        .into_iter()
        .map(|(card, tried)| Trial::of(&inside, &company, card, tried));
    Ok(axum::Json(WordTrial {
        table: cell.table.code(),
        connection: cell.scope.clone(),
        theirs: cell.theirs.clone(),
        before,
        takes_two: takes_two(cell.table),
        after,
        cards: cards.collect(),
        past: Past::of(past, open),
        company,
    }))
}

/// Whether a word of this table counts only when a second person has approved it.
pub const fn takes_two(table: Table) -> bool {
    proposals::is_for(table)
}
