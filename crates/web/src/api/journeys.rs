//! The story of an order, found by any number it is known by. It shows what the terminal's `journey` does: no name and no address, but what
//! was said of the order may name somebody. Without the right `open` that is masked, and where parcels can be followed is left out.

use serde::Serialize;
use tallyman_core::time::Zone;
use tallyman_engine::customer;
use tallyman_engine::sight::Sight;
use tallyman_engine::story::{self, Story};
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Path;
use super::shape::At;

/// One line of the order, in the ledger's unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Line {
    pub line: String,
    pub item: String,
    pub ordered: String,
    pub shipped: String,
    pub despatched: String,
    pub confirmed: String,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Happened {
    pub at: At,
    pub what: String,
}

/// What has left the warehouse.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Parcel {
    pub shipment: String,
    pub carrier: Option<String>,
    pub tracking: Option<String>,
    pub tracking_url: Option<String>,
}

/// A write that is not done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Open {
    pub id: String,
    pub what: &'static str,
    pub connection: String,
    pub state: &'static str,
    /// How it stands, with times local to the company.
    pub sentence: String,
}

/// A write that waits because of a hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HeldWrite {
    pub id: String,
    pub connection: String,
    /// The hold's id.
    pub hold: String,
    /// What is held, for a person.
    pub why: String,
    pub reason: String,
    pub until: At,
}

/// An order and its story.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Journey {
    pub id: String,
    pub company: String,
    pub reference: String,
    /// The retailer's own key.
    pub source_key: String,
    /// `stopped`, `open`, `complete` or `declined`.
    pub stage: &'static str,
    /// How far it is, in a few words.
    pub standing: &'static str,
    /// What the order is worth, net.
    pub money: String,
    pub due: Option<At>,
    pub ledger_order: Option<String>,
    pub warehouse_order: Option<String>,
    pub lines: Vec<Line>,
    pub parcels: Vec<Parcel>,
    pub open: Vec<Open>,
    /// A sentence to tell the customer.
    pub for_customer: String,
    /// Writes that wait because somebody holds them.
    pub held: Vec<HeldWrite>,
    /// What to do, for a person; a sentence that says so where that is nothing.
    pub to_do: Vec<String>,
    pub story: Vec<Happened>,
    /// Its personal data is gone, and with it what was said about it.
    pub erased: bool,
    /// Persons, what people wrote, and where parcels can be followed are left out: the caller may not `open`.
    pub masked: bool,
}

impl Journey {
    pub fn of(story: &Story, zone: &Zone) -> Self {
        let journey = &story.journey;
        Self {
            id: journey.id.to_string(),
            company: journey.company.to_string(),
            reference: journey.reference.clone(),
            source_key: journey.source_key.clone(),
            stage: journey.stage.name(),
            standing: story.standing(),
            money: journey.net.to_string(),
            due: journey.due_by.map(At),
            ledger_order: journey.ledger_order.as_ref().map(|order| order.number.clone()),
            warehouse_order: journey.release_id.map(|id| id.to_string()),
            lines: journey
                .lines
                .iter()
                .map(|line| Line {
                    line: line.line.0.clone(),
                    item: line.sku.as_str().to_owned(),
                    ordered: line.ordered.to_string(),
                    shipped: line.shipped.to_string(),
                    despatched: line.despatched.to_string(),
                    confirmed: line.confirmed.to_string(),
                })
                .collect(),
            parcels: story
                .parcels
                .iter()
                .map(|parcel| Parcel {
                    shipment: parcel.shipment.clone(),
                    carrier: parcel.carrier.clone(),
                    tracking: parcel.tracking.clone(),
                    tracking_url: parcel.tracking_url.clone(),
                })
                .collect(),
            open: story
                .open
                .iter()
                .map(|open| Open {
                    id: open.id.to_string(),
                    what: open.what,
                    connection: open.connection.clone(),
                    state: open.state.name(),
                    sentence: open.waits(zone).unwrap_or_default(),
                })
                .collect(),
            for_customer: customer::sentence(story, zone),
            held: story
                .held
                .iter()
                .map(|waiting| HeldWrite {
                    id: waiting.effect.clone(),
                    connection: waiting.connection.clone(),
                    hold: waiting.hold.id.to_string(),
                    why: waiting.hold.scope.said(),
                    reason: waiting.hold.reason.clone(),
                    until: At(waiting.hold.until),
                })
                .collect(),
            to_do: story.to_do(),
            story: story
                .lines
                .iter()
                .map(|line| Happened {
                    at: At(line.at),
                    what: line.what.clone(),
                })
                .collect(),
            erased: story.erased,
            masked: story.sight == Sight::Masked,
        }
    }
}

/// Every order that is known by a number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Journeys {
    pub journeys: Vec<Journey>,
}

/// The story of the order of our own id.
pub async fn story_of(inside: &Inside, journey: &str) -> Result<Story, Problem> {
    let (order, _) = inside.order_of(journey, Right::Follow).await?;
    let story = story::of(&inside.parts.store, &inside.parts.vault, &inside.caller, &order.journey).await?;
    story.ok_or_else(|| Problem::not_found("order", journey, "Look for it by any of its numbers."))
}

/// Tells the story of an order
///
/// Any number finds it: the retailer's order, the ledger's, the warehouse's, a parcel's; whole, whatever its case. Two companies may have
/// orders of one number. For callers with the right `follow`; persons are masked but for those with `open`.
#[utoipa::path(get, path = "/journeys/{reference}", operation_id = "get_journeys", tag = "journeys",
    params(("reference" = String, Path, description = "Any number it is known by", example = "VS-536365")),
    responses((status = 200, description = "The orders", body = Journeys, example = json!(examples::journeys())),
        (status = 404, description = "Nothing is known by this number", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(reference): Path<String>) -> Result<axum::Json<Journeys>, Problem> {
    let merchants = inside.merchants_with(Right::Follow)?;
    inside.searches()?;
    let parts = &inside.parts;
    let stories = story::tell(&parts.store, &parts.vault, &inside.caller, &reference).await?;
    let mut journeys = Vec::new();
    for merchant in merchants {
        let own = stories.iter().filter(|story| story.journey.company == merchant.company);
        journeys.extend(own.map(|story| Journey::of(story, &merchant.zone)));
    }
    if journeys.is_empty() {
        let remedy = "It is looked for whole. An order that the retailer sent a moment ago arrives with the next poll.";
        return Err(Problem::not_found("order", &reference, remedy));
    }
    Ok(axum::Json(Journeys { journeys }))
}
