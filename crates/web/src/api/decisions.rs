//! What the owner of a card decides about its records: one order, or all of them. Only the card's own team may.

use serde::{Deserialize, Serialize};
use tallyman_core::ruling::{self, Change, Ruling, Said};
use tallyman_engine::parts::Merchant;
use tallyman_engine::ruling::{Decide, Decided, Of, decide};
use utoipa::ToSchema;

use super::access::Right;
use super::acts::to_act_on;
use super::cards::{load, with_room};
use super::examples;
use super::inside::Inside;
use super::problem::{Kind, Problem};
use super::read::{Json, Path};
use super::shape::{Card, rulings};

/// Records decided about by one request: an answer has its time.
const RECORDS_MAX: u64 = 2_000;

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The card's version as it was seen.
    #[schema(example = 3)]
    pub version: u64,
    /// One of the card's `rulings`.
    #[serde(rename = "as")]
    #[schema(schema_with = rulings)]
    pub ruling: Ruling,
    /// The order that it is about, by any number it is known by. Without it: `all`.
    #[schema(example = "VS-536365")]
    pub order: Option<String>,
    /// It is about every record of the card.
    #[serde(default)]
    pub all: bool,
    /// Of `settled`: the ledger's number of what shows it. Where goods have left and no book says so it is wanted, and a second person says
    /// the same.
    #[schema(example = "0000004711", max_length = 30)]
    pub document: Option<String>,
    /// Of `amend`: what is to be otherwise than Tallyman wrote it.
    pub amend: Option<OtherField>,
    /// Of `declined`, and `true`: it is agreed with the retailer. What is declined is never carried out, and Tallyman tells the retailer nothing.
    #[serde(default)]
    pub agreed: bool,
    /// Why, for the journal.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// One field of an order in the ledger. What bears VAT is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherField {
    /// `quantity`, of a line, or `reference`, the customer's own number.
    #[schema(example = "quantity")]
    pub field: String,
    /// Of `quantity`: the line.
    #[schema(example = "1")]
    pub line: Option<String>,
    #[schema(example = "4")]
    pub value: String,
}

/// What came of a decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ruled {
    /// For the person who decided.
    pub sentence: String,
    /// Records that were decided about.
    pub records: u64,
    /// Of those: a second person must say the same, with the same document, before it counts.
    pub awaits_second: u64,
    /// Records that were left as they stand.
    pub refused: u64,
    /// Some of them.
    pub others: Vec<LeftAsItIs>,
    /// There are more: the same decision again, on the card as it is then, takes them up.
    pub left: bool,
    /// The card as it is then. What its records come to follows within a second or so.
    pub card: Card,
}

/// A record that was left as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeftAsItIs {
    /// The order's own number; none for what belongs to no order of ours.
    pub reference: Option<String>,
    /// Why.
    pub sentence: String,
}

impl Ruled {
    pub fn of(ruling: Ruling, decided: Decided, card: Card) -> Self {
        let other = |other: tallyman_engine::ruling::Other| LeftAsItIs {
            reference: Some(other.reference).filter(|reference| !reference.is_empty()),
            sentence: other.sentence,
        };
        Self {
            sentence: decided.sentence(ruling),
            records: decided.records,
            awaits_second: decided.awaits_second,
            refused: decided.refused,
            others: decided.others.into_iter().map(other).collect(),
            left: decided.left,
            card,
        }
    }
}

fn refused(card: &str, refused: &ruling::Refused) -> Problem {
    let problem = Problem::refused(card, refused.to_string());
    match refused {
        ruling::Refused::NoDocument | ruling::Refused::Document { .. } | ruling::Refused::Unreadable => {
            problem.in_field("document")
        }
        ruling::Refused::NotAgreed => Problem {
            remedy: "Nothing was changed. When it is agreed with the retailer, send it again with `agreed` true.".into(),
            ..problem.in_field("agreed")
        },
        ruling::Refused::Unsaid => problem.in_field("reason"),
        ruling::Refused::NotTaken { .. } => problem.in_field("as"),
        ruling::Refused::NoChange
        | ruling::Refused::Change
        | ruling::Refused::VatBearing { .. }
        | ruling::Refused::Unknown { .. }
        | ruling::Refused::NoLine
        | ruling::Refused::Line { .. }
        | ruling::Refused::Quantity
        | ruling::Refused::Left { .. }
        | ruling::Refused::Reference
        | ruling::Refused::SamePerson { .. }
        | ruling::Refused::Nobodys(_) => problem,
    }
}

/// Decides about a card
///
/// What its owner decides where neither a mapping nor a correction helps; `rulings` of the card says what may be. `settled` and `keep` are
/// remembered: what is found again as it was leaves the card closed. `declined` ends orders of which nothing was
/// written, and takes `agreed`. `restore` and
/// `amend` write to the ledger, and its answer proves them.
#[utoipa::path(post, path = "/cards/{card}/decisions", operation_id = "decide_card", tag = "cards",
    params(("card" = String, Path, description = "The card's id", example = "MHRV3TDXWWQ7JJ6N")),
    request_body(content = Decision, example = json!(examples::decision())),
    responses((status = 200, description = "What came of it", body = Ruled, example = json!(examples::decided())),
        (status = 404, description = "There is no such card, or no such order", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The card has moved since that version; nothing was changed", body = Problem,
            content_type = "application/problem+json", example = json!(examples::moved())),
        (status = 422, description = "The card does not take it, or nothing of it can be decided so; nothing was changed", body = Problem,
            content_type = "application/problem+json")))]
pub async fn decide_card(
    inside: Inside,
    Path(card): Path<String>,
    Json(said): Json<Decision>,
) -> Result<axum::Json<Ruled>, Problem> {
    let (card, permit) = to_act_on(&inside, &card, said.version, Right::Act).await?;
    let of = match (&said.order, said.all) {
        (Some(order), false) => Of::Order(inside.order(order, Some(&card.company), Right::Act).await?.0.journey),
        (None, true) => Of::All,
        (Some(_), true) | (None, false) => {
            let detail = "Say which order it is about, or `all`, and not both.";
            return Err(Problem::new(Kind::Unreadable, detail, "Name one of the two.")
                .about(card.id)
                .in_field("order"));
        }
    };
    let change = said.amend.as_ref();
    let change = change
        .map(|change| Change::named(&change.field, change.line.as_deref(), &change.value))
        .transpose();
    let words = Said {
        ruling: said.ruling,
        document: said.document,
        change: change.map_err(|error| refused(&card.id, &error).in_field("amend"))?,
        agreed: said.agreed,
        reason: said.reason,
    };
    words.suits(card.card.code).map_err(|error| refused(&card.id, &error))?;
    let parts = &inside.parts;
    let routes = inside
        .merchants()
        .map(|merchant| (merchant.company.to_string(), Merchant::route(merchant)));
    let wanted = Decide {
        card: &card.id,
        seen: Some(said.version),
        of,
        said: &words,
        permit: &permit,
        routes: &routes.collect(),
        records_max: RECORDS_MAX,
        now: inside.now(),
    };
    let decided = decide((&parts.store, &parts.vault), &wanted)
        .await
        .map_err(|error| Problem::from(error).about(&card.id))?;
    decided.connections.iter().for_each(|connection| parts.bells.ring(connection));
    let (after, _) = load(&inside, &card.id, Right::Act).await?;
    let shown = with_room(&inside, &after).await?;
    Ok(axum::Json(Ruled::of(words.ruling, decided, shown)))
}
