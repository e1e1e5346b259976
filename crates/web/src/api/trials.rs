//! A fix is tried on all that stands under a card, before it is made. Nothing is written.

use serde::{Deserialize, Serialize};
use tallyman_core::access::Permit;
use tallyman_core::amendment::{Amendment, Field};
use tallyman_core::mapping::Cell;
use tallyman_engine::trial::{self, Fix as Tried};
use tallyman_engine::words;
use tallyman_store::tables::cards::Stored;
use utoipa::ToSchema;

use super::access::Right;
use super::cards::load;
use super::examples;
use super::inside::Inside;
use super::mappings::tables;
use super::problem::{Kind, Problem};
use super::read::{Json, Path};

/// What might put a card right.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fix {
    /// A word of theirs means this.
    Map(Meaning),
    /// A field of one order, or the same field of every record.
    Amend(Amended),
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriedMeaning)]
pub struct Meaning {
    #[schema(schema_with = tables)]
    table: String,
    connection: String,
    theirs: String,
    /// Our word; none if it is to mean nothing.
    #[serde(default)]
    ours: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriedValue)]
pub struct Amended {
    /// The order whose field it is, by any number it is known by. Without it every record of the card would say the same.
    #[schema(example = "VS-536365")]
    order: Option<String>,
    /// One that may be amended; those that bear VAT may not.
    field: String,
    /// What would stand there; empty for nothing.
    value: String,
}

impl Meaning {
    pub fn new(table: &str, connection: &str, theirs: &str, ours: &str) -> Self {
        let [table, connection, theirs, ours] = [table, connection, theirs, ours].map(str::to_owned);
        Self {
            table,
            connection,
            theirs,
            ours: Some(ours),
        }
    }

    /// The same where it may be to mean nothing.
    pub fn of(table: &str, connection: &str, theirs: &str, ours: Option<&str>) -> Self {
        Self {
            ours: ours.map(str::to_owned),
            ..Self::new(table, connection, theirs, "")
        }
    }

    /// Whose word it is, and what it would mean instead of what; refused as saying it would be.
    pub async fn wanted(&self, inside: &Inside) -> Result<Wanted, Problem> {
        let cell = words::cell(&self.table, &self.connection, &self.theirs)?;
        let known = inside.known().await?;
        let company = match &self.ours {
            Some(ours) => words::would_mean(&known, &cell, ours)?.0,
            None => words::company(&cell, &known)?,
        };
        let stands = known.get(company).and_then(|known| known.mappings.lookup(&cell));
        Ok(Wanted {
            company: company.to_owned(),
            before: stands.map(str::to_owned),
            after: self.ours.as_ref().map(|ours| ours.trim().to_owned()),
            cell,
        })
    }
}

/// A word that is tried.
pub struct Wanted {
    pub company: String,
    pub cell: Cell,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What a fix would come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Trial {
    pub card: String,
    /// Records that stand still under it, or of the one order that it was tried on.
    pub of: u64,
    /// Those that would go on.
    pub heals: u64,
    /// Some of the others, 50 at most.
    pub others: Vec<Other>,
    /// The first order that would go on, by its own number.
    pub example: Option<String>,
    /// The item of the ledger that the word would mean. That nothing would stop an order does not make it the right one.
    pub item: Option<Named>,
    /// What the first orders say under the word; for callers with the right `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sold: Option<Vec<Sold>>,
}

impl Trial {
    /// As far as whoever asks may read it.
    pub fn of(inside: &Inside, company: &str, card: String, tried: trial::Tried) -> Self {
        let open = inside.has(Right::Open, company);
        let other = |other: trial::Other| Other {
            reference: Some(other.reference).filter(|reference| !reference.is_empty()),
            sentence: open.then_some(other.sentence),
        };
        Self {
            card,
            of: tried.of,
            heals: tried.heals,
            others: tried.others.into_iter().map(other).collect(),
            example: tried.example.filter(|reference| !reference.is_empty()),
            item: tried.item.map(Named::from),
            sold: open.then(|| tried.sold.into_iter().map(Sold::from).collect()),
        }
    }
}

/// An item as the ledger calls it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TriedItem)]
pub struct Named {
    pub sku: String,
    pub name: String,
}

/// A line of an order under the word that the card waits for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TriedLine)]
pub struct Sold {
    /// The order's own number.
    pub reference: String,
    /// The retailer's own number of the item.
    pub part_number: String,
    pub quantity: String,
    /// Net.
    #[schema(example = "4.95")]
    pub unit_price: String,
}

impl From<trial::Named> for Named {
    fn from(item: trial::Named) -> Self {
        let trial::Named { sku, name } = item;
        Self { sku, name }
    }
}

impl From<trial::Sold> for Sold {
    fn from(sold: trial::Sold) -> Self {
        Self {
            reference: sold.reference,
            part_number: sold.part_number,
            quantity: sold.quantity.to_string(),
            unit_price: sold.unit_price.to_string(),
        }
    }
}

/// A record that would still stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Other {
    /// The order's own number.
    pub reference: Option<String>,
    /// Why; for callers with the right `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
}

async fn wanted(inside: &Inside, company: &str, fix: Fix) -> Result<Tried, Problem> {
    match fix {
        Fix::Map(meaning) => {
            let cell = words::cell(&meaning.table, &meaning.connection, &meaning.theirs)?;
            inside.leave(Right::to_map(cell.table), company)?;
            let wanted = meaning.wanted(inside).await?;
            if wanted.company != company {
                let detail = format!(
                    "{} is a connection of {}, and the card is {company}'s.",
                    cell.scope, wanted.company
                );
                let remedy = "Name the connection that the card's cause names.";
                return Err(Problem::new(Kind::Refused, detail, remedy).in_field("connection"));
            }
            let ours = wanted.after;
            Ok(Tried::Map { cell, ours })
        }
        Fix::Amend(Amended {
            order: None,
            field,
            value,
        }) => {
            let permit = inside.leave(Right::Act, company)?;
            Ok(Tried::Amend(amendment(inside, &permit, &field, &value)?))
        }
        Fix::Amend(Amended {
            order: Some(order),
            field,
            value,
        }) => {
            let (order, permit) = inside.order(&order, Some(company), Right::Act).await?;
            Ok(Tried::AmendOne {
                amendment: amendment(inside, &permit, &field, &value)?,
                journey: order.journey,
            })
        }
    }
}

/// A field as it might be.
pub fn amendment(inside: &Inside, permit: &Permit, field: &str, value: &str) -> Result<Amendment, Problem> {
    let field = Field::named(field.trim())?;
    Ok(Amendment::new(field, value, permit.actor(), "a trial", inside.now())?)
}

/// Tries a fix on a card
///
/// Each of its records is decided again with the fix, and nothing is written: how many would go on, and what would still stop the others. Of
/// an item the ledger's name stands beside what the first orders say under the word: that orders would go on does not make it the right one.
/// Of a card with very many records it may take longer than an answer may: then there is none. A mapping needs the right `map`, an amendment
/// the right `act`.
#[utoipa::path(post, path = "/cards/{card}/try", operation_id = "try_fix", tag = "cards",
    params(("card" = String, Path, description = "The card's id", example = "MHRV3TDXWWQ7JJ6N")),
    request_body(content = Fix, example = json!(examples::fix())),
    responses((status = 200, description = "What it would come to", body = Trial, example = json!(examples::trial())),
        (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be made; the field to blame is named", body = Problem,
            content_type = "application/problem+json", example = json!(examples::vat_bearing()))))]
pub async fn try_fix(inside: Inside, Path(card): Path<String>, Json(fix): Json<Fix>) -> Result<axum::Json<Trial>, Problem> {
    let (card, _) = load(&inside, &card, Right::Read).await?;
    let fix = wanted(&inside, &card.company, fix)
        .await
        .map_err(|problem| problem.about(&card.id))?;
    Ok(axum::Json(tried(&inside, &card, &fix).await?))
}

/// What a fix would come to on a card that the caller may see.
pub async fn tried(inside: &Inside, card: &Stored, fix: &Tried) -> Result<Trial, Problem> {
    let merchant = inside.merchant(&card.company)?;
    let permit = inside.leave(fix.right(), &card.company)?;
    let of = (&inside.parts.store, &inside.parts.vault);
    let tried = trial::try_fix(of, (merchant, &permit), (&card.id, fix), inside.now(), |_| {})
        .await
        .map_err(|error| Problem::from(error).about(&card.id))?;
    Ok(Trial::of(inside, &card.company, card.id.clone(), tried))
}
