//! Cards: listed, opened, and what stands on one. What people do with one is in [`super::acts`].

use std::collections::BTreeMap;

use serde::Deserialize;
use tallyman_core::access::Permit;
use tallyman_core::amendment::Field;
use tallyman_core::catalogue::{Owner, Severity};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_engine::blamed;
use tallyman_engine::board::{self, MemberKey, Order, Seek};
use tallyman_engine::glance::Need;
use tallyman_engine::receipt::{self, Receipt};
use tallyman_engine::words;
use tallyman_store::tables::cards::Stored;
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::mappings::Version;
use super::problem::Problem;
use super::read::{Path, Query, cursor, limit, placed};
use super::shape::{Acted, Blamed, Card, CardPage, History, Member, MemberPage, codes, severities, teams};

const CARDS_A_PAGE: usize = 50;
const ROWS_A_PAGE: usize = 100;

/// What cards are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The oldest first.
    #[default]
    Oldest,
    /// The most money at stake first.
    Money,
    /// The earliest deadline of their records first; those without one last.
    Due,
}

/// How far the cards are that are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Far {
    Open,
    Acknowledged,
    Fixing,
    Verifying,
    /// Closed cards, the last closed first, whatever `sort` says.
    Resolved,
    SetAside,
    /// Open cards that people have put under another one that is open, and that are on no other list, the oldest first, whatever `sort` says.
    Merged,
}

impl Sort {
    /// As a query says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oldest => "oldest",
            Self::Money => "money",
            Self::Due => "due",
        }
    }
}

impl Far {
    /// As a query says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Fixing => "fixing",
            Self::Verifying => "verifying",
            Self::Resolved => "resolved",
            Self::SetAside => "set_aside",
            Self::Merged => "merged",
        }
    }

    fn life(self) -> Option<&'static str> {
        match self {
            Self::Open => Some("open"),
            Self::Acknowledged => Some("acknowledged"),
            Self::Fixing => Some("fixing"),
            Self::Verifying => Some("verifying"),
            Self::Resolved | Self::Merged => None,
            Self::SetAside => Some("set_aside"),
        }
    }
}

/// Which cards are listed; what is not given is not asked.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    /// One company's.
    pub company: Option<String>,
    #[param(schema_with = codes)]
    pub code: Option<Code>,
    /// Those that this team has now.
    #[param(schema_with = teams)]
    pub team: Option<Owner>,
    #[param(schema_with = severities)]
    pub severity: Option<Severity>,
    /// How far they are. Without it all that are not resolved, but for those that are shown under others.
    #[param(inline)]
    pub life: Option<Far>,
    /// What the cause holds, whatever the case. A page may then be short, or empty, and still have a next.
    pub cause: Option<String>,
    // The oldest first if not given; the console's list asks for the earliest deadline.
    #[serde(default)]
    #[param(inline, required = false, value_type = Sort)]
    pub sort: Option<Sort>,
    /// `next` of the page before. What has moved in the order meanwhile may be missed or come twice.
    pub after: Option<String>,
    /// Cards a page, at most 200; 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

fn order(listing: &Listing) -> (Order, &'static str) {
    let sort = listing.sort.unwrap_or_default();
    let order = match (listing.life, sort) {
        (Some(Far::Resolved), _) => return (Order::Resolved, Far::Resolved.name()),
        (Some(Far::Merged), _) => return (Order::Merged, Far::Merged.name()),
        (_, Sort::Oldest) => Order::Oldest,
        (_, Sort::Money) => Order::Dearest,
        (_, Sort::Due) => Order::Soonest,
    };
    (order, sort.name())
}

/// Lists cards
///
/// All that stands still and why, one card a cause; without those that people have put under another one that is open. Names and numbers only: what is said of single records is with the card's members.
#[utoipa::path(get, path = "/cards", operation_id = "list_cards", tag = "cards", params(Listing),
    responses((status = 200, description = "A page of cards", body = CardPage, example = json!(examples::card_page()))))]
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<axum::Json<CardPage>, Problem> {
    let (order, name) = order(&listing);
    let seek = Seek {
        companies: inside.companies(listing.company.as_deref())?,
        code: listing.code,
        team: listing.team,
        severity: listing.severity,
        life: listing.life.and_then(Far::life),
        words: listing.cause,
        order,
    };
    let limit = limit(listing.limit, CARDS_A_PAGE)?;
    let after = match placed::<(String, i64, String)>(listing.after.as_deref())? {
        Some((its, key, id)) if its == name => Some((key, id)),
        Some((its, ..)) => {
            let detail = format!("`after` is of a list by `{its}`, and this one is by `{name}`.");
            return Err(Problem::unreadable("after", detail));
        }
        None => None,
    };
    let mut page = board::cards(&inside.parts.store, &seek, after, limit).await?;
    if order == Order::Soonest {
        // Within a page as on the overview and in my work: by the deadline that is shown, and on the same deadline the dearest first.
        page.rows
            .sort_by_cached_key(|card| Need::of(&inside.parts, card.clone()).place());
    }
    let next = page.next.map(|(key, id)| cursor(&(name, key, id))).transpose()?;
    let mut receipts = receipts(&inside, &page.rows).await?;
    let mut aside = board::set_aside(&inside.parts.store, &page.rows).await?;
    let with_reasons = listing.life == Some(Far::SetAside);
    let each = |card: &Stored| {
        let one = if with_reasons {
            shown(&inside, card)
        } else {
            Card::of(card, board::hours(&inside.parts, &card.company, card.card.team))
        };
        one.closed(receipts.remove(&card.id)).put_aside(aside.remove(&card.id))
    };
    Ok(axum::Json(CardPage {
        cards: page.rows.iter().map(each).collect(),
        next,
    }))
}

/// A card that the caller may see; one of another company is none.
pub async fn load(inside: &Inside, id: &str, right: Right) -> Result<(Stored, Permit), Problem> {
    let id = id.trim().to_uppercase();
    let card = board::card(&inside.parts.store, &id).await?;
    let card = card
        .filter(|card| inside.sees(&card.company))
        .ok_or_else(|| Problem::not_found("card", &id, "GET /api/v1/cards lists them."))?;
    let permit = inside.leave(right, &card.company)?;
    Ok((card, permit))
}

/// A card as this caller may see it.
pub fn shown(inside: &Inside, card: &Stored) -> Card {
    let hours = board::hours(&inside.parts, &card.company, card.card.team);
    if inside.has(Right::Open, &card.company) {
        Card::opened(card, hours)
    } else {
        Card::of(card, hours)
    }
}

/// The same with how it stands to other cards.
pub async fn with_room(inside: &Inside, card: &Stored) -> Result<Card, Problem> {
    let room = board::room(&inside.parts.store, &card.id).await?;
    let receipt = receipts(inside, std::slice::from_ref(card)).await?.remove(&card.id);
    let aside = board::set_aside(&inside.parts.store, std::slice::from_ref(card))
        .await?
        .remove(&card.id);
    Ok(shown(inside, card).in_room(room).closed(receipt).put_aside(aside))
}

/// Why those of these cards are closed that are.
async fn receipts(inside: &Inside, cards: &[Stored]) -> Result<BTreeMap<String, Receipt>, Problem> {
    if cards.iter().all(|card| card.closed_at.is_none()) {
        return Ok(BTreeMap::new());
    }
    Ok(receipt::of(&inside.parts.store, &inside.known().await?, cards).await?)
}

/// Shows one card
///
/// Open or closed. It costs the same whatever the number of its records.
#[utoipa::path(get, path = "/cards/{card}", operation_id = "get_card", tag = "cards",
    params(("card" = String, Path, description = "Its id", example = "MHRV3TDXWWQ7JJ6N")),
    responses((status = 200, description = "The card", body = Card, example = json!(examples::card_in_room())),
        (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(card): Path<String>) -> Result<axum::Json<Card>, Problem> {
    let (card, _) = load(&inside, &card, Right::Read).await?;
    Ok(axum::Json(with_room(&inside, &card).await?))
}

/// A part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// `next` of the page before.
    pub after: Option<String>,
    /// Rows a page, at most 200; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Lists a card's records
///
/// All that it stops, or has stopped, the dearest order first, each with how it stands and its proof. What is said of each is opened with the key of its order, for
/// callers with the right `open`.
#[utoipa::path(get, path = "/cards/{card}/members", operation_id = "list_members", tag = "cards",
    params(("card" = String, Path, description = "The card's id", example = "MHRV3TDXWWQ7JJ6N"), Part),
    responses((status = 200, description = "A page of records", body = MemberPage, example = json!(examples::member_page())),
        (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json")))]
pub async fn members(
    inside: Inside,
    Path(card): Path<String>,
    Query(part): Query<Part>,
) -> Result<axum::Json<MemberPage>, Problem> {
    let (card, _) = load(&inside, &card, Right::Read).await?;
    let page = members_of(&inside, &card, part).await?;
    Ok(axum::Json(with_blamed(&inside, &card, page).await?))
}

/// The records of a card that the caller may see.
pub async fn members_of(inside: &Inside, card: &Stored, part: Part) -> Result<MemberPage, Problem> {
    let limit = limit(part.limit, ROWS_A_PAGE)?;
    let after = placed::<MemberKey>(part.after.as_deref())?;
    let open = inside.leave(Right::Open, &card.company).ok();
    let opened = open.as_ref().map(|permit| (&inside.parts.vault, permit));
    let page = board::members(&inside.parts.store, opened, card, after, limit).await?;
    Ok(MemberPage {
        next: page.next.map(|place| cursor(&place)).transpose()?,
        members: page.rows.into_iter().map(Member::of).collect(),
    })
}

/// The same with the field that the card blames as it stands in each order, for callers who may open them.
pub async fn with_blamed(inside: &Inside, card: &Stored, mut page: MemberPage) -> Result<MemberPage, Problem> {
    let open = inside.leave(Right::Open, &card.company).ok();
    let field = Field::blamed(card.card.code, &card.card.cause);
    let (Some(permit), Some(field)) = (open, field) else {
        return Ok(page);
    };
    let whole = page.members.iter().filter(|member| member.is_stopped_whole());
    let journeys = whole.filter_map(|member| member.journey.clone()).collect();
    let opened = (&inside.parts.vault, &permit);
    for blamed in blamed::of(&inside.parts.store, opened, &card.company, field, journeys).await? {
        let its = |member: &&mut Member| member.is_stopped_whole() && member.journey.as_ref() == Some(&blamed.journey);
        if let Some(member) = page.members.iter_mut().find(its) {
            member.blamed = Some(Blamed::of(field, blamed));
        }
    }
    Ok(page)
}

/// Lists what was done with a card
///
/// By people, and by itself as its records went on; the newest first; and what its word was said to mean meanwhile. What people wrote is for callers with the right `open`.
#[utoipa::path(get, path = "/cards/{card}/history", operation_id = "list_acts", tag = "cards",
    params(("card" = String, Path, description = "The card's id", example = "MHRV3TDXWWQ7JJ6N"), Part),
    responses((status = 200, description = "A page of its history", body = History, example = json!(examples::history())),
        (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json")))]
pub async fn history(inside: Inside, Path(card): Path<String>, Query(part): Query<Part>) -> Result<axum::Json<History>, Problem> {
    let (card, _) = load(&inside, &card, Right::Read).await?;
    Ok(axum::Json(history_of(&inside, &card, part).await?))
}

/// What was done with a card that the caller may see.
pub async fn history_of(inside: &Inside, card: &Stored, part: Part) -> Result<History, Problem> {
    let limit = limit(part.limit, ROWS_A_PAGE)?;
    let before = placed::<u64>(part.after.as_deref())?;
    let page = board::history(&inside.parts.store, &card.id, before, limit).await?;
    let open = inside.has(Right::Open, &card.company);
    Ok(History {
        meant: if before.is_none() {
            meant(inside, card).await?
        } else {
            Vec::new()
        },
        next: page.next.map(|version| cursor(&version)).transpose()?,
        acts: page.rows.iter().map(|told| Acted::of(told, open)).collect(),
    })
}

/// What the word that it waits for was said to mean.
async fn meant(inside: &Inside, card: &Stored) -> Result<Vec<Version>, Problem> {
    if !matches!(card.card.cause, Cause::Cell(_)) {
        return Ok(Vec::new());
    }
    let known = inside.known_of(&card.company).await?;
    let rows = known.as_ref().map(|known| words::meant(known, card));
    let versions = rows.iter().flatten().map(|row| Version::of(&card.company, row));
    Ok(versions.collect())
}
