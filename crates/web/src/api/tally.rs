//! The tally of a day: what came from each source, where it stands, and what the source's own list has beyond that.

use serde::{Deserialize, Serialize};
use tallyman_core::role::Question;
use tallyman_core::tally::Problem as Gap;
use tallyman_core::time::Date;
use tallyman_engine::tally::{self, Page, Source};
use utoipa::{IntoParams, ToSchema};

use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Query;
use super::shape::At;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// The day, in each company's zone; today if not given.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-02")]
    pub day: Option<Date>,
    /// One company's.
    pub company: Option<String>,
}

/// A key in which the source and we differ, or differed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Named {
    pub key: String,
    /// `missing`: the source lists it, and it never arrived. `unknown_there`: it arrived, and the source does not know it.
    pub problem: &'static str,
    pub found_at: At,
    /// None for one that stands.
    pub cleared_at: Option<At>,
    pub why: String,
}

/// A record that came again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Again {
    pub key: String,
    /// The most times that one answer showed it, beyond once.
    pub same: u32,
    /// Other contents that it came with.
    pub other: u32,
}

/// A record that came two hours or more after it was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Late {
    pub key: String,
    pub made_at: At,
    pub received_at: At,
}

/// One source's tally of one day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfSource {
    pub company: String,
    pub source: String,
    /// `order` or `shipment`.
    pub kind: &'static str,
    #[schema(example = "2026-11-02", format = Date)]
    pub day: String,
    pub received: u64,
    pub posted: u64,
    pub open: u64,
    pub declined: u64,
    /// Records that came again, counted apart.
    pub repeats: u64,
    /// received = posted + open + declined.
    pub adds_up: bool,
    /// It adds up, and no gap stands.
    pub whole: bool,
    /// Keys that are received and stand nowhere: a fault of the program.
    pub nowhere: Vec<String>,
    pub again: Vec<Again>,
    pub late: Vec<Late>,
    /// What the source is asked for its own list; none where it cannot be asked.
    pub question: Option<&'static str>,
    /// What such a list cannot show, or why the source cannot be asked.
    pub beyond: &'static str,
    /// When the source's own list was last compared.
    pub compared_at: Option<At>,
    /// Whether the day was over by then.
    pub compared_whole: bool,
    /// Keys of the day on the source's list.
    pub listed: Option<i64>,
    /// Why it was not compared, or why nothing comes from there now.
    pub why: Option<String>,
    pub gaps: Vec<Named>,
}

impl OfSource {
    pub fn of(page: &Page) -> Self {
        let (question, beyond) = match page.question {
            Question::Asked { what, beyond } => (Some(what), beyond),
            Question::Cannot { why } => (None, why),
        };
        let tally = &page.tally;
        Self {
            company: page.company.clone(),
            source: page.source.to_string(),
            kind: page.kind.name(),
            day: page.day.to_string(),
            received: tally.received,
            posted: tally.posted,
            open: tally.open,
            declined: tally.declined,
            repeats: page.repeats,
            adds_up: page.adds_up,
            whole: page.is_whole(),
            nowhere: tally.nowhere.clone(),
            again: tally
                .again
                .iter()
                .map(|again| Again {
                    key: again.key.clone(),
                    same: again.same,
                    other: again.other,
                })
                .collect(),
            late: tally
                .late
                .iter()
                .map(|late| Late {
                    key: late.key.clone(),
                    made_at: At(late.made_at),
                    received_at: At(late.received_at),
                })
                .collect(),
            question,
            beyond,
            compared_at: page.compared_at.map(At),
            compared_whole: page.compared_whole,
            listed: page.listed,
            why: page.why.clone(),
            gaps: page
                .gaps
                .iter()
                .map(|gap| Named {
                    key: gap.key.clone(),
                    problem: match gap.problem {
                        Gap::Missing => "missing",
                        Gap::UnknownThere => "unknown_there",
                    },
                    found_at: At(gap.found_at),
                    cleared_at: gap.cleared_at.map(At),
                    why: gap.why.clone(),
                })
                .collect(),
        }
    }
}

/// The tally of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tally {
    pub sources: Vec<OfSource>,
}

/// Counts what came in on a day
///
/// received = posted + open + declined, by source, compared with the source's own list. A record counts on the day on which it first came,
/// and stands as it does now.
#[utoipa::path(get, path = "/tally", operation_id = "get_tally", tag = "tally", params(Asked),
    responses((status = 200, description = "The tally", body = Tally, example = json!(examples::tally()))))]
pub async fn get(inside: Inside, Query(asked): Query<Asked>) -> Result<axum::Json<Tally>, Problem> {
    let companies = inside.companies(asked.company.as_deref())?;
    let now = inside.now();
    let mut sources = Vec::new();
    for merchant in inside
        .merchants()
        .filter(|merchant| companies.iter().any(|name| name == merchant.company.as_str()))
    {
        let day = asked.day.unwrap_or_else(|| now.date_in(&merchant.zone));
        for source in Source::of(merchant) {
            sources.push(OfSource::of(&tally::ask(&inside.parts.store, &source, day, now).await?));
        }
    }
    Ok(axum::Json(Tally { sources }))
}
