//! The cards in numbers: by company, team, code and severity, and the money at stake.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_engine::board;
use utoipa::{IntoParams, ToSchema};

use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Query;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// One company's.
    pub company: Option<String>,
}

/// Open cards, counted.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Count {
    /// Without those that people have put under others.
    pub cards: u64,
    /// Records that stand still under them.
    pub stopped: u64,
    /// Records that go on and have not proved it yet.
    pub proving: u64,
}

impl Count {
    fn add(&mut self, open: &tallyman_store::tables::board::Open) {
        self.cards += open.cards;
        self.stopped += open.stopped;
        self.proving += open.proving;
    }
}

/// How one company's open cards stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfCompany {
    pub company: String,
    /// What stands still, net: each order once over all cards.
    #[schema(example = "1250.00")]
    pub money: String,
    /// Orders that stand still.
    pub orders: u64,
    pub all: Count,
    pub by_team: BTreeMap<String, Count>,
    pub by_severity: BTreeMap<String, Count>,
    pub by_code: BTreeMap<String, Count>,
}

/// How the open cards stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Summary {
    pub companies: Vec<OfCompany>,
}

impl OfCompany {
    pub fn of(summary: &board::Summary) -> Self {
        let mut shown = Self {
            company: summary.company.clone(),
            money: summary.money.to_string(),
            orders: summary.orders,
            all: Count::default(),
            by_team: BTreeMap::new(),
            by_severity: BTreeMap::new(),
            by_code: BTreeMap::new(),
        };
        for open in &summary.open {
            let entry = Code::named(&open.code).map(Code::entry);
            let team = Owner::named(&open.team).or(entry.map(|entry| entry.owner));
            let severity = entry.map(|entry| entry.severity);
            shown.all.add(open);
            shown.by_code.entry(open.code.clone()).or_default().add(open);
            // A code that a later program has written is counted under its name alone.
            if let (Some(team), Some(severity)) = (team, severity) {
                shown.by_team.entry(team.name().to_owned()).or_default().add(open);
                shown.by_severity.entry(severity.name().to_owned()).or_default().add(open);
            }
        }
        shown
    }
}

/// Counts open cards
///
/// By team, severity and code, with the money at stake, in which each order counts once.
#[utoipa::path(get, path = "/summary", operation_id = "get_summary", tag = "cards", params(Asked),
    responses((status = 200, description = "The numbers", body = Summary, example = json!(examples::summary()))))]
pub async fn get(inside: Inside, Query(asked): Query<Asked>) -> Result<axum::Json<Summary>, Problem> {
    let mut companies = Vec::new();
    for company in inside.companies(asked.company.as_deref())? {
        companies.push(OfCompany::of(&board::summary(&inside.parts.store, &company).await?));
    }
    Ok(axum::Json(Summary { companies }))
}
