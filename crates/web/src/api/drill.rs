//! A drill: failures planted on purpose in companies that are made for it, and how people respond to each.

use serde::Serialize;
use tallyman_core::drill::{self, Response as Responded};
use tallyman_engine::drill::{Drill as Running, look};
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::shape::{At, codes};

/// How people responded to one failure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Response {
    /// What was planted, in a few words.
    pub planted: String,
    pub company: String,
    #[schema(schema_with = codes)]
    pub code: &'static str,
    /// Its card; none until it is there.
    pub card: Option<String>,
    pub opened_at: Option<At>,
    pub taken_up_at: Option<At>,
    pub taken_up_by: Option<String>,
    pub cleared_at: Option<At>,
    /// None where it went by itself.
    pub cleared_by: Option<String>,
    /// Fixes that did not hold.
    pub wrong_fixes: u64,
}

/// What all responses come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Score {
    pub planted: u64,
    pub opened: u64,
    pub cleared: u64,
    pub wrong_fixes: u64,
    /// The middle one of the times from card to clearing, on the drill’s clock.
    pub usual_seconds: Option<u64>,
    pub longest_seconds: Option<u64>,
}

/// A drill as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Drill {
    pub begun_at: At,
    /// How fast its clock runs: 60 is an hour a minute.
    pub pace: u32,
    pub score: Score,
    pub responses: Vec<Response>,
}

/// Whether this program runs one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaybeDrill {
    /// None where the program works for merchants: `tallyman drill` starts one apart from them.
    pub drill: Option<Drill>,
}

impl Drill {
    pub fn of(running: &Running, responded: &[Responded]) -> Self {
        let score = drill::score(responded);
        Self {
            begun_at: At(running.begun_at),
            pace: running.pace,
            score: Score {
                planted: score.planted,
                opened: score.opened,
                cleared: score.cleared,
                wrong_fixes: score.wrong_fixes,
                usual_seconds: score.usual.map(|usual| usual.as_secs()),
                longest_seconds: score.longest.map(|longest| longest.as_secs()),
            },
            responses: responded.iter().map(response).collect(),
        }
    }
}

fn response(responded: &Responded) -> Response {
    let (taken_up_at, taken_up_by) = responded.taken_up.clone().unzip();
    let (cleared_at, cleared_by) = responded.cleared.clone().unzip();
    Response {
        planted: responded.planted.name.clone(),
        company: responded.planted.company.to_string(),
        code: responded.planted.code.name(),
        card: responded.card.clone(),
        opened_at: responded.opened_at.map(At),
        taken_up_at: taken_up_at.map(At),
        taken_up_by,
        cleared_at: cleared_at.map(At),
        cleared_by: cleared_by.flatten(),
        wrong_fixes: responded.wrong_fixes,
    }
}

/// Shows the drill that runs
///
/// How people have responded so far to what was planted. A program that works for merchants runs none.
#[utoipa::path(get, path = "/drill", operation_id = "get_drill", tag = "handbook",
    responses((status = 200, description = "The drill, if there is one", body = MaybeDrill, example = json!(examples::drill()))))]
pub async fn get(inside: Inside) -> Result<axum::Json<MaybeDrill>, Problem> {
    inside.merchants_with(Right::Read)?;
    let Some(running) = inside.drill() else {
        return Ok(axum::Json(MaybeDrill { drill: None }));
    };
    let mut responded = look(&inside.parts.store, running).await?;
    responded.retain(|response| inside.has(Right::Read, response.planted.company.as_str()));
    Ok(axum::Json(MaybeDrill {
        drill: Some(Drill::of(running, &responded)),
    }))
}
