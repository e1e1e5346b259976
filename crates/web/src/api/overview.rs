//! How everything stands at a glance: the tally of today, what flows, who is needed, the next cut-off, the day, the age of every feed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tallyman_core::flow::Clear;
use tallyman_core::heartbeat::Beat;
use tallyman_core::tally::Kind;
use tallyman_engine::board;
use tallyman_engine::glance::{Glance, Need, RATE_SPAN, Source};
use utoipa::{IntoParams, ToSchema};

use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Query;
use super::shape::{At, Card, CardPage};

/// Cards shown of each company; the rest is on the list of cards.
pub const NEEDS_SHOWN: usize = 10;

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// One company's.
    pub company: Option<String>,
}

/// What was received from a source today, and where it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TodaysTally {
    pub source: String,
    /// `order` or `shipment`.
    pub kind: &'static str,
    pub received: u64,
    pub posted: u64,
    pub open: u64,
    pub declined: u64,
    /// Records that stand nowhere: a fault of this program.
    pub nowhere: u64,
    /// Keys in which the source's own list and we differ, of whatever day.
    pub gaps: u64,
    /// When its own list was last compared; none if it was not, of today or the day before.
    pub compared_at: Option<At>,
    /// Records that came since, counted as far as 10,000; all of today's where it was not compared.
    pub uncompared: u64,
    /// Why nothing comes from there, or why it could not be compared.
    pub why: Option<String>,
}

/// One way between two systems.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Way)]
pub struct Flow {
    /// `orders`, `acknowledgements`, `releases`, `despatches` or `confirmations`.
    pub name: &'static str,
    /// Carried out within the last hour.
    pub an_hour: u64,
    /// What waits and goes on by itself.
    pub waiting: u64,
    /// Of that, what was put off and goes again later, and when the first of it does; 0 where a company has more than 1,000 of these.
    pub put_off: u64,
    pub put_off_until: Option<At>,
    /// What stands still until somebody clears a card.
    pub stopped: u64,
    /// The card that stops most of it.
    pub card: Option<String>,
    /// Until when people keep all that waits there from being sent.
    pub held_until: Option<At>,
    /// How long what waits and was not put off needs at the rate of the last hour: 0 if nothing does, none if that is not known.
    pub clear_seconds: Option<u64>,
}

/// One system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FlowSystem {
    /// `channel`, `ledger` or `warehouse`.
    pub role: &'static str,
    pub connection: String,
    /// As among the connections.
    pub state: &'static str,
    /// When a feed of it last finished a round.
    pub answered_at: Option<At>,
    /// Nothing is sent until then.
    pub paused_until: Option<At>,
    /// Pauses since it last answered well.
    pub failures: u32,
}

/// The next cut-off of the warehouse, and what will miss it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NextCutOff {
    pub at: At,
    /// Orders that stand still, are not released, and are due by then.
    pub orders: u64,
    /// Whether there are more than were looked at.
    pub more: bool,
    /// Releases that wait and go on by themselves.
    pub releases: u64,
}

/// The orders of today against the usual day of the week.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ThroughTheDay {
    #[schema(value_type = String, format = Date)]
    pub day: String,
    /// When the day began in the company's zone.
    pub begins: At,
    /// Orders that came in each hour, up to the one that is.
    pub by_hour: Vec<u64>,
    /// What has usually come by each full hour; none before there are three such days.
    pub usual: Option<UsualDay>,
}

/// Of the same weekday in the weeks before: by each full hour, from the beginning of the day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsualDay {
    pub low: Vec<u64>,
    pub middle: Vec<u64>,
    pub high: Vec<u64>,
    pub days: u64,
}

/// A feed, and when it last finished a round.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeedAge {
    pub name: String,
    pub every_seconds: u64,
    pub done_at: Option<At>,
    /// `well`, `late` or `silent`.
    pub beat: &'static str,
}

/// How one company stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompanyOverview {
    pub company: String,
    /// All of this is as it was then.
    pub made_at: At,
    pub today: Vec<TodaysTally>,
    /// Orders that stand still, each once over all cards.
    pub orders: u64,
    /// What they are worth, net.
    #[schema(example = "1250.00")]
    pub money: String,
    /// Open cards.
    pub cards: u64,
    /// Those that wait for somebody, the earliest deadline first; at most ten.
    pub needs: Vec<Card>,
    /// Writes of which nobody can tell whether they were carried out.
    pub unknown_outcomes: u64,
    pub systems: Vec<FlowSystem>,
    pub flows: Vec<Flow>,
    /// None where nobody has said until when the warehouse takes orders for the same day.
    pub cut_off: Option<NextCutOff>,
    pub through_the_day: ThroughTheDay,
    pub feeds: Vec<FeedAge>,
}

/// How everything stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Overview {
    pub companies: Vec<CompanyOverview>,
}

fn today(source: &Source) -> TodaysTally {
    TodaysTally {
        source: source.connection.to_string(),
        kind: match source.kind {
            Kind::Order => "order",
            Kind::Shipment => "shipment",
        },
        received: source.received,
        posted: source.posted,
        open: source.open,
        declined: source.declined,
        nowhere: source.nowhere,
        gaps: source.gaps,
        compared_at: source.compared_at.map(At),
        uncompared: source.uncompared,
        why: source.why.clone(),
    }
}

/// A card as a list shows it.
pub fn card(inside: &Inside, need: &Need) -> Card {
    Card::of(
        &need.card,
        board::hours(&inside.parts, &need.card.company, need.card.card.team),
    )
}

impl CompanyOverview {
    fn of(inside: &Inside, glance: &Glance) -> Self {
        let flows = glance.map.arrows.iter().map(|arrow| Flow {
            name: arrow.way.name(),
            an_hour: arrow.done * 3_600 / RATE_SPAN.as_secs(),
            waiting: arrow.waiting + arrow.put_off,
            put_off: arrow.put_off,
            put_off_until: arrow.put_off_until.map(At),
            stopped: arrow.stopped,
            held_until: arrow.held_until.map(At),
            card: arrow.stuck.as_ref().map(|stuck| stuck.card.clone()),
            clear_seconds: match arrow.clear {
                Clear::Nothing => Some(0),
                Clear::In(time) => Some(time.as_secs()),
                Clear::NotKnown => None,
            },
        });
        let systems = glance.map.systems.iter().map(|system| FlowSystem {
            role: system.role,
            connection: system.connection.to_string(),
            state: system.state.name(),
            answered_at: system.answered_at.map(At),
            paused_until: system.paused_until.map(At),
            failures: system.failures,
        });
        let feeds = glance.feeds.iter().map(|feed| FeedAge {
            name: feed.name.clone(),
            every_seconds: feed.every.as_secs(),
            done_at: feed.done_at.map(At),
            beat: match feed.beat {
                Beat::Well => "well",
                Beat::Late => "late",
                Beat::Silent => "silent",
            },
        });
        let usual = glance.day.usual.as_ref().map(|usual| UsualDay {
            low: usual.low.clone(),
            middle: usual.middle.clone(),
            high: usual.high.clone(),
            days: usual.days as u64,
        });
        Self {
            company: glance.company.clone(),
            made_at: At(glance.made_at),
            today: glance.sources.iter().map(today).collect(),
            orders: glance.needs.orders,
            money: glance.needs.money.to_string(),
            cards: glance.needs.open,
            needs: glance
                .needs
                .waiting()
                .take(NEEDS_SHOWN)
                .map(|need| card(inside, need))
                .collect(),
            unknown_outcomes: glance.unknown_outcomes(),
            systems: systems.collect(),
            flows: flows.collect(),
            cut_off: glance.cut_off.as_ref().map(|cut_off| NextCutOff {
                at: At(cut_off.at),
                orders: cut_off.orders,
                more: cut_off.more,
                releases: cut_off.releases + cut_off.put_off,
            }),
            through_the_day: ThroughTheDay {
                day: glance.day.date.to_string(),
                begins: At(glance.day.begins),
                by_hour: glance.day.by_hour.clone(),
                usual,
            },
            feeds: feeds.collect(),
        }
    }
}

/// The glances of the companies that are asked for.
pub async fn glances(inside: &Inside, company: Option<&str>) -> Result<Vec<Arc<Glance>>, Problem> {
    let mut found = Vec::new();
    for company in inside.companies(company)? {
        let merchant = inside.merchant(&company)?;
        found.push(inside.glances.of(&inside.parts, merchant).await?);
    }
    Ok(found)
}

/// Shows how everything stands
///
/// A snapshot of each company, made at most every two seconds: `made_at` says when. Names and numbers only.
#[utoipa::path(get, path = "/overview", operation_id = "get_overview", tag = "overview", params(Asked),
    responses((status = 200, description = "How everything stands", body = Overview, example = json!(examples::overview()))))]
pub async fn get(inside: Inside, Query(asked): Query<Asked>) -> Result<axum::Json<Overview>, Problem> {
    let glances = glances(&inside, asked.company.as_deref()).await?;
    Ok(axum::Json(Overview {
        companies: glances.iter().map(|glance| CompanyOverview::of(&inside, glance)).collect(),
    }))
}

/// The caller's own cards that wait for somebody, the earliest deadline first.
pub fn mine<'a>(inside: &'a Inside, glances: &'a [Arc<Glance>]) -> Vec<&'a Need> {
    let mut mine: Vec<&Need> = glances.iter().flat_map(|glance| glance.mine(&inside.caller)).collect();
    // Each company's are in order; of several they are merged by the same.
    mine.sort_by_cached_key(|need| need.place());
    mine
}

/// Lists the caller's own cards
///
/// Those that were given to the caller, and those of the teams for which the caller acts, that wait for somebody: the earliest deadline
/// first. Of each company at most a thousand open cards are looked at; all of them are on `GET /cards`.
#[utoipa::path(get, path = "/work", operation_id = "list_work", tag = "overview", params(Asked),
    responses((status = 200, description = "The cards", body = CardPage, example = json!(examples::card_page()))))]
pub async fn work(inside: Inside, Query(asked): Query<Asked>) -> Result<axum::Json<CardPage>, Problem> {
    let glances = glances(&inside, asked.company.as_deref()).await?;
    let mine = mine(&inside, &glances);
    Ok(axum::Json(CardPage {
        cards: mine.into_iter().map(|need| card(&inside, need)).collect(),
        next: None,
    }))
}
